"""A border is moved, tried, undone, checked, published by a second person; history keeps both."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from planners import (
    Point,
    collection,
    drag_border,
    hand_one_block,
    inner,
    operations,
    point_on,
    ready,
    split_along_a_line,
    tap,
)
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

Visit = Callable[..., Page]
COMMUNITY = "990101001001"  # of the demo's member; it has one grid of 475 households
NAME = "<b>秋季</b> 调整 & co"
REPORT = """async ({ id, lon, lat }) => {
  const answer = await fetch("/api/incidents", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify({
      id, category: "rubbish", title: "楼道堆物", level: null,
      geometry: { type: "Point", coordinates: [lon, lat] },
    }),
  });
  return [answer.status, await answer.json()];
}"""


def unexpected(page: Page) -> list[str]:
    """Errors of the console, but for borders that the ground refused on the way."""
    lines: list[str] = page.notes.errors  # type: ignore[attr-defined]
    return [line for line in lines if "/operations" not in line]


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def open_scenario(page: Page) -> str:
    page.locator("#area").select_option(COMMUNITY)
    page.locator("#name").fill(NAME)
    page.get_by_role("button", name="新建方案").click()
    page.wait_for_url(re.compile(r"/planner/\d+$"))
    ready(page)
    expect(page.locator("#scenario-name")).to_have_text(NAME)
    return page.url.rsplit("/", 1)[1]


def split_in_two(page: Page, number: str, key: str) -> None:
    page.keyboard.press("s")
    (grid,) = [each for each in collection(page, number, "grids") if each["id"] == key]
    tap(page, grid["properties"]["label_point"])
    before = operations(page)
    page.get_by_role("button", name="均分 2 份").click()
    expect(page.locator("#operations li:not(.mut)")).to_have_count(before + 1)


def merge(page: Page, number: str, keys: list[str]) -> None:
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    found = {each["id"]: each for each in collection(page, number, "grids")}
    for key in keys:
        tap(page, inner(found[key]))
    before = operations(page)
    page.locator(".tool-bar").get_by_role("button", name="合并", exact=False).first.click()
    expect(page.locator("#operations li:not(.mut)")).to_have_count(before + 1)


def draw(page: Page) -> str:
    """Do a planner's work on one community; give the number of the scenario."""
    number = open_scenario(page)
    (only,) = [each["id"] for each in collection(page, number, "grids")]
    split_in_two(page, number, only)
    hand_one_block(page, number)
    drag_border(page, number)
    third = {each["id"] for each in collection(page, number, "grids")}
    split_along_a_line(page, number, only)
    new = [key for key in (e["id"] for e in collection(page, number, "grids")) if key not in third]
    merge(page, number, [only, *new])
    assert {each["id"] for each in collection(page, number, "grids")} == third
    return number


def test_a_border_becomes_published_grids(visit: Visit) -> None:
    page = visit("/planner", user="planner", size=(1440, 900))
    number = draw(page)
    undo_and_reload(page)
    validate(page)
    expect(page.locator("#step-hint")).to_contain_text("规划负责人审批")
    planned = {each["id"]: each for each in collection(page, number, "grids")}
    assert unexpected(page) == []
    assert page.evaluate("window.__refused") == []
    publish(visit, number)
    new = look_at_history(visit, planned)
    report_in(visit, new)


def undo_and_reload(page: Page) -> None:
    before = operations(page)
    page.keyboard.press("Control+z")
    expect(page.locator("#operations li.u")).to_have_count(1)
    page.reload()
    ready(page)
    expect(page.locator("#operations li:not(.mut)")).to_have_count(before)
    expect(page.locator("#operations li.u")).to_have_count(1)
    expect(page.locator("#redo")).to_be_enabled()
    page.keyboard.press("Control+y")
    expect(page.locator("#operations li.u")).to_have_count(0)


def validate(page: Page) -> None:
    page.locator("[data-step=validate]").click()
    expect(page.locator("#scenario-state")).to_have_text("校验过", timeout=60_000)


def publish(visit: Visit, number: str) -> None:
    lead = visit(f"/planner/{number}", user="lead", size=(1440, 900))
    ready(lead)
    for step, verb, state in (("approve", "审批", "已审批"), ("publish", "发布", "已发布")):
        lead.locator(f"[data-step={step}]").click()
        dialog = lead.locator("dialog")
        expect(dialog.get_by_role("button", name=f"不{verb}")).to_be_focused()
        expect(dialog).to_contain_text("户换网格")
        dialog.get_by_role("button", name=verb, exact=True).click()
        expect(lead.locator("#scenario-state")).to_have_text(state, timeout=60_000)
    assert unexpected(lead) == []


def grids_of(page: Page, day: date | None) -> dict[str, Any]:
    """What the table of /grids shows of the community: households by label, and the features."""
    page.locator("#as-of-day").fill(day.isoformat() if day else "")
    expect(page.locator("#as-of-words")).to_be_visible(visible=day is not None)
    query = f"?area={COMMUNITY}" + (f"&as_of={day}" if day else "")
    found = page.evaluate("(query) => fetch(`/api/grids${query}`).then((r) => r.json())", query)
    for each in found["features"]:
        code, households = each["properties"]["code"], each["properties"]["households"]
        row = page.locator(f'tr[data-code="{code}"]')
        expect(row.locator("td").first).to_have_text(str(households))
    codes = {each["properties"]["code"] for each in found["features"]}
    shown = page.locator(f'tr[data-code^="{COMMUNITY}"]')
    expect(shown).to_have_count(len(codes))
    return {each["properties"]["code"]: each for each in found["features"]}


def look_at_history(visit: Visit, planned: dict[str, Any]) -> dict[str, Any]:
    page = visit("/grids", user="lead", size=(1440, 900))
    now = grids_of(page, None)
    assert sorted(each["properties"]["households"] for each in now.values()) == sorted(
        each["properties"]["households"] for each in planned.values()
    )
    before = grids_of(page, today() - timedelta(days=1))
    assert list(before) == [f"{COMMUNITY}001"]
    expect(page.locator("#as-of-words")).to_contain_text("不是现行的")
    page.get_by_role("button", name="回到现行").click()
    expect(page.locator("#as-of-words")).to_be_hidden()
    assert today().isoformat() in page.locator("#as-of-version").inner_text()
    (new,) = [each for code, each in now.items() if code not in before]
    return new


def report_in(visit: Visit, grid: dict[str, Any]) -> None:
    """A member's report afterwards carries the code of the new grid."""
    member = visit("/map", user="member", ready=False)
    place: Point = point_on(grid)
    status, receipt = member.evaluate(
        REPORT, {"id": str(uuid.uuid4()), "lon": place[0], "lat": place[1]}
    )
    assert status == 201, receipt
    assert receipt["grid"] == grid["properties"]["code"]
