"""A message in a person's own words: to grids, communities, roles or shelters, counted before."""

from collections.abc import Sequence
from typing import Any

from gridmap.model.access import Permission, Role
from gridmap.model.message_words import DRILL
from gridmap.model.problem import conflict, forbidden
from gridmap.problems import bad_value, bad_values, fault
from gridmap.services.access import Viewer
from gridmap.services.message_recipients import Found, Free, found_by
from gridmap.services.messages import CHANNELS, Letter, Recipient, queue_each, told
from gridmap.store import area, event, message_list, message_people
from gridmap.store.database import Database, Transaction

__all__ = ["Free", "LONGEST", "MOST", "ROLES", "WAYS", "matters", "preview", "send"]

_RIGHT = Permission.INCIDENT_DISPATCH
LONGEST = 500
MOST = 2000  # recipients of one message
_MOST_CODES = 200
# Ways that reach a kind of recipient; any other choice would send nothing and look like sending.
WAYS: dict[str, tuple[str, ...]] = {
    "grids": ("inbox", "sms"),
    "communities": ("inbox", "sms", "loudspeaker", "mail"),
    "roles": ("inbox",),
    "shelters": ("sms", "mail"),
}
ROLES = (Role.GRID_MEMBER, Role.UNIT, Role.DUTY_OFFICER, Role.COMMANDER)


def preview(database: Database, viewer: Viewer, asked: Free) -> dict[str, Any]:
    """Count who would be told, and who could not be.

    Returns
    -------
    dict
        `recipients`, `exercise`, `text` as it would go out, and `ways`: by channel how many are
        reached and how many have no `address` for it.

    Raises
    ------
    Problem
        400 by field; 403 for what lies beyond one's areas.
    """
    with database.transaction(viewer.scope(_RIGHT)) as tx:
        _check(tx, viewer, asked)
        return _counted(tx, asked, found_by(tx, asked))


def matters(database: Database, viewer: Viewer, english: bool) -> list[dict[str, Any]]:
    """List what a message may be about: hazards in force, plans and responses under way."""
    with database.transaction(viewer.scope(_RIGHT)) as tx:
        rows = message_list.matters(tx)
    return [
        {
            "about": row["about"],
            "name": (row["name_en"] if english else None) or row["name"],
            "exercise": row["exercise"],
        }
        for row in rows
    ]


def send(database: Database, viewer: Viewer, request_id: str | None, asked: Free) -> dict[str, Any]:
    """Queue a message in a person's own words; the same `id` twice is one.

    Raises
    ------
    Problem
        As `preview`; 409 where nobody would be reached, or too many, or where the id is that of
        another message.
    """
    with database.transaction(viewer.scope(_RIGHT, request_id)) as tx:
        _check(tx, viewer, asked)
        found = found_by(tx, asked)
        counted = _counted(tx, asked, found)
        reached = _reached(found)
        if not reached:
            raise conflict("nobody would be reached this way")
        if len(reached) > MOST:
            raise conflict(f"{len(reached)} would be told: at most {MOST} at once")
        home = _home(viewer, [area_code for area_code, _to in reached.values()])
        letters = [
            # people write in one language, their own: what marks a drill is of that language
            Letter(_read(to, viewer), f"free-{asked.id}", "free", asked.text, area_code)
            for area_code, to in reached.values()
        ]
        ids = queue_each(
            tx,
            area_code=home,
            about=asked.about or "free",
            letters=letters,
            exercise=counted["exercise"],
        )
        if len(ids) < len(letters):
            _same(tx, asked, letters, exercise=counted["exercise"])
        if ids:
            event.record(
                tx,
                "message.composed",
                area_code=home,
                subject_id=str(asked.id),
                payload={
                    "messages": len(ids),
                    "about": asked.about or "free",
                    "exercise": counted["exercise"],
                },
            )
    return {**counted, "messages": len(ids)}


def _reached(found: "Found") -> dict[tuple[str, str], tuple[str, Recipient]]:
    """Give who is told: each once by each way, of however many places they are asked for."""
    reached: dict[tuple[str, str], tuple[str, Recipient]] = {}
    for area_code, to in found:
        if to is not None:
            reached.setdefault((to.channel, to.key), (area_code, to))
    return reached


