"""The choices of sites a first bound leaves open, searched with the same bound at every branch."""

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from geodata.median_moves import raise_prices
from geodata.street_graph import Bools, Floats, Ints

_ROUNDS = 60
_SCALE = 0.5  # of the first step: prices of the branch above are nearly right
_TINY = 1e-9  # relative: nearer than this two totals are the same


@dataclass(frozen=True)
class Task:
    """A p-median, its sites ranked for everybody.

    Attributes
    ----------
    cost
        Array demand x site, weights included; finite.
    order, ranked
        Sites from near to far and their costs, array demand x rank.
    count
        How many sites are open.
    step
        The least two totals can differ by: 1 for whole numbers, else 0.
    """

    cost: Floats
    order: Ints
    ranked: Floats
    count: int
    step: float

    @classmethod
    def of(cls, cost: Floats, count: int) -> "Task":
        """Rank the sites."""
        order = np.argsort(cost, axis=1, kind="stable")
        whole = cost.sum() < 2.0**50 and bool((cost == np.rint(cost)).all())
        ranked = np.take_along_axis(cost, order, axis=1)
        return cls(cost, order, ranked, count, 1.0 if whole else 0.0)

    def total(self, opened: Bools) -> float:
        """Give the cost with these sites open."""
        return float(self.cost[:, opened].min(axis=1).sum())

    def cut(self, total: float) -> float:
        """Give the cost from which on a choice is no better than one of this total."""
        return total - self.step + 1e-6 if self.step else total - _TINY * total

    def proven(self, total: float) -> float:
        """Give the bound when all choices cheaper than the cut are excluded."""
        return total if self.step else self.cut(total)

    def lifted(self, bound: float) -> float:
        """Round a bound up where totals are whole numbers."""
        return float(np.ceil(bound - 1e-6)) if self.step else bound


@dataclass(frozen=True)
class Branch:
    """Choices that have some sites in common.

    Attributes
    ----------
    bound
        None of them costs less.
    into, out
        Sites that are open, and that are closed, in all of them.
    price, saving
        Prices that prove the bound, and what each site saves at these.
    """

    bound: float
    into: Bools
    out: Bools
    price: Floats
    saving: Floats

    def settled(self, cut: float, count: int) -> "Branch":
        """Add the sites that are in or out of every choice that costs less than `cut`."""
        key = np.where(self.into, -np.inf, np.where(self.out, np.inf, self.saving))
        order = np.argsort(key, kind="stable")
        picked = np.zeros(len(key), dtype=bool)
        picked[order[:count]] = True
        last = self.saving[order[count - 1]]
        following = key[order[count]] if count < len(key) else np.inf
        into = self.into | (picked & (self.bound + following - self.saving >= cut))
        out = self.out | (~picked & (self.bound + self.saving - last >= cut))
        return Branch(self.bound, into, out, self.price, self.saving)

    def favoured(self, count: int) -> Bools:
        """Return the sites its prices favour."""
        key = np.where(self.into, -np.inf, np.where(self.out, np.inf, self.saving))
        picked = np.zeros(len(key), dtype=bool)
        picked[np.argsort(key, kind="stable")[:count]] = True
        return picked


def search(
    task: Task, root: Branch, opened: Bools, total: float, nodes: int
) -> tuple[Bools, float, float]:
    """Split the branch of the lowest bound, until none is lower than the total.

    Parameters
    ----------
    task
        The p-median.
    root
        Of the choices that may be better than the best known.
    opened, total
        The best known.
    nodes
        Branches after which the search stops.

    Returns
    -------
    opened, total, bound
        The best choice, what it costs, and what no choice is below.
    """
    heap: list[tuple[float, int, Branch]] = [(root.bound, 0, root)]
    made = 0  # numbers the branches too, so that equal bounds are split in order
    while heap:
        bound, _, branch = heappop(heap)
        if bound >= task.cut(total):
            break
        if made >= nodes:
            return opened, total, min(task.lifted(bound), total)
        site = _split_at(branch, task.count)
        for inside in (True, False):
            made += 1
            chosen, child = _explored(task, _child(branch, site, inside), total)
            if chosen is not None:
                value = task.total(chosen)
                if value < total - _TINY * total:
                    opened, total = chosen, value
            if child is not None and child.bound < task.cut(total):
                heappush(heap, (child.bound, made, child))
    return opened, total, task.proven(total)


def _split_at(branch: Branch, count: int) -> int:
    """Choose the undecided site that saves most among those favoured."""
    free = branch.favoured(count) & ~branch.into
    return int(np.argmin(np.where(free, branch.saving, np.inf)))


def _child(branch: Branch, site: int, inside: bool) -> Branch:
    into, out = branch.into.copy(), branch.out.copy()
    (into if inside else out)[site] = True
    return Branch(branch.bound, into, out, branch.price, branch.saving)


def _explored(task: Task, branch: Branch, total: float) -> tuple[Bools | None, Branch | None]:
    """Raise the bound of a branch: the choice it favours, and the branch unless it is done."""
    only = _only(branch, task.count)
    if only is not None:
        return only, None
    bound, price, saving, _ = raise_prices(
        task.order, task.ranked, branch.into, branch.out, task.count, total, branch.price,
        _SCALE, _ROUNDS,
    )  # fmt: skip
    raised = Branch(bound, branch.into, branch.out, price, saving)
    chosen = raised.favoured(task.count)
    if bound >= task.cut(total):
        return chosen, None
    raised = raised.settled(task.cut(total), task.count)
    if raised.into.sum() > task.count or (~raised.out).sum() < task.count:
        return chosen, None
    only = _only(raised, task.count)
    if only is not None:
        return (only if task.total(only) < task.total(chosen) else chosen), None
    return chosen, Branch(
        max(bound, branch.bound), raised.into, raised.out, raised.price, raised.saving
    )


def _only(branch: Branch, count: int) -> Bools | None:
    """Return the one choice that is left, if there is only one."""
    if branch.into.sum() == count:
        return branch.into
    if (~branch.out).sum() == count:
        return ~branch.out
    return None
