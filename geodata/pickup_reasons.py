"""Why somebody is not fetched, and what would do, found by trying it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.pickup_inputs import Case
from geodata.pickup_plans import KINDS, Clock, Fleet, Plan, inserted

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Words = NDArray[np.object_]

REASONS = (
    "no_shelter",
    "not_snapped",
    "no_vehicle",
    "no_way_in",
    "no_way_out",
    "no_wheelchair_place",
    "too_many",
    "too_late",
    "no_time",
)
"""Why a household is not fetched; the first that applies is given.

no_shelter: it has no shelter. not_snapped: no street within reach. no_vehicle: there is none at
all. no_way_in: no vehicle gets there, what is closed lies between. no_way_out: none gets from
there to the shelter without entering the hazard again. no_wheelchair_place: no vehicle that gets
there has places enough for its wheelchairs. too_many: none has seats enough. too_late: even a
vehicle that did nothing else would not be in time. no_time: those that could are busy with others.
"""

_TRIED = 5  # vehicles more that are tried at most
_TRYABLE = ("no_vehicle", "no_wheelchair_place", "too_many", "too_late", "no_time")


def left(case: Case, plan: Plan) -> pd.DataFrame:
    """List those who are not fetched.

    Returns
    -------
    frame
        On their labels, the weightiest first: `reason` (`REASONS`), `people`, `seats` and
        `wheelchairs` they take up, `shelter`, and `late_seconds`: by how much the earliest
        vehicle would be too late (<NA> but for `too_late`).
    """
    fleet = case.fleet
    out = np.ones(len(fleet.end), dtype=bool)
    out[[stop for tours in plan for tour in tours for stop in tour]] = False
    rows = np.flatnonzero(out)
    rows = rows[np.lexsort((rows, -fleet.worth[rows]))]
    reason, late = _reasons(case)
    shelter = pd.Series(pd.NA, index=range(len(rows)), dtype=object)
    there = np.flatnonzero(fleet.end[rows] >= 0)
    shelter.iloc[there] = case.shelters.index.take(fleet.end[rows][there])
    late_seconds = pd.array(np.where(np.isfinite(late), late, 0).astype(np.int64), dtype="Int64")
    late_seconds[reason != "too_late"] = pd.NA
    return pd.DataFrame(
        {
            "reason": pd.array(reason[rows].tolist(), dtype="str"),
            "people": case.people[rows],
            **{kind: fleet.load[rows, number] for number, kind in enumerate(KINDS)},
            "shelter": shelter.infer_objects().array,
            "late_seconds": late_seconds[rows],
        },
        index=case.households.index[rows],
    )


def _reasons(case: Case) -> tuple[Words, Floats]:
    """Give every household the reason it would have if it were not fetched, and its lateness."""
    fleet = case.fleet
    stops = np.arange(len(fleet.end))
    end = np.maximum(fleet.end, 0)
    out = np.full(len(stops), np.inf)
    if len(case.shelters):
        out = np.where(fleet.end >= 0, fleet.home[stops, end], np.inf)
    reached = np.isfinite(fleet.start_stop)
    chairs = reached & (fleet.room[:, 1][:, None] >= fleet.load[:, 1][None, :])
    holds = chairs & (fleet.room[:, 0][:, None] >= fleet.load[:, 0][None, :])
    pick = np.maximum(fleet.ready[:, None] + fleet.start_stop, fleet.early[None, :])
    done = pick + fleet.service + out
    over = np.maximum(
        np.maximum(pick - fleet.late[None, :], done - fleet.clear),
        done + fleet.unload - fleet.until[:, None],
    )
    late = np.where(holds, over, np.inf).min(axis=0, initial=np.inf)
    reason = np.full(len(stops), "no_time", dtype=object)
    reason[late > 0] = "too_late"
    reason[~holds.any(axis=0)] = "too_many"
    reason[~chairs.any(axis=0)] = "no_wheelchair_place"
    reason[~np.isfinite(out)] = "no_way_out"
    reason[~reached.any(axis=0)] = "no_way_in"
    if not fleet.vehicles:
        reason[:] = "no_vehicle"
    reason[~case.ways.stops.snapped] = "not_snapped"
    reason[fleet.end < 0] = "no_shelter"
    return reason, late


def remedies(case: Case, plan: Plan, not_fetched: pd.DataFrame) -> pd.DataFrame:
    """Find by trying what would fetch those who are left.

    Returns
    -------
    frame
        `kind`: `vehicle` (`count` more of `seats` and `wheelchairs` places, standing where `at`
        stands, a vehicle or a shelter: `place`) or `later` (`seconds` more for all); and how many
        `households` and `people` of those left that fetches. The first row that fetches all of
        them is the smallest that does; if none does, what fetches most. Empty if nothing would.
    """
    rows = case.households.index.get_indexer(
        not_fetched.index[not_fetched["reason"].isin(_TRYABLE)]
    )
    names = ["kind", "count", "seats", "wheelchairs", "place", "at", "seconds"]
    found = []
    if len(rows):
        found = [_more_vehicles(case, rows), _more_time(case, plan, rows)]
    kept = [row for row in found if row is not None]
    return pd.DataFrame(kept, columns=[*names, "households", "people"])


def _more_vehicles(case: Case, rows: Integers) -> dict[str, object] | None:
    """Try more vehicles: the fewest, of them the smallest, at the places there are."""
    best: tuple[int, dict[str, object]] | None = None
    load = case.fleet.load[rows]
    chairs = int(load[:, 1].max())
    seats = sorted({*load[:, 0].tolist(), 4, 8, 16, 32} - {0})
    seats = [size for size in seats if size >= load[:, 0].max()] or [max(seats)]
    for count in range(1, _TRIED + 1):
        for size in seats if count == 1 else seats[-1:]:
            for place, at, start, shelter in _places(case):
                done = _fetched(case.fleet, rows, count, (size, chairs), (start, shelter))
                if done and (best is None or len(done) > best[0]):
                    best = len(done), _row(case, done, count, size, chairs, place, at)
                if len(done) == len(rows):
                    return best[1] if best else None
    return best[1] if best else None


def _row(  # noqa: PLR0913, PLR0917 - one line of the table
    case: Case, done: Sequence[int], count: int, seats: int, chairs: int, place: str, at: object
) -> dict[str, object]:
    return {
        "kind": "vehicle",
        "count": count,
        "seats": seats,
        "wheelchairs": chairs,
        "place": place,
        "at": at,
        "seconds": pd.NA,
        "households": len(done),
        "people": int(case.people[list(done)].sum()),
    }


def _places(case: Case) -> list[tuple[str, object, int, int]]:
    """List where another vehicle could stand: beside a vehicle, or at a shelter."""
    vehicles = [("vehicle", at, row, -1) for row, at in enumerate(case.vehicles.index)]
    used = sorted({int(end) for end in case.fleet.end if end >= 0})
    return vehicles + [("shelter", case.shelters.index[row], -1, row) for row in used]


def _fetched(
    fleet: Fleet, rows: Integers, count: int, room: tuple[int, int], where: tuple[int, int]
) -> list[int]:
    """Fetch those left with vehicles of their own, ready at once."""
    start, shelter = where
    way = fleet.start_stop[start] if start >= 0 else fleet.end_stop[shelter]
    more = replace(
        fleet,
        room=np.tile(np.array(room, dtype=np.int64), (count, 1)),
        ready=np.zeros(count),
        until=np.full(count, np.inf),
        start_stop=np.tile(way, (count, 1)),
        only=None,
    )
    tours = inserted(more, Clock(more), tuple(() for _ in range(count)), reachable(more, rows))
    return sorted(stop for mine in tours for tour in mine for stop in tour)


def _more_time(case: Case, plan: Plan, rows: Integers) -> dict[str, object] | None:
    """Try to end later: the fewest minutes in which the vehicles there are fetch all others."""
    last: tuple[int, list[int]] | None = None
    low, high = 0, 1
    while high <= 6 * 60:
        done = _later(case.fleet, plan, rows, high * 60)
        if len(done) == len(rows):
            break
        if done and (last is None or len(done) > len(last[1])):
            last = high, done
        low, high = high, high * 2
    else:
        high = 0
    while high and high - low > 1:
        middle = (low + high) // 2
        if len(_later(case.fleet, plan, rows, middle * 60)) == len(rows):
            high = middle
        else:
            low = middle
    if high:
        last = high, rows.tolist()
    if last is None:
        return None
    nothing = dict.fromkeys(("count", "seats", "wheelchairs", "place", "at"), pd.NA)
    people = int(case.people[last[1]].sum())
    return {
        "kind": "later",
        **nothing,
        "seconds": last[0] * 60,
        "households": len(last[1]),
        "people": people,
    }


def _later(fleet: Fleet, plan: Plan, rows: Integers, seconds: int) -> list[int]:
    """Fetch those left with the vehicles there are, all hours so much later."""
    more = replace(
        fleet,
        clear=fleet.clear + seconds,
        late=fleet.late + seconds,
        until=fleet.until + seconds,
    )
    tours = inserted(more, Clock(more), plan, reachable(more, rows))
    fetched = {stop for mine in tours for tour in mine for stop in tour}
    return sorted(fetched & set(rows.tolist()))


def reachable(fleet: Fleet, rows: Integers) -> list[int]:
    """Return those of the stops that can be fetched at all, the weightiest first."""
    end = fleet.end[rows]
    out = np.zeros(len(rows), dtype=bool)
    if fleet.home.size:
        out = (end >= 0) & np.isfinite(fleet.home[rows, np.maximum(end, 0)])
    mine = rows[out]
    ordered: list[int] = mine[np.lexsort((mine, -fleet.worth[mine]))].tolist()
    return ordered
