"""Tours of vehicles as plain numbers: what they take, when they are where, what they cost.

A tour takes people of one shelter only: from where the vehicle is, past its stops, to the shelter.
Nothing here knows of streets; times are seconds between stops, ends (shelters) and starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Tour = tuple[int, ...]
Plan = tuple[tuple[Tour, ...], ...]
"""For each vehicle its tours in order; for each tour its stops in order."""

KINDS = ("seats", "wheelchairs")
"""What a vehicle has places of and a household takes up."""


@dataclass(frozen=True)
class Fleet:
    """Vehicles, stops and ends.

    Attributes
    ----------
    room
        Int array vehicles x `KINDS`: places.
    ready, until
        Seconds from which and until which each vehicle can be used.
    load
        Int array stops x `KINDS`: places taken up.
    weight
        What a second of waiting of each stop counts, above 0.
    worth
        What serving each stop counts: no sum of waiting and driving is worth as much.
    early, late
        Seconds from which each stop can be fetched, and until which.
    service
        Seconds that loading takes at each stop.
    end
        End of each stop, -1 for none.
    clear
        Seconds until which the ends must be reached.
    unload
        Seconds that unloading takes.
    between, home
        Seconds with people aboard: stops x stops, stops x ends.
    start_stop, end_stop
        Seconds of an empty vehicle: vehicles x stops, ends x stops.
    only
        The one vehicle that may fetch each stop, -1 for any; None where any may fetch all.
    """

    room: Integers
    ready: Floats
    until: Floats
    load: Integers
    weight: Integers
    worth: Integers
    early: Floats
    late: Floats
    service: Floats
    end: Integers
    clear: float
    unload: float
    between: Floats
    home: Floats
    start_stop: Floats
    end_stop: Floats
    only: Integers | None = None

    @property
    def vehicles(self) -> int:
        """How many vehicles there are."""
        return len(self.ready)

    def fits(self, vehicle: int, stops: Sequence[int]) -> bool:
        """Tell whether a vehicle may fetch all these stops, and has room for them at once."""
        if self.only is not None and not np.isin(self.only[list(stops)], (-1, vehicle)).all():
            return False
        taken = self.load[list(stops)].sum(axis=0)
        return bool((taken <= self.room[vehicle]).all())


@dataclass(frozen=True)
class Times:
    """When a vehicle is where.

    Attributes
    ----------
    arrive, leave
        For each tour, for each stop: when the vehicle gets there, and when it drives on.
    begin, finish
        For each tour: when the vehicle sets out, when it reaches the end.
    """

    arrive: tuple[tuple[float, ...], ...]
    leave: tuple[tuple[float, ...], ...]
    begin: tuple[float, ...]
    finish: tuple[float, ...]


class Clock:
    """Times and costs of the tours of one vehicle, without arrays: it is asked very often."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._between = fleet.between.tolist()
        self._home = fleet.home.tolist()
        self._start = fleet.start_stop.tolist()
        self._end_stop = fleet.end_stop.tolist()
        self._early, self._late = fleet.early.tolist(), fleet.late.tolist()
        self._service, self._end = fleet.service.tolist(), fleet.end.tolist()
        self._weight = fleet.weight.tolist()
        self._ready, self._until = fleet.ready.tolist(), fleet.until.tolist()

    def cost(self, vehicle: int, tours: Sequence[Sequence[int]]) -> float | None:
        """Add up waiting (weighted) and driving of a vehicle; None if it comes too late."""
        now, place, total, drive = self._ready[vehicle], -1, 0.0, 0.0
        clear = self.fleet.clear
        for tour in tours:
            last = -1
            for stop in tour:
                if last >= 0:
                    way = self._between[last][stop]
                elif place >= 0:
                    way = self._end_stop[place][stop]
                else:
                    way = self._start[vehicle][stop]
                now = max(now + way, self._early[stop])
                if now > self._late[stop]:
                    return None
                total += self._weight[stop] * now
                drive += way
                now += self._service[stop]
                last = stop
            place = self._end[last]
            way = self._home[last][place]
            now += way
            drive += way
            if now > clear:
                return None
            now += self.fleet.unload
        return None if now > self._until[vehicle] else total + drive

    def times(self, vehicle: int, tours: Sequence[Sequence[int]]) -> Times:
        """Say when a vehicle is where."""
        now, place = self._ready[vehicle], -1
        arrive, leave, begin, finish = [], [], [], []
        for tour in tours:
            last, came, went = -1, [], []
            begin.append(now)
            for stop in tour:
                if last >= 0:
                    now += self._between[last][stop]
                elif place >= 0:
                    now += self._end_stop[place][stop]
                else:
                    now += self._start[vehicle][stop]
                came.append(now)
                now = max(now, self._early[stop]) + self._service[stop]
                went.append(now)
                last = stop
            place = self._end[last]
            now += self._home[last][place]
            arrive.append(tuple(came))
            leave.append(tuple(went))
            finish.append(now)
            now += self.fleet.unload
        return Times(tuple(arrive), tuple(leave), tuple(begin), tuple(finish))


def total(fleet: Fleet, clock: Clock, plan: Plan) -> float:
    """Give what a plan costs: whom it leaves over, then waiting and driving; inf if not sound."""
    served: set[int] = set()
    cost = 0.0
    for vehicle, tours in enumerate(plan):
        for tour in tours:
            one_end = len({int(fleet.end[stop]) for stop in tour}) == 1
            if not one_end or served & set(tour) or not fleet.fits(vehicle, tour):
                return np.inf
            served |= set(tour)
        mine = clock.cost(vehicle, tours)
        if mine is None:
            return np.inf
        cost += mine
    left = np.ones(len(fleet.end), dtype=bool)
    left[sorted(served)] = False
    return cost + float(fleet.worth[left].sum())


def inserted(fleet: Fleet, clock: Clock, plan: Plan, stops: Sequence[int]) -> Plan:
    """Put stops into a plan one after the other, each where it costs least.

    A stop joins a tour to the same end that has room, at any position, or begins a tour of its
    own. Stops that fit nowhere stay out. Ties go to the lower vehicle, the earlier place.
    """
    made = [list(tours) for tours in plan]
    costs = [clock.cost(vehicle, tours) for vehicle, tours in enumerate(made)]
    for stop in stops:
        best: tuple[float, int, list[Tour]] | None = None
        for vehicle, tours in enumerate(made):
            before = costs[vehicle]
            if before is None or not fleet.fits(vehicle, (stop,)):
                continue
            for changed in _with(fleet, vehicle, tours, stop):
                cost = clock.cost(vehicle, changed)
                if cost is not None and (best is None or cost - before < best[0]):
                    best = cost - before, vehicle, changed
        if best is not None:
            _, vehicle, made[vehicle] = best
            costs[vehicle] = clock.cost(vehicle, made[vehicle])
    return tuple(tuple(tours) for tours in made)


def _with(fleet: Fleet, vehicle: int, tours: list[Tour], stop: int) -> list[list[Tour]]:
    """List the tours of a vehicle with one stop more, in every way."""
    ways = []
    end = fleet.end[stop]
    for number, tour in enumerate(tours):
        if fleet.end[tour[0]] == end and fleet.fits(vehicle, (*tour, stop)):
            for at in range(len(tour) + 1):
                longer = (*tour[:at], stop, *tour[at:])
                ways.append([*tours[:number], longer, *tours[number + 1 :]])
    for number in range(len(tours) + 1):
        ways.append([*tours[:number], (stop,), *tours[number:]])
    return ways
