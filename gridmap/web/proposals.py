"""Proposals for a scenario: asked for, looked at, taken in part or whole, put aside."""

from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.problems import bad_value
from gridmap.services import jobs, scenario_proposals, scenario_taking
from gridmap.web import inputs
from gridmap.web.context import aside, parts, scope, viewer
from gridmap.web.operation import BuildingId, GridKey, Version
from gridmap.web.permissions import permits
from gridmap.web.scenario_desk import written

blueprint = Blueprint("proposals", __name__)

Households = Annotated[int, Field(ge=1, le=100_000)]


class Wanted(inputs.Input):
    """Body of a request; which fields it takes depends on its kind."""

    kind: Literal["rebalance", "absorb", "resign", "redraw", "merge_communities"]
    community: inputs.AreaCode | None = None
    communities: Annotated[list[inputs.AreaCode], Field(min_length=2, max_length=10)] | None = None
    name: Annotated[inputs.Text, Field(max_length=80)] | None = None
    grid: GridKey | None = None
    grids: Annotated[list[GridKey], Field(min_length=1, max_length=200)] | None = None
    buildings: Annotated[list[BuildingId], Field(min_length=1, max_length=1000)] | None = None
    to: GridKey | None = None
    minimum: Households | None = None
    maximum: Households | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


# needed (one of each group), and taken besides
_FIELDS: dict[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]] = {
    "rebalance": ((), ("community", "grids")),
    "absorb": ((("grids", "buildings"),), ()),
    "resign": ((("grid",),), ("to",)),
    "redraw": ((("community",),), ("minimum", "maximum", "seed")),
    "merge_communities": ((("communities",),), ("name",)),
}


class Taken(inputs.Input):
    """Body: which steps, against which version."""

    base: Version
    steps: (
        Annotated[list[Annotated[int, Field(ge=1, le=10_000)]], Field(max_length=2000)] | None
    ) = None


@blueprint.get("/api/scenarios/<scenario_id>/proposals")
@permits(Permission.GRID_DRAW)
def listing(scenario_id: str) -> Response:
    """List the proposals for a scenario, the newest first."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    return jsonify(items=scenario_proposals.listing(parts().database, scope(), number))


@blueprint.post("/api/scenarios/<scenario_id>/proposals")
@permits(Permission.GRID_DRAW)
def ask(scenario_id: str) -> tuple[Response, int]:
    """Ask a worker for a proposal."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    wanted = inputs.body(Wanted)
    told = _told(wanted)
    database = parts().database
    jobs.make_room(database, viewer())
    found = scenario_proposals.request(database, scope(), number, wanted.kind, told)
    return jsonify(found), 202


def _told(wanted: Wanted) -> dict[str, object]:
    """Check that a request has what its kind needs, and nothing else."""
    told = wanted.model_dump(exclude_none=True, exclude={"kind"})
    needed, besides = _FIELDS[wanted.kind]
    for group in needed:
        if len(set(group) & set(told)) != 1:
            raise bad_value(group[0], f"{' or '.join(group)} is needed to {wanted.kind}")
    known = {name for group in needed for name in group} | set(besides)
    for name in sorted(set(told) - known):
        raise bad_value(name, f"not taken to {wanted.kind}")
    for name in ("community", "communities"):
        for code in [told[name]] if name == "community" and name in told else told.get(name, ()):
            inputs.digits(code, name, (12,))
    low, high = wanted.minimum, wanted.maximum
    if low is not None and high is not None and low > high:
        raise bad_value("minimum", "no more than the maximum is needed")
    return told


@blueprint.get("/api/scenarios/<scenario_id>/proposals/<proposal_id>")
@permits(Permission.GRID_DRAW)
def one(scenario_id: str, proposal_id: str) -> Response:
    """Give a proposal with its figures, grids and steps."""
    inputs.no_query()
    number, which = inputs.path_number(scenario_id, "id"), inputs.path_number(proposal_id, "id")
    return jsonify(scenario_proposals.detail(parts().database, scope(), number, which))


@blueprint.post("/api/scenarios/<scenario_id>/proposals/<proposal_id>/take")
@permits(Permission.GRID_DRAW)
def take(scenario_id: str, proposal_id: str) -> Response:
    """Take steps of a proposal, all of them when none is named."""
    inputs.no_query()
    number, which = inputs.path_number(scenario_id, "id"), inputs.path_number(proposal_id, "id")
    asked = inputs.body(Taken)
    found = scenario_taking.take(
        parts().database, scope(), number, which, asked.base, asked.steps, aside
    )
    return written(found)


@blueprint.post("/api/scenarios/<scenario_id>/proposals/<proposal_id>/dismiss")
@permits(Permission.GRID_DRAW)
def dismiss(scenario_id: str, proposal_id: str) -> Response:
    """Put a proposal aside."""
    inputs.no_query()
    number, which = inputs.path_number(scenario_id, "id"), inputs.path_number(proposal_id, "id")
    inputs.body(inputs.Input)
    scenario_proposals.dismiss(parts().database, scope(), number, which)
    return jsonify(scenario_proposals.detail(parts().database, scope(), number, which))
