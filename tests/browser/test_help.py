"""Help pages: their pictures are there, show what the text says, and the pages can be reached.

``HELP_PICTURES=write .venv/bin/pytest tests/browser/test_help.py`` makes the pictures anew.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from chrome import ROOT, SCREENSHOTS
from help_scenes import SCENES
from help_scripts import WORDS_SHOWN
from PIL import Image
from playwright.sync_api import Page, expect
from test_pages import chinese_words, overflowing, serious, small_targets

from gridmap.model.access import Role
from gridmap.web.help import TOPICS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

WRITE = os.environ.get("HELP_PICTURES") == "write"
FOLDER = ROOT / "static" / "help"
CATALOGUE = ROOT / "gridmap" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
MOST_BYTES, MOST_WIDTH = 60_000, 1100
LANGUAGES = ("zh_CN", "en")
# What lies over a page for a moment: a toast, the word of a new version.
PASSING = """() => document.querySelectorAll("#update-banner, #toasts")
  .forEach((node) => node.setAttribute("hidden", ""))"""

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}


def save(shot: bytes, target: Path) -> None:
    """Keep a picture as small as its words stay legible."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    if picture.width > MOST_WIDTH:
        height = round(picture.height * MOST_WIDTH / picture.width)
        picture = picture.resize((MOST_WIDTH, height), Image.Resampling.LANCZOS)
    for quality in range(82, 20, -6):
        made = io.BytesIO()
        picture.save(made, "WEBP", quality=quality, method=6)
        if made.tell() <= MOST_BYTES:
            break
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(made.getvalue())


@pytest.mark.parametrize("language", LANGUAGES if WRITE else ("zh_CN",))
@pytest.mark.parametrize("name", SCENES)
def test_what_the_picture_shows_is_there(
    visit: Visit, english: dict[str, str], name: str, language: str
) -> None:
    scene = SCENES[name]
    page = visit(scene.path, user=scene.user, language=language, size=scene.size, ready=scene.ready)
    scene.prepare(page, visit)
    if WRITE:
        page.evaluate(PASSING)
        save(page.screenshot(), FOLDER / language / f"{name}.webp")
    shown = page.evaluate(WORDS_SHOWN)
    wanted = [english[word] if language == "en" else word for word in scene.words]
    missing = [word for word in wanted if not any(word in each for each in shown)]
    assert not missing, (missing, shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", [*Role, *(f"topics/{topic}" for topic in TOPICS)])
def test_a_help_page_shows_its_pictures(visit: Visit, which: str, language: str) -> None:
    page = visit(f"/help/{which}", user="officer", language=language, size=(800, 1280))
    pictures = page.locator(".help-pictures img")
    assert pictures.count() in ((1, 2) if "/" in which else (2, 3))
    for i in range(pictures.count()):
        picture = pictures.nth(i)
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        size = picture.evaluate("(p) => [p.naturalWidth, p.naturalHeight]")
        said = picture.evaluate("(p) => ['width', 'height'].map((name) => +p.getAttribute(name))")
        assert size == said, picture.get_attribute("src")
        name = Path(str(picture.get_attribute("src"))).stem
        assert name in SCENES
        file = FOLDER / language / f"{name}.webp"
        assert file.stat().st_size <= MOST_BYTES
        assert 900 <= said[0] <= MOST_WIDTH
    wrong = {
        "beyond the window": overflowing(page),
        "small targets": small_targets(page),
        "axe": serious(page) if which in {Role.GRID_MEMBER, "topics/coverage"} else [],
        "outside": page.notes.outside,  # type: ignore[attr-defined]
        "errors": page.notes.errors,  # type: ignore[attr-defined]
        "chinese": chinese_words(page) if language == "en" else [],
    }
    assert not any(wrong.values()), wrong
    tall = page.evaluate("document.documentElement.scrollHeight")
    assert tall <= 2.6 * 1280, tall  # about two screens and the list of the other roles
    page.screenshot(
        path=SCREENSHOTS / f"help-{which.replace('/', '-')}-{language}.png", full_page=True
    )


def test_every_picture_is_shown_on_some_page() -> None:
    folder = ROOT / "gridmap" / "templates" / "help"
    told = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.html"))
    held = {
        language: {each.stem for each in (FOLDER / language).iterdir()} for language in LANGUAGES
    }
    assert held["zh_CN"] == held["en"] == set(SCENES)
    assert not [name for name in SCENES if f'picture("{name}"' not in told]
