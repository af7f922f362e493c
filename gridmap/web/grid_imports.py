"""Grids from a file: what repairing them changes, what is decided, the scenario they become."""

from typing import Annotated

from flask import Blueprint, Response, current_app, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import grid_import_decisions, grid_imports, jobs, uploads
from gridmap.services.grid_import_decisions import Wish
from gridmap.web import inputs
from gridmap.web.context import aside, parts, scope, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("grid_imports", __name__)

_LAYERS = ("communities", "grids", "households")
ChangeId = Annotated[str, Field(pattern=r"^[a-z]{2,20}(-[0-9a-z-]{1,40})?$")]
Choice = Annotated[str, Field(pattern=r"^[0-9a-z-]{1,40}$")]


class Decisions(inputs.Input):
    """Body of a decision: what is left out stays as it is."""

    decisions: Annotated[dict[ChangeId, Choice | None], Field(max_length=5000)] = {}
    accept: Annotated[list[inputs.Key], Field(max_length=30)] = []
    metres: Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)] | None = None
    mapping: dict[inputs.Key, Annotated[inputs.Text, Field(max_length=200)]] | None = None
    name: Annotated[inputs.Text, Field(min_length=1, max_length=80)] | None = None


@blueprint.get("/imports/<upload_id>")
@permits(Permission.GRID_DRAW)
def repair_page(upload_id: str) -> Response:
    """Show what repairing imported grids changes, on the map and in a list."""
    number = inputs.path_number(upload_id, "id")
    grid_imports.show(parts().database, scope(), number)
    return page("import_grids.html", layers=_LAYERS, hidden=("households",), upload_id=number)


@blueprint.get("/api/uploads/<upload_id>/repair")
@permits(Permission.GRID_DRAW)
def repair(upload_id: str) -> Response:
    """Give every change that repairing imported grids makes, and what was decided about it."""
    inputs.no_query()
    number = inputs.path_number(upload_id, "id")
    found = grid_imports.show(parts().database, scope(), number)
    return versioned(found, found["version"])


@blueprint.get("/api/uploads/<upload_id>/repair/grids")
@permits(Permission.GRID_DRAW)
def grids(upload_id: str) -> Response:
    """Give the grids that come out."""
    return _collection(upload_id, drawn=False)


@blueprint.get("/api/uploads/<upload_id>/repair/drawn")
@permits(Permission.GRID_DRAW)
def drawn(upload_id: str) -> Response:
    """Give the grids as they are drawn in the file."""
    return _collection(upload_id, drawn=True)


def _collection(upload_id: str, *, drawn: bool) -> Response:
    inputs.no_query()
    number = inputs.path_number(upload_id, "id")
    found = grid_imports.collection(parts().database, scope(), number, drawn=drawn)
    response = Response(found.text(), mimetype="application/geo+json")
    response.set_etag(str(found.more["version"]))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@blueprint.post("/api/uploads/<upload_id>/repair")
@permits(Permission.GRID_DRAW)
def decide(upload_id: str) -> Response:
    """Decide about changes, one by one or all of a kind; everything is worked out anew."""
    inputs.no_query()
    number = inputs.path_number(upload_id, "id")
    said = inputs.body(Decisions)
    seen = if_match()
    assert seen is not None
    wish = Wish(said.decisions, tuple(said.accept), said.metres, said.mapping, said.name)
    found = grid_import_decisions.decide(parts().database, scope(), number, wish, seen, aside)
    return versioned(found, found["version"])


@blueprint.post("/api/uploads/<upload_id>/scenario")
@permits(Permission.GRID_DRAW)
def scenario(upload_id: str) -> tuple[Response, int]:
    """Ask a worker to make a scenario of the grids as they are shown."""
    inputs.no_query()
    number = inputs.path_number(upload_id, "id")
    inputs.body(inputs.Input)
    seen = if_match()
    assert seen is not None
    database = parts().database
    jobs.make_room(database, viewer())
    bounds = tuple(current_app.config["BOUNDS"])
    return jsonify(uploads.make_scenario(database, scope(), number, seen, bounds)), 202
