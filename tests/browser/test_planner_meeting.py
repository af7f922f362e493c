"""The point where three borders meet, moved in all of them at once: by mouse and by keyboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from chrome import SCREENSHOTS
from planners import DONE, OPEN, answered, collection, drag, look_at, operations, ready, spot, tap
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


def parted(visit: Callable[..., Page], name: str) -> tuple[Page, str]:
    """Give the page of a scenario in which three grids meet."""
    page = visit("/planner", user="planner", size=(1440, 900))
    number = str(page.evaluate(OPEN, {"area": COMMUNITY, "name": name}))
    page.goto(page.url.split("/planner")[0] + f"/planner/{number}")
    ready(page)
    split_at_the_border(page, number)
    page.reload()
    ready(page)
    return page, number


def choose_at(page: Page, place: tuple[float, float], lines: dict[str, Any]) -> Any:
    """Take a border that ends where three meet; gives the handle of that point."""
    line = max((each for each in lines.values() if place in map(tuple, each)), key=len)
    page.keyboard.press("v")
    near = line[:2] if tuple(line[0]) == place else line[-2:]
    tap(page, ((near[0][0] + near[1][0]) / 2, (near[0][1] + near[1][1]) / 2), 18)
    knob = page.locator(".handle.meeting")
    expect(knob.first).to_be_visible()
    return knob


def touch(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag with a finger."""
    tools = page.context.new_cdp_session(page)
    steps = 8

    def send(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y} for x, y in points]
        tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    send("touchStart", start)
    for step in range(1, steps + 1):
        share = step / steps
        send("touchMove", (start[0] + share * (end[0] - start[0]),
                           start[1] + share * (end[1] - start[1])))  # fmt: skip
    send("touchEnd")
    tools.detach()
    answered(page)


def test_a_point_where_three_grids_meet_by_mouse_and_by_keyboard(
    visit: Callable[..., Page],
) -> None:
    page, number = parted(visit, "交点")
    before = borders(page, number)
    place = meeting(before)
    knob = choose_at(page, place, before)
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


def test_a_finger_moves_the_point_or_is_told_why_not(visit: Callable[..., Page]) -> None:
    page, number = parted(visit, "手指")
    before = borders(page, number)
    place = meeting(before)
    knob = choose_at(page, place, before)
    done = operations(page)
    # far over the grids beyond: refused, told on the map, and the point is back in its place
    look_at(page, place, 15)
    x, y = spot(page, place)
    touch(page, (x, y), (x - 220, y + 160))
    expect(page.locator(".refusal")).to_be_visible()
    assert page.locator(".refusal").inner_text().strip()
    assert operations(page) == done
    assert borders(page, number) == before
    box = knob.first.bounding_box()
    assert box is not None
    x, y = spot(page, place)
    assert abs(box["x"] + box["width"] / 2 - x) < 2
    assert abs(box["y"] + box["height"] / 2 - y) < 2
    look_at(page, place, 18)
    # a finger that goes less than fifteen pixels has only pressed
    for right, down in ((24, 18), (-24, -18), (-24, 18), (24, -18)):
        x, y = spot(page, place)
        touch(page, (x, y), (x + right, y + down))
        if operations(page) > done:
            break
    expect(page.locator(DONE)).to_have_count(done + 1, timeout=60_000)
    assert meeting(borders(page, number)) != place
