"""Unified comprehensive grids: draw them, check them, export them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geodata import districting, topology
from gridmap.model.access import Scope
from gridmap.model.grid_rules import GridRule
from gridmap.model.problem import bad_input, conflict
from gridmap.services import grid_rules
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress, Silent
from gridmap.store import area, event, grid, job, street, version
from gridmap.store.database import Database, Row, Transaction

KIND = "grids.draw"
INPUT_LAYERS = ("area", "road", "water", "building", "household")
MINIMUM, MAXIMUM = 300, 500
_MOST = 100_000  # households of a rule


@dataclass(frozen=True)
class Inputs:
    """What the grids of one community are drawn from."""

    code: str
    outline: Polygon | MultiPolygon
    households: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame


def request(
    database: Database,
    scope: Scope,
    area_code: str,
    minimum: int | None = None,
    maximum: int | None = None,
    seed: int = 0,
    day: date | None = None,
) -> int:
    """Ask for grids to be drawn where there are none; give the id of the job.

    Parameters
    ----------
    minimum, maximum
        Households of a grid; where None is given, what the rule of each community says.
    day
        First day of the grids, where the deployment is; the database's own day when None.

    Raises
    ------
    Problem
        404 for an absent area, 400 for impossible limits, 409 where there are grids already: a
        border in force is changed through a scenario, never overwritten. Asked twice, the job
        that is under way is given.
    """
    given = [limit for limit in (minimum, maximum) if limit is not None]
    if any(not 1 <= limit <= _MOST for limit in given) or given != sorted(given):
        raise bad_input(f"limits must be 1 <= minimum <= maximum <= {_MOST}")
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        _refuse_redrawing(tx, area_code)
        drawing = job.waiting(tx, KIND, area_code)
        if drawing is not None:
            return drawing
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=area_code,
            arguments={"area": area_code, "minimum": minimum, "maximum": maximum, "seed": seed}
            | ({} if day is None else {"day": day.isoformat()}),
        )


def _refuse_redrawing(tx: Transaction, area_code: str) -> None:
    taken = grid.communities_with_grids(tx, area_code)
    wanted = set(area.communities(tx, area_code).index)
    if not wanted:
        raise conflict(f"area {area_code} has no communities to draw grids in")
    if wanted <= taken:
        raise conflict(
            f"every community of {area_code} has grids; borders in force change by a scenario"
        )


def draw(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed job: draw community by community, save all in one transaction."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    arguments = row["arguments"]
    with database.transaction(scope, snapshot=True) as tx:
        used = version.of(tx, INPUT_LAYERS)
        taken = grid.communities_with_grids(tx, arguments["area"])
        codes = [c for c in area.communities(tx, arguments["area"]).index if c not in taken]
    drawn, notes = [], []
    for position, code in enumerate(codes):
        progress.step(position, len(codes) + 1, code)
        with database.transaction(scope, snapshot=True) as tx:
            inputs = _read(tx, code)
            rule = _limits(grid_rules.rules_of(tx, [code])[code], arguments)
        grids = draw_community(inputs, rule.minimum, rule.maximum, arguments["seed"])
        notes += out_of_range(grids, rule)
        # concat would compare what it cannot keep
        grids.attrs.clear()
        drawn.append(grids)
    progress.step(len(codes), len(codes) + 1, "saving")
    with database.transaction(scope) as tx:
        day = arguments.get("day")
        first = None if day is None else date.fromisoformat(day)
        count = grid.insert(tx, pd.concat(drawn), first) if drawn else 0
        grid.tag_households(tx, arguments["area"])
        grid.appoint(tx, arguments["area"])
        result = {"grids": count, "communities": len(codes), "out_of_range": notes}
        job.finish(tx, row["id"], row["token"], result, used)
        event.record(
            tx,
            "grids.drawn",
            area_code=row["area_code"],
            subject_id=arguments["area"],
            payload={"grids": count, "communities": len(codes)},
        )


def _limits(rule: GridRule, arguments: Mapping[str, Any]) -> GridRule:
    """Give the rule of a community, or what was asked for in its place."""
    minimum, maximum = arguments.get("minimum"), arguments.get("maximum")
    if minimum is None and maximum is None:
        return rule
    least = rule.minimum if minimum is None else int(minimum)
    most = rule.maximum if maximum is None else int(maximum)
    if least > most:
        raise bad_input(f"the rule allows {rule.minimum}-{rule.maximum}: give both limits")
    return GridRule(least, most, "")


def _read(tx: Transaction, code: str) -> Inputs:
    return Inputs(
        code=code,
        outline=area.communities(tx, code).geometry.iloc[0],
        households=grid.households_of(tx, code),
        roads=street.roads_of(tx, code),
        water=street.water_of(tx, code),
        buildings=grid.buildings_of(tx, code),
    )


def draw_community(
    inputs: Inputs, minimum: int = MINIMUM, maximum: int = MAXIMUM, seed: int = 0
) -> gpd.GeoDataFrame:
    """Draw and measure the grids of one community, in the columns of the grid table."""
    drawn = districting.draw_grids(
        inputs.outline,
        inputs.households,
        inputs.roads,
        water=inputs.water,
        buildings=inputs.buildings,
        minimum=minimum,
        maximum=maximum,
        seed=seed,
    )
    quality = districting.quality(
        drawn, inputs.households, inputs.roads, minimum=minimum, maximum=maximum
    )
    codes = districting.grid_codes(inputs.code, drawn)
    grids = gpd.GeoDataFrame(
        {
            "code": codes.to_numpy(),
            "area_code": inputs.code,
            "households": drawn["households"].to_numpy(),
            "people": drawn["people"].to_numpy(),
            "measures": [json.dumps(measures) for measures in measures_of(quality)],
            "geom": np.array([multi(shape) for shape in drawn.geometry], dtype=object),
            "label_point": np.array([inner_point(s) for s in drawn.geometry], dtype=object),
        }
    )
    numbered = dict(zip(drawn["grid"].tolist(), codes.tolist(), strict=True))
    grids.attrs["why"] = {numbered[one]: why for one, why in drawn.attrs["why"].items()}
    return grids


def multi(shape: BaseGeometry) -> BaseGeometry:
    """Give an area as the table of grids wants it."""
    made: BaseGeometry = shapely.multipolygons(shapely.get_parts(shape))  # type: ignore[assignment]
    return made


def inner_point(shape: BaseGeometry) -> BaseGeometry:
    """Give the inner point farthest from the edges of the largest part."""
    parts = shapely.get_parts(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    point: BaseGeometry = shapely.get_point(shapely.maximum_inscribed_circle(largest, 1e-5), 0)
    return point


def measures_of(quality: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the measures of grids as they are stored, rounded."""
    return [
        {
            "deviation": round(float(row["deviation"]), 4),
            "contiguous": bool(row["contiguous"]),
            "polsby_popper": round(float(row["polsby_popper"]), 4),
            "reock": round(float(row["reock"]), 4),
            "along_roads": _share(row["along_roads"]),
            "walkable": None if pd.isna(row["walkable"]) else bool(row["walkable"]),
        }
        for row in quality.to_dict("records")
    ]


