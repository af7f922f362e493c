"""What one more bed, or one street opened again, would buy: a price list for those who decide."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata import evacuation_case
from geodata.assignment import to_shelters
from geodata.clearance import described
from geodata.evacuation_case import Case
from geodata.evacuation_cuts import reopened
from geodata.evacuation_flow import followed
from geodata.evacuation_inputs import Areas
from geodata.evacuation_options import Options
from geodata.network import Network
from geodata.street_graph import Ints
from geodata.transport import Flags, Floats, Integers, dual, minimum_flow

COLUMNS = ("kind", "label", "name", "serves_people", "saves_person_seconds", "edges")
_NOTHING = 0.01  # person-seconds: less is a rounding of milliseconds


@dataclass(frozen=True)
class _Now:
    """The evacuation as it is.

    Attributes
    ----------
    most
        People a flow can serve.
    grows
        Shelters at which one bed more serves one person more.
    units
        Units that are served.
    people, seconds
        Of these.
    room
        Of all shelters.
    least
        Person-seconds of the flow that serves them.
    bed_saves
        What one bed more at each shelter saves in it.
    """

    most: int
    grows: Flags
    units: Integers
    people: Integers
    seconds: Floats
    room: Integers
    least: float
    bed_saves: Floats


def prices(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
    water: Areas | None = None,
    most_roads: int = 12,
) -> gpd.GeoDataFrame:
    """List what one more bed at each shelter, and each street opened again, would buy.

    Parameters
    ----------
    network, households, shelters, hazard, blocked, options, water
        As for `evacuation.draft`. Candidates are the streets closed in the network, those that
        `blocked` closes and the bridges that the options close; pieces of one street that
        follow one another are opened together.
    most_roads
        Closed streets that are tried: those that most people would take if all were open come
        first.

    Returns
    -------
    frame
        In the CRS of the roads, what serves most people first, then what saves most: `kind`
        (`bed` or `road`), `label` (of the shelter, of the road), `name`, `serves_people`, how
        many more, `saves_person_seconds` of those who are served now, `edges` (labels that would
        be opened) and `geometry`. Only what buys something is listed. The figures are those of a
        flow that may divide households.
    """
    case = evacuation_case.read(network, households, shelters, hazard, blocked, options, water)
    now = _now(case)
    rows = _beds(case, shelters, now)
    closed = case.escape.network

    def opened(edges: Ints) -> Case:
        return evacuation_case.reopened(case, reopened(closed, edges))

    parts = _streets(closed)
    if len(parts) > most_roads:
        parts = _wanted(parts, opened(np.concatenate(parts)))[:most_roads]
    rows += [_road(closed, part, now, case, opened(part)) for part in parts]
    found = [row for row in rows if row.serves or row.saves > _NOTHING]
    found.sort(key=lambda row: (-row.serves, -row.saves, row.kind, str(row.label)))
    columns: Mapping[str, list[object]] = {
        "kind": [row.kind for row in found],
        "label": [row.label for row in found],
        "name": [row.name for row in found],
        "serves_people": [row.serves for row in found],
        "saves_person_seconds": [row.saves for row in found],
        "edges": [row.edges for row in found],
    }
    shapes = gpd.GeoSeries([row.geometry for row in found], crs=network.crs)
    return gpd.GeoDataFrame(columns, geometry=shapes)


@dataclass(frozen=True)
class _Row:
    kind: str
    label: object
    name: object
    serves: int
    saves: float
    edges: list[int]
    geometry: object


def _now(case: Case) -> _Now:
    units = case.units
    people, seconds = units.sums(case.people), units.mean(case.people, case.seconds)
    room = np.where(case.used, case.capacity, 0)
    most, grows = _most(people, seconds, room)
    placed = to_shelters(people, seconds, room, units.any(case.urgent)).shelter
    served = np.flatnonzero(placed >= 0)
    flow = minimum_flow(people[served], seconds[served], room)
    return _Now(
        most,
        grows & case.used,
        served,
        people[served],
        seconds[served],
        room,
        flow.bound,
        flow.prices,
    )


def _most(people: Integers, seconds: Floats, room: Integers) -> tuple[int, Flags]:
    """Find how many people a flow can serve, and the shelters where one bed serves one more."""
    from ortools.graph.python import max_flow

    reach = np.isfinite(seconds)
    able = np.flatnonzero(reach.any(axis=1) & (people > 0))
    if not len(able):
        return 0, np.zeros(len(room), dtype=bool)
    kinds, of = np.unique(reach[able], axis=0, return_inverse=True)
    total = np.bincount(of.reshape(-1), weights=people[able]).astype(np.int64)
    count, shelters = kinds.shape
    source, sink = count + shelters, count + shelters + 1
    flow = max_flow.SimpleMaxFlow()
    tail, head = np.nonzero(kinds)
    flow.add_arcs_with_capacity(np.full(count, source), np.arange(count), total)
    flow.add_arcs_with_capacity(tail, count + head, total[tail])
    flow.add_arcs_with_capacity(count + np.arange(shelters), np.full(shelters, sink), room)
    if flow.solve(source, sink) != flow.OPTIMAL:
        raise RuntimeError("a flow of people to shelters was not solved")
    within = np.zeros(sink + 1, dtype=bool)
    within[np.asarray(flow.get_source_side_min_cut(), dtype=np.intp)] = True
    return int(flow.optimal_flow()), within[count : count + shelters]


def _beds(case: Case, shelters: gpd.GeoDataFrame, now: _Now) -> list[_Row]:
    points = shelters.geometry.to_crs(case.escape.network.crs)
    names = shelters.get("name")
    return [
        _Row(
            "bed",
            shelters.index[int(at)],
            None if names is None else names.iloc[int(at)],
            int(now.grows[at]),
            float(now.bed_saves[at]),
            [],
            points.iloc[int(at)],
        )
        for at in np.flatnonzero(case.used)
    ]


def _road(closed: Network, part: Ints, now: _Now, case: Case, other: Case) -> _Row:
    units = other.units
    room = np.where(case.used, case.capacity, 0)
    people, seconds = units.sums(other.people), units.mean(other.people, other.seconds)
    most, _ = _most(people, seconds, room)
    after = case.units.mean(case.people, other.seconds)[now.units]
    after = np.minimum(after, now.seconds)
    saves = 0.0
    # the prices of beds as they are prove how little a street can save at all
    least = dual(now.people, after, now.room, now.bed_saves)
    if not np.array_equal(after, now.seconds) and now.least - least > _NOTHING:
        saves = max(now.least - minimum_flow(now.people, after, now.room).bound, 0.0)
    street = described(closed, part)
    name = street["name"].iloc[0]
    return _Row(
        "road",
        street["road"].iloc[0],
        name if isinstance(name, str) else None,
        max(most - now.most, 0),
        saves,
        part.tolist(),
        street.geometry.union_all(),
    )


def _streets(closed: Network) -> list[Ints]:
    """Return the edges of the closed streets: pieces of one street that touch one another."""
    pieces = closed.pieces
    of_edge = pieces.of_edges[0]
    shut = np.unique(of_edge[~closed.opened])
    if not len(shut):
        return []
    text = closed.roads.index.take(pieces.road[shut]).astype(str).to_numpy(dtype=object)
    names = np.array([closed.street(int(piece))[0] for piece in shut], dtype=object)
    key = [
        (True, name) if name else (False, label) for name, label in zip(names, text, strict=True)
    ]
    number = {one: at for at, one in enumerate(dict.fromkeys(key))}
    street = np.array([number[one] for one in key])
    # a node of the street for each of its junctions: pieces that share one are neighbours
    ends = np.concatenate([pieces.start[shut], pieces.end[shut]])
    _, node = np.unique(np.column_stack([np.tile(street, 2), ends]), axis=0, return_inverse=True)
    node = node.reshape(-1)
    count = len(shut)
    size = count + int(node.max()) + 1
    graph = coo_array(
        (np.ones(2 * count, dtype=np.int8), (np.tile(np.arange(count), 2), count + node)),
        shape=(size, size),
    )
    _, part = connected_components(graph, directed=False)
    rank = np.full(len(pieces.road), -1)
    rank[shut] = part[:count]
    edges = np.flatnonzero(~closed.opened)
    return [edges[rank[of_edge[edges]] == one] for one in dict.fromkeys(part[:count].tolist())]


def _wanted(parts: list[Ints], free: Case) -> list[Ints]:
    """Sort streets by the people who would take them to their nearest shelter, most first."""
    reach = np.flatnonzero(np.isfinite(free.seconds).any(axis=1))
    nearest = np.argmin(free.seconds[reach], axis=1)
    ways = followed(free, reach, nearest)
    owner = np.repeat(np.arange(len(ways)), np.diff(ways.offsets))
    need = np.bincount(
        ways.edge,
        weights=free.people[reach][owner].astype(float),
        minlength=len(free.escape.network.opened),
    )
    most = [-float(need[part].max()) for part in parts]
    return [parts[at] for at in np.argsort(most, kind="stable")]
