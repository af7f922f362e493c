"""Words for the facts of a household and for why a visit is due, in the language of the page."""

from flask_babel import gettext

from gridmap.model import care_words
from gridmap.model.care_words import word
from gridmap.web.language import locale


def _english() -> bool:
    return locale() == "en"


def fact_label(name: str) -> str:
    """Give the question a form puts."""
    return word(care_words.FACTS, name, english=_english())


def choice_label(value: str) -> str:
    """Give the words of one choice."""
    return word(care_words.CHOICES, value, english=_english())


def need_label(kind: str) -> str:
    """Give the words of a need; a kind of the county's own is shown as it is written."""
    return word(care_words.NEEDS, kind, english=_english())


def heading(field: str) -> str:
    """Give the heading of a column of an export."""
    return word(care_words.HEADINGS, field, english=_english())


def due_reason(needs: list[str] | None) -> str:
    """Say why a visit is due: by which needs, where they may be read."""
    if not needs:
        return str(gettext("到了走访的日子"))
    joined = (", " if _english() else "、").join(need_label(kind) for kind in needs)
    return str(gettext("{needs}：到了走访的日子").format(needs=joined))


def missed_reasons() -> list[str]:
    """Give the reasons a member taps instead of typing."""
    return [found[1 if _english() else 0] for found in care_words.MISSED.values()]
