"""The page of coverage standards: read by the office, another version made by the planning lead."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PATIENT = 60_000


def test_the_lead_makes_a_version_and_finds_it_in_the_history(visit):
    page = visit("/standards", user="lead")
    card = page.locator("article.standard").filter(has_text="警务 10 分钟")
    expect(card).to_have_count(1, timeout=PATIENT)
    expect(card.locator(".sentence")).to_have_text("应急车辆，从设施到住户，10 分钟以内")
    card.get_by_role("button", name="改", exact=True).click()
    form = page.locator("form.standard-form")
    expect(form).to_be_visible(timeout=PATIENT)
    form.locator("[name=limit]").fill("12")
    form.get_by_label("河流").check()
    form.get_by_role("button", name="加一个级别").click()
    form.locator("[name=rule_level]").last.fill("small")
    form.locator("[name=rule_km2]").last.fill("2.5")
    form.locator("[name=source]").fill("县里 2026 年 11 号文")
    form.get_by_role("button", name="存下").click()
    expect(form).to_have_count(0, timeout=PATIENT)
    expect(card.locator(".sentence")).to_have_text(
        "应急车辆，从设施到住户，12 分钟以内", timeout=PATIENT
    )
    expect(card.locator(".said")).to_contain_text("小型 2.5 平方公里")
    card.locator("summary").click()
    versions = card.locator(".versions > ol > li")
    expect(versions).to_have_count(2, timeout=PATIENT)
    expect(versions.first).to_contain_text("现在用的")
    expect(versions.first).to_contain_text("12 分钟以内")
    expect(versions.last).to_contain_text("随产品来的")


def test_what_is_refused_is_said_in_the_form_and_nothing_is_lost(visit):
    page = visit("/standards", user="lead")
    card = page.locator("article.standard").filter(has_text="AED 步行 4 分钟")
    card.get_by_role("button", name="改", exact=True).click(timeout=PATIENT)
    form = page.locator("form.standard-form")
    form.locator("[name=limit]").fill("90")
    form.get_by_role("button", name="存下").click()
    expect(form.get_by_role("alert")).to_contain_text("限度落在两端中间", timeout=PATIENT)
    expect(form.locator("[name=limit]")).to_have_value("90")
    form.get_by_role("button", name="不改").click()
    expect(form).to_have_count(0)


def test_who_may_not_edit_reads_all_the_same(visit):
    page = visit("/standards", user="planner")
    expect(page.locator("article.standard").first).to_be_visible(timeout=PATIENT)
    expect(page.get_by_role("button", name="改", exact=True)).to_have_count(0)
    expect(page.locator("#add")).to_have_count(0)
