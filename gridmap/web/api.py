"""The description of the API, and a page to read it on."""

import hashlib
import json

from flask import Blueprint, Response, current_app

from gridmap.web import inputs, layers
from gridmap.web.description.document import describe
from gridmap.web.pages import page
from gridmap.web.permissions import signed_in

blueprint = Blueprint("api", __name__)
_NAME = "gridmap_description"


@blueprint.get("/api/openapi.json")
@signed_in
def openapi() -> Response:
    """Describe every route that a program may call, as OpenAPI 3.1."""
    inputs.no_query()
    text, etag = _described()
    if layers.knows(etag):
        return layers.not_modified(etag)
    return layers.tagged(Response(text, mimetype="application/json"), etag)


@blueprint.get("/docs")
@signed_in
def docs() -> Response:
    """Show the description as a page."""
    return page("api_docs.html")


def _described() -> tuple[str, str]:
    """Make the description once for each process: it does not change while it runs."""
    found = current_app.extensions.get(_NAME)
    if found is None:
        text = json.dumps(describe(current_app._get_current_object()), ensure_ascii=False)  # type: ignore[attr-defined]
        found = (text, hashlib.sha256(text.encode()).hexdigest()[:32])
        current_app.extensions[_NAME] = found
    return str(found[0]), str(found[1])
