"""From the page: a response is started, its tasks are done, it ends, and its review is there."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PATIENT = 60_000


def test_an_exercise_from_its_start_to_its_review(visit):
    page = visit("/responses", user="officer")
    page.get_by_role("button", name="启动响应").click()
    form = page.locator("form.resp-form")
    expect(form).to_be_visible(timeout=PATIENT)
    form.locator("[name=hazard]").select_option("")
    form.locator("[name=kind]").select_option("fire")
    form.locator("[name=area]").select_option(index=1)
    form.locator("[name=exercise]").select_option(label="演练")
    form.locator("[name=matter]").fill("三栋消防演练")
    form.locator("[name=measures]").fill("逐层搜救，清点人数")
    form.get_by_role("button", name="启动", exact=True).click()
    expect(page.locator("#head-title")).to_have_text("三栋消防演练", timeout=PATIENT)
    expect(page.locator("#exercise-band")).to_be_visible()
    mine = page.locator("article.task.mine").first
    expect(mine).to_be_visible(timeout=PATIENT)
    number = mine.get_attribute("data-id")
    task = page.locator(f"article.task[data-id='{number}']")
    task.get_by_role("button", name="接下").click()
    expect(task).to_contain_text("在办", timeout=PATIENT)
    task.get_by_role("button", name="办完了").click()
    expect(task).to_contain_text("办完", timeout=PATIENT)
    expect(page.locator("#tasks-count")).to_contain_text("1/", timeout=PATIENT)
    page.get_by_role("button", name="结束响应").click()
    form.locator("[name=reason]").fill("演练结束")
    form.get_by_role("button", name="结束响应").click()
    expect(page.locator("#panel-head")).to_contain_text("已结束", timeout=PATIENT)
    page.get_by_role("link", name="复盘").click()
    expect(page.locator("#panel-timeline")).to_contain_text("结束响应", timeout=PATIENT)
    page.get_by_role("button", name="写评估").click()
    form.locator("[name=objective]").first.fill("三分钟到场")
    form.locator("[name=observed]").first.fill("两分五十秒到场")
    form.locator("[name=summary]").fill("通道清得快")
    form.get_by_role("button", name="存下").click()
    expect(page.locator("#panel-evaluation")).to_contain_text("两分五十秒到场", timeout=PATIENT)


def test_a_commander_makes_a_version_of_a_template_and_sees_what_changed(visit):
    page = visit("/plan-templates", user="commander")
    card = page.locator("article.standard").filter(has_text="地震应急预案 · 村（社区）")
    expect(card).to_have_count(1, timeout=PATIENT)
    card.get_by_role("button", name="改", exact=True).click()
    form = page.locator("form.plan-form")
    expect(form).to_be_visible(timeout=PATIENT)
    form.locator("[name=action_minutes]").first.fill("12")
    form.get_by_role("button", name="存下").click()
    expect(form).to_have_count(0, timeout=PATIENT)
    card.get_by_text("历次版本").click()
    expect(card.locator(".versions").last).to_contain_text("→ 12", timeout=PATIENT)
