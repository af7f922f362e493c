"""Who is to be fetched, by what, read and checked: every fault named at once."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.evacuation_inputs import (
    Areas,
    area,
    changed,
    check_frame,
    decimals,
    raise_if,
    whole_numbers,
)
from geodata.network import Network
from geodata.pickup_plans import Fleet
from geodata.pickup_ways import PickupWays

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_DAY = 86_400.0
_LARGEST = 2.0**61  # sums of the routing search are whole numbers of 63 bits


@dataclass(frozen=True)
class Options:
    """How tours are made.

    Attributes
    ----------
    service_seconds, wheelchair_seconds, unload_seconds
        Time at a stop, time more for each wheelchair there, time at the shelter.
    clear_by_seconds
        When the last one must be at a shelter; None for a day.
    max_metres
        Farthest straight leg between a place and its street.
    bridges_clear
        Whether bridges and tunnels across the hazard count as outside it.
    effort
        How long to search after the first tours, counted in steps, so that every machine stops
        alike: None is as 150, some seconds for 300 households; 0 leaves the first tours.
    """

    service_seconds: float = 120.0
    wheelchair_seconds: float = 180.0
    unload_seconds: float = 180.0
    clear_by_seconds: float | None = None
    max_metres: float = 200.0
    bridges_clear: bool = False
    effort: int | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        times = (self.service_seconds, self.wheelchair_seconds, self.unload_seconds)
        if not all(0 <= seconds <= _DAY for seconds in times):
            raise GeodataError("times of loading and unloading are 0 seconds to a day")
        clear = self.clear_by_seconds
        if clear is not None and not 0 <= clear <= _DAY:
            raise GeodataError(f"clear_by_seconds {clear!r} is not 0 seconds to a day")
        if not self.max_metres >= 0 or (self.effort is not None and self.effort < 0):
            raise GeodataError("max_metres and effort are zero or more")


@dataclass(frozen=True)
class Case:
    """Everything that tours are made from.

    Attributes
    ----------
    households, shelters, vehicles
        As given.
    fleet
        Them as numbers, in the order given.
    ways
        The streets with them on.
    people
        People of each household.
    depth
        Metres from each to the border of the hazard, 0 outside.
    known
        The vehicle that each household knows of, by position; -1 for none.
    """

    households: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    vehicles: gpd.GeoDataFrame
    fleet: Fleet
    ways: PickupWays
    people: Integers
    depth: Floats
    known: Integers


def read(  # noqa: PLR0913, PLR0917 - what tours are made from
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    shelter: "pd.Series[int]",
    vehicles: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None,
    options: Options,
) -> Case:
    """Read the inputs of `pickups.tours`."""
    faults = [
        *check_frame(households, "households"),
        *check_frame(shelters, "shelters"),
        *check_frame(vehicles, "vehicles"),
    ]
    raise_if(faults)
    crs = households.crs
    danger, shut = area(hazard, crs, "the hazard", faults), area(blocked, crs, "blocked", faults)
    end = _ends(households, shelters, shelter, faults)
    people = whole_numbers(households, "people", "households", faults)
    load = _loads(households, people, faults)
    early = _seconds(households, "ready_s", 0.0, faults)
    late = _seconds(households, "until_s", _DAY, faults)
    priority = decimals(households, "priority", 0.0, 100.0, faults)
    room = np.column_stack(
        [
            whole_numbers(vehicles, "seats", "vehicles", faults),
            _whole(vehicles, "wheelchairs", np.zeros(len(vehicles), dtype=np.int64), faults),
        ]
    )
    ready = _seconds(vehicles, "ready_s", 0.0, faults)
    until = _seconds(vehicles, "until_s", _DAY, faults)
    raise_if(faults)
    ways = _ways(network, households, shelters, vehicles, danger, shut, options)
    metric = changed(danger, crs, network.metric)
    inside = households.geometry.to_crs(network.metric)
    depth = np.where(
        shapely.intersects(metric, inside.to_numpy()), inside.distance(metric.boundary), 0.0
    )
    between, home = ways.between()
    to_stop, _ = ways.approach()
    cars = len(vehicles)
    weight, worth = _weights(people, np.where(np.isnan(priority), 1.0, priority), depth)
    fleet = Fleet(
        room=room,
        ready=np.ceil(ready),
        until=np.floor(until),
        load=load,
        weight=weight,
        worth=worth,
        early=np.ceil(early),
        late=np.floor(late),
        service=np.ceil(options.service_seconds + options.wheelchair_seconds * load[:, 1]),
        end=end,
        clear=float(
            np.floor(_DAY if options.clear_by_seconds is None else options.clear_by_seconds)
        ),
        unload=float(np.ceil(options.unload_seconds)),
        between=np.ceil(between),
        home=np.ceil(home),
        start_stop=np.ceil(to_stop[:cars]),
        end_stop=np.ceil(to_stop[cars:]),
    )
    known = _known(households, vehicles)
    return Case(households, shelters, vehicles, fleet, ways, people, depth, known)


def _known(households: gpd.GeoDataFrame, vehicles: gpd.GeoDataFrame) -> Integers:
    """Give the vehicle each household knows of; one that is not there any more counts as none."""
    if "vehicle" not in households:
        return np.full(len(households), -1, dtype=np.int64)
    labels = households["vehicle"].astype(object)
    found = vehicles.index.get_indexer(pd.Index(labels.where(labels.notna(), None), dtype=object))
    return np.where(labels.notna().to_numpy(), found, -1).astype(np.int64)


def _ends(
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    shelter: "pd.Series[int]",
    faults: list[Fault],
) -> Integers:
    if shelter.index.has_duplicates:
        faults.append(Fault("the label of the assignment repeats", None, "shelter"))
        return np.full(len(households), -1, dtype=np.int64)
    mine = shelter.reindex(households.index)
    end: Integers = np.asarray(shelters.index.get_indexer(pd.Index(mine)), dtype=np.int64)
    end[mine.isna().to_numpy()] = -1
    unknown = (end < 0) & mine.notna().to_numpy()
    faults += [
        Fault(f"no such shelter: {mine[row]}", row, "shelter") for row in households.index[unknown]
    ]
    return end


def _loads(households: gpd.GeoDataFrame, people: Integers, faults: list[Fault]) -> Integers:
    nobody = np.zeros(len(households), dtype=np.int64)
    chairs = _whole(households, "wheelchairs", nobody, faults)
    seats = _whole(households, "seats", np.maximum(people - chairs, 0), faults)
    return np.column_stack([seats, chairs])


def _whole(frame: pd.DataFrame, column: str, missing: Integers, faults: list[Fault]) -> Integers:
    """Read a column of whole numbers, which may be absent or have gaps."""
    if column not in frame:
        return missing
    filled = frame[column].where(frame[column].notna(), pd.Series(missing, index=frame.index))
    return whole_numbers(filled.to_frame(column), column, "the frame", faults)


def _seconds(frame: pd.DataFrame, column: str, missing: float, faults: list[Fault]) -> Floats:
    read_in = decimals(frame, column, 0.0, _DAY, faults)
    return np.where(np.isnan(read_in), missing, read_in)


def _ways(  # noqa: PLR0913, PLR0917 - the ground and all that stands on it
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    vehicles: gpd.GeoDataFrame,
    hazard: BaseGeometry,
    blocked: BaseGeometry,
    options: Options,
) -> PickupWays:
    crs = households.crs
    closed = network
    if not blocked.is_empty:
        closed = network.close(changed(blocked, crs, network.crs))
    return PickupWays(
        closed,
        changed(hazard, crs, network.metric),
        changed(blocked, crs, network.metric),
        network.places(households.geometry, options.max_metres),
        network.places(shelters.geometry, options.max_metres),
        network.places(vehicles.geometry, options.max_metres),
        options.bridges_clear,
    )


def _weights(people: Integers, priority: Floats, depth: Floats) -> tuple[Integers, Integers]:
    """Weigh what a second of waiting counts, and what being fetched at all counts.

    People times priority; of equals those deeper in the hazard come first.
    """
    deep = depth / depth.max() if depth.max(initial=0.0) > 0 else depth
    weight = np.rint(np.maximum(people, 1) * (priority * 10 + deep * 5)).astype(np.int64) + 1
    while 2 * _DAY * float(weight.sum()) ** 2 > _LARGEST:  # coarser, so that sums stay exact
        weight = weight // 2 + 1
    most = int(weight.sum()) * int(2 * _DAY) + 1
    return weight, weight * most
