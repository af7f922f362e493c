"""The drill calendar: what is due, its day, and its start as an exercise."""

from typing import Annotated

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import drills
from gridmap.services.response_start import WITHOUT_LEVEL, New
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.edits import if_match
from gridmap.web.grids import Day
from gridmap.web.language import locale
from gridmap.web.permissions import permits
from gridmap.web.responses import Level, Matter, Measures

blueprint = Blueprint("drills", __name__)
_Name = Annotated[inputs.Text, Field(min_length=1, max_length=120)]


class Wanted(inputs.Query):
    """Parameters of the calendar."""

    area: inputs.AreaCode | None = None
    days: Annotated[inputs.Limit, Field(le=3660)] = 90


class Planned(inputs.Input):
    """Body that sets the day of an exercise; no day takes it back."""

    area: inputs.AreaCode
    key: inputs.Key
    drill: _Name
    planned_on: Day | None


class Begun(inputs.Input):
    """Body that starts an exercise: matter, level, expected period and measures, as always."""

    area: inputs.AreaCode
    key: inputs.Key
    drill: _Name
    matter: Matter
    level: Level | None
    expected_until: inputs.Moment
    measures: Measures


@blueprint.get("/api/drills")
@permits(Permission.PLAN_VIEW)
def listing() -> Response:
    """List exercises that are overdue, under way, set, or due within some days."""
    asked = inputs.query(Wanted)
    english = locale() == "en"
    return jsonify(
        drills.listing(parts().database, viewer(), english, asked.area or "", asked.days)
    )


@blueprint.post("/api/drills")
@permits(Permission.HAZARD_DECLARE)
def plan() -> Response:
    """Set the day of an exercise: `If-Match` names its revision, 0 for none."""
    inputs.no_query()
    asked = inputs.body(Planned)
    which = drills.Which(asked.area, asked.key, asked.drill)
    found = drills.plan(
        parts().database, viewer(), g.request_id, which, asked.planned_on,
        if_match(required=False) or 0,
    )  # fmt: skip
    return jsonify(revision=found)


@blueprint.post("/api/drills/start")
@permits(Permission.HAZARD_DECLARE)
def start() -> tuple[Response, int]:
    """Start an exercise of the calendar as a response."""
    inputs.no_query()
    asked = inputs.body(Begun)
    which = drills.Which(asked.area, asked.key, asked.drill)
    kind = asked.key.rpartition("_")[0]
    new = New(
        matter=asked.matter,
        level=None if kind in WITHOUT_LEVEL else asked.level,
        expected_until=asked.expected_until,
        measures=asked.measures,
        area=asked.area,
        kind=kind,
        exercise=True,
    )
    return jsonify(drills.start(parts().database, viewer(), g.request_id, which, new)), 201
