"""Static files: only what pages load, kept long where the folder carries the version."""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.security import safe_join

from gridmap.model.problem import not_found
from gridmap.web.permissions import public

_FOLDERS = frozenset({"css", "js", "vendor", "img", "icons", "fonts", "help"})
_ROOT_SUFFIXES = frozenset({".svg", ".ico", ".png", ".webmanifest"})
_YEAR = 365 * 24 * 3600
_TEXTS = frozenset({".js", ".css", ".svg"})  # a tablet pays for every kilobyte; pictures are packed


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
        return _packed(response, safe_join(str(folder), filename))

    blueprint.record_once(
        lambda state: state.app.add_url_rule(
            "/static/<path:filename>", endpoint="static", view_func=static
        )
    )
    return blueprint


def _packed(response: Response, path: str | None) -> Response:
    """Send a text packed to whoever takes it so; its entity tag is then a weak one."""
    if path is None or Path(path).suffix not in _TEXTS:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or request.accept_encodings.quality("gzip") <= 0:
        return response
    etag, _weak = response.get_etag()
    response.direct_passthrough = False
    response.close()  # the file itself is not read
    response.set_data(_bytes(path, Path(path).stat().st_mtime_ns))
    response.headers["Content-Encoding"] = "gzip"
    if etag is not None:
        response.set_etag(etag, weak=True)
    return response


@lru_cache(maxsize=500)
def _bytes(path: str, _changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 6, mtime=0)
