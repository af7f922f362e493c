"""Figures and faults of a whole scenario, out of what is stored of each grid."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.grid_rules import GridRule
from gridmap.store.database import Row


def summary(grids: Sequence[Row], rules: Mapping[str, GridRule]) -> dict[str, Any]:
    """Sum up a scenario: grids, those within the rule, the largest deviation, shape, moves."""
    deviations: list[float] = [
        rules[row["area_code"]].deviation(row["households"]) for row in grids
    ]
    farthest = max(((abs(one), one) for one in deviations), default=(0, None))[1]
    shapes = [row["polsby_popper"] for row in grids if row["polsby_popper"] is not None]
    return {
        "grids": len(grids),
        "households": sum(row["households"] for row in grids),
        "people": sum(row["people"] for row in grids),
        "within": sum(rules[row["area_code"]].fits(row["households"]) for row in grids),
        "max_deviation": None if farthest is None else round(farthest, 4),
        "mean_polsby_popper": round(sum(shapes) / len(shapes), 4) if shapes else None,
        "households_moved": sum(row["moved_households"] for row in grids),
        "people_moved": sum(row["moved_people"] for row in grids),
    }


def faults(
    grids: Sequence[Row], rules: Mapping[str, GridRule], findings: Sequence[Row]
) -> list[dict[str, Any]]:
    """List what is wrong: stored findings of topology, then sizes, ways and buildings."""
    keys = {row["key"] for row in grids}
    found = [
        {
            "kind": row["kind"],
            "severity": row["severity"],
            "grids": [key for key in row["grids"] if key in keys],
            "area_m2": row["area_m2"],
            "figures": row["figures"],
            "point": None if row["lon"] is None else [row["lon"], row["lat"]],
            "geometry": row["geometry"],
        }
        for row in findings
    ]
    totals: dict[str, int] = {}
    for row in grids:
        totals[row["area_code"]] = totals.get(row["area_code"], 0) + row["households"]
    for row in grids:
        rule = rules[row["area_code"]]
        found += _sizes(row, rule, totals[row["area_code"]])
        if row["walkable"] is False:
            found.append(_fault("not_walkable", row, {}))
        for note in row["notes"]:
            figures = {"area_m2": note["area_m2"]}
            found.append(_fault(note["kind"], row, figures) | {"point": note["point"]})
    return found


def _sizes(row: Row, rule: GridRule, total: int) -> list[dict[str, Any]]:
    households = row["households"]
    if rule.fits(households):
        return []
    figures: dict[str, Any] = {
        "households": households,
        "minimum": rule.minimum,
        "maximum": rule.maximum,
    }
    if total < rule.minimum:
        figures |= {"reason": "community_too_small", "community_households": total}
    elif not _divisible(total, rule):
        figures |= {"reason": "no_count_fits", "community_households": total}
    return [_fault("undersize" if households < rule.minimum else "oversize", row, figures)]


def _divisible(total: int, rule: GridRule) -> bool:
    """Tell whether some number of grids could all be within the rule."""
    return math.ceil(total / rule.maximum) <= total // rule.minimum


def _fault(kind: str, row: Row, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "severity": "warning",
        "grids": [row["key"]],
        "area_m2": None,
        "figures": dict(figures),
        "point": [row["lon"], row["lat"]],
        "geometry": None,
    }
