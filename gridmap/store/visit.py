"""Visits: planned when a need has not been seen for its interval, done or missed once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY, day

# The rule of the smallest area counts; a rule that is not active plans nothing.
RULES = (
    "SELECT DISTINCT ON (n.household_id, n.kind) n.household_id, h.area_code, n.kind, n.seen_at,"
    " r.interval_days, r.retry_days, r.priority, r.active"
    " FROM household_need n JOIN household h ON h.id = n.household_id"
    " JOIN visit_rule r ON r.need = n.kind AND h.area_code ^@ r.area_code"
    " WHERE (CAST(:area AS text) IS NULL OR h.area_code ^@ :area)"
    " ORDER BY n.household_id, n.kind, length(r.area_code) DESC"
)
_LEAD_DAYS = 7  # a visit is on the list a week before it is due: nobody is to be surprised


def plan(tx: Transaction, area: str | None = None) -> int:
    """Plan a visit for each household whose needs are due; give their number. Safe to repeat.

    Each household has one visit waiting at most, for all its needs; the earliest due day counts.
    Who has never been visited is due within one interval after the need was first seen, spread
    over its days: a roster that has just come in makes no wall of visits. After a visit that found
    nobody, the rule says when to try again.
    """
    return tx.execute(
        f"WITH ruled AS ({RULES}),"
        " last AS (SELECT household_id, max(ended_at) FILTER (WHERE state = 'done') AS done_at,"
        "  max(ended_at) AS ended_at FROM visit WHERE state <> 'planned' GROUP BY household_id),"
        " due AS (SELECT r.household_id, r.area_code, array_agg(r.kind ORDER BY r.kind) AS kinds,"
        "  min(r.priority) AS priority,"
        "  min(greatest("
        f"   coalesce({day('l.done_at')} + r.interval_days,"
        f"    {day('r.seen_at')} + (r.household_id * 7919 % r.interval_days)::int),"
        "   CASE WHEN l.ended_at > coalesce(l.done_at, '-infinity')"
        f"    THEN {day('l.ended_at')} + r.retry_days END)) AS due_on"
        "  FROM ruled r LEFT JOIN last l USING (household_id) WHERE r.active"
        "  GROUP BY r.household_id, r.area_code)"
        " INSERT INTO visit (household_id, area_code, state, due_on, kinds, priority)"
        " SELECT household_id, area_code, 'planned', due_on, kinds, priority FROM due"
        f" WHERE due_on <= {TODAY} + :lead AND NOT EXISTS (SELECT 1 FROM visit v"
        "  WHERE v.household_id = due.household_id AND v.state = 'planned')"
        " ON CONFLICT (household_id) WHERE state = 'planned' DO NOTHING",
        area=area,
        lead=_LEAD_DAYS,
    )


def due(  # noqa: PLR0913 - what part of the list
    tx: Transaction,
    *,
    state: str,
    grid: str | None,
    after: tuple[int, str, int] | None,
    limit: int,
) -> list[Row]:
    """List visits of one state by their urgency, then the day they are due."""
    priority, day, last = after or (0, "-infinity", 0)
    return tx.all(
        "SELECT v.id, v.household_id, v.state, v.due_on, v.kinds, v.priority, v.ended_at,"
        " v.area_code, h.address, h.householder, h.people, ST_X(h.geom) AS lon,"
        " ST_Y(h.geom) AS lat, (SELECT max(o.ended_at) FROM visit o"
        "  WHERE o.household_id = v.household_id AND o.state = 'done') AS last_done"
        " FROM visit v JOIN household h ON h.id = v.household_id"
        " WHERE v.state = :state AND (CAST(:grid AS text) IS NULL OR v.area_code ^@ :grid)"
        " AND (v.priority, coalesce(v.due_on, 'infinity'), v.id)"
        "  > (:priority, CAST(:day AS date), :last)"
        " ORDER BY v.priority, coalesce(v.due_on, 'infinity'), v.id LIMIT :limit",
        state=state,
        grid=grid,
        priority=priority,
        day=day,
        last=last,
        limit=limit,
    )


def read(tx: Transaction, visit_id: int, *, lock: bool = False) -> Row | None:
    """Read one visit; None when it is not here."""
    return tx.maybe(
        "SELECT id, area_code, household_id, state, due_on, kinds, priority, ended_at FROM visit"
        f" WHERE id = :id{' FOR UPDATE' if lock else ''}",
        id=visit_id,
    )


def of_household(tx: Transaction, household_id: int, limit: int = 20) -> list[Row]:
    """List the visits of a household, the newest first."""
    return tx.all(
        "SELECT v.id, v.state, v.due_on, v.kinds, v.ended_at, r.note, r.at,"
        " u.display_name AS by FROM visit v LEFT JOIN visit_result r ON r.visit_id = v.id"
        " LEFT JOIN app_user u ON u.id = r.user_id WHERE v.household_id = :id"
        " ORDER BY coalesce(v.ended_at, 'infinity') DESC, v.id DESC LIMIT :limit",
        id=household_id,
        limit=limit,
    )


def insert_result(  # noqa: PLR0913 - the parts of a result
    tx: Transaction,
    *,
    result_id: UUID,
    visit: Row,
    outcome: str,
    content_hash: bytes,
    at: datetime,
    device_time: datetime | None,
    note: str | None,
) -> Row | None:
    """Insert what came of a visit; None if its id is taken.

    The primary key decides, never a look beforehand: twenty copies at once are one row.
    """
    return tx.maybe(
        "INSERT INTO visit_result (id, area_code, visit_id, household_id, outcome, content_hash,"
        " at, device_time, note, user_id) VALUES (:id, :area_code, :visit_id, :household_id,"
        " :outcome, :content_hash, :at, :device_time, :note, :user_id)"
        " ON CONFLICT (id) DO NOTHING RETURNING id, visit_id, outcome, at, kept_newer",
        id=result_id,
        area_code=visit["area_code"],
        visit_id=visit["id"],
        household_id=visit["household_id"],
        outcome=outcome,
        content_hash=content_hash,
        at=at,
        device_time=device_time,
        note=note,
        user_id=tx.scope.user_id,
    )


def result(tx: Transaction, result_id: UUID) -> Row | None:
    """Give what is stored under an id, with its content hash, or None."""
    return tx.maybe(
        "SELECT id, visit_id, outcome, at, content_hash, kept_newer FROM visit_result"
        " WHERE id = :id",
        id=result_id,
    )


def keep_newer(tx: Transaction, result_id: UUID, names: Sequence[str]) -> None:
    """Note which facts were left as they are because somebody had seen them later."""
    tx.execute(
        "UPDATE visit_result SET kept_newer = :names WHERE id = :id",
        id=result_id,
        names=sorted(names),
    )


def end(tx: Transaction, visit_id: int, state: str, at: datetime) -> None:
    """End a visit that was waiting."""
    tx.execute(
        "UPDATE visit SET state = :state, ended_at = :at,"
        " done_at = CASE WHEN :state = 'done' THEN CAST(:at AS timestamptz) END WHERE id = :id",
        id=visit_id,
        state=state,
        at=at,
    )


def keep_conflict(
    tx: Transaction,
    visit: Row,
    result_id: UUID,
    content_hash: bytes,
    content: Mapping[str, Any],
) -> int | None:
    """Keep a result that could not be taken; None when this very one is kept already."""
    found = tx.value(
        "INSERT INTO visit_conflict (area_code, visit_id, household_id, result_id, content_hash,"
        " content, user_id) VALUES (:area_code, :visit_id, :household_id, :result_id,"
        " :content_hash, CAST(:content AS jsonb), :user_id)"
        " ON CONFLICT (visit_id, result_id, content_hash) DO NOTHING RETURNING id",
        area_code=visit["area_code"],
        visit_id=visit["id"],
        household_id=visit["household_id"],
        result_id=result_id,
        content_hash=content_hash,
        content=json.dumps(dict(content), ensure_ascii=False, allow_nan=False),
        user_id=tx.scope.user_id,
    )
    return None if found is None else int(found)


def conflicts(tx: Transaction, household_id: int) -> list[Row]:
    """List the results of a household that were kept but not taken."""
    return tx.all(
        "SELECT c.id, c.visit_id, c.content, c.received_at, u.display_name AS by"
        " FROM visit_conflict c LEFT JOIN app_user u ON u.id = c.user_id"
        " WHERE c.household_id = :id AND c.settled_at IS NULL ORDER BY c.id",
        id=household_id,
    )


def settle(tx: Transaction, conflict_id: int, household_id: int) -> bool:
    """Note that somebody has looked at a result that was not taken; its content is forgotten."""
    return bool(
        tx.execute(
            "UPDATE visit_conflict SET settled_at = now(), content = '{}'"
            " WHERE id = :id AND household_id = :household AND settled_at IS NULL",
            id=conflict_id,
            household=household_id,
        )
    )


def rules(tx: Transaction, area_code: str | None) -> list[Row]:
    """List the rules in force for an area, or every rule when None."""
    return tx.all(
        "SELECT DISTINCT ON (need, shown) area_code, need, interval_days, retry_days, priority,"
        " stale_days, active, source, updated_at,"
        " CASE WHEN CAST(:code AS text) IS NULL THEN area_code END AS shown FROM visit_rule"
        " WHERE CAST(:code AS text) IS NULL OR :code ^@ area_code"
        " ORDER BY need, shown, length(area_code) DESC",
        code=area_code,
    )


def put_rule(tx: Transaction, rule: Mapping[str, Any]) -> None:
    """Store a rule of an area."""
    tx.execute(
        "INSERT INTO visit_rule (area_code, need, interval_days, retry_days, priority, stale_days,"
        " active, source) VALUES (:area_code, :need, :interval_days, :retry_days, :priority,"
        " :stale_days, :active, :source) ON CONFLICT (area_code, need) DO UPDATE SET"
        " interval_days = excluded.interval_days, retry_days = excluded.retry_days,"
        " priority = excluded.priority, stale_days = excluded.stale_days,"
        " active = excluded.active, source = excluded.source, updated_at = now()",
        **rule,
    )
