"""How long it takes until everybody is out: queues on narrow streets, times of leaving by chance.

Households follow the ways they are assigned. Each is called with its wave, needs some time to
set off, and waits wherever more people come than a street lets pass. One number would promise
what nobody can keep: the estimate gives the time for shares of the people and, over several
runs, a band. It is an estimate of queues, not of crowds: nobody turns round, helps or panics. It
holds for the rates given: less room at one place may let others pass sooner at the next.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.clearance_queues import Course, Floats, Ints, Passed, course, passed
from geodata.errors import Fault, GeodataError
from geodata.evacuation_flow import Followed
from geodata.network import Network
from geodata.road_capacity import capacity as usual_capacity

SHARES = (0.5, 0.9, 0.95, 1.0)
"""Shares of the people for which the time is given."""

LOW, HIGH = 0.05, 0.95
"""The band over the runs: from the 5th to the 95th of a hundred."""

_P90 = 1.2815515655446004  # of the standard normal distribution
_THREADS = 4
_WAIT = 1.0  # seconds: a shorter queue is none


@dataclass(frozen=True)
class Options:
    """How people set off and travel.

    Attributes
    ----------
    preparation_median_seconds, preparation_p90_seconds
        Within what time half of the households, and nine of ten, set off after their call
        (lognormal). An assumption until drills have measured it; equal values leave nothing to
        chance.
    wave_interval_seconds
        Time between the calls of two waves.
    speed
        Share of the usual speed (night, rain).
    rate
        Share of what the streets usually let pass.
    """

    preparation_median_seconds: float = 600.0
    preparation_p90_seconds: float = 1200.0
    wave_interval_seconds: float = 0.0
    speed: float = 1.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        median, ninth = self.preparation_median_seconds, self.preparation_p90_seconds
        if not 0 <= median <= ninth < np.inf:
            raise GeodataError(
                f"preparation of {median!r} s (half) and {ninth!r} s (nine of ten) is no order"
            )
        if median == 0 and ninth > 0:
            raise GeodataError("preparation_median_seconds is above 0 where nine of ten need time")
        if not 0 <= self.wave_interval_seconds < np.inf:
            raise GeodataError("wave_interval_seconds is zero or more")
        if not (0 < self.speed < np.inf and 0 < self.rate < np.inf):
            raise GeodataError("speed and rate are above 0")


@dataclass(frozen=True)
class Clearance:
    """An estimate.

    Attributes
    ----------
    percentiles
        On `share` (of the people): `median_seconds`, `low_seconds`, `high_seconds` after the
        first call.
    links
        Edges where people wait, the most waiting first: `edge`, `road` (label), `name`,
        `highway`, `people` that need it, `per_hour` it lets pass, `queue_seconds` (the longest
        wait), `queue_person_seconds`, both of the middle run, `geometry` in the CRS of the roads.
    waves
        Of each household.
    departures
        When each is called, seconds after the first call.
    arrivals
        When each has arrived, in the middle run; infinite without a way.
    mean_wait_seconds
        Time a person stands in queues, in the middle run.
    bound_seconds
        Nobody can be faster on these ways with these calls and nobody needing time to set off.
    """

    percentiles: pd.DataFrame
    links: gpd.GeoDataFrame
    waves: "pd.Series[int]"
    departures: "pd.Series[float]"
    arrivals: "pd.Series[float]"
    mean_wait_seconds: float
    bound_seconds: float


def estimate(
    network: Network,
    followed: Followed,
    people: "pd.Series[int]",
    waves: "pd.Series[int]",
    capacity: "pd.Series[float] | None" = None,
    seed: int = 0,
    runs: int = 21,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
    departures: "pd.Series[float] | None" = None,
) -> Clearance:
    """Estimate the time until everybody is out.

    Parameters
    ----------
    network
        The streets.
    followed
        The ways, see `evacuation_flow`; `Followed.taking` gives slow walkers their time.
    people, waves
        Of the households, on their labels.
    capacity
        People an hour on edge labels; `road_capacity.capacity` if omitted.
    seed, runs
        The same seed gives the same estimate; an odd number of runs has a middle one.
    options
        How people set off and travel.
    departures
        When each household is called; by its wave if omitted.

    Raises
    ------
    GeodataError
        Names households without people, wave or call, and edges without a rate.
    """
    if not runs >= 1:
        raise GeodataError(f"runs {runs!r} is not one or more")
    rates = rates_of(network, capacity) * options.rate
    index = followed.index
    count = counts(people, index, "people")
    number = counts(waves, index, "wave")
    call = (number - 1) * options.wave_interval_seconds
    if departures is not None:
        call = counts(departures, index, "departure")
    there = np.flatnonzero(np.isfinite(followed.seconds))
    ways = followed.taken(there).slowed(np.full(len(there), 1 / options.speed))
    way = course(ways, count[there], rates)
    ready = [call[there] + set_off(len(there), run, seed, options) for run in range(runs)]
    # each run is by itself, and the compiled loop leaves the interpreter to the others
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as several:
        found = list(several.map(partial(passed, way), ready))
    last = [shares_out(one.arrival, way.people, (1.0,))[0] for one in found]
    middle = found[int(np.argsort(last, kind="stable")[(runs - 1) // 2])]
    arrivals = np.full(len(index), np.inf)
    arrivals[there] = middle.arrival
    total = float(way.people.sum())
    return Clearance(
        _percentiles(found, way),
        _links(network, ways, way, rates, middle),
        pd.Series(np.rint(number).astype(int).tolist(), index=index, name="wave", dtype="int64"),
        pd.Series(call, index=index, name="departure"),
        pd.Series(arrivals, index=index, name="arrival"),
        float(way.people @ middle.waited) / total if total else 0.0,
        bound(ways, way, call[there]),
    )


def set_off(households: int, run: int, seed: int, options: Options) -> Floats:
    """Draw the time every household needs after its call."""
    median, ninth = options.preparation_median_seconds, options.preparation_p90_seconds
    if median == ninth:
        return np.full(households, median)
    drawn = np.random.default_rng([seed, run]).standard_normal(households)
    needed: Floats = median * np.exp(np.log(ninth / median) / _P90 * drawn)
    return needed


def shares_out(arrival: Floats, people: Floats, shares: tuple[float, ...]) -> list[float]:
    """Return when each share of the people has arrived; 0 if there is nobody."""
    total = people.sum()
    if not total:
        return [0.0 for _ in shares]
    order = np.argsort(arrival, kind="stable")
    run = np.cumsum(people[order])
    at = [int(np.searchsorted(run, share * total * (1 - 1e-12))) for share in shares]
    return [float(arrival[order[min(place, len(order) - 1)]]) for place in at]


def bound(followed: Followed, way: Course, call: Floats) -> float:
    """Return a time before which not all can be out: the longest way, and each edge by itself.

    All who need an edge pass it one after the other, after the first of them can have come to
    it, and none of them has less to go afterwards than the nearest.
    """
    if not way.people.any():
        return 0.0
    owner = np.repeat(np.arange(len(followed)), np.diff(followed.offsets))
    edges = len(way.seconds_each)
    entered = followed.before
    after = followed.seconds[owner] - entered
    people = way.people[owner]
    here = people > 0
    edge = followed.edge[here]
    soonest, nearest = np.full((2, edges), np.inf)
    np.minimum.at(soonest, edge, (call[owner] + entered)[here])
    np.minimum.at(nearest, edge, after[here])
    needs = np.bincount(edge, weights=people[here], minlength=edges) * way.seconds_each
    used = np.isfinite(soonest)
    ways = (call + followed.seconds + way.trail)[way.people > 0]
    return float(max(ways.max(), (soonest + needs + nearest)[used].max(initial=0.0)))


def _percentiles(found: list[Passed], way: Course) -> pd.DataFrame:
    times = np.array([shares_out(one.arrival, way.people, SHARES) for one in found])
    columns = {
        "median_seconds": np.quantile(times, 0.5, axis=0),
        "low_seconds": np.quantile(times, LOW, axis=0),
        "high_seconds": np.quantile(times, HIGH, axis=0),
    }
    return pd.DataFrame(columns, index=pd.Index(SHARES, name="share"))


def _links(
    network: Network, followed: Followed, way: Course, rates: Floats, middle: Passed
) -> gpd.GeoDataFrame:
    owner = np.repeat(np.arange(len(followed)), np.diff(followed.offsets))
    need = np.bincount(followed.edge, weights=way.people[owner], minlength=len(rates))
    rows = np.flatnonzero(middle.longest >= _WAIT)
    rows = rows[np.lexsort((rows, -middle.person_seconds[rows]))]
    return described(network, rows).assign(
        people=need[rows].astype(np.int64),
        per_hour=rates[rows],
        queue_seconds=middle.longest[rows],
        queue_person_seconds=middle.person_seconds[rows],
    )


def described(network: Network, edges: Ints) -> gpd.GeoDataFrame:
    """Name edges: `edge`, `road`, `name`, `highway`, `geometry` in the direction of travel."""
    labels = np.asarray(edges, dtype=np.intp)
    piece, against = network.pieces.of_edges
    of = piece[labels]
    lines = network.pieces.lines(of=of) if len(of) else np.array([], dtype=object)
    back = against[labels]
    lines[back] = shapely.reverse(lines[back])
    names = [network.street(int(one)) for one in of]
    return gpd.GeoDataFrame(
        {
            "edge": labels.astype(np.int64),
            "road": network.roads.index.take(network.pieces.road[of]),
            "name": pd.array([name for name, _ in names], dtype="str"),
            "highway": pd.array([highway for _, highway in names], dtype="str"),
        },
        geometry=gpd.GeoSeries(lines, crs=network.crs),
    )


def rates_of(network: Network, capacity: "pd.Series[float] | None") -> Floats:
    """Return people an hour by edge label; raise the faults of edges that have none."""
    edges = len(network.pieces.of_edges[0])
    if capacity is None:
        capacity = usual_capacity(network)
    rates = capacity.reindex(pd.RangeIndex(edges)).to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        odd = np.flatnonzero(~((rates > 0) & np.isfinite(rates)))
    if len(odd):
        raise GeodataError(
            Fault("not a rate above 0 people an hour", int(edge), "capacity") for edge in odd
        )
    return np.asarray(rates, dtype=np.float64)


def counts(values: "pd.Series[float] | pd.Series[int]", index: pd.Index, name: str) -> Floats:
    """Read numbers of 0 or more of households, in their order; name whose is none."""
    read = values.reindex(index).to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        odd = np.flatnonzero(~((read >= 0) & np.isfinite(read)))
    if len(odd):
        raise GeodataError(Fault("not a number of 0 or more", index[int(row)], name) for row in odd)
    return np.asarray(read, dtype=np.float64)
