"""Who may travel a street, which way and how fast: one profile per kind of traveller.

A profile is a value, so a county that knows its own speeds or vehicles passes
``dataclasses.replace(PROFILES["drive"], speeds={...})`` where the name would stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "walk": Profile(
            "walk", _NOT_WALKED, other_kmh=WALK_KMH, heeds_maxspeed=False, heeds_oneway=False
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
        If a class is missing, a `oneway` is not -1, 0 or 1, or a speed or limit is not a
        positive number; names every row.
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
