"""Refusals are in the language of the page, those that carry a number or a state as well."""

import pytest
from flask import Flask
from flask_babel import force_locale

from gridmap.web.problem_words import said


@pytest.mark.parametrize(
    ("detail", "chinese"),
    [
        ("plan 7", "预案 7"),
        ("area or grid 990101001001001", "区划或网格 990101001001001"),
        ("plan 7 is failed: there is nothing to print", "预案 7 没算成，没有可印的"),
        ("The plan has gone on: it is approved now", "预案已变，现在是已批准"),
        ("grid 990101001001002 in plan 3", "预案 3 里的网格 990101001001002"),
        ("job 4 is done already", "任务 4 已经做完"),
        ("into: that incident is closed", "那件事件已结束"),
        ("team: no such team", "没有这支队伍"),
        ("{x} <b>%(y)s was first", "{x} <b>%(y)s 先接了"),
        ("said by nobody so far 5", "said by nobody so far 5"),
    ],
)
def test_details_are_said_in_chinese(app: Flask, detail: str, chinese: str) -> None:
    with app.test_request_context("/"), force_locale("zh_CN"):
        assert said(detail) == chinese


def test_an_absent_plan_is_absent_in_the_language_of_the_reader(browser) -> None:
    officer = browser("officer")
    for language, words in (("zh_CN", "预案 999999"), ("en", "plan 999999")):
        officer.get(f"/about?lang={language}", headers={"Accept": "text/html"})
        assert officer.get("/api/plans/999999").get_json()["detail"] == words
