"""Plan templates: what holds today, what held before, and the next version of each."""

from pathlib import Path

from flask import Blueprint, Response, g, jsonify

from gridmap.maps import plan_template as paper_of
from gridmap.maps import press
from gridmap.maps.sheet_words import Look
from gridmap.model.access import Permission
from gridmap.model.plan_template import Content
from gridmap.services import plan_template_edits as edits
from gridmap.services import plan_templates
from gridmap.web import inputs, versions
from gridmap.web.context import aside, parts, scope, settings, viewer
from gridmap.web.edits import if_match
from gridmap.web.grids import Day, today
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

_STATIC = Path(__file__).resolve().parents[2] / "static"
blueprint = Blueprint("plan_templates", __name__)


class Holding(inputs.Query):
    """Parameters of the template in force: for what, and where."""

    kind: inputs.Key
    area: inputs.AreaCode


class Two(versions.History):
    """Parameters of a comparison: whose template, and which two versions."""

    older: inputs.Sequence64
    newer: inputs.Sequence64


class Printed(versions.History):
    """Parameters of a print: whose template, and which version."""

    version: inputs.Sequence64


class New(inputs.Input):
    """Body of a version."""

    area: inputs.AreaCode
    hazard_kind: inputs.Key
    area_type: inputs.Key
    name_zh: versions.Words
    name_en: versions.Words
    content: Content
    source: versions.Source
    valid_from: Day
    lesson: inputs.Id | None = None


@blueprint.get("/plan-templates")
@permits(Permission.PLAN_VIEW)
def show() -> Response:
    """Show the plan templates; a commander makes other versions here."""
    data = plan_templates.choices(parts().database, viewer())
    return page("plan_templates.html", data={**data, "today": today().isoformat()})


@blueprint.get("/api/plan-templates")
@permits(Permission.PLAN_VIEW)
def listing() -> Response:
    """List the plan templates in force; what is read here can be sent back as a version."""
    inputs.no_query()
    return jsonify(plan_templates.listing(parts().database, scope(), locale()))


@blueprint.get("/api/plan-templates/in-force")
@permits(Permission.PLAN_VIEW)
def in_force() -> Response:
    """Give which template a response would go by, and how many tasks each level brings."""
    asked = inputs.query(Holding)
    return jsonify(
        plan_templates.holding(parts().database, viewer(), asked.kind, asked.area, locale())
    )


@blueprint.get("/api/plan-templates/<key>/history")
@permits(Permission.PLAN_VIEW)
def history(key: str) -> Response:
    """List every version of an area's template with what it changed, the newest first."""
    asked = inputs.query(versions.History)
    area = asked.area or viewer().areas_for(Permission.PLAN_VIEW)[0]
    return jsonify(plan_templates.history(parts().database, scope(), key, area, locale()))


@blueprint.get("/api/plan-templates/<key>/compare")
@permits(Permission.PLAN_VIEW)
def compare(key: str) -> Response:
    """Say what one version of an area's template says otherwise than another."""
    asked = inputs.query(Two)
    area = asked.area or viewer().areas_for(Permission.PLAN_VIEW)[0]
    return jsonify(
        plan_templates.compare(parts().database, scope(), key, area, asked.older, asked.newer)
    )


@blueprint.get("/plan-templates/<key>.pdf")
@permits(Permission.PLAN_VIEW)
def paper(key: str) -> Response:
    """Print a version of an area's template."""
    asked = inputs.query(Printed)
    area = asked.area or viewer().areas_for(Permission.PLAN_VIEW)[0]
    found = plan_templates.printed(parts().database, scope(), key, area, asked.version, locale())
    look = Look(language=locale(), zone=settings().time_zone, static=_STATIC)
    press.prepare()
    content = aside(lambda: paper_of.pdf(found, look))
    answer = Response(content, mimetype="application/pdf")
    name = f"{key}-{found['version']}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@blueprint.post("/api/plan-templates")
@permits(Permission.PLAN_APPROVE)
def put() -> tuple[Response, int]:
    """Store the next version of an area's template: `If-Match` names the last one it has."""
    inputs.no_query()
    asked = inputs.body(New)
    version = edits.Version(
        hazard_kind=asked.hazard_kind,
        area_type=asked.area_type,
        name_zh=asked.name_zh,
        name_en=asked.name_en,
        source=asked.source,
        content=asked.content,
        valid_from=asked.valid_from,
    )
    number = edits.put(
        parts().database, viewer(), g.request_id, asked.area, version, _seen(), asked.lesson
    )
    return jsonify(key=version.key, area=asked.area, version=number), 201


@blueprint.post("/api/plan-templates/<key>/retire")
@permits(Permission.PLAN_APPROVE)
def retire(key: str) -> tuple[Response, int]:
    """Let an area's template end on a day: `If-Match` names the last version it has."""
    inputs.no_query()
    asked = inputs.body(versions.End)
    number = edits.retire(
        parts().database, viewer(), g.request_id, asked.area, key, asked.valid_from, _seen()
    )
    return jsonify(key=key, area=asked.area, version=number), 201


def _seen() -> int | None:
    # a first version has none before it: nothing, or 0, is named then
    return if_match(required=False) or None
