"""What coverage is computed from, for those who only try something out.

Nothing here writes: a question is answered from one snapshot, and its answer is a job's result.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from geodata import coverage as geo
from geodata.network import Network
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_value
from gridmap.services import coverage_answers, coverage_inputs, coverage_saving, coverage_streets
from gridmap.services.coverage_inputs import Inputs
from gridmap.store import area, coverage_ground, coverage_standards
from gridmap.store.database import Row, Transaction

LIMITS = {"seconds": (1.0, 86_400.0), "metres": (1.0, 200_000.0)}


def standard_for(tx: Transaction, key: str, area_code: str, limit: float | None) -> Row:
    """Give the standard in force, after looking at what it is asked about.

    Raises
    ------
    Problem
        404 for an area or standard that is not there, 409 for an area in which no household has
        a place, 400 for a limit nobody can mean.
    """
    if not any(area_code.startswith(own) for own in tx.scope.areas):
        raise not_found(f"area {area_code}")
    if len(area_code) < 15:
        area.read(tx, area_code)
    elif coverage_ground.outline(tx, area_code) is None:
        raise not_found(f"grid {area_code}")
    found = coverage_standards.in_force(tx, key, area_code)
    if found is None:
        raise not_found(f"coverage standard {key}")
    if not coverage_ground.has_households(tx, area_code):
        raise conflict(f"no household of area {area_code} has a place")
    low, high = LIMITS[found["measure"]]
    if limit is not None and not low <= limit <= high:
        raise bad_value("limit", f"must be {low:.0f} to {high:.0f}")
    return found


def read(
    tx: Transaction,
    key: str,
    area_code: str,
    limit: float | None,
    at: datetime | None = None,
) -> Inputs:
    """Read everything one answer is computed from, with another limit or hour if one is given."""
    inputs = coverage_inputs.read(tx, key, area_code, at)
    return inputs if limit is None else coverage_inputs.with_limit(inputs, limit)


def network(inputs: Inputs) -> Network:
    """Give the streets as they are now, in the speed band that counts, with all that is closed."""
    return coverage_inputs.network(inputs)


def answered(streets: Network, inputs: Inputs) -> pd.DataFrame:
    """Answer per household, in the columns of a run's results."""
    return coverage_answers.compute(streets, inputs)


def totals(inputs: Inputs, results: pd.DataFrame) -> dict[str, Any]:
    """Sum an answer up as a run is."""
    return coverage_answers.totals(inputs.households, results, inputs.unplaced)


def standard(inputs: Inputs) -> geo.Standard:
    """Give the standard as the geometry takes it."""
    return coverage_answers.definition(inputs.standard)


def head(inputs: Inputs, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Say of an answer what was asked, by which standard and on which data."""
    return {
        # as a run keeps it: with the hour whose open doors it speaks of
        "standard": coverage_saving.definition(inputs),
        "version": inputs.standard.get("version", 1),
        "area": arguments["area"],
        "band": next(iter(coverage_streets.travellers(inputs.standard))),
        "input_version": inputs.version,
        "no_household": not len(inputs.households),
        "no_facility": not len(inputs.facilities),
    }
