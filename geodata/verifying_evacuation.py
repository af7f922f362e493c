"""The independent checker of an evacuation draft: what can be proven of it without a search.

It shares no code with what makes drafts. From the inputs and the frames of a draft it proves:
everybody affected is served or listed, once; no shelter is over its room, nobody in one that is
closed, in the hazard or has steps for whom that is too much; households and groups are whole;
every way is a way on streets this traveller may use, from door to door, passes nothing blocked
and enters the hazard no more once it has left it; every figure is the sum of its rows; and who is
called safe from a single failure has somewhere to go on a street graph that forbids nothing. What
it cannot prove: that no better draft exists beyond what `bound` says, and reasons that are about
ways that do not exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.verifying_evacuation_people import PeopleCheck
from geodata.verifying_evacuation_robust import RobustCheck
from geodata.verifying_evacuation_totals import TotalsCheck
from geodata.verifying_evacuation_ways import WaysCheck
from geodata.verifying_findings import Altered, Findings

__all__ = ["Altered", "Given", "Verdict", "verify"]

METRES_OF_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class Given:
    """What a draft was made from, as the checker reads it.

    Attributes
    ----------
    roads, households, shelters
        Frames in the CRS of the households.
    hazard, blocked, water
        One geometry each in that CRS; may be empty.
    options
        Values by name; a missing one is the usual one.
    profile
        Who travels.
    metre
        Length of a metre in units of the CRS.
    """

    roads: Any
    households: Any
    shelters: Any
    hazard: Any
    blocked: Any
    water: Any
    options: Mapping[str, Any]
    profile: str
    metre: float


@dataclass(frozen=True)
class Verdict:
    """What the checker says of a draft.

    Attributes
    ----------
    altered
        Everything that cannot be right, empty if the draft is sound.
    more
        How many more there are than are named.
    counts
        How many households, ways and shelters were looked at.
    """

    altered: tuple[Altered, ...]
    more: int
    counts: Mapping[str, int]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.altered


def verify(  # noqa: PLR0913 - everything a draft was made from
    roads: Any,
    households: Any,
    shelters: Any,
    hazard: Any,
    draft: Any,
    blocked: Any = None,
    options: Any = None,
    water: Any = None,
    profile: str = "walk",
) -> Verdict:
    """Check a draft.

    Parameters
    ----------
    roads
        The frame the network was made from.
    households, shelters, hazard, blocked, water
        As for `evacuation.draft`.
    draft
        Anything with its attributes: the frames `assignments`, `routes`, `loads`, `unserved` and,
        where there, `alternates`; the mapping `totals`; `person_seconds` and `bound`.
    options
        As for `evacuation.draft`, or a mapping of their values; None for the usual ones.
    profile
        Key of the profile of the network.
    """
    crs = households.crs
    given = Given(
        roads.to_crs(crs),
        households,
        shelters.to_crs(crs),
        _joined(hazard, crs),
        _joined(blocked, crs),
        _joined(water, crs),
        _values(options),
        profile,
        1 / METRES_OF_A_DEGREE if crs.is_geographic else 1.0,
    )
    findings = Findings()
    for name in ("assignments", "unserved", "loads"):
        labels = np.array([str(label) for label in getattr(draft, name).index], dtype=object)
        findings.label(name, labels)
        if name == "assignments":
            findings.label("routes", labels)
            findings.label("alternates", labels)
    people = PeopleCheck(findings, given, draft)
    people.all()
    WaysCheck(findings, given, draft).all()
    TotalsCheck(findings, given, draft).all()
    RobustCheck(findings, given, draft).all()
    counts = {
        "affected": len(people.affected),
        "ways": len(draft.routes),
        "shelters": len(shelters),
    }
    return Verdict(tuple(findings.found), findings.more, counts)


def _values(options: Any) -> Mapping[str, Any]:
    if options is None:
        return {}
    return options if isinstance(options, Mapping) else vars(options)


def _joined(areas: Any, crs: Any) -> Any:
    """Join areas into one geometry in a CRS; bare ones are in it already."""
    if areas is None:
        return shapely.Polygon()
    if hasattr(areas, "to_crs"):
        areas = areas.to_crs(crs).geometry.to_numpy()
    parts = [areas] if hasattr(areas, "geom_type") else list(areas)
    return shapely.union_all(np.array(parts, dtype=object))
