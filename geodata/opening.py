"""Opening hours of a week: read, checked, asked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geodata.errors import Fault, GeodataError
from geodata.street_graph import Bools

Hours = Sequence[Mapping[str, Any]]
"""Times like ``{"days": [1, 2], "from": "08:00", "to": "17:30"}``; 1 is Monday. A time is open
from its first minute up to, and no longer at, its last; `to` may be 24:00, and one that is
earlier than `from` is of the next morning."""

DAY = 24 * 60
WEEK = 7 * DAY
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_KEYS = ("days", "from", "to")
_MOST = 100  # times: more are no week but a mistake


def check(hours: object) -> None:
    """Raise GeodataError unless these are opening hours; None is always open, [] is never.

    Every fault is named with the number of its time, from 1, and its part.
    """
    if hours is None:
        return
    if not isinstance(hours, list | tuple):
        raise GeodataError("opening hours are not a list of times")
    if len(hours) > _MOST:
        raise GeodataError(f"more than {_MOST} times of a week")
    faults = [fault for row, time in enumerate(hours, start=1) for fault in _faults(row, time)]
    if faults:
        raise GeodataError(faults)


def is_open(hours: Hours | None, weekday: int, minute: int) -> bool:
    """Tell whether something is open.

    Parameters
    ----------
    hours
        As `check` accepts them.
    weekday
        1 is Monday, 7 is Sunday.
    minute
        Minutes since midnight, 0 to 1439.

    Raises
    ------
    GeodataError
        If there is no such day or minute.
    """
    if weekday not in range(1, 8):
        raise GeodataError(f"weekday {weekday!r} is not 1 to 7")
    if minute not in range(DAY):
        raise GeodataError(f"minute {minute!r} is not 0 to {DAY - 1}")
    if hours is None:
        return True
    yesterday = 7 if weekday == 1 else weekday - 1
    for time in hours:
        first, last = _minutes(time["from"]), _minutes(time["to"])
        if first < last:
            if weekday in time["days"] and first <= minute < last:
                return True
        elif (weekday in time["days"] and minute >= first) or (
            yesterday in time["days"] and minute < last
        ):
            return True
    return False


def next_turn(hours: Hours | None, weekday: int, minute: int) -> int | None:
    """Give the minutes until something next opens or closes; None if it never does.

    Parameters
    ----------
    hours, weekday, minute
        As in `is_open`. What begins as another time ends, such as a night after an evening, is
        no turn.

    Returns
    -------
    int or None
        From 1 to the minutes of a week.

    Raises
    ------
    GeodataError
        If there is no such day or minute.
    """
    now = is_open(hours, weekday, minute)
    passed = (weekday - 1) * DAY + minute
    waits = sorted({(edge - passed) % WEEK or WEEK for edge in _edges(hours or ())})
    for wait in waits:
        day, clock = divmod((passed + wait) % WEEK, DAY)
        if is_open(hours, day + 1, clock) != now:
            return wait
    return None


def _edges(hours: Hours) -> Iterator[int]:
    """Give the minutes of a week at which a time begins or ends."""
    for time in hours:
        first, last = _minutes(time["from"]), _minutes(time["to"])
        for day in time["days"]:
            yield (day - 1) * DAY + first
            yield (day - 1 + (last < first)) * DAY + last


def open_at(hours: "pd.Series[Any]", weekday: int, minute: int) -> Bools:
    """Tell for each facility whether it is open; a missing value is always open.

    Raises
    ------
    GeodataError
        If hours are none, as `check` says; names every row.
    """
    found = np.ones(len(hours), dtype=bool)
    faults: list[Fault] = []
    for at, (label, value) in enumerate(hours.items()):
        if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
            continue
        try:
            check(value)
        except GeodataError as error:
            faults += [Fault(str(fault), label, "hours") for fault in error.faults]
        else:
            found[at] = is_open(value, weekday, minute)
    if faults:
        raise GeodataError(faults)
    return found


def _faults(row: int, time: object) -> list[Fault]:
    if not isinstance(time, Mapping):
        return [Fault("the time is not days, from and to", row)]
    faults = [Fault("the part is missing", row, key) for key in _KEYS if key not in time]
    faults += [Fault("there is no such part", row, str(key)) for key in time if key not in _KEYS]
    if faults:
        return faults
    days = time["days"]
    if not isinstance(days, list | tuple) or not days or not all(_is_day(day) for day in days):
        faults.append(Fault("not a list of days, 1 for Monday to 7 for Sunday", row, "days"))
    elif len(set(days)) < len(days):
        faults.append(Fault("a day stands twice", row, "days"))
    for key in ("from", "to"):
        clock = time[key]
        if not (isinstance(clock, str) and _CLOCK.fullmatch(clock)):
            faults.append(Fault("not a time like 08:30", row, key))
        elif key == "from" and clock == "24:00":
            faults.append(Fault("24:00 is the end of a day: write 00:00 of the next", row, key))
    if not faults and time["from"] == time["to"]:
        faults.append(
            Fault("the end is the beginning: write 00:00 to 24:00 for all day", row, "to")
        )
    return faults


def _is_day(day: object) -> bool:
    return isinstance(day, int) and not isinstance(day, bool) and 1 <= day <= 7


def _minutes(clock: str) -> int:
    return 60 * int(clock[:2]) + int(clock[3:])
