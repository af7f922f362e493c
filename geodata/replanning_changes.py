"""What is not as it was in the plan before, household by household, and what for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.evacuation_case import Case
from geodata.replanning_inputs import CLOSED_DOWN, NONE, Before, Mine

if TYPE_CHECKING:
    from geodata.evacuation import Draft

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.object_]

WHY = (
    "unsafe",
    "shelter_closed",
    "shelter_full",
    "way_cut",
    "unsuitable",
    "with_group",
    "makes_room",
    "better",
    "new",
    "now_served",
    "gone",
)
"""Why a household's place is not what it was.

unsafe: the shelter lies in the hazard now, or behind it. shelter_closed: it is closed or no longer
on the list. shelter_full: it does not take all who were to go there. way_cut: no safe way leads
there any more. unsuitable: it is not accessible or too far by the rules of today. with_group: so
that those who stay together stay together. makes_room: the room is needed for others, who would
have none or who would have to change in greater number. better: nobody has been told yet, and
another place takes less time. new: affected only now. now_served: had no place before. gone: no
longer affected.
"""

_SAME_WAY = 1.0  # metres within which two ways are one
_OUT = {
    "in_hazard": "unsafe",
    "behind_hazard": "unsafe",
    "closed": "shelter_closed",
    "no_capacity": "shelter_full",
    "not_snapped": "way_cut",
    "blocked": "way_cut",
}


@dataclass(frozen=True)
class Changes:
    """`changed` and `kept` of a `Replan`."""

    changed: pd.DataFrame
    kept: pd.DataFrame


def compared(  # noqa: PLR0913, PLR0917 - the plan before and the plan after, and what they speak of
    case: Case,
    before: Before,
    place: Integers,
    shelters: pd.Index,
    draft: "Draft",
    keep_untold: bool,
) -> Changes:
    """Compare a plan with the one before.

    Parameters
    ----------
    case
        The evacuation as it is now.
    before
        The plan before.
    place
        Position of the new shelter of each affected household, -1 for none.
    shelters
        Labels of the shelters.
    draft
        The new plan.
    keep_untold
        Whether those who have not been told were to keep their place.
    """
    labels = case.households.index
    mine = before.on(labels)
    gone = before.shelter.index.difference(labels, sort=False)
    same = mine.known & (mine.place == place)
    rows = np.flatnonzero(~same)
    why = _why(case, mine, place, keep_untold)[rows]
    changed = pd.DataFrame(
        {
            "before": _labels(before, labels[rows], shelters),
            "after": _taken(shelters, place[rows]),
            "why": why,
            "told": mine.told[rows],
        },
        index=labels[rows],
    )
    left = pd.DataFrame(
        {
            "before": _labels(before, gone, shelters),
            "after": np.full(len(gone), pd.NA, dtype=object),
            "why": np.full(len(gone), "gone", dtype=object),
            "told": before.told[before.shelter.index.get_indexer(gone)],
        },
        index=gone,
    )
    both = pd.concat([changed, left]) if len(left) else changed
    both = both.astype({"why": "str", "told": bool})
    both[["before", "after"]] = both[["before", "after"]].infer_objects()
    stays = np.flatnonzero(same & (place >= 0))
    return Changes(both, _kept(case, before, mine, stays, draft))


def _labels(before: Before, labels: pd.Index, shelters: pd.Index) -> Words:
    """Return the shelters of the plan before, under the labels they have today."""
    at = before.shelter.index.get_indexer(labels)
    place = np.append(before.place, NONE)[at]
    found = _taken(shelters, place)
    closed = np.flatnonzero(place == CLOSED_DOWN)
    found[closed] = before.shelter.iloc[at[closed]].to_numpy(dtype=object)
    return found


def _taken(shelters: pd.Index, place: Integers) -> Words:
    found = np.full(len(place), pd.NA, dtype=object)
    there = np.flatnonzero(place >= 0)
    found[there] = shelters.take(place[there]).to_numpy()
    return found


def _kept(case: Case, before: Before, mine: Mine, rows: Integers, draft: "Draft") -> pd.DataFrame:
    labels = case.households.index[rows]
    now = draft.assignments.loc[labels]
    way, wave = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    if before.ways is not None and len(rows):
        crs = case.escape.network.metric
        old = before.ways.reindex(labels).to_crs(crs).to_numpy()
        new = draft.routes.geometry.loc[labels].to_crs(crs).to_numpy()
        apart = shapely.hausdorff_distance(old, new, densify=0.5)
        way = np.asarray(apart > _SAME_WAY) & ~shapely.is_missing(old)
    if before.wave is not None:
        wave = (mine.wave[rows] > 0) & (mine.wave[rows] != now["wave"].to_numpy())
    return pd.DataFrame(
        {
            "shelter": now["shelter"],
            "told": mine.told[rows],
            "way_changed": way,
            "wave_changed": wave,
        },
        index=labels,
    )


def _why(case: Case, mine: Mine, place: Integers, keep_untold: bool) -> Words:
    """Say for every affected household why its place is another one, if it is."""
    rows, at = np.arange(len(place)), np.maximum(mine.place, 0)
    why = np.full(len(place), "makes_room", dtype=object)
    if not len(case.capacity):
        why[:] = "shelter_closed"
    else:
        if not keep_untold:
            why[~mine.told] = "better"
        moved = mine.had_place & (mine.place != place)
        forced = _forced(case, mine, rows, at)
        own = np.flatnonzero(forced != "")
        why[own] = forced[own]
        others = case.units.any(moved & (forced != "") & (forced != "with_group"))
        astray = case.units.any(moved) & _apart(case, mine)
        along = (others | astray)[case.units.of] & (forced == "")
        single = np.bincount(case.units.of, minlength=case.units.count) == 1
        why[along & ~single[case.units.of]] = "with_group"
    why[mine.place == CLOSED_DOWN] = "shelter_closed"
    why[mine.place == NONE] = "now_served"
    why[~mine.known] = "new"
    return why


def _forced(case: Case, mine: Mine, rows: Integers, at: Integers) -> Words:
    """Say why the place before cannot be kept, an empty text where it could be."""
    forced = np.full(len(rows), "", dtype=object)
    way = np.isfinite(case.ways.seconds[rows, at])
    common = case.common[rows, at]
    suits = case.accessible[rows, at] & case.near[rows, at]
    here = (mine.place >= 0) & way & common & suits & (case.out[at] == "")
    together = case.units.sums(case.people)[case.units.of]
    load = np.bincount(at[here], weights=case.people[here], minlength=len(case.capacity))
    full = (load > case.capacity)[at] | (together > case.capacity[at])
    for word, which in (
        ("shelter_full", full),
        ("unsuitable", ~suits),
        ("with_group", ~common),
        ("way_cut", ~way),
    ):
        forced[which] = word
    for out, word in _OUT.items():
        forced[case.out[at] == out] = word
    forced[mine.place < 0] = ""
    return forced


def _apart(case: Case, mine: Mine) -> Flags:
    """Tell which units had more than one place before."""
    low = np.full(case.units.count, np.iinfo(np.int64).max)
    high = np.full(case.units.count, np.iinfo(np.int64).min)
    np.minimum.at(low, case.units.of, mine.place)
    np.maximum.at(high, case.units.of, mine.place)
    apart: Flags = low != high
    return apart
