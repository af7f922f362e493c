"""What each of several new sites adds, the one that adds most first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geodata.errors import GeodataError
from geodata.street_graph import Bools, Floats, Ints


@dataclass(frozen=True)
class Gain:
    """What one more site reaches that none before it does.

    Attributes
    ----------
    site
        Its position.
    rows
        Positions of the demand it is the first to reach.
    """

    site: int
    rows: Ints


def in_order(
    costs: Floats,
    weights: Floats,
    open_sites: Sequence[int] | Ints,
    new: Sequence[int] | Ints,
    limit: float,
) -> list[Gain]:
    """Put new sites in the order in which they would be opened one by one.

    Parameters
    ----------
    costs
        Array demand x site; infinite where there is no way.
    weights
        What counts of each demand.
    open_sites, new
        Positions of the sites that are open, and of those to be opened.
    limit
        Cost up to which, and including which, a demand is reached.

    Returns
    -------
    list
        Each new site once; of equal ones the one that is nearer to those it adds, then the lower
        position. Each is counted beside those before it.
    """
    if not limit >= 0:
        raise GeodataError(f"the limit {limit} is not zero or more")
    reaches: Bools = np.asarray(costs <= limit, dtype=bool)
    held = reaches[:, np.asarray(open_sites, dtype=np.intp)]
    missed: Bools = np.asarray(~held.any(axis=1), dtype=bool)
    left = sorted(int(site) for site in new)
    gains = []
    while left:
        added: Bools = np.logical_and(reaches[:, left], missed[:, None])
        near = np.where(added, costs[:, left], 0.0)
        best = int(np.lexsort((np.asarray(left), weights @ near, -(weights @ added)))[0])
        gains.append(Gain(left.pop(best), np.flatnonzero(added[:, best])))
        missed &= ~added[:, best]
    return gains
