"""The map of a printed sheet: hazard, own grid, way with numbered turns, closures, shelter.

Meaning is carried by kinds of lines, hatching, shapes and words: it is legible in black and white.
"""

import math
from collections.abc import Sequence

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from gridmap.maps import ground as base
from gridmap.maps.frame import Paper, paper
from gridmap.maps.ink import Element, breadth, path, picture, put, words, written
from gridmap.model.sheet import Closure, Ground, Leaf, Shelter, Turn

WIDTH, HEIGHT = 470, 400
_ARROW_EVERY = 84.0
_ARROW = "M-7 -7.5L8 0L-7 7.5L-3.5 0Z"
_HOUSE = "M0 -19L17 -5V15H-17V-5Z"


class Taken:
    """Places on the paper that something stands on already."""

    def __init__(self, window: BaseGeometry) -> None:
        self.inside = window
        self._held: list[BaseGeometry] = []

    def hold(self, shape: BaseGeometry) -> None:
        """Keep a place."""
        self._held.append(shape)

    def free(self, shape: BaseGeometry) -> bool:
        """Take a place if nothing stands there."""
        if not self.inside.contains(shape) or any(shape.intersects(one) for one in self._held):
            return False
        self._held.append(shape)
        return True


def of_leaf(leaf: Leaf, ground: Ground, say: dict[str, str]) -> Markup:
    """Draw the map of one sheet.

    Parameters
    ----------
    say
        Words of the page's language: `title`, `clear`, `metres`, `north`.
    """
    shown = [leaf.outline] if leaf.outline is not None else []
    if leaf.way is not None:
        shown = [leaf.way.line, *(each.envelope for each in leaf.way.others)]
    elif not shown:
        shown = [ground.hazard]
    window = paper(shown, WIDTH, HEIGHT)
    root = picture(WIDTH, HEIGHT, say["title"])
    taken = Taken(shapely.box(4, 4, WIDTH - 4, HEIGHT - 4))
    base.draw(root, window, ground)
    if leaf.outline is not None:
        _own_grid(root, window, leaf.outline)
    _hazard(root, window, ground)
    if leaf.way is not None:
        _ways(root, window, leaf)
    _furniture(root, window, taken, say)
    ends = _ends(root, window, leaf, taken)
    _closures(root, window, ground.closures, taken)
    if leaf.way is not None:
        _turns(root, window, leaf.way.turns, ends, taken)
        taken.hold(window.flat(leaf.way.line).buffer(5))
    _label(root, window, ground, taken, say["clear"])
    if ground.blocked is not None:
        taken.hold(window.flat(ground.blocked))
    base.names(root, window, ground, taken.free)
    return written(root)


def overview(
    ground: Ground,
    shelters: Sequence[Shelter],
    leaves: Sequence[Leaf],
    say: dict[str, str],
    size: tuple[int, int] = (718, 400),
) -> Markup:
    """Draw the map of the cover: everything at once, ways as lines, grids with their labels."""
    width, height = size
    shown = [ground.hazard, *(leaf.way.line for leaf in leaves if leaf.way is not None)]
    window = paper(shown, width, height)
    root = picture(width, height, say["title"])
    taken = Taken(shapely.box(4, 4, width - 4, height - 4))
    base.draw(root, window, ground)
    for _label_text, outline in ground.grids:
        _own_grid(root, window, outline)
    _hazard(root, window, ground)
    for leaf in leaves:
        if leaf.way is not None:
            _thick(root, window.flat(leaf.way.line), 2.6)
    drawn: list[shapely.Point] = []
    for leaf in leaves:  # after all the lines, which would cover them
        if leaf.way is not None:
            _arrows(root, window.flat(leaf.way.line), drawn)
    _furniture(root, window, taken, say)
    for number, shelter in enumerate(shelters):
        _shelter(root, window, shelter, taken, chr(ord("A") + number) if number < 26 else None)
    _closures(root, window, ground.closures, taken)
    _label(root, window, ground, taken, say["clear"])
    for label, outline in ground.grids:
        inside = window.flat(outline).intersection(taken.inside)
        _inside(root, inside, label, 12, taken)
    base.names(root, window, ground, taken.free)
    return written(root)


def _own_grid(root: Element, window: Paper, outline: BaseGeometry) -> None:
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


def _hazard(root: Element, window: Paper, ground: Ground) -> None:
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


def _ways(root: Element, window: Paper, leaf: Leaf) -> None:
    assert leaf.way is not None
    for other in leaf.way.others:
        _thin(root, window.flat(other).intersection(window.window))
    line = window.flat(leaf.way.line)
    _thick(root, line, 4.2)
    _arrows(root, line, [])


def _arrows(root: Element, line: BaseGeometry, drawn: list[shapely.Point]) -> None:
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


def _thick(root: Element, line: BaseGeometry, width: float) -> None:
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


def _ends(root: Element, window: Paper, leaf: Leaf, taken: Taken) -> list[tuple[float, float]]:
    if leaf.shelter is None:
        return []
    return [_shelter(root, window, leaf.shelter, taken, None)]


