"""Pages for people; each is its template, the map's shell and the addresses its script needs."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request, session
from flask_babel import gettext
from flask_login import current_user
from jinja2 import TemplateNotFound
from markupsafe import escape
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from gridmap.maps import shell
from gridmap.maps.shell import MapParts
from gridmap.model.access import Permission
from gridmap.model.problem import Problem
from gridmap.problems import TryLater
from gridmap.services import accounts, chain, reading, reports, viewing
from gridmap.web import inputs, words
from gridmap.web.context import parts, scope, settings, viewer
from gridmap.web.language import keep_choice, locale
from gridmap.web.permissions import permits, public

blueprint = Blueprint("pages", __name__)

URLS = {
    "me": "/api/me",
    "areas": "/api/areas?level=community",
    "grids": "/api/grids",
    "special_grids": "/api/grids?kind=special",
    "micro_grids": "/api/micro-grids",
    "grid_faults": "/api/grids/faults",
    "hazards": "/api/hazards",
    "road_closures": "/api/road-closures",
    "incidents": "/api/incidents?state=open",
    "facilities": "/api/facilities",
    "responders": "/api/responders",
    "households": "/api/households",
    "unplaced": "/api/households/unplaced",
    "building_at": "/api/buildings/at",
    "search": "/api/search",
    "standards": "/api/coverage/standards",
    "runs": "/api/coverage/runs",
    "plans": "/api/plans",
    "jobs": "/api/jobs",
    "live": "/api/live",
    "stream": "/api/live/stream",
    "base_tiles": "/tiles/base/{z}/{x}/{y}.mvt",
    "household_tiles": "/tiles/households/{z}/{x}/{y}.mvt",
    "coverage_tiles": "/tiles/coverage/{run}/{z}/{x}/{y}.mvt",
    "ready": "/readyz",
}
# The page of one's role: the first of these whose permission one holds.
_FIRST_PAGES = (
    (Permission.HOUSEHOLD_VISIT, "/field"),
    (Permission.GRID_DRAW, "/planner"),
    (Permission.MAP_VIEW, "/map"),
    (Permission.TRAIL_READ, "/trail"),
    (Permission.USER_MANAGE, "/users"),
    (Permission.ROLE_MANAGE, "/users"),
)
_THEMES = ("light", "dark")
_ZOOM = 14
_DUTY = tuple(shell.LAYERS)
_DUTY_OFF = ("micro_grids", "coverage", "households", "routes")
_GAPS = ("communities", "grids", "coverage", "facilities")
_ROUTES = ("communities", "grids", "households", "hazards", "facilities", "routes")
_GRIDS = ("communities", "grids", "micro_grids", "special_grids", "households")
_PLACING = tuple(name for name in _GRIDS if name != "micro_grids")
# Layers that not everybody who opens a map may see: the others are not offered them.
_NEEDED = {
    "households": Permission.HOUSEHOLD_VIEW,
    "coverage": Permission.COVERAGE_VIEW,
    "routes": Permission.PLAN_VIEW,
}


@blueprint.get("/")
@public
def home() -> AnyResponse:
    """Send people to the page of their role, and everybody else to the sign-in form."""
    if not current_user.is_authenticated:
        return sign_in_page()
    if current_user.must:  # a password or a second factor comes first
        return redirect("/account", 303)
    wanted = wanted_page(request.args.get("next", ""))
    if wanted not in (None, "/"):
        return redirect(wanted, 303)
    opened = (address for permission, address in _FIRST_PAGES if current_user.may(permission))
    return redirect(next(opened, "/account"), 303)


@blueprint.get("/api/me")
@public
def me() -> Response:
    """Describe the person and the town; without a sign-in, the town alone."""
    inputs.no_query()
    return make_response(_me())


@blueprint.get("/map")
@permits(Permission.MAP_VIEW)
def duty_map() -> Response:
    """Show the duty map."""
    return page("map.html", layers=_DUTY, hidden=_DUTY_OFF)


@blueprint.get("/coverage")
@permits(Permission.COVERAGE_VIEW)
def coverage() -> Response:
    """Show where coverage has gaps."""
    return page("coverage.html", layers=_GAPS)


@blueprint.get("/plans")
@permits(Permission.PLAN_VIEW)
def plans() -> Response:
    """List the plans."""
    needs_in = reading.readable_needs(parts().database, viewer())
    found = reports.plans(parts().database, scope(), locale(), needs_in)
    return page("plans.html", plans=found)


@blueprint.get("/plans/<plan_id>")
@permits(Permission.PLAN_VIEW)
def plan(plan_id: str) -> Response:
    """Show one plan."""
    number = inputs.path_number(plan_id, "id")
    found, _version = reports.plan_version(parts().database, scope(), number, locale())
    links = chain.around(parts().database, viewer(), plan=number)
    return page(
        "plan.html",
        layers=_ROUTES,
        plan_id=found["id"],
        exercise=bool(links["hazard"] and links["hazard"]["exercise"]),
        chain=links,
        here="plan",
    )


@blueprint.get("/grids")
@permits(Permission.GRID_VIEW)
def grids() -> Response:
    """List grids with their measures and faults."""
    return page("grids.html", layers=_GRIDS, hidden=("micro_grids", "households"))


@blueprint.get("/unplaced")
@permits(Permission.HOUSEHOLD_VIEW)
def unplaced() -> Response:
    """List households without a place."""
    return page("unplaced.html", layers=_PLACING)


@blueprint.get("/about")
@public
def about() -> Response:
    """Say where the data comes from, under which licence, and what is simulated."""
    return page("about.html")


def wanted_page(address: str) -> str | None:
    """Give the page somebody asks to be led to, if it is one of ours; it is never another site."""
    ours = re.fullmatch(r"/[a-z0-9/]{0,60}", address) and not address.startswith("//")
    return address if ours else None


def sign_in_page(problem: Problem | None = None) -> Response:
    """Show the sign-in form, after a refusal with its reason."""
    response = page(
        "sign_in.html",
        problem=problem,
        name=request.form.get("name", "")[:80],
        wanted=wanted_page(request.values.get("next", "")),
        demo_accounts=_demo_accounts(),
    )
    if problem is not None:
        response.status_code = problem.status
        if isinstance(problem, TryLater):
            response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _demo_accounts() -> list[dict[str, str]]:
    """List the accounts of the demo for its sign-in form; none anywhere else."""
    if settings().demo is None:
        return []
    return [
        {"name": name, "password": accounts.DEMO_PASSWORD, "role": role.value}
        for name, _display_name, role in accounts.DEMO_ACCOUNTS
    ]


def _offered(layers: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in layers if name not in _NEEDED or current_user.may(_NEEDED[name]))


def page(
    template: str, layers: Sequence[str] = (), hidden: Sequence[str] = (), **more: Any
) -> Response:
    """Render a template with what every page knows."""
    keep_choice()
    person = _me()
    signed_in = current_user.is_authenticated
    language = locale()
    map_parts = None
    if layers:
        map_parts = _shell(
            tuple(person["center"]),
            tuple(person["bounds"]),
            _offered(layers),
            _offered(hidden),
            tuple((name, gettext(label)) for name, label in shell.LAYERS.items()),
        )
    values = {
        "me": person if signed_in else None,
        "site": person,
        "language": language,
        "theme": _theme(),
        "urls": URLS,
        "csp_nonce": g.csp_nonce,
        "map_parts": map_parts,
        "words_file": None if "script_words" in more else words.address(language),
        **more,
    }
    try:
        text = render_template(template, **values)
    except TemplateNotFound as missing:
        if missing.name != template:
            raise
        text = _bare(template, person)
    return make_response(text)


def _me() -> dict[str, Any]:
    person = current_user._get_current_object() if current_user.is_authenticated else None
    if "me" not in g:
        g.me = viewing.me(parts().database, person, settings(), locale())
        g.signed_in = g.me if person else None
    found: dict[str, Any] = g.me
    return found


@lru_cache(maxsize=32)
def _shell(
    center: tuple[float, float],
    bounds: tuple[float, float, float, float],
    layers: tuple[str, ...],
    hidden: tuple[str, ...],
    labels: tuple[tuple[str, str], ...],
) -> MapParts:
    return shell.render(center, _ZOOM, bounds, layers, hidden, dict(labels))


def _theme() -> str | None:
    asked = request.args.get("theme")
    if asked in _THEMES:
        session["theme"] = asked
    chosen = session.get("theme")
    return chosen if chosen in _THEMES else None


def _bare(template: str, person: dict[str, Any]) -> str:
    """Give a page without its template: the form to sign in, or the name of the page."""
    from flask_wtf.csrf import generate_csrf

    title = escape(person["town"] or "gridmap")
    form = ""
    if template == "sign_in.html":
        form = (
            f'<form method="post" action="/sign-in"><input type="hidden" name="csrf_token" '
            f'value="{generate_csrf()}"><input name="name"><input name="password" '
            'type="password"><button>Sign in</button></form>'
        )
    return (
        f'<!doctype html><html lang="en"><meta name="csrf-token" content="{generate_csrf()}">'
        f"<title>{title}</title><h1>{title}</h1>{form}</html>"
    )
