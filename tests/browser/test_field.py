"""The tablet on real Chromium with a profile that stays: what it keeps, sends, and never loses."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tablets import (
    DUMP,
    Office,
    Tablet,
    picture,
    put_by_finger,
    report,
    rows,
    session_of,
    stand_in_my_grid,
    tablet_on,
    until,
)
from test_pages import chinese_words, overflowing, serious, small_targets
from way_between import Way

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

RUN = uuid.uuid4().hex[:8]  # the demo may have seen these tests before
SCRIPT = "<img src=x onerror=window.__ran=1>`${alert(1)}`"


@pytest.fixture
def way(demo_server: Any) -> Iterator[Way]:
    made = Way(demo_server.address)
    yield made
    made.close()


@pytest.fixture
def tablet(chromium: Browser, tmp_path: Path, way: Way) -> Iterator[Tablet]:
    with tablet_on(chromium.browser_type, tmp_path / "profile", way) as made:
        yield made
        assert not made.errors, made.errors


@pytest.fixture(scope="module")
def session(chromium: Browser, demo_server: Any) -> str:
    """One sign-in of the member for all tests that need no more."""
    return session_of(chromium, demo_server.address, "member", demo_server.password)


@pytest.fixture
def office(demo_server: Any, session: str) -> Office:
    return Office(demo_server.address, session)


@pytest.fixture
def at_home(tablet: Tablet, session: str) -> Callable[[], Page]:
    """Open the day of a member who is signed in."""

    def open_day() -> Page:
        tablet.session = session
        page = tablet.open("/field?lang=zh_CN")
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        until(lambda: tablet.way.came("/api/households"), "the lists of the day")
        page.wait_for_selector("#panel-visits .v")
        stand_in_my_grid(page)
        return page

    return open_day


def middle(page: Page) -> dict[str, float]:
    """Where the middle of the map is."""
    return page.evaluate("({ lon: map_live.getCenter().lng, lat: map_live.getCenter().lat })")


def corner(page: Page) -> dict[str, float]:
    """Give a place that the map shows and the county does not hold."""
    return page.evaluate(
        """() => {
          const bounds = L.latLngBounds(map_live.options.maxBounds);
          const [west, south] = [bounds.getWest(), bounds.getSouth()];
          return { lon: west + 0.05 * (bounds.getEast() - west),
            lat: south + 0.05 * (bounds.getNorth() - south) };
        }"""
    )


def test_members_land_on_their_day(tablet: Tablet, demo_server: Any) -> None:
    page = tablet.sign_in("member", demo_server.password)
    assert tablet.landed.endswith("/field")
    expect(page.locator("#home-grid")).to_have_text(re.compile(r"^\d{3}-\d{3}$"))
    manifest = json.loads(
        page.evaluate("fetch('/field/manifest.webmanifest').then((a) => a.text())")
    )
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/field",
        "/field",
        "standalone",
    )
    for icon in manifest["icons"]:
        assert page.evaluate("(src) => fetch(src).then((a) => a.status)", icon["src"]) == 200
    scope = page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)")
    assert scope == tablet.way.address + "/field"


def test_a_report_with_a_photo_arrives(at_home: Any, office: Office, way: Way) -> None:
    page = at_home()
    photo = picture(11)
    report(page, "fire", note=f"online {RUN} {SCRIPT}", photo=photo)
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    expect(rows(page, "accepted")).to_contain_text("服务器已存")
    [stored] = office.noted(f"online {RUN}")
    assert stored["photos"][0]["state"] == "stored"
    assert (stored["level"], stored["category"]) == (1, "fire")
    puts = [each for each in way.writes() if each.method == "PUT"]
    assert [each.body for each in puts] == [photo]  # byte for byte
    expect(page.locator("#panel-reports li").first).to_contain_text(f"编号 {stored['number']}")
    # script in the note is text wherever it is shown
    page.click(".ob button")
    assert page.evaluate("window.__ran") is None
    assert page.evaluate("window.__refused") == []


def test_offline_closed_reopened_then_online(
    tablet: Tablet, at_home: Any, office: Office, way: Way
) -> None:
    page = at_home()
    way.mode = "down"
    report(page, note=f"offline one {RUN}")
    expect(rows(page, "queued")).to_have_count(1)
    expect(page.locator("#offline-banner")).to_contain_text("没有网络", timeout=60_000)
    tablet.close()
    page = tablet.open()  # the browser is new, the network is still away
    expect(rows(page, "queued")).to_have_count(1)
    expect(page.locator(".waiting").first).to_have_text("1 条待发")
    assert page.locator("#outbox-title").bounding_box()["y"] < 1100  # over the bar of buttons
    expect(page.locator("#panel-visits .v").first).to_be_visible()
    page.click("#open-roster")
    expect(page.locator(".rr").first).to_be_visible()
    page.click("#roster-back")
    tablet.kill()
    page = tablet.open()
    expect(rows(page, "queued")).to_have_count(1)
    assert not office.noted(f"offline one {RUN}")
    way.mode = "open"
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    [stored] = office.noted(f"offline one {RUN}")
    listed = office.get("/api/incidents")["features"]
    assert sum(one["properties"]["id"] == stored["id"] for one in listed) == 1
    expect(page.locator("#offline-banner")).to_be_hidden()


def test_lost_replies_make_one_report(at_home: Any, office: Office, way: Way) -> None:
    page = at_home()
    way.mode = "no_replies"
    report(page, note=f"no reply {RUN}", photo=picture(12))
    # one that is still on its way has no status yet
    until(lambda: sum(each.status is not None for each in way.writes()) >= 2, "a second try", 120)
    assert rows(page, "accepted").count() == 0
    assert {each.status for each in way.writes()} <= {200, 201, None}
    assert len({each.body for each in way.writes() if each.method == "POST"}) == 1
    way.mode = "open"
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    assert len(office.noted(f"no reply {RUN}")) == 1


@pytest.mark.parametrize("portal", ["portal", "portal_json", "portal_redirect"])
def test_a_captive_portal_is_never_believed(
    at_home: Any, office: Office, way: Way, portal: str
) -> None:
    page = at_home()
    way.mode = portal
    report(page, note=f"by {portal}. {RUN}")
    expect(rows(page, "queued")).to_contain_text("没通到服务器", timeout=60_000)
    page.wait_for_timeout(3000)
    assert rows(page, "accepted").count() == 0
    assert rows(page, "refused").count() == 0
    way.mode = "open"
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    assert len(office.noted(f"by {portal}. {RUN}")) == 1


def test_two_tabs_send_once(tablet: Tablet, at_home: Any, office: Office, way: Way) -> None:
    page = at_home()
    way.mode = "down"
    report(page, note=f"two tabs {RUN}")
    other = tablet.open()
    expect(rows(other, "queued")).to_have_count(1)
    way.mode = "open"
    for one in (page, other):
        one.evaluate("window.dispatchEvent(new Event('online'))")
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    expect(rows(other, "accepted")).to_have_count(1, timeout=60_000)
    assert [each.status for each in way.writes()] == [201]
    assert len(office.noted(f"two tabs {RUN}")) == 1


def test_nothing_readable_lies_on_the_tablet(
    tablet: Tablet, demo_server: Any, way: Way, office: Office
) -> None:
    page = tablet.sign_in("member", demo_server.password)
    stand_in_my_grid(page)
    page.wait_for_selector("#panel-visits .v")
    address = page.locator(".v b").first.inner_text()
    name = page.locator(".v .mut").first.inner_text().split(" ")[0]
    way.mode = "down"
    report(page, note=f"the secret note {RUN}", photo=picture(13))
    kept = page.evaluate(DUMP)
    assert len(kept["items"]) == 1
    assert len(kept["photos"]) == 1
    assert kept["keys"][0]["key"] == "CryptoKey extractable=false"
    assert_sealed(kept, f"the secret note {RUN}", address, name)
    for words in caches_of(page):
        assert address not in words
        assert f"the secret note {RUN}" not in words
    # out, without a network: the key is gone at once
    page.click("details.menu summary")
    page.click("#sign-out")
    page.wait_for_selector("#view-wait:not([hidden])")
    kept = page.evaluate(DUMP)
    assert kept["keys"] == []
    assert len(kept["items"]) == 1
    assert_sealed(kept, f"the secret note {RUN}", address, name)
    # another person signs in on it: sees nothing of it, and nothing of it is sent
    way.mode = "open"
    page.wait_for_url(lambda address: address.rstrip("/") == way.address, timeout=60_000)
    page.close()
    page = tablet.sign_in("officer", demo_server.password)
    expect(page.locator("#outbox-notes")).to_contain_text("别人没发的 1 条")
    expect(page.locator(".ob")).to_have_count(0)
    page.wait_for_timeout(5000)
    assert way.writes() == []
    page.click("details.menu summary")
    page.click("#sign-out")
    page.wait_for_url(lambda address: address.rstrip("/") == way.address)
    # its own person is back: it goes
    page = tablet.sign_in("member", demo_server.password)
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    assert len(office.noted(f"the secret note {RUN}")) == 1


def assert_sealed(kept: dict[str, Any], *words: str) -> None:
    """Nothing of these words stands in the database, in any encoding a look would find."""
    text = json.dumps(kept, ensure_ascii=False)
    for each in words:
        assert each not in text
        assert each.encode().decode("latin-1") not in text


def caches_of(page: Page) -> list[str]:
    """Everything the service worker keeps."""
    return page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const key of await cache.keys()) {
              found.push(key.url + "\\n" + await (await cache.match(key)).text());
            }
          }
          return found;
        }"""
    )


