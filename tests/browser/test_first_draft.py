"""From the drawn hazard to its first draft: blocked ground, options; a raster looked at first."""

import re
import uuid
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PATIENT = 60_000
SLOW = 180_000
SEND = """async ([address, body]) => {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify(body),
  });
  return answer.status;
}"""


def click_map(page, *places):
    box = page.locator(".folium-map").bounding_box()
    for x, y in places:
        spot = (box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        page.mouse.move(*spot)
        page.mouse.click(*spot)
        page.wait_for_timeout(120)


def square(left, top, right, bottom):
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return [*corners, corners[0]]


def hazard_of(page, name):
    rows = page.evaluate("fetch('/api/hazards').then((answer) => answer.json())")["features"]
    return next((each["properties"] for each in rows if each["properties"]["name"] == name), None)


def test_blocked_ground_and_options_go_into_the_first_draft(visit):
    page = visit("/map", user="officer", size=(1920, 1080))
    home = page.evaluate("fetch('/api/households?limit=1').then((a) => a.json())")["features"][0]
    lon, lat = home["geometry"]["coordinates"]
    page.evaluate(f"map_live.setView([{lat}, {lon}], 17, {{ animate: false }})")
    page.get_by_role("button", name="画险情").click()
    click_map(page, *square(0.4, 0.4, 0.62, 0.62))
    page.wait_for_selector(".preview[data-households]:not(.waiting)")
    page.locator("[data-tool=block]").click()
    click_map(page, *square(0.56, 0.56, 0.6, 0.6))
    expect(page.locator(".preview")).to_contain_text("1 处不能通行")
    expect(page.locator("path.blocked-ground")).to_have_count(1)
    name = f"先起草演练 {uuid.uuid4().hex[:6]}"
    page.locator("#hazard-exercise").click()
    page.fill("#hazard-name", name)
    page.locator("#hazard-declare").click()
    page.get_by_role("button", name="现在宣布").click()
    options = page.locator(".draft-options")
    options.locator("summary").first.click()
    options.locator("[name=walk_limit_minutes]").fill("90")
    options.get_by_role("button", name="在图上画方向").click()
    click_map(page, (0.45, 0.5), (0.6, 0.5))
    expect(options.locator("[name=slide_bearing]")).to_have_value("90")
    options.locator(".draft-without summary").click()
    options.locator(".draft-shelters input").first.check(timeout=PATIENT)
    expect(options.locator(".draft-without summary")).to_have_text("不用 1 处安置点")
    page.get_by_role("button", name="起草转移方案").click()
    link = page.locator("#panel-details").get_by_role("link", name="看预案")
    expect(link).to_be_visible(timeout=SLOW)
    plan = page.evaluate(f"fetch('/api{link.get_attribute('href')}').then((a) => a.json())")
    assert plan["options"]["walk_limit_minutes"] == 90
    assert plan["options"]["slide_bearing"] == 90
    (out,) = plan["options"]["without"]
    assert str(out) not in {str(each["id"]) for each in plan["shelters"]}
    kept = hazard_of(page, name)
    assert kept["blocked"]["type"] == "MultiPolygon"
    # it is adjusted later: the ground is dropped, and the hazard is what it was otherwise
    page.locator("#map-search").fill(name[-6:])
    page.locator("#found [role=option]").first.click()
    page.get_by_role("button", name="调整", exact=True).click()
    page.locator("#adjust-blocked").click()
    page.locator("[data-tool=unblock]").click()
    page.fill("#adjust-reason", "路通了")
    page.locator("#adjust-send").click()
    expect(page.locator("#adjust-send")).to_be_hidden(timeout=PATIENT)
    after = hazard_of(page, name)
    assert (after["blocked"], after["revision"]) == (None, kept["revision"] + 1)
    assert after["households_affected"] == kept["households_affected"]
    assert page.evaluate(SEND, [f"/api/hazards/{kept['id']}/lift", {}]) == 204


def test_blocked_ground_stays_when_the_outline_is_drawn_anew(visit):
    page = visit("/map", user="officer", size=(1920, 1080))
    home = page.evaluate("fetch('/api/households?limit=1').then((a) => a.json())")["features"][0]
    lon, lat = home["geometry"]["coordinates"]

    def ring(left, bottom, wide):
        return [
            [round(lon + (left + x * wide) / 1e5, 6), round(lat + (bottom + y * wide) / 1e5, 6)]
            for x, y in [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
        ]

    name = f"重画演练 {uuid.uuid4().hex[:6]}"
    stored = [ring(-60, -60, 40), ring(-50, -50, 10)[::-1]]  # with a hole, which one can pass
    new = {
        "kind": "flood", "name": name, "severity": "orange", "exercise": True,
        "geometry": {"type": "Polygon", "coordinates": [ring(-100, -100, 200)]},
        "blocked": {"type": "Polygon", "coordinates": stored},
    }  # fmt: skip
    assert page.evaluate(SEND, ["/api/hazards", new]) == 201
    page.evaluate(f"map_live.setView([{lat}, {lon}], 17, {{ animate: false }})")
    page.locator("#map-search").fill(name[-6:])
    page.locator("#found [role=option]").filter(has_text=name).click(timeout=PATIENT)
    page.get_by_role("button", name="调整", exact=True).click()
    page.evaluate(f"map_live.setView([{lat}, {lon}], 17, {{ animate: false }})")
    page.locator("#adjust-redraw").click()
    expect(page.locator("path.blocked-ground")).to_have_count(1)
    click_map(page, *square(0.4, 0.4, 0.62, 0.62))
    page.locator("[data-tool=block]").click()
    click_map(page, *square(0.56, 0.56, 0.6, 0.6))
    expect(page.locator("path.blocked-ground")).to_have_count(2)
    page.fill("#adjust-reason", "又淹了一处")
    page.locator("#adjust-send").click()
    expect(page.locator("#adjust-send")).to_be_hidden(timeout=PATIENT)
    kept = hazard_of(page, name)
    assert kept["revision"] == 2
    places = kept["blocked"]["coordinates"]
    assert sorted(len(rings) for rings in places) == [1, 2]
    assert page.evaluate(SEND, [f"/api/hazards/{kept['id']}/lift", {}]) == 204


def depths(path: Path, lon: float, lat: float) -> Path:
    """Write a flood around a place, deeper towards its middle; the first row has no data."""
    tags = ImageFileDirectory_v2()
    tags[33550] = (0.0005, 0.0005, 0.0)
    tags[33922] = (0.0, 0.0, 0.0, lon - 0.006, lat + 0.006, 0.0)
    tags[34735] = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    tags[42113] = "-9999"
    y, x = np.mgrid[0:24, 0:24]
    found = np.clip(1.6 - np.hypot(x - 12, y - 12) / 6, 0, None).astype(np.float32)
    found[0, :] = -9999
    Image.fromarray(found).save(path, tiffinfo=tags)
    return path


def test_a_raster_is_seen_before_it_is_taken(visit, tmp_path):
    page = visit("/imports", user="officer")
    home = page.evaluate("fetch('/api/households?limit=1').then((a) => a.json())")["features"][0]
    name = f"depth{uuid.uuid4().hex[:6]}"
    path = depths(tmp_path / f"{name}.tif", *home["geometry"]["coordinates"])
    expect(page.locator("#raster")).to_be_hidden()
    page.set_input_files("input[name=file]", path)
    page.select_option("[name=kind]", "hazards")
    expect(page.locator("#raster")).to_be_visible()
    page.fill("[name=level-blue]", "")
    page.fill("[name=level-yellow]", "0.5")
    page.fill("[name=level-orange]", "1")
    page.check("[name=exercise]")
    page.get_by_role("button", name="送去检查").click()
    card = page.locator(".file-card").filter(has_text=name).first
    expect(card.locator(".hazard-preview")).to_be_visible(timeout=SLOW)
    expect(card).to_contain_text("24 格没有数据")
    rows = card.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(card.locator("tbody .sev")).to_have_count(0)  # a drill wears no colour of a warning
    shown = [row.inner_text() for row in rows.all()]
    assert any(re.search(r"≥ 0\.5", row) for row in shown)
    assert hazard_of(page, f"{name} ≥ 0.5") is None  # seen, and not declared
    card.get_by_role("button", name="在图上看").click()
    expect(page.locator("#preview-map .folium-map")).to_be_visible()
    page.wait_for_selector("#preview-map .folium-map[data-drawn=yes]", timeout=PATIENT)
