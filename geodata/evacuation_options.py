"""How an evacuation is drafted: needs that count, limits, order, and the words for reasons."""

from dataclasses import dataclass

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
    "no_accessible_shelter",
    "too_far",
    "too_large",
    "full",
)
"""Why a household is not served; the first that applies is given.

not_snapped: no street within reach. no_shelter: no shelter is left open outside the hazard.
no_road: no shelter on its streets, even were there no hazard. no_exit: none without entering the
hazard again, even were nothing blocked. cut_off: what is blocked or closed lies between.
no_accessible_shelter: shelters are in reach, but none that is accessible. too_far: farther than
the options allow. too_large: more people than any of its shelters holds. full: no room left.
"""

OUT_REASONS = ("in_hazard", "closed", "no_capacity", "not_snapped", "blocked", "behind_hazard")
"""Why a shelter is not used; the first that applies is given."""


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
    needs, accessible_needs
        Columns of households, where present, that count as needs, and that need an accessible
        shelter.
    per_wave
        People who may leave in one wave; None for one wave of those with needs and one of all
        others.
    wave_interval_seconds
        Time between two waves.
    bridges_clear
        Whether bridges and tunnels across the hazard stay usable for people who have left it.
        By default what crosses the hazard lies in it: a bridge over a flood may be cut off at
        its heads.
    """

    profile: str | None = None
    max_metres: float = 200.0
    walk_limit_seconds: float | None = None
    tolerance: float | None = None
    needs: tuple[str, ...] = NEEDS
    accessible_needs: tuple[str, ...] = ACCESSIBLE_NEEDS
    per_wave: int | None = None
    wave_interval_seconds: float = 0.0
    bridges_clear: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        limit, tolerance = self.walk_limit_seconds, self.tolerance
        if limit is not None and not limit >= 0:
            raise GeodataError(f"walk_limit_seconds {limit!r} is not zero or more")
        if tolerance is not None and not tolerance >= 1:
            raise GeodataError(f"tolerance {tolerance!r} is not one or more")
        if self.per_wave is not None and not self.per_wave >= 1:
            raise GeodataError(f"per_wave {self.per_wave!r} is not one or more")
        if not (self.max_metres >= 0 and self.wave_interval_seconds >= 0):
            raise GeodataError("max_metres and wave_interval_seconds are zero or more")
