"""The point where three borders meet, moved in all of them at once: by mouse and by keyboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from chrome import SCREENSHOTS
from planners import DONE, OPEN, collection, drag, look_at, operations, ready, spot, tap
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

COMMUNITY = "990101003002"
SEND = """async ([number, body]) => {
  const answer = await fetch(`/api/scenarios/${number}/operations`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify(body),
  });
  return answer.status;
}"""


def borders(page: Page, number: str) -> dict[str, Any]:
    """Give the geometry of each border that may be moved."""
    return {
        each["id"]: each["geometry"]["coordinates"]
        for each in collection(page, number, "arcs")
        if each["properties"]["movable"]
    }


def split_at_the_border(page: Page, number: str) -> None:
    """Split a grid from the middle of its border with another one: three grids meet there."""
    arcs = [each for each in collection(page, number, "arcs") if each["properties"]["movable"]]
    arc = max(arcs, key=lambda each: each["properties"]["metres"])
    line = arc["geometry"]["coordinates"]
    place = max(range(1, len(line)), key=lambda i: abs(line[i][0] - line[i - 1][0]))
    (ax, ay), (bx, by) = line[place - 1], line[place]
    middle, across = ((ax + bx) / 2, (ay + by) / 2), (ay - by, bx - ax)
    long = (across[0] ** 2 + across[1] ** 2) ** 0.5
    for grid in (arc["properties"]["left"], arc["properties"]["right"]):
        for way in (1, -1):
            ends = [
                [middle[i] + way * far * across[i] / long for i in (0, 1)] for far in (-1e-5, 0.03)
            ]
            line_ = {"type": "LineString", "coordinates": ends}
            body = {"base": 0, "kind": "split", "grid": grid, "line": line_}
            if page.evaluate(SEND, [number, body]) == 200:
                return
    raise AssertionError("no grid could be split at its border")


def meeting(lines: dict[str, Any]) -> tuple[float, float]:
    """Give the place at which three of the borders end."""
    ends = Counter(tuple(line[end]) for line in lines.values() for end in (0, -1))
    ((place, count),) = ends.most_common(1)
    assert count >= 3
    return place


def test_a_point_where_three_grids_meet_by_mouse_and_by_keyboard(
    visit: Callable[..., Page],
) -> None:
    page = visit("/planner", user="planner", size=(1440, 900))
    number = str(page.evaluate(OPEN, {"area": COMMUNITY, "name": "交点"}))
    page.goto(page.url.split("/planner")[0] + f"/planner/{number}")
    ready(page)
    split_at_the_border(page, number)
    page.reload()
    ready(page)
    before = borders(page, number)
    place = meeting(before)
    line = max((each for each in before.values() if place in map(tuple, each)), key=len)
    page.keyboard.press("v")
    near = line[:2] if tuple(line[0]) == place else line[-2:]
    tap(page, ((near[0][0] + near[1][0]) / 2, (near[0][1] + near[1][1]) / 2), 18)
    knob = page.locator(".handle.meeting")
    expect(knob.first).to_be_visible()
    look_at(page, place, 18)
    box = knob.first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    done = operations(page)
    for right, down in ((10, 8), (-10, -8), (-10, 8), (10, -8)):
        x, y = spot(page, place)
        drag(page, (x, y), (x + right, y + down))
        if operations(page) > done:
            break
    expect(page.locator(DONE)).to_have_count(done + 1, timeout=60_000)
    after = borders(page, number)
    moved = meeting(after)
    assert moved != place
    assert not any(place in map(tuple, each) for each in after.values())
    expect(knob.first).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "planner-meeting.png")
    knob.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(DONE)).to_have_count(done + 2, timeout=60_000)
    assert meeting(borders(page, number)) != moved
    page.keyboard.press("Escape")
    for undone in (1, 2):
        page.keyboard.press("Control+z")
        expect(page.locator("#operations li.u")).to_have_count(undone, timeout=60_000)
    assert borders(page, number) == before
