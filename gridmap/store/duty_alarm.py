"""Alarms: grave reports and hazards, responses that start, until somebody takes them."""

from gridmap.store.database import Row, Transaction
from gridmap.store.view.emergency import OPEN_STATES

_HOURS = 24  # an alarm that is older has been seen, or nobody is on duty at all


def _alarming(english: bool) -> str:
    def named(table: str, column: str) -> str:
        return (
            f"coalesce({table}.{column}_en, {table}.{column})" if english else f"{table}.{column}"
        )

    return (
        "SELECT 'incident' AS subject, i.id::text AS id, 'incident.reported' AS kind,"
        f" i.level::int AS level, i.number, {named('i', 'title')} AS title, false AS exercise,"
        " i.reported_by AS by_id, i.state = 'reported' AS waiting FROM incident AS i"
        f" WHERE i.level IN (1, 2) AND i.state IN {OPEN_STATES}"
        f" AND i.reported_at > now() - interval '{_HOURS} hours'"
        " UNION ALL"
        " SELECT 'hazard', h.id::text, 'hazard.declared',"
        f" CASE h.severity WHEN 'red' THEN 1 ELSE 2 END, NULL, {named('h', 'name')}, h.exercise,"
        " h.declared_by, true FROM hazard AS h"
        " WHERE h.severity IN ('red', 'orange') AND h.state = 'declared'"
        f" AND h.declared_at > now() - interval '{_HOURS} hours'"
        " UNION ALL"
        " SELECT 'response', r.id::text, 'response.started', CASE r.level WHEN 1 THEN 1 ELSE 2 END,"
        " NULL, r.matter, r.exercise, r.started_by, true FROM response AS r"
        f" WHERE r.state = 'open' AND r.started_at > now() - interval '{_HOURS} hours'"
        # households nobody has woken, by plan and by the level that has to take over
        " UNION ALL"
        " SELECT DISTINCT 'call_out', c.plan_id || '-' || v.level, 'call_out.escalated',"
        f" v.alarm, NULL::bigint, {named('z', 'name')}, z.exercise, NULL::bigint, true"
        " FROM call_out AS c JOIN plan AS p ON p.id = c.plan_id AND p.state = 'active'"
        " JOIN hazard AS z ON z.id = p.hazard_id"
        " JOIN (VALUES ('township', 2), ('county', 1)) AS v(level, alarm)"
        "  ON c.level = v.level OR c.level = 'county'"
        " WHERE c.state IN ('waiting', 'called', 'no_answer') AND c.level <> 'village'"
    )


def alarms(tx: Transaction, since: int, english: bool) -> list[Row]:
    """Give the alarms after an event's number, with who took each; oldest first.

    What work has begun on is taken: a report that somebody verified rings nowhere.
    """
    return tx.all(
        "SELECT e.seq, e.at, e.area_code, x.subject, x.id, x.level, x.number, x.title,"
        " x.exercise, x.by_id, x.waiting, t.at AS taken_at, u.display_name AS taken_by"
        f" FROM ({_alarming(english)}) AS x"
        " JOIN LATERAL (SELECT seq, at, area_code FROM event WHERE subject = x.subject"
        "  AND subject_id = x.id AND kind = x.kind ORDER BY seq LIMIT 1) AS e ON true"
        " LEFT JOIN alarm_taken AS t ON t.area_code = e.area_code AND t.event_seq = e.seq"
        " LEFT JOIN app_user AS u ON u.id = t.user_id"
        " WHERE e.seq > :since ORDER BY e.seq LIMIT 500",
        since=since,
    )


def event_of(tx: Transaction, seq: int) -> Row | None:
    """Give the event of an alarm, or None if there is none with this number in scope."""
    return tx.maybe(
        "SELECT seq, kind, area_code, subject, subject_id,"
        " coalesce((payload ->> 'exercise')::boolean, false) AS exercise FROM event"
        " WHERE seq = :seq AND kind IN ('incident.reported', 'hazard.declared',"
        " 'response.started', 'call_out.escalated')",
        seq=seq,
    )


def take(tx: Transaction, seq: int, area_code: str) -> bool:
    """Take an alarm; False if somebody was first, which the key decides."""
    return bool(
        tx.execute(
            "INSERT INTO alarm_taken (area_code, event_seq, user_id)"
            " VALUES (:code, :seq, :user_id) ON CONFLICT DO NOTHING",
            code=area_code,
            seq=seq,
            user_id=tx.scope.user_id,
        )
    )


def taken(tx: Transaction, seq: int, area_code: str) -> Row:
    """Give who took an alarm and when."""
    return tx.one(
        "SELECT t.at, t.user_id, u.display_name AS by FROM alarm_taken AS t"
        " JOIN app_user AS u ON u.id = t.user_id"
        " WHERE t.area_code = :code AND t.event_seq = :seq",
        code=area_code,
        seq=seq,
    )
