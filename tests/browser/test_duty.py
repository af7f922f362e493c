"""What a duty officer does on the map, with a mouse, with a keyboard, and without a network."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

Visit = Callable[..., Page]

REPORT = """async ({ id, title, lon, lat }) => {
  const answer = await fetch("/api/incidents", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify({
      id, category: "waterlogging", title, level: 3,
      geometry: { type: "Point", coordinates: [lon, lat] },
    }),
  });
  return answer.status;
}"""


@pytest.fixture
def duty(visit: Visit) -> Page:
    return visit("/map", user="commander", size=(1920, 1080))


def report(page: Page, title: str) -> str:
    """Report an incident in the middle of the map as this page's person."""
    center = page.evaluate("({ lon: map_live.getCenter().lng, lat: map_live.getCenter().lat })")
    name = str(uuid.uuid4())
    assert page.evaluate(REPORT, {"id": name, "title": title, **center}) == 201
    return name


def test_a_report_appears_without_a_reload_and_never_as_html(duty: Page) -> None:
    title = "<img src=x onerror=window.__ran=1>`${alert(1)}`"
    name = report(duty, title)
    row = duty.locator(f'.q[data-id="{name}"]')
    expect(row.locator(".qt")).to_have_text(title, timeout=60_000)
    duty.get_by_role("button", name="去看").last.click()
    expect(duty.locator("#panel-details h3")).to_have_text(title)
    assert duty.evaluate("window.__ran") is None
    assert not duty.notes.errors


def test_a_choice_in_the_queue_moves_the_map_and_opens_the_details(duty: Page) -> None:
    before = duty.evaluate("map_live.getCenter().toString()")
    row = duty.locator(".q").nth(3)
    title = row.locator(".qt").inner_text()
    row.click()
    expect(duty.locator("#panel-details h3")).to_have_text(title)
    expect(duty.locator('.q[aria-pressed="true"] .qt')).to_have_text(title)
    assert duty.evaluate("map_live.getCenter().toString()") != before


def test_search_by_keyboard_alone(duty: Page) -> None:
    duty.locator("#map-search").focus()
    duty.keyboard.type("００１－００２")  # full width, as a Chinese keyboard may give it
    expect(duty.get_by_role("option").first).to_be_visible()
    duty.keyboard.press("ArrowDown")
    expect(duty.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    duty.keyboard.press("Enter")
    expect(duty.get_by_role("listbox")).to_be_hidden()
    expect(duty.locator("#panel-details h3")).to_have_text("网格 001-002")


def test_layers_are_switched_by_keyboard(duty: Page) -> None:
    duty.locator(".leaflet-control-layers-toggle").focus()
    duty.keyboard.press("Enter")
    box = duty.locator(".leaflet-control-layers-list label", has_text="事件").locator("input")
    expect(box).to_be_focused(timeout=60_000) if box.count() > 1 else expect(box).to_be_visible()
    assert duty.evaluate("map_live.hasLayer(layer_incidents)")
    box.focus()
    duty.keyboard.press("Space")
    assert not duty.evaluate("map_live.hasLayer(layer_incidents)")
    duty.keyboard.press("Escape")
    expect(duty.locator(".leaflet-control-layers-toggle")).to_be_focused()


def test_the_middle_of_the_map_is_chosen_by_enter(duty: Page) -> None:
    row = duty.locator(".q").first
    row.click()
    title = row.locator(".qt").inner_text()
    duty.locator("#details-close").click()
    expect(duty.locator("#panel-details")).to_be_hidden()
    duty.wait_for_timeout(600)  # the map has come to rest
    duty.locator(".folium-map").focus()
    duty.keyboard.press("Enter")
    expect(duty.locator("#panel-details h3")).to_have_text(title)


def test_my_position_is_shown_with_its_accuracy_in_words(duty: Page) -> None:
    place = duty.evaluate(
        "({ latitude: map_live.getCenter().lat, longitude: map_live.getCenter().lng })"
    )
    duty.context.set_geolocation({**place, "accuracy": 18})
    duty.get_by_role("button", name="我的位置").click()
    expect(duty.locator(".map-note")).to_have_text("误差 18 米")
    duty.context.set_geolocation({"latitude": 0, "longitude": 0, "accuracy": 5})
    duty.get_by_role("button", name="我的位置").click()
    expect(duty.locator(".map-note")).to_have_text("你的位置在这张图之外", timeout=60_000)


def test_what_the_map_shows_is_in_a_list_too(duty: Page) -> None:
    duty.locator("#panel-units summary").click()
    shelter = duty.locator("#panel-units details button").first
    name = shelter.locator("b").inner_text()
    shelter.click()
    expect(duty.locator("#panel-details h3")).to_have_text(name)


def test_a_cut_stops_the_picture_and_a_return_resumes_it(duty: Page) -> None:
    duty.wait_for_timeout(3500)
    duty.context.set_offline(True)
    try:
        expect(duty.locator("#offline-banner")).to_contain_text("与服务器断开", timeout=60_000)
        expect(duty.locator("#panel-queue .age")).to_contain_text("停在")
        assert duty.locator(".q").count() > 0  # the data stays
    finally:
        duty.context.set_offline(False)
    expect(duty.locator("#offline-banner")).to_be_hidden(timeout=60_000)
    expect(duty.locator("#feed-badge")).to_have_attribute("data-state", "live")


def test_the_theme_is_switched_and_kept(visit: Visit) -> None:
    page = visit("/map", user="unit")
    page.locator(".tools details.menu summary").click()
    before = page.evaluate("document.documentElement.dataset.theme")
    with page.expect_response(lambda answer: "theme=" in answer.url):
        page.locator("[data-theme-switch]").click()
    after = page.evaluate("document.documentElement.dataset.theme")
    assert {before, after} == {"light", "dark"}
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == after


def test_coverage_is_computed_again_with_progress(visit: Visit) -> None:
    page = visit("/coverage?standard=shelter", user="planner")
    first = page.locator("#runs").input_value()
    page.get_by_role("button", name="重新算").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="取消")).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text("算完了", timeout=120_000)
    expect(page.locator("#runs")).not_to_have_value(first)


def test_a_standard_is_chosen_by_arrow_keys(visit: Visit) -> None:
    page = visit("/coverage", user="planner")
    chosen = page.locator('#standards [aria-checked="true"]')
    before = chosen.inner_text()
    chosen.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('#standards [aria-checked="true"]')).not_to_have_text(before)
    expect(page.locator('#standards [aria-checked="true"]')).to_be_focused()
