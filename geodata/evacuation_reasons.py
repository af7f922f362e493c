"""Why a household is not served, in one word that can be acted on."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.evacuation_case import Case

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


def unserved(case: Case, shelter: Integers, labels: pd.Index) -> pd.DataFrame:
    """List the households that are not assigned.

    Parameters
    ----------
    case
        The evacuation.
    shelter
        Position of the shelter of each affected household, -1 for none.
    labels
        Labels of the shelters.

    Returns
    -------
    frame
        On the labels of those without: `reason`; of `full` and `too_large` also `shelter`, the
        nearest that would suit, and `beds`, how many are short there for this household (and
        those kept together with it) alone.
    """
    rows = np.flatnonzero(shelter < 0)
    reason = _reasons(case)[rows]
    seconds = case.units.mean(case.people, case.seconds)[case.units.of[rows]]
    wants = np.isin(reason, ("full", "too_large"))
    nearest = np.full(len(rows), -1, dtype=np.int64)
    if wants.any():
        nearest[wants] = np.argmin(seconds[wants], axis=1)
    load = np.bincount(
        shelter[shelter >= 0], weights=case.people[shelter >= 0], minlength=len(labels)
    ).astype(np.int64)
    spare = case.capacity - load
    beds = pd.array(np.zeros(len(rows), dtype=np.int64), dtype="Int64")
    together = case.units.sums(case.people)[case.units.of]
    beds[wants] = together[rows][wants] - spare[nearest[wants]]
    beds[~wants] = pd.NA
    return pd.DataFrame(
        {
            "reason": pd.array(reason.tolist(), dtype="str"),
            "shelter": _taken(labels, nearest).array,
            "beds": beds,
        },
        index=case.households.index[rows],
    )


def _taken(labels: pd.Index, at: Integers) -> pd.Series:
    """Return the labels at positions, <NA> for -1."""
    found = pd.Series(pd.NA, index=range(len(at)), dtype=object)
    there = np.flatnonzero(at >= 0)
    found.iloc[there] = labels.take(at[there])
    return found.infer_objects()


def _reasons(case: Case) -> NDArray[np.object_]:
    """Give every household the reason it would have if it were not served."""
    reason = np.full(len(case.people), "full", dtype=object)
    way = np.isfinite(case.ways.seconds)
    common = way & case.common
    suits = common & case.accessible
    near = suits & case.near
    together = case.units.sums(case.people)[case.units.of]
    holds = near & (together[:, None] <= case.capacity[None, :])
    reason[~holds.any(axis=1)] = "too_large"
    reason[~near.any(axis=1)] = "too_far"
    reason[~suits.any(axis=1)] = "no_accessible_shelter"
    reason[~common.any(axis=1)] = "no_common_shelter"
    nowhere = ~way.any(axis=1)
    if nowhere.any():
        reason[nowhere] = _without_way(case)[nowhere]
    reason[~case.escape.households.snapped] = "not_snapped"
    return reason


def _without_way(case: Case) -> NDArray[np.object_]:
    """Tell those without a way apart by what one has to imagine away for them to have one."""
    reason = np.full(len(case.people), "no_road", dtype=object)
    # what is blocked may also cut off the shelter itself
    open_shelters = np.isin(case.out, ("", "blocked", "behind_hazard"))
    if not open_shelters.any():
        reason[:] = "no_shelter"
        return reason
    free = case.escape.reachable(open_shelters, closures=False, hazard=False)
    reason[free] = "no_exit"
    safe = case.escape.reachable(open_shelters, closures=False, hazard=True)
    reason[safe] = "cut_off"
    return reason
