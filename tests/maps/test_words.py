"""Catalogues without gaps: every word of ours in both languages, every placeholder kept."""

import os
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "gridmap" / "translations"
HAN = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
PLACE = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="module")
def sources() -> set[str]:
    """Every word that pages, scripts and problems show."""
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    here = Path.cwd()
    os.chdir(ROOT)
    try:
        found = set()
        for folder in ("gridmap", "static/js"):
            mapping = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods]
            chosen = {pattern.removeprefix(f"{folder}/"): each for pattern, each in options.items()}
            found |= {
                message[2] if isinstance(message[2], str) else message[2][0]
                for message in extract_from_dir(folder, mapping, chosen)
            }
    finally:
        os.chdir(here)
    return found


def catalogue(language: str) -> dict[str, str]:
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        held = read_po(file)
    assert not [message.id for message in held if message.fuzzy and message.id]
    return {str(message.id): str(message.string) for message in held if message.id}


def test_the_words_are_found(sources):
    assert {"值守", "覆盖缺口", "转移路线", "已核实", "Not found", "{n} 户到不了"} <= sources
    assert len(sources) > 400


def test_english_is_complete(sources):
    held = catalogue("en")
    assert not sorted(w for w in sources if HAN.search(w) and not held.get(w))


def test_problems_are_complete_in_chinese(sources):
    held = catalogue("zh_CN")
    assert not sorted(w for w in sources if not HAN.search(w) and not held.get(w))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_is_kept_that_no_page_shows(sources, language):
    assert not sorted(set(catalogue(language)) - sources)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_placeholders_are_the_same(language):
    wrong = {
        source: words
        for source, words in catalogue(language).items()
        for form in words.split("|")
        if set(PLACE.findall(form)) - set(PLACE.findall(source))
    }
    assert not wrong


def test_english_is_english():
    chinese = {s: w for s, w in catalogue("en").items() if HAN.search(w)}
    assert not chinese


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_tone_of_the_house(language):
    """No exclamation marks, no please, no oops: see the writing rules."""
    wrong = re.compile(r"[!！]|\bplease\b|\boops\b|请确认|操作失败|非法", re.IGNORECASE)
    words = [*catalogue(language), *catalogue(language).values()]
    assert not [w for w in words if wrong.search(w)]
