"""Facilities, kept by hand on a page of their own, and the teams that go out from them."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g
from pydantic import Field, JsonValue

from gridmap.model.access import Permission
from gridmap.services import facilities as service
from gridmap.services import facility_files, workbook
from gridmap.services.viewing import Layer
from gridmap.store.view import emergency
from gridmap.web import facility_sheets, inputs, layers
from gridmap.web.context import parts, viewer
from gridmap.web.edits import if_match, versioned
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("facilities", __name__)
_LAYERS = ("communities", "facilities")
# times of a week, checked whole by `geodata.opening`, which counts them from 1 as people do
_Hours = Annotated[
    list[JsonValue],
    Field(max_length=40, description="Each {days: 1 Monday to 7 Sunday, from, to}; null: always"),
]
_Name = Annotated[inputs.Text, Field(min_length=1, max_length=100)]
_Line = Annotated[inputs.Text, Field(min_length=1, max_length=200)]
_Degrees = Annotated[inputs.Number, Field(ge=-180, le=180)]


class Listing(inputs.Listing):
    """Parameters of the list: those that are given up as well, or not."""

    retired: Literal["0", "1"] = "0"


class Area(inputs.Query):
    """Parameters of a file: of which area."""

    area: inputs.AreaCode | None = None


class Said(inputs.Input):
    """What is said of a facility beside its kind, name and place."""

    name_en: _Name | None = None
    address: _Line | None = None
    crew: Annotated[inputs.Text, Field(min_length=1, max_length=80)] | None = None
    level: Annotated[inputs.Text, Field(min_length=1, max_length=20)] | None = None
    hours: _Hours | None = None
    capacity: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    accessible: bool = False
    keeper: Annotated[inputs.Text, Field(min_length=1, max_length=80)] | None = None
    keeper_phone: Annotated[inputs.Text, Field(min_length=5, max_length=20)] | None = None
    keeper_mail: Annotated[inputs.Text, Field(min_length=3, max_length=185)] | None = None


class New(Said):
    """Body of a facility that was not there."""

    kind: inputs.Key
    name: _Name
    at: Annotated[list[_Degrees], Field(min_length=2, max_length=2)]


class Edit(Said):
    """Body of an edit; what is not named stays as it is."""

    kind: inputs.Key = ""
    name: _Name | None = None
    at: Annotated[list[_Degrees], Field(min_length=2, max_length=2)] = []
    open: bool = True
    closed_why: _Line | None = None
    closed_until: inputs.Moment | None = None
    retired: bool = False


@blueprint.get("/facilities")
@permits(Permission.FACILITY_EDIT)
def show() -> Response:
    """Show the facilities as a list and on the map; whoever looks after them edits them here."""
    kinds = service.kinds(parts().database, viewer())
    return page("facilities.html", layers=_LAYERS, kinds=kinds)


@blueprint.get("/api/facilities")
@permits(Permission.MAP_VIEW)
def facilities() -> Response:
    """List the facilities."""
    asked = inputs.query(Listing)
    source = emergency.facilities(locale() == "en", retired=asked.retired == "1")
    layer = Layer(source, emergency.FACILITY_TABLES, {"retired": asked.retired})
    return layers.answer(layer, asked, inputs.path_number)


@blueprint.post("/api/facilities")
@permits(Permission.FACILITY_EDIT)
def add() -> tuple[Response, int]:
    """Write down a facility that was not there."""
    inputs.no_query()
    given = _given(inputs.body(New))
    found = service.add(parts().database, viewer(), g.request_id, given)
    return versioned(found, found["revision"]), 201


@blueprint.get("/api/facilities/file.xlsx")
@permits(Permission.EXPORT_REQUEST)
def file() -> Response:
    """Give the facilities in use as a workbook that can be imported again; it leaves a trace."""
    asked = inputs.query(Area)
    code, rows = facility_files.rows(parts().database, viewer(), g.request_id, asked.area)
    answer = Response(workbook.written(facility_sheets.sheets(rows)), mimetype=workbook.MEDIA)
    name = f"gridmap-facilities-{code}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/api/facilities/<facility_id>")
@permits(Permission.FACILITY_EDIT)
def read(facility_id: str) -> Response:
    """Give all that is said of a facility, and who changed it last."""
    inputs.no_query()
    number = inputs.path_number(facility_id, "id")
    found = service.read(parts().database, viewer(), number)
    return versioned(found, found["revision"])


@blueprint.post("/api/facilities/<facility_id>")
@permits(Permission.FACILITY_EDIT)
def edit(facility_id: str) -> Response:
    """Say of a facility what and where it is, whether it is open, when, whose, for how many."""
    inputs.no_query()
    number = inputs.path_number(facility_id, "id")
    changes = _given(inputs.body(Edit))
    seen = if_match()
    assert seen is not None
    found = service.edit(parts().database, viewer(), g.request_id, number, changes, seen)
    return versioned(found, found["revision"])


def _given(asked: Said) -> dict[str, Any]:
    given = asked.model_dump(by_alias=True, exclude_unset=True)
    if "at" in given:
        given["at"] = tuple(given["at"])
    return given


@blueprint.get("/api/responders")
@permits(Permission.MAP_VIEW)
def responders() -> Response:
    """List the teams at their last position."""
    layer = Layer(emergency.responders(locale() == "en"), emergency.RESPONDER_TABLES, {})
    return layers.answer(layer, inputs.query(inputs.Listing), inputs.path_number)
