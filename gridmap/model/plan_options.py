"""What may be asked of an evacuation draft: limits and rules, kept with the plan and printed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from gridmap.model.problem import bad_input

ROBUST = ("none", "shelter", "road", "any")
BRIDGES = ("kept", "closed")
STAGING = ("auto", "always", "never")
PROFILE = "walk"
MOST_WITHOUT = 200  # shelters that are left out

# the range of each number, and what it counts
RANGES: Mapping[str, tuple[float, float]] = {
    "tolerance": (1.0, 20.0),
    "m2_per_person": (0.5, 20.0),
    "walk_limit_minutes": (5, 600),
    "slide_bearing": (0.0, 360.0),
    "wave_people": (1, 1_000_000),
    "wave_minutes": (1, 240),
    "deadline_minutes": (5, 2_880),
    "assembly_minutes": (1, 60),
    "assembly_people": (20, 10_000),
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
        What may fail so that everybody still has a way and a place, at a price in time: any one
        `shelter`, any one `road`, or `any` of both.
    wave_people, wave_minutes
        How many set out at once, and how long the next ones wait.
    vehicles
        Those who cannot walk are fetched.
    together
        Carers stay with those they look after.
    deadline_minutes
        Until when everybody is to be out; who cannot is told the bridge that is too narrow.
    assembly_minutes, assembly_people
        Longest walk to the point where neighbours meet, None for no such points, and how many
        people meet at one.
    walk_first
        Those who can walk do so where it is faster, or to a point where one stop serves many.
    staging
        Whether people are called in waves that the streets can take: `auto` where that saves
        waiting and hardly delays the last, see `services/plan_staging`.
    without
        Ids of shelters that are left out of this plan, though they are open.
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
    assembly_minutes: int | None = 15
    assembly_people: int = 500
    walk_first: bool = True
    staging: str = "auto"
    without: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what means nothing, every fault with its place."""
        faults = [
            {"place": f"options.{name}", "message": f"between {low:g} and {high:g}"}
            for name, (low, high) in RANGES.items()
            if (value := getattr(self, name)) is not None and not low <= value <= high
        ]
        for name, words in (
            ("bridges", BRIDGES),
            ("robust", ROBUST),
            ("staging", STAGING),
        ):
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
        object.__setattr__(self, "without", tuple(sorted(set(self.without))))
        if len(self.without) > MOST_WITHOUT:
            faults.append(
                {"place": "options.without", "message": f"at most {MOST_WITHOUT} shelters"}
            )
        if faults:
            raise bad_input("the plan cannot be drafted like that", faults)

    def kept(self) -> dict[str, Any]:
        """Give what is stored with the plan: every option by name."""
        return {"profile": PROFILE, **asdict(self), "without": list(self.without)}


def read(kept: Mapping[str, Any] | None) -> PlanOptions:
    """Read what was stored with a plan; one made before there were options has none of them."""
    known = {field.name for field in fields(PlanOptions)}
    given = {name: value for name, value in (kept or {}).items() if name in known}
    if not {"vehicles", "together"} & set(given):
        given |= {"vehicles": False, "together": False}
    if not {"assembly_minutes", "walk_first", "staging"} & set(given):
        given |= {"assembly_minutes": None, "walk_first": False, "staging": "never"}
    return PlanOptions(**given)
