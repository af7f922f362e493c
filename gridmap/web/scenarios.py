"""Scenarios of redrawing: opened, edited operation by operation, validated, approved, published."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.problems import bad_value
from gridmap.services import (
    jobs,
    publishing,
    scenario_edits,
    scenario_validation,
    scenario_views,
    scenarios,
)
from gridmap.services.scenario_edits import Edit
from gridmap.web import inputs
from gridmap.web.context import aside, parts, scope, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.grids import Day, today
from gridmap.web.language import locale
from gridmap.web.permissions import permits
from gridmap.web.scenario_desk import GridKey, Version, written

blueprint = Blueprint("scenarios", __name__)

BlockId = Annotated[int, Field(ge=1, le=2**31 - 1)]


class New(inputs.Input):
    """Body of an opening."""

    area: inputs.AreaCode
    name: Annotated[inputs.Text, Field(min_length=1, max_length=80)]


class Operation(inputs.Input):
    """Body of an operation; which fields it needs depends on its kind."""

    base: Version
    kind: Literal["move_edge", "split", "merge", "hand_over", "rename", "undo", "redo"]
    arc: Annotated[str, Field(max_length=80)] | None = None
    line: dict[str, Any] | None = None
    grid: GridKey | None = None
    parts: Annotated[int, Field(ge=2, le=50)] | None = None
    grids: Annotated[list[GridKey], Field(max_length=50)] | None = None
    blocks: Annotated[list[BlockId], Field(max_length=2000)] | None = None
    to: GridKey | None = None
    name: Annotated[inputs.Text, Field(max_length=80)] | None = None


# what each kind needs; the two of a split are one or the other
_NEEDS: dict[str, tuple[str, ...]] = {
    "move_edge": ("arc", "line"),
    "split": ("grid",),
    "merge": ("grids",),
    "hand_over": ("blocks", "to"),
    "rename": ("grid", "name"),
    "undo": (),
    "redo": (),
}
_CHOICE = {"split": ("line", "parts")}
_FIELDS = ("arc", "line", "grid", "parts", "grids", "blocks", "to", "name")


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
    return _collection(scenario_views.blocks(parts().database, scope(), number))


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
    edit = _edit(inputs.body(Operation))
    found = scenario_edits.apply(parts().database, scope(), number, edit, aside)
    return written(found)


def _edit(asked: Operation) -> Edit:
    """Check that an operation has what its kind needs, and nothing else."""
    given = {name for name in _FIELDS if getattr(asked, name) is not None}
    needed, choice = set(_NEEDS[asked.kind]), set(_CHOICE.get(asked.kind, ()))
    for name in sorted(needed - given):
        raise bad_value(name, f"needed to {asked.kind}")
    for name in sorted(given - needed - choice):
        raise bad_value(name, f"not taken to {asked.kind}")
    if choice and len(choice & given) != 1:
        raise bad_value("line", "either a line or a number of parts is needed")
    line = None
    if asked.line is not None:
        line = inputs.geometry(asked.line, "line", ("LineString",))
    return Edit(
        kind=asked.kind,
        base=asked.base,
        arc=asked.arc,
        line=line,
        grid=asked.grid,
        parts=asked.parts,
        grids=tuple(asked.grids or ()),
        blocks=tuple(asked.blocks or ()),
        to=asked.to,
        name=asked.name,
        arguments=asked.model_dump(exclude_none=True, exclude={"base", "kind"}),
    )


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
