"""Grids from a file: read in the cage, repaired in the open, shown, asked to be a scenario."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from geodata.errors import Fault, GeodataError
from gridmap.model.access import Scope
from gridmap.model.grid_import import FIELDS, guess, written
from gridmap.model.problem import Problem, conflict, not_found
from gridmap.services import imports
from gridmap.services.grid_import_work import Told, geojson, ground_of, work_out
from gridmap.services.scenario_views import Collection
from gridmap.store import grid_import, upload, version
from gridmap.store.database import Database, Row, Transaction

MOST_GRIDS = 2_000
MOST_VERTICES = 300_000
METRES = 1.0  # the tolerance unless a planner says otherwise
_MOST_COLUMNS = 60
_MOST_TEXT = 200
_NAME = 80


def read(told: imports.Told) -> gpd.GeoDataFrame:
    """Read a file of grids.

    Returns
    -------
    GeoDataFrame
        By number: `properties` (texts by column), `repaired`.

    Raises
    ------
    GeodataError
        A feature that is no area, too many of them.
    """
    frame = told.files.grids(told.path, told.crs)
    kinds = frame.geometry.geom_type
    faults = [
        Fault(f"a grid is an area, not a {kind}", row=number)
        for number, kind in kinds.items()
        if kind not in ("Polygon", "MultiPolygon")
    ]
    if faults:
        raise GeodataError(faults)
    if len(frame) > MOST_GRIDS:
        raise GeodataError(f"{len(frame)} grids; at most {MOST_GRIDS} are taken at once")
    if int(shapely.get_num_coordinates(frame.geometry.array).sum()) > MOST_VERTICES:
        raise GeodataError(f"more than {MOST_VERTICES:,} points")
    columns = [str(each) for each in frame.columns if each not in ("geometry", "repaired")]
    documents = [
        {name: written(row[name])[:_MOST_TEXT] for name in columns[:_MOST_COLUMNS]}
        for row in frame[columns].to_dict("records")
    ]
    return frame[["geometry"]].assign(properties=documents, repaired=frame["repaired"].to_numpy())


def begin(database: Database, scope: Scope, upload_id: int, features: gpd.GeoDataFrame) -> Any:
    """Work out a first repair of a file that was read.

    Returns
    -------
    Callable
        Stores all of it in a transaction and gives the preview of the upload.
    """
    with database.transaction(scope, snapshot=True) as tx:
        held = upload.read(tx, upload_id)
        if held is None:
            raise not_found(f"upload {upload_id}")
        ground = ground_of(tx, held["area_code"])
    columns = list(features["properties"].iloc[0])
    told = Told(_title(held["name"]), METRES, guess(columns), {})
    worked_out = work_out(features, told, ground)

    def store(tx: Transaction) -> dict[str, Any]:
        grid_import.add(
            tx,
            upload_id,
            area_code=held["area_code"],
            name=told.name,
            mapping=told.mapping,
            features=features,
        )
        grid_import.save(tx, upload_id, worked_out)
        return {"grids": {**_brief(worked_out["summary"]), "undecided": worked_out["undecided"]}}

    return store


def _title(name: str) -> str:
    """Name the scenario after the file."""
    return (Path(name).stem or name).strip()[:_NAME] or "grids"


def _brief(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {name: summary[name] for name in ("features", "left_out", "grids", "communities")}


def show(database: Database, scope: Scope, upload_id: int) -> dict[str, Any]:
    """Give an import with every change that repairing it makes.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        row, held = both(tx, upload_id)
        columns = _columns(tx, upload_id) if row["scenario_id"] is None else []
        current = version.still(tx, row["input_version"])
    return _shown(row, held, columns, current)


def both(tx: Transaction, upload_id: int, *, hold: bool = False) -> tuple[Row, Row]:
    """Give an import and its upload; held until the transaction ends. Problem 404."""
    held = upload.hold(tx, upload_id) if hold else upload.read(tx, upload_id)
    row = grid_import.read(tx, upload_id, hold=hold)
    if row is None or held is None:
        raise not_found(f"import of grids {upload_id}")
    return row, held


