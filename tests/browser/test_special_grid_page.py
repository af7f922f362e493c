"""A special grid from the first tap to the duty map: drawn, refused, undone, published, seen."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from planners import DONE, OPEN, Point, collection, inner, look_at, ready, spot
from playwright.sync_api import Page, expect
from test_pages import overflowing, serious, small_targets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

Visit = Callable[..., Page]
COMMUNITY = "990101001002"
ELSEWHERE = "990101003004"
PATIENCE = 60_000
SEND = """async ([address, body]) => {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}"""
STATE = """async ([address, wanted]) => {
  for (;;) {
    const head = await (await fetch(address)).json();
    if (head.state === wanted) return;
    if (head.state !== "validating") throw new Error(head.state);
    await new Promise((done) => setTimeout(done, 200));
  }
}"""


def send(page: Page, address: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = page.evaluate(SEND, [address, body])
    assert answer["status"] == status, answer
    found: dict[str, Any] = answer["body"]
    return found


def outline(page: Page, middle: Point, half: float = 0.0006, zoom: int = 17) -> None:
    """Tap the corners of a square round a place."""
    look_at(page, middle, zoom)
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        page.mouse.click(*spot(page, [middle[0] + x * half, middle[1] + y * half]))


def named(page: Page, name: str) -> None:
    page.keyboard.press("Enter")
    page.get_by_label("名称").fill(name)
    page.get_by_label("是什么").select_option("market")
    page.locator("dialog").get_by_role("button", name="画好").click()


def publish(planner: Page, lead: Page, number: str) -> None:
    address = f"/api/scenarios/{number}"
    send(planner, f"{address}/validate", {}, 202)
    planner.evaluate(STATE, [address, "valid"])
    send(lead, f"{address}/approve", {})
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    send(lead, f"{address}/publish", {"effective_from": day})


def test_from_the_first_tap_to_the_duty_map(visit: Visit) -> None:
    page = visit("/planner", user="planner")
    number = str(page.evaluate(OPEN, {"area": COMMUNITY, "name": "画专属网格"}))
    page.goto(page.url.split("/planner")[0] + f"/planner/{number}?lang=zh_CN")
    ready(page)
    grids = collection(page, number, "grids")
    households = sum(each["properties"]["households"] for each in grids)
    place = inner(grids[0])
    page.keyboard.press("g")
    expect(page.locator('[data-tool="special"]')).to_have_attribute("aria-pressed", "true")
    # one that leaves the community is refused at its place, and the drawing stays
    outline(page, place, 0.02, 13)
    named(page, "望湖市场")
    expect(page.locator(".refusal")).to_contain_text("边界", timeout=PATIENCE)
    expect(page.locator(".cut-line")).to_have_count(1)
    page.keyboard.press("Escape")
    outline(page, place)
    named(page, "望湖市场")
    expect(page.locator(DONE)).to_have_count(1, timeout=PATIENCE)
    expect(page.locator("#chosen-head")).to_contain_text("商圈市场")
    expect(page.locator(".legend")).to_contain_text("专属网格")
    expect(page.locator("#count-words")).to_contain_text(f"{len(grids)} 格")
    assert not overflowing(page)
    assert not small_targets(page)
    assert not serious(page)
    page.reload()
    ready(page)
    page.keyboard.press("Control+z")
    expect(page.locator("#operations li.u")).to_have_count(1, timeout=PATIENCE)
    page.keyboard.press("Control+y")
    expect(page.locator("#operations li.u")).to_have_count(0, timeout=PATIENCE)
    drawn = [
        each
        for each in collection(page, number, "grids")
        if each["properties"]["kind"] == "special"
    ]
    assert [each["properties"]["name"] for each in drawn] == ["望湖市场"]
    lead = visit("/planner", user="lead")
    publish(page, lead, number)
    duty = visit("/map", user="officer")
    found = duty.evaluate("fetch('/api/grids?kind=special').then((answer) => answer.json())")
    (special,) = found["features"]
    now = duty.evaluate(
        "(area) => fetch(`/api/grids?area=${area}`).then((answer) => answer.json())", COMMUNITY
    )
    assert sum(each["properties"]["households"] for each in now["features"]) == households
    look_at(duty, inner(special), 17)
    expect(duty.locator(".legend")).to_contain_text("专属网格", timeout=PATIENCE)
    duty.mouse.click(*spot(duty, special["geometry"]["coordinates"][0][0][0]))
    expect(duty.locator("#panel-details")).to_contain_text("望湖市场", timeout=PATIENCE)
    expect(duty.locator("#panel-details")).to_contain_text("商圈市场")
    # the other tests find the town as it was
    again = str(page.evaluate(OPEN, {"area": COMMUNITY, "name": "删专属网格"}))
    operation = {"base": 0, "kind": "erase_special", "grid": special["properties"]["code"]}
    send(page, f"/api/scenarios/{again}/operations", operation)
    publish(page, lead, again)
    # the one refusal is all that the browsers complain of
    complaints = [*page.notes.errors, *duty.notes.errors]  # type: ignore[attr-defined]
    assert len(complaints) == 1, complaints
    assert "400" in complaints[0]


def test_around_buildings_then_for_another_use_then_compared(visit: Visit) -> None:
    page = visit("/planner", user="planner")
    number = str(page.evaluate(OPEN, {"area": ELSEWHERE, "name": "围着楼画"}))
    page.goto(page.url.split("/planner")[0] + f"/planner/{number}?lang=zh_CN")
    ready(page)
    (west, south, east, north) = page.evaluate(
        "(address) => fetch(address).then((r) => r.json()).then((head) => head.bounds)",
        f"/api/scenarios/{number}",
    )
    grids = collection(page, number, "grids")
    box = f"{west},{south},{east},{north}"
    houses = [
        each
        for each in collection(page, number, f"buildings?bbox={box}")
        if each["properties"]["households"] and each["properties"]["grid"] == grids[0]["id"]
    ]
    ring = houses[0]["geometry"]["coordinates"]
    while not isinstance(ring[0][0], float):
        ring = ring[0]
    place = [sum(one[axis] for one in ring[:-1]) / (len(ring) - 1) for axis in (0, 1)]
    page.keyboard.press("g")
    page.get_by_role("button", name="围楼").click()
    look_at(page, place, 18)
    words = page.locator(".tool-bar p")
    go = page.get_by_role("button", name="围成专属网格")
    expect(words).to_have_text("点或圈要围在里面的楼")
    # a tap takes a building and lets it go again; the lasso takes what lies in it
    with page.expect_response(lambda answer: "/buildings?" in answer.url):
        look_at(page, [place[0] + 1e-5, place[1]], 18)
    look_at(page, [place[0] + 1e-5, place[1]], 18)
    tapped = spot(page, place)
    expect(words).to_have_text("点或圈要围在里面的楼")
    page.mouse.click(*tapped)
    expect(words).to_contain_text("1 栋楼")
    page.mouse.click(*tapped)
    expect(go).to_have_count(0)
    page.keyboard.press("l")
    x, y = tapped
    page.mouse.move(x - 90, y - 90)
    page.mouse.down()
    for right, down in ((90, -90), (90, 90), (-90, 90), (-90, -80)):
        page.mouse.move(x + right, y + down, steps=6)
    page.mouse.up()
    expect(words).to_contain_text("栋楼")
    page.keyboard.press("Enter")
    page.get_by_label("名称").fill("楼里的市场")
    page.get_by_label("是什么").select_option("market")
    page.locator("dialog").get_by_role("button", name="画好").click()
    expect(page.locator("#chosen-head")).to_contain_text("商圈市场", timeout=PATIENCE)
    page.get_by_role("button", name="改名称和类别").click()
    page.get_by_label("是什么").select_option("office")
    page.locator("dialog").get_by_role("button", name="改好").click()
    expect(page.locator("#chosen-head")).to_contain_text("商务楼宇", timeout=PATIENCE)
    expect(page.locator("#operations")).to_contain_text("商圈市场 → 商务楼宇")
    assert not overflowing(page)
    assert not small_targets(page)
    assert not serious(page)
    page.goto(page.url.split("/planner")[0] + f"/planner/compare?a={number}&b=in-force")
    main = page.locator("#main")
    expect(main).to_have_attribute("data-ready", f"{number} in-force", timeout=PATIENCE)
    expect(page.locator("#summary")).to_contain_text("1 个专属网格不同")
    row = page.locator("tr[data-special]")
    expect(row).to_contain_text("新的")
    expect(row).to_contain_text("商务楼宇")
    row.get_by_role("button", name="楼里的市场").click()
    page.locator("body").press("d")
    expect(main).to_have_attribute("data-mode", "difference")
    expect(page.locator(".one .legend")).to_contain_text("专属网格")
    with page.expect_download() as file:
        page.locator("#export").click()
    sheet = load_workbook(io.BytesIO(file.value.path().read_bytes())).worksheets[2]
    assert "楼里的市场" in [value for row in sheet.values for value in row]
    assert not overflowing(page)
    assert not serious(page)
    assert page.notes.errors == []  # type: ignore[attr-defined]
