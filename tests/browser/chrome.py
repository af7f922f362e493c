"""What every browser test knows: the browser, the demo it looks at, when a page is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

CHROMIUM = "/usr/bin/chromium"
ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
# No name is looked up and nothing is fetched behind the pages' back.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WATCH_POLICY = """
window.__refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
window.__asking = 0;
((ask) => {
  window.fetch = (...given) => {
    window.__asking += 1;
    return ask(...given).finally(() => { window.__asking -= 1; });
  };
})(window.fetch);
"""
# A page has come to rest when nothing is asked for and nothing changes for a while.
QUIET = """() => new Promise((done) => {
  let since = performance.now();
  const watch = new MutationObserver(() => { since = performance.now(); });
  watch.observe(document, { subtree: true, childList: true, attributes: true });
  const began = since;
  const look = () => {
    const now = performance.now();
    if (window.__asking) since = now;
    if (now - since < 250 && now - began < 20_000) { setTimeout(look, 30); return; }
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(done));
  };
  look();
})"""


@dataclass(frozen=True)
class Server:
    """A running demo."""

    address: str
    password: str


@dataclass
class Notes:
    """What went wrong while a page was open."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def exception(self, error: Exception) -> None:
        self.errors.append(str(error))


def sign_in(page: Page, server: Server, user: str) -> None:
    """Sign in through the form, as a person does."""
    page.goto(f"{server.address}/")
    page.fill("input[name=name]", user)
    page.fill("input[name=password]", server.password)
    page.click("#sign-in button")
    page.wait_for_url(lambda address: urlsplit(address).path != "/")


def shown(page: Page) -> None:
    """Wait until the page is connected, filled, and its map drawn."""
    if page.locator("#feed-badge").count():
        page.wait_for_selector("html[data-feed=live]")
        quiet(page)  # grey bars come late, if at all
        page.wait_for_selector(".skeleton", state="detached")
    if page.locator(".folium-map:visible").count():
        page.wait_for_selector(".folium-map[data-drawn=yes]", timeout=60_000)
    quiet(page)  # the last tiles and labels


def quiet(page: Page) -> None:
    """Wait until the page has its answers and has drawn them."""
    page.evaluate(QUIET)
