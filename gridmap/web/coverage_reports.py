"""Reports on coverage: asked for, followed as a job, fetched by who asked."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.model.problem import bad_input
from gridmap.services import coverage_report_jobs, jobs
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("coverage_reports", __name__)
_COMMUNITY = 12  # digits of its code: below it there are grids, and few doors


class New(inputs.Input):
    """Body of an order: of which area, by all standards unless some are named, in which form."""

    area: inputs.AreaCode
    standards: Annotated[list[inputs.Key], Field(min_length=1, max_length=50)] | None = None
    form: Literal["pdf", "xlsx"] = "pdf"


@blueprint.post("/api/coverage/reports")
@permits(Permission.COVERAGE_VIEW)
def order() -> tuple[Response, int]:
    """Ask a worker for a report."""
    inputs.no_query()
    new = inputs.body(New)
    if len(new.area) > _COMMUNITY:
        raise bad_input("area: a report is about a community, a township or a county")
    jobs.make_room(parts().database, viewer())
    asked = coverage_report_jobs.Order(
        area=new.area,
        # each once and in one order: the same order gives the same bytes
        standards=None if new.standards is None else tuple(sorted(set(new.standards))),
        form=new.form,
        language=locale(),
        printed_at=datetime.now(UTC).replace(second=0, microsecond=0),
    )
    job = coverage_report_jobs.request(parts().database, viewer(), g.request_id, asked)
    return jsonify(job=job, file=f"/coverage/reports/{job}.{new.form}"), 202


@blueprint.get("/coverage/reports/<job_id>.pdf")
@permits(Permission.COVERAGE_VIEW)
def pdf(job_id: str) -> Response:
    """Give the report that a worker has made for this very person, to be printed."""
    return _file(job_id, "pdf")


@blueprint.get("/coverage/reports/<job_id>.xlsx")
@permits(Permission.COVERAGE_VIEW)
def workbook(job_id: str) -> Response:
    """Give the report that a worker has made for this very person, as a workbook."""
    return _file(job_id, "xlsx")


def _file(job_id: str, form: str) -> Response:
    inputs.no_query()
    number = inputs.path_number(job_id, "job")
    name, media, content = coverage_report_jobs.kept(
        parts().database, viewer(), g.request_id, number, form
    )
    answer = Response(content, mimetype=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
