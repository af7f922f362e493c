"""Mutual aid: a team asked of another area, answered by its own office, lent for a time, returned.

The two areas may see nothing else of each other. What each learns of the other's is copied into
the loan when it is asked for: number, category, level and place of the incident; kind, name and
size of the team.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gridmap.model import message_words
from gridmap.model.access import Permission, Scope, system_scope
from gridmap.model.problem import Problem, conflict, not_found
from gridmap.problems import bad_value
from gridmap.services import messages
from gridmap.services.access import Viewer
from gridmap.services.team_loan_views import areas_of, one, payload, sides_of
from gridmap.store import event
from gridmap.store import team_loan as rows
from gridmap.store.database import Database, Row, Transaction

_MAY = Permission.INCIDENT_DISPATCH
_LONGEST = timedelta(days=30)


def accept(  # noqa: PLR0913, PLR0917 - which, upon which version, until when and why
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    loan_id: int,
    seen: int,
    until: datetime | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Lend a team, by the office whose it is.

    Raises
    ------
    Problem
        400 for a time that is over or too far; 403; 404; 409 where it was answered, somebody was
        faster, the team is off duty or lent already.
    """
    with _held(database, viewer, request_id, loan_id, seen, "lender") as (tx, row):
        _in_state(row, "asked")
        ends = _until(until or row["asked_until"])
        if not row["exercise"] and rows.lent_elsewhere(tx, row["team_id"]):
            raise conflict("this team is lent already")
        rows.accept(tx, loan_id, ends, reason)
        _answer_to(
            tx,
            row,
            "help_lent",
            {"until": _at(ends, database)},
        )
        for code in areas_of(row):
            event.record(
                tx,
                "team.lent",
                area_code=code,
                subject_id=loan_id,
                payload=payload(row) | {"until": ends.isoformat()},
            )
    return one(database, viewer, loan_id)


def decline(  # noqa: PLR0913, PLR0917 - which, upon which version and why
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    loan_id: int,
    seen: int,
    reason: str,
) -> dict[str, Any]:
    """Say no, with the reason that the other side reads (Problems as `accept`)."""
    with _held(database, viewer, request_id, loan_id, seen, "lender") as (tx, row):
        _in_state(row, "asked")
        rows.decline(tx, loan_id, reason)
        _answer_to(tx, row, "help_declined", {"reason": reason})
        for code in areas_of(row):
            event.record(
                tx, "team.declined", area_code=code, subject_id=loan_id, payload=payload(row)
            )
    return one(database, viewer, loan_id)


def extend(  # noqa: PLR0913, PLR0917 - which, upon which version and until when
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    loan_id: int,
    seen: int,
    until: datetime,
) -> dict[str, Any]:
    """Lend for longer, or for less long, by the office whose team it is (Problems as `accept`)."""
    with _held(database, viewer, request_id, loan_id, seen, "lender") as (tx, row):
        _in_state(row, "accepted")
        ends = _until(until)
        rows.extend(tx, loan_id, ends)
        for code in areas_of(row):
            event.record(
                tx,
                "team.loan_extended",
                area_code=code,
                subject_id=loan_id,
                payload=payload(row) | {"until": ends.isoformat()},
            )
    return one(database, viewer, loan_id)


def withdraw(
    database: Database, viewer: Viewer, request_id: str | None, loan_id: int, seen: int
) -> dict[str, Any]:
    """Take an asking back, by those who asked (Problems as `accept`)."""
    with _held(database, viewer, request_id, loan_id, seen, "borrower") as (tx, row):
        _in_state(row, "asked")
        rows.end(tx, loan_id, "withdrawn")
        for code in areas_of(row):
            event.record(
                tx, "team.withdrawn", area_code=code, subject_id=loan_id, payload=payload(row)
            )
    return one(database, viewer, loan_id)


def give_back(
    database: Database, viewer: Viewer, request_id: str | None, loan_id: int, seen: int
) -> dict[str, Any]:
    """Note that a team is back, by either side; not while it is still at an incident there."""
    with _held(database, viewer, request_id, loan_id, seen, None) as (tx, row):
        _in_state(row, "accepted")
        number = None if row["exercise"] else rows.at_work(tx, row["team_id"], row["area_code"])
        if number is not None:
            raise conflict(f"the team is still at incident {number}")
        rows.end(tx, loan_id, "returned")
        for code in areas_of(row):
            event.record(
                tx, "team.returned", area_code=code, subject_id=loan_id, payload=payload(row)
            )
    return one(database, viewer, loan_id)


@contextmanager
def _held(  # noqa: PLR0913, PLR0917 - who, which, upon which version and as what
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    loan_id: int,
    seen: int,
    side: str | None,
) -> Iterator[tuple[Transaction, Row]]:
    """Hold a loan for a step of one side, in a transaction that reaches both."""
    with database.transaction(viewer.scope(_MAY)) as tx:
        found = rows.read(tx, loan_id)
    if found is None or not sides_of(viewer, found):
        raise not_found(f"team loan {loan_id}")
    if side is not None and side not in sides_of(viewer, found):
        raise Problem(403, "Not allowed", f"Only the {side}'s office does this")
    with database.transaction(_both(viewer, request_id)) as tx:
        row = rows.read(tx, loan_id, lock=True)
        assert row is not None
        if row["revision"] != seen:
            raise Problem(409, "Conflict", "Somebody was faster. Look at it again, then decide")
        yield tx, row


def _both(viewer: Viewer, request_id: str | None) -> Scope:
    return replace(system_scope(), user_id=viewer.id, request_id=request_id)


def _in_state(row: Row, state: str) -> None:
    if row["state"] != state:
        raise conflict(f"this loan is {row['state']}")


def _until(until: datetime) -> datetime:
    now = datetime.now(UTC)
    if not now < until <= now + _LONGEST:
        raise bad_value("until", "a time within the next 30 days is needed")
    return until


def _at(moment: datetime, database: Database) -> str:
    return moment.astimezone(database.zone).strftime("%m-%d %H:%M")


def _answer_to(tx: Transaction, row: Row, kind: str, more: Mapping[str, str]) -> None:
    """Write to whoever asked."""
    if row["asked_by"] is None:
        return
    messages.queue(
        tx,
        area_code=row["area_code"],
        key=f"loan-answer-{row['id']}",
        about=f"team_loan:{row['id']}",
        kind=kind,
        text=message_words.in_each(
            kind,
            {
                **more,
                "team": message_words.pair(row["team_name"], row["team_name_en"]),
                "number": row["incident_number"],
            },
        ),
        to=[messages.Recipient("inbox", user=row["asked_by"])],
        exercise=row["exercise"],
    )