def _share(value: Any) -> float | None:
    # a single grid has no inner border, so no share of it lies on streets
    return None if pd.isna(value) else round(float(value), 4)


def out_of_range(grids: gpd.GeoDataFrame, rule: GridRule) -> list[dict[str, Any]]:
    """Say which grids miss the rule and why, in figures: those of `geodata.shortfalls`."""
    outside = grids[~grids["households"].between(rule.minimum, rule.maximum)]
    return [
        {
            "grid": str(code),
            "households": int(households),
            "minimum": rule.minimum,
            "maximum": rule.maximum,
            "source": rule.source,
            **grids.attrs["why"].get(str(code), {}),
        }
        for code, households in zip(outside["code"], outside["households"], strict=True)
    ]


def check(
    database: Database,
    scope: Scope,
    area_code: str,
    *,
    minimum: int = MINIMUM,
    maximum: int = MAXIMUM,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Check the grids in force of an area: faults of topology and quality, in figures.

    Returns
    -------
    dict
        `grids`, `households`, `within` (count and share inside the limits), `within_10_percent`,
        `contiguous`, `walkable`, means of `polsby_popper`, `reock`, `along_roads`, and `faults`
        (kind, grids, area_m2).
    """
    watch = progress or Silent()
    with database.transaction(scope, snapshot=True) as tx:
        communities = area.communities(tx, area_code)
        grids = grid.in_force(tx, area_code)
    if grids.empty:
        raise conflict(f"area {area_code} has no grids in force")
    faults, tables = [], []
    for position, (code, community) in enumerate(communities.iterrows()):
        watch.step(position, len(communities), str(code))
        own = grids[grids["area_code"] == code]
        if own.empty:
            continue
        faults.append(topology.find_faults(own, community.geometry))
        with database.transaction(scope, snapshot=True) as tx:
            households, roads = grid.households_of(tx, str(code)), street.roads_of(tx, str(code))
        tables.append(districting.quality(own, households, roads, minimum=minimum, maximum=maximum))
    return _summary(pd.concat(tables), pd.concat(faults), minimum, maximum)


def _summary(
    quality: pd.DataFrame, faults: pd.DataFrame, minimum: int, maximum: int
) -> dict[str, Any]:
    households = quality["households"]
    within = int(households.between(minimum, maximum).sum())
    middle = (minimum + maximum) / 2
    return {
        "grids": len(quality),
        "households": int(households.sum()),
        "within": within,
        "within_share": round(within / len(quality), 4),
        "within_10_percent": int(households.between(0.9 * middle, 1.1 * middle).sum()),
        "contiguous": int(quality["contiguous"].sum()),
        "walkable": int(quality["walkable"].sum()),
        "mean_polsby_popper": round(float(quality["polsby_popper"].mean()), 4),
        "mean_reock": round(float(quality["reock"].mean()), 4),
        "mean_along_roads": round(float(quality["along_roads"].mean()), 4),
        "out_of_range": [
            {"grid": str(code), "households": int(count)}
            for code, count in households[~households.between(minimum, maximum)].items()
        ],
        "faults": [
            {
                "kind": fault["kind"],
                "grids": [str(code) for code in fault["grids"]],
                "area_m2": round(float(fault["area_m2"]), 2),
            }
            for fault in faults.drop(columns="geometry").to_dict("records")
        ],
    }
