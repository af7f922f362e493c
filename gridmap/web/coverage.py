"""Coverage: standards, runs and where the gaps are."""

from typing import Any

from flask import Blueprint, Response, jsonify

from gridmap.model.access import Permission
from gridmap.services import coverage, jobs, reading, reports
from gridmap.web import inputs
from gridmap.web.context import parts, scope, viewer
from gridmap.web.permissions import permits

blueprint = Blueprint("coverage", __name__)


class Runs(inputs.Query):
    """Parameters of the list of runs."""

    standard: inputs.Key | None = None


class New(inputs.Input):
    """Body that asks for a run."""

    standard: inputs.Key
    area: inputs.AreaCode | None = None


@blueprint.get("/api/coverage/runs")
@permits(Permission.COVERAGE_VIEW)
def runs() -> Response:
    """List the newest runs."""
    asked = inputs.query(Runs)
    needs_in = reading.readable_needs(parts().database, viewer())
    return jsonify(reports.coverage_runs(parts().database, scope(), asked.standard, needs_in))


@blueprint.post("/api/coverage/runs")
@permits(Permission.COVERAGE_RUN)
def run() -> tuple[Response, int]:
    """Ask for a run; a worker does it."""
    inputs.no_query()
    asked = inputs.body(New)
    jobs.make_room(parts().database, viewer())
    area = asked.area or viewer().areas_for(Permission.COVERAGE_RUN)[0]
    # who is on duty waits for the answer before a fire engine leaves
    urgent = viewer().may(Permission.INCIDENT_DISPATCH, area)
    job: Any = coverage.request(parts().database, scope(), asked.standard, area, urgent=urgent)
    return jsonify(job=job), 202
