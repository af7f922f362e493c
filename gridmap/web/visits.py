"""Visits: the list by need, the form that asks only what is stale, done and missed."""

from datetime import date
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field, JsonValue

from gridmap.model.access import Permission
from gridmap.problems import bad_value
from gridmap.services import care_rules, visit_results, visits
from gridmap.services.visit_results import Outcome
from gridmap.web import care_words, inputs
from gridmap.web.context import parts, viewer
from gridmap.web.permissions import permits
from gridmap.web.receipts import body_sha256

blueprint = Blueprint("visits", __name__)
_STATES = {"due": "planned", "planned": "planned", "done": "done", "missed": "missed"}
_MOST_BODY = 50_000


class Asked(inputs.Query):
    """Parameters of the list of visits."""

    state: Literal["due", "planned", "done", "missed"] = "due"
    grid: inputs.AreaCode | None = None
    limit: inputs.Limit = 500
    cursor: Annotated[str, Field(max_length=40)] | None = None


class Need(inputs.Input):
    """A kind of need and how many of the household have it; 0 says that nobody has any more."""

    kind: inputs.Key
    people: Annotated[int, Field(ge=0, le=50)]


class Done(inputs.Input):
    """Body of a visit that was done; facts and needs that are absent stay as they are."""

    id: inputs.ClientId
    at: inputs.Moment | None = None
    fields: Annotated[dict[str, JsonValue], Field(max_length=40)] = {}
    needs: Annotated[list[Need], Field(max_length=40)] | None = None
    note: Annotated[inputs.Text, Field(max_length=1000)] | None = None
    device_time: inputs.Clock | None = None


class Missed(inputs.Input):
    """Body of a visit that found nobody."""

    id: inputs.ClientId
    reason: Annotated[inputs.Text, Field(min_length=1, max_length=1000)]
    at: inputs.Moment | None = None
    device_time: inputs.Clock | None = None


class Rule(inputs.Input):
    """Body of a rule: how often households with a need are visited."""

    area: inputs.AreaCode
    need: inputs.Key
    interval_days: Annotated[int, Field(ge=1, le=730)]
    retry_days: Annotated[int, Field(ge=1, le=365)] = 7
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    stale_days: Annotated[int, Field(ge=1, le=3650)] = 180
    active: bool = True
    source: Annotated[inputs.Text, Field(min_length=1, max_length=300)]


@blueprint.get("/api/visits")
@permits(Permission.HOUSEHOLD_VIEW)
def listing() -> Response:
    """List visits: those that are due, or those that were done or missed."""
    asked = inputs.query(Asked)
    found = visits.due(
        parts().database,
        viewer(),
        g.request_id,
        state=_STATES[asked.state],
        grid=asked.grid,
        after=_cursor(asked.cursor),
        limit=asked.limit,
    )
    for each in found["items"]:
        each["reason"] = care_words.due_reason(each["needs"])
    return jsonify(found)


@blueprint.get("/api/visits/<visit_id>/form")
@permits(Permission.HOUSEHOLD_VISIT)
def form(visit_id: str) -> Response:
    """Give the form of a visit, filled in; `ask` marks what is stale or not known."""
    inputs.no_query()
    number = inputs.path_number(visit_id, "id")
    found = visits.form(parts().database, viewer(), g.request_id, number)
    for each in found["fields"]:
        each["label"] = care_words.fact_label(each["name"])
        if "choices" in each:
            each["choices"] = [
                {"value": value, "label": care_words.choice_label(value)}
                for value in each["choices"]
            ]
    for each in found["needs"]:
        each["label"] = care_words.need_label(each["kind"])
    found["need_kinds"] = [
        {"kind": kind, "label": care_words.need_label(kind)} for kind in found["need_kinds"]
    ]
    found["missed_reasons"] = care_words.missed_reasons()
    return jsonify(found)


@blueprint.post("/api/visits/<visit_id>/done")
@permits(Permission.HOUSEHOLD_VISIT)
def done(visit_id: str) -> tuple[Response, int]:
    """Take a visit that was done: 201 when it is new, 200 when it has come before."""
    inputs.no_query()
    number = inputs.path_number(visit_id, "id")
    digest = body_sha256()
    new = inputs.body(Done, _MOST_BODY)
    needs = None if new.needs is None else tuple((each.kind, each.people) for each in new.needs)
    return _take(
        number,
        digest,
        Outcome(new.id, "done", new.at, dict(new.fields), needs, new.note, new.device_time),
    )


@blueprint.post("/api/visits/<visit_id>/missed")
@permits(Permission.HOUSEHOLD_VISIT)
def missed(visit_id: str) -> tuple[Response, int]:
    """Take a visit that found nobody: 201 when it is new, 200 when it has come before."""
    inputs.no_query()
    number = inputs.path_number(visit_id, "id")
    digest = body_sha256()
    new = inputs.body(Missed, _MOST_BODY)
    given = Outcome(new.id, "missed", new.at, note=new.reason, device_time=new.device_time)
    return _take(number, digest, given)


def _take(number: int, digest: str, given: Outcome) -> tuple[Response, int]:
    receipt, created = visit_results.finish(parts().database, viewer(), g.request_id, number, given)
    return jsonify({**receipt, "body_sha256": digest}), 201 if created else 200


@blueprint.get("/api/visit-rules")
@permits(Permission.HOUSEHOLD_VIEW)
def rules() -> Response:
    """List how often which need is visited, and after how many days a fact is asked again."""
    inputs.no_query()
    found = care_rules.listing(parts().database, viewer())
    for each in found["rules"]:
        each["label"] = care_words.need_label(each["need"])
    for each in found["fields"]:
        each["label"] = care_words.fact_label(each["name"])
    return jsonify(found)


@blueprint.post("/api/visit-rules")
@permits(Permission.IMPORT_DATA)
def put_rule() -> Response:
    """Store a rule of an area: new, or in place of the one it has."""
    inputs.no_query()
    rule = inputs.body(Rule)
    values: dict[str, Any] = rule.model_dump()
    area = values.pop("area")
    care_rules.put(parts().database, viewer(), g.request_id, area, values)
    return jsonify({"area": area, **values})


def _cursor(text: str | None) -> tuple[int, str, int] | None:
    if text is None:
        return None
    match text.split("."):
        case [priority, day, last] if _is_day(day):
            return (
                inputs.path_number(priority, "cursor", 100),
                day,
                inputs.path_number(last, "cursor"),
            )
    raise bad_value("cursor", "take the one that came with the page before")


def _is_day(text: str) -> bool:
    if text == "infinity":
        return True
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
