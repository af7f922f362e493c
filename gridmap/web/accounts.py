"""One's own account: password, second factor, sessions, tokens of one's programs."""

import io
from typing import Annotated

import segno
from flask import Blueprint, Response, g, jsonify, request
from pydantic import Field

from gridmap.services import own_account, passwords, second_factor, sessions, sign_in, tokens
from gridmap.web import inputs
from gridmap.web.context import aside, parts, policy, viewer
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import by_person, early, signed_in
from gridmap.web.session import attempt, become_visitor, browser_session

blueprint = Blueprint("accounts", __name__)

_ISSUER = "gridmap"
Password = Annotated[str, Field(min_length=1, max_length=passwords.LONGEST)]
Name = Annotated[str, Field(max_length=60)]
Code = Annotated[str, Field(min_length=6, max_length=40)]


class NewPassword(inputs.Input):
    """Body of a change of one's password."""

    current: Password
    new: Password


class Proof(inputs.Input):
    """Body of what is proven by the password in force."""

    password: Password | None = None


class Typed(inputs.Input):
    """Body with a code of the second factor."""

    code: Code


class Token(inputs.Input):
    """Body of a new token."""

    name: Annotated[inputs.Text, Field(min_length=1, max_length=80)]
    permissions: Annotated[list[Name], Field(max_length=60)] | None = None
    area: inputs.AreaCode | None = None
    days: Annotated[int, Field(ge=1, le=tokens.MOST_DAYS)] = tokens.USUAL_DAYS


@blueprint.get("/account")
@signed_in
@by_person
@early
def show() -> Response:
    """Show one's own account."""
    return page("account.html")


@blueprint.get("/api/account")
@signed_in
@by_person
@early
def describe() -> Response:
    """Describe one's own account."""
    inputs.no_query()
    english = locale() == "en"
    return jsonify(own_account.describe(parts().database, policy(), viewer(), english=english))


@blueprint.post("/api/account/password")
@signed_in
@by_person
@early
def change_password() -> Response:
    """Change one's password; all other sessions end."""
    asked = inputs.body(NewPassword)
    held, person = browser_session(), viewer()
    here = next(
        (
            each
            for each in sessions.listed(parts().database, policy(), person, held.token or "")
            if each["here"]
        ),
        {"second_factor": False},
    )
    data = dict(held)
    token = own_account.change_password(
        parts().database,
        policy(),
        person,
        attempt(person.name),
        (asked.current, asked.new),
        data,
        second_factor_passed=here["second_factor"],
        user_agent=request.user_agent.string,
        aside=aside,
    )
    held.become(token, data)
    return Response(status=204)


@blueprint.post("/api/account/second-factor")
@signed_in
@by_person
@early
def begin_second_factor() -> Response:
    """Draw the secret of a second factor; it counts once a code of it is given."""
    asked = inputs.body(Proof)
    person = viewer()
    if person.must != "second_factor":  # who must set one up has just typed the password
        own_account.prove(
            parts().database, policy(), attempt(person.name), asked.password or "", aside
        )
    second_factor.propose(parts().database, policy(), person)
    return jsonify(second_factor.pending(parts().database, policy(), person, _ISSUER))


@blueprint.get("/api/account/second-factor/qr.svg")
@signed_in
@by_person
@early
def square_code() -> Response:
    """Draw the secret that waits for its proof, for the camera of a telephone."""
    inputs.no_query()
    found = second_factor.pending(parts().database, policy(), viewer(), _ISSUER)
    drawn = io.BytesIO()
    code = segno.make(found["address"], micro=False)
    code.save(drawn, kind="svg", scale=6, border=3, light="#fff")
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@blueprint.post("/api/account/second-factor/confirm")
@signed_in
@by_person
@early
def confirm_second_factor() -> Response:
    """Put the second factor in force; gives the codes on paper, once."""
    asked = inputs.body(Typed)
    here = browser_session().token or ""
    codes = second_factor.confirm(
        parts().database, policy(), viewer(), asked.code, here, g.request_id
    )
    return jsonify(codes=codes)


@blueprint.post("/api/account/second-factor/codes")
@signed_in
@by_person
def new_paper_codes() -> Response:
    """Draw new codes on paper; the old ones end."""
    _check_code(inputs.body(Typed))
    codes = second_factor.new_paper(parts().database, policy(), viewer(), g.request_id)
    return jsonify(codes=codes)


@blueprint.post("/api/account/second-factor/remove")
@signed_in
@by_person
def remove_second_factor() -> Response:
    """Take one's second factor away, where one's roles do not need it."""
    _check_code(inputs.body(Typed))
    second_factor.remove(parts().database, policy(), viewer(), g.request_id)
    return Response(status=204)


@blueprint.get("/api/account/sessions")
@signed_in
@by_person
def list_sessions() -> Response:
    """List one's own sessions."""
    inputs.no_query()
    here = browser_session().token or ""
    return jsonify(items=sessions.listed(parts().database, policy(), viewer(), here))


@blueprint.post("/api/account/sessions/<session_id>/end")
@signed_in
@by_person
def end_session(session_id: str) -> Response:
    """Sign out one of one's own sessions."""
    inputs.no_query()
    number = inputs.path_number(session_id, "id")
    sessions.end_one(parts().database, viewer(), number, g.request_id)
    return Response(status=204)


@blueprint.post("/api/account/sessions/end")
@signed_in
@by_person
@early
def end_every_session() -> Response:
    """Sign out everywhere, here as well."""
    inputs.no_query()
    sessions.end_all(parts().database, viewer(), g.request_id)
    become_visitor(browser_session())
    return Response(status=204)


@blueprint.get("/api/account/tokens")
@signed_in
@by_person
def list_tokens() -> Response:
    """List the tokens of one's programs, and what a new one may be given."""
    inputs.no_query()
    person = viewer()
    return jsonify(
        items=tokens.listed(parts().database, person),
        possible=tokens.possible(person),
        usual=tokens.usual(person),
        areas=list(person.areas),
        usual_days=tokens.USUAL_DAYS,
        most_days=tokens.MOST_DAYS,
    )


@blueprint.post("/api/account/tokens")
@signed_in
@by_person
def add_token() -> tuple[Response, int]:
    """Make a token for a program of one's own; it is shown this once."""
    asked = inputs.body(Token)
    chosen = None
    if asked.permissions is not None:
        chosen = [tokens.permission_of(each) for each in asked.permissions]
    new = tokens.NewToken(asked.name, chosen, asked.area, asked.days)
    return jsonify(tokens.make(parts().database, viewer(), g.request_id, new)), 201


@blueprint.post("/api/account/tokens/<token_id>/revoke")
@signed_in
@by_person
def revoke_token(token_id: str) -> Response:
    """Revoke one of one's own tokens: it ends with this answer."""
    inputs.no_query()
    number = inputs.path_number(token_id, "id")
    tokens.revoke(parts().database, viewer(), g.request_id, number)
    return Response(status=204)


def _check_code(asked: Typed) -> None:
    person = viewer()
    account = sessions.account(parts().database, person.id)
    sign_in.check_code(parts().database, policy(), account, asked.code, g.request_id)
