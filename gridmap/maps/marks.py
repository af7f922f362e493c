"""Marks on maps of paper that colour is not needed for: hatching, signs, letters, arrows."""

import math
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.maps.frame import Paper
from gridmap.maps.ink import Element, breadth, path, put, words
from gridmap.maps.lettering import Taken

HOUSE = "M0 -15L14 -4V12H-14V-4Z"
_ARROW = "M-6 -6L7 0L-6 6L-3 0Z"
_ARROW_EVERY = 80.0
_ARROW_APART = 26.0  # nearer than this to one that points the same way an arrow says nothing
_SAME_WAY = 60.0  # degrees
Arrow = tuple[float, float, float]


def hatched(shape: BaseGeometry, pitch: float, *, against: bool = False) -> BaseGeometry:
    """Give lines at 45 degrees across a shape; their places do not depend on the shape."""
    if shape.is_empty:
        return shape
    west, south, east, north = shape.bounds
    high = north - south + 2
    lines = []
    at = math.floor((west - high) / pitch) * pitch
    while at < east + high:
        start, end = (at, at + high) if not against else (at + high, at)
        lines.append(shapely.LineString([(start, south - 1), (end, north + 1)]))
        at += pitch
    return shapely.MultiLineString(lines).intersection(shape)


def dotted(shape: BaseGeometry, pitch: float) -> BaseGeometry:
    """Give short strokes across a shape, in rows that stand apart."""
    if shape.is_empty:
        return shape
    west, south, east, north = shape.bounds
    strokes = []
    row = math.floor(south / pitch)
    while row * pitch < north:
        x = math.floor(west / pitch) * pitch + (pitch / 2 if row % 2 else 0)
        while x < east:
            strokes.append(shapely.LineString([(x - 2.4, row * pitch), (x + 2.4, row * pitch)]))
            x += pitch
        row += 1
    return shapely.MultiLineString(strokes).intersection(shape) if strokes else shape


def line(root: Element, shape: BaseGeometry, width: float, **more: object) -> None:
    """Draw a line in black on a white ground that keeps it apart from what is under it."""
    data = path(shape)
    if not data:
        return
    shared: dict[str, Any] = {
        "fill": "none",
        "stroke_linejoin": "round",
        "stroke_linecap": "round",
    }
    ground = {**shared, "stroke": "#fff", "stroke_opacity": 0.85}
    put(root, "path", d=data, stroke_width=width + 3.0, **ground)
    put(root, "path", d=data, stroke="#000", stroke_width=width, **{**shared, **more})


def double(root: Element, shape: BaseGeometry) -> None:
    """Draw a thin double line: what lies over the grids and is none of their borders."""
    line(root, shape, 4.0)
    put(root, "path", d=path(shape), fill="none", stroke="#fff", stroke_width=1.8)


def arrows(root: Element, way: BaseGeometry, drawn: list[Arrow]) -> None:
    """Set arrowheads along a way, in the direction in which it is written.

    Where ways share a street those `drawn` already serve for all of them; new ones are added.
    """
    for part in shapely.get_parts(way):
        at = _ARROW_EVERY * 0.5
        while at < part.length - 10:
            here, there = part.interpolate(at - 1), part.interpolate(at + 1)
            turn = math.degrees(math.atan2(there.y - here.y, there.x - here.x))
            at += _ARROW_EVERY
            if any(_told(here, turn, arrow) for arrow in drawn):
                continue
            drawn.append((here.x, here.y, turn))
            put(
                root,
                "path",
                d=_ARROW,
                fill="#fff",
                stroke="#000",
                stroke_width=1.2,
                stroke_linejoin="round",
                transform=f"translate({here.x:.1f} {here.y:.1f})rotate({turn:.1f})",
            )


def _told(here: shapely.Point, turn: float, arrow: Arrow) -> bool:
    x, y, other = arrow
    if math.hypot(here.x - x, here.y - y) > _ARROW_APART:
        return False
    return abs((turn - other + 180) % 360 - 180) < _SAME_WAY


def shelter(root: Element, x: float, y: float, letter: str) -> None:
    """Draw the black house of a shelter with a white letter."""
    house = put(root, "g", transform=f"translate({x:.1f} {y:.1f})")
    put(house, "path", d=HOUSE, fill="#000", stroke="#fff", stroke_width=1.5)
    put(house, "text", letter, x=0, y=7.5, fill="#fff", **_sign(12.5))