def test_the_worker_keeps_no_answer_about_people(at_home: Any) -> None:
    page = at_home()

    def addresses_of() -> list[str]:
        return [text.split("\n", 1)[0] for text in caches_of(page)]

    until(lambda: any("/tiles/base/" in each for each in addresses_of()), "the base map")
    addresses = addresses_of()
    assert any("/field/shell" in each for each in addresses)
    assert not [each for each in addresses if "/api/" in each or "/tiles/households" in each]


def test_a_new_version_waits_and_loses_nothing(at_home: Any, office: Office, way: Way) -> None:
    page = at_home()
    way.rewrite = lambda path, body: (
        body.replace(b'"version": "', b'"version": "next-') if path.endswith("worker.js") else body
    )
    way.mode = "no_replies"
    report(page, note=f"before the update {RUN}")
    page.evaluate("navigator.serviceWorker.ready.then((one) => one.update())")
    banner = page.locator("#update-banner")
    expect(banner).to_be_visible(timeout=60_000)
    expect(banner).to_contain_text("新版本，重新打开就换")
    page.click("#open-report")
    page.click('[data-kind="power"]')
    with page.expect_navigation(timeout=60_000):
        page.click("#update-now")
    page.wait_for_selector("#view-home:not([hidden])")
    assert any("field-next-" in each for each in page.evaluate("caches.keys()"))
    expect(rows(page, "draft")).to_have_count(1)
    expect(page.locator(".ob")).to_have_count(2)
    way.mode = "open"
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    assert len(office.noted(f"before the update {RUN}")) == 1


