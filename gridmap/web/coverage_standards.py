"""Coverage standards: what holds today, what held before, and the next version of each."""

from typing import Annotated, Any

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.model.coverage_standard import Band, Definition
from gridmap.services import coverage_standard_edits as edits
from gridmap.services import coverage_standards
from gridmap.web import inputs, versions
from gridmap.web.context import parts, scope, viewer
from gridmap.web.edits import if_match
from gridmap.web.grids import Day, today
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("coverage_standards", __name__)
_Street = Annotated[inputs.Text, Field(max_length=40)]


class Speeds(inputs.Input):
    """How fast streets are at some time."""

    key: inputs.Key
    name_zh: versions.Words
    name_en: versions.Words
    speeds: Annotated[dict[_Street, inputs.Number], Field(max_length=40)]


class New(inputs.Input):
    """Body of a version."""

    area: inputs.AreaCode
    key: inputs.Key
    name_zh: versions.Words
    name_en: versions.Words
    area_type: inputs.Key
    facility_kinds: Annotated[list[inputs.Key], Field(min_length=1, max_length=20)]
    profile: inputs.Key
    direction: inputs.Key
    by: inputs.Key
    limit: inputs.Number
    capacity: bool = False
    barriers: Annotated[list[inputs.Key], Field(max_length=10)] = []
    bands: Annotated[list[Speeds], Field(max_length=10)]
    area_rule: Annotated[dict[_Street, inputs.Number], Field(max_length=20)] = {}
    scores: inputs.Key = "none"
    slider: Annotated[list[inputs.Number], Field(min_length=2, max_length=2)]
    source: versions.Source
    valid_from: Day


@blueprint.get("/standards")
@permits(Permission.COVERAGE_VIEW)
def show() -> Response:
    """Show what the standards say; the planning lead makes other versions here."""
    data = coverage_standards.choices(parts().database, viewer())
    return page("standards.html", data={**data, "today": today().isoformat()})


@blueprint.get("/api/coverage/standards")
@permits(Permission.COVERAGE_VIEW)
def standards() -> Response:
    """List the standards in force."""
    inputs.no_query()
    return jsonify(coverage_standards.listing(parts().database, scope(), locale()))


@blueprint.get("/api/coverage/standards/<key>/history")
@permits(Permission.COVERAGE_VIEW)
def history(key: str) -> Response:
    """List every version of an area's standard, the newest first."""
    asked = inputs.query(versions.History)
    area = asked.area or viewer().areas_for(Permission.COVERAGE_VIEW)[0]
    found = coverage_standards.history(parts().database, scope(), key, area, locale())
    return jsonify(found)


@blueprint.post("/api/coverage/standards")
@permits(Permission.COVERAGE_EDIT)
def put() -> tuple[Response, int]:
    """Store the next version of an area's standard: `If-Match` names the last one it has."""
    inputs.no_query()
    asked = inputs.body(New)
    number = edits.put(
        parts().database, viewer(), g.request_id, asked.area, _definition(asked), _seen()
    )
    return jsonify(key=asked.key, area=asked.area, version=number), 201


@blueprint.post("/api/coverage/standards/<key>/retire")
@permits(Permission.COVERAGE_EDIT)
def retire(key: str) -> tuple[Response, int]:
    """Let an area's standard end on a day: `If-Match` names the last version it has."""
    inputs.no_query()
    asked = inputs.body(versions.End)
    number = edits.retire(
        parts().database, viewer(), g.request_id, asked.area, key, asked.valid_from, _seen()
    )
    return jsonify(key=key, area=asked.area, version=number), 201


def _seen() -> int | None:
    # a first version has none before it: nothing, or 0, is named then
    return if_match(required=False) or None


def _definition(asked: New) -> Definition:
    bands: Any = (Band(one.key, one.name_zh, one.name_en, one.speeds) for one in asked.bands)
    low, high = asked.slider
    return Definition(
        key=asked.key,
        name_zh=asked.name_zh,
        name_en=asked.name_en,
        facility_kinds=tuple(asked.facility_kinds),
        profile=asked.profile,
        direction=asked.direction,
        measure=asked.by,
        max_value=asked.limit,
        slider=(low, high),
        source=asked.source,
        valid_from=asked.valid_from,
        capacity=asked.capacity,
        area_type=asked.area_type,
        barriers=tuple(asked.barriers),
        bands=tuple(bands),
        area_rule=asked.area_rule,
        scores=asked.scores,
    )
