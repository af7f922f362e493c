"""Beside the operations on a scenario: who has what in hand, and what others have changed."""

import json
from typing import Annotated, Any

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import (
    scenario_buildings,
    scenario_changes,
    scenario_locks,
    scenario_members,
    scenario_views,
)
from gridmap.web import inputs
from gridmap.web.context import aside, parts, scope
from gridmap.web.operation import GridKey
from gridmap.web.permissions import permits

blueprint = Blueprint("scenario_desk", __name__)


class Since(inputs.Query):
    """From which version on."""

    since: Annotated[inputs.Count, Field(ge=0, le=2**31 - 1)]


class Held(inputs.Input):
    """Body: all grids that a person has in hand."""

    grids: Annotated[list[GridKey], Field(max_length=scenario_locks.MOST)]


@blueprint.get("/api/scenarios/<scenario_id>/changes")
@permits(Permission.GRID_DRAW)
def changes(scenario_id: str) -> Response:
    """Give what differs between a version and now."""
    version = inputs.query(Since).since
    number = inputs.path_number(scenario_id, "id")
    return written(scenario_changes.since(parts().database, scope(), number, version, aside))


class Shown(inputs.Query):
    """Which part of the map."""

    bbox: inputs.BoundingBox


@blueprint.get("/api/scenarios/<scenario_id>/buildings")
@permits(Permission.GRID_DRAW)
def buildings(scenario_id: str) -> Response:
    """Give the buildings in a part of the map, each with the grid it stands in."""
    box = inputs.query(Shown).bbox
    number = inputs.path_number(scenario_id, "id")
    found = scenario_buildings.listing(parts().database, scope(), number, box)
    return Response(found.text(), mimetype="application/geo+json")


class Measured(inputs.Query):
    """Which grids, by key; all when none is named."""

    grids: Annotated[str, Field(max_length=2000)] | None = None


@blueprint.get("/api/scenarios/<scenario_id>/measures")
@permits(Permission.GRID_DRAW)
def measures(scenario_id: str) -> Response:
    """Give the figures of grids without their shapes, with the sums and all faults."""
    asked = inputs.query(Measured).grids
    keys = None if asked is None else asked.split(",")
    number = inputs.path_number(scenario_id, "id")
    return jsonify(scenario_views.measures(parts().database, scope(), number, keys))


@blueprint.get("/api/scenarios/<scenario_id>/members")
@permits(Permission.GRID_DRAW)
def members(scenario_id: str) -> Response:
    """List who may be appointed to look after a grid."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    return jsonify(items=scenario_members.listing(parts().database, scope(), number))


@blueprint.get("/api/scenarios/<scenario_id>/locks")
@permits(Permission.GRID_DRAW)
def locks(scenario_id: str) -> Response:
    """List who has which grids in hand, until when."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    return jsonify(scenario_locks.listing(parts().database, scope(), number))


@blueprint.post("/api/scenarios/<scenario_id>/locks")
@permits(Permission.GRID_DRAW)
def hold(scenario_id: str) -> Response:
    """Have grids in hand for a minute, and no others; an empty list lets all go."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    wanted = inputs.body(Held).grids
    return jsonify(scenario_locks.hold(parts().database, scope(), number, wanted))


def written(found: dict[str, Any]) -> Response:
    """Write what has changed in a scenario; its features are text already."""
    texts = [name for name in ("changed", "noded", "arcs") if name in found]
    plain = {name: value for name, value in found.items() if name not in texts}
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False)[:-1]
    for name in texts:
        features = ",".join(found[name])
        text += f', "{name}": {{"type": "FeatureCollection", "features": [{features}]}}'
    response = Response(text + "}", mimetype="application/json")
    response.set_etag(str(found["version"]))
    return response
