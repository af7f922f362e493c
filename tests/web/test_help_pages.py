"""Help pages: one for each role, with the words of the buttons, in both languages."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from webtown import sign_in, visitor

from gridmap.model.access import Role
from gridmap.web.help import TOPICS, marked

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "gridmap" / "templates" / "help"
CATALOGUE = ROOT / "gridmap" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
TEXT = re.compile(r'_\("((?:[^"\\]|\\.)*)"\)')
KEY = re.compile(r"\[([^\]]+)\]")


@pytest.fixture(scope="module")
def english():
    with CATALOGUE.open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}


def texts():
    return [
        (path.name, words)
        for path in sorted(FOLDER.rglob("*.html"))
        for words in TEXT.findall(path.read_text(encoding="utf-8"))
    ]


def test_there_is_a_page_for_every_role_and_no_other():
    assert {path.stem for path in FOLDER.glob("[!_]*.html")} == {role.value for role in Role}
    assert {path.stem for path in FOLDER.glob("topics/*.html")} == set(TOPICS)


def test_buttons_that_the_text_names_exist_elsewhere():
    """A word in brackets is the word of a template or script, letter by letter."""
    held = "".join(
        path.read_text(encoding="utf-8")
        for folder, kind in (("gridmap/templates", "*.html"), ("static/js", "*.js"))
        for path in (ROOT / folder).rglob(kind)
        if FOLDER not in path.parents
    )
    missing = {
        (name, key)
        for name, words in texts()
        for key in KEY.findall(words)
        if f'"{key}"' not in held and f"'{key}'" not in held
    }
    assert not missing


def test_buttons_have_the_same_words_in_english(english):
    wrong = [
        (name, words)
        for name, words in texts()
        if {english.get(key) for key in KEY.findall(words)} != set(KEY.findall(english[words]))
    ]
    assert len(texts()) > 100
    assert not wrong


@pytest.mark.parametrize("role", list(Role))
def test_a_page_has_four_to_eight_steps_and_two_or_three_pictures(role):
    text = (FOLDER / f"{role.value}.html").read_text(encoding="utf-8")
    steps = text.split("{% block steps %}")[1].split("{% endblock %}")[0]
    assert 4 <= steps.count("<li>") <= 8
    assert 2 <= text.count("{{ picture(") <= 3
    assert len(text) < 6000


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_four_to_eight_steps_and_a_picture_or_two(topic):
    text = (FOLDER / "topics" / f"{topic}.html").read_text(encoding="utf-8")
    steps = text.split("{% block steps %}")[1].split("{% endblock %}")[0]
    assert 4 <= steps.count("<li>") <= 8
    assert 1 <= text.count("{{ picture(") <= 2
    assert len(text) < 6000


def test_what_is_marked_is_text():
    assert marked("[<b>] `a&b` <i>") == (
        '<b class="told">&lt;b&gt;</b> <code>a&amp;b</code> &lt;i&gt;'
    )


@pytest.fixture(scope="module")
def officer(app, people):
    client = visitor(app)
    sign_in(client, "officer")
    return client


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("role", list(Role))
def test_everybody_signed_in_may_read_every_page(officer, english, role, language):
    answer = officer.get(f"/help/{role.value}?lang={language}", headers={"Accept": "text/html"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert (english["一天怎么做"] if language == "en" else "一天怎么做") in text
    assert "[" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL).split("<main")[1]
    named = re.findall(rf"/static/help/{language}/([\w-]+\.webp)", text)
    assert 2 <= len(set(named)) <= 3
    for name in named:
        picture = officer.get(f"/static/help/{language}/{name}")
        assert (picture.status_code, picture.mimetype) == (200, "image/webp")
        picture.close()  # and the file with it


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("topic", TOPICS)
def test_everybody_signed_in_may_read_every_topic(officer, english, topic, language):
    answer = officer.get(f"/help/topics/{topic}?lang={language}", headers={"Accept": "text/html"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert (english["怎么做"] if language == "en" else "怎么做") in text
    assert f'href="/help/topics/{topic}" aria-current="page"' in text
    assert "[" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL).split("<main")[1]
    named = re.findall(rf"/static/help/{language}/([\w-]+\.webp)", text)
    for name in set(named):
        picture = officer.get(f"/static/help/{language}/{name}")
        assert (picture.status_code, picture.mimetype) == (200, "image/webp")
        picture.close()


def test_help_is_that_of_ones_role(officer):
    assert "帮助：值班员" in officer.get("/help?lang=zh_CN").get_data(as_text=True)


def test_a_role_that_is_none_has_no_page(officer):
    assert officer.get("/help/mayor").status_code == 404
    assert officer.get("/help/_qgis").status_code == 404
    assert officer.get("/help/topics/weather").status_code == 404


def test_a_stranger_is_asked_to_sign_in(app):
    assert visitor(app).get("/help", headers={"Accept": "application/json"}).status_code == 401


def test_a_missing_picture_signs_nobody_out(officer):
    answer = officer.get("/static/help/en/none.webp", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
    assert officer.get("/help").status_code == 200
