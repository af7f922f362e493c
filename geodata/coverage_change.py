"""One change of a coverage: proven, and with what takes it back byte for byte."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arcs import scale
from geodata.border_errors import BorderError
from geodata.segments import exchanged
from geodata.settling import settled, straightened

_NARROW = 1.0  # metres of mean width: what is narrower is a sliver and no ground
_NECK = 0.1  # metres: two borders of one grid may not come nearer than twice this


_RING_FAULT = re.compile(r"\[(-?[\d.]+) (-?[\d.]+)\]")


@dataclass(frozen=True)
class Inverse:
    """What takes a change back.

    Attributes
    ----------
    before
        Rows that were changed or removed, as they were.
    added
        Keys that the change made.
    order
        Keys of all grids before the change.
    """

    before: gpd.GeoDataFrame
    added: tuple[Any, ...]
    order: tuple[Any, ...]

    def apply(self, grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Give the grids as they were before the change, byte for byte."""
        kept = grids.drop(index=[*self.added, *self.before.index], errors="ignore")
        return gpd.GeoDataFrame(pd.concat([kept, self.before]), crs=grids.crs).loc[list(self.order)]


@dataclass(frozen=True)
class Change:
    """Grids after an operation.

    Attributes
    ----------
    grids
        All grids given, changed where they were; new ones at the end.
    inverse
        Takes it back.
    changed
        Keys of grids with other ground than before, new ones included.
    noded
        Keys of neighbours that have only got points on their border.
    removed
        Keys of grids that are gone.
    """

    grids: gpd.GeoDataFrame
    inverse: Inverse
    changed: tuple[Any, ...]
    noded: tuple[Any, ...]
    removed: tuple[Any, ...]


def change(
    grids: gpd.GeoDataFrame, new: Mapping[Any, Any], removed: Sequence[Any], like: Any
) -> Change:
    """Put new areas in the place of others.

    Parameters
    ----------
    grids
        Polygons by key, the neighbours of what changes among them.
    new
        Areas by key; a key that is not in *grids* is a new grid.
    removed
        Keys of grids that go.
    like
        Key of the grid from which a new one takes its other columns.

    Raises
    ------
    BorderError
        An area that is no area, a sliver, or does not fit its neighbours; the place is named.
    """
    for key, shape in new.items():
        check_ground(key, shape, grids.crs)
    shapes = dict(zip(grids.index, grids.geometry.array, strict=True))
    old = [key for key in (*new, *removed) if key in shapes]
    new, noded = _fitted(shapes, old, new, grids.crs)
    added = tuple(key for key in new if key not in shapes)
    touched = [key for key in grids.index if key in new or key in removed or key in noded]
    inverse = Inverse(grids.loc[touched], added, tuple(grids.index))
    after = grids.drop(index=list(removed))
    if added:
        rows = gpd.GeoDataFrame(pd.concat([grids.loc[[like]]] * len(added)), crs=grids.crs)
        rows.index = pd.Index(added, name=grids.index.name)
        after = gpd.GeoDataFrame(pd.concat([after, rows]), crs=grids.crs)
    final = {**new, **noded}
    geometry = np.array(
        [final.get(key, shape) for key, shape in zip(after.index, after.geometry, strict=True)],
        dtype=object,
    )
    after = after.set_geometry(gpd.GeoSeries(geometry, index=after.index, crs=grids.crs))
    return Change(after, inverse, tuple(new), tuple(noded), tuple(removed))


def _fitted(
    shapes: Mapping[Any, Any], old: Sequence[Any], new: Mapping[Any, Any], crs: Any
) -> tuple[Mapping[Any, Any], dict[Any, Any]]:
    """Prove that new areas fit, and give them and the neighbours that have got points."""
    olds = [shapes[key] for key in old]
    try:
        return _straight(shapes, old, olds, new, crs)
    except BorderError as error:
        # the outside is never changed on purpose: lines that would leave it are refused before
        mended = settled(olds, new)
        if mended is None:
            raise
        for key, shape in mended.items():
            check_ground(key, shape, crs)
        try:
            return _straight(shapes, old, olds, mended, crs)
        except BorderError:
            raise error from None


def _straight(
    shapes: Mapping[Any, Any],
    old: Sequence[Any],
    olds: Sequence[Any],
    new: Mapping[Any, Any],
    crs: Any,
) -> tuple[Mapping[Any, Any], dict[Any, Any]]:
    """Prove that new areas fit: without spikes and slits, or else as they are."""
    made = straightened(olds, new)
    if made is not None:
        try:
            for key, shape in made.items():
                check_ground(key, shape, crs)
            return made, _noded(shapes, old, made)
        except BorderError:
            pass  # they are part of a border that stays
    return new, _noded(shapes, old, new)


def _noded(shapes: Mapping[Any, Any], old: Sequence[Any], new: Mapping[Any, Any]) -> dict[Any, Any]:
    """Give the neighbours that get points on their border; it may not cross itself by them."""
    found = exchanged(shapes, old, new.values())
    for shape in found.values():
        if not shape.is_valid:
            raise BorderError(
                "outside_changes", "the outside border would change", _crossing(shape)
            )
    return found


def check_ground(key: Any, shape: Any, crs: Any) -> None:
    """Raise BorderError unless an area is ground for a grid; the place is named."""
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise BorderError("empty", f"grid {key} would be empty")
    if not shape.is_valid:
        raise BorderError(
            "crosses_itself",
            f"the border of grid {key} would cross or touch itself",
            _crossing(shape),
        )
    factor = scale(shapely.get_coordinates(shape), crs)
    for part in shapely.get_parts(shape):
        measured = shapely.transform(part, lambda points: points * factor)
        width = 2 * measured.area / measured.length
        if width < _NARROW:
            middle = part.representative_point()
            raise BorderError(
                "sliver", f"grid {key} would have a strip only {width:.2f} m wide", middle.coords[0]
            )


def _crossing(shape: Any) -> tuple[float, float] | None:
    place = _RING_FAULT.search(shapely.is_valid_reason(shape))
    return None if place is None else (float(place[1]), float(place[2]))


def check_necks(key: Any, before: Any, after: Any, crs: Any) -> None:
    """Raise BorderError where a grid hangs together by almost nothing and did not before."""
    factor = scale(shapely.get_coordinates(after), crs)

    def pieces(shape: Any) -> Any:
        measured = shapely.transform(shape, lambda points: points * factor)
        return shapely.get_parts(shapely.buffer(measured, -_NECK, join_style="mitre"))

    found = pieces(after)
    if len(found) > max(len(pieces(before)), len(shapely.get_parts(after))):
        smallest = min(found, key=lambda piece: piece.area)
        place = np.asarray(smallest.representative_point().coords[0]) / factor
        raise BorderError(
            "sliver", f"grid {key} would hang together by less than {2 * _NECK:.1f} m", place
        )
