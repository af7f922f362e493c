"""Visits overdue and the time they ask of a grid's members, by area: of households, never people.

Nothing here says who has done how much. An overdue visit is a household that has not been reached,
with what stands before it; a grid that asks too much is one to redraw, or to share.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from geodata.grid_burdens import ROUND_SOURCE, round_metres
from geodata.street_profiles import WALK_KMH
from gridmap.model.access import Permission
from gridmap.services.access import Viewer
from gridmap.services.care_areas import LEVELS, chosen, named
from gridmap.store import service_rule
from gridmap.store.database import Database, Row
from gridmap.store.view import care

_FEW = 3  # of so few households the need of one can be told by whoever knows the place
_NONE = {
    "households": 0,
    "overdue": 0,
    "median_days": None,
    "longest_days": None,
    "no_member": 0,
    "missed": 0,
    "not_yet": 0,
}


def visits(
    database: Database, viewer: Viewer, area_code: str | None, level: str, *, english: bool
) -> dict[str, Any]:
    """Give the overdue visits of an area, those with most households first.

    Raises
    ------
    Problem
        404 for an area that is not this person's.
    """
    area = chosen(viewer, area_code, Permission.COVERAGE_VIEW)
    length = LEVELS[level]
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW), snapshot=True) as tx:
        rows = {row["code"]: row for row in care.overdue(tx, area, length)}
        needs = care.overdue_by_need(tx, area, length)
        homes = {row["code"]: row["households"] for row in care.visited(tx, area, length)}
        whole = care.overdue(tx, area, len(area))
        whole_needs = care.overdue_by_need(tx, area, len(area))
        names = care.names(tx, area)
        now = tx.value("SELECT now()")
    found = [
        {
            **named(code, level, names, english=english),
            **_NONE,
            **(rows.get(code) or {}),
            "households": homes.get(code, 0),
            "by_need": _needs(viewer, code, needs),
        }
        for code in sorted(set(rows) | set(homes))
    ]
    found.sort(key=lambda row: (-row["overdue"], -(row["longest_days"] or 0), row["code"]))
    total = {**_NONE, **(whole[0] if whole else {}), "households": sum(homes.values())}
    total |= {"code": area, "by_need": _needs(viewer, area, whole_needs)}
    return {"area": area, "level": level, "as_of": now.isoformat(), "total": total, "rows": found}


def _needs(viewer: Viewer, code: str, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Give the needs of an area's overdue households; few of one kind are not counted out."""
    reads = viewer.may(Permission.HOUSEHOLD_PERSONAL, code)
    return [
        {
            "need": row["kind"],
            "overdue": row["overdue"] if reads or row["overdue"] >= _FEW else None,
        }
        for row in rows
        if row["code"] == code
    ]


def loads(
    database: Database, viewer: Viewer, area_code: str | None, level: str, *, english: bool
) -> dict[str, Any]:
    """Give the hours a week that visits ask for, beside what the rule says is bearable.

    Raises
    ------
    Problem
        404 for an area that is not this person's.
    """
    area = chosen(viewer, area_code, Permission.COVERAGE_VIEW)
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW), snapshot=True) as tx:
        asked = care.asked_of(tx, area)
        rules = service_rule.loads(tx)
        names = care.names(tx, area)
        now = tx.value("SELECT now()")
    together: dict[str, dict[str, Any]] = {}
    for row in asked:
        rule = _rule(rules, row["code"])
        if rule is not None:
            _add(together, row["code"][: LEVELS[level]], _load(row, rule))
    found = [
        {**named(code, level, names, english=english), **_rounded(row)}
        for code, row in together.items()
    ]
    found.sort(key=lambda row: (-row["over"], -(row["share"] or math.inf), row["code"]))
    rule = _rule(rules, area)
    return {
        "area": area,
        "level": level,
        "as_of": now.isoformat(),
        "rule": None if rule is None else {**rule, "updated_at": rule["updated_at"].isoformat()},
        "ways": ROUND_SOURCE,
        "total": _rounded(_summed(together.values())),
        "rows": found,
    }


def _rule(rules: Iterable[Row], code: str) -> Row | None:
    fitting = [rule for rule in rules if code.startswith(rule["area_code"])]
    return max(fitting, key=lambda rule: len(rule["area_code"]), default=None)


def _load(row: Row, rule: Row) -> dict[str, Any]:
    """Tell what one grid asks: visits, and one round a week to the doors they are at."""
    doors = min(math.ceil(row["visits_week"]), row["doors"])
    walk = round_metres(doors, row["area_m2"])
    hours = row["visits_week"] * rule["visit_minutes"] / 60 + walk / 1000 / WALK_KMH
    bearable = row["members"] * rule["weekly_hours"]
    in_grid = len(row["code"]) == 15  # who is in none has to be placed first
    alone = in_grid and row["members"] == 0 and row["visits_week"] > 0
    return {
        "grids": int(in_grid),
        "members": row["members"],
        "visits_week": row["visits_week"],
        "walk_metres": walk,
        "hours": hours,
        "bearable": bearable,
        "over": int(not alone and hours > bearable > 0),
        "without_member": int(alone),
    }


def _add(together: dict[str, dict[str, Any]], code: str, load: Mapping[str, Any]) -> None:
    held = together.setdefault(code, dict.fromkeys(load, 0))
    for name, value in load.items():
        held[name] += value


def _summed(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    together: dict[str, dict[str, Any]] = {}
    _add(
        together,
        "",
        {
            "grids": 0,
            "members": 0,
            "visits_week": 0.0,
            "walk_metres": 0,
            "hours": 0.0,
            "bearable": 0,
            "over": 0,
            "without_member": 0,
        },
    )
    for row in rows:
        _add(together, "", row)
    return together[""]


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    share = row["hours"] / row["bearable"] if row["bearable"] else None
    return {
        **row,
        "visits_week": round(row["visits_week"], 1),
        "hours": round(row["hours"], 1),
        "share": None if share is None else round(share, 3),
    }
