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


def press(page, verb, reason):
    """Take a step of the response whose page is open, with its reason."""
    page.locator("#panel-head").get_by_role("button", name=verb, exact=True).click()
    form = page.locator("form.resp-form")
    form.locator("[name=reason]").fill(reason)
    form.get_by_role("button", name=verb, exact=True).click()
    expect(form).to_have_count(0, timeout=PATIENT)


def test_a_drill_of_a_village_goes_up_to_the_county_and_back_into_the_template(visit):
    """Out of the calendar, over three levels, with a whistle, to the version its lesson makes."""
    page = visit("/plan-templates", user="commander")
    page.get_by_role("button", name="全部").click()
    entry = (
        page.locator(".drills > li.later").filter(has_text="燃气泄漏应急预案 · 村（社区）").first
    )
    expect(entry).to_be_visible(timeout=PATIENT)
    place = entry.locator("b").nth(1).inner_text()
    entry.get_by_role("button", name="启动演练").click()
    page.locator("form.resp-form").get_by_role("button", name="启动演练").click()
    expect(page.locator("#panel-tasks article.task").first).to_be_visible(timeout=PATIENT)
    address = page.url
    site = address.partition("/responses")[0]
    expect(page.locator("#exercise-band")).to_be_visible()
    head = page.locator("#panel-head")
    expect(head).to_contain_text("村（社区）", timeout=PATIENT)
    press(page, "交上级指挥", "要街道的队伍")
    expect(head).to_contain_text("乡镇（街道）", timeout=PATIENT)
    press(page, "交上级指挥", "要县里的检测车")
    expect(page.locator("#panel-log")).to_contain_text("县 ·", timeout=PATIENT)
    press(page, "交下级指挥", "检测车到了")
    press(page, "交下级指挥", "街道撤了")
    expect(page.locator("#panel-log li")).to_have_count(5, timeout=PATIENT)
    page.get_by_role("button", name="吹哨叫部门").click()
    form = page.locator("form.resp-form")
    form.locator("[name=matter]").fill("三栋要关阀")
    form.locator("[name=place]").fill("三栋一楼")
    form.get_by_label("消防救援1班").check()
    form.get_by_role("button", name="在图上标位置").click()
    page.locator("#panel-where .leaflet-container[data-drawn=yes]").click(timeout=PATIENT)
    expect(form).to_contain_text("已标在图上")
    form.get_by_role("button", name="吹哨", exact=True).click()
    whistle = page.locator("li.whistle").filter(has_text="三栋要关阀")
    expect(whistle.get_by_role("button", name="在图上看")).to_be_visible(timeout=PATIENT)
    # the department called answers, and sees where it is to go
    unit = visit("/responses", user="unit")
    called = unit.locator("li.whistle").filter(has_text="三栋要关阀").first
    expect(called).to_contain_text("演练", timeout=PATIENT)
    called.get_by_role("button", name="在图上看").click()
    expect(unit.locator("#where-title")).to_have_text("三栋一楼")
    whistle.get_by_role("button", name="到了").click()
    expect(whistle).to_contain_text("已到场", timeout=PATIENT)
    whistle.get_by_role("button", name="评价并结束").click()
    form.get_by_role("button", name="评价并结束").click()
    expect(whistle).to_contain_text("已结束", timeout=PATIENT)
    press(page, "结束响应", "演练做完了")
    page.goto(f"{address}/after")
    page.get_by_role("button", name="写评估").click()
    form.locator("[name=objective]").first.fill("十分钟关阀")
    form.locator("[name=observed]").first.fill("八分钟关了阀")
    form.locator("[name=summary]").fill("阀门钥匙不够")
    form.get_by_role("button", name="存下").click()
    expect(page.locator("#panel-evaluation")).to_contain_text("八分钟关了阀", timeout=PATIENT)
    page.get_by_role("button", name="写一条教训").click()
    form.locator("[name=text]").fill("每栋楼备一把阀门钥匙")
    form.locator("[name=owner]").fill("社区")
    form.get_by_role("button", name="存下").click()
    lessons = page.locator("#panel-lessons")
    expect(lessons).to_contain_text("每栋楼备一把阀门钥匙", timeout=PATIENT)
    timeline = page.locator("#panel-timeline")
    for word in ("响应升级", "响应交下级", "吹哨", "部门报到", "结束响应", "写教训"):
        expect(timeline).to_contain_text(word)
    lessons.get_by_role("link", name="写进模板").click()
    plan = page.locator("form.plan-form")
    expect(plan.locator(".lesson-bar")).to_contain_text("每栋楼备一把阀门钥匙", timeout=PATIENT)
    plan.locator(".lesson-bar").get_by_role("button", name="物资").click()
    plan.locator("#section-resources [name=amount]").last.fill("每栋一把")
    plan.get_by_role("button", name="存下").click()
    expect(plan).to_have_count(0, timeout=PATIENT)
    card = page.locator("article.standard").filter(has_text="燃气泄漏应急预案 · 村（社区）")
    page.goto(f"{site}/plan-templates")  # the cards are drawn anew after a version is stored
    card.get_by_text("历次版本").click()
    newest = card.locator(".versions > ol > li").first
    expect(newest).to_contain_text("来自教训：每栋楼备一把阀门钥匙", timeout=PATIENT)
    card.get_by_role("button", name="比较两版").click()
    expect(card.locator(".compare-two .changes")).to_contain_text("每栋楼备一把阀门钥匙")
    page.goto(f"{address}/after")
    expect(lessons).to_contain_text("写进了", timeout=PATIENT)
    page.get_by_role("button", name="完成复盘").click()
    expect(page.get_by_text("复盘已完成")).to_be_visible(timeout=PATIENT)
    page.goto(f"{site}/plan-templates")
    page.get_by_role("button", name="全部").click()
    done = page.locator(".drills > li").filter(has_text="上次").filter(has_text=place)
    expect(done.first).to_contain_text("燃气泄漏", timeout=PATIENT)


