"""Accounts of others: one administrator makes them, another one gives roles."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import account_views, administration
from gridmap.services.release import DAYS as RELEASE_DAYS
from gridmap.web import inputs
from gridmap.web.context import parts, policy, viewer
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import by_person, permits

blueprint = Blueprint("users", __name__)

MANAGE = Permission.USER_MANAGE
GIVE = Permission.ROLE_MANAGE
_MOST = 200


class Listing(inputs.Query):
    """Parameters of the list of accounts."""

    q: Annotated[inputs.Text, Field(max_length=80)] = ""
    cursor: Annotated[inputs.Text, Field(max_length=40)] = ""
    limit: Annotated[inputs.Count, Field(ge=1, le=_MOST)] = 100


class Within(inputs.Query):
    """Parameters of the list of places."""

    within: inputs.AreaCode | None = None


class New(inputs.Input):
    """Body of a new account."""

    name: Annotated[inputs.Text, Field(max_length=40)]
    display_name: Annotated[inputs.Text, Field(max_length=80)]
    area: inputs.AreaCode
    language: Literal["zh_CN", "en"] = "zh_CN"


class Held(inputs.Input):
    """Body that names a role in an area."""

    role: Annotated[str, Field(max_length=40)]
    area: inputs.AreaCode


@blueprint.get("/users")
@permits(MANAGE, GIVE)
@by_person
def show() -> Response:
    """Show the accounts one administers."""
    return page("users.html")


@blueprint.get("/api/users")
@permits(MANAGE, GIVE)
@by_person
def listing() -> Response:
    """List the accounts one administers."""
    asked = inputs.query(Listing)
    found, after = account_views.listing(
        parts().database, viewer(), asked.q, asked.cursor, asked.limit, english=_english()
    )
    return jsonify(items=found, next=after)


@blueprint.get("/api/users/places")
@permits(MANAGE, GIVE)
@by_person
def places() -> Response:
    """List the areas in which one may make accounts or give roles; the grids of one of them."""
    asked = inputs.query(Within)
    return jsonify(items=account_views.places(parts().database, viewer(), asked.within, _english()))


@blueprint.get("/api/users/<user_id>")
@permits(MANAGE, GIVE)
@by_person
def one(user_id: str) -> Response:
    """Give one account."""
    inputs.no_query()
    number = inputs.path_number(user_id, "id")
    return jsonify(_one(number))


@blueprint.post("/api/users")
@permits(MANAGE)
@by_person
def make() -> tuple[Response, int]:
    """Make an account without any role; its password serves once and is shown this once."""
    asked = inputs.body(New)
    new = administration.NewUser(asked.name, asked.display_name, asked.area, asked.language)
    user_id, password = administration.make(parts().database, viewer(), g.request_id, new)
    made = _one(user_id)
    return jsonify({**made, "one_time_password": password}), 201


@blueprint.post("/api/users/<user_id>/disable")
@permits(MANAGE)
@by_person
def disable(user_id: str) -> Response:
    """Keep somebody out; their sessions and tokens end."""
    return _set_active(user_id, False)


@blueprint.post("/api/users/<user_id>/enable")
@permits(MANAGE)
@by_person
def enable(user_id: str) -> Response:
    """Let somebody in again."""
    return _set_active(user_id, True)


@blueprint.post("/api/users/<user_id>/password")
@permits(MANAGE)
@by_person
def reset_password(user_id: str) -> Response:
    """Give somebody a password that serves once; it is shown this once."""
    inputs.no_query()
    number = inputs.path_number(user_id, "id")
    password, shut = administration.reset_password(
        parts().database, policy(), viewer(), g.request_id, number
    )
    return jsonify(one_time_password=password, release_needed=shut)


@blueprint.post("/api/users/<user_id>/release")
@permits(GIVE)
@by_person
def release(user_id: str) -> Response:
    """Give the code that a shut account takes beside its password; it is shown this once."""
    inputs.no_query()
    number = inputs.path_number(user_id, "id")
    code = administration.release_account(
        parts().database, policy(), viewer(), g.request_id, number
    )
    return jsonify(release_code=code, days=RELEASE_DAYS)


@blueprint.post("/api/users/<user_id>/roles")
@permits(GIVE)
@by_person
def grant(user_id: str) -> tuple[Response, int]:
    """Give somebody a role in an area."""
    number = inputs.path_number(user_id, "id")
    asked = inputs.body(Held)
    role = administration.role_of(asked.role)
    new = administration.grant(parts().database, viewer(), g.request_id, number, role, asked.area)
    return jsonify(_one(number)), 201 if new else 200


@blueprint.post("/api/users/<user_id>/roles/withdraw")
@permits(GIVE)
@by_person
def withdraw(user_id: str) -> Response:
    """Take a role in an area from somebody; their sessions end."""
    number = inputs.path_number(user_id, "id")
    asked = inputs.body(Held)
    role = administration.role_of(asked.role)
    administration.withdraw(parts().database, viewer(), g.request_id, number, role, asked.area)
    return Response(status=204)


@blueprint.post("/api/users/<user_id>/second-factor/reset")
@permits(GIVE)
@by_person
def reset_second_factor(user_id: str) -> Response:
    """Take a lost second factor away; its person sets up another at the next sign-in."""
    inputs.no_query()
    number = inputs.path_number(user_id, "id")
    administration.reset_second_factor(parts().database, viewer(), g.request_id, number)
    return Response(status=204)


def _one(number: int) -> dict[str, Any]:
    return account_views.one(parts().database, viewer(), number, english=_english())


def _english() -> bool:
    return locale() == "en"


def _set_active(user_id: str, active: bool) -> Response:
    inputs.no_query()
    number = inputs.path_number(user_id, "id")
    administration.set_active(parts().database, viewer(), g.request_id, number, active)
    return jsonify(_one(number))
