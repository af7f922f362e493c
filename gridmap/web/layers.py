"""Layers as GeoJSON answers: version, entity tag, not-modified, pages."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from gridmap.services import viewing
from gridmap.services.viewing import Layer
from gridmap.store.view.feature import Ask, Version
from gridmap.web import inputs
from gridmap.web.context import parts, scope

CursorKind = Callable[[str, str], object]


def answer(layer: Layer, asked: inputs.Listing, cursor: CursorKind) -> Response:
    """Answer with one page of a layer, or 304 when the browser has it.

    Parameters
    ----------
    cursor
        Reads the cursor: `inputs.path_number`, `inputs.path_code` or `inputs.path_uuid`.
    """
    after = None if asked.cursor is None else cursor(asked.cursor, "cursor")
    ask = Ask(bbox=asked.bbox, area=asked.area, cursor=after, limit=asked.limit)
    reading = viewing.read_layer(parts().database, scope(), layer, ask, knows)
    if reading.page is None:
        return not_modified(reading.etag)
    text = written(reading.page.features, reading.version, next=_next(reading.page.after))
    return tagged(Response(text, mimetype="application/geo+json"), reading.etag)


def written(features: list[str], version: Version, **more: Any) -> str:
    """Write a collection of features that the database wrote."""
    head = {
        "type": "FeatureCollection",
        "as_of": version.as_of,
        "version": version.number,
        **more,
    }
    return json.dumps(head)[:-1] + ', "features": [' + ",".join(features) + "]}"


def collection(features: list[Any], version: Version, **more: Any) -> str:
    """Write a collection of features that were made here."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "as_of": version.as_of,
            "version": version.number,
            **more,
            "features": features,
        },
        ensure_ascii=False,
        allow_nan=False,
    )


def knows(etag: str) -> bool:
    """Tell whether the browser says that it holds this entity tag."""
    return etag in request.if_none_match


def not_modified(etag: str) -> Response:
    """Answer that what the browser holds is still right."""
    return tagged(Response(status=304), etag)


def tagged(response: Response, etag: str) -> Response:
    """Let the person's own browser keep an answer, and ask each time whether it still holds."""
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response


def _next(after: object | None) -> str | None:
    if after is None:
        return None
    kept = request.args.to_dict() | {"cursor": str(after)}
    return f"{request.path}?{urlencode(kept)}"
