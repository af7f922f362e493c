"""Who is fetched, who walks to a point and is fetched there, who walks because it is faster.

A seat is planned for everybody who cannot walk. What is left of them is offered to those who walk
slowly and have far to go, the longest ways first; who of these then walks all the same, and why,
is what `geodata.walk_first` finds. Without vehicles, or where the options say so, nobody is
offered one. Who was told how they get there gets there so by a plan made once more.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import evacuation, pickups, walk_first
from geodata.evacuation_options import ACCESSIBLE_NEEDS
from geodata.network import Network
from geodata.pickups import Tours
from gridmap.model.plan_options import PlanOptions
from gridmap.services.plan_assembly import Meeting
from gridmap.services.plan_inputs import Inputs
from gridmap.services.plan_riders_told import Told

_DAY = 86_400.0
_FAR = 900.0  # seconds of walking from which a seat is offered where no limit says so
_OFFERED = 40  # households: each more is one more stop in every tour that is tried
_TRIED = 4  # households tried as to whether their seats would do for others
# who cannot walk counts so many times as much as who can, and as who was told to be fetched
_FIRST, _THEN, _TOLD = 50, 1, 2


@dataclass(frozen=True)
class Riders:
    """Who gets to the shelter how.

    Attributes
    ----------
    modes
        On those with a seat planned or offered: `mode`, `why`, `point`, as in
        `walk_first.WalkFirst`.
    tours
        Of the vehicles; a stop at a point stands under a label of its own.
    together
        On such labels, one row per household: `household`, `point`.
    part
        What is kept with the plan of those who were offered a seat; empty without any.
    """

    modes: pd.DataFrame
    tours: Tours | None
    together: pd.DataFrame
    part: dict[str, Any]


def riders(  # noqa: PLR0913, PLR0917 - both ways of travelling and what is settled already
    inputs: Inputs,
    foot: Network,
    drive: Network,
    made: evacuation.Draft,
    meeting: Meeting,
    options: PlanOptions,
    told: Told,
) -> tuple[Riders, Meeting]:
    """Make tours for those who cannot walk, and see who else rides; give where all meet then."""
    must = _must(inputs, made)
    offered = _offered(inputs, made, must, options, told)
    asked = _seats(inputs, must.union(offered, sort=False), offered, told)
    shelter = made.assignments["shelter"]
    riding = _seats(inputs, told.meet.index, must[:0], told)
    loads, to, fixed = told.stops(riding, meeting, shelter)
    if asked.empty and loads.empty:
        empty = pd.DataFrame({"mode": [], "why": [], "point": []})
        return Riders(empty, None, fixed[["household", "point"]], {}), meeting
    shelter = shelter.loc[asked.index]
    if len(loads):
        loads = loads.assign(can_walk=False, priority=_TOLD, walk_kmh=np.nan)
        shelter = pd.concat([shelter.astype(object), to])
        asked = gpd.GeoDataFrame(pd.concat([asked, loads]), crs=asked.crs)
    given = (inputs.shelters, shelter)
    fleet = inputs.vehicles[["seats", "wheelchairs", "ready_s", "geometry"]]
    rules = pickups.Options(clear_by_seconds=_clear_by(options))
    able = offered.append(told.meet.index)
    if offered.empty:
        tours = pickups.tours(drive, asked, *given, fleet, inputs.shape, inputs.blocked, rules)
        modes, fixed = _opened(_modes(asked, tours), fixed, able)
        return Riders(modes, tours, fixed, {}), _only_who_walk(meeting, modes)
    found = walk_first.plan(
        foot,
        drive,
        asked,
        *given,
        fleet,
        inputs.shape,
        points=_roomy(meeting, inputs, asked, options),
        blocked=inputs.blocked,
        options=walk_first.Options(
            tours=rules,
            walk_limit_seconds=_limit(options),
            point_walk_seconds=(options.assembly_minutes or 0) * 60.0,
            tried=_TRIED,
        ),
    )
    modes, kept = _opened(found.modes[["mode", "why", "point"]].astype(object), fixed, able)
    new = found.together.set_index("household")
    moved = meeting.moved(new["point"], new["seconds"]) if len(new) else meeting
    part = _part(inputs.households["people"], able, modes, found, fixed)
    together = pd.concat([found.together[["household", "point"]], kept])
    return Riders(modes, found.tours, together, part), _only_who_walk(moved, modes)


def _opened(
    modes: pd.DataFrame, fixed: pd.DataFrame, able: pd.Index
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give modes by household, not by load, and who of the loads is fetched at a point.

    Who can walk does so where there is no seat.
    """
    rides = modes.loc[fixed.index, "mode"].eq("vehicle").to_numpy(dtype=bool)
    if len(fixed):
        mine = pd.DataFrame(
            {
                "mode": np.where(rides, "walk_then_vehicle", "left"),
                "why": "one_stop_for_many",
                "point": fixed["point"].astype(object).to_numpy(),
            },
            index=fixed["household"].tolist(),
            dtype=object,
        )
        modes = pd.concat([modes.drop(index=fixed.index.unique()), mine])
        modes.index = pd.Index(modes.index.tolist())
    on_foot = modes["mode"].eq("left") & modes.index.isin(able)
    for name, word in (("mode", "walk"), ("why", "no_seat"), ("point", pd.NA)):
        modes[name] = modes[name].mask(on_foot, word)
    return modes, fixed.loc[rides, ["household", "point"]]


