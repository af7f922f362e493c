"""Files in: all of a file or nothing of it, and the same file twice changes nothing."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import addresses
from geodata.errors import Fault, GeodataError
from geodata.readers import osm, roster_fields, tables, vectors
from geodata.readers.schemas import Schema
from gridmap.model.access import Scope
from gridmap.services import import_rows
from gridmap.services.import_addresses import building_keys, household_addresses
from gridmap.services.progress import Progress
from gridmap.store import area, event, grid, importing, roster
from gridmap.store.database import Database, Transaction
from gridmap.store.importing import Counts

_OSM = (".pbf", ".osm")
_TABLES = (".csv", ".xlsx")


@dataclass(frozen=True)
class Told:
    """What a person says about a file.

    Attributes
    ----------
    kind
        roads, areas, buildings, households, facilities or hazards.
    path
        The file.
    crs
        wgs84, cgcs2000, gcj02, bd09 or an EPSG number; None for what the file itself declares.
    mapping
        Column of the file to our field.
    dry_run
        Check everything, change nothing.
    """

    kind: str
    path: Path
    crs: str | None = None
    mapping: dict[str, str] = field(default_factory=dict)
    dry_run: bool = False


class _DryRun(Exception):  # noqa: N818 - how a rehearsal leaves its transaction
    """Everything went well, and nothing is to be kept."""


def bring_in(
    database: Database, scope: Scope, told: Told, where: str | None, progress: Progress
) -> dict[str, Any]:
    """Bring a file in, in one transaction.

    Parameters
    ----------
    where
        Area code the rows belong to; None for areas, which carry their own.

    Returns
    -------
    dict
        `kind`, `file`, `dry_run`; for each table `inserted`, `updated`, `unchanged`; for
        households also `unplaced`: how many wait for a place by hand, and why.

    Raises
    ------
    GeodataError
        Everything wrong with the file, by row and column.
    """
    progress.step(0, 3, "reading")
    write = _KINDS[told.kind](told, where)
    progress.step(1, 3, "checking")
    report: dict[str, Any] = {"kind": told.kind, "file": str(told.path), "dry_run": told.dry_run}
    try:
        with database.transaction(scope) as tx:
            if where is not None:
                area.read(tx, where)
            done = write(tx)
            report.update(done)
            changed = any(
                counts["inserted"] or counts["updated"]
                for counts in done.values()
                if isinstance(counts, dict) and "inserted" in counts
            )
            if told.dry_run:
                raise _DryRun
            if changed:
                event.record(
                    tx,
                    "data.imported",
                    area_code=where or _first_county(tx),
                    subject_id=told.kind,
                    payload={"kind": told.kind},
                )
    except _DryRun:
        pass
    progress.step(3, 3, "done")
    return report


def _first_county(tx: Transaction) -> str:
    return area.counties(tx)[0]


Writer = Callable[[Transaction], dict[str, Any]]


def _is_osm(path: Path) -> bool:
    return path.name.lower().endswith(_OSM)


def _vector(told: Told) -> gpd.GeoDataFrame:
    frame = vectors.read(told.path, crs=told.crs)
    return frame.rename(columns=told.mapping)


def _table(told: Told, schema: Schema) -> gpd.GeoDataFrame:
    """Read a roster; its points are converted to EPSG:4326 here, once.

    Raises
    ------
    GeodataError
        If there are coordinates and nobody said what they are.
    """
    rows = tables.read(told.path, schema, mapping=told.mapping)
    if told.crs is None and rows[["lon", "easting"]].notna().any(axis=None):
        raise GeodataError(
            "the file has coordinates: say what they are with --crs (wgs84, cgcs2000, gcj02,"
            " bd09 or an EPSG number)"
        )
    return tables.located(rows, told.crs or "wgs84")


def _roads(told: Told, where: str | None) -> Writer:
    assert where is not None
    if not _is_osm(told.path):
        rows = import_rows.roads(_vector(told), where)
        return lambda tx: {"road": asdict(importing.upsert(tx, "road", rows))}
    layers = osm.read(told.path)
    batches = {
        "road": import_rows.roads(layers.roads, where),
        "water": import_rows.ground(layers.water, where),
        "place": import_rows.places(layers.places, where),
    }
    return lambda tx: {
        table: asdict(importing.upsert(tx, table, rows)) for table, rows in batches.items()
    }


def _areas(told: Told, where: str | None) -> Writer:  # noqa: ARG001 - areas carry their own code
    rows = import_rows.areas(_vector(told))

    def write(tx: Transaction) -> dict[str, Any]:
        _refuse_orphans(tx, rows)
        counts = Counts()
        for _, level in rows.groupby(rows["code"].str.len()):
            counts += importing.upsert(tx, "area", level, key=("code",))
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
    frame = osm.read(told.path).buildings if _is_osm(told.path) else _vector(told)
    keys = building_keys(frame)

    def write(tx: Transaction) -> dict[str, Any]:
        codes = roster.codes_at(tx, frame.geometry.representative_point(), where)
        rows = import_rows.buildings(frame, codes.fillna(where), keys)
        return {"building": asdict(importing.upsert(tx, "building", rows, county_key=True))}

    return write


def _facilities(told: Told, where: str | None) -> Writer:
    assert where is not None
    if _is_osm(told.path):
        frame = osm.read(told.path).facilities
    elif told.path.suffix.lower() in _TABLES:
        frame = _table(told, roster_fields.FACILITIES)
        _refuse_unplaced(frame)
    else:
        frame = _vector(told)
    rows = import_rows.facilities(frame, where)

    def write(tx: Transaction) -> dict[str, Any]:
        counts = importing.upsert(tx, "facility", rows)
        roster.save_shelters(tx, frame, rows, where)
        return {"facility": asdict(counts)}

    return write


def _refuse_unplaced(frame: gpd.GeoDataFrame) -> None:
    missing = frame.index[frame.geometry.isna()]
    if len(missing):
        raise GeodataError([Fault("a facility needs coordinates", row, "lon") for row in missing])


def _households(told: Told, where: str | None) -> Writer:
    assert where is not None
    frame = _table(told, roster_fields.HOUSEHOLDS)
    named = household_addresses(frame)

    def write(tx: Transaction) -> dict[str, Any]:
        matched = addresses.match(frame, roster.buildings(tx, where))
        done = roster.save_households(tx, frame, matched.join(named), where)
        grid.tag_households(tx, where)
        return done

    return write


def _hazards(told: Told, where: str | None) -> Writer:
    assert where is not None
    frame = _vector(told)
    rows = import_rows.hazards(frame, where)
    return lambda tx: {"hazard": asdict(importing.upsert(tx, "hazard", rows))}


_KINDS: dict[str, Callable[[Told, str | None], Writer]] = {
    "roads": _roads,
    "areas": _areas,
    "buildings": _buildings,
    "households": _households,
    "facilities": _facilities,
    "hazards": _hazards,
}
