"""Micro-grids on the page: asked for, listed with who speaks for them, seen on both maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from chrome import quiet
from planners import look_at, rings, spot
from playwright.sync_api import Page, expect
from test_pages import overflowing, serious, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

Visit = Callable[..., Page]
COMMUNITY = "990101003007"  # no other test is about it
PATIENCE = 60_000
FEATURES = "(address) => fetch(address).then((r) => r.json()).then((body) => body.features)"


def features(page: Page, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(FEATURES, address)
    return found


def switched(page: Page, layer: str) -> None:
    """Put the switch of a layer over, as a hand does."""
    page.locator(".leaflet-control-layers-toggle").click()
    page.locator(".leaflet-control-layers-overlays label").filter(has_text=layer).locator(
        "input"
    ).click()
    page.keyboard.press("Escape")


def test_divided_named_and_seen_on_the_duty_map(visit: Visit) -> None:
    page = visit("/grids", user="planner")
    (grid, *_rest) = features(page, f"/api/grids?area={COMMUNITY}")
    code = grid["properties"]["code"]
    page.locator(f'tr[data-code="{code}"] .row-button').click()
    folded = page.locator("details.micro")
    expect(folded.locator("summary")).to_be_visible()
    folded.locator("summary").click()
    page.get_by_role("button", name="全社区都划").click()
    # the toast tells the end of the job, the line its outcome for this grid
    expect(page.locator(".toast")).to_contain_text("个微网格", timeout=4 * PATIENCE)
    found = features(page, f"/api/micro-grids?grid={code}")
    households = sum(each["properties"]["households"] for each in found)
    assert households == grid["properties"]["households"]
    expect(folded.locator("summary")).to_contain_text(f"微网格 {len(found)} 个")
    rows = folded.locator("tbody tr")
    expect(rows).to_have_count(len(found))
    assert not overflowing(page)
    assert not small_targets(page)
    assert not serious(page)
    # who speaks for the first one: a name, no telephone
    rows.first.locator("td .row-button").click()
    page.get_by_label("姓名").fill("王桂花")
    page.get_by_role("button", name="定下").click()
    expect(rows.first).to_contain_text("王桂花")
    # the number leads there, and switches the layer on
    rows.first.locator("th .row-button").click()
    expect(page.locator("#legend")).to_contain_text("微网格")
    page.reload()
    quiet(page)
    kept = features(page, f"/api/micro-grids?grid={code}")
    assert kept[0]["properties"]["head"] == "王桂花"
    duty = visit("/map", user="officer")
    assert "/api/micro-grids" not in duty.evaluate(
        "performance.getEntriesByType('resource').map(({ name }) => name).join(' ')"
    )
    corner = rings(kept[0])[0][0]
    look_at(duty, corner, 17)
    switched(duty, "微网格")
    expect(duty.locator("#legend")).to_contain_text("微网格")
    quiet(duty)
    duty.mouse.click(*spot(duty, corner))
    expect(duty.locator("#panel-details h3")).to_contain_text("微网格")
    expect(duty.locator("#panel-details")).to_contain_text("50–80 户")
    # who draws no grids is asked for nothing
    looking = visit("/grids", user="officer")
    looking.locator(f'tr[data-code="{code}"] .row-button').click()
    looking.locator("details.micro summary").click()
    expect(looking.locator("details.micro tbody tr")).to_have_count(len(found))
    assert looking.locator("details.micro button").filter(has_text="划").count() == 0
