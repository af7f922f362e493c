"""Rules of emergencies as a county sets them: how fast who walks, what shelters need, the way home.

The rule of a smaller area comes before that of the area around it.
"""

from collections.abc import Mapping
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.care_words import NEEDS
from gridmap.model.emergency_rule import SUPPLY_KINDS
from gridmap.model.hazard import CLASS_OF
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import care_rule, event, user_area
from gridmap.store import emergency_rule as rows
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.emergency_rule import HOLDS, SPEEDS, SUPPLIES, Table

_STALE = "somebody has set this rule meanwhile"


def listing(database: Database, viewer: Viewer, table: Table) -> list[dict[str, Any]]:
    """List the rules of one table that hold in a person's county.

    Returns
    -------
    list
        By key and area: `area`, the key, what the rule says, `revision`, `by` and `at` (None for
        what came with the program), `own`: whether the person may change it.
    """
    with database.transaction(viewer.scope(Permission.PLAN_VIEW)) as tx:
        found = rows.listing(tx, table)
    return [_shown(row, viewer) for row in found]


def _shown(row: Row, viewer: Viewer) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in ("area_code", "set_at")}
    return {
        "area": row["area_code"],
        **shown,
        "at": None if row["set_at"] is None else row["set_at"].isoformat(),
        "own": viewer.may(Permission.PLAN_APPROVE, row["area_code"]),
    }


def places(database: Database, viewer: Viewer) -> list[dict[str, Any]]:
    """List the areas for which the person may set rules, by code."""
    if not viewer.may(Permission.PLAN_APPROVE):
        return []
    with database.transaction(viewer.scope(Permission.PLAN_APPROVE)) as tx:
        return [dict(row) for row in user_area.places(tx, None)]


def put_speed(  # noqa: PLR0913, PLR0917 - who sets what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    need: str,
    said: Mapping[str, Any],
    seen: int | None,
) -> int:
    """Set how fast people with a need walk; 0 for those who cannot and are fetched.

    Returns
    -------
    int
        The revision of the rule.

    Raises
    ------
    Problem
        400 for a need nobody knows; 404 for an area that is not there, or not this person's; 409
        if somebody has set it meanwhile.
    """
    _known("need", need, NEEDS)
    return _put(database, viewer, request_id, SPEEDS, area_code, need, said, seen)


def put_supply(  # noqa: PLR0913, PLR0917 - who sets what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    kind: str,
    said: Mapping[str, Any],
    seen: int | None,
) -> int:
    """Set how much of what people in a shelter need.

    Raises
    ------
    Problem
        400 for a thing or a number that is none; 404 and 409 as `put_speed`.
    """
    _known("kind", kind, SUPPLY_KINDS)
    if said["per"] == "people" and said["amount"] < 1:
        raise bad_value("amount", "one for at least one person")
    return _put(database, viewer, request_id, SUPPLIES, area_code, kind, said, seen)


def put_hold(  # noqa: PLR0913, PLR0917 - who sets what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    area_code: str,
    kind: str,
    said: Mapping[str, Any],
    seen: int | None,
) -> int:
    """Set for how many days nobody goes home after a kind of hazard has been lifted.

    Raises
    ------
    Problem
        400 for a kind nobody knows; 404 and 409 as `put_speed`.
    """
    _known("kind", kind, CLASS_OF)
    return _put(database, viewer, request_id, HOLDS, area_code, kind, said, seen)


def _known(place: str, word: str, words: Any) -> None:
    if word not in words:
        raise bad_value(place, f"{word} is not one of {', '.join(sorted(words))}")


def _put(  # noqa: PLR0913, PLR0917 - who sets what, and what was seen before
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    table: Table,
    area_code: str,
    key: str,
    said: Mapping[str, Any],
    seen: int | None,
) -> int:
    with database.transaction(viewer.scope(Permission.PLAN_APPROVE, request_id)) as tx:
        mine = viewer.may(Permission.PLAN_APPROVE, area_code)
        if not mine or not care_rule.area_exists(tx, area_code):
            raise not_found(f"area {area_code}")
        revision, changed = _stored(tx, table, area_code, key, said, seen)
        if changed:
            _record(tx, table, area_code, key, changed)
    return revision


def _stored(  # noqa: PLR0913, PLR0917 - the parts of a rule
    tx: Transaction,
    table: Table,
    area_code: str,
    key: str,
    said: Mapping[str, Any],
    seen: int | None,
) -> tuple[int, dict[str, Any]]:
    """Store a rule; give its revision, and what it says now where that is something else."""
    before = rows.hold(tx, table, area_code, key)
    values = dict(said)
    if table is SUPPLIES:
        values["position"] = (
            rows.next_position(tx, area_code) if before is None else before["position"]
        )
    told = {name: values[name] for name in table.says if name not in ("source", "position")}
    if before is None:
        if seen is not None:
            raise conflict(_STALE)
        revision = rows.put(tx, table, area_code, key, values)
        if revision is None:
            raise conflict(_STALE)
        return revision, told
    if before["revision"] != seen:
        raise conflict(_STALE, revision=before["revision"])
    if all(before[name] == values[name] for name in table.says):
        return int(before["revision"]), {}
    return rows.change(tx, table, area_code, key, values), told


def _record(
    tx: Transaction, table: Table, area_code: str, key: str, told: Mapping[str, Any]
) -> None:
    payload = {
        {"hold_days": "days"}.get(name, name): value for name, value in told.items() if value != ""
    }
    if table is SPEEDS:
        event.record(
            tx, "walking_speed.changed", area_code=area_code, subject_id=key, payload=payload
        )
    elif table is SUPPLIES:
        event.record(
            tx, "supply_rule.changed", area_code=area_code, subject_id=key, payload=payload
        )
    else:
        event.record(tx, "return.rule_set", area_code=area_code, subject_id=key, payload=payload)
