"""Comparing drawings and ordering papers, as a planner does: by hand and by keyboard."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

Visit = Callable[..., Page]
COMMUNITY = "990101002004"  # two grids
PATIENT = 60_000
POST = """async ([url, body]) => {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.json()];
}"""


def merged(page: Page) -> int:
    """Make a scenario in which the two grids of a community are one."""
    status, made = page.evaluate(POST, ["/api/scenarios", {"area": COMMUNITY, "name": "合一"}])
    assert status == 201, made
    grids = page.evaluate(
        "u => fetch(u).then((r) => r.json())", f"/api/scenarios/{made['id']}/grids"
    )
    keys = [each["properties"]["key"] for each in grids["features"]]
    assert len(keys) == 2
    status, answer = page.evaluate(
        POST,
        [
            f"/api/scenarios/{made['id']}/operations",
            {"base": 0, "kind": "merge", "grids": keys},
        ],
    )
    assert status == 200, answer
    return int(made["id"])


def origin(page: Page) -> str:
    return str(page.evaluate("location.origin"))


def test_two_drawings_side_by_side_and_their_difference(visit: Visit) -> None:
    page = visit("/planner", user="planner")
    number = merged(page)
    page.goto(f"{origin(page)}/planner/compare?a={number}&b=in-force")
    main = page.locator("#main")
    expect(main).to_have_attribute("data-ready", f"{number} in-force", timeout=PATIENT)
    expect(page.locator("#summary")).to_contain_text("户换网格")
    expect(page.locator("#summary")).to_contain_text("1 格没有了")
    expect(page.locator(".one .mapbox")).to_be_visible()
    expect(page.locator("#second-map")).to_be_visible()

    # what one map is moved to, the other follows
    page.locator(".one .zoom-in").click()
    page.wait_for_function("() => !map_live._animatingZoom")
    zoom = page.evaluate("map_live.getZoom()")
    expect(page.locator("#second-map")).to_have_attribute("data-zoom", str(zoom))

    # by keyboard to the difference, and through it
    page.locator("body").press("n")
    expect(main).to_have_attribute("data-mode", "difference")
    expect(page.locator("#second-map")).to_be_hidden()
    expect(page.locator("tr[data-piece].sel")).to_have_count(1)
    page.locator("body").press("d")
    expect(main).to_have_attribute("data-mode", "beside")
    expect(page.locator("#second-map")).to_be_visible()

    # who moves is listed without a whole name
    page.locator("#show-people").click()
    names = page.locator("#people td:nth-child(3), #people td:nth-child(2)")
    expect(names.first).to_be_visible(timeout=PATIENT)
    shown = page.locator("#people tbody tr").all_inner_texts()
    assert shown
    assert all("某" in row or "–" in row for row in shown)
    # and stays listed when somebody works on
    for base, kind, words in ((1, "undo", "没有差别"), (2, "redo", "户换网格")):
        address = f"/api/scenarios/{number}/operations"
        status, answer = page.evaluate(POST, [address, {"base": base, "kind": kind}])
        assert status == 200, answer
        expect(page.locator("#summary")).to_contain_text(words, timeout=PATIENT)
    expect(names.first).to_be_visible(timeout=PATIENT)

    with page.expect_download() as file:
        page.locator("#export").click()
    rows = list(load_workbook(io.BytesIO(file.value.path().read_bytes())).worksheets[0].values)
    assert len(rows) == 3

    # against itself there is nothing, and the address says what is compared
    page.locator("#side-b").select_option(str(number))
    expect(page.locator("#summary")).to_have_text("两边一样，没有差别", timeout=PATIENT)
    assert re.search(rf"\?a={number}&b={number}$", page.url)
    assert page.notes.errors == []  # type: ignore[attr-defined]
    assert page.notes.outside == []  # type: ignore[attr-defined]


def test_papers_are_ordered_followed_and_fetched(visit: Visit) -> None:
    page = visit("/grids", user="planner")
    page.get_by_role("link", name="印发材料").click()
    page.locator(f"#paper-area option[value='{COMMUNITY}']").wait_for(state="attached")
    page.locator("#paper-area").select_option(COMMUNITY)
    page.get_by_label("备案表").check()
    page.get_by_label("每格一个文件（zip）").check()
    page.get_by_role("button", name="做材料").click()
    link = page.get_by_role("link", name="下载材料")
    expect(link).to_be_visible(timeout=4 * PATIENT)
    expect(page.locator("#paper-done")).to_contain_text("3 页")
    with page.expect_download() as file:
        link.click()
    with zipfile.ZipFile(file.value.path()) as archive:
        assert archive.namelist() == [
            f"{COMMUNITY}-filing.pdf",
            f"{COMMUNITY}001.pdf",
            f"{COMMUNITY}002.pdf",
        ]
        own = PdfReader(io.BytesIO(archive.read(f"{COMMUNITY}001.pdf")))
    assert "网格公示" in own.pages[0].extract_text()
    assert page.notes.errors == []  # type: ignore[attr-defined]


def test_a_draft_is_said_to_be_one_before_it_is_printed(visit: Visit) -> None:
    page = visit("/planner", user="planner")
    number = merged(page)
    page.goto(f"{origin(page)}/papers?scenario={number}")
    expect(page.locator("#draft-note")).to_be_visible(timeout=PATIENT)
    expect(page.locator("#source")).to_have_value(str(number))
    # only places of the scenario are offered
    assert page.locator("#paper-area option").evaluate_all(
        "(all) => all.map((one) => one.value)"
    ) == [COMMUNITY]
