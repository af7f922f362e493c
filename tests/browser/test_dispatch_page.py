"""From an incident: who is best is sent with one press, and volunteers answer from their phone."""

import re
import uuid

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PATIENT = 60_000

REPORT = """async ({ id, title, lon, lat }) => {
  const send = (address, body, version) => fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
      ...(version ? { "If-Match": `"${version}"` } : {}),
    },
    body: JSON.stringify(body),
  });
  const made = await send("/api/incidents", {
    id, category: "fire", title, level: 3, geometry: { type: "Point", coordinates: [lon, lat] },
  });
  const verified = await send(`/api/incidents/${id}/verify`, { level: 3 }, 1);
  return [made.status, verified.status];
}"""
LINK = """async (call) => {
  const found = await (await fetch(`/api/messages?about=volunteer_call:${call}`)).json();
  return found.items[0].text;
}"""


def test_the_best_team_is_sent_with_one_press(visit):
    page = visit("/map", user="commander", size=(1920, 1080))
    center = page.evaluate("({ lon: map_live.getCenter().lng, lat: map_live.getCenter().lat })")
    name = str(uuid.uuid4())
    given = {"id": name, "title": "楼道冒烟", **center}
    assert page.evaluate(REPORT, given) == [201, 200]
    page.locator(f'.q[data-id="{name}"]').click(timeout=PATIENT)
    page.locator('[data-step="assign"]').click(timeout=PATIENT)
    teams = page.locator(".dispatch-team")
    expect(teams.first).to_be_visible(timeout=PATIENT)
    assert 1 <= teams.count() <= 3
    expect(teams.first).to_contain_text(re.compile("会：|缺："))
    best = teams.first.locator("b.clip").inner_text()
    teams.first.click()
    expect(page.locator(".dispatch")).to_have_count(0, timeout=PATIENT)
    expect(page.locator("#panel-details")).to_contain_text(best, timeout=PATIENT)
    assert not page.notes.errors


def test_a_call_to_volunteers_says_what_is_unsent_and_shows_nobody_the_link(visit):
    page = visit("/volunteers", user="officer")
    who = f"划船会{uuid.uuid4().hex[:6]}"
    page.locator("#add").click()
    form = page.locator("form.resp-form")
    form.locator("[name=kind]").select_option("organisation")
    form.locator("[name=name]").fill(who)
    form.locator("[name=phone]").fill("13800001234")
    form.locator("[name=skills][value=boat]").check()
    form.locator("[name=consented]").check()
    form.get_by_role("button", name="登记").click()
    expect(page.locator("#panel-volunteers")).to_contain_text(who, timeout=PATIENT)
    expect(page.locator("#panel-volunteers")).not_to_contain_text("13800001234")
    page.locator("#call").click()
    form.locator("[name=exercise]").select_option(label="演练")
    form.locator("[name=text]").fill("带船到码头")
    form.locator("[name=skills][value=boat]").check()
    form.get_by_role("button", name="叫", exact=True).click()
    answers = page.locator("[data-answers]").first
    expect(answers).to_contain_text(who, timeout=PATIENT)
    expect(answers).to_contain_text("没发出去")
    number = answers.get_attribute("data-answers")
    # who reads the desk's messages could answer in a volunteer's stead
    text = page.evaluate(LINK, number)
    assert "带船到码头" in text
    assert "/v/" not in text
    assert "/v/" not in page.locator("main").inner_html()
    assert not page.notes.errors
