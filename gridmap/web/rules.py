"""Rules of care, for people: visits by need, how long a fact stays fresh, what a grid is for."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model import care_words as known
from gridmap.model import service_words
from gridmap.model.access import Permission
from gridmap.model.care_words import word
from gridmap.model.grid_rules import Entry
from gridmap.services import care_rules, grid_rules
from gridmap.web import care_words, inputs
from gridmap.web.context import parts, viewer
from gridmap.web.grids import Day, today
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("rules", __name__)
_Words = Annotated[inputs.Text, Field(min_length=1, max_length=200)]
_Keys = Annotated[list[inputs.Key], Field(max_length=40)]

_Figure = Annotated[int, Field(ge=1, le=100_000)]


class Fresh(inputs.Input):
    """Body that says for how long a fact stays fresh in an area."""

    area: inputs.AreaCode
    name: inputs.Key
    stale_days: Annotated[int, Field(ge=1, le=3650)]


class Item(inputs.Input):
    """Body of something an area's grids are in charge of."""

    area: inputs.AreaCode
    name: _Words
    owner: _Words
    legal_basis: Annotated[inputs.Text, Field(min_length=1, max_length=500)]
    admitted_on: Day
    ends_on: Day | None = None
    fields: _Keys = []
    needs: _Keys = []


class Size(inputs.Input):
    """Body that says how large grids are on some ground of an area."""

    area: inputs.AreaCode
    ground: Literal["any", "urban", "village", "mountain", "island", "micro"]
    minimum: _Figure | None = None
    maximum: _Figure | None = None
    smallest: _Figure | None = None
    valid_from: Day
    source: Annotated[inputs.Text, Field(min_length=1, max_length=500)]


@blueprint.get("/rules")
@permits(Permission.HOUSEHOLD_VIEW)
def show() -> Response:
    """Show the rules of care; who imports data changes them here."""
    needs = [{"name": name, "label": care_words.need_label(name)} for name in known.NEEDS]
    facts = [{"name": name, "label": care_words.fact_label(name)} for name in known.FACTS]
    places = care_rules.places(parts().database, viewer())
    services = [
        {"name": name, "label": word(service_words.SERVICES, name, english=locale() == "en")}
        for name in service_words.SERVICES
    ]
    return page(
        "rules.html",
        needs=needs,
        facts=facts,
        services=services,
        places=places,
        today=today().isoformat(),
    )


@blueprint.get("/api/grid-rules")
@permits(Permission.HOUSEHOLD_VIEW)
def sizes() -> Response:
    """List how large grids are by area and ground, and what holds where nothing is stored."""
    inputs.no_query()
    found = grid_rules.seen(parts().database, viewer())
    return jsonify({name: [_shown(row) for row in rows] for name, rows in found.items()})


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    kind, area_type = row.pop("kind"), row.pop("area_type")
    return {**row, "ground": area_type if kind == "comprehensive" else kind}


@blueprint.post("/api/grid-rules")
@permits(Permission.IMPORT_DATA)
def put_size() -> Response:
    """Store how large grids are on some ground of an area, from a day on."""
    inputs.no_query()
    asked = inputs.body(Size)
    micro = asked.ground == "micro"
    entry = Entry(
        area_code=asked.area,
        kind="micro" if micro else "comprehensive",
        area_type="any" if micro else asked.ground,
        source=asked.source,
        valid_from=asked.valid_from,
        minimum=asked.minimum,
        maximum=asked.maximum,
        smallest=asked.smallest,
    )
    grid_rules.put_as(parts().database, viewer(), g.request_id, entry)
    return jsonify(asked.model_dump(mode="json"))


@blueprint.post("/api/fact-rules")
@permits(Permission.IMPORT_DATA)
def put_field() -> Response:
    """Say for how many days a fact stays fresh: a visit asks for what is older."""
    inputs.no_query()
    asked = inputs.body(Fresh)
    care_rules.put_field(
        parts().database, viewer(), g.request_id, asked.area, asked.name, asked.stale_days
    )
    return jsonify(asked.model_dump())


@blueprint.post("/api/service-items")
@permits(Permission.IMPORT_DATA)
def put_item() -> Response:
    """Store what an area's grids are in charge of: new, or in place of what has its name."""
    inputs.no_query()
    asked = inputs.body(Item)
    values = asked.model_dump()
    area = values.pop("area")
    care_rules.put_item(parts().database, viewer(), g.request_id, area, values)
    return jsonify(asked.model_dump(mode="json"))
