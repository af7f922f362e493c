"""README.zh-CN.md says what README.md says: the same sections, tables, commands and names."""

import re
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = "README.md", "README.zh-CN.md"
CODE = re.compile(r"`([^`\n]+)`")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def outside_blocks(text):
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def levels(text):
    return [len(marks) for marks in re.findall(r"^(#+) ", outside_blocks(text), re.MULTILINE)]


def rows(text):
    """Rows of each table: the names in the first cell, and how many cells there are."""
    groups = groupby(text.splitlines(), key=lambda line: line.startswith("|"))
    return [
        [(CODE.findall(line.split("|")[1]), line.count(" |")) for line in lines][2:]
        for is_table, lines in groups
        if is_table
    ]


def commands(text):
    """Commands of the code blocks, without the words behind them."""
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    return [
        line.split("#")[0].strip()
        for block in blocks
        for line in block.splitlines()
        if "make " in line
    ]


def names(text):
    """Everything that is to be typed or found in the code, wherever it stands."""
    return sorted(set(CODE.findall(outside_blocks(text).replace("\n   ", " "))))


def addresses(text):
    return set(re.findall(r"https?://[^\s>)]+", text))


@pytest.mark.parametrize("part", [levels, rows, commands, names, addresses])
def test_both_have_the_same(part):
    assert part(read(CHINESE)) == part(read(ENGLISH))
    assert part(read(ENGLISH))


def test_there_are_six_tables_and_each_has_rows():
    assert [len(table) > 3 for table in rows(read(CHINESE))] == [True] * 6


def test_figures_are_the_same():
    """Digits that stand for themselves: limits, ports, days, counts."""
    figures = re.compile(r"(?<![\w.-])\d[\d,.]*\d|(?<![\w.-])\d(?![\w.-])")
    found = {name: sorted(set(figures.findall(read(name)))) for name in (ENGLISH, CHINESE)}
    assert found[CHINESE] == found[ENGLISH]


def test_each_leads_to_the_other_at_the_top():
    assert f"]({CHINESE})" in "".join(read(ENGLISH).splitlines()[:4])
    assert f"]({ENGLISH})" in "".join(read(CHINESE).splitlines()[:4])


def test_the_twin_is_chinese():
    """No line of its tables was left in English."""
    han = re.compile("[\u3400-\u9fff]")
    lines = [line for line in read(CHINESE).splitlines() if line.startswith("| `")]
    assert all(han.search(line.rsplit("|", 2)[1]) for line in lines)
