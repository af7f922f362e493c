"""What cover hangs on: the streets, bridges and facilities by whom their loss would leave."""

import time
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely import LineString

from geodata import criticality
from geodata.network import Network
from gridmap.model.access import Scope
from gridmap.services import coverage_ground as ground
from gridmap.services.coverage_inputs import Inputs
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import job, nearby_name
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.critical"
MOST_STREETS = 500  # listed; the others are counted
_GRAIN = 1e-6  # degrees: a tenth of a metre


def request(
    database: Database,
    scope: Scope,
    standard_key: str,
    area_code: str,
    limit: float | None = None,
) -> int:
    """Ask what cover hangs on; give the id of the job that answers.

    Raises
    ------
    Problem
        As `coverage_ground.standard_for`.
    """
    with database.transaction(scope) as tx:
        ground.standard_for(tx, standard_key, area_code, limit)
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=area_code,
            arguments={"standard": standard_key, "area": area_code, "limit": limit},
        )


def run(database: Database, row: Row, progress: Progress) -> None:
    """Answer a claimed question: a snapshot is read, the answer is the job's result."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    arguments: Mapping[str, Any] = row["arguments"]
    started = time.monotonic()
    progress.step(0, 5, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        inputs = ground.read(tx, arguments["standard"], arguments["area"], arguments["limit"])
    progress.step(1, 5, "network")
    streets = ground.network(inputs)
    ranked = rank(streets, inputs, progress)
    with database.transaction(scope) as tx:
        _name(tx, ranked["streets"])
    result = {"what_if": True, **ground.head(inputs, arguments), **ranked}
    result["seconds"] = round(time.monotonic() - started, 3)
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], result, inputs.version)


def rank(streets: Network, inputs: Inputs, progress: Progress) -> dict[str, Any]:
    """Rank streets and facilities by the people who would lose cover, most first.

    A standard's capacity plays no part: whoever another facility still reaches keeps cover.
    """
    standard = ground.standard(inputs)
    before = ground.totals(inputs, ground.answered(streets, inputs))
    progress.step(2, 5, "reaching")
    hanging = criticality.streets(streets, inputs.households, inputs.facilities, standard)
    progress.step(3, 5, "reaching")
    alone = criticality.facilities(streets, inputs.households, inputs.facilities, standard)
    return {
        "limit": standard.limit,
        "unit": standard.by,
        "before": before,
        "capacity_heeded": False,
        "streets_found": len(hanging),
        "bridges_found": int(hanging["bridge"].sum()),
        "streets": _streets(hanging.iloc[:MOST_STREETS]),
        "facilities": _facilities(inputs.facilities, alone),
        "state": "found" if len(inputs.facilities) else "no_facility",
    }


def _name(tx: Transaction, streets: list[dict[str, Any]]) -> None:
    """Say of streets without a name what is near them, in place."""
    bare = [street for street in streets if street["name"] is None]
    middles = [
        shapely.line_interpolate_point(_longest(street["geometry"]), 0.5, normalized=True)
        for street in bare
    ]
    found = nearby_name.near(tx, [(point.x, point.y) for point in middles])
    for street, row in zip(bare, found, strict=True):
        street["near"], street["near_en"] = row["name"], row["name_en"]


def _longest(geometry: Mapping[str, Any]) -> LineString:
    parts = shapely.get_parts(shapely.geometry.shape(dict(geometry)))
    longest: LineString = parts[shapely.length(parts).argmax()]
    return longest


def _streets(hanging: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    lines = shapely.set_precision(hanging.geometry.to_crs("EPSG:4326").array, _GRAIN)
    return [
        {
            "name": each["name"] if isinstance(each["name"], str) else None,
            "bridge": bool(each["bridge"]),
            "households": int(each["households"]),
            "people": int(each["people"]),
            "with_needs": int(each["with_needs"]),
            "geometry": shapely.geometry.mapping(line),
        }
        for (_, each), line in zip(hanging.iterrows(), lines, strict=True)
    ]


def _facilities(facilities: gpd.GeoDataFrame, alone: pd.DataFrame) -> list[dict[str, Any]]:
    order = alone.sort_values(["people", "households"], ascending=False, kind="stable").index
    points = facilities.geometry.to_crs("EPSG:4326")
    return [
        {
            "id": int(label),
            "name": name if isinstance(name := facilities["name"][label], str) else None,
            "at": [round(points[label].x, 7), round(points[label].y, 7)],
            **{column: int(alone.loc[label, column]) for column in criticality.COLUMNS},
        }
        for label in order
    ]
