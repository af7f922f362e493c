"""The page of a plan: what has changed, who decides what, and whose way it is."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

Visit = Callable[..., Page]

SEND = """async ([address, body]) => {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.json().catch(() => null)];
}"""


@pytest.fixture
def plan(visit: Visit) -> Page:
    """The newest draft of the slope."""
    listing = visit("/plans", user="officer")
    row = listing.locator("#panel-plans tr", has_text="松山").first
    address = row.get_by_role("link").first.get_attribute("href")
    return visit(address or "/plans/2", user="commander")


def test_households_are_filtered_by_grid_and_shown_alone(plan: Page) -> None:
    plan.locator(".fold-list summary").click()
    rows = plan.locator(".fold-list tbody tr")
    expect(rows.first).to_be_visible()
    whole = rows.count()
    first = plan.locator("#homes-grid option").nth(1)
    plan.locator("#homes-grid").select_option(first.get_attribute("value"))
    expect(rows.first).to_be_visible()
    assert 0 < rows.count() < whole
    with plan.expect_response(lambda answer: "/way" in answer.url) as answer:
        rows.first.get_by_role("button").click()
    features = answer.value.json()["features"]
    assert {feature["properties"]["mode"] for feature in features} == {"walk", "drive"}
    plan.locator("#homes-who").select_option("unserved")
    expect(rows.first).to_contain_text("没有这样的户")
    assert not plan.notes.errors


def test_a_table_row_leads_to_the_households_of_its_grid(plan: Page) -> None:
    grid = plan.locator("#panel-plan .body table.list .row-button").first
    label = grid.inner_text()
    grid.click()
    expect(plan.locator("#homes-grid option:checked")).to_have_text(label)
    expect(plan.locator(".fold-list tbody tr").first).to_be_visible()


def test_where_people_meet_how_they_go_and_in_which_waves(visit: Visit) -> None:
    """Points in list, map and households are the same; waves are said beside leaving together."""
    officer = visit("/plans", user="officer")
    row = officer.locator("#panel-plans tr", has_text="松山").first
    before = row.get_by_role("link").first.get_attribute("href") or ""
    plan = officer.evaluate("async (a) => (await fetch(a)).json()", f"/api{before}")
    status, made = officer.evaluate(
        SEND, ["/api/plans", {"hazard": plan["hazard"], "options": {"staging": "always"}}]
    )
    assert status == 202, made
    # who may read needs sees how each household travels
    page = visit(f"/plans/{made['plan']}", user="officer")
    expect(page.locator("#plan-staging b")).to_be_visible(timeout=120_000)
    shown = officer.evaluate("async (a) => (await fetch(a)).json()", f"/api/plans/{made['plan']}")
    # a single wave is everybody together: there is nothing to compare
    several = shown["staging"]["waves"] > 1
    words = f"用了：分 {shown['staging']['waves']} 波走" if several else "排不出第二波：一起走"
    expect(page.locator("#plan-staging b")).to_have_text(words)
    assert page.locator("#plan-staging table").count() == several
    points = shown["assembly"]["points"]
    assert points
    assert shown["verdict"]["altered"] == []
    assert shown["staging"]["waves"] == len(shown["clearance"]["waves"]) or (
        not shown["clearance"]["waves"]
    )
    rows = page.locator("#plan-assembly tbody tr")
    assert rows.count() == len(points)
    first = page.locator("#plan-assembly .row-button").first
    assert first.inner_text() == f"{points[0]['number']} 号 {points[0]['name'] or '无名路口'}"
    first.click()
    expect(page.locator("#map-status, .map-status, [role=status]").first).to_be_attached()
    page.locator(".fold-list summary").click()
    lines = page.locator(".fold-list tbody tr")
    expect(lines.first).to_be_visible()
    met = page.locator(".fold-list td[data-point]")
    assert met.count() == sum(point["households"] for point in points)
    assert "号" in met.first.inner_text()
    legend = page.locator(".legend, [data-legend]").first
    expect(legend).to_contain_text("集合点")
    assert not page.notes.errors


def test_loads_are_bars_with_numbers_beside_them(plan: Page) -> None:
    row = plan.locator("table.prog tbody tr").first
    assert re.fullmatch(r"[\d,]+/[\d,]+", row.locator("td").last.inner_text())
    assert row.locator(".bar i").evaluate("node => node.getBoundingClientRect().width") > 0


def test_a_dialog_starts_on_the_safe_side_and_wants_a_reason(plan: Page) -> None:
    plan.locator("[data-step=reject]").click()
    dialog = plan.get_by_role("dialog")
    expect(dialog).to_contain_text("退回后不能再批准")
    dialog.get_by_role("button", name="退回", exact=True).click()  # without a word
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="不退回").click()
    expect(dialog).to_be_hidden()
    expect(plan.locator("#plan-state")).to_contain_text("草案")


def test_changed_data_are_said_at_once_and_a_new_draft_is_offered(visit: Visit) -> None:
    """A hazard over the slope's shelters: the draft's places are no more what they were."""
    officer = visit("/plans", user="officer")
    row = officer.locator("#panel-plans tr", has_text="松山").first
    address = row.get_by_role("link").first.get_attribute("href") or ""
    before = officer.evaluate("async (a) => (await fetch(a)).json()", f"/api{address}")
    page = visit(address, user="commander")
    assert page.locator("#plan-notice .banner").count() == 0 or before["stale"]
    lon, lat = before["shelters"][0]["lon"], before["shelters"][0]["lat"]
    corners = [[lon + x, lat + y] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    ring = [[lon + (x - lon) * 3e-4, lat + (y - lat) * 3e-4] for x, y in corners]
    status, made = officer.evaluate(
        SEND,
        [
            "/api/hazards",
            {
                "kind": "fire",
                "name": "安置点失火",
                "severity": "red",
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            },
        ],
    )
    assert status == 201, made
    try:
        expect(page.locator("#plan-notice")).to_contain_text("安置点", timeout=60_000)
        expect(page.locator("#plan-notice").get_by_role("button", name="重新起草")).to_be_visible()
        page.locator("[data-step=approve]").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("写明为什么照样批准")
        dialog.get_by_role("button", name="批准", exact=True).click()
        expect(dialog.get_by_role("alert")).to_contain_text("数据已变", timeout=60_000)
        dialog.get_by_role("button", name="不批准").click()
        expect(page.locator("#plan-state")).to_contain_text("草案")
    finally:
        officer.evaluate(SEND, [f"/api/hazards/{made['id']}/lift", {}])
    expect(page.locator("#plan-notice .banner")).to_have_count(0, timeout=60_000)


def test_sheets_of_one_grid_are_a_page_of_their_own(plan: Page) -> None:
    plan.locator("#print-menu summary").click()
    with plan.context.expect_page() as opened:
        plan.locator(".print-grids a").first.click()
    sheets = opened.value
    sheets.wait_for_load_state()
    assert sheets.locator(".sheet.cover").count() == 0
    assert sheets.locator(".sheet.leaf").count() >= 1
    expect(sheets.locator(".band").first).to_contain_text("未批准")
    # a commander's role shows surnames alone
    assert sheets.locator(".homes td.h").first.inner_text().strip().endswith("某")
    assert sheets.locator(".fig svg path").count() > 5
    sheets.emulate_media(media="print")
    assert not sheets.locator(".tools").is_visible()
    sheets.close()
