"""What an evacuation is drafted from, as arrays in the order of its frames."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.evacuation_inputs import (
    Areas,
    area,
    check_frame,
    decimals,
    flags,
    present,
    raise_if,
    whole_numbers,
)
from geodata.evacuation_options import Options
from geodata.network import Network
from geodata.street_profiles import FASTEST_KMH, SLOWEST_KMH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_LARGEST = 1e9  # square metres of a shelter, beyond which a number is a mistake


@dataclass(frozen=True)
class Read:
    """The inputs as arrays, in the order of the frames."""

    people: Integers
    urgent: Flags
    need_ramp: Flags
    carried: Flags
    pace: Floats
    beds: Integers
    area_m2: Floats
    ramp: Flags
    is_open: Flags
    hazard: BaseGeometry
    blocked: BaseGeometry
    water: BaseGeometry

    def room_by_area(self, options: Options) -> Floats:
        """People for whom each shelter has the square metres; NaN where that does not count."""
        if options.m2_per_person is None:
            return np.full(len(self.beds), np.nan)
        # a hair more than the quotient: 2.1 m2 hold three people at 0.7 m2 each
        rooms: Floats = np.floor(self.area_m2 / options.m2_per_person + 1e-9)
        return rooms


def read(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None,
    options: Options,
    water: Areas | None,
) -> Read:
    """Read the inputs of `evacuation.draft`, and raise all their faults together."""
    key = network.profile.key
    if options.profile not in {None, key}:
        raise GeodataError(f"the network is for {key!r}, the options for {options.profile!r}")
    raise_if([*check_frame(households, "households"), *check_frame(shelters, "shelters")])
    faults: list[Fault] = []
    read_in = Read(
        whole_numbers(households, "people", "households", faults),
        _any(households, (*options.needs, "needs_vehicle"), faults),
        _any(households, options.accessible_needs, faults),
        flags(households, "needs_vehicle", False, faults),
        decimals(households, "walk_kmh", SLOWEST_KMH, FASTEST_KMH, faults),
        whole_numbers(shelters, "capacity", "shelters", faults),
        decimals(shelters, "area_m2", 0.0, _LARGEST, faults),
        flags(shelters, "accessible", "accessible" not in shelters, faults),
        flags(shelters, "open", True, faults),
        area(hazard, households.crs, "the hazard", faults),
        area(blocked, households.crs, "what is blocked", faults),
        area(water, households.crs, "the water", faults),
    )
    if options.bridges == "closed" and water is None:
        faults.append(Fault("bridges are closed over water: the water is missing", None, "water"))
    if read_in.hazard.is_empty and not faults:
        faults.append(Fault("the hazard is missing or empty", None, "geometry"))
    raise_if(faults)
    return read_in


def _any(frame: gpd.GeoDataFrame, names: tuple[str, ...], faults: list[Fault]) -> Flags:
    found = np.zeros(len(frame), dtype=bool)
    for name in present(names, frame):
        found |= flags(frame, name, False, faults)
    return found
