"""The review of a response as PDF: the same bytes for the same review."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.maps.sheet_words import Look, templates

STYLES = ("after_action_paper.css",)
_MOST = 600  # events on paper; the page has them all


def prepare() -> None:
    """Load what prints: beside the event loop, in a thread of its pool, it could not be loaded."""
    import_module("weasyprint")


def pdf(review: Mapping[str, Any], look: Look) -> bytes:
    """Make the review as PDF.

    Parameters
    ----------
    review
        As `services.after_actions.review` gives it.
    """
    from weasyprint import CSS, HTML, URLFetcher  # heavy: only when somebody prints

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    text = document(review, look)
    styles = [CSS(filename=str(look.static / "css" / name)) for name in STYLES]
    # whatever a text says, the paper fetches nothing
    laid = HTML(string=text, url_fetcher=URLFetcher(allowed_protocols=())).render(
        stylesheets=styles
    )
    identity = hashlib.sha256(text.encode()).hexdigest()[:32].encode()
    content: bytes = laid.write_pdf(pdf_identifier=identity)
    return content


def document(review: Mapping[str, Any], look: Look) -> str:
    """Write the review as one HTML document."""
    zone = ZoneInfo(look.zone)

    def moment(value: str | None) -> str:
        if value is None:
            return "–"
        return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M:%S}"

    # of the review itself and no clock: what has not changed is printed alike
    last = review["timeline"][-1]["at"] if review["timeline"] else review["started_at"]
    return (
        templates(look.language)
        .get_template("after_action_paper.html")
        .render(
            review=review,
            events=review["timeline"][:_MOST],
            language=look.language,
            moment=moment,
            created=datetime.fromisoformat(last).astimezone(zone).isoformat(timespec="seconds"),
        )
    )
