"""The way home after an evacuation: asked for, held, released, opened, and at its end."""

from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY, day


def read(tx: Transaction, plan_id: int, *, lock: bool = False) -> Row | None:
    """Give what is known of the way home of a plan; None for a plan that is not here."""
    if lock:
        tx.execute("SELECT 1 FROM plan WHERE id = :id FOR UPDATE", id=plan_id)
    return tx.maybe(
        "SELECT p.id, p.area_code, p.state AS plan_state, p.revision, h.id AS hazard_id, h.kind,"
        " h.state AS hazard_state, h.lifted_at, h.exercise, r.asked_by, r.asked_at, r.hold_until,"
        " r.released_by, r.released_at, r.release_reason, r.opened_by, r.opened_at, r.ended_at,"
        " a.display_name AS asked_name, o.display_name AS opened_name,"
        f" e.display_name AS released_name, {TODAY} AS today,"
        f" {day('h.lifted_at')} AS lifted_on,"
        " (SELECT count(*)::int FROM call_out AS c WHERE c.plan_id = p.id"
        "  AND c.arrived_people > 0) AS away,"
        " (SELECT count(*)::int FROM call_out AS c WHERE c.plan_id = p.id"
        "  AND c.arrived_people > 0 AND c.home_at IS NOT NULL) AS home"
        " FROM plan AS p JOIN hazard AS h ON h.id = p.hazard_id"
        " LEFT JOIN plan_return AS r ON r.plan_id = p.id"
        " LEFT JOIN app_user AS a ON a.id = r.asked_by"
        " LEFT JOIN app_user AS o ON o.id = r.opened_by"
        " LEFT JOIN app_user AS e ON e.id = r.released_by WHERE p.id = :id",
        id=plan_id,
    )


def rule(tx: Transaction, area_code: str, kind: str) -> Row | None:
    """Give the rule of the nearest area for a kind of hazard; None where nobody has set one."""
    rows = tx.all(
        "SELECT area_code, kind, hold_days, source FROM return_rule WHERE kind = :kind"
        " AND starts_with(:code, area_code) ORDER BY length(area_code) DESC LIMIT 1",
        kind=kind,
        code=area_code,
    )
    return rows[0] if rows else None


def ask(tx: Transaction, row: Row, hold_days: int) -> None:
    """Store that a person asks for the way home to be opened."""
    tx.execute(
        "INSERT INTO plan_return (plan_id, area_code, asked_by, hold_until)"
        f" SELECT p.id, p.area_code, :user, {day('h.lifted_at')} + :days FROM plan AS p"
        " JOIN hazard AS h ON h.id = p.hazard_id WHERE p.id = :id"
        " ON CONFLICT (area_code, plan_id) DO NOTHING",
        id=row["id"],
        user=tx.scope.user_id,
        days=hold_days,
    )


def release(tx: Transaction, plan_id: int, reason: str) -> None:
    """Store that the hold is over before its day, and why."""
    tx.execute(
        "UPDATE plan_return SET released_by = :user, released_at = now(), release_reason = :reason"
        " WHERE plan_id = :id",
        id=plan_id,
        user=tx.scope.user_id,
        reason=reason,
    )


def open_(tx: Transaction, plan_id: int) -> None:
    """Store that people go home."""
    tx.execute(
        "UPDATE plan_return SET opened_by = :user, opened_at = now() WHERE plan_id = :id",
        id=plan_id,
        user=tx.scope.user_id,
    )


def whole(tx: Transaction) -> list[Row]:
    """Give the ways home on which nobody is left."""
    return tx.all(
        "SELECT r.plan_id, r.area_code, h.exercise FROM plan_return AS r"
        " JOIN plan AS p ON p.id = r.plan_id JOIN hazard AS h ON h.id = p.hazard_id"
        " WHERE r.opened_at IS NOT NULL"
        " AND r.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM call_out AS c"
        "  WHERE c.plan_id = r.plan_id AND c.arrived_people > 0 AND c.home_at IS NULL)"
        " AND EXISTS (SELECT 1 FROM call_out AS c WHERE c.plan_id = r.plan_id"
        "  AND c.home_at IS NOT NULL) ORDER BY r.plan_id"
    )


def end(tx: Transaction, plan_id: int) -> bool:
    """End the way home once the last household is back; False while one is away."""
    return bool(
        tx.execute(
            "UPDATE plan_return SET ended_at = now() WHERE plan_id = :id"
            " AND opened_at IS NOT NULL AND ended_at IS NULL AND NOT EXISTS (SELECT 1"
            "  FROM call_out WHERE plan_id = :id AND arrived_people > 0 AND home_at IS NULL)"
            " AND EXISTS (SELECT 1 FROM call_out WHERE plan_id = :id AND home_at IS NOT NULL)",
            id=plan_id,
        )
    )
