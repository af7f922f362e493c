"""Streets as arrays: cut where they meet, measured, with the arcs a traveller may take.

A *piece* is a street between two places where streets meet; an *edge* is a piece travelled one
way, so a two-way piece has two edges and a one-way piece one. Nothing else is simplified.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import metric_crs
from geodata.errors import Fault, GeodataError
from geodata.ragged import offsets, ranges
from geodata.street_profiles import Profile, travel

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

QUANTUM = 2.0**-30


def quantised(values: Floats) -> Floats:
    """Round to whole multiples of 2**-30 (a nanosecond, a nanometre).

    Sums of such numbers are exact up to 97 days or 8,388 km, whatever their order: two ways of
    the same cost are equal to the last bit, and a tie is a tie on every machine.
    """
    rounded: Floats = np.round(values / QUANTUM) * QUANTUM
    return rounded


@dataclass(frozen=True)
class Pieces:
    """Streets cut where they meet.

    Attributes
    ----------
    nodes
        Float array (nodes, 2): coordinates in the CRS of the roads.
    start, end
        Node at the first and at the last vertex of each piece.
    road
        Position of the road each piece belongs to.
    xy, metric
        Float arrays (vertices, 2): vertices of all pieces laid end to end, in the CRS of the
        roads and in metres.
    offsets
        Where the vertices of each piece start, and the total at the end.
    metres, seconds
        Length of each piece and time along it.
    forward, backward
        Label of the edge along each piece and of the edge against it, -1 where not travelled.
    open_always
        Whether a piece is a bridge or a tunnel, which no closure of ground closes.
    """

    nodes: Floats
    start: Ints
    end: Ints
    road: Ints
    xy: Floats
    metric: Floats
    offsets: Ints
    metres: Floats
    seconds: Floats
    forward: Ints
    backward: Ints
    open_always: Bools

    @cached_property
    def running(self) -> Floats:
        """Metres up to each vertex, all pieces laid end to end; no gap counts between them."""
        if not len(self.metric):
            return np.array([])
        steps = np.hypot(*np.diff(self.metric, axis=0, prepend=self.metric[:1]).T)
        steps[self.offsets[:-1]] = 0.0
        running: Floats = np.cumsum(steps)
        return running

    @cached_property
    def along(self) -> Floats:
        """Metres from the start of its piece to every vertex."""
        run = self.running
        along: Floats = run - np.repeat(run[self.offsets[:-1]], np.diff(self.offsets))
        return along

    @cached_property
    def rising(self) -> tuple[Floats, float]:
        """`along` with so many metres added for every piece before, and how many those are."""
        longest = float(self.along.max(initial=0.0)) + 1.0
        owner = np.repeat(np.arange(len(self.road)), np.diff(self.offsets))
        return owner * longest + self.along, longest

    @cached_property
    def of_edges(self) -> tuple[Ints, Bools]:
        """The piece of every edge label, and whether the edge runs against it."""
        count = int((self.forward >= 0).sum() + (self.backward >= 0).sum())
        piece = np.empty(count, dtype=np.intp)
        against = np.zeros(count, dtype=bool)
        for labels, backward in ((self.forward, False), (self.backward, True)):
            there = np.flatnonzero(labels >= 0)
            piece[labels[there]] = there
            against[labels[there]] = backward
        return piece, against

    @cached_property
    def degree(self) -> Ints:
        """How many ends of streets lie at each node."""
        ends = np.concatenate([self.start, self.end])
        return np.bincount(ends, minlength=len(self.nodes))

    def lines(self, metric: bool = False, of: Ints | None = None) -> NDArray[np.object_]:
        """Return pieces as LineStrings, in metres or in the CRS of the roads; all, or some."""
        vertices, counts = self.metric if metric else self.xy, np.diff(self.offsets)
        if of is not None:
            counts = counts[of]
            vertices = vertices[ranges(self.offsets[of], counts)]
        owner = np.repeat(np.arange(len(counts)), counts)
        return np.asarray(shapely.linestrings(vertices, indices=owner))


def cut(roads: gpd.GeoDataFrame, profile: Profile) -> Pieces:
    """Cut the roads that a profile uses where they share a vertex, and number their edges.

    Parameters
    ----------
    roads
        LineStrings with a CRS and the columns of `street_profiles.travel`; `bridge` and
        `tunnel` where known.
    profile
        The traveller.

    Returns
    -------
    pieces
        In the order of `roads`, along each road; nodes are numbered as they first appear.

    Raises
    ------
    GeodataError
        If a column or the CRS is missing, index labels repeat, a geometry is not a LineString
        with finite coordinates, or an attribute cannot be read; names every row.
    """
    _check(roads)
    use = travel(roads, profile)
    used = np.flatnonzero(use.forward | use.backward)
    lines = shapely.force_2d(roads.geometry.to_numpy()[used])
    metric_lines = roads.geometry.iloc[used].to_crs(metric_crs(roads)).to_numpy()
    xy, projected, owner = _vertices(lines, shapely.force_2d(metric_lines))
    lost = np.unique(owner[~np.isfinite(projected).all(axis=1)])
    if len(lost):
        off = roads.index[used[lost]]
        raise GeodataError(Fault("the street is off the map", row, "geometry") for row in off)
    vertex, nodes = _nodes(xy, owner)
    first, last = _runs(owner, vertex)
    counts = last - first + 1
    at = ranges(first, counts)
    road = used[owner[first]]
    metric = projected[at]
    starts = offsets(counts)
    metres = quantised(_lengths(metric, starts))
    # a street of no length still has to be passed: Dijkstra's ties need positive costs
    metres = np.where(vertex[first] == vertex[last], metres, np.maximum(metres, QUANTUM))
    seconds = quantised(metres / (use.kmh[road] / 3.6))
    seconds = np.where(metres > 0, np.maximum(seconds, QUANTUM), 0.0)
    forward, backward = _labels(use.forward[road], use.backward[road])
    return Pieces(
        nodes=nodes,
        start=vertex[first],
        end=vertex[last],
        road=road,
        xy=xy[at],
        metric=metric,
        offsets=starts,
        metres=metres,
        seconds=seconds,
        forward=forward,
        backward=backward,
        open_always=(flags(roads, "bridge") | flags(roads, "tunnel"))[road],
    )


def flags(roads: gpd.GeoDataFrame, column: str) -> Bools:
    """Read a yes/no column: bool, number or OSM text ("yes", "viaduct", "no"); missing is no."""
    if column not in roads:
        return np.zeros(len(roads), dtype=bool)
    values = roads[column]
    if values.dtype.kind in "biuf":
        read: Floats = values.to_numpy(dtype=float, na_value=np.nan)
        yes: Bools = (read != 0) & ~np.isnan(read)
        return yes
    text = values.astype("string").str.strip().str.lower()
    said: Bools = ~text.isin(["", "no", "false", "0", "0.0"]).to_numpy() & values.notna().to_numpy()
    return said


def _check(roads: gpd.GeoDataFrame) -> None:
    faults: list[Fault] = []
    if not isinstance(roads, gpd.GeoDataFrame):
        raise GeodataError("roads are not a GeoDataFrame")
    if "highway" not in roads:
        faults.append(Fault("the column is missing", None, "highway"))
    if roads.active_geometry_name is None:
        raise GeodataError([*faults, Fault("the column is missing", None, "geometry")])
    if roads.crs is None:
        faults.append(Fault("roads declare no coordinate system", None, "geometry"))
    repeated = roads.index[roads.index.duplicated()].unique()
    faults += [Fault("the label repeats", label) for label in repeated]
    lines = roads.geometry.to_numpy()
    kinds = shapely.get_type_id(lines)
    sound = (kinds == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(lines)
    for at in np.flatnonzero(~sound):
        what = "missing" if kinds[at] < 0 else f"{lines[at].geom_type}"
        what = "an empty LineString" if what == "LineString" else what
        faults.append(Fault(f"not a LineString but {what}", roads.index[at], "geometry"))
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    endless = np.unique(owner[~np.isfinite(xy).all(axis=1)])
    faults += [
        Fault("coordinates are not finite", roads.index[at], "geometry")
        for at in endless
        if sound[at]
    ]
    if faults:
        raise GeodataError(faults)


def _vertices(
    lines: NDArray[np.object_], metric: NDArray[np.object_]
) -> tuple[Floats, Floats, Ints]:
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    metres = shapely.get_coordinates(metric)
    xy = xy + 0.0  # -0.0 and 0.0 are one place
    # the same vertex twice in a row is no meeting of a street with itself; the last one of a
    # street stays, so that a street of no length keeps two
    again = np.zeros(len(xy), dtype=bool)
    again[1:] = (xy[1:] == xy[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    length = np.diff(np.append(first, len(owner)))
    distinct = np.add.reduceat(~again, first) if len(first) else np.array([], dtype=int)
    second = first[(distinct == 1) & (length > 1)] + 1
    again[second] = False
    keep = ~again
    return xy[keep], metres[keep], owner[keep].astype(np.intp)


def _nodes(xy: Floats, owner: Ints) -> tuple[Ints, Floats]:
    """Give each node vertex its number, the others -1; nodes in order of first appearance."""
    if not len(xy):
        return np.array([], dtype=np.intp), np.empty((0, 2))
    key = np.ascontiguousarray(xy).view(np.complex128).ravel()
    _, seen, place, count = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    end = np.zeros(len(xy), dtype=bool)
    end[0] = end[-1] = True
    changes = owner[1:] != owner[:-1]
    end[1:] |= changes
    end[:-1] |= changes
    node = count > 1
    node[place[end]] = True
    order = np.flatnonzero(node)
    order = order[np.argsort(seen[order], kind="stable")]
    number = np.full(len(seen), -1, dtype=np.intp)
    number[order] = np.arange(len(order))
    return number[place], xy[seen[order]]


def _runs(owner: Ints, vertex: Ints) -> tuple[Ints, Ints]:
    """Return the first and the last vertex of every piece: from node to next node of a road."""
    stops = np.flatnonzero(vertex >= 0)
    same = owner[stops[1:]] == owner[stops[:-1]]
    return stops[:-1][same], stops[1:][same]


def _lengths(metric: Floats, starts: Ints) -> Floats:
    if len(starts) < 2:
        return np.array([])
    steps = np.hypot(*np.diff(metric, axis=0, append=metric[-1:]).T)
    steps[starts[1:] - 1] = 0.0
    lengths: Floats = np.add.reduceat(steps, starts[:-1])
    return lengths


def _labels(forward: Bools, backward: Bools) -> tuple[Ints, Ints]:
    """Give the edges their labels: along the piece first, then against it."""
    both = np.column_stack([forward, backward]).ravel()
    label = np.where(both, np.cumsum(both) - 1, -1).astype(np.intp).reshape(-1, 2)
    return label[:, 0].copy(), label[:, 1].copy()
