"""Publishing a scenario: what it would change, and the one transaction in which grids change."""

from collections.abc import Sequence
from datetime import date

from gridmap.store.database import Row, Transaction

# measures of a day, not of a border: they stay with the scenario
_PASSING = ("visits_due", "incidents_year", "hazards", "doors", "round_metres", "cut_by")
# a community in which a scenario has changed something, or from which it has dropped a grid;
# the one grid of a community that had none counts once somebody has touched it
_TOUCHED = (
    "SELECT area_code FROM scenario_grid WHERE scenario_id = :id AND changed"
    " UNION SELECT b.area_code FROM scenario_base AS b WHERE b.scenario_id = :id AND NOT EXISTS"
    " (SELECT 1 FROM scenario_grid AS g WHERE g.scenario_id = :id AND g.key = b.code)"
)


def stale_codes(tx: Transaction, scenario_id: int) -> list[str]:
    """Name the grids that are no longer in force as the scenario was copied from them."""
    rows = tx.all(
        "SELECT code FROM (SELECT b.code FROM scenario_base AS b JOIN grid AS g ON g.id = b.grid_id"
        "  WHERE b.scenario_id = :id AND g.valid_to IS NOT NULL"
        " UNION SELECT g.code FROM grid AS g WHERE g.valid_to IS NULL"
        "  AND g.kind IN ('comprehensive', 'special')"
        # a community that had none when it was copied may have grids by now
        "  AND g.area_code IN (SELECT area_code FROM scenario_base WHERE scenario_id = :id"
        "   UNION SELECT area_code FROM scenario_grid WHERE scenario_id = :id)"
        "  AND NOT EXISTS (SELECT 1 FROM scenario_base AS b WHERE b.scenario_id = :id"
        "   AND b.grid_id = g.id)) AS moved ORDER BY code",
        id=scenario_id,
    )
    return [row["code"] for row in rows]


def touched(tx: Transaction, scenario_id: int) -> list[str]:
    """Name the communities in which a scenario changes something."""
    return [row["area_code"] for row in tx.all(f"{_TOUCHED} ORDER BY area_code", id=scenario_id)]


def pending(tx: Transaction, scenario_id: int, communities: Sequence[str]) -> list[Row]:
    """Give other scenarios that are published for a day to come and change the same communities."""
    return tx.all(
        "SELECT s.id, s.name, s.effective_from FROM scenario AS s"
        " WHERE s.state = 'published' AND s.applied_at IS NULL AND s.id <> :id"
        " AND (EXISTS (SELECT 1 FROM scenario_base AS b WHERE b.scenario_id = s.id"
        "   AND b.area_code = ANY(:communities))"
        "  OR EXISTS (SELECT 1 FROM scenario_grid AS g WHERE g.scenario_id = s.id"
        "   AND g.area_code = ANY(:communities))) ORDER BY s.id",
        id=scenario_id,
        communities=list(communities),
    )


def due(tx: Transaction, day: date) -> list[int]:
    """Give the published scenarios whose day has come, the earliest first."""
    rows = tx.all(
        "SELECT id FROM scenario WHERE state = 'published' AND applied_at IS NULL"
        " AND effective_from <= :day ORDER BY effective_from, id",
        day=day,
    )
    return [int(row["id"]) for row in rows]


def scheduled(tx: Transaction, day: date) -> list[Row]:
    """Give what is published for a day to come, up to a day, the earliest first."""
    return tx.all(
        "SELECT id, name, area_code, effective_from FROM scenario WHERE state = 'published'"
        " AND applied_at IS NULL AND effective_from <= :day ORDER BY effective_from, id",
        day=day,
    )


def lock_communities(tx: Transaction, communities: Sequence[str]) -> None:
    """Let nobody else publish in these communities until this transaction ends."""
    for code in sorted(communities):
        tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"grids {code}")


def highest_number(tx: Transaction, community: str) -> int:
    """Give the highest number that a grid of a community has ever had."""
    return int(
        tx.value(
            "SELECT greatest((SELECT last FROM grid_number WHERE area_code = :code),"
            " (SELECT max(right(code, 3)::int) FROM grid WHERE area_code = :code), 0)",
            code=community,
        )
    )


def give_codes(tx: Transaction, scenario_id: int, community: str, codes: dict[str, str]) -> None:
    """Give new grids of a community their codes, which nobody gets again."""
    for key, code in codes.items():
        tx.execute(
            "UPDATE scenario_grid SET code = :code WHERE scenario_id = :id AND key = :key",
            id=scenario_id,
            key=key,
            code=code,
        )
    last = max(int(code[12:]) for code in codes.values())
    tx.execute(
        "INSERT INTO grid_number AS n (area_code, last) VALUES (:code, :last)"
        " ON CONFLICT (area_code) DO UPDATE SET last = greatest(n.last, excluded.last)",
        code=community,
        last=last,
    )


