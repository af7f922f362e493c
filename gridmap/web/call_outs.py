"""Call-out and arrival: the roll-call, the board of a plan, codes at the door."""

from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import (
    arrivals,
    call_desk,
    call_outs,
    chain,
    reunification,
    roll_call,
    shelter_board,
)
from gridmap.services.call_outs import Given
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits
from gridmap.web.receipts import body_sha256

blueprint = Blueprint("call_outs", __name__)

_MOST_BODY = 20_000
People = Annotated[int, Field(ge=1, le=50)]
Reason = Annotated[inputs.Text, Field(min_length=1, max_length=500)]
Code = Annotated[inputs.Text, Field(min_length=1, max_length=200)]
Place = Literal["shelter", "relatives"]


class Step(inputs.Input):
    """Body of a step, as noted on a tablet or at a desk."""

    id: inputs.ClientId
    kind: Literal[
        "called",
        "answered",
        "no_answer",
        "departed",
        "arrived",
        "refused",
        "not_found",
        "help",
        "undone",
        "home",
    ]
    at: inputs.Moment | None = None
    device_time: inputs.Clock | None = None
    channel: Literal["phone", "door", "gong", "loudspeaker", "inbox"] | None = None
    people: People | None = None
    all_in: bool = False
    place: Place | None = None
    shelter: inputs.Id | None = None
    reason: Reason | None = None
    undoes: inputs.ClientId | None = None


class Arrival(inputs.Input):
    """Body of an arrival by code."""

    id: inputs.ClientId
    code: Code
    at: inputs.Moment | None = None
    device_time: inputs.Clock | None = None
    people: People | None = None
    all_in: bool = False
    place: Place = "shelter"
    shelter: inputs.Id | None = None


class Asked(inputs.Input):
    """Body that asks whose a code is."""

    code: Code


class Helper(inputs.Input):
    """Body that names a helper."""

    helper: Annotated[inputs.Text, Field(min_length=1, max_length=80)]


class Said(inputs.Input):
    """Body of what people in charge say of a shelter."""

    state: Literal["open", "full", "closed"]
    supplies: Annotated[inputs.Text, Field(min_length=1, max_length=1000)] | None = None


class Search(inputs.Input):
    """Body of a search for people: a name, perhaps a grid, and why."""

    name: Annotated[inputs.Text, Field(min_length=2, max_length=80)]
    grid: inputs.AreaCode | None = None
    purpose: Literal["family", "medical", "police", "welfare"]


class Part(inputs.Query):
    """Parameters of the board: one grid's households, or all; which of its lists."""

    grid: inputs.AreaCode | None = None
    list: (
        Literal[
            "all",
            "unheard",
            "refused",
            "not_found",
            "answered",
            "departed",
            "arrived",
            "relatives",
            "home",
            "help",
        ]
        | None
    ) = None


@blueprint.get("/plans/<plan_id>/board")
@permits(Permission.PLAN_VIEW)
def board_page(plan_id: str) -> Response:
    """Show the board of a plan: who has answered, left and arrived, grid by grid."""
    number = inputs.path_number(plan_id, "id")
    found = roll_call.board(parts().database, viewer(), g.request_id, number, english=_english())
    links = chain.around(parts().database, viewer(), plan=found["plan"]["id"])
    return page(
        "board.html",
        plan_id=found["plan"]["id"],
        exercise=found["plan"]["exercise"],
        chain=links,
        here="board",
    )


@blueprint.get("/api/plans/<plan_id>/board")
@permits(Permission.PLAN_VIEW)
def board(plan_id: str) -> Response:
    """Give the board: sums by grid, who is missing longest, the shelters, who has no place."""
    asked = inputs.query(Part)
    number = inputs.path_number(plan_id, "id")
    found = roll_call.board(
        parts().database,
        viewer(),
        g.request_id,
        number,
        grid=asked.grid,
        name=asked.list,
        english=_english(),
    )
    answer = jsonify(found)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/api/call-outs")
