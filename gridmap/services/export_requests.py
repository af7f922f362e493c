"""Bulk exports: nothing about many people leaves unless one has asked and another has agreed."""

from collections.abc import Sequence
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.household import Purpose
from gridmap.model.problem import Problem, bad_input, forbidden, not_found
from gridmap.problems import fault, too_many
from gridmap.services.access import Viewer
from gridmap.store import care_rule, event, export_request, job
from gridmap.store.database import Database, Row, Transaction

KIND = "exports.make"
PURPOSES = (Purpose.VISIT, Purpose.EMERGENCY, Purpose.CORRECTION, Purpose.EXPORT)
FIELDS: dict[str, tuple[str, ...]] = {
    "households": (
        "id",
        "grid",
        "address",
        "unit",
        "room",
        "householder",
        "phone",
        "id_number",
        "people",
        "residence",
        "registered_at",
        "carer",
        "carer_phone",
        "needs_help",
        "needs",
        "last_visit",
    ),
    "visits": (
        "id",
        "grid",
        "address",
        "householder",
        "phone",
        "state",
        "due_on",
        "ended_at",
        "needs",
        "note",
    ),
    "volunteers": (
        "id",
        "area",
        "kind",
        "name",
        "organisation",
        "phone",
        "skills",
        "people",
        "consented_on",
        "active",
    ),
    # asked for where two drawings of grids are compared
    "moves": ("id", "address", "householder", "phone", "people", "needs", "source", "target"),
}
# Masking these leaves nothing: who may not read them cannot ask for them either.
UNMASKABLE = frozenset({"needs", "needs_help", "registered_at", "note", "last_visit"})
_SHORTEST_REASON, _LONGEST_REASON = 10, 500
_MOST_WAITING = 10
_WAIT_SECONDS = 3600


def request(  # noqa: PLR0913 - the parts of a request
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    *,
    kind: str,
    area_code: str,
    purpose: Purpose,
    reason: str,
    fields: Sequence[str],
    subject: str | None = None,
) -> dict[str, Any]:
    """Ask for a file of many people; somebody else decides.

    Raises
    ------
    Problem
        400 with the field that is wrong; 403 for what one's role may not read; 404 for an area
        that is not theirs; 409 for an emergency that nobody has declared; 429 after too many.
    """
    _check(kind, reason, fields)
    scope = viewer.scope(Permission.EXPORT_REQUEST, request_id)
    with database.transaction(scope) as tx:
        mine = viewer.may(Permission.EXPORT_REQUEST, area_code)
        if not mine or not care_rule.area_exists(tx, area_code):
            raise not_found(f"area {area_code}")
        _readable(viewer, area_code, kind, fields)
        if purpose is Purpose.EMERGENCY and not export_request.emergency(tx, area_code):
            raise Problem(
                409, "Conflict", "No hazard is declared here: there is no emergency to export for"
            )
        if export_request.waiting(tx, viewer.id) >= _MOST_WAITING:
            raise too_many("Too many of your exports wait for a decision", _WAIT_SECONDS)
        export_id = export_request.add(
            tx,
            area_code=area_code,
            kind=kind,
            purpose=purpose.value,
            reason=reason.strip(),
            fields=[name for name in FIELDS[kind] if name in fields],
            subject=subject,
        )
        found = export_request.read(tx, export_id)
        event.record(
            tx,
            "export.requested",
            area_code=area_code,
            subject_id=export_id,
            payload={"kind": kind, "purpose": purpose.value, "fields": list(fields)},
        )
    assert found is not None
    return _row(found, viewer)


def _check(kind: str, reason: str, fields: Sequence[str]) -> None:
    faults = []
    if kind not in FIELDS:
        faults.append(fault("kind", "one of " + ", ".join(FIELDS) + " is needed"))
    if not _SHORTEST_REASON <= len(reason.strip()) <= _LONGEST_REASON:
        faults.append(fault("reason", f"{_SHORTEST_REASON} to {_LONGEST_REASON} characters"))
    unknown = sorted(set(fields) - set(FIELDS.get(kind, fields)))
    if unknown or not fields:
        named = ", ".join(each[:40] for each in unknown[:5]) or "none"
        faults.append(fault("fields", f"these cannot be exported: {named}"))
    if faults:
        raise bad_input("This export cannot be asked for", faults)


def _readable(viewer: Viewer, area_code: str, kind: str, fields: Sequence[str]) -> None:
    if kind == "volunteers":
        # they gave their names and numbers to be called, to those who call them
        viewer.require(Permission.INCIDENT_DISPATCH, area_code)
        return
    if viewer.may(Permission.HOUSEHOLD_PERSONAL, area_code):
        return
    # whoever is visited has a need: the list itself says so
    closed = ["visits"] if kind == "visits" else sorted(UNMASKABLE & set(fields))
    if closed:
        raise forbidden(f"your role may not read: {', '.join(closed)}")


