"""Coverage runs read: by grid at any limit, by area, beside another run, over time."""

from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import coverage_readings, reading
from gridmap.web import inputs
from gridmap.web.context import parts, scope, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("coverage_readings", __name__)


class Grids(inputs.Query):
    """Parameters of the sums by grid: another limit, in whole seconds or metres."""

    limit: Annotated[inputs.Count, Field(ge=1, le=1_000_000)] | None = None


class Areas(inputs.Query):
    """Parameters of the sums by area."""

    level: Literal["community", "township"] = "community"


class History(inputs.Query):
    """Parameters of the sums over time."""

    standard: inputs.Key
    area: inputs.AreaCode | None = None


def _needs_in() -> tuple[str, ...]:
    return reading.readable_needs(parts().database, viewer())


@blueprint.get("/api/coverage/runs/<run_id>")
@permits(Permission.COVERAGE_VIEW)
def show(run_id: str) -> Response:
    """Give one run."""
    inputs.no_query()
    number = inputs.path_number(run_id, "id")
    return jsonify(coverage_readings.show(parts().database, scope(), number, _needs_in()))


@blueprint.get("/api/coverage/runs/<run_id>/grids")
@permits(Permission.COVERAGE_VIEW)
def by_grid(run_id: str) -> Response:
    """Sum a run up by grid."""
    asked = inputs.query(Grids)
    number = inputs.path_number(run_id, "id")
    return jsonify(coverage_readings.by_grid(parts().database, scope(), number, asked.limit))


@blueprint.get("/api/coverage/runs/<run_id>/areas")
@permits(Permission.COVERAGE_VIEW)
def by_area(run_id: str) -> Response:
    """Sum a run up by community or township."""
    asked = inputs.query(Areas)
    number = inputs.path_number(run_id, "id")
    found = coverage_readings.by_area(
        parts().database, scope(), number, asked.level, locale(), _needs_in()
    )
    return jsonify(found)


@blueprint.get("/api/coverage/runs/<run_id>/compare/<run>")
@permits(Permission.COVERAGE_VIEW)
def compare(run_id: str, run: str) -> Response:
    """Say who is reached in one of two runs only."""
    inputs.no_query()
    before = inputs.path_number(run_id, "id")
    after = inputs.path_number(run, "run")
    found = coverage_readings.compare(parts().database, scope(), before, after, _needs_in())
    return jsonify(found)


@blueprint.get("/api/coverage/history")
@permits(Permission.COVERAGE_VIEW)
def history() -> Response:
    """Give the sums of a standard's runs over time."""
    asked = inputs.query(History)
    found = coverage_readings.history(
        parts().database, scope(), asked.standard, asked.area, _needs_in()
    )
    return jsonify(found)
