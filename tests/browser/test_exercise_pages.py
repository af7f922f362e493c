"""An exercise is told as one: one band on every page of it, and no warning colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chrome import WATCH_POLICY, quiet
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from tablets import Tablet
from test_pages import chinese_words, overflowing, serious, small_targets
from test_roll_call import (  # noqa: F401 - fixtures by their names
    NAME,
    Desk,
    at_roll_call,
    plan,
    sessions,
    tablet,
    way,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

# Whatever stands in a warning colour, as it is drawn: words, grounds, edges, shapes.
WARNING_COLOURS = """(within) => {
  const probe = document.createElement("i");
  document.body.append(probe);
  const html = getComputedStyle(document.documentElement);
  const shade = (name) => {
    probe.style.color = html.getPropertyValue(name).trim();
    return getComputedStyle(probe).color;
  };
  const taken = new Map();
  for (const name of ["--red", "--orange", "--yellow", "--blue"]) {
    for (const part of ["", "-soft", "-text"]) taken.set(shade(name + part), name + part);
  }
  for (const plain of ["--ink", "--surface"]) taken.delete(shade(plain)); // on paper they are ink
  probe.remove();
  const found = [];
  const box = document.querySelector(within);
  for (const node of [box, ...box.querySelectorAll("*")]) {
    if (!node.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(node);
    const own = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    const drawing = node instanceof SVGElement && node.tagName !== "svg";
    const drawn = {
      color: own && style.color, ground: style.backgroundColor,
      outline: style.outlineStyle !== "none" && style.outlineColor,
      left: parseFloat(style.borderLeftWidth) > 0 && style.borderLeftColor,
      top: parseFloat(style.borderTopWidth) > 0 && style.borderTopColor,
      fill: drawing && style.fill, stroke: drawing && style.stroke,
    };
    for (const [what, colour] of Object.entries(drawn)) {
      if (!colour || !taken.has(colour)) continue;
      found.push(`${taken.get(colour)} ${what} ${node.outerHTML.slice(0, 90)}`);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def officer(demo_server: Any, sessions: dict[str, str]) -> Desk:  # noqa: F811
    return Desk(demo_server.address, sessions["officer"])


@pytest.fixture(scope="module")
def response(officer: Desk, plan: int) -> Iterator[int]:  # noqa: F811
    """A response to the hazard of the exercise."""
    hazard = officer.get(f"/api/plans/{plan}")["hazard"]
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {
        "matter": "点名",
        "level": 2,
        "expected_until": until,
        "measures": "转移",
        "hazard": hazard,
    }
    made = int(officer.send("/api/responses", body)["id"])
    yield made
    revision = officer.get(f"/api/responses/{made}")["revision"]
    officer.send(f"/api/responses/{made}/steps", {"verb": "end", "reason": "演练结束"}, revision)


@pytest.fixture(scope="module")
def alert(officer: Desk, plan: int) -> Iterator[int]:  # noqa: F811
    """A warning of the exercise."""
    now = datetime.now(UTC)
    body = {
        "hazard": officer.get(f"/api/plans/{plan}")["hazard"],
        "starts_at": now.isoformat(),
        "expires_at": (now + timedelta(hours=2)).isoformat(),
        **dict.fromkeys(("event", "description", "instruction", "issuer", "area_desc"), "演练"),
        "headline": "内涝橙色预警",
    }
    made = int(officer.send("/api/alerts", body)["id"])
    yield made
    officer.send(f"/api/alerts/{made}/cancel", {"reason": "演练结束"})


@pytest.fixture
def opened(
    chromium: Browser,
    sessions: dict[str, str],  # noqa: F811
    demo_server: Any,
) -> Any:
    contexts = []

    def open_it(path: str, language: str = "zh_CN", theme: str = "light") -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        context.add_init_script(WATCH_POLICY)
        contexts.append(context)
        cookie = {"name": "gridmap_session", "value": sessions["officer"]}
        context.add_cookies([{**cookie, "url": demo_server.address}])
        page = context.new_page()
        joint = "&" if "?" in path else "?"
        page.goto(f"{demo_server.address}{path}{joint}lang={language}&theme={theme}")
        return page

    yield open_it
    for context in contexts:
        context.close()


# Page, what has to be there before it is looked at, which part is of the exercise alone.
PAGES = {
    "plan": ("/plans/{plan}", "#panel-plan .fig", "#panel-plan"),
    "board": ("/plans/{plan}/board", ".mi", "#main"),
    "response": ("/responses/{response}", "article.task", "#main"),
    "review": ("/responses/{response}/after", "#panel-timeline li", "#main"),
    "warning": ("/alerts?id={alert}", "#panel-alert .measures, #panel-alert dl", "#panel-alert"),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_an_exercise_has_the_band_and_no_warning_colour(
    opened: Callable[..., Page],
    plan: int,  # noqa: F811
    response: int,
    alert: int,
    name: str,
    theme: str,
) -> None:
    path, there, within = PAGES[name]
    page = opened(path.format(plan=plan, response=response, alert=alert), theme=theme)
    expect(page.locator(there).first).to_be_visible()
    band = page.locator("#exercise-band")
    expect(band).to_be_visible()
    expect(band).to_contain_text("演练")
    assert page.locator(".exercise-band:visible").count() == 1, "one band, not several"
    if name != "warning":  # real warnings may stand beside it: then there is no frame
        frame = "getComputedStyle(document.body, '::after').borderTopWidth"
        assert page.evaluate(frame) == "6px"
    if name == "board":  # what is late is told without a colour, too
        page.evaluate(
            "document.querySelectorAll('.mi').forEach((row) => row.classList.add('late'))"
        )
    assert page.evaluate(WARNING_COLOURS, within) == []


def test_every_sheet_of_an_exercise_says_so(opened: Callable[..., Page], plan: int) -> None:  # noqa: F811
    page = opened(f"/plans/{plan}/print")
    sheets = page.locator("section.sheet")
    expect(sheets.first).to_be_visible()
    words = [each.inner_text() for each in sheets.all()]
    assert [each[:60] for each in words if "演练" not in each] == []
    assert page.evaluate(WARNING_COLOURS, "body") == []


def test_roll_call_and_door_of_an_exercise(at_roll_call: Callable[[], Page]) -> None:  # noqa: F811
    page = at_roll_call()
    expect(page.locator("#calls-band")).to_be_visible()
    assert page.locator("#calls-plan").inner_text().count("演练") <= 2, "the word, and the name"
    assert page.locator("#calls-plan svg").count() == 0, "no shape of a warning"
    assert page.evaluate(WARNING_COLOURS, "#view-calls") == []
    page.locator("#calls-scan").click()
    expect(page.locator("#door-band")).to_be_visible()
    assert page.evaluate(WARNING_COLOURS, "#view-door") == []


def test_a_response_is_started_from_its_warning_filled_in(
    opened: Callable[..., Page], alert: int
) -> None:
    page = opened(f"/alerts?id={alert}")
    page.locator("#panel-alert .steps button", has_text="启动响应").click()
    form = page.locator("form.resp-form")
    expect(form.locator(".drill-band")).to_be_visible()
    expect(form.locator("[name=matter]")).to_have_value("演练：内涝橙色预警")
    expect(form.locator("[name=level]")).to_have_value("2")
    expect(form.locator("[name=measures]")).to_have_value("演练")
    expect(form.locator("[name=hazard] option:checked")).to_contain_text(NAME)
    expect(form.locator("[name=exercise]")).to_be_hidden()
    expect(form.locator(".template-line")).to_contain_text("项任务")
    form.locator("[name=level]").select_option("4")
    expect(form.locator(".template-line")).to_contain_text("项任务")
    form.get_by_role("button", name="不做").click()
    expect(page.locator("#panel-alert .steps")).to_be_visible()


def test_the_duty_map_leads_from_a_hazard_to_its_response(
    opened: Callable[..., Page],
    officer: Desk,
    plan: int,  # noqa: F811
    response: int,
) -> None:
    hazard = officer.get(f"/api/plans/{plan}")["hazard"]
    page = opened(f"/map?hazard={hazard}")
    panel = page.locator("#panel-details")
    expect(panel.locator("a", has_text="看响应")).to_have_attribute(
        "href", f"/responses/{response}"
    )
    expect(panel.locator("a", has_text="叫应")).to_have_attribute("href", f"/plans/{plan}/board")
    # the start of the response rings, without the colour of what is real
    alarm = page.locator("#alarms .alarm", has_text="响应启动了")
    expect(alarm).to_be_visible()
    expect(alarm).to_contain_text("演练")
    assert page.evaluate(WARNING_COLOURS, "#alarms .alarm.drill") == []


def test_a_real_page_has_no_band(opened: Callable[..., Page]) -> None:
    page = opened("/plans/1")
    expect(page.locator("#plan-state")).to_be_visible()
    expect(page.locator("#exercise-band")).to_be_hidden()
    assert page.evaluate("document.documentElement.classList.contains('is-drill')") is False


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_an_emergency_is_whole_at_every_width(
    opened: Callable[..., Page],
    plan: int,  # noqa: F811
    response: int,
    alert: int,
    name: str,
    language: str,
) -> None:
    path, there, _within = PAGES[name]
    page = opened(path.format(plan=plan, response=response, alert=alert), language)
    wrong: list[str] = []

    def said(line: ConsoleMessage) -> None:
        if line.type == "error":
            wrong.append(line.text)

    page.on("console", said)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.reload()
    for width, height in ((1280, 800), (800, 1280), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator(there).first).to_be_visible()
        quiet(page)
        wrong += [f"{width}: beyond {each}" for each in overflowing(page)]
        wrong += [f"{width}: small {each}" for each in small_targets(page)]
    wrong += page.evaluate("window.__refused")
    page.remove_listener("console", said)
    wrong += [f"axe {each}" for each in serious(page)]  # its own styles are refused, and told
    if language == "en":
        names = (NAME, "点名", "内涝橙色预警")
        wrong += [each for each in chinese_words(page) if not any(own in each for own in names)]
    assert wrong == []


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_roll_call_and_door_are_whole(
    tablet: Tablet,  # noqa: F811
    sessions: dict[str, str],  # noqa: F811
    plan: int,  # noqa: F811
    language: str,
) -> None:
    tablet.session = sessions["member"]
    page = tablet.open(f"/field?lang={language}")
    page.locator("#open-calls").click()
    expect(page.locator(".cr").first).to_be_visible()
    wrong = []
    for view in ("calls", "door"):
        for width, height in ((800, 1280), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            quiet(page)
            wrong += [f"{view} {width}: beyond {each}" for each in overflowing(page)]
            wrong += [f"{view} {width}: small {each}" for each in small_targets(page)]
        wrong += [f"{view}: axe {each}" for each in serious(page)]
        if language == "en":
            wrong += [each for each in chinese_words(page) if NAME not in each]
        if view == "calls":
            page.locator("#calls-scan").click()
            expect(page.locator("#door-code")).to_be_visible()
    assert wrong == []
