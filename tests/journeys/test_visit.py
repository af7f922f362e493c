"""A visit that is due: asked on the tablet, written without a network, read on the office's card.

From the sign-in to the result: the form is filled in and asks only what is stale, the browser is
closed before the network comes back, and the card shows what was written, by whom and when.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tablets import rows, tablet_on, until
from way_between import Way

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def fetched(page: Page, address: str) -> Any:
    return page.evaluate("async (address) => (await fetch(address)).json()", address)


def test_from_the_list_of_visits_to_the_card(
    chromium: Browser, demo_server: Any, visit: Callable[..., Page], tmp_path: Path
) -> None:
    mark = uuid.uuid4().hex[:8]
    carer = f"王照看 {mark} <b>粗</b>"
    office = visit("/households", user="officer")
    way = Way(demo_server.address)
    try:
        with tablet_on(chromium.browser_type, tmp_path / "profile", way) as tablet:
            page = tablet.sign_in("member", demo_server.password)
            page.wait_for_selector("#panel-visits .v")
            first = page.locator(".v").first.get_attribute("data-id")
            due = next(
                one for one in fetched(page, "/api/visits")["items"] if str(one["id"]) == str(first)
            )
            form = fetched(page, f"/api/visits/{first}/form")
            asked = {field["name"] for field in form["fields"] if field["ask"]}
            assert "carer" in asked
            assert asked < {field["name"] for field in form["fields"]}
            until(
                lambda: any(f"/api/visits/{first}/form" in one.path for one in way.ledger),
                "its form",
            )
            page.wait_for_timeout(1500)
            way.mode = "down"
            page.locator(".v .btn").first.click()
            expect(page.locator("#field-carer")).to_be_visible()
            page.fill("#field-carer", carer)
            page.click("#visit-done")
            expect(rows(page, "queued")).to_contain_text("走访")
            tablet.close()
            page = tablet.open()
            expect(rows(page, "queued")).to_have_count(1)
            way.mode = "open"
            expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
            sent = [one for one in way.writes("/api/visits") if one.path.endswith("/done")]
            assert [one.status for one in sent] == [201]
            content = json.loads(sent[0].body)
            # no place, no photo, nothing that checks on the member
            assert set(content) <= {"id", "at", "fields", "needs", "note", "device_time"}
            assert not tablet.errors
    finally:
        way.close()
    office.goto(f"{demo_server.address}/households/{due['household']}")
    expect(office.locator("#panel-facts")).to_contain_text(carer)
    expect(office.locator("#panel-visits li").first).to_contain_text("已访")
    expect(office.locator("#panel-changes li").first).to_contain_text("谁在照料")
    assert office.locator("#panel-facts b", has_text="粗").count() == 0