def test_what_is_wrong_is_said_at_its_row(visit):
    page = visit("/plan-templates", user="commander")
    card = page.locator("article.standard").filter(has_text="台风应急预案 · 乡镇（街道）")
    card.get_by_role("button", name="改", exact=True).click(timeout=PATIENT)
    form = page.locator("form.plan-form")
    expect(form).to_be_visible(timeout=PATIENT)
    roles = form.locator("#section-organisation > ol > li")
    rows = form.locator("#section-actions > ol > li")
    count, first = rows.count(), rows.first.locator("[name=action_zh]").input_value()
    rows.first.get_by_role("button", name="往后移").click()
    expect(rows.nth(1).locator("[name=action_zh]")).to_have_value(first)
    form.get_by_role("button", name="加一项任务").click()
    expect(rows).to_have_count(count + 1)
    rows.last.locator("[name=action_zh]").fill("巡查广告牌")
    for level in (1, 2, 3, 4):
        rows.last.locator(f"[name=level_{level}]").click()
    form.get_by_role("button", name="存下").click()
    expect(rows.last).to_contain_text("至少选一级")
    rows.last.locator("[name=level_2]").click()
    # the first role goes: its tasks say so, each at its row
    gone = roles.first.locator("[name=role_zh]").input_value()
    roles.first.get_by_role("button", name="去掉").click()
    expect(form.locator("[name=action_role] option", has_text=gone)).to_have_count(0)
    form.get_by_role("button", name="存下").click()
    faults = form.locator(".edit-row .field-problem:visible")
    expect(faults.first).to_be_visible(timeout=PATIENT)
    for words in faults.all_inner_texts():
        assert "Input" not in words
        assert "no such" not in words
    form.get_by_role("button", name="不改").click()
    expect(form).to_have_count(0)


def test_a_commander_makes_a_version_of_a_template_and_sees_what_changed(visit):
    page = visit("/plan-templates", user="commander")
    card = page.locator("article.standard").filter(has_text="地震应急预案 · 村（社区）")
    expect(card).to_have_count(1, timeout=PATIENT)
    card.get_by_role("button", name="改", exact=True).click()
    form = page.locator("form.plan-form")
    expect(form).to_be_visible(timeout=PATIENT)
    field = form.locator("[name=action_minutes]").first
    minutes = "13" if field.input_value() == "12" else "12"  # it may run twice in one town
    field.fill(minutes)
    form.get_by_role("button", name="存下").click()
    expect(form).to_have_count(0, timeout=PATIENT)
    card.get_by_text("历次版本").click()
    expect(card.locator(".versions").last).to_contain_text(f"→ {minutes}", timeout=PATIENT)
