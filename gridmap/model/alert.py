"""Warnings in the words of the law and in those of CAP 1.2: levels, classes, kinds."""

from collections.abc import Iterable, Mapping

from gridmap.model.hazard import CLASS_OF

# level of the law to severity of CAP, and back
SEVERITY_OF: Mapping[str | None, str] = {
    "red": "Extreme",
    "orange": "Severe",
    "yellow": "Moderate",
    "blue": "Minor",
    None: "Unknown",
}
_LEVEL_OF = {severity: level for level, severity in SEVERITY_OF.items() if level is not None}
_COLOURS = {
    "red": ("红", "red"),
    "orange": ("橙", "orange"),
    "yellow": ("黄", "yellow"),
    "blue": ("蓝", "blue"),
}
CATEGORY_OF: Mapping[str, str] = {
    "flood": "Met", "waterlogging": "Met", "landslide": "Geo", "debris_flow": "Geo",
    "earthquake": "Geo", "typhoon": "Met", "rainstorm": "Met", "wind": "Met", "snow": "Met",
    "heat": "Met", "forest_fire": "Fire", "drought": "Met", "fire": "Fire", "gas": "CBRNE",
    "chemical": "CBRNE", "collapse": "Infra", "traffic": "Transport", "power": "Infra",
    "dam": "Infra", "explosion": "CBRNE", "epidemic": "Health", "food": "Health",
    "water_supply": "Health", "animal_disease": "Health", "crowd": "Security",
    "violence": "Security", "security": "Security",
}  # fmt: skip
# words of an event that tell its kind, the more particular first
_WORDS = (
    ("forest_fire", ("森林火", "forest fire", "wildfire")),
    ("waterlogging", ("积水", "内涝", "waterlogging")),
    ("debris_flow", ("泥石流", "debris flow", "mudslide")),
    ("landslide", ("滑坡", "山洪地质", "地质灾害", "landslide")),
    ("flood", ("洪", "水位", "flood")),
    ("typhoon", ("台风", "typhoon", "hurricane")),
    ("rainstorm", ("暴雨", "rain")),
    ("earthquake", ("地震", "earthquake")),
    ("snow", ("雪", "snow", "blizzard")),
    ("heat", ("高温", "heat")),
    ("drought", ("干旱", "drought")),
    ("wind", ("大风", "wind", "gale")),
    ("gas", ("燃气", "gas leak")),
    ("chemical", ("危化", "化学", "chemical")),
    ("fire", ("火", "fire")),
    ("food", ("食品", "food")),
    ("epidemic", ("疫", "传染", "epidemic")),
)
_KIND_OF_CATEGORY = {
    "Geo": "landslide",
    "Met": "rainstorm",
    "Fire": "fire",
    "Health": "epidemic",
    "Security": "security",
    "CBRNE": "chemical",
    "Transport": "traffic",
    "Infra": "power",
}


def kind_of(event: str, categories: Iterable[str]) -> str | None:
    """Guess the kind of a hazard from a warning's event, else from its category; None if neither.

    Whoever declares it sees the guess and may choose another.
    """
    words = event.lower()
    for kind, signs in _WORDS:
        if any(sign in words for sign in signs):
            return kind
    return next((_KIND_OF_CATEGORY[c] for c in categories if c in _KIND_OF_CATEGORY), None)


def class_of(kind: str | None) -> str | None:
    """Give the class of the law of a kind; None where it is not known."""
    return None if kind is None else CLASS_OF.get(kind)


def level_of(severity: str, words: Iterable[str]) -> str | None:
    """Give the level: the colour that is named, else the one the severity stands for."""
    for text in words:
        lower = text.lower()
        named = [level for level, signs in _COLOURS.items() if any(s in lower for s in signs)]
        if len(named) == 1:
            return named[0]
    return _LEVEL_OF.get(severity)
