"""Who is affected: households, people, needs, facilities and streets, by grid, community, township.

One look at the database gives every figure, so that they add up wherever they are shown: while a
hazard is drawn, once it is declared, and in its plans.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shapely.geometry.base import BaseGeometry

from gridmap.model.access import Scope
from gridmap.model.problem import not_found
from gridmap.store import affected as rows
from gridmap.store import hazard, plan
from gridmap.store.database import Database, Row, Transaction

LEVELS = {"grid": 15, "community": 12, "township": 9}


def drawn(
    database: Database,
    scope: Scope,
    shape: BaseGeometry,
    needs_in: Sequence[str],
    *,
    english: bool = False,
) -> dict[str, Any]:
    """Count who and what lies inside a shape while it is drawn.

    Parameters
    ----------
    needs_in
        Areas in which the reader may read needs. Of anything that reaches beyond them no needs
        are told: a shape around one door would tell them.
    english
        Whether names of areas are told in English where there are any.

    Returns
    -------
    dict
        The figures of `_figures` for the whole, `area_m2`, `grids` (those with households, the
        most first), `surrounded` (`households` and `people` in holes of the shape, who are not
        inside it and counted nowhere else), and `by` with `grid`, `community` and `township`:
        lists of `code`, `label` and the same figures, which add up to those of the whole.
    """
    with database.transaction(scope, snapshot=True) as tx:
        found = _told(rows.drawn(tx, shape.wkb, needs_in), english)
        area = rows.area_m2(tx, shape.wkb)
        around = dict(rows.surrounded(tx, shape.wkb))
    grids = _grids(found["by"]["grid"])
    return {**found, "area_m2": round(area), "grids": grids, "surrounded": around}


def of_hazard(
    database: Database,
    scope: Scope,
    hazard_id: int,
    needs_in: Sequence[str],
    *,
    english: bool = False,
) -> dict[str, Any]:
    """Count who and what lies inside a hazard as it is now; figures as `drawn`.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = hazard.read(tx, hazard_id)
        if row is None:
            raise not_found(f"hazard {hazard_id}")
        found = _told(rows.declared(tx, hazard_id, needs_in), english)
        around = dict(rows.surrounded(tx, rows.shape_of(tx, hazard_id)))
    return {
        "hazard": hazard_id,
        "state": row["state"],
        "exercise": row["exercise"],
        **found,
        "grids": _grids(found["by"]["grid"]),
        "surrounded": around,
    }


def of_plan(database: Database, scope: Scope, plan_id: int) -> dict[str, Any]:
    """Sum up the households of a plan by grid, community, township and in all.

    Returns
    -------
    dict
        `all` and `by`; each with `households`, `people`, and of these `served_households`,
        `served_people`, `unserved_households`, `unserved_people`.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        if plan.read(tx, plan_id) is None:
            raise not_found(f"plan {plan_id}")
        return planned(tx, plan_id)


def planned(tx: Transaction, plan_id: int) -> dict[str, Any]:
    """Sum up the households of a plan in a transaction that is open; figures as `of_plan`."""
    by: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for row in rows.planned(tx, plan_id):
        sums = by[row["level"]].setdefault(row["code"] or "", _served())
        sums["households"] += int(row["number"])
        sums["people"] += int(row["amount"])
        sums[f"{row['what']}_households"] = int(row["number"])
        sums[f"{row['what']}_people"] = int(row["amount"])
    return {
        "all": by["all"].get("", _served()),
        "by": {
            level: [{"code": code, **sums} for code, sums in sorted(by[level].items())]
            for level in LEVELS
        },
    }


def _served() -> dict[str, int]:
    parts = ("", "served_", "unserved_")
    return {f"{part}{noun}": 0 for part in parts for noun in ("households", "people")}


def _told(found: Iterable[Row], english: bool) -> dict[str, Any]:
    """Give the figures of the whole, and `by` level those of every area."""
    groups: dict[str, dict[str, list[Row]]] = {level: defaultdict(list) for level in LEVELS}
    whole: list[Row] = []
    for row in found:
        (whole if row["level"] == "all" else groups[row["level"]][row["code"]]).append(row)
    by = {
        level: [
            {"code": code, "label": _label(level, code, each[0], english), **_figures(each)}
            for code, each in sorted(groups[level].items())
        ]
        for level in LEVELS
    }
    return {**_figures(whole), "by": by}


def _figures(found: Iterable[Row]) -> dict[str, Any]:
    """Turn rows of one area into figures; those of needs are None for whoever may not read them."""
    figures: dict[str, Any] = {
        "households": 0,
        "people": 0,
        "with_needs": 0,
        "needs": [],
        "facilities": 0,
        "facility_kinds": [],
        "roads": 0,
        "road_metres": 0,
    }
    readable = True
    for row in sorted(found, key=lambda each: str(each["kind"])):
        number, amount = int(row["number"]), int(row["amount"])
        match row["what"]:
            case "household":
                figures |= {"households": number, "people": amount}
                readable = bool(row["readable"])
            case "with_needs":
                figures["with_needs"] = number
            case "need":
                need = {"kind": row["kind"], "households": number, "people": amount}
                figures["needs"].append(need)
            case "facility":
                figures["facilities"] += number
                figures["facility_kinds"].append({"kind": row["kind"], "facilities": number})
            case "road":
                figures |= {"roads": number, "road_metres": amount}
    return figures if readable else figures | {"with_needs": None, "needs": None}


def _label(level: str, code: str, row: Row, english: bool) -> str:
    if level == "grid" and len(code) == LEVELS["grid"]:
        return f"{code[9:12]}-{code[12:]}"
    if len(code) < LEVELS[level]:
        return code  # in none of this level: a caller says so by the length of the code
    return str((row["name_en"] if english else None) or row["name_zh"] or code)


def _grids(by_grid: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = [
        {"code": row["code"], "label": row["label"], "households": row["households"]}
        for row in by_grid
        if row["households"]
    ]
    return sorted(found, key=lambda row: (-row["households"], row["code"]))
