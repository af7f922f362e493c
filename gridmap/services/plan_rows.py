"""What was computed, as the tables of a plan want it: one row a household, one a way."""

import geopandas as gpd
import pandas as pd

from geodata import evacuation
from gridmap.model.plan_options import PROFILE
from gridmap.services.plan_assembly import Meeting
from gridmap.services.plan_flow import Flow
from gridmap.services.plan_inputs import VEHICLE, Inputs
from gridmap.services.plan_riders import Riders


def assignment_rows(
    inputs: Inputs, made: evacuation.Draft, flow: Flow, met: Meeting, ride: Riders
) -> pd.DataFrame:
    """Put served and unserved into one row per affected household, as the table wants them."""
    households = inputs.households
    needs = [name for name in evacuation.NEEDS if name in households.columns]
    urgent = households[needs].gt(0).any(axis=1) if needs else households["people"] < 0
    rows = pd.DataFrame(
        {
            "area_code": households["area_code"],
            "people": households["people"],
            "with_needs": urgent,
            "shelter_id": made.assignments["shelter"].reindex(households.index).astype("Int64"),
            "seconds": made.assignments["seconds"].reindex(households.index),
            "metres": made.assignments["metres"].reindex(households.index),
            "wave": flow.wave.reindex(households.index).astype("Int64"),
            "reason": made.unserved["reason"].reindex(households.index),
            "pace_kmh": households["walk_kmh"],
            "by_vehicle": _fetched(inputs, ride),
            "departs_seconds": flow.departures.reindex(households.index),
            "assembly": met.at["point"].reindex(households.index).astype("Int64"),
            "assembly_seconds": met.at["seconds"].reindex(households.index),
            "travel": travel(made, ride).reindex(households.index),
            "travel_why": ride.modes["why"].reindex(households.index).astype(object),
        },
        index=households.index,
    )
    if "group" in households.columns:
        rows["kin"] = households["group"]
    short = _short(inputs, made.unserved)
    for column in short:
        rows[column] = short[column].reindex(households.index).astype("Int64")
    if not made.alternates.empty:
        second = made.alternates.reindex(households.index)
        there = second["shelter"].notna() & second["seconds"].notna()
        rows["second_shelter_id"] = second["shelter"].where(there).astype("Int64")
        rows["second_seconds"] = second["seconds"].where(there)
    return rows


def travel(made: evacuation.Draft, ride: Riders) -> "pd.Series[str]":
    """Say how each served household gets to its shelter."""
    mode = pd.Series("walk", index=made.assignments.index, dtype=object)
    mode.loc[ride.modes.index] = ride.modes["mode"].to_numpy(dtype=object)
    return mode


def _fetched(inputs: Inputs, ride: Riders) -> "pd.Series[bool]":
    """Tell who is to be fetched, at the door or at a point, whether there is a place or not."""
    mode = ride.modes["mode"].reindex(inputs.households.index)
    must = inputs.households["needs_vehicle"].fillna(False).astype(bool)
    fetched: pd.Series[bool] = must | mode.isin(["vehicle", "walk_then_vehicle"])
    return fetched


def change_rows(inputs: Inputs, changed: pd.DataFrame, areas: "pd.Series[str]") -> pd.DataFrame:
    """Give who goes elsewhere than before; `areas` are those of households no longer affected."""
    own = inputs.households["area_code"].reindex(changed.index)
    return pd.DataFrame(
        {
            "area_code": own.fillna(areas.reindex(changed.index)),
            "before_shelter_id": changed["before"].astype("Int64"),
            "after_shelter_id": changed["after"].astype("Int64"),
            "why": changed["why"],
            "told": changed["told"].astype(bool),
        },
        index=changed.index,
    )


def _short(inputs: Inputs, unserved: pd.DataFrame) -> pd.DataFrame:
    """Give how many beds are short, and where: a reason must be one that can be acted on."""
    households = inputs.households
    own = unserved[unserved["shelter"].notna() & unserved["beds"].fillna(0).gt(0)]
    beds = own["beds"].astype("int64")
    together = households["people"]
    if "group" in households.columns:
        sums = together.groupby(households["group"]).transform("sum")
        together = together.where(households["group"].isna(), sums)
    return pd.DataFrame(
        {
            "short_shelter_id": own["shelter"].astype("Int64"),
            "short_beds": beds,
            "short_room": (together.loc[own.index].astype("int64") - beds).clip(lower=0),
        },
        index=own.index,
    )


def walked_rows(inputs: Inputs, made: evacuation.Draft) -> pd.DataFrame:
    """Give the way on foot of each served household, as the route table wants it."""
    ways = made.routes.assign(
        seconds=made.assignments["seconds"], metres=made.assignments["metres"]
    )
    return _route_rows(inputs, ways, PROFILE)


def driven_rows(inputs: Inputs, ways: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the way by vehicle to the same shelter, where there is one."""
    return _route_rows(inputs, ways[ways.geometry.notna()], VEHICLE)


def _route_rows(inputs: Inputs, ways: gpd.GeoDataFrame, mode: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_code": inputs.households.loc[ways.index, "area_code"],
            "mode": mode,
            "seconds": ways["seconds"],
            "metres": ways["metres"],
            "geom": ways.geometry.to_numpy(dtype=object),
        },
        index=ways.index,
    )
