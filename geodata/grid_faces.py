"""The ground of a community cut along every border drawn on it, and what lies beside what."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.grid_changes import ROUNDING, sizes
from geodata.grid_snapping import scales

NOBODY = -1
_PIXEL = 1e-12  # degrees, a tenth of a micrometre: a vertex this near to a border lies on it


class Faces:
    """Faces of one community.

    Parameters
    ----------
    outline
        Of the community, EPSG:4326.
    shapes
        Grids drawn on it; some may reach over its border.
    """

    def __init__(self, outline: Any, shapes: Sequence[Any]) -> None:
        self.scale = scales([outline])
        drawn = np.asarray([outline, *shapes], dtype=object)
        # where borders meet there is a vertex of all of them from now on
        lines = shapely.union_all(shapely.boundary(drawn), grid_size=_PIXEL)
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
        faces = _as_drawn(faces, shapely.get_coordinates(drawn))
        points = shapely.point_on_surface(faces)
        shapely.prepare(outline)
        inside = shapely.contains(outline, points)
        self.shapes, points = faces[inside], points[inside]
        self.part = shapely.STRtree(shapely.get_parts(outline)).nearest(points)
        self.covers: list[tuple[int, ...]] = [()] * len(points)
        if len(shapes):
            tree = shapely.STRtree(points)
            shape, face = tree.query(np.asarray(shapes, dtype=object), predicate="contains")
            for number, who in sorted(zip(face.tolist(), shape.tolist(), strict=True)):
                self.covers[number] += (who,)
        self._measure()
        self._join()

    def _measure(self) -> None:
        self.area, width = sizes(self.shapes)
        self.tiny = (self.area < ROUNDING) | (width < ROUNDING)

    def _join(self) -> None:
        """Find which faces share how many metres of border."""
        rings, face = shapely.get_rings(self.shapes, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        joined = ring[1:] == ring[:-1]
        one, other = points[:-1][joined], points[1:][joined]
        owner = face[ring[:-1][joined]]
        turned = (one[:, 0] > other[:, 0]) | (
            (one[:, 0] == other[:, 0]) & (one[:, 1] > other[:, 1])
        )
        segments = np.hstack(
            [np.where(turned[:, None], other, one), np.where(turned[:, None], one, other)]
        )
        order = np.lexsort(segments.T)
        segments, owner = segments[order], owner[order]
        same = (segments[1:] == segments[:-1]).all(axis=1)
        at = np.flatnonzero(same)
        metres = np.hypot(*((segments[at, 2:] - segments[at, :2]) * self.scale).T)
        self.one, self.other, self.metres = owner[at], owner[at + 1], metres
        alone = np.ones(len(segments), dtype=bool)
        alone[at] = alone[at + 1] = False
        self.on_edge = np.zeros(len(self.shapes), dtype=bool)
        self.on_edge[owner[alone]] = True

    def groups(self, label: Any, chosen: Any) -> list[Any]:
        """Give the chosen faces of one label that hang together along borders, as positions."""
        if not chosen.any():
            return []
        keep = chosen[self.one] & chosen[self.other] & (label[self.one] == label[self.other])
        size = len(self.shapes)
        links = coo_array(
            (np.ones(int(keep.sum()), dtype=np.int8), (self.one[keep], self.other[keep])),
            shape=(size, size),
        )
        group = connected_components(links, directed=False)[1]
        places = np.flatnonzero(chosen)
        found: dict[int, list[int]] = {}
        for place in places.tolist():
            found.setdefault(int(group[place]), []).append(place)
        return [np.array(each) for each in found.values()]

    def beside(self, group: Any, owner: Any) -> list[tuple[int, float]]:
        """Give who has ground along a group of faces, with metres of border, the most first."""
        inside = np.zeros(len(self.shapes), dtype=bool)
        inside[group] = True
        across = inside[self.one] != inside[self.other]
        outer = np.where(inside[self.one], self.other, self.one)[across]
        found: dict[int, float] = {}
        for face, metres in zip(outer.tolist(), self.metres[across].tolist(), strict=True):
            if owner[face] != NOBODY:
                found[int(owner[face])] = found.get(int(owner[face]), 0.0) + metres
        return sorted(found.items(), key=lambda item: (-round(item[1], 3), item[0]))

    def ground(self, group: Any) -> Any:
        """Unite faces; every vertex on their outside stays."""
        shapes = self.shapes[group]
        return shapes[0] if len(shapes) == 1 else shapely.coverage_union_all(shapes)

    def widths(self, group: Any) -> tuple[float, float]:
        """Measure a group of faces: square metres, and mean width in metres."""
        flat = shapely.transform(self.ground(group), lambda points: points * self.scale)
        area = float(self.area[group].sum())
        return area, 2 * area / max(float(shapely.length(flat)), 1e-9)


def _as_drawn(faces: Any, drawn: Any) -> Any:
    """Give vertices that were put on a fine raster the places that they were drawn at."""
    points = shapely.get_coordinates(faces)
    pixel = np.rint(drawn / _PIXEL).astype(np.int64)
    place: dict[tuple[int, ...], list[float]] = {}
    for key, at in zip(map(tuple, pixel.tolist()), drawn.tolist(), strict=True):
        place.setdefault(key, at)
    keys = map(tuple, np.rint(points / _PIXEL).astype(np.int64).tolist())
    back = [place.get(key, at) for key, at in zip(keys, points.tolist(), strict=True)]
    return shapely.set_coordinates(faces.copy(), np.array(back).reshape(-1, 2))
