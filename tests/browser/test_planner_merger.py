"""Two communities made one on the planner's page, and made two again."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
import shapely
from chrome import SCREENSHOTS
from planners import DONE, OPEN, collection, ready
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

TOWNSHIP = "990101002"


def neighbours(grids: list[dict[str, Any]]) -> tuple[str, str]:
    """Find two communities with a common border."""
    shapes: dict[str, list[Any]] = {}
    for grid in grids:
        code = grid["properties"]["community"]
        shapes.setdefault(code, []).append(shapely.geometry.shape(grid["geometry"]))
    grounds = {code: shapely.union_all(each) for code, each in sorted(shapes.items())}
    for one, other in combinations(grounds, 2):
        if shapely.length(shapely.intersection(grounds[one], grounds[other])) > 1e-4:
            return one, other
    raise AssertionError("no two communities touch")


def communities(page: Page, number: str) -> set[str]:
    return {each["properties"]["community"] for each in collection(page, number, "grids")}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_merger_is_taken_and_undone(visit: Callable[..., Page], language: str) -> None:
    page = visit("/planner", user="planner", size=(1440, 900))
    number = str(page.evaluate(OPEN, {"area": TOWNSHIP, "name": "合并"}))
    page.goto(page.url.split("/planner")[0] + f"/planner/{number}?lang={language}")
    ready(page)
    grids = collection(page, number, "grids")
    one, other = neighbours(grids)
    before = communities(page, number)
    mine = next(each for each in grids if each["properties"]["community"] == one)
    page.locator("#grid-choice").select_option(mine["id"])
    page.locator("#proposal-kind").select_option("merge_communities")
    page.locator("#proposal-other").select_option(other)
    page.locator("#proposal-name").fill(" 东湖社区 ")
    page.locator("#proposal-ask").click()
    step = page.locator(".step-list li")
    expect(step).to_contain_text(re.compile("601"), timeout=180_000)
    assert communities(page, number) == before  # only shown so far
    page.locator(".proposal").scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / f"planner-merger-{language}.png")
    page.locator(".proposal .btn.primary").click()
    expect(page.locator(DONE)).to_have_count(1)
    expect(page.locator(DONE)).to_contain_text("601")
    (made,) = communities(page, number) - before
    assert made == TOWNSHIP + "601"
    assert communities(page, number) == before - {one, other} | {made}
    # the page holds what the server holds
    held = page.locator("#grid-choice option").all_inner_texts()
    assert any(label.startswith("601-") for label in held)
    # it has the name that was said, until another one is
    grids = collection(page, number, "grids")
    new = next(each for each in grids if each["properties"]["community"] == made)
    page.locator("#grid-choice").select_option(new["id"])
    expect(page.locator("#chosen-head")).to_contain_text("东湖社区")
    page.screenshot(path=SCREENSHOTS / f"planner-merged-{language}.png")
    page.locator("#chosen-head p", has_text="东湖社区").locator("button").click()
    page.locator("#ask-name").fill("南湖社区")
    page.screenshot(path=SCREENSHOTS / f"planner-merged-name-{language}.png")
    page.locator("dialog .btn.primary").click()
    expect(page.locator("#chosen-head")).to_contain_text("南湖社区")
    expect(page.locator("#operations")).to_contain_text("东湖社区 → 南湖社区")
    page.locator("#undo").click()
    expect(page.locator("#operations li.u")).to_have_count(1)
    expect(page.locator("#chosen-head")).to_contain_text("东湖社区")
    page.locator("#undo").click()
    expect(page.locator("#operations li.u")).to_have_count(2)
    assert communities(page, number) == before
