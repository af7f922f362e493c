"""The map of a printed sheet: hazard, own grid, way with numbered turns, closures, shelter.

Meaning is carried by kinds of lines, hatching, shapes and words: it is legible in black and white.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import shapely
from markupsafe import Markup

from gridmap.maps import figure_lines as lines
from gridmap.maps import gathering, lettering
from gridmap.maps import ground as base
from gridmap.maps.frame import Paper, paper
from gridmap.maps.ink import Element, breadth, path, picture, put, words, written
from gridmap.maps.lettering import Taken
from gridmap.model.sheet import Closure, Ground, Leaf, Point, Shelter, Turn

WIDTH, HEIGHT = 470, 400
_LARGE = 1000  # pixels from which names of assembly points have room
_HOUSE = "M0 -19L17 -5V15H-17V-5Z"


def of_leaf(
    leaf: Leaf, ground: Ground, say: dict[str, str], points: Mapping[int, Point] | None = None
) -> Markup:
    """Draw the map of one sheet.

    Parameters
    ----------
    say
        Words of the page's language: `title`, `clear`, `metres`, `north`, `refuge` (the sign of a
        shelter); `source` says whose map it is.
    points
        Assembly points of the plan by number; those of this sheet are drawn.
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
        lines.own_grid(root, window, leaf.outline)
    lines.hazard(root, window, ground)
    if leaf.way is not None:
        lines.ways(root, window, leaf)
        taken.avoid(window.flat(leaf.way.line).buffer(3))
    lettering.furniture(root, window, taken, say)
    ends = _ends(root, window, leaf, taken, say["refuge"])
    _closures(root, window, ground.closures, taken)
    met = [(points or {})[number] for number, *_ in leaf.meets if number in (points or {})]
    # the numbers of the steps stand beside these: neither may hide the other
    ends += gathering.points(root, window, met, taken)
    if leaf.way is not None:
        _turns(root, window, leaf.way.turns, ends, taken)
        taken.hold(window.flat(leaf.way.line).buffer(5))
    if ground.blocked is not None:
        taken.avoid(window.flat(ground.blocked))
    lettering.in_hazard(root, window, ground, taken, say["clear"])
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
    points: Iterable[Point] = (),
) -> Markup:
    """Draw the map of the cover: everything at once, ways as lines, grids with their labels.

    Assembly points of `points` carry the names of their streets where the paper is large.
    """
    width, height = size
    shown = [ground.hazard, *(leaf.way.line for leaf in leaves if leaf.way is not None)]
    window = paper(shown, width, height)
    root = picture(width, height, say["title"])
    taken = Taken(shapely.box(4, 4, width - 4, height - 4))
    base.draw(root, window, ground)
    for _label_text, outline in ground.grids:
        lines.own_grid(root, window, outline)
    lines.hazard(root, window, ground)
    for leaf in leaves:
        if leaf.way is not None:
            lines.thick(root, window.flat(leaf.way.line), 2.6)
    drawn: list[shapely.Point] = []
    for leaf in leaves:  # after all the lines, which would cover them
        if leaf.way is not None:
            lines.arrows(root, window.flat(leaf.way.line), drawn)
            taken.avoid(window.flat(leaf.way.line).buffer(3))
    lettering.furniture(root, window, taken, say)
    for number, shelter in enumerate(shelters):
        _shelter(
            root, window, shelter, taken, chr(ord("A") + number) if number < 26 else say["refuge"]
        )
    gathering.points(root, window, points, taken, named=width > _LARGE)
    _closures(root, window, ground.closures, taken)
    if ground.blocked is not None:
        taken.avoid(window.flat(ground.blocked))
    lettering.in_hazard(root, window, ground, taken, say["clear"])
    for label, outline in ground.grids:
        inside = window.flat(outline).intersection(taken.inside)
        lettering.inside(root, inside, label, 12, taken)
    base.names(root, window, ground, taken.free)
    return written(root)


def _ends(
    root: Element, window: Paper, leaf: Leaf, taken: Taken, sign: str
) -> list[tuple[float, float]]:
    if leaf.shelter is None:
        return []
    return [_shelter(root, window, leaf.shelter, taken, sign)]


def _shelter(
    root: Element, window: Paper, shelter: Shelter, taken: Taken, letter: str
) -> tuple[float, float]:
    """Draw the house of a shelter with its name beside it, on the side where there is room."""
    x, y = window.point(shelter.lon, shelter.lat)
    x, y = min(max(x, 24), window.width - 24), min(max(y, 24), window.height - 22)
    house = put(root, "g", transform=f"translate({x:.1f} {y:.1f})")
    put(house, "path", d=_HOUSE, fill="#000", stroke="#fff", stroke_width=1.5)
    put(
        house,
        "text",
        letter,
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
    sides = (
        (x + 22, y + 6),
        (x - 22 - wide, y + 6),
        (x - wide / 2, y + 32),
        (x - wide / 2, y - 26),
    )
    for over, (left, base_line) in ((over, side) for over in (False, True) for side in sides):
        box = shapely.box(left, base_line - 13, left + wide, base_line + 4)
        if taken.free(box, over=over):
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
