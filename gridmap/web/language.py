"""The language of an answer: asked for, chosen before, or the deployment's."""

from flask import current_app, has_request_context, request, session

from gridmap.settings import LANGUAGES


def locale() -> str:
    """Give the language of this request: ``zh_CN`` or ``en``."""
    if not has_request_context():
        return str(current_app.config["LANGUAGE"])
    asked = request.args.get("lang") or session.get("language")
    if asked == "zh":
        asked = "zh_CN"
    return asked if asked in LANGUAGES else str(current_app.config["LANGUAGE"])


def named(row: "dict[str, object]", chinese: str = "name_zh", english: str = "name_en") -> str:
    """Pick the name of a row in the language of this request."""
    if locale() == "en" and row.get(english):
        return str(row[english])
    return str(row.get(chinese) or "")
