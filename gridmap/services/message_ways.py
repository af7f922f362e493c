"""By which ways people are reached: recipients of rows that name members, offices and keepers."""

import re
from collections.abc import Iterable

from gridmap.services.messages import Recipient
from gridmap.store import message_people
from gridmap.store.database import Row, Transaction

_NUMBER = re.compile(r"\+?[0-9]{5,19}", re.ASCII)


def number(phone: str | None) -> str | None:
    """Give a telephone as gateways take it; None for what is none."""
    plain = re.sub(r"[\s()-]", "", phone or "")
    return plain if _NUMBER.fullmatch(plain) else None


def members(tx: Transaction, grids: Iterable[str]) -> dict[str, list[Recipient]]:
    """Give, by grid, the inboxes and numbers of who looks after it; none where nobody does."""
    found: dict[str, list[Recipient]] = {}
    for row in message_people.members(tx, sorted(grids)):
        found.setdefault(row["grid"], []).extend(_of_member(row))
    return found


def _of_member(row: Row) -> Iterable[Recipient]:
    if row["user_id"] is not None:
        yield Recipient("inbox", row["user_id"], None, row["name"], row["language"])
    phone = number(row["phone"])
    if phone is not None:
        yield Recipient("sms", None, phone, row["name"], row["language"])


def offices(tx: Transaction, communities: Iterable[str]) -> list[Recipient]:
    """Give the duty offices of communities, their townships and county: inboxes and mail."""
    codes = sorted(communities)
    people = [
        Recipient("inbox", row["user_id"], None, row["name"], row["language"])
        for row in message_people.offices(tx, codes)
    ]
    return people + [
        Recipient("mail", None, row["mail"], row["name"])
        for row in message_people.office_mails(tx, codes)
    ]


def keeper(row: Row) -> list[Recipient]:
    """Give how the keeper of a shelter is reached; nothing where nobody is named."""
    phone = number(row["keeper_phone"])
    name = row["keeper"] or row["name"]
    ways = [] if phone is None else [Recipient("sms", None, phone, name)]
    if row["keeper_mail"]:
        ways.append(Recipient("mail", None, row["keeper_mail"], name))
    return ways


def loudspeaker(row: Row, language: str) -> Recipient:
    """Give the loudspeakers of a community, for words in a language."""
    return Recipient("loudspeaker", None, row["code"], row["name"], language)
