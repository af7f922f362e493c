"""Households that stay together: kin, carer and cared-for, placed as if they were one household.

Somebody who has no way to any shelter at all keeps nobody else back: the others of the group are
placed together, and that household is listed with its own reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Units:
    """Households by what is placed as one.

    Attributes
    ----------
    of
        Number of the unit of every household, in the order in which units first appear.
    count
        How many units there are.
    """

    of: Integers
    count: int

    @property
    def alone(self) -> bool:
        """Whether every household is a unit of its own."""
        return self.count == len(self.of)

    def sums(self, values: Integers) -> Integers:
        """Add values of households up by unit."""
        return np.bincount(self.of, weights=values, minlength=self.count).astype(np.int64)

    def any(self, values: Flags) -> Flags:
        """Tell whether any household of each unit has something; rows or single values."""
        if self.alone:
            return values
        found = np.zeros((self.count, *values.shape[1:]), dtype=bool)
        np.logical_or.at(found, self.of, values)
        return found

    def all(self, values: Flags) -> Flags:
        """Tell whether every household of each unit has something."""
        return ~self.any(~values)

    def most(self, values: Floats) -> Floats:
        """Return the largest value of each unit."""
        found = np.full(self.count, -np.inf)
        np.maximum.at(found, self.of, values)
        return found

    def mean(self, people: Integers, seconds: Floats) -> Floats:
        """Return the seconds of a person of each unit: array units x shelters.

        People x this is the sum of people x seconds of the households; where nobody lives, every
        household counts alike.
        """
        if self.alone:
            return seconds
        together = self.sums(people)
        weight = np.where(together[self.of] > 0, people, 1).astype(np.float64)
        total = np.bincount(self.of, weights=weight, minlength=self.count)
        found = np.zeros((self.count, seconds.shape[1]))
        order = np.argsort(self.of, kind="stable")
        starts = np.flatnonzero(np.diff(self.of[order], prepend=-1))
        with np.errstate(invalid="ignore"):  # nobody x infinity
            shares = np.where(weight[:, None] > 0, weight[:, None] * seconds, 0.0)
        if len(starts):
            found = np.add.reduceat(shares[order], starts, axis=0) / total[:, None]
        # where nobody of a household lives, it still has to come
        found[self.any(np.isinf(seconds))] = np.inf
        single = np.bincount(self.of, minlength=self.count)[self.of] == 1
        found[self.of[single]] = seconds[single]
        return found


def units(households: gpd.GeoDataFrame, way: Flags) -> Units:
    """Find what is placed as one.

    Parameters
    ----------
    households
        Those with the same label in the column `group`, where there is one, stay together.
    way
        Which households have a way to any shelter; the others are alone.
    """
    alone = np.arange(len(households))
    if "group" not in households or not len(households):
        return Units(alone, len(households))
    code, labels = pd.factorize(households["group"])
    key = np.where((code >= 0) & way, code, len(labels) + alone)
    first, of = np.unique(key, return_index=True, return_inverse=True)[1:]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return Units(rank[of.reshape(-1)], len(first))


def table(
    households: gpd.GeoDataFrame,
    people: Integers,
    assignments: pd.DataFrame,
    unserved: pd.DataFrame,
) -> pd.DataFrame:
    """List the groups of two households or more.

    Returns
    -------
    frame
        On the labels of the groups, in the order in which they appear: `households`, `people`,
        `served` (households), `shelter` and `wave` (<NA> if nobody is served), `apart`: how many
        households are listed by themselves because they have no way at all, and `reason`, why
        those who are not served are not (<NA> if all are; the first one's if several).
    """
    names = ["households", "people", "served", "shelter", "wave", "apart", "reason"]
    if "group" not in households:
        return pd.DataFrame(columns=names)
    label = households["group"]
    size = label.map(label.value_counts())
    rows: list[Mapping[str, object]] = []
    keys = []
    count = pd.Series(people, index=households.index)
    for key, mine in label[size > 1].groupby(label, sort=False):
        here = mine.index
        in_, out = here.intersection(assignments.index), here.intersection(unserved.index)
        rows.append(
            {
                "households": len(here),
                "people": int(count[here].sum()),
                "served": len(in_),
                "shelter": assignments["shelter"][in_[0]] if len(in_) else pd.NA,
                "wave": int(assignments["wave"][in_[0]]) if len(in_) else pd.NA,
                "apart": len(out) if len(in_) else 0,
                "reason": unserved["reason"][out[0]] if len(out) else pd.NA,
            }
        )
        keys.append(key)
    return pd.DataFrame(rows, columns=names, index=pd.Index(keys, name="group", dtype=object))
