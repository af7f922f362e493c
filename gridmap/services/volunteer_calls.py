"""Calls for volunteers by skill and area, and what they answer by a link of their own."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from gridmap.model.access import Permission, system_scope
from gridmap.model.problem import Problem, conflict, forbidden, not_found
from gridmap.model.volunteer import ANSWERS
from gridmap.problems import bad_value
from gridmap.services import messages
from gridmap.services.access import Viewer
from gridmap.services.volunteers import end, known
from gridmap.store import dispatch, event
from gridmap.store import volunteer as rows
from gridmap.store.database import Database, Row, Transaction

_MAY = Permission.INCIDENT_DISPATCH
# said by a link instead of an answer: from then on nobody is asked any more
STOP = "stop"
_MOST_CALLS = 50
_MOST_ASKED = 200
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True)
class Call:
    """Who is called: volunteers of an area with every one of some skills, and in which words.

    Attributes
    ----------
    id
        Made by whoever calls: the same call sent twice is one.
    """

    id: UUID
    area: str
    skills: tuple[str, ...]
    text: str
    exercise: bool
    minutes: int
    incident: UUID | None = None


def call(
    database: Database,
    viewer: Viewer,
    request_id: str,
    asked: Call,
    link: Callable[[str], str],
) -> dict[str, Any]:
    """Call volunteers; each gets a link of their own to answer by.

    Parameters
    ----------
    link
        Gives the address of the page for a token.

    Raises
    ------
    Problem
        400 by field; 403 beyond one's areas; 404 for an incident that is not there; 409 where
        nobody fits, more than can be written to at once, or the id is that of another call.
    """
    known(asked.skills)
    if not viewer.may(_MAY, asked.area):
        raise forbidden(f"{asked.area} is beyond your areas")
    text = messages.told(asked.text, exercise=asked.exercise)
    with database.transaction(viewer.scope(_MAY, request_id)) as tx:
        if asked.incident is not None and dispatch.incident(tx, asked.incident) is None:
            raise not_found(f"incident {asked.incident}")
        made = rows.call(
            tx,
            client_id=asked.id,
            area=asked.area,
            incident_id=asked.incident,
            skills=asked.skills,
            text=text,
            exercise=asked.exercise,
            minutes=asked.minutes,
        )
        if made is None:
            return _again(tx, asked, text)
        people = rows.to_ask(tx, asked.area, asked.skills)
        if not people:
            raise conflict("nobody there has offered these skills")
        if len(people) > _MOST_ASKED:
            raise conflict(f"{len(people)} fit: choose a smaller area or more skills")
        tokens = [secrets.token_urlsafe(32) for _ in people]
        rows.ask(
            tx,
            made,
            [
                {
                    "area_code": each["area_code"],
                    "volunteer_id": each["id"],
                    "token_hash": _digest(token),
                }
                for each, token in zip(people, tokens, strict=True)
            ],
        )
        links = [link(token) for token in tokens]
        found = rows.read_call(tx, made)
        assert found is not None
        written = messages.queue_each(
            tx,
            area_code=asked.area,
            about=f"volunteer_call:{made}",
            letters=[
                _letter(asked, made, each, address)
                for each, address in zip(people, links, strict=True)
                if each["phone"]
            ],
            exercise=asked.exercise,
            lasts=timedelta(minutes=asked.minutes),
        )
        event.record(
            tx,
            "volunteer.asked",
            area_code=asked.area,
            subject_id=made,
            payload={
                "call": made,
                "people": len(people),
                "messages": len(written),
                "exercise": asked.exercise,
            },
        )
    return {**_called(found), "messages": len(written)}


def _again(tx: Transaction, asked: Call, text: str) -> dict[str, Any]:
    """Give the call that was made under this id before; nobody is asked a second time."""
    row = rows.made(tx, asked.id)
    names = ("area_code", "incident_id", "text", "exercise", "minutes")
    meant = (asked.area, asked.incident, text, asked.exercise, asked.minutes)
    if (
        row is None
        or tuple(row[name] for name in names) != meant
        or sorted(row["skills"]) != sorted(asked.skills)
    ):
        raise conflict("another call was made under this id")
    found = rows.read_call(tx, row["id"])
    assert found is not None
    return {**_called(found), "messages": row["messages"]}


def _letter(asked: Call, call_id: int, volunteer: Row, link: str) -> messages.Letter:
    to = messages.Recipient("sms", address=volunteer["phone"], name=volunteer["name"])
    key = f"volunteers-{call_id}-{volunteer['id']}"
    return messages.Letter(to, key, "other", asked.text, link=link)


def calls(database: Database, viewer: Viewer) -> dict[str, Any]:
    """List calls with what was answered, the newest first."""
    with database.transaction(viewer.scope(_MAY)) as tx:
        return {"items": [_called(row) for row in rows.calls(tx, _MOST_CALLS)]}


def one_call(database: Database, viewer: Viewer, call_id: int) -> dict[str, Any]:
    """Give a call with who was asked and what each has said.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(viewer.scope(_MAY)) as tx:
        row = rows.read_call(tx, call_id)
        if row is None:
            raise not_found(f"volunteer call {call_id}")
        said = rows.answers(tx, call_id)
    answers = [
        {
            "volunteer": each["id"],
            "name": each["name"],
            "kind": each["kind"],
            "people": each["people"],
            "phone": end(each["phone_end"]),
            "area": each["area_code"],
            "state": each["state"],
            "answered_at": each["answered_at"] and each["answered_at"].isoformat(),
        }
        for each in said
    ]
    return {**_called(row), "answers": answers}


