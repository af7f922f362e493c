"""The duty officer's day: a report comes in, is handled by a unit and closed; a hazard is drawn."""

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from chrome import Server, sign_in
from playwright.sync_api import Browser, Locator, Page, Route, expect
from test_pages import serious

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

Visit = Callable[..., Page]
SCRIPT = "<img src=x onerror=window.__ran=1><script>window.__ran=1</script>"

SEND = """async ({ path, content, version }) => {
  const headers = {
    "Content-Type": "application/json",
    "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
  };
  if (version) headers["If-Match"] = `"${version}"`;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(content) });
  const text = await answer.text();
  return { status: answer.status, content: text ? JSON.parse(text) : null };
}"""

# Every tone that is scheduled is written down; a press is not needed.
HOOK = """
window.__tones = [];
window.AudioContext = class {
  constructor() { this.state = "running"; this.currentTime = 0; this.destination = {}; }
  resume() { this.state = "running"; return Promise.resolve(); }
  createOscillator() {
    const tone = { frequency: { value: 0 }, connect() {}, stop() {},
      start(when) { window.__tones.push([tone.frequency.value, when]); } };
    return tone;
  }
  createGain() {
    return { gain: { setValueAtTime() {}, linearRampToValueAtTime() {} }, connect() {} };
  }
};
window.__said = [];
window.SpeechSynthesisUtterance = class { constructor(words) { this.words = words; } };
Object.defineProperty(window, "speechSynthesis", {
  value: { speak: (one) => window.__said.push(one.words) },
});
"""

OWN_TEAM = "JSON.parse(document.getElementById('page-data').textContent).me.team.name"

# What the next sounding of an alarm waits for has passed.
LATER = """{
  const real = performance.now.bind(performance);
  performance.now = () => real() + 21000;
}"""


def send(page: Page, path: str, content: dict, version: int | None = None) -> dict:
    """Send something as this page's person; a refusal is an answer too."""
    return page.evaluate(SEND, {"path": path, "content": content, "version": version})


def in_own_grid(member: Page) -> list[float]:
    """Give the middle of the grid of a member."""
    area = member.evaluate(
        "JSON.parse(document.getElementById('page-data').textContent).me.areas[0]"
    )
    grids = member.evaluate("fetch('/api/grids').then((answer) => answer.json())")["features"]
    own = next(each for each in grids if each["properties"]["code"].startswith(area))
    return own["properties"]["label_point"]


def report(member: Page, title: str, level: int | None, at: list[float] | None = None) -> str:
    """Report as the person of a page; gives the id."""
    content = {
        "id": str(uuid.uuid4()),
        "category": "waterlogging",
        "title": title,
        "level": level,
        "geometry": {"type": "Point", "coordinates": at or in_own_grid(member)},
    }
    answer = send(member, "/api/incidents", content)
    assert answer["status"] == 201, answer
    return content["id"]


def row(page: Page, incident: str) -> Locator:
    return page.locator(f'.q[data-id="{incident}"]')


def press(page: Page, words: str) -> None:
    page.locator("#panel-details .steps").get_by_role("button", name=words, exact=True).click()


def clean(page: Page) -> None:
    """Nothing of what people wrote has run, nothing was refused by the policy, no error."""
    assert page.evaluate("window.__ran") is None
    assert page.evaluate("window.__refused") == []
    assert not page.notes.errors  # type: ignore[attr-defined]


