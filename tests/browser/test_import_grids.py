"""Imported grids in the browser: looked at change by change, decided, made a scenario."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from chrome import SCREENSHOTS, quiet
from playwright.sync_api import Page, expect
from shapely import affinity
from test_pages import chinese_words, overflowing, serious, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
COMMUNITY = "990101003002"
SCRIPT = "<img src=x onerror=window.__ran=1>"
SIZES = ((800, 1280), (1280, 800), (1920, 1080))
GET = "(address) => fetch(address).then((r) => r.json())"


def asked(page: Page, address: str) -> Any:
    return page.evaluate(GET, address)


def overlapping(page: Page) -> bytes:
    """Give the grids of a community as somebody may have redrawn them: one far too large."""
    document = asked(page, f"/api/grids/export?format=geojson&area={COMMUNITY}")
    for position, feature in enumerate(document["features"]):
        shape = shapely.geometry.shape(feature["geometry"])
        if position == 0:
            shape = affinity.scale(shape, 1.5, 1.5)
        elif position == 1:
            shape = shape.difference(shape.representative_point().buffer(0.0002))
        feature["geometry"] = shapely.geometry.mapping(shape)
        feature["properties"]["网格名称"] = SCRIPT if position == 0 else f"第 {position} 格"
    return json.dumps(document, ensure_ascii=False).encode()


@pytest.fixture
def repair(visit: Visit) -> Callable[..., Page]:
    """Send a file of grids and open its repair."""

    def opened(language: str = "zh_CN", size: tuple[int, int] = (1280, 800)) -> Page:
        page = visit("/imports", user="planner", size=size, language=language)
        page.locator("select[name=kind]").select_option("grids")
        content = overlapping(page)
        page.locator("input[name=file]").set_input_files(
            {"name": "重画.geojson", "mimeType": "application/geo+json", "buffer": content}
        )
        before = page.locator(".file-card").count()
        page.locator("#new-file button").click()
        expect(page.locator(".file-card")).to_have_count(before + 1)
        newest = page.locator(".file-card").first
        newest.locator("a.primary").click()
        page.wait_for_selector("html[data-repair=ready]")
        quiet(page)
        return page

    return opened


def test_changes_are_looked_at_decided_and_become_a_scenario(repair: Callable[..., Page]) -> None:
    page = repair()
    upload = page.url.split("/imports/")[1].split("?")[0]
    shown = asked(page, f"/api/uploads/{upload}/repair")
    waiting = [each for each in shown["changes"] if each["ask"]]
    assert waiting
    assert {"overlap", "hole"} <= {each["kind"] for each in shown["changes"]}
    expect(page.locator("#make")).to_be_disabled()
    # the next one, by key: it opens in the list and its place comes into the map
    page.keyboard.press("n")
    change = page.locator(".change.sel")
    expect(change).to_have_count(1)
    identity = change.get_attribute("data-id")
    (chosen,) = [each for each in shown["changes"] if each["id"] == identity]
    assert chosen["ask"]
    seen = page.evaluate(
        "([lon, lat]) => map_live.getBounds().contains([lat, lon])", chosen["point"]
    )
    assert seen
    # an overlap goes to the other grid than the one suggested
    overlap = next(each for each in shown["changes"] if each["kind"] == "overlap")
    row = page.locator(f".change[data-id='{overlap['id']}']")
    if row.count() == 0:
        page.locator(".kind[data-kind=overlap] h3 button").click()
    if not row.evaluate("(node) => node.classList.contains('sel')"):
        row.locator("button.fi").click()
    other = next(each for each in overlap["choices"] if each != overlap["default"])
    row.locator(f"[data-choice='{other}']").click()
    expect(row.locator(f"[data-choice='{other}']")).to_have_attribute("aria-pressed", "true")
    after = asked(page, f"/api/uploads/{upload}/repair")
    assert next(e for e in after["changes"] if e["id"] == overlap["id"])["choice"] == other
    # the rest as shown, a kind at a time
    accept = page.locator(".accept")
    while accept.count():
        left = accept.count()
        accept.first.click()
        expect(accept).not_to_have_count(left)
        quiet(page)
    expect(page.locator("#make")).to_be_enabled()
    result = asked(page, f"/api/uploads/{upload}/repair/grids")
    page.locator("#name").fill(SCRIPT)
    page.locator("#make").click()
    page.wait_for_url("**/planner/*", timeout=120_000)
    number = page.url.split("/planner/")[1].split("?")[0]
    page.wait_for_selector("html[data-planner=ready]", timeout=120_000)
    expect(page.locator("#scenario-name")).to_have_text(SCRIPT)
    made = asked(page, f"/api/scenarios/{number}/grids")
    imported = {each["id"]: each for each in result["features"]}
    of_community = [e for e in made["features"] if e["properties"]["community"] == COMMUNITY]
    assert {each["id"] for each in of_community} == set(imported)
    topology = {"gap", "overlap", "outside", "sliver", "hole", "multipart", "invalid"}
    assert topology.isdisjoint(fault["kind"] for fault in made["faults"])
    for each in of_community:
        shown_then = imported[each["id"]]
        one, two = (shapely.geometry.shape(side["geometry"]) for side in (each, shown_then))
        assert shapely.hausdorff_distance(one, two) < 1e-6
    assert page.evaluate("window.__ran") is None
    assert not page.notes.errors  # type: ignore[attr-defined]
    page.goto(page.url.split("/planner")[0] + f"/imports/{upload}")
    expect(page.locator("#taken")).to_be_visible()


def test_every_kind_of_change_is_shown_on_the_map(repair: Callable[..., Page]) -> None:
    page = repair()
    upload = page.url.split("/imports/")[1].split("?")[0]
    shown = asked(page, f"/api/uploads/{upload}/repair")
    # a grid half again as large leaves its community; another has a hole
    assert {"overlap", "hole"} <= {each["kind"] for each in shown["changes"]}
    assert {"outside", "crossing"} & {each["kind"] for each in shown["changes"]}
    for kind in dict.fromkeys(each["kind"] for each in shown["changes"]):
        opener = page.locator(f".kind[data-kind={kind}] h3 button")
        if opener.get_attribute("aria-expanded") == "false":
            opener.click()
        page.locator(f".kind[data-kind={kind}] .change button.fi").first.click()
        selected = page.locator(f".kind[data-kind={kind}] .change.sel")
        expect(selected).to_have_count(1)
        identity = selected.get_attribute("data-id")
        (chosen,) = [each for each in shown["changes"] if each["id"] == identity]
        page.wait_for_function(
            "([lon, lat]) => map_live.getBounds().contains([lat, lon])", arg=chosen["point"]
        )
    assert not page.notes.errors  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_page_at_every_size(repair: Callable[..., Page], language: str) -> None:
    page = repair(language=language)
    page.keyboard.press("n")
    SCREENSHOTS.mkdir(exist_ok=True)
    wrong: dict[str, Any] = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        quiet(page)
        page.screenshot(path=SCREENSHOTS / f"import-grids-{language}-{width}x{height}.png")
        found = {
            "beyond": overflowing(page),
            "small": small_targets(page),
            "axe": serious(page),
        }
        wrong[f"{width}x{height}"] = {name: each for name, each in found.items() if each}
    if language == "en":
        wrong["words"] = {"chinese": chinese_words(page)} if chinese_words(page) else {}
    assert not any(wrong.values()), wrong
    assert page.evaluate("window.__refused") == []
