"""A tablet: Chromium with a profile of its own that outlives it, and what a member does on it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, BrowserType, CDPSession, Page, expect
from way_between import Way

CHROMIUM = "/usr/bin/chromium"
# No name is looked up and nothing is fetched behind the page's back.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
SIZE = {"width": 800, "height": 1280}
PATIENCE = 60_000  # for faults: on a slow machine everything takes longer
# What every page of a tablet notes, from before its first script.
WATCH = """
window.__ran = undefined; window.__refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
DUMP = """async () => {
  const db = await new Promise((done, failed) => {
    const asked = indexedDB.open("gridmap-field");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const found = {};
  const plain = (value) => {
    if (value instanceof ArrayBuffer) {
      return Array.from(new Uint8Array(value), (byte) => String.fromCharCode(byte)).join("");
    }
    if (ArrayBuffer.isView(value)) return plain(value.slice().buffer);
    if (value instanceof CryptoKey) return `CryptoKey extractable=${value.extractable}`;
    if (Array.isArray(value)) return value.map(plain);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
    }
    return value;
  };
  for (const name of db.objectStoreNames) {
    found[name] = await new Promise((done) => {
      const asked = db.transaction(name).objectStore(name).getAll();
      asked.onsuccess = () => done(asked.result.map(plain));
    });
  }
  db.close();
  return found;
}"""


# Writes a little and says how that ended.
PROBE = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open("gridmap-field");
    asked.onsuccess = () => done(asked.result);
  });
  const tx = db.transaction("meta", "readwrite", { durability: "strict" });
  tx.objectStore("meta").put("x".repeat(2000), "probe").onerror = () => {};
  const ended = await new Promise((done) => {
    tx.oncomplete = () => done("ok");
    tx.onabort = () => done(tx.error?.name);
  });
  db.close();
  return ended;
}"""


def processes_of(profile: Path) -> list[int]:
    """Processes of the browser that runs on this profile, and no others."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if f"--user-data-dir={profile}".encode() in words:
                found.append(int(folder.name))
    return found


