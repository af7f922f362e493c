"""Five minutes without an answer: the next rung of the ladder, then the next level."""

from datetime import datetime
from typing import Any

from gridmap.model import message_words
from gridmap.model.access import Role, system_scope
from gridmap.model.call_out import ANSWER_WITHIN
from gridmap.services import messages
from gridmap.store import call_out, event
from gridmap.store.database import Database, Row, Transaction

_ROLES = (Role.DUTY_OFFICER, Role.COMMANDER)
_DIGITS = {"township": 9, "county": 6}


def climb(database: Database, now: datetime | None = None) -> int:
    """Let every call-out whose time has run out climb; give how many did.

    Safe to run in several places at once, and after a pause: each climbs one step a deadline.
    """
    with database.transaction(system_scope()) as tx:
        rows = call_out.climb(tx, now, ANSWER_WITHIN)
        higher = [row for row in rows if row["higher"]]
        for row in higher:
            _tell(tx, row)
        for row in rows:
            event.record(
                tx,
                "call_out.escalated",
                area_code=row["community"],
                subject_id=f"{row['plan_id']}-{row['level' if row['higher'] else 'rung']}",
                payload=_payload(row),
            )
    return sum(row["households"] for row in rows)


def _payload(row: Row) -> dict[str, Any]:
    return {
        "plan": row["plan_id"],
        "households": row["households"],
        "rung": row["rung"],
        "level": row["level"],
        "exercise": row["exercise"],
    }


def _tell(tx: Transaction, row: Row) -> None:
    """Write to the people of the level it has climbed to; once for each community and level."""
    area = row["community"][: _DIGITS[row["level"]]]
    to = messages.office(tx, area, _ROLES)
    if to:
        messages.queue(
            tx,
            area_code=area,
            key=f"call-{row['plan_id']}-{row['level']}-{row['community']}",
            about=f"plan:{row['plan_id']}",
            kind="call_late",
            text={language: _text(row, language) for language in message_words.LANGUAGES},
            to=to,
            exercise=row["exercise"],
        )


def _text(row: Row, language: str) -> str:
    english = language == "en"
    kind = message_words.hazard(row["hazard_kind"], language)
    place = row["place_en"] if english else row["place"]
    return message_words.fill(
        "call_late",
        language,
        {
            "hazard": (row["hazard_en"] or kind) if english else row["hazard"],
            "community": place or row["community"],
            "households": row["households"],
        },
    )
