"""What "reached" means: a coverage standard, its parts and what they may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

PROFILES = ("walk", "drive", "truck", "emergency")
DIRECTIONS = ("to_household", "to_facility")
MEASURES = ("seconds", "metres")
AREA_TYPES = ("any", "urban", "village")
# What may be crossed by a bridge or tunnel only.
BARRIERS = ("motorway", "trunk", "railway", "river")
# Least and greatest limit that is taken: beyond it somebody has mistaken the unit.
LIMITS: Mapping[str, tuple[float, float]] = {"seconds": (10, 14_400), "metres": (10, 100_000)}
# How readily people go to what is far, where scores are computed beside the cover.
SCORES = ("none", "slow", "sharp")
MOST_BANDS = 6
FASTEST = 3.0  # times the usual speed
MOST_KM2 = 1_000.0


@dataclass(frozen=True)
class Band:
    """How fast streets are at some time, or for some people.

    Attributes
    ----------
    speeds
        Share of the usual speed by class of street; ``*`` is for all that are not named.
    """

    key: str
    name_zh: str
    name_en: str
    speeds: Mapping[str, float]


DAY = Band("day", "白天", "Day", {"*": 1.0})


@dataclass(frozen=True)
class Definition:
    """One version of a standard, as it is stored.

    Attributes
    ----------
    measure, max_value
        What is limited, and to how much: seconds or metres.
    area_type
        Of whose households it speaks.
    bands
        The first one decides who counts as covered.
    area_rule
        Square kilometres a facility may serve, by its level.
    scores
        Weights of the catchment scores computed beside the cover; ``none``: there are none.
    slider
        Least and greatest limit to look at on the map.
    valid_from
        First day; it holds until a later version does.
    """

    key: str
    name_zh: str
    name_en: str
    facility_kinds: tuple[str, ...]
    profile: str
    direction: str
    measure: str
    max_value: float
    slider: tuple[float, float]
    source: str
    valid_from: date | None = None
    capacity: bool = False
    area_type: str = "any"
    barriers: tuple[str, ...] = ()
    bands: tuple[Band, ...] = (DAY,)
    area_rule: Mapping[str, float] = field(default_factory=dict)
    scores: str = "none"

    def said(self) -> dict[str, Any]:
        """Give what it says, without its day: what two versions are compared by."""
        return {
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "facility_kinds": list(self.facility_kinds),
            "profile": self.profile,
            "direction": self.direction,
            "measure": self.measure,
            "max_value": float(self.max_value),
            "capacity": self.capacity,
            "area_type": self.area_type,
            "barriers": list(self.barriers),
            "bands": [
                {
                    "key": band.key,
                    "name_zh": band.name_zh,
                    "name_en": band.name_en,
                    "speeds": {name: float(share) for name, share in band.speeds.items()},
                }
                for band in self.bands
            ],
            "area_rule": {level: float(km2) for level, km2 in self.area_rule.items()},
            "scores": self.scores,
            "slider_min": float(self.slider[0]),
            "slider_max": float(self.slider[1]),
            "source": self.source,
        }