def test_from_the_report_to_its_end(visit: Visit) -> None:
    officer = visit("/map", user="officer", size=(1920, 1080))
    member = visit("/about", user="member", ready=False)
    unit = visit("/map", user="unit", size=(1920, 1080))
    title = f"{SCRIPT} {uuid.uuid4().hex[:6]}"
    incident = report(member, title, 1)

    # without a reload: in the list, on the map, in the strip of alarms; its words are text
    expect(row(officer, incident).locator(".qt")).to_have_text(title, timeout=60_000)
    alarm = officer.locator("#alarms .alarm", has_text=title)
    expect(alarm).to_contain_text("未接警")
    expect(row(officer, incident)).to_contain_text("未接警")
    number = officer.evaluate(
        f"fetch('/api/incidents/{incident}').then((a) => a.json()).then((a) => a.properties.number)"
    )
    alarm.get_by_role("button", name="接警", exact=True).click()
    expect(alarm).to_have_count(0)

    row(officer, incident).click()
    expect(officer.locator("#panel-details h3")).to_have_text(title)
    press(officer, "核实")
    assert serious(officer) == []
    officer.locator(".step-form").get_by_role("button", name="红 Ⅰ").click()
    expect(row(officer, incident)).to_contain_text("已核实")
    press(officer, "派单")
    # to the team this unit works for: with any other it would not be theirs
    team = unit.evaluate(OWN_TEAM)
    whole = officer.locator(".step-form").get_by_role("button", name="看全部")
    if whole.count():
        whole.click()
    officer.locator(".team-list button", has=officer.get_by_text(team, exact=True)).click()
    expect(row(officer, incident)).to_contain_text(f"已派单 · {team}")
    expect(officer.locator("#panel-units .u", has_text=team)).to_contain_text(f"事件 {number}")

    # the unit sees it on its own map, with its own steps and no others
    row(unit, incident).click()
    expect(unit.locator("#panel-details h3")).to_have_text(title)
    steps = unit.locator("#panel-details .steps .choices").first
    expect(steps.get_by_role("button")).to_have_text(["开始处置", "提异议"])
    press(unit, "开始处置")
    press(unit, "处置完")
    unit.locator(".step-form").get_by_role("button", name="已清理").click()
    expect(row(unit, incident)).to_contain_text("已处置")

    expect(row(officer, incident)).to_contain_text("已处置", timeout=60_000)
    press(officer, "办结")
    expect(row(officer, incident)).to_have_count(0)
    # closing can be taken back for ten seconds, and is then done again
    officer.locator(".toast", has_text=f"事件 {number}").get_by_role("button", name="撤销").click()
    expect(row(officer, incident)).to_be_visible()
    expect(officer.locator("#panel-details .history")).to_contain_text("退回重办")

    officer.locator("#side-log").click()
    about = f"事件 {number}：{title}"
    done = ("上报", "接警", "核实", f"派单 · {team}", "开始处置", "处置完", "办结", "退回重办")
    for words in done:
        expect(officer.locator("#panel-log li", has_text=f"{words} · {about}").first).to_be_visible(
            timeout=60_000
        )
    for page in (officer, unit, member):
        clean(page)


def test_who_is_overtaken_keeps_what_was_typed(visit: Visit) -> None:
    slow = visit("/map", user="commander", size=(1920, 1080))
    fast = visit("/map", user="officer", size=(1920, 1080))
    member = visit("/about", user="member", ready=False)
    incident = report(member, "有人更快", 3)
    row(slow, incident).click()
    press(slow, "不予受理")
    slow.fill("#step-text", "我写的理由")
    # what the slow one is told is held back, so that it decides on what is no longer so
    held = f"**/api/incidents/{incident}"
    slow.route(held, lambda route: route.abort())
    row(fast, incident).click()
    press(fast, "核实")
    fast.locator(".step-form").get_by_role("button", name="黄 Ⅲ").click()
    expect(row(fast, incident)).to_contain_text("已核实")
    slow.wait_for_timeout(1500)
    slow.unroute(held)
    slow.locator(".step-form .right-end").get_by_role("button", name="不予受理").click()
    said = slow.locator("#panel-details .said")
    expect(said).to_contain_text("刚才有人动过这件事")
    expect(said).to_contain_text("已上报 → 已核实")
    expect(slow.locator("#step-text")).to_have_value("我写的理由")
    slow.locator(".step-form .right-end").get_by_role("button", name="不予受理").click()
    expect(row(slow, incident)).to_have_count(0)
    assert "409" in "".join(slow.notes.errors)  # type: ignore[attr-defined]


def test_two_reports_of_one_thing_become_one(visit: Visit) -> None:
    officer = visit("/map", user="officer", size=(1920, 1080))
    member = visit("/about", user="member", ready=False)
    place = in_own_grid(member)
    first = report(member, "井盖没了", 3, place)
    second = report(member, "井盖不见了", 3, [place[0] + 1e-4, place[1]])
    row(officer, second).click()
    near = officer.locator("#panel-details .part", has_text="附近的未结事件")
    expect(near).to_contain_text("井盖没了")
    press(officer, "合并")
    officer.locator(".step-form .u", has_text="井盖没了").click()
    dialog = officer.locator("dialog.ask")
    expect(dialog).to_contain_text("合并后不能拆开")
    expect(dialog.get_by_role("button", name="不合并")).to_be_focused()
    assert serious(officer) == []
    officer.keyboard.press("Escape")
    expect(row(officer, second)).to_be_visible()
    # the other way: chosen in the list
    officer.get_by_role("button", name="在图上或列表里选").click()
    row(officer, first).click()
    dialog.get_by_role("button", name="合并", exact=True).click()
    expect(row(officer, second)).to_have_count(0)
    expect(row(officer, first)).to_be_visible()
    clean(officer)