def test_a_refused_report_says_why_and_can_be_mended(at_home: Any, office: Office) -> None:
    page = at_home()
    inside = middle(page)
    page.context.set_geolocation({"latitude": 30.05, "longitude": 114.05, "accuracy": 5})
    page.click("#open-report")
    expect(page.locator("#place-card")).to_contain_text("在这张图之外", timeout=60_000)
    page.click('[data-kind="landslide"]')
    page.click("#report-send")
    expect(page.locator("#report-fault")).to_contain_text("差一项：位置")
    # a place that the map shows and the county does not hold
    put_by_finger(page, corner(page))
    page.click("#report-write")
    page.fill("#report-note", f"outside first {RUN}")
    page.click("#report-send")
    expect(rows(page, "refused")).to_have_count(1, timeout=60_000)
    expect(rows(page, "refused")).to_contain_text("在本县之外")
    page.get_by_role("button", name="改位置").click()
    put_by_finger(page, inside)
    page.click("#report-send")
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    assert len(office.noted(f"outside first {RUN}")) == 1


def test_what_is_tapped_belongs_to_the_report_that_was_taken_back(at_home: Any) -> None:
    page = at_home()
    for kind in ("power", "dispute"):
        page.click("#open-report")
        page.click(f'[data-kind="{kind}"]')
        page.click("#report-keep")
    expect(rows(page, "draft")).to_have_count(2)
    # a slow tablet: nothing that is sealed opens within a second
    page.evaluate(
        """() => {
          const open = crypto.subtle.decrypt.bind(crypto.subtle);
          crypto.subtle.decrypt = async (...given) => {
            await new Promise((done) => setTimeout(done, 1000));
            return open(...given);
          };
        }"""
    )
    rows(page, "draft").filter(has_text="停电用电").get_by_role("button", name="接着填").click()
    page.click('[data-kind="fire"]')
    page.click("#report-keep")
    expect(rows(page, "draft").filter(has_text="火情烟雾")).to_have_count(1, timeout=60_000)
    expect(rows(page, "draft").filter(has_text="邻里纠纷")).to_have_count(1)
    expect(page.locator(".ob")).to_have_count(2)


