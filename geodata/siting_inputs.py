"""What the siting models are given: read, checked, and every fault named at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from geodata.errors import Fault, GeodataError
from geodata.street_graph import Bools, Floats, Ints

_LEAST, _MOST = 1e-9, 1e12  # beyond, sums of products are no longer exact enough to compare


@dataclass(frozen=True)
class Case:
    """A siting question.

    Attributes
    ----------
    costs
        Array demand x site; infinite where there is no way or it is beyond the limit.
    weights
        People of each demand.
    count
        How many sites are open; 0 where the question is how many.
    fixed
        Sorted positions of the sites that are always open.
    room
        People each site takes in; None without capacities.
    """

    costs: Floats
    weights: Floats
    count: int
    fixed: Ints
    room: Floats | None

    @property
    def reached(self) -> Bools:
        """Which demand some site reaches."""
        some: Bools = np.asarray(np.isfinite(self.costs).any(axis=1), dtype=bool)
        return some

    @property
    def counted(self) -> Bools:
        """Which demand counts: there are people, and some site reaches them."""
        peopled: Bools = self.weights > 0
        return self.reached & peopled

    @property
    def held(self) -> Bools:
        """Which sites are always open."""
        held = np.zeros(self.costs.shape[1], dtype=bool)
        held[self.fixed] = True
        return held

    @property
    def priced(self) -> tuple[Floats, float]:
        """Give people x cost of the demand that counts, and the price of leaving a person out.

        To leave a person out costs more than all the ways of all the others together.
        """
        share, people = self.costs[self.counted], self.weights[self.counted]
        finite = np.isfinite(share)
        value = people[:, None] * np.where(finite, share, 0.0)
        if finite.all():
            return value, 0.0
        price = float((value.max(axis=1).sum() + 1.0) / people.min())
        return np.where(finite, value, people[:, None] * price), price

    def total(self, assignment: Ints) -> float:
        """Give the sum of people x cost of those who are served."""
        served = np.flatnonzero(assignment >= 0)
        return float((self.weights[served] * self.costs[served, assignment[served]]).sum())


def read(
    costs: ArrayLike,
    weights: ArrayLike | None,
    count: int | None,
    limit: float | None,
    fixed: Sequence[int] | Ints,
    capacity: ArrayLike | None,
    *,
    counting: bool = True,
) -> Case:
    """Read a siting question.

    Parameters
    ----------
    costs, weights, count, limit, fixed, capacity
        As given to the models of `siting`.
    counting
        Whether a count must be given; otherwise none may be.

    Raises
    ------
    GeodataError
        Every fault; rows are positions of demand, or of sites for capacities, columns say what
        is meant.
    """
    faults: list[Fault] = []
    table = _numbers(costs, "costs", 2, faults)
    size, sites = table.shape
    _no_less_than_zero(table, "costs", faults, infinite=True)
    people = np.ones(size) if weights is None else _numbers(weights, "weights", 1, faults)
    _no_less_than_zero(people, "weights", faults)
    _as_many(people, size, "weights", faults)
    room = None if capacity is None else _numbers(capacity, "capacity", 1, faults)
    if room is not None:
        _no_less_than_zero(room, "capacity", faults, infinite=True)
        _as_many(room, sites, "capacity", faults)
    held = _positions(fixed, sites, "fixed", faults)
    wanted = _counted(count, sites, len(held), counting, faults)
    if limit is not None and not (isinstance(limit, Real) and 0 <= limit < np.inf):
        faults.append(Fault("the limit is not a number of zero or more", None, "limit"))
    if faults:
        raise GeodataError(faults)
    if limit is not None:
        table = np.where(table <= limit, table, np.inf)
    return Case(table, people, wanted, held, room)


def read_open(
    costs: ArrayLike,
    weights: ArrayLike | None,
    open_sites: Sequence[int] | Ints,
    limit: float,
) -> Case:
    """Read a question about sites that are open, which are the fixed ones of the case."""
    return read(costs, weights, None, limit, open_sites, None, counting=False)


def _numbers(values: ArrayLike, name: str, dimensions: int, faults: list[Fault]) -> Floats:
    try:
        read: Floats = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        faults.append(Fault("these are not numbers", None, name))
        return np.zeros((0,) * dimensions)
    if read.ndim != dimensions:
        faults.append(Fault(f"{read.ndim} dimensions instead of {dimensions}", None, name))
        return np.zeros((0,) * dimensions)
    return read


def _no_less_than_zero(
    values: Floats, name: str, faults: list[Fault], *, infinite: bool = False
) -> None:
    beyond = (values > _MOST) & ~(np.isinf(values) & infinite)
    wrong = ~(values >= 0) | beyond | ((values > 0) & (values < _LEAST))
    for row in np.unique(np.nonzero(wrong)[0]):
        at = values[row] if values.ndim == 1 else values[row][wrong[row]][0]
        faults.append(
            Fault(f"{at} is not 0 or a number from {_LEAST:g} to {_MOST:g}", int(row), name)
        )


def _as_many(values: Floats, size: int, name: str, faults: list[Fault]) -> None:
    unread = [fault.column for fault in faults if fault.row is None]
    if len(values) != size and name not in unread and "costs" not in unread:
        faults.append(Fault(f"{len(values)} values for {size}", None, name))


def _positions(given: Sequence[int] | Ints, sites: int, name: str, faults: list[Fault]) -> Ints:
    read = np.asarray(given)
    if not read.size:
        return np.zeros(0, dtype=np.intp)
    if read.ndim != 1 or not np.issubdtype(read.dtype, np.integer):
        faults.append(Fault("these are not positions of sites", None, name))
        return np.zeros(0, dtype=np.intp)
    wrong = (read < 0) | (read >= sites)
    faults += [Fault(f"there is no site {site} among {sites}", None, name) for site in read[wrong]]
    return np.unique(read[~wrong]).astype(np.intp)


def _counted(count: int | None, sites: int, held: int, counting: bool, faults: list[Fault]) -> int:
    what = None
    if not counting:
        what = None if count is None else "the number is what is looked for: leave it out"
    elif isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        what = f"{count} is not a whole number of one or more"
    elif count > sites:
        what = f"{count} sites are wanted, there are {sites}"
    elif count < held:
        what = f"{count} sites are wanted, {held} are fixed"
    if what is not None:
        faults.append(Fault(what, None, "count"))
    return int(count) if counting and what is None and count is not None else 0
