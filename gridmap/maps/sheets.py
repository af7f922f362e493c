"""Sheets of a plan as a document and as a PDF: the same bytes for the same plan."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from gridmap.maps.paging import Page, marks, pages
from gridmap.maps.sheet_words import Look, templates
from gridmap.maps.squares import square
from gridmap.model.sheet import Booklet

STYLES = ("sheet.css", "sheet_more.css")
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
        messages=[_message(booklet, language, zone) for language in ("zh_CN", "en")],
        language=look.language,
        styles=styles,
        tools=tools,
        at_once=at_once,
        # what is on the sheet and what the page says now are compared where it is opened
        square=square(f"{facts.address}#{facts.check[:12].upper()}"),
        check=" ".join(facts.check[start : start + 4].upper() for start in (0, 4, 8)),
        at=lambda moment: _at(moment, zone, facts.printed_at),
        full=lambda moment: "–" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}",
        created=facts.printed_at.astimezone(zone).isoformat(timespec="seconds"),
    )


def _message(booklet: Booklet, language: str, zone: ZoneInfo) -> Markup:
    """Write what the public is told, in one language whatever that of the sheets is."""
    facts = booklet.facts
    template = templates(language).get_template("_sheet_message.html")
    named = booklet.more.named.get(language) or {
        "hazard": facts.hazard,
        "place": facts.place,
        "shelters": [shelter.name for shelter in booklet.shelters],
    }
    by = facts.clear_by
    return Markup(  # noqa: S704 - the template escapes
        template.render(
            facts=facts,
            named=named,
            all_fetched=booklet.all_fetched,
            language=language,
            level=_LEVELS.get(facts.severity or "", 0),
            by=None if by is None else f"{by.astimezone(zone):%Y-%m-%d %H:%M}",
        )
    )


def _at(moment: datetime | None, zone: ZoneInfo, today: datetime) -> str:
    """Write a time: of the day of printing without its date."""
    if moment is None:
        return "–"
    here = moment.astimezone(zone)
    same = here.date() == today.astimezone(zone).date()
    return f"{here:%H:%M}" if same else f"{here:%m-%d %H:%M}"
