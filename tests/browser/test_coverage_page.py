"""The coverage page: limit, levels, comparison, what if, next site; by hand, by key, in both
languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from chrome import quiet
from playwright.sync_api import Locator, Page, Route, expect
from test_pages import chinese_words, overflowing, serious, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
JOB = 240_000  # a job of a worker that others ask as well
PAGE = "/coverage?standard=fire"
LAYERS = ["road", "road_closure", "hazard", "household", "facility", "coverage_standard"]

PICTURE = """() => {
  let sum = 7;
  for (const canvas of document.querySelectorAll(".leaflet-fills-pane canvas")) {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    for (let i = 0; i < data.length; i += 4 * 13) {
      sum = (sum * 31 + data[i] + data[i + 1] * 3 + data[i + 2] * 7) % 2147483647;
    }
  }
  return sum;
}"""


def answer(page: Page, path: str) -> Any:
    """What the server says to the person of the page."""
    return page.evaluate("(path) => fetch(path).then((found) => found.json())", path)


def figure(page: Page, at: int) -> str:
    return page.locator("#figures dd").nth(at).inner_text()


def whole(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def picture(page: Page) -> int:
    """One number for what the canvases under the symbols show."""
    return page.evaluate(PICTURE)


def changed(page: Page, before: int) -> None:
    """Wait until the canvases show something else."""
    page.wait_for_function(f"(before) => ({PICTURE})() !== before", arg=before)


def tap(page: Page, place: list[float]) -> None:
    """Tap the map where a longitude and latitude are, wherever it looks now."""
    page.evaluate("([lon, lat]) => map_live.setView([lat, lon], 15, {animate: false})", place)
    quiet(page)
    x, y = page.evaluate(
        """([lon, lat]) => {
          const at = map_live.latLngToContainerPoint([lat, lon]);
          const box = map_live.getContainer().getBoundingClientRect();
          return [box.left + at.x, box.top + at.y];
        }""",
        place,
    )
    page.mouse.click(x, y)


def station(page: Page) -> dict[str, Any]:
    """A fire station of the demo town."""
    found = answer(page, "/api/facilities")["features"]
    return next(one for one in found if one["properties"]["kind"] == "fire_station")


def shown_run(page: Page) -> str:
    return page.locator("#runs").input_value()


def what_if(page: Page) -> Locator:
    page.locator("#what-if").click()
    expect(page.locator("#if-band")).to_be_visible()
    return page.locator("#panel-if")


def test_the_slider_answers_on_the_map_before_the_server_does(visit: Visit) -> None:
    page = visit(PAGE, user="planner", size=(1440, 900))
    run = shown_run(page)
    grids = answer(page, f"/api/coverage/runs/{run}/grids")
    assert whole(figure(page, 1)) == sum(one["uncovered"] for one in grids)
    # near by, where the households themselves are drawn
    page.locator("#panel-gaps tbody .row-button").first.click()
    page.wait_for_function("() => map_live.getZoom() === 15 && !map_live._animatingZoom")
    quiet(page)
    page.evaluate("map_live.setZoom(17, {animate: false})")
    page.wait_for_function("() => map_live.getZoom() === 17")
    quiet(page)
    before, missed = picture(page), figure(page, 1)
    held: list[Route] = []
    free: list[bool] = []

    def hold(route: Route) -> None:
        if free:
            route.continue_()
        else:
            held.append(route)

    page.route("**/grids?limit=*", hold)
    slider = page.get_by_role("slider", name="限值")
    slider.focus()
    with page.expect_request("**/grids?limit=*"):
        for _step in range(4):
            page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(before) => document.querySelector('.limit-now').textContent !== before", arg="5 分钟"
    )
    expect(slider).to_have_attribute("aria-valuetext", page.locator(".limit-now").inner_text())
    # the map has the new answer, the figures are the old ones and say so
    changed(page, before)
    assert figure(page, 1) == missed
    expect(page.locator("#figures")).to_have_attribute("aria-busy", "true")
    asked = [float(parse_qs(urlsplit(route.request.url).query)["limit"][0]) for route in held]
    free.append(True)
    for route in held:
        route.continue_()
    expect(page.locator("#figures")).to_have_attribute("aria-busy", "false")
    limit = float(slider.input_value())
    assert limit > 300
    assert asked[-1] == limit
    there = answer(page, f"/api/coverage/runs/{run}/grids?limit={limit:g}")
    assert whole(figure(page, 1)) == sum(one["uncovered"] for one in there) < whole(missed)
    expect(page.locator("#figures")).to_contain_text(page.locator(".limit-now").inner_text())
    # and one press leads back to the limit of the standard
    page.get_by_role("button", name="回到 5 分钟").click()
    expect(page.locator("#figures")).to_have_attribute("aria-busy", "false")
    assert figure(page, 1) == missed
    page.wait_for_function(f"(before) => ({PICTURE})() === before", arg=before)
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_a_limit_is_not_slid_where_capacity_counts(visit: Visit) -> None:
    page = visit("/coverage?standard=shelter", user="planner")
    expect(page.get_by_role("slider", name="限值")).to_be_disabled()
    expect(page.locator("#limit-box")).to_contain_text("要重算")


def test_gaps_add_up_by_community_and_township(visit: Visit) -> None:
    page = visit(PAGE, user="planner")
    everybody = figure(page, 1)
    rows = page.locator(".gap-table tbody tr")
    grids = rows.count()
    for level, words in (("community", "社区"), ("township", "街镇")):
        page.locator(f"[data-level={level}]").click()
        expect(page.locator("#gaps-title")).to_contain_text(words)
        expect(page.locator(f"[data-level={level}]")).to_be_focused()
        assert 0 < rows.count() < grids
        sums = [whole(one) for one in page.locator(".gap-table td:nth-child(2)").all_inner_texts()]
        assert sum(sums) == whole(everybody)
        assert sums == sorted(sums, reverse=True)
        assert figure(page, 1) == everybody
        grids = rows.count() + 1
    rows.first.get_by_role("button").click()
    expect(rows.first).to_have_class("sel")


def test_speeds_of_day_night_and_rain_are_told_apart(visit: Visit) -> None:
    page = visit(PAGE, user="planner")
    before = picture(page)
    page.get_by_role("button", name="白天夜里雨天").click()
    changed(page, before)
    run = answer(page, f"/api/coverage/runs/{shown_run(page)}")
    sums = [whole(one) for one in page.locator(".speed-sums b").all_inner_texts()]
    assert sums == [run["totals"]["bands"][key] for key in ("always", "sometimes", "never")]
    assert sum(sums) == run["totals"]["households"]
    # of another limit the run does not know them
    page.get_by_role("slider", name="限值").press("ArrowRight")
    expect(page.locator(".speed-sums")).to_have_count(0)
    expect(page.get_by_role("button", name="白天夜里雨天")).to_be_hidden()


def test_two_standards_are_compared_by_grid(visit: Visit) -> None:
    page = visit(PAGE, user="planner")
    filled = picture(page)
    page.get_by_role("tab", name="比较").click()
    page.locator("#panel-compare select").select_option(
        label=page.locator(
            "#panel-compare optgroup[label='别的标准最近一次'] option"
        ).first.inner_text()
    )
    rows = page.locator("#panel-compare tbody tr")
    expect(rows.first).to_be_visible()
    other = page.locator("#panel-compare select").input_value()
    found = answer(page, f"/api/coverage/runs/{other}/compare/{shown_run(page)}")
    sums = page.locator("#panel-compare .change-sums b")
    assert [whole(one) for one in sums.all_inner_texts()] == [found["lost"], found["gained"]]
    assert rows.count() == len([one for one in found["grids"] if one["lost"] or one["gained"]])
    changed(page, filled)
    page.get_by_role("tab", name="缺口").click()
    page.wait_for_function(f"(before) => ({PICTURE})() === before", arg=filled)
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_a_what_if_is_answered_and_nothing_real_changes(visit: Visit) -> None:
    page = visit(PAGE, user="planner", size=(1440, 900))
    one = station(page)
    real = answer(page, "/api/coverage/runs?standard=fire")
    panel = what_if(page)
    expect(page.locator("#if-band")).to_contain_text("真的数据没有动")
    panel.get_by_role("button", name="停设施").click()
    tap(page, one["geometry"]["coordinates"])
    changes = panel.locator(".change-list li")
    expect(changes).to_have_count(1)
    expect(changes).to_contain_text(one["properties"]["name"])
    # taken back, and done again
    changes.get_by_role("button", name="撤掉").click()
    expect(changes).to_have_count(0)
    expect(panel.get_by_role("button", name="算这个假设")).to_be_disabled()
    panel.get_by_role("button", name="停设施").click()
    tap(page, one["geometry"]["coordinates"])
    panel.get_by_role("button", name="算这个假设").click()
    expect(panel.locator(".if-answer")).to_be_visible(timeout=JOB)
    lost, gained = (whole(sum_) for sum_ in panel.locator(".change-sums b").all_inner_texts())
    # there is no other one: whoever was reached is reached no more
    totals = answer(page, f"/api/coverage/runs/{real[0]['id']}")["totals"]
    assert lost == totals["households"] - totals["uncovered"] > 0
    assert gained == 0
    expect(panel.locator("tbody tr").first).to_be_visible()
    assert not serious(page)
    # the same again as one saw it before: the station serves, no run was made
    panel.get_by_role("button", name="回到真的").click()
    expect(page.locator("#if-band")).to_be_hidden()
    expect(page.locator("#what-if")).to_be_focused()
    after = answer(page, "/api/coverage/runs?standard=fire")
    assert [run["id"] for run in after] == [run["id"] for run in real]
    assert station(page) == one
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_a_road_is_closed_by_keys_alone(visit: Visit) -> None:
    page = visit(PAGE, user="planner")
    page.locator("#what-if").focus()
    page.keyboard.press("Enter")
    panel = page.locator("#panel-if")
    panel.get_by_role("button", name="断路").focus()
    page.keyboard.press("Enter")
    for arrow in ("ArrowRight", "ArrowDown"):
        panel.locator("[data-tool=middle]").focus()
        page.keyboard.press("Enter")
        page.locator(".folium-map").focus()
        before = page.evaluate("map_live.getCenter().toString()")
        page.keyboard.press(arrow)
        page.wait_for_function("(before) => map_live.getCenter().toString() !== before", arg=before)
        quiet(page)
    page.keyboard.press("Enter")  # what is in the middle of the map is tapped
    finish = panel.locator("[data-tool=finish]")
    expect(finish).to_be_enabled()
    finish.focus()
    page.keyboard.press("Enter")
    expect(panel.locator(".change-list li")).to_contain_text("画的路断了")
    # a line that was begun is given up by Escape; what is made stays
    panel.get_by_role("button", name="断路").click()
    panel.locator("[data-tool=middle]").click()
    page.keyboard.press("Escape")
    expect(panel.locator(".tool-hint")).to_be_hidden()
    expect(panel.locator(".change-list li")).to_have_count(1)


def test_the_next_site_is_found_kept_and_tried(visit: Visit) -> None:
    page = visit(PAGE, user="planner", size=(1440, 900))
    page.get_by_role("button", name="找下一处").click()
    cards = page.locator("#cards .card")
    expect(cards.first).to_be_visible(timeout=JOB)
    expect(cards).to_have_count(2)
    first, second = (whole(words) for words in page.locator("#cards .big").all_inner_texts())
    assert first >= second > 0
    expect(page.locator("#cards")).to_contain_text("已证明最好")
    expect(cards.last).to_contain_text("与首选相距")
    cards.last.get_by_role("button", name="看在哪里").click()
    expect(cards.last).to_have_class("card best")
    # kept under a name
    cards.first.get_by_role("button", name="存为方案").click()
    page.get_by_label("方案名").fill("试加一站")
    page.get_by_role("button", name="存", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("存好了")
    page.get_by_role("tab", name="存下的").click()
    kept = page.locator("#panel-options li", has_text="试加一站")
    expect(kept).to_have_count(1)
    # opened as a what-if, which reaches as many more as the card says
    kept.get_by_role("button", name="打开").click()
    panel = page.locator("#panel-if")
    expect(panel.locator(".change-list li")).to_have_count(1)
    panel.get_by_role("button", name="算这个假设").click()
    expect(panel.locator(".if-answer")).to_be_visible(timeout=JOB)
    lost, gained = (whole(words) for words in panel.locator(".change-sums b").all_inner_texts())
    assert gained - lost == first
    panel.get_by_role("button", name="回到真的").click()
    # and thrown away, after a question
    kept.get_by_role("button", name="删掉").click()
    page.locator("dialog").get_by_role("button", name="删掉").click()
    expect(kept).to_have_count(0)
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_streets_that_people_hang_on_are_listed_and_tried(visit: Visit) -> None:
    page = visit(PAGE, user="planner", size=(1440, 900))
    page.get_by_role("tab", name="要紧的路").click()
    page.get_by_role("button", name="算要紧的路").click()
    rows = page.locator("#panel-critical table").first.locator("tbody tr")
    expect(rows.first).to_be_visible(timeout=JOB)
    lost = [
        whole(words)
        for words in page.locator("#panel-critical table")
        .first.locator("tbody td:nth-child(3)")
        .all_inner_texts()
    ]
    assert lost[0] == max(lost) > 0  # the people, most first
    rows.first.locator(".row-button").click()
    expect(rows.first).to_have_class("sel")
    rows.first.get_by_role("button", name="断了").last.click()
    expect(page.locator("#if-band")).to_be_visible()
    expect(page.locator("#panel-if .change-list li")).to_have_count(1)
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_change_over_time_is_a_line_and_a_table(visit: Visit) -> None:
    page = visit("/coverage?standard=police", user="planner")
    before = shown_run(page)
    page.get_by_role("button", name="重新算").click()
    expect(page.locator("#toasts")).to_contain_text("算完了", timeout=JOB)
    expect(page.locator("#runs")).not_to_have_value(before)
    page.get_by_role("tab", name="变化").click()
    rows = page.locator("#panel-history tbody tr")
    expect(rows.nth(1)).to_be_visible()
    expect(page.locator("#panel-history svg circle")).to_have_count(rows.count())
    # an earlier run is opened out of its row
    rows.nth(1).get_by_role("button").click()
    expect(page.locator("#runs")).to_have_value(before)


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF-"), ("xlsx", b"PK")])
def test_a_report_is_ordered_made_and_fetched(visit: Visit, form: str, begins: bytes) -> None:
    page = visit(PAGE, user="planner", size=(1440, 900))
    button = page.locator("#report")
    expect(button).to_be_enabled()
    button.click()
    dialog = page.get_by_role("dialog")
    township = dialog.locator("#ask-area option").nth(1)
    code = township.get_attribute("value")
    assert code is not None
    assert len(code) == 9
    dialog.locator("#ask-area").select_option(code)
    dialog.locator("#ask-form").select_option(form)
    assert not serious(page)
    dialog.get_by_role("button", name="做报告").click()
    expect(button).to_be_disabled()
    link = page.get_by_role("link", name="下载报告")
    expect(link).to_be_visible(timeout=JOB)
    expect(link).to_be_focused()
    expect(button).to_be_enabled()
    with page.expect_download() as file:
        link.click()
    assert file.value.suggested_filename.startswith(f"gridmap-coverage-{code}-")
    assert file.value.path().read_bytes().startswith(begins)


def test_a_run_on_older_data_says_so_and_is_grey(visit: Visit) -> None:
    page = visit("/about", user="planner", ready=False)

    def stale(route: Route) -> None:
        found = route.fetch()
        runs = [{**run, "stale": True, "changed": LAYERS} for run in found.json()]
        route.fulfill(response=found, json=runs)

    page.route("**/api/coverage/runs?standard=fire", stale)
    page.goto(page.url.split("/about")[0] + PAGE + "&lang=zh_CN")
    expect(page.locator("#stamp .age.old")).to_have_text(
        "道路、封路、险情范围、住户、设施、标准已变，要重算"
    )
    expect(page.locator("body")).to_have_class(re.compile("run-stale"))
    cut = "[...document.querySelectorAll('#stamp *')].filter((node) => node.checkVisibility()"
    cut += " && node.getBoundingClientRect().right > innerWidth).length"
    assert page.evaluate(cut) == 0  # said whole, not cut at the edge
    # without an answer the panel keeps nothing back: what failed, and a button to ask again
    page.route("**/grids?limit=*", lambda route: route.abort())
    page.get_by_role("slider", name="限值").press("ArrowRight")
    expect(page.locator("#panel-gaps .failed")).to_contain_text("下面是上次的数据")
    page.unroute("**/grids?limit=*")
    page.locator("#panel-gaps .failed button").click()
    expect(page.locator("#panel-gaps .failed")).to_have_count(0)
    expect(page.locator("#figures")).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_view_is_whole_at_every_width(visit: Visit, language: str) -> None:
    page = visit(PAGE, user="planner", language=language, size=(1280, 800))
    wrong: dict[str, Any] = {}

    def look(name: str) -> None:
        for width, height in ((800, 1280), (1280, 800), (1440, 900), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            quiet(page)
            found = [*overflowing(page), *small_targets(page)]
            if language == "en":
                found += chinese_words(page)
            if found:
                wrong[f"{name} at {width}"] = found

    for view in ("gaps", "compare", "critical", "history", "options"):
        page.locator(f"#view-{view}").click()
        look(view)
        if findings := serious(page):
            wrong[f"axe: {view}"] = findings
    page.locator("#what-if").click()
    page.locator("[data-tool=add]").click()
    page.locator("[data-tool=middle]").click()
    page.locator("[data-tool=close]").click()
    look("what-if")
    if findings := serious(page):
        wrong["axe: what-if"] = findings
    page.set_viewport_size({"width": 640, "height": 400})  # 1280 wide at 200 %
    quiet(page)
    if cut := overflowing(page):
        wrong["at 200 %"] = cut
    assert not wrong
    assert page.notes.errors == []  # type: ignore[attr-defined]
