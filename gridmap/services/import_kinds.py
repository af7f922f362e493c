"""What each kind of file is read as, checked for, and written into."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import addresses
from geodata.errors import Fault, GeodataError
from geodata.readers import osm, tables
from geodata.shapes import WORLD
from gridmap.services import (
    coverage_standards,
    import_checks,
    import_depths,
    import_facilities,
    import_hazards,
    import_rows,
    import_volunteers,
    plan_templates,
)
from gridmap.services.import_addresses import building_keys, household_addresses
from gridmap.services.import_files import Files, Own
from gridmap.store import area, grid, importing, roster
from gridmap.store.database import Transaction
from gridmap.store.importing import Counts

_OSM = (".pbf", ".osm")
_TABLES = (".csv", ".xlsx")


@dataclass(frozen=True)
class Told:
    """What a person says about a file.

    Attributes
    ----------
    kind
        roads, areas, buildings, households, facilities, hazards or volunteers.
    path
        The file.
    crs
        wgs84, cgcs2000, gcj02, bd09 or an EPSG number; None for what the file itself declares.
    mapping
        Column of the file to our field.
    dry_run
        Check everything, change nothing.
    bounds
        West, south, east, north in degrees; what lies outside is refused. None for no bounds.
    files
        Who opens the file: this process, or a caged one.
    exercise
        True for hazards of a drill.
    classes
        Of a raster: which values are hazards, of which level and kind.
    """

    kind: str
    path: Path
    crs: str | None = None
    mapping: dict[str, str] = field(default_factory=dict)
    dry_run: bool = False
    bounds: import_checks.Bounds | None = None
    files: Files = field(default_factory=Own)
    exercise: bool = False
    classes: import_depths.Classes = field(default_factory=import_depths.Classes)


Writer = Callable[[Transaction], dict[str, Any]]


def writer(told: Told, where: str | None) -> Writer:
    """Read a file, and give what brings it in within a transaction: counts for each table.

    Raises
    ------
    GeodataError
        Everything wrong with the file, by row and column.
    """
    return _KINDS[told.kind](told, where)


def _is_osm(path: Path) -> bool:
    return path.name.lower().endswith(_OSM)


def _vector(told: Told) -> gpd.GeoDataFrame:
    frame = told.files.vectors(told.path, told.crs)
    return import_checks.mapped(frame, told.mapping, told.kind)


def _extract(told: Told) -> osm.Layers:
    """Read an OpenStreetMap extract, which knows its own fields and coordinates.

    Raises
    ------
    GeodataError
        If somebody says otherwise.
    """
    if told.mapping:
        raise GeodataError("an OpenStreetMap extract has fields of its own: --map is not taken")
    if told.crs not in (None, "wgs84"):
        raise GeodataError("an OpenStreetMap extract is in wgs84: --crs is not taken")
    return told.files.osm(told.path)


def _check_place(tx: Transaction, shapes: gpd.GeoSeries, told: Told, where: str) -> None:
    import_checks.placed(shapes, told.bounds, area.box(tx, where))


def _table(told: Told, schema: str) -> gpd.GeoDataFrame:
    """Read a roster; its points are converted to EPSG:4326 here, once.

    Raises
    ------
    GeodataError
        If there are coordinates and nobody said what they are.
    """
    rows = told.files.table(told.path, schema, told.mapping)
    if told.crs is None and rows[["lon", "easting"]].notna().any(axis=None):
        raise GeodataError(
            "the file has coordinates: say what they are with --crs (wgs84, cgcs2000, gcj02,"
            " bd09 or an EPSG number)"
        )
    return tables.located(rows, told.crs or "wgs84")


def _roads(told: Told, where: str | None) -> Writer:
    assert where is not None
    if not _is_osm(told.path):
        frame = _vector(told)
        batches = {"road": import_rows.roads(frame, where)}
        return _streets(told, where, frame.geometry, batches)
    layers = _extract(told)
    batches = {
        "road": import_rows.roads(layers.roads, where),
        "water": import_rows.ground(layers.water, where),
        "place": import_rows.places(layers.places, where),
        "railway": import_rows.railways(layers.railways, where),
    }
    return _streets(told, where, layers.roads.geometry, batches)


def _streets(
    told: Told, where: str, shapes: gpd.GeoSeries, batches: dict[str, pd.DataFrame]
) -> Writer:
    def write(tx: Transaction) -> dict[str, Any]:
        _check_place(tx, shapes, told, where)
        return {table: asdict(importing.upsert(tx, table, rows)) for table, rows in batches.items()}

    return write


def _areas(told: Told, where: str | None) -> Writer:  # noqa: ARG001 - areas carry their own code
    frame = _vector(told)
    rows = import_rows.areas(frame)

    def write(tx: Transaction) -> dict[str, Any]:
        # an area is its own county: only the bounds can say that it is elsewhere
        import_checks.placed(frame.geometry, told.bounds, WORLD)
        _refuse_orphans(tx, rows)
        import_checks.none_ended(tx, rows)
        counts = Counts()
        for _, level in rows.groupby(rows["code"].str.len()):
            counts += importing.upsert(tx, "area", level, key=("code",))
        for code in rows.loc[rows["level"] == "county", "code"]:
            coverage_standards.start(tx, code)
            plan_templates.start(tx, code)
        return {"area": asdict(counts)}

    return write


def _refuse_orphans(tx: Transaction, rows: pd.DataFrame) -> None:
    parents = rows["parent_code"].dropna()
    known = area.existing(tx, parents.unique().tolist()) | set(rows["code"])
    orphans = parents[~parents.isin(known)]
    if len(orphans):
        raise GeodataError(
            [
                Fault(f"the area above it, {parent}, is neither here nor in the file", row, "code")
                for row, parent in orphans.items()
            ]
        )


def _buildings(told: Told, where: str | None) -> Writer:
    assert where is not None
    frame = _extract(told).buildings if _is_osm(told.path) else _vector(told)
    import_checks.within(frame, import_checks.BUILDINGS)
    keys = building_keys(frame)

    def write(tx: Transaction) -> dict[str, Any]:
        _check_place(tx, frame.geometry, told, where)
        codes = roster.codes_at(tx, frame.geometry.representative_point(), where)
        rows = import_rows.buildings(frame, codes.fillna(where), keys)
        return {"building": asdict(importing.upsert(tx, "building", rows, county_key=True))}

    return write


def _facilities(told: Told, where: str | None) -> Writer:
    assert where is not None
    if _is_osm(told.path):
        frame = _extract(told).facilities
    elif told.path.suffix.lower() in _TABLES:
        frame = _table(told, "facilities")
        _refuse_unplaced(frame)
    else:
        frame = _vector(told)
    rows = import_facilities.facilities(frame, where)
    shelters = import_facilities.shelters(frame, rows)

    def write(tx: Transaction) -> dict[str, Any]:
        _check_place(tx, frame.geometry, told, where)
        known = roster.with_areas(tx, rows, where)
        counts = importing.upsert(tx, "facility", known, edited=True)
        roster.save_shelters(tx, shelters, known)
        return {"facility": asdict(counts)}

    return write


def _refuse_unplaced(frame: gpd.GeoDataFrame) -> None:
    missing = frame.index[frame.geometry.isna()]
    if len(missing):
        raise GeodataError([Fault("a facility needs coordinates", row, "lon") for row in missing])


def _households(told: Told, where: str | None) -> Writer:
    assert where is not None
    frame = _table(told, "households")
    named = household_addresses(frame)

    def write(tx: Transaction) -> dict[str, Any]:
        matched = addresses.match(frame, roster.buildings(tx, where))
        done = roster.save_households(tx, frame, matched.join(named), where)
        grid.tag_households(tx, where)
        return done

    return write


def _hazards(told: Told, where: str | None) -> Writer:
    assert where is not None
    raster = import_depths.read(told.files, told.path, told.crs, told.classes)
    frame = _vector(told) if raster is None else raster
    rows = import_rows.hazards(frame, where)

    def write(tx: Transaction) -> dict[str, Any]:
        _check_place(tx, frame.geometry, told, where)
        of_raster = raster is not None
        keyed, meant = import_hazards.compare(
            tx, rows, where, exercise=told.exercise, raster=of_raster
        )
        # looked at before anything is saved: from its first event on, all others wait for this one
        seen = import_hazards.seen(tx, keyed, meant, frame, raster=of_raster)
        counts = import_hazards.save(tx, keyed, meant, where, exercise=told.exercise)
        return {"hazard": asdict(counts), **seen}

    return write


def _volunteers(told: Told, where: str | None) -> Writer:
    assert where is not None
    rows = import_volunteers.rows(told.files.table(told.path, "volunteers", told.mapping), where)

    def write(tx: Transaction) -> dict[str, Any]:
        return {"volunteer": asdict(import_volunteers.save(tx, rows))}

    return write


_KINDS: dict[str, Callable[[Told, str | None], Writer]] = {
    "roads": _roads,
    "areas": _areas,
    "buildings": _buildings,
    "households": _households,
    "facilities": _facilities,
    "hazards": _hazards,
    "volunteers": _volunteers,
}
