"""The work of a draft and of a re-plan: from what was read to everything that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import evacuation, evacuation_ways
from geodata.network import Network
from geodata.replanning import Replan, replan
from gridmap.model.plan_options import PlanOptions
from gridmap.services import plan_meeting_again, plan_riders_told
from gridmap.services.plan_assembly import Meeting, meeting, part_of
from gridmap.services.plan_checking import Extras, checked
from gridmap.services.plan_engine import engine
from gridmap.services.plan_flow import Flow, clearing
from gridmap.services.plan_help import explained
from gridmap.services.plan_inputs import VEHICLE, Inputs
from gridmap.services.plan_pickups import fetched
from gridmap.services.plan_riders import Riders, riders
from gridmap.services.plan_robust import robust_part
from gridmap.services.plan_rows import assignment_rows, change_rows, driven_rows, walked_rows
from gridmap.services.plan_staging import Leaving
from gridmap.services.plan_ways import way_rows
from gridmap.services.progress import Progress

STEPS = 7


@dataclass(frozen=True)
class Before:
    """The plan that is changed: who goes where by which way, and who knows of it.

    Attributes
    ----------
    placed
        `shelter` (<NA> for none), `wave`, `departs` (seconds from now), `assembly` (number of
        the point), `travel`, `vehicle`, `stop` and the way of each household of it.
    areas
        Where each of them lives.
    told
        Those who have been called out.
    points
        Its assembly points by number: `name`, `kind`, Point.
    """

    plan_id: int
    placed: gpd.GeoDataFrame
    areas: "pd.Series[str]"
    told: frozenset[int]
    points: gpd.GeoDataFrame


@dataclass(frozen=True)
class Made:
    """A computed plan, as the tables want it."""

    draft: evacuation.Draft
    assignments: pd.DataFrame
    routes: pd.DataFrame
    ways: pd.DataFrame
    parts: Mapping[str, Mapping[str, Any]]
    changes: pd.DataFrame | None = None
    stops: pd.DataFrame | None = None
    totals: Mapping[str, Any] = field(default_factory=dict)
    before: int | None = None


def compute(
    inputs: Inputs, options: PlanOptions, progress: Progress, before: Before | None = None
) -> Made:
    """Compute a plan; with the fewest changes where there is one before."""
    progress.step(1, STEPS, "network")
    network = inputs.network()
    progress.step(2, STEPS, "assigning")
    again = None if before is None else _replan(inputs, network, options, before)
    made = _draft(inputs, network, options) if again is None else again.draft
    progress.step(3, STEPS, "driving")
    streets = inputs.network(VEHICLE)
    driven = evacuation_ways.ways_to(
        streets,
        inputs.households,
        inputs.shelters,
        inputs.shape,
        made.assignments["shelter"],
        blocked=inputs.blocked,
        options=engine(options, VEHICLE),
        water=inputs.water,
    )
    progress.step(4, STEPS, "clearing")
    met = _meeting(inputs, network, made, options, before)
    ride, met = riders(
        inputs, network, streets, made, met, options, _known(inputs, made, met, before)
    )
    tours, stops = fetched(inputs, made, ride)
    leaving = _leaving(inputs, made, ride, before)
    flow = clearing(inputs, network, made, options, leaving)
    progress.step(5, STEPS, "directions")
    walked = walked_rows(inputs, made)
    ways = way_rows(
        inputs.households,
        made.assignments["shelter"],
        gpd.GeoDataFrame(walked, geometry="geom", crs=inputs.households.crs),
        inputs.roads,
    )
    found = {
        "clearance": flow.part,
        "staging": flow.staging,
        "assembly": part_of(inputs, met, options),
        "walk_first": ride.part,
        "cuts": explained(inputs, network, made, options),
        "tours": tours,
        "robust": robust_part(inputs, made),
        "verdict": checked(
            inputs, made, options, Extras(met, ride, flow, stops, frozenset(leaving.fixed.index))
        ),
    }
    parts: dict[str, Mapping[str, Any]] = {kind: part for kind, part in found.items() if part}
    if again is not None:
        parts["replan"] = _told(again)
    return Made(
        draft=made,
        assignments=assignment_rows(inputs, made, flow, met, ride),
        routes=pd.concat([walked, driven_rows(inputs, driven)]),
        ways=ways,
        parts=parts,
        changes=None
        if again is None or before is None
        else change_rows(inputs, again.changed, before.areas),
        stops=stops,
        totals={**made.totals, "waves": _waves(inputs, flow)},
        before=None if before is None else before.plan_id,
    )


def _meeting(
    inputs: Inputs,
    network: Network,
    made: evacuation.Draft,
    options: PlanOptions,
    before: Before | None,
) -> Meeting:
    if before is None:
        return meeting(inputs, network, made, options)
    return plan_meeting_again.meeting(
        inputs,
        network,
        made,
        options,
        placed=before.placed,
        told=before.told,
        points=before.points,
    )


def _known(
    inputs: Inputs, made: evacuation.Draft, met: Meeting, before: Before | None
) -> plan_riders_told.Told:
    if before is None:
        return plan_riders_told.nothing()
    served = made.assignments.index
    return plan_riders_told.known(inputs, met, served, before.placed, before.told)


def _leaving(
    inputs: Inputs, made: evacuation.Draft, ride: Riders, before: Before | None
) -> Leaving:
    """Say who chooses a wave, and whose departure is settled."""
    served = made.assignments.index
    homes = inputs.households.loc[served]
    needs = [name for name in evacuation.NEEDS if name in homes.columns]
    urgent = homes[needs].gt(0).any(axis=1) if needs else homes["people"] < 0
    group = homes["group"] if "group" in homes else pd.Series(pd.NA, index=served)
    modes = ride.modes["mode"].reindex(served)
    fetched_ = modes.isin(["vehicle", "walk_then_vehicle", "left"])
    with_them = group.isin(group[fetched_].dropna()) & group.notna()
    fixed = pd.Series(0.0, index=served[fetched_ | with_them])
    told = _told_to_leave(served, group, before)
    fixed = pd.concat([fixed.drop(index=told.index, errors="ignore"), told])
    return Leaving(urgent, group, fixed, told)


def _told_to_leave(
    served: pd.Index, group: "pd.Series[Any]", before: Before | None
) -> "pd.Series[float]":
    """Give when those leave who were told when, and those who leave with one of them.

    Where several of a group were told another time each, all leave at the first.
    """
    if before is None:
        return pd.Series(dtype=float, index=served[:0])
    was = before.placed[before.placed["shelter"].notna()]
    told = served[served.isin(sorted(before.told)) & served.isin(was.index)]
    departs = was["departs"].reindex(told).fillna(0.0).astype(float)
    of = group.reindex(told).dropna()
    first = departs.loc[of.index].groupby(of).min()
    along = group[group.isin(first.index)]
    alone = departs.drop(index=of.index)
    found: pd.Series[float] = pd.concat([alone, along.map(first).astype(float)]).sort_index()
    return found


def _waves(inputs: Inputs, flow: Flow) -> dict[str, dict[str, int]]:
    """Count who leaves in which wave, as the plan has it in the end."""
    people = inputs.households["people"].reindex(flow.wave.index)
    return {
        str(number): {"households": len(rows), "people": int(rows.sum())}
        for number, rows in people.groupby(flow.wave)
    }


def _draft(inputs: Inputs, network: Network, options: PlanOptions) -> evacuation.Draft:
    return evacuation.draft(
        network,
        inputs.households,
        inputs.shelters,
        inputs.shape,
        blocked=inputs.blocked,
        options=engine(options),
        water=inputs.water,
    )


def _replan(inputs: Inputs, network: Network, options: PlanOptions, before: Before) -> Replan:
    """Place people once more; waves are kept where they are still waves of a draft.

    Those that the streets were asked for, or that somebody has come to need help since, are not:
    in a draft those with needs are called first. Who was told keeps the hour all the same.
    """
    told = pd.Series(True, index=pd.Index(sorted(before.told), dtype="int64"), dtype=bool)

    def placed(previous: gpd.GeoDataFrame) -> Replan:
        return replan(
            network,
            inputs.households.assign(grid=inputs.households["area_code"]),
            inputs.shelters,
            inputs.shape,
            previous,
            told,
            blocked=inputs.blocked,
            options=engine(options),
            water=inputs.water,
        )

    if _needs_first(inputs, before.placed["wave"].dropna()):
        again = placed(before.placed[["shelter", "wave", "geometry"]])
        rows = again.draft.assignments
        if _needs_first(inputs, rows["wave"]):
            dense = rows["wave"].rank(method="dense").astype("int64")
            return replace(again, draft=replace(again.draft, assignments=rows.assign(wave=dense)))
    return placed(before.placed[["shelter", "geometry"]])


def _needs_first(inputs: Inputs, wave: "pd.Series[int]") -> bool:
    """Tell whether all with needs, and those who stay with them, leave before the others."""
    homes = inputs.households[inputs.households.index.isin(wave.index)]
    needs = [name for name in evacuation.NEEDS if name in homes.columns]
    urgent = homes[needs].gt(0).any(axis=1)
    if "group" in homes:
        urgent |= homes["group"].isin(homes["group"][urgent].dropna()) & homes["group"].notna()
    own = wave.loc[homes.index].astype("int64")
    return not urgent.any() or bool((own[~urgent] > own[urgent].max()).all())


def _told(again: Replan) -> dict[str, Any]:
    """Give what a re-plan says of itself: how many keep their place, why the others do not."""
    figures = {name: value for name, value in again.totals.items() if name != "proven"}
    return {**figures, "proven": bool(again.totals["proven"])}
