"""Words of messages in a language: levels, kinds of hazards, texts filled in, a drill's mark."""

from collections.abc import Iterable, Mapping
from typing import Any

from gridmap.model.message_texts import TEXTS

LANGUAGES = ("zh_CN", "en")
# in front of everything that goes out in an exercise; the database insists on it
DRILL = {"zh_CN": "【演练】", "en": "[EXERCISE] "}

LEVELS: dict[str, tuple[str, str]] = {
    "red": ("红色 Ⅰ级", "red, level I"),
    "orange": ("橙色 Ⅱ级", "orange, level II"),
    "yellow": ("黄色 Ⅲ级", "yellow, level III"),
    "blue": ("蓝色 Ⅳ级", "blue, level IV"),
}
# What a hazard is called aloud where it has no name in the language.
HAZARDS: dict[str, tuple[str, str]] = {
    "flood": ("洪水", "flood"),
    "flash_flood": ("山洪", "flash flood"),
    "waterlogging": ("内涝", "waterlogging"),
    "rainstorm": ("暴雨", "rainstorm"),
    "typhoon": ("台风", "typhoon"),
    "landslide": ("滑坡", "landslide"),
    "debris_flow": ("泥石流", "debris flow"),
    "rockfall": ("崩塌", "rockfall"),
    "collapse": ("坍塌", "collapse"),
    "earthquake": ("地震", "earthquake"),
    "fire": ("火灾", "fire"),
    "forest_fire": ("森林火灾", "forest fire"),
    "explosion": ("爆炸", "explosion"),
    "gas_leak": ("燃气泄漏", "gas leak"),
    "chemical": ("危险化学品泄漏", "chemical spill"),
    "traffic": ("交通事故", "traffic accident"),
    "epidemic": ("疫情", "epidemic"),
}
# What a shelter has to have ready, of what its rule names; the rest stands on its sheet.
SUPPLIES: dict[str, tuple[str, str]] = {
    "drinking_water": ("一天饮水 {n} 升", "drinking water for a day {n} litres"),
    "beds": ("床 {n} 张", "beds {n}"),
    "blankets": ("被子 {n} 条", "blankets {n}"),
    "toilets": ("厕位 {n} 个", "toilets {n}"),
}
_OTHER = ("险情", "emergency")


def which(language: str) -> int:
    """Give the place of a language in a pair of words."""
    return 1 if language == "en" else 0


def level(severity: str | None, language: str) -> str | None:
    """Name a level; None for what has none."""
    return LEVELS[severity][which(language)] if severity in LEVELS else None


def hazard(kind: str, language: str) -> str:
    """Name a kind of hazard."""
    return HAZARDS.get(kind, _OTHER)[which(language)]


def danger(name: str, severity: str | None, language: str) -> str:
    """Name a hazard with its level, if it has one."""
    found = level(severity, language)
    return name if found is None else f"{name}{', ' if language == 'en' else '，'}{found}"


def joined(words: Iterable[str], language: str) -> str:
    """Put words behind one another."""
    return (", " if language == "en" else "、").join(words)


def fill(kind: str, language: str, values: Mapping[str, Any]) -> str:
    """Write a text of a kind.

    Parameters
    ----------
    values
        What its lines name. A line one of whose fields is missing, None, False or 0 is left out;
        a field that begins with ``?`` only decides on its line.
    """
    written = [
        line for pair in TEXTS[kind] if (line := _line(pair[which(language)], values)) is not None
    ]
    return "".join(written).strip()


def in_each(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Write a text in every language; a value that is a mapping is taken by language."""
    return {
        language: fill(
            kind,
            language,
            {
                name: value[language] if isinstance(value, Mapping) else value
                for name, value in values.items()
            },
        )
        for language in LANGUAGES
    }


def pair(chinese: str, english: str | None) -> dict[str, str]:
    """Give a name by language; the Chinese one where there is no other."""
    return {"zh_CN": chinese, "en": english or chinese}


def _line(template: str, values: Mapping[str, Any]) -> str | None:
    names = _names(template)
    if not all(_there(name, values) for name in names):
        return None
    shown = {name: values.get(name, "") for name in names if not name.startswith("?")}
    return template.format(**shown, **{name: "" for name in names if name.startswith("?")})


def _there(name: str, values: Mapping[str, Any]) -> bool:
    given = values.get(name.removeprefix("?"))
    return given is not None and given not in {0, ""}


def _names(template: str) -> list[str]:
    return [part.split("}", 1)[0] for part in template.split("{")[1:]]


def marked(text: str, language: str, *, exercise: bool) -> str:
    """Give a text as it goes out: that of a drill says so before anything else, once."""
    words = text.strip()
    if not exercise:
        return words
    for mark in DRILL.values():
        words = words.removeprefix(mark.strip()).strip()
    return DRILL[language] + words
