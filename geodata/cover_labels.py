"""Whom each junction is nearest to: kept, and mended when streets or facilities change."""

from dataclasses import dataclass, replace

import numpy as np

from geodata.arc_lists import Arcs, Lists, of_these
from geodata.label_repair import Ranks, Seeds, mend_nearest, mend_second
from geodata.matrices import measured
from geodata.ragged import offsets
from geodata.shortest import Graph
from geodata.snapping import Places, arriving, leaving
from geodata.street_arcs import By
from geodata.street_graph import Bools, Ints, Pieces


@dataclass(frozen=True)
class Labels:
    """The nearest sites of every node, and the nearest of another crew.

    Attributes
    ----------
    seeds
        How the sites are entered.
    nearest, second
        The answers; `second` is left empty where nobody asks for it.
    """

    seeds: Seeds
    nearest: Ranks
    second: Ranks

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.nearest.cost)


def blank(size: int) -> Labels:
    """Return the answers of a town without a site."""
    nothing = np.array([], dtype=np.intp)
    seeds = Seeds(np.zeros(size + 1, dtype=np.intp), nothing, np.array([]), np.array([]))
    return Labels(seeds, _none(size), _none(size))


def _none(size: int) -> Ranks:
    return Ranks(np.full(size, -1, dtype=np.intp), np.full(size, np.inf), np.full(size, np.inf))


def _copied(ranks: Ranks) -> Ranks:
    return Ranks(ranks.source.copy(), ranks.cost.copy(), ranks.other.copy())


def seeds_of(pieces: Pieces, opened: Bools, sites: Places, towards: bool, by: By) -> Seeds:
    """Return how sites are entered; those that are not snapped are not."""
    ways = (arriving if towards else leaving)(pieces, opened, sites)
    size = len(pieces.nodes)
    nothing = np.array([], dtype=np.intp)
    empty = Graph(size, nothing, nothing, np.array([]), np.array([]), nothing)
    found = empty.with_places(ways.ends, *measured(ways, by))
    order = np.lexsort((found.tail, found.head))
    first = offsets(np.bincount(found.head, minlength=size))
    source = (found.tail - size)[order].astype(np.intp)
    return Seeds(first, source, found.cost[order], found.other[order])


def renamed(labels: Labels, number: Ints) -> Labels:
    """Give the sites other numbers, which must rise as the old ones did."""
    number = np.append(number, -1)  # what has no site has none

    def ranks(of: Ranks) -> Ranks:
        return Ranks(number[of.source], of.cost, of.other)

    return Labels(
        labels.seeds._replace(source=number[labels.seeds.source]),
        ranks(labels.nearest),
        ranks(labels.second),
    )


def mended(
    labels: Labels,
    arcs: Arcs,
    was: Bools,
    opened: Bools,
    seeds: Seeds,
    crew: Ints | None,
    again: bool = False,
) -> tuple[Labels, Bools]:
    """Mend answers after a change.

    Parameters
    ----------
    labels
        Before the change; they are not touched.
    arcs
        All arcs of the streets.
    was, opened
        Whether each edge was and is open.
    seeds
        How the sites are entered now.
    crew
        Number of each site's crew; None if the second nearest is not wanted.
    again
        Find the second nearest anew: crews have changed.

    Returns
    -------
    labels
        As if they had been found anew.
    changed
        Bool array over the nodes: the answer is another one.
    """
    dirty = _reentered(labels.seeds, seeds)
    switched = was[arcs.edge] != opened[arcs.edge]
    dirty[arcs.head[switched]] = True
    nearest = _copied(labels.nearest)
    touched = mend_nearest(arcs, opened, seeds, nearest, np.flatnonzero(dirty))
    changed = _differing(labels.nearest, nearest, touched)
    second = labels.second
    if crew is not None:
        second = _none(labels.size) if again else _copied(second)
        dirty |= changed
        away = Lists(arcs.away_first, arcs.away)
        dirty[arcs.head[of_these(away, np.flatnonzero(changed))]] = True
        if again:
            dirty[:] = True
        touched = mend_second(arcs, opened, seeds, crew, nearest, second, np.flatnonzero(dirty))
        touched = np.arange(labels.size) if again else touched
        changed |= _differing(labels.second, second, touched)
    return replace(labels, seeds=seeds, nearest=nearest, second=second), changed


def _reentered(was: Seeds, now: Seeds) -> Bools:
    """Tell which nodes have other seeds than before."""
    size = len(was.first) - 1
    node = np.arange(size)
    rows = [
        np.column_stack([np.repeat(node, np.diff(seeds.first)), *seeds[1:]]) for seeds in (was, now)
    ]
    both, count = np.unique(np.concatenate(rows), axis=0, return_counts=True)
    dirty = np.zeros(size, dtype=bool)
    dirty[both[count == 1, 0].astype(np.intp)] = True
    return dirty


def _differing(was: Ranks, now: Ranks, nodes: Ints) -> Bools:
    """Tell which of these nodes have another answer."""
    differs = np.zeros(len(was.cost), dtype=bool)
    for before, after in zip(was, now, strict=True):
        differs[nodes] |= before[nodes] != after[nodes]
    return differs