class Tablet:
    """One device: its profile, the way it goes, and the browser that is open now."""

    def __init__(self, kind: BrowserType, profile: Path, way: Way) -> None:
        self.kind, self.profile, self.way = kind, profile, way
        self.context: BrowserContext | None = None
        self.errors: list[str] = []
        self.landed = ""
        self.session = ""  # given to every new browser: one that is killed may forget its cookies

    def open(self, path: str = "/field", *, ready: bool = True) -> Page:
        """Open the browser if it is not, and the page."""
        if self.context is None:
            self.context = self.kind.launch_persistent_context(
                self.profile,
                executable_path=CHROMIUM,
                args=list(SWITCHES),
                viewport=SIZE,
                locale="zh-CN",
                permissions=["geolocation"],
                accept_downloads=True,
            )
            self.context.set_default_timeout(PATIENCE)
            self.context.add_init_script(WATCH)
            if self.session:
                cookie = {"name": "gridmap_session", "value": self.session}
                self.context.add_cookies([{**cookie, "url": self.way.address}])
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.way.address + path)
        if ready:
            self.ready(page)
        return page

    def fill(self, page: Page) -> CDPSession:
        """Let the site keep nothing more on this tablet, as a disk that is full.

        The browser asks for what is left only now and then: full is when a write has failed.
        """
        disk = page.context.new_cdp_session(page)
        disk.send("Storage.overrideQuotaForOrigin", {"origin": self.way.address, "quotaSize": 1})
        until(lambda: page.evaluate(PROBE) == "QuotaExceededError", "the disk to be full", 120)
        return disk

    def empty(self, disk: CDPSession, page: Page) -> None:
        """Give the room back."""
        disk.send("Storage.overrideQuotaForOrigin", {"origin": self.way.address})
        until(lambda: page.evaluate(PROBE) == "ok", "room on the disk", 120)

    def ready(self, page: Page) -> None:
        page.wait_for_selector("html[data-field=ready]", timeout=120_000)
        page.wait_for_selector("#view-home:not([hidden])", timeout=120_000)

    def sign_in(self, user: str, password: str) -> Page:
        """Sign in through the form; members land on their day."""
        page = self.open("/", ready=False)
        page.fill("input[name=name]", user)
        page.fill("input[name=password]", password)
        page.click("#sign-in button")
        page.wait_for_url(lambda address: address.rstrip("/") != self.way.address)
        self.landed = page.url
        page.goto(self.way.address + "/field?lang=zh_CN")  # whatever the account spoke last
        self.ready(page)
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        return page

    def close(self) -> None:
        """Close the browser as a person does."""
        if self.context is not None:
            with contextlib.suppress(Exception):
                self.context.close()
            self.context = None

    def kill(self) -> None:
        """End the browser in the middle of whatever it does."""
        for pid in processes_of(self.profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.close()
        until(lambda: not processes_of(self.profile), "the browser to be gone")
        for lock in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            with contextlib.suppress(FileNotFoundError):
                (self.profile / lock).unlink()


def until(found: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Wait for something to be true, and give it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s for {what}")


def report(
    page: Page, kind: str = "waterlogging", note: str = "", photo: bytes | None = None
) -> None:
    """Report by three taps; the place by finger where the device gives none."""
    page.click("#open-report")
    page.click(f'[data-kind="{kind}"]')
    if note:
        if page.locator("#report-note-row").is_hidden():
            page.click("#report-write")
        page.fill("#report-note", note)
    if photo is not None:
        page.set_input_files(
            "#report-file", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo}
        )
        expect(page.locator("#report-photos img")).to_have_count(1)
    expect(page.locator("#pin")).not_to_have_class("pin unsure")
    page.click("#report-send")
    expect(page.locator("#view-home")).to_be_visible()


def stand_in_my_grid(page: Page) -> dict[str, float]:
    """Let the device say that it is in the middle of the map, which shows one's grid."""
    place = page.evaluate(
        "({ latitude: map_live.getCenter().lat, longitude: map_live.getCenter().lng })"
    )
    page.context.set_geolocation({**place, "accuracy": 18})
    return place


def put_by_finger(page: Page, place: dict[str, float]) -> None:
    """Move the map to a place and tap its middle, as a finger does that knows the way."""
    expect(page.locator("#view-report")).to_be_visible()
    page.evaluate("({lon, lat}) => map_live.setView([lat, lon], 18, {animate: false})", place)
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#place-card")).to_contain_text("按图钉的位置")
    away = page.evaluate(
        "({lon, lat}) => map_live.distance(map_live.getCenter(), [lat, lon])", place
    )
    assert away < 50, f"the pin stands {away:.0f} m from where the finger was"


def rows(page: Page, state: str) -> Any:
    """Items of the outbox in one state."""
    return page.locator(f'.ob[data-state="{state}"]')


def picture(number: int, side: int = 24) -> bytes:
    """A small JPEG that no other number gives."""
    made = io.BytesIO()
    Image.new("RGB", (side, side), (number % 256, number // 256 % 256, 90)).save(made, "JPEG")
    return made.getvalue() + number.to_bytes(4, "big")  # after the end mark: bytes differ


def session_of(chromium: Browser, address: str, user: str, password: str) -> str:
    """Sign in through the form, and give the session: sign-ins are counted, tests are many."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/")
    page.fill("input[name=name]", user)
    page.fill("input[name=password]", password)
    page.click("#sign-in button")
    page.wait_for_url(lambda now: now.rstrip("/") != address)
    found = [one["value"] for one in context.cookies() if one["name"] == "gridmap_session"]
    context.close()
    return str(found[0])


class Office:
    """What a program that is signed in asks of the server directly."""

    def __init__(self, address: str, cookie: str) -> None:
        self.address, self.cookie = address, cookie

    def get(self, path: str) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + path,
            headers={"Cookie": f"gridmap_session={self.cookie}", "Accept": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read())

    def post(self, path: str, body: Any) -> int:
        """Write as the member does from another tablet; give the status."""
        token = self.get("/api/field/start")["csrf_token"]
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + path,
            data=json.dumps(body).encode(),
            headers={
                "Cookie": f"gridmap_session={self.cookie}",
                "Content-Type": "application/json",
                "X-CSRFToken": token,
            },
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)

    def noted(self, words: str) -> list[dict[str, Any]]:
        """Reports of the member whose note has these words."""
        return [each for each in self.mine()[:40] if words in (self.note(each["id"]) or "")]

    def mine(self) -> list[dict[str, Any]]:
        return self.get("/api/incidents/mine")["items"]

    def note(self, incident: str) -> str | None:
        return self.get(f"/api/incidents/{incident}")["properties"]["note"]


@contextlib.contextmanager
def tablet_on(kind: BrowserType, folder: Path, way: Way) -> Iterator[Tablet]:
    made = Tablet(kind, folder, way)
    try:
        yield made
    finally:
        made.close()
