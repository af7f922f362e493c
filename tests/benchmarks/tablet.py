"""Promise S11: the tablet's page on a slow tablet and a slow network, and without a network.

A whole `gridmap up --demo` runs in a temporary folder (GRIDMAP_TEST_URL names one that runs
already). Each run is a tablet of its own that has
never seen the page: a member's session, Chromium with a processor made four times slower, a
network of 1.6 Mbit/s and 150 ms. Usable is when the visits of the day stand there and the report
form has opened. Then the network is taken away, and the page is opened again.

Run it with ``gridmap bench tablet``; it takes about two minutes.
"""

import os
import re
import statistics
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from running_site import Site  # noqa: E402 - found by the line above

RUNS, ENGLISH = 5, 3
START_SECONDS = 900
CHROMIUM = "/usr/bin/chromium"
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
SIZE = {"width": 800, "height": 1280}
SLOW_CPU = 4
SLOW_NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
# Notes, in the page's own clock, when the first visit and then the report form could be seen.
WATCH = """
window.__seen = {};
const shown = (node) => Boolean(node) && node.getClientRects().length > 0;
const look = () => {
  const { __seen: seen } = window;
  if (!seen.day && shown(document.querySelector("#panel-visits .v"))) {
    seen.day = performance.now();
    document.getElementById("open-report")?.click();
  }
  if (seen.day && !seen.form && shown(document.querySelector("#report-kinds .tile"))) {
    seen.form = performance.now();
    document.documentElement.dataset.seen = "yes";
  }
  if (!seen.form) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
PROMISED = {"usable_s": 5.0, "kB": 600, "again_s": 1.0}


class Demo(NamedTuple):
    """A running demo."""

    address: str
    password: str


def signed_in(browser, site):
    """Make a tablet that nobody has used, with the session of a member."""
    context = browser.new_context(viewport=SIZE, locale="zh-CN", permissions=["geolocation"])
    page = context.request.get(f"{site.address}/").text()
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    context.request.post(
        f"{site.address}/sign-in",
        form={"csrf_token": token, "name": "member", "password": site.password},
        headers={"Accept": "text/html"},
        max_redirects=0,
    )
    return context


def seen(page):
    """Wait until the page is usable; give seconds from the beginning of its opening."""
    page.wait_for_selector("html[data-seen]", timeout=120_000)
    found = page.evaluate("window.__seen")
    return found["day"] / 1000, found["form"] / 1000


def one(browser, site, language):
    """Open the page for the first time, slowly, and again without a network."""
    context = signed_in(browser, site)
    context.add_init_script(WATCH)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    sent = [0]

    def came(event):
        sent[0] += event["encodedDataLength"]

    tools.send("Network.enable")
    tools.on("Network.loadingFinished", came)
    tools.send("Network.emulateNetworkConditions", SLOW_NETWORK)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
    page.goto(f"{site.address}/field?lang={language}", wait_until="commit")
    day, form = seen(page)
    until_usable = sent[0] / 1000
    page.wait_for_selector("html[data-field=ready]", timeout=120_000)
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.wait_for_load_state("networkidle", timeout=120_000)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.close()
    context.set_offline(True)
    page = context.new_page()
    page.goto(f"{site.address}/field", wait_until="commit")
    again, _form = seen(page)
    context.close()
    return {
        "day_s": day,
        "usable_s": form,
        "kB": until_usable,
        "all_kB": sent[0] / 1000,
        "again_s": again,
    }


@contextmanager
def demo():
    """Give address and password of a demo: the one of GRIDMAP_TEST_URL, else one of its own."""
    named = os.environ.get("GRIDMAP_TEST_URL")
    if named:
        yield Demo(named.rstrip("/"), "gridmap-demo")
        return
    with tempfile.TemporaryDirectory(prefix="gridmap-tablet-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = Site(folder, GRIDMAP_DEMO="guanggu", GRIDMAP_WEB_WORKERS="2")
        try:
            site.start(START_SECONDS)
            yield Demo(site.address, site.password)
        finally:
            site.stop()


def run():
    """Run the benchmark and print its figures as Markdown."""
    with demo() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        load = os.getloadavg()[0]
        one(browser, site, "zh_CN")  # the server has seen the page once
        chinese = [one(browser, site, "zh_CN") for _ in range(RUNS)]
        english = [one(browser, site, "en") for _ in range(ENGLISH)]
        browser.close()
    found = {"load_before": load, "zh_CN": summed(chinese), "en": summed(english)}
    say(found)
    return found


def summed(runs):
    """Give median and worst of every figure."""
    return {
        figure: {
            "median": statistics.median(each[figure] for each in runs),
            "worst": max(each[figure] for each in runs),
        }
        for figure in runs[0]
    }


def say(found):
    """Print the table."""
    lines = [
        f"Load before: {found['load_before']:.1f}; median (worst) of {RUNS} and {ENGLISH} runs.",
        "",
        "| figure | Chinese | English | promised |",
        "|---|---|---|---|",
    ]
    for figure, words, form, promise in (
        ("day_s", "first open: the day is there", "{:.2f} s", ""),
        ("usable_s", "first open: the report form is open too", "{:.2f} s", "5 s"),
        ("kB", "sent until then", "{:.0f} kB", ""),
        ("all_kB", "sent in all, with map and worker", "{:.0f} kB", "600 kB"),
        ("again_s", "second open, no network: the day is there", "{:.2f} s", "1 s"),
    ):
        cells = []
        for language in ("zh_CN", "en"):
            figures = found[language][figure]
            cells.append(f"{form.format(figures['median'])} ({form.format(figures['worst'])})")
        lines.append(f"| {words} | {cells[0]} | {cells[1]} | {promise} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    run()
