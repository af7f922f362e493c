"""Static files: only what pages load, kept long where the folder carries the version."""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from gridmap.model.problem import not_found
from gridmap.web.permissions import public

_FOLDERS = frozenset({"css", "js", "vendor", "img", "icons", "fonts"})
_ROOT_SUFFIXES = frozenset({".svg", ".ico", ".png", ".webmanifest"})
_YEAR = 365 * 24 * 3600


def make(folder: Path) -> Blueprint:
    """Make the blueprint that serves a folder; its one view is called `static` by templates."""
    blueprint = Blueprint("assets", __name__)

    @public
    def static(filename: str) -> Response:
        """Serve one file."""
        first, _, rest = filename.partition("/")
        allowed = first in _FOLDERS if rest else Path(first).suffix in _ROOT_SUFFIXES
        if not allowed or "/." in f"/{filename}":
            raise not_found("file")
        # the folders of vendor carry their version; everything else is asked for again, cheaply
        age = _YEAR if first == "vendor" else None
        response = send_from_directory(folder, filename, max_age=age)
        if age is not None:
            response.headers["Cache-Control"] = f"public, max-age={age}, immutable"
        return response

    blueprint.record_once(
        lambda state: state.app.add_url_rule(
            "/static/<path:filename>", endpoint="static", view_func=static
        )
    )
    return blueprint
