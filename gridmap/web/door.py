"""What every request passes: its number, the address gate, the permission, the token, the log."""

import re
import time
import uuid

from flask import Flask, Response, current_app, g, request, session
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from gridmap import logs
from gridmap.model.access import Permission
from gridmap.problems import not_signed_in
from gridmap.services.access import Viewer
from gridmap.web import headers, inputs
from gridmap.web.context import in_time
from gridmap.web.failures import route, wants_page
from gridmap.web.permissions import declared, is_public
from gridmap.web.sessions import BrowserSession

_log = logs.get("gridmap.web")
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)
_QUIET = frozenset({"health.alive", "static"})
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
    app.before_request(_let_in)
    app.after_request(headers.secure)
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
    inputs.guard_address(request)
    g.address_is_clean = True


def _let_in() -> AnyResponse | None:
    if request.endpoint is None:
        return None  # the routing's own 404, 405 or redirect follows
    view = current_app.view_functions[request.endpoint]
    if not is_public(view):
        failure = getattr(session, "failure", None)
        if failure is not None:
            raise failure
        if not current_user.is_authenticated:
            if request.method == "GET" and wants_page():
                return redirect("/", 303)
            raise not_signed_in()
        needed = declared(view)
        if isinstance(needed, Permission):
            current_user.require(needed)
            g.permission = needed
    try:
        with in_time():  # the token may be in a form, which is read here
            _csrf.protect()
    except ValueError:  # over https it looks at the Referer, which need not be an address at all
        raise CSRFError("The referrer is no address.") from None
    return None


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
