"""What follows grids when they change: households, members and their accounts, open incidents."""

from collections.abc import Mapping, Sequence
from datetime import date

from gridmap.store.database import Transaction

_OPEN = "('reported', 'verified', 'assigned', 'handling', 'resolved', 'objected')"


def retag_stray(tx: Transaction, community: str) -> int:
    """Give households whose grid has ended, and that lie in none, to the nearest of theirs."""
    return tx.execute(
        "UPDATE household AS h SET area_code = (SELECT g.code FROM grid AS g"
        "  WHERE g.area_code = :code AND g.valid_to IS NULL AND g.kind = 'comprehensive'"
        "  ORDER BY g.geom <-> h.geom, g.code LIMIT 1)"
        " WHERE h.geom IS NOT NULL AND starts_with(h.area_code, :code)"
        " AND length(h.area_code) = 15 AND NOT EXISTS (SELECT 1 FROM grid AS g"
        "  WHERE g.code = h.area_code AND g.valid_to IS NULL)",
        code=community,
    )


def retag_needs(tx: Transaction, community: str) -> None:
    """Let needs follow their household."""
    tx.execute(
        "UPDATE household_need AS n SET area_code = h.area_code FROM household AS h"
        " WHERE h.id = n.household_id AND n.area_code <> h.area_code"
        " AND starts_with(h.area_code, :code)",
        code=community,
    )


def retag_incidents(tx: Transaction, community: str) -> int:
    """Give open incidents to the grid in force around them; the grid at the time stays noted."""
    moved = tx.execute(
        "UPDATE incident AS i SET area_code = g.code FROM ("
        " SELECT DISTINCT ON (i.id) i.id, g.code FROM incident AS i"
        "  JOIN grid AS g ON g.geom && i.geom AND ST_Intersects(g.geom, i.geom)"
        f"  WHERE i.state IN {_OPEN} AND g.area_code = :code AND g.valid_to IS NULL"
        "  AND g.kind = 'comprehensive' AND starts_with(i.area_code, :code)"
        "  ORDER BY i.id, g.code) AS g WHERE i.id = g.id AND i.area_code <> g.code",
        code=community,
    )
    for table in ("incident_photo", "incident_step", "incident_conflict"):
        tx.execute(
            f"UPDATE {table} AS p SET area_code = i.area_code FROM incident AS i"
            " WHERE i.id = p.incident_id AND p.area_code <> i.area_code"
            " AND starts_with(i.area_code, :code)",
            code=community,
        )
    return moved


def appoint_members(tx: Transaction, heirs: Mapping[str, str], day: date) -> int:
    """Let the members of one grid look after another as well: new grid, old grid.

    Nobody is left without a member; the community changes it when it has appointed another.
    """
    pairs = _pairs(heirs)
    appointed = tx.execute(
        "INSERT INTO grid_member (area_code, user_id, name, phone, phone_public, role, valid_from,"
        "  geom) SELECT p.new, m.user_id, m.name, m.phone, m.phone_public, m.role, :day, m.geom"
        " FROM unnest(CAST(:new AS text[]), CAST(:old AS text[])) AS p(new, old)"
        " JOIN grid_member AS m ON m.area_code = p.old AND m.valid_to IS NULL"
        " WHERE NOT EXISTS (SELECT 1 FROM grid_member AS k WHERE k.area_code = p.new"
        "  AND k.valid_to IS NULL AND k.name = m.name)",
        day=day,
        **pairs,
    )
    tx.execute(
        "INSERT INTO user_role (user_id, role, area_code) SELECT r.user_id, r.role, p.new"
        " FROM unnest(CAST(:new AS text[]), CAST(:old AS text[])) AS p(new, old)"
        " JOIN user_role AS r ON r.area_code = p.old AND r.role = 'grid_member'"
        # the database lets nobody change their own roles
        " WHERE r.user_id IS DISTINCT FROM :user ON CONFLICT DO NOTHING",
        user=tx.scope.user_id,
        **pairs,
    )
    return appointed


def appoint_chosen(tx: Transaction, scenario_id: int, day: date) -> int:
    """Bring into office whom the planners have chosen for a grid, in the place of its member."""
    chosen = (
        "SELECT s.code, m.id, m.user_id, m.name, m.phone, m.geom FROM scenario_grid AS s"
        " JOIN grid_member AS m ON m.id = s.member_id WHERE s.scenario_id = :id"
    )
    ended = tx.all(
        "UPDATE grid_member AS g SET valid_to = greatest(g.valid_from, :day)"
        f" FROM ({chosen}) AS c WHERE g.area_code = c.code AND g.valid_to IS NULL"
        " AND g.role = 'member' AND (g.name, g.user_id, g.phone) IS DISTINCT FROM"
        " (c.name, c.user_id, c.phone) RETURNING g.area_code, g.user_id",
        id=scenario_id,
        day=day,
    )
    for row in ended:
        tx.execute(
            "DELETE FROM user_role WHERE user_id = :ended AND role = 'grid_member'"
            " AND area_code = :code AND user_id IS DISTINCT FROM :user",
            ended=row["user_id"],
            code=row["area_code"],
            user=tx.scope.user_id,
        )
    appointed = tx.execute(
        "INSERT INTO grid_member (area_code, user_id, name, phone, role, valid_from, geom)"
        f" SELECT c.code, c.user_id, c.name, c.phone, 'member', :day, c.geom FROM ({chosen}) AS c"
        " WHERE NOT EXISTS (SELECT 1 FROM grid_member AS k WHERE k.area_code = c.code"
        "  AND k.valid_to IS NULL AND (k.name, k.user_id, k.phone) IS NOT DISTINCT FROM"
        "  (c.name, c.user_id, c.phone))",
        id=scenario_id,
        day=day,
    )
    tx.execute(
        "INSERT INTO user_role (user_id, role, area_code) SELECT c.user_id, 'grid_member', c.code"
        f" FROM ({chosen}) AS c WHERE c.user_id IS NOT NULL"
        " AND c.user_id IS DISTINCT FROM :user ON CONFLICT DO NOTHING",
        id=scenario_id,
        user=tx.scope.user_id,
    )
    return appointed


def _pairs(heirs: Mapping[str, str]) -> dict[str, list[str]]:
    return {"new": list(heirs), "old": list(heirs.values())}


def dismiss_members(tx: Transaction, ended: Sequence[str], day: date) -> None:
    """End the offices, roles and stations of grids that are gone."""
    tx.execute(
        "UPDATE grid_member SET valid_to = greatest(valid_from, :day)"
        " WHERE area_code = ANY(:ended) AND valid_to IS NULL",
        ended=list(ended),
        day=day,
    )
    tx.execute(
        "DELETE FROM user_role WHERE area_code = ANY(:ended) AND role = 'grid_member'"
        " AND user_id IS DISTINCT FROM :user",
        ended=list(ended),
        user=tx.scope.user_id,
    )
    tx.execute(
        "UPDATE facility SET open = false WHERE kind = 'grid_station' AND area_code = ANY(:ended)",
        ended=list(ended),
    )


def without_member(tx: Transaction, scenario_id: int) -> list[str]:
    """Name the grids of a scenario that nobody would look after."""
    rows = tx.all(
        "SELECT g.key FROM scenario_grid AS g WHERE g.scenario_id = :id"
        " AND g.member_id IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM grid_member AS m WHERE m.valid_to IS NULL"
        "  AND m.area_code = coalesce(g.code, g.parent)) ORDER BY g.key",
        id=scenario_id,
    )
    return [row["key"] for row in rows]