def look(database: Database, token: str) -> dict[str, Any]:
    """Give what the page behind a link shows: the call, and nothing about any person.

    Raises
    ------
    Problem
        404 for a link that was never given.
    """
    with database.transaction(system_scope()) as tx:
        return _page(_linked(tx, token))


def answer(database: Database, token: str, said: str) -> dict[str, Any]:
    """Take an answer, once.

    Raises
    ------
    Problem
        400, 404; 409 where it was answered before, 410 where the time for it is over.
    """
    if said == STOP:
        return _stop(database, token)
    if said not in ANSWERS:
        raise bad_value("answer", f"one of {', '.join(ANSWERS)} is needed")
    with database.transaction(system_scope()) as tx:
        row = _linked(tx, token, lock=True)
        if row["state"] != "asked":
            raise conflict("this has been answered already")
        if row["over"]:
            raise Problem(410, "Gone", "The time to answer is over")
        at = rows.answer(tx, row["id"], said)
        event.record(
            tx,
            "volunteer.answered",
            area_code=row["area_code"],
            subject_id=row["call_id"],
            payload={"call": row["call_id"], "answer": said, "exercise": row["exercise"]},
        )
    return _page({**row, "state": said, "answered_at": at})


def _stop(database: Database, token: str) -> dict[str, Any]:
    """Let whoever holds a link be asked no more; it may be said at any time, and again."""
    with database.transaction(system_scope()) as tx:
        row = _linked(tx, token, lock=True)
        if rows.leave(tx, row["volunteer_id"]):
            event.record(
                tx,
                "volunteer.left",
                area_code=row["area_code"],
                subject_id=row["volunteer_id"],
                payload={"volunteer": row["volunteer_id"], "exercise": row["exercise"]},
            )
    return _page({**row, "active": False})


def _linked(tx: Transaction, token: str, *, lock: bool = False) -> Row:
    row = rows.linked(tx, _digest(token), lock=lock) if _TOKEN.fullmatch(token) else None
    if row is None:
        raise not_found("this link")
    return row


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _page(row: Row) -> dict[str, Any]:
    return {
        "text": row["text"],
        "exercise": row["exercise"],
        "area": row["name_zh"],
        "area_en": row["name_en"],
        "state": row["state"],
        "over": row["over"],
        "expires_at": row["expires_at"],
        "answered_at": row["answered_at"],
        "stopped": not row["active"],
    }


def _called(row: Row) -> dict[str, Any]:
    names = ("id", "incident", "skills", "text", "exercise", "over", "asked", "come", "cannot")
    return {
        **{name: row[name] for name in names},
        "area": row["area_code"],
        "incident_id": None if row["incident_id"] is None else str(row["incident_id"]),
        "created_at": row["created_at"].isoformat(),
        "expires_at": row["expires_at"].isoformat(),
    }