def _shelter(
    root: Element, window: Paper, shelter: Shelter, taken: Taken, letter: str | None
) -> tuple[float, float]:
    """Draw the house of a shelter with its name beside it, on the side where there is room."""
    x, y = window.point(shelter.lon, shelter.lat)
    x, y = min(max(x, 24), window.width - 24), min(max(y, 24), window.height - 22)
    house = put(root, "g", transform=f"translate({x:.1f} {y:.1f})")
    put(house, "path", d=_HOUSE, fill="#000", stroke="#fff", stroke_width=1.5)
    put(
        house,
        "text",
        letter or "避",
        x=0,
        y=9,
        font_size=15,
        font_weight="700",
        text_anchor="middle",
        fill="#fff",
    )
    taken.hold(shapely.box(x - 19, y - 21, x + 19, y + 17))
    name = shelter.name
    while breadth(name, 13) > 230:
        name = name[:-2] + "…"
    wide = breadth(name, 13)
    for left, base_line in (
        (x + 22, y + 6),
        (x - 22 - wide, y + 6),
        (x - wide / 2, y + 32),
        (x - wide / 2, y - 26),
    ):
        if taken.free(shapely.box(left, base_line - 13, left + wide, base_line + 4)):
            words(root, name, left, base_line, 13, anchor="start", bold=True)
            break
    return x, y


def _closures(root: Element, window: Paper, closures: Sequence[Closure], taken: Taken) -> None:
    """Draw a ring with a bar where nobody passes."""
    for closure in closures:
        seen = window.flat(closure.shape).intersection(window.window)
        if seen.is_empty:
            continue
        if seen.geom_type.endswith(("Polygon", "Collection")):
            put(root, "path", d=path(seen), fill="none", stroke="#000", stroke_width=1.2)
        spot = seen.representative_point()
        ring = put(root, "g", transform=f"translate({spot.x:.1f} {spot.y:.1f})")
        put(ring, "circle", r=11, fill="#fff", stroke="#000", stroke_width=3)
        put(ring, "path", d="M-6 0h12", stroke="#000", stroke_width=3.4, fill="none")
        taken.hold(spot.buffer(13))


def _turns(
    root: Element,
    window: Paper,
    turns: Sequence[Turn],
    ends: Sequence[tuple[float, float]],
    taken: Taken,
) -> None:
    """Put the numbers of the steps where they are followed; near ones stand side by side."""
    set_: list[tuple[float, float]] = list(ends)
    for number, turn in enumerate(turns[:-1], start=1):
        x, y = window.point(turn.lon, turn.lat)
        for away in range(0, 5):
            for angle in (0, 90, 180, 270, 45, 135):
                at = (
                    x + away * 7 * math.cos(math.radians(angle)),
                    y + away * 7 * math.sin(math.radians(angle)),
                )
                if all(math.dist(at, other) >= 20.5 for other in set_):
                    break
            else:
                continue
            break
        at = (min(max(at[0], 12), WIDTH - 12), min(max(at[1], 12), HEIGHT - 12))
        set_.append(at)
        spot = put(root, "g", transform=f"translate({at[0]:.1f} {at[1]:.1f})")
        put(spot, "circle", r=10, fill="#fff", stroke="#000", stroke_width=2)
        put(
            spot,
            "text",
            str(number),
            x=0,
            y=4.7,
            font_size=13 if number < 10 else 11.5,
            font_weight="700",
            text_anchor="middle",
        )
        taken.hold(shapely.Point(at).buffer(11))


def _label(root: Element, window: Paper, ground: Ground, taken: Taken, clear: str) -> None:
    seen = window.flat(ground.hazard).intersection(
        shapely.box(30, 20, window.width - 30, window.height - 20)
    )
    if seen.is_empty:
        return
    _inside(root, seen, clear, 15, taken)


def _inside(root: Element, shape: BaseGeometry, text: str, size: float, taken: Taken) -> None:
    """Write words at the first free place inside a shape; without one they are left out."""
    if shape.is_empty:
        return
    half = breadth(text, size) / 2 + 2
    for spot in (shape.representative_point(), *shapely.points(_raster(shape))):
        box = shapely.box(spot.x - half, spot.y - size, spot.x + half, spot.y + size * 0.4)
        if shape.contains(spot) and taken.free(box):
            words(root, text, spot.x, spot.y, size, bold=True)
            return


def _raster(shape: BaseGeometry) -> list[tuple[float, float]]:
    west, south, east, north = shape.bounds
    return [
        (west + (east - west) * column / 6, south + (north - south) * row / 6)
        for row in range(1, 6)
        for column in range(1, 6)
    ]


def _furniture(root: Element, window: Paper, taken: Taken, say: dict[str, str]) -> None:
    """Draw scale and north."""
    metres, wide = window.bar
    x, y = window.width - wide - 20, window.height - 16
    put(
        root,
        "rect",
        x=x - 8,
        y=y - 22,
        width=wide + 16,
        height=30,
        rx=4,
        fill="#fff",
        fill_opacity=0.85,
    )
    put(
        root,
        "path",
        d=f"M{x:.1f} {y - 6}v6h{wide:.1f}v-6",
        fill="none",
        stroke="#000",
        stroke_width=2,
    )
    words(root, say["metres"].format(n=metres), x + wide / 2, y - 8, 11.3, ground=False)
    taken.hold(shapely.box(x - 8, y - 22, x + wide + 8, y + 8))
    north = put(root, "g", transform=f"translate({window.width - 24} 24)")
    put(north, "circle", cx=0, cy=4, r=19, fill="#fff", fill_opacity=0.85)
    put(north, "path", d="M0 -13l6 17l-6 -4l-6 4z", fill="#000")
    put(north, "text", say["north"], x=0, y=19, font_size=11.3, text_anchor="middle")
    taken.hold(shapely.box(window.width - 44, 0, window.width, 48))
