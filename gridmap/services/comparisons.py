"""A scenario beside another, or beside what is in force: what differs, and whom it concerns."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.grid_comparison import Comparison, compare
from gridmap.model.access import Permission
from gridmap.model.problem import conflict, forbidden, not_found
from gridmap.problems import bad_value
from gridmap.services import masking, reading
from gridmap.services.access import Viewer
from gridmap.services.grid_days import check_past
from gridmap.services.masking import Place
from gridmap.store import comparison, paper, scenario
from gridmap.store.database import Database, Row, Transaction

IN_FORCE = "in-force"
MOST = 2_000  # households that a list names
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
Aside = Callable[[Callable[[], Any]], Any]


@dataclass(frozen=True)
class Side:
    """One of the two drawings.

    Attributes
    ----------
    kind
        `scenario`, `in_force` or `day`.
    members
        Names of who looks after each grid, by label.
    special
        Special grids by code: they lie over the others and move nobody.
    """

    kind: str
    name: str | None
    version: int | None
    day: date
    scenario: int | None
    grids: gpd.GeoDataFrame
    members: Mapping[str, tuple[str, ...]]
    special: Mapping[str, Row]


@dataclass(frozen=True)
class Pair:
    """Two drawings of one area and their difference; `before` is what the scenario is held to."""

    area: str
    before: Side
    after: Side
    found: Comparison


def other_side(text: str, today: date) -> tuple[str, int | None, date]:
    """Read with what to compare: `in-force`, a day, or the number of a scenario.

    Raises
    ------
    Problem
        400 naming `with`.
    """
    if text == IN_FORCE:
        return "in_force", None, today
    if _DAY.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise bad_value("with", "there is no such day") from None
        check_past(day, today)
        return "day", None, day
    if text.isascii() and text.isdigit() and 0 < int(text[:19]) <= 2**63 - 1:
        return "scenario", int(text[:19]), today
    raise bad_value("with", "in-force, a day such as 2026-01-31, or the number of a scenario")


def pair(  # noqa: PLR0913, PLR0917 - who compares what with what
    database: Database, viewer: Viewer, scenario_id: int, text: str, today: date, aside: Aside
) -> Pair:
    """Lay a scenario beside something else.

    Raises
    ------
    Problem
        400 for something that is none of these; 404 for a scenario that is not there or not this
        person's; 409 for two without common ground.
    """
    kind, other, day = other_side(text, today)
    with database.transaction(viewer.scope(Permission.GRID_DRAW), snapshot=True) as tx:
        row = _scenario(tx, scenario_id)
        area = row["area_code"]
        if other is not None:
            area = _common(area, _scenario(tx, other)["area_code"])
        after = _side(tx, "scenario", scenario_id, area, today)
        before = _side(tx, kind, other, area, day)
        people = comparison.households(tx, area)
    found = aside(lambda: compare(before.grids, after.grids, people))
    return Pair(area, before, after, found)


def _scenario(tx: Transaction, scenario_id: int) -> Any:
    row = scenario.read(tx, scenario_id)
    if row is None:
        raise not_found(f"scenario {scenario_id}")
    return row


def _common(one: str, other: str) -> str:
    if not (one.startswith(other) or other.startswith(one)):
        raise conflict(f"the scenarios have no common ground: one is of {one}, one of {other}")
    return max(one, other, key=len)


def _side(tx: Transaction, kind: str, scenario_id: int | None, area: str, day: date) -> Side:
    name = version = None
    if scenario_id is None:
        grids = comparison.on_day(tx, area, day)
    else:
        grids = comparison.of_scenario(tx, scenario_id, area)
        row = _scenario(tx, scenario_id)
        name, version = row["name"], row["version"]
    over = {row["key"]: row for row in comparison.special(tx, area, day, scenario_id)}
    return Side(kind, name, version, day, scenario_id, grids, _members(tx, grids, day), over)


def _members(tx: Transaction, grids: gpd.GeoDataFrame, day: date) -> dict[str, tuple[str, ...]]:
    heirs = {str(key): heir for key, heir in grids["heir"].items() if isinstance(heir, str)}
    named: dict[str, list[str]] = {}
    for row in paper.members(tx, sorted(set(heirs.values())), day):
        named.setdefault(row["area_code"], []).append(row["name"])
    chosen = {str(key): int(one) for key, one in grids["member_id"].items() if pd.notna(one)}
    holders = {row["id"]: row["name"] for row in paper.members_by_id(tx, sorted(chosen.values()))}
    return {
        str(key): (holders[chosen[str(key)]],)
        if chosen.get(str(key)) in holders
        else tuple(named.get(heirs.get(str(key), ""), ()))
        for key in grids.index
    }


def label(side: Side, key: str | None) -> str | None:
    """Name a grid as maps do: community and number."""
    if key is None:
        return None
    if "@" in key:
        held = side.special[key] if key in side.special else side.grids.loc[key]
        return f"{str(held['area_code'])[9:12]}-{key.partition('@')[0]}"
    return f"{key[9:12]}-{key[12:]}"


def needy(database: Database, viewer: Viewer, found: Pair) -> int | None:
    """Count households with needs among those that change; None for who may not know of needs."""
    if not any(found.area.startswith(own) for own in masking.needs_in(viewer)):
        return None
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_PERSONAL)) as tx:
        return comparison.needy(tx, [int(each) for each in found.found.moved.index])


def households(database: Database, viewer: Viewer, found: Pair, request_id: str | None) -> Any:
    """List the households that change their grid, masked; reading of needs leaves a trace.

    Raises
    ------
    Problem
        403 for whoever may not read households there.
    """
    if not viewer.may(Permission.HOUSEHOLD_VIEW, found.area):
        raise forbidden(Permission.HOUSEHOLD_VIEW.value)
    moved = found.found.moved
    ids = [int(each) for each in moved.index[:MOST]]
    with database.transaction(viewer.scope(Permission.HOUSEHOLD_VIEW, request_id)) as tx:
        items = [_home(viewer, row, found) for row in comparison.people_of(tx, ids)]
        readable = masking.needs_in(viewer)
        if any(found.area.startswith(own) for own in readable) and items:
            reading.note_listing(tx, [found.area], found.after.scenario, len(items))
    return {"items": items, "total": len(moved), "shown": len(items)}


def _home(viewer: Viewer, row: Any, found: Pair) -> dict[str, Any]:
    seen = masking.sight(viewer, row["area_code"], Place.LIST)
    move = found.found.moved.loc[row["id"]]
    return {
        "id": row["id"],
        "address": row["address"],
        "householder": masking.shown(row, seen).get("householder"),
        "people": row["people"],
        "needs": (row["needs"] or "").split() if seen.needs else None,
        "source": label(found.before, move["source"]),
        "target": label(found.after, move["target"]),
    }
