"""The p-median as a whole-number program over the sites that are still undecided."""

import numpy as np

from geodata.mixed_integer import Program, minimise, sparse
from geodata.ragged import ranges
from geodata.street_graph import Bools, Floats, Ints

PAIRS = 10_000
"""Pairs of demand and site up to which the choice is searched to the end."""


def pairs_of(base: Floats, cost: Floats, spare: int) -> int:
    """Count the pairs the program would have; see `search`."""
    reach = cost.shape[1] - spare + 1
    return int(np.minimum((cost < base[:, None]).sum(axis=1), reach).sum())


def search(base: Floats, cost: Floats, spare: int) -> tuple[Ints | None, float]:
    """Open `spare` of these sites so that the total cost is least.

    One variable for each pair says that no open site is as near as this one; the variables of
    one demand form a chain from near to far (Cornuejols, Nemhauser and Wolsey 1980; Elloumi
    2010).

    Parameters
    ----------
    base
        Cost of each demand from the sites that are open anyway; infinite without any.
    cost
        Array demand x undecided site, finite.
    spare
        How many of these are opened.

    Returns
    -------
    taken, bound
        Sorted positions of the opened sites (None if none were found) and the bound.
    """
    size, sites = cost.shape
    if not spare:
        return np.zeros(0, dtype=np.intp), float(base.sum())
    reach = sites - spare + 1  # one of so many sites is open, whatever is chosen
    order = np.argsort(cost, axis=1, kind="stable")
    ranked = np.take_along_axis(cost, order, axis=1)
    near = np.minimum((ranked < base[:, None]).sum(axis=1), reach)
    row = np.repeat(np.arange(size), near)
    rank = ranges(np.zeros(size, dtype=np.intp), near)
    here = ranked[row, rank]
    begin = rank == 0
    final = rank == near[row] - 1
    after = _after(ranked, base, row, rank, final, reach)
    constant = float(here[begin].sum() + base[near == 0].sum())
    if not len(row):
        return np.arange(spare), constant
    program = _chain(order[row, rank], begin, after - here, sites, spare)
    found = minimise(program)
    taken = None
    if found.values is not None:
        taken = np.sort(np.argsort(-found.values[:sites], kind="stable")[:spare])
    return taken, found.bound + constant


def _after(ranked: Floats, base: Floats, row: Ints, rank: Ints, final: Bools, reach: int) -> Floats:
    """Give the cost of the next possibility after each pair."""
    following = ranked[row, np.minimum(rank + 1, ranked.shape[1] - 1)]
    # the last of the reach is open if no nearer one is: nothing comes after it
    last = np.where(rank + 1 >= reach, ranked[row, rank], base[row])
    return np.where(final, last, np.minimum(following, base[row]))


def _chain(site: Ints, begin: Bools, rise: Floats, sites: int, spare: int) -> Program:
    """Write the program: a variable for every site, then one for every pair."""
    pairs = len(site)
    line = np.arange(pairs)
    ones = np.ones(pairs)
    linked = line[~begin]
    rows = sparse(
        [
            (line, site, ones),
            (line, sites + line, ones),
            (linked, sites + linked - 1, -np.ones(len(linked))),
            (np.full(sites, pairs), np.arange(sites), np.ones(sites)),
        ],
        (pairs + 1, sites + pairs),
    )
    whole = np.zeros(sites + pairs, dtype=bool)
    whole[:sites] = True
    return Program(
        cost=np.concatenate([np.zeros(sites), rise]),
        whole=whole,
        rows=rows,
        low=np.concatenate([begin.astype(np.float64), [float(spare)]]),
        high=np.concatenate([np.full(pairs, np.inf), [float(spare)]]),
        least=np.zeros(sites + pairs),
        most=np.ones(sites + pairs),
    )
