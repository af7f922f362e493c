"""Lists of unequal length laid end to end: positions, joins and repeats without loops."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]


def ranges(starts: Ints, counts: Ints) -> Ints:
    """Return the positions starts[i], starts[i]+1, ... (counts[i] of each), laid end to end."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    positions: Ints = np.arange(total) + np.repeat(starts - (ends - counts), counts)
    return positions


def offsets(counts: Ints) -> Ints:
    """Return where each list starts, and, last, where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
