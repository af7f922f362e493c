"""The page of all incidents asks for the rows that it shows, and for no others."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from chrome import quiet
from playwright.sync_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
LIST = re.compile(r"/api/incidents\?")
ENDED = re.compile("已办结|已评价|不受理|已合并")
ASKED = """() => performance.getEntriesByType("resource").map(({ name }) => name)
  .filter((name) => name.includes("/api/incidents?"))"""
NUMBERS = """async (asked) => (await (await fetch(`/api/incidents?${asked}`)).json())
  .features.map(({ properties }) => String(properties.number))"""
REPORT = """async ({ id, title }) => {
  const { features } = await (await fetch("/api/incidents?state=open&limit=1")).json();
  const answer = await fetch("/api/incidents", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify({ id, title, category: "rubbish", level: 4, geometry: features[0].geometry }),
  });
  return answer.status;
}"""  # noqa: E501


def asked(page: Page) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(each).query) for each in page.evaluate(ASKED)]


def test_closed_ones_appear_only_when_they_are_asked_for(visit: Visit) -> None:
    page = visit("/incidents")
    rows = page.locator("#panel-incidents tbody tr")
    expect(rows.first).to_be_visible()
    expect(page.locator("#state")).to_have_value("open")
    quiet(page)
    expect(rows.filter(has_text=ENDED)).to_have_count(0)
    for each in asked(page):
        assert (each["state"], each["limit"]) == (["open"], ["100"])
        assert "cursor" not in each
    with page.expect_response(
        lambda answer: bool(LIST.search(answer.url)) and "state=" not in answer.url
    ):
        page.locator("#state").select_option("")
    expect(rows.filter(has_text=ENDED).first).to_be_visible()
    expect(page).to_have_url(re.compile("state=all"))
    page.reload()
    expect(page.locator("#state")).to_have_value("")
    expect(rows.filter(has_text=ENDED).first).to_be_visible()


def test_one_page_at_a_time_and_the_newest_first(visit: Visit) -> None:
    page = visit("/incidents?state=all", ready=False)

    def fewer(route: Route) -> None:
        """A page of three rows instead of a hundred."""
        less = re.sub(
            r"limit=(\d+)", lambda found: f"limit={int(found[1]) - 97}", route.request.url
        )
        route.continue_(url=less)

    page.route(LIST, fewer)
    page.reload()
    numbers = page.locator("#panel-incidents tbody th .under")
    more = page.locator("#more")
    expect(numbers).to_have_count(3)
    expect(page.locator("#count")).to_have_text("前 3 件")
    more.click()
    expect(numbers).to_have_count(6)
    shown = [text.split(" ")[0] for text in numbers.all_inner_texts()]
    page.unroute(LIST)
    assert shown == page.evaluate(NUMBERS, "sort=newest&limit=6")
    assert sum("cursor" in each for each in asked(page)) == 1
    # to the end: then there is nothing more to press
    more.click()
    expect(more).to_be_hidden()
    assert len(set(numbers.all_inner_texts())) == numbers.count() > 6


def test_a_report_appears_on_the_page_by_asking_for_one_page(visit: Visit) -> None:
    page = visit("/incidents")
    expect(page.locator("#panel-incidents tbody tr").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-feed", "live", timeout=60_000)
    before = len(asked(page))
    title = "垃圾桶满了"
    new: Any = {"id": str(uuid.uuid4()), "title": title}
    assert page.evaluate(REPORT, new) == 201
    first = page.locator("#panel-incidents tbody tr").first
    expect(first).to_contain_text(title, timeout=60_000)
    again = [each for each in asked(page)[before:] if "sort" in each]
    assert again
    assert all(each["limit"] == ["100"] and "cursor" not in each for each in again)
