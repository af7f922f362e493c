"""A planner's hands: where things are on the screen, and how they are tapped and dragged."""

from __future__ import annotations

from typing import Any

from chrome import quiet
from playwright.sync_api import Page, expect

Point = list[float]

OPEN = """async ({ area, name }) => {
  const answer = await fetch("/api/scenarios", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify({ area, name }),
  });
  return (await answer.json()).id;
}"""
SPOT = """([lon, lat]) => {
  const at = map_live.latLngToContainerPoint([lat, lon]);
  const box = map_live.getContainer().getBoundingClientRect();
  return [at.x + box.left, at.y + box.top];
}"""
DONE = "#operations li:not(.mut)"


def ready(page: Page) -> None:
    """Wait until the editor has everything."""
    page.wait_for_selector("html[data-planner=ready]", timeout=60_000)
    page.wait_for_selector("html[data-blocks=ready]", timeout=60_000)
    page.wait_for_selector("html[data-feed=live]")
    quiet(page)


def collection(page: Page, number: str, part: str) -> list[dict[str, Any]]:
    """Give the features of a scenario as the server has them."""
    found: list[dict[str, Any]] = page.evaluate(
        "(address) => fetch(address).then((r) => r.json()).then((body) => body.features)",
        f"/api/scenarios/{number}/{part}",
    )
    return found


def operations(page: Page) -> int:
    """Count the operations in the list."""
    return page.locator(DONE).count()


def look_at(page: Page, place: Point, zoom: int = 17) -> None:
    """Bring a place into the middle of the map."""
    page.evaluate(
        "([lon, lat, zoom]) => map_live.setView([lat, lon], zoom, { animate: false })",
        [*place, zoom],
    )
    quiet(page)


def spot(page: Page, place: Point) -> Point:
    """Give the pixel of a place."""
    found: Point = page.evaluate(SPOT, place)
    return found


def tap(page: Page, place: Point, zoom: int = 17) -> None:
    """Go to a place and click on it."""
    look_at(page, place, zoom)
    page.mouse.click(*spot(page, place))
    page.wait_for_timeout(200)


def rings(feature: dict[str, Any]) -> list[list[Point]]:
    """Give the outer rings of a polygon."""
    shape = feature["geometry"]
    polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return [polygon[0] for polygon in polygons]


def covers(feature: dict[str, Any], place: Point) -> bool:
    """Tell whether a place lies in a polygon without holes."""
    inside = False
    for ring in rings(feature):
        for (ax, ay), (bx, by) in zip(ring, ring[1:], strict=False):
            if (ay > place[1]) != (by > place[1]) and place[0] < (bx - ax) * (place[1] - ay) / (
                by - ay
            ) + ax:
                inside = not inside
    return inside


def inner(feature: dict[str, Any]) -> Point:
    """Give the point at which a grid is labelled; it lies inside."""
    found: Point = feature["properties"]["label_point"]
    return found


def point_on(feature: dict[str, Any]) -> Point:
    """Give a point well inside a grid."""
    return inner(feature)


def middle(feature: dict[str, Any]) -> Point:
    """Give a point inside a block: the middle of its box, or the nearest of a lattice."""
    xs = [x for ring in rings(feature) for x, _y in ring]
    ys = [y for ring in rings(feature) for _x, y in ring]
    box = (min(xs), min(ys), max(xs), max(ys))
    steps = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]
    for a in steps:
        for b in steps:
            place = [box[0] + a * (box[2] - box[0]), box[1] + b * (box[3] - box[1])]
            if covers(feature, place):
                return place
    raise AssertionError("a block without a middle")


def answered(page: Page) -> None:
    """Wait until the server has taken or refused what was sent."""
    page.wait_for_timeout(300)
    expect(page.locator(".tool-bar p")).not_to_have_text("正在等服务器确认", timeout=60_000)


def hand_one_block(page: Page, number: str) -> None:
    """Hand a block to the neighbour; one that would break a grid is refused, then the next."""
    page.keyboard.press("h")
    labels = {each["id"]: each["properties"]["label"] for each in collection(page, number, "grids")}
    before = operations(page)
    for block in collection(page, number, "blocks"):
        (to,) = [key for key in labels if key != block["properties"]["grid"]][:1]
        tap(page, middle(block))
        give = page.get_by_role("button", name=f"给 {labels[to]}")
        if not give.count():
            page.keyboard.press("Escape")
            continue
        give.click()
        page.keyboard.press("Enter")
        answered(page)
        if operations(page) > before:
            return
        expect(page.locator(".refusal")).to_be_visible()  # with its reason, at its place
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    raise AssertionError("no block could be handed over")


def choose_border(page: Page, number: str) -> dict[str, Any]:
    """Take the longest border in hand that may be moved, by a click on the map."""
    page.keyboard.press("v")
    arcs = [each for each in collection(page, number, "arcs") if each["properties"]["movable"]]
    arc = max(arcs, key=lambda each: each["properties"]["metres"])
    line = arc["geometry"]["coordinates"]
    longest = max(
        range(1, len(line)),
        key=lambda i: abs(line[i][0] - line[i - 1][0]) + abs(line[i][1] - line[i - 1][1]),
    )
    here = [(a + b) / 2 for a, b in zip(line[longest - 1], line[longest], strict=True)]
    tap(page, here, 18)
    expect(page.locator(".handle").first).to_be_visible()
    return arc


def nearest_dot(page: Page, kind: str = ".handle.middle") -> tuple[float, float]:
    """Give the middle of the handle that is nearest to the middle of the map."""
    dots = page.locator(kind)
    boxes = [box for box in (dots.nth(i).bounding_box() for i in range(dots.count())) if box]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    return min(middles, key=lambda at: abs(at[0] - 705) + abs(at[1] - 395))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag with the mouse, in steps as a hand does."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()
    answered(page)


def drag_border(page: Page, number: str) -> None:
    """Drag a dot of the border with the mouse; where the ground does not allow it, another way."""
    choose_border(page, number)
    before = operations(page)
    for right, down in ((14, 10), (-14, -10), (14, -12), (-14, 12), (6, 5), (-6, -5)):
        x, y = nearest_dot(page)
        drag(page, (x, y), (x + right, y + down))
        if operations(page) > before:
            return
    raise AssertionError("the border could not be moved")


def split_along_a_line(page: Page, number: str, key: str) -> None:
    """Split a grid by a line of two taps; one that comes back into the grid is refused."""
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    (grid,) = [each for each in collection(page, number, "grids") if each["id"] == key]
    tap(page, inner(grid))
    before = operations(page)
    xs = [x for ring in rings(grid) for x, _y in ring]
    ys = [y for ring in rings(grid) for _x, y in ring]
    (x, y), aside = inner(grid), 0.0002
    lines = [
        ([min(xs) - aside, y], [max(xs) + aside, y]),
        ([x, min(ys) - aside], [x, max(ys) + aside]),
        ([min(xs) - aside, min(ys) + 0.3 * (y - min(ys))], [x, max(ys) + aside]),
    ]
    for line in lines:
        for place in line:
            page.mouse.click(*spot(page, place))
            page.wait_for_timeout(200)
        send = page.get_by_role("button", name="拆开 Enter")
        if send.is_enabled():
            page.keyboard.press("Enter")
            answered(page)
            if operations(page) > before:
                return
        page.keyboard.press("Escape")
    raise AssertionError("no line splits the grid")
