"""Catchment scores beside coverage: not only whether something is in reach, but how much of it."""

from typing import Any

import pandas as pd

from geodata import catchment
from geodata.coverage import Standard
from geodata.network import Network
from gridmap.services.coverage_inputs import Inputs

WEIGHTS = {"slow": catchment.SLOW, "sharp": catchment.SHARP}
_COUNTY = 6  # digits
# Nobody lives beside it, and one person far away has it all to himself: no figure of use.
_MOST = 1e6


def wanted(inputs: Inputs) -> bool:
    """Tell whether a run has scores: its standard says so, and it is of a whole county.

    What is shared out among the people of one township alone would be too much for each.
    """
    named = inputs.standard.get("scores", "none")
    return named in WEIGHTS and len(inputs.ground.area) == _COUNTY


def of(inputs: Inputs, network: Network, standard: Standard) -> "pd.Series[Any]":
    """Give every household's score: supply a head, what is near weighing more.

    Where no facility says how many people it takes, each counts as one; where some do, the others
    take no part.

    Parameters
    ----------
    network
        As it is in the speed band that counts.
    """
    facilities = inputs.facilities
    if not _by_capacity(inputs):
        facilities = facilities.assign(capacity=1)
    found = catchment.scores(
        network,
        inputs.homes.table,
        facilities,
        standard,
        weights=WEIGHTS[inputs.standard["scores"]],
        homes=inputs.places(network, standard),
    )
    score: pd.Series[Any] = found.households["score"].clip(upper=_MOST)
    return score


def totals(inputs: Inputs, results: pd.DataFrame) -> dict[str, Any]:
    """Sum the scores of a run up.

    Returns
    -------
    dict
        `mean` score of a person (None without people), `people` with a score, `low_people` with
        less than half of the mean; `supply` counted: room for people (`capacity`), or one a
        facility (`facilities`); `unknown` facilities without a part, `weights`.
    """
    people = inputs.homes.table["people"].to_numpy()
    found = catchment.spread(people, results["score"].to_numpy(dtype=float))
    counted = _by_capacity(inputs)
    return {
        "mean": found.mean,
        "people": found.people,
        "low_people": found.low,
        "supply": "capacity" if counted else "facilities",
        "unknown": int(inputs.facilities["capacity"].isna().sum()) if counted else 0,
        "weights": list(WEIGHTS[inputs.standard["scores"]]),
    }


def _by_capacity(inputs: Inputs) -> bool:
    return bool(inputs.facilities["capacity"].notna().any())
