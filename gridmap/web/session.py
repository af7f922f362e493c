"""Signing in and out, and the language of the pages."""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, g, redirect, request, session
from flask_babel import gettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response as AnyResponse

from gridmap.model.problem import Problem
from gridmap.problems import TryLater, bad_value
from gridmap.services import accounts, passwords, sessions, sign_in
from gridmap.services.devices import Device
from gridmap.settings import LANGUAGES
from gridmap.web.context import aside, parts, policy, settings, viewer
from gridmap.web.failures import wants_page
from gridmap.web.pages import page, sign_in_page, wanted_page
from gridmap.web.permissions import by_person, early, public, signed_in
from gridmap.web.sessions import BrowserSession

blueprint = Blueprint("session", __name__)

# Storage is set by the application: Redis, and this process's memory while Redis is down.
limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)
DEVICE_COOKIE = "gridmap_device"
_DEVICE_SECONDS = 180 * 24 * 3600
_CARRIED = ("language", "theme")  # what a visitor chose goes along into the session


def attempt(name: str) -> sign_in.Attempt:
    """Describe somebody of this name at the door: address, device, request."""
    device = Device.read(request.cookies.get(DEVICE_COOKIE, ""))
    return sign_in.Attempt(name, request.remote_addr or "", device, g.request_id)


def browser_session() -> BrowserSession:
    """Give the session of this request."""
    held = current_app.session_interface and session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(held, BrowserSession)
    return held


def _known_device() -> bool:
    """Spare a known device the limit of its address: a stranger at the same address uses it up.

    Wrong passwords are counted there as well, under the device.
    """
    name = request.form.get("name", "").strip().lower()[:80]
    return bool(name) and attempt(name).known(policy())


@blueprint.get("/sign-in")
@public
def form() -> AnyResponse:
    """Lead to the page with the form, which is the front page; somebody reloaded a refusal."""
    return redirect("/" + _onward(request.args.get("next", "")), 303)


@blueprint.post("/sign-in")
@public
@limiter.limit("30 per 5 minutes", exempt_when=_known_device)
def enter() -> AnyResponse:
    """Sign in with name and password; every refusal looks and takes the same."""
    name = _field("name", 80).strip().lower()
    password = _field("password", passwords.LONGEST)
    database = parts().database
    try:
        account = sign_in.check_password(database, policy(), attempt(name), password, aside)
    except Problem as problem:
        if not wants_page():
            raise
        return sign_in_page(problem)
    if account["release_needed"] or _has_factor(account):
        held = browser_session()
        data = _carried(held, account)
        token = sessions.open_half(database, account, data)
        _leave(held)
        held.become(token, data)
        return redirect("/sign-in/code" + _onward(request.form.get("next", "")), 303)
    return _welcome(account, second_factor=False)


@blueprint.get("/sign-in/code")
@public
def ask_code() -> AnyResponse:
    """Ask for the code of the second factor, once the password was right."""
    held = browser_session()
    if held.person is None or held.viewer is not None:
        return redirect("/", 303)
    account = sessions.account(parts().database, held.person)
    wanted = wanted_page(request.args.get("next", ""))
    return page("sign_in_code.html", wanted=wanted, release=account["release_needed"])


@blueprint.post("/sign-in/code")
@public
@limiter.limit("30 per 5 minutes")
def give_code() -> AnyResponse:
    """Finish signing in with a code of the telephone, or on paper; first one of a release."""
    held = browser_session()
    if held.person is None or held.viewer is not None:
        return redirect("/", 303)
    code = _field("code", 40)
    account = sessions.account(parts().database, held.person)
    release = bool(account["release_needed"])
    check = sign_in.check_release if release else sign_in.check_code
    try:
        check(parts().database, policy(), account, code, g.request_id)
    except Problem as problem:
        if not wants_page():
            raise
        wanted = wanted_page(request.form.get("next", ""))
        response = page("sign_in_code.html", problem=problem, wanted=wanted, release=release)
        response.status_code = problem.status
        if isinstance(problem, TryLater):
            response.headers["Retry-After"] = str(problem.retry_after)
        return response
    if release and _has_factor(account):
        # released; the telephone is asked for as ever
        return redirect("/sign-in/code" + _onward(request.form.get("next", "")), 303)
    return _welcome(account, second_factor=not release)


@blueprint.post("/sign-out")
@signed_in
@by_person
@early
def leave() -> AnyResponse:
    """End the session; every copy of its cookie is worthless from now on."""
    held = browser_session()
    if held.token is not None:
        sessions.close_session(parts().database, held.token, viewer(), g.request_id)
    become_visitor(held)
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
    held = browser_session()
    if held.viewer is not None:
        accounts.choose_language(parts().database, held.viewer, chosen)
    if not wants_page():
        return Response(status=204)
    return redirect(_back(), 303)


def become_visitor(held: BrowserSession) -> None:
    """Go on as nobody, with what a visitor chose."""
    held.become(None, {key: held[key] for key in _CARRIED if key in held})


def _welcome(account: Mapping[str, Any], *, second_factor: bool) -> AnyResponse:
    held = browser_session()
    # drawn now: two pages opened at once would each draw one, and the later would undo the other's
    data = _carried(held, account) | {"csrf_token": secrets.token_hex(20)}
    token = sessions.open_session(
        parts().database,
        policy(),
        account,
        data,
        g.request_id,
        second_factor=second_factor,
        user_agent=request.user_agent.string,
    )
    _leave(held)
    held.become(token, data)
    response = redirect(wanted_page(request.form.get("next", "")) or "/", 303)
    name = str(account["name"])
    device = Device.read(request.cookies.get(DEVICE_COOKIE, "")) or Device.new()
    response.set_cookie(
        DEVICE_COOKIE,
        device.knowing(policy(), name).cookie(),
        max_age=_DEVICE_SECONDS,
        secure=settings().https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def _onward(address: str) -> str:
    """Carry the page somebody wants to be led to through the steps at the door."""
    wanted = wanted_page(address)
    return "" if wanted is None else f"?next={wanted}"


def _has_factor(account: Mapping[str, Any]) -> bool:
    return bool(policy().second_factor and account["second_factor"])


def _leave(held: BrowserSession) -> None:
    """End what this browser held before: a session signed in over, or one not yet complete."""
    if held.token is None:
        return
    if held.viewer is not None:
        sessions.close_session(parts().database, held.token, held.viewer, g.request_id)
    else:
        sessions.drop_session(parts().database, held.token)


def _carried(held: BrowserSession, account: Mapping[str, Any]) -> dict[str, Any]:
    data = {key: held[key] for key in _CARRIED if key in held}
    data.setdefault("language", account["language"])
    return data


def _field(name: str, most: int) -> str:
    value = request.form.get(name, "")
    if not value or len(value) > most or "\0" in value:
        raise bad_value(name, f"1 to {most} characters are needed")
    return value


def _back() -> str:
    """Give the page the person came from, if it is one of ours."""
    chosen = wanted_page(request.form.get("next", ""))
    if chosen is not None:
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
