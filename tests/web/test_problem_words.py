"""Refusals are in the language of the page, those that carry a number or a state as well."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g

from gridmap.web.problem_words import said

ROOT = Path(__file__).resolve().parents[2]
HAN = re.compile("[\u3400-\u9fff]")

# which argument of what is called is said to people, and whether a place comes before it
SPOKEN = {
    "bad_value": 1,
    "fault": 1,
    "bad_input": 0,
    "conflict": 0,
    "forbidden": 0,
    "not_found": 0,
    "unavailable": 0,
    "too_many": 0,
    "Problem": 2,
    "after": 3,
}
PLACED = {"bad_value", "fault"}
# the command line speaks English, and so does what only it or a worker's log says
ENGLISH = {
    "gridmap/services/demo.py",  # names of the towns that developers load
    "gridmap/services/exports.py",  # the file that a command writes
    "gridmap/services/places.py",  # an area that a command names
}
NAMES = re.compile(r"[a-z]+(_[a-z]+)*\.\w+")  # of a permission: the same in every language
LEFT_OUT = {
    "{name}: {found['error']}",  # why a job failed, as its worker wrote it
    "{kind.noun} {key}",  # versions.py: the nouns of both kinds, each in problem_nouns.py
    "the {kind.short} is at version {number} now: read it again",  # said of both below
    "Only the {side}'s office does this",  # said of both sides in problem_texts_emergencies.py
    "{noun} {key}",  # viewing.py: the nouns of its callers, which test_nouns has
    "{text!r} may be any of {known}; give the id",  # a hazard that a command names
}


def written(node: ast.expr) -> Iterator[str]:
    """Give the texts that an expression may be, with a number wherever a value comes in."""
    if isinstance(node, ast.IfExp):
        yield from written(node.body)
        yield from written(node.orelse)
    elif isinstance(node, ast.BinOp):
        for left in written(node.left):
            yield from (left + right for right in written(node.right) or ("7",))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        pieces = []
        for piece in node.values:
            if isinstance(piece, ast.Constant):
                pieces.append(str(piece.value))
            else:
                assert isinstance(piece, ast.FormattedValue)
                conversion = "!r" if piece.conversion == ord("r") else ""
                pieces.append(f"{{{ast.unparse(piece.value)}{conversion}}}")
        yield "".join(pieces)
    elif isinstance(node, ast.Call):
        yield "{" + ast.unparse(node) + "}"


def details() -> Iterator[tuple[str, str]]:
    """Give every detail that the sources raise: where it stands, and what it says."""
    for path in sorted((ROOT / "gridmap").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where in ENGLISH or where.startswith("gridmap/cli/"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            index = SPOKEN.get(name)
            if index is None or len(node.args) <= index:
                continue
            place = "name: " if name in PLACED else ""
            for text in written(node.args[index]):
                yield f"{where}:{node.lineno}", place + text


def test_every_detail_has_chinese(app: Flask) -> None:
    found = list(details())
    assert len(found) > 250  # the sources are read
    silent = []
    with app.test_request_context("/"):
        for where, text in found:
            probe = re.sub(r"\{[^{}]*(\{[^{}]*\})?[^{}]*\}", "7", text)
            bare = probe.removeprefix("name: ")
            if text in LEFT_OUT or NAMES.fullmatch(bare) or bare in ("", "7"):
                continue
            if not HAN.search(said(probe)):
                silent.append((where, text))
    assert not silent


@pytest.mark.parametrize(
    ("detail", "chinese"),
    [
        ("plan 7", "预案 7"),
        ("the template is at version 3 now: read it again", "模板已到第 3 版。再看一遍，再改"),
        ("the standard is at version 3 now: read it again", "标准已到第 3 版，重新看过再改"),
        ("Only the lender's office does this", "这由队伍所属的地方来定"),
        ("area or grid 990101001001001", "区划或网格 990101001001001"),
        ("plan 7 is failed: there is nothing to print", "预案 7 没算成，没有可印的"),
        ("The plan has gone on: it is approved now", "预案已变，现在是已批准"),
        ("grid 990101001001002 in plan 3", "预案 3 里的网格 990101001001002"),
        ("job 4 is done already", "任务 4：做完"),
        ("job 4 is cancelled already", "任务 4：已取消"),
        ("into: that incident is closed", "那件事件已结束"),
        ("team: no such team", "没有这支队伍"),
        ("{x} <b>%(y)s was first", "{x} <b>%(y)s 先接了"),
        ("said by nobody so far 5", "said by nobody so far 5"),
        ("name: 1 to 80 printable characters are needed", "名称：写 1 到 80 个字"),
        ("new: 12 to 128 characters are needed", "新密码：写 12 到 128 个字"),
        ("name: Value should have at least 1 item after validation, not 0", "名称：不能空着"),
        (
            "name: Value should have at most 80 items after validation, not 81",
            "名称：最多写 80 个字，现在是 81 个",
        ),
        ("kind: Input should be 'a', 'b' or 'c'", "类型：可选的有 'a'、'b'、'c'"),
        ("area: an area code has 6, 9, 12 or 15 digits", "区划：代码是 6、9、12 或 15 位数字"),
        ("bbox: four numbers are needed: west,south,east,north", "视野：要四个数：西、南、东、北"),
        ("widget: Field required", "widget：缺这一项"),
        (
            "name: Field required; area: 6 or 9 digits are needed",
            "名称：缺这一项；区划：要 6 or 9 位数字",
        ),
        (
            "name: Field required; line: of geometry alone",
            "名称：缺这一项；line: of geometry alone",
        ),
        ("needs.2.people: 0 to 99 are taken", "需要照顾 2 人数：在 0 到 99 之间"),
        ("buildings: there is no building 12", "没有楼 12"),
        ("a scenario that is valid cannot be published", "方案校验过，不能变成已发布"),
        (
            "the scenario is at version 9: look at it before you hand_over",
            "方案已到第 9 版，看过再划转",
        ),
        ("mapping: the file has no column {x} %s <b>", "对应：文件里没有 {x} %s <b> 这一列"),
        (
            "as_of: a day up to 2026-01-31 is needed; nothing is published by then",
            "日期：最晚到 2026-01-31，以后还没有发布网格",
        ),
    ],
)
def test_details_are_said_in_chinese(app: Flask, detail: str, chinese: str) -> None:
    with app.test_request_context("/"):
        assert said(detail) == chinese
    with app.test_request_context("/?lang=en"):
        g.address_is_clean = True
        assert said(detail) == detail


def test_an_absent_plan_is_absent_in_the_language_of_the_reader(browser) -> None:
    officer = browser("officer")
    for language, words in (("zh_CN", "预案 999999"), ("en", "plan 999999")):
        officer.get(f"/about?lang={language}", headers={"Accept": "text/html"})
        assert officer.get("/api/plans/999999").get_json()["detail"] == words
