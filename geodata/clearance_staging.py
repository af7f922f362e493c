"""Who is called when, so that nobody has to wait long in the street.

Calling everybody at once sends all to the narrow places together; they wait there, in the open,
as long as they would have waited at home. Waves are therefore filled by what the streets let
pass: a household is called with the first wave in which every edge of its way still has room at
the time at which the household comes to it (after Lu, George and Shekhar's CCRP, with the ways
given).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.clearance import Clearance, Options, counts, estimate, rates_of
from geodata.clearance_queues import Course, Floats, Ints, course
from geodata.compiled import compiled
from geodata.errors import GeodataError
from geodata.evacuation_flow import Followed
from geodata.network import Network

_SLACK = 1e-9
_FIRST = 64  # waves looked at to begin with; doubled until all have one


@dataclass(frozen=True)
class Staging:
    """How waves are made.

    Attributes
    ----------
    interval_seconds
        Time between the calls of two waves.
    per_wave
        People called in one wave at most, but for households that are larger; None for no limit.
    runs, seed
        Of the estimates, see `clearance.estimate`.
    """

    interval_seconds: float = 600.0
    per_wave: int | None = None
    runs: int = 21
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        if not 0 < self.interval_seconds < np.inf:
            raise GeodataError(f"interval_seconds {self.interval_seconds!r} is not above 0")
        if self.per_wave is not None and not self.per_wave >= 1:
            raise GeodataError(f"per_wave {self.per_wave!r} is not one or more")


@dataclass(frozen=True)
class Staged:
    """Waves, beside calling everybody at once.

    Attributes
    ----------
    waves
        Of each household, from 1 without gaps.
    departures
        When each is called, seconds after the first call.
    clearance, at_once
        What comes of these waves, and of calling all together.
    """

    waves: "pd.Series[int]"
    departures: "pd.Series[float]"
    clearance: Clearance
    at_once: Clearance


def staged(
    network: Network,
    followed: Followed,
    people: "pd.Series[int]",
    urgent: "pd.Series[bool] | None" = None,
    group: "pd.Series[str] | None" = None,
    capacity: "pd.Series[float] | None" = None,
    staging: Staging = Staging(),  # noqa: B008  frozen, so it may be shared
    options: Options = Options(),  # noqa: B008
) -> Staged:
    """Call households in waves that the streets can take.

    Parameters
    ----------
    network, followed, people, capacity, options
        As for `clearance.estimate`; its `wave_interval_seconds` is that of `staging` here.
    urgent
        Who chooses a wave first, on the labels of the households.
    group
        Households with the same label leave in one wave.
    staging
        How waves are made.

    Returns
    -------
    Staged
        Of several orders in which the households choose a wave, after the urgent ones, the one
        that is out first, then the one in which people wait least. Those without a way are in
        the first wave. The same input gives the same waves.
    """
    index = followed.index
    count = counts(people, index, "people")
    there = np.flatnonzero(np.isfinite(followed.seconds))
    ways = followed.taken(there).slowed(np.full(len(there), 1 / options.speed))
    way = course(ways, count[there], rates_of(network, capacity) * options.rate)
    units = _units(group, index)[there]
    first = (
        np.zeros(len(index)) if urgent is None else counts(urgent.astype(float), index, "urgent")
    )
    best: tuple[tuple[float, float], pd.Series, Clearance] | None = None
    everybody = pd.Series(1, index=index)
    for order in (-ways.seconds, ways.seconds, -count[there]):
        chosen = np.lexsort((np.arange(len(there)), order, first[there] == 0))
        slot = np.zeros(len(index))
        slot[there] = _slots(way, units, chosen, staging)
        call = pd.Series(slot * staging.interval_seconds, index=index)
        made = estimate(
            network,
            followed,
            people,
            everybody,
            capacity,
            staging.seed,
            1,
            options,
            departures=call,
        )
        key = made.percentiles["median_seconds"].iloc[-1], made.mean_wait_seconds
        if best is None or key < best[0]:
            best = key, call, made
    assert best is not None
    call = best[1]
    number = np.unique(call.to_numpy(), return_inverse=True)[1].reshape(-1) + 1
    waves = pd.Series([int(one) for one in number], index=index, name="wave", dtype="int64")

    def both(wave: "pd.Series[int]", called: "pd.Series[float]") -> Clearance:
        seed, runs = staging.seed, staging.runs
        return estimate(
            network, followed, people, wave, capacity, seed, runs, options, departures=called
        )

    found = both(waves, call)
    return Staged(waves, found.departures, found, both(everybody, call * 0.0))


def _units(group: "pd.Series[str] | None", index: pd.Index) -> Ints:
    """Give households that leave together the same number."""
    alone = np.arange(len(index))
    if group is None:
        return alone
    code = pd.factorize(group.reindex(index))[0]
    return np.where(code >= 0, code, len(index) + alone)


def _slots(way: Course, units: Ints, order: Ints, staging: Staging) -> Ints:
    """Give each household the first wave with room for it and those it leaves with."""
    # units one after the other, in the order of their first household
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    _, unit = np.unique(units, return_inverse=True)
    unit = unit.reshape(-1)
    earliest = np.full(int(unit.max(initial=-1)) + 1, len(order))
    np.minimum.at(earliest, unit, rank)
    member = np.lexsort((rank, earliest[unit]))
    same = np.diff(earliest[unit][member], prepend=-1) != 0
    starts = np.append(np.flatnonzero(same), len(member)).astype(np.int64)
    edges, edge = np.unique(way.edge, return_inverse=True)
    interval = staging.interval_seconds
    rooms = interval / way.seconds_each[edges]
    gate = np.inf if staging.per_wave is None else float(staging.per_wave)
    ready = way._replace(edge=edge.reshape(-1).astype(np.int64))
    waves = _FIRST
    while True:
        slot = np.zeros(len(order), dtype=np.int64)
        room = np.repeat(rooms[:, None], waves, axis=1)
        calls = np.full(waves, gate)
        if _reserve(ready, member, starts, room, rooms, calls, gate, interval, slot):
            return slot
        waves *= 2


@compiled
def _reserve(
    way: Course,
    member: Ints,
    starts: Ints,
    room: Floats,
    rooms: Floats,
    calls: Floats,
    gate: float,
    interval: float,
    slot: Ints,
) -> bool:
    """Fill waves; tell whether there were enough of them."""
    for unit in range(len(starts) - 1):
        mine = member[starts[unit] : starts[unit + 1]]
        wave = 0
        moved = True
        while moved:
            before = wave
            for home in mine:
                later = _later(way, home, wave, room, rooms, interval)
                if later < 0:
                    return False
                wave += later
            need = min(way.people[mine].sum(), gate) - _SLACK
            while wave < len(calls) and calls[wave] < need:
                wave += 1
            if wave == len(calls):
                return False
            moved = wave > before
        calls[wave] -= way.people[mine].sum()
        for home in mine:
            slot[home] = wave
            if not _take(way, home, wave, room, interval):
                return False
    return True


@compiled
def _later(way: Course, home: int, wave: int, room: Floats, rooms: Floats, interval: float) -> int:
    """Say by how many waves a household has to leave later, at least; -1 if there are none."""
    entered = way.reach[home]
    for step in range(way.offsets[home], way.offsets[home + 1]):
        edge = way.edge[step]
        need = min(way.people[home], rooms[edge]) - _SLACK
        begin = wave + int(entered / interval)
        at = begin
        while at < room.shape[1] and room[edge, at] < need:
            at += 1
        if at >= room.shape[1]:
            return -1
        if at > begin:
            return at - begin
        entered += way.travel[step]
    return 0


@compiled
def _take(way: Course, home: int, wave: int, room: Floats, interval: float) -> bool:
    """Take the room of a household up, of later waves where it is larger than one's room."""
    entered = way.reach[home]
    for step in range(way.offsets[home], way.offsets[home + 1]):
        edge = way.edge[step]
        at = wave + int(entered / interval)
        left = way.people[home]
        while left > 0.0 and at < room.shape[1]:
            taken = min(left, room[edge, at])
            room[edge, at] -= taken
            left -= taken
            at += 1
        if left > 0.0:
            return False
        entered += way.travel[step]
    return True
