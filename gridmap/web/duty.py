"""The duty desk: alarms, the log and the shift."""

from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import duty_alarms, duty_log, duty_shifts
from gridmap.web import inputs
from gridmap.web.context import parts, scope
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("duty", __name__)

_Name = Annotated[inputs.Text, Field(min_length=1, max_length=80)]


class Since(inputs.Query):
    """Parameters of the list of alarms."""

    since: inputs.Sequence64 = 0


class Before(inputs.Query):
    """Parameters of the log: the number before which the page ends."""

    cursor: inputs.Sequence64 | None = None
    limit: Annotated[inputs.Count, Field(ge=1, le=200)] = duty_log.PAGE


class Nothing(inputs.Input):
    """A body without fields."""


class Entry(inputs.Input):
    """Body of a free entry."""

    text: Annotated[inputs.Text, Field(min_length=1, max_length=2000)]


class Handover(inputs.Input):
    """Body of a handover."""

    text: Annotated[inputs.Text, Field(min_length=1, max_length=8000)]


class Shift(inputs.Input):
    """Body that begins a shift."""

    leader: _Name
    officers: Annotated[list[_Name], Field(max_length=12)] = []
    ends_at: inputs.Moment


@blueprint.get("/api/duty/alarms")
@permits(Permission.DUTY_LOG)
def alarms() -> Response:
    """List the alarms of the last day that are still open, with who took them."""
    asked = inputs.query(Since)
    return jsonify(
        duty_alarms.listing(parts().database, scope(), asked.since, english=locale() == "en")
    )


@blueprint.post("/api/duty/alarms/<seq>/take")
@permits(Permission.DUTY_LOG)
def take(seq: str) -> Response:
    """Take an alarm: it falls silent on every map. The first wins."""
    inputs.no_query()
    inputs.body(Nothing)
    number = inputs.path_number(seq, "seq")
    return jsonify(duty_alarms.take(parts().database, scope(), number))


@blueprint.get("/api/duty/log")
@permits(Permission.DUTY_LOG)
def log() -> Response:
    """Give what was done, the newest first."""
    asked = inputs.query(Before)
    return jsonify(
        duty_log.read(
            parts().database,
            scope(),
            asked.cursor,
            english=locale() == "en",
            limit=asked.limit,
        )
    )


@blueprint.post("/api/duty/log")
@permits(Permission.DUTY_LOG)
def write() -> tuple[Response, int]:
    """Write a free entry into the log."""
    inputs.no_query()
    return jsonify(id=duty_log.write(parts().database, scope(), inputs.body(Entry).text)), 201


@blueprint.get("/api/duty/shift")
@permits(Permission.DUTY_LOG)
def shift() -> Response:
    """Give the shift on duty, and what the last one handed over."""
    inputs.no_query()
    return jsonify(duty_shifts.current(parts().database, scope()))


@blueprint.post("/api/duty/shift")
@permits(Permission.DUTY_LOG)
def begin() -> tuple[Response, int]:
    """Begin a shift."""
    inputs.no_query()
    new = inputs.body(Shift)
    found = duty_shifts.begin(parts().database, scope(), new.leader, new.officers, new.ends_at)
    return jsonify(found), 201


@blueprint.post("/api/duty/shift/handover")
@permits(Permission.DUTY_LOG)
def hand_over() -> Response:
    """End the shift on duty with what it tells the next."""
    inputs.no_query()
    text = inputs.body(Handover).text
    return jsonify(duty_shifts.hand_over(parts().database, scope(), text))
