"""Grids in force, their measures and faults."""

import json

from flask import Blueprint, Response

from gridmap.model.access import Permission
from gridmap.services import viewing
from gridmap.services.viewing import Layer
from gridmap.store.view import feature, grids
from gridmap.web import inputs, layers
from gridmap.web.context import aside, parts, scope, viewer
from gridmap.web.permissions import permits

blueprint = Blueprint("grids", __name__)


class Faults(inputs.Query):
    """Parameters of the list of faults."""

    area: inputs.AreaCode | None = None


def _values() -> dict[str, object]:
    return {"households_in": list(viewer().areas_for(Permission.HOUSEHOLD_VIEW))}


@blueprint.get("/api/grids")
@permits(Permission.GRID_VIEW)
def listing() -> Response:
    """List the grids in force."""
    layer = Layer(grids.SOURCE, grids.TABLES, _values())
    return layers.answer(layer, inputs.query(inputs.Listing), inputs.path_code)


@blueprint.get("/api/grids/<code>")
@permits(Permission.GRID_VIEW)
def one(code: str) -> Response:
    """Give one grid with its measures."""
    inputs.no_query()
    layer = Layer(grids.DETAIL, grids.TABLES, _values())
    found, version = viewing.read_one(
        parts().database, scope(), layer, inputs.path_code(code, "code"), "grid"
    )
    feature_ = json.loads(found)
    feature_ |= {"as_of": version.as_of, "version": version.number}
    return Response(json.dumps(feature_, ensure_ascii=False), mimetype="application/geo+json")


@blueprint.get("/api/grids/faults")
@permits(Permission.GRID_VIEW)
def faults() -> Response:
    """Find the faults of the grids in force, and sum up their quality."""
    asked = inputs.query(Faults)
    database = parts().database
    with database.transaction(scope()) as tx:
        version = feature.version(tx, ("grid", "area"))
    areas = (asked.area,) if asked.area else viewer().areas_for(Permission.GRID_VIEW)
    etag = viewing.tag("faults", version.number, areas)
    if layers.knows(etag):
        return layers.not_modified(etag)
    found: list[object] = []
    quality: list[dict[str, object]] = []
    for area in areas:
        features, measured = viewing.grid_faults(database, scope(), area, aside)
        found += features
        quality.append({"area": area, **measured})
    text = layers.collection(found, version, quality=quality[0] if len(quality) == 1 else quality)
    return layers.tagged(Response(text, mimetype="application/geo+json"), etag)
