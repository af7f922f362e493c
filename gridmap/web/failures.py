"""One handler for everything that goes wrong: problem details for programs, a page for people."""

import json
import re
from typing import Any

from flask import Flask, Response, g, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from jinja2 import TemplateNotFound
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from geodata.errors import GeodataError
from gridmap import logs
from gridmap.model.problem import Problem
from gridmap.problems import TryLater, bad_value, from_geodata
from gridmap.store import failures
from gridmap.web.language import locale
from gridmap.web.problem_words import said

_log = logs.get("gridmap.web")
_PROGRAMS = ("/api/", "/tiles/", "/ogc/", "/healthz", "/readyz")


def register(app: Flask) -> None:
    """Make every exception of a request end in `answer`."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """Turn an exception into the answer that explains it, without a word about our insides."""
    problem = _problem(error)
    if problem.status >= 500:
        _log.error("request.failed", status=problem.status, route=route(), exc_info=error)
    response = _page(problem) if wants_page() else _details(problem)
    response.status_code = problem.status
    if isinstance(problem, TryLater):
        response.headers["Retry-After"] = str(problem.retry_after)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name in ("Allow", "WWW-Authenticate", "Location"):
                response.headers[name] = value
    return response


def route() -> str:
    """Give the rule of the address, never the address: it may hold a search for a person."""
    return request.url_rule.rule if request.url_rule is not None else "(none)"


def wants_page() -> bool:
    """Tell whether a person's browser asks for a page rather than a program for data."""
    if request.path.startswith(_PROGRAMS):
        return False
    best = request.accept_mimetypes.best_match(["text/html", "application/problem+json"])
    return best == "text/html"


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, GeodataError):
        return from_geodata(error)
    if isinstance(error, ParseException):  # of a body that is read while the view wants it
        return bad_value("body", "the chunks of the body are malformed")
    if isinstance(error, CSRFError):
        return Problem(400, "Page too old", "Open the page again, then repeat the step")
    if isinstance(error, HTTPException):
        status = error.code or 500
        if 300 <= status < 400:
            return Problem(404, "Not found")
        return Problem(status, error.name, "" if status == 404 else error.description or "")
    known = failures.problem_of(error)
    return known or Problem(500, "Something failed here", "It is in the log under this number")


def _details(problem: Problem) -> Response:
    content: dict[str, Any] = {
        "type": f"urn:gridmap:problem:{_slug(problem.title)}",
        "title": gettext(problem.title),
        "status": problem.status,
        "detail": said(problem.detail) if problem.detail else "",
        "instance": g.get("request_id", ""),
    }
    if problem.faults:
        content["faults"] = problem.faults
        # the same in the language of the page, for the field each belongs to
        content["said"] = [said(each.get("message", "")) for each in problem.faults]
    content = problem.more | content
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/problem+json")


def _page(problem: Problem) -> Response:
    request_id = g.get("request_id", "")
    try:
        # `me` is there when the page was far enough to ask for it; the database may be down now
        text = render_template(
            "problem.html",
            problem=problem,
            said=said,
            request_id=request_id,
            csp_nonce=g.get("csp_nonce", ""),
            language=locale(),
            me=g.get("signed_in"),
            site=g.get("me", {}),
        )
    except TemplateNotFound:
        text = (
            f"<!doctype html><title>{escape(gettext(problem.title))}</title>"
            f"<h1>{escape(gettext(problem.title))}</h1><p>{escape(said(problem.detail))}</p>"
            f"<p><code>{escape(request_id)}</code></p>"
        )
    return Response(text, mimetype="text/html")


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