def _same(tx: Transaction, asked: Free, letters: Sequence[Letter], *, exercise: bool) -> None:
    """Refuse another message under the id of one that was sent: nothing is dropped in silence."""
    about = asked.about or "free"
    meant = sorted(
        (each.to.channel, each.to.key, about, exercise)
        + (told(each.text, exercise=exercise, language=each.to.language or tx.language),)
        for each in letters
    )
    kept = sorted(
        (row["channel"], row["recipient"], row["about"], row["exercise"], row["text"])
        for row in message_list.written(tx, f"free-{asked.id}")
    )
    if meant != kept:
        raise conflict("this message was sent already, to others or in other words")


def _read(to: Recipient, viewer: Viewer) -> Recipient:
    return Recipient(to.channel, to.user, to.address, to.name, viewer.language)


def _home(viewer: Viewer, codes: Sequence[str]) -> str:
    """Give the area of one's own around all of it, or the first one."""
    own = sorted(viewer.areas_for(_RIGHT), key=len)
    return next((one for one in own if all(code.startswith(one) for code in codes)), own[0])


def _check(tx: Transaction, viewer: Viewer, asked: Free) -> None:
    faults = _faults(asked)
    if faults:
        raise bad_values(faults)
    if asked.group == "roles":
        _check_roles(viewer, asked)
    elif asked.group == "shelters":
        if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in asked.of):
            raise bad_value("of", "ids of shelters are needed")
    else:
        _check_codes(tx, viewer, asked)
    if asked.about is None:
        return
    drill = message_list.is_exercise(tx, asked.about)
    if drill is None:
        raise bad_value("about", "no such matter is under way")
    if asked.exercise and not drill:
        raise bad_value("exercise", "what it is about is real: write without a matter for a drill")


def _faults(asked: Free) -> list[dict[str, str]]:
    faults = []
    if not 1 <= len(asked.text.strip()) <= LONGEST:
        faults.append(fault("text", f"1 to {LONGEST} characters are needed"))
    elif asked.text.strip().startswith(tuple(mark.strip() for mark in DRILL.values())):
        faults.append(fault("text", "the mark of a drill is put there by itself"))
    if asked.group not in WAYS:
        faults.append(fault("group", f"one of {', '.join(WAYS)} is needed"))
    elif not asked.channels or set(asked.channels) - set(WAYS[asked.group]):
        faults.append(fault("channels", f"some of {', '.join(WAYS[asked.group])} are needed"))
    if not 1 <= len(asked.of) <= _MOST_CODES:
        faults.append(fault("of", f"1 to {_MOST_CODES} are needed"))
    return faults


def _check_roles(viewer: Viewer, asked: Free) -> None:
    if set(asked.of) - {role.value for role in ROLES}:
        raise bad_value("of", f"some of {', '.join(role.value for role in ROLES)} are needed")
    if asked.area is None:
        raise bad_value("area", "the area in which they hold the role")
    if not viewer.may(_RIGHT, asked.area):
        raise forbidden(f"{asked.area} is beyond your areas")


def _check_codes(tx: Transaction, viewer: Viewer, asked: Free) -> None:
    digits = 15 if asked.group == "grids" else 12
    if not all(len(code) == digits and code.isascii() and code.isdigit() for code in asked.of):
        raise bad_value("of", f"codes of {digits} digits are needed")
    beyond = sorted(code for code in asked.of if not viewer.may(_RIGHT, code))
    if beyond:
        raise forbidden(f"{beyond[0]} is beyond your areas")
    known = (
        set(message_people.grids_of(tx, asked.of))
        if asked.group == "grids"
        else area.existing(tx, list(asked.of))
    )
    missing = sorted(set(asked.of) - known)
    if missing:
        raise bad_value("of", "there is none with this code")


def _counted(tx: Transaction, asked: Free, found: Found) -> dict[str, Any]:
    reached = _reached(found)
    drill = asked.exercise
    if asked.about is not None:
        drill = bool(message_list.is_exercise(tx, asked.about))
    return {
        "recipients": len(reached),
        "without": sum(to is None for _area, to in found),
        "ways": [
            {"channel": way, "recipients": sum(channel == way for channel, _k in reached)}
            for way in CHANNELS
            if way in asked.channels
        ],
        "exercise": drill,
    }
