"""Sites that are open: which one is least missed, and what one more would cover."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geodata.siting_inputs import read_open
from geodata.street_graph import Floats, Ints


@dataclass(frozen=True)
class Missed:
    """What the loss of each open site would mean.

    Attributes
    ----------
    site
        Position of the one that is least missed; -1 if none is open.
    sites
        Sorted positions of the open sites, on which the following stand.
    people
        People who lose cover if it closes.
    farther
        Sum of people x cost by which those who keep cover are farther from their next site.
    """

    site: int
    sites: Ints
    people: Floats
    farther: Floats


@dataclass(frozen=True)
class Next:
    """What each further site would mean.

    Attributes
    ----------
    site
        Position of the best one; -1 if none would cover anybody more.
    people
        For every site the people who are not covered and would be; 0 for those open already.
    covered
        Positions of the demand the best one would cover.
    """

    site: int
    people: Floats
    covered: Ints


def least_missed(
    costs: ArrayLike,
    weights: ArrayLike | None,
    open_sites: Sequence[int] | Ints,
    limit: float,
) -> Missed:
    """Tell what the loss of each open site would mean, and which one is least missed.

    Parameters
    ----------
    costs, weights
        As in `siting.p_median`.
    open_sites
        Positions of the open sites.
    limit
        Cost up to which, and including which, a demand is covered.

    Returns
    -------
    Missed
        The site by whose loss the fewest people lose cover; of equal ones the one that makes the
        others' ways least longer, then the lower position.

    Raises
    ------
    GeodataError
        As in `siting.p_median`.
    """
    case = read_open(costs, weights, open_sites, limit)
    sites = case.fixed
    if not len(sites):
        return Missed(-1, sites, np.zeros(0), np.zeros(0))
    local = case.costs[:, sites]
    order = np.argsort(local, axis=1, kind="stable")[:, :2]
    near = np.take_along_axis(local, order, axis=1)
    first = near[:, 0]
    second = near[:, 1] if len(sites) > 1 else np.full(len(first), np.inf)
    only = np.isfinite(first) & np.isinf(second)
    both = np.isfinite(second)
    people = _sums(order[only, 0], case.weights[only], len(sites))
    longer = case.weights[both] * (second[both] - first[both])
    farther = _sums(order[both, 0], longer, len(sites))
    least = int(np.lexsort((sites, farther, people))[0])
    return Missed(int(sites[least]), sites, people, farther)


def best_next(
    costs: ArrayLike,
    weights: ArrayLike | None,
    open_sites: Sequence[int] | Ints,
    limit: float,
) -> Next:
    """Tell how many more people each further site would cover, and which one covers most.

    Parameters
    ----------
    costs, weights, open_sites, limit
        As in `least_missed`.

    Returns
    -------
    Next
        Of equally good sites the one that is nearer to those it would cover, then the lower
        position.

    Raises
    ------
    GeodataError
        As in `siting.p_median`.
    """
    case = read_open(costs, weights, open_sites, limit)
    missed = ~np.isfinite(case.costs[:, case.fixed]).any(axis=1)
    local, weight = case.costs[missed], case.weights[missed]
    within = np.isfinite(local)
    people = weight @ within
    if not len(people) or people.max() <= 0:
        return Next(-1, people, np.zeros(0, dtype=np.intp))
    distance = weight @ np.where(within, local, 0.0)
    best = int(np.lexsort((np.arange(len(people)), distance, -people))[0])
    return Next(best, people, np.flatnonzero(missed)[within[:, best]])


def _sums(site: Ints, values: Floats, sites: int) -> Floats:
    return np.bincount(site, weights=values, minlength=sites).astype(np.float64)
