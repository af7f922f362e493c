"""Opening hours: every minute of a week, and what is none."""

import numpy as np
import pandas as pd
import pytest

from geodata import opening
from geodata.errors import GeodataError
from geodata.opening import DAY, check, is_open, next_turn, open_at

WORKDAYS = [{"days": [1, 2, 3, 4, 5], "from": "08:00", "to": "17:30"}]
NIGHT = [{"days": [5, 7], "from": "22:00", "to": "06:00"}]
ALL_SATURDAY = [{"days": [6], "from": "00:00", "to": "24:00"}]
EVENING = [{"days": [6], "from": "18:00", "to": "00:00"}]


def minutes_open(hours):
    """Every minute of the week, Monday first, the plain way."""
    week = np.zeros(7 * DAY, dtype=bool)
    for time in hours:
        first, last = (int(time[key][:2]) * 60 + int(time[key][3:]) for key in ("from", "to"))
        length = last - first if last > first else last + DAY - first
        for day in time["days"]:
            start = (day - 1) * DAY + first
            week[np.arange(start, start + length) % (7 * DAY)] = True
    return week


@pytest.mark.parametrize("hours", [WORKDAYS, NIGHT, ALL_SATURDAY, EVENING, [*WORKDAYS, *NIGHT], []])
def test_every_minute_of_the_week(hours):
    check(hours)
    got = [is_open(hours, day, minute) for day in range(1, 8) for minute in range(DAY)]
    assert got == minutes_open(hours).tolist()


BOTH = [
    {"days": [1, 2], "from": "08:00", "to": "12:00"},
    {"days": [1], "from": "12:00", "to": "18:00"},  # no turn at noon on Monday
    {"days": [2, 7], "from": "11:00", "to": "02:00"},
]
ALWAYS = [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}]


@pytest.mark.parametrize("hours", [WORKDAYS, NIGHT, ALL_SATURDAY, EVENING, BOTH, ALWAYS, []])
def test_the_next_turn_is_what_waiting_minute_by_minute_finds(hours):
    week = minutes_open(hours)
    waits = np.full(len(week), -1)
    turned = np.flatnonzero(week != np.roll(week, 1))
    for at in range(len(week)):
        if len(turned):
            after = turned[turned > at]
            waits[at] = (after[0] if len(after) else turned[0] + len(week)) - at
    asked = [*range(0, len(week), 13), *turned, *((turned - 1) % len(week))]
    got = [next_turn(hours, 1 + at // DAY, at % DAY) or -1 for at in asked]
    assert got == waits[asked].tolist()
    assert set(got) == {-1} or min(got) == 1


def test_what_is_always_open_never_turns():
    assert next_turn(None, 3, 600) is None


def test_the_ends():
    assert is_open(WORKDAYS, 1, 8 * 60)
    assert not is_open(WORKDAYS, 1, 17 * 60 + 30)
    assert is_open(NIGHT, 6, 5 * 60 + 59)
    assert is_open(NIGHT, 1, 0)
    assert not is_open(NIGHT, 6, 6 * 60)
    assert not is_open(EVENING, 7, 0)


def test_nothing_said_is_always_open():
    check(None)
    assert is_open(None, 7, 0)


@pytest.mark.parametrize(("weekday", "minute"), [(0, 0), (8, 0), (1, -1), (1, DAY), (1.5, 0)])
def test_no_such_moment(weekday, minute):
    with pytest.raises(GeodataError, match="is not"):
        is_open(WORKDAYS, weekday, minute)


@pytest.mark.parametrize(
    ("hours", "places"),
    [
        ("08:00-17:00", [(None, None)]),
        ({"days": [1]}, [(None, None)]),
        ([[1]], [(1, None)]),
        ([{"days": [1], "from": "08:00"}], [(1, "to")]),
        ([{"days": [1], "from": "08:00", "to": "9:00"}], [(1, "to")]),
        ([{"days": [1], "from": "24:00", "to": "09:00"}], [(1, "from")]),
        ([{"days": [1], "from": "08:00", "to": "24:30"}], [(1, "to")]),
        ([{"days": [1], "from": "08:00", "to": "08:00"}], [(1, "to")]),
        ([{"days": [1], "from": "٠٨:00", "to": "09:00"}], [(1, "from")]),
        ([{"days": [1], "from": 480, "to": "09:00"}], [(1, "from")]),
        (
            [*WORKDAYS, {"days": [0, 8], "from": "x", "to": None}],
            [(2, "days"), (2, "from"), (2, "to")],
        ),
        ([{"days": [], "from": "08:00", "to": "09:00"}], [(1, "days")]),
        ([{"days": [True], "from": "08:00", "to": "09:00"}], [(1, "days")]),
        ([{"days": [1, 1], "from": "08:00", "to": "09:00"}], [(1, "days")]),
        ([{**WORKDAYS[0], "note": "x"}], [(1, "note")]),
        (WORKDAYS * 101, [(None, None)]),
    ],
)
def test_what_is_none_is_named(hours, places):
    with pytest.raises(GeodataError) as caught:
        check(hours)
    assert [(fault.row, fault.column) for fault in caught.value.faults] == places


def test_a_column_of_facilities():
    hours = pd.Series([None, [], WORKDAYS, np.nan, pd.NA], index=list("abcde"), dtype=object)
    assert open_at(hours, 1, 600).tolist() == [True, False, True, True, True]
    assert open_at(hours, 7, 600).tolist() == [True, False, False, True, True]
    with pytest.raises(GeodataError, match="row b, column 'hours': opening hours are not a list"):
        open_at(pd.Series([None, "always"], index=["a", "b"]), 1, 0)
    assert opening.open_at(pd.Series([], dtype=object), 1, 0).tolist() == []
