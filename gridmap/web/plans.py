"""Evacuation plans: asked for, and read."""

from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.model.plan_options import PlanOptions
from gridmap.services import (
    jobs,
    plan_again,
    plan_orders,
    plan_views,
    plans,
    reading,
    reports,
    viewing,
)
from gridmap.web import inputs, layers
from gridmap.web.context import parts, scope, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("plans", __name__)


class Options(inputs.Input):
    """How a plan is to be drafted; what is left out or null limits nothing."""

    tolerance: inputs.Number | None = None
    m2_per_person: inputs.Number | None = None
    walk_limit_minutes: inputs.Id | None = None
    bridges: Literal["kept", "closed"] = "kept"
    slide_bearing: inputs.Number | None = None
    robust: Literal["none", "shelter", "road", "any"] = "none"
    deadline_minutes: inputs.Id | None = None
    wave_people: inputs.Id | None = None
    wave_minutes: inputs.Id | None = None
    vehicles: bool = True
    together: bool = True
    assembly_minutes: inputs.Id | None = 15
    assembly_people: inputs.Id = 500
    walk_first: bool = True
    staging: Literal["auto", "always", "never"] = "auto"
    without: Annotated[list[inputs.Id], Field(max_length=200)] = []


class New(inputs.Input):
    """Body that asks for a plan."""

    hazard: inputs.Id
    options: Options = Options()


class Rows(inputs.Query):
    """Parameters of the list of assignments."""

    cursor: inputs.Sequence64 = 0
    limit: inputs.Limit = 500
    grid: inputs.AreaCode | None = None
    only: Literal["unserved"] | None = None


Reason = Annotated[inputs.Text, Field(min_length=1, max_length=500)]


class Approval(inputs.Input):
    """Body of an approval: the content that was read, why, and until when to be gone."""

    check: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    reason: Reason | None = None
    clear_by: inputs.Moment | None = None


class Rejection(inputs.Input):
    """Body of a rejection."""

    reason: Reason


class Step(inputs.Input):
    """Body of a step that needs no words."""


class Ways(inputs.Query):
    """Parameters of the routes: on foot unless asked for vehicles."""

    mode: Literal["walk", "drive"] = "walk"


@blueprint.get("/api/plans")
@permits(Permission.PLAN_VIEW)
def listing() -> Response:
    """List the plans."""
    inputs.no_query()
    needs_in = reading.readable_needs(parts().database, viewer())
    return jsonify(reports.plans(parts().database, scope(), locale(), needs_in))


@blueprint.post("/api/plans")
@permits(Permission.PLAN_DRAFT)
def draft() -> tuple[Response, int]:
    """Ask for a plan for a hazard; a worker drafts it."""
    inputs.no_query()
    asked = inputs.body(New)
    options = PlanOptions(**asked.options.model_dump())
    jobs.make_room(parts().database, viewer())
    plan, job = plans.request(parts().database, scope(), asked.hazard, options)
    return jsonify(plan=plan, job=job), 202


@blueprint.get("/api/plans/<plan_id>")
@permits(Permission.PLAN_VIEW)
def show(plan_id: str) -> Response:
    """Give a plan: totals, shelters, zones, who cannot be served, and what may be done with it."""
    inputs.no_query()
    return _plan(inputs.path_number(plan_id, "id"))


@blueprint.post("/api/plans/<plan_id>/replan")
@permits(Permission.PLAN_DRAFT)
def replan(plan_id: str) -> tuple[Response, int]:
    """Ask for the plan once more from the data of now, with the fewest changes."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    inputs.body(Step)
    jobs.make_room(parts().database, viewer())
    plan, job = plan_again.request(parts().database, scope(), number)
    return jsonify(plan=plan, job=job), 202


@blueprint.get("/api/plans/<plan_id>/changes")
@permits(Permission.PLAN_VIEW)
def changes(plan_id: str) -> Response:
    """Give who goes elsewhere than in the plan before, and why."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    needs_in = reading.readable_needs(parts().database, viewer())
    found = plan_views.changes(parts().database, scope(), number, locale(), needs_in)
    return jsonify(rows=found)