def store(root: Element, x: float, y: float, letter: str) -> None:
    """Draw the white box of a store of supplies with its number."""
    box = put(root, "g", transform=f"translate({x:.1f} {y:.1f})")
    put(box, "path", d="M-11 -11h22v22h-22z", fill="#fff", stroke="#000", stroke_width=2)
    put(box, "path", d="M-11 -6h22", fill="none", stroke="#000", stroke_width=1.4)
    put(box, "text", letter, x=0, y=7, fill="#000", **_sign(11.5))


def clinic(root: Element, x: float, y: float) -> None:
    """Draw the ringed cross of a clinic or hospital."""
    ring = put(root, "g", transform=f"translate({x:.1f} {y:.1f})")
    put(ring, "circle", r=10, fill="#fff", stroke="#000", stroke_width=1.8)
    put(ring, "path", d="M0 -6v12M-6 0h12", stroke="#000", stroke_width=3.6, fill="none")


def unsafe(root: Element, shape: BaseGeometry, grade: str) -> None:
    """Mark a house that was found unsafe: crossed out when wholly, barred when partly."""
    put(root, "path", d=path(shape), fill="#fff", stroke="#000", stroke_width=1.6)
    west, south, east, north = shape.bounds
    strokes = f"M{west:.1f} {north:.1f}L{east:.1f} {south:.1f}"
    if grade == "D":
        strokes += f"M{west:.1f} {south:.1f}L{east:.1f} {north:.1f}"
    put(root, "path", d=strokes, fill="none", stroke="#000", stroke_width=2.2)


def _sign(size: float) -> dict[str, Any]:
    return {"font_size": size, "font_weight": "700", "text_anchor": "middle"}


def inside(root: Element, shape: BaseGeometry, text: str, size: float, taken: Taken) -> bool:
    """Write words at the first free place inside a shape; without one they are left out."""
    if shape.is_empty:
        return False
    half = breadth(text, size) / 2 + 2
    for spot in (shape.representative_point(), *shapely.points(_raster(shape))):
        box = shapely.box(spot.x - half, spot.y - size, spot.x + half, spot.y + size * 0.4)
        if shape.contains(spot) and taken.free(box):
            words(root, text, spot.x, spot.y, size, bold=True)
            return True
    return False


def _raster(shape: BaseGeometry) -> list[tuple[float, float]]:
    west, south, east, north = shape.bounds
    steps = 9
    spots = [
        (west + (east - west) * column / steps, south + (north - south) * row / steps)
        for row in range(1, steps)
        for column in range(1, steps)
    ]
    middle = ((west + east) / 2, (south + north) / 2)
    return sorted(spots, key=lambda spot: (round(math.dist(spot, middle), 3), spot))


def beside(  # noqa: PLR0913, PLR0917 - a name stands at a place, in a size, where there is room
    root: Element, text: str, x: float, y: float, size: float, taken: Taken
) -> bool:
    """Write a name beside a sign, on the side where there is room."""
    wide = breadth(text, size)
    for left, bottom in (
        (x + 17, y + size * 0.35),
        (x - 17 - wide, y + size * 0.35),
        (x - wide / 2, y + 16 + size),
        (x - wide / 2, y - 18),
    ):
        if taken.free(shapely.box(left, bottom - size, left + wide, bottom + size * 0.35)):
            words(root, text, left, bottom, size, anchor="start", bold=True)
            return True
    return False


def furniture(root: Element, window: Paper, taken: Taken, say: dict[str, str]) -> None:
    """Draw the scale and the north arrow in their corners."""
    metres, wide = window.bar
    x, y = window.width - wide - 22, window.height - 14
    put(
        root,
        "rect",
        x=x - 9,
        y=y - 23,
        width=wide + 18,
        height=31,
        rx=4,
        fill="#fff",
        fill_opacity=0.9,
    )
    bar = f"M{x:.1f} {y - 6}v6h{wide:.1f}v-6"
    put(root, "path", d=bar, fill="none", stroke="#000", stroke_width=2)
    words(root, say["metres"].format(n=metres), x + wide / 2, y - 9, 11.5, ground=False)
    taken.hold(shapely.box(x - 9, y - 23, x + wide + 9, y + 8))
    north = put(root, "g", transform=f"translate({window.width - 26} 26)")
    put(north, "circle", cx=0, cy=4, r=20, fill="#fff", fill_opacity=0.9)
    put(north, "path", d="M0 -14l6.5 18l-6.5 -4.4l-6.5 4.4z", fill="#000")
    put(north, "text", say["north"], x=0, y=19, font_size=11.5, text_anchor="middle")
    taken.hold(shapely.box(window.width - 48, 0, window.width, 52))
