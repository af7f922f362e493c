"""Adjusting a hazard: its shape, its level, its time; with a reason, and everything kept."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shapely import from_wkb
from shapely.geometry.base import BaseGeometry

from gridmap.model.access import Scope
from gridmap.model.hazard import LEVELS, LONGEST_NOTE, LONGEST_REASON
from gridmap.model.problem import Problem, bad_input, conflict, forbidden, not_found
from gridmap.services import coverage_refresh, hazard_messages
from gridmap.store import area, event, hazard
from gridmap.store import hazard_history as history
from gridmap.store.database import Database, Row, Transaction

# what may be adjusted; kind, name and whether it is an exercise stay as they were declared
FIELDS = ("geometry", "blocked", "severity", "ends_at", "note")


def adjust(
    database: Database,
    scope: Scope,
    hazard_id: int,
    *,
    seen: int,
    reason: str,
    changes: Mapping[str, Any],
) -> dict[str, Any]:
    """Adjust a declared hazard; what it was before is kept.

    Parameters
    ----------
    seen
        The revision the officer looked at.
    reason
        Why; kept with the new revision.
    changes
        Some of `FIELDS` with their new values: shapes in EPSG:4326 that have passed the gate,
        a colour, a time, words; None takes away what may be absent.

    Returns
    -------
    dict
        `id`, `revision`, `changed` (names of what differs now), `households`, `people`.

    Raises
    ------
    Problem
        400 for values that are none or nothing that differs, 403 for a shape beyond one's areas,
        404, 409 if it is lifted or somebody has adjusted it meanwhile.
    """
    with database.transaction(scope) as tx:
        row = history.hold(tx, hazard_id)
        if row is None:
            raise _not_ones_own(tx, hazard_id)
        if row["state"] != "declared":
            raise conflict(f"hazard {hazard_id} is {row['state']}")
        if row["revision"] != seen:
            raise conflict("somebody has adjusted this hazard meanwhile", revision=row["revision"])
        after = _before(row) | dict(changes)
        _check(row, after, changes, reason)
        changed = [name for name in FIELDS if _differs(after[name], _before(row)[name])]
        if not changed:
            raise bad_input("nothing of the hazard would change")
        area_code = _area(tx, scope, after["geometry"]) if "geometry" in changed else None
        area_code = area_code or row["area_code"]
        history.keep(tx, hazard_id)
        done = _change(tx, hazard_id, area_code, after, reason.strip())
        closes = "blocked" in changed and not row["exercise"]
        if closes:
            coverage_refresh.hold(tx, area_code)
        hazard_messages.adjusted(tx, hazard_id, reason.strip())
        if closes:
            coverage_refresh.ask(tx, area_code)
        event.record(
            tx,
            "hazard.adjusted",
            # whoever knew of it before and whoever it reaches now learns of it
            area_code=_common(row["area_code"], area_code),
            subject_id=hazard_id,
            payload={
                "revision": done["revision"],
                "changed": changed,
                "severity": after["severity"],
                "households": done["households"],
                "households_before": row["households"],
                "exercise": row["exercise"],
            },
        )
    return {"id": hazard_id, "changed": changed, **done}


def _not_ones_own(tx: Transaction, hazard_id: int) -> Problem:
    """Tell a hazard of a wider area, which one sees, from none at all."""
    found = hazard.read(tx, hazard_id)
    if found is None:
        return not_found(f"hazard {hazard_id}")
    return forbidden(f"a hazard in {found['area_code']} is beyond your areas")


def _change(
    tx: Transaction, hazard_id: int, area_code: str, after: Mapping[str, Any], reason: str
) -> Row:
    blocked: BaseGeometry | None = after["blocked"]
    return history.change(
        tx,
        hazard_id,
        area_code=area_code,
        severity=after["severity"],
        ends_at=after["ends_at"],
        note=after["note"],
        reason=reason,
        wkb=after["geometry"].wkb,
        blocked_wkb=None if blocked is None else blocked.wkb,
    )


def _before(row: Row) -> dict[str, Any]:
    blocked = row["blocked_wkb"]
    return {
        "geometry": from_wkb(bytes(row["wkb"])),
        "blocked": None if blocked is None else from_wkb(bytes(blocked)),
        "severity": row["severity"],
        "ends_at": row["ends_at"],
        "note": row["note"],
    }


def _differs(one: Any, other: Any) -> bool:
    if isinstance(one, BaseGeometry) and isinstance(other, BaseGeometry):
        return not one.equals(other)
    return bool(one != other)


def _check(row: Row, after: Mapping[str, Any], changes: Mapping[str, Any], reason: str) -> None:
    faults = []
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        faults.append({"place": "reason", "message": f"1-{LONGEST_REASON} characters"})
    if after["severity"] is not None and after["severity"] not in LEVELS:
        faults.append({"place": "severity", "message": f"one of {', '.join(LEVELS)}"})
    if row["class"] == "security" and after["severity"] is not None:
        faults.append({"place": "severity", "message": "events of this kind carry no level"})
    ends_at = changes.get("ends_at")
    if ends_at is not None and ends_at <= datetime.now(UTC):
        faults.append({"place": "ends_at", "message": "a time to come"})
    if len(after["note"] or "") > LONGEST_NOTE:
        faults.append({"place": "note", "message": f"at most {LONGEST_NOTE} characters"})
    if faults:
        raise bad_input("the hazard cannot be adjusted", faults)


def _area(tx: Transaction, scope: Scope, shape: BaseGeometry) -> str:
    area_code = area.smallest_around(tx, shape.wkb)
    if area_code is None:
        raise bad_input("the hazard lies outside the county")
    if not any(area_code.startswith(own) for own in scope.areas):
        raise forbidden(f"a hazard in {area_code} is beyond your areas")
    return area_code


def _common(one: str, other: str) -> str:
    """Give the smallest area around two."""
    if one.startswith(other) or other.startswith(one):
        return min(one, other, key=len)
    return next((one[:size] for size in (12, 9) if one[:size] == other[:size]), one[:6])


def show(database: Database, scope: Scope, hazard_id: int) -> dict[str, Any]:
    """Give a hazard with all it has been: each revision, who made it, why, and what it changed.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        head = history.head(tx, hazard_id)
        if head is None:
            raise not_found(f"hazard {hazard_id}")
        states = history.states(tx, hazard_id)
    shown = [_shown(row) for row in states]
    for later, earlier in zip(shown, shown[1:], strict=False):
        later["changed"] = [name for name in FIELDS if later[name] != earlier[name]]
    return {
        "id": head["id"],
        "area": head["area_code"],
        "kind": head["kind"],
        "class": head["class"],
        "name": head["name"],
        "name_en": head["name_en"],
        "state": head["state"],
        "exercise": head["exercise"],
        "overdue": bool(head["overdue"]),
        "starts_at": head["starts_at"].isoformat(),
        "declared_at": head["declared_at"].isoformat(),
        "lifted_at": _time(head["lifted_at"]),
        **{name: shown[0][name] for name in (*FIELDS, "revision", "households", "people")},
        "revisions": shown,
    }


def _shown(row: Row) -> dict[str, Any]:
    return {
        "revision": row["revision"],
        "at": row["set_at"].isoformat(),
        "by": row["by"],
        "reason": row["reason"],
        "severity": row["severity"],
        "ends_at": _time(row["ends_at"]),
        "note": row["note"],
        "households": row["households"],
        "people": row["people"],
        "area_m2": int(row["area_m2"]),
        "geometry": json.loads(row["geometry"]),
        "blocked": None if row["blocked_geometry"] is None else json.loads(row["blocked_geometry"]),
        "changed": [],
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
