"""In which wave each household leaves."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def waves(people: Integers, urgent: Flags, depth: Floats, per_wave: int | None) -> Integers:
    """Put households into waves.

    Parameters
    ----------
    people, urgent
        People of each household, and whether it has a need.
    depth
        Metres to the border of the hazard: those deepest in it leave first.
    per_wave
        People in one wave at most, but for a single household that is larger; None for no limit.

    Returns
    -------
    Array of numbers from 1 without gaps: households with needs first, then the others, each
    deepest first, ties in the order given. The two never share a wave.
    """
    wave = np.zeros(len(people), dtype=np.int64)
    number = 0
    for group in (np.flatnonzero(urgent), np.flatnonzero(~urgent)):
        if not len(group):
            continue
        order = group[np.argsort(-depth[group], kind="stable")]
        part = _filled(people[order], per_wave)
        wave[order] = number + 1 + part
        number += 1 + int(part[-1])
    return wave


def _filled(people: Integers, per_wave: int | None) -> Integers:
    part = np.zeros(len(people), dtype=np.int64)
    if per_wave is None:
        return part
    number = load = 0
    for row, count in enumerate(people.tolist()):
        if load and load + count > per_wave:
            number, load = number + 1, 0
        load += count
        part[row] = number
    return part
