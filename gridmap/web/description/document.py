"""OpenAPI 3.1 of every route a program may call."""

import inspect
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from flask import Flask
from pydantic import BaseModel
from werkzeug.routing import Rule

from gridmap.web.description.reading import Taken, read
from gridmap.web.description.shapes import COMPONENTS, GEOMETRY_FIELDS, PATH_KINDS
from gridmap.web.permissions import declared, is_public

_PART = re.compile(r"<(?:(\w+):)?(\w+)>")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_FOR_PROGRAMS = ("/api/", "/ogc", "/tiles/", "/healthz", "/readyz")
# Parts of a path that no call of `inputs` reads, because they are words.
_WORDS: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 64}
_BYTES = "application/octet-stream"
_GRID_FILES = ("application/geo+json", "application/geopackage+sqlite3", "application/zip")
_TYPES = {
    "/tiles/": ("application/vnd.mapbox-vector-tile",),
    "/api/live/stream": ("text/event-stream",),
    "/api/grids/export": _GRID_FILES,
    "/api/scenarios/<scenario_id>/export": _GRID_FILES,
    "/api/scenarios/<scenario_id>/compare.xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}
_TYPES["/responses/<response_id>/after.pdf"] = ("application/pdf",)
_TYPES["/plan-templates/<key>.pdf"] = ("application/pdf",)
_TYPES["/api/care/figures.xlsx"] = _TYPES["/api/scenarios/<scenario_id>/compare.xlsx"]
_TYPES["/api/alerts/<alert_id>.cap"] = ("application/cap+xml",)
_TYPES["/api/facilities/file.xlsx"] = _TYPES["/api/care/figures.xlsx"]
_FAULTS = {
    "400": "What was sent cannot be used; `faults` names the places",
    "401": "Nobody is signed in, or the token is not known",
    "403": "The person, or the scope of the token, does not allow it",
    "404": "There is none, or it is not for this person",
    "409": "The state of the noun, or a change by somebody else, stands against it",
    "413": "Too long",
    "415": "Not of a type that is taken",
    "422": "Understood, but it cannot be done",
    "428": "Name the version that was read in If-Match",
    "429": "Too often; Retry-After says when again",
    "503": "For the moment not; Retry-After says when again",
}


def describe(app: Flask) -> dict[str, Any]:
    """Describe every route that a program may call.

    Returns
    -------
    dict
        An OpenAPI 3.1 document; the same application gives the same document.
    """
    paths: dict[str, Any] = {}
    models: dict[str, Any] = {}
    for rule, method in _routes(app):
        view = app.view_functions[rule.endpoint]
        address = _PART.sub(r"{\2}", rule.rule)
        operation = _operation(rule, method, view, models)
        paths.setdefault(address, {})[method.lower()] = operation
    components = {**COMPONENTS["schemas"], **dict(sorted(models.items()))}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gridmap",
            "version": version("gridmap"),
            "summary": "Grids, households, hazards, incidents, coverage and evacuation of a county",
            "description": (
                "Coordinates are longitude, latitude in EPSG:4326. Errors are problem details"
                " (RFC 9457). A browser sends its session's cookie and, to change anything, the"
                " page's token in X-CSRFToken; a program sends `Authorization: Bearer gm_...`."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": name} for name in sorted({_tag(rule) for rule, _ in _routes(app)})],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": components,
            "responses": COMPONENTS["responses"],
            "securitySchemes": COMPONENTS["securitySchemes"],
        },
    }


def _routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        if not rule.rule.startswith(_FOR_PROGRAMS):
            continue
        for method in _METHODS:
            if method in (rule.methods or ()):
                yield rule, method


def _tag(rule: Rule) -> str:
    return str(rule.endpoint).partition(".")[0]


