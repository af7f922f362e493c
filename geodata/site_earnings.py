"""What sites can earn at prices of the demand, and what that says of every choice of sites."""

import numpy as np

from geodata.siting_inputs import Case
from geodata.street_graph import Floats

_TINY = 1e-9  # relative: as much is given away before a bound is rounded up


def earned(value: Floats, size: Floats, room: float) -> float:
    """Give the most a site can earn: the best values for their size until it is full.

    The last one may be taken in part, so no way to fill it with whole ones earns more.
    """
    use = (value > 0) & (size <= room)
    value, size = value[use], size[use]
    if size.sum() <= room:
        return float(value.sum())
    order = np.argsort(-value / size, kind="stable")
    value, size = value[order], size[order]
    filled = np.cumsum(size)
    whole = int(np.searchsorted(filled, room, side="right"))
    part = room - (filled[whole - 1] if whole else 0.0)
    return float(value[:whole].sum() + value[whole] * part / size[whole])


def earnings(case: Case, values: Floats) -> Floats:
    """Give what each site earns: `values` is an array of counted demand x site, 0 where none."""
    if case.room is None:
        most: Floats = np.maximum(values, 0.0).sum(axis=0)
        return most
    weights = case.weights[case.counted]
    columns = range(values.shape[1])
    return np.array([earned(values[:, j], weights, float(case.room[j])) for j in columns])


def _of_best(case: Case, earned_by: Floats, count: int) -> float:
    others = np.sort(earned_by[~case.held])[::-1]
    return float(earned_by[case.fixed].sum() + others[: count - len(case.fixed)].sum())


def total_bound(case: Case, price: Floats, missing: float) -> float:
    """Give what no choice of sites costs less than, people left out at `missing` included."""
    earned_by = total_earnings(case, price, missing)
    return float(price[case.counted].sum()) - _of_best(case, earned_by, case.count)


def total_earnings(case: Case, price: Floats, missing: float) -> Floats:
    """Give what each site earns where ways are paid for; see `total_bound`."""
    counted = case.counted
    share, people, paid = case.costs[counted], case.weights[counted], price[counted]
    away = people * missing if case.room is None and missing else np.full(len(people), np.inf)
    with np.errstate(invalid="ignore"):
        cost = np.where(np.isfinite(share), people[:, None] * share, away[:, None])
    return earnings(case, np.maximum(paid[:, None] - cost, 0.0))


def most_bound(case: Case, price: Floats) -> float:
    """Give how many people no choice of sites reaches more of."""
    counted = case.counted
    reaches, people, paid = np.isfinite(case.costs[counted]), case.weights[counted], price[counted]
    values = np.where(reaches, (people - paid)[:, None], 0.0)
    reached = float(paid.sum()) + _of_best(case, earnings(case, values), case.count)
    return min(reached, float(people.sum()))


def number_bound(case: Case, price: Floats) -> int:
    """Give the least number of sites that earns all prices; one more than there are if none."""
    counted = case.counted
    reaches, paid = np.isfinite(case.costs[counted]), price[counted]
    earned_by = earnings(case, np.where(reaches, paid[:, None], 0.0))
    wanted = float(paid.sum()) * (1.0 - _TINY) - float(earned_by[case.fixed].sum())
    others = np.cumsum(np.sort(earned_by[~case.held])[::-1])
    if wanted <= 0:
        return len(case.fixed)
    return len(case.fixed) + int(np.searchsorted(others, wanted)) + 1
