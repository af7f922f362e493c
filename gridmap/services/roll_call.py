"""The roll-call: every grid accounted for or not heard from, and who is missing, longest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.household import Purpose
from gridmap.model.problem import not_found
from gridmap.services import masking, reading
from gridmap.services.access import Viewer
from gridmap.services.call_outs import scope_of
from gridmap.services.masking import Place
from gridmap.services.shelter_board import shelters
from gridmap.store import call_board, plan
from gridmap.store.database import Database, Row

_MOST = 500
_STATES = (
    "waiting",
    "called",
    "no_answer",
    "answered",
    "departed",
    "arrived",
    "refused",
    "not_found",
)
# Who is on the list of the missing.
_UNHEARD = ("waiting", "called", "no_answer", "refused", "not_found")
# Somebody has said what has become of the household, whatever it was.
_ACCOUNTED = ("answered", "departed", "arrived", "refused", "not_found")


def board(  # noqa: PLR0913 - whose board, and which part of its list
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    plan_id: int,
    *,
    grid: str | None = None,
    name: str | None = None,
    english: bool = False,
) -> dict[str, Any]:
    """Give the board of a plan: grids, who is missing, shelters, who has no place.

    With the `name` of a list (one of `call_board.LISTS`, `help` or `all`), `listed` holds its
    households instead of `missing`. `lists` counts each of them; those of `call_board.LISTS` add
    up to the households of the plan, or of the grid.

    Raises
    ------
    Problem
        404 for a plan that is not here.
    """
    with database.transaction(viewer.scope(Permission.PLAN_VIEW, request_id)) as tx:
        now_under = call_board.newest(tx, plan_id) or plan_id
        head = call_board.head(tx, now_under, english)
        if head is None:
            raise not_found(f"plan {plan_id}")
        glass = reading.opened(tx, viewer)
        needs_in = masking.needs_in(viewer, glass)
        by_grid = [_grid(row, head["as_of"]) for row in call_board.grids(tx, now_under)]
        part: dict[str, Any] = {"grid": grid, "needs_in": needs_in, "limit": _MOST}
        if name is None:
            gaps = call_board.missing(tx, now_under, **part)
        else:
            gaps = call_board.listed(tx, now_under, name=name, **part)
        counted = call_board.lists(tx, now_under, grid)
        newer = plan.newest_of(tx, head["hazard_id"])
        left = call_board.unserved(tx, now_under, **part)
        places = shelters(tx, now_under, needs_in, english=english)
        found = [_listed(viewer, row, glass) for row in gaps]
        unserved = [_listed(viewer, row, glass) for row in left]
        if _personal([*found, *unserved]):
            reading.note_listing(tx, needs_in, "board", len(found) + len(unserved), glass)
    return {
        # what was asked for: a page knows by it which of its askings this answers
        "grid": grid,
        "list": name,
        "plan": {**_head(head, plan_id), "newer": _newer(newer, now_under)},
        "totals": _totals(by_grid),
        "grids": by_grid,
        "missing": found if name is None else [],
        "listed": None if name is None else found,
        "lists": counted,
        "unserved": unserved,
        "counts": _counts(by_grid, grid or ""),
        "shelters": places,
        "as_of": head["as_of"].isoformat(),
    }


def _newer(row: Row | None, now_under: int) -> dict[str, Any] | None:
    """Give the plan that was made after the one people go by, while it waits to be set going."""
    if row is None or row["id"] <= now_under:
        return None
    return {"id": row["id"], "state": row["state"], "version": row["version"]}


def _head(row: Row, asked: int) -> dict[str, Any]:
    return {
        "id": row["id"],
        "asked": asked,
        "area": row["area_code"],
        "version": row["version"],
        "state": row["state"],
        "hazard": row["hazard_id"],
        "name": row["hazard"],
        "kind": row["kind"],
        "severity": row["severity"],
        "exercise": row["exercise"],
        "hazard_state": row["hazard_state"],
        "activated_at": _time(row["activated_at"]),
        "clear_by": _time(row["clear_by"]),
        "returning": row["home_from"] is not None,
        "home_from": _time(row["home_from"]),
    }


def _grid(row: Row, now: datetime) -> dict[str, Any]:
    heard = row["heard_at"]
    accounted = sum(row[state] for state in _ACCOUNTED)
    return {
        "grid": row["grid"],
        "households": row["households"],
        "people": row["people"],
        **{state: row[state] for state in _STATES},
        "arrived_people": row["arrived_people"],
        "help": row["help"],
        "home": row["home"],
        "unserved": row["unserved"],
        "climbed": row["climbed"],
        "helpers": row["helpers"],
        "accounted": accounted,
        "complete": accounted == row["households"],
        "heard_at": _time(heard),
        # since when nobody has said anything of this grid
        "silent_seconds": int((now - (heard or row["begun_at"])).total_seconds()),
    }


def _totals(grids: Sequence[dict[str, Any]]) -> dict[str, int]:
    names = ("households", "people", *_STATES, "arrived_people", "help", "home", "unserved")
    return {name: sum(each[name] or 0 for each in grids) for name in (*names, "climbed")}


def _counts(grids: Sequence[dict[str, Any]], inside: str) -> dict[str, int]:
    """Count whom the lists are of, however many of them a list holds."""
    here = [each for each in grids if each["grid"].startswith(inside)]
    return {
        "missing": sum(each[state] for each in here for state in _UNHEARD),
        "unserved": sum(each["unserved"] for each in here),
    }


def _personal(items: Sequence[dict[str, Any]]) -> bool:
    """Tell whether a list shows anything of people that leaves a trace."""
    return any(each["needs"] or each["phone"] for each in items)


def _listed(viewer: Viewer, row: Row, glass: Sequence[str]) -> dict[str, Any]:
    code = row["grid"]
    # who is called one by one in an emergency is called by telephone
    seen = masking.sight(viewer, code, Place.CARD, Purpose.VIEW, glass)
    return {
        "plan": row["plan_id"],
        "household": row["household_id"],
        "grid": code,
        # in which order they are walked tells who needs help
        "position": row["position"] if seen.needs else None,
        "address": row["address"],
        "name": masking.mask_name(row["householder"]) if seen.needs else None,
        "phone": row["phone"] if seen.phones else None,
        "people": row["people"],
        "needs": list(row["needs"] or ()) if seen.needs else None,
        "first": bool(row["with_needs"]) if seen.needs else None,
        "wave": row["wave"] if seen.needs else None,
        # who is fetched at home has no point: either tells of needs
        "meet": row["assembly"] if seen.needs else None,
        "meet_name": row["assembly_name"] if seen.needs else None,
        "travel": row["travel"] if seen.needs else None,
        "state": row["state"],
        "state_at": row["state_at"].isoformat(),
        "channel": row["channel"],
        "attempts": row["attempts"],
        "rung": row["rung"],
        "level": row["level"],
        "due_at": _time(row["due_at"]),
        "begun_at": row["begun_at"].isoformat(),
        "arrived": row["arrived_people"],
        "place": row["place"],
        "help": row["help_asked"],
        "helper": row["helper"],
        "shelter": row["shelter_id"],
        "reason": row["unserved_reason"] if seen.needs else _plain(row["unserved_reason"]),
        # why they do not leave, or were not found, in the words of who was there
        "said": row["said"] if seen.needs else None,
        "point": None if row["lon"] is None else [round(row["lon"], 6), round(row["lat"], 6)],
        "in_plan": row["in_plan"],
        "home_at": _time(row["home_at"]),
        "clashes": list(row["clashes"]),
        # what a tablet works its own standing out from, with the steps it has not sent yet
        "steps": row["steps"],
    }


def _plain(reason: str | None) -> str | None:
    return "no_shelter" if reason == "no_accessible_shelter" else reason


def roster(
    database: Database, viewer: Viewer, request_id: str | None, *, english: bool = False
) -> dict[str, Any]:
    """Give the call-outs of a person's own areas, as a tablet keeps them for the walk."""
    scope = scope_of(viewer, request_id)
    with database.transaction(scope) as tx:
        glass = reading.opened(tx, viewer)
        needs_in = masking.needs_in(viewer, glass)
        rows = call_board.roster(tx, plan_id=None, needs_in=needs_in, limit=2000)
        plans = []
        for number in sorted({row["plan_id"] for row in rows}, reverse=True):
            head = call_board.head(tx, number, english)
            assert head is not None
            places = shelters(tx, number, (), english=english)
            plans.append({**_head(head, number), "shelters": places})
        items = [_listed(viewer, row, glass) for row in rows]
        if _personal(items):
            reading.note_listing(tx, needs_in, "roster", len(items), glass)
        now = tx.value("SELECT now()")
    return {"plans": plans, "items": items, "as_of": now.isoformat()}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
