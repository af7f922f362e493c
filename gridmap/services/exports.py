"""Files out: coverage rows, plans; no cell starts a formula."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point, shape

from gridmap.model.access import Scope
from gridmap.model.problem import bad_input, not_found
from gridmap.services import plans
from gridmap.store import export, plan_part
from gridmap.store.database import Database

# the full-width signs too: spreadsheets set to Chinese or Japanese take them for the plain ones
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def coverage(database: Database, scope: Scope, run_id: int, out: Path) -> int:
    """Write every row of a run as CSV; give their number."""
    with database.transaction(scope, snapshot=True) as tx:
        rows = export.coverage_rows(tx, run_id)
    if rows.empty:
        raise not_found(f"coverage run {run_id}")
    with whole(out) as path:
        safe(rows).to_csv(path, index=False, encoding="utf-8-sig")
    return len(rows)


def plan(database: Database, scope: Scope, plan_id: int, out: Path, kind: str) -> int:
    """Write a plan: its routes as GeoJSON, or everything as JSON; give the number of rows."""
    summary = plans.show(database, scope, plan_id)
    with database.transaction(scope, snapshot=True) as tx:
        routes = export.plan_routes(tx, plan_id)
        rows = export.plan_rows(tx, plan_id)
        parts = plan_part.read(tx, plan_id)
        stops = [dict(row) for row in plan_part.stops(tx, plan_id)]
        changes = [dict(row) for row in plan_part.changes(tx, plan_id, False)]
    if kind == "geojson":
        name = routes.geometry.name
        drawn = _drawn(parts, routes.crs).rename_geometry(name)
        features = pd.concat([routes.reset_index().assign(part="route"), drawn])
        _write(gpd.GeoDataFrame(features, geometry=name, crs=routes.crs), out)
        return len(routes)
    document = {
        **summary,
        "assignments": json.loads(rows.to_json(orient="records")),
        "parts": parts,
        "stops": stops,
        "changes": changes,
    }
    with whole(out) as path:
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return len(rows)


def _drawn(parts: Mapping[str, Mapping[str, Any]], crs: Any) -> gpd.GeoDataFrame:
    """Give what else of a plan has a place: points, tours, streets that bind, cuts."""
    found: list[dict[str, Any]] = [
        {
            "part": "assembly_point",
            "number": point["number"],
            "name": point["name"],
            "households": point["households"],
            "people": point["people"],
            "seconds": point["longest_seconds"],
            "geom": Point(point["lon"], point["lat"]),
        }
        for point in parts.get("assembly", {}).get("points", ())
    ]
    found += [
        {
            "part": "tour",
            "number": tour["tour"],
            "name": f"{tour['vehicle']}",
            "shelter": tour["shelter"],
            "households": tour["households"],
            "people": tour["people"],
            "seconds": tour["arrive"],
            "metres": tour["metres"],
            "geom": shape(tour["geometry"]),
        }
        for tour in parts.get("tours", {}).get("tours", ())
    ]
    found += [
        {
            "part": "narrow_street",
            "name": link["name"],
            "people": link["people"],
            "seconds": link["queue_seconds"],
            "geom": shape(link["geometry"]),
        }
        for link in parts.get("clearance", {}).get("links", ())
    ]
    found += [
        {
            "part": "cut",
            "name": ", ".join(cut["names"]) or None,
            "people": cut["people"],
            "households": cut["households"],
            "geom": shape(cut["geometry"]),
        }
        for cut in parts.get("cuts", {}).get("cuts", ())
        if cut["geometry"]["coordinates"]
    ]
    frame = pd.DataFrame(found, columns=["part", "number", "name", "geom"] if not found else None)
    return gpd.GeoDataFrame(frame, geometry="geom", crs=crs)


def safe(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the same rows with texts that a spreadsheet will not run as a formula."""
    kept = rows.copy()
    for name in kept.columns:
        if kept[name].dtype == object or isinstance(kept[name].dtype, pd.StringDtype):
            kept[name] = kept[name].map(plain)
    return kept


def plain(cell: Any) -> Any:
    """Give a cell that a spreadsheet takes for text, and never for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _write(frame: gpd.GeoDataFrame, out: Path) -> None:
    # without RFC7946 the file names a coordinate system, which our own import refuses
    with whole(out) as path:
        frame.to_file(path, driver="GeoJSON", layer="gridmap", RFC7946="YES")


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Give a path to write to that becomes `out` when all is written, or nothing at all.

    Raises
    ------
    Problem
        400 if there is no such folder, or nobody may write there.
    """
    if not out.parent.is_dir():
        raise bad_input(f"{out.parent} is not a folder")
    if out.exists() and not out.is_file():
        raise bad_input(f"{out} is no file that can be replaced")
    try:
        folder = TemporaryDirectory(prefix=".gridmap-", dir=out.parent)
    except OSError as error:
        raise bad_input(f"{out} cannot be written: {error.strerror}") from error
    with folder as place:
        path = Path(place) / f"export{out.suffix}"
        yield path
        os.replace(path, out)
