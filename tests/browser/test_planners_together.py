"""Two planners at one scenario: grids in another's hand, edits seen at once, no divergence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from chrome import SCREENSHOTS
from planners import (
    DONE,
    OPEN,
    collection,
    inner,
    operations,
    ready,
    tap,
)
from playwright.sync_api import Locator, Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
COMMUNITY = "990101003002"
SOON = 10_000  # Milliseconds, a bound for a machine with other work; a second is what is promised.
# The page's own scenario tells its listeners of every change: there it can be got hold of.
WATCH = """async () => {
  const address = performance.getEntriesByType("resource")
    .map(({ name }) => name).find((name) => name.includes("/planner/scenario"));
  const { Scenario } = await import(address);
  const { tell } = Scenario.prototype;
  window.__seen = {};
  Scenario.prototype.tell = function (name, detail) {
    window.__scenario = this;
    window.__seen[this.version] ??= Date.now();
    tell.call(this, name, detail);
  };
}"""
HELD = """() => {
  const { version, grids, arcs } = window.__scenario;
  const sorted = (held) => [...held].map(([key, { geometry }]) => [key, geometry])
    .sort(([one], [other]) => one.localeCompare(other));
  return { version, grids: sorted(grids), arcs: sorted(arcs) };
}"""
LET_GO = """(address) => fetch(address, {
  method: "POST", body: '{"grids":[]}',
  headers: {
    "Content-Type": "application/json",
    "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
  },
})"""
SEEN = "(version) => window.__seen[version]"


def at(page: Page, version: int) -> float:
    """Wait until a page holds a version; give the moment it did, in milliseconds."""
    page.wait_for_function(SEEN, arg=version, timeout=60_000)
    return float(page.evaluate(SEEN, version))


@pytest.fixture
def pair(visit: Visit) -> tuple[Page, Page, str]:
    """A planner and a lead at one new scenario."""
    page = visit("/planner", user="planner", size=(1440, 900))
    number = str(page.evaluate(OPEN, {"area": COMMUNITY, "name": "两人一起"}))
    page.goto(page.url.split("/planner")[0] + f"/planner/{number}?lang=zh_CN")
    other = visit(f"/planner/{number}", user="lead", size=(1440, 900))
    for each in (page, other):
        ready(each)
        each.evaluate(WATCH)
    return page, other, number


def describe(page: Page, grid: dict[str, Any], name: str) -> Locator:
    """Take a grid in hand and type a name for it into its dialog; give the dialog."""
    tap(page, inner(grid), 16)
    page.get_by_role("button", name="改名").click()
    page.get_by_label("网格名").fill(name)
    return page.locator("dialog")


def put_down(page: Page) -> None:
    """Let go the grid in hand, once its dialog has gone."""
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Escape")


def test_what_another_has_in_hand_is_shown_and_refused_and_comes_free(
    pair: tuple[Page, Page, str],
) -> None:
    page, other, number = pair
    first, second = collection(page, number, "grids")[:2]
    expect(other.locator("#locks")).to_be_hidden()

    tap(page, inner(first), 16)
    held = other.locator("#lock-list")
    expect(held).to_contain_text("规划员")
    expect(held.get_by_role("button", name=first["properties"]["label"])).to_be_visible()
    expect(held).to_contain_text(re.compile(r"[01]:\d\d 后放开"))
    expect(other.locator(".legend")).to_contain_text("别人正在改")
    expect(page.locator("#locks")).to_be_hidden()  # one's own is no news

    dialog = describe(other, first, "北片")
    expect(other.locator(".map-note")).to_contain_text(re.compile("规划员.*正在改"))
    other.screenshot(path=SCREENSHOTS / "planner-locked.png")
    dialog.get_by_role("button", name="改名").click()
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile("规划员.*正在改"))
    expect(dialog.get_by_label("网格名")).to_have_value("北片")
    assert operations(page) == 0

    tap(page, inner(second), 16)  # the first is let go
    expect(held.get_by_role("button", name=first["properties"]["label"])).to_have_count(0)
    dialog.get_by_role("button", name="改名").click()
    expect(other.locator("#chosen-head .clip")).to_have_text("北片")
    page.keyboard.press("Escape")
    expect(other.locator("#locks")).to_be_hidden()
    expect(page.locator(DONE)).to_have_count(1)


def test_edits_of_another_come_at_once_and_both_hold_the_same(pair: tuple[Page, Page, str]) -> None:
    page, other, number = pair
    first, second = collection(page, number, "grids")[:2]
    delays = []

    def seen(version: int, hand: Page, eye: Page) -> None:
        delays.append(at(eye, version) - at(hand, version))

    describe(page, second, "北片").get_by_role("button", name="改名").click()
    seen(1, page, other)
    put_down(page)
    expect(other.locator("#locks")).to_be_hidden()
    other.keyboard.press("s")
    tap(other, inner(first), 16)
    other.get_by_role("button", name="均分 2 份").click()
    seen(2, other, page)
    other.keyboard.press("v")
    expect(page.locator("#locks")).to_be_hidden()
    page.keyboard.press("Control+z")
    seen(3, page, other)
    page.keyboard.press("Control+y")
    seen(4, page, other)
    (SCREENSHOTS / "planner-delays.json").write_text(json.dumps(delays))
    assert max(delays) < SOON, delays
    expect(page.locator("#operations li")).to_have_count(2)
    expect(page.locator("#toasts")).to_contain_text(re.compile("规划负责人.*改了"))
    one, two = page.evaluate(HELD), other.evaluate(HELD)
    assert one == two
    for part in ("grids", "arcs"):
        fresh = {str(each["id"]): each["geometry"] for each in collection(page, number, part)}
        assert dict(one[part]) == fresh


def test_who_comes_second_is_told_who_was_first_and_keeps_what_was_typed(
    pair: tuple[Page, Page, str],
) -> None:
    page, other, number = pair
    (grid, *_rest) = collection(page, number, "grids")
    dialog = describe(page, grid, "北片")
    sent: list[Route] = []

    def keep(route: Route) -> None:
        sent.append(route)

    page.route("**/operations", keep)
    with page.expect_request("**/operations"):
        dialog.get_by_role("button", name="改名").click()
    page.evaluate(LET_GO, f"/api/scenarios/{number}/locks")  # as if they had run out

    described = describe(other, grid, "南片")
    described.get_by_role("button", name="改名").click()
    expect(other.locator("#chosen-head .clip")).to_have_text("南片")
    put_down(other)
    expect(page.locator("#locks")).to_be_hidden()

    sent[0].continue_()
    page.unroute("**/operations")
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile("规划负责人.*刚改过这里"))
    expect(dialog.get_by_label("网格名")).to_have_value("北片")
    expect(page.locator(DONE)).to_have_count(1)
    dialog.get_by_role("button", name="改名").click()
    expect(page.locator("#chosen-head .clip")).to_have_text("北片")
