"""Evacuation plans: asked for, and read."""

from typing import Literal

from flask import Blueprint, Response, jsonify

from gridmap.model.access import Permission
from gridmap.services import jobs, plans, reading, reports, viewing
from gridmap.web import inputs, layers
from gridmap.web.context import parts, scope, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("plans", __name__)


class New(inputs.Input):
    """Body that asks for a plan."""

    hazard: inputs.Id


class Rows(inputs.Query):
    """Parameters of the list of assignments."""

    cursor: inputs.Sequence64 = 0
    limit: inputs.Limit = 500


class Ways(inputs.Query):
    """Parameters of the routes: on foot unless asked for vehicles."""

    mode: Literal["walk", "drive"] = "walk"


@blueprint.get("/api/plans")
@permits(Permission.PLAN_VIEW)
def listing() -> Response:
    """List the plans."""
    inputs.no_query()
    return jsonify(reports.plans(parts().database, scope(), locale()))


@blueprint.post("/api/plans")
@permits(Permission.PLAN_DRAFT)
def draft() -> tuple[Response, int]:
    """Ask for a plan for a hazard; a worker drafts it."""
    inputs.no_query()
    asked = inputs.body(New)
    jobs.make_room(parts().database, viewer())
    plan, job = plans.request(parts().database, scope(), asked.hazard)
    return jsonify(plan=plan, job=job), 202


@blueprint.get("/api/plans/<plan_id>")
@permits(Permission.PLAN_VIEW)
def show(plan_id: str) -> Response:
    """Give a plan: totals, shelters, zones, and who cannot be served."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    return jsonify(reports.plan(parts().database, scope(), number, locale()))


@blueprint.get("/api/plans/<plan_id>/routes")
@permits(Permission.PLAN_VIEW)
def routes(plan_id: str) -> Response:
    """Give the ways of a plan, merged for drawing."""
    asked = inputs.query(Ways)
    number = inputs.path_number(plan_id, "id")
    head, version = reports.plan_version(parts().database, scope(), number, locale())
    etag = viewing.tag("routes", asked.mode, head, scope().areas, locale())
    if layers.knows(etag):
        return layers.not_modified(etag)
    features = reports.plan_lines(parts().database, scope(), number, locale(), asked.mode)
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
        )
    )
