"""Possible sites on the coverage page: moved by hand, and two of them beside each other."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from test_coverage_page import JOB, PAGE, changed, picture, tap, what_if, whole
from test_pages import overflowing, serious, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]


def found(visit: Visit, language: str = "zh_CN") -> Page:
    """The page with two sites found."""
    page = visit(PAGE, user="planner", size=(1440, 900), language=language)
    page.locator("#cards [data-act=next]").click()
    expect(page.locator("#cards .card")).to_have_count(2, timeout=JOB)
    return page


def gains(page: Page) -> list[int]:
    return [whole(words) for words in page.locator("#cards .big").all_inner_texts()]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_two_sites_are_laid_beside_each_other(visit: Visit, language: str) -> None:
    page = found(visit, language)
    filled, (first, second) = picture(page), gains(page)
    page.locator("[data-act=compare-2]").click()
    expect(page.locator("[data-act=apart]")).to_be_focused(timeout=JOB)
    # the same figures as on the cards
    tables = page.locator(".site-compare table")
    cells = tables.first.locator("tbody tr").first.locator("td").all_inner_texts()
    assert [whole(words) for words in cells] == [first, second]
    # and by grid they add up to them
    rows = tables.last.locator("tbody tr")
    for column, sum_ in ((1, first), (2, second)):
        cells = rows.locator(f"td:nth-of-type({column})").all_inner_texts()
        assert sum(whole(words) for words in cells) == sum_
    changed(page, filled)
    assert not overflowing(page)
    assert not small_targets(page)
    assert not serious(page)
    page.locator("[data-act=apart]").click()
    expect(page.locator("[data-act=compare-2]")).to_be_focused()
    page.wait_for_function(
        "() => !document.querySelector('#legend').textContent.match(/前一处|first gains/)"
    )
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_a_site_is_moved_counted_there_kept_and_put_back(visit: Visit) -> None:
    page = found(visit)
    first, second = gains(page)
    card = page.locator("#cards .card").first
    card.get_by_role("button", name="换点").click()
    # given up: as before
    card.get_by_role("button", name="不换了").click()
    expect(card.get_by_role("button", name="换点")).to_be_focused()
    card.get_by_role("button", name="换点").click()
    station = page.evaluate(
        "() => fetch('/api/facilities').then((one) => one.json()).then(({features}) =>"
        " features.find((one) => one.properties.kind === 'fire_station').geometry.coordinates)"
    )
    # beside the station that is there nobody new is reached, or next to nobody
    tap(page, [station[0] + 0.0004, station[1]])
    expect(card).to_contain_text("自己换的点", timeout=JOB)
    here = gains(page)[0]
    assert here < first
    assert gains(page)[1] == second
    # kept under a name it is the moved one
    card.get_by_role("button", name="存为方案").click()
    page.get_by_label("方案名").fill("换过的一站")
    page.get_by_role("button", name="存", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("存好了")
    page.get_by_role("tab", name="存下的").click()
    kept = page.locator("#panel-options li", has_text="换过的一站")
    expect(kept).to_have_count(1)
    shares = re.findall(r"[\d.]+%", kept.inner_text())
    assert (shares[0] == shares[1]) is (here == 0)
    kept.get_by_role("button", name="删掉").click()
    page.locator("dialog").get_by_role("button", name="删掉").click()
    expect(kept).to_have_count(0)
    page.get_by_role("tab", name="缺口").click()
    card.get_by_role("button", name="回到算出的点").click()
    assert gains(page) == [first, second]
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_nothing_that_changes_real_data_can_be_pressed_in_a_what_if(visit: Visit) -> None:
    page = visit(PAGE, user="planner", size=(1280, 800))
    real = page.locator("#again, #report")
    expect(real.first).to_be_visible()
    expect(real.last).to_be_visible()
    panel = what_if(page)
    expect(real.first).to_be_hidden()
    expect(real.last).to_be_hidden()
    expect(page.locator("#speeds")).to_be_hidden()
    panel.get_by_role("button", name="回到真的").click()
    expect(real.first).to_be_visible()
    expect(real.last).to_be_visible()


@pytest.mark.parametrize(
    ("path", "table"),
    [(PAGE, "#panel-gaps"), ("/care", "#panel-visits")],
)
def test_on_paper_the_whole_table_stands_under_the_map(visit: Visit, path: str, table: str) -> None:
    page = visit(path, user="planner", size=(1280, 800))
    body = page.locator(f"{table} .body")
    expect(body.locator("table:not(.grounds-table) tbody tr").first).to_be_visible()
    cut = "(body) => body.scrollHeight > body.clientHeight + 1"
    assert body.evaluate(cut)  # on the screen one scrolls
    page.emulate_media(media="print")
    assert not body.evaluate(cut)
    for pressed in ("#again", ".tabs", ".top nav", ".map-buttons .zoom-in"):
        expect(page.locator(pressed).first).to_be_hidden()
    # one below the other, neither beside nor under it
    above, below = page.locator(".mapbox").bounding_box(), body.bounding_box()
    assert above is not None
    assert below is not None
    assert above["height"] > 300
    assert above["y"] + above["height"] <= below["y"] + 1
    page.emulate_media(media="screen")


def test_a_number_of_sites_is_asked_for_only_where_it_counts(visit: Visit) -> None:
    page = visit(PAGE, user="planner")
    page.locator("#cards [data-act=method]").click()
    method, count = page.locator("#ask-method"), page.locator("#ask-count")
    for name, asked in (("next", False), ("cover_most", True), ("cover_all", False)):
        method.select_option(name)
        expect(count).to_be_visible(visible=asked)
        expect(page.locator("label[for=ask-count]")).to_be_visible(visible=asked)
    assert not serious(page)
    page.get_by_role("button", name="不算").click()
    expect(page.locator("dialog")).to_have_count(0)
