"""The work of a draft and of a re-plan: from what was read to everything that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import evacuation, evacuation_ways
from geodata.network import Network
from geodata.replanning import Replan, replan
from gridmap.model.plan_options import PlanOptions
from gridmap.services.plan_checking import checked
from gridmap.services.plan_engine import engine
from gridmap.services.plan_flow import clearing
from gridmap.services.plan_help import explained
from gridmap.services.plan_inputs import VEHICLE, Inputs
from gridmap.services.plan_pickups import fetched
from gridmap.services.plan_rows import assignment_rows, change_rows, driven_rows, walked_rows
from gridmap.services.plan_ways import way_rows
from gridmap.services.progress import Progress

STEPS = 7


@dataclass(frozen=True)
class Before:
    """The plan that is changed: who goes where by which way, and who knows of it.

    Attributes
    ----------
    placed
        `shelter` (<NA> for none), `wave` and the way of each household of it.
    areas
        Where each of them lives.
    told
        Those who have been called out.
    """

    plan_id: int
    placed: gpd.GeoDataFrame
    areas: "pd.Series[str]"
    told: frozenset[int]


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
    cleared, departures = clearing(inputs, network, made, options)
    tours, stops = fetched(inputs, streets, made, options)
    progress.step(5, STEPS, "directions")
    walked = walked_rows(inputs, made)
    ways = way_rows(
        inputs.households,
        made.assignments["shelter"],
        gpd.GeoDataFrame(walked, geometry="geom", crs=inputs.households.crs),
        inputs.roads,
    )
    found = {
        "clearance": cleared,
        "cuts": explained(inputs, network, made, options),
        "tours": tours,
        "verdict": checked(inputs, made, options),
    }
    parts: dict[str, Mapping[str, Any]] = {kind: part for kind, part in found.items() if part}
    if again is not None:
        parts["replan"] = _told(again)
    return Made(
        draft=made,
        assignments=assignment_rows(inputs, made, departures),
        routes=pd.concat([walked, driven_rows(inputs, driven)]),
        ways=ways,
        parts=parts,
        changes=None
        if again is None or before is None
        else change_rows(inputs, again.changed, before.areas),
        stops=stops,
        totals=made.totals,
    )


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
    told = pd.Series(True, index=pd.Index(sorted(before.told), dtype="int64"), dtype=bool)
    return replan(
        network,
        inputs.households.assign(grid=inputs.households["area_code"]),
        inputs.shelters,
        inputs.shape,
        before.placed,
        told,
        blocked=inputs.blocked,
        options=engine(options),
        water=inputs.water,
    )


def _told(again: Replan) -> dict[str, Any]:
    """Give what a re-plan says of itself: how many keep their place, why the others do not."""
    figures = {name: value for name, value in again.totals.items() if name != "proven"}
    grids = sorted(str(grid) for grid in again.sheets["grids"])
    return {
        **figures,
        "proven": bool(again.totals["proven"]),
        "grids": grids,
        "shelters": sorted(int(str(shelter)) for shelter in again.sheets["shelters"]),
    }
