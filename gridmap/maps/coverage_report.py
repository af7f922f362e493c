"""A report on coverage as a PDF: the same bytes for the same report."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from gridmap.maps import coverage_figure
from gridmap.maps.sheet_words import Look, templates
from gridmap.model.coverage_report import Chapter, Moment, Report, Sums

STYLES = ("coverage_report.css",)
_GRIDS, _COMMUNITIES, _RUNS = 20, 15, 8  # rows of the tables on paper; the workbook has them all
_LEAST = 0.001  # a share is never rounded to all or nothing


def pdf(
    report: Report, words: Any, look: Look, step: Callable[[int, int], None] = lambda _n, _all: None
) -> tuple[bytes, int]:
    """Make the report as PDF.

    Parameters
    ----------
    words
        What is chosen by a key: names of kinds, reasons, layers; sentences of a standard.
    step
        Told how many of how many chapters are drawn.

    Returns
    -------
    content, pages
    """
    from weasyprint import CSS, HTML, URLFetcher  # heavy: only when somebody prints

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    text = document(report, words, look, step)
    styles = [CSS(filename=str(look.static / "css" / name)) for name in STYLES]
    # whatever a text says, the report fetches nothing
    laid = HTML(string=text, url_fetcher=URLFetcher(allowed_protocols=())).render(
        stylesheets=styles
    )
    identity = hashlib.sha256(text.encode()).hexdigest()[:32].encode()
    content: bytes = laid.write_pdf(pdf_identifier=identity)
    return content, len(laid.pages)


def document(
    report: Report, words: Any, look: Look, step: Callable[[int, int], None] = lambda _n, _all: None
) -> str:
    """Write the report as one HTML document."""
    found = templates(look.language)
    say: Any = found.globals["_"]
    zone = ZoneInfo(look.zone)
    chapters = []
    for number, chapter in enumerate(report.chapters):
        step(number, len(report.chapters))
        chapters.append((chapter, _drawn(report, chapter, say, zone)))
    step(len(chapters), len(chapters))
    return found.get_template("coverage_report.html").render(
        report=report,
        chapters=chapters,
        words=words,
        language=look.language,
        created=report.printed_at.astimezone(zone).isoformat(timespec="seconds"),
        full=lambda moment: _moment(moment, zone),
        percent=percent,
        number=lambda value: "–" if value is None else f"{value:,}",
        signed=lambda value: "–" if value is None else f"{value:+,d}".replace("-", "−"),  # noqa: RUF001
    )


def percent(sums: Sums) -> str:
    """Write the share that is reached; only all are 100 %, and only none 0 %."""
    share = sums.share
    if share is None:
        return "–"
    if 0 < share < 1:
        share = min(max(share, _LEAST), 1 - _LEAST)
        return f"{share:.1%}"
    return f"{share:.0%}"


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return "–" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _drawn(
    report: Report, chapter: Chapter, say: Callable[[str], str], zone: ZoneInfo
) -> Mapping[str, Any]:
    says = {"map": say("覆盖缺口地图"), "metres": say("{n} 米"), "north": say("北")}
    drawn: Markup | None = None
    bands: tuple[int, ...] = ()
    if chapter.whole and (report.grids or report.communities):
        drawn, bands = coverage_figure.of_area(report, chapter, says)
    chart = None
    if len(chapter.history) > 1:
        said = {
            "chart": say("到得了的户占比"),
            "first": _moment(chapter.history[0].at, zone),
            "last": _moment(chapter.history[-1].at, zone),
        }
        limit = chapter.definition.get("max_value")
        chart = coverage_figure.of_history(chapter.history, limit, said)
    known = {each.code for each in report.grids}
    return {
        "map": drawn,
        "bands": bands,
        "chart": chart,
        "sign": coverage_figure.sign,
        "bar": coverage_figure.bar,
        "grids": [line for line in chapter.grids if line.sums.uncovered][:_GRIDS],
        "townships": [line for line in chapter.townships if line.sums.uncovered],
        "communities": [line for line in chapter.communities if line.sums.uncovered][:_COMMUNITIES],
        "gaps": sum(1 for line in chapter.grids if line.sums.uncovered),
        "elsewhere": sum(1 for line in chapter.grids if line.code not in known),
        "runs": _changes(chapter.history)[:_RUNS],
    }


def _changes(moments: Sequence[Moment]) -> list[tuple[Moment, int | None]]:
    """Give the runs, the newest first, with what has become of the gap since the one before.

    None for the first one, and where the limit is another: that is no change of cover.
    """
    found: list[tuple[Moment, int | None]] = []
    for number, each in enumerate(moments):
        earlier = moments[number - 1] if number else None
        alike = earlier is not None and earlier.limit == each.limit
        change = each.sums.uncovered - earlier.sums.uncovered if earlier and alike else None
        found.append((each, change))
    return found[::-1]
