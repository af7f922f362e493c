"""Made-up fleets for the pick-up tests, and a check of tours by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from evacuation_towns import CRS, entering_again, scatter, town
from shapely import LineString

from geodata.evacuation import draft
from geodata.network import Network


def fleet(seed, vehicles=4, households=150, sizes=(4, 8, 16), outside=True, **more):
    """Make a town, who is to be fetched in it and brought where, and vehicles."""
    roads, homes, places, hazard = town(seed, households=households, room=2.0, **more)
    rng = np.random.default_rng(seed)
    drive = Network.from_roads(roads.assign(oneway=0), "drive")
    found = draft(drive, homes, places, hazard)
    mine = homes.loc[found.assignments.index]
    mine = mine.assign(wheelchairs=mine.wheelchair.astype(int)).drop(columns="wheelchair")
    at = scatter(roads, vehicles * 30, rng)
    at = at[~shapely.intersects(hazard, at)] if outside else at
    cars = gpd.GeoDataFrame(
        {
            "seats": rng.choice(sizes, vehicles),
            "wheelchairs": rng.integers(0, 3, vehicles),
            "ready_s": rng.integers(0, 600, vehicles),
        },
        geometry=at[:vehicles],
        crs=CRS,
        index=[f"v{number}" for number in range(vehicles)],
    )
    return drive, mine, places, found.assignments.shelter, cars, hazard


def check(case, found, options, blocked=None):
    """Check tours with nothing but the inputs."""
    network, homes, places, shelter, cars, hazard = case
    stops, left = found.stops, found.left
    assert sorted([*stops.household, *left.index]) == sorted(homes.index)
    loads = homes.people - homes.wheelchairs
    closed = network if blocked is None else network.close(blocked)
    spots = pd.concat([cars.geometry, homes.geometry, places.geometry])
    at_spot = {key: number for number, key in enumerate(spots.index)}
    ways = closed.matrix(spots, spots)[0]
    for label, mine in stops.groupby("vehicle"):
        car = cars.loc[label]
        free, at = float(car.ready_s), label
        assert mine.tour.is_monotonic_increasing
        for number, tour in mine.groupby("tour"):
            row = found.tours[(found.tours.vehicle == label) & (found.tours.tour == number)]
            assert len(row) == 1
            row = row.iloc[0]
            assert row.start_s >= free - 1
            assert tour.order.tolist() == list(range(1, len(tour) + 1))
            assert set(shelter[tour.household]) == {row.shelter}
            assert not places.geometry[row.shelter].intersects(hazard)
            seats, chairs = (
                loads[tour.household].cumsum(),
                homes.wheelchairs[tour.household].cumsum(),
            )
            assert seats.tolist() == tour.seats.tolist()
            assert chairs.tolist() == tour.wheelchairs.tolist()
            assert seats.iloc[-1] <= car.seats
            assert chairs.iloc[-1] <= car.wheelchairs
            now = row.start_s
            for stop in tour.itertuples():
                home = homes.loc[stop.household]
                way = ways[at_spot[at], at_spot[stop.household]]
                assert stop.arrive_s >= now + way - 1e-6
                begin = max(stop.arrive_s, home.get("ready_s", 0))
                assert begin <= home.get("until_s", np.inf)
                service = options.service_seconds + options.wheelchair_seconds * home.wheelchairs
                assert stop.leave_s >= begin + service - 1e-6
                now, at = stop.leave_s, stop.household
            end = row.shelter
            assert row.arrive_s >= now + ways[at_spot[at], at_spot[end]] - 1e-6
            if options.clear_by_seconds is not None:
                assert row.arrive_s <= options.clear_by_seconds
            free, at = row.arrive_s + options.unload_seconds, end
            assert row.people == homes.people[tour.household].sum() == tour.people.sum()
            assert row.households == len(tour)
    _check_lines(case, found, blocked)


def _check_lines(case, found, blocked):
    network, homes, places, _, cars, hazard = case
    free = shapely.Polygon()
    if blocked is not None:  # bridges stay
        over = network.close(blocked).edges.geometry
        over = shapely.union_all(over[over.intersects(blocked)].to_numpy())
        free = over.buffer(1e-6)
    here = {}
    for row in found.tours.itertuples():
        line = row.geometry
        tour = found.stops[(found.stops.vehicle == row.vehicle) & (found.stops.tour == row.tour)]
        start = here.get(row.vehicle, cars.geometry[row.vehicle])
        here[row.vehicle] = places.geometry[row.shelter]
        assert shapely.get_point(line, 0).distance(start) < 1e-6
        assert shapely.get_point(line, -1).distance(here[row.vehicle]) < 1e-6
        assert abs(line.length - row.metres) < 0.1 + 1e-4 * row.metres
        driven = _driven(line, homes.geometry[tour.household])
        assert driven is not None
        before, rest = driven
        # with people aboard: out once, never in again
        assert entering_again([rest], hazard) == []
        # empty: in once (a vehicle that stands on a street in the hazard may leave it before)
        if not shapely.get_point(line, 1).intersects(hazard.buffer(0.01)):
            assert entering_again([shapely.reverse(before)], hazard) == []
        if blocked is not None:
            assert line.intersection(blocked).difference(free).length < 0.01


def _driven(line, halts):
    """Give the way before the first halt and the way after it, without the steps to the doors.

    None if the line does not pass all doors in this order.
    """
    xy = shapely.get_coordinates(line)
    doors = []
    for halt in halts:
        at = doors[-1] + 1 if doors else 0
        hit = np.flatnonzero(np.hypot(*(xy[at:] - [halt.x, halt.y]).T) < 1e-6)
        if not len(hit):
            return None
        doors.append(at + int(hit[0]))
    after = np.delete(np.arange(len(xy)), doors)
    ways = xy[: doors[0]], xy[after[after > doors[0]]]
    return [LineString(way if len(way) > 1 else np.repeat(way, 2, axis=0)) for way in ways]


def one_by_one(case, options):
    """Fetch households as one would by hand: the next vehicle takes the nearest that fits.

    Gives waiting and driving of whole people, to be compared with tours.
    """
    network, homes, places, shelter, cars, hazard = case
    everything = pd.concat([cars.geometry, homes.geometry, places.geometry])
    seconds = network.matrix(everything, everything)[0]
    at = {label: number for number, label in enumerate([*cars.index])}
    home = {label: len(cars) + number for number, label in enumerate(homes.index)}
    end = {label: len(cars) + len(homes) + number for number, label in enumerate(places.index)}
    free = {label: (float(cars.ready_s[label]), at[label]) for label in cars.index}
    waiting, left = 0.0, set(homes.index)
    load = homes.people - homes.wheelchairs
    while left:
        moves = sorted(
            (now + seconds[place, home[label]], label, car)
            for car, (now, place) in free.items()
            for label in left
            if load[label] <= cars.seats[car] and homes.wheelchairs[label] <= cars.wheelchairs[car]
        )
        if not moves or not np.isfinite(moves[0][0]):
            break
        now, label, car = moves[0]
        room = [cars.seats[car], cars.wheelchairs[car]]
        target = shelter[label]
        while True:
            waiting += homes.people[label] * now
            room = [room[0] - load[label], room[1] - homes.wheelchairs[label]]
            now += options.service_seconds + options.wheelchair_seconds * homes.wheelchairs[label]
            left.discard(label)
            more = sorted(
                (seconds[home[label], home[other]], other)
                for other in left
                if shelter[other] == target
                and load[other] <= room[0]
                and homes.wheelchairs[other] <= room[1]
            )
            if not more:
                break
            now += more[0][0]
            label = more[0][1]
        free[car] = now + seconds[home[label], end[target]] + options.unload_seconds, end[target]
    return waiting, left
