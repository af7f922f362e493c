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

from geodata import districting
from gridmap.model.access import Scope
from gridmap.model.grid_rules import ISLAND, Exceptions, GridRule
from gridmap.model.problem import bad_input, conflict
from gridmap.services import grid_rules
from gridmap.services.ended_communities import refuse_ended
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
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
        refuse_ended(tx, [area_code])
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
    drawn, notes, said = [], [], []
    for position, code in enumerate(codes):
        progress.step(position, len(codes) + 1, code)
        with database.transaction(scope, snapshot=True) as tx:
            inputs = _read(tx, code)
            rule = _limits(grid_rules.rules_of(tx, [code])[code], arguments)
            exceptions = grid_rules.exceptions_of(tx, code)
        seed = arguments["seed"]
        grids = draw_community(inputs, rule.minimum, rule.maximum, seed, exceptions)
        notes += out_of_range(grids, rule)
        said += grids.attrs["notes"]
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
        result = {"grids": count, "communities": len(codes), "out_of_range": notes, "notes": said}
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
    inputs: Inputs,
    minimum: int = MINIMUM,
    maximum: int = MAXIMUM,
    seed: int = 0,
    exceptions: Exceptions = ISLAND,
) -> gpd.GeoDataFrame:
    """Draw and measure the grids of one community, in the columns of the grid table.

    `attrs` hold what `districting.draw_grids` says, by code: `why` a grid misses the limits, and
    `notes` on islands and settlements, each with the source of its rule.
    """
    drawn = districting.draw_grids(
        inputs.outline,
        inputs.households,
        inputs.roads,
        water=inputs.water,
        buildings=inputs.buildings,
        minimum=minimum,
        maximum=maximum,
        seed=seed,
        rare=districting.Rare(exceptions.island_people, exceptions.settlement),
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
    island, settlement = exceptions.island_source, exceptions.settlement_source
    grids.attrs["notes"] = [
        {
            **note,
            "grids": [numbered[one] for one in note["grids"]],
            "source": island if note["kind"].startswith("island") else settlement,
        }
        for note in drawn.attrs["notes"]
    ]
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
