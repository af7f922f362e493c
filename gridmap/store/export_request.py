"""Bulk exports: asked for by one, decided by another, made by a job, gone after a day."""

from collections.abc import Sequence
from typing import Any

from gridmap.store.database import Row, Transaction

HOURS = 24

_HEAD = (
    "SELECT e.id, e.area_code, a.name_zh AS area_name, e.kind, e.purpose, e.reason, e.fields,"
    " e.state, e.subject, e.requested_by, u.display_name AS requested_by_name,"
    " u.name AS requested_by_login,"
    " e.requested_at, e.decided_by, d.display_name AS decided_by_name, e.decided_at, e.decision,"
    " e.job_id, e.rows, e.bytes, e.made_at, e.expires_at"
    " FROM export_request e JOIN app_user u ON u.id = e.requested_by"
    " LEFT JOIN app_user d ON d.id = e.decided_by"
    " LEFT JOIN area a ON a.code = left(e.area_code, 12)"
)


def add(  # noqa: PLR0913 - the parts of a request
    tx: Transaction,
    *,
    area_code: str,
    kind: str,
    purpose: str,
    reason: str,
    fields: Sequence[str],
    subject: str | None = None,
) -> int:
    """Store a request of the person of the transaction; moves say of which borders."""
    return int(
        tx.value(
            "INSERT INTO export_request (area_code, kind, purpose, reason, fields, subject,"
            "  requested_by) VALUES (:area_code, :kind, :purpose, :reason, :fields, :subject,"
            "  :user_id) RETURNING id",
            area_code=area_code,
            kind=kind,
            purpose=purpose,
            reason=reason,
            fields=list(fields),
            subject=subject,
            user_id=tx.scope.user_id,
        )
    )


def read(tx: Transaction, export_id: int) -> Row | None:
    """Read one request; None when it is not here."""
    return tx.maybe(f"{_HEAD} WHERE e.id = :id", id=export_id)


def listing(tx: Transaction, *, own: int | None, limit: int = 200) -> list[Row]:
    """List requests, the newest first: one person's, or all in scope when `own` is None."""
    return tx.all(
        f"{_HEAD} WHERE (CAST(:own AS bigint) IS NULL OR e.requested_by = :own)"
        " ORDER BY e.id DESC LIMIT :limit",
        own=own,
        limit=limit,
    )


def waiting(tx: Transaction, user_id: int) -> int:
    """Count a person's requests nobody has decided."""
    return int(
        tx.value(
            "SELECT count(*) FROM export_request"
            " WHERE requested_by = :user AND state = 'requested'",
            user=user_id,
        )
    )


