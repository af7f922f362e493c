"""Households and exports as an office and a tablet see them: found, put right, decided by two."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from chrome import SCREENSHOTS, shown
from playwright.sync_api import Page, expect
from test_pages import overflowing, serious, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
SCRIPT = "<img src=x onerror=window.__ran=1>"
HAN = re.compile("[\u4e00-\u9fff]")
RUN = uuid.uuid4().hex[:8]  # the demo may have seen these tests before


def fetched(page: Page, address: str) -> Any:
    return page.evaluate("async (address) => (await fetch(address)).json()", address)


def sent(page: Page, address: str, body: object) -> int:
    return page.evaluate(
        """async ([address, body]) => (await fetch(address, { method: "POST",
          headers: { "Content-Type": "application/json",
            "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
          body: JSON.stringify(body) })).status""",
        [address, body],
    )


def sound(page: Page, name: str) -> None:
    """Nothing reaches beyond the window, everything can be pressed, nothing went wrong."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    wrong = {
        "beyond the window": overflowing(page),
        "small targets": small_targets(page),
        "axe": serious(page),
        "outside": page.notes.outside,
        "console": page.notes.errors,
        "policy": page.evaluate("window.__refused"),
    }
    assert not {what: found for what, found in wrong.items() if found}
    assert page.evaluate("window.__ran") is None


@pytest.fixture
def home(visit: Visit) -> int:
    """A household of the member's grid with needs."""
    page = visit("/households", user="member", size=(800, 1280))
    return int(fetched(page, "/api/households/list?needs=any&limit=1")["items"][0]["id"])


@pytest.mark.parametrize("size", [(800, 1280), (1280, 800)])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_card_at_its_sizes(visit: Visit, home: int, size: tuple[int, int], language: str) -> None:
    page = visit(f"/households/{home}", user="member", size=size, language=language)
    expect(page.locator("#panel-needs .boxed").first).to_be_visible()
    sound(page, f"household-{language}-{size[0]}")
    if language == "en":
        words = page.locator("h2, dt, .btn, .when").all_text_contents()
        assert not [
            each for each in words if HAN.search(each) and "演示" not in each and each != "中文"
        ]


def test_the_list_is_found_by_address_and_leads_to_the_card(visit: Visit) -> None:
    page = visit("/households", user="member", size=(800, 1280))
    sound(page, "households-member-800")
    first = page.locator("#panel-households tbody th a").first
    address = first.text_content()
    page.fill("#q", address or "")
    page.click("#find .btn.primary")
    expect(page.locator("#panel-households tbody tr")).to_have_count(1)
    # in a list a person is a surname
    expect(page.locator("#panel-households tbody td").nth(1)).to_have_text(re.compile("^.某$"))
    page.locator("#panel-households tbody th a").click()
    expect(page.locator("#address")).to_have_text(address or "")


def test_two_edit_and_the_second_is_told_what_changed(visit: Visit, home: int) -> None:
    first = visit(f"/households/{home}", user="member", size=(800, 1280))
    second = visit(f"/households/{home}", user="member", size=(800, 1280))
    for page in (first, second):
        page.click("#edit")
        expect(page.locator("#edit-form")).to_be_visible()
    first.fill("#fact-carer", f"{SCRIPT}{RUN}")
    first.click(".edit-foot .btn.primary")
    expect(first.locator("#edit-form")).to_have_count(0)
    expect(first.locator("#panel-facts")).to_contain_text(f"{SCRIPT}{RUN}")
    second.fill("#fact-carer_phone", "027-1234 5678")
    second.click(".edit-foot .btn.primary")
    expect(second.locator(".failed-line")).to_contain_text("谁在照料")
    # what was typed is still there, and so is what the other one wrote
    assert second.input_value("#fact-carer_phone") == "027-1234 5678"
    assert second.input_value("#fact-carer") == f"{SCRIPT}{RUN}"
    second.click(".edit-foot .btn.primary")
    expect(second.locator("#edit-form")).to_have_count(0)
    expect(second.locator("#panel-changes")).to_contain_text("照料人电话")
    second.notes.errors[:] = [line for line in second.notes.errors if "409" not in line]
    sound(second, "household-edited")


def touched(page: Page) -> tuple[int, str]:
    """A hazard of the demo and a community it touches: found by asking to open each."""
    hazards = fetched(page, "/api/hazards")["features"]
    communities = fetched(page, "/api/areas?level=community")["features"]
    for hazard in hazards:
        for community in communities:
            body = {
                "hazard": hazard["properties"]["id"],
                "area": community["properties"]["code"],
                "reason": f"湖水上涨，逐户叫醒需要帮助的人 {RUN}",
            }
            if sent(page, "/api/households/break-glass", body) == 201:
                return body["hazard"], body["area"]
    raise AssertionError("no hazard of the demo touches a community")


def test_an_emergency_opens_and_closes_on_the_screen(visit: Visit) -> None:
    page = visit("/households", user="commander")
    expect(page.locator("#need-box")).to_be_hidden()
    hazard, area = touched(page)
    page.click("#open-glass")
    page.wait_for_selector("#glass-hazard option", state="attached")
    page.select_option("#glass-hazard", str(hazard))
    page.select_option("#glass-area", area)
    page.fill("#glass-reason", f"湖水上涨，逐户叫醒需要帮助的人 {RUN}")
    page.click("#glass-form .btn.primary")
    page.wait_for_selector("#glass-banner")
    shown(page)
    page.notes.errors[:] = [line for line in page.notes.errors if "409" not in line]
    sound(page, "glass-banner")
    for _ in range(10):
        buttons = page.locator("[data-close-glass]")
        if not buttons.count():
            break
        number = buttons.first.get_attribute("data-close-glass")
        buttons.first.click()
        # the page comes anew; an earlier coming may still have been under way
        expect(page.locator(f'[data-close-glass="{number}"]')).to_have_count(0, timeout=60_000)
        page.wait_for_load_state("load")
    assert fetched(page, "/api/me")["break_glass"] == []
    expect(page.locator("#need-box")).to_be_hidden()


def test_one_asks_another_agrees_and_the_file_comes(visit: Visit) -> None:
    reason = f"核对本社区住户地址 {RUN} {SCRIPT}"
    asking = visit("/exports", user="commander")
    asking.select_option("#area", index=asking.locator("#area option").count() - 1)
    asking.fill("#reason", reason)
    asking.click("#new-export .btn.primary")
    expect(asking.locator("#panel-own")).to_contain_text(reason)
    # nobody decides their own
    expect(asking.locator("#panel-decide")).not_to_contain_text(reason)
    deciding = visit("/exports", user="lead", language="zh_CN")
    row = deciding.locator("#panel-decide li", has_text=reason)
    row.locator(".btn.primary").click()
    expect(deciding.locator("#panel-decided")).to_contain_text(reason)
    own = asking.locator("#panel-own li", has_text=reason)
    expect(own.locator("a[download]")).to_be_visible(timeout=60_000)
    with asking.expect_download() as waiting:
        own.locator("a[download]").click()
    path = waiting.value.path()
    text = path.read_text(encoding="utf-8-sig")
    assert "用后销毁" in text.splitlines()[0]
    assert len(text.splitlines()) > 10
    sound(asking, "exports-own")
    sound(deciding, "exports-decided")
