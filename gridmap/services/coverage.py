"""Who is reached, by whom, how fast, and why not: asked for as a job, answered per household."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geodata import coverage as geo
from geodata.network import Network
from gridmap.model.access import Scope
from gridmap.model.problem import conflict, not_found
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import area, coverage_standards, event, job, street, version
from gridmap.store import coverage as rows
from gridmap.store import coverage_part as parts
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.run"


@dataclass(frozen=True)
class Inputs:
    """Everything one run is computed from, as of one moment."""

    standard: Row
    roads: gpd.GeoDataFrame
    closures: list[BaseGeometry]
    households: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    unplaced: int
    version: str


def request(database: Database, scope: Scope, standard_key: str, area_code: str) -> int:
    """Ask for a run; give the id of its job.

    Raises
    ------
    Problem
        404 if the area or the standard is not there, or not for this person.
    """
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        if coverage_standards.in_force(tx, standard_key, area_code) is None:
            raise not_found(f"coverage standard {standard_key}")
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=area_code,
            arguments={"standard": standard_key, "area": area_code},
        )


def run(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed run: read a snapshot, compute with no connection held, save in one go."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    arguments: Mapping[str, str] = row["arguments"]
    progress.step(0, 4, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        inputs = _read(tx, arguments["standard"], arguments["area"])
    progress.step(1, 4, "network")
    network = _network(inputs)
    progress.step(2, 4, "reaching")
    results = compute(network, inputs)
    progress.step(3, 4, "saving")
    _save(database, scope, row, inputs, results)


def _read(tx: Transaction, key: str, area_code: str) -> Inputs:
    standard = coverage_standards.in_force(tx, key, area_code)
    if standard is None:
        raise not_found(f"coverage standard {key}")
    inputs = Inputs(
        standard=standard,
        roads=street.roads(tx, area_code),
        closures=street.closures(tx, area_code),
        households=rows.households(tx, area_code),
        facilities=rows.facilities(tx, area_code, list(standard["facility_kinds"])),
        unplaced=rows.unplaced(tx, area_code),
        version=version.of(tx, rows.INPUT_LAYERS),
    )
    if inputs.roads.empty:
        raise conflict("there are no streets yet: run `gridmap import roads FILE` first")
    return inputs


def _network(inputs: Inputs) -> Network:
    network = Network.from_roads(inputs.roads, profile=inputs.standard["profile"])
    return network.close(inputs.closures) if inputs.closures else network


def compute(network: Network, inputs: Inputs) -> pd.DataFrame:
    """Answer per household, in the columns of the result table.

    Returns
    -------
    DataFrame
        On the households' index: `area_code, covered, facility_id, seconds, metres,
        second_facility_id, second_seconds, reason`; unreachable times are missing, not infinite.
    """
    standard = inputs.standard
    found = geo.cover(
        network,
        inputs.households,
        inputs.facilities,
        geo.Standard(
            key=standard["key"],
            profile=standard["profile"],
            limit=standard["max_value"],
            by=standard["measure"],
            direction=standard["direction"],
            capacity=standard["capacity"],
        ),
    )
    return pd.DataFrame(
        {
            "area_code": inputs.households["area_code"],
            "covered": found["covered"].astype(bool),
            "facility_id": found["facility"].astype("Int64"),
            "seconds": _finite(found["seconds"]),
            "metres": _finite(found["metres"]),
            "second_facility_id": found["second_facility"].astype("Int64"),
            "second_seconds": _finite(found["second_seconds"]),
            "reason": found["reason"],
        },
        index=inputs.households.index,
    )


def _finite(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return values.where(values < float("inf"))


def totals(households: pd.DataFrame, results: pd.DataFrame, unplaced: int) -> dict[str, Any]:
    """Sum a run up; `covered + uncovered == households` by construction.

    Households without a place are counted apart: they are in neither figure.
    """
    gap = ~results["covered"]
    people = households["people"]
    return {
        "households": len(results),
        "covered": int((~gap).sum()),
        "uncovered": int(gap.sum()),
        "people": int(people.sum()),
        "people_uncovered": int(people[gap].sum()),
        "with_needs_uncovered": int((households["with_needs"] & gap).sum()),
        "by_reason": {
            str(reason): int(count)
            for reason, count in results.loc[gap, "reason"].value_counts().sort_index().items()
        },
        "unplaced": unplaced,
    }


def _save(
    database: Database, scope: Scope, row: Row, inputs: Inputs, results: pd.DataFrame
) -> None:
    summary = totals(inputs.households, results, inputs.unplaced)
    definition = {
        **inputs.standard,
        "valid_from": inputs.standard["valid_from"].isoformat(),
        "facilities": len(inputs.facilities),
    }
    with database.transaction(scope) as tx:
        run_id = rows.save_run(
            tx,
            area_code=row["area_code"],
            standard=definition,
            job_id=row["id"],
            input_version=inputs.version,
            totals=summary,
        )
        parts.link(tx, run_id, parts.save(tx, parts.parts(inputs.households, results)))
        job.finish(tx, row["id"], row["token"], {"run": run_id, **summary}, inputs.version)
        event.record(
            tx,
            "coverage.computed",
            area_code=row["area_code"],
            subject_id=run_id,
            payload={"run": run_id, "standard": inputs.standard["key"]},
        )


def show(database: Database, scope: Scope, run_id: int) -> dict[str, Any]:
    """Give a run with its definition, totals, input version and whether that is still current.

    Raises
    ------
    Problem
        404 if there is none in this person's area.
    """
    with database.transaction(scope) as tx:
        row = rows.read_run(tx, run_id)
        if row is None:
            raise not_found(f"coverage run {run_id}")
        current = version.still(tx, row["input_version"])
    return {
        "id": row["id"],
        "area": row["area_code"],
        "standard": row["standard"],
        "totals": row["totals"],
        "input_version": row["input_version"],
        "stale": not current,
        "created_at": row["created_at"].isoformat(),
    }
