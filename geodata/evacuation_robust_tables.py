"""What a draft says of its safety: who is not safe, streets that must not fail, and the price."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata import evacuation_robust_streets
from geodata.evacuation_case import Case
from geodata.evacuation_robust import Robust, time_of
from geodata.evacuation_robust_failures import suits

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def parts(
    case: Case, found: Robust, labels: pd.Index, kind: str, made: Mapping[str, object], bound: float
) -> dict[str, Any]:
    """Give what a draft says of its safety: its `totals`, `not_robust` and `critical_streets`.

    Parameters
    ----------
    case, found, kind
        As for `totals`.
    labels
        Those of the shelters.
    made, bound
        The totals and the bound of the draft.
    """
    return {
        "totals": {**made, "robust": totals(case, found, found.nominal, kind, bound)},
        "not_robust": table(case, found, labels),
        "critical_streets": streets(case, found),
    }


def table(case: Case, found: Robust, labels: pd.Index) -> pd.DataFrame:
    """List the households that are served but not safe, with what must not fail.

    Returns
    -------
    frame
        On their labels: `shelter`, where they are sent; `fails`, what must not fail (`shelter` or
        `road`; a street comes first); `road` and `name` of the street (<NA> for a shelter); and
        `reason`: `only_way` (no way to any shelter that suits them without this street),
        `one_shelter` (no other that suits them is in reach and large enough), or `no_room` (too
        few beds are free for all who then move).
    """
    units, one, place = case.units, found.judged, found.place
    seconds, people = units.mean(case.people, case.seconds), units.sums(case.people)
    may = suits(people, seconds, case.room)
    rows = np.flatnonzero((place >= 0)[units.of] & ~one.safe[units.of])
    street, shut = _worst(found, units.count)
    of = street[units.of[rows]]
    by_road = of >= 0
    alone = may.sum(axis=1) < 2
    reason = np.where(
        by_road,
        np.where(shut[units.of[rows]], "only_way", "no_room"),
        np.where(alone[units.of[rows]], "one_shelter", "no_room"),
    )
    parts = np.unique(of[by_road])
    said = evacuation_robust_streets.described(case, found.failures.part, parts)
    at = np.searchsorted(parts, of)
    road = pd.Series(pd.NA, index=range(len(rows)), dtype=object)
    name = pd.Series(pd.NA, index=range(len(rows)), dtype=object)
    road[by_road] = said["road"].to_numpy(dtype=object)[at[by_road]]
    name[by_road] = said["name"].to_numpy(dtype=object)[at[by_road]]
    return pd.DataFrame(
        {
            "shelter": labels.take(place[units.of[rows]]),
            "fails": np.where(by_road, "road", "shelter").astype(object),
            "road": road.to_numpy(dtype=object),
            "name": name.to_numpy(dtype=object),
            "reason": pd.array(reason.tolist(), dtype="str"),
        },
        index=case.households.index[rows],
    )


def _worst(found: Robust, units: int) -> tuple[Integers, Flags]:
    """Give the street that must not fail for each unit: one without any way first; -1 for none.

    Beside it, whether the unit has no way at all without that street.
    """
    one = found.judged
    lost = np.flatnonzero(~one.placed)
    hung = np.bincount(one.failure, minlength=found.failures.count)[one.failure[lost]]
    order = lost[np.lexsort((one.failure[lost], -hung, one.able[lost]))[::-1]]
    worst, shut = np.full(units, -1, dtype=np.int64), np.zeros(units, dtype=bool)
    worst[one.unit[order]] = one.failure[order] - found.failures.shelters
    shut[one.unit[order]] = ~one.able[order]
    return worst, shut


def streets(case: Case, found: Robust) -> gpd.GeoDataFrame:
    """List the streets that somebody hangs on.

    Returns
    -------
    frame
        In the CRS of the roads, those whose loss leaves most people without a place first, then
        those on which most people hang: `road`, `name`, `bridge`, `households` and `people` who
        would have to move, `not_households` and `not_people` who would find no place, `geometry`.
        Parts of one street that no junction lies between are one row, with the most of each.
    """
    one, units = found.judged, case.units
    parts, number = np.unique(one.failure, return_inverse=True)
    size = np.bincount(units.of, minlength=units.count)
    sums = {}
    for name, weight in (("households", size), ("people", units.sums(case.people))):
        for word, rows in (("", one.unit >= 0), ("not_", ~one.placed)):
            moved = np.bincount(number, weights=weight[one.unit] * rows, minlength=len(parts))
            sums[word + name] = moved.astype(np.int64)
    said = evacuation_robust_streets.described(
        case, found.failures.part, parts - found.failures.shelters
    )
    table = said.assign(**sums)
    order = np.lexsort(
        (table["piece"], -table["people"].to_numpy(), -table["not_people"].to_numpy())
    )
    table = table.iloc[order].drop_duplicates("piece").drop(columns="piece")
    return table.reset_index(drop=True)


def totals(
    case: Case, found: Robust, nominal: Integers, kind: str, bound: float
) -> Mapping[str, object]:
    """Say what the safety costs.

    Returns
    -------
    mapping
        `kind`; `nominal_person_seconds` of the draft of least time and how many `nominal_people`
        it leaves safe; `person_seconds`, `price_person_seconds` (the difference), `bound` (no
        assignment of these people takes less); `households` and `people` safe from every
        failure, `not_households` and `not_people`; `only_way_people`, those of them whom no
        assignment makes safe; `most_people`: no assignment can make more safe; `exact`: whether
        it is proven that no other is better.
    """
    units = case.units
    people, costs = units.sums(case.people), units.mean(case.people, case.seconds)
    size = np.bincount(units.of, minlength=units.count)
    safe, served = found.judged.safe, found.place >= 0
    before, now = time_of(people, costs, nominal), time_of(people, costs, found.place)
    return {
        "kind": kind,
        "nominal_person_seconds": before,
        "nominal_people": int(people[found.before.safe].sum()),
        "person_seconds": now,
        "price_person_seconds": now - before,
        "bound": min(bound, now),
        "households": int(size[safe].sum()),
        "people": int(people[safe].sum()),
        "not_households": int(size[served & ~safe].sum()),
        "not_people": int(people[served & ~safe].sum()),
        "only_way_people": int(people[served & found.never].sum()),
        "most_people": int(people[safe].sum() if found.exact else people[~found.never].sum()),
        "exact": found.exact,
    }
