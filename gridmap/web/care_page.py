"""The page of care: a map of grids, and tables of visits, loads, services, offers and wishes."""

from flask import Blueprint, Response

from gridmap.model import service_words as known
from gridmap.model.access import Permission
from gridmap.model.care_words import Words
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("care_page", __name__)
_LAYERS = ("communities", "grids", "facilities")


@blueprint.get("/care")
@permits(Permission.COVERAGE_VIEW)
def show() -> Response:
    """Show visits, loads, and services wanted and offered."""
    names = ("SERVICES", "PROVIDERS", "UNMET", "UNUSED", "SOURCES", "STATES")
    words = {name.lower(): _words(getattr(known, name)) for name in names}
    return page("care.html", layers=_LAYERS, care_words=words)


def _words(words: Words) -> dict[str, str]:
    return {key: found[1 if locale() == "en" else 0] for key, found in words.items()}
