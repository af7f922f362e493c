"""Tours made better by the routing search of OR-Tools, from tours that are there already.

A vehicle's day is one route past stops and *doors*: a door is one visit to one end, where all get
out. Ways between stops of different ends, and from a stop to the door of another end, do not exist.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.pickup_plans import KINDS, Clock, Fleet, Plan, Tour, total

Integers = NDArray[np.int64]

_SPARE_DOORS = 2  # doors of each end beyond those the first plan needs
_NO_WAY = 10**7  # seconds of a way that does not exist: longer than any day


@dataclass(frozen=True)
class _Nodes:
    """Numbers of the routing model: starts, the one place where days end, stops, doors."""

    vehicles: int
    stops: int
    doors: Integers  # the end of each

    @property
    def size(self) -> int:
        return self.vehicles + 1 + self.stops + len(self.doors)

    @property
    def first_stop(self) -> int:
        return self.vehicles + 1

    @property
    def first_door(self) -> int:
        return self.vehicles + 1 + self.stops


def improved(fleet: Fleet, clock: Clock, plan: Plan, steps: int) -> Plan:
    """Make a plan better.

    Parameters
    ----------
    fleet
        The vehicles and what they are to fetch.
    clock
        Its clock.
    plan
        A sound plan.
    steps
        Steps down the search takes at most: a count and no time, so that every machine stops alike.

    Returns
    -------
    Plan
        A sound plan that does not cost more. The same input gives the same plan.
    """
    if not fleet.vehicles or not any(plan) or steps < 1:
        return plan
    nodes = _Nodes(fleet.vehicles, len(fleet.end), _doors(fleet, plan))
    found = _searched(fleet, nodes, plan, steps)
    if found is None or not total(fleet, clock, found) < total(fleet, clock, plan):
        return plan
    return found


def _doors(fleet: Fleet, plan: Plan) -> Integers:
    used = [int(fleet.end[tour[0]]) for tours in plan for tour in tours]
    wanted = sorted({int(end) for end in fleet.end if end >= 0})
    return np.array(sorted(used + wanted * _SPARE_DOORS), dtype=np.int64)


def _searched(fleet: Fleet, nodes: _Nodes, plan: Plan, steps: int) -> Plan | None:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    manager = pywrapcp.RoutingIndexManager(
        nodes.size, nodes.vehicles, list(range(nodes.vehicles)), [nodes.vehicles] * nodes.vehicles
    )
    model = pywrapcp.RoutingModel(manager)
    _measure(model, manager, fleet, nodes)
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    settings.solution_limit = steps
    settings.log_search = False
    model.CloseModelWithParameters(settings)
    first = model.ReadAssignmentFromRoutes(_as_routes(manager, fleet, nodes, plan), True)
    if first is None:
        return None
    answer = model.SolveFromAssignmentWithParameters(first, settings)
    return None if answer is None else _as_plan(model, manager, nodes, answer)


def _measure(model: Any, manager: Any, fleet: Fleet, nodes: _Nodes) -> None:
    """Tell the model what ways take, what vehicles hold, and what counts."""
    way, drive = _ways(fleet, nodes)
    time = model.RegisterTransitMatrix(way.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(drive.tolist()))
    day = int(max(np.where(np.isfinite(fleet.until), fleet.until, 0).max(), _last(fleet))) + 1
    model.AddDimension(time, day, day, False, "time")
    clock = model.GetDimensionOrDie("time")
    for kind, name in enumerate(KINDS):
        _hold(model, manager, nodes, fleet.load[:, kind], fleet.room[:, kind], name)
    for stop in range(nodes.stops):
        index = manager.NodeToIndex(nodes.first_stop + stop)
        late = int(min(fleet.late[stop], day))
        early = int(np.ceil(fleet.early[stop]))
        clock.CumulVar(index).SetRange(early, max(early, late))
        clock.SetCumulVarSoftUpperBound(index, 0, int(fleet.weight[stop]))
        model.AddDisjunction([index], int(fleet.worth[stop]))
        if fleet.only is not None and fleet.only[stop] >= 0:
            model.VehicleVar(index).SetValues([-1, int(fleet.only[stop])])
    for door in range(len(nodes.doors)):
        index = manager.NodeToIndex(nodes.first_door + door)
        clock.CumulVar(index).SetMax(int(min(fleet.clear, day)))
        model.AddDisjunction([index], 0)
    for vehicle in range(nodes.vehicles):
        clock.CumulVar(model.Start(vehicle)).SetMin(int(np.ceil(fleet.ready[vehicle])))
        clock.CumulVar(model.End(vehicle)).SetMax(int(min(fleet.until[vehicle], day)))
        model.AddVariableMinimizedByFinalizer(clock.CumulVar(model.End(vehicle)))


def _last(fleet: Fleet) -> float:
    """Give a second by which every sensible day has ended."""
    if np.isfinite(fleet.clear):
        return fleet.clear + fleet.unload
    ways = [
        held[np.isfinite(held)].max(initial=0.0)
        for held in (fleet.between, fleet.home, fleet.start_stop, fleet.end_stop)
    ]
    longest = max(float(one) for one in ways) + float(fleet.service.max(initial=0.0))
    begin = max(float(fleet.ready.max(initial=0.0)), float(fleet.early.max(initial=0.0)))
    return min(begin + 2 * len(fleet.end) * (longest + fleet.unload) + 1, _NO_WAY / 2)


def _hold(
    model: Any, manager: Any, nodes: _Nodes, load: Integers, room: Integers, name: str
) -> None:
    """Count places taken up along a route; at a door all are free again."""
    most = int(room.max(initial=0))
    taken = np.zeros(nodes.size, dtype=np.int64)
    taken[nodes.first_stop : nodes.first_door] = load
    taken[nodes.first_door :] = -most
    call = model.RegisterUnaryTransitVector(taken.tolist())
    model.AddDimensionWithVehicleCapacity(call, most, room.tolist(), True, name)
    held = model.GetDimensionOrDie(name)
    for node in range(nodes.first_stop, nodes.first_door):
        held.SlackVar(manager.NodeToIndex(node)).SetValue(0)
    for vehicle in range(nodes.vehicles):
        held.SlackVar(model.Start(vehicle)).SetValue(0)


def _ways(fleet: Fleet, nodes: _Nodes) -> tuple[Integers, Integers]:
    """Make the matrices of all nodes: seconds (loading and unloading included), and driving."""
    size, stop, door = nodes.size, nodes.first_stop, nodes.first_door
    drive = np.full((size, size), np.inf)
    stops, doors = slice(stop, door), slice(door, size)
    same = fleet.end[:, None] == fleet.end[None, :]
    drive[: nodes.vehicles, stops] = fleet.start_stop
    drive[: nodes.vehicles, nodes.vehicles] = 0.0
    drive[stops, stops] = np.where(same, fleet.between, np.inf)
    suits = fleet.end[:, None] == nodes.doors[None, :]
    drive[stops, doors] = np.where(suits, fleet.home[:, nodes.doors], np.inf)
    drive[doors, stops] = fleet.end_stop[nodes.doors]
    # a door nobody gets out at costs nothing, so that the search may open one
    drive[doors, doors] = np.where(nodes.doors[:, None] == nodes.doors[None, :], 0.0, np.inf)
    drive[doors, nodes.vehicles] = 0.0
    way = drive.copy()
    way[stops] += fleet.service[:, None]
    way[doors] += fleet.unload
    way[doors, doors] -= fleet.unload
    np.fill_diagonal(drive, 0.0)
    np.fill_diagonal(way, 0.0)
    whole = np.where(np.isfinite(way), np.ceil(way), _NO_WAY).astype(np.int64)
    cost = np.where(np.isfinite(drive), np.ceil(drive), _NO_WAY).astype(np.int64)
    return whole, cost


def _as_routes(manager: Any, fleet: Fleet, nodes: _Nodes, plan: Plan) -> list[list[int]]:
    free = {int(end): np.flatnonzero(nodes.doors == end).tolist() for end in set(nodes.doors)}
    routes = []
    for tours in plan:
        route: list[int] = []
        for tour in tours:
            door = free[int(fleet.end[tour[0]])].pop(0)
            route += [nodes.first_stop + stop for stop in tour] + [nodes.first_door + door]
        routes.append([manager.NodeToIndex(node) for node in route])
    return routes


def _as_plan(model: Any, manager: Any, nodes: _Nodes, answer: Any) -> Plan:
    plan = []
    for vehicle in range(nodes.vehicles):
        tours: list[Tour] = []
        tour: list[int] = []
        index = model.Start(vehicle)
        while not model.IsEnd(index):
            node = manager.IndexToNode(index)
            if nodes.first_stop <= node < nodes.first_door:
                tour.append(node - nodes.first_stop)
            elif node >= nodes.first_door and tour:
                tours.append(tuple(tour))
                tour = []
            index = answer.Value(model.NextVar(index))
        plan.append(tuple(tours))
    return tuple(plan)
