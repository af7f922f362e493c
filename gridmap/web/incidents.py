"""Incidents: seen and reported."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field
from shapely import Point

from gridmap.model.access import Permission
from gridmap.services import incidents
from gridmap.services.viewing import Layer
from gridmap.store.view import emergency
from gridmap.web import inputs, layers
from gridmap.web.context import parts, scope
from gridmap.web.language import locale
from gridmap.web.permissions import permits

blueprint = Blueprint("incidents", __name__)


class Asked(inputs.Listing):
    """Parameters of the list of incidents."""

    state: (
        Literal[
            "open",
            "reported",
            "verified",
            "assigned",
            "handling",
            "resolved",
            "closed",
            "evaluated",
            "dismissed",
            "merged",
            "objected",
        ]
        | None
    ) = None


class New(inputs.Input):
    """Body of a report."""

    id: inputs.ClientId
    category: inputs.Key
    title: Annotated[inputs.Text, Field(min_length=1, max_length=200)]
    level: Annotated[int, Field(ge=1, le=4)] | None
    geometry: dict[str, Any]
    accuracy_m: Annotated[inputs.Number, Field(ge=0, le=100_000)] | None = None
    device_time: inputs.Moment | None = None


@blueprint.get("/api/incidents")
@permits(Permission.MAP_VIEW)
def listing() -> Response:
    """List incidents: all, the open ones, or those in one state."""
    asked = inputs.query(Asked)
    values = {} if asked.state in (None, "open") else {"state": asked.state}
    source = emergency.incidents(locale() == "en", asked.state)
    return layers.answer(Layer(source, emergency.INCIDENT_TABLES, values), asked, inputs.path_uuid)


@blueprint.post("/api/incidents")
@permits(Permission.INCIDENT_REPORT)
def report() -> tuple[Response, int]:
    """Take a report: 201 when it is new, 200 when it has come before."""
    inputs.no_query()
    new = inputs.body(New)
    point = inputs.geometry(new.geometry, "geometry", ("Point",))
    assert isinstance(point, Point)
    receipt, created = incidents.report(
        parts().database,
        scope(),
        incidents.Report(
            id=new.id,
            category=new.category,
            title=new.title,
            level=new.level,
            lon=point.x,
            lat=point.y,
            accuracy_m=new.accuracy_m,
            device_time=new.device_time,
        ),
    )
    return jsonify(receipt), 201 if created else 200
