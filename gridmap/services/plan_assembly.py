"""Where neighbours meet before they go on: points near the hazard, each with its number."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geodata import assembly_rooms, evacuation
from geodata.assembly import Options, candidates
from geodata.network import Network
from gridmap.model.plan_options import PlanOptions
from gridmap.services.plan_inputs import Inputs
from gridmap.store.plan_inputs import BESIDE

_APART, _FARTHEST = 80.0, 800.0  # metres between candidates: usually, and where people are many
_PAIRS = 4_000_000  # households x candidates: tables of some half a gigabyte
_BESIDE = 250.0  # metres within which a street gives its name to a crossing without any


@dataclass(frozen=True)
class Meeting:
    """Who meets where.

    Attributes
    ----------
    points
        By number from 1, west to east: `name`, `kind`, Point.
    at
        On households: `point` (its number) and `seconds` of the walk.
    left
        On those who walk and have none: `reason`, of `assembly.REASONS`.
    apart
        Metres between two of the places that were looked at.
    """

    points: gpd.GeoDataFrame
    at: pd.DataFrame
    left: "pd.Series[str]"
    apart: float = _APART

    def moved(self, to: "pd.Series[Any]", seconds: "pd.Series[float]") -> "Meeting":
        """Give the same with some households at other points, as they are fetched there."""
        at = pd.concat(
            [
                self.at.drop(index=to.index, errors="ignore"),
                pd.DataFrame({"point": to.astype("Int64"), "seconds": seconds.astype(float)}),
            ]
        ).sort_index()
        return Meeting(self.points, at, self.left.drop(index=to.index, errors="ignore"), self.apart)


def nobody(inputs: Inputs) -> Meeting:
    """Give a meeting without points."""
    empty = pd.DataFrame(
        {"point": pd.Series(dtype="Int64"), "seconds": pd.Series(dtype=float)},
        index=inputs.households.index[:0],
    )
    frame = gpd.GeoDataFrame({"name": [], "kind": []}, geometry=[], crs=inputs.households.crs)
    return Meeting(frame, empty, pd.Series(dtype=object))


def meeting(
    inputs: Inputs, network: Network, made: evacuation.Draft, options: PlanOptions
) -> Meeting:
    """Choose assembly points for those who walk; none where the options want none."""
    served = inputs.households.loc[made.assignments.index]
    mine = served[~served["needs_vehicle"].fillna(False).astype(bool)]
    if options.assembly_minutes is None or mine.empty:
        return nobody(inputs)
    hazard = gpd.GeoSeries([inputs.shape], crs=inputs.households.crs)
    places, apart = offered(network, hazard, inputs.places, danger(inputs), len(mine))
    if places.empty:
        return nobody(inputs)
    found = assembly_rooms.shared(
        network,
        mine,
        places,
        inputs.shape,
        inputs.shelters,
        made.assignments["shelter"].loc[mine.index],
        blocked=inputs.blocked,
        options=Options(walk_seconds=options.assembly_minutes * 60.0),
        most=options.assembly_people,
    )
    order = np.lexsort((found.points.geometry.y, found.points.geometry.x))
    points = found.points.iloc[order]
    number = {label: row for row, label in enumerate(points.index, start=1)}
    there = found.assignment[found.assignment["point"].notna()]
    at = pd.DataFrame(
        {
            "point": there["point"].map(number).astype("Int64"),
            "seconds": there["seconds"].astype(float),
        },
        index=there.index,
    )
    points = points.assign(name=_named(inputs, network, points))
    kept = points[["name", "kind", "geometry"]].set_axis(pd.RangeIndex(1, len(points) + 1))
    return Meeting(kept, at, found.left["reason"].astype(object), apart)


def offered(
    network: Network,
    hazard: gpd.GeoSeries,
    places: gpd.GeoDataFrame | None,
    away: BaseGeometry,
    households: int,
) -> tuple[gpd.GeoDataFrame, float]:
    """Offer places to meet, farther apart where there are so many households.

    Parameters
    ----------
    away
        Where nobody is to wait, in the CRS of the hazard.
    households
        How many look for one: each with each place is a row of tables that must fit in memory.

    Returns
    -------
    places, apart
        In the CRS of the hazard; metres between two of them.
    """
    apart = _APART
    while True:
        found = candidates(network, hazard, places, within=BESIDE, apart=apart)
        found = found.to_crs(hazard.crs)
        found = found[~found.intersects(away)]
        if len(found) * households <= _PAIRS:
            return found, apart
        if apart >= _FARTHEST:
            return found.iloc[: max(_PAIRS // households, 1)], apart
        apart *= 1.4


def danger(inputs: Inputs) -> BaseGeometry:
    """Give where other hazards are in force, in the CRS of the households."""
    found: BaseGeometry = inputs.dangers.to_crs(inputs.households.crs).geometry.union_all()
    return found


def _named(inputs: Inputs, network: Network, points: gpd.GeoDataFrame) -> list[str | None]:
    """Name points: their own name, else the nearest named street not far away."""
    given = [None if pd.isna(name) else str(name) for name in points["name"]]
    if "name" not in inputs.roads:
        return given
    streets = inputs.roads[inputs.roads["name"].notna()]
    metric = network.metric
    nearest, _far = streets.to_crs(metric).sindex.nearest(
        points.geometry.to_crs(metric), return_all=False, max_distance=_BESIDE, return_distance=True
    )
    beside = dict(zip(nearest[0].tolist(), streets["name"].iloc[nearest[1]].tolist(), strict=True))
    return [name or beside.get(row) for row, name in enumerate(given)]


def part_of(inputs: Inputs, found: Meeting, options: PlanOptions) -> dict[str, Any]:
    """Give what is kept with the plan: nothing where nobody was to meet.

    Returns
    -------
    part
        `minutes` and `most` that were asked for; `points` with `number`, `name` (None where no
        street near it has a name), `kind`, `lon`, `lat`, `households`, `people`,
        `longest_seconds`; `left`, by reason, with `households` and `people`; `apart`, metres
        between the places that were looked at, where people are too many to look at all.
    """
    if options.assembly_minutes is None:
        return {}
    people = inputs.households["people"]
    by = found.at.assign(people=people.loc[found.at.index]).groupby("point")
    points = found.points.to_crs("EPSG:4326")
    rows = []
    for number, row in points.iterrows():
        if number not in by.groups:
            continue
        mine = by.get_group(number)
        rows.append(
            {
                "number": int(str(number)),
                "name": None if pd.isna(row["name"]) else str(row["name"]),
                "kind": str(row["kind"]),
                "lon": round(float(row.geometry.x), 7),
                "lat": round(float(row.geometry.y), 7),
                "households": len(mine),
                "people": int(mine["people"].sum()),
                "longest_seconds": round(float(mine["seconds"].max()), 1),
            }
        )
    left = {
        str(reason): {"households": len(rest), "people": int(people.loc[rest.index].sum())}
        for reason, rest in found.left.groupby(found.left)
    }
    return {
        "minutes": options.assembly_minutes,
        "most": options.assembly_people,
        "points": rows,
        "left": left,
    } | ({"apart": round(found.apart)} if found.apart > _APART else {})
