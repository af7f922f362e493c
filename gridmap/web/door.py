"""What every request passes: its number, the address gate, the permission, the token, the log."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from gridmap import logs
from gridmap.model.problem import Problem, forbidden
from gridmap.problems import not_signed_in
from gridmap.services.access import Viewer
from gridmap.web import headers, hosts, inputs
from gridmap.web.context import in_time, parts
from gridmap.web.failures import route, wants_page
from gridmap.web.permissions import (
    is_early,
    is_public,
    largest_body,
    needed,
    takes_program,
)
from gridmap.web.sessions import BrowserSession

_log = logs.get("gridmap.web")
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)
_QUIET = frozenset({"health.alive", "static"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_csrf = CSRFProtect()


def stand(app: Flask) -> None:
    """Put the door before every route of the application."""
    logins = LoginManager(app)
    logins.session_protection = None  # the token is the session; addresses of tablets change
    logins.request_loader(_viewer)
    # nobody is remembered beyond the session: such a cookie, ours to nobody, is not even read
    app.config["REMEMBER_COOKIE_NAME"] = None
    _csrf.init_app(app)
    app.before_request(_begin)
    app.before_request(_measure)
    app.before_request(_let_in)
    app.after_request(headers.secure)
    app.after_request(_note_refusal)
    app.after_request(_name_scheme)
    app.after_request(_write_line)


def _viewer(_request: object) -> Viewer | None:
    held = session._get_current_object()  # type: ignore[attr-defined]
    return held.viewer if isinstance(held, BrowserSession) else None


def _begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    g.permission = None
    headers.new_nonce()
    hosts.guard(request)
    inputs.guard_address(request)
    g.address_is_clean = True


def _measure() -> None:
    """Let the routes of photos and files read larger bodies; before anything looks at one."""
    if request.endpoint is not None:
        larger = largest_body(current_app.view_functions[request.endpoint])
        if larger is not None:
            request.max_content_length = larger


def _let_in() -> AnyResponse | None:
    if request.endpoint is None:
        return None  # the routing's own 404, 405 or redirect follows
    view = current_app.view_functions[request.endpoint]
    if not is_public(view):
        failure = getattr(session, "failure", None)
        if failure is not None:
            raise failure
        if not current_user.is_authenticated:
            return _turn_away()
        if current_user.must and not is_early(view):
            return _send_to_duty(current_user.must)
        if current_user.is_program:
            _check_program(view, current_user)
        _check_permission(view, current_user)
    elif _is_program() and request.method not in _SAFE:
        raise _needs_person()
    if _is_program():
        return None  # no browser sends a token by itself: there is nothing to forge
    try:
        with in_time():  # the token may be in a form, which is read here
            _csrf.protect()
    except ValueError:  # over https it looks at the Referer, which need not be an address at all
        raise CSRFError("The referrer is no address.") from None
    return None


def _turn_away() -> AnyResponse:
    bearer = getattr(session, "bearer", None)
    if bearer is not None:
        g.wrong_token = True
        raise Problem(401, "Not signed in", "The token is wrong, has ended or was revoked")
    if request.method == "GET" and wants_page():
        return redirect("/", 303)
    raise not_signed_in()


def _send_to_duty(must: str) -> AnyResponse:
    """Send whoever has something to do first to where it is done."""
    if request.method == "GET" and wants_page():
        return redirect("/account", 303)
    if must == "password":
        raise Problem(403, "Not allowed", "Choose a password of your own first")
    raise Problem(403, "Not allowed", "Set up the second factor first")


def _check_program(view: Callable[..., Any], program: Viewer) -> None:
    declares_nothing = not needed(view) and request.method not in _SAFE
    if declares_nothing or not takes_program(view):
        raise _needs_person()
    if program.only_looks and request.method not in _SAFE:
        raise Problem(403, "Not allowed", "This token may look and change nothing")


def _check_permission(view: Callable[..., Any], viewer: Viewer) -> None:
    wanted = needed(view)
    if not wanted:
        return
    held = next((each for each in wanted if viewer.may(each)), None)
    if held is None:
        raise forbidden(wanted[0].value)
    g.permission = held


def _needs_person() -> Problem:
    return Problem(403, "Not allowed", "This takes a person who is signed in, not a token")


def _is_program() -> bool:
    return bool(current_user.is_authenticated and current_user.is_program)


def _note_refusal(response: Response) -> Response:
    """Leave a trace of what a known person was refused."""
    viewer = getattr(g, "_login_user", None)
    if response.status_code not in (403, 404) or not isinstance(viewer, Viewer) or viewer.must:
        return response
    if request.endpoint is not None and request.endpoint != "static":
        asked = {
            "method": request.method,
            "route": route(),
            "parts": request.view_args or {},
            "request_id": g.get("request_id"),
        }
        parts().refusals.note(viewer, response.status_code, asked)
    return response


def _name_scheme(response: Response) -> Response:
    if g.get("wrong_token"):
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response


def _write_line(response: Response) -> Response:
    if request.endpoint in _QUIET and response.status_code < 400:
        return response
    started = g.get("started")
    viewer = getattr(g, "_login_user", None)
    _log.info(
        "request",
        request=g.get("request_id"),
        method=request.method,
        route=route(),
        status=response.status_code,
        ms=None if started is None else round((time.perf_counter() - started) * 1000, 1),
        user=getattr(viewer, "id", None),
    )
    return response
