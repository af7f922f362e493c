"""Sheets of a plan as pages of a document and as a PDF: the same bytes for the same plan.

One page of the document is one sheet of paper: rows are counted here and not by the browser, so
that what is seen on screen, on a printer and in the PDF has the same pages and the same sums.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import segno
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gridmap.maps import figure
from gridmap.maps.ink import picture, put, written
from gridmap.model.sheet import Booklet, Facts, Home, Leaf, Shelter, Turn

_ROOT = Path(__file__).resolve().parents[1]
STYLES = ("sheet.css",)
FIRST, NEXT, BAND = 13, 27, 1  # rows of a first page, of a further one, lost to a band of marks
GROUPS = 26  # rows of grids on the sheet of a shelter
MOST_STEPS = 16
_LEVELS = {"red": 1, "orange": 2, "yellow": 3, "blue": 4}
_ROUND = timedelta(minutes=5)


@dataclass(frozen=True)
class Page:
    """One side of paper.

    Attributes
    ----------
    kind
        `cover`, `leaf` or `shelter`.
    number, count
        Which page of its own sheet it is.
    """

    kind: str
    number: int = 1
    count: int = 1
    leaf: Leaf | None = None
    shelter: Shelter | None = None
    homes: Sequence[Home] = ()
    offset: int = 0
    picture: Markup | None = None
    steps: Sequence[Turn] = ()
    rows: Sequence[dict[str, Any]] = ()
    leave_by: datetime | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """Give the people in the rows of this page."""
        return sum(home.people for home in self.homes)


@dataclass(frozen=True)
class Look:
    """How sheets are written: language, folder of the styles, time zone."""

    language: str
    zone: str
    static: Path


def document(
    booklet: Booklet,
    look: Look,
    styles: Sequence[str],
    *,
    tools: bool = False,
    at_once: bool = True,
) -> str:
    """Write the sheets as one HTML document.

    Parameters
    ----------
    styles
        Addresses of the style sheets.
    tools
        Whether buttons stand above the sheets.
    at_once
        Whether one of them fetches the PDF while one waits.
    """
    return _written(booklet, look, pages(booklet, look), styles, tools=tools, at_once=at_once)


def pdf(
    booklet: Booklet, look: Look, step: Callable[[int, int], None] = lambda _done, _all: None
) -> tuple[bytes, int]:
    """Make the sheets as PDF.

    Parameters
    ----------
    step
        Told how many of how many parts are laid out.

    Returns
    -------
    content, pages
        The same bytes for the same booklet and look.
    """
    from weasyprint import CSS, HTML, URLFetcher  # heavy: only when somebody prints

    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    nothing = URLFetcher(allowed_protocols=())  # whatever a text says, sheets fetch nothing
    styles = [CSS(filename=str(look.static / "css" / name)) for name in STYLES]
    all_pages = pages(booklet, look)
    parts = list(_parts(all_pages))
    laid = []
    for number, part in enumerate(parts):
        step(number, len(parts))
        text = _written(booklet, look, part, ())
        laid.append(HTML(string=text, url_fetcher=nothing).render(stylesheets=styles))
    step(len(parts), len(parts))
    whole = laid[0].copy([page for each in laid for page in each.pages])
    identity = hashlib.sha256(
        f"{booklet.facts.check} {booklet.facts.printed_at.isoformat()} {look.language}".encode()
    ).hexdigest()[:32]
    content: bytes = whole.write_pdf(pdf_identifier=identity.encode())
    return content, len(whole.pages)


def _parts(all_pages: Sequence[Page]) -> Iterable[list[Page]]:
    """Cut the pages where a new sheet begins: each part is laid out on its own."""
    part: list[Page] = []
    for page in all_pages:
        if part and page.number == 1:
            yield part
            part = []
        part.append(page)
    if part:
        yield part


def pages(booklet: Booklet, look: Look) -> list[Page]:
    """Cut a booklet into pages: cover, the sheets of each grid, the sheets of each shelter."""
    say = _say(look.language)
    lost = BAND if marks(booklet.facts) else 0
    made: list[Page] = []
    if booklet.whole:
        made += _cover(booklet, say, lost)
    for leaf in booklet.leaves:
        made += _leaf(booklet, leaf, say, lost)
    if booklet.whole:
        for shelter in booklet.shelters:
            made += _shelter(booklet, shelter, lost)
    return made


def marks(facts: Facts) -> list[str]:
    """Give what has to stand on every page: exercise, not approved, replaced, out of date."""
    found = ["exercise"] if facts.exercise else []
    if facts.state in ("drafted", "superseded", "rejected", "closed"):
        found.append(facts.state)
    if facts.lifted:
        found.append("lifted")
    if facts.changed and facts.state in ("drafted", "approved", "active"):
        found.append("stale")
    return found


def _cover(booklet: Booklet, say: dict[str, str], lost: int) -> list[Page]:
    rows: list[dict[str, Any]] = [
        {"shelter": shelter, "letter": chr(65 + number) if number < 26 else ""}
        for number, shelter in enumerate(booklet.shelters)
    ]
    reasons: dict[tuple[str, str, str], list[Home]] = {}
    for leaf, home in booklet.unserved:
        key = (leaf.label, home.reason or "", home.detail or "")
        reasons.setdefault(key, []).append(home)
    rows += [
        {
            "label": label,
            "reason": reason,
            "detail": detail,
            "households": len(homes),
            "people": sum(home.people for home in homes),
        }
        for (label, reason, detail), homes in sorted(reasons.items())
    ]
    cuts = _cut(len(rows), 10 - lost, NEXT - 2 - lost)
    drawn = figure.overview(booklet.ground, booklet.shelters, booklet.leaves, say)
    return [
        Page(
            kind="cover",
            number=number,
            count=len(cuts),
            rows=rows[start:end],
            picture=drawn if number == 1 else None,
        )
        for number, (start, end) in enumerate(cuts, start=1)
    ]


def _leaf(booklet: Booklet, leaf: Leaf, say: dict[str, str], lost: int) -> list[Page]:
    cuts = _cut(len(leaf.homes), FIRST - lost, NEXT - lost)
    steps = shortened(leaf.way.turns, MOST_STEPS) if leaf.way is not None else ()
    # the map numbers what the words number
    shown = leaf if leaf.way is None else replace(leaf, way=replace(leaf.way, turns=steps))
    drawn = figure.of_leaf(shown, booklet.ground, say)
    slowest = max((home.seconds or 0.0 for home in leaf.homes), default=0.0)
    return [
        Page(
            kind="leaf",
            number=number,
            count=len(cuts),
            leaf=leaf,
            homes=leaf.homes[start:end],
            offset=start,
            picture=drawn if number == 1 else None,
            steps=steps,
            leave_by=leave_by(booklet.facts.clear_by, slowest),
        )
        for number, (start, end) in enumerate(cuts, start=1)
    ]


def _shelter(booklet: Booklet, shelter: Shelter, lost: int) -> list[Page]:
    rows: list[dict[str, Any]] = []
    for leaf in booklet.leaves:
        if leaf.shelter is None or leaf.shelter.id != shelter.id:
            continue
        seconds = [home.seconds or 0.0 for home in leaf.homes]
        rows.append(
            {
                "label": leaf.label,
                "place": leaf.place,
                "member": leaf.member,
                "households": len(leaf.homes),
                "people": leaf.people,
                "urgent": sum(1 for home in leaf.homes if home.urgent),
                "first": min(seconds),
                "last": max(seconds),
            }
        )
    needs: dict[str, int] = {}
    for leaf in booklet.leaves:
        if leaf.shelter is not None and leaf.shelter.id == shelter.id:
            for home in leaf.homes:
                for need in home.needs or ():
                    needs[need] = needs.get(need, 0) + 1
    households = sum(row["households"] for row in rows)
    people = sum(row["people"] for row in rows)
    rows += [
        {"label": leaf.label, "home": home}
        for leaf in booklet.leaves
        if leaf.shelter is not None and leaf.shelter.id == shelter.id
        for home in leaf.homes
        if home.urgent
    ]
    cuts = _cut(len(rows), GROUPS - 4 - lost, GROUPS - lost)
    return [
        Page(
            kind="shelter",
            number=number,
            count=len(cuts),
            shelter=shelter,
            rows=rows[start:end],
            more={
                "needs": sorted(needs.items()),
                "households": households,
                "people": people,
            },
        )
        for number, (start, end) in enumerate(cuts, start=1)
    ]


def _cut(rows: int, first: int, further: int) -> list[tuple[int, int]]:
    """Share rows out over pages; there is always a first page."""
    cuts = [(0, min(rows, first))]
    while cuts[-1][1] < rows:
        start = cuts[-1][1]
        cuts.append((start, min(rows, start + further)))
    return cuts


def leave_by(clear_by: datetime | None, slowest: float) -> datetime | None:
    """Give the last moment to set out, to the five minutes before it; None means at once."""
    if clear_by is None:
        return None
    latest = clear_by - timedelta(seconds=slowest)
    return latest - timedelta(
        minutes=latest.minute % (_ROUND.seconds // 60),
        seconds=latest.second,
        microseconds=latest.microsecond,
    )


def shortened(turns: Sequence[Turn], most: int) -> tuple[Turn, ...]:
    """Join the shortest steps to the ones before them until `most` are left, arrival included."""
    kept = list(turns)
    while len(kept) > most:
        at = min(range(1, len(kept) - 1), key=lambda number: (kept[number].metres, number))
        before, gone = kept[at - 1], kept.pop(at)
        kept[at - 1] = replace(before, metres=before.metres + gone.metres)
    return tuple(kept)


def square(address: str) -> Markup:
    """Draw the square code of an address."""
    code = segno.make(address, error="m", micro=False)
    size = code.symbol_size(scale=1, border=0)[0]
    size = int(size)
    root = picture(size, size, address)
    root.set("shape-rendering", "crispEdges")
    data = "".join(
        f"M{column} {row}h1v1h-1z"
        for row, line in enumerate(code.matrix)
        for column, dark in enumerate(line)
        if dark
    )
    put(root, "path", d=data, fill="#000")
    return written(root)


def _written(  # noqa: PLR0913 - what a document is written from
    booklet: Booklet,
    look: Look,
    some: Sequence[Page],
    styles: Sequence[str],
    *,
    tools: bool = False,
    at_once: bool = True,
) -> str:
    facts = booklet.facts
    zone = ZoneInfo(look.zone)
    template = _templates(look.language).get_template("print.html")
    return template.render(
        booklet=booklet,
        facts=facts,
        pages=some,
        marks=marks(facts),
        level=_LEVELS.get(facts.severity or "", 0),
        language=look.language,
        styles=styles,
        tools=tools,
        at_once=at_once,
        square=square(facts.address),
        check=" ".join(facts.check[start : start + 4].upper() for start in (0, 4, 8)),
        at=lambda moment: _at(moment, zone, facts.printed_at),
        full=lambda moment: "–" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}",
        created=facts.printed_at.astimezone(zone).isoformat(timespec="seconds"),
    )


def _at(moment: datetime | None, zone: ZoneInfo, today: datetime) -> str:
    """Write a time: of the day of printing without its date."""
    if moment is None:
        return "–"
    here = moment.astimezone(zone)
    same = here.date() == today.astimezone(zone).date()
    return f"{here:%H:%M}" if same else f"{here:%m-%d %H:%M}"


@lru_cache(maxsize=4)
def _templates(language: str) -> Environment:
    """Give the templates with the words of a language; there is no request to take them from."""
    made = Environment(
        loader=FileSystemLoader(_ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = Translations.load(str(_ROOT / "translations"), [language])
    made.globals["_"] = words.gettext
    return made


@lru_cache(maxsize=4)
def _say(language: str) -> dict[str, str]:
    """Give the words that stand on the maps."""
    template = _templates(language).get_template("_sheet_words.html")
    module = template.make_module()
    return {
        name: str(getattr(module, name)).rpartition("|")[2]
        for name in ("title", "clear", "metres", "north")
    }
