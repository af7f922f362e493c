"""Tours of vehicles for those who cannot walk: who is fetched by which, when, on which way.

A vehicle enters the hazard empty, once a tour, fetches whole households of one shelter and leaves
by a safe way: with people aboard it never enters the hazard again. Nothing drives where a closure
is. Whoever is not fetched is listed with a reason and with what would do.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import pickup_inputs
from geodata.evacuation_inputs import Areas
from geodata.network import Network
from geodata.pickup_inputs import Case, Options
from geodata.pickup_plans import Clock, Fleet, Plan, Times, inserted, total
from geodata.pickup_reasons import REASONS, left, reachable, remedies
from geodata.pickup_routing import improved
from geodata.pickup_search import renewed
from geodata.pickup_ways import linestring

__all__ = ["REASONS", "Options", "Tours", "tours"]

_EFFORT = 150  # some seconds for 300 households and 12 vehicles
_ROUNDS = 150  # rounds of the search x households per unit of effort


@dataclass(frozen=True)
class Tours:
    """Tours of a fleet; times are whole seconds after the call.

    Attributes
    ----------
    stops
        One row per household fetched, by vehicle, tour, order: `vehicle` (label), `tour` and
        `order` (from 1), `household` (label), `arrive_s`, `leave_s`, `seats` and `wheelchairs`
        taken up after it, `people`.
    tours
        One row per tour, by vehicle and tour: `vehicle`, `tour`, `shelter`, `start_s`,
        `arrive_s` (at the shelter), `seconds` and `metres` of driving, `households`, `people`,
        and the geometry of the way in the CRS of the households.
    left
        Households that are not fetched; see `pickup_reasons.left`.
    remedies
        What would fetch them, found by trying; see `pickup_reasons.remedies`.
    cost
        Waiting, weighted, and driving, in seconds, and the worth of those left: what was
        minimised.
    """

    stops: pd.DataFrame
    tours: gpd.GeoDataFrame
    left: pd.DataFrame
    remedies: pd.DataFrame
    cost: float


def tours(  # noqa: PLR0913, PLR0917 - what tours are made from
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    shelter: "pd.Series[int]",
    vehicles: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
) -> Tours:
    """Make tours that fetch households.

    Parameters
    ----------
    network
        The streets, for vehicles.
    households
        Points with `people`, only those to be fetched. Where known: `wheelchairs` (places they
        take, otherwise none), `seats` (otherwise the other people), `ready_s` and `until_s` (from
        when to when they can be fetched), `priority` (0 to 100, otherwise 1: people x priority
        is what waiting and being left counts; of equals those deeper in the hazard come first),
        `vehicle` (label of that which they have been told of: they keep it where it is still
        among the vehicles and nobody is left for it).
    shelters
        Points.
    shelter
        Label of the shelter of each household, as a draft assigns it.
    vehicles
        Points with `seats`; where known `wheelchairs`, `ready_s`, `until_s`.
    hazard
        Polygon or polygons that people leave, as in `evacuation.draft`.
    blocked
        Polygons nobody can pass, likewise.
    options
        Times of loading, the hour by which all must be out, effort.

    Returns
    -------
    Tours
        Whole households, no vehicle over its seats or wheelchair places, everybody within their
        time. First the most of people x priority fetched, then the least waiting and driving.
        The first tours come from putting in one household after the other where it costs least;
        taking some out and putting them in again, then the routing search of OR-Tools better
        them. The same input gives the same tours.

    Raises
    ------
    GeodataError
        Names every row and column that cannot be used.
    """
    case = pickup_inputs.read(
        network, households, shelters, shelter, vehicles, hazard, blocked, options
    )
    clock = Clock(case.fleet)
    plan, cost = _planned(case, clock, options)
    hours = [clock.times(vehicle, mine) for vehicle, mine in enumerate(plan)]
    not_fetched = left(case, plan)
    return Tours(
        _stops(case, plan, hours),
        _tours(case, plan, hours),
        not_fetched,
        remedies(case, plan, not_fetched),
        cost,
    )


def _planned(case: Case, clock: Clock, options: Options) -> tuple[Plan, float]:
    """Make tours in which who was told of a vehicle keeps it, if as many are fetched so."""
    fleet = case.fleet
    if not (case.known >= 0).any():
        return _searched(fleet, clock, options)
    plan, _cost = _searched(replace(fleet, only=case.known), clock, options)
    rows = reachable(fleet, np.arange(len(fleet.end)))
    plan = inserted(fleet, clock, plan, [row for row in rows if row not in _inside(plan)])
    cost = total(fleet, clock, plan)
    if len(_inside(plan)) < len(rows):
        free, least = _searched(fleet, clock, options)
        if _worth(fleet, free) > _worth(fleet, plan):
            return free, least
    return plan, cost


def _inside(plan: Plan) -> set[int]:
    return {stop for mine in plan for tour in mine for stop in tour}


def _worth(fleet: Fleet, plan: Plan) -> int:
    return int(fleet.worth[sorted(_inside(plan))].sum())


def _searched(fleet: Fleet, clock: Clock, options: Options) -> tuple[Plan, float]:
    """Put in one household after the other, then search; nobody is taken out for good."""
    rows = reachable(fleet, np.arange(len(fleet.end)))
    effort = _EFFORT if options.effort is None else options.effort
    rounds = int(np.clip(_ROUNDS * effort // max(len(rows), 1), 0, 3 * effort))
    plan: Plan = inserted(fleet, clock, tuple(() for _ in range(fleet.vehicles)), rows)
    if rounds:
        plan = renewed(fleet, clock, plan, rows, rounds)
        plan = improved(fleet, clock, plan, max(rounds // 2, 10))
        plan = inserted(fleet, clock, plan, [row for row in rows if row not in _inside(plan)])
    return plan, total(fleet, clock, plan)


def _stops(case: Case, plan: Plan, hours: list[Times]) -> pd.DataFrame:
    fleet, rows = case.fleet, []
    for vehicle, mine in enumerate(plan):
        for number, tour in enumerate(mine):
            taken = np.cumsum(fleet.load[list(tour)], axis=0)
            for order, stop in enumerate(tour):
                rows.append(
                    (
                        case.vehicles.index[vehicle],
                        number + 1,
                        order + 1,
                        case.households.index[stop],
                        int(hours[vehicle].arrive[number][order]),
                        int(hours[vehicle].leave[number][order]),
                        int(taken[order, 0]),
                        int(taken[order, 1]),
                        int(case.people[stop]),
                    )
                )
    names = ["vehicle", "tour", "order", "household", "arrive_s", "leave_s"]
    return pd.DataFrame(rows, columns=[*names, "seats", "wheelchairs", "people"])


def _tours(case: Case, plan: Plan, hours: list[Times]) -> gpd.GeoDataFrame:
    fleet, rows, lines = case.fleet, [], []
    for vehicle, mine in enumerate(plan):
        place = ("start", vehicle)
        for number, tour in enumerate(mine):
            end = int(fleet.end[tour[0]])
            halts = [place, *(("stop", stop) for stop in tour), ("end", end)]
            ways = [
                case.ways.way(here, there) for here, there in zip(halts, halts[1:], strict=False)
            ]
            lines.append(linestring(np.concatenate([way.line for way in ways])))
            rows.append(
                (
                    case.vehicles.index[vehicle],
                    number + 1,
                    case.shelters.index[end],
                    int(hours[vehicle].begin[number]),
                    int(hours[vehicle].finish[number]),
                    round(sum(way.seconds for way in ways), 1),
                    round(sum(way.metres for way in ways), 1),
                    len(tour),
                    int(case.people[list(tour)].sum()),
                )
            )
            place = ("end", end)
    names = ["vehicle", "tour", "shelter", "start_s", "arrive_s", "seconds", "metres"]
    frame = pd.DataFrame(rows, columns=[*names, "households", "people"])
    shapes = gpd.GeoSeries(lines, index=frame.index, crs=case.ways.network.crs)
    return gpd.GeoDataFrame(frame, geometry=shapes.to_crs(case.households.crs))
