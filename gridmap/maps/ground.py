"""The base map of a printed figure: water, buildings, streets and their names, in pale grey."""

import math
from collections.abc import Callable, Iterable

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.maps.frame import Paper
from gridmap.maps.ink import Element, path, put
from gridmap.model.sheet import Ground, Street

# No line of the base map is darker than 35 % grey: the way and the hazard are what one reads.
CASE, FOOT, NAME = "#a8a8a8", "#b0b0b0", "#333"
WATER, GREEN, BUILDING = "#e2e2e2", "#f1f1f1", "#dedede"
_BUILDINGS_FROM = 5.0  # metres in a pixel up to which houses are drawn
_CLASSES = (
    ("foot", 1.6, ("footway", "path", "pedestrian", "steps", "cycleway", "bridleway", "corridor")),
    ("small", 3.4, ("residential", "living_street", "service", "unclassified", "track", "road")),
    ("middle", 5.2, ("tertiary", "tertiary_link", "secondary_link", "primary_link")),
    ("large", 7.0, ("secondary", "primary", "trunk", "motorway", "trunk_link", "motorway_link")),
)
_KIND_OF = {highway: name for name, _width, highways in _CLASSES for highway in highways}
_NAMED = ("large", "middle", "small")


def draw(root: Element, paper: Paper, ground: Ground) -> None:
    """Draw the base map of a window."""
    put(root, "rect", width=paper.width, height=paper.height, fill="#fff")
    _areas(root, paper, ground.green, GREEN)
    _areas(root, paper, (shape for _name, shape in ground.water), WATER)
    if paper.metres <= _BUILDINGS_FROM:
        _areas(root, paper, ground.buildings, BUILDING)
    streets(root, paper, ground.streets)


def _areas(root: Element, paper: Paper, shapes: Iterable[BaseGeometry], fill: str) -> None:
    box = paper.box
    seen = [shape for shape in shapes if shape.intersects(box)]
    if not seen:
        return
    flat = shapely.intersection([paper.flat(shape) for shape in seen], paper.window)
    data = path([shape for shape in flat if shape.area > 1.0])
    if data:
        put(root, "path", d=data, fill=fill, fill_rule="evenodd")


def streets(root: Element, paper: Paper, roads: tuple[Street, ...]) -> None:
    """Draw streets, the large ones over the small ones."""
    zoom = min(1.0, max(0.42, 2.0 / paper.metres))
    found: dict[str, list[BaseGeometry]] = {name: [] for name, _width, _all in _CLASSES}
    box = paper.box
    for street in roads:
        if street.line.intersects(box):
            line = paper.flat(street.line).intersection(paper.window)
            found[_KIND_OF.get(street.highway, "small")].append(line)
    data = {name: path(lines) for name, lines in found.items()}
    if data["foot"] and paper.metres <= _BUILDINGS_FROM:
        put(
            root,
            "path",
            d=data["foot"],
            fill="none",
            stroke=FOOT,
            stroke_width=1.2,
            stroke_dasharray="3 2.4",
        )
    # all casings first, then all fills from small to large: crossings join
    for stroke, more in ((CASE, 1.3), ("#fff", 0.0)):
        for name, width, _all in _CLASSES[1:]:
            if data[name]:
                put(
                    root,
                    "path",
                    d=data[name],
                    fill="none",
                    stroke=stroke,
                    stroke_width=width * zoom + more,
                    stroke_linecap="round",
                    stroke_linejoin="round",
                )


def names(
    root: Element, paper: Paper, ground: Ground, free: Callable[[BaseGeometry], bool]
) -> None:
    """Write names of streets along them, large streets first, and of water, where it is free."""
    order = sorted(
        (street for street in ground.streets if street.name and street.line.intersects(paper.box)),
        key=lambda street: (
            -_NAMED[::-1].index(_KIND_OF.get(street.highway, "small"))
            if _KIND_OF.get(street.highway, "small") in _NAMED
            else 1
        ),
    )
    written: dict[str, list[tuple[float, float]]] = {}
    for street in order:
        line = paper.flat(street.line).intersection(paper.window)
        for part in shapely.get_parts(line):
            if part.geom_type == "LineString" and street.name:
                _name_along(root, part, street.name, written, free)
    for name, shape in ground.water:
        if not name or not shape.intersects(paper.box):
            continue
        inside = paper.flat(shape).intersection(
            shapely.box(20, 16, paper.width - 20, paper.height - 16)
        )
        spot = inside.representative_point() if not inside.is_empty else None
        if spot is not None and inside.area > 2400 and free(spot.buffer(16)):
            put(
                root,
                "text",
                name,
                x=spot.x,
                y=spot.y + 4,
                font_size=12.5,
                text_anchor="middle",
                letter_spacing=4,
                fill=NAME,
            )


def _name_along(
    root: Element,
    line: BaseGeometry,
    name: str,
    written: dict[str, list[tuple[float, float]]],
    free: Callable[[BaseGeometry], bool],
) -> None:
    """Write a name once on a straight stretch; each sign of Chinese stays upright."""
    han = any(ord(sign) > 0x2E7F for sign in name)
    step = 13.0 if han else 6.2
    wanted = step * len(name) + 6
    if line.length < wanted:
        return
    middle = line.length / 2
    start, end = line.interpolate(middle - wanted / 2), line.interpolate(middle + wanted / 2)
    chord = math.hypot(end.x - start.x, end.y - start.y)
    spot = line.interpolate(middle)
    near = written.setdefault(name, [])
    if chord < 0.965 * wanted or any(math.dist((spot.x, spot.y), at) < 230 for at in near):
        return
    stretch = shapely.LineString([(start.x, start.y), (end.x, end.y)]).buffer(7)
    if not free(stretch):
        return
    near.append((spot.x, spot.y))
    turn = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
    if han:
        _signs(root, line, name, middle, step, turn)
        return
    turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
    put(
        root,
        "text",
        name,
        x=0,
        y=3.6,
        font_size=10.5,
        text_anchor="middle",
        fill=NAME,
        transform=f"translate({spot.x:.1f} {spot.y:.1f})rotate({turn:.1f})",
    )


def _signs(
    root: Element, line: BaseGeometry, name: str, middle: float, step: float, turn: float
) -> None:
    """Set one sign after the other: from west to east, on steep streets from north to south."""
    steep = 45 < abs(turn) < 135
    backwards = (turn < 0) if steep else abs(turn) > 90
    for number, sign in enumerate(name):
        along = (number - (len(name) - 1) / 2) * step * (-1 if backwards else 1)
        spot = line.interpolate(middle + along)
        put(root, "circle", cx=spot.x, cy=spot.y, r=7, fill="#fff", fill_opacity=0.85)
        put(
            root,
            "text",
            sign,
            x=spot.x,
            y=spot.y + 4,
            font_size=11.5,
            text_anchor="middle",
            fill=NAME,
        )
