"""Seeded chance: one independent stream of numbers per purpose, so that parts do not disturb."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Give the stream of random numbers of one purpose.

    Parameters
    ----------
    seed
        Seed of the town.
    purpose
        What the numbers are for; another purpose gives unrelated numbers.

    Returns
    -------
    generator
        The same numbers for the same arguments, on every machine.
    """
    return np.random.default_rng([seed, crc32(purpose.encode())])


def pick(
    rng: np.random.Generator,
    words: Sequence[str],
    size: int,
    weights: Sequence[float] | None = None,
) -> NDArray[np.object_]:
    """Draw words with replacement.

    Parameters
    ----------
    rng
        Source of chance.
    words
        What to draw from.
    size
        How many to draw.
    weights
        Relative weights; equal when not given.

    Returns
    -------
    drawn
        Array of texts, length `size`.
    """
    share = None if weights is None else np.asarray(weights, float) / np.sum(weights)
    drawn = rng.choice(len(words), size=size, p=share)
    return np.asarray(words, dtype=object)[drawn]
