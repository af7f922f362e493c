"""What a draft is computed from, read as of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import from_wkb
from shapely.geometry.base import BaseGeometry

from geodata.network import Network
from gridmap.model.plan_options import PROFILE, PlanOptions
from gridmap.model.problem import conflict, not_found
from gridmap.services import plan_vehicles
from gridmap.store import closure, hazard, plan, plan_inputs, plan_people, street, version
from gridmap.store.database import Row, Transaction

# Those who cannot walk go by vehicle to the same shelter.
VEHICLE = "drive"


@dataclass(frozen=True)
class Inputs:
    """Everything one draft is computed from, as of one moment."""

    hazard_id: int
    area_code: str
    shape: BaseGeometry
    closures: gpd.GeoDataFrame
    households: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    vehicles: gpd.GeoDataFrame
    off_duty: list[str]
    water: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    dangers: gpd.GeoDataFrame
    version: str
    prints: dict[str, str]
    times: dict[str, str]

    def network(self, profile: str = PROFILE) -> Network:
        """Build the streets without the bridges and tunnels that are closed themselves."""
        closed = self.closures[self.closures["closes"] != "ground"]
        return Network.from_roads(self.roads, profile=profile).close(
            closed.assign(closes="bridges")
        )

    @property
    def blocked(self) -> list[BaseGeometry] | None:
        """Give the ground nobody can pass; what spans it by a bridge stays open."""
        return list(self.closures.geometry[self.closures["closes"] != "bridges"]) or None


def read(tx: Transaction, hazard_id: int, area_code: str, options: PlanOptions) -> Inputs:
    """Read what a draft needs.

    Raises
    ------
    Problem
        404 without the hazard, 409 without streets.
    """
    found = hazard.read(tx, hazard_id)
    if found is None:
        raise not_found(f"hazard {hazard_id}")
    roads = street.roads(tx, area_code)
    if roads.empty:
        raise conflict("there are no streets yet: run `gridmap import roads FILE` first")
    vehicles, off_duty = plan_vehicles.at_hand(tx, area_code, hazard_id)
    return Inputs(
        hazard_id=hazard_id,
        area_code=area_code,
        shape=from_wkb(bytes(found["wkb"])),
        closures=_closures(tx, area_code, found),
        households=households(tx, hazard_id, area_code, options),
        shelters=shelters(tx, hazard_id, area_code, options),
        roads=roads,
        vehicles=vehicles,
        off_duty=off_duty,
        water=plan_people.water(tx, area_code),
        places=plan_people.meeting_places(tx, area_code),
        dangers=plan_people.dangers(tx, area_code, hazard_id),
        version=version.of(tx, plan.INPUT_LAYERS),
        prints=plan_inputs.prints(tx, hazard_id, area_code),
        times=plan_inputs.times(tx),
    )


def shelters(
    tx: Transaction, hazard_id: int, area_code: str, options: PlanOptions
) -> gpd.GeoDataFrame:
    """Read the shelters of a draft: as `plan.shelters`, but for those that are left out."""
    found = plan.shelters(tx, area_code, hazard_id)
    return found[~found.index.isin(options.without)]


def _closures(tx: Transaction, area_code: str, found: Row) -> gpd.GeoDataFrame:
    """Read where nobody passes; what a drill says is under water is so for that drill alone."""
    closures = closure.in_force(tx, area_code)
    if not found["exercise"] or found["blocked_wkb"] is None:
        return closures
    own = gpd.GeoDataFrame(
        {"closes": ["ground"]}, geometry=[from_wkb(bytes(found["blocked_wkb"]))], crs=closures.crs
    )
    return gpd.GeoDataFrame(pd.concat([closures, own], ignore_index=True), crs=closures.crs)


def households(
    tx: Transaction, hazard_id: int, area_code: str, options: PlanOptions
) -> gpd.GeoDataFrame:
    """Read who has to leave, how fast they walk, who is fetched and who goes with whom.

    Returns
    -------
    GeoDataFrame
        Besides what `plan.affected` gives: `walk_kmh` (of the slowest walker), `needs_vehicle`,
        and `group`, a number shared by those who look after each other.
    """
    found = plan.affected(tx, hazard_id)
    pace, fetched = paces(found, plan_people.speeds(tx, area_code))
    found["walk_kmh"] = pace
    found["needs_vehicle"] = fetched & options.vehicles
    if options.together:
        pairs = plan_people.carers(tx, [int(label) for label in found.index])
        found["group"] = groups(
            [int(label) for label in found.index],
            list(zip(pairs["household"], pairs["carer"], strict=True)),
        )
    return found


def paces(
    found: gpd.GeoDataFrame, speeds: pd.DataFrame
) -> tuple["pd.Series[float]", "pd.Series[bool]"]:
    """Give the speed of each household's slowest walker, and whether somebody cannot walk.

    Where several areas have a speed for a need, that of the smallest area around counts.
    """
    pace = pd.Series(np.nan, index=found.index, dtype=float)
    fetched = pd.Series(False, index=found.index)
    for need, rules in speeds.groupby("need"):
        if str(need) not in found.columns:
            continue
        has = found[str(need)].gt(0)
        own = pd.Series(np.nan, index=found.index, dtype=float)
        for rule in rules.to_dict("records"):  # the larger area first
            own[found["area_code"].str.startswith(rule["area_code"])] = rule["kmh"]
        fetched |= has & own.eq(0)
        pace = pace.combine(own.where(has & own.gt(0)), np.fmin)
    return pace, fetched


def groups(labels: Sequence[int], pairs: Sequence[tuple[Any, Any]]) -> "pd.Series[Any]":
    """Give each household that looks after another, or is looked after, the number of its group."""
    parent = {label: label for label in labels}

    def root(label: int) -> int:
        while parent[label] != label:
            label = parent[label]
        return label

    for one, other in pairs:
        low, high = sorted((root(int(one)), root(int(other))))
        parent[high] = low
    joined = {int(label) for pair in pairs for label in pair}
    roots = sorted({root(label) for label in joined})
    number = {label: position for position, label in enumerate(roots, start=1)}
    numbers = [number[root(label)] if label in joined else None for label in labels]
    return pd.Series(pd.array(numbers, dtype="Int64"), index=pd.Index(labels))
