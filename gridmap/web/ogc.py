"""OGC API Features, Part 1: the layers a person may see, for QGIS and other programs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.model.problem import not_found
from gridmap.services import incident_steps, reading, viewing
from gridmap.services.viewing import Layer
from gridmap.store.view import areas, emergency, gaps, grids, households, micro_grids
from gridmap.store.view import incidents as incident_view
from gridmap.store.view.feature import Ask
from gridmap.web import hosts, inputs, layers
from gridmap.web import micro_grids as micro_web
from gridmap.web.context import parts, scope, settings, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import signed_in

blueprint = Blueprint("ogc", __name__)

_CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_GEOJSON = "application/geo+json"


@dataclass(frozen=True)
class Collection:
    """One layer as a collection.

    Attributes
    ----------
    title
        Source word of its name.
    permission
        Who may see it.
    layer
        Makes the layer for whoever asks.
    key
        Reads a feature's id, and the cursor.
    """

    title: str
    permission: Permission
    layer: Callable[[], Layer]
    key: Callable[[str, str], object]


def _english() -> bool:
    return locale() == "en"


def _grids() -> Layer:
    reach = viewer().areas_for(Permission.HOUSEHOLD_VIEW)
    return Layer(grids.SOURCE, grids.TABLES, {"households_in": list(reach)})


def _special_grids() -> Layer:
    reach = viewer().areas_for(Permission.HOUSEHOLD_VIEW)
    return Layer(grids.SPECIAL, grids.TABLES, {"households_in": list(reach)})


def _households() -> Layer:
    needs_in = reading.readable_needs(parts().database, viewer())
    values = {"personal_in": list(needs_in)}
    return Layer(households.SOURCE, households.TABLES, values, needs_in)


def _incidents() -> Layer:
    values = incident_steps.layer_values(viewer())
    return Layer(incident_view.source(_english(), None), incident_view.TABLES, values)


def _word(value: str, place: str) -> str:
    """Read a key made of two numbers (400 naming `place`)."""
    first, _, second = value.partition("-")
    return f"{inputs.path_number(first, place)}-{inputs.path_number(second, place)}"


def _community(value: str, place: str) -> str:
    return inputs.digits(value, place, (6, 9, 12))


COLLECTIONS: dict[str, Collection] = {
    "communities": Collection(
        "社区",
        Permission.MAP_VIEW,
        lambda: Layer(areas.source(_english()), areas.TABLES, {"level": "community"}),
        _community,
    ),
    "grids": Collection("网格", Permission.GRID_VIEW, _grids, inputs.path_code),
    "special_grids": Collection("专属网格", Permission.GRID_VIEW, _special_grids, inputs.path_code),
    "micro_grids": Collection(
        "微网格",
        Permission.GRID_VIEW,
        lambda: Layer(micro_grids.SOURCE, micro_grids.TABLES, {}),
        micro_web.path_code,
    ),
    "households": Collection("户", Permission.HOUSEHOLD_VIEW, _households, inputs.path_number),
    "incidents": Collection("事件", Permission.MAP_VIEW, _incidents, inputs.path_uuid),
    "hazards": Collection(
        "险情",
        Permission.MAP_VIEW,
        lambda: Layer(emergency.hazards(_english()), emergency.HAZARD_TABLES, {}),
        inputs.path_number,
    ),
    "facilities": Collection(
        "设施",
        Permission.MAP_VIEW,
        lambda: Layer(emergency.facilities(_english()), emergency.FACILITY_TABLES, {}),
        inputs.path_number,
    ),
    "responders": Collection(
        "队伍",
        Permission.MAP_VIEW,
        lambda: Layer(emergency.responders(_english()), emergency.RESPONDER_TABLES, {}),
        inputs.path_number,
    ),
    "coverage_gaps": Collection(
        "覆盖缺口",
        Permission.COVERAGE_VIEW,
        lambda: Layer(gaps.SOURCE, gaps.TABLES, {}),
        _word,
    ),
}


class Wanted(inputs.Query):
    """Parameters of the items of a collection."""

    bbox: inputs.BoundingBox | None = None
    limit: inputs.Limit = 1000
    cursor: Annotated[inputs.Text, Field(max_length=60)] | None = None
    # no layer has a time of its own: every feature is in every interval
    datetime: Annotated[inputs.Text, Field(max_length=80)] | None = None
    f: Annotated[inputs.Text, Field(max_length=40)] | None = None


class Form(inputs.Query):
    """The form in which an answer is wanted; there is one."""

    f: Annotated[inputs.Text, Field(max_length=40)] | None = None


@blueprint.get("/ogc/")
@signed_in
def landing() -> Response:
    """Say where everything is."""
    inputs.query(Form)
    return jsonify(
        title="gridmap",
        description=gettext("网格、户、险情、事件和覆盖"),
        links=[
            _link("self", "", "application/json"),
            _link("data", "collections", "application/json"),
            _link("conformance", "conformance", "application/json"),
            _link(
                "service-desc",
                "../api/openapi.json",
                "application/vnd.oai.openapi+json;version=3.1",
            ),
            _link("service-doc", "../docs", "text/html"),
        ],
    )


@blueprint.get("/ogc/conformance")
@signed_in
def conformance() -> Response:
    """List the requirements classes that are met."""
    inputs.query(Form)
    return jsonify(conformsTo=list(_CONFORMS))


@blueprint.get("/ogc/collections")
@signed_in
def collections() -> Response:
    """List the layers that the asker may see."""
    inputs.query(Form)
    seen = [name for name, one in COLLECTIONS.items() if viewer().may(one.permission)]
    return jsonify(
        collections=[_described(name) for name in seen],
        links=[_link("self", "collections", "application/json")],
    )


@blueprint.get("/ogc/collections/<collection>")
@signed_in
def collection(collection: str) -> Response:
    """Describe one layer."""
    inputs.query(Form)
    _known(collection)
    return jsonify(_described(collection))


@blueprint.get("/ogc/collections/<collection>/items")
@signed_in
def items(collection: str) -> Response:
    """Give a page of a layer; `links` names the next one."""
    wanted = inputs.query(Wanted)
    known = _known(collection)
    cursor = None if wanted.cursor is None else known.key(wanted.cursor, "cursor")
    found = viewing.read_layer(
        parts().database,
        scope(known.permission),
        known.layer(),
        Ask(bbox=wanted.bbox, cursor=cursor, limit=wanted.limit),
        lambda _etag: False,
    )
    assert found.page is not None  # nothing is known to a program that sends no entity tag
    place = f"collections/{collection}/items"
    links = [_link("self", place, _GEOJSON, request.args.to_dict())]
    links.append(_link("collection", f"collections/{collection}", "application/json"))
    if found.page.after is not None:
        following = request.args.to_dict() | {"cursor": str(found.page.after)}
        links.append(_link("next", place, _GEOJSON, following))
    text = layers.written(
        found.page.features,
        found.version,
        timeStamp=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        numberReturned=len(found.page.features),
        links=links,
    )
    return Response(text, mimetype=_GEOJSON)


@blueprint.get("/ogc/collections/<collection>/items/<feature>")
@signed_in
def item(collection: str, feature: str) -> Response:
    """Give one feature."""
    inputs.query(Form)
    known = _known(collection)
    key = known.key(feature, "feature")
    layer = known.layer()
    found, _version = viewing.read_one(
        parts().database, scope(known.permission), layer, key, collection
    )
    place = f"collections/{collection}"
    whole = json.loads(found) | {
        "links": [
            _link("self", f"{place}/items/{feature}", _GEOJSON),
            _link("collection", place, "application/json"),
        ]
    }
    return Response(json.dumps(whole, ensure_ascii=False), mimetype=_GEOJSON)


def _known(name: str) -> Collection:
    found = COLLECTIONS.get(name)
    # a layer that is not for this person does not exist
    if found is None or not viewer().may(found.permission):
        raise not_found(f"collection {name}")
    return found


def _described(name: str) -> dict[str, Any]:
    place = f"collections/{name}"
    return {
        "id": name,
        "title": gettext(COLLECTIONS[name].title),
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [list(_bounds())], "crs": _CRS84}},
        "crs": [_CRS84],
        "links": [
            _link("self", place, "application/json"),
            _link("items", f"{place}/items", _GEOJSON),
        ],
    }


def _bounds() -> tuple[float, ...]:
    town = viewing.me(parts().database, viewer(), settings(), locale())
    return tuple(town["bounds"])


def _link(
    relation: str, place: str, kind: str, query: dict[str, str] | None = None
) -> dict[str, str]:
    root = hosts.root()
    address = f"{root}ogc/{place}" if not place.startswith("../") else f"{root}{place[3:]}"
    if query:
        address = f"{address}?{urlencode(query)}"
    return {"rel": relation, "href": address, "type": kind}
