"""Micro-grids: those in force or of a day, asked for, and who speaks for each."""

import re
from typing import Annotated

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.problems import bad_value
from gridmap.services import grid_days, jobs, micro_grids
from gridmap.services.viewing import Layer
from gridmap.store.view import micro_grids as view
from gridmap.web import inputs, layers
from gridmap.web.context import parts, scope, viewer
from gridmap.web.grids import Day, today
from gridmap.web.permissions import permits

blueprint = Blueprint("micro_grids", __name__)

_CODE = re.compile(r"[0-9]{15}-[0-9]{2,3}", re.ASCII)


class Listing(inputs.Listing):
    """Parameters of the list of micro-grids."""

    grid: Annotated[inputs.AreaCode, Field(min_length=15)] | None = None
    community: Annotated[inputs.AreaCode, Field(min_length=12, max_length=12)] | None = None
    as_of: Day | None = None


class New(inputs.Input):
    """Body that asks for grids to be divided: those of an area, or one of 15 digits."""

    area: inputs.AreaCode
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class Head(inputs.Input):
    """Body that names who speaks for a micro-grid, or nobody."""

    head: Annotated[inputs.Text, Field(min_length=1, max_length=80)] | None


def path_code(value: str, place: str) -> str:
    """Read the code of a micro-grid: that of its grid, and its number (400 naming `place`)."""
    if not _CODE.fullmatch(value):
        raise bad_value(place, "15 digits, a hyphen and 2 or 3 digits are needed")
    return value


@blueprint.get("/api/micro-grids")
@permits(Permission.GRID_VIEW)
def listing() -> Response:
    """List the micro-grids in force, or those of another day."""
    asked = inputs.query(Listing)
    within = asked.grid or asked.community
    if within is not None:
        asked = asked.model_copy(update={"area": within})
    if asked.as_of is None:
        layer = Layer(view.SOURCE, view.TABLES, {})
    else:
        grid_days.check_day(parts().database, scope(), asked.as_of, today())
        layer = Layer(view.AS_OF, view.TABLES, {"day": asked.as_of})
    return layers.answer(layer, asked, path_code)


@blueprint.post("/api/micro-grids")
@permits(Permission.GRID_DRAW)
def draw() -> tuple[Response, int]:
    """Ask for the grids in force of an area to be divided; a worker does it."""
    inputs.no_query()
    asked = inputs.body(New)
    jobs.make_room(parts().database, viewer())
    job = micro_grids.request_as(
        parts().database, viewer(), g.request_id, asked.area, seed=asked.seed
    )
    return jsonify(job=job), 202


@blueprint.post("/api/micro-grids/<micro_grid>/head")
@permits(Permission.GRID_DRAW)
def head(micro_grid: str) -> Response:
    """Name who speaks for a micro-grid."""
    inputs.no_query()
    grid, _, number = path_code(micro_grid, "micro_grid").partition("-")
    asked = inputs.body(Head)
    micro_grids.put_head(
        parts().database, viewer(), g.request_id, grid, int(number), head=asked.head
    )
    return jsonify(code=micro_grid, head=asked.head)
