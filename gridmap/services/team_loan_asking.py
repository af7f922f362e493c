"""A team asked of another area; of the incident it is told what is copied into the loan here."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gridmap.model import message_words
from gridmap.model.access import Permission, Role
from gridmap.model.problem import conflict
from gridmap.services import jobs, messages
from gridmap.services.access import Viewer
from gridmap.services.team_loan_views import areas_of, payload
from gridmap.store import event, job
from gridmap.store import team_loan as rows
from gridmap.store.database import Row, Transaction

COVER = "teams.cover"
_MAY = Permission.INCIDENT_DISPATCH


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

    Asked again, whose team it is are written to again, though not within the same ten minutes. An
    asking that nobody answered in time may be answered again from then on.

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
    values = _values(tx, wanted)
    made = rows.ask(tx, values)
    row = rows.open_one(tx, incident["id"], team["id"], exercise=wanted.exercise)
    assert row is not None
    if row["state"] == "accepted":
        raise conflict("this team is lent already")
    anew = made is not None or row["over"]
    if row["over"]:
        # nobody answered in time: asked again, it is the same asking with a time of its own
        row = rows.renew(tx, row["id"], values)
    if anew:
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
    if not anew and to and not told:
        raise conflict("they were asked for this team a moment ago")
    for code in areas_of(row):
        event.record(
            tx,
            "team.asked",
            area_code=code,
            subject_id=row["id"],
            payload=payload(row) | {"messages": len(told), "exercise": wanted.exercise},
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
