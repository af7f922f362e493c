"""Coverage runs as lists for a page."""

from gridmap.store.database import Row, Transaction


def runs(tx: Transaction, standard_key: str | None, limit: int = 50) -> list[Row]:
    """List the newest runs in scope, of one standard or of all."""
    return tx.all(
        "SELECT r.id, r.area_code, r.standard_key, r.standard, r.input_version, r.totals,"
        " r.created_at, j.started_at, r.job_id FROM coverage_run r"
        " LEFT JOIN job j ON j.id = r.job_id"
        " WHERE CAST(:key AS text) IS NULL OR r.standard_key = :key"
        " ORDER BY r.id DESC LIMIT :limit",
        key=standard_key,
        limit=limit,
    )


def run_exists(tx: Transaction, run_id: int) -> bool:
    """Tell whether a run is there and in scope."""
    return bool(tx.value("SELECT EXISTS (SELECT 1 FROM coverage_run WHERE id = :id)", id=run_id))


def by_grid(tx: Transaction, run_id: int) -> list[Row]:
    """Sum a run up by grid, the worst first; households without a grid under their community."""
    return tx.all(
        "SELECT r.area_code AS code,"
        " CASE WHEN length(r.area_code) = 15 THEN substr(r.area_code, 10, 3) || '-' ||"
        "  substr(r.area_code, 13, 3) ELSE r.area_code END AS label,"
        " count(*)::int AS households,"
        " count(*) FILTER (WHERE NOT r.covered)::int AS uncovered,"
        " coalesce(sum(h.people) FILTER (WHERE NOT r.covered), 0)::int AS people_uncovered,"
        " max(r.seconds)::float8 AS worst_seconds,"
        " max(r.metres)::float8 AS worst_metres,"
        " mode() WITHIN GROUP (ORDER BY r.reason) FILTER (WHERE NOT r.covered) AS main_reason"
        " FROM coverage_result r JOIN household h ON h.id = r.household_id"
        " WHERE r.run_id = :id GROUP BY r.area_code"
        " ORDER BY people_uncovered DESC, r.area_code",
        id=run_id,
    )
