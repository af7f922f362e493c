"""Printed sheets of a plan: as a page, as PDF at once, or as PDF from a worker."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from flask import Blueprint, Response, g, jsonify, url_for
from markupsafe import Markup

from gridmap.maps import sheets as paper
from gridmap.maps.sheet_words import Look
from gridmap.model.access import Permission
from gridmap.model.problem import Problem
from gridmap.model.sheet import Booklet
from gridmap.services import jobs, reading, sheet_jobs, sheets
from gridmap.web import hosts, inputs
from gridmap.web.context import aside, parts, scope, settings, viewer
from gridmap.web.language import keep_choice, locale
from gridmap.web.permissions import permits

blueprint = Blueprint("sheets", __name__)
_STATIC = Path(__file__).resolve().parents[2] / "static"
# Households whose sheets are laid out while the person waits: a dozen pages, a few seconds.
_AT_ONCE = 160


class Which(inputs.Query):
    """Parameters of a print: one grid, or the whole plan; in which language and theme."""

    grid: inputs.AreaCode | None = None
    only: Literal["changed", "cards"] | None = None
    lang: str | None = None
    theme: str | None = None


class Order(inputs.Input):
    """Body that asks a worker for the sheets."""

    grid: inputs.AreaCode | None = None
    only: Literal["changed", "cards"] | None = None


@blueprint.get("/plans/<plan_id>/print")
@permits(Permission.PLAN_VIEW)
def page(plan_id: str) -> Response:
    """Show the sheets as they will be printed."""
    number = inputs.path_number(plan_id, "id")
    given = inputs.query(Which)
    keep_choice()
    booklet = _booklet(_asked(number, given.grid, given.only))
    styles = [url_for("static", filename=f"css/{name}") for name in paper.STYLES]
    look = _look()  # the thread that lays out knows of no request
    small = _at_once(booklet)
    text = aside(lambda: paper.document(booklet, look, styles, tools=True, at_once=small))
    return Response(Markup(text), mimetype="text/html")  # noqa: S704 - the template escapes


@blueprint.get("/plans/<plan_id>/print.pdf")
@permits(Permission.PLAN_VIEW)
def pdf(plan_id: str) -> Response:
    """Give the sheets of a small plan, or of one grid, as PDF."""
    number = inputs.path_number(plan_id, "id")
    given = inputs.query(Which)
    asked = _asked(number, given.grid, given.only)
    _code, households = sheets.area_of(parts().database, scope(), number, given.grid)
    if given.grid is None and given.only != "changed" and households > _AT_ONCE:
        raise _too_many(number)
    booklet = _booklet(asked)
    if not _at_once(booklet):
        raise _too_many(number)
    look = _look()
    paper.prepare()
    content, _pages = aside(lambda: paper.pdf(booklet, look))
    return _file(content, booklet.facts.number, given.grid)


@blueprint.post("/api/plans/<plan_id>/sheets")
@permits(Permission.PLAN_VIEW)
def order(plan_id: str) -> tuple[Response, int]:
    """Ask a worker for the sheets of a plan, however many they are."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    given = inputs.body(Order)
    jobs.make_room(parts().database, viewer())
    job = sheet_jobs.request(parts().database, scope(), _asked(number, given.grid, given.only))
    return jsonify(job=job, file=f"/plans/{number}/sheets/{job}.pdf"), 202


@blueprint.get("/plans/<plan_id>/sheets/<job_id>.pdf")
@permits(Permission.PLAN_VIEW)
def kept(plan_id: str, job_id: str) -> Response:
    """Give the sheets that a worker has made for this very person."""
    inputs.no_query()
    number = inputs.path_number(plan_id, "id")
    job = inputs.path_number(job_id, "job")
    content = sheet_jobs.kept(parts().database, scope(), number, job, *_readable())
    return _file(content, f"P{number}", None)


def _readable() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the areas whose names, and those whose needs, the reader may know now."""
    person = viewer()
    needs_in = reading.readable_needs(parts().database, person)
    return person.areas_for(Permission.HOUSEHOLD_PERSONAL), tuple(needs_in)


def _asked(number: int, grid: str | None, only: str | None = None) -> sheets.Asked:
    names_in, needs_in = _readable()
    return sheets.Asked(
        plan_id=number,
        language=locale(),
        names_in=names_in,
        needs_in=needs_in,
        address=f"{hosts.root()}plans/{number}",
        printed_at=datetime.now(UTC).replace(second=0, microsecond=0),
        grid=grid,
        changed=only == "changed",
        cards=only == "cards",
    )


def _booklet(asked: sheets.Asked) -> Booklet:
    """Read the sheets, and leave the trace before they are given out."""
    code, _households = sheets.area_of(parts().database, scope(), asked.plan_id, asked.grid)
    found = sheets.booklet(parts().database, scope(), asked)
    sheets.note_printed(parts().database, scope(), code, found, asked.grid)
    return found


def _at_once(booklet: Booklet) -> bool:
    """Tell whether a person may wait for these sheets; a single grid is given more time."""
    return sum(len(leaf.homes) for leaf in booklet.leaves) <= _AT_ONCE * (1 if booklet.whole else 2)


def _look() -> Look:
    return Look(locale(), settings().time_zone, _STATIC)


def _too_many(number: int) -> Problem:
    return Problem(
        409,
        "Too many sheets to wait for",
        "Print them from the page of the plan: a worker makes them",
        more={"order": f"/api/plans/{number}/sheets", "request": g.request_id},
    )


def _file(content: bytes, name: str, grid: str | None) -> Response:
    answer = Response(content, mimetype="application/pdf")
    end = f"-{grid}" if grid else ""
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}{end}.pdf"'
    return answer
