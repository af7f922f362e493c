"""Which team an account works for."""

from gridmap.store.database import Row, Transaction


def listing(tx: Transaction, english: bool) -> list[Row]:
    """List the teams of this scope's own areas, by kind and name."""
    name = "coalesce(r.name_en, r.name)" if english else "r.name"
    return tx.all(
        f"SELECT r.id, r.kind, {name} AS name, r.area_code FROM responder AS r"
        " WHERE r.area_code ^@ ANY ((SELECT my_areas())::text[]) ORDER BY r.kind, r.name, r.id"
    )


def held(tx: Transaction) -> list[Row]:
    """List the accounts of this scope's own areas that are of a team."""
    return tx.all(
        "SELECT u.id, u.team_id FROM app_user AS u WHERE u.team_id IS NOT NULL AND (EXISTS"
        " (SELECT 1 FROM user_area AS h WHERE h.user_id = u.id"
        "  AND h.area_code ^@ ANY ((SELECT my_areas())::text[])) OR EXISTS"
        " (SELECT 1 FROM user_role AS o WHERE o.user_id = u.id"
        "  AND o.area_code ^@ ANY ((SELECT my_areas())::text[]))) ORDER BY u.id"
    )


def name_of(tx: Transaction, team_id: int, english: bool) -> str | None:
    """Give the name of a team, or None where it cannot be seen."""
    found = tx.value(
        "SELECT coalesce(CASE WHEN :english THEN name_en END, name) FROM responder WHERE id = :id",
        id=team_id,
        english=english,
    )
    return None if found is None else str(found)


def is_own(tx: Transaction, team_id: int) -> bool:
    """Tell whether a team is one of this scope's own areas."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM responder WHERE id = :id"
            " AND area_code ^@ ANY ((SELECT my_areas())::text[]))",
            id=team_id,
        )
    )


def put(tx: Transaction, user_id: int, team_id: int | None) -> bool:
    """Say which team an account works for; False if it was so already."""
    changed = tx.execute(
        "UPDATE app_user SET team_id = :team WHERE id = :id AND team_id IS DISTINCT FROM :team",
        id=user_id,
        team=team_id,
    )
    return changed > 0
