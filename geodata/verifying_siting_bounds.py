"""What the prices in a file prove about every choice of sites, by sums alone."""

from dataclasses import dataclass

import numpy as np

from geodata.verifying_ground import Bools, Floats

_GIVEN = 1e-9  # relative: as much of the prices is given away before a number is rounded up


@dataclass(frozen=True)
class Facts:
    """The demand that counts, and the sites.

    Attributes
    ----------
    cost
        Array demand x site; infinite where it may not be served.
    weight, price
        Of the demand.
    open
        Which sites are there.
    room
        Of the sites; None without capacities.
    """

    cost: Floats
    weight: Floats
    price: Floats
    open: Bools
    room: Floats | None

    def best(self, value: Floats, more: int) -> float:
        """Give what all open sites, and as many more as that, earn at the most."""
        earned = self._earned(value)
        others = np.sort(earned[~self.open])[::-1]
        return float(earned[self.open].sum() + others[:more].sum())

    def needed(self, value: Floats) -> int | None:
        """Give how many sites have to be open to earn all prices; None if all are too few."""
        earned = self._earned(value)
        wanted = float(self.price.sum()) * (1.0 - _GIVEN) - float(earned[self.open].sum())
        if wanted <= 0:
            return int(self.open.sum())
        running = np.cumsum(np.sort(earned[~self.open])[::-1])
        enough = np.flatnonzero(running >= wanted)
        return int(self.open.sum()) + int(enough[0]) + 1 if len(enough) else None

    def _earned(self, value: Floats) -> Floats:
        value = np.maximum(value, 0.0)
        if self.room is None:
            total: Floats = value.sum(axis=0)
            return total
        return np.array(
            [self._filled(value[:, site], float(room)) for site, room in enumerate(self.room)]
        )

    def _filled(self, value: Floats, room: float) -> float:
        """Fill a site with what is worth most for its size, the last one in part."""
        use = np.flatnonzero((value > 0) & (self.weight <= room))
        worth = value[use] / self.weight[use]
        order = use[np.argsort(-worth, kind="stable")]
        before = np.cumsum(self.weight[order]) - self.weight[order]
        part = np.clip((room - before) / self.weight[order], 0.0, 1.0)
        return float((value[order] * part).sum())


def of_total(facts: Facts, more: int, missing: float, left: float) -> float:
    """Give what no choice costs less than."""
    away = np.inf if facts.room is not None or not missing else missing
    reached = np.isfinite(facts.cost)
    cost = np.where(reached, facts.cost, 0.0) * facts.weight[:, None]
    cost = np.where(reached, cost, facts.weight[:, None] * away)
    bound = float(facts.price.sum()) - facts.best(facts.price[:, None] - cost, more)
    return max(bound - missing * left, 0.0)


def of_most(facts: Facts, more: int) -> float:
    """Give how many no choice reaches more than."""
    # a price that is more than the weight would only make the bound worse
    gain = np.where(np.isfinite(facts.cost), (facts.weight - facts.price)[:, None], 0.0)
    bound = float(facts.price.sum()) + facts.best(gain, more)
    return min(bound, float(facts.weight.sum()))


def of_number(facts: Facts) -> float:
    """Give how many sites are needed to reach everybody; infinite if all are too few."""
    found = facts.needed(np.where(np.isfinite(facts.cost), facts.price[:, None], 0.0))
    return np.inf if found is None else float(found)


def of_farthest(facts: Facts, more: int, within: float | None) -> float | None:
    """Give how far somebody is at the least; None if the prices do not show what they should."""
    steps = facts.cost[np.isfinite(facts.cost)]
    nearest = float(facts.cost.min(axis=1).max())
    if within is None:
        return nearest
    near = Facts(
        np.where(facts.cost <= within, facts.cost, np.inf),
        facts.weight,
        facts.price,
        facts.open,
        facts.room,
    )
    if of_number(near) <= int(facts.open.sum()) + more:
        return None
    farther = steps[steps > within]
    return max(nearest, float(farther.min())) if len(farther) else np.inf
