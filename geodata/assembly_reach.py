"""How far it is for each household to each place at which people could meet, and on its way."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import GeodataError
from geodata.evacuation_inputs import Areas, area, changed, check_frame, raise_if, whole_numbers
from geodata.network import Network
from geodata.pickup_ways import PickupWays

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Options:
    """What an assembly point must be.

    Attributes
    ----------
    walk_seconds
        Longest walk to it.
    detour
        How many times as long as the way to the shelter at once the way past the point may be.
    max_metres
        Farthest straight leg between a place and its street.
    bridges_clear
        Whether bridges and tunnels across the hazard count as outside it.
    """

    walk_seconds: float = 900.0
    detour: float = 1.25
    max_metres: float = 200.0
    bridges_clear: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        if not (self.walk_seconds >= 0 and self.detour >= 1 and self.max_metres >= 0):
            raise GeodataError("walk_seconds and max_metres are 0 or more, detour 1 or more")


@dataclass(frozen=True)
class Reach:
    """Households and the places they can walk to.

    Attributes
    ----------
    households, people
        The affected ones, as given.
    walk
        Seconds at the pace of each household's slowest walker, households x places; infinite
        without a safe way.
    near, suits
        Which of these are short enough, and which of them lie on the way to the shelter too.
    """

    households: gpd.GeoDataFrame
    people: Integers
    walk: Floats
    near: Flags
    suits: Flags

    @property
    def costs(self) -> Floats:
        """Give the seconds to places that suit; infinite to others."""
        costs: Floats = np.where(self.suits, self.walk, np.inf)
        return costs


def reach(  # noqa: PLR0913, PLR0917 - what points are chosen from
    network: Network,
    households: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    hazard: Areas,
    shelters: gpd.GeoDataFrame | None,
    shelter: "pd.Series[int] | None",
    blocked: Areas | None,
    options: Options,
) -> Reach:
    """Find who can walk where; parameters as for `assembly.points`.

    Raises
    ------
    GeodataError
        Names every row and column that cannot be used.
    """
    faults = [*check_frame(households, "households"), *check_frame(places, "places")]
    raise_if(faults)
    crs = households.crs
    danger = area(hazard, crs, "the hazard", faults)
    shut = area(blocked, crs, "what is blocked", faults)
    people = whole_numbers(households, "people", "households", faults)
    raise_if(faults)
    here = np.flatnonzero(shapely.intersects(danger, households.geometry.to_numpy()))
    mine, people = households.iloc[here], people[here]
    closed = network.close(changed(shut, crs, network.crs)) if not shut.is_empty else network
    ground = (changed(danger, crs, network.metric), changed(shut, crs, network.metric))
    usual = _seconds(closed, ground, mine, places, options)
    walk = usual * _longer(network, mine)[:, None]
    near = walk <= options.walk_seconds
    way = _on_the_way(closed, ground, mine, places, shelters, shelter, usual, options)
    return Reach(mine, people, walk, near, near & way)


def _longer(network: Network, households: gpd.GeoDataFrame) -> Floats:
    """Say how many times as long as usual each household walks: as long as its slowest does."""
    if "walk_kmh" not in households:
        return np.ones(len(households))
    kmh = households["walk_kmh"].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(kmh), 1.0, network.profile.other_kmh / kmh)


def _seconds(
    network: Network,
    ground: tuple[BaseGeometry, BaseGeometry],
    origins: gpd.GeoDataFrame,
    targets: gpd.GeoDataFrame,
    options: Options,
) -> Floats:
    nowhere = network.places(origins.geometry.iloc[:0], options.max_metres)
    ways = PickupWays(
        network,
        *ground,
        network.places(origins.geometry, options.max_metres),
        network.places(targets.geometry, options.max_metres),
        nowhere,
        options.bridges_clear,
    )
    return ways.home()


def _on_the_way(  # noqa: PLR0913, PLR0917 - from home past the point to the shelter
    network: Network,
    ground: tuple[BaseGeometry, BaseGeometry],
    mine: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame | None,
    shelter: "pd.Series[int] | None",
    walk: Floats,
    options: Options,
) -> Flags:
    """Tell from which points the shelter is not much farther than at once."""
    if shelters is None or shelter is None or not len(shelters):
        return np.ones(walk.shape, dtype=bool)
    to = shelters.index.get_indexer(pd.Index(shelter.reindex(mine.index)))
    at_once = _seconds(network, ground, mine, shelters, options)[np.arange(len(mine)), to]
    onward = _seconds(network, ground, places, shelters, options)[:, to].T
    known = (to >= 0) & np.isfinite(at_once)
    past = walk + onward
    # who has no way on foot to the shelter is driven there from any point
    allowed: Flags = ~known[:, None] | (past <= options.detour * at_once[:, None])
    return allowed
