"""Lines of the ways that an escape found: from door to door, in the CRS of the households."""

from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geodata.escape import STEP_IN, Escape, Ways
from geodata.hazard_streets import vertex_before
from geodata.street_graph import Floats, Ints


class Drawer:
    """Draws routes; ways that share a street share its vertices."""

    def __init__(self, escape: Escape, ways: Ways, crs: CRS) -> None:
        self._escape = escape
        self._ways = ways
        pieces, part = escape.network.pieces, escape.stretches
        self._vertices = _moved(pieces.xy, escape.network.crs, crs)
        self._homes = _moved(escape.households.xy, escape.network.crs, crs)
        self._shelters = _moved(escape.shelters.xy, escape.network.crs, crs)
        self._low, low_share = vertex_before(pieces, part.piece, part.low)
        self._high, high_share = vertex_before(pieces, part.piece, part.high)
        self._start = self._between(self._low, low_share)
        self._end = self._between(self._high, high_share)
        self._drawn: dict[int, Floats] = {}

    def lines(self, households: Ints, shelters: Ints) -> NDArray[np.object_]:
        """Return the LineString of each pair (position of household, position of shelter)."""
        if not len(households):
            return np.array([], dtype=object)
        homes, part = self._escape.households, self._escape.stretches
        stretch = self._escape.home_stretch[households]
        leave = self._ways.leave[households, shelters].astype(np.intp)
        foot, share = vertex_before(
            self._escape.network.pieces, homes.piece[households], homes.fraction[households]
        )
        entered = self._between(foot, share)
        side = np.where(leave == 0, part.start[stretch], part.end[stretch])
        state = side + np.where(part.inside[stretch], 0, part.nodes)
        tree = self._ways.tree(households, shelters)
        tails: dict[tuple[int, int], Floats] = {}
        drawn: list[Floats] = []
        for row, household in enumerate(households):
            key = int(state[row]), int(tree[row])
            if key not in tails:
                tails[key] = self._tail(*key)
            first, along = int(foot[row]), int(stretch[row])
            if leave[row] == 0:
                way = self._vertices[self._low[along] + 1 : first + 1][::-1]
            else:
                way = self._vertices[first + 1 : self._high[along] + 1]
            drawn.extend((self._homes[household][None], entered[row][None], way, tails[key]))
        size = np.array([len(part) for part in drawn]).reshape(-1, 4).sum(axis=1)
        owner = np.repeat(np.arange(len(households)), size)
        lines = shapely.linestrings(np.concatenate(drawn), indices=owner)
        tidy: NDArray[np.object_] = np.asarray(shapely.remove_repeated_points(lines), dtype=object)
        return tidy

    def _tail(self, state: int, tree: int) -> Floats:
        """Return the vertices from a state to the shelter of a tree."""
        parent, via = self._ways.parent[tree], self._ways.via[tree]
        shelter = tree % len(self._escape.shelters)
        nodes = self._escape.stretches.nodes
        parts = [self._point(state % nodes)]
        while state < 2 * nodes:
            step = int(via[state])
            if step >= 0:
                parts.append(self._stretch(step))
            elif step == STEP_IN:
                parts.append(self._feet[shelter][None])
            state = int(parent[state])
        parts.append(self._shelters[shelter][None])
        return np.concatenate(parts)

    @cached_property
    def _feet(self) -> Floats:
        """Where the shelters meet their streets."""
        places = self._escape.shelters
        feet = np.full((len(places), 2), np.nan)
        here = np.flatnonzero(places.snapped)
        pieces = self._escape.network.pieces
        before, share = vertex_before(pieces, places.piece[here], places.fraction[here])
        feet[here] = self._between(before, share)
        return feet

    def _point(self, node: int) -> Floats:
        point: Floats = self._node_points[node][None]
        return point

    @cached_property
    def _node_points(self) -> Floats:
        part = self._escape.stretches
        points = np.empty((part.nodes, 2))
        points[part.start], points[part.end] = self._start, self._end
        return points

    def _stretch(self, step: int) -> Floats:
        """Return the vertices of a stretch after its first one, in the direction travelled."""
        if step not in self._drawn:
            stretch, against = divmod(step, 2)
            inner = self._vertices[self._low[stretch] + 1 : self._high[stretch] + 1]
            if against:
                line = np.concatenate([inner[::-1], self._start[stretch][None]])
            else:
                line = np.concatenate([inner, self._end[stretch][None]])
            self._drawn[step] = line
        return self._drawn[step]

    def _between(self, before: Ints, share: Floats) -> Floats:
        here, there = self._vertices[before], self._vertices[before + 1]
        points: Floats = here + share[:, None] * (there - here)
        return points


def _moved(xy: Floats, source: CRS, target: CRS) -> Floats:
    if source == target or not len(xy):
        return xy
    moved = np.full_like(xy, np.nan)
    there = np.isfinite(xy).all(axis=1)
    points = gpd.GeoSeries(shapely.points(xy[there]), crs=source).to_crs(target)
    moved[there] = shapely.get_coordinates(points)
    return moved
