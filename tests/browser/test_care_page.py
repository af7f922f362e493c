"""Care as coverage on its page: sums by area, an offer written down and ended, a wish decided."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from test_pages import overflowing, serious, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
STATES = ("open", "met", "withdrawn")
SIZES = [(1280, 800), (1440, 900), (800, 1280)]


def tab(page: Page, name: str) -> None:
    page.locator(f"#view-{name}").click()
    expect(page.locator(f"#panel-{name}")).to_be_visible()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_each_table_fits_and_can_be_reached(
    visit: Visit, size: tuple[int, int], language: str
) -> None:
    page = visit("/care", user="officer", language=language, size=size)
    for name in ("visits", "loads", "services", "offers", "wishes"):
        tab(page, name)
        expect(page.locator(f"#panel-{name} tbody tr").first).to_be_visible()
        assert not overflowing(page), name
        assert not small_targets(page), name
    assert not serious(page)


def test_sums_go_from_grids_to_townships_and_to_the_map(visit: Visit) -> None:
    page = visit("/care", user="planner")
    rows = page.locator("#panel-visits tbody tr")
    expect(rows.first).to_be_visible()
    grids = rows.count()
    page.get_by_role("button", name="按街镇").click()
    expect(rows).not_to_have_count(grids)
    assert rows.count() < grids
    expect(page.locator("#legend")).to_contain_text(re.compile("按时|过期"))
    tab(page, "services")
    expect(page.locator("#panel-services .fig")).to_contain_text("项没人接")
    expect(page.locator("#legend")).to_contain_text(re.compile("接"))
    # who may not read needs has no list of wishes
    expect(page.locator("#view-wishes")).to_have_count(0)


def test_an_offer_is_written_down_and_ended(visit: Visit) -> None:
    page = visit("/care", user="planner")
    tab(page, "offers")
    expect(page.locator("#panel-offers tbody tr").first).to_be_visible()
    page.get_by_role("button", name="登记供给").click()
    page.get_by_label("名称", exact=True).fill("湖畔修理铺")
    page.get_by_label("小修小补").check()
    page.get_by_label("依据，写名册或文件").fill("社区 2026 年登记")
    page.get_by_role("button", name="存下").click()
    # no place yet: it says so, and keeps what was written
    expect(page.get_by_role("alert").filter(has_text="还没有位置")).to_be_visible()
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_text("位置已定")).to_be_visible()
    page.get_by_role("button", name="存下").click()
    row = page.locator("#panel-offers tbody tr").filter(has_text="湖畔修理铺")
    expect(row).to_contain_text("小修小补")
    # what was matched before it is stale now, and says so
    tab(page, "services")
    expect(page.locator("#panel-services .stale-line")).to_be_visible()
    tab(page, "offers")
    row.get_by_role("button", name="结束").click()
    expect(row).to_have_count(0)


def test_a_wish_is_declined_and_opened_again(visit: Visit) -> None:
    page = visit("/care", user="officer")
    tab(page, "wishes")
    rows = page.locator("#panel-wishes tbody tr")
    expect(rows.first).to_be_visible()
    address = rows.first.locator("a").inner_text()
    rows.first.get_by_role("button", name="不需要").click()
    expect(page.locator(".toast")).to_contain_text("不需要")
    page.get_by_label("哪些诉求").select_option("withdrawn")
    gone = rows.filter(has_text=address)
    expect(gone.first).to_be_visible()
    gone.first.get_by_role("button", name="重新等着").click()
    expect(page.locator(".toast").filter(has_text="再等着接")).to_be_visible()


def repairs(page: Page, state: str) -> list[dict[str, Any]]:
    """The wishes for small repairs in a state."""
    return page.evaluate(
        "(state) => fetch(`/api/care/requests?service=repairs&limit=500&state=${state}`)"
        ".then((one) => one.json()).then(({items}) => items)",
        state,
    )


def test_a_wish_that_was_told_is_written_down(visit: Visit) -> None:
    page = visit("/care", user="officer")
    tab(page, "wishes")
    rows = page.locator("#panel-wishes tbody tr")
    expect(rows.first).to_be_visible()
    page.get_by_role("button", name="记诉求").click()
    # a household is found by its address and chosen; before that nothing is sent
    page.locator("select[name=service]").select_option(label="小修小补")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("alert").filter(has_text="还没有选住户")).to_be_visible()
    field = page.get_by_label("哪户，写地址")
    field.fill("没有这条街")
    field.press("Enter")
    expect(page.get_by_text("没有这样的地址")).to_be_visible()
    field.fill("湖")
    page.get_by_role("button", name="找住户").click()
    homes = page.locator(".wish-homes label")
    expect(homes.nth(1)).to_be_visible()
    expect(page.get_by_text("地址写全些再找")).to_be_visible()
    assert not serious(page)
    known = {one["household"] for state in STATES for one in repairs(page, state)}
    offered = [one.input_value() for one in homes.get_by_role("radio").all()]
    number = next(one for one in offered if int(one) not in known)
    page.locator(f".wish-homes input[value='{number}']").check()
    page.get_by_role("button", name="记下").click()
    expect(page.locator(".toast")).to_contain_text("留了痕")
    expect(page.locator(".wish-homes")).to_have_count(0)
    mine = [one for one in repairs(page, "open") if str(one["household"]) == number]
    assert [(one["service"], one["source"], one["state"]) for one in mine] == [
        ("repairs", "visit", "open")
    ]
    # the same again is not a second wish, and says where the first one is
    page.get_by_role("button", name="记诉求").click()
    page.locator("select[name=service]").select_option(label="小修小补")
    page.get_by_label("哪户，写地址").fill("湖")
    page.get_by_role("button", name="找住户").click()
    page.locator(f".wish-homes input[value='{number}']").check()
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("alert").filter(has_text="已经记过")).to_be_visible()
