"""Streets as a network: travel times, nearest sources, closures, routes.

Built once from roads for one profile, then only read; `close` gives a new network that shares
everything with its parent but the closed edges.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from geodata import shortest
from geodata.errors import Fault, GeodataError
from geodata.matrices import matrix
from geodata.nearest_sources import nearest
from geodata.network_ground import Ground
from geodata.points import Points
from geodata.routes import Route, Step, Tracer
from geodata.snapping import Places
from geodata.street_arcs import By
from geodata.street_graph import Floats, Ints
from geodata.street_profiles import PROFILES, Profile

__all__ = ["PROFILES", "Network", "Profile", "Route", "Step"]


class Network(Ground):
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
