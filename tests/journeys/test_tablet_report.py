"""The first journey: a member reports without a network, and the duty officer sees it at once.

From the sign-in of both to the result: the tablet is offline in the middle, its browser is closed
and opened again, and the officer's map shows the report without a reload.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tablets import picture, report, rows, stand_in_my_grid, tablet_on, until
from way_between import Way

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def test_from_the_tablet_to_the_wall(
    chromium: Browser, demo_server: Any, visit: Callable[..., Page], tmp_path: Path
) -> None:
    mark = f"水到膝盖 {uuid.uuid4().hex[:8]} <b>粗</b>"
    wall = visit("/map", user="officer", size=(1920, 1080))
    before = wall.locator(".q").count()
    way = Way(demo_server.address)
    try:
        with tablet_on(chromium.browser_type, tmp_path / "profile", way) as tablet:
            page = tablet.sign_in("member", demo_server.password)
            stand_in_my_grid(page)
            # three taps: report, its kind, send; the photo and the words are extra
            way.mode = "down"
            report(page, "fire", note=mark, photo=picture(77))
            expect(rows(page, "queued")).to_have_count(1)
            expect(page.locator("#offline-banner")).to_contain_text("没有网络", timeout=60_000)
            tablet.close()
            page = tablet.open()
            expect(rows(page, "queued")).to_have_count(1)
            assert wall.locator(".q").count() == before
            way.mode = "open"
            expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
            words = page.locator("#panel-reports .rep").first.inner_text()
            number = words.split("编号 ")[1].split(" ")[0]
            title = page.locator("#panel-reports .ob-title").first.inner_text()
            row = wall.locator(".q", has_text=title).filter(has_text=number)
            expect(row.first).to_be_visible(timeout=60_000)
            posts = [one for one in way.writes() if one.method == "POST"]
            assert [one.status for one in posts] == [201]
            until(
                lambda: "已上报" in page.locator("#panel-reports .rep").first.inner_text(),
                "its state",
            )
            assert not tablet.errors
    finally:
        way.close()
