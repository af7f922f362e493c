"""Who walks although a seat is planned: because it is faster, or because somebody needs the seat.

Walking the first stretch can empty an area two to three times as fast as driving all of it (Lu,
George, Shekhar 2005). Those who can walk are looked at one aim after the other; each step is kept
only if the tours made anew leave nobody more behind.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import Fault
from geodata.evacuation_inputs import Areas, check_frame, flags, raise_if
from geodata.network import Network
from geodata.pickups import Tours
from geodata.walk_ground import Ground, Options, arrivals
from geodata.walk_points import gathered

__all__ = ["MODES", "WHY", "Options", "WalkFirst", "plan"]

MODES = ("walk", "walk_then_vehicle", "vehicle", "left")
"""How a household gets to its shelter."""

WHY = ("faster", "no_seat", "frees_a_seat", "one_stop_for_many")
"""Why it walks. no_seat: nobody could fetch it. frees_a_seat: somebody who cannot walk gets it."""


@dataclass(frozen=True)
class WalkFirst:
    """Who walks and who is driven.

    Attributes
    ----------
    modes
        On the households: `mode` (`MODES`), `why` (`WHY`, <NA> but for those who walk), `point`
        (where those who walk first are fetched, <NA> otherwise), `arrive_s` at the shelter (<NA>
        if left) and `before_s`, the same if all were driven.
    tours
        The tours of the vehicles. A stop at a point stands under a label of its own.
    together
        On the labels of such stops, one row per household: `household`, `point`, `seconds` of
        the walk there.
    before
        The tours if all were driven.
    person_seconds, before_person_seconds
        Sum of people x seconds until the shelter, of those who get there both ways.
    """

    modes: pd.DataFrame
    tours: Tours
    together: pd.DataFrame
    before: Tours
    person_seconds: float
    before_person_seconds: float


def plan(  # noqa: PLR0913, PLR0917 - both ways of travelling and what they serve
    foot: Network,
    drive: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    shelter: "pd.Series[int]",
    vehicles: gpd.GeoDataFrame,
    hazard: Areas,
    points: gpd.GeoDataFrame | None = None,
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
) -> WalkFirst:
    """Plan who walks, who walks first, and who is fetched.

    Parameters
    ----------
    foot, drive
        The streets for both.
    households
        As for `pickups.tours`, all of them affected; `can_walk` (yes/no, missing is no) and
        `walk_kmh` where known. Those who can set out on foot at `ready_s`.
    shelters, shelter, vehicles, hazard, blocked
        As for `pickups.tours`.
    points
        Assembly points outside the hazard, as from `assembly.points`; nobody walks to one if
        omitted.
    options
        Limits.

    Returns
    -------
    WalkFirst
        Nobody is left who would not be if all were driven, and nobody walks who cannot. The same
        input gives the same plan.
    """
    raise_if(check_frame(households, "households"))
    faults: list[Fault] = []
    able = flags(households, "can_walk", False, faults)
    raise_if(faults)
    ground = Ground(
        foot, drive, households, shelters, shelter, vehicles, hazard, points, blocked, options
    )
    before = ground.driven(households)
    on_foot = ground.on_foot(able)
    state = _State(ground, before, on_foot)
    state.walk_if_faster()
    state.free_seats()
    if points is not None and len(points):
        state.gather(able)
    return state.result()


class _State:
    """The plan as it stands, made better step by step."""

    def __init__(self, ground: Ground, before: Tours, on_foot: "pd.Series[float]") -> None:
        self.ground, self.before, self.on_foot = ground, before, on_foot
        homes = ground.households
        self.tours = before
        self.before_s = arrivals(before).reindex(homes.index)
        self.why = pd.Series(pd.NA, index=homes.index, dtype=object)
        self.together = pd.DataFrame({"household": [], "point": [], "seconds": []})
        self.point = pd.Series(pd.NA, index=homes.index, dtype=object)

    @property
    def walkers(self) -> "pd.Series[bool]":
        """Who walks all the way."""
        return self.why.notna() & self.point.isna()

    def walk_if_faster(self) -> None:
        """Let those walk who are there sooner, or whom nobody fetches."""
        left = self.before_s.isna() & np.isfinite(self.on_foot)
        faster = self.on_foot + self.ground.options.gain_seconds <= self.before_s
        if not (left | faster).any():
            return
        self.why[faster] = "faster"
        self.why[left] = "no_seat"
        self.tours = self.ground.driven(self.ground.households[~self.walkers])

    def free_seats(self) -> None:
        """Let one after the other walk as long as that gets somebody fetched who is left."""
        tried = 0
        while (self.tours.left["reason"] == "no_time").any():
            arrive = arrivals(self.tours)
            longer = (self.on_foot.reindex(arrive.index) - arrive).sort_values(kind="stable")
            longer = longer[np.isfinite(longer)]
            for label in longer.index:
                if tried == self.ground.options.tried:
                    return
                tried += 1
                rest = self.ground.households[~self.walkers].drop(index=label)
                again = self.ground.driven(rest)
                if again.left["people"].sum() < self.tours.left["people"].sum():
                    self.why[label], self.tours = "frees_a_seat", again
                    break
            else:
                return

    def gather(self, able: np.ndarray) -> None:
        """Fetch those who can walk at points, if that brings all people there sooner."""
        ground, points = self.ground, self.ground.points
        riding = ground.households[able & ~self.walkers.to_numpy()]
        if points is None or not len(riding):
            return
        met = gathered(ground, riding, points, ground.options.point_walk_seconds)
        if not len(met.together):
            return
        others = ground.households[~self.walkers].drop(index=met.together["household"])
        columns = ["people", "wheelchairs", "seats", "ready_s", "until_s", "priority", "vehicle"]
        homes = gpd.GeoDataFrame(
            others[[*others.columns.intersection(columns)]], geometry=others.geometry
        )
        stops = gpd.GeoDataFrame(
            pd.concat([homes.rename_geometry("at"), met.stops.rename_geometry("at")]),
            geometry="at",
            crs=homes.crs,
        )
        shelter = pd.concat([ground.shelter.reindex(others.index), met.shelter])
        again = ground.driven(stops, shelter)
        mine = arrivals(again)
        of = met.together.set_index("household")
        for_point = pd.Series(mine.reindex(met.together.index).to_numpy(), index=of.index)
        arrive = pd.concat([mine.reindex(others.index), for_point])
        if self._better(again, arrive):
            self.tours, self.together = again, met.together
            self.point[of.index] = of["point"]
            self.why[of.index] = "one_stop_for_many"

    def _better(self, again: Tours, arrive: "pd.Series[float]") -> bool:
        """Tell whether nobody more is left and people are at their shelters sooner."""
        people = self.ground.households["people"]
        now = arrivals(self.tours).reindex(arrive.index)
        if again.left["people"].sum() > self.tours.left["people"].sum():
            return False
        if arrive[now.notna()].isna().any():
            return False
        both = arrive.index[arrive.notna() & now.notna()]
        sooner = (people[both] * (now[both] - arrive[both])).sum()
        more = self.tours.left["people"].sum() - again.left["people"].sum()
        return bool(more > 0 or sooner > 0)

    def result(self) -> WalkFirst:
        """Write the plan down."""
        homes = self.ground.households
        arrive = arrivals(self.tours)
        if len(self.together):
            of = self.together
            arrive = pd.concat(
                [arrive, pd.Series(arrive.reindex(of.index).to_numpy(), index=of["household"])]
            )
        arrive_s = arrive.reindex(homes.index)
        walks = self.walkers
        arrive_s[walks] = self.on_foot[walks]
        mode = pd.Series("vehicle", index=homes.index, dtype="str")
        mode[self.point.notna()] = "walk_then_vehicle"
        mode[arrive_s.isna()] = "left"
        mode[walks] = "walk"
        both = arrive_s.notna() & self.before_s.notna()
        people = homes["people"]
        modes = pd.DataFrame(
            {
                "mode": mode,
                "why": self.why.astype("str").where(self.why.notna()),
                "point": self.point.infer_objects(),
                "arrive_s": np.ceil(arrive_s).astype("Int64"),
                "before_s": np.ceil(self.before_s).astype("Int64"),
            }
        )
        return WalkFirst(
            modes,
            self.tours,
            self.together,
            self.before,
            float((people * arrive_s)[both].sum()),
            float((people * self.before_s)[both].sum()),
        )
