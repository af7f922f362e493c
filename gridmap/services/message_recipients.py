"""To whom a message in a person's own words goes: who is meant, and who has no address for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from gridmap.model.message_words import LANGUAGES
from gridmap.model.problem import forbidden
from gridmap.services import message_ways
from gridmap.services.messages import Recipient
from gridmap.store import message_people
from gridmap.store.database import Row, Transaction


@dataclass(frozen=True)
class Free:
    """What a person wants to tell.

    Attributes
    ----------
    id
        UUID made on the page: sent twice it is one message.
    group
        ``grids``, ``communities``, ``roles`` or ``shelters``.
    of
        Codes of grids or communities, names of roles, ids of shelters.
    area
        In which area the roles are held.
    channels
        By which ways.
    about
        Matter it belongs to, such as ``plan:7``; a drill's makes it one of a drill.
    exercise
        True for a drill where no matter says so.
    """

    id: UUID
    group: str
    of: tuple[str, ...]
    channels: tuple[str, ...]
    text: str
    area: str | None = None
    about: str | None = None
    exercise: bool = False


Found = list[tuple[str, Recipient | None]]


def found_by(tx: Transaction, asked: Free) -> Found:
    """Give area and recipient of everybody meant; None for one without an address, per way."""
    if asked.group == "roles":
        assert asked.area is not None
        rows = message_people.holders(tx, asked.area, list(asked.of))
        return [
            (asked.area, Recipient("inbox", row["user_id"], None, row["name"], row["language"]))
            for row in rows
        ]
    if asked.group == "shelters":
        return list(_keepers(tx, asked))
    return list(_places(tx, asked))


def _keepers(tx: Transaction, asked: Free) -> Iterable[tuple[str, Recipient | None]]:
    own = tx.scope.areas
    for row in message_people.keepers(tx, [int(one) for one in asked.of]):
        if not row["area_code"].startswith(own):
            raise forbidden(f"{row['area_code']} is beyond your areas")
        ways = {to.channel: to for to in message_ways.keeper(row)}
        for channel in asked.channels:
            yield row["area_code"], ways.get(channel)


def _places(tx: Transaction, asked: Free) -> Iterable[tuple[str, Recipient | None]]:
    wanted = set(asked.channels)
    grids = message_people.grids_of(tx, asked.of)
    if wanted & {"inbox", "sms"}:
        found = message_ways.members(tx, grids)
        for grid in grids:
            here = [to for to in found.get(grid, []) if to.channel in wanted]
            yield from ((grid, to) for to in here)
            yield from ((grid, None) for way in wanted & {"inbox", "sms"} if not _has(here, way))
    if "loudspeaker" in wanted:
        for row in message_people.places(tx, asked.of):
            yield row["code"], message_ways.loudspeaker(row, LANGUAGES[0])
    if "mail" in wanted:
        yield from _mails(tx, asked.of)


def _has(recipients: Iterable[Recipient], channel: str) -> bool:
    return any(to.channel == channel for to in recipients)


def _mails(tx: Transaction, codes: Sequence[str]) -> Iterable[tuple[str, Recipient | None]]:
    known: dict[str, Row] = {
        row["area_code"]: row
        for row in message_people.office_mails(tx, codes)
        if row["area_code"] in codes
    }
    for code in codes:
        row = known.get(code)
        yield code, None if row is None else Recipient("mail", None, row["mail"], row["name"])
