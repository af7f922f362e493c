"""Which pages papers have: rows are counted here, so that every page knows how many there are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gridmap.maps.paper_figure import estate
from gridmap.model.paper import Community, Folder, GridFacts, House, PaperKind

ROWS = 9  # grids on one side of a filing table
_HOUSES = 8  # estates on the back of a pocket map


@dataclass(frozen=True)
class Page:
    """One side of paper.

    Attributes
    ----------
    kind
        `notice`, `filing`, `pocket`, `back` (of a pocket map) or `wall`.
    number, count
        Which of all pages of the document it is.
    """

    kind: str
    grid: GridFacts | None = None
    community: Community | None = None
    rows: Sequence[GridFacts] = ()
    offset: int = 0
    last: bool = False
    number: int = 1
    count: int = 1
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """What belongs together and is laid out on its own; `name` is that of its file in a bundle."""

    name: str
    pages: tuple[Page, ...]


def parts(folder: Folder, kinds: Iterable[PaperKind]) -> list[Part]:
    """Cut what is wanted of an area into parts, each with its pages, in the order of the codes."""
    wanted = set(kinds)
    made: list[Part] = []
    if PaperKind.FILING in wanted:
        made.append(_filing(folder))
    if PaperKind.WALL in wanted:
        made += [
            Part(f"{community.code}-wall", (Page("wall", community=community),))
            for community in folder.communities
        ]
    by_code = {community.code: community for community in folder.communities}
    for grid in folder.grids:
        pages = _of_grid(grid, by_code[grid.community], wanted)
        if pages:
            made.append(Part(grid.code or f"{grid.community}-{grid.key}", pages))
    return made


def numbered(made: Sequence[Part]) -> list[Part]:
    """Give every page its number among all of them."""
    count = sum(len(part.pages) for part in made)
    found, number = [], 0
    for part in made:
        pages = []
        for page in part.pages:
            number += 1
            pages.append(_at(page, number, count))
        found.append(Part(part.name, tuple(pages)))
    return found


def _at(page: Page, number: int, count: int) -> Page:
    return Page(**{**page.__dict__, "number": number, "count": count})


def _of_grid(grid: GridFacts, community: Community, wanted: set[PaperKind]) -> tuple[Page, ...]:
    pages = []
    if PaperKind.NOTICE in wanted:
        pages.append(Page("notice", grid, community))
    if PaperKind.POCKET in wanted:
        pages += [Page("pocket", grid, community), Page("back", grid, community)]
    return tuple(pages)


def _filing(folder: Folder) -> Part:
    rows = folder.grids
    starts = range(0, max(len(rows), 1), ROWS)
    pages = [
        Page(
            "filing", rows=rows[start : start + ROWS], offset=start, last=start + ROWS >= len(rows)
        )
        for start in starts
    ]
    return Part(f"{folder.origin.area}-filing", tuple(pages))


def estates(grid: GridFacts, houses: Iterable[House]) -> list[tuple[str, str]]:
    """Say which houses stand in a grid, by the part of their address before the number."""
    found: dict[str, list[str]] = {}
    for house in houses:
        if not house.number or not grid.outline.covers(house.shape.representative_point()):
            continue
        found.setdefault(estate(house), []).append(house.number)
    rows = [(where, _runs(numbers)) for where, numbers in sorted(found.items())]
    if len(rows) > _HOUSES:
        rows = [*rows[: _HOUSES - 1], ("…", str(sum(map(len, found.values()))))]
    return rows


def _runs(numbers: Iterable[str]) -> str:
    """Write numbers shortly: 1-12, 15."""
    whole = sorted({int(each) for each in numbers if each.isascii() and each.isdigit()})
    other = sorted({each for each in numbers if not (each.isascii() and each.isdigit())})
    found: list[str] = []
    start = 0
    for at, number in enumerate(whole):
        if at + 1 == len(whole) or whole[at + 1] != number + 1:
            first = whole[start]
            found.append(str(first) if first == number else f"{first}–{number}")
            start = at + 1
    return ", ".join([*found, *other])


Step = Callable[[int, int], None]