def _operation(rule: Rule, method: str, view: Any, models: dict[str, Any]) -> dict[str, Any]:
    taken = read(view)
    words = inspect.getdoc(inspect.unwrap(view)) or ""
    summary, _, more = words.partition("\n")
    permission = declared(view)
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint.replace('.', '_')}_{method.lower()}",
        "summary": summary.rstrip("."),
        "tags": [_tag(rule)],
        "parameters": [*_path(rule, taken), *_query(taken.query, models), *_headers(taken)],
        "responses": _responses(rule, method, taken, public=is_public(view)),
    }
    described = " ".join(more.split())
    if permission is not None:
        described = f"{described} Needs the permission `{permission}`.".strip()
    if described:
        operation["description"] = described
    if is_public(view):
        operation["security"] = []
    if taken.raw:
        types = ["image/jpeg", "image/png", "image/webp"] if "photos" in rule.rule else [_BYTES]
        operation["requestBody"] = {"required": True, "content": {kind: {} for kind in types}}
    if taken.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _schema(taken.body, models)}},
        }
    return operation


def _path(rule: Rule, taken: Taken) -> list[dict[str, Any]]:
    found = []
    for _converter, name in _PART.findall(rule.rule):
        schema = PATH_KINDS.get(taken.path.get(name, ""), _WORDS)
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    return found


def _query(model: type[BaseModel] | None, models: dict[str, Any]) -> list[dict[str, Any]]:
    if model is None:
        return []
    whole = model.model_json_schema(ref_template="#/components/schemas/{model}")
    models.update(whole.get("$defs", {}))
    needed = whole.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": schema}
        for name, schema in whole.get("properties", {}).items()
    ]


def _headers(taken: Taken) -> list[dict[str, Any]]:
    found = []
    if taken.tagged:
        found.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
                "description": "ETag of what is held already: 304 if it still holds",
            }
        )
    if taken.versioned:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
                "description": "The version that was read, in quotation marks",
            }
        )
    return found


def _schema(model: type[BaseModel], models: dict[str, Any]) -> dict[str, Any]:
    """Put a model among the components; a field that is a shape refers to GeoJSON's."""
    whole = model.model_json_schema(ref_template="#/components/schemas/{model}")
    models.update(whole.pop("$defs", {}))
    properties = whole.get("properties", {})
    for name in GEOMETRY_FIELDS & properties.keys():
        geometry: dict[str, Any] = {"$ref": "#/components/schemas/Geometry"}
        if "anyOf" in properties[name]:
            geometry = {"anyOf": [geometry, {"type": "null"}]}
        properties[name] = geometry
    name = f"{model.__module__.rpartition('.')[2]}_{model.__name__}"
    models[name] = whole
    return {"$ref": f"#/components/schemas/{name}"}


def _responses(rule: Rule, method: str, taken: Taken, *, public: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for code in sorted(taken.codes):
        found[str(code)] = _success(rule, code, taken)
    if taken.tagged and method == "GET":
        found["304"] = {"description": "What the asker holds is still right"}
    if rule.rule == "/tiles/" or rule.rule.startswith("/tiles/"):
        found["204"] = {"description": "Nothing is there"}
    for fault, words in _FAULTS.items():
        if (fault == "401" and public) or (fault == "428" and not taken.versioned):
            continue
        if fault in ("413", "415") and method == "GET":
            continue
        found[fault] = {"$ref": "#/components/responses/Problem"} | {"description": words}
    return found


def _success(rule: Rule, code: int, taken: Taken) -> dict[str, Any]:
    if code in (204, 303):
        return {"description": "Done" if code == 204 else "Done; go on there"}
    kinds = next((kinds for start, kinds in _TYPES.items() if rule.rule.startswith(start)), ())
    if taken.features:
        schema: dict[str, Any] = {"$ref": "#/components/schemas/FeatureCollection"}
        content = {"application/geo+json": {"schema": schema}}
    elif kinds:
        content = {kind: {} for kind in kinds}
    else:
        content = {"application/json": {"schema": {"type": "object"}}}
    return {"description": "Done" if code != 202 else "Begun; the job tells how far it is"} | {
        "content": content
    }