def _must(inputs: Inputs, made: evacuation.Draft) -> pd.Index:
    served = made.assignments.index
    flags = inputs.households["needs_vehicle"].reindex(served).fillna(False).astype(bool)
    found: pd.Index = served[flags]
    return found


def _offered(
    inputs: Inputs, made: evacuation.Draft, must: pd.Index, options: PlanOptions, told: Told
) -> pd.Index:
    """Choose to whom seats are offered: slow walkers with long ways, as many as there are seats.

    A vehicle makes a second tour for them at most. Who was told to be fetched is offered one in
    any case, who was told to walk is not.
    """
    homes = inputs.households
    kept: pd.Index = told.ride.index.difference(must)
    if not options.walk_first:
        return kept
    have = must.union(kept).union(told.meet.index)
    seats = 2 * int(inputs.vehicles["seats"].sum()) - int(homes["people"].loc[have].sum())
    far = (options.assembly_minutes or _FAR / 60) * 60.0
    rows = made.assignments.drop(index=have.union(told.walk))
    slow = homes["walk_kmh"].reindex(rows.index).notna()
    rows = rows[slow & rows["seconds"].gt(far)].sort_values(
        "seconds", ascending=False, kind="stable"
    )
    run = homes["people"].reindex(rows.index).cumsum()
    found: pd.Index = kept.append(rows.index[(run <= seats).to_numpy()][:_OFFERED])
    return found


def _seats(inputs: Inputs, rows: pd.Index, offered: pd.Index, told: Told) -> gpd.GeoDataFrame:
    """Give households as tours are made for them: those who can walk count less."""
    waiting = inputs.households.loc[rows]
    seated = [name for name in ACCESSIBLE_NEEDS if name in waiting.columns]
    chairs = waiting[seated].sum(axis=1) if seated else pd.Series(0, index=waiting.index)
    chairs = np.minimum(chairs, waiting["people"]).astype("int64")
    columns = ["people", "seats", "wheelchairs", "geometry"]
    asked = waiting.assign(wheelchairs=chairs, seats=(waiting["people"] - chairs).astype("int64"))
    knows = waiting.index.isin(told.ride.index)
    if len(offered) or len(told.meet):
        first = np.where(waiting.index.isin(offered), np.where(knows, _TOLD, _THEN), _FIRST)
        asked = asked.assign(can_walk=waiting.index.isin(offered) & ~knows, priority=first)
        columns += ["can_walk", "priority", "walk_kmh"]
    if len(told.ride) or len(told.meet):
        asked = asked.assign(vehicle=told.ride.reindex(waiting.index))
        columns.append("vehicle")
    return asked[columns]


def _modes(asked: gpd.GeoDataFrame, tours: Tours) -> pd.DataFrame:
    there = asked.index.isin(tours.stops["household"])
    return pd.DataFrame(
        {
            "mode": np.where(there, "vehicle", "left"),
            "why": pd.Series(None, index=asked.index, dtype=object),
            "point": pd.Series(pd.NA, index=asked.index, dtype=object),
        },
        index=asked.index,
    )


def _roomy(
    meeting: Meeting, inputs: Inputs, asked: gpd.GeoDataFrame, options: PlanOptions
) -> gpd.GeoDataFrame:
    """Give the points at which all who are asked could meet besides those who do."""
    people = inputs.households["people"].reindex(meeting.at.index)
    load = people.groupby(meeting.at["point"]).sum().reindex(meeting.points.index).fillna(0)
    return meeting.points[(load + asked["people"].sum() <= options.assembly_people).to_numpy()]


def _only_who_walk(meeting: Meeting, modes: pd.DataFrame) -> Meeting:
    """Take away the points of those who are fetched at their door after all."""
    rides = modes.index[modes["mode"].isin(["vehicle", "left"])]
    return Meeting(
        meeting.points,
        meeting.at.drop(index=rides, errors="ignore"),
        meeting.left.drop(index=rides, errors="ignore"),
    )


def _limit(options: PlanOptions) -> float:
    minutes = options.walk_limit_minutes
    return _DAY if minutes is None else minutes * 60.0


def _clear_by(options: PlanOptions) -> float | None:
    """Give until when the last one must be at a shelter; tours take no longer than a day."""
    minutes = options.deadline_minutes
    return None if minutes is None else min(minutes * 60.0, _DAY)


def _part(
    people: "pd.Series[int]",
    offered: pd.Index,
    modes: pd.DataFrame,
    found: walk_first.WalkFirst,
    fixed: pd.DataFrame,
) -> dict[str, Any]:
    def sums(rows: pd.Index) -> dict[str, int]:
        return {"households": len(rows), "people": int(people.loc[rows].sum())}

    mine = modes.loc[offered]
    before = found.before.left.index
    loads = fixed.loc[fixed.index.isin(before), "household"]
    homes = pd.Index([*before[~before.isin(fixed.index)], *loads])
    walk = mine[mine["mode"] == "walk"]
    to_point = mine[mine["mode"] == "walk_then_vehicle"]
    return {
        "offered": sums(offered),
        "walk": {str(why): sums(rows.index) for why, rows in walk.groupby("why")},
        "to_point": sums(to_point.index) | {"points": int(to_point["point"].nunique())},
        "vehicle": sums(mine.index[mine["mode"] == "vehicle"]),
        "left_before": sums(homes),
        "left": sums(modes.index[modes["mode"] == "left"]),
        "person_seconds": round(found.person_seconds, 1),
        "before_person_seconds": round(found.before_person_seconds, 1),
    }
