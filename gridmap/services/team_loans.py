"""Mutual aid: a team asked of another area, answered by its own office, lent for a time, returned.

The two areas may see nothing else of each other. What each learns of the other's is copied into
the loan when it is asked for: number, category, level and place of the incident; kind, name and
size of the team.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gridmap.model import message_words
from gridmap.model.access import Permission, Role, Scope, system_scope
from gridmap.model.problem import Problem, conflict, not_found
from gridmap.problems import bad_value
from gridmap.services import jobs, messages
from gridmap.services.access import Viewer
from gridmap.store import event, job
from gridmap.store import team_loan as rows
from gridmap.store.database import Database, Row, Transaction

COVER = "teams.cover"
_MAY = Permission.INCIDENT_DISPATCH
_LONGEST = timedelta(days=30)
_MOST = 300


@dataclass(frozen=True)
class Asked:
    """What is asked for: whose team, for how long, for which incident, and why.

    Attributes
    ----------
    borrower
        The area that asks: its incidents the team may be sent to.
    """

    incident: Row
    team: Row
    borrower: str
    exercise: bool
    hours: int
    note: str | None = None


def borrower(viewer: Viewer, incident_area: str) -> str:
    """Give the area for which a person asks: the one of theirs around the incident."""
    own = viewer.areas_for(_MAY)
    return next(area for area in own if incident_area.startswith(area))


def asked(tx: Transaction, wanted: Asked) -> dict[str, Any]:
    """Write an asking down in a transaction that reaches both areas; events are recorded here.

    Asked again, whose team it is are written to again, though not within the same ten minutes.

    Returns
    -------
    dict
        `team`, `messages` (how many people were written to), `loan`, `state`.

    Raises
    ------
    Problem
        409 for a team that is lent, or was asked for a moment ago.
    """
    incident, team = wanted.incident, wanted.team
    if not wanted.exercise and rows.lent_elsewhere(tx, team["id"]):
        raise conflict("this team is lent already")
    made = rows.ask(tx, _values(tx, wanted))
    row = rows.open_one(tx, incident["id"], team["id"], exercise=wanted.exercise)
    assert row is not None
    if row["state"] == "accepted":
        raise conflict("this team is lent already")
    if made is not None:
        job.request(
            tx,
            COVER,
            queue=jobs.QUEUE_OF[COVER],
            area_code=str(team["area_code"])[:6],
            arguments={"loan": row["id"]},
        )
    to = _office(tx, team["area_code"])
    told = messages.queue(
        tx,
        area_code=incident["area_code"],
        key=f"loan-{row['id']}-{_ten_minutes()}",
        about=f"team_loan:{row['id']}",
        kind="help_asked",
        text=message_words.in_each(
            "help_asked", {"number": incident["number"], "team": team["name"]}
        ),
        to=to,
        exercise=wanted.exercise,
    )
    if made is None and to and not told:
        raise conflict("they were asked for this team a moment ago")
    for code in _sides(row):
        event.record(
            tx,
            "team.asked",
            area_code=code,
            subject_id=row["id"],
            payload=_payload(row) | {"messages": len(told)},
        )
    return {"team": team["id"], "messages": len(told), "loan": row["id"], "state": row["state"]}


def _values(tx: Transaction, wanted: Asked) -> dict[str, Any]:
    code = str(wanted.incident["area_code"])
    zh, en = rows.places(tx, [code]).get(code, (code, None))
    return {
        "area": wanted.borrower,
        "lender": wanted.team["area_code"],
        "team": wanted.team["id"],
        "incident": wanted.incident["id"],
        "exercise": wanted.exercise,
        "note": wanted.note,
        "until": datetime.now(UTC) + timedelta(hours=wanted.hours),
        "place_zh": zh,
        "place_en": en,
    }


def _ten_minutes() -> int:
    return int(time.time() // 600)


def _office(tx: Transaction, area: str) -> list[messages.Recipient]:
    """Give those on duty for an area, or for the nearest one above it that has anybody."""
    for code in dict.fromkeys((area, area[:12], area[:9], area[:6])):
        found = messages.office(tx, code, [Role.DUTY_OFFICER, Role.COMMANDER])
        if found:
            return found
    return []


def _sides(row: Row) -> list[str]:
    return sorted({str(row["area_code"]), str(row["lender_code"])})


def _payload(row: Row) -> dict[str, Any]:
    return {
        "loan": row["id"],
        "number": row["incident_number"],
        "team": row["team_id"],
        "exercise": row["exercise"],
    }


def listing(database: Database, viewer: Viewer, incident_id: UUID | None) -> dict[str, Any]:
    """List what was asked of one's areas and for them, with what one may do about each."""
    with database.transaction(viewer.scope(_MAY)) as tx:
        found = [row for row in rows.listing(tx, incident_id, _MOST) if _side(viewer, row)]
        now = tx.value("SELECT now()")
    return {
        "items": _shown(database, viewer, found),
        "as_of": now.isoformat(),
    }


