"""Random numbers for compiled loops: Marsaglia's xorshift*, its state in an array of one."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from geodata.compiled import compiled

Seeds: TypeAlias = npt.NDArray[np.uint64]

_WORD = 2**64


def seeded(seed: int) -> Seeds:
    """Make the state for a seed of 0 or more; near seeds give unlike numbers."""
    # one round of splitmix64: a state of zero would stay zero, near states stay near for long
    mixed = ((seed + 1) * 0x9E3779B97F4A7C15) % _WORD
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) % _WORD
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) % _WORD
    return np.array([(mixed ^ (mixed >> 31)) or 1], dtype=np.uint64)


@compiled
def _drawn(seeds: Seeds) -> np.uint64:
    word = seeds[0]
    word ^= word >> np.uint64(12)
    word ^= word << np.uint64(25)
    word ^= word >> np.uint64(27)
    seeds[0] = word
    drawn: np.uint64 = word * np.uint64(0x2545F4914F6CDD1D)
    return drawn


@compiled
def uniform(seeds: Seeds) -> float:
    """Draw a number from 0 to below 1."""
    return float(_drawn(seeds) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def below(seeds: Seeds, count: int) -> int:
    """Draw a whole number from 0 to below *count*, which is less than 2**31."""
    return int(((_drawn(seeds) >> np.uint64(32)) * np.uint64(count)) >> np.uint64(32))