def test_other_content_under_an_id_goes_again_under_its_own(
    at_home: Any, office: Office, way: Way
) -> None:
    page = at_home()
    way.mode = "down"
    report(page, note=f"the second one {RUN}")
    # the id is taken by another report while this one cannot get through
    place = middle(page)
    taken = {
        "id": page.evaluate(DUMP)["items"][0]["id"],
        "category": "power",
        "title": "the first one",
        "level": 3,
        "note": f"the first one {RUN}",
        "geometry": {"type": "Point", "coordinates": [place["lon"], place["lat"]]},
    }
    assert office.post("/api/incidents", taken) == 201
    way.mode = "open"
    expect(rows(page, "refused")).to_have_count(1, timeout=60_000)
    page.get_by_role("button", name="换编号再发").click()
    page.click("#report-send")
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    assert len(office.noted(f"the second one {RUN}")) == 1
    assert len(office.noted(f"the first one {RUN}")) == 1


def test_a_session_that_ended_keeps_everything(
    tablet: Tablet, demo_server: Any, office: Office
) -> None:
    page = tablet.sign_in("member", demo_server.password)
    stand_in_my_grid(page)
    assert tablet.context is not None
    tablet.context.clear_cookies()
    report(page, note=f"after the session {RUN}")
    banner = page.locator("#offline-banner")
    expect(banner).to_contain_text("登录过期了", timeout=60_000)
    expect(page.locator(".ob")).to_have_count(1)
    banner.get_by_role("link", name="去登录").click()
    page.wait_for_url(lambda address: address.rstrip("/") == tablet.way.address)
    page.close()
    page = tablet.sign_in("member", demo_server.password)
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    assert len(office.noted(f"after the session {RUN}")) == 1


def test_a_draft_is_kept_from_the_first_tap(tablet: Tablet, at_home: Any) -> None:
    page = at_home()
    page.click("#open-report")
    page.click('[data-kind="welfare_check"]')
    page.wait_for_timeout(300)
    tablet.kill()
    page = tablet.open()
    expect(rows(page, "draft")).to_have_count(1)
    page.get_by_role("button", name="接着填").click()
    expect(page.locator('[data-kind="welfare_check"]')).to_have_attribute("aria-pressed", "true")
    page.click("#report-cancel")
    expect(page.locator(".ob")).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(rows(page, "draft")).to_have_count(1)


