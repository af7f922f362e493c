"""Depth rasters (GeoTIFF) into areas: what is deeper than each threshold, one row a class.

Cells of a class become one shape, cell by cell; nothing is interpolated. A border of very many
corners is simplified by at most half a cell, and the row says so.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from PIL import Image, UnidentifiedImageError

from geodata.crs import to_wgs84
from geodata.errors import Fault, GeodataError
from geodata.readers import sizes
from geodata.shapes import check_geometry

MAGIC = (b"II*\x00", b"MM\x00*")
MAX_BYTES = 200 * 1024**2
MOST_CELLS = 4_000_000
MOST_VERTICES = 5_000  # of one class, before it is simplified
# metres of water: a child, an adult, a car, nobody is safe any more
DEPTHS: Mapping[str, float] = {"blue": 0.15, "yellow": 0.3, "orange": 0.6, "red": 1.2}

_SCALE, _TIEPOINT, _MATRIX, _KEYS, _NODATA = 33550, 33922, 34264, 34735, 42113
_MODEL_TYPE, _RASTER_TYPE, _GEOGRAPHIC, _PROJECTED = 1024, 1025, 2048, 3072
_USER_DEFINED = 32767
_PIXEL_IS_POINT = 2
_NAMED = 10  # values that a refusal names
_MODES = {"L", "I;16", "I;16B", "I", "F", "P", "1"}


@dataclass(frozen=True)
class Raster:
    """Values with their place: cell (row, column) begins at x0 + column * dx, y0 - row * dy."""

    values: npt.NDArray[np.float64]
    x0: float
    y0: float
    dx: float
    dy: float
    epsg: int | None


def read(
    path: str | Path,
    crs: object = None,
    thresholds: Mapping[str, float] | None = None,
    categories: Mapping[str, Sequence[float]] | None = None,
) -> gpd.GeoDataFrame:
    """Read a raster of depths or categories as the areas of its classes.

    Parameters
    ----------
    path
        A GeoTIFF of one band, not turned; cells without data are passed over.
    crs
        What its coordinates are, as in `geodata.crs.to_wgs84`; None takes what the file says.
    thresholds
        From which value on a cell belongs to a class; `DEPTHS` when None.
    categories
        Values of the cells that belong to a class, in place of thresholds: a map of
        susceptibility, say. Cells of other values belong to none.

    Returns
    -------
    GeoDataFrame
        One row for each class that occurs, in EPSG:4326: `severity`, `least` (its threshold, or
        the lowest of its values), `cells`, `note` (what was simplified, "" for nothing); of the
        raster as a whole, the same in each row: `nodata` (cells without data), `epsg` (code of
        the coordinate system it says itself, 0 for none).

    Raises
    ------
    GeodataError
        If it is no GeoTIFF of one band, has no place or no coordinate system, is turned, too large,
        without any data, below every threshold, or without any of the categories.
    """
    path = Path(path)
    raster = _raster(sizes.readable(path, MAX_BYTES))
    known = np.isfinite(raster.values)
    if not known.any():
        raise GeodataError(f"{path.name}: no cell has data")
    if categories:
        masks = [
            (name, min(values), known & np.isin(raster.values, list(values)))
            for name, values in sorted(categories.items(), key=lambda each: min(each[1]))
        ]
    else:
        masks = _deep(raster, known, dict(thresholds) if thresholds else dict(DEPTHS))
    rows = []
    nodata = int((~known).sum())
    for severity, least, mask in masks:
        if mask.any():
            shape, note = _thinned(_shape(mask, raster), raster)
            cells = int(mask.sum())
            rows.append((severity, least, cells, note, nodata, raster.epsg or 0, shape))
    if not rows:
        raise GeodataError(f"{path.name}: {_nothing(raster, known, masks, bool(categories))}")
    return _placed(rows, raster, crs)


_Mask = tuple[str, float, npt.NDArray[np.bool_]]


def _deep(
    raster: Raster, known: npt.NDArray[np.bool_], thresholds: Mapping[str, float]
) -> list[_Mask]:
    limits = sorted(thresholds.items(), key=lambda each: each[1])
    ends = [least for _name, least in limits[1:]] + [math.inf]
    return [
        (name, least, known & (raster.values >= least) & (raster.values < above))
        for (name, least), above in zip(limits, ends, strict=True)
    ]


def _nothing(
    raster: Raster, known: npt.NDArray[np.bool_], masks: Sequence[_Mask], by_category: bool
) -> str:
    """Say why no class occurs: what the most is, or which values there are."""
    held = raster.values[known]
    if by_category:
        found = np.unique(held)
        words = ", ".join(f"{value:g}" for value in found[:_NAMED])
        return f"no cell is of a category that was named; its values are {words}"
    return f"no cell reaches {masks[0][1]:g}; the most is {float(held.max()):g}"


def _placed(rows: list[tuple[Any, ...]], raster: Raster, crs: object) -> gpd.GeoDataFrame:
    names = ["severity", "least", "cells", "note", "nodata", "epsg", "geometry"]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=names), geometry="geometry", crs=raster.epsg
    )
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="feature")
    found = to_wgs84(frame, crs)
    faults = []
    for number, shape in found.geometry.items():
        try:
            check_geometry(shape, max_vertices=4 * MOST_VERTICES)
        except GeodataError as error:
            faults += [Fault(fault.message, row=number) for fault in error.faults]
    if faults:
        raise GeodataError(faults)
    return found


def _raster(path: Path) -> Raster:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tags that say nothing about the cells
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("TIFF",)) as image:
                return _opened(path, image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, KeyError) as error:
        raise GeodataError(f"{path.name}: the TIFF cannot be read: {error}"[:300]) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise GeodataError(f"{path.name}: at most {MOST_CELLS:,} cells are taken") from error


def _opened(path: Path, image: Image.Image) -> Raster:
    width, height = image.size
    if width * height > MOST_CELLS:
        raise GeodataError(f"{path.name}: at most {MOST_CELLS:,} cells are taken")
    if image.mode not in _MODES:
        raise GeodataError(f"{path.name}: one band of numbers is needed, not {image.mode}")
    tags = dict(getattr(image, "tag_v2", {}))
    if _MATRIX in tags:
        raise GeodataError(f"{path.name}: a raster that is turned is not taken; warp it first")
    if _SCALE not in tags or _TIEPOINT not in tags:
        raise GeodataError(f"{path.name}: this TIFF does not say where it lies")
    dx, dy = (float(value) for value in tags[_SCALE][:2])
    column, row, _z, x, y = (float(value) for value in tags[_TIEPOINT][:5])
    if not (dx > 0 and dy > 0 and all(map(math.isfinite, (dx, dy, x, y)))):
        raise GeodataError(f"{path.name}: the size of its cells cannot be true")
    keys = _geo_keys(tags.get(_KEYS, ()))
    half = 0.5 if keys.get(_RASTER_TYPE) == _PIXEL_IS_POINT else 0.0
    values = np.asarray(image, dtype=np.float64)
    nodata = _nodata(tags.get(_NODATA))
    if nodata is not None:
        values = np.where(values == nodata, np.nan, values)
    return Raster(
        values=values,
        x0=x - (column + half) * dx,
        y0=y + (row + half) * dy,
        dx=dx,
        dy=dy,
        epsg=_epsg(keys),
    )


def _geo_keys(directory: Any) -> dict[int, int]:
    """Give the keys whose value stands in the directory itself."""
    numbers = [int(value) for value in directory]
    found = {}
    for at in range(4, len(numbers) - 3, 4):
        key, location, _count, value = numbers[at : at + 4]
        if location == 0:
            found[key] = value
    return found


def _epsg(keys: Mapping[int, int]) -> int | None:
    for key in (_PROJECTED, _GEOGRAPHIC):
        code = keys.get(key)
        if code and code != _USER_DEFINED:
            return code
    return None


def _nodata(text: Any) -> float | None:
    if text is None:
        return None
    try:
        return float(str(text).strip("\x00 "))
    except ValueError:
        return None


def _shape(mask: npt.NDArray[np.bool_], raster: Raster) -> shapely.MultiPolygon:
    """Unite the cells of a class: runs along each row first, then the rows."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    row, first = np.nonzero(steps == 1)
    _row, last = np.nonzero(steps == -1)
    boxes = shapely.box(
        raster.x0 + first * raster.dx,
        raster.y0 - (row + 1) * raster.dy,
        raster.x0 + last * raster.dx,
        raster.y0 - row * raster.dy,
    )
    return _areal(shapely.union_all(boxes))


def _thinned(shape: shapely.MultiPolygon, raster: Raster) -> tuple[shapely.MultiPolygon, str]:
    before = int(shapely.get_num_coordinates(shape))
    if before <= MOST_VERTICES:
        return shape, ""
    found = _areal(shapely.simplify(shape, max(raster.dx, raster.dy) / 2, preserve_topology=True))
    after = int(shapely.get_num_coordinates(found))
    return found, f"border simplified by half a cell at most: {before} corners became {after}"


def _areal(shape: Any) -> shapely.MultiPolygon:
    whole = shape if shapely.is_valid(shape) else shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
