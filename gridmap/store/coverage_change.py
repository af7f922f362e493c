"""What has become of cover lately: events of change, and who is without cover since."""

from gridmap.store.database import Row, Transaction

_HOURS = 24  # what is older is how things are, and stands in the figures of the newest run

# households that the run before covered and the run now does not; parts they share are the same
_LOST = (
    "WITH was AS (SELECT u.id FROM coverage_run_part AS l"
    "  JOIN coverage_part AS p ON p.id = l.part_id"
    "  CROSS JOIN LATERAL unnest(p.household_ids, p.covered) AS u(id, covered)"
    "  WHERE l.run_id = :before AND u.covered AND NOT EXISTS (SELECT 1 FROM coverage_run_part AS m"
    "   WHERE m.run_id = :now AND m.part_id = l.part_id)),"
    " now AS (SELECT u.id, u.reason FROM coverage_run_part AS l"
    "  JOIN coverage_part AS p ON p.id = l.part_id"
    "  CROSS JOIN LATERAL unnest(p.household_ids, p.covered, p.reasons) AS u(id, covered, reason)"
    "  WHERE l.run_id = :now AND NOT u.covered AND NOT EXISTS ("
    "   SELECT 1 FROM coverage_run_part AS m"
    "   WHERE m.run_id = :before AND m.part_id = l.part_id)),"
    " lost AS (SELECT h.id, h.people, h.geom, (ARRAY['too_far', 'no_road', 'cut_off', 'full',"
    "  'closed', 'not_snapped'])[now.reason] AS reason, EXISTS (SELECT 1 FROM household_need AS n"
    "  WHERE n.household_id = h.id) AS needs"
    "  FROM was JOIN now USING (id) JOIN household AS h ON h.id = was.id)"
)


def recent(tx: Transaction, since: int) -> list[Row]:
    """Give the changes of cover of the last day after an event's number, the newest first."""
    return tx.all(
        "SELECT seq, at, area_code, payload FROM event WHERE subject = 'coverage'"
        f" AND kind = 'coverage.changed' AND at > now() - interval '{_HOURS} hours'"
        " AND seq > :since ORDER BY seq DESC LIMIT 500",
        since=since,
    )


def sums(tx: Transaction, before: int, now: int) -> Row:
    """Count who has lost cover between two runs: households, people, households with needs."""
    return tx.one(
        f"{_LOST} SELECT count(*)::int AS lost, coalesce(sum(people), 0)::int AS people_lost,"
        " count(*) FILTER (WHERE needs)::int AS with_needs_lost FROM lost",
        before=before,
        now=now,
    )


def lost(tx: Transaction, before: int, now: int, limit: int) -> list[Row]:
    """Give who has lost cover between two runs: id, people, reason, lon, lat; by id."""
    return tx.all(
        f"{_LOST} SELECT id, people, reason, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM lost"
        " WHERE geom IS NOT NULL ORDER BY id LIMIT :limit",
        before=before,
        now=now,
        limit=limit,
    )
