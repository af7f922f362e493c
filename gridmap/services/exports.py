"""Files out: grids, coverage rows, plans; no cell starts a formula."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.model.access import Scope
from gridmap.model.problem import bad_input, not_found
from gridmap.services import plans
from gridmap.store import export, grid
from gridmap.store.database import Database

_DRIVERS = {"geojson": "GeoJSON", "gpkg": "GPKG"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def grids(database: Database, scope: Scope, area_code: str, out: Path, kind: str) -> int:
    """Write the grids in force of an area; give their number."""
    with database.transaction(scope, snapshot=True) as tx:
        frame = grid.in_force(tx, area_code)
    if frame.empty:
        raise not_found(f"no grids in force in {area_code}")
    _write(frame.reset_index(), out, kind)
    return len(frame)


def coverage(database: Database, scope: Scope, run_id: int, out: Path) -> int:
    """Write every row of a run as CSV; give their number."""
    with database.transaction(scope, snapshot=True) as tx:
        rows = export.coverage_rows(tx, run_id)
    if rows.empty:
        raise not_found(f"coverage run {run_id}")
    _checked(out)
    safe(rows).to_csv(out, index=False, encoding="utf-8-sig")
    return len(rows)


def plan(database: Database, scope: Scope, plan_id: int, out: Path, kind: str) -> int:
    """Write a plan: its routes as GeoJSON, or everything as JSON; give the number of rows."""
    summary = plans.show(database, scope, plan_id)
    with database.transaction(scope, snapshot=True) as tx:
        routes = export.plan_routes(tx, plan_id)
        rows = export.plan_rows(tx, plan_id)
    if kind == "geojson":
        _write(routes.reset_index(), out, "geojson")
        return len(routes)
    document = {**summary, "assignments": json.loads(rows.to_json(orient="records"))}
    _checked(out).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return len(rows)


def safe(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the same rows with texts that a spreadsheet will not run as a formula."""
    kept = rows.copy()
    for name in kept.columns:
        if kept[name].dtype == object or isinstance(kept[name].dtype, pd.StringDtype):
            kept[name] = kept[name].map(_plain)
    return kept


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _write(frame: gpd.GeoDataFrame, out: Path, kind: str) -> None:
    _checked(out)
    frame.to_file(out, driver=_DRIVERS[kind])


def _checked(out: Path) -> Path:
    if not out.parent.is_dir():
        raise bad_input(f"{out.parent} is not a folder")
    return out
