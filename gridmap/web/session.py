"""Signing in and out, and the language of the pages."""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, g, redirect, request, session
from flask_babel import gettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response as AnyResponse

from gridmap.model.problem import Problem
from gridmap.problems import bad_value, refused_sign_in
from gridmap.services import accounts
from gridmap.settings import LANGUAGES
from gridmap.web.context import aside, parts, settings, viewer
from gridmap.web.failures import wants_page
from gridmap.web.pages import sign_in_page
from gridmap.web.permissions import public, signed_in
from gridmap.web.sessions import BrowserSession

blueprint = Blueprint("session", __name__)

# Storage is set by the application: Redis, and this process's memory while Redis is down.
limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)
_CARRIED = ("language", "theme")  # what a visitor chose goes along into the session


@blueprint.post("/sign-in")
@public
@limiter.limit("30 per 5 minutes")
def sign_in() -> AnyResponse:
    """Sign in with name and password; every refusal looks and takes the same."""
    name = _field("name", 80).strip().lower()
    password = _field("password", accounts.LONGEST_PASSWORD)
    try:
        account = _account(name, password)
    except Problem as problem:
        if not wants_page():
            raise
        return sign_in_page(problem)
    held = _browser_session()
    data = {key: held[key] for key in _CARRIED if key in held}
    data.setdefault("language", account["language"])
    token = accounts.open_session(parts().database, account, data, g.request_id)
    if held.token is not None:  # signed in again over an open session: the old one ends
        accounts.close_session(parts().database, held.token, viewer(), g.request_id)
    held.become(token, data)
    return redirect("/", 303)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> AnyResponse:
    """End the session; every copy of its cookie is worthless from now on."""
    held = _browser_session()
    if held.token is not None:
        accounts.close_session(parts().database, held.token, viewer(), g.request_id)
    data = {key: held[key] for key in _CARRIED if key in held}
    held.become(None, data)
    flash(gettext("Signed out"))
    return redirect("/", 303)


@blueprint.post("/language")
@public
def language() -> AnyResponse:
    """Choose the language of the pages."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise bad_value("language", f"one of {', '.join(LANGUAGES)} is needed")
    session["language"] = chosen
    held = _browser_session()
    if held.viewer is not None:
        accounts.choose_language(parts().database, held.viewer, chosen)
    if not wants_page():
        return Response(status=204)
    return redirect(_back(), 303)


def _account(name: str, password: str) -> dict[str, object]:
    database = parts().database
    account = accounts.begin_sign_in(database, name, demo_allowed=settings().demo is not None)
    known_hash = None if account is None else str(account["password_hash"])
    # hashing takes tens of milliseconds of one core: not on the event loop
    right = aside(lambda: accounts.verify(known_hash, password))
    if not right or account is None:
        raise refused_sign_in()
    return dict(account)


def _field(name: str, most: int) -> str:
    value = request.form.get(name, "")
    if not value or len(value) > most or "\0" in value:
        raise bad_value(name, f"1 to {most} characters are needed")
    return value


def _browser_session() -> BrowserSession:
    held = current_app.session_interface and session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(held, BrowserSession)
    return held


def _back() -> str:
    """Give the page the person came from, if it is one of ours."""
    chosen = request.form.get("next", "")
    if re.fullmatch(r"/[a-z0-9/]{0,60}", chosen) and not chosen.startswith("//"):
        return chosen
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # such as half of an IPv6 address
        return "/"
    ours = came.netloc == request.host and came.path.startswith("/")
    if not ours or came.path.startswith("//"):
        return "/"
    kept = "&".join(part for part in came.query.split("&") if not part.startswith("lang="))
    return f"{came.path}?{kept}" if kept else came.path
