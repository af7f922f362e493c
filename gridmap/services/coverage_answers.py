"""Coverage computed: an answer for every household, and its sums."""

from typing import Any

import pandas as pd

from geodata import coverage as geo
from geodata.coverage_bands import cover_bands
from geodata.network import Network
from gridmap.services import coverage_asleep, coverage_scores
from gridmap.services.coverage_inputs import Inputs, networks
from gridmap.store.database import Row


def definition(standard: Row) -> geo.Standard:
    """Give a standard as the geometry takes it."""
    return geo.Standard(
        key=standard["key"],
        profile=standard["profile"],
        limit=standard["max_value"],
        by=standard["measure"],
        direction=standard["direction"],
        capacity=standard["capacity"],
    )


def answer(inputs: Inputs) -> pd.DataFrame:
    """Answer per household in every speed band, as `compute`, with `band` and `score`."""
    streets = networks(inputs)
    standard = definition(inputs.standard)
    first = next(iter(streets.values()))
    homes, table = inputs.places(first, standard), inputs.homes.table
    if len(streets) == 1:
        found = geo.cover(first, table, inputs.facilities, standard, homes=homes)
    else:
        found = cover_bands(streets, table, inputs.facilities, standard, homes=homes)
    results = scored(inputs, first, columns(inputs, found))
    return coverage_asleep.slept(
        inputs,
        results,
        lambda places: geo.cover(first, table, places, standard, homes=homes)["covered"],
    )


def scored(inputs: Inputs, network: Network, results: pd.DataFrame) -> pd.DataFrame:
    """Put `score` beside the answers of a run that has scores."""
    if not coverage_scores.wanted(inputs):
        return results
    found = coverage_scores.of(inputs, network, definition(inputs.standard))
    return results.assign(score=found)


def compute(network: Network, inputs: Inputs) -> pd.DataFrame:
    """Answer per household on one network, in the columns of the results.

    Returns
    -------
    DataFrame
        On the households' index: `area_code, covered, facility_id, seconds, metres,
        second_facility_id, second_seconds, second_metres, reason`; unreachable times are
        missing, not infinite.
    """
    standard = definition(inputs.standard)
    homes = inputs.places(network, standard)
    found = geo.cover(network, inputs.homes.table, inputs.facilities, standard, homes=homes)
    return columns(inputs, found)


def columns(inputs: Inputs, found: pd.DataFrame) -> pd.DataFrame:
    """Name the columns of an answer as the results do."""
    held = {
        "area_code": inputs.homes.table["area_code"],
        "covered": found["covered"].astype(bool),
        "facility_id": found["facility"].astype("Int64"),
        "seconds": _finite(found["seconds"]),
        "metres": _finite(found["metres"]),
        "second_facility_id": found["second_facility"].astype("Int64"),
        "second_seconds": _finite(found["second_seconds"]),
        "second_metres": _finite(found["second_metres"]),
        "reason": found["reason"],
    }
    held |= {name: found[name] for name in ("band", "score") if name in found}
    return pd.DataFrame(held, index=inputs.homes.table.index)


def _finite(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return values.where(values < float("inf"))


def totals(households: pd.DataFrame, results: pd.DataFrame, unplaced: int) -> dict[str, Any]:
    """Sum a run up; `covered + uncovered == households` by construction.

    Households without a place are counted apart: they are in neither figure.
    """
    gap = ~results["covered"].to_numpy(dtype=bool)
    people = households["people"].to_numpy()
    needs = households["with_needs"].to_numpy(dtype=bool)
    summed: dict[str, Any] = {
        "households": len(results),
        "covered": int((~gap).sum()),
        "uncovered": int(gap.sum()),
        "people": int(people.sum()),
        "people_uncovered": int(people[gap].sum()),
        "with_needs": int(needs.sum()),
        "with_needs_uncovered": int((needs & gap).sum()),
        "by_reason": {
            str(reason): int(count)
            for reason, count in results.loc[gap, "reason"].value_counts().sort_index().items()
        },
        "unplaced": unplaced,
    }
    if "band" in results:
        counted = results["band"].value_counts()
        summed["bands"] = {
            name: int(counted.get(name, 0)) for name in ("always", "sometimes", "never")
        }
    return summed