def _seen() -> int:
    """Read the version of the plan that the person has seen."""
    version = if_match()
    assert version is not None
    return version


def _plan(number: int) -> Response:
    asked = viewer().scope(Permission.PLAN_VIEW, g.request_id)
    needs_in = reading.readable_needs(parts().database, viewer())
    found = reports.plan(parts().database, asked, number, locale(), needs_in)
    english = locale() == "en"
    found |= plan_views.parts(parts().database, asked, number, needs_in, english=english)
    found["can"] = plan_orders.steps_of(viewer(), found)
    return versioned(found, found["revision"])


@blueprint.post("/api/plans/<plan_id>/approve")
@permits(Permission.PLAN_APPROVE)
def approve(plan_id: str) -> Response:
    """Make a draft an order: by a commander who did not ask for it, on what they have read."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    version = _seen()
    given = inputs.body(Approval)
    plan_orders.approve(
        parts().database,
        viewer(),
        g.request_id,
        number,
        plan_orders.Approval(version, given.check, given.reason, given.clear_by),
    )
    return _plan(number)


@blueprint.post("/api/plans/<plan_id>/reject")
@permits(Permission.PLAN_APPROVE)
def reject(plan_id: str) -> Response:
    """Send a draft back, with a reason."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    version = _seen()
    given = inputs.body(Rejection)
    plan_orders.reject(parts().database, viewer(), g.request_id, number, version, given.reason)
    return _plan(number)


@blueprint.post("/api/plans/<plan_id>/activate")
@permits(Permission.PLAN_APPROVE)
def activate(plan_id: str) -> Response:
    """Set an approved plan going."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    version = _seen()
    inputs.body(Step)
    plan_orders.activate(parts().database, viewer(), g.request_id, number, version)
    return _plan(number)


@blueprint.post("/api/plans/<plan_id>/close")
@permits(Permission.PLAN_APPROVE)
def close(plan_id: str) -> Response:
    """End a plan."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    version = _seen()
    inputs.body(Step)
    plan_orders.close(parts().database, viewer(), g.request_id, number, version)
    return _plan(number)


@blueprint.get("/api/plans/<plan_id>/households/<household_id>/way")
@permits(Permission.PLAN_VIEW)
def way(plan_id: str, household_id: str) -> Response:
    """Give the way of one household, on foot and by vehicle."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    home = inputs.path_number(household_id, "household")
    _head, version = reports.plan_version(parts().database, scope(), number, locale())
    features = reports.household_way(parts().database, scope(), number, home)
    return Response(layers.written(features, version), mimetype="application/geo+json")


@blueprint.get("/api/plans/<plan_id>/routes")
@permits(Permission.PLAN_VIEW)
def routes(plan_id: str) -> Response:
    """Give the ways of a plan, merged for drawing."""
    asked = inputs.query(Ways)
    number = inputs.path_number(plan_id, "id")
    head, version = reports.plan_version(parts().database, scope(), number, locale())
    personal_in = reading.readable_needs(parts().database, viewer())
    etag = viewing.tag("routes", asked.mode, head, scope().areas, personal_in, locale())
    if layers.knows(etag):
        return layers.not_modified(etag)
    features = reports.plan_lines(
        parts().database, scope(), number, locale(), asked.mode, personal_in
    )
    text = layers.written(features, version)
    return layers.tagged(Response(text, mimetype="application/geo+json"), etag)


@blueprint.get("/api/plans/<plan_id>/assignments")
@permits(Permission.PLAN_VIEW)
def assignments(plan_id: str) -> Response:
    """Give a page of who goes where."""
    asked = inputs.query(Rows)
    number = inputs.path_number(plan_id, "id")
    return jsonify(
        reports.assignments(
            parts().database,
            scope(),
            number,
            after=asked.cursor,
            limit=asked.limit,
            personal_in=reading.readable_needs(parts().database, viewer()),
            language=locale(),
            grid=asked.grid,
            only=asked.only,
        )
    )
