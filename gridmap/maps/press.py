"""Prints one HTML document as PDF: the same bytes for the same text, and nothing is fetched."""

import hashlib
import logging
from collections.abc import Sequence
from importlib import import_module

from gridmap.maps.sheet_words import Look


def prepare() -> None:
    """Load what prints: beside the event loop, in a thread of its pool, it could not be loaded."""
    import_module("weasyprint")


def pdf(text: str, styles: Sequence[str], look: Look) -> bytes:
    """Print a document.

    Parameters
    ----------
    text
        The whole document as HTML.
    styles
        Names of its style sheets below ``static/css``.
    """
    from weasyprint import CSS, HTML, URLFetcher  # heavy: only when somebody prints

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    sheets = [CSS(filename=str(look.static / "css" / name)) for name in styles]
    # whatever a text says, the paper fetches nothing
    laid = HTML(string=text, url_fetcher=URLFetcher(allowed_protocols=())).render(
        stylesheets=sheets
    )
    identity = hashlib.sha256(text.encode()).hexdigest()[:32].encode()
    content: bytes = laid.write_pdf(pdf_identifier=identity)
    return content
