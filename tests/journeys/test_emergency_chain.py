"""An exercise from the drawn polygon to the last household home, each by the hands that do it."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from chrome import Server
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

Visit = Callable[..., Page]
COMMUNITY = "990101001001"  # of the demo's member; it has one grid
LONG = 120_000  # milliseconds; what a worker computes

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b")
COURSE = (
    "宣布了险情",
    "启动响应",
    "起草了预案",
    "批准了预案",
    "启动转移",
    "少改重排了预案",
    "批准了预案",
    "启动转移",
    "一户到达",
    "一户应答",
    "一户出发",
    "一户到达",
    "解除险情",
    "申请回家",
    "放行回家",
    "一户回到家",
    "都回家了",
)

READ = "async (address) => (await fetch(address)).json()"
# a square around the middle of the member's grid, tapped corner by corner
SQUARE = """([lat, lng]) => [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([y, x]) => {
  const point = map_live.latLngToContainerPoint([lat + y * 0.00022, lng + x * 0.00026]);
  const box = map_live.getContainer().getBoundingClientRect();
  return [box.left + point.x, box.top + point.y];
})"""
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


def middle(page: Page) -> list[float]:
    """Where somebody of the member's grid lives."""
    grids = page.evaluate(READ, "/api/grids")["features"]
    own = next(grid for grid in grids if grid["properties"]["code"].startswith(COMMUNITY))
    lon, lat = own["properties"]["label_point"]
    west, south, east, north = (lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001)
    homes = page.evaluate(READ, f"/api/households?limit=500&bbox={west},{south},{east},{north}")
    spots = sorted(home["geometry"]["coordinates"] for home in homes["features"])
    lon, lat = spots[len(spots) // 2]
    return [lat, lon]


def drawn(page: Page, name: str) -> int:
    """Draw and declare an exercise by mouse; give how many households are in it."""
    place = middle(page)
    page.evaluate("(at) => { map_live.setView(at, 18, { animate: false }); }", place)
    page.get_by_role("button", name="画险情").click()
    corners = page.evaluate(SQUARE, place)
    for x, y in [*corners, corners[0]]:
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        page.wait_for_timeout(120)
    page.wait_for_selector(".preview[data-households]:not(.waiting)")
    page.locator("#hazard-exercise").click()
    page.fill("#hazard-name", name)
    page.locator("[data-severity=orange]").click()
    page.wait_for_selector(".preview[data-households]:not(.waiting)")
    households = int(page.locator(".preview").get_attribute("data-households") or 0)
    page.locator("#hazard-declare").click()
    page.get_by_role("button", name="现在宣布").click()
    expect(page.locator("#exercise-band")).to_contain_text(name, timeout=LONG)
    return households


def started(page: Page, name: str) -> str:
    """Start the response by its form; give the address of its page."""
    page.locator("#start").click()
    form = page.get_by_role("form", name="启动响应")
    hazard = form.locator("select[name=hazard]")
    value = hazard.locator("option", has_text=name).get_attribute("value")
    hazard.select_option(value)
    form.locator("select[name=level]").select_option("2")
    form.locator("textarea[name=measures]").fill("转移低处住户，开放安置点")
    form.get_by_role("button", name="启动", exact=True).click()
    page.wait_for_url(re.compile(r"/responses/\d+"))
    expect(page.locator("#panel-tasks article").first).to_be_visible(timeout=LONG)
    expect(page.locator("#exercise-band")).to_contain_text("演练")
    return page.url


def approved(commander: Page) -> None:
    """Approve and set going, as the second person."""
    commander.locator("[data-step=approve]").click()
    dialog = commander.get_by_role("dialog")
    dialog.get_by_role("button", name="批准", exact=True).click()
    expect(commander.locator("#plan-state")).to_contain_text("已批准", timeout=LONG)
    commander.locator("[data-step=activate]").click()
    commander.get_by_role("dialog").locator("button").last.click()
    expect(commander.locator("#plan-state")).to_contain_text("执行中", timeout=LONG)


def proposed(officer: Page, place: list[float], server: Server) -> None:
    """A sensor of the exercise passes its line: it proposes, the officer declares and lifts."""
    code = f"drill-{uuid.uuid4().hex[:8]}"
    lat, lon = place
    body = {
        "code": code,
        "kind": "water_level",
        "name": f"演练水尺 {code}",
        "unit": "m",
        "at": [lon, lat],
        "lowest": 0,
        "highest": 10,
        "orange": 3,
        "radius_m": 10,
        "exercise": True,
    }
    status, sensor = officer.evaluate(SEND, ["/api/sensors", body])
    assert status == 201, sensor
    status, made = officer.evaluate(SEND, [f"/api/sensors/{sensor['id']}/token", {}])
    assert status == 201, made
    reading = {"sensor": code, "at": datetime.now(UTC).isoformat(), "value": 3.2}
    request = urllib.request.Request(
        f"{server.address}/api/sensors/readings",
        json.dumps({"readings": [reading]}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {made['token']}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    waits = officer.get_by_role("listitem").filter(has_text=code)
    waits.get_by_role("button", name="看提议").click(timeout=LONG)
    officer.wait_for_selector(".preview[data-households]:not(.waiting)")
    officer.locator("#hazard-declare").click()
    officer.get_by_role("button", name="现在宣布").click()
    expect(officer.locator("#exercise-band")).to_contain_text(code, timeout=LONG)
    lifted(officer, code)


def lifted(officer: Page, name: str) -> None:
    """Open a hazard on the map and lift it by its button."""
    hazards = officer.evaluate(READ, "/api/hazards")["features"]
    number = next(one["properties"]["id"] for one in hazards if name in one["properties"]["name"])
    officer.goto(officer.url.split("/map")[0] + f"/map?lang=zh_CN&hazard={number}")
    details = officer.locator("#panel-details")
    expect(details.locator("h3")).to_contain_text(name, timeout=LONG)
    details.get_by_role("button", name="解除", exact=True).click()
    dialog = officer.get_by_role("dialog")
    expect(dialog).to_contain_text("解除不等于回家")
    dialog.get_by_role("button", name="解除", exact=True).click()
    expect(officer.locator("#toasts")).to_contain_text("已解除", timeout=LONG)


def replanned(board: Page, commander: Page, path: str) -> str:
    """Say that a shelter is full: the plan is made again with the fewest changes, and takes over.

    Give the path of the plan that is in force then.
    """
    row = board.locator("#panel-shelters li.sh").filter(has_not_text="应到 0").first
    row.locator("summary").click()
    row.get_by_role("button", name="满了", exact=True).click()
    again = board.get_by_role("button", name="少改重排")
    again.click(timeout=LONG)
    link = board.get_by_role("link", name="看新预案")
    expect(link).to_be_visible(timeout=LONG)
    newer = str(link.get_attribute("href"))
    assert newer != path
    commander.goto(board.url.split("/plans")[0] + newer)
    approved(commander)
    return newer


def printed(page: Page, path: str) -> str:
    """Look at the sheets that changed, open a PDF of one grid; give the code of a household."""
    number = int(path.rpartition("/")[2])
    page.goto(page.url.split("/plans")[0] + f"{path}/print?only=changed")
    expect(page.locator("body")).to_contain_text("演练")
    expect(page.locator("body")).to_contain_text("作废")
    page.goto(page.url.split("/plans")[0] + f"{path}/print?only=cards")
    codes = CODE.findall(page.locator("body").inner_text())
    assert codes
    zone = page.evaluate(READ, f"/api/plans/{number}")["zones"][0]["grid"]
    answer = page.request.get(page.url.split("/plans")[0] + f"{path}/print.pdf?grid={zone}")
    assert answer.status == 200
    assert answer.body()[:5] == b"%PDF-"
    assert len(answer.body()) > 10_000
    return str(codes[0])


def at_the_door(member: Page, code: str) -> None:
    """Type the code on a sheet at the door of a shelter, first one that nobody has."""
    member.locator("#calls-scan").click()
    expect(member.locator("#door-band")).to_be_visible()
    for typed, words in (("AAAAA-AAAAA", "没有"), (code.lower(), "人都到了")):
        member.fill("#door-code", typed)
        member.get_by_role("button", name="找这一户").click()
        expect(member.locator("#door-found")).to_contain_text(words, timeout=LONG)
    refused = member.notes.errors  # type: ignore[attr-defined]  # the code that nobody has
    assert [one for one in refused if "404" not in one or "/api/arrivals/look" not in one] == []
    assert len(refused) == 1
    refused.clear()
    member.locator("#door-found .btn.primary").click()
    member.locator("#door-back").click()


def called(member: Page, households: int) -> None:
    """Go through the roll-call: one tap a state, everybody to the shelter or to relatives."""
    expect(member.locator("#calls-plan")).to_contain_text("演练")
    rows = member.locator("#calls-list .cr")
    expect(rows.filter(has_text=re.compile("已到"))).to_have_count(1, timeout=LONG)
    rest = rows.filter(has_not_text=re.compile("已到"))
    expect(rest).to_have_count(households - 1)
    homes = [str(row.get_attribute("data-household")) for row in rest.all()]
    for number, home in enumerate(homes):
        row = member.locator(f'#calls-list .cr[data-household="{home}"]')
        for step, words in enumerate(("已答应", "在路上", "已到")):
            if number == 1 and step == 2:  # one goes to relatives
                row.get_by_role("button", name="去亲友家").click()
                expect(row).to_contain_text("去亲友家")
                continue
            row.locator(".acts .btn.primary").click()
            expect(row).to_contain_text(re.compile(f"{words}|去亲友家|到亲友家"))


def gone_home(member: Page, households: int) -> None:
    """Tick every household home, each by its own row: rows move up while others are ticked."""
    listed = member.locator("#calls-list .cr")
    waiting = listed.filter(has=member.get_by_role("button", name="到家了"))
    expect(waiting).to_have_count(households, timeout=LONG)
    for home in [str(row.get_attribute("data-household")) for row in waiting.all()]:
        row = member.locator(f'#calls-list .cr[data-household="{home}"]')
        row.get_by_role("button", name="到家了").click(timeout=LONG)
        expect(row.get_by_role("button", name="到家了")).to_have_count(0)


def in_order(timeline: Locator) -> None:
    """The course of it all, each step after the one it follows from."""
    lines = timeline.locator("ol li b").all_inner_texts()
    at = -1
    for step in COURSE:
        after = [number for number, words in enumerate(lines) if number > at and step in words]
        assert after, (step, lines[at + 1 :])
        at = after[0]


def figures(page: Page, plan: int) -> dict[str, Any]:
    return dict(page.evaluate(READ, f"/api/plans/{plan}/board"))["totals"]


def test_an_exercise_from_the_drawn_polygon_to_the_last_household_home(
    visit: Visit, demo_server: Server
) -> None:
    name = f"东片漫水 {uuid.uuid4().hex[:4]}"
    officer = visit("/map", user="officer", size=(1920, 1080))
    proposed(officer, middle(officer), demo_server)
    households = drawn(officer, name)
    assert 3 <= households <= 60

    response = visit("/responses", user="officer", size=(1280, 800), ready=False)
    address = started(response, name)

    officer.get_by_role("button", name="起草转移方案").click()
    link = officer.locator("#panel-details").get_by_role("link", name="看预案")
    expect(link).to_be_visible(timeout=LONG)
    path = str(link.get_attribute("href"))
    plan = int(path.rpartition("/")[2])

    commander = visit(path, user="commander", size=(1280, 800))
    expect(commander.locator("main")).to_contain_text("演练")
    approved(commander)

    board = visit(f"{path}/board", user="officer", size=(1440, 900))
    expect(board.locator(".exercise-band")).to_contain_text("演练")
    expect(board.locator("#missing-count")).to_contain_text(str(households), timeout=LONG)

    path = replanned(board, commander, path)
    plan = int(path.rpartition("/")[2])
    code = printed(commander, path)
    board.goto(board.url.split("/plans")[0] + f"{path}/board")

    member = visit("/field", user="member", size=(800, 1280))
    member.locator("#open-calls").click()
    expect(member.locator("#calls-list .cr")).to_have_count(households, timeout=LONG)
    at_the_door(member, code)
    called(member, households)
    # the board of the officer follows by itself: everybody has a place to be, nobody is missing
    expect(board.locator("#panel-missing .body")).to_contain_text("都应答了", timeout=LONG)
    expect(board.locator("#panel-grids")).to_contain_text("1/1 个网格都有着落", timeout=LONG)
    # what the tablet has noted last is still on its way for a moment
    board.wait_for_function(
        """async ([address, all]) => {
          const { totals } = await (await fetch(address)).json();
          return totals.households === all && totals.arrived === all;
        }""",
        arg=[f"/api/plans/{plan}/board", households],
        polling=1_000,
        timeout=LONG,
    )
    totals = figures(board, plan)
    there = sum(
        shelter["present"]
        for shelter in board.evaluate(READ, f"/api/plans/{plan}/board")["shelters"]
    )
    assert 0 < there < totals["people"]  # one household is with relatives

    # nobody goes home before the hazard is lifted, and not on one person's word
    expect(board.locator("#board-return")).to_contain_text("险情没解除")
    lifted(officer, name)
    board.get_by_role("button", name="申请回家").click(timeout=LONG)
    expect(board.get_by_role("button", name="放行回家")).to_have_count(0)
    second = visit(f"{path}/board", user="commander", size=(1440, 900))
    second.get_by_role("button", name="放行回家").click(timeout=LONG)
    expect(second.locator("#board-return")).to_contain_text("可以回家了", timeout=LONG)

    member.reload()
    member.locator("#open-calls").click(timeout=LONG)
    gone_home(member, households)
    expect(second.locator("#board-return")).to_contain_text("都回家了", timeout=LONG)

    # what happened stands in the trail, in order, with the exercise told
    response.goto(f"{address.partition('?')[0]}/after?lang=zh_CN")
    timeline = response.locator("#panel-timeline")
    expect(timeline.locator("li, tr").first).to_be_visible(timeout=LONG)
    expect(response.locator("#exercise-band")).to_contain_text("演练")
    in_order(timeline)
    for page in (officer, response, commander, board, second, member):
        assert page.notes.errors == [], page.notes.errors  # type: ignore[attr-defined]
        assert not page.notes.outside  # type: ignore[attr-defined]
