"""The language of an answer: asked for, chosen before, or the deployment's."""

from functools import lru_cache

from babel.support import NullTranslations, Translations
from flask import current_app, g, has_request_context, request, session
from flask_babel import Babel, Domain

from gridmap.settings import LANGUAGES


def locale() -> str:
    """Give the language of this request: ``zh_CN`` or ``en``."""
    if not has_request_context():
        return str(current_app.config["LANGUAGE"])
    asked = _asked() or session.get("language")
    return asked if asked in LANGUAGES else str(current_app.config["LANGUAGE"])


class _Words(Domain):  # type: ignore[misc]
    """The catalogues, found by our own name of the language."""

    def get_translations(self) -> NullTranslations:
        """Give the catalogue of this request's language."""
        return catalogue(self.translation_directories[0], locale())


class Translator(Babel):  # type: ignore[misc]
    """Flask-Babel with our catalogues.

    Babel reads ``zh_CN`` as ``zh_Hans_CN`` and would look for a folder of that name.
    """

    @property
    def domain_instance(self) -> _Words:
        """Give the catalogues of messages."""
        return _Words()


@lru_cache(maxsize=8)
def catalogue(folder: str, language: str) -> NullTranslations:
    """Read a catalogue from its folder, once."""
    return Translations.load(folder, [language])


def keep_choice() -> None:
    """Remember a language that was asked for in the address of a page."""
    asked = _asked()
    if asked is not None and session.get("language") != asked:
        session["language"] = asked


def _asked() -> str | None:
    # a refused address cannot even be read as text; its refusal still has a language
    asked = request.args.get("lang") if g.get("address_is_clean") else None
    asked = "zh_CN" if asked == "zh" else asked
    return asked if asked in LANGUAGES else None
