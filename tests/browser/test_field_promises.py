"""What the tablet promises over days: many reports, a browser that dies, clocks that jump.

The short forms run with all tests, the long ones (`-m slow`) are N4 and N5 of the promises.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tablets import DUMP, Office, Tablet, picture, session_of, stand_in_my_grid, tablet_on, until
from way_between import Way

pytestmark = [pytest.mark.browser]

# Reports as fast as the page can take them, by the same buttons a finger would press.
MANY = """async (photos) => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const until = async (found, what) => {
    for (let i = 0; i < 4800; i++) {
      if (found()) return;
      await pause(25);
    }
    throw new Error(`waited for ${what}`);
  };
  const seen = (id) => !document.getElementById(id).hidden;
  for (const base64 of photos) {
    document.getElementById("open-report").click();
    await until(() => seen("view-report"), "the form");
    document.querySelector("[data-kind=waterlogging]").click();
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], "p.jpg", { type: "image/jpeg" }));
    const input = document.getElementById("report-file");
    input.files = files.files;
    input.dispatchEvent(new Event("change"));
    await until(() => document.querySelectorAll("#report-photos img").length === 1, "the photo");
    await until(() => !document.getElementById("pin").classList.contains("unsure"), "a place");
    document.getElementById("report-send").click();
    await until(() => seen("view-home"), "home");
  }
}"""
# The clock of the device is off by so many milliseconds.
JUMP = """(() => {
  const off = %d, Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + off); }
    static now() { return Real.now() + off; }
  };
})();"""
DAY = 86_400_000


@pytest.fixture
def way(demo_server: Any) -> Iterator[Way]:
    made = Way(demo_server.address)
    yield made
    made.close()


@pytest.fixture
def tablet(chromium: Browser, tmp_path: Path, way: Way) -> Iterator[Tablet]:
    with tablet_on(chromium.browser_type, tmp_path / "profile", way) as made:
        yield made


@pytest.fixture(scope="module")
def session(chromium: Browser, demo_server: Any) -> str:
    """One sign-in of the member for all tests that need no more."""
    return session_of(chromium, demo_server.address, "member", demo_server.password)


@pytest.fixture
def at_home(tablet: Tablet, session: str) -> Callable[[], Page]:
    def open_day() -> Page:
        tablet.session = session
        page = tablet.open("/field?lang=zh_CN")
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        stand_in_my_grid(page)
        return page

    return open_day


def unique(count: int) -> list[bytes]:
    """Photos that no other run has made."""
    start = time.time_ns() % 1_000_000_000
    return [picture(start + number) for number in range(count)]


def all_there(office: Office, way: Way, photos: list[bytes]) -> None:
    """Every report once, every photo byte-equal, by what was written and what is stored."""
    posts = [one for one in way.writes() if one.method == "POST"]
    created = [json.loads(one.body)["id"] for one in posts if one.status == 201]
    wanted = {hashlib.sha256(photo).hexdigest() for photo in photos}
    assert len(created) == len(set(created)) == len(photos)
    assert {one.status for one in posts} <= {200, 201}
    for report in created:
        [stored] = office.get(f"/api/incidents/{report}")["properties"]["photos"]
        assert stored["state"] == "stored", stored
        wanted.remove(stored["sha256"])
    assert not wanted
    arrived = {hashlib.sha256(one.body).hexdigest() for one in way.writes() if one.method == "PUT"}
    assert arrived == {hashlib.sha256(photo).hexdigest() for photo in photos}


def days_away(
    tablet: Tablet, at_home: Callable[[], Page], photos: list[bytes], kills: int, *, jumps: bool
) -> Page:
    """Report without a network; kill the browser again and again, sometimes in the middle."""
    page = at_home()
    place = stand_in_my_grid(page)
    tablet.way.mode = "down"
    done = 0
    for round_ in range(kills + 1):
        part = photos[done : (round_ + 1) * len(photos) // (kills + 1)]
        done += len(part)
        page.evaluate(MANY, [base64.b64encode(one).decode() for one in part])
        if round_ == kills:
            break
        page.click("#open-report")  # killed with a draft in hand
        page.click('[data-kind="power"]')
        tablet.kill()
        page = tablet.open()
        if jumps:
            assert tablet.context is not None
            off = (-1) ** round_ * (round_ + 1) * DAY
            tablet.context.add_init_script(JUMP % off)
            page.reload()
            tablet.ready(page)
        assert tablet.context is not None
        tablet.context.set_geolocation({**place, "accuracy": 18})
        assert waiting(page) == done
    return page


def waiting(page: Page) -> int:
    """How many reports lie in the outbox unsent."""
    return sum(one["state"] in ("queued", "sending") for one in page.evaluate(DUMP)["items"])


def accepted(page: Page) -> int:
    return sum(one["state"] == "accepted" for one in page.evaluate(DUMP)["items"])


@pytest.mark.timeout(300)
def test_days_without_a_network_short(
    tablet: Tablet, at_home: Callable[[], Page], way: Way, demo_server: Any, session: str
) -> None:
    photos = unique(8)
    page = days_away(tablet, at_home, photos, kills=2, jumps=True)
    way.mode = "open"
    page.evaluate("window.dispatchEvent(new Event('online'))")
    try:
        until(lambda: accepted(page) == len(photos), "all of them", 120)
    except AssertionError as error:
        items = page.evaluate(DUMP)["items"]
        seen = [(one["state"], one["tries"], one["received"]) for one in items]
        raise AssertionError(seen) from error
    all_there(Office(demo_server.address, session), way, photos)


@pytest.mark.slow
@pytest.mark.timeout(14400)
def test_n4_three_days_without_a_network(
    tablet: Tablet, at_home: Callable[[], Page], way: Way, demo_server: Any, session: str
) -> None:
    """500 reports, 500 photos, 10 kills, clock jumps, an update of the app in between."""
    photos = unique(500)
    page = days_away(tablet, at_home, photos, kills=10, jumps=True)
    way.rewrite = lambda path, body: (
        body.replace(b'"version": "', b'"version": "n4-') if path.endswith("worker.js") else body
    )
    way.mode = "open"
    until(lambda: accepted(page) > 100, "the first hundred", 3600)
    tablet.kill()
    page = tablet.open()
    until(lambda: accepted(page) == len(photos), "all of them", 7200)
    all_there(Office(demo_server.address, session), way, photos)
    print(f"{len(photos)} reports and photos, 10 kills, clocks that jump: all there once")


@pytest.mark.timeout(300)
def test_a_bad_way_short(
    at_home: Callable[[], Page], way: Way, demo_server: Any, session: str
) -> None:
    bad_way(at_home, way, Office(demo_server.address, session), count=5, delay=0.1)


@pytest.mark.slow
@pytest.mark.timeout(14400)
def test_n5_two_hundred_over_a_bad_way(
    at_home: Callable[[], Page], way: Way, demo_server: Any, session: str
) -> None:
    """2 s delay, 30 % of answers cut at a random byte, portals now and then."""
    bad_way(at_home, way, Office(demo_server.address, session), count=200, delay=2.0)


def bad_way(
    at_home: Callable[[], Page], way: Way, office: Office, *, count: int, delay: float
) -> None:
    photos = unique(count)
    page = at_home()
    way.mode, way.delay = "shaky", delay
    page.evaluate(MANY, [base64.b64encode(one).decode() for one in photos])
    way.mode = "portal"
    page.wait_for_timeout(3000)
    way.mode = "shaky"

    def nudged() -> bool:
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.wait_for_timeout(1500)
        return accepted(page) == count

    until(nudged, "all of them over a bad way", 120 + 40 * count * max(delay, 0.2))
    # what the tablet believes is what the server has
    ids = {one["id"] for one in page.evaluate(DUMP)["items"] if one["state"] == "accepted"}
    for report in ids:
        [stored] = office.get(f"/api/incidents/{report}")["properties"]["photos"]
        assert stored["state"] == "stored"
    created = [
        json.loads(one.body)["id"]
        for one in way.writes()
        if one.status == 201 and one.method == "POST"
    ]
    assert set(created) == ids
    assert len(created) == count
    sent = sum(one.method == "POST" for one in way.writes())
    print(f"{count} reports over a bad way: {sent} sendings, all there once")
