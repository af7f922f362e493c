"""How an evacuation is drafted: needs that count, limits, order, and the words for reasons."""

from dataclasses import dataclass

import numpy as np

from geodata.errors import GeodataError

NEEDS = (
    "needs",
    "vulnerable",
    "needs_accessible",
    "wheelchair",
    "bedridden",
    "disabled",
    "elderly",
    "elderly_alone",
    "left_behind_child",
    "left_behind_elder",
    "infant",
    "pregnant",
    "chronic",
)
"""Columns of households that make them leave first, if present: yes/no, or how many people."""

ACCESSIBLE_NEEDS = ("needs_accessible", "wheelchair", "bedridden")
"""Those of them that need a shelter one can enter without steps."""

REASONS = (
    "not_snapped",
    "no_shelter",
    "no_road",
    "no_exit",
    "cut_off",
    "no_common_shelter",
    "no_accessible_shelter",
    "too_far",
    "too_large",
    "full",
)
"""Why a household is not served; the first that applies is given.

not_snapped: no street within reach. no_shelter: no shelter is left open outside the hazard.
no_road: no shelter on its streets, even were there no hazard. no_exit: none without entering the
hazard again, even were nothing blocked. cut_off: what is blocked or closed lies between.
no_common_shelter: each of those kept together has shelters in reach, but none is in reach of all.
no_accessible_shelter: shelters are in reach, but none that is accessible. too_far: farther than
the options allow. too_large: more people, those kept together counted as one household, than any
of its shelters holds. full: no room left.
"""

OUT_REASONS = ("in_hazard", "closed", "no_capacity", "not_snapped", "blocked", "behind_hazard")
"""Why a shelter is not used; the first that applies is given."""

ROBUST = ("none", "shelter", "road", "any")
"""What a draft survives: nothing, any one shelter that fails, any one street, or any of both."""

BRIDGES = ("kept", "closed")
"""What becomes of bridges and tunnels that cross water."""


@dataclass(frozen=True)
class Options:
    """How an evacuation is drafted.

    Attributes
    ----------
    profile
        Key of the profile the network must have; None takes it as it is.
    max_metres
        Farthest straight leg between a place and its street.
    walk_limit_seconds
        No household is sent farther; None for no limit.
    tolerance
        No household is sent more than this many times as far (in seconds) as its nearest
        shelter; None for no limit. 1.0 sends everyone to the nearest one or nowhere.
    tolerance_price
        Whether the totals say what the tolerance costs; the ways are found once more for it.
    needs, accessible_needs
        Columns of households, where present, that count as needs, and that need an accessible
        shelter.
    per_wave
        People who may leave in one wave; None for one wave of those with needs and one of all
        others.
    wave_interval_seconds
        Time between two waves.
    m2_per_person
        Square metres each person needs; a shelter whose `area_m2` is known then takes no more
        people than its area allows. None counts people only.
    slide_bearing
        Degrees from north, clockwise, towards which the ground in the hazard moves. Ways in the
        hazard then lead to the sides or uphill; along the slide only for those who have no other
        way to any shelter that suits them; see `slide_directions`.
    bridges
        `kept` leaves bridges and tunnels open whatever lies under them; `closed` shuts those that
        cross the areas given as water: in a flood their piers and heads may go.
    robust
        `shelter` drafts so that as many people as possible have a bed whichever shelter fails,
        `road` so that they have a way and a bed whichever street fails, `any` both; see
        `evacuation_robust`. `none` looks at the time alone.
    bridges_clear
        Whether bridges and tunnels across the hazard stay usable for people who have left it.
        By default what crosses the hazard lies in it: a bridge over a flood may be cut off at
        its heads.
    """

    profile: str | None = None
    max_metres: float = 200.0
    walk_limit_seconds: float | None = None
    tolerance: float | None = None
    tolerance_price: bool = False
    needs: tuple[str, ...] = NEEDS
    accessible_needs: tuple[str, ...] = ACCESSIBLE_NEEDS
    per_wave: int | None = None
    wave_interval_seconds: float = 0.0
    bridges_clear: bool = False
    m2_per_person: float | None = None
    slide_bearing: float | None = None
    bridges: str = "kept"
    robust: str = "none"

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        limit, tolerance = self.walk_limit_seconds, self.tolerance
        if limit is not None and not limit >= 0:
            raise GeodataError(f"walk_limit_seconds {limit!r} is not zero or more")
        if tolerance is not None and not tolerance >= 1:
            raise GeodataError(f"tolerance {tolerance!r} is not one or more")
        if self.per_wave is not None and not self.per_wave >= 1:
            raise GeodataError(f"per_wave {self.per_wave!r} is not one or more")
        if self.m2_per_person is not None and not 0 < self.m2_per_person < np.inf:
            raise GeodataError(f"m2_per_person {self.m2_per_person!r} is not above zero")
        if self.slide_bearing is not None and not 0 <= self.slide_bearing <= 360:
            raise GeodataError(f"slide_bearing {self.slide_bearing!r} is not from 0 to 360 degrees")
        if self.robust not in ROBUST:
            raise GeodataError(f"robust {self.robust!r} is not one of {', '.join(ROBUST)}")
        if self.bridges not in BRIDGES:
            raise GeodataError(f"bridges {self.bridges!r} is not one of {', '.join(BRIDGES)}")
        if not (self.max_metres >= 0 and self.wave_interval_seconds >= 0):
            raise GeodataError("max_metres and wave_interval_seconds are zero or more")
