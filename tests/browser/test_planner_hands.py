"""What a planner does with more than one thing at once: rings, buildings, measures."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from chrome import SCREENSHOTS, quiet
from planners import (
    DONE,
    OPEN,
    Point,
    answered,
    collection,
    inner,
    look_at,
    middle,
    operations,
    ready,
    rings,
    spot,
    tap,
)
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
TOWNSHIP, COMMUNITY = "990101002", "990101003002"


def opened(visit: Visit, area: str) -> tuple[Page, str]:
    page = visit("/planner", user="planner", size=(1440, 900))
    number = str(page.evaluate(OPEN, {"area": area, "name": "方案 C"}))
    page.goto(page.url.split("/planner")[0] + f"/planner/{number}?lang=zh_CN")
    ready(page)
    return page, number


def households(page: Page, number: str) -> dict[str, int]:
    return {e["id"]: e["properties"]["households"] for e in collection(page, number, "grids")}


def encircle(page: Page, block: dict[str, Any]) -> None:
    """Draw a ring round a block by one stroke of the mouse."""
    look_at(page, middle(block), 17)
    places: list[Point] = [place for ring in rings(block) for place in ring]
    xs, ys = zip(*(spot(page, place) for place in places), strict=True)
    left, right, top, bottom = min(xs) - 6, max(xs) + 6, min(ys) - 6, max(ys) + 6
    box = page.locator(".mapbox").bounding_box()
    assert box
    left, right = max(left, box["x"] + 20), min(right, box["x"] + box["width"] - 80)
    top, bottom = max(top, box["y"] + 130), min(bottom, box["y"] + box["height"] - 20)
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top + 8)):
        page.mouse.move(x, y, steps=6)
    page.mouse.up()


def hand_encircled(page: Page, number: str, unit: str) -> None:
    """Encircle, hand to a neighbour; what the ground refuses is let go, then the next block."""
    for block in collection(page, number, "blocks"):
        if not block["properties"]["households"]:
            continue
        page.keyboard.press("l")
        expect(page.locator(".lasso")).to_have_count(1)
        encircle(page, block)
        quiet(page)
        give = page.locator(".tool-bar").get_by_role("button", name=re.compile("^给"))
        if give.count():
            expect(page.locator(".tool-bar")).to_contain_text(unit)
            give.first.click()
            page.keyboard.press("Enter")
            answered(page)
            if operations(page):
                return
            expect(page.locator(".refusal")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page.locator(".lasso")).to_have_count(0)
    raise AssertionError(f"no {unit} could be handed over")


@pytest.mark.parametrize("unit", ["街块", "栋楼"])
def test_what_is_encircled_is_handed_over_and_undone(visit: Visit, unit: str) -> None:
    page, number = opened(visit, COMMUNITY)
    before = households(page, number)
    page.keyboard.press("h")
    if unit == "栋楼":
        look_at(page, middle(collection(page, number, "blocks")[0]), 17)
        page.get_by_role("button", name="楼栋", exact=True).click()
        expect(page.locator(".tool-bar")).to_contain_text("点或圈要划走的楼")
    hand_encircled(page, number, unit)
    page.screenshot(path=SCREENSHOTS / f"planner-ring-{'b' if unit == '栋楼' else 'a'}.png")
    after = households(page, number)
    assert after != before
    assert sum(after.values()) == sum(before.values())
    page.keyboard.press("Control+z")
    expect(page.locator("#operations li.u")).to_have_count(1)
    assert households(page, number) == before
    assert not page.notes.errors or all(  # type: ignore[attr-defined]
        "/operations" in line
        for line in page.notes.errors  # type: ignore[attr-defined]
    )


def test_the_map_takes_the_colour_of_the_chosen_measure(visit: Visit) -> None:
    page, number = opened(visit, TOWNSHIP)
    grids = collection(page, number, "grids")
    names = page.locator("#measure option").evaluate_all("all => all.map((one) => one.value)")
    assert {"deviation", "people", "polsby_popper", "reock", "along_roads", "visits_due"} <= {
        *names
    }
    page.locator("#measure").select_option("people")
    expect(page.locator(".legend-title")).to_have_text("人数")
    classes = page.locator(".legend li")
    expect(classes.first).to_contain_text(re.compile(r"\d"))
    # Every grid stands in one bar, and the panel says the figure that the server gave.
    bars = page.locator("#histogram text").all_inner_texts()
    assert bars
    first = grids[0]
    page.locator("#grid-choice").select_option(first["id"])
    row = page.locator("#chosen-measures tr", has_text="人数").locator("td")
    people = int(re.sub(r"\D", "", row.inner_text()))
    assert people == first["properties"]["people"]
    page.screenshot(path=SCREENSHOTS / "planner-measure.png")


def test_a_proposal_is_taken_in_part_and_undone(visit: Visit) -> None:
    page, number = opened(visit, COMMUNITY)
    page.keyboard.press("s")
    tap(page, inner(collection(page, number, "grids")[0]), 16)
    page.get_by_role("button", name="均分 2 份").click()  # both halves are too small by the rule
    expect(page.locator(DONE)).to_have_count(1)
    before = households(page, number)
    page.locator("#proposal-kind").select_option("rebalance")
    page.locator("#proposal-ask").click()
    steps = page.locator(".step-list li")
    expect(steps.first).to_be_visible(timeout=180_000)
    assert households(page, number) == before  # only shown so far
    expect(page.locator(".legend")).to_contain_text("提议划给别的网格")
    page.screenshot(path=SCREENSHOTS / "planner-proposal.png")
    boxes = page.locator(".step-list input")
    for i in reversed(range(1, boxes.count())):
        if boxes.nth(i).is_checked():
            boxes.nth(i).uncheck()
    taken = page.locator(".step-list input:checked").count()
    page.get_by_role("button", name=re.compile("^(采用选中的|全部采用)$")).click()
    expect(page.locator(DONE)).to_have_count(1 + taken)
    after = households(page, number)
    assert after != before
    assert sum(after.values()) == sum(before.values())
    for count in range(1, taken + 1):
        page.keyboard.press("Control+z")
        expect(page.locator("#operations li.u")).to_have_count(count)
    assert households(page, number) == before