def emergency(tx: Transaction, area_code: str) -> bool:
    """Tell whether a hazard is declared in the county of an area, in earnest."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM hazard WHERE state = 'declared' AND NOT exercise"
            " AND (ends_at IS NULL OR ends_at > now()) AND left(area_code, 6) = left(:area, 6))",
            area=area_code,
        )
    )


def decide(tx: Transaction, export_id: int, state: str, decision: str | None) -> Row | None:
    """Decide a request that waits, unless it is one's own; None if there is none to decide.

    The state decides, in the statement that changes it: of two who decide at once, one does.
    """
    return tx.maybe(
        "UPDATE export_request SET state = :state, decided_by = :user, decided_at = now(),"
        " decision = :decision WHERE id = :id AND state = 'requested' AND requested_by <> :user"
        " RETURNING id, area_code, kind, requested_by",
        id=export_id,
        state=state,
        decision=decision,
        user=tx.scope.user_id,
    )


def set_job(tx: Transaction, export_id: int, job_id: int) -> None:
    """Note which job makes the file."""
    tx.execute("UPDATE export_request SET job_id = :job WHERE id = :id", id=export_id, job=job_id)


def store_file(tx: Transaction, export_id: int, area_code: str, content: bytes, rows: int) -> bool:
    """Store the file of an approved request; False if it is not to be made any more."""
    row = tx.maybe(
        "UPDATE export_request SET state = 'made', rows = :rows, bytes = :bytes, made_at = now(),"
        " expires_at = now() + make_interval(hours => :hours)"
        " WHERE id = :id AND state = 'approved' RETURNING expires_at",
        id=export_id,
        rows=rows,
        bytes=len(content),
        hours=HOURS,
    )
    if row is None:
        return False
    tx.execute(
        "INSERT INTO export_file (export_id, area_code, content, expires_at)"
        " VALUES (:id, :area_code, :content, :expires_at)",
        id=export_id,
        area_code=area_code,
        content=content,
        expires_at=row["expires_at"],
    )
    return True


def file(tx: Transaction, export_id: int) -> bytes | None:
    """Give the file of an export while it may be had."""
    found = tx.value(
        "SELECT content FROM export_file WHERE export_id = :id AND expires_at > now()",
        id=export_id,
    )
    return None if found is None else bytes(found)


def expire(tx: Transaction) -> list[Row]:
    """Delete files whose time is over, and those of emergencies that have ended; give them.

    A request nobody has decided for a week is over as well.
    """
    return tx.all(
        "WITH over AS (SELECT e.id FROM export_request e WHERE"
        " (e.state = 'made' AND (e.expires_at <= now() OR (e.purpose = 'emergency' AND NOT EXISTS"
        "  (SELECT 1 FROM hazard z WHERE z.state = 'declared' AND NOT z.exercise"
        "   AND (z.ends_at IS NULL OR z.ends_at > now())"
        "   AND left(z.area_code, 6) = left(e.area_code, 6)))))"
        " OR (e.state = 'requested' AND e.requested_at < now() - interval '7 days')"
        " FOR UPDATE SKIP LOCKED),"
        " gone AS (DELETE FROM export_file f USING over WHERE f.export_id = over.id)"
        " UPDATE export_request e SET state = 'expired' FROM over WHERE e.id = over.id"
        " RETURNING e.id, e.area_code"
    )


def household_rows(tx: Transaction, area_code: str, after: int, limit: int) -> list[Row]:
    """Read a page of households of an area with everything an export may hold, unmasked."""
    return tx.all(
        "SELECT h.id, h.area_code, h.address, h.unit, h.room, h.householder, h.phone, h.id_number,"
        " h.people, h.residence, h.registered_at, h.carer, h.carer_phone, h.needs_help,"
        " (SELECT string_agg(n.kind || ':' || n.people, ' ' ORDER BY n.kind) FROM household_need n"
        "  WHERE n.household_id = h.id) AS needs,"
        " (SELECT max(v.ended_at) FROM visit v WHERE v.household_id = h.id AND v.state = 'done')"
        "  AS last_visit"
        " FROM household h WHERE h.area_code ^@ :area AND h.id > :after ORDER BY h.id LIMIT :limit",
        area=area_code,
        after=after,
        limit=limit,
    )


def visit_rows(tx: Transaction, area_code: str, after: int, limit: int) -> list[Row]:
    """Read a page of visits of an area with everything an export may hold, unmasked."""
    return tx.all(
        "SELECT v.id, v.area_code, h.address, h.householder, h.phone, v.state, v.due_on,"
        " v.ended_at, array_to_string(v.kinds, ' ') AS needs, r.note"
        " FROM visit v JOIN household h ON h.id = v.household_id"
        " LEFT JOIN visit_result r ON r.visit_id = v.id"
        " WHERE v.area_code ^@ :area AND v.id > :after ORDER BY v.id LIMIT :limit",
        area=area_code,
        after=after,
        limit=limit,
    )


def volunteer_rows(tx: Transaction, area_code: str, after: int, limit: int) -> list[Row]:
    """Read a page of volunteers of an area; those who have left are in no file."""
    return tx.all(
        "SELECT id, area_code, area_code AS area, kind, name, organisation, phone,"
        " array_to_string(skills, ' ') AS skills, people, consented_on, active FROM volunteer"
        " WHERE area_code ^@ :area AND id > :after AND active ORDER BY id LIMIT :limit",
        area=area_code,
        after=after,
        limit=limit,
    )


ROWS: dict[str, Any] = {
    "households": household_rows,
    "visits": visit_rows,
    "volunteers": volunteer_rows,
}
