"""Every page, in both languages and at both sizes: nothing from outside, no error, accessible."""

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from chrome import ROOT, SCREENSHOTS, shown
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SIZES = ((1280, 800), (1920, 1080))
LANGUAGES = ("zh_CN", "en")
# Path, account (each may hold three live streams), status of the answer.
PAGES = {
    "sign-in": ("/", None, 200),
    "map": ("/map", "officer", 200),
    "map-light": ("/map?theme=light", "unit", 200),
    "coverage": ("/coverage", "planner", 200),
    "care": ("/care", "planner", 200),
    "alerts": ("/alerts", "officer", 200),
    "facilities": ("/facilities", "officer", 200),
    "plans": ("/plans", "commander", 200),
    "plan": ("/plans/1", "commander", 200),
    "print": ("/plans/2/print", "commander", 200),
    "grids": ("/grids", "lead", 200),
    "planner-list": ("/planner", "lead", 200),
    "unplaced": ("/unplaced", "planner", 200),
    "papers": ("/papers", "lead", 200),
    "compare": ("/planner/compare", "lead", 200),
    "households": ("/households", "officer", 200),
    "incidents": ("/incidents", "officer", 200),
    "imports": ("/imports", "lead", 200),
    "exports": ("/exports", "commander", 200),
    "standards": ("/standards", "lead", 200),
    "responses": ("/responses", "officer", 200),
    "plan_templates": ("/plan-templates", "commander", 200),
    "volunteers": ("/volunteers", "commander", 200),
    "messages": ("/messages", "officer", 200),
    "board": ("/plans/1/board", "commander", 200),
    "no-such-link": (f"/v/{'A' * 43}", None, 404),
    "rules": ("/rules", "planner", 200),
    "account": ("/account", "member", 200),
    "users": ("/users", "admin", 200),
    "roles": ("/users", "security", 200),
    "about": ("/about", None, 200),
    "not-found": ("/no-such-page", "officer", 404),
    "not-allowed": ("/coverage", "unit", 403),
}
# What an emergency is run by on a tablet as well; responses and reviews: test_exercise_pages.py.
TABLET = {
    "alerts", "plan", "board", "messages", "responses", "plan_templates", "volunteers",
    "no-such-link",
}  # fmt: skip
WITH_MAP = {"map", "map-light", "coverage", "plan", "grids", "unplaced"}
AXE = ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js"

HAN = re.compile("[\u4e00-\u9fff]")
# The signs on symbols are part of the shapes and stay.
SIGNS = dict.fromkeys(map(ord, "消医警避校供格网志电车设社慈室市幼老居政药水雨烟测"))

Visit = Callable[..., Page]


def serious(page: Page) -> list[str]:
    """Findings of axe that are serious or critical."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def unexpected(page: Page, path: str, status: int) -> list[str]:
    """Console errors, but for the browser's line on a page that is meant to be refused."""
    wanted = urlsplit(path).path
    return [
        line
        for line in page.notes.errors
        if not (status >= 400 and f"status of {status}" in line and wanted in line)
    ]


def overflowing(page: Page) -> list[str]:
    """Buttons, headings and fields that reach beyond the window."""
    return page.evaluate(
        """() => [...document.querySelectorAll("h1, h2, button, input, .btn, .banner")]
          .filter((node) => node.checkVisibility({ visibilityProperty: true }))
          .filter((node) => !node.closest(".scroll, .sideways, .sr, .skip") && !node.matches(".sr"))
          .map((node) => [node, node.getBoundingClientRect()])
          .filter(([, box]) => box.width > 1 && (box.right > innerWidth + 1 || box.left < -1))
          .map(([node]) => node.outerHTML.slice(0, 120))"""
    )


def small_targets(page: Page) -> list[str]:
    """Things to press that are smaller than 44 pixels; links inside a text may be."""
    return page.evaluate(
        """() => [...document.querySelectorAll("button, .btn, input:not([type=hidden]), select")]
          .filter((node) => node.checkVisibility({ visibilityProperty: true }))
          .filter((node) => !node.closest("thead, .leaflet-control-layers-list"))
          .map((node) => [node, node.getBoundingClientRect()])
          .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 40))
          .map(([node, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ` +
            node.outerHTML.slice(0, 100))"""
    )


def colours(page: Page, pane: str) -> int:
    """How many colours the canvases of a pane show: a blank one shows none."""
    return page.evaluate(
        """(pane) => {
          const seen = new Set();
          for (const canvas of document.querySelectorAll(`.leaflet-${pane}-pane canvas`)) {
            if (!canvas.width || !canvas.height) continue;
            const pen = canvas.getContext("2d");
            const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4 * 37) {
              if (data[i + 3]) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
            }
          }
          return seen.size;
        }""",
        pane,
    )


def chinese_words(page: Page) -> list[str]:
    """Words of ours (not of the data) that an English page shows in Chinese."""
    labels = page.evaluate(
        """() => [...document.querySelectorAll(
            "h1, h2, label, legend, .legend, nav, .btn, .tabs, .mb")]
          .filter((node) => !node.matches("summary, [lang], #plan-title, .demo-account"))
          .map((node) => { // what is chosen from is data
            const words = node.cloneNode(true);
            for (const option of words.querySelectorAll("option")) option.remove();
            return [words.textContent, node.getAttribute("aria-label") || ""];
          }).flat()"""
    )
    return [words for words in labels if HAN.search(words.translate(SIGNS).replace("中文", ""))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_page(visit: Visit, name: str, language: str) -> None:
    path, user, status = PAGES[name]
    page = visit(path, user=user, language=language)
    SCREENSHOTS.mkdir(exist_ok=True)
    wrong: dict[str, list[str]] = {}
    for width, height in (*SIZES, (800, 1280)) if name in TABLET else SIZES:
        page.set_viewport_size({"width": width, "height": height})
        shown(page)
        page.screenshot(path=SCREENSHOTS / f"{name}-{language}-{width}.png")
        wrong |= {
            f"beyond the window at {width}": overflowing(page),
            f"small targets at {width}": small_targets(page),
        }
        if (language == "en") == (width == 1920):  # layout differs by size, words by language
            wrong[f"axe at {width}"] = serious(page)
    wrong |= {
        "outside": page.notes.outside,
        "console": unexpected(page, path, status),
        "policy": page.evaluate("window.__refused"),
        "chinese": chinese_words(page) if language == "en" else [],
    }
    if name in WITH_MAP and (colours(page, "streets") < 5 or colours(page, "symbols") < 2):
        wrong["map"] = ["nothing is drawn"]
    wrong = {what: lines for what, lines in wrong.items() if lines}
    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)
    assert page.evaluate("document.documentElement.lang") == ("en" if language == "en" else "zh-CN")
