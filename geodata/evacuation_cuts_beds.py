"""How many beds are short, and where: the fewest that would do for everybody together."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from geodata.assignment import to_shelters
from geodata.evacuation_case import Case
from geodata.placement import NODES
from geodata.transport import Flags, Floats, Integers, minimum_flow

_SMALL = 600  # units x shelters that are solved whole
_TRIED = 20_000  # units x shelters for which the assignment is made with the new beds
_ROUNDS = 5


@dataclass(frozen=True)
class Beds:
    """Beds that are short.

    Attributes
    ----------
    extra
        By position of the shelters: how many more would do.
    total
        Their sum.
    bound
        Fewer than this many can never do, even if households were divided.
    proven
        Whether `total` is the fewest possible for whole households too.
    households
        Positions of the households that have a shelter in reach but no place in it now.
    """

    extra: Integers
    total: int
    bound: int
    proven: bool
    households: Integers


def beds_short(case: Case) -> Beds:
    """Find the fewest beds more with which all who have a shelter in reach are served.

    Shelters in use may be enlarged, others not; as few of them as can be. With these beds there
    is an assignment of all of them.
    """
    units = case.units
    people, seconds = units.sums(case.people), units.mean(case.people, case.seconds)
    room = np.where(case.used, case.capacity, 0)
    able = np.flatnonzero(np.isfinite(seconds).any(axis=1))
    people, seconds = people[able], seconds[able]
    urgent = units.any(case.urgent)[able]
    placed = to_shelters(people, seconds, room, urgent).shelter
    left = placed < 0
    none = np.zeros(len(room), dtype=np.int64)
    if not left.any():
        return Beds(none, 0, 0, True, np.array([], dtype=np.int64))
    waiting = np.flatnonzero(np.isin(units.of, able[left]))
    bound = minimum_flow(people, seconds, room).unserved
    if people.size * room.size <= _SMALL:
        exact = _whole(people, seconds, room)
        if exact is not None:
            return Beds(exact, int(exact.sum()), bound, True, waiting)
    extra = _grown(people, seconds, room, urgent, placed)
    total = int(extra.sum())
    return Beds(extra, total, bound, total == bound, waiting)


def _whole(people: Integers, seconds: Floats, room: Integers) -> Integers | None:
    """Solve for whole households: the fewest beds, then the fewest shelters that grow."""
    household, place = np.nonzero(np.isfinite(seconds))
    pairs, shelters = len(household), len(room)
    column = np.arange(pairs)
    grows, any_more = pairs + np.arange(shelters), pairs + shelters + np.arange(shelters)
    most = int(people.sum())
    size = pairs + 2 * shelters
    once = sparse.csc_array((np.ones(pairs), (household, column)), shape=(len(people), size))
    row = np.concatenate([place, np.arange(shelters)])
    within = sparse.csc_array(
        (
            np.concatenate([people[household].astype(float), np.full(shelters, -1.0)]),
            (row, np.concatenate([column, grows])),
        ),
        shape=(shelters, size),
    )
    counted = sparse.csc_array(
        (
            np.concatenate([np.ones(shelters), np.full(shelters, -float(most))]),
            (np.tile(np.arange(shelters), 2), np.concatenate([grows, any_more])),
        ),
        shape=(shelters, size),
    )
    cost = np.zeros(size)
    cost[grows], cost[any_more] = 1.0, 0.5 / shelters
    upper = np.ones(size)
    upper[grows] = most
    found = milp(
        cost,
        integrality=np.ones(size, dtype=np.int64),
        bounds=Bounds(0, upper),
        constraints=[
            LinearConstraint(once, 1, 1),
            LinearConstraint(within, -np.inf, room.astype(float)),
            LinearConstraint(counted, -np.inf, 0),
        ],
        options={"node_limit": NODES * 4, "mip_rel_gap": 0.0},
    )
    if found.status != 0:
        return None
    extra: Integers = np.rint(found.x[grows]).astype(np.int64)
    return extra


def _grown(
    people: Integers, seconds: Floats, room: Integers, urgent: Flags, placed: Integers
) -> Integers:
    """Add beds where those left over can go until all have a place."""
    extra = np.zeros(len(room), dtype=np.int64)
    for _ in range(_ROUNDS):
        out = np.flatnonzero(placed < 0)
        if not len(out):
            break
        load = np.bincount(placed[placed >= 0], people[placed >= 0], len(room)).astype(np.int64)
        extra += _where(people[out], seconds[out], room + extra - load)
        if people.size * room.size > _TRIED:
            break  # those placed stay, the others go where beds are added
        placed = to_shelters(people, seconds, room + extra, urgent).shelter
    return extra


def _where(people: Integers, seconds: Floats, spare: Integers) -> Integers:
    """Choose few shelters that grow for those left over, each for all whom it can take.

    The shelter that most of their people can reach comes first, of such the one with fewest beds
    to add, then the nearest to them.
    """
    more = np.zeros(len(spare), dtype=np.int64)
    waiting = np.ones(len(people), dtype=bool)
    while waiting.any():
        can = np.isfinite(seconds) & waiting[:, None]
        count = np.maximum(people, 1) @ can  # an empty household has to be somewhere as well
        short = np.maximum(people @ can - spare, 0)
        time = people @ np.where(can, seconds, 0.0)
        best = int(np.lexsort((time, short, -count))[0])
        more[best] = short[best]
        waiting &= ~can[:, best]
    return more
