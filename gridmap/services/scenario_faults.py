"""Figures and faults of a whole scenario, out of what is stored of each grid."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.grid_rules import GridRule
from gridmap.services.scenario_sizes import Reasons
from gridmap.store.database import Row

WALK_MINUTES = 10  # on foot from the member to a household; what takes longer is far
_COUNTED = ("visits_due", "incidents_year", "hazards", "round_metres")
_MEANS = ("polsby_popper", "reock", "along_roads")
# the order in which a planner walks through them, the grave ones of each first
_ORDER = (
    "gap",
    "overlap",
    "outside",
    "invalid",
    "hole",
    "multipart",
    "sliver",
    "household",
    "stale",
    "oversize",
    "undersize",
    "not_walkable",
    "severed",
    "far",
    "no_member",
    "building",
)


def summary(grids: Sequence[Row], rules: Mapping[str, GridRule]) -> dict[str, Any]:
    """Sum up a scenario: grids, those within the rule, deviations, shapes, moves, workload."""
    ruled = [row for row in grids if row["kind"] == "comprehensive"]
    deviations: list[float] = [
        rules[row["area_code"]].deviation(row["households"]) for row in ruled
    ]
    farthest = max(((abs(one), one) for one in deviations), default=(0, None))[1]
    measures = [row["measures"] for row in ruled]
    walks = [row["walk"] for row in ruled if row["walk"]]
    reached = [walk["farthest_seconds"] for walk in walks if walk.get("farthest_seconds")]
    return {
        "grids": len(ruled),
        "special": len(grids) - len(ruled),
        "households": sum(row["households"] for row in ruled),
        "people": sum(row["people"] for row in ruled),
        "within": sum(rules[row["area_code"]].fits(row["households"]) for row in ruled),
        "max_deviation": None if farthest is None else round(farthest, 4),
        **{f"mean_{name}": _mean(measures, name) for name in _MEANS},
        "walkable": sum(each.get("walkable") is not False for each in measures),
        "contiguous": sum(each.get("contiguous") is not False for each in measures),
        "households_moved": sum(row["moved_households"] for row in ruled),
        "people_moved": sum(row["moved_people"] for row in ruled),
        **{name: sum(each.get(name) or 0 for each in measures) for name in _COUNTED},
        "cut": sum(bool(each.get("cut_by")) for each in measures),
        "farthest_seconds": max(reached, default=None),
        "beyond": sum((walk.get("beyond") or 0) + (walk.get("cut_off") or 0) for walk in walks),
        "walk_pending": len(ruled) - len(walks),
        "walk_minutes": WALK_MINUTES,
    }


def _mean(measures: Sequence[Mapping[str, Any]], name: str) -> float | None:
    values = [each[name] for each in measures if each.get(name) is not None]
    return round(sum(values) / len(values), 4) if values else None


def faults(
    grids: Sequence[Row],
    rules: Mapping[str, GridRule],
    findings: Sequence[Row],
    why: Reasons,
) -> list[dict[str, Any]]:
    """List what is wrong, in the order in which it is walked through, each with its place.

    Parameters
    ----------
    why
        Of grids outside their rule, by key, what `scenario_sizes.reasons` says.
    """
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
    for row in grids:
        if row["kind"] != "comprehensive":
            continue
        found += _sizes(row, rules[row["area_code"]], why.get(row["key"], {}))
        found += _ways(row)
        for note in row["notes"]:
            figures = {"area_m2": note["area_m2"]}
            found.append(_fault(note["kind"], row, figures) | {"point": note["point"]})
    found.sort(key=_place_in_line)
    return [{"number": number, **each} for number, each in enumerate(found, start=1)]


def _place_in_line(fault: Mapping[str, Any]) -> tuple[Any, ...]:
    kind = fault["kind"]
    rank = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
    west, south = fault["point"] or (180.0, 90.0)
    return (fault["severity"] != "error", rank, west, -south, *fault["grids"])


def _ways(row: Row) -> list[dict[str, Any]]:
    """Tell what keeps the households of a grid apart, and which are far from their member."""
    found = []
    if row["measures"].get("walkable") is False:
        found.append(_fault("not_walkable", row, {}))
    for barrier in row["measures"].get("cut_by") or ():
        figures = {
            "barrier": barrier["kind"],
            "name": barrier["name"],
            "metres": barrier["metres"],
            "households": barrier["households"],
        }
        found.append(_fault("severed", row, figures))
    walk = row["walk"]
    if walk.get("beyond") or walk.get("cut_off"):
        figures = {
            "households": (walk.get("beyond") or 0) + (walk.get("cut_off") or 0),
            "cut_off": walk.get("cut_off") or 0,
            "minutes": WALK_MINUTES,
            "farthest_seconds": walk.get("farthest_seconds"),
        }
        found.append(_fault("far", row, figures))
    return found


def _sizes(row: Row, rule: GridRule, why: Mapping[str, Any]) -> list[dict[str, Any]]:
    households = row["households"]
    if rule.fits(households):
        return []
    figures = {
        "households": households,
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        **why,
    }
    return [_fault("undersize" if households < rule.minimum else "oversize", row, figures)]


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