def draw_by_mouse(page: Page) -> None:
    """Draw a polygon on the map with the mouse, and finish on its first corner."""
    page.evaluate("map_live.setZoom(17, { animate: false })")
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    corners = [(0.42, 0.35), (0.62, 0.38), (0.6, 0.56), (0.4, 0.54)]
    for x, y in [*corners, corners[0]]:
        place = (box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        page.mouse.move(*place)
        page.mouse.click(*place)
        page.wait_for_timeout(120)


def previewed(page: Page) -> tuple[int, int]:
    page.wait_for_selector(".preview[data-households]:not(.waiting)")
    page.wait_for_timeout(500)
    page.wait_for_selector(".preview[data-households]:not(.waiting)")
    return tuple(
        int(page.locator(".preview").get_attribute(f"data-{name}") or 0)
        for name in ("households", "people")
    )  # type: ignore[return-value]


def stored(page: Page, name: str) -> dict | None:
    rows = page.evaluate("fetch('/api/hazards').then((answer) => answer.json())")["features"]
    return next((each["properties"] for each in rows if each["properties"]["name"] == name), None)


def lift(page: Page, name: str) -> None:
    page.locator("#panel-details .steps").get_by_role("button", name="解除").click()
    dialog = page.locator("dialog.ask")
    expect(dialog).to_contain_text("解除不等于回家")
    expect(dialog).not_to_contain_text("可以回去")
    dialog.get_by_role("button", name="解除", exact=True).click()
    expect(page.locator("#panel-details")).to_be_hidden()
    assert stored(page, name) is None


def test_a_hazard_is_drawn_counted_declared_planned_and_lifted(visit: Visit) -> None:
    page = visit("/map", user="officer", size=(1920, 1080))
    home = page.evaluate("fetch('/api/households?limit=1').then((a) => a.json())")["features"][0]
    lon, lat = home["geometry"]["coordinates"]
    page.evaluate(f"map_live.setView([{lat}, {lon}], 17, {{ animate: false }})")
    page.get_by_role("button", name="画险情").click()
    draw_by_mouse(page)
    expect(page.get_by_role("button", name="改形状")).to_have_attribute("aria-pressed", "true")
    households, people = previewed(page)
    assert households > 0
    name = f"{SCRIPT} {uuid.uuid4().hex[:6]}"
    page.fill("#hazard-name", name)
    page.locator("[data-severity=yellow]").click()
    assert serious(page) == []
    page.locator("#hazard-declare").click()
    expect(page.locator("dialog.ask")).to_contain_text(f"{households:,} 户 {people:,} 人")
    page.get_by_role("button", name="现在宣布").click()
    page.get_by_role("button", name="起草转移方案").click()
    link = page.locator("#panel-details").get_by_role("link", name="看预案")
    expect(link).to_be_visible(timeout=120_000)
    kept = stored(page, name)
    assert kept is not None
    assert (kept["households_affected"], kept["people_affected"]) == (households, people)
    plan = page.evaluate(f"fetch('/api{link.get_attribute('href')}').then((a) => a.json())")
    assert plan["totals"]["households"] == households
    assert plan["totals"]["people"] == people
    expect(page.locator("#alerts")).to_be_visible()
    # found by its words, and lifted
    page.locator("#map-search").fill(name[-6:])
    page.get_by_role("option").first.click()
    expect(page.locator("#panel-details h3")).to_have_text(name)
    lift(page, name)
    clean(page)


def test_a_drill_is_drawn_by_buttons_alone_and_never_looks_like_the_real_thing(
    visit: Visit,
) -> None:
    page = visit("/map", user="officer", size=(1280, 800))
    other = visit("/map", user="commander", size=(1920, 1080))
    page.get_by_role("button", name="画险情").focus()
    page.keyboard.press("Enter")
    center = page.evaluate("[map_live.getCenter().lat, map_live.getCenter().lng]")
    for north, east in [(0, 0), (0.002, 0), (0.002, 0.002), (0.0005, 0.003)]:
        page.evaluate(
            f"map_live.setView([{center[0] + north}, {center[1] + east}], 16, {{ animate: false }})"
        )
        page.locator("[data-tool=middle]").focus()
        page.keyboard.press("Enter")
    page.locator("[data-tool=undo]").click()
    for name in ("polygon", "circle", "middle", "undo", "finish", "stop"):
        box = page.locator(f"[data-tool={name}]").bounding_box()
        assert box is not None
        assert box["height"] >= 43.5
    page.locator("[data-tool=finish]").click()
    previewed(page)
    page.locator("#hazard-exercise").click()
    expect(page.locator("#panel-details .drill-band")).to_contain_text("演练")
    name = f"防汛演练 {uuid.uuid4().hex[:4]}"
    page.fill("#hazard-name", name)
    page.locator("#hazard-declare").click()
    page.get_by_role("button", name="现在宣布").click()
    for each in (page, other):
        expect(each.locator("#exercise-band")).to_contain_text("演练")
        strip = each.locator("#alerts .al.drill", has_text=name)
        if strip.count():
            assert strip.locator(".sev").count() == 0
    expect(other.locator("#exercise-band")).to_contain_text(name)
    assert serious(other) == []
    drill = stored(page, name)
    assert drill is not None
    assert drill["exercise"]
    assert send(page, f"/api/hazards/{drill['id']}/lift", {})["status"] == 204
    expect(other.locator("#exercise-band")).to_be_hidden()
    clean(page)
    clean(other)


@pytest.fixture
def desks(chromium: Browser, demo_server: Server) -> Iterator[list[Page]]:
    """Two desks whose tones are written down."""
    opened = []
    for user in ("officer", "commander"):
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1920, "height": 1080})
        context.add_init_script(HOOK)
        page = context.new_page()
        sign_in(page, demo_server, user)
        page.goto(f"{demo_server.address}/map?lang=zh_CN")
        page.wait_for_selector("html[data-feed=live]")
        page.wait_for_timeout(4000)  # past polling, on its stream
        opened.append(page)
    yield opened
    for page in opened:
        page.context.close()


