"""Maps on papers about grids: of one grid with what is around it, and of a whole village."""

from collections.abc import Iterable, Sequence
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from gridmap.maps import ground as base
from gridmap.maps import marks
from gridmap.maps.frame import Paper, paper
from gridmap.maps.ink import Element, breadth, path, picture, put, words, written
from gridmap.maps.lettering import Taken
from gridmap.model.paper import Folder, GridFacts, House, Place, RiskArea

_NUMBERS_TO = 3.4  # metres in a pixel up to which houses carry their numbers
_BORDER: dict[str, Any] = {"stroke": "#444", "stroke_width": 1.1, "stroke_dasharray": "7 3 1.5 3"}
_SAYS = dict[str, str]


def of_grid(  # noqa: PLR0913 - which grid, how large, what is written
    grid: GridFacts,
    folder: Folder,
    size: tuple[int, int],
    say: _SAYS,
    *,
    numbers: float = 9.5,
    names: bool = False,
) -> Markup:
    """Draw the map of one grid.

    Parameters
    ----------
    size
        Width and height in pixels; the grid fills it.
    say
        Words of the paper's language: `title`, `metres`, `north`.
    numbers
        Size of the numbers of its houses.
    names
        Whether neighbours are written with who looks after them.
    """
    width, height = size
    window = paper([grid.outline], width, height, edge=40)
    root = picture(width, height, say["title"])
    taken = Taken(shapely.box(3, 3, width - 3, height - 3))
    base.draw(root, window, folder.ground)
    around = [each for each in (*folder.grids, *folder.beside) if each.key != grid.key]
    near = [each for each in around if each.outline.intersects(window.box)]
    _borders(root, window, [each.outline for each in near])
    _veil(root, window, grid.outline)
    for community in folder.communities:
        if community.code == grid.community:
            _community(root, window, community.outline)
    shape = window.flat(grid.outline)
    marks.line(root, shape.boundary, 3.2)
    taken.hold(shape.boundary.buffer(1.5))
    marks.furniture(root, window, taken, say)
    inner = shape.intersection(taken.inside)
    marks.inside(root, inner, grid.label, 17, taken)
    _places(root, window, _within(folder.places, window), taken)
    if window.metres <= _NUMBERS_TO:
        _numbers(root, window, folder.houses, grid.outline, numbers, taken)
    _neighbours(root, window, near, shape, taken, names=names)
    base.names(root, window, folder.ground, taken.free)
    return written(root)


def of_village(
    code: str, folder: Folder, size: tuple[int, int], say: _SAYS
) -> tuple[Markup, Sequence[Place], Sequence[RiskArea], Sequence[House]]:
    """Draw the wall map of a community, and give what its legend lists, in the order of the signs.

    Shelters carry letters, stores numbers.
    """
    width, height = size
    (own,) = [each for each in folder.communities if each.code == code]
    window = paper([own.outline], width, height, edge=44)
    root = picture(width, height, say["title"])
    taken = Taken(shapely.box(3, 3, width - 3, height - 3))
    base.draw(root, window, folder.ground)
    mine = [each for each in folder.grids if each.community == code]
    grids = [each for each in mine if each.kind != "special"]
    over = [each for each in mine if each.kind == "special"]
    others = [each for each in (*folder.grids, *folder.beside) if each.community != code]
    risks = [each for each in folder.risks if each.shape.intersects(window.box)]
    _borders(root, window, [each.outline for each in others])
    for risk in risks:
        _risk(root, window, risk)
    houses = _unsafe(root, window, folder.houses, taken)
    for grid in grids:
        marks.line(root, window.flat(grid.outline).boundary, 1.8, stroke_dasharray="9 4")
    marks.line(root, window.flat(own.outline).boundary, 4.2)
    for grid in over:
        marks.double(root, window.flat(grid.outline).boundary)
    marks.furniture(root, window, taken, say)
    _ways(root, window, folder.ways)
    _ways(root, window, folder.draft_ways, stroke_dasharray="3 6")
    places = _places(root, window, _within(folder.places, window), taken, lettered=True)
    for grid in grids:
        inner = window.flat(grid.outline).intersection(taken.inside)
        marks.inside(root, inner, grid.label[4:] if len(grids) < 100 else grid.label, 19, taken)
    for grid in over:
        inner = window.flat(grid.outline).intersection(taken.inside)
        marks.inside(root, inner, grid.name or grid.label, 12, taken)
    for risk in risks:
        inner = window.flat(risk.shape).intersection(taken.inside)
        marks.inside(root, inner, risk.name, 13, taken)
    if window.metres <= _NUMBERS_TO:
        low = shapely.union_all([window.flat(risk.shape) for risk in risks])
        _numbers(root, window, folder.houses, own.outline, 9.5, taken, hatched=low)
    _neighbours(root, window, others, window.flat(own.outline), taken, names=False)
    base.names(root, window, folder.ground, taken.free)
    return written(root), places, risks, houses


