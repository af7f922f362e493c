"""What people in charge of a shelter say of it, and how much of what people in one need."""

from gridmap.store.database import Row, Transaction


def supply_rules(tx: Transaction, area_code: str) -> list[Row]:
    """Give how much of what a person needs, by the rule of the nearest area around."""
    return tx.all(
        "SELECT kind, amount, per, unit, source FROM (SELECT DISTINCT ON (kind) kind, amount, per,"
        " unit, source, position FROM supply_rule WHERE starts_with(:code, area_code)"
        " ORDER BY kind, length(area_code) DESC) AS r ORDER BY position, kind",
        code=area_code,
    )


def put(tx: Transaction, plan_id: int, shelter: Row, *, state: str, supplies: str | None) -> None:
    """Store what was said last."""
    tx.execute(
        "INSERT INTO shelter_status (plan_id, shelter_id, area_code, state, supplies, user_id)"
        " VALUES (:plan, :shelter, :area_code, :state, :supplies, :user)"
        " ON CONFLICT (area_code, plan_id, shelter_id) DO UPDATE SET state = excluded.state,"
        " supplies = excluded.supplies, user_id = excluded.user_id, at = now()",
        plan=plan_id,
        shelter=shelter["id"],
        area_code=shelter["area_code"],
        state=state,
        supplies=supplies,
        user=tx.scope.user_id,
    )


def closed_in_drill(hazard: str) -> str:
    """Give SQL that tells whether a drill has closed shelter `f`: only to drafts of that drill.

    Parameters
    ----------
    hazard
        Name of the parameter with the id of the hazard.
    """
    return (
        "EXISTS (SELECT 1 FROM hazard AS d WHERE d.exercise AND 'closed' = (SELECT t.state"
        "  FROM shelter_status AS t JOIN plan AS p ON p.id = t.plan_id"
        "  WHERE p.hazard_id = d.id AND t.shelter_id = f.id ORDER BY t.at DESC LIMIT 1)"
        f"  AND d.id = :{hazard})"
    )


def turn(tx: Transaction, shelter_id: int, *, open_: bool) -> bool:
    """Open a shelter to drafts or close it; False if it was so already."""
    return bool(
        tx.execute(
            "UPDATE facility SET open = :open, closed_why = NULL, closed_until = NULL,"
            " changed_at = now(), changed_by = :user, revision = revision + 1"
            " WHERE id = :id AND open <> :open AND retired_at IS NULL",
            id=shelter_id,
            open=open_,
            user=tx.scope.user_id,
        )
    )
