"""The roll-call of an evacuation, as an exercise: on a tablet offline, and on the board."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tablets import DUMP, Office, Tablet, rows, session_of, tablet_on, until
from test_pages import chinese_words, overflowing, serious, small_targets
from way_between import Way

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
NAME = "点名演练"
HALF = 0.0004  # degrees around one household: a few dozen more


class Desk(Office):
    """What an officer or a commander does, with what a page would send."""

    def send(self, path: str, body: Any, version: int | None = None) -> Any:
        token = self.get("/api/field/start")["csrf_token"]
        headers = {
            "Cookie": f"gridmap_session={self.cookie}",
            "Content-Type": "application/json",
            "X-CSRFToken": token,
        }
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + path, data=json.dumps(body).encode(), headers=headers
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            text = answer.read()
            return json.loads(text) if text else None


@pytest.fixture(scope="module")
def sessions(chromium: Browser, demo_server: Any) -> dict[str, str]:
    return {
        name: session_of(chromium, demo_server.address, name, demo_server.password)
        for name in ("member", "officer", "commander")
    }


@pytest.fixture(scope="module")
def plan(demo_server: Any, sessions: dict[str, str]) -> Iterator[int]:
    """An exercise in the member's community: drafted, approved by another person, set going."""
    officer = Desk(demo_server.address, sessions["officer"])
    commander = Desk(demo_server.address, sessions["commander"])
    (area,) = Office(demo_server.address, sessions["member"]).get("/api/me")["areas"]
    homes = officer.get(f"/api/households?area={area}&limit=1")["features"]
    x, y = homes[0]["geometry"]["coordinates"]
    ring = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]
    hazard = officer.send(
        "/api/hazards",
        {
            "kind": "flood",
            "name": NAME,
            "severity": "orange",
            "exercise": True,
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x + HALF * i, y + HALF * j] for i, j in ring]],
            },
        },
    )["id"]
    number = officer.send("/api/plans", {"hazard": hazard})["plan"]

    def head() -> Any:
        return commander.get(f"/api/plans/{number}")

    until(lambda: head()["state"] == "drafted", "the draft of the exercise")
    for step in ("approve", "activate"):
        now = head()
        body = {"check": now["check"]} if step == "approve" else {}
        commander.send(f"/api/plans/{number}/{step}", body, now["revision"])
    yield int(number)
    commander.send(f"/api/plans/{number}/close", {}, head()["revision"])
    officer.send(f"/api/hazards/{hazard}/lift", {})


@pytest.fixture
def way(demo_server: Any) -> Iterator[Way]:
    made = Way(demo_server.address)
    yield made
    made.close()


@pytest.fixture
def tablet(chromium: Browser, tmp_path: Path, way: Way) -> Iterator[Tablet]:
    with tablet_on(chromium.browser_type, tmp_path / "profile", way) as made:
        yield made
        assert not made.errors, made.errors


@pytest.fixture
def at_roll_call(tablet: Tablet, sessions: dict[str, str], plan: int) -> Callable[[], Page]:
    def open_it() -> Page:
        tablet.session = sessions["member"]
        page = tablet.open("/field?lang=zh_CN")
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        page.locator("#open-calls").click()
        expect(page.locator(".cr").first).to_be_visible()
        return page

    return open_it


def standing(office: Office, plan: int, home: str) -> Any:
    """Give where a household stands, as the server has it."""
    items = office.get("/api/call-outs")["items"]
    (found,) = [each for each in items if each["plan"] == plan and str(each["household"]) == home]
    return found


def test_taps_without_a_network_arrive_in_their_order(
    at_roll_call: Any, sessions: dict[str, str], plan: int, way: Way, demo_server: Any
) -> None:
    page = at_roll_call()
    office = Office(demo_server.address, sessions["member"])
    assert "演练" in page.locator("#calls-plan").inner_text()
    home = page.locator(".cr").first.get_attribute("data-household") or ""
    row = page.locator(f'.cr[data-household="{home}"]')
    way.mode = "down"
    for words, state in (("答应了", "已答应"), ("出发了", "在路上"), ("到了", "已到")):
        row.locator(".acts button", has_text=words).first.click()
        expect(row.locator(".st b").first).to_have_text(state)
    # the last tap was wrong: taken back for ten seconds in the toast, and the row says so at once
    page.locator("#toasts .btn").click()
    expect(row.locator(".st b").first).to_have_text("在路上")
    assert standing(Office(demo_server.address, sessions["officer"]), plan, home)["state"] == (
        "waiting"
    )
    # nothing of it lies readable on the tablet
    assert "departed" not in json.dumps(page.evaluate(DUMP)["items"], ensure_ascii=False)
    way.mode = "open"
    page.locator("#calls-back").click()
    expect(rows(page, "accepted")).to_have_count(4, timeout=60_000)
    found = standing(office, plan, home)
    assert (found["state"], len(found["steps"])) == ("departed", 4)
    kinds = [each["kind"] for each in found["steps"]]
    assert kinds == ["answered", "departed", "arrived", "undone"]


