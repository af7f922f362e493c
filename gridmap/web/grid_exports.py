"""Grids as files for other programs: in force, of another day, or of a scenario."""

from typing import Annotated, Literal
from urllib.parse import quote

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field

from gridmap.model.access import Permission
from gridmap.problems import bad_value
from gridmap.services import grid_days, grid_exports
from gridmap.services.grid_exports import Wanted
from gridmap.web import inputs
from gridmap.web.context import aside, parts, scope, viewer
from gridmap.web.grids import Day, today
from gridmap.web.permissions import permits

blueprint = Blueprint("grid_exports", __name__)


def _given(value: object) -> object:
    """Take a field that a person has left empty for one that is not there."""
    return None if value == "" else value


class Form(inputs.Query):
    """In which form grids are wanted."""

    format: Literal["gpkg", "geojson", "shp"] = "gpkg"
    crs: Literal["wgs84", "cgcs2000", "gauss_kruger"] = "wgs84"


class Which(Form):
    """Which grids are wanted."""

    area: Annotated[inputs.AreaCode, Field(max_length=12)] | None = None
    as_of: Annotated[Day | None, BeforeValidator(_given)] = None
    layer: Literal["grids", "micro_grids"] = "grids"


@blueprint.get("/api/grids/export")
@permits(Permission.GRID_VIEW)
def in_force() -> Response:
    """Give the grids in force, or those of another day, as a file."""
    asked = inputs.query(Which)
    area = asked.area or viewer().areas_for(Permission.GRID_VIEW)[0]
    if not viewer().may(Permission.GRID_VIEW, area):
        raise bad_value("area", "this area is not one of yours")
    if asked.as_of is not None:
        grid_days.check_past(asked.as_of, today())
    wanted = Wanted(area, day=asked.as_of, kind=asked.format, system=asked.crs, layer=asked.layer)
    return _file(wanted)


@blueprint.get("/api/scenarios/<scenario_id>/export")
@permits(Permission.GRID_DRAW)
def of_scenario(scenario_id: str) -> Response:
    """Give the grids of a scenario as a file."""
    asked = inputs.query(Form)
    number = inputs.path_number(scenario_id, "id")
    area = viewer().areas_for(Permission.GRID_DRAW)[0]
    return _file(Wanted(area, scenario=number, kind=asked.format, system=asked.crs))


def _file(wanted: Wanted) -> Response:
    database = parts().database
    frame = grid_exports.grids(database, scope(), wanted)
    content = aside(lambda: grid_exports.content(frame, wanted))
    grid_exports.note(database, scope(), wanted, len(frame))
    answer = Response(content, mimetype=wanted.mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{quote(wanted.name)}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
