"""Kinds and classes of hazards, and the levels of a warning; the database holds the same."""

from collections.abc import Mapping

# Of the emergency response law, article 2, in its order. Only the first three have levels.
CLASSES = ("natural", "accident", "health", "security")
LEVELS = ("red", "orange", "yellow", "blue")
KINDS: Mapping[str, tuple[str, ...]] = {
    "natural": (
        "flood",
        "waterlogging",
        "landslide",
        "debris_flow",
        "earthquake",
        "typhoon",
        "rainstorm",
        "wind",
        "snow",
        "heat",
        "forest_fire",
        "drought",
    ),
    "accident": (
        "fire",
        "gas",
        "chemical",
        "collapse",
        "traffic",
        "power",
        "dam",
        "explosion",
    ),
    "health": ("epidemic", "food", "water_supply", "animal_disease"),
    "security": ("crowd", "violence", "security"),
}
CLASS_OF: Mapping[str, str] = {kind: name for name, kinds in KINDS.items() for kind in kinds}
# Events of social security carry no level: the law of the field gives them none.
WITHOUT_LEVEL = frozenset(KINDS["security"])
LONGEST_NOTE = 2000
LONGEST_REASON = 500
