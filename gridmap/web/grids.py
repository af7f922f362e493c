"""Grids in force, their measures and faults."""

import json
import re
from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify
from pydantic import BeforeValidator, Field

from gridmap.model.access import Permission
from gridmap.services import grid_days, viewing
from gridmap.services.viewing import Layer
from gridmap.store.view import feature, grids
from gridmap.web import inputs, layers
from gridmap.web.context import aside, parts, scope, settings, viewer
from gridmap.web.permissions import permits

blueprint = Blueprint("grids", __name__)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _day(value: object) -> object:
    """Read a day; digits alone would be taken for seconds since 1970."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        return value
    raise ValueError("a day is needed: 2026-01-31")


Day = Annotated[date, BeforeValidator(_day), Field(strict=False)]


def today() -> date:
    """Give the day that it is where the deployment is."""
    return datetime.now(ZoneInfo(settings().time_zone)).date()


class Faults(inputs.Query):
    """Parameters of the list of faults."""

    area: inputs.AreaCode | None = None


def _values() -> dict[str, object]:
    return {"households_in": list(viewer().areas_for(Permission.HOUSEHOLD_VIEW))}


class Grids(inputs.Listing):
    """Parameters of the list of grids."""

    as_of: Day | None = None
    kind: Literal["comprehensive", "special"] = "comprehensive"


class Where(inputs.At):
    """A point, and a day."""

    as_of: Day | None = None


@blueprint.get("/api/grids")
@permits(Permission.GRID_VIEW)
def listing() -> Response:
    """List the grids in force, or those of another day; the special ones when asked for."""
    asked = inputs.query(Grids)
    if asked.as_of is None:
        source = grids.SOURCE if asked.kind == "comprehensive" else grids.SPECIAL
        layer = Layer(source, grids.TABLES, _values())
    else:
        grid_days.check_day(parts().database, scope(), asked.as_of, today())
        values = {"day": asked.as_of, "kind": asked.kind}
        layer = Layer(grids.AS_OF, ("grid", "grid_member"), values)
    return layers.answer(layer, asked, inputs.path_code)


@blueprint.get("/api/grids/versions")
@permits(Permission.GRID_VIEW)
def versions() -> Response:
    """List the days on which grids changed."""
    inputs.no_query()
    return jsonify(items=grid_days.versions(parts().database, scope()))


@blueprint.get("/api/grids/at")
@permits(Permission.GRID_VIEW)
def at() -> Response:
    """Say which grid a point is in, or was in on another day."""
    asked = inputs.query(Where)
    day = asked.as_of or today()
    grid_days.check_day(parts().database, scope(), day, today())
    found = grid_days.grid_at(parts().database, scope(), asked.lon, asked.lat, day)
    return jsonify(found)


@blueprint.get("/api/grids/<code>")
@permits(Permission.GRID_VIEW)
def one(code: str) -> Response:
    """Give one grid with its measures."""
    inputs.no_query()
    layer = Layer(grids.DETAIL, grids.TABLES, _values())
    found, version = viewing.read_one(
        parts().database, scope(), layer, inputs.path_code(code, "code"), "grid"
    )
    feature_ = json.loads(found)
    feature_ |= {"as_of": version.as_of, "version": version.number}
    return Response(json.dumps(feature_, ensure_ascii=False), mimetype="application/geo+json")


@blueprint.get("/api/grids/faults")
@permits(Permission.GRID_VIEW)
def faults() -> Response:
    """Find the faults of the grids in force, and sum up their quality."""
    asked = inputs.query(Faults)
    database = parts().database
    with database.transaction(scope()) as tx:
        version = feature.version(tx, ("grid", "area", "grid_rule"))
    areas = (asked.area,) if asked.area else viewer().areas_for(Permission.GRID_VIEW)
    etag = viewing.tag("faults", version.number, areas)
    if layers.knows(etag):
        return layers.not_modified(etag)
    found: list[object] = []
    quality: list[dict[str, object]] = []
    for area in areas:
        features, measured = viewing.grid_faults(database, scope(), area, aside)
        found += features
        quality.append({"area": area, **measured})
    text = layers.collection(found, version, quality=quality[0] if len(quality) == 1 else quality)
    return layers.tagged(Response(text, mimetype="application/geo+json"), etag)