def _within(places: Iterable[Place], window: Paper) -> list[Place]:
    sheet = shapely.box(16, 18, window.width - 16, window.height - 16)
    return [
        each for each in places if sheet.contains(shapely.Point(window.point(each.lon, each.lat)))
    ]


def _borders(root: Element, window: Paper, shapes: Iterable[BaseGeometry]) -> None:
    """Draw borders of other grids: thin, dashed, each where it is."""
    flat = [window.flat(shape).boundary.intersection(window.window) for shape in shapes]
    data = path(flat)
    if data:
        put(root, "path", d=data, fill="none", stroke="#fff", stroke_width=3, stroke_opacity=0.8)
        put(root, "path", d=data, fill="none", **_BORDER)


def _veil(root: Element, window: Paper, outline: BaseGeometry) -> None:
    """Make what is outside the grid paler."""
    outside = window.window.difference(window.flat(outline))
    data = path(outside)
    if data:
        put(root, "path", d=data, fill="#fff", fill_opacity=0.55, fill_rule="evenodd")


def _community(root: Element, window: Paper, outline: BaseGeometry) -> None:
    edge = window.flat(outline).boundary.intersection(window.window)
    data = path(edge)
    if data:
        put(root, "path", d=data, fill="none", stroke="#777", stroke_width=5, stroke_opacity=0.45)


def _risk(root: Element, window: Paper, risk: RiskArea) -> None:
    """Hatch low ground one way, slopes the other way, anything else with strokes."""
    shape = window.flat(risk.shape).intersection(window.window)
    if shape.is_empty:
        return
    if risk.kind in ("flood", "waterlogging"):
        inner = marks.dotted(shape, 12)
        put(root, "path", d=path(inner), fill="none", stroke="#000", stroke_width=1.3)
    else:
        inner = marks.hatched(shape, 9, against=True)
        put(root, "path", d=path(inner), fill="none", stroke="#000", stroke_width=0.8)
    edge = path(shape.boundary.intersection(window.window))
    put(
        root,
        "path",
        d=edge,
        fill="none",
        stroke="#000",
        stroke_width=1.8,
        stroke_dasharray="8 4 2 4",
    )


def _unsafe(root: Element, window: Paper, houses: Iterable[House], taken: Taken) -> list[House]:
    box = shapely.box(0, 0, window.width, window.height)
    found = []
    for house in houses:
        if house.unsafe is None:
            continue
        shape = window.flat(house.shape)
        if not box.contains(shape):
            continue
        marks.unsafe(root, shape, house.unsafe)
        taken.hold(shape.envelope)
        found.append(house)
    return found


def _ways(root: Element, window: Paper, ways: Iterable[BaseGeometry], **more: object) -> None:
    shapes = []
    for way in ways:
        parts = shapely.get_parts(window.flat(way).intersection(window.window))
        # a way that misses the sheet leaves an empty line, of which nothing can be made
        lines = [one for one in parts if one.geom_type == "LineString" and not one.is_empty]
        if lines:
            shape = shapely.MultiLineString(lines)
            marks.line(root, shape, 3.6, **more)
            shapes.append(shape)
    drawn: list[marks.Arrow] = []
    for shape in shapes:  # after all the lines, which would cover them
        marks.arrows(root, shape, drawn)


