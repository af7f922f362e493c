"""Streets between junctions as tables and as graphs: what one kind of traveller finds."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Self, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geodata.crs import metric_crs
from geodata.shortest import Graph
from geodata.snapping import Snapper
from geodata.street_arcs import By, graph_of
from geodata.street_graph import Bools, Pieces, cut, flags
from geodata.street_profiles import Profile, profile_of

Found = TypeVar("Found")
_ASKED = 2  # questions whose answers are kept: each takes up to 50 bytes a node


class Streets:
    """The streets of a `network.Network`: its parts, its tables and its graphs."""

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
        self.unclosed: Self = self if unclosed is None else unclosed
        self.roads = roads
        self._snapper = snapper
        self._graphs: dict[tuple[bool, By], Graph] = {
            (False, by): graph for by, graph in (graphs or {}).items()
        }
        self._asked: dict[bytes, Any] = {}

    def remembered(self, question: bytes, search: Callable[[], Found]) -> Found:
        """Return what a search found when this was asked before; the last questions are kept.

        A county's townships ask the same one after another.
        """
        if question not in self._asked:
            while len(self._asked) >= _ASKED:
                del self._asked[next(iter(self._asked))]
            self._asked[question] = search()
        found: Found = self._asked[question]
        return found

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
