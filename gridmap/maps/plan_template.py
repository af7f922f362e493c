"""A plan template as PDF, A4: its sections, the action list and the call tree as a tree."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.maps import press
from gridmap.maps.sheet_words import Look, templates

STYLES = ("after_action_paper.css", "plan_template_paper.css")


def pdf(template: Mapping[str, Any], look: Look) -> bytes:
    """Make a version of a template as PDF; the same version gives the same bytes.

    Parameters
    ----------
    template
        As `services.plan_templates.printed` gives it.
    """
    return press.pdf(document(template, look), STYLES, look)


def document(template: Mapping[str, Any], look: Look) -> str:
    """Write a version of a template as one HTML document."""
    english = look.language == "en"

    def words(one: Mapping[str, Any] | None) -> str:
        # the Chinese one where nobody has written the English
        return "" if one is None else str((english and one.get("en")) or one["zh"])

    content = template["content"]
    made = datetime.fromisoformat(template["created_at"]).astimezone(ZoneInfo(look.zone))
    return (
        templates(look.language)
        .get_template("plan_template_paper.html")
        .render(
            one=template,
            content=content,
            roles={each["key"]: words(each) for each in content["organisation"]},
            words=words,
            language=look.language,
            created=made.isoformat(timespec="seconds"),
            made=f"{made:%Y-%m-%d}",
        )
    )
