"""What a run says beside its gaps: ground served, shares of each person, hours that have turned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from test_pages import chinese_words, overflowing, serious

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
GROUNDS = [
    {"facility": 1, "name": "Lake", "level": "small", "km2": 6.651, "margin_km2": 0.4,
     "most_km2": 2, "over": True},
    {"facility": 2, "name": None, "level": None, "km2": 3, "margin_km2": 0.1,
     "most_km2": None, "over": None},
]  # fmt: skip
SCORES = {"mean": 0.14, "people": 1000, "low_people": 250, "supply": "capacity"}


def told(totals: dict[str, Any], **more: Any) -> Callable[[Route], None]:
    """Let the newest runs say this as well."""

    def fulfil(route: Route) -> None:
        answer = route.fetch()
        runs = [{**run, **more, "totals": {**run["totals"], **totals}} for run in answer.json()]
        route.fulfill(response=answer, json=runs)

    return fulfil


def test_ground_shares_and_hours_are_said(visit: Visit) -> None:
    page = visit("/about", user="planner", language="en")
    page.route(
        "**/api/coverage/runs?standard=fire",
        told({"grounds": GROUNDS, "scores": SCORES}, stale=True, changed=["hours"]),
    )
    page.goto(page.url.split("/about")[0] + "/coverage?standard=fire&lang=en")
    expect(page.locator(".score-sums")).to_have_text(
        "140 places for a thousand people; 250 people have less than half of that"
    )
    expect(page.locator("#stamp .old")).to_contain_text("Opening hours")
    page.get_by_text("1 facility serves too much ground").click()
    lake, other = page.locator(".grounds-table tbody tr").all()
    expect(lake).to_contain_text("6.65 ±0.40")
    expect(lake).to_contain_text("Over")
    expect(other).to_contain_text("No rule")
    assert overflowing(page) == []
    assert serious(page) == []
    assert chinese_words(page) == []
