"""Streets as a network: travel times, nearest sources, closures, routes.

Built once from roads for one profile, then only read; `close` gives a new network that shares
everything with its parent but the closed edges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry import Point

from geodata import shortest
from geodata.closures import Areas, shapes_in, shut
from geodata.crs import metric_crs
from geodata.errors import Fault, GeodataError
from geodata.matrices import matrix
from geodata.nearest_sources import nearest
from geodata.routes import Route, Step, Tracer
from geodata.shortest import Graph
from geodata.snapping import Places, Points, Snapper
from geodata.street_arcs import By, graph_of
from geodata.street_barriers import Avoiding, checked, laid, parted
from geodata.street_graph import Bools, Floats, Ints, Pieces, cut, flags
from geodata.street_profiles import PROFILES, Profile, profile_of

__all__ = ["PROFILES", "Network", "Profile", "Route", "Step"]


class Network:
    """The streets one kind of traveller uses.

    Make one with `Network.from_roads`. Node ids are 0..n-1 and edge labels 0..m-1; both stay
    the same when areas are closed.

    Attributes
    ----------
    profile
        The traveller.
    crs
        CRS of the roads, of `nodes`, `edges` and the geometry of routes.
    metric
        The projected CRS in which lengths are measured.
    pieces
        The streets between junctions, as arrays.
    opened
        Bool array over all edges: not closed.
    unclosed
        The network before anything was closed; the network itself if nothing is.
    roads
        `highway`, `bridge` (bool) and, where known, `name` of the roads it was made from.
    """

    def __init__(
        self,
        pieces: Pieces,
        roads: pd.DataFrame,
        profile: Profile,
        snapper: Snapper,
        opened: Bools,
        unclosed: Self | None = None,
        graphs: Mapping[By, Graph] | None = None,
    ) -> None:
        self.pieces = pieces
        self.profile = profile
        self.crs: CRS = snapper.crs
        self.metric: CRS = snapper.metric
        self.opened = opened
        self.unclosed: Network = self if unclosed is None else unclosed
        self.roads = roads
        self._snapper = snapper
        self._graphs: dict[tuple[bool, By], Graph] = {
            (False, by): graph for by, graph in (graphs or {}).items()
        }

    @classmethod
    def from_roads(cls, roads: gpd.GeoDataFrame, profile: str | Profile = "drive") -> Self:
        """Build the network of one profile.

        Parameters
        ----------
        roads
            LineStrings in any declared CRS with unique labels and the column `highway`;
            `name`, `oneway`, `maxspeed_kmh`, `bridge`, `tunnel`, `maxheight_m`, `maxweight_t`,
            `maxwidth_m` are used where present. Streets meet where they share a vertex; a mere
            crossing is no junction.
        profile
            `walk`, `drive`, `truck`, `emergency`, or a `Profile` of one's own.

        Returns
        -------
        network
            Without nodes if the profile uses none of the roads.

        Raises
        ------
        GeodataError
            Names every row that cannot be read, see `street_graph.cut` and
            `street_profiles.travel`.
        """
        traveller = profile_of(profile)
        pieces = cut(roads, traveller)
        snapper = Snapper(pieces, CRS.from_user_input(roads.crs), metric_crs(roads))
        columns = [column for column in ("highway", "name") if column in roads]
        return cls(
            pieces,
            pd.DataFrame(roads[columns]).assign(bridge=flags(roads, "bridge")),
            traveller,
            snapper,
            np.ones(len(pieces.of_edges[0]), dtype=bool),
        )

    @cached_property
    def nodes(self) -> gpd.GeoDataFrame:
        """Where streets meet or end: index 0..n-1, Point geometry in the CRS of the roads."""
        points = shapely.points(self.pieces.nodes)
        return gpd.GeoDataFrame(geometry=gpd.GeoSeries(points, crs=self.crs))

    @cached_property
    def edges(self) -> gpd.GeoDataFrame:
        """One row per street between junctions and direction of travel.

        Columns `from_node`, `to_node`, `seconds`, `metres`, `road` (label in `roads`) and
        `geometry` (in the direction of travel). Parallel edges and rings are all kept. A
        closed network lacks its closed edges and keeps the labels of the others.
        """
        piece, backward = self.pieces.of_edges
        lines = self.pieces.lines()[piece]
        lines[backward] = shapely.reverse(lines[backward])
        start, end = self.pieces.start[piece], self.pieces.end[piece]
        edges = gpd.GeoDataFrame(
            {
                "from_node": np.where(backward, end, start),
                "to_node": np.where(backward, start, end),
                "seconds": self.pieces.seconds[piece],
                "metres": self.pieces.metres[piece],
                "road": self.roads.index.take(self.pieces.road[piece]),
            },
            geometry=gpd.GeoSeries(lines, crs=self.crs),
        )
        return edges if self.opened.all() else edges.loc[self.opened]

    def edge(self, label: int) -> tuple[int, bool]:
        """Return the piece of an edge and whether the edge runs against it."""
        piece, backward = self.pieces.of_edges
        return int(piece[label]), bool(backward[label])

    def street(self, piece: int) -> tuple[str | None, str]:
        """Return the name, None without one, and the class of a piece's road."""
        names, classes = self._names
        road = self.pieces.road[piece]
        name = names[road]
        named = isinstance(name, str) and name.strip() != ""
        return (name if named else None), str(classes[road])

    @cached_property
    def _names(self) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        classes = self.roads["highway"].to_numpy(dtype=object)
        if "name" not in self.roads:
            return np.full(len(classes), None, dtype=object), classes
        return self.roads["name"].to_numpy(dtype=object), classes

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.pieces.nodes)

    def graph(self, towards: bool = False, by: By = "seconds") -> Graph:
        """Return the open edges as a graph; of parallel edges the cheapest, then the lowest.

        Parameters
        ----------
        towards
            Turn every edge round, so that ways from a source are ways towards it.
        by
            The measure that is minimised; the other one is carried along.
        """
        key = (towards, by)
        if key not in self._graphs:
            if (False, by) not in self._graphs:
                self._graphs[(False, by)] = graph_of(self.pieces, self.opened, by)
            if towards:
                self._graphs[key] = self._graphs[(False, by)].reversed()
        return self._graphs[key]

    def places(
        self, points: Points, max_metres: float = 200.0, barriers: Areas | None = None
    ) -> Places:
        """Snap points and keep what routes and coverage need; see `snap` and `barred`."""
        places = self.barred(barriers)._snapper.places(points, max_metres)
        return replace(places, leg_kmh=self.profile.leg_kmh)

    def snaps_like(self, other: "Network") -> bool:
        """Tell whether what `places` returns is the same for both, but for the leg's speed."""
        return self._snapper.like(other._snapper)

    def snap(self, points: Points, max_metres: float = 200.0) -> gpd.GeoDataFrame | pd.DataFrame:
        """Find the nearest point on an edge.

        Parameters
        ----------
        points
            Points in any declared CRS; bare points are in the CRS of the roads. A missing
            point does not snap.
        max_metres
            Farther than this from every street a point does not snap.

        Returns
        -------
        frame
            On the index of `points`: `edge` (label; of a two-way street the lower of its two,
            of several streets at one distance the lowest), `fraction` (0 at `from_node`, 1 at
            `to_node`) and `metres` (straight leg); `<NA>`/NaN where nothing is near enough.
            Closures are ignored, so an edge may be missing in `edges` of a closed network.

        Raises
        ------
        GeodataError
            If a geometry is not a Point, is not finite, or the points declare no CRS.
        """
        places = self.places(points, max_metres)
        edge = np.full(len(places), -1, dtype=np.int64)
        fraction = places.fraction.copy()
        rows = np.flatnonzero(places.snapped)
        forward = self.pieces.forward[places.piece[rows]]
        against = forward < 0
        edge[rows] = np.where(against, self.pieces.backward[places.piece[rows]], forward)
        fraction[rows[against]] = 1.0 - fraction[rows[against]]
        labels = pd.array(edge, dtype="Int64")
        labels[edge < 0] = pd.NA
        return pd.DataFrame(
            {"edge": labels, "fraction": fraction, "metres": places.metres}, index=places.index
        )

    def close(self, areas: Areas | None) -> "Network":
        """Close every edge inside or crossing an area; bridges and tunnels stay open.

        Parameters
        ----------
        areas
            A geometry or several in the CRS of the roads, or a frame in any declared CRS, whose
            column `closes` may say `ground`, `bridges` (and tunnels, alone) or `all` of each.
            Touching the border counts as crossing.

        Returns
        -------
        network
            With the same nodes and, for what is open, the same edge labels. Closures add up;
            `unclosed` is the network before the first one.

        Raises
        ------
        GeodataError
            If an area is missing, empty or invalid, or a frame declares no CRS.
        """
        closed = shut(self.pieces, self.unclosed._ground, areas, self.crs)
        piece, _ = self.pieces.of_edges
        return Network(
            self.pieces,
            self.roads,
            self.profile,
            self._snapper,
            self.opened & ~closed[piece],
            self.unclosed,
        )

    def barred(self, barriers: Areas | None) -> "Network":
        """Bar what may only be crossed over a bridge or through a tunnel.

        Parameters
        ----------
        barriers
            Lines as in `close`, without the parts of them that are bridges and tunnels. They
            add up.

        Returns
        -------
        network
            With the same pieces, edge labels and closures; nodes on a barrier that is no street
            are parted, the new ones come behind the others. A street that crosses a barrier on
            the ground is closed between its junctions and no place snaps to it; a barrier that
            is itself a street is still travelled, and turned onto and off. Points snap to the
            nearest other street to which the straight leg crosses no barrier. `unclosed` is
            barred too.

        Raises
        ------
        GeodataError
            As `close`, and if a barrier is no line.
        """
        lines = checked(shapes_in(barriers, self.crs))
        if not len(lines):
            return self
        base = self.unclosed
        found = laid(self.pieces, base._ground, lines)
        pieces = parted(self.pieces, found.dead)
        metric = gpd.GeoSeries(lines, crs=self.crs).to_crs(self.metric).to_numpy()
        snapper = Avoiding(self._snapper, found, metric)
        opened = ~found.closed[self.pieces.of_edges[0]]
        barred = Network(pieces, self.roads, self.profile, snapper, base.opened & opened)
        vars(barred)["_ground"] = base._ground  # the lines are the same
        if base is self:
            return barred
        return Network(pieces, self.roads, self.profile, snapper, self.opened & opened, barred)

    @property
    def barriers(self) -> NDArray[np.object_]:
        """Lines that `barred` has laid over the streets, in metres."""
        if isinstance(self._snapper, Avoiding):
            return self._snapper.barriers
        return np.array([], dtype=object)

    def reopened(self, opened: Bools) -> "Network":
        """Return the network with exactly these edges open; `unclosed` stays."""
        return Network(self.pieces, self.roads, self.profile, self._snapper, opened, self.unclosed)

    @cached_property
    def _ground(self) -> shapely.STRtree:
        return shapely.STRtree(self.pieces.lines())

    def seconds(
        self, sources: Sequence[int] | Ints, towards: bool = False, limit: float | None = None
    ) -> Floats:
        """Return travel times from sources to every node, or from every node to the sources.

        Parameters
        ----------
        sources
            Node ids; repeats are allowed.
        towards
            Times to the sources instead of from them.
        limit
            Longer times are given as infinite.

        Returns
        -------
        seconds
            Float array (sources, nodes), infinite where there is no way.

        Raises
        ------
        GeodataError
            If a source is not a node id or the limit is negative or not a number.
        """
        most = np.inf if limit is None else float(limit)
        if not most >= 0:
            raise GeodataError(f"limit {limit!r} is not zero or more seconds")
        return shortest.costs(self.graph(towards), self._node_ids(sources), most)

    def nearest(
        self, sources: Sequence[int] | Ints, towards: bool = False, count: int = 2
    ) -> pd.DataFrame:
        """Find the nearest different sources of every node.

        Parameters
        ----------
        sources
            Node ids; a repeated id is one source.
        towards
            Nearest by the way from the node to the source instead of from the source.
        count
            How many.

        Returns
        -------
        frame
            On `nodes`: `source_1`, `seconds_1`, `source_2`, `seconds_2`, ...: node ids, `<NA>`
            and infinite where there is none. Of equally near sources the lower id comes first.

        Raises
        ------
        GeodataError
            If a source is not a node id or `count` is less than 1.
        """
        if count < 1:
            raise GeodataError(f"count {count!r} is not 1 or more")
        ranks = nearest(self.graph(towards), self._node_ids(sources), count)
        columns: dict[str, object] = {}
        for number, rank in enumerate(ranks, start=1):
            mask = rank.source < 0
            columns[f"source_{number}"] = pd.arrays.IntegerArray(
                np.where(mask, 1, rank.source).astype(np.int64), mask
            )
            columns[f"seconds_{number}"] = rank.cost
        return pd.DataFrame(columns, index=pd.RangeIndex(self.size))

    def matrix(
        self,
        origins: Points | Places,
        destinations: Points | Places,
        *,
        by: By = "seconds",
        max_metres: float = 200.0,
    ) -> tuple[Floats, Floats]:
        """Measure the ways between places, from door to door.

        Parameters
        ----------
        origins, destinations
            Points in any declared CRS, or what `places` returned for them.
        by
            Whether the fastest or the shortest way is taken.
        max_metres
            Farther from a street than this a place has no way.

        Returns
        -------
        seconds, metres
            Float arrays (origins, destinations) of the same ways, straight legs included;
            infinite where there is none.
        """
        return matrix(
            self,
            self._as_places(origins, max_metres),
            self._as_places(destinations, max_metres),
            by,
        )

    def routes(
        self,
        origins: Points | Places,
        destinations: Points | Places,
        *,
        max_metres: float = 200.0,
    ) -> gpd.GeoDataFrame:
        """Find the fastest route of every pair: the first origin to the first destination, ...

        Parameters
        ----------
        origins, destinations
            Points in any declared CRS, or what `places` returned, as many of one as of the
            other.
        max_metres
            Farther from a street than this a place has no way.

        Returns
        -------
        frame
            On the index of `origins`, in the CRS of the roads: `seconds`, `metres`, `geometry`
            (LineString from place to place; empty, and the numbers infinite, where there is no
            way).

        Raises
        ------
        GeodataError
            If the numbers of places differ.
        """
        start = self._as_places(origins, max_metres)
        end = self._as_places(destinations, max_metres)
        return Tracer(self).frame(start, end)

    def route(self, origin: Point, destination: Point, *, max_metres: float = 200.0) -> Route:
        """Find the fastest route between two Points in the CRS of `nodes`.

        Returns
        -------
        route
            From place to place, straight legs included. Without a way, `seconds` and `metres`
            are infinite, the geometry is empty and there are no steps.
        """
        start, end = self.places([origin], max_metres), self.places([destination], max_metres)
        return Tracer(self).route(start, end)

    def _as_places(self, points: Points | Places, max_metres: float) -> Places:
        return points if isinstance(points, Places) else self.places(points, max_metres)

    def _node_ids(self, sources: Sequence[int] | Ints) -> Ints:
        ids = np.atleast_1d(np.asarray(sources))
        if not ids.size:
            return np.array([], dtype=np.intp)
        if ids.ndim > 1 or ids.dtype.kind not in "iu":
            raise GeodataError("sources are not node ids: whole numbers in one list")
        wrong = (ids < 0) | (ids >= self.size)
        if wrong.any():
            raise GeodataError(
                Fault(f"no node {ids[at]}", int(at), "sources") for at in np.flatnonzero(wrong)
            )
        return ids.astype(np.intp)
