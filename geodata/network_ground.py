"""Points put on streets, and streets closed and barred: networks made from a network."""

from dataclasses import replace
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.closures import Areas, shapes_in, shut
from geodata.network_streets import Streets
from geodata.points import Points
from geodata.snapping import Places
from geodata.street_barriers import Avoiding, checked, laid, parted
from geodata.street_graph import Bools


class Ground(Streets):
    """Where the streets lie: what meets them, what closes them and what bars them."""

    def places(
        self, points: Points, max_metres: float = 200.0, barriers: Areas | None = None
    ) -> Places:
        """Snap points and keep what routes and coverage need; see `snap` and `barred`."""
        places = self.barred(barriers)._snapper.places(points, max_metres)
        return replace(places, leg_kmh=self.profile.leg_kmh)

    def snaps_like(self, other: Streets) -> bool:
        """Tell whether what `places` returns is the same for both, but for the leg's speed."""
        return self._snapper.like(other._snapper)

    @property
    def snapping(self) -> str:
        """A digest that networks share for which `snaps_like` is true."""
        return self._snapper.digest

    def snapping_with(self, other: Self) -> Self:
        """Return the network so that it shares with another what is kept for snapping.

        It is the network itself where they do not snap alike.
        """
        if self._snapper is other._snapper or not self.snaps_like(other):
            return self
        base = self.unclosed
        whole = type(self)(base.pieces, base.roads, base.profile, other._snapper, base.opened)
        whole._graphs = base._graphs
        if base is self:
            return whole
        found = type(self)(
            self.pieces, self.roads, self.profile, other._snapper, self.opened, whole
        )
        found._graphs = self._graphs
        return found

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

    def close(self, areas: Areas | None) -> Self:
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
        closed = shut(self.pieces, self._snapper.ground, areas, self.crs)
        piece, _ = self.pieces.of_edges
        return type(self)(
            self.pieces,
            self.roads,
            self.profile,
            self._snapper,
            self.opened & ~closed[piece],
            self.unclosed,
        )

    def barred(self, barriers: Areas | None) -> Self:
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
        found = laid(self.pieces, self._snapper.ground, lines)
        pieces = parted(self.pieces, found.dead)
        metric = gpd.GeoSeries(lines, crs=self.crs).to_crs(self.metric).to_numpy()
        snapper = Avoiding.over(self._snapper, found, metric)
        opened = ~found.closed[self.pieces.of_edges[0]]
        barred = type(self)(pieces, self.roads, self.profile, snapper, base.opened & opened)
        if base is self:
            return barred
        return type(self)(pieces, self.roads, self.profile, snapper, self.opened & opened, barred)

    @property
    def barriers(self) -> NDArray[np.object_]:
        """Lines that `barred` has laid over the streets, in metres."""
        if isinstance(self._snapper, Avoiding):
            return self._snapper.barriers
        return np.array([], dtype=object)

    def reopened(self, opened: Bools) -> Self:
        """Return the network with exactly these edges open; `unclosed` stays."""
        return type(self)(
            self.pieces, self.roads, self.profile, self._snapper, opened, self.unclosed
        )
