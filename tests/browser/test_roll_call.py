"""The roll-call of an evacuation, as an exercise: on a tablet offline, and on the board."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
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


def test_a_tap_is_heard_though_news_come_between_press_and_release(at_roll_call: Any) -> None:
    page = at_roll_call()
    homes = page.locator(".cr", has=page.get_by_role("button", name="答应了"))
    row = page.locator(f'.cr[data-household="{homes.first.get_attribute("data-household")}"]')
    chip = page.locator("#view-calls .waiting")
    box = row.get_by_role("button", name="答应了").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    chip.evaluate("chip => { chip.textContent = 'old' }")
    # as another tab of the page says it: the outbox has changed
    page.evaluate("new BroadcastChannel('gridmap-field').postMessage('outbox')")
    page.wait_for_timeout(1500)
    expect(chip).to_have_text("old")  # the page keeps still under the finger
    page.mouse.up()
    expect(row.locator(".st b").first).to_have_text("已答应")
    expect(chip).not_to_have_text("old")


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
    assert "演练" in board.locator("#exercise-band").inner_text()
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


@pytest.fixture
def board(
    chromium: Browser, sessions: dict[str, str], plan: int, demo_server: Any
) -> Iterator[Page]:
    """The board of the exercise on the officer's desk."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    cookie = {"name": "gridmap_session", "value": sessions["officer"]}
    context.add_cookies([{**cookie, "url": demo_server.address}])
    page = context.new_page()
    page.goto(f"{demo_server.address}/plans/{plan}/board?lang=zh_CN")
    expect(page.locator(".mi").first).to_be_visible()
    yield page
    context.close()


def in_list(page: Page, name: str) -> int:
    return int(page.locator(f"[data-list={name}] .num").inner_text())


def test_a_press_at_the_desk_moves_a_household_and_can_be_put_right(board: Page) -> None:
    lists = [each.get_attribute("data-list") for each in board.locator("[data-list]").all()]
    own = [name for name in lists if name not in ("help", "all")]
    assert sum(in_list(board, str(name)) for name in own) == in_list(board, "all")
    row = board.locator(".mi").first
    home = row.get_attribute("data-household")
    assert row.locator("a[href^='/households/']").get_attribute("href") == f"/households/{home}"
    assert "at=" in (row.locator("a[href^='/map']").get_attribute("href") or "")
    # the five minutes run under the eyes, with nothing asked of the server
    left = row.locator(".mi-time .s")
    expect(left).not_to_have_text(left.inner_text())
    before = in_list(board, "unheard"), in_list(board, "answered")
    row.locator(".mi-acts .btn.primary", has_text="答应了").click()
    expect(board.locator("[data-list=answered] .num")).to_have_text(str(before[1] + 1))
    board.locator("#toasts .btn", has_text="改").click()
    expect(board.locator("[data-list=answered]")).to_have_attribute("aria-pressed", "true")
    open_row = board.locator(f".mi[data-household='{home}']")
    open_row.locator(".mi-more .btn", has_text="撤回").click()
    expect(board.locator("[data-list=unheard] .num")).to_have_text(str(before[0]))
    expect(open_row).to_have_count(0)


def test_an_answer_that_comes_late_is_not_drawn_under_another_list(board: Page) -> None:
    held: list[Route] = []
    pattern = "**/api/plans/*/board?*list=refused*"
    board.route(pattern, lambda route: held.append(route))  # noqa: PLW0108 - a built-in is not taken
    with board.expect_request(pattern):
        board.locator("[data-list=refused]").click()
    # until it is answered the rows are those of the list that is marked
    expect(board.locator("[data-list=refused]")).to_have_attribute("aria-busy", "true")
    expect(board.locator("[data-list=unheard]")).to_have_attribute("aria-pressed", "true")
    board.locator("[data-list=all]").click()
    expect(board.locator("[data-list=all]")).to_have_attribute("aria-pressed", "true")
    rows_of_all = board.locator(".mi").count()
    assert rows_of_all > 0
    with board.expect_response(pattern):
        while held:
            held.pop(0).continue_()
    board.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    expect(board.locator("[data-list=all]")).to_have_attribute("aria-pressed", "true")
    assert board.locator(".mi").count() == rows_of_all


def test_every_panel_of_the_board_says_when_it_fails(board: Page) -> None:
    board.route("**/api/plans/*/board?*", lambda route: route.abort())
    board.locator("[data-list=all]").click()
    for name in ("grids", "missing", "shelters", "unserved"):
        line = board.locator(f"#panel-{name} .failed")
        expect(line).to_be_visible()
        expect(line.locator("button")).to_be_visible()
    assert board.locator(".mi").count() > 0, "what was there stays"
    board.unroute("**/api/plans/*/board?*")
    board.locator("#panel-missing .failed button").click()
    expect(board.locator("#panel-missing .failed")).to_have_count(0)
    expect(board.locator("[data-list=all]")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("part", ["messages", "return"])
def test_a_part_that_fails_at_first_is_not_blank(board: Page, part: str) -> None:
    where = "**/api/messages/summary*" if part == "messages" else "**/api/plans/*/return"
    board.route(where, lambda route: route.abort())
    board.reload()
    box = board.locator("#panel-messages" if part == "messages" else "#board-return")
    expect(box.locator(".failed button")).to_be_visible()
    board.unroute(where)
    box.locator(".failed button").click()
    expect(box.locator(".failed")).to_have_count(0)


def test_a_full_shelter_is_answered_by_a_new_plan_from_the_board(board: Page) -> None:
    shelter = board.locator("#panel-shelters li").first
    expect(board.locator("#board-plan")).to_be_hidden()
    shelter.locator("summary").click()
    shelter.locator(".btn", has_text="满了").click()
    expect(shelter.locator(".chip")).to_have_text("满了")
    # a wrong press is put right from where it was said
    board.locator("#toasts .btn", has_text="改").click()
    expect(shelter.locator("details")).to_have_attribute("open", "")
    board.locator("#board-plan .btn", has_text="少改重排").click()
    expect(board.locator("#board-plan a.btn", has_text="看新预案")).to_be_visible(timeout=240_000)
    expect(board.locator("#board-plan")).to_contain_text("按原预案走")
