"""What is kept in versions: which holds from when, what a list says of it, and the next version.

Coverage standards and plan templates are both kept like this: an edit is another version from a
day on, made by a person who has read the last one; what ends, ends by a last version.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from gridmap.model.access import Permission
from gridmap.model.problem import Problem, conflict, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import area, user_area
from gridmap.store.database import Row, Transaction
from gridmap.store.versioned import today

_AHEAD = timedelta(days=3660)


class Rows(Protocol):
    """Where versions are stored: what `store.versioned.Table` reads."""

    def listing(self, tx: Transaction, /) -> list[Row]:
        """List what holds today."""

    def newest(self, tx: Transaction, /) -> list[Row]:
        """List the last version of each."""

    def versions(self, tx: Transaction, key: str, area_code: str, /) -> list[Row]:
        """List every version of an area's own, the newest first."""


@dataclass(frozen=True)
class Kind:
    """One kind of what is kept in versions.

    Attributes
    ----------
    noun, short
        What it is called in refusals: whole, and once it is clear what is meant.
    right
        What somebody needs to make a version.
    same
        The refusal of a version that says nothing new.
    rows
        Where they are stored.
    record
        Records the event of a version: transaction, area, key and what else the trail says.
    """

    noun: str
    short: str
    right: Permission
    same: str
    rows: Rows
    record: Callable[[Transaction, str, str, Mapping[str, Any]], None]


def listing(
    tx: Transaction, kind: Kind, order: Mapping[str, int], within: str, *, english: bool
) -> list[tuple[Row, dict[str, Any]]]:
    """List what holds today, with the name of its area and the version that will follow it.

    Parameters
    ----------
    order
        Place of each known key in the list; others come last.
    within
        Area whose own, and what is above and below it, are listed; empty for all.
    """
    found = [row for row in kind.rows.listing(tx) if _meet(row["area_code"], within)]
    found.sort(key=lambda row: (order.get(row["key"], len(order)), row["key"]))
    last = {(row["area_code"], row["key"]): row for row in kind.rows.newest(tx)}
    names = user_area.names(tx, {row["area_code"] for row in found}, english)
    return [
        (
            row,
            {
                "area_name": names.get(row["area_code"]),
                "next": _next(row, last[row["area_code"], row["key"]]),
            },
        )
        for row in found
    ]


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _next(row: Row, last: Row) -> dict[str, Any] | None:
    if last["version"] == row["version"]:
        return None
    return {
        "version": last["version"],
        "valid_from": last["valid_from"].isoformat(),
        "retired": last["retired"],
    }


def history(
    tx: Transaction, kind: Kind, key: str, area_code: str
) -> list[tuple[Row, dict[str, Any]]]:
    """List every version of an area's own, the newest first.

    Returns
    -------
    list of tuple
        The row, and `retired`, `person`, `created_at` and `state`: in_force, waiting, past,
        retired, or never (a later version was to begin no later).

    Raises
    ------
    Problem
        404 for an area or a key that is not there.
    """
    area.read(tx, area_code)
    found = kind.rows.versions(tx, key, area_code)
    if not found:
        raise not_found(f"{kind.noun} {key}")
    return [
        (
            row,
            {
                "retired": row["retired"],
                "person": row["by"],
                "created_at": row["created_at"].isoformat(),
                "state": state,
            },
        )
        for row, state in zip(found, _states(found, today(tx)), strict=True)
    ]


def _states(newest_first: Iterable[Row], now: date) -> list[str]:
    """Say of each version whether it holds; the highest that has begun does."""
    found = []
    later: date | None = None  # first day of any later version
    held = False
    for row in newest_first:
        begins = row["valid_from"]
        if later is not None and later <= begins:
            state = "never"
        elif begins > now:
            state = "waiting"
        elif held:
            state = "past"
        else:
            state = "retired" if row["retired"] else "in_force"
        held = held or begins <= now
        later = begins if later is None else min(later, begins)
        found.append(state)
    return found


def check_day(day: date | None, now: date) -> None:
    """Refuse a first day that is over, or beyond what anybody plans (400)."""
    if day is None or not now <= day <= now + _AHEAD:
        low, high = now.isoformat(), (now + _AHEAD).isoformat()
        raise bad_value("valid_from", f"a day from {low} to {high} is needed")


def last(  # noqa: PLR0913, PLR0917 - whose, which, and what was seen of it
    tx: Transaction, kind: Kind, viewer: Viewer, area_code: str, key: str, seen: int | None
) -> Row | None:
    """Give the last version of an area's own, as the person has read it; None where there is none.

    Raises
    ------
    Problem
        404 for an area that is not this person's; 409 if there is a later version.
    """
    if not viewer.may(kind.right, area_code):
        raise not_found(f"area {area_code}")
    area.read(tx, area_code)
    found = _newest(tx, kind, area_code, key)
    if (found["version"] if found else None) != seen:
        raise _moved_on(kind, found)
    return found


def ending(  # noqa: PLR0913, PLR0917 - whose, which, and what was seen of it
    tx: Transaction, kind: Kind, viewer: Viewer, area_code: str, key: str, seen: int | None
) -> Row:
    """Give the last version of what is to end (Problems as `last`; 404 for none, 409 if ended)."""
    found = last(tx, kind, viewer, area_code, key, seen)
    if found is None:
        raise not_found(f"{kind.noun} {key}")
    if found["retired"]:
        raise conflict(kind.same)
    return found


def _newest(tx: Transaction, kind: Kind, area_code: str, key: str) -> Row | None:
    found = kind.rows.versions(tx, key, area_code)
    return found[0] if found else None


def _moved_on(kind: Kind, found: Row | None) -> Problem:
    number = found["version"] if found else 0
    return conflict(f"the {kind.short} is at version {number} now: read it again", version=number)


def write(  # noqa: PLR0913, PLR0917 - whose, which, from when
    tx: Transaction,
    kind: Kind,
    area_code: str,
    key: str,
    day: date | None,
    seen: int | None,
    insert: Callable[[int], bool],
    **more: Any,
) -> int:
    """Store the version after the one seen and record it; give its number.

    Parameters
    ----------
    insert
        Inserts the row of that number; False if somebody else has just taken it.
    more
        What the trail says beside number and day.

    Raises
    ------
    Problem
        409 if somebody was first.
    """
    version = (seen or 0) + 1
    if not insert(version):
        raise _moved_on(kind, _newest(tx, kind, area_code, key))
    said = {"version": version, "valid_from": day.isoformat() if day else None, **more}
    kind.record(tx, area_code, key, said)
    return version
