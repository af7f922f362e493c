"""Prices that prove how good a choice of sites is: with them a bound is a matter of sums.

Every demand has a price. Whatever sites are chosen, what they can earn at these prices is known
for each site alone, so the best few of them bound what any choice can do (Lagrangian duality). Who
knows the costs recomputes the bound without any search.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geodata import set_cover
from geodata.median_search import prices
from geodata.mixed_integer import Program, duals, sparse
from geodata.placing import PAIRS
from geodata.placing_pairs import Pairs
from geodata.site_earnings import most_bound, number_bound, total_bound
from geodata.siting import Sites
from geodata.siting_inputs import Case
from geodata.street_graph import Bools, Floats

Model = Literal["p_median", "p_center", "cover_all", "cover_most"]

_LARGE = 300_000  # pairs of demand and site beyond which prices are approached, not solved for


@dataclass(frozen=True)
class Proof:
    """What shows that no choice is better than a bound.

    Attributes
    ----------
    prices
        Of every demand; all zero if nothing can be shown this way.
    within
        For `p_center`: not even at this cost do so many sites reach everybody; None if the way of
        somebody to the nearest of all sites is all that is shown.
    missing
        For `p_median`: what it costs to leave a person out.
    bound
        What follows for the objective.
    """

    prices: Floats
    within: float | None
    missing: float
    bound: float


def proof(model: Model, case: Case, found: Sites) -> Proof:
    """Find prices for a choice that was found; the choice is not looked at again."""
    return {
        "p_median": _of_total,
        "p_center": _of_farthest,
        "cover_all": _of_number,
        "cover_most": _of_most,
    }[model](case, found)


def _of_total(case: Case, found: Sites) -> Proof:
    price, counted = np.zeros(len(case.weights)), case.counted
    left = float(case.weights[counted & (found.assignment < 0)].sum())
    if case.room is not None:
        if left or not counted.any():
            return Proof(price, None, 0.0, 0.0)
        near = np.where(np.isfinite(case.costs), case.costs, 0.0)  # only finite ones pair
        price[counted] = _with_room(case, case.weights[:, None] * near, all_served=True)
        missing = 0.0
    else:
        table, missing = case.priced
        price[counted] = prices(table, case.count, case.fixed, found.chosen)
    bound = total_bound(case, price, missing) - missing * left
    return Proof(price, None, missing, max(bound, 0.0))


def _of_most(case: Case, _: Sites) -> Proof:
    price, rows = np.zeros(len(case.weights)), np.flatnonzero(case.counted)
    if case.room is not None:
        if len(rows):
            price[rows] = _with_room(case, -case.weights[:, None], all_served=False)
            price = np.clip(price, 0.0, case.weights)
        return Proof(price, None, 0.0, most_bound(case, price))
    reaches = np.isfinite(case.costs[rows])
    held = reaches[:, case.held].any(axis=1)
    # whom a fixed site reaches is reached: nothing is paid for it
    price[rows[held]] = case.weights[rows[held]]
    rows, reaches = rows[~held], reaches[~held][:, ~case.held]
    spare = case.count - len(case.fixed)
    if len(rows):
        packed, group = np.unique(np.packbits(reaches, axis=1), axis=0, return_inverse=True)
        group = group.reshape(-1)
        alike = np.unpackbits(packed, axis=1, count=reaches.shape[1]).astype(bool)
        people = np.bincount(group, case.weights[rows], len(packed)).astype(np.float64)
        share = _shares(alike, people, spare) / people
        price[rows] = case.weights[rows] * np.clip(share, 0.0, 1.0)[group]
    return Proof(price, None, 0.0, most_bound(case, price))


def _shares(alike: Bools, people: Floats, spare: int) -> Floats:
    """Price groups of people who are reached by the same sites."""
    if not spare:
        return np.zeros(len(people))
    if alike.sum() > _LARGE:
        near = people[:, None] * ~alike
        return prices(near, spare, np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))
    size, sites = alike.shape
    row, column = np.nonzero(alike)
    line = np.arange(size)
    rows = sparse(
        [
            (row, column, np.ones(len(row))),
            (line, sites + line, -np.ones(size)),
            (np.full(sites, size), np.arange(sites), -np.ones(sites)),
        ],
        (size + 1, sites + size),
    )
    asked = duals(
        Program(
            cost=np.concatenate([np.zeros(sites), -people]),
            whole=np.zeros(sites + size, dtype=bool),
            rows=rows,
            low=np.concatenate([np.zeros(size), [-float(spare)]]),
            high=np.full(size + 1, np.inf),
            least=np.zeros(sites + size),
            most=np.ones(sites + size),
        )
    )
    return people - asked[:size] if asked is not None else people


def _of_number(case: Case, found: Sites) -> Proof:
    price, counted = np.zeros(len(case.weights)), case.counted
    if not counted.any() or (found.assignment[counted] < 0).any():
        return Proof(price, None, 0.0, 0.0)
    price = _packed(case)
    return Proof(price, None, 0.0, float(number_bound(case, price)))


def _of_farthest(case: Case, found: Sites) -> Proof:
    """Look for the highest cost at which prices show that the sites are too few."""
    price, share = np.zeros(len(case.weights)), case.costs[case.counted]
    if not len(share):
        return Proof(price, None, 0.0, 0.0)
    steps = np.unique(share[np.isfinite(share)])
    low = int(np.searchsorted(steps, share.min(axis=1).max()))
    best = low - 1  # nobody is nearer than to the nearest of all sites
    high = int(np.searchsorted(steps, found.bound))
    within, at = None, high - 1  # what was claimed is tried first
    while best < at < high:
        reached = np.where(case.costs <= steps[at], case.costs, np.inf)
        near = replace(case, costs=reached, count=0)
        tried = _packed(near)
        if number_bound(near, tried) > case.count:
            best, within, price = at, float(steps[at]), tried
        else:
            high = at
        at = (best + high) // 2 if high - best > 1 else best
    bound = float(steps[best + 1]) if best + 1 < len(steps) else np.inf
    return Proof(price, within, 0.0, bound)


def _packed(case: Case) -> Floats:
    """Price demand so that few of the sites can earn much: many are needed."""
    price, rows = np.zeros(len(case.weights)), np.flatnonzero(case.counted)
    if case.room is not None:
        if len(rows):
            price[rows] = np.maximum(_with_room(case, None, all_served=True), 0.0)
        return price
    reaches = np.isfinite(case.costs[rows])
    missed = ~reaches[:, case.held].any(axis=1)
    rows, reaches = rows[missed], reaches[missed][:, ~case.held]
    kept = ~set_cover.implied(~reaches)
    rows, reaches = rows[kept], reaches[kept]
    if not len(rows):
        return price
    row, column = np.nonzero(reaches)
    size, sites = reaches.shape
    found = duals(
        Program(
            cost=np.ones(sites),
            whole=np.zeros(sites, dtype=bool),
            rows=sparse([(row, column, np.ones(len(row)))], (size, sites)),
            low=np.ones(size),
            high=np.full(size, np.inf),
            least=np.zeros(sites),
            most=np.full(sites, np.inf),
        )
    )
    price[rows] = 1.0 if found is None else np.maximum(found, 0.0)
    return price


def _with_room(case: Case, cost: Floats | None, *, all_served: bool) -> Floats:
    """Price the demand that counts where sites have room for so many; cost None counts sites."""
    pairs, counted = Pairs.of(case), np.flatnonzero(case.counted)
    found, rows = None, np.unique(pairs.demand)
    if 0 < len(pairs.demand) <= PAIRS:
        of_pairs = np.zeros(len(pairs.demand))
        if cost is not None:
            of_pairs = np.broadcast_to(cost, case.costs.shape)[pairs.demand, pairs.site]
        fee = 1.0 if cost is None else 0.0
        found = duals(pairs.program(of_pairs, fee, all_served, 0.0))
    if found is not None:
        price = np.zeros(len(case.weights))
        price[rows] = found[: len(rows)] if all_served else -found[: len(rows)]
        return price[counted]
    if cost is None:  # by their size: so many rooms are needed
        return case.weights[counted]
    if not all_served:
        return np.zeros(len(counted))
    table, _ = case.priced
    return prices(table, case.count, case.fixed, np.zeros(0, dtype=np.intp))
