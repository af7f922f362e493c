"""What may be asked of an evacuation draft: limits and rules, kept with the plan and printed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from gridmap.model.problem import bad_input

ROBUST = ("none", "shelter")
BRIDGES = ("kept", "closed")
PROFILE = "walk"

# the range of each number, and what it counts
RANGES: Mapping[str, tuple[float, float]] = {
    "tolerance": (1.0, 20.0),
    "m2_per_person": (0.5, 20.0),
    "walk_limit_minutes": (5, 600),
    "slide_bearing": (0.0, 360.0),
    "wave_people": (1, 1_000_000),
    "wave_minutes": (1, 240),
    "deadline_minutes": (5, 2_880),
}


@dataclass(frozen=True)
class PlanOptions:
    """How a draft is made; what is None limits nothing.

    Attributes
    ----------
    tolerance
        Nobody is sent more than this many times as far as to the nearest shelter.
    m2_per_person
        Room for each person; a shelter of known area holds no more than that gives.
    walk_limit_minutes
        Nobody walks longer.
    bridges
        `closed`: bridges over water are taken as lost.
    slide_bearing
        Where the ground moves to, in degrees; ways do not lead there.
    robust
        `shelter`: any one shelter may fail and everybody still has a place, at a price in time.
    wave_people, wave_minutes
        How many set out at once, and how long the next ones wait.
    vehicles
        Those who cannot walk are fetched.
    together
        Carers stay with those they look after.
    deadline_minutes
        Until when everybody is to be out; who cannot is told the bridge that is too narrow.
    """

    tolerance: float | None = None
    m2_per_person: float | None = None
    walk_limit_minutes: int | None = None
    bridges: str = "kept"
    slide_bearing: float | None = None
    robust: str = "none"
    wave_people: int | None = None
    wave_minutes: int | None = None
    vehicles: bool = True
    together: bool = True
    deadline_minutes: int | None = None

    def __post_init__(self) -> None:
        """Refuse what means nothing, every fault with its place."""
        faults = [
            {"place": f"options.{name}", "message": f"between {low:g} and {high:g}"}
            for name, (low, high) in RANGES.items()
            if (value := getattr(self, name)) is not None and not low <= value <= high
        ]
        for name, words in (("bridges", BRIDGES), ("robust", ROBUST)):
            if getattr(self, name) not in words:
                faults.append(
                    {"place": f"options.{name}", "message": f"this is one of {', '.join(words)}"}
                )
        if (self.wave_people is None) != (self.wave_minutes is None):
            faults.append(
                {
                    "place": "options.wave_minutes",
                    "message": "how many people and how many minutes are given together",
                }
            )
        if faults:
            raise bad_input("the plan cannot be drafted like that", faults)

    def kept(self) -> dict[str, Any]:
        """Give what is stored with the plan: every option by name."""
        return {"profile": PROFILE, **asdict(self)}


def read(kept: Mapping[str, Any] | None) -> PlanOptions:
    """Read what was stored with a plan; one made before there were options has none of them."""
    known = {field.name for field in fields(PlanOptions)}
    given = {name: value for name, value in (kept or {}).items() if name in known}
    if not {"vehicles", "together"} & set(given):
        given |= {"vehicles": False, "together": False}
    return PlanOptions(**given)