def listing(database: Database, viewer: Viewer) -> dict[str, Any]:
    """List one's own requests, and those one may decide."""
    with database.transaction(viewer.scope(Permission.EXPORT_REQUEST)) as tx:
        mine = export_request.listing(tx, own=viewer.id)
    others: list[Row] = []
    if viewer.may(Permission.EXPORT_APPROVE):
        with database.transaction(viewer.scope(Permission.EXPORT_APPROVE)) as tx:
            others = [
                row
                for row in export_request.listing(tx, own=None)
                if row["requested_by"] != viewer.id
            ]
    return {
        "items": [_row(row, viewer) for row in mine],
        "to_decide": [_row(row, viewer) for row in others if row["state"] == "requested"],
        "decided": [_row(row, viewer) for row in others if row["state"] != "requested"],
    }


def decide(  # noqa: PLR0913 - who decides what, how
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    export_id: int,
    *,
    agree: bool,
    reason: str | None = None,
) -> dict[str, Any]:
    """Agree to an export or refuse it; of two who decide at once, one does.

    Raises
    ------
    Problem
        400 for a refusal without a reason; 403 for one's own; 404; 409 when it is decided.
    """
    said = (reason or "").strip() or None
    if not agree and said is None:
        raise Problem(
            400, "Bad input", "A refusal says why", [fault("reason", "say why, in a few words")]
        )
    with database.transaction(viewer.scope(Permission.EXPORT_APPROVE, request_id)) as tx:
        state = "approved" if agree else "refused"
        row = export_request.decide(tx, export_id, state, said)
        if row is None:
            raise _undecidable(tx, viewer, export_id)
        event.record(
            tx,
            f"export.{state}",
            area_code=row["area_code"],
            subject_id=export_id,
            payload={"kind": row["kind"], "requested_by": row["requested_by"]},
        )
        if agree:
            number = job.request(
                tx,
                KIND,
                queue="default",
                area_code=row["area_code"],
                arguments={"export": export_id},
            )
            export_request.set_job(tx, export_id, number)
        found = export_request.read(tx, export_id)
    assert found is not None
    return _row(found, viewer)


def _undecidable(tx: Transaction, viewer: Viewer, export_id: int) -> Problem:
    found = export_request.read(tx, export_id)
    if found is None:
        return not_found(f"export {export_id}")
    if found["requested_by"] == viewer.id:
        return Problem(403, "Not allowed", "A second person decides: this is your own request")
    return Problem(
        409, "Conflict", "This export is decided already", more={"state": found["state"]}
    )


def download(
    database: Database, viewer: Viewer, request_id: str | None, export_id: int
) -> tuple[str, bytes]:
    """Give name and content of a file to the person who asked for it; each time leaves a trace.

    Raises
    ------
    Problem
        404 for anybody else's; 409 while it is not made; 410 when its day is over.
    """
    with database.transaction(viewer.scope(Permission.EXPORT_REQUEST, request_id)) as tx:
        row = export_request.read(tx, export_id)
        if row is None or row["requested_by"] != viewer.id:
            raise not_found(f"export {export_id}")
        content = export_request.file(tx, export_id) if row["state"] == "made" else None
        if content is None:
            if row["state"] in ("made", "expired"):
                raise _gone()
            raise Problem(409, "Conflict", "There is no file yet", more={"state": row["state"]})
        event.record(
            tx,
            "export.downloaded",
            area_code=row["area_code"],
            subject_id=export_id,
            payload={"rows": row["rows"], "bytes": row["bytes"]},
        )
    end = "xlsx" if row["kind"] == "moves" else "csv"
    return f"gridmap-{row['kind']}-{row['area_code']}-{export_id}.{end}", content


def _gone() -> Problem:
    return Problem(410, "No longer there", "The file was destroyed after its time; ask again")


def expire(database: Database, scope: Scope) -> int:
    """Destroy files whose time is over and those of emergencies that have ended."""
    with database.transaction(scope) as tx:
        gone = export_request.expire(tx)
        for row in gone:
            event.record(tx, "export.expired", area_code=row["area_code"], subject_id=row["id"])
    return len(gone)


def _row(row: Row, viewer: Viewer) -> dict[str, Any]:
    own = row["requested_by"] == viewer.id
    may = viewer.may(Permission.EXPORT_APPROVE, row["area_code"])
    waits = row["state"] == "requested"
    moments = ("requested_at", "decided_at", "made_at", "expires_at")
    return {
        "id": row["id"],
        "area": row["area_code"],
        "area_name": row["area_name"],
        "kind": row["kind"],
        "purpose": row["purpose"],
        "reason": row["reason"],
        "fields": list(row["fields"]),
        "state": row["state"],
        "requested_by": row["requested_by_name"],
        "own": own,
        "decided_by": row["decided_by_name"],
        "decision": row["decision"],
        "job": row["job_id"] if own else None,
        "rows": row["rows"],
        "bytes": row["bytes"],
        **{name: row[name].isoformat() if row[name] else None for name in moments},
        "can": [
            *(["approve", "refuse"] if waits and may and not own else []),
            *(["download"] if own and row["state"] == "made" else []),
        ],
    }
