"""Who was covered by a run, and who has lost or gained cover since: by an event, or by hours.

A household is *asleep* while nobody covers it only because doors are shut at this hour. Falling
asleep and waking are no loss and no gain; a street that closes at night takes from a sleeping
household what it would have had in the morning.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.store import copying
from gridmap.store.database import Transaction

Bools = NDArray[np.bool_]


class Cover(NamedTuple):
    """Households and whether each is covered, and asleep; arrays in the order of the ids."""

    ids: pd.Index
    covered: Bools
    asleep: Bools


class Turned(NamedTuple):
    """What has become of the households that two runs both know, as ids of households.

    Attributes
    ----------
    lost, gained
        By anything but hours.
    hours_lost, hours_gained
        Whom a facility no longer or again covers because of its hours alone.
    """

    lost: NDArray[np.int64]
    gained: NDArray[np.int64]
    hours_lost: NDArray[np.int64]
    hours_gained: NDArray[np.int64]


def of_parts(tx: Transaction, part_ids: list[int]) -> Cover:
    """Give the households of some parts."""
    found = copying.out(
        tx,
        "SELECT u.id, u.covered, coalesce(u.asleep, false) FROM coverage_part AS p"
        " CROSS JOIN LATERAL unnest(p.household_ids, p.covered, p.asleep)"
        " AS u (id, covered, asleep) WHERE p.id = ANY(%(parts)s)",
        {"id": "int8", "covered": "bool", "asleep": "bool"},
        parts=part_ids,
    )
    return Cover(pd.Index(found["id"]), found["covered"], found["asleep"])


def of_results(results: pd.DataFrame) -> Cover:
    """Give the households of a run that has not been stored."""
    covered = results["covered"].to_numpy(dtype=bool)
    asleep = np.zeros(len(results), dtype=bool)
    if "asleep" in results:
        asleep = results["asleep"].to_numpy(dtype=bool)
    return Cover(results.index, covered, asleep)


def turned(before: Cover, after: Cover) -> Turned:
    """Compare the households that are in both: one that has moved or is new has lost nothing."""
    place = after.ids.get_indexer(before.ids)
    both = place >= 0
    ids = before.ids.to_numpy(dtype=np.int64)[both]
    was, slept = before.covered[both], before.asleep[both]
    now, sleeps = after.covered[place[both]], after.asleep[place[both]]
    had, has = was | slept, now | sleeps
    return Turned(
        ids[had & ~has], ids[~had & has], ids[was & sleeps & ~now], ids[slept & now & ~was]
    )