def test_a_visit_is_done_without_a_network(at_home: Any, office: Office, way: Way) -> None:
    page = at_home()
    page.wait_for_selector("#panel-visits .v")
    first = page.locator(".v").first.get_attribute("data-id")
    until(lambda: any(f"/api/visits/{first}/form" in one.path for one in way.ledger), "its form")
    page.wait_for_timeout(1500)
    way.mode = "down"
    page.locator(".v .btn").first.click()
    expect(page.locator("#visit-body .qrow").first).to_be_visible()
    page.fill("#visit-note", SCRIPT)
    page.click("#visit-done")
    expect(rows(page, "queued")).to_contain_text("走访")
    expect(page.locator(f'.v[data-id="{first}"]')).to_have_count(0)
    second = page.locator(".v").first.get_attribute("data-id")
    page.locator(".v .btn").first.click()
    page.get_by_role("button", name="没人在家").click()
    expect(page.locator(".ob")).to_have_count(2)
    way.mode = "open"
    expect(rows(page, "accepted")).to_have_count(2, timeout=60_000)
    assert str(first) in {str(one["id"]) for one in office.get("/api/visits?state=done")["items"]}
    assert str(second) in {
        str(one["id"]) for one in office.get("/api/visits?state=missed")["items"]
    }
    assert page.evaluate("window.__ran") is None


def test_the_queue_is_exported_with_its_photos(at_home: Any, way: Way) -> None:
    page = at_home()
    way.mode = "down"
    report(page, note=f"for the file {RUN}", photo=picture(14))
    with page.expect_download() as waiting:
        page.click("#outbox-export")
    held = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    [item] = held["items"]
    assert json.loads(item["body"])["note"] == f"for the file {RUN}"
    assert len(item["photos"]) == 1
    assert held["unsent"] == 1
    expect(page.locator("#toasts")).to_contain_text("没有加密")


def test_a_full_tablet_says_so_and_gives_a_file(
    at_home: Any, office: Office, tablet: Tablet
) -> None:
    page = at_home()
    disk = tablet.fill(page)
    page.click("#open-report")
    page.click('[data-kind="fire"]')
    fault = page.locator("#report-fault")
    expect(fault).to_contain_text("平板存满了", timeout=60_000)
    page.click("#report-write")
    page.fill("#report-note", f"no room {RUN}")
    page.click("#report-send")
    expect(page.locator("#view-report")).to_be_visible()
    with page.expect_download(timeout=60_000) as waiting:
        fault.get_by_role("button", name="导出到文件").click()
    held = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    [item] = held["items"]
    assert (item["state"], item["form"]["kind"]) == ("in hand", "fire")
    assert item["form"]["note"] == f"no room {RUN}"
    # there is room again: the same words go out
    tablet.empty(disk, page)
    page.click("#report-send")
    expect(rows(page, "accepted")).to_have_count(1, timeout=60_000)
    assert len(office.noted(f"no room {RUN}")) == 1


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("size", [(800, 1280), (1280, 800)])
def test_every_view_is_in_reach(
    at_home: Any, language: str, size: tuple[int, int], way: Way
) -> None:
    at_home().close()
    page = at_home()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{way.address}/field?lang={language}")
    page.wait_for_selector("#panel-visits .v")
    assert page.evaluate("document.documentElement.lang") == ("en" if language == "en" else "zh-CN")
    wrong: dict[str, list[str]] = {}

    def look(name: str) -> None:
        page.wait_for_timeout(600)
        wrong[f"{name}: beyond the window"] = overflowing(page)
        wrong[f"{name}: small"] = small_targets(page)
        wrong[f"{name}: axe"] = serious(page)
        if language == "en":
            wrong[f"{name}: chinese"] = [
                words for words in chinese_words(page) if "栋" not in words and "路" not in words
            ]

    look("home")
    page.click("#open-report")
    page.click('[data-kind="waterlogging"]')
    look("report")
    page.click("#report-cancel")
    page.locator(".v .btn").first.click()
    page.wait_for_selector("#visit-body .qrow")
    look("visit")
    page.click("#visit-back")
    page.click("#open-roster")
    look("roster")
    found = {what: lines for what, lines in wrong.items() if lines}
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)
    assert page.evaluate("window.__refused") == []
