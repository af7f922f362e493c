"""Bulk exports: asked for, decided by a second person, had for a day."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.model.household import Purpose
from gridmap.services import export_requests, workbook
from gridmap.web import care_words, inputs
from gridmap.web.context import parts, viewer
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("exports", __name__)


class New(inputs.Input):
    """Body of a request."""

    kind: Literal["households", "visits", "volunteers"]
    area: inputs.AreaCode
    purpose: Literal["visit", "emergency", "correction", "export"]
    reason: Annotated[inputs.Text, Field(min_length=1, max_length=500)]
    fields: Annotated[list[inputs.Key], Field(min_length=1, max_length=40)]


class Decision(inputs.Input):
    """Body of a decision; a refusal needs its reason."""

    reason: Annotated[inputs.Text, Field(max_length=500)] | None = None


@blueprint.get("/exports")
@permits(Permission.EXPORT_REQUEST)
def exports_page() -> Response:
    """Show one's own exports and those one may decide."""
    return page("exports.html")


@blueprint.get("/api/exports")
@permits(Permission.EXPORT_REQUEST)
def listing() -> Response:
    """List one's own requests, and those one may decide."""
    inputs.no_query()
    found: dict[str, Any] = export_requests.listing(parts().database, viewer())
    found["kinds"] = [
        {
            "kind": kind,
            "fields": [
                {
                    "name": name,
                    "label": care_words.heading(name),
                    "personal": name in export_requests.UNMASKABLE,
                }
                for name in fields
            ],
        }
        for kind, fields in export_requests.FIELDS.items()
    ]
    found["areas"] = list(viewer().areas_for(Permission.EXPORT_REQUEST))
    return jsonify(found)


@blueprint.post("/api/exports")
@permits(Permission.EXPORT_REQUEST)
def request_one() -> tuple[Response, int]:
    """Ask for a file; somebody else decides."""
    inputs.no_query()
    new = inputs.body(New)
    found = export_requests.request(
        parts().database,
        viewer(),
        g.request_id,
        kind=new.kind,
        area_code=new.area,
        purpose=Purpose(new.purpose),
        reason=new.reason,
        fields=new.fields,
    )
    return jsonify(found), 202


@blueprint.post("/api/exports/<export_id>/approve")
@permits(Permission.EXPORT_APPROVE)
def approve(export_id: str) -> tuple[Response, int]:
    """Agree to somebody else's request; a job makes the file."""
    return jsonify(_decide(export_id, agree=True)), 202


@blueprint.post("/api/exports/<export_id>/refuse")
@permits(Permission.EXPORT_APPROVE)
def refuse(export_id: str) -> Response:
    """Refuse somebody else's request, with the reason."""
    return jsonify(_decide(export_id, agree=False))


def _decide(export_id: str, *, agree: bool) -> dict[str, Any]:
    inputs.no_query()
    number = inputs.path_number(export_id, "id")
    said = inputs.body(Decision)
    return export_requests.decide(
        parts().database, viewer(), g.request_id, number, agree=agree, reason=said.reason
    )


@blueprint.get("/api/exports/<export_id>/file")
@permits(Permission.EXPORT_REQUEST)
def file(export_id: str) -> Response:
    """Give the file to the person who asked for it; each time leaves a trace."""
    inputs.no_query()
    number = inputs.path_number(export_id, "id")
    name, content = export_requests.download(parts().database, viewer(), g.request_id, number)
    media = workbook.MEDIA if name.endswith(".xlsx") else "text/csv"
    answer = Response(content, mimetype=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
