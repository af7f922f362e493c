"""Papers about grids: asked for, followed as a job, fetched by who asked."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.model.paper import PaperKind
from gridmap.services import grid_days, jobs, paper_jobs
from gridmap.services.papers import Wanted
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.grids import Day, today
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("papers", __name__)


class New(inputs.Input):
    """Body of an order: grids in force, of a day, or of a scenario."""

    area: inputs.AreaCode
    kinds: Annotated[
        list[Literal["notice", "filing", "pocket", "wall"]], Field(min_length=1, max_length=4)
    ]
    form: Literal["pdf", "zip"] = "pdf"
    as_of: Day | None = None
    scenario: Annotated[int, Field(ge=1, le=inputs.INT64)] | None = None


@blueprint.get("/papers")
@permits(Permission.GRID_VIEW)
def order_page() -> Response:
    """Show the form that orders papers; its script reads the parameters."""
    return page("papers.html")


@blueprint.post("/api/papers")
@permits(Permission.GRID_VIEW)
def order() -> tuple[Response, int]:
    """Ask a worker for papers."""
    inputs.no_query()
    new = inputs.body(New)
    day: date = new.as_of or today()
    grid_days.check_past(day, today())
    jobs.make_room(parts().database, viewer())
    wanted = Wanted(
        area=new.area,
        day=day,
        printed_at=datetime.now(UTC).replace(second=0, microsecond=0),
        language=locale(),
        scenario=new.scenario,
    )
    # in the order of the kinds and each once, whatever the order they were asked in
    kinds = tuple(kind for kind in PaperKind if kind.value in new.kinds)
    asked = paper_jobs.Order(wanted, kinds, new.form)
    job = paper_jobs.request(parts().database, viewer(), g.request_id, asked)
    return jsonify(job=job, file=f"/papers/{job}.{new.form}"), 202


@blueprint.get("/papers/<job_id>.pdf")
@permits(Permission.GRID_VIEW)
def pdf(job_id: str) -> Response:
    """Give the papers that a worker has made for this very person, as one file."""
    return _file(job_id, "pdf")


@blueprint.get("/papers/<job_id>.zip")
@permits(Permission.GRID_VIEW)
def bundle(job_id: str) -> Response:
    """Give the papers that a worker has made for this very person, a file for each grid."""
    return _file(job_id, "zip")


def _file(job_id: str, form: str) -> Response:
    inputs.no_query()
    number = inputs.path_number(job_id, "job")
    name, media, content = paper_jobs.kept(parts().database, viewer(), g.request_id, number, form)
    answer = Response(content, mimetype=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
