"""The review of a response as PDF: the same bytes for the same review."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.maps import press
from gridmap.maps.sheet_words import Look, templates

STYLES = ("after_action_paper.css",)
_MOST = 600  # events on paper; the page has them all


def pdf(review: Mapping[str, Any], look: Look) -> bytes:
    """Make the review as PDF.

    Parameters
    ----------
    review
        As `services.after_actions.review` gives it.
    """
    return press.pdf(document(review, look), STYLES, look)


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
