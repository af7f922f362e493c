"""What the pictures of the help pages show: a page, who is there, and what has been pressed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from chrome import quiet
from help_scripts import ORDERED, REPORT
from planners import OPEN, choose_border
from planners import ready as planner_ready
from playwright.sync_api import Page, expect
from tablets import stand_in_my_grid

TABLET, DESK = (900, 1100), (1280, 800)
COMMUNITY = "990101003002"
Visit = Callable[..., Page]


@dataclass(frozen=True)
class Scene:
    """One picture.

    Attributes
    ----------
    path, user, size
        The page, the account of the demo, and the window.
    words
        Buttons and headings in it that the help text names, as the Chinese source has them.
    prepare
        What is pressed before the picture is taken.
    """

    path: str
    user: str
    words: tuple[str, ...]
    size: tuple[int, int] = DESK
    prepare: Callable[[Page, Visit], None] = lambda page, visit: None
    ready: bool = True


def _home(page: Page, _visit: Visit) -> None:
    page.wait_for_selector("html[data-field=ready]", timeout=60_000)
    page.wait_for_selector("#view-home:not([hidden])", timeout=60_000)
    page.wait_for_selector(".folium-map[data-drawn=yes]", timeout=60_000)
    stand_in_my_grid(page)
    quiet(page)  # the last tiles and labels


def _report(page: Page, _visit: Visit) -> None:
    _home(page, _visit)
    page.click("#open-report")
    page.click('[data-kind="waterlogging"]')
    expect(page.locator("#pin")).not_to_have_class("pin unsure")
    quiet(page)


def _call(page: Page, _visit: Visit) -> None:
    _home(page, _visit)
    page.locator("#panel-visits .body button.primary").first.click()
    expect(page.locator("#view-visit")).to_be_visible()
    quiet(page)


def _incident(page: Page, _visit: Visit) -> None:
    page.locator("#panel-queue .q").first.click()
    _details(page)


def _assigned(page: Page, visit: Visit) -> None:
    """Let the officer give a new incident to a team, and open it as the unit."""
    officer = visit("/map", user="officer")
    incident = str(uuid.uuid4())
    english = page.evaluate("document.documentElement.lang") == "en"
    title = "Water on the crossing" if english else "路口积水"
    assert officer.evaluate(REPORT, [incident, title]) == 201
    officer.locator(f'.q[data-id="{incident}"]').click()
    steps = officer.locator("#panel-details .steps")
    steps.get_by_role("button", name="核实", exact=True).click()
    officer.locator(".step-form").get_by_role("button", name="黄 Ⅲ").click()
    steps.get_by_role("button", name="派单", exact=True).click()
    # to the team the unit works for: with any other it would not be theirs
    team = page.evaluate("JSON.parse(document.getElementById('page-data').textContent).me.team")
    whole = officer.locator(".step-form").get_by_role("button", name="看全部")
    if whole.count():
        whole.click()
    # by its number: the officer may read another language
    officer.locator(f'.team-list button[data-team="{team["id"]}"]').click()
    expect(officer.locator("#panel-details")).to_contain_text("已派单")
    officer.close()
    page.locator(f'.q[data-id="{incident}"]').click()
    _details(page)


def _details(page: Page) -> None:
    expect(page.locator("#panel-details h3")).to_be_visible()
    quiet(page)


def _hazard(page: Page, _visit: Visit) -> None:
    home = page.evaluate("fetch('/api/households?limit=1').then((a) => a.json())")["features"][0]
    lon, lat = home["geometry"]["coordinates"]
    page.evaluate(f"map_live.setView([{lat}, {lon}], 17, {{ animate: false }})")
    page.locator(".draw-start").click()
    quiet(page)
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    corners = [(0.42, 0.35), (0.62, 0.38), (0.6, 0.56), (0.4, 0.54)]
    for x, y in [*corners, corners[0]]:
        place = (box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        page.mouse.move(*place)
        page.mouse.click(*place)
        page.wait_for_timeout(150)
    page.wait_for_selector(".preview[data-households]:not(.waiting)")
    quiet(page)


def _newest_plan(page: Page, _visit: Visit) -> None:
    page.locator("#panel-plans tbody a").first.click()
    page.wait_for_selector(".folium-map[data-drawn=yes]", timeout=60_000)
    expect(page.locator("#plan-state")).to_be_visible()
    quiet(page)


def _listed(page: Page, _visit: Visit) -> None:
    """Wait for the lists of a page that has no map."""
    page.locator(".panel .body > *:visible").first.wait_for()
    quiet(page)


def _board(page: Page, _visit: Visit) -> None:
    """Show the board of an order; the newest plan becomes one where there is none yet."""
    number = page.evaluate(ORDERED)
    language = page.evaluate("document.documentElement.lang").replace("-", "_")
    page.goto(f"{page.url.split('/plans')[0]}/plans/{number}/board?lang={language}")
    expect(page.locator("#panel-grids .body > *").first).to_be_visible()
    quiet(page)


def _editor(page: Page, _visit: Visit) -> None:
    number = str(page.evaluate(OPEN, {"area": COMMUNITY, "name": "2026-07"}))
    language = page.evaluate("document.documentElement.lang").replace("-", "_")
    page.goto(f"{page.url.split('/planner')[0]}/planner/{number}?lang={language}")
    planner_ready(page)
    choose_border(page, number)
    page.evaluate("map_live.setZoom(16, { animate: false })")
    quiet(page)


def _sessions_and_tokens(page: Page, _visit: Visit) -> None:
    page.locator("#panel-password form .btn.primary").evaluate("(node) => node.scrollIntoView()")
    quiet(page)


def _trail(page: Page, _visit: Visit) -> None:
    page.goto(f"{page.url.split('/account')[0]}/trail")


def _what_if(page: Page, _visit: Visit) -> None:
    page.locator("#what-if:not([disabled])").click()
    page.locator("#if-tools").get_by_role("button").nth(2).click()  # one more facility
    _tap_middle(page)
    expect(page.locator(".change-list li")).to_have_count(1)
    quiet(page)


def _facility_form(page: Page, _visit: Visit) -> None:
    page.locator("#kind").select_option("fire_station")
    page.locator("#panel-facilities tbody .acts button").first.click()
    form = page.locator(".facility-form")
    form.locator("input[name=duty][value=off]").check()
    form.locator("[name=closed_why]").fill(
        form.locator("#off-reasons option").first.get_attribute("value") or ""
    )
    quiet(page)


def _closure(page: Page, _visit: Visit) -> None:
    page.locator(".closure-start").click()
    road = page.evaluate("fetch('/api/facilities').then((a) => a.json())")["features"]
    lon, lat = next(
        one["geometry"]["coordinates"]
        for one in road
        if one["properties"]["kind"] == "fire_station"
    )
    page.evaluate(f"map_live.setView([{lat}, {lon}], 17, {{ animate: false }})")
    quiet(page)
    _tap_middle(page)
    expect(page.locator("#closure-reason")).to_be_visible()
    quiet(page)


def _tap_middle(page: Page) -> None:
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


SCENES: dict[str, Scene] = {
    "field-day": Scene(
        "/field",
        "member",
        ("我的网格", "走访", "发件箱", "我报的事", "名单", "报事"),
        TABLET,
        _home,
        ready=False,
    ),
    "field-report": Scene(
        "/field",
        "member",
        ("哪一类", "有多急", "回到我这里", "拍照", "选照片", "写几个字", "存草稿", "发送"),
        TABLET,
        _report,
        ready=False,
    ),
    "field-visit": Scene("/field", "member", ("没见到人", "办完"), TABLET, _call, ready=False),
    "unit-queue": Scene("/map?theme=light", "unit", ("事件", "队伍")),
    "unit": Scene(
        "/map?theme=light", "unit", ("事件", "详情", "开始处置", "提异议"), DESK, _assigned
    ),
    "duty": Scene("/map", "officer", ("事件", "转移", "队伍", "记录", "详情"), DESK, _incident),
    "hazard": Scene("/map", "officer", ("不画了", "宣布这处险情", "演练"), DESK, _hazard),
    "plans": Scene("/plans", "officer", ("预案", "看预案")),
    "plan": Scene("/plans", "commander", ("步行", "坐车", "谁去哪里"), DESK, _newest_plan),
    "alerts": Scene("/alerts", "officer", ("预警", "发布预警", "收 CAP 文件")),
    "board": Scene("/plans", "commander", ("叫应", "安置点", "家人寻找"), DESK, _board),
    "responses": Scene(
        "/responses",
        "officer",
        ("响应", "启动响应", "吹哨叫部门"),
        DESK,
        _listed,
        False,
    ),
    "volunteers": Scene(
        "/volunteers", "officer", ("登记", "叫志愿者", "导入名单"), DESK, _listed, False
    ),
    "messages": Scene("/messages", "officer", ("给我的", "发出的", "写消息"), DESK, _listed, False),
    "emergency-rules": Scene(
        "/emergency-rules",
        "officer",
        ("登记监测点", "接人的车", "安置物资"),
    ),
    "exports": Scene("/exports", "commander", ("等你决定", "申请", "申请导出")),
    "households": Scene("/households", "officer", ("应急时打开…", "找")),
    "editor": Scene(
        "/planner",
        "planner",
        ("移边", "拆开", "合并", "划转", "撤销", "重做", "问题", "下一个", "比较", "校验"),
        DESK,
        _editor,
    ),
    "scenarios": Scene("/planner", "lead", ("范围", "方案名", "新建方案")),
    "coverage": Scene("/coverage", "planner", ("重新算",)),
    "coverage-what-if": Scene(
        "/coverage",
        "planner",
        ("断路", "挪设施", "加设施", "停设施", "算这个假设", "回到真的"),
        DESK,
        _what_if,
    ),
    "standards": Scene("/standards", "lead", ("加一个标准", "改", "停用", "历次版本")),
    "facilities": Scene("/facilities", "planner", ("登记一处", "成批导入", "种类", "状态")),
    "facility-form": Scene(
        "/facilities",
        "officer",
        ("在值", "停值", "为什么停", "存下", "停用这处"),
        DESK,
        _facility_form,
    ),
    "care": Scene(
        "/care", "planner", ("走访", "负担", "服务供需", "供给", "重新对供需", "导出表格")
    ),
    "closure": Scene("/map", "officer", ("封这条路", "不封了", "为什么封"), DESK, _closure),
    "imports": Scene("/imports", "lead", ("里面是", "送去检查")),
    "grids": Scene("/grids", "lead", ("网格",)),
    "trail": Scene("/account", "auditor", ("从头查一遍", "存下签名的末尾", "查"), DESK, _trail),
    "users": Scene("/users", "admin", ("开账号", "找", "给一次性密码", "停用")),
    "roles": Scene("/users", "security", ("给角色", "收回", "找")),
    "account": Scene(
        "/account", "planner", ("换密码", "全部退出", "发令牌"), DESK, _sessions_and_tokens
    ),
}
