"""Rules of care, for people: visits by need, how long a fact stays fresh, what a grid is for."""

from typing import Annotated

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model import care_words as known
from gridmap.model.access import Permission
from gridmap.services import care_rules
from gridmap.web import care_words, inputs
from gridmap.web.context import parts, viewer
from gridmap.web.grids import Day
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("rules", __name__)
_Words = Annotated[inputs.Text, Field(min_length=1, max_length=200)]
_Keys = Annotated[list[inputs.Key], Field(max_length=40)]


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


@blueprint.get("/rules")
@permits(Permission.HOUSEHOLD_VIEW)
def show() -> Response:
    """Show the rules of care; who imports data changes them here."""
    needs = [{"name": name, "label": care_words.need_label(name)} for name in known.NEEDS]
    facts = [{"name": name, "label": care_words.fact_label(name)} for name in known.FACTS]
    places = care_rules.places(parts().database, viewer())
    return page("rules.html", needs=needs, facts=facts, places=places)


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
