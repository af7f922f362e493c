"""The page of emergency rules: sensors with token and chart, vehicles, rules with who set them."""

import re
import uuid
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PATIENT = 60_000
POST = """async ([token, body]) => {
  const answer = await fetch("/api/sensors/readings", {
    method: "POST", credentials: "omit",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return answer.status;
}"""
NEIGHBOUR = """async ([address, version, body]) => {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json", "If-Match": `"${version}"`,
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    },
    body: JSON.stringify(body),
  });
  return answer.status;
}"""


def tap_map(page, right, down):
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * right, box["y"] + box["height"] * down)


def test_a_sensor_is_registered_posts_by_its_token_and_is_given_up(visit):
    code = f"T-{uuid.uuid4().hex[:6]}"
    page = visit("/emergency-rules", user="officer")
    panel = page.locator("#panel-sensors")
    expect(panel.locator(".sensor-row").first).to_be_visible(timeout=PATIENT)
    page.locator("#add-sensors").click()
    form = panel.locator("form")
    form.locator("#rule-save").click()
    # what is missing is said at its field, and the hand is led to the first
    expect(form.locator("[name=name]")).to_be_focused()
    form.locator("[name=name]").fill(f"试装水位{code}")
    form.locator("[name=code]").fill(code)
    form.locator("[name=yellow]").fill("3")
    form.locator("[name=orange]").fill("2")
    tap_map(page, 0.5, 0.55)
    expect(form.locator("[name=lon]")).not_to_have_value("")
    form.locator("#rule-save").click()
    expect(form.locator(".field-problem:visible")).to_contain_text("低一级")
    form.locator("[name=orange]").fill("4")
    form.locator("#rule-save").click()
    expect(form).to_have_count(0, timeout=PATIENT)
    row = panel.locator("li").filter(has_text=code)
    expect(row).to_contain_text("还没有数据", timeout=PATIENT)
    row.get_by_role("button", name="做一个令牌").click()
    token = row.locator("code").inner_text()
    assert token.startswith("gm_")
    reading = {"sensor": code, "at": datetime.now(UTC).isoformat(), "value": 3.4}
    assert page.evaluate(POST, [token, {"readings": [reading]}]) == 200
    page.reload()
    row = panel.locator("li").filter(has_text=code)
    expect(row).to_contain_text("黄色线", timeout=PATIENT)
    expect(row).to_contain_text("3.4 m")
    row.locator(".sensor-row").click()
    expect(row.locator(".day-chart")).to_contain_text("过去一天 1 个读数", timeout=PATIENT)
    expect(row.locator("code")).to_have_count(0)  # the token was shown once
    expect(row.locator(".token-box")).to_contain_text("最近用过")
    row.get_by_role("button", name="停用").click()
    gone = panel.locator("li.gone").filter(has_text=code)
    expect(gone).to_contain_text("已停用", timeout=PATIENT)
    assert page.evaluate(POST, [token, {"readings": [reading]}]) == 401


def test_a_vehicle_is_added_changed_and_taken_out_of_use(visit):
    name = f"试用车{uuid.uuid4().hex[:6]}"
    page = visit("/emergency-rules?section=vehicles", user="officer")
    panel = page.locator("#panel-vehicles")
    page.locator("#add-vehicles").click()
    form = panel.locator("form")
    form.locator("[name=name]").fill(name)
    form.locator("[name=contact]").fill("老周 13800000001")
    tap_map(page, 0.45, 0.5)
    form.get_by_label("按时段").check()
    form.locator("#rule-save").click()
    row = panel.locator("tbody tr").filter(has_text=name)
    expect(row).to_contain_text("13800000001", timeout=PATIENT)
    expect(row).to_contain_text("08:00–17:30")
    row.get_by_role("button", name="改").click()
    form.locator("[name=seats]").fill("11")
    form.locator("#rule-save").click()
    expect(row).to_contain_text("11", timeout=PATIENT)
    row.get_by_role("button", name="改").click()
    form.get_by_role("button", name="停用").click()
    expect(panel.locator("tr.gone").filter(has_text=name)).to_contain_text(
        "已停用", timeout=PATIENT
    )


def test_a_rule_says_who_set_it_and_a_late_change_is_told(visit):
    page = visit("/emergency-rules?section=speeds", user="commander")
    panel = page.locator("#panel-speeds")
    row = panel.locator("tbody tr").filter(has_text="孕妇")
    expect(row).to_have_count(1, timeout=PATIENT)
    row.get_by_role("button", name="改").click()
    form = panel.locator("form")
    form.locator("[name=source]").fill("县里实测 2026")
    listed = page.evaluate("async () => (await (await fetch('/api/walking-speeds')).json()).items")
    rule = next(each for each in listed if each["need"] == "pregnant")
    other = {"area": rule["area"], "need": "pregnant", "kmh": 3.1, "source": "别人定的"}
    assert page.evaluate(NEIGHBOUR, ["/api/walking-speeds", rule["revision"], other]) == 200
    form.locator("[name=kmh]").fill("2.8")
    form.locator("#rule-save").click()
    expect(form).to_contain_text("您写的还在", timeout=PATIENT)
    form.get_by_role("button", name="取新的，接着改").click()
    expect(row).to_contain_text("别人定的", timeout=PATIENT)
    expect(form.locator("[name=kmh]")).to_have_value("2.8")
    form.locator("#rule-save").click()
    expect(form).to_have_count(0, timeout=PATIENT)
    expect(row).to_contain_text("2.8")
    expect(row).to_contain_text("县里实测 2026")
    expect(row).to_contain_text(re.compile("指挥"))


def test_the_other_rules_are_listed_and_who_may_not_set_them_reads(visit):
    page = visit("/emergency-rules?section=holds", user="officer")
    expect(page.locator("#panel-holds")).to_contain_text("滑坡", timeout=PATIENT)
    expect(page.locator("#add-holds")).to_have_count(0)
    page.locator("#tab-supplies").click()
    expect(page.locator("#panel-supplies")).to_contain_text("每人每天 3 L", timeout=PATIENT)
    expect(page.locator("#panel-supplies")).to_contain_text("50 人一个")
    expect(page.locator("#panel-supplies").get_by_role("button", name="改")).to_have_count(0)


def test_sensors_stand_on_the_duty_map_and_in_its_legend(visit):
    page = visit("/map", user="officer", language="en")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#legend li')].some((li) =>"
        " ['Water level', 'Silent sensor'].includes(li.textContent))",
        timeout=PATIENT,
    )
