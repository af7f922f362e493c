"""Reminders of exercises: the office responsible hears some days before, and once it is overdue."""

from collections.abc import Iterable
from dataclasses import astuple
from datetime import date, timedelta
from hashlib import sha256

from gridmap.model.access import Role, system_scope
from gridmap.services import messages
from gridmap.services.drills import Entry, entries
from gridmap.store import drills as rows
from gridmap.store.database import Database, Transaction
from gridmap.store.versioned import today

_STAGES = ("coming", "overdue")
_ROLES = (Role.DUTY_OFFICER, Role.COMMANDER)
_LASTS = timedelta(days=30)
_MOST = 12  # exercises named in one message; the calendar has them all


def remind_due(database: Database) -> int:
    """Remind offices of exercises whose time comes; give how many. Safe in several places.

    An area without an officer of its own is the office's above it. One message for an office
    names all that is new to it.
    """
    by_area: dict[str, list[Entry]] = {}
    by_office: dict[str, list[Entry]] = {}
    with database.transaction(system_scope()) as tx:
        for one in entries(tx):
            if one.state in _STAGES and one.told != (one.day, one.state):
                by_area.setdefault(one.which.area, []).append(one)
        for area_code, found in by_area.items():
            by_office.setdefault(_office(tx, area_code), []).extend(found)
    return sum(_remind(database, office, found) for office, found in by_office.items() if office)


def _office(tx: Transaction, area_code: str) -> str:
    """Give the nearest area that has officers; empty where nobody could be told."""
    above = (area_code[:length] for length in (12, 9, 6) if len(area_code) >= length)
    return next((code for code in above if messages.office(tx, code, _ROLES)), "")


def _key(office: str, day: date, new: Iterable[Entry]) -> str:
    """Name a message by what it says: another reminder on the same day is another message."""
    said = sorted(
        (*astuple(one.which), one.day.isoformat(), one.state, one.revision) for one in new
    )
    return f"drills-{office}-{day.isoformat()}-{sha256(repr(said).encode()).hexdigest()[:24]}"


def _remind(database: Database, office: str, found: Iterable[Entry]) -> int:
    with database.transaction(system_scope()) as tx:
        new = [
            one
            for one in found
            if rows.tell(tx, one.which.area, one.which.key, one.which.name, one.day, one.state)
        ]
        if new:
            messages.queue(
                tx,
                area_code=office,
                key=_key(office, today(tx), new),
                about=f"drill:{office}",
                kind="drill_reminder",
                text=_text(new),
                to=messages.office(tx, office, _ROLES),
                exercise=False,
                lasts=_LASTS,
            )
    return len(new)


def _text(found: list[Entry]) -> dict[str, str]:
    """Write what is due, for each reader in the language of their account."""
    shown, more = found[:_MOST], len(found) - _MOST
    zh = "；".join(
        f"{one.place['name_zh']} {one.drill.zh}（{one.template['name_zh']}）{one.day.isoformat()}"
        + ("，已过期" if one.state == "overdue" else "")
        for one in shown
    )
    en = "; ".join(
        f"{one.place['name_en'] or one.place['name_zh']}: {one.drill.en or one.drill.zh}"
        f" ({one.template['name_en']}), {one.day.isoformat()}"
        + (", overdue" if one.state == "overdue" else "")
        for one in shown
    )
    rest = (f"，另有 {more} 项", f", and {more} more") if more > 0 else ("", "")
    return {
        "zh_CN": f"演练快到期：{zh}{rest[0]}。到“预案模板”的演练日历排日子或启动。",
        "en": f"Drills due: {en}{rest[1]}. Set a day or start them in the drill calendar.",
    }
