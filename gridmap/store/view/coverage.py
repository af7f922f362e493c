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


def by_grid(tx: Transaction, run_id: int) -> list[Row]:
    """Give a run's sums by grid, the worst first; households without a grid by community."""
    return tx.all(
        "SELECT code, label, households, uncovered, people, people_uncovered, always, sometimes,"
        " never, score, score_people, score_low, worst_seconds, worst_metres,"
        " (SELECT reason.key FROM jsonb_each(by_reason) AS reason"
        "  ORDER BY reason.value DESC, reason.key LIMIT 1) AS main_reason FROM ("
        "SELECT l.area_code AS code,"
        " CASE WHEN length(l.area_code) = 15 THEN substr(l.area_code, 10, 3) || '-' ||"
        "  substr(l.area_code, 13, 3) ELSE l.area_code END AS label,"
        " sum(p.households)::int AS households, sum(p.uncovered)::int AS uncovered,"
        " sum(p.people)::int AS people, sum(p.people_uncovered)::int AS people_uncovered,"
        " sum(p.always)::int AS always, sum(p.sometimes)::int AS sometimes,"
        " sum(p.never)::int AS never,"
        " (sum(p.score_sum) / nullif(sum(p.score_people), 0))::float8 AS score,"
        " sum(p.score_people)::int AS score_people, sum(p.score_low)::int AS score_low,"
        " max(p.worst_seconds)::float8 AS worst_seconds,"
        " max(p.worst_metres)::float8 AS worst_metres,"
        # two parts only where communities have been merged since
        " (array_agg(p.by_reason ORDER BY p.uncovered DESC))[1] AS by_reason"
        " FROM coverage_run_part AS l JOIN coverage_part AS p ON p.id = l.part_id"
        " WHERE l.run_id = :id GROUP BY l.area_code) AS g"
        " ORDER BY people_uncovered DESC, code",
        id=run_id,
    )