def tones(page: Page) -> list[float]:
    """Give the pitches that were scheduled since the last look."""
    return [hertz for hertz, _when in page.evaluate("window.__tones.splice(0)")]


def wait_for_tones(page: Page, most: float = 8_000) -> list[float]:
    # the policy of the page lets nothing be evaluated inside it, so it is asked again and again
    for _turn in range(int(most / 100)):
        if page.evaluate("window.__tones.length"):
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)
    return tones(page)


def test_an_alarm_sounds_until_the_first_takes_it(visit: Visit, desks: list[Page]) -> None:
    one, other = desks
    member = visit("/about", user="member", ready=False)
    for desk in desks:
        expect(desk.locator("#sound")).to_have_text("声音：开")
        old = desk.locator("#alarms").get_by_role("button", name="接警", exact=True)
        while waiting := old.count():
            old.first.click()
            expect(old).not_to_have_count(waiting)
        desk.wait_for_timeout(800)
        tones(desk)
    report(member, "很急", 1)
    for desk in desks:
        first, second, third = wait_for_tones(desk)
        assert first < second < third
    # twenty seconds later it sounds again
    for desk in desks:
        desk.evaluate(LATER)
        assert len(wait_for_tones(desk)) == 3
    one.locator("#alarms .alarm", has_text="很急").get_by_role(
        "button", name="接警", exact=True
    ).click()
    expect(other.locator("#alarms .alarm", has_text="很急")).to_have_count(0, timeout=60_000)
    for desk in desks:
        tones(desk)
        desk.evaluate(LATER)
        desk.wait_for_timeout(2500)
        assert tones(desk) == []

    report(member, "较急", 2)
    for desk in desks:
        assert wait_for_tones(desk) == [740, 740]
        desk.evaluate(LATER)
        desk.wait_for_timeout(1500)
        assert tones(desk) == []
    report(member, "不急", 3)
    expect(one.locator(".qt", has_text="不急").first).to_be_visible()
    assert tones(one) == []

    # the second to press is told who was first
    alarms = other.evaluate("fetch('/api/duty/alarms').then((a) => a.json())")["items"]
    open_ones = [each["seq"] for each in alarms if each["active"] and each["subject"] == "incident"]
    assert send(one, f"/api/duty/alarms/{open_ones[-1]}/take", {})["status"] == 200
    late = send(other, f"/api/duty/alarms/{open_ones[-1]}/take", {})
    assert (late["status"], "值班员" in late["content"]["taken"]["by"]) == (409, True)

    # muted here, not there; the state stands on the button
    one.locator("#sound").click()
    expect(one.locator("#sound")).to_have_text("声音：关")
    report(member, "又很急", 1)
    assert len(wait_for_tones(other)) == 3
    assert tones(one) == []
    other.locator("#alarms .alarm", has_text="又很急").get_by_role(
        "button", name="接警", exact=True
    ).click()


