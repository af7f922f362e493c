"""What hangs on a single street, bridge or facility: who loses cover if it closes.

Everything is by reach: whether another facility would have room is not asked, so a standard's
capacity plays no part here.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.arc_lists import Lists, arcs_of, listed
from geodata.closest import closest
from geodata.closing_loss import Crowd, Doors, Ground, lost_by_closing
from geodata.coverage import Standard
from geodata.coverage_reading import check_labels, label_order, opened, people
from geodata.errors import Fault, GeodataError
from geodata.matrices import direct, measured, rooted
from geodata.nearest_sources import nearest
from geodata.network import Network
from geodata.snapping import Places, arriving, leaving
from geodata.street_arcs import By
from geodata.street_graph import Floats, Ints
from geodata.street_profiles import numbers

COLUMNS = ("households", "people", "with_needs")


def streets(
    network: Network,
    households: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
) -> gpd.GeoDataFrame:
    """Tell for every street between two junctions who loses cover if it alone closes.

    Parameters
    ----------
    network
        Of the standard's profile, perhaps with areas closed.
    households
        As in `coverage.cover`; `with_needs` (how many, or yes or no) where known.
    facilities
        As in `coverage.cover`; those that are not open play no part.
    standard
        Its capacity is not heeded.

    Returns
    -------
    frame
        Those streets that somebody depends on, most people first: `pieces` (arrays of positions
        in `network.pieces`), `road` (label of the first one's road), `name` (None without one),
        `bridge`, `households`, `people`, `with_needs` (who would lose cover; a household on the
        closed street is cut off unless it stands on an open junction) and `geometry` in the CRS
        of the roads. Bridges of one road or name that join are one street. Equal ones come in
        the order of the roads.

    Raises
    ------
    GeodataError
        As `coverage.cover`.
    """
    homes, sites, _ = _placed(network, households, facilities, standard)
    towards = standard.direction == "to_facility"
    value = closest(network, homes, sites, towards, standard.by).value(standard.by)[:, 0]
    covered = np.flatnonzero(value <= standard.limit)
    groups = closing_together(network)
    weights = _weights(households)[covered]
    lost = lost_by_closing(*_read(network, homes.taken(covered), sites, standard, weights), groups)
    rows = np.flatnonzero(lost[:, 0])
    rows = rows[np.lexsort((rows, -lost[rows, 0], -lost[rows, 1]))]
    return _frame(network, groups, rows, lost)


def facilities(
    network: Network,
    households: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
) -> pd.DataFrame:
    """Tell for every facility who loses cover if it alone closes; parameters as in `streets`.

    Returns
    -------
    frame
        On the index of `facilities`: `households`, `people`, `with_needs` that no other open
        facility reaches within the limit, be it of the same crew or not; zero for one that is
        not open or not on a street.
    """
    homes, sites, row = _placed(network, households, facilities, standard)
    towards = standard.direction == "to_facility"
    found = closest(network, homes, sites, towards, standard.by)
    value = found.value(standard.by)
    alone = np.flatnonzero((value[:, 0] <= standard.limit) & ~(value[:, 1] <= standard.limit))
    of = row[found.site[alone, 0]]
    weights = _weights(households)[alone]
    return pd.DataFrame(
        {
            name: _whole(np.bincount(of, weights[:, at], minlength=len(facilities)))
            for at, name in enumerate(COLUMNS)
        },
        index=facilities.index,
    )


def _placed(
    network: Network,
    households: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
) -> tuple[Places, Places, Ints]:
    """Snap households and open facilities; give the rows of these, in the order of labels."""
    if standard.profile != network.profile.key:
        raise GeodataError(
            f"standard {standard.key!r} is for {standard.profile!r}, "
            f"the network for {network.profile.key!r}"
        )
    check_labels(facilities)
    order = label_order(facilities.index)
    row = order[opened(facilities)[order]]
    sites = network.places(facilities, standard.max_metres).taken(row)
    return network.places(households, standard.max_metres), sites, row


def _weights(households: gpd.GeoDataFrame) -> Floats:
    """Give each household a row of what is summed up."""
    faults: list[Fault] = []
    needs = np.nan_to_num(numbers(households, "with_needs", faults))
    if faults:
        raise GeodataError(faults)
    return np.column_stack([np.ones(len(households)), people(households), needs])


def _read(
    network: Network, homes: Places, sites: Places, standard: Standard, weights: Floats
) -> tuple[Ground, Crowd]:
    """Put what is searched into arrays."""
    towards, by = standard.direction == "to_facility", standard.by
    pieces = network.pieces
    arcs = arcs_of(pieces, towards, by)
    piece_of, _ = pieces.of_edges
    sites = sites.taken(np.flatnonzero(sites.snapped))
    sources = network.size + np.arange(len(sites))
    cost = nearest(rooted(network, sites, towards, by), sources, 1)[0].cost[: network.size]
    ground = Ground(
        arcs,
        piece_of[arcs.edge],
        network.opened[arcs.edge],
        cost,
        standard.limit,
        listed(piece_of[arcs.edge], len(pieces.road)),
    )
    at_home = _doors(network, homes, towards, by)
    along = direct(network, *((homes, sites) if towards else (sites, homes)), by)
    np.minimum.at(at_home.beside, along[0] if towards else along[1], along[2])
    at_site = _doors(network, sites, not towards, by)
    crowd = Crowd(
        at_home,
        at_site,
        listed(homes.piece, len(pieces.road)),
        listed(sites.piece, len(pieces.road)),
        _by_node(at_home, network.size),
        _by_node(at_site, network.size),
        weights,
    )
    return ground, crowd


def _doors(network: Network, places: Places, setting_out: bool, by: By) -> Doors:
    ways = (leaving if setting_out else arriving)(network.pieces, network.opened, places)
    return Doors(
        places.piece,
        ways.ends,
        measured(ways, by)[0],
        np.column_stack([places.at_start, places.at_end]),
        np.full(len(places), np.inf),
    )


def _by_node(doors: Doors, size: int) -> Lists:
    """List the places at each node they have a door to."""
    place, slot = np.nonzero(np.isfinite(doors.cost))
    found = listed(doors.ends[place, slot], size)
    return Lists(found.first, place[found.at])


def closing_together(network: Network) -> Lists:
    """Group the pieces that close together: bridges of one road or name that join."""
    pieces = network.pieces
    count = len(pieces.road)
    bridges = np.flatnonzero(network.roads["bridge"].to_numpy(dtype=bool)[pieces.road])
    titles = [network.street(int(piece))[0] or int(pieces.road[piece]) for piece in bridges]
    title, _ = pd.factorize(np.array(titles, dtype=object))
    # a bridge hangs on what its title is called at each of its two ends
    ends = np.concatenate([pieces.start[bridges], pieces.end[bridges]])
    joint, _ = pd.factorize(np.tile(title, 2) * (network.size + 1) + ends)
    pairs = (np.tile(bridges, 2), count + joint)
    graph = coo_array((np.ones(len(joint)), pairs), shape=(count + len(joint),) * 2)
    label = connected_components(graph, directed=False)[1][:count]
    group, _ = pd.factorize(label)  # numbered by their first piece
    return listed(np.asarray(group, dtype=np.intp), int(group.max()) + 1 if count else 0)


def _frame(network: Network, groups: Lists, rows: Ints, lost: Floats) -> gpd.GeoDataFrame:
    pieces = [groups.at[groups.first[row] : groups.first[row + 1]] for row in rows]
    first = np.array([these[0] for these in pieces], dtype=np.intp)
    road = network.pieces.road[first]
    held = pd.Series(pieces, dtype=object)
    lines = network.pieces.lines()
    drawn = [
        lines[these[0]] if len(these) == 1 else shapely.line_merge(shapely.union_all(lines[these]))
        for these in pieces
    ]
    return gpd.GeoDataFrame(
        {
            "pieces": held,
            "road": network.roads.index.take(road),
            "name": pd.Series([network.street(int(piece))[0] for piece in first], dtype=object),
            "bridge": network.roads["bridge"].to_numpy(dtype=bool)[road],
            **{name: _whole(lost[rows, at]) for at, name in enumerate(COLUMNS)},
        },
        geometry=gpd.GeoSeries(drawn, crs=network.crs),
    )


def _whole(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.round(values).astype(np.int64)
