"""A scenario beside another, or beside what is in force: as a page, as data, as a workbook."""

from typing import Annotated

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import comparison_views, comparisons, export_moves, workbook
from gridmap.services.comparisons import Pair
from gridmap.web import comparison_sheets, inputs
from gridmap.web.context import aside, parts, viewer
from gridmap.web.grids import today
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("comparisons", __name__)

_LAYERS = ("communities", "grids", "special_grids")


class With(inputs.Query):
    """With what a scenario is compared: `in-force`, a day, or the number of another."""

    with_: Annotated[str, Field(max_length=20, alias="with")] = comparisons.IN_FORCE


class Sides(inputs.Query):
    """Parameters of the page; its script reads them."""

    a: Annotated[str, Field(max_length=20)] | None = None
    b: Annotated[str, Field(max_length=20)] | None = None
    lang: str | None = None
    theme: str | None = None


@blueprint.get("/planner/compare")
@permits(Permission.GRID_DRAW)
def compare_page() -> Response:
    """Show two drawings side by side."""
    inputs.query(Sides)
    return page("compare.html", layers=_LAYERS)


@blueprint.get("/api/scenarios/<scenario_id>/compare")
@permits(Permission.GRID_DRAW)
def compare(scenario_id: str) -> Response:
    """Compare a scenario with what is in force, with another day, or with another scenario."""
    found = _pair(scenario_id)
    needs = comparisons.needy(parts().database, viewer(), found)
    return jsonify(comparison_views.described(found, needs=needs))


@blueprint.get("/api/scenarios/<scenario_id>/compare/households")
@permits(Permission.GRID_DRAW)
def households(scenario_id: str) -> Response:
    """List the households that would change their grid, masked."""
    found = _pair(scenario_id)
    return jsonify(comparisons.households(parts().database, viewer(), found, g.request_id))


class Wish(inputs.Input):
    """Body of a request for the list of households that move; somebody else decides."""

    other: Annotated[str, Field(max_length=20)] = comparisons.IN_FORCE
    reason: Annotated[inputs.Text, Field(min_length=1, max_length=500)]


@blueprint.post("/api/scenarios/<scenario_id>/compare/exports")
@permits(Permission.EXPORT_REQUEST)
def request_households(scenario_id: str) -> tuple[Response, int]:
    """Ask for a file of the households that would change their grid."""
    inputs.no_query()
    number = inputs.path_number(scenario_id, "id")
    wish = inputs.body(Wish)
    comparisons.other_side(wish.other, today())
    asked = export_moves.request(
        parts().database, viewer(), g.request_id, number, wish.other, wish.reason
    )
    return jsonify(asked), 202


@blueprint.get("/api/scenarios/<scenario_id>/compare.xlsx")
@permits(Permission.GRID_DRAW)
def file(scenario_id: str) -> Response:
    """Give the comparison as a workbook, grid by grid; no person is in it."""
    found = _pair(scenario_id)
    answer = Response(workbook.written(comparison_sheets.sheets(found)), mimetype=workbook.MEDIA)
    name = f"gridmap-compare-{found.after.scenario}-{found.before.scenario or found.before.day}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _pair(scenario_id: str) -> Pair:
    number = inputs.path_number(scenario_id, "id")
    asked = inputs.query(With)
    return comparisons.pair(parts().database, viewer(), number, asked.with_, today(), aside)
