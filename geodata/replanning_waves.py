"""When those leave who were not in the plan before, without moving the hour of those who were."""

import numpy as np
from numpy.typing import NDArray

from geodata.evacuation_case import Case

Integers = NDArray[np.int64]


def waves(case: Case, place: Integers, before: Integers, per_wave: int | None) -> Integers:
    """Put the served into waves.

    Parameters
    ----------
    case
        The evacuation.
    place
        Position of the shelter of each affected household, -1 for none.
    before
        Wave of each in the plan before, 0 for none.
    per_wave
        People in one wave at most; None for no limit.

    Returns
    -------
    Array on the households: whoever had a wave keeps it (those who stay together leave in the
    earliest of theirs). The others, with needs first and the deepest first, take the first wave
    of those with needs that has room, or the first of those without; then any later wave with
    room; then a new one behind. 0 for those not served.
    """
    of, units = case.units.of, case.units
    served = place >= 0
    people = np.bincount(of[served], weights=case.people[served], minlength=units.count)
    urgent, there = units.any(case.urgent), units.any(served)
    late = np.iinfo(np.int64).max
    wave = np.full(units.count, late)
    np.minimum.at(wave, of[served], np.where(before > 0, before, late)[served])
    wave[wave == late] = 0
    depth = units.most(case.depth)
    load: dict[int, int] = {}
    for number, count in zip(wave.tolist(), people.tolist(), strict=True):
        load[number] = load.get(number, 0) + int(count)
    first = {
        kind: int(mine.min()) if len(mine) else default
        for kind, mine, default in (
            (True, wave[urgent & (wave > 0)], 1),
            (False, wave[~urgent & (wave > 0)], 2 if (there & urgent).any() else 1),
        )
    }
    fresh = np.flatnonzero(there & (wave == 0))
    for unit in fresh[np.lexsort((fresh, -depth[fresh], ~urgent[fresh]))].tolist():
        number, count = first[bool(urgent[unit])], int(people[unit])
        while per_wave is not None and load.get(number, 0) and load[number] + count > per_wave:
            number += 1
        wave[unit] = number
        load[number] = load.get(number, 0) + count
    return np.where(served, wave[of], 0)
