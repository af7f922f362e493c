"""A street is closed on the duty map; the desk is told who lost cover, until it is open again."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import shapely.ops
from playwright.sync_api import Locator, Page, expect
from test_duty_journey import send
from test_pages import serious

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

Visit = Callable[..., Page]
STREETS = Path(__file__).parents[2] / "geodata/demo/guanggu_window.parquet"
REASON = "<b>积水</b> 60 厘米"
PATIENCE = 120_000  # milliseconds: a worker computes a dozen standards, and the machine is shared


def features(page: Page, path: str) -> list[dict]:
    """Give the features of a layer as this person sees them."""
    return page.evaluate("(path) => fetch(path).then((answer) => answer.json())", path)["features"]


def on_its_street(point: list[float]) -> tuple[float, float]:
    """Give the nearest point on a street of the demo town, where a crew drives out."""
    streets = gpd.read_parquet(STREETS)
    metric = streets.estimate_utm_crs()
    spot = gpd.GeoSeries([shapely.Point(point)], crs=4326).to_crs(metric).iloc[0]
    lines = streets.to_crs(metric).geometry
    line = lines[lines.distance(spot).idxmin()]
    on = gpd.GeoSeries([shapely.ops.nearest_points(line, spot)[0]], crs=metric).to_crs(4326)
    return on.iloc[0].x, on.iloc[0].y


def closed_here(page: Page) -> dict:
    """Give the closure with our reason."""
    (found,) = [
        each
        for each in features(page, "/api/road-closures")
        if each["properties"]["reason"] == REASON
    ]
    return found["properties"]


def move(page: Page, lon: float, lat: float) -> None:
    """Bring a place to the middle of the map."""
    page.evaluate(
        "([lon, lat]) => { window.map_live.setView([lat, lon], 18, { animate: false }); }",
        [lon, lat],
    )


def press(page: Page, lon: float, lat: float) -> None:
    """Press the map at a place."""
    x, y = page.evaluate(
        """([lon, lat]) => {
          const at = window.map_live.latLngToContainerPoint([lat, lon]);
          const box = window.map_live.getContainer().getBoundingClientRect();
          return [box.left + at.x, box.top + at.y];
        }""",
        [lon, lat],
    )
    page.mouse.click(x, y)


def pressed_until(page: Page, at: list[float], panel: Locator) -> None:
    """Press a closure until its card opens: while its layer loads, the press meets what is near."""
    for _ in range(20):
        press(page, *at)
        with suppress(AssertionError):
            expect(panel).to_contain_text(REASON, timeout=5_000)
            return
    expect(panel).to_contain_text(REASON)


def test_a_street_is_closed_the_desk_told_and_the_street_opened_again(visit: Visit) -> None:
    page = visit("/map", user="officer", size=(1920, 1080))
    expect(page.locator("#queue-count")).to_have_text(re.compile(r"\d"))
    station = next(
        each
        for each in features(page, "/api/facilities")
        if each["properties"]["kind"] == "fire_station"
    )
    page.get_by_role("button", name="封一条路").click()
    expect(page.locator("#closure-send")).to_be_disabled()
    move(page, *on_its_street(station["geometry"]["coordinates"]))
    page.locator("#closure-middle").click()
    page.locator("#closure-reason").fill(REASON)
    page.locator("#closure-hours").select_option("6")
    assert not serious(page)
    page.locator("#closure-send").click()
    expect(page.locator("#toasts")).to_contain_text("封了")
    closure = closed_here(page)
    assert closure["ends_at"]
    try:
        waits = page.locator("#decide li").filter(has_text="消防站 5 分钟")
        expect(waits).to_contain_text("到不了了", timeout=PATIENCE)
        waits.get_by_role("button").click()
        expect(page.locator(".legend")).to_contain_text("刚到不了的户", timeout=PATIENCE)
        move(page, *closure["at"])
        panel = page.locator("#panel-details")
        pressed_until(page, closure["at"], panel)
        panel.get_by_role("button", name="改原因和时间").click()
        expect(page.locator("#closure-reason")).to_have_value(REASON)
        panel.get_by_role("button", name="不改了").click()
        panel.get_by_role("button", name="放行").click()
        expect(panel).to_be_hidden()
        expect(waits).to_have_count(0, timeout=PATIENCE)
        expect(page.locator(".legend")).not_to_contain_text("刚到不了的户")
    finally:  # the town is shared: whatever failed here, its street is open afterwards
        send(page, f"/api/road-closures/{closure['id']}/reopen", {})


def test_who_declares_no_hazard_closes_no_street(visit: Visit) -> None:
    page = visit("/map", user="planner")
    expect(page.locator("#queue-count")).to_have_text(re.compile(r"\d"))
    expect(page.get_by_role("button", name="封一条路")).to_have_count(0)