def take_codes_back(tx: Transaction, scenario_id: int) -> None:
    """Leave new grids without a code again; the codes stay used."""
    tx.execute(
        "UPDATE scenario_grid SET code = NULL WHERE scenario_id = :id AND base_id IS NULL",
        id=scenario_id,
    )


def end_grids(tx: Transaction, scenario_id: int, day: date) -> list[Row]:
    """End the grids in force that a scenario changes or drops; give their codes and which go."""
    return tx.all(
        "UPDATE grid AS g SET valid_to = greatest(g.valid_from, :day) FROM scenario_base AS b"
        " LEFT JOIN scenario_grid AS s ON s.scenario_id = b.scenario_id AND s.key = b.code"
        " WHERE b.scenario_id = :id AND g.id = b.grid_id AND g.valid_to IS NULL"
        " AND (s.key IS NULL OR s.changed) RETURNING g.code, g.area_code, s.key IS NULL AS gone",
        id=scenario_id,
        day=day,
    )


def begin_grids(tx: Transaction, scenario_id: int, day: date) -> list[Row]:
    """Bring the changed and the new grids of a scenario into force; give their codes."""
    return tx.all(
        "INSERT INTO grid (code, area_code, name, kind, special_use, version, valid_from,"
        "  households, people, measures, geom, label_point)"
        " SELECT s.code, s.area_code, s.name, s.kind, s.special_use,"
        "  1 + coalesce((SELECT max(version) FROM grid WHERE code = s.code), 0), :day,"
        "  s.households, s.people, s.measures - CAST(:passing AS text[]), s.geom, s.label_point"
        " FROM scenario_grid AS s WHERE s.scenario_id = :id AND s.changed"
        " RETURNING code, area_code",
        id=scenario_id,
        day=day,
        passing=list(_PASSING),
    )


def set_applied(tx: Transaction, scenario_id: int) -> None:
    """Note that the grids of a scenario are in force."""
    tx.execute("UPDATE scenario SET applied_at = clock_timestamp() WHERE id = :id", id=scenario_id)


def successors(tx: Transaction, scenario_id: int) -> dict[str, str]:
    """Tell for each grid that goes which one has most of its ground now."""
    rows = tx.all(
        "SELECT DISTINCT ON (b.code) b.code AS old, s.code AS new FROM scenario_base AS b"
        " JOIN grid AS g ON g.id = b.grid_id"
        " JOIN scenario_grid AS s ON s.scenario_id = b.scenario_id AND s.geom && g.geom"
        "  AND (s.area_code = g.area_code OR EXISTS (SELECT 1 FROM merged_community AS m"
        "   WHERE m.code = s.area_code AND g.area_code = ANY(m.communities)))"
        "  AND ST_Intersects(s.geom, g.geom)"
        "  AND s.kind = 'comprehensive' AND g.kind = 'comprehensive'"
        " WHERE b.scenario_id = :id AND NOT EXISTS (SELECT 1 FROM scenario_grid AS k"
        "  WHERE k.scenario_id = b.scenario_id AND k.key = b.code)"
        " ORDER BY b.code, ST_Area(ST_Intersection(s.geom, g.geom)) DESC, s.code",
        id=scenario_id,
    )
    return {row["old"]: row["new"] for row in rows}


def parents(tx: Transaction, scenario_id: int) -> dict[str, str]:
    """Tell for each new grid from which one it was split."""
    rows = tx.all(
        "SELECT code, parent FROM scenario_grid WHERE scenario_id = :id AND base_id IS NULL"
        " AND parent IS NOT NULL",
        id=scenario_id,
    )
    return {row["code"]: row["parent"] for row in rows}


def special_parents(tx: Transaction, scenario_id: int) -> dict[str, str]:
    """Tell for each special grid that gets another code which one it has been."""
    rows = tx.all(
        "SELECT code, parent FROM scenario_grid WHERE scenario_id = :id AND kind = 'special'"
        " AND parent IS NOT NULL AND parent <> code",
        id=scenario_id,
    )
    return {row["code"]: row["parent"] for row in rows}


def guard(tx: Transaction, community: str) -> None:
    """Let the database itself look for gaps, overlaps and households without a grid."""
    tx.execute("SELECT grids_guard(:code)", code=community)
