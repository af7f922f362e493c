"""Sheets of a plan as a document and as a PDF: the same bytes for the same plan."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import segno
from markupsafe import Markup

from gridmap.maps.ink import picture, put, written
from gridmap.maps.paging import Page, marks, pages
from gridmap.maps.sheet_words import Look, templates
from gridmap.model.sheet import Booklet

STYLES = ("sheet.css",)
_LEVELS = {"red": 1, "orange": 2, "yellow": 3, "blue": 4}


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


def prepare() -> None:
    """Load what lays out a PDF, once in a process.

    It looks for its libraries with other programs, which gevent starts from the main thread alone:
    a web server calls this before it lays out in another one.
    """
    import weasyprint  # noqa: F401 - heavy: only when somebody prints


def pdf(
    booklet: Booklet, look: Look, step: Callable[[int, int], None] = lambda _done, _all: None
) -> tuple[bytes, int]:
    """Make the sheets as PDF.

    Parameters
    ----------
    step
        Told how many of how many pages are laid out.

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
    laid, done = [], 0
    for part in _parts(all_pages):
        step(done, len(all_pages))
        text = _written(booklet, look, part, ())
        laid.append(HTML(string=text, url_fetcher=nothing).render(stylesheets=styles))
        done += len(part)
    step(done, len(all_pages))
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
    template = templates(look.language).get_template("print.html")
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
