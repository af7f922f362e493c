"""How printed sheets are written: their language and time zone, their templates and words."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Look:
    """How sheets are written: language, folder of the styles, time zone."""

    language: str
    zone: str
    static: Path


@lru_cache(maxsize=4)
def templates(language: str) -> Environment:
    """Give the templates with the words of a language; there is no request to take them from."""
    made = Environment(
        loader=FileSystemLoader(_ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = Translations.load(str(_ROOT / "translations"), [language])
    made.globals["_"] = words.gettext
    return made


@lru_cache(maxsize=4)
def said(language: str) -> dict[str, str]:
    """Give the words that stand on the maps."""
    template = templates(language).get_template("_sheet_words.html")
    module = template.make_module()
    return {
        name: str(getattr(module, name)).rpartition("|")[2]
        for name in ("title", "clear", "metres", "north", "refuge")
    }
