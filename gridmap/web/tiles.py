"""Vector tiles of the base map, of households and of coverage."""

import gzip

from flask import Blueprint, Response, request

from gridmap.model.access import Permission
from gridmap.services import tiles
from gridmap.services.tiles import Drawn
from gridmap.store.tile import MOST_ZOOM, Tile
from gridmap.web import inputs, layers
from gridmap.web.context import parts, viewer
from gridmap.web.permissions import permits

blueprint = Blueprint("tiles", __name__)
_TYPE = "application/vnd.mapbox-vector-tile"


@blueprint.get("/tiles/base/<z>/<x>/<y>.mvt")
@permits(Permission.MAP_VIEW)
def base(z: str, x: str, y: str) -> Response:
    """Draw roads, buildings, water, green and names."""
    tile = _tile(z, x, y)
    held = parts()
    return _answer(tiles.base(held.database, held.tiles, viewer(), tile, layers.knows))


@blueprint.get("/tiles/households/<z>/<x>/<y>.mvt")
@permits(Permission.HOUSEHOLD_VIEW)
def households(z: str, x: str, y: str) -> Response:
    """Draw households."""
    tile = _tile(z, x, y)
    held = parts()
    return _answer(tiles.households(held.database, held.tiles, viewer(), tile, layers.knows))


@blueprint.get("/tiles/coverage/<run>/<z>/<x>/<y>.mvt")
@permits(Permission.COVERAGE_VIEW)
def coverage(run: str, z: str, x: str, y: str) -> Response:
    """Draw who is reached and who is not."""
    tile = _tile(z, x, y)
    number = inputs.path_number(run, "run")
    held = parts()
    return _answer(tiles.coverage(held.database, held.tiles, viewer(), number, tile, layers.knows))


def _tile(z: str, x: str, y: str) -> Tile:
    inputs.no_query()
    zoom = inputs.path_number(z, "z", MOST_ZOOM)
    last = 2**zoom - 1
    return Tile(zoom, inputs.path_number(x, "x", last), inputs.path_number(y, "y", last))


def _answer(drawn: Drawn) -> Response:
    if drawn.content is None:
        return layers.not_modified(drawn.etag)
    if request.accept_encodings.quality("gzip") > 0:
        response = Response(drawn.content, mimetype=_TYPE)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(gzip.decompress(drawn.content), mimetype=_TYPE)
    tagged = layers.tagged(response, drawn.etag)
    tagged.headers["Vary"] = "Cookie, Accept-Encoding"
    return tagged
