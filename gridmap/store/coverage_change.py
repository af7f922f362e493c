"""What has become of cover lately: events of change, and who is without cover since."""

from collections.abc import Sequence

from gridmap.store.database import Row, Transaction

_HOURS = 24  # what is older is how things are, and stands in the figures of the newest run

# of a run, the households of parts that the other run does not have: what both have is the same.
# INTERSECT hashes or sorts; the planner joins the same two sets row by row, for it guesses few
_OWN = (
    "SELECT u.id FROM coverage_part AS p"
    " CROSS JOIN LATERAL unnest(p.household_ids, p.covered, p.asleep) AS u (id, covered, asleep)"
    " WHERE p.id IN (SELECT part_id FROM coverage_run_part WHERE run_id = {run}"
    "  EXCEPT SELECT part_id FROM coverage_run_part WHERE run_id = {other}) AND {kept}"
)
_LOST = " INTERSECT ".join(
    (
        _OWN.format(run=":before", other=":now", kept="(u.covered OR u.asleep)"),
        _OWN.format(run=":now", other=":before", kept="NOT u.covered AND u.asleep IS NOT TRUE"),
    )
)


def recent(tx: Transaction, since: int) -> list[Row]:
    """Give the changes of cover of the last day after an event's number, the newest first."""
    return tx.all(
        "SELECT seq, at, area_code, payload FROM event WHERE subject = 'coverage'"
        f" AND kind = 'coverage.changed' AND at > now() - interval '{_HOURS} hours'"
        " AND seq > :since ORDER BY seq DESC LIMIT 500",
        since=since,
    )


def lost(tx: Transaction, before: int, now: int) -> list[int]:
    """Give the ids of the households that an earlier run covered and a later one does not.

    A household that the later run does not know has moved or is gone: it has lost nothing; nor
    has one that is without at this hour only (`coverage_cover`).
    """
    found = tx.value(
        f"SELECT coalesce(array_agg(id ORDER BY id), '{{}}') FROM ({_LOST}) AS lost",
        before=before,
        now=now,
    )
    return [int(each) for each in found]


def sums(tx: Transaction, households: Sequence[int]) -> Row:
    """Count households, their people, and those of them with needs."""
    return tx.one(
        "SELECT count(*)::int AS lost, coalesce(sum(h.people), 0)::int AS people_lost,"
        " (SELECT count(DISTINCT n.household_id) FROM household_need AS n"
        "  WHERE n.household_id = ANY(:ids))::int AS with_needs_lost"
        " FROM household AS h WHERE h.id = ANY(:ids)",
        ids=list(households),
    )


def places(tx: Transaction, run_id: int, households: Sequence[int]) -> list[Row]:
    """Give households of a run with people, reason, lon and lat, by id."""
    return tx.all(
        "WITH found AS MATERIALIZED (SELECT household_id, reason FROM coverage_result"
        "  WHERE run_id = :run AND household_id = ANY(:ids))"
        " SELECT h.id, h.people, found.reason, ST_X(h.geom) AS lon, ST_Y(h.geom) AS lat"
        " FROM household AS h JOIN found ON found.household_id = h.id"
        " WHERE h.id = ANY(:ids) AND h.geom IS NOT NULL ORDER BY h.id",
        run=run_id,
        ids=list(households),
    )
