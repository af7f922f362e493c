"""The picture of the districting benchmark: a map for each method, the table below."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont

_MAP = 420  # pixels
_GAP = 20
_LINE = 26
_TARGET, _ALLOWED, _GOOD = 400, 100, 40
_INK, _PAPER, _FAINT = (30, 30, 30), (255, 255, 255), (150, 150, 150)
# colours that differ in lightness too, so that they are told apart in grey
_WITHIN_TENTH, _WITHIN, _OUTSIDE = (204, 229, 214), (242, 205, 120), (190, 60, 50)


def picture(
    drawn: list[tuple[dict[str, Any], gpd.GeoDataFrame, dict[str, Any]]],
    columns: tuple[tuple[str, str, str], ...],
    path: Path,
) -> None:
    """Draw one row of maps and one table for each place.

    Parameters
    ----------
    drawn
        Figures, blocks and labels by method, for each place.
    columns
        Key, title and format of each column.
    path
        Where the PNG is written.
    """
    count = max(len(place["methods"]) for place, _, _ in drawn)
    width = count * (_MAP + _GAP) + _GAP
    table = (count + 3) * _LINE
    height = len(drawn) * (_MAP + 3 * _LINE + table) + 2 * _LINE
    image = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(image)
    top = _GAP
    for place, blocks, labels in drawn:
        title = f"{place['name']}: {place['blocks']:,} blocks, {place['households']:,} households"
        pen.text((_GAP, top), title, _INK, _font(22))
        for number, row in enumerate(place["methods"]):
            left = _GAP + number * (_MAP + _GAP)
            pen.text((left, top + 1.3 * _LINE), row["method"], _INK, _font(17))
            corner = (left, int(top + 2.3 * _LINE))
            if row["method"] in labels:
                _map(pen, corner, blocks, labels[row["method"]])
            else:
                pen.text((left, top + _MAP // 2), row["none"][:44], _FAINT, _font(17))
        top += _MAP + 3 * _LINE
        _table(pen, top, place["methods"], columns)
        top += table
    _legend(pen, top)
    image.save(path, optimize=True)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _map(pen: Any, corner: tuple[int, int], blocks: gpd.GeoDataFrame, labels: Any) -> None:
    """Colour each grid by its households; grids are parted by dark lines."""
    west, south, east, north = blocks.total_bounds
    scale = _MAP / max(east - west, north - south)
    households = np.bincount(labels, blocks["households"].to_numpy())
    off = np.abs(households - _TARGET)
    grids = blocks.dissolve(labels)
    for label, shape in grids.geometry.items():
        fill = _WITHIN_TENTH if off[label] <= _GOOD else _WITHIN
        fill = fill if off[label] <= _ALLOWED else _OUTSIDE
        for part in shapely.get_parts(shape):
            points = shapely.get_coordinates(shapely.get_exterior_ring(part))
            pixels = [
                (corner[0] + (x - west) * scale, corner[1] + (north - y) * scale) for x, y in points
            ]
            pen.polygon(pixels, fill=fill, outline=_INK)


def _table(
    pen: Any, top: int, rows: list[dict[str, Any]], columns: tuple[tuple[str, str, str], ...]
) -> None:
    lefts = [_GAP, *(_GAP + 340 + 210 * number for number in range(len(columns) - 1))]
    for left, (_, title, _) in zip(lefts, columns, strict=True):
        pen.text((left, top), title, _INK, _font(17))
    bottom = top + _LINE - 3
    pen.line([(_GAP, bottom), (lefts[-1] + 200, bottom)], fill=_FAINT)
    for number, row in enumerate(rows):
        line = top + (number + 1) * _LINE
        for left, (key, _, form) in zip(lefts, columns, strict=True):
            if key in row:
                pen.text((left, line), form % row[key], _INK, _font(17))
        if "none" in row:
            pen.text((lefts[1], line), row["none"], _FAINT, _font(17))


def _legend(pen: Any, top: int) -> None:
    left = _GAP
    for colour, words in (
        (_WITHIN_TENTH, "within 10 % of 400 households"),
        (_WITHIN, "within 300-500"),
        (_OUTSIDE, "outside"),
    ):
        pen.rectangle((left, top, left + 22, top + 18), fill=colour, outline=_INK)
        pen.text((left + 30, top), words, _INK, _font(17))
        left += 320
