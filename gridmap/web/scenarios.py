"""Scenarios of redrawing: opened, edited operation by operation, validated, approved, published."""

from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import (
    jobs,
    publishing,
    scenario_blocks,
    scenario_edits,
    scenario_validation,
    scenario_views,
    scenarios,
)
from gridmap.web import inputs
from gridmap.web.context import aside, parts, scope, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.grids import Day, today
from gridmap.web.language import locale
from gridmap.web.operation import Operation, read
from gridmap.web.permissions import permits
from gridmap.web.scenario_desk import written

blueprint = Blueprint("scenarios", __name__)


class New(inputs.Input):
    """Body of an opening."""

    area: inputs.AreaCode
    name: Annotated[inputs.Text, Field(min_length=1, max_length=80)]


@blueprint.get("/api/scenarios")
@permits(Permission.GRID_DRAW)
def listing() -> Response:
    """List the scenarios."""
    inputs.no_query()
    found = scenario_views.listing(parts().database, scope(), locale() == "en")
    return jsonify(items=found)


@blueprint.post("/api/scenarios")
@permits(Permission.GRID_DRAW)
def open_new() -> tuple[Response, int]:
    """Open a scenario on the grids in force of an area."""
    inputs.no_query()
    new = inputs.body(New)
    inputs.digits(new.area, "area", (6, 9, 12))
    found = scenarios.open_new(parts().database, scope(), new.area, new.name, aside)
    return jsonify(id=found), 201


@blueprint.get("/api/scenarios/<scenario_id>")
@permits(Permission.GRID_DRAW)
def one(scenario_id: str) -> Response:
    """Give a scenario with its figures, operations and findings."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    found = scenario_views.detail(parts().database, viewer(), scope(), number, locale() == "en")
    return versioned(found, found["version"])


@blueprint.get("/api/scenarios/<scenario_id>/grids")
@permits(Permission.GRID_DRAW)
def grids(scenario_id: str) -> Response:
    """Give the grids of a scenario and all faults."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    return _collection(scenario_views.grids(parts().database, scope(), number))


@blueprint.get("/api/scenarios/<scenario_id>/arcs")
@permits(Permission.GRID_DRAW)
def arcs(scenario_id: str) -> Response:
    """Give the borders of a scenario, each once with its two sides."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    return _collection(scenario_views.arcs(parts().database, scope(), number, aside))


@blueprint.get("/api/scenarios/<scenario_id>/blocks")
@permits(Permission.GRID_DRAW)
def blocks(scenario_id: str) -> Response:
    """Give the street blocks of a scenario with the grid each lies in."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    return _collection(scenario_blocks.listing(parts().database, scope(), number, aside))


def _collection(found: scenario_views.Collection) -> Response:
    response = Response(found.text(), mimetype="application/geo+json")
    response.set_etag(str(found.more["version"]))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.post("/api/scenarios/<scenario_id>/operations")
@permits(Permission.GRID_DRAW)
def operate(scenario_id: str) -> Response:
    """Apply one operation, or undo, or redo."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    edit = read(inputs.body(Operation))
    found = scenario_edits.apply(parts().database, scope(), number, edit, aside)
    return written(found)


@blueprint.post("/api/scenarios/<scenario_id>/approve")
@permits(Permission.GRID_PUBLISH)
def approve(scenario_id: str) -> Response:
    """Approve a valid scenario; not for who has made or edited it."""
    number = _plain(scenario_id)
    scenarios.approve(parts().database, scope(), number, if_match(required=False))
    return _detail(number)


class Publication(inputs.Input):
    """Body of a publication."""

    effective_from: Day


@blueprint.post("/api/scenarios/<scenario_id>/validate")
@permits(Permission.GRID_DRAW)
def validate(scenario_id: str) -> tuple[Response, int]:
    """Have a worker look at everything."""
    number = _plain(scenario_id)
    database = parts().database
    jobs.make_room(database, viewer())
    job = scenario_validation.request(database, scope(), number, if_match(required=False))
    return jsonify(job=job), 202


@blueprint.post("/api/scenarios/<scenario_id>/publish")
@permits(Permission.GRID_PUBLISH)
def publish(scenario_id: str) -> Response:
    """Publish an approved scenario from a day on; not for who has made or edited it."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    day = inputs.body(Publication).effective_from
    seen = if_match(required=False)
    publishing.publish(parts().database, scope(), number, day, today(), seen)
    return _detail(number)


@blueprint.post("/api/scenarios/<scenario_id>/withdraw")
@permits(Permission.GRID_PUBLISH)
def withdraw(scenario_id: str) -> Response:
    """Take a publication back before its day."""
    number = _plain(scenario_id)
    publishing.withdraw(parts().database, scope(), number, if_match(required=False))
    return _detail(number)


@blueprint.post("/api/scenarios/<scenario_id>/discard")
@permits(Permission.GRID_DRAW)
def discard(scenario_id: str) -> Response:
    """Discard a scenario."""
    number = _plain(scenario_id)
    scenarios.discard(parts().database, scope(), number, if_match(required=False))
    return _detail(number)


@blueprint.post("/api/scenarios/<scenario_id>/reopen")
@permits(Permission.GRID_DRAW)
def reopen(scenario_id: str) -> Response:
    """Take a scenario back to work."""
    number = _plain(scenario_id)
    scenarios.reopen(parts().database, scope(), number, if_match(required=False))
    return _detail(number)


@blueprint.post("/api/scenarios/<scenario_id>/rebase")
@permits(Permission.GRID_DRAW)
def rebase(scenario_id: str) -> Response:
    """Copy anew what others have published in the meantime, where nothing was changed here."""
    number = _plain(scenario_id)
    seen = if_match(required=False)
    scenarios.rebase(parts().database, scope(), number, seen, aside)
    return _detail(number)


def _plain(scenario_id: str) -> int:
    """Read the address of a step that takes no fields."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    inputs.body(inputs.Input)
    return number


def _detail(number: int) -> Response:
    found = scenario_views.detail(parts().database, viewer(), scope(), number, locale() == "en")
    return versioned(found, found["version"])
