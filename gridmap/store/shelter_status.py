"""What people in charge of a shelter say of it, and how much of what people in one need."""

from collections.abc import Iterable

from gridmap.store.database import Row, Transaction


def supply_rules(tx: Transaction, area_codes: Iterable[str]) -> dict[str, list[Row]]:
    """Give how much of what a person in a shelter needs: each kind by the nearest area's rule.

    Parameters
    ----------
    area_codes
        Areas that shelters are in.

    Returns
    -------
    dict
        By area code the rules that hold there, one of each kind: kind, amount, per, unit, source.
    """
    codes = sorted(set(area_codes))
    rows = tx.all(
        "SELECT code, kind, amount, per, unit, source FROM (SELECT DISTINCT ON (c.code, r.kind)"
        "  c.code, r.* FROM unnest(CAST(:codes AS text[])) AS c(code)"
        "  JOIN supply_rule AS r ON starts_with(c.code, r.area_code)"
        "  ORDER BY c.code, r.kind, length(r.area_code) DESC) AS n ORDER BY code, position, kind",
        codes=codes,
    )
    found: dict[str, list[Row]] = {code: [] for code in codes}
    for row in rows:
        found[row["code"]].append(row)
    return found


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


def said_last(hazard: str) -> str:
    """Give SQL of what was said last of shelter `f` while any plan of a hazard went on.

    A plan that is made anew keeps what was said under the one before it.

    Parameters
    ----------
    hazard
        SQL of the id of the hazard.
    """
    return (
        "(SELECT t.state FROM shelter_status AS t JOIN plan AS q ON q.id = t.plan_id"
        f" WHERE q.hazard_id = {hazard} AND t.shelter_id = f.id"
        " ORDER BY t.at DESC, t.plan_id DESC LIMIT 1)"
    )


def full(tx: Transaction, hazard_id: int) -> list[int]:
    """Give the shelters of which somebody at the door has said that they take nobody more."""
    rows = tx.all(
        "SELECT f.id FROM facility AS f JOIN shelter AS s ON s.facility_id = f.id"
        f" WHERE {said_last(':hazard')} = 'full' ORDER BY f.id",
        hazard=hazard_id,
    )
    return [int(row["id"]) for row in rows]


def closed_in_drill(hazard: str) -> str:
    """Give SQL that tells whether a drill has closed shelter `f`: only to drafts of that drill.

    Parameters
    ----------
    hazard
        Name of the parameter with the id of the hazard.
    """
    return (
        "EXISTS (SELECT 1 FROM hazard AS d WHERE d.exercise"
        f"  AND {said_last('d.id')} = 'closed' AND d.id = :{hazard})"
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
