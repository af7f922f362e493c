"""What a person sees: layers with their version, masked details, and the words around them."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import geopandas as gpd

from geodata import topology
from gridmap.model.access import Role, Scope, system_scope
from gridmap.model.problem import not_found
from gridmap.services import break_glass, grid_rules
from gridmap.services.access import Viewer
from gridmap.settings import Settings
from gridmap.store import area, event, grid, team
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import areas, feature, grids
from gridmap.store.view.feature import Ask, Page, Source, Version


@dataclass(frozen=True)
class Layer:
    """A layer to read.

    Attributes
    ----------
    source
        Its SQL.
    tables
        Whose versions make the version of the layer.
    values
        Values that the SQL asks for.
    needs_in
        Areas whose households show their needs in this layer: reading it leaves a trace.
    """

    source: Source
    tables: Sequence[str]
    values: dict[str, Any]
    needs_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One page of a layer; `page` is None when the caller has this very version already."""

    version: Version
    etag: str
    page: Page | None


def read_layer(
    database: Database, scope: Scope, layer: Layer, ask: Ask, known: Callable[[str], bool]
) -> Reading:
    """Read one page of a layer, unless the caller knows it.

    Parameters
    ----------
    known
        Tells whether the caller holds the answer with this entity tag.
    """
    with database.transaction(scope) as tx:
        version = feature.version(tx, layer.tables)
        etag = tag(version.number, scope.areas, layer, ask)
        if known(etag):
            return Reading(version, etag, None)
        page = feature.page(tx, layer.source, ask, **layer.values)
        if page.features:
            note_listing(tx, layer.needs_in, "layer", len(page.features))
        return Reading(version, etag, page)


def note_listing(tx: Transaction, needs_in: Sequence[str], subject_id: object, rows: int) -> None:
    """Leave a trace of a list that showed needs of households; none where it may not show any."""
    if needs_in:
        event.record(
            tx,
            "household.listed",
            area_code=needs_in[0],
            subject_id=subject_id,
            payload={"rows": rows, "areas": list(needs_in)},
        )


def read_one(
    database: Database, scope: Scope, layer: Layer, key: object, noun: str
) -> tuple[str, Version]:
    """Read one feature by its key.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        version = feature.version(tx, layer.tables)
        found = feature.one(tx, layer.source, key, **layer.values)
        if found is not None:
            note_listing(tx, layer.needs_in, key, 1)
    if found is None:
        raise not_found(f"{noun} {key}")
    return found, version


def tag(*parts: object) -> str:
    """Make an entity tag out of a version and everything else the answer depends on."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def me(
    database: Database, viewer: Viewer | None, settings: Settings, language: str
) -> dict[str, Any]:
    """Describe the person and the town for a page; without a person, the town alone.

    Returns
    -------
    dict
        As `/api/me` of the API.
    """
    scope = system_scope() if viewer is None else viewer.scope(None)
    with database.transaction(scope) as tx:
        town = areas.town(tx)
        glass = break_glass.own(tx, viewer)
        own_team = _team(tx, viewer, language == "en")
    person = {
        "name": viewer.name if viewer else None,
        "display_name": viewer.display_name if viewer else None,
        "roles": sorted({role.value for role, _area in viewer.roles}) if viewer else [],
        "areas": list(viewer.areas) if viewer else [],
        "permissions": sorted(permission.value for permission in viewer.permissions)
        if viewer
        else [],
        "language": language,
        "demo": settings.demo is not None,
        "break_glass": glass,
        "team": own_team,
    }
    return person | _town(town, settings, language == "en")


def _team(tx: Transaction, viewer: Viewer | None, english: bool) -> dict[str, Any] | None:
    if viewer is None or viewer.team_id is None:
        return None
    name = team.name_of(tx, viewer.team_id, english)
    return None if name is None else {"id": viewer.team_id, "name": name}


def _town(town: Row | None, settings: Settings, english: bool) -> dict[str, Any]:
    west, south, east, north = settings.bounds
    found: dict[str, Any] = {
        "town": None,
        "center": [(west + east) / 2, (south + north) / 2],
        "bounds": list(settings.bounds),
        "attribution": settings.tile_attribution or "",
        "notice": "",
        "map_approval_number": settings.map_approval_number,
        "server_time": datetime.now(UTC).isoformat(),
    }
    if town is None:
        return found
    end = "en" if english else "zh"
    return found | {
        "town": town[f"title_{end}"] or town["title_zh"],
        "center": list(town["center"]),
        "bounds": list(town["bounds"]),
        "attribution": town["attribution"],
        "notice": town[f"notice_{end}"] or town["notice_zh"],
    }


def grid_quality(tx: Transaction, code: str) -> dict[str, Any]:
    """Sum up the stored measures of the grids in force of an area."""
    # nearest rules first: an area may have towns and villages in it
    rules = grid_rules.rules_of(tx, list(area.communities(tx, code[:12]).index))
    limits = {each: (rule.minimum, rule.maximum) for each, rule in rules.items()}
    return dict(grids.quality(tx, code, limits))


def grid_faults(
    database: Database,
    scope: Scope,
    code: str,
    aside: Callable[[Callable[[], gpd.GeoDataFrame]], gpd.GeoDataFrame],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Find faults of topology among the grids in force of an area.

    Parameters
    ----------
    aside
        Runs the computing of one community where it blocks nobody.

    Returns
    -------
    features, quality
        GeoJSON features with `kind`, `grids`, `area_m2`; the summary of `grid_quality`.
    """
    with database.transaction(scope) as tx:
        communities = area.communities(tx, code)
        drawn = grid.in_force(tx, code)
        quality = grid_quality(tx, code)
    found: list[dict[str, Any]] = []
    for community, row in communities.iterrows():
        own = drawn[drawn["area_code"] == community]
        if own.empty:
            continue
        outline = row.geometry

        def find(own: gpd.GeoDataFrame = own, outline: Any = outline) -> gpd.GeoDataFrame:
            return topology.find_faults(own, outline)

        faults = aside(find)
        found += list(faults.iterfeatures(na="null", drop_id=True)) if len(faults) else []
    return found, quality


def holds(viewer: Viewer, *roles: Role) -> bool:
    """Tell whether a person holds one of these roles anywhere."""
    return any(role in roles for role, _area in viewer.roles)
