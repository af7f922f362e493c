"""The fewest sites that reach everybody: set covering on arrays, made small and then solved."""

from dataclasses import dataclass

import numpy as np

from geodata.mixed_integer import Program, minimise, sparse
from geodata.street_graph import Bools, Ints

_COMPARED = 4_000  # rows or columns up to which each is compared with each


@dataclass(frozen=True)
class Cover:
    """Sites that reach everybody.

    Attributes
    ----------
    chosen
        Sorted positions of the sites.
    bound
        Fewer than these do not reach everybody.
    """

    chosen: Ints
    bound: int


def fewest(reaches: Bools, enough: int = 0) -> Cover:
    """Choose the fewest sites so that everybody is reached by one.

    Who is reached wherever somebody else is, and sites that reach nobody another one does not
    reach, are left out, sites that alone reach somebody are taken (Toregas and ReVelle 1973); what
    remains is a whole-number program.

    Parameters
    ----------
    reaches
        Array demand x site: who is reached by which; every row has at least one.
    enough
        A number of sites that is good enough: a choice of no more is not improved.

    Returns
    -------
    Cover
        Of sites that reach the same the lower position.
    """
    rows, columns, taken = _reduced(reaches)
    left = reaches[np.ix_(rows, columns)]
    if not len(rows):
        return Cover(np.sort(taken), len(taken))
    greedy = columns[_greedy(left)]
    if len(taken) + len(greedy) <= enough:
        return Cover(np.sort(np.append(taken, greedy)), len(taken) + 1)
    found = minimise(_program(left))
    bound = len(taken) + int(np.ceil(found.bound - 1e-6))
    if found.values is not None and np.rint(found.values).sum() < len(greedy):
        greedy = columns[np.flatnonzero(found.values > 0.5)]
    chosen = np.sort(np.append(taken, greedy))
    return Cover(chosen, min(bound, len(chosen)))


def _reduced(reaches: Bools) -> tuple[Ints, Ints, Ints]:
    """Return the rows and columns that are still to be solved, and the columns taken."""
    rows, columns = np.arange(len(reaches)), np.arange(reaches.shape[1])
    taken: list[int] = []
    while len(rows):
        before = len(rows), len(columns)
        rows = rows[~implied(~reaches[np.ix_(rows, columns)])]
        columns = columns[~implied(reaches[np.ix_(rows, columns)].T)]
        left = reaches[np.ix_(rows, columns)]
        single = left[left.sum(axis=1) == 1]
        if len(single):
            alone = np.unique(single.argmax(axis=1))
            taken += columns[alone].tolist()
            rows = rows[~left[:, alone].any(axis=1)]
            columns = np.delete(columns, alone)
        if (len(rows), len(columns)) == before:
            break
    return rows, columns, np.array(taken, dtype=np.intp)


def implied(sets: Bools) -> Bools:
    """Tell which rows are contained in another row, or equal one further up.

    Where there are very many only equal ones are found.
    """
    packed = np.packbits(sets, axis=1)
    _, first = np.unique(packed, axis=0, return_index=True)
    kept = np.sort(first) if sets.shape[1] else np.arange(min(len(sets), 1))
    out = np.ones(len(sets), dtype=bool)
    out[kept] = False
    if 0 < len(kept) <= _COMPARED:
        some = sets[kept].astype(np.float32)
        common = some @ some.T
        inside = common == some.sum(axis=1)[:, None]
        np.fill_diagonal(inside, val=False)
        out[kept] = inside.any(axis=1)
    return out


def _greedy(reaches: Bools) -> Ints:
    """Take the site that reaches most of those left, one by one; drop what proves needless."""
    left = np.ones(len(reaches), dtype=bool)
    taken = []
    while left.any():
        best = int(reaches[left].sum(axis=0).argmax())
        taken.append(best)
        left &= ~reaches[:, best]
    return needed(reaches, np.array(taken, dtype=np.intp))


def needed(reaches: Bools, taken: Ints) -> Ints:
    """Drop, from the last to the first, sites whose demand others of the taken reach as well."""
    times = reaches[:, taken].sum(axis=1)
    kept = []
    for site in taken[::-1]:
        if (times[reaches[:, site]] > 1).all():
            times -= reaches[:, site]
        else:
            kept.append(site)
    return np.sort(np.array(kept, dtype=np.intp))


def _program(reaches: Bools) -> Program:
    size, sites = reaches.shape
    row, column = np.nonzero(reaches)
    return Program(
        cost=np.ones(sites),
        whole=np.ones(sites, dtype=bool),
        rows=sparse([(row, column, np.ones(len(row)))], (size, sites)),
        low=np.ones(size),
        high=np.full(size, np.inf),
        least=np.zeros(sites),
        most=np.ones(sites),
    )
