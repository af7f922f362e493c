"""Lines of a printed map: hazard, grids and ways, told apart by their kinds and not by colour."""

import math

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.maps.frame import Paper
from gridmap.maps.ink import Element, path, put
from gridmap.model.sheet import Ground, Leaf

_ARROW_EVERY = 84.0
_ARROW = "M-7 -7.5L8 0L-7 7.5L-3.5 0Z"


def own_grid(root: Element, window: Paper, outline: BaseGeometry) -> None:
    """Draw the border of a grid, as dots."""
    # zero dashes with round ends: dots
    put(
        root,
        "path",
        d=path(window.flat(outline)),
        fill="none",
        stroke="#000",
        stroke_width=2.2,
        stroke_dasharray="0.1 4.6",
        stroke_linecap="round",
    )


def hazard(root: Element, window: Paper, ground: Ground) -> None:
    """Hatch the ground to be left, and draw its border; what is blocked is hatched twice."""
    shape = window.flat(ground.hazard)
    seen = shape.intersection(window.window)
    if not seen.is_empty:
        hatch = _hatched(seen, 11.0)
        put(root, "path", d=path(hatch), fill="none", stroke="#000", stroke_width=0.9, opacity=0.5)
    if ground.blocked is not None:
        deep = window.flat(ground.blocked).intersection(window.window)
        if not deep.is_empty:
            for lines in (_hatched(deep, 5.5), _hatched(deep, 5.5, against=True)):
                put(root, "path", d=path(lines), fill="none", stroke="#000", stroke_width=0.7)
            put(root, "path", d=path(deep), fill="none", stroke="#000", stroke_width=1.2)
    edge = shapely.box(-60, -60, window.width + 180, window.height + 300)
    outline = path(shape.boundary.intersection(edge))
    put(root, "path", d=outline, fill="none", stroke="#fff", stroke_width=6, stroke_opacity=0.8)
    put(
        root,
        "path",
        d=outline,
        fill="none",
        stroke="#000",
        stroke_width=3,
        stroke_dasharray="14 5 3 5",
        stroke_linejoin="round",
    )


def _hatched(shape: BaseGeometry, pitch: float, against: bool = False) -> BaseGeometry:
    """Give lines at 45 degrees across a shape; their places do not depend on the shape."""
    west, south, east, north = shape.bounds
    sign = -1.0 if against else 1.0
    reach = (north - south) + 2
    first = math.floor((west - reach) / pitch) * pitch
    lines = []
    at = first
    while at < east + reach:
        bottom, top = south - 1, north + 1
        lean = (top - bottom) * sign
        start = at if sign > 0 else at + (top - bottom)
        lines.append(shapely.LineString([(start, bottom), (start + lean, top)]))
        at += pitch
    return shapely.MultiLineString(lines).intersection(shape)


def ways(root: Element, window: Paper, leaf: Leaf) -> None:
    """Draw the way of a sheet, thick with arrowheads, and the others that lead to it."""
    assert leaf.way is not None
    for other in leaf.way.others:
        _thin(root, window.flat(other).intersection(window.window))
    line = window.flat(leaf.way.line)
    thick(root, line, 4.2)
    arrows(root, line, [])


def arrows(root: Element, line: BaseGeometry, drawn: list[shapely.Point]) -> None:
    """Set arrowheads along a way; where ways share a street those `drawn` serve for all."""
    before = list(drawn)  # those of other ways: of its own it keeps every one
    at = _ARROW_EVERY * 0.6
    while at < line.length - 24:
        here, there = line.interpolate(at - 1), line.interpolate(at + 1)
        turn = math.degrees(math.atan2(there.y - here.y, there.x - here.x))
        at += _ARROW_EVERY
        if any(here.distance(other) < _ARROW_EVERY / 2 for other in before):
            continue
        drawn.append(here)
        put(
            root,
            "path",
            d=_ARROW,
            fill="#fff",
            stroke="#000",
            stroke_width=1.3,
            stroke_linejoin="round",
            transform=f"translate({here.x:.1f} {here.y:.1f})rotate({turn:.1f})",
        )


def _thin(root: Element, line: BaseGeometry) -> None:
    data = path(line.simplify(0.4))
    if data:
        put(root, "path", d=data, fill="none", stroke="#555", stroke_width=0.5)


def thick(root: Element, line: BaseGeometry, width: float) -> None:
    """Draw a way in black on white."""
    data = path(line)
    if not data:
        return
    for stroke, more in (("#fff", 4.0 if width > 2 else 2.0), ("#000", 0.0)):
        put(
            root,
            "path",
            d=data,
            fill="none",
            stroke=stroke,
            stroke_width=width + more,
            stroke_linejoin="round",
            stroke_linecap="round",
        )
