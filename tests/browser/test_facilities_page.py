"""The page of facilities: written down, found, moved, put off duty, retired and brought back."""

import re
import uuid

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PATIENT = 60_000
NEIGHBOUR = """async ([id, change]) => {
  const read = await (await fetch(`/api/facilities/${id}`)).json();
  const answer = await fetch(`/api/facilities/${id}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json", "If-Match": `"${read.revision}"`,
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify(change),
  });
  return answer.status;
}"""


def rows(page):
    return page.locator("#panel-facilities tbody tr")


def find(page, words):
    page.locator("#q").fill(words)
    expect(rows(page).first).to_contain_text(words, timeout=PATIENT)
    return rows(page).first


def tap_map(page, right, down):
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * right, box["y"] + box["height"] * down)


def test_one_is_written_down_put_off_duty_and_retired(visit):
    name = f"试建诊所{uuid.uuid4().hex[:6]}"  # a site that is running may have one already
    page = visit("/facilities", user="planner")
    expect(rows(page).first).to_be_visible(timeout=PATIENT)
    page.keyboard.press("a")
    form = page.locator(".facility-form")
    form.get_by_role("button", name="登记", exact=True).click()
    # what is missing is said where it is missing, and the hand is led to the first
    assert form.locator("[aria-invalid=true]").count() == 2
    expect(form.locator("[name=kind]")).to_be_focused()
    expect(form).to_contain_text("还没有位置")
    form.locator("[name=kind]").select_option("clinic")
    form.locator("[name=name]").fill(name)
    form.locator("[name=crew]").fill("试建班")
    tap_map(page, 0.5, 0.5)
    expect(form.locator("[name=lon]")).not_to_have_value("")
    form.get_by_label("按时段").check()
    form.get_by_label("周六").check()
    form.locator("[name=hours-to]").fill("12")
    form.get_by_role("button", name="登记", exact=True).click()
    expect(form).to_have_count(0, timeout=PATIENT)
    row = find(page, name)
    expect(row).to_contain_text("周一至周六 08:00–12:00")

    row.get_by_role("button", name=f"改 {name}").click()
    form.get_by_label("停值").check()
    form.locator("[name=closed_why]").fill("停电")
    form.get_by_role("button", name="存下").click()
    expect(row).to_contain_text("停值：停电，什么时候恢复没定", timeout=PATIENT)
    expect(page.locator("#summary")).to_contain_text("其中停值 1 处")

    row.get_by_role("button", name=f"改 {name}").click()
    form.get_by_role("button", name="停用这处").click()
    expect(form).to_have_count(0, timeout=PATIENT)
    expect(page.locator("#panel-facilities .empty")).to_be_visible(timeout=PATIENT)
    page.locator("#state").select_option("retired")
    expect(rows(page)).to_have_count(1)
    row.get_by_role("button", name=f"改 {name}").click()
    form.get_by_role("button", name="恢复使用").click()
    page.locator("#state").select_option("on")
    expect(rows(page)).to_have_count(1, timeout=PATIENT)
    assert not page.notes.errors
    # nothing of it is in the way of the tests that follow
    row.get_by_role("button", name=f"改 {name}").click()
    form.get_by_role("button", name="停用这处").click()
    expect(page.locator("#panel-facilities .empty")).to_be_visible(timeout=PATIENT)


def test_who_comes_late_goes_on_from_what_the_other_made(visit):
    address, crew = (f"{words}{uuid.uuid4().hex[:6]}" for words in ("别人写的地址", "我写的班组"))
    page = visit("/facilities", user="officer")
    page.locator("#kind").select_option("supply_point")
    expect(rows(page).first).to_be_visible(timeout=PATIENT)
    number = int(rows(page).first.get_attribute("data-id"))
    name = rows(page).first.locator(".row-button").inner_text()
    rows(page).first.get_by_role("button", name=re.compile("^改")).click()
    form = page.locator(".facility-form")
    form.locator("[name=crew]").fill(crew)
    other = visit("/facilities", user="lead")
    assert other.evaluate(NEIGHBOUR, [number, {"address": address}]) == 200
    form.get_by_role("button", name="存下").click()
    expect(form.get_by_role("alert").filter(has_text="先改了这处")).to_be_visible(timeout=PATIENT)
    form.get_by_role("button", name="取新的，接着改").click()
    expect(form.locator("[name=address]")).to_have_value(address, timeout=PATIENT)
    expect(form.locator("[name=crew]")).to_have_value(crew)
    form.get_by_role("button", name="存下").click()
    expect(form).to_have_count(0, timeout=PATIENT)
    row = rows(page).filter(has_text=name).first
    expect(row).to_contain_text(crew, timeout=PATIENT)
    expect(row).to_contain_text(address)


def test_what_the_server_refuses_stands_at_its_field(visit):
    page = visit("/facilities", user="officer")
    page.locator("#kind").select_option("police")
    rows(page).first.get_by_role("button", name=re.compile("^改")).click(timeout=PATIENT)
    form = page.locator(".facility-form")
    form.get_by_label("按时段").check()
    form.locator("[name=hours-from]").fill("9")
    form.locator("[name=hours-to]").fill("900")
    form.locator("[name=lon]").fill("10")
    form.locator("[name=crew]").fill("写了还在的班组")
    save = form.get_by_role("button", name="存下")
    save.click()
    wrong = form.locator(".hours-line .field-problem")
    expect(wrong).to_have_text("起止相同，全天写 00:00 到 24:00", timeout=PATIENT)
    expect(form.locator("[name=hours-to]")).to_be_focused()
    expect(form.locator("[name=hours-to]")).to_have_value("09:00")
    form.locator("[name=hours-to]").fill("24:00")
    save.click()
    place = form.locator("fieldset").filter(has=page.locator("[name=lon]"))
    expect(place.get_by_role("alert")).to_have_text("在本县之外", timeout=PATIENT)
    expect(form.locator("[name=lon]")).to_be_focused()
    expect(wrong).to_be_hidden()
    # what else was written is still there
    expect(form.locator("[name=crew]")).to_have_value("写了还在的班组")
    form.get_by_role("button", name="不改").click()
    expect(form).to_have_count(0)
