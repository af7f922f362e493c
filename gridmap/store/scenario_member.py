"""Who may look after the grids of a scenario: the offices that are held in its area."""

from gridmap.store.database import Row, Transaction


def listing(tx: Transaction, scenario_id: int) -> list[Row]:
    """Give the people who look after grids of a scenario's area.

    One row a person: `id` (their first office), `name`, `role`, `grids` (codes), `lon`, `lat`.
    """
    return tx.all(
        "SELECT min(m.id) AS id, m.name, min(m.role) AS role, array_agg(m.area_code"
        " ORDER BY m.area_code) AS grids, max(ST_X(m.geom)) AS lon, max(ST_Y(m.geom)) AS lat"
        " FROM grid_member AS m JOIN scenario AS s ON starts_with(m.area_code, s.area_code)"
        " WHERE s.id = :id AND m.valid_to IS NULL"
        " GROUP BY m.name, coalesce(m.user_id::text, m.phone, m.id::text)"
        ' ORDER BY m.name COLLATE "C", 1 LIMIT 5000',
        id=scenario_id,
    )


def in_office(tx: Transaction, scenario_id: int, member_id: int) -> str | None:
    """Give the name of a person who holds an office in a scenario's area; None if none does."""
    found = tx.value(
        "SELECT m.name FROM grid_member AS m JOIN scenario AS s"
        " ON starts_with(m.area_code, s.area_code)"
        " WHERE s.id = :id AND m.id = :member AND m.valid_to IS NULL",
        id=scenario_id,
        member=member_id,
    )
    return None if found is None else str(found)
