"""Who may travel a street, which way and how fast: one profile per kind of traveller.

A profile is a value, so a county that knows its own speeds or vehicles passes
``dataclasses.replace(PROFILES["drive"], speeds={...})`` where the name would stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import Fault, GeodataError

WALK_KMH = 5.0
"""Walking speed, also of the straight leg between a place and its street."""

DRIVE_KMH: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 80.0,
        "motorway_link": 40.0,
        "trunk": 60.0,
        "trunk_link": 40.0,
        "primary": 40.0,
        "primary_link": 30.0,
        "secondary": 30.0,
        "secondary_link": 30.0,
        "tertiary": 30.0,
        "tertiary_link": 30.0,
        "unclassified": 20.0,
        "residential": 20.0,
        "living_street": 10.0,
        "service": 15.0,
        "track": 15.0,
    }
)
"""Kilometres an hour where a street declares no limit.

The lowest design speed of the matching class: JTG B01-2014 for the motorway (80), CJJ 37-2012
table 3.2.1 for urban streets (express 60, arterial 40, sub-arterial 30, branch 20). The lowest is
taken because a plan that promises five minutes must hold in ordinary traffic. Links, yards
and tracks have no entry there; theirs are this project's choice.
"""

SLOWEST_KMH, FASTEST_KMH = 0.1, 1000.0
"""A street slower or faster than this is a slip of the pen."""

LEAST_SHARE, MOST_SHARE = 0.01, 10.0
"""What `Profile.slowed` takes; beyond it a share is a slip of the pen."""

_NOT_DRIVEN = frozenset({"footway", "path", "pedestrian", "steps", "cycleway"})
_NOT_WALKED = frozenset({"motorway", "motorway_link"})


@dataclass(frozen=True)
class Profile:
    """A kind of traveller.

    Attributes
    ----------
    key
        Name of the profile; a coverage standard names the profile it is measured with.
    forbidden
        Values of `highway` that this traveller never uses.
    speeds
        Kilometres an hour by `highway` where no `maxspeed_kmh` is declared.
    other_kmh
        Kilometres an hour of the classes that `speeds` does not name.
    heeds_maxspeed
        Whether a declared `maxspeed_kmh` is the speed travelled.
    heeds_oneway
        Whether one-way streets are travelled one way only.
    height_m, weight_t, width_m
        Size of the vehicle; a street with a lower limit is not used. None heeds no limit.
    on_foot
        Whether this traveller walks: then straight legs are as slow as streets are.
    shares
        Share of the usual speed that is travelled, by `highway`; ``*`` is for all that are not
        named. See `slowed`.
    leg_kmh
        Kilometres an hour of the straight leg between a place and its street.
    """

    key: str
    forbidden: frozenset[str]
    speeds: Mapping[str, float] = field(default_factory=dict)
    other_kmh: float = 20.0
    heeds_maxspeed: bool = True
    heeds_oneway: bool = True
    height_m: float | None = None
    weight_t: float | None = None
    width_m: float | None = None
    on_foot: bool = False
    shares: Mapping[str, float] = field(default_factory=dict)
    leg_kmh: float = WALK_KMH

    def __post_init__(self) -> None:
        """Refuse speeds nobody travels at."""
        named = {**self.speeds, "other_kmh": self.other_kmh, "leg_kmh": self.leg_kmh}
        faults = [
            Fault(f"{kmh!r} is no speed from {SLOWEST_KMH:g} to {FASTEST_KMH:g} km/h", None, name)
            for name, kmh in named.items()
            if not SLOWEST_KMH <= kmh <= FASTEST_KMH
        ]
        if faults:
            raise GeodataError(faults)

    def slowed(self, speeds: Mapping[str, float]) -> "Profile":
        """Return the same traveller at another time of day, in other weather, or older.

        Parameters
        ----------
        speeds
            Share of the speed travelled now by class of street, ``*`` for all that are not
            named (1 if missing): ``{"*": 0.75, "primary": 0.5}``. More than 1 is faster. Speed
            limits are shared out likewise.

        Raises
        ------
        GeodataError
            If a share is no number from 0.01 to 10; names the class.
        """
        faults = [
            Fault(f"{share!r} is no share from {LEAST_SHARE:g} to {MOST_SHARE:g}", None, name)
            for name, share in speeds.items()
            if not (isinstance(share, int | float) and LEAST_SHARE <= share <= MOST_SHARE)
        ]
        if faults:
            raise GeodataError(faults)
        every = speeds.get("*", 1.0)
        shares = {
            name: self.share(name) * speeds.get(name, every)
            for name in {*self.shares, *speeds, "*"}
        }
        leg = self.leg_kmh * every if self.on_foot else self.leg_kmh
        return replace(self, shares=shares, leg_kmh=leg)

    def share(self, highway: str) -> float:
        """Return the share of the usual speed that is travelled on a class of street."""
        return self.shares.get(highway, self.shares.get("*", 1.0))


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "walk": Profile(
            "walk",
            _NOT_WALKED,
            other_kmh=WALK_KMH,
            heeds_maxspeed=False,
            heeds_oneway=False,
            on_foot=True,
        ),
        "drive": Profile("drive", _NOT_DRIVEN, DRIVE_KMH),
        # GB 1589-2016: 4 m high and 2.55 m wide at most, two axles carry 18 t
        "truck": Profile(
            "truck", _NOT_DRIVEN, DRIVE_KMH, height_m=4.0, weight_t=18.0, width_m=2.55
        ),
        # Road Traffic Safety Law, article 53: on duty, not bound to the direction of a street
        "emergency": Profile("emergency", _NOT_DRIVEN, DRIVE_KMH, heeds_oneway=False),
    }
)
"""The profiles by name."""

_LIMITS = (("maxheight_m", "height_m"), ("maxweight_t", "weight_t"), ("maxwidth_m", "width_m"))


@dataclass(frozen=True)
class Travel:
    """What a profile makes of each road.

    Attributes
    ----------
    forward, backward
        Bool arrays: whether the road is travelled along its geometry, and against it.
    kmh
        Float array: speed on the road.
    """

    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    kmh: NDArray[np.float64]


def profile_of(profile: str | Profile) -> Profile:
    """Return the profile of that name, or the profile itself.

    Raises
    ------
    GeodataError
        If no profile has that name.
    """
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise GeodataError(f"no profile {profile!r}; there are {', '.join(PROFILES)}")
    return PROFILES[profile]


def travel(roads: gpd.GeoDataFrame, profile: Profile) -> Travel:
    """Tell which roads the profile uses, which way and how fast.

    Parameters
    ----------
    roads
        `highway`, and where known `oneway` (1 along the geometry, -1 against it, 0 both),
        `maxspeed_kmh`, `maxheight_m`, `maxweight_t`, `maxwidth_m`; a missing column or value
        is no limit.
    profile
        The traveller.

    Returns
    -------
    travel
        Arrays in the order of `roads`.

    Raises
    ------
    GeodataError
        If a class is missing, a `oneway` is not -1, 0 or 1, a limit is not a positive number,
        or a speed is none from 0.1 to 1000 km/h; names every row.
    """
    faults: list[Fault] = []
    highway = roads["highway"]
    faults += [
        Fault("the class of the street is missing", row, "highway")
        for row in roads.index[highway.isna()]
    ]
    oneway = numbers(roads, "oneway", faults)
    wrong = ~np.isnan(oneway) & ~np.isin(oneway, (-1.0, 0.0, 1.0))
    faults += [Fault("oneway is not -1, 0 or 1", row, "oneway") for row in roads.index[wrong]]
    limits = {column: _positive(roads, column, faults) for column, _ in _LIMITS}
    maxspeed = _positive(roads, "maxspeed_kmh", faults)
    absurd = (maxspeed > 0) & ~((maxspeed >= SLOWEST_KMH) & (maxspeed <= FASTEST_KMH))
    absurd &= np.isfinite(maxspeed)
    faults += [
        Fault(f"no speed from {SLOWEST_KMH:g} to {FASTEST_KMH:g} km/h", row, "maxspeed_kmh")
        for row in roads.index[absurd]
    ]
    if faults:
        raise GeodataError(faults)
    usable = ~highway.isin(profile.forbidden).to_numpy(dtype=bool)
    for column, size in _LIMITS:
        vehicle = getattr(profile, size)
        if vehicle is not None:
            usable &= ~(limits[column] < vehicle)
    kmh = highway.map(dict(profile.speeds)).to_numpy(dtype=float, na_value=np.nan)
    kmh = np.where(np.isnan(kmh), profile.other_kmh, kmh)
    if profile.heeds_maxspeed:
        kmh = np.where(np.isnan(maxspeed), kmh, maxspeed)
    if profile.shares:
        kmh = kmh * highway.map(profile.share).to_numpy(dtype=float)
    along, against = usable, usable
    if profile.heeds_oneway:
        along, against = usable & ~(oneway == -1), usable & ~(oneway == 1)
    return Travel(along.copy(), against.copy(), kmh)


def numbers(roads: pd.DataFrame, column: str, faults: list[Fault]) -> NDArray[np.float64]:
    """Read a column of numbers, NaN where it or its value is missing; add a fault for text."""
    if column not in roads:
        return np.full(len(roads), np.nan)
    values = roads[column]
    read = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    text = np.isnan(read) & values.notna().to_numpy()
    faults += [Fault("not a number", row, column) for row in roads.index[text]]
    return read


def _positive(roads: pd.DataFrame, column: str, faults: list[Fault]) -> NDArray[np.float64]:
    read = numbers(roads, column, faults)
    wrong = ~np.isnan(read) & ~(np.isfinite(read) & (read > 0))
    faults += [Fault("not a positive number", row, column) for row in roads.index[wrong]]
    return read
