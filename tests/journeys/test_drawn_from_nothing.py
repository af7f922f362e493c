"""A community without a grid is drawn by the county's machine, mended by hand, and published."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from chrome import SCREENSHOTS, quiet
from planners import DONE, collection, hand_one_block, inner, ready, tap
from playwright.sync_api import Page, expect
from test_border_to_published import publish, unexpected, validate

from gridmap.model.access import system_scope
from gridmap.store.database import Database

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

Visit = Callable[..., Page]
COMMUNITY = "990101003010"  # no other test is about it
NAMES = "(code) => fetch(`/api/grids?area=${code}`).then((r) => r.json())"


@pytest.fixture
def bare(request: pytest.FixtureRequest) -> int:
    """The community as on the first day: houses and streets, no grid, nobody in charge."""
    database = Database(request.getfixturevalue("demo_site").settings.database_url)
    with database.transaction(system_scope()) as tx:
        values: dict[str, Any] = {"code": COMMUNITY}
        # drafts of other tests that were copied from its grids
        tx.execute(
            "DELETE FROM scenario WHERE id IN"
            " (SELECT scenario_id FROM scenario_base WHERE area_code = :code)",
            **values,
        )
        tx.execute("UPDATE household SET area_code = :code WHERE area_code ^@ :code", **values)
        tx.execute("DELETE FROM grid_member WHERE area_code ^@ :code", **values)
        tx.execute("DELETE FROM grid WHERE area_code = :code", **values)
        households = tx.value("SELECT count(*) FROM household WHERE area_code = :code", **values)
    database.close()
    return int(households)


def test_a_community_is_drawn_from_nothing(visit: Visit, bare: int) -> None:
    page = visit("/planner", user="planner", size=(1440, 900))
    page.locator("#area").select_option(COMMUNITY)
    page.locator("#name").fill("从头划")
    page.get_by_role("button", name="新建方案").click()
    page.wait_for_url(re.compile(r"/planner/\d+$"))
    ready(page)
    number = page.url.rsplit("/", 1)[1]
    (whole,) = collection(page, number, "grids")
    assert whole["properties"]["households"] == bare
    expect(page.locator("#problems")).to_contain_text("户数多于")
    page.screenshot(path=SCREENSHOTS / "planner-nothing.png")

    tap(page, inner(whole), 15)
    page.locator("#proposal-kind").select_option("redraw")
    page.locator("#proposal-ask").click()
    take = page.get_by_role("button", name=re.compile("^(采用选中的|全部采用)$"))
    expect(take).to_be_visible(timeout=180_000)
    quiet(page)
    page.screenshot(path=SCREENSHOTS / "planner-nothing-proposed.png")
    take.click()
    expect(page.locator(DONE)).to_have_count(1, timeout=60_000)
    sizes = [each["properties"]["households"] for each in collection(page, number, "grids")]
    assert len(sizes) == -(-bare // 500) or all(300 <= size <= 500 for size in sizes), sizes
    assert sum(sizes) == bare

    hand_one_block(page, number)
    page.keyboard.press("Control+z")
    expect(page.locator("#operations li.u")).to_have_count(1)
    validate(page)
    planned = collection(page, number, "grids")
    assert unexpected(page) == []
    publish(visit, number)
    found = page.evaluate(NAMES, COMMUNITY)["features"]
    assert [each["properties"]["code"][12:] for each in found] == [
        f"{place:03d}" for place in range(1, len(planned) + 1)
    ]
    assert sum(each["properties"]["households"] for each in found) == bare