def test_a_cut_stops_stamps_and_buttons_and_falls_in_tone(desks: list[Page]) -> None:
    desk = desks[0]
    desk.locator(".q").first.click()
    step = desk.locator("#panel-details .steps .needs").first
    expect(step).to_be_enabled()
    tones(desk)
    desk.context.set_offline(True)
    try:
        expect(desk.locator("#offline-banner")).to_contain_text("与服务器断开", timeout=60_000)
        first, second = wait_for_tones(desk)
        assert first > second
        expect(desk.locator("#feed-badge")).to_contain_text(re.compile(r"断开.*\d\d:\d\d"))
        expect(desk.locator(".stamps")).to_have_text(re.compile("^停在"))
        expect(desk.locator("#panel-queue .age")).to_contain_text("停在")
        expect(step).to_be_disabled()
        assert "dashed" in step.evaluate("(node) => getComputedStyle(node).borderTopStyle")
        assert desk.locator(".q").count() > 0
    finally:
        desk.context.set_offline(False)
    expect(desk.locator("#offline-banner")).to_be_hidden(timeout=60_000)
    expect(step).to_be_enabled()


def test_a_shift_begins_writes_and_hands_over(visit: Visit) -> None:
    page = visit("/map", user="officer", size=(1920, 1080))
    page.locator("#side-log").click()
    panel = page.locator("#panel-log")
    if panel.get_by_role("button", name="交班").count():
        send(page, "/api/duty/shift/handover", {"text": "-"})
        page.reload()
        page.locator("#side-log").click()
    panel.get_by_role("button", name="接班").click()
    panel.get_by_label("值班长").fill("王某")
    panel.get_by_label("值班员").fill("李某、赵某")
    panel.get_by_role("button", name="接班", exact=True).click()
    expect(page.locator("#shift-line")).to_contain_text("值班长 王某")
    expect(page.locator("#shift-line")).to_contain_text("李某、赵某")
    page.fill("#log-text", SCRIPT)
    panel.get_by_role("button", name="记下").click()
    expect(panel.locator(".log-list li").first).to_contain_text(SCRIPT)
    assert serious(page) == []
    panel.get_by_role("button", name="交班").click()
    draft = panel.locator("textarea").first.input_value()
    assert draft.startswith("未结事件 ")
    assert "险情" in draft
    panel.get_by_role("button", name="交班", exact=True).click()
    expect(page.locator("#shift-line")).to_be_hidden()
    expect(panel).to_contain_text("上一班交代")
    page.emulate_media(media="print")
    assert page.locator("#panel-log").is_visible()
    assert not page.locator(".mapbox").is_visible()
    page.emulate_media(media="screen")
    clean(page)


def test_a_report_phoned_in_is_taken_down_at_the_desk(visit: Visit) -> None:
    officer = visit("/map", user="officer", size=(1920, 1080))
    title = f"{SCRIPT} {uuid.uuid4().hex[:6]}"
    officer.get_by_role("button", name="接报", exact=True).click()
    form = officer.locator("#panel-details form")
    form.locator("#phone-kind").select_option("power")
    form.get_by_role("button", name="橙 Ⅱ").click()
    form.locator("#phone-title").fill(title)
    # nothing is sent without a place
    form.get_by_role("button", name="记下这件", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("还没有位置")
    box = officer.locator(".folium-map").bounding_box()
    assert box is not None
    officer.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(form.locator("#phone-place")).to_contain_text("图上点的地方")
    expect(form.locator("#phone-title")).to_have_value(title)
    assert serious(officer) == []

    # an answer that is lost: what was written stays, and the second sending makes no second report
    lost = []

    def lose(route: Route) -> None:
        answer = route.fetch()
        assert answer.status == 201
        lost.append(answer.json()["id"])
        route.abort()

    officer.route("**/api/incidents", lose, times=1)
    form.get_by_role("button", name="记下这件", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("写的还在")
    form.get_by_role("button", name="记下这件", exact=True).click()
    expect(officer.locator("#panel-details h3")).to_have_text(title)
    expect(row(officer, lost[0]).locator(".qt")).to_have_text(title)
    expect(officer.locator(".q .qt", has_text=title)).to_have_count(1)
    expect(officer.locator("#panel-details")).to_contain_text("手点")
    # the level it was reported with is offered, and not chosen
    press(officer, "核实")
    offered = officer.locator(".step-form .suggested")
    expect(offered).to_contain_text("橙 Ⅱ")
    expect(offered).to_be_focused()
    expect(officer.locator(".step-form .primary")).to_have_count(0)
    officer.keyboard.press("Enter")
    expect(row(officer, lost[0])).to_contain_text("已核实")
    assert officer.evaluate("window.__ran") is None
