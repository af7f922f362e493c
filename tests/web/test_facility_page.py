"""The page of facilities: for those who look after them, with the kinds that there are."""

import json
import re

import pytest


@pytest.mark.parametrize("name", ["officer", "commander", "planner", "lead"])
def test_who_looks_after_facilities_gets_the_page(browser, name):
    answer = browser(name).get("/facilities?lang=zh_CN", headers={"Accept": "text/html"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "登记一处" in text
    kinds = json.loads(re.search(r'id="facility-kinds"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    assert {"fire_station", "shelter", "aed"} <= set(kinds)
    assert kinds == sorted(kinds)


@pytest.mark.parametrize(("name", "offered"), [("planner", True), ("officer", False)])
def test_who_imports_data_is_led_to_it(browser, name, offered):
    text = browser(name).get("/facilities?lang=zh_CN").get_data(as_text=True)
    assert ("成批导入" in text) is offered


@pytest.mark.parametrize("name", ["member", "unit", "auditor", "admin", "security"])
def test_nobody_else_does(browser, name):
    client = browser(name)
    assert client.get("/facilities").status_code == 403
    assert 'href="/facilities"' not in client.get("/about").get_data(as_text=True)
