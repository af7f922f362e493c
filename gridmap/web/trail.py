"""The trail for the auditor: who did what, and whether it is still what was recorded."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from gridmap.model.access import Permission
from gridmap.services import trail
from gridmap.store.trail import Wanted
from gridmap.web import inputs
from gridmap.web.context import parts, scope, settings
from gridmap.web.failures import wants_page
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("trail", __name__)

_Word = Annotated[inputs.Text, Field(max_length=80)]


class Asked(inputs.Query):
    """Which part of the trail; an empty field of the form asks for nothing."""

    kind: _Word | None = None
    subject_id: _Word | None = None
    person: _Word | None = None
    area: _Word | None = None
    since: _Word | None = None
    until: _Word | None = None
    before: inputs.Sequence64 | None = None
    limit: inputs.Limit = 100

    def wanted(self) -> Wanted:
        """Leave out what is empty; days are those of the site."""
        return Wanted(
            zone=settings().time_zone,
            kind=self.kind or None,
            subject_id=self.subject_id or None,
            person=self.person or None,
            area=self.area or None,
            since=self.since or None,
            until=self.until or None,
            before=self.before,
        )


class OnPage(Asked):
    """The same on the page, which takes a language and a theme as every page does."""

    lang: _Word | None = None
    theme: _Word | None = None


@blueprint.get("/trail")
@permits(Permission.TRAIL_READ)
def show() -> Response:
    """Show the trail as a page."""
    asked = inputs.query(OnPage)
    found = trail.page(parts().database, scope(), asked.wanted(), asked.limit)
    kept = asked.model_dump(exclude_none=True, exclude={"before", "limit", "lang", "theme"})
    return page(
        "trail.html",
        events=found["items"],
        next=found["next"],
        asked=kept,
        check=trail.last_check(parts().database, scope()),
        when=_at_site,
    )


def _at_site(moment: str) -> str:
    """Write a moment in the zone of the site, as everywhere on paper."""
    there = datetime.fromisoformat(moment).astimezone(ZoneInfo(settings().time_zone))
    return f"{there:%Y-%m-%d %H:%M:%S}"


@blueprint.get("/api/trail")
@permits(Permission.TRAIL_READ)
def read() -> Response:
    """Read the trail, the newest first; `next` is the `before` of the following page."""
    asked = inputs.query(Asked)
    return jsonify(trail.page(parts().database, scope(), asked.wanted(), asked.limit))


@blueprint.post("/trail/verify")
@permits(Permission.TRAIL_READ)
def verify() -> AnyResponse:
    """Have a worker walk along the whole chain."""
    inputs.no_query()
    job_id = trail.ask(parts().database, scope())
    if wants_page():
        return redirect("/trail", 303)
    response = jsonify(job=job_id)
    response.status_code = 202
    return response


@blueprint.get("/api/trail/check")
@permits(Permission.TRAIL_READ)
def check() -> Response:
    """Give what the last walk along the chain has found."""
    inputs.no_query()
    return jsonify(check=trail.last_check(parts().database, scope()))


@blueprint.get("/api/trail/head")
@permits(Permission.TRAIL_READ)
def head() -> Response:
    """Give the signed end of the chain, to be kept where this county's servers are not."""
    inputs.no_query()
    secret = settings().secret_key
    assert secret is not None  # the application does not start without
    response = jsonify(trail.signed_head(parts().database, secret))
    response.headers["Content-Disposition"] = "attachment; filename=gridmap-trail-head.json"
    return response
