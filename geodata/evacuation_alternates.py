"""Where a household goes if its shelter fails after everybody has been told where to go.

Each shelter is imagined to fail by itself: those sent there share the room that is left in the
others, whole, those kept together together, within the same limits; nobody else has to move.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.assignment import UNSERVED, to_shelters
from geodata.evacuation_case import Case

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def instead(
    people: Integers,
    seconds: Floats,
    room: Integers,
    place: Integers,
    prefer: Flags | None = None,
) -> Integers:
    """Find a second shelter for everybody.

    Parameters
    ----------
    people
        People of each unit.
    seconds
        Array units x shelters; infinite where they may not or cannot go.
    room
        People each shelter takes.
    place
        Position of the shelter of each unit, -1 for none.
    prefer
        Units that have one first where there is too little room.

    Returns
    -------
    Array of positions, -1 for those who have none. For each shelter alone: no other is over its
    room when those sent there arrive. Of few households as many people as possible have one, then
    in the least time; of many nearly so.
    """
    second = np.full(len(place), UNSERVED, dtype=np.int64)
    in_ = place >= 0
    load = np.bincount(place[in_], weights=people[in_], minlength=len(room)).astype(np.int64)
    for shelter in np.unique(place[in_]):
        rows = np.flatnonzero(place == shelter)
        free = room - load
        free[shelter] = 0
        elsewhere = seconds[rows].copy()
        elsewhere[:, shelter] = np.inf
        first = None if prefer is None else prefer[rows]
        second[rows] = to_shelters(people[rows], elsewhere, free, first, thorough=False).shelter
    return second


def table(case: Case, second: Integers, rows: Integers, labels: pd.Index) -> pd.DataFrame:
    """List the second shelters.

    Parameters
    ----------
    case
        The evacuation.
    second
        Position of the second shelter of each unit.
    rows
        Positions of the households that are served.
    labels
        Labels of the shelters.

    Returns
    -------
    frame
        On the labels of the served: `shelter` (<NA> for none), `seconds` and `metres` (NaN for
        none).
    """
    place = second[case.units.of[rows]]
    there = place >= 0
    shelter = pd.Series(pd.NA, index=case.households.index[rows], dtype=object)
    shelter.iloc[np.flatnonzero(there)] = labels.take(place[there])
    found = {
        name: np.where(there, ways[rows, place], np.nan)
        for name, ways in (("seconds", case.ways.seconds), ("metres", case.ways.metres))
    }
    if labels.dtype.kind in "iu":
        shelter = shelter.astype("Int64")
    return pd.DataFrame({"shelter": shelter, **found}, index=shelter.index)