MANY = """async () => {
  const { CallsView } = await import("/static/js/field/calls.js");
  const at = new Date(1e12).toISOString();
  const item = (n) => ({ household: n, plan: 1, position: n, people: 2, state: "arrived",
    shelter: 4, name: `户${n}`, address: "", clashes: [], needs: [], first: false, arrived: 2,
    rung: "phone", attempts: 0,
    steps: [{ id: `s${n}`, seq: n, kind: "arrived", at, place: "shelter", people: 2 }] });
  const items = Array.from({ length: 150 }, (_none, n) => item(n + 1));
  const plan = { id: 1, name: "多户", exercise: true, severity: "orange", returning: true,
    home_from: at, shelters: [] };
  const view = new CallsView({ leave() {}, door() {}, now: () => new Date() });
  view.setData({ value: [{ plans: [plan], items }], at }, [], true);
}"""


def test_every_household_of_a_long_list_can_be_reached(at_roll_call: Any) -> None:
    page = at_roll_call()
    page.evaluate(MANY)
    expect(page.locator(".cr")).to_have_count(120)
    more = page.locator("#calls-list p button")
    expect(more).to_contain_text("30")
    more.click()
    expect(page.locator(".cr")).to_have_count(150)
    expect(more).to_have_count(0)
    expect(page.locator('.cr[data-household="121"] .cr-who')).to_be_focused()
    expect(page.locator('.cr[data-household="150"] .acts button').first).to_have_text("到家了")


def test_a_code_at_the_door_and_the_board_beside_it(
    at_roll_call: Any,
    chromium: Browser,
    sessions: dict[str, str],
    plan: int,
    demo_server: Any,
) -> None:
    page = at_roll_call()
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies(
        [{"name": "gridmap_session", "value": sessions["officer"], "url": demo_server.address}]
    )
    board = context.new_page()
    board.goto(f"{demo_server.address}/plans/{plan}/board?lang=zh_CN")
    expect(board.locator(".gr").first).to_be_visible()
    assert "演练" in board.locator(".exercise-band").inner_text()
    before = board.locator("#panel-grids .fig dd").all_inner_texts()
    page.locator("#calls-scan").click()
    page.fill("#door-code", "AAAAA-AAAA")
    page.press("#door-code", "Enter")
    expect(page.locator("#door-found [role=alert]")).to_contain_text("十个字母和数字")
    page.fill("#door-code", "AAAAA-AAAAA")
    page.press("#door-code", "Enter")
    expect(page.locator("#door-found [role=alert]")).to_be_visible()
    page.locator("#door-back").click()
    row = page.locator(".cr", has=page.locator(".acts .primary", has_text="答应了")).first
    row.locator(".acts .primary").click()
    # the board hears of it by the feed, without being asked for again
    expect(board.locator("#panel-grids .fig dd").nth(1)).not_to_have_text(before[1], timeout=60_000)
    context.close()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_board_is_whole_at_every_width(
    chromium: Browser, sessions: dict[str, str], plan: int, demo_server: Any, language: str
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies(
        [{"name": "gridmap_session", "value": sessions["officer"], "url": demo_server.address}]
    )
    page = context.new_page()
    page.goto(f"{demo_server.address}/plans/{plan}/board?lang={language}")
    for width, height in ((1280, 800), (800, 1280), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator(".gr").first).to_be_visible()
        expect(page.locator(".mi").first).to_be_visible()
        assert overflowing(page) == []
        assert small_targets(page) == []
    assert serious(page) == []
    if language == "en":
        assert [each for each in chinese_words(page) if NAME not in each] == []
    context.close()
