"""A message in one's own words: counted, sent, seen as not gone out, held back and sent again."""

import uuid

import pytest
from chrome import shown
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def opened(page):
    """Open the form for communities and give it."""
    page.locator("#compose").click()
    form = page.locator("form.compose")
    expect(form.locator("[name=of]").first).to_be_visible()
    return form


def test_a_message_is_counted_sent_held_back_and_sent_again(visit):
    page = visit("/messages", user="officer")
    words = f"今晚停水，{uuid.uuid4().hex[:8]}"
    form = opened(page)
    form.locator("[name=exercise]").select_option(label="演练")
    form.locator("[name=of]").first.check()
    form.locator("[name=channels][value=loudspeaker]").check()
    form.locator("[name=text]").fill(words)
    go = form.locator("button[type=submit]")
    expect(go).to_be_disabled()
    form.get_by_role("button", name="看发给谁").click()
    counted = form.locator(".counted")
    expect(counted).to_contain_text("发给 1 个")
    expect(counted).to_contain_text("演练，开头会标出来")
    expect(go).to_have_text("发给 1 个")
    # other words are another message: nobody sends what was not counted
    form.locator("[name=text]").fill(f"{words}。")
    expect(go).to_be_disabled()
    expect(counted).to_have_text("")
    form.get_by_role("button", name="看发给谁").click()
    expect(go).to_be_enabled()
    go.click()
    expect(page.locator("#toasts")).to_contain_text("排上了 1 条")
    expect(form).to_have_count(0)

    row = page.locator("#panel-messages li.ms").filter(has_text=words)
    expect(row).to_have_count(1)
    expect(row.locator(".said")).to_have_text(f"【演练】{words}。")
    # the demo has no gateway: nothing says that it went out
    expect(row).to_contain_text("没有设置网关")
    expect(row.locator("b").first).to_have_text("未发出")
    row.get_by_role("button", name="停发").click()
    expect(row.locator("b").first).to_have_text("已停发")
    expect(row).to_contain_text("有人停发")
    expect(row.get_by_role("button", name="停发")).to_have_count(0)
    row.get_by_role("button", name="再发一次").click()
    expect(row.locator("b").first).to_have_text("未发出")
    # the sender has said again what is missing: what comes before that is another version
    expect(row).to_contain_text("没有设置网关")
    row.get_by_role("button", name="停发").click()
    expect(row.locator("b").first).to_have_text("已停发")
    shown(page)  # nothing is drawn anew under the hand
    row.get_by_role("button", name="经过").click()
    expect(row.locator(".tries li").first).to_be_visible()
    assert not page.notes.errors


def test_without_a_recipient_nothing_can_be_sent(visit):
    page = visit("/messages", user="officer")
    form = opened(page)
    form.locator("[name=text]").fill("没有勾选任何地方")
    form.get_by_role("button", name="看发给谁").click()
    expect(form.locator(".failed-line")).to_be_visible()
    expect(form.locator("button[type=submit]")).to_be_disabled()
    form.get_by_role("button", name="不做").click()
    expect(form).to_have_count(0)