@permits(Permission.HOUSEHOLD_VISIT, Permission.HAZARD_DECLARE)
def roster() -> Response:
    """Give the call-outs of the person's own areas, in the order of the walk."""
    inputs.no_query()
    answer = jsonify(roll_call.roster(parts().database, viewer(), g.request_id, english=_english()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/api/plans/<plan_id>/call-outs/<household_id>")
@permits(Permission.HOUSEHOLD_VISIT, Permission.HAZARD_DECLARE)
def history(plan_id: str, household_id: str) -> Response:
    """List every step of a household, also those taken back and those that do not fit."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    home = inputs.path_number(household_id, "household")
    return jsonify(items=call_desk.history(parts().database, viewer(), g.request_id, number, home))


@blueprint.post("/api/plans/<plan_id>/call-outs/<household_id>/steps")
@permits(Permission.HOUSEHOLD_VISIT, Permission.HAZARD_DECLARE)
def step(plan_id: str, household_id: str) -> tuple[Response, int]:
    """Take a step of a household: 201 when it is new, 200 when it has come before."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    home = inputs.path_number(household_id, "household")
    digest = body_sha256()
    new = inputs.body(Step, _MOST_BODY)
    receipt, created = call_outs.take(
        parts().database, viewer(), g.request_id, number, home, Given(**new.model_dump())
    )
    return jsonify({**receipt, "body_sha256": digest}), 201 if created else 200


@blueprint.post("/api/plans/<plan_id>/call-outs/<household_id>/helper")
@permits(Permission.HOUSEHOLD_VISIT, Permission.HAZARD_DECLARE)
def helper(plan_id: str, household_id: str) -> Response:
    """Name who wakes and accompanies a household."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    home = inputs.path_number(household_id, "household")
    new = inputs.body(Helper)
    return jsonify(
        call_desk.name_helper(parts().database, viewer(), g.request_id, number, home, new.helper)
    )


@blueprint.post("/api/arrivals/look")
@permits(Permission.HOUSEHOLD_VISIT, Permission.HAZARD_DECLARE)
def look() -> Response:
    """Say whose a code is, as far as the door of a shelter has to know."""
    inputs.no_query()
    asked = inputs.body(Asked)
    english = locale() == "en"
    found = arrivals.look(parts().database, viewer(), g.request_id, asked.code, english=english)
    return jsonify(found)


@blueprint.post("/api/arrivals")
@permits(Permission.HOUSEHOLD_VISIT, Permission.HAZARD_DECLARE)
def arrive() -> tuple[Response, int]:
    """Take an arrival by code, at a shelter or at relatives': 201 when it is new."""
    inputs.no_query()
    digest = body_sha256()
    new = inputs.body(Arrival, _MOST_BODY)
    values = new.model_dump()
    code = values.pop("code")
    given = Given(kind="arrived", **values)
    receipt, created = arrivals.note(parts().database, viewer(), g.request_id, code, given)
    return jsonify({**receipt, "body_sha256": digest}), 201 if created else 200


@blueprint.post("/api/plans/<plan_id>/search")
@permits(Permission.HOUSEHOLD_VISIT, Permission.HAZARD_DECLARE)
def search(plan_id: str) -> Response:
    """Find where people of a name are; every search is recorded with its purpose."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    asked = inputs.body(Search)
    found = reunification.search(
        parts().database,
        viewer(),
        g.request_id,
        number,
        **asked.model_dump(),
        english=_english(),
    )
    answer = jsonify(found)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/api/plans/<plan_id>/shelters/<facility_id>")
@permits(Permission.FACILITY_EDIT)
def shelter(plan_id: str, facility_id: str) -> Response:
    """Note that a shelter is open, full or closed, and what is there."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    place = inputs.path_number(facility_id, "shelter")
    new = inputs.body(Said)
    return jsonify(
        shelter_board.say(
            parts().database,
            viewer(),
            g.request_id,
            number,
            place,
            state=new.state,
            supplies=new.supplies,
        )
    )


def _english() -> bool:
    return locale() == "en"
