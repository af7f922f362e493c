"""Coverage tried out: what if, where to add, what it hangs on, and the options that are kept."""

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.model.coverage_changes import Addition, Changes, Move
from gridmap.model.coverage_sites import Method, Places, Question, Weight
from gridmap.services import (
    coverage_critical,
    coverage_needs,
    coverage_options,
    coverage_sites,
    coverage_what_if,
    jobs,
    reading,
)
from gridmap.web import inputs
from gridmap.web.context import parts, scope, viewer
from gridmap.web.permissions import permits

blueprint = Blueprint("coverage_desk", __name__)

_KINDS = ("Point", "LineString", "Polygon", "MultiLineString", "MultiPolygon")

Limit = Annotated[inputs.Number, Field(gt=0, le=1e6)]
Capacity = Annotated[int, Field(ge=0, le=1_000_000)]
Spot = Annotated[list[float], Field(min_length=2, max_length=2)]


class Moved(inputs.Input):
    """A facility that is to stand elsewhere."""

    facility: inputs.Id
    to: Spot


class Added(inputs.Input):
    """A facility that is to be there."""

    at: Spot
    capacity: Capacity | None = None


class Asking(inputs.Input):
    """Body of a question about coverage: one's own first area unless another is named."""

    standard: inputs.Key
    area: inputs.AreaCode | None = None
    limit: Limit | None = None


class WhatIf(Asking):
    """Body of a what-if."""

    closed: Annotated[list[dict[str, Any]], Field(max_length=200)] = []
    bridges: bool = False
    moved: Annotated[list[Moved], Field(max_length=50)] = []
    added: Annotated[list[Added], Field(max_length=50)] = []
    off: Annotated[list[inputs.Id], Field(max_length=500)] = []


class Sites(Asking):
    """Body of a question about sites."""

    method: Method
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    candidates: Places = "crossings"
    weight: Weight = "people"
    capacity: Capacity | None = None


class NewOption(inputs.Input):
    """Body that keeps the answer of a job under a name."""

    name: Annotated[inputs.Text, Field(min_length=1, max_length=80)]
    job: inputs.Id
    site: Annotated[int, Field(ge=1, le=1000)] | None = None


class Options(inputs.Query):
    """Parameters of the list of options."""

    standard: inputs.Key | None = None
    area: inputs.AreaCode | None = None


def _area(asked: Asking) -> str:
    jobs.make_room(parts().database, viewer())
    return asked.area or viewer().areas_for(Permission.COVERAGE_RUN)[0]


def _needs_in() -> tuple[str, ...]:
    return reading.readable_needs(parts().database, viewer())


def _spot(given: list[float], place: str) -> tuple[float, float]:
    """Read a place that lies inside the deployment's bounds."""
    inputs.geometry({"type": "Point", "coordinates": given}, place, ("Point",))
    return given[0], given[1]


@blueprint.post("/api/coverage/what-if")
@permits(Permission.COVERAGE_RUN)
def what_if() -> tuple[Response, int]:
    """Ask what closures and moved, new or missing facilities would mean; nothing is changed."""
    inputs.no_query()
    asked = inputs.body(WhatIf)
    for number, each in enumerate(asked.closed):
        inputs.geometry(each, f"closed.{number}", _KINDS)
    changes = Changes(
        closed=tuple(asked.closed),
        moved=tuple(
            Move(each.facility, _spot(each.to, f"moved.{number}.to"))
            for number, each in enumerate(asked.moved)
        ),
        added=tuple(
            Addition(_spot(each.at, f"added.{number}.at"), each.capacity)
            for number, each in enumerate(asked.added)
        ),
        off=tuple(asked.off),
        bridges=asked.bridges,
    )
    job = coverage_what_if.request(
        parts().database, scope(), asked.standard, _area(asked), changes, asked.limit
    )
    return jsonify(job=job), 202


@blueprint.post("/api/coverage/sites")
@permits(Permission.COVERAGE_RUN)
def sites() -> tuple[Response, int]:
    """Ask where facilities would do most, or which one is least missed."""
    inputs.no_query()
    asked = inputs.body(Sites)
    question = Question(
        method=asked.method,
        count=asked.count,
        candidates=asked.candidates,
        weight=asked.weight,
        capacity=asked.capacity,
        limit=asked.limit,
    )
    area = _area(asked)
    coverage_needs.check_weight(parts().database, viewer(), area, asked.weight)
    job = coverage_sites.request(parts().database, scope(), asked.standard, area, question)
    return jsonify(job=job), 202


@blueprint.post("/api/coverage/critical")
@permits(Permission.COVERAGE_RUN)
def critical() -> tuple[Response, int]:
    """Ask which streets, bridges and facilities cover hangs on."""
    inputs.no_query()
    asked = inputs.body(Asking)
    job = coverage_critical.request(
        parts().database, scope(), asked.standard, _area(asked), asked.limit
    )
    return jsonify(job=job), 202


@blueprint.get("/api/coverage/options")
@permits(Permission.COVERAGE_VIEW)
def options() -> Response:
    """List the options that are kept."""
    asked = inputs.query(Options)
    found = coverage_options.listing(
        parts().database, scope(), asked.standard, asked.area, _needs_in()
    )
    return jsonify(found)


@blueprint.post("/api/coverage/options")
@permits(Permission.COVERAGE_RUN)
def keep() -> tuple[Response, int]:
    """Keep the answer of a job under a name."""
    inputs.no_query()
    asked = inputs.body(NewOption)
    found = coverage_options.keep(
        parts().database, scope(), asked.name, asked.job, asked.site, _needs_in()
    )
    return jsonify(found), 201


@blueprint.get("/api/coverage/options/<option_id>")
@permits(Permission.COVERAGE_VIEW)
def option(option_id: str) -> Response:
    """Give one option."""
    inputs.no_query()
    number = inputs.path_number(option_id, "id")
    return jsonify(coverage_options.show(parts().database, scope(), number, _needs_in()))


@blueprint.delete("/api/coverage/options/<option_id>")
@permits(Permission.COVERAGE_RUN)
def remove(option_id: str) -> tuple[str, int]:
    """Remove an option."""
    inputs.no_query()
    number = inputs.path_number(option_id, "id")
    coverage_options.remove(parts().database, scope(), number)
    return "", 204
