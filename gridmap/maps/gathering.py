"""Assembly points on printed maps: a double ring with the number of the lists, names beside it."""

from collections.abc import Iterable

import shapely

from gridmap.maps.frame import Paper
from gridmap.maps.ink import Element, breadth, put, words
from gridmap.maps.lettering import Taken
from gridmap.model.sheet import Point

_RADIUS = 9.5


def points(
    root: Element, window: Paper, found: Iterable[Point], taken: Taken, *, named: bool = False
) -> list[tuple[float, float]]:
    """Draw assembly points that lie on the paper; `named` writes their streets where it can.

    Returns
    -------
    Where they stand, in pixels.
    """
    drawn = []
    for point in sorted(found, key=lambda one: one.number):
        x, y = window.point(point.lon, point.lat)
        if not taken.inside.contains(shapely.box(x - 10, y - 10, x + 10, y + 10)):
            continue
        spot = put(root, "g", transform=f"translate({x:.1f} {y:.1f})")
        put(spot, "circle", r=_RADIUS + 2, fill="#fff")
        put(spot, "circle", r=_RADIUS, fill="#fff", stroke="#000", stroke_width=1.3)
        put(spot, "circle", r=_RADIUS - 2.6, fill="none", stroke="#000", stroke_width=0.8)
        size = 10 if point.number < 10 else 8.5
        put(
            spot,
            "text",
            str(point.number),
            x=0,
            y=size * 0.36,
            font_size=size,
            font_weight="700",
            text_anchor="middle",
        )
        taken.hold(shapely.Point(x, y).buffer(_RADIUS + 2))
        drawn.append((point, x, y))
    for point, x, y in drawn if named else ():
        _name(root, point, x, y, taken)
    return [(x, y) for _point, x, y in drawn]


def _name(root: Element, point: Point, x: float, y: float, taken: Taken) -> None:
    text, size = point.name or point.near or "", 9.5
    wide = breadth(text, size)
    if not text or wide > 190:
        return
    for left, low in ((x + 14, y + 3.5), (x - 14 - wide, y + 3.5), (x - wide / 2, y + 22)):
        if taken.free(shapely.box(left, low - size, left + wide, low + 2)):
            words(root, text, left, low, size, anchor="start")
            return
