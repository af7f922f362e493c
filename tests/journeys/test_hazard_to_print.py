"""An officer draws a hazard, a worker drafts the plan, a commander approves it, and it prints."""

import io
import re
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

Visit = Callable[..., Page]
NAME = "<b>南塘</b>积水"

SEND = """async ([address, body, version]) => {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      ...(version ? { "If-Match": `"${version}"` } : {}),
    },
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.json().catch(() => null)];
}"""
# sheets that hold more than their paper
CUT_OFF = """() => [...document.querySelectorAll(".sheet")]
  .filter((sheet) => sheet.scrollHeight > sheet.clientHeight + 1).length"""
READ = "async (address) => (await fetch(address)).json()"


def outline(page: Page) -> dict[str, object]:
    """Find a place where some dozens of households live, away from the hazards there are."""
    grids = page.evaluate(READ, "/api/grids")["features"]
    for grid in reversed(grids):
        lon, lat = grid["properties"]["label_point"]
        west, south, east, north = lon - 0.0012, lat - 0.0012, lon + 0.0012, lat + 0.0012
        corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        shape: dict[str, object] = {"type": "Polygon", "coordinates": [corners]}
        _status, seen = page.evaluate(SEND, ["/api/hazards/preview", {"geometry": shape}, None])
        if 12 <= seen["households"] <= 200:
            return shape
    raise AssertionError("nobody lives anywhere")


def declare(page: Page) -> int:
    body = {
        "kind": "waterlogging",
        "name": NAME,
        "severity": "orange",
        "geometry": outline(page),
    }
    status, made = page.evaluate(SEND, ["/api/hazards", body, None])
    assert status == 201, made
    return int(made["id"])


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return "\n".join(page.extract_text() for page in pages)


def test_from_a_drawn_hazard_to_paper(visit: Visit) -> None:
    officer = visit("/plans", user="officer", size=(1280, 800))
    hazard = declare(officer)
    row = officer.locator("#panel-hazards li", has_text="南塘")
    expect(row.locator("b")).to_have_text(NAME, timeout=60_000)

    # a worker drafts it: the officer sees it in the list when it is done
    row.get_by_role("button", name="起草预案").click()
    expect(officer.locator("#toasts")).to_contain_text("预案算完了", timeout=120_000)
    link = officer.locator("#panel-plans tr", has_text="南塘").get_by_role("link").first
    expect(link).to_have_text(re.compile(rf"P-{hazard}-\d+"))
    address = link.get_attribute("href")
    assert address
    plan_id = address.rpartition("/")[2]

    # who asked for it is not offered to approve it
    asked = visit(address, user="officer")
    expect(asked.locator("#plan-state")).to_contain_text("草案")
    assert asked.locator("[data-step=approve]").count() == 0

    commander = visit(address, user="commander", size=(1280, 800))
    expect(commander.locator("#plan-title")).to_contain_text("南塘")
    assert commander.locator("#plan-title b").count() == 0  # the name is words
    # a household's own way, on tap
    commander.locator(".fold-list summary").click()
    home = commander.locator(".fold-list .row-button").first
    home.click()
    expect(home).to_have_attribute("aria-pressed", "true")
    expect(commander.locator(".map-note")).to_contain_text("人去")
    commander.get_by_role("button", name="看全部路线").click()
    expect(home).to_have_attribute("aria-pressed", "false")

    commander.locator("[data-step=approve]").click()
    dialog = commander.get_by_role("dialog")
    expect(dialog).to_contain_text("转移命令")
    dialog.get_by_role("button", name="批准", exact=True).click()
    expect(commander.locator("#plan-state")).to_contain_text("已批准", timeout=60_000)
    expect(commander.locator(".plan-steps")).to_contain_text("指挥")
    # the officer's page follows by itself
    expect(asked.locator("#plan-state")).to_contain_text("已批准", timeout=60_000)

    # on paper: the page of sheets, and the PDF with names for the officer
    commander.locator("#print-menu summary").click()
    with commander.context.expect_page() as opened:
        commander.get_by_role("link", name="看全部单子").click()
    sheets = opened.value
    sheets.wait_for_load_state()
    expect(sheets.locator(".sheet h1").first).to_contain_text(f"P-{hazard}")
    assert sheets.locator(".sheet.leaf").count() >= 1
    assert sheets.locator(".sheet b b").count() == 0
    assert sheets.evaluate("window.__refused") == []
    assert sheets.evaluate(CUT_OFF) == 0
    sheets.close()

    asked.locator("#print-menu summary").click()
    asked.locator("[data-pdf=all]").click()
    done = asked.locator("#print-done a")
    expect(done).to_be_visible(timeout=240_000)
    with asked.expect_download() as got:
        done.click()
    content = got.value.path().read_bytes()
    words = text_of(content)
    found = asked.evaluate(READ, f"/api/plans/{plan_id}")
    assert f"P-{hazard}-" in words
    assert "未批准" not in words
    assert "南塘" in words.replace("\n", "")
    pages = asked.locator("#print-done").inner_text()
    assert str(len(PdfReader(io.BytesIO(content)).pages)) in pages
    # the sheets of one grid come at once, laid out by the web server itself
    zone = min(found["zones"], key=lambda each: each["households"])["grid"]
    straight = urljoin(asked.url, f"/plans/{plan_id}/print.pdf?grid={zone}")
    answer = asked.request.get(straight, timeout=240_000)
    assert (answer.status, answer.body()[:5]) == (200, b"%PDF-")

    # the figures of the sheets are those of the plan
    moved = sum(int(n) for n in re.findall(r"本页\s*(\d+)\s*户", words))
    assert moved == found["totals"]["households"]

    # the hazard is lifted: the plan says so, and can only be ended
    status, _ = commander.evaluate(SEND, [f"/api/hazards/{hazard}/lift", {}, None])
    assert status == 204
    expect(commander.locator("#plan-notice")).to_contain_text("险情已解除", timeout=60_000)
    commander.locator("[data-step=close]").click()
    commander.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    expect(commander.locator("#plan-state")).to_contain_text("已结束", timeout=60_000)
    for page in (officer, asked, commander):
        assert not page.notes.errors, page.notes.errors
        assert not page.notes.outside
