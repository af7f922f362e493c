"""Opening hours as rosters write them, in Chinese and as OpenStreetMap does."""

import pytest

from geodata import opening
from geodata.errors import GeodataError
from geodata.readers import hours

WEEK = [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("24小时", None),
        ("24/7", None),
        ("不开放", []),
        ("08:00-17:30", [(WEEK, "08:00", "17:30")]),
        ("每天 7:00至21:00", [(WEEK, "07:00", "21:00")]),
        ("周一至周五 08：00-17：30", [([1, 2, 3, 4, 5], "08:00", "17:30")]),
        (
            "周一到周五 08:00-12:00，14:00-17:30；周六、周日 09:00-12:00",
            [
                ([1, 2, 3, 4, 5], "08:00", "12:00"),
                ([1, 2, 3, 4, 5], "14:00", "17:30"),
                ([6, 7], "09:00", "12:00"),
            ],
        ),
        (
            "Mo-Fr 08:00-17:30; Sa 09:00-12:00",
            [([1, 2, 3, 4, 5], "08:00", "17:30"), ([6], "09:00", "12:00")],
        ),
        ("Mo,We 08:00-24:00", [([1, 3], "08:00", "24:00")]),
        ("周六至周一 20:00-06:00", [([1, 6, 7], "20:00", "06:00")]),
        ("工作日 09:00-17:00", [([1, 2, 3, 4, 5], "09:00", "17:00")]),
    ],
)  # fmt: skip
def test_hours_are_read(text, expected):
    found = hours.parse(text)
    opening.check(found)
    if expected is None:
        assert found is None
        return
    assert [(time["days"], time["from"], time["to"]) for time in found] == expected


@pytest.mark.parametrize(
    "text",
    ["早八点到晚五点", "08:00", "8-17", "周八 08:00-17:00", "Mo-We-Fr 08:00-17:00",
     "25:00-26:00", "08:00-08:00", "08:00-17:00 except holidays"],
)  # fmt: skip
def test_hours_nobody_can_be_sure_of_are_refused(text):
    with pytest.raises(GeodataError):
        hours.parse(text)


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize(
    "times",
    [
        None,
        [],
        [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}],
        [{"days": [6, 7], "from": "20:00", "to": "06:00"}],
        [
            {"days": [1, 3], "from": "08:00", "to": "12:00"},
            {"days": [7], "from": "09:30", "to": "10:00"},
        ],
    ],
)
def test_what_is_written_is_read_again(times, english):
    assert hours.parse(hours.write(times, english=english)) == times
