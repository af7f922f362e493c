"""Assembly points: few places outside a hazard to which people walk before they are driven on.

Everybody has one within a walk that leads out of the hazard once, and on their way: walking there
and going on to the shelter takes not much longer than going there at once.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.assembly_reach import Options, Reach, reach
from geodata.errors import Fault
from geodata.evacuation_inputs import Areas, area, check_frame, raise_if, whole_numbers
from geodata.network import Network
from geodata.siting import Sites, cover_all, p_median

__all__ = ["REASONS", "Assembly", "Options", "candidates", "points"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REASONS = ("not_snapped", "no_way", "too_far", "off_the_way", "full")
"""Why a household has no assembly point; the first that applies is given.

not_snapped: no street within reach. no_way: none can be reached on a safe way. too_far: none
within the walk allowed. off_the_way: none from which its shelter is not much farther. full: no
room left.
"""

_TABLE = 400_000  # households x candidates up to which the walks, too, are made as short as can be


@dataclass(frozen=True)
class Assembly:
    """Assembly points.

    Attributes
    ----------
    points
        The chosen candidates, as given, with `households`, `people` and `longest_seconds` (the
        longest walk of those who meet there).
    assignment
        On the affected households: `point` (label, <NA> for none) and `seconds` of the walk.
    left
        On those without a point: `reason` (`REASONS`) and `people`.
    bound
        No choice of points for as many people is smaller than this.
    """

    points: gpd.GeoDataFrame
    assignment: pd.DataFrame
    left: pd.DataFrame
    bound: float


def candidates(
    network: Network,
    hazard: gpd.GeoSeries | gpd.GeoDataFrame,
    places: gpd.GeoDataFrame | None = None,
    *,
    within: float = 400.0,
    apart: float = 80.0,
) -> gpd.GeoDataFrame:
    """Find where people could meet: crossings and known places outside a hazard, near its edge.

    Parameters
    ----------
    network
        The streets.
    hazard
        The area in a declared CRS.
    places
        Squares, schools and the like: Points, `name` and `kind` where known. They come first.
    within
        Metres from the edge of the hazard.
    apart
        Metres between two candidates; of nearer ones the earlier place or larger crossing stays.

    Returns
    -------
    frame
        In the CRS of the streets, from 0: `kind` (that of the place or `crossing`), `name`
        (that of the place, or the streets that meet) and the Point.
    """
    faults = [] if places is None else check_frame(places, "places")
    shape = area(hazard, network.metric, "the hazard", faults)
    raise_if(faults)
    ends = np.concatenate([network.pieces.start, network.pieces.end])
    degree = np.bincount(ends, minlength=network.size)
    order = np.argsort(-degree, kind="stable")
    order = order[degree[order] >= 3]
    rows = [
        gpd.GeoDataFrame(
            {"kind": "crossing", "name": None},
            geometry=network.nodes.geometry.iloc[order].to_numpy(),
            index=order,
            crs=network.crs,
        )
    ]
    if places is not None and len(places):
        known = places.to_crs(network.crs)
        kind = known.get("kind", "place")
        name = known.get("name")
        frame = gpd.GeoDataFrame({"kind": kind, "name": name}, geometry=known.geometry)
        rows.insert(0, frame.set_axis(np.full(len(frame), -1)))
    found = gpd.GeoDataFrame(pd.concat(rows), crs=network.crs)
    at = found.geometry.to_crs(network.metric).to_numpy()
    shapely.prepare(shape)
    near = shapely.dwithin(shape, at, within) & ~shapely.intersects(shape, at)
    chosen = _spread(shapely.get_coordinates(at[near]), apart)
    kept = found[near].iloc[chosen].copy()
    crossing = kept.index.to_numpy() >= 0
    names = kept["name"].astype(object).to_numpy(copy=True)
    names[crossing] = _street_names(network, kept.index.to_numpy()[crossing])
    kept["name"] = pd.Series(names, index=kept.index, dtype=object)
    return kept.reset_index(drop=True)


def _spread(xy: Floats, apart: float) -> list[int]:
    """Keep points in order as long as no kept one is nearer."""
    at = np.asarray(shapely.points(xy), dtype=object)
    tree = shapely.STRtree(at)
    free = np.ones(len(xy), dtype=bool)
    kept = []
    for row in range(len(xy)):
        if free[row]:
            kept.append(row)
            free[tree.query(at[row], predicate="dwithin", distance=apart)] = False
    return kept


def _street_names(network: Network, nodes: Integers) -> list[object]:
    """Name crossings after the streets that meet there; None where none has a name."""
    pieces, roads = network.pieces, network.roads
    if "name" not in roads:
        return [None] * len(nodes)
    wanted: dict[int, list[str]] = {int(node): [] for node in nodes}
    mine = np.isin(pieces.start, nodes) | np.isin(pieces.end, nodes)
    for piece in np.flatnonzero(mine):
        name = roads["name"].iloc[int(pieces.road[piece])]
        for node in (int(pieces.start[piece]), int(pieces.end[piece])):
            if node in wanted and isinstance(name, str) and name and name not in wanted[node]:
                wanted[node].append(name)
    return [" / ".join(wanted[int(node)]) or None for node in nodes]


def points(  # noqa: PLR0913, PLR0917 - what points are chosen from
    network: Network,
    households: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    hazard: Areas,
    shelters: gpd.GeoDataFrame | None = None,
    shelter: "pd.Series[int] | None" = None,
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
) -> Assembly:
    """Choose the fewest assembly points.

    Parameters
    ----------
    network
        The streets, on foot.
    households
        Points with `people`, and `walk_kmh` of the slowest walker where known; those in or on the
        hazard meet.
    places
        Candidates: Points, `capacity` in people where known. Those in the hazard are out.
    hazard, blocked
        As for `evacuation.draft`.
    shelters, shelter
        Where each household goes on to; without them any point is on the way.
    options
        Limits.

    Returns
    -------
    Assembly
        Everybody who can have a point has one, no point more than its capacity; the fewest
        points, and with as many of them the least walking. The same input gives the same points.

    Raises
    ------
    GeodataError
        Names every row and column that cannot be used.
    """
    faults: list[Fault] = []
    room = np.full(len(places), np.inf)
    if "capacity" in places:
        room = whole_numbers(places, "capacity", "places", faults).astype(float)
    raise_if(faults)
    found = reach(network, households, places, hazard, shelters, shelter, blocked, options)
    return written(found, places, chosen(found.costs, np.maximum(found.people, 1), room))


def chosen(costs: Floats, people: Integers, room: Floats) -> Sites:
    """Choose the fewest points, then of as many those with the least walking."""
    capacity = None if np.isinf(room).all() else room
    fewest = cover_all(costs, people, capacity=capacity)
    count = len(fewest.chosen)
    if not count or costs.size > _TABLE:
        return fewest
    nearer = p_median(costs, people, count=count, capacity=capacity)
    served = people[fewest.assignment >= 0].sum()
    if people[nearer.assignment >= 0].sum() < served:
        return fewest
    return Sites(nearer.chosen, nearer.assignment, fewest.objective, fewest.bound, fewest.unreached)


def written(found: Reach, places: gpd.GeoDataFrame, sites: Sites) -> Assembly:
    """Write a choice of points down."""
    mine, people, walk = found.households, found.people, found.walk
    to = np.asarray(sites.assignment, dtype=np.int64)
    point = pd.Series(pd.NA, index=mine.index, dtype=object)
    there = np.flatnonzero(to >= 0)
    point.iloc[there] = places.index.take(to[there])
    seconds = np.full(len(mine), np.nan)
    seconds[there] = walk[there, to[there]]
    assignment = pd.DataFrame({"point": point.infer_objects(), "seconds": seconds})
    used = np.unique(to[there])
    kept = places.iloc[used].copy()
    grouped = pd.DataFrame({"to": to[there], "people": people[there], "seconds": seconds[there]})
    by = grouped.groupby("to")
    kept["households"] = by.size().reindex(used).to_numpy()
    kept["people"] = by["people"].sum().reindex(used).to_numpy()
    kept["longest_seconds"] = by["seconds"].max().reindex(used).to_numpy()
    reason = np.full(len(mine), "full", dtype=object)
    reason[~found.suits.any(axis=1)] = "off_the_way"
    reason[~found.near.any(axis=1)] = "too_far"
    reason[~np.isfinite(walk).any(axis=1)] = "no_way"
    out = np.flatnonzero(to < 0)
    left = pd.DataFrame(
        {"reason": pd.array(reason[out].tolist(), dtype="str"), "people": people[out]},
        index=mine.index[out],
    )
    return Assembly(kept, assignment, left, sites.bound)
