"""Soft locks: who has a grid of a scenario in hand, until when."""

from collections.abc import Sequence

from gridmap.store.database import Row, Transaction


def listing(tx: Transaction, scenario_id: int, keys: Sequence[str] | None = None) -> list[Row]:
    """Give the locks that have not run out: `grid`, `label`, `user_id`, `name`, `until`."""
    return tx.all(
        "SELECT l.key AS grid, substr(g.area_code, 10, 3) || '-' || CASE WHEN g.code IS NULL"
        " THEN g.key ELSE right(g.code, 3) END AS label, l.user_id, u.display_name AS name,"
        " l.until FROM scenario_lock AS l JOIN scenario_grid AS g"
        "  ON g.scenario_id = l.scenario_id AND g.key = l.key"
        " LEFT JOIN app_user AS u ON u.id = l.user_id"
        " WHERE l.scenario_id = :id AND l.until > clock_timestamp()"
        " AND (CAST(:keys AS text[]) IS NULL OR l.key = ANY(CAST(:keys AS text[])))"
        ' ORDER BY l.key COLLATE "C"',
        id=scenario_id,
        keys=None if keys is None else list(keys),
    )


def in_turn(tx: Transaction, scenario_id: int) -> None:
    """Let one transaction at a time change the locks of a scenario: none waits in a circle."""
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))",
        name=f"scenario locks {scenario_id}",
    )


def now(tx: Transaction) -> Row:
    """Give the server's clock, by which locks run out: `now`."""
    return tx.one("SELECT clock_timestamp() AS now")


def take(
    tx: Transaction, scenario_id: int, area_code: str, keys: Sequence[str], seconds: int
) -> set[str]:
    """Take grids in hand that nobody else has, or keep them so; give those that were new."""
    rows = tx.all(
        "INSERT INTO scenario_lock AS l (scenario_id, key, area_code, user_id, until)"
        " SELECT :id, k.key, :area_code, :user,"
        "  clock_timestamp() + make_interval(secs => :seconds)"
        " FROM unnest(CAST(:keys AS text[])) AS k(key)"
        " ON CONFLICT (scenario_id, key) DO UPDATE SET user_id = excluded.user_id,"
        "  until = excluded.until WHERE l.user_id = excluded.user_id"
        "  OR l.until <= clock_timestamp()"
        " RETURNING key, (xmax = 0) AS fresh",
        id=scenario_id,
        area_code=area_code,
        user=tx.scope.user_id,
        keys=sorted(keys),
        seconds=seconds,
    )
    return {row["key"] for row in rows if row["fresh"]}


def release(tx: Transaction, scenario_id: int, but: Sequence[str]) -> set[str]:
    """Let go what this person has in hand, but for some; give what was let go."""
    rows = tx.all(
        "DELETE FROM scenario_lock WHERE scenario_id = :id AND user_id = :user"
        " AND key <> ALL(CAST(:but AS text[])) RETURNING key",
        id=scenario_id,
        user=tx.scope.user_id,
        but=list(but),
    )
    return {row["key"] for row in rows}


def sweep(tx: Transaction, scenario_id: int) -> set[str]:
    """Forget locks that have run out, and those of grids that are gone."""
    rows = tx.all(
        "DELETE FROM scenario_lock AS l WHERE l.scenario_id = :id AND (l.until <= clock_timestamp()"
        " OR NOT EXISTS (SELECT 1 FROM scenario_grid AS g WHERE g.scenario_id = l.scenario_id"
        "  AND g.key = l.key)) RETURNING l.key",
        id=scenario_id,
    )
    return {row["key"] for row in rows}


def extend(tx: Transaction, scenario_id: int, keys: Sequence[str], seconds: int) -> None:
    """Keep in hand for longer what this person has in hand."""
    tx.execute(
        "UPDATE scenario_lock SET until = clock_timestamp() + make_interval(secs => :seconds)"
        " WHERE scenario_id = :id AND user_id = :user AND key = ANY(CAST(:keys AS text[]))",
        id=scenario_id,
        user=tx.scope.user_id,
        keys=list(keys),
        seconds=seconds,
    )
