"""The language of an answer: asked for, chosen before, or the deployment's."""

from flask import current_app, g, has_request_context, request, session

from gridmap.settings import LANGUAGES


def locale() -> str:
    """Give the language of this request: ``zh_CN`` or ``en``."""
    if not has_request_context():
        return str(current_app.config["LANGUAGE"])
    asked = _asked() or session.get("language")
    return asked if asked in LANGUAGES else str(current_app.config["LANGUAGE"])


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