def one(database: Database, viewer: Viewer, loan_id: int) -> dict[str, Any]:
    """Give one loan.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(_MAY)) as tx:
        row = rows.read(tx, loan_id)
    if row is None or not _side(viewer, row):
        raise not_found(f"team loan {loan_id}")
    return _shown(database, viewer, [row])[0]


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
        for code in _sides(row):
            event.record(
                tx,
                "team.lent",
                area_code=code,
                subject_id=loan_id,
                payload=_payload(row) | {"until": ends.isoformat()},
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
        for code in _sides(row):
            event.record(
                tx, "team.declined", area_code=code, subject_id=loan_id, payload=_payload(row)
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
        for code in _sides(row):
            event.record(
                tx,
                "team.loan_extended",
                area_code=code,
                subject_id=loan_id,
                payload=_payload(row) | {"until": ends.isoformat()},
            )
    return one(database, viewer, loan_id)


def withdraw(
    database: Database, viewer: Viewer, request_id: str | None, loan_id: int, seen: int
) -> dict[str, Any]:
    """Take an asking back, by those who asked (Problems as `accept`)."""
    with _held(database, viewer, request_id, loan_id, seen, "borrower") as (tx, row):
        _in_state(row, "asked")
        rows.end(tx, loan_id, "withdrawn")
        for code in _sides(row):
            event.record(
                tx, "team.withdrawn", area_code=code, subject_id=loan_id, payload=_payload(row)
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
        for code in _sides(row):
            event.record(
                tx, "team.returned", area_code=code, subject_id=loan_id, payload=_payload(row)
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
    if found is None or not _side(viewer, found):
        raise not_found(f"team loan {loan_id}")
    if side is not None and side not in _side(viewer, found):
        raise Problem(403, "Not allowed", f"Only the {side}'s office does this")
    with database.transaction(_both(viewer, request_id)) as tx:
        row = rows.read(tx, loan_id, lock=True)
        assert row is not None
        if row["revision"] != seen:
            raise Problem(409, "Conflict", "Somebody was faster. Look at it again, then decide")
        yield tx, row


def _both(viewer: Viewer, request_id: str | None) -> Scope:
    return replace(system_scope(), user_id=viewer.id, request_id=request_id)


def _side(viewer: Viewer, row: Row) -> list[str]:
    """Tell as what a person sees a loan: of whose team it is, of who asks, both, or none."""
    own = viewer.areas_for(_MAY)
    area = str(row["area_code"])
    sides = ["lender"] if viewer.may(_MAY, row["lender_code"]) else []
    # inside the area that asks the team may be sent, and nothing about the loan be decided
    if viewer.may(_MAY, area):
        sides.append("borrower")
    elif any(code.startswith(area) for code in own):
        sides.append("inside")
    return sides


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


def _shown(database: Database, viewer: Viewer, found: list[Row]) -> list[dict[str, Any]]:
    codes = sorted({code for row in found for code in _sides(row)})
    # names of areas are no secret, though rows of another county are not to be seen
    with database.transaction(system_scope()) as tx:
        names = rows.places(tx, codes)
    return [_one(viewer, row, names) for row in found]


def _one(viewer: Viewer, row: Row, names: dict[str, tuple[str, str | None]]) -> dict[str, Any]:
    sides = _side(viewer, row)
    borrows = "borrower" in sides or "inside" in sides
    moments = ("asked_at", "asked_until", "answered_at", "lent_until", "ended_at")
    return {
        **{name: row[name] for name in ("id", "state", "exercise", "note", "reason", "revision")},
        **{name: row[name] and row[name].isoformat() for name in moments},
        "over": row["over"],
        "sides": sides,
        "borrower": _place(row["area_code"], names),
        "lender": _place(row["lender_code"], names),
        "team": {
            "id": row["team_id"],
            "kind": row["team_kind"],
            "name": row["team_name"],
            "name_en": row["team_name_en"],
            "people": row["team_people"],
        },
        "incident": {
            # the page of the incident is theirs who asked
            "id": str(row["incident_id"]) if borrows and row["incident_id"] else None,
            "number": row["incident_number"],
            "category": row["category"],
            "level": row["level"],
            "place": row["place_zh"],
            "place_en": row["place_en"],
            "lon": row["lon"],
            "lat": row["lat"],
        },
        # whom the lender leaves without cover is the lender's to know
        "uncovered": row["uncovered"] if "lender" in sides else None,
        "can": _can(row, sides),
    }


def _place(code: str, names: dict[str, tuple[str, str | None]]) -> dict[str, Any]:
    zh, en = names.get(code, (code, None))
    return {"area": code, "name": zh, "name_en": en}


def _can(row: Row, sides: list[str]) -> list[str]:
    lends, borrows = "lender" in sides, "borrower" in sides
    if row["state"] == "asked":
        return [
            *(["accept", "decline"] if lends and not row["over"] else []),
            *(["withdraw"] if borrows else []),
        ]
    if row["state"] == "accepted":
        return [*(["extend"] if lends else []), *(["return"] if lends or borrows else [])]
    return []
