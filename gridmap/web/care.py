"""Care as coverage: visits overdue, what grids ask of members, services wanted and offered."""

from typing import Any, Literal

from flask import Blueprint, Response, g, jsonify

from gridmap.model.access import Permission
from gridmap.services import care_files, care_matches, care_sums, jobs, workbook
from gridmap.services.care_areas import chosen
from gridmap.web import care_sheets, care_words, inputs
from gridmap.web.context import parts, scope, viewer
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("care", __name__)


class Sums(inputs.Query):
    """Parameters of sums: of which area, by what."""

    area: inputs.AreaCode | None = None
    level: Literal["grid", "community", "township"] = "grid"


class Level(inputs.Query):
    """Parameters of the sums of a run."""

    level: Literal["grid", "community", "township"] = "grid"


class Area(inputs.Query):
    """Parameters of the newest run: of which area."""

    area: inputs.AreaCode | None = None


class New(inputs.Input):
    """Body that asks for a run."""

    area: inputs.AreaCode | None = None


def _english() -> bool:
    return locale() == "en"


@blueprint.get("/api/care/visits")
@permits(Permission.COVERAGE_VIEW)
def visits() -> Response:
    """Sum the overdue visits up by area: how many households, how long, what stands before them."""
    asked = inputs.query(Sums)
    found = care_sums.visits(
        parts().database, viewer(), asked.area, asked.level, english=_english()
    )
    for row in (found["total"], *found["rows"]):
        for each in row["by_need"]:
            each["label"] = care_words.need_label(each["need"])
    return jsonify(found)


@blueprint.get("/api/care/loads")
@permits(Permission.COVERAGE_VIEW)
def loads() -> Response:
    """Sum up what visits ask of the members of grids, beside what is bearable."""
    asked = inputs.query(Sums)
    found = care_sums.loads(parts().database, viewer(), asked.area, asked.level, english=_english())
    return jsonify(found)


@blueprint.get("/api/care/figures.xlsx")
@permits(Permission.COVERAGE_VIEW)
def file() -> Response:
    """Give the figures of an area as a workbook; no household is in it, and it leaves a trace."""
    asked = inputs.query(Sums)
    found = care_files.figures(
        parts().database, viewer(), g.request_id, asked.area, asked.level, english=_english()
    )
    answer = Response(workbook.written(care_sheets.sheets(found)), mimetype=workbook.MEDIA)
    name = f"gridmap-care-{found.area}-{found.level}-{found.at:%Y%m%d-%H%M}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/api/care/runs")
@permits(Permission.COVERAGE_VIEW)
def newest() -> Response:
    """Give the newest run of an area, and whether its data has changed since."""
    asked = inputs.query(Area)
    return jsonify(care_matches.newest(parts().database, viewer(), asked.area))


@blueprint.post("/api/care/runs")
@permits(Permission.COVERAGE_RUN)
def run() -> tuple[Response, int]:
    """Ask for services wanted and offered to be brought together; a worker does it."""
    inputs.no_query()
    asked = inputs.body(New)
    jobs.make_room(parts().database, viewer())
    area = chosen(viewer(), asked.area, Permission.COVERAGE_RUN)
    job: Any = care_matches.request(parts().database, scope(), area)
    return jsonify(job=job), 202


@blueprint.get("/api/care/runs/<care_run_id>/areas")
@permits(Permission.COVERAGE_VIEW)
def areas(care_run_id: str) -> Response:
    """Sum a run up by area and service."""
    asked = inputs.query(Level)
    number = inputs.path_number(care_run_id, "id")
    return jsonify(
        care_matches.areas(parts().database, viewer(), number, asked.level, english=_english())
    )


@blueprint.get("/api/care/runs/<care_run_id>/offers")
@permits(Permission.COVERAGE_VIEW)
def unused(care_run_id: str) -> Response:
    """List the offers of a run with what nobody uses, and why."""
    inputs.no_query()
    number = inputs.path_number(care_run_id, "id")
    return jsonify(care_matches.unused(parts().database, viewer(), number))
