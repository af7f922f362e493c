"""Why grids of a scenario miss the rule of size where no border could mend it, in figures."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.grid_rules import GridRule
from gridmap.store import scenario_size
from gridmap.store.database import Row, Transaction

_TWICE = 2.0
FEW = 10  # grids whose buildings are looked at: two milliseconds each, after every operation
Reasons = Mapping[str, Mapping[str, Any]]


def reasons(
    tx: Transaction,
    scenario_id: int,
    grids: Sequence[Row],
    rules: Mapping[str, GridRule],
    few: int | None = FEW,
) -> dict[str, dict[str, Any]]:
    """Give the reason of each grid outside its rule that has one.

    Parameters
    ----------
    few
        Of how many grids the buildings are looked at; all when None, as a validation does.

    Returns
    -------
    dict
        By key: ``reason`` and its figures. ``community_too_small`` and ``no_count_fits`` are of
        the whole community (``community_households``); ``part_too_small`` and
        ``part_no_count_fits`` of a part of it that lies apart, an island say (``whole``). Where
        no number of grids fits, ``most`` is the greatest with none under the minimum and
        ``fewest`` the least with none over the maximum. ``building_too_large``: one building,
        through which no border runs, has ``largest`` households. A grid that moving a border
        could mend has no reason.
    """
    ruled = [row for row in grids if row["kind"] == "comprehensive"]
    missing = [row for row in ruled if not rules[row["area_code"]].fits(row["households"])]
    if not missing:
        return {}
    totals: dict[str, int] = {}
    for row in ruled:
        totals[row["area_code"]] = totals.get(row["area_code"], 0) + row["households"]
    households = {row["key"]: row["households"] for row in ruled}
    apart = scenario_size.parts(tx, scenario_id, sorted({row["area_code"] for row in missing}))
    largest = _largest(tx, scenario_id, missing, rules, few)
    found = {}
    for row in missing:
        key, rule = row["key"], rules[row["area_code"]]
        total = totals[row["area_code"]]
        why = of_community(total, rule)
        if why is None and key in apart:
            whole = sum(households.get(one, 0) for one in apart[key])
            why = _of_all(whole, rule, "whole", ("part_too_small", "part_no_count_fits"))
        if largest.get(key, 0) > rule.maximum:
            why = {"reason": "building_too_large", "largest": largest[key]}
        if why is not None:
            found[key] = why
    return found


def _largest(
    tx: Transaction,
    scenario_id: int,
    missing: Sequence[Row],
    rules: Mapping[str, GridRule],
    few: int | None,
) -> dict[str, int]:
    """Give the households of the fullest building of grids that have somewhat too many.

    What has twice as many is split first; where more than a few are too large, drawing anew is.
    """
    over = [
        row["key"]
        for row in missing
        if 1 < row["households"] / rules[row["area_code"]].maximum < _TWICE
    ]
    return scenario_size.largest_buildings(tx, scenario_id, over[:few]) if over else {}


def of_community(total: int, rule: GridRule) -> dict[str, Any] | None:
    """Tell why a community with so many households cannot be cut to a rule; None where it can."""
    return _of_all(total, rule, "community_households", ("community_too_small", "no_count_fits"))


def _of_all(total: int, rule: GridRule, name: str, words: tuple[str, str]) -> dict[str, Any] | None:
    """Tell why ground with so many households cannot be cut to the rule at all."""
    if total < rule.minimum:
        return {"reason": words[0], name: total}
    fewest, most = math.ceil(total / rule.maximum), total // rule.minimum
    if fewest <= most:
        return None
    return {"reason": words[1], name: total, "fewest": fewest, "most": most}