def _places(
    root: Element, window: Paper, places: Sequence[Place], taken: Taken, *, lettered: bool = False
) -> list[Place]:
    """Draw the signs first and the names after: no name takes the place of a sign."""
    drawn, signs = [], {"shelter": 0, "supply_point": 0}
    at = []
    for place in sorted(places, key=lambda each: (each.kind, -each.lat, each.lon, each.name)):
        x, y = window.point(place.lon, place.lat)
        kind = place.kind if place.kind in ("clinic", "hospital", "supply_point") else "shelter"
        sign = ""
        if kind == "shelter":
            sign = chr(65 + signs["shelter"]) if lettered and signs["shelter"] < 26 else "避"
            signs["shelter"] += 1
            marks.shelter(root, x, y, sign)
        elif kind == "supply_point":
            signs["supply_point"] += 1
            sign = str(signs["supply_point"]) if lettered else "物"
            marks.store(root, x, y, sign)
        else:
            marks.clinic(root, x, y)
        taken.hold(shapely.box(x - 16, y - 17, x + 16, y + 14))
        at.append((place, x, y))
        drawn.append(place)
    for place, x, y in at:
        if place.name:
            marks.beside(root, place.name, x, y, 11.5, taken)
    return drawn


def _numbers(  # noqa: PLR0913, PLR0917 - which houses, how large, where there is room
    root: Element,
    window: Paper,
    houses: Iterable[House],
    outline: BaseGeometry,
    size: float,
    taken: Taken,
    *,
    hatched: BaseGeometry | None = None,
) -> None:
    """Write the number of each house on it, where it has room, and its estate's name once.

    On `hatched` ground a number has white around it.
    """
    estates: dict[str, list[tuple[float, float]]] = {}
    for house in houses:
        if not house.number or not outline.intersects(house.shape):
            continue
        spot = window.flat(house.shape).representative_point()
        half = breadth(house.number, size) / 2 + 1
        box = shapely.box(spot.x - half, spot.y - size * 0.6, spot.x + half, spot.y + size * 0.5)
        estates.setdefault(estate(house), []).append((spot.x, spot.y))
        if taken.free(box):
            ground = hatched is not None and hatched.intersects(spot)
            words(root, house.number, spot.x, spot.y + size * 0.36, size, ground=ground)
    for name, spots in sorted(estates.items()):
        if name:
            _estate(root, name, spots, taken)


def estate(house: House) -> str:
    """Give the part of an address before the number of the house."""
    return (house.address or "").partition(house.number or "\n")[0].strip()


def _estate(root: Element, name: str, spots: Sequence[tuple[float, float]], taken: Taken) -> None:
    """Write the name of an estate near the middle of its houses, where it is free."""
    x = sum(each[0] for each in spots) / len(spots)
    y = sum(each[1] for each in spots) / len(spots)
    size = 12.0
    half = breadth(name, size) / 2 + 2
    for away in range(0, 130, 8):
        for side in (-1, 1):
            at = y + side * away
            if taken.free(shapely.box(x - half, at - size, x + half, at + size * 0.4)):
                words(root, name, x, at, size)
                return


def _neighbours(  # noqa: PLR0913 - whose names stand around what
    root: Element,
    window: Paper,
    near: Iterable[GridFacts],
    own: BaseGeometry,
    taken: Taken,
    *,
    names: bool,
) -> None:
    """Write the labels of grids around, in the part of them that is on the sheet."""
    sheet = shapely.box(6, 6, window.width - 6, window.height - 6)
    for grid in near:
        seen = window.flat(grid.outline).intersection(sheet).difference(own.buffer(3))
        if seen.is_empty or seen.area < 500:
            continue
        member = grid.members[0].name if names and grid.members else None
        if member and marks.inside(root, seen, f"{grid.label} {member}", 10.5, taken):
            continue
        marks.inside(root, seen, grid.label, 10.5, taken)
