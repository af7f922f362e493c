"""What a plan of walking and driving is made on: both ways of travelling, and when each arrives."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import pickups
from geodata.evacuation_inputs import Areas
from geodata.evacuation_options import Options as DraftOptions
from geodata.evacuation_ways import ways_to
from geodata.network import Network
from geodata.pickups import Tours


@dataclass(frozen=True)
class Options:
    """When walking is proposed.

    Attributes
    ----------
    tours
        How tours are made.
    walk_limit_seconds
        Longest walk to a shelter.
    point_walk_seconds
        Longest walk to a point.
    gain_seconds
        A walk is faster if it is by this much.
    tried
        Households at most that are tried as to whether their seats would do for others.
    """

    tours: pickups.Options = pickups.Options()  # noqa: RUF009  frozen, so it may be shared
    walk_limit_seconds: float = 3600.0
    point_walk_seconds: float = 900.0
    gain_seconds: float = 60.0
    tried: int = 12


@dataclass(frozen=True)
class Ground:
    """What never changes while the plan is looked for."""

    foot: Network
    drive: Network
    households: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    shelter: "pd.Series[int]"
    vehicles: gpd.GeoDataFrame
    hazard: Areas
    points: gpd.GeoDataFrame | None
    blocked: Areas | None
    options: Options

    def driven(
        self, households: gpd.GeoDataFrame, shelter: "pd.Series[int] | None" = None
    ) -> Tours:
        """Make tours for some households."""
        return pickups.tours(
            self.drive,
            households,
            self.shelters,
            self.shelter if shelter is None else shelter,
            self.vehicles,
            self.hazard,
            self.blocked,
            self.options.tours,
        )

    def on_foot(self, able: np.ndarray) -> "pd.Series[float]":
        """When each household would be at its shelter on foot; infinite if it cannot or may not."""
        arrive = pd.Series(np.inf, index=self.households.index)
        mine = self.households[able & self.shelter.reindex(self.households.index).notna()]
        if not len(mine):
            return arrive
        ways = ways_to(
            self.foot,
            mine,
            self.shelters.assign(capacity=1),  # who goes where is settled already
            self.hazard,
            self.shelter.loc[mine.index],
            self.blocked,
            replace(DraftOptions(), max_metres=self.options.tours.max_metres),
        )
        seconds = ways["seconds"]
        clear = self.options.tours.clear_by_seconds
        ready = mine["ready_s"].fillna(0) if "ready_s" in mine else 0.0
        total = seconds + ready
        fits = (seconds <= self.options.walk_limit_seconds) & (
            total <= (np.inf if clear is None else clear)
        )
        arrive[mine.index] = total.where(fits, np.inf)
        return arrive


def arrivals(tours: Tours) -> "pd.Series[float]":
    """When the households of tours are at their shelters."""
    at = tours.tours.set_index(["vehicle", "tour"])["arrive_s"].astype(float)
    rows = pd.MultiIndex.from_frame(tours.stops[["vehicle", "tour"]])
    return pd.Series(at.reindex(rows).to_numpy(), index=tours.stops["household"].to_numpy())
