"""The planner's pages: by mouse and by keyboard, alone and with another planner, in every size."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from chrome import SCREENSHOTS, sign_in
from planners import (
    DONE,
    OPEN,
    answered,
    choose_border,
    collection,
    drag,
    hand_one_block,
    inner,
    look_at,
    nearest_dot,
    operations,
    ready,
    tap,
)
from playwright.sync_api import Browser, Page, expect
from test_pages import chinese_words, overflowing, serious, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
TOWNSHIP, COMMUNITY = "990101002", "990101003002"
SCRIPT = "<img src=x onerror=window.__ran=1>`${alert(1)}`"
SIZES = ((1280, 800), (1440, 900), (1920, 1080), (1100, 800))


@pytest.fixture
def scenario(visit: Visit) -> Callable[..., tuple[Page, str]]:
    """Open a new scenario in the editor: the page and its number."""

    def opened(area: str = COMMUNITY, name: str = "方案 B", **more: Any) -> tuple[Page, str]:
        page = visit("/planner", user="planner", size=(1440, 900))
        number = str(page.evaluate(OPEN, {"area": area, "name": name}))
        page.goto(
            page.url.split("/planner")[0]
            + f"/planner/{number}?lang={more.get('language', 'zh_CN')}"
        )
        ready(page)
        return page, number

    return opened


def test_planners_and_leads_land_on_their_scenarios(chromium: Browser, demo_server: Any) -> None:
    for user in ("planner", "lead"):
        context = chromium.new_context()
        page = context.new_page()
        sign_in(page, demo_server, user)
        assert page.url.endswith("/planner")
        context.close()


def test_a_name_is_text_wherever_it_is_shown(scenario: Callable[..., tuple[Page, str]]) -> None:
    page, number = scenario(name=SCRIPT[:80])
    expect(page.locator("#scenario-name")).to_have_text(SCRIPT[:80])
    expect(page.locator("#comparison tr").last.locator("th")).to_have_text(SCRIPT[:80])
    (first, *_rest) = collection(page, number, "grids")
    tap(page, inner(first), 16)
    page.get_by_role("button", name="改名").click()
    page.get_by_label("网格名").fill(SCRIPT)
    page.locator("dialog").get_by_role("button", name="改名").click()
    expect(page.locator("#chosen-head .clip")).to_have_text(SCRIPT)
    page.goto(page.url.split("/planner")[0] + "/planner")
    expect(page.get_by_role("link", name=SCRIPT[:80]).first).to_be_visible()
    assert page.evaluate("window.__ran") is None
    assert not page.notes.errors  # type: ignore[attr-defined]


def test_a_block_by_mouse_then_undo_and_redo_by_keyboard_also_after_a_reload(
    scenario: Callable[..., tuple[Page, str]],
) -> None:
    page, number = scenario()
    before = {
        each["id"]: each["properties"]["households"] for each in collection(page, number, "grids")
    }
    hand_one_block(page, number)
    after = {
        each["id"]: each["properties"]["households"] for each in collection(page, number, "grids")
    }
    assert after != before
    assert sum(after.values()) == sum(before.values())
    expect(page.locator(DONE).first).to_contain_text("→")
    page.reload()
    ready(page)
    page.keyboard.press("Control+z")
    expect(page.locator("#operations li.u")).to_have_count(1)
    assert {
        e["id"]: e["properties"]["households"] for e in collection(page, number, "grids")
    } == before
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator("#operations li.u")).to_have_count(0)
    expect(page.locator("#undo")).to_be_enabled()
    expect(page.locator("#redo")).to_be_disabled()


def test_a_border_by_keyboard_alone(scenario: Callable[..., tuple[Page, str]]) -> None:
    page, number = scenario()
    (first, *_rest) = collection(page, number, "grids")
    page.locator("#grid-choice").select_option(first["id"])
    page.locator("#chosen-arcs button").first.focus()
    page.keyboard.press("Enter")
    dots = page.locator(".handle.middle")
    expect(dots.first).to_be_visible()
    assert all(dots.nth(i).bounding_box()["width"] >= 44 for i in range(dots.count()))
    done = 0
    for i in range(dots.count()):
        dots.nth(min(i, dots.count() - 1)).focus()
        page.keyboard.press("Enter")  # the dot becomes a vertex and keeps the focus
        expect(page.locator(".handle.vertex:focus")).to_have_count(1)
        page.keyboard.press("ArrowRight")
        expect(page.locator(".ms.dim")).to_have_count(1)
        expect(page.locator("#chosen-stamp")).to_have_text("数字等服务器确认")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        answered(page)
        done = operations(page)
        if done:
            break
    assert done == 1
    expect(page.locator("#chosen-stamp")).to_contain_text(re.compile(r"服务器 \d\d:\d\d:\d\d"))


def test_what_the_ground_refuses_goes_back_and_says_why(
    scenario: Callable[..., tuple[Page, str]],
) -> None:
    page, number = scenario()
    arc = choose_border(page, number)
    line = arc["geometry"]["coordinates"]
    look_at(page, line[len(line) // 2], 15)
    # far outside of both grids
    drag(page, nearest_dot(page, ".handle.vertex, .handle.middle"), (330, 640))
    expect(page.locator(".refusal")).to_be_visible()
    assert re.search(r"线|边|网格", page.locator(".refusal").inner_text())
    assert operations(page) == 0
    held = collection(page, number, "arcs")
    assert next(each for each in held if each["id"] == arc["id"])["geometry"] == arc["geometry"]
    expect(page.locator(".ms.dim")).to_have_count(0)


def test_merging_only_neighbours(scenario: Callable[..., tuple[Page, str]]) -> None:
    page, number = scenario(TOWNSHIP)
    grids = {each["id"]: each for each in collection(page, number, "grids")}
    first = grids["990101002001001"]
    far = grids["990101002009001"]
    page.keyboard.press("m")
    tap(page, inner(first), 15)
    tap(page, inner(far), 15)
    expect(page.locator(".tool-bar")).to_contain_text("不能合并")
    expect(page.locator(".tool-bar .primary")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator(".tool-bar")).to_contain_text("点两个或更多")


def test_problems_are_walked_through_with_n(scenario: Callable[..., tuple[Page, str]]) -> None:
    page, number = scenario(TOWNSHIP)
    numbered = page.locator("#problems button")
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    tap(page, inner(collection(page, number, "grids")[0]), 16)
    page.get_by_role("button", name="均分 2 份").click()  # two halves are too small by the rule
    expect(page.locator(DONE)).to_have_count(1, timeout=60_000)
    expect(numbered.nth(1)).to_be_visible()
    count = numbered.count()
    for i in range(count + 1):
        page.locator("#scenario-name").focus()
        page.keyboard.press("n")
        chosen = page.locator("#problems .sel")
        expect(chosen).to_have_attribute("data-problem", str(i % count + 1))
    page.locator("#compare").click()
    expect(page.locator("#compare")).to_have_attribute("aria-pressed", "true")
    page.screenshot(path=SCREENSHOTS / "planner-problems.png")


def test_only_a_second_person_may_approve(scenario: Callable[..., tuple[Page, str]]) -> None:
    page, _number = scenario()
    page.locator("[data-step=validate]").click()
    expect(page.locator("#scenario-state")).to_have_text("校验过", timeout=60_000)
    expect(page.locator("[data-step=approve]")).to_have_count(0)
    expect(page.locator("#step-hint")).to_have_text("规划负责人审批")
    page.locator("[data-step=discard]").click()
    expect(page.get_by_role("button", name="不放弃")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("#scenario-state")).to_have_text("校验过")


def faults_of(page: Page, language: str) -> dict[str, list[str]]:
    found = {
        "beyond": overflowing(page),
        "small": small_targets(page),
        "axe": serious(page),
        "outside": page.notes.outside,  # type: ignore[attr-defined]
        "console": page.notes.errors,  # type: ignore[attr-defined]
        "policy": page.evaluate("window.__refused"),
        "chinese": chinese_words(page) if language == "en" else [],
    }
    return {what: lines for what, lines in found.items() if lines}


def half_of(page: Page) -> tuple[float, float]:
    """Give the map's share of the window's width and height."""
    box = page.locator(".mapbox").bounding_box()
    size = page.viewport_size
    assert box
    assert size
    return box["width"] / size["width"], box["height"] / size["height"]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_editor_in_every_size(scenario: Callable[..., tuple[Page, str]], language: str) -> None:
    page, number = scenario(TOWNSHIP, "Plan B", language=language)
    SCREENSHOTS.mkdir(exist_ok=True)
    choose_border(page, number)
    wrong = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        ready(page)
        arc = choose_border(page, number)
        look_at(page, arc["geometry"]["coordinates"][0], 16)
        page.wait_for_timeout(1200)
        page.screenshot(path=SCREENSHOTS / f"planner-{language}-{width}.png")
        wide, high = half_of(page)
        assert wide >= 0.5, (width, wide)
        assert high >= 0.5, (width, high)
        if faults := faults_of(page, language):
            wrong[f"{width}"] = faults
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_list_in_both_languages(visit: Visit, language: str) -> None:
    page = visit("/planner", user="lead", language=language)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"planner-list-{language}.png")
    assert not faults_of(page, language)
