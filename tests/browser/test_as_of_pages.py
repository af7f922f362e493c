"""Lists with the grids of a day: said plainly, kept in the address, left by one press."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from test_pages import overflowing, serious, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
YESTERDAY = (datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(days=1)).date().isoformat()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("path", ["/households", "/incidents?state=all"])
def test_an_old_day_is_said_and_left(visit: Visit, path: str, language: str) -> None:
    page = visit(path, user="officer", language=language)
    band = page.locator("#as-of-band")
    rows = page.locator("table.list tbody tr")
    expect(rows.first).to_be_visible()
    expect(band).to_be_hidden()
    # by the field: the day stands in the band, the head of the column and the address
    with page.expect_response(lambda answer: f"as_of={YESTERDAY}" in answer.url):
        page.locator("#as-of-day").fill(YESTERDAY)
    expect(band).to_be_visible()
    expect(band).to_contain_text(YESTERDAY)
    expect(page.locator("table.list thead")).to_contain_text(YESTERDAY)
    expect(page).to_have_url(re.compile(rf"as_of={YESTERDAY}"))
    expect(rows.first).to_contain_text(re.compile(r"\d{3}-\d{3}"))
    assert not overflowing(page)
    assert not small_targets(page)
    assert not serious(page)
    # the address alone leads there as well, to a grid of that day
    grid = page.locator("#grid option").nth(1).get_attribute("value")
    page.goto(page.url.split("?")[0] + f"?as_of={YESTERDAY}&grid={grid}")
    expect(band).to_be_visible()
    expect(page.locator("#as-of-day")).to_have_value(YESTERDAY)
    expect(page.locator("#grid")).to_have_value(str(grid))
    # and one press leads back
    band.get_by_role("button").click()
    expect(band).to_be_hidden()
    expect(page).not_to_have_url(re.compile("as_of"))
    expect(page.locator("table.list thead, .empty").first).not_to_contain_text(YESTERDAY)
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_all_incidents_are_led_to_from_the_duty_map(visit: Visit) -> None:
    page = visit("/map", user="officer")
    page.locator("#queue-title a").click()
    expect(page.locator("h1")).to_have_text("全部事件")
    everything = page.locator("#panel-incidents tbody tr")
    expect(everything.first).to_be_visible()
    with page.expect_response(lambda answer: "state=closed" in answer.url):
        page.locator("#state").select_option("closed")
    rows = page.locator("#panel-incidents tbody tr")
    expect(rows.filter(has_not_text="已办结")).to_have_count(0)
    expect(rows.first).to_be_visible()
