"""The duty desk: who is on it, and what was done there."""

from collections.abc import Sequence
from datetime import datetime

from gridmap.store.database import Row, Transaction

# What happened to these nouns belongs into the log of the desk.
SUBJECTS = ("incident", "hazard", "plan", "alarm", "duty", "grids")

_SHIFT = (
    "SELECT s.id, s.area_code, s.leader, s.officers, s.starts_at, s.ends_at, s.handed_over_at,"
    " s.handover, u.display_name AS started_by FROM duty_shift s"
    " LEFT JOIN app_user u ON u.id = s.started_by"
)


def shift(tx: Transaction, areas: Sequence[str]) -> Row | None:
    """Give the shift on duty in the first of these areas that has one, or None."""
    return tx.maybe(
        f"{_SHIFT} WHERE s.handed_over_at IS NULL AND s.area_code = ANY(:areas)"
        " ORDER BY length(s.area_code), s.area_code LIMIT 1",
        areas=list(areas),
    )


def last_handover(tx: Transaction, areas: Sequence[str]) -> Row | None:
    """Give the shift that handed over last, with its words, or None."""
    return tx.maybe(
        f"{_SHIFT} WHERE s.handover IS NOT NULL AND s.area_code = ANY(:areas)"
        " ORDER BY s.handed_over_at DESC, s.id DESC LIMIT 1",
        areas=list(areas),
    )


def begin(
    tx: Transaction,
    area_code: str,
    leader: str,
    officers: Sequence[str],
    ends_at: datetime,
) -> int | None:
    """Begin a shift; None while another is on duty. One that has run out ends at its own time."""
    tx.execute(
        "UPDATE duty_shift SET handed_over_at = ends_at"
        " WHERE area_code = :code AND handed_over_at IS NULL AND ends_at <= now()",
        code=area_code,
    )
    found = tx.value(
        "INSERT INTO duty_shift (area_code, leader, officers, starts_at, ends_at, started_by)"
        " VALUES (:code, :leader, :officers, now(), :ends_at, :user_id)"
        " ON CONFLICT (area_code) WHERE handed_over_at IS NULL DO NOTHING RETURNING id",
        code=area_code,
        leader=leader,
        officers=list(officers),
        ends_at=ends_at,
        user_id=tx.scope.user_id,
    )
    return None if found is None else int(found)


def hand_over(tx: Transaction, area_code: str, text: str) -> Row | None:
    """End the shift on duty with what it hands over; None when nobody is on duty."""
    return tx.maybe(
        "UPDATE duty_shift SET handed_over_at = now(), handover = :text"
        " WHERE area_code = :code AND handed_over_at IS NULL RETURNING id, area_code",
        code=area_code,
        text=text,
    )


def write(tx: Transaction, area_code: str, text: str) -> int:
    """Write a free entry; give its id."""
    return int(
        tx.value(
            "INSERT INTO duty_log_entry (area_code, duty_shift_id, text, user_id) SELECT :code,"
            " (SELECT id FROM duty_shift WHERE area_code = :code AND handed_over_at IS NULL),"
            " :text, :user_id RETURNING id",
            code=area_code,
            text=text,
            user_id=tx.scope.user_id,
        )
    )


def log(tx: Transaction, before: int | None, limit: int, english: bool) -> list[Row]:
    """Give what was done, the newest first: events of the desk with the names they speak of."""

    def named(table: str, column: str = "name") -> str:
        plain = f"{table}.{column}"
        return f"coalesce({plain}_en, {plain})" if english else plain

    return tx.all(
        "WITH recent AS (SELECT e.seq, e.at, e.kind, e.subject, e.subject_id, e.payload,"
        "  e.user_id FROM event AS e WHERE e.subject = ANY(:subjects) AND e.kind NOT LIKE '%.read'"
        "  AND (CAST(:before AS bigint) IS NULL OR e.seq < :before)"
        "  ORDER BY e.seq DESC LIMIT :limit),"
        " about AS (SELECT r.*,"
        # an alarm speaks of what it is about; the cast is made for ids of that noun alone
        "  CASE WHEN r.subject = 'incident' THEN CAST(r.subject_id AS uuid)"
        "   WHEN r.subject = 'alarm' THEN CAST(r.payload ->> 'incident' AS uuid)"
        "   END AS incident_id,"
        "  CASE WHEN r.subject = 'hazard' THEN CAST(r.subject_id AS bigint)"
        "   WHEN r.subject = 'alarm' THEN CAST(r.payload ->> 'hazard' AS bigint)"
        "   END AS hazard_id,"
        "  CASE WHEN r.subject = 'plan' THEN CAST(r.subject_id AS bigint) END AS plan_id,"
        "  CASE WHEN r.kind = 'duty.logged' THEN CAST(r.subject_id AS bigint) END AS entry_id"
        "  FROM recent AS r)"
        " SELECT a.seq, a.at, a.kind, a.payload, a.incident_id, a.plan_id,"
        "  coalesce(a.hazard_id, p.hazard_id) AS hazard_id, u.display_name AS by,"
        f" i.number, {named('i', 'title')} AS title, {named('h')} AS hazard, h.exercise,"
        f" l.text, {named('w')} AS assignee FROM about AS a"
        " LEFT JOIN app_user AS u ON u.id = a.user_id"
        " LEFT JOIN incident AS i ON i.id = a.incident_id"
        " LEFT JOIN plan AS p ON p.id = a.plan_id"
        " LEFT JOIN hazard AS h ON h.id = coalesce(a.hazard_id, p.hazard_id)"
        " LEFT JOIN duty_log_entry AS l ON l.id = a.entry_id"
        " LEFT JOIN responder AS w ON w.id = CASE WHEN jsonb_typeof(a.payload -> 'team')"
        "  = 'number' THEN CAST(a.payload ->> 'team' AS bigint) END"
        " ORDER BY a.seq DESC",
        subjects=list(SUBJECTS),
        before=before,
        limit=limit,
    )
