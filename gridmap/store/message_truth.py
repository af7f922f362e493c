"""Whether what a message says is still so: of a plan, a hazard, a warning."""

from datetime import datetime

from gridmap.store.database import Row, Transaction


def plan(tx: Transaction, plan_id: int, _told_at: datetime) -> Row:
    """Tell of a plan whether it is `active`, its way home `opened`, and another one in force.

    `newer` is whether another plan of the hazard is in force. Empty where there is none.
    """
    return (
        tx.maybe(
            "SELECT p.state = 'active' AS active, EXISTS (SELECT 1 FROM plan_return AS r"
            "  WHERE r.plan_id = p.id AND r.opened_at IS NOT NULL) AS opened,"
            " EXISTS (SELECT 1 FROM plan AS n WHERE n.hazard_id = p.hazard_id AND n.id <> p.id"
            "  AND n.state = 'active') AS newer FROM plan AS p WHERE p.id = :id",
            id=plan_id,
        )
        or {}
    )


def hazard(tx: Transaction, hazard_id: int, told_at: datetime) -> Row:
    """Tell of a hazard whether it is the `same` as when it was told; empty where there is none."""
    return (
        tx.maybe(
            "SELECT state = 'declared' AND NOT coalesce(adjusted_at > :told_at, false) AS same"
            " FROM hazard WHERE id = :id",
            id=hazard_id,
            told_at=told_at,
        )
        or {}
    )


def alert(tx: Transaction, alert_id: int, _told_at: datetime) -> Row:
    """Tell of a warning whether it is `current`; empty where there is none."""
    return (
        tx.maybe(
            "SELECT state = 'current' AND NOT coalesce(expires_at <= now(), false) AS current"
            " FROM alert WHERE id = :id",
            id=alert_id,
        )
        or {}
    )
