"""Words of the scripts: one file for a language, which a browser keeps for a year.

Its name changes with its content. A page in Chinese needs none: the sources speak it.
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from flask import Blueprint, Response, request
from flask_babel import get_domain

from gridmap.model.problem import not_found
from gridmap.web import inputs
from gridmap.web.language import catalogue
from gridmap.web.permissions import public

blueprint = Blueprint("words", __name__)

_NAME = re.compile(r"en-([0-9a-f]{16})\.js")
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Script:
    """The words as a script, plain and packed, and the hash that names it."""

    mark: str
    plain: bytes
    packed: bytes


@blueprint.get("/words/<catalogue_name>")
@public
def show(catalogue_name: str) -> Response:
    """Give the words of a language to the scripts of a page."""
    inputs.no_query()
    found = _NAME.fullmatch(catalogue_name)
    if found is None:
        raise not_found("words")
    script = _script(_folder())
    response = Response(script.plain, mimetype="text/javascript")
    # a page of an older release gets the words there are, and asks again next time
    current = found[1] == script.mark
    response.headers["Cache-Control"] = (
        f"public, max-age={_YEAR}, immutable" if current else "no-cache"
    )
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(script.packed)
        response.headers["Content-Encoding"] = "gzip"
    return response


def address(language: str) -> str | None:
    """Give the address of the words of a language; None for that of the sources."""
    return None if language != "en" else f"/words/en-{_script(_folder()).mark}.js"


def _folder() -> str:
    return str(get_domain().translation_directories[0])


@lru_cache(maxsize=2)
def _script(folder: str) -> Script:
    words = {
        source: words
        for source, words in getattr(catalogue(folder, "en"), "_catalog", {}).items()
        if isinstance(source, str) and source and words
    }
    content = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    plain = f"globalThis.gridmapWords = {content};\n".encode()
    mark = hashlib.sha256(plain).hexdigest()[:16]
    return Script(mark, plain, gzip.compress(plain, 9, mtime=0))