def _columns(tx: Transaction, upload_id: int) -> list[str]:
    features = grid_import.features(tx, upload_id)
    return list(features["properties"].iloc[0]) if len(features) else []


def _shown(row: Row, held: Row, columns: list[str], current: bool) -> dict[str, Any]:
    return {
        "upload": row["upload_id"],
        "file": held["name"],
        "area": row["area_code"],
        "crs": held["crs"],
        "state": held["state"],
        "job": held["job_id"],
        "version": row["version"],
        "name": row["name"],
        "metres": row["metres"],
        "mapping": row["mapping"],
        "columns": columns,
        "fields": list(FIELDS),
        "changes": row["changes"],
        "undecided": row["undecided"],
        "current": current,
        "summary": row["summary"],
        "scenario": row["scenario_id"],
        "repaired_at": row["repaired_at"].isoformat(),
    }


def check_open(row: Row, held: Row, seen: int) -> None:
    """Refuse to change an import that was taken or changed since. Problem 409."""
    if held["state"] != "read" and not _given_back(held):
        raise conflict(f"an import that is {held['state']} is not changed", state=held["state"])
    if row["version"] != seen:
        raise conflict(
            f"somebody has decided since: it is at version {row['version']}, not {seen}",
            version=row["version"],
        )


def _given_back(held: Row) -> bool:
    """Tell whether a job that was to take it has failed or was cancelled."""
    return held["state"] == "taking" and held["job_state"] in ("failed", "cancelled")


def collection(
    database: Database, scope: Scope, upload_id: int, *, drawn: bool = False
) -> Collection:
    """Give the grids that come out of an import, or those of the file as they are drawn there.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        row, _held = both(tx, upload_id)
        if drawn:
            features = grid_import.features(tx, upload_id)
            found = [
                _feature(str(number), shape, {"feature": str(number)})
                for number, shape in features.geometry.items()
            ]
        else:
            found = [
                _made(each, row["summary"]["labels"])
                for each in grid_import.grids(tx, row["upload_id"])
            ]
    return Collection(found, {"version": row["version"]})


def _made(grid: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    shape = shapely.from_wkb(grid["geom"])
    inner = shape.representative_point()
    code = grid["code"]
    label = f"{code[9:12]}-{code[12:]}" if code else labels.get(grid["feature"], grid["key"])
    return _feature(
        grid["key"],
        shape,
        {
            "feature": grid["feature"],
            "code": code,
            "label": label,
            "name": grid["name"],
            "community": grid["community"],
            "households": grid["households"],
            "label_point": [round(inner.x, 6), round(inner.y, 6)],
        },
    )


def _feature(key: str, shape: Any, properties: Mapping[str, Any]) -> str:
    return json.dumps(
        {"type": "Feature", "id": key, "geometry": geojson(shape), "properties": properties},
        ensure_ascii=False,
    )


def ask(
    tx: Transaction, upload_id: int, seen: int, request: Callable[[Row], int]
) -> tuple[int, Row]:
    """Ask for a scenario of an import whose every large change was decided; give the job.

    Raises
    ------
    Problem
        404; 409 when it was taken, somebody has decided since, changes wait for a decision, or
        other outlines or grids are in force than it was worked out with.
    """
    row, held = both(tx, upload_id, hold=True)
    check_open(row, held, seen)
    if row["undecided"]:
        raise Problem(
            409,
            "Undecided",
            f"{row['undecided']} changes wait for a decision",
            more={"undecided": row["undecided"], "version": row["version"]},
        )
    check_current(tx, row)
    return request(row), held


def check_current(tx: Transaction, row: Row) -> None:
    """Refuse an import that was worked out with other outlines or grids than there are now."""
    if not version.still(tx, row["input_version"]):
        raise conflict(
            "outlines or grids have changed since the import was worked out; look at it again",
            version=row["version"],
        )
