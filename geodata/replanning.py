"""An evacuation planned once more with the fewest changes, and what each change is for.

A closure, a full shelter or a wider hazard arrives when people have been told where to go. Whoever
can be served is served; then those who have been told keep their place wherever that is possible;
then as few others as possible are changed; only then does time count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import (
    evacuation,
    evacuation_case,
    evacuation_robust,
    evacuation_robust_tables,
)
from geodata.evacuation import Draft, Options
from geodata.evacuation_case import Case
from geodata.evacuation_inputs import Areas
from geodata.network import Network
from geodata.replanning_changes import WHY, Changes, compared
from geodata.replanning_inputs import read
from geodata.replanning_levels import Asked, Integers, fewest_changes
from geodata.replanning_waves import waves

__all__ = ["WHY", "Replan", "replan"]


@dataclass(frozen=True)
class Replan:
    """A plan made from a plan.

    Attributes
    ----------
    draft
        The new plan, a whole one.
    changed
        On the households whose place is not what it was: `before`, `after` (labels of shelters,
        <NA> for none), `why` (`WHY`) and `told`. Those no longer affected are among them (`gone`).
        Why somebody has no place any more stands in `draft.unserved`.
    kept
        On the households that keep their shelter: `shelter`, `told`, `way_changed` and
        `wave_changed` (False where the way or the wave before was not given).
    sheets
        Labels whose printed sheet is not right any more: `households`, `shelters`, `grids`.
    totals
        `kept_households`, `kept_people`; `changed_households`, `changed_people` (of those who had
        a place before) and of them `told_households`, `told_people`; `new_households`,
        `gone_households`; `why`: per word {households, people}; `extra_person_seconds`: what
        the fewest changes cost at most against the least time for the same people; `proven`:
        whether no plan that serves as many changes fewer people (False only where a search
        came to its limit).
    """

    draft: Draft
    changed: pd.DataFrame
    kept: pd.DataFrame
    sheets: Mapping[str, list[object]]
    totals: Mapping[str, object]


def replan(  # noqa: PLR0913, PLR0917 - those of a draft, and what was before
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    previous: "pd.Series[int] | pd.DataFrame",
    told: "pd.Series[bool] | None" = None,
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
    water: Areas | None = None,
    keep_untold: bool = True,
) -> Replan:
    """Plan an evacuation once more with the fewest changes.

    Parameters
    ----------
    network, households, shelters, hazard, blocked, options, water
        As for `evacuation.draft`, as they are now. `grid` of the households says whose sheets
        change.
    previous
        On the households of the plan before: their shelter, <NA> for none. As a frame: `shelter`,
        and where known `wave` and the geometry of the way.
    told
        Which households know their place; nobody if omitted, False where missing.
    keep_untold
        Whether those who have not been told keep their place too; if not they go wherever the
        least time is.

    Returns
    -------
    Replan
        Served are the most urgent people, then the most people, as in a draft. Of all plans that
        serve as many it changes the fewest people who have been told, then the fewest people,
        then takes the least time. Where waves were given, everybody keeps the wave they had.
        Nobody is sent elsewhere to be safer: with `robust` it is said who is safe as it is.
        Nothing changed gives the plan before. The same input gives the same plan.

    Raises
    ------
    GeodataError
        As `evacuation.draft`; names labels of *previous* and *told* that repeat.
    """
    before = read(previous, told, shelters, households)
    case = evacuation_case.read(network, households, shelters, hazard, blocked, options, water)
    mine = before.on(case.households.index)
    weight = np.maximum(case.people, 1) * (mine.had_place & (mine.told | keep_untold))
    moves = mine.moves(len(shelters))
    units = case.units
    asked = Asked(
        units.sums(case.people),
        units.any(case.urgent),
        units.mean(case.people, case.seconds),
        np.where(case.used, case.capacity, 0),
        _added(units.of, units.count, (weight * mine.told)[:, None] * moves),
        _added(units.of, units.count, weight[:, None] * moves),
    )
    found = fewest_changes(asked)
    place = found.shelter[units.of]
    wave = None if before.wave is None else waves(case, place, mine.wave, options.per_wave)
    draft = _drafted(case, shelters, found.shelter, options, wave)
    changes = compared(case, before, place, shelters.index, draft, keep_untold)
    return Replan(
        draft,
        changes.changed,
        changes.kept,
        _sheets(changes, households),
        _totals(changes, households, draft, found.proven),
    )


def _drafted(
    case: Case,
    shelters: gpd.GeoDataFrame,
    chosen: Integers,
    options: Options,
    wave: Integers | None,
) -> Draft:
    """Make the draft; one that was to survive failures is judged as it is now, not as it was."""
    place = chosen[case.units.of]
    if options.robust == "none":
        return evacuation.drafted(case, shelters, place, options, wave)
    safe = evacuation_robust.survivors(case, chosen, options.robust)
    made = evacuation.drafted(case, shelters, place, options, wave, second=safe.judged.second)
    parts = evacuation_robust_tables.parts(
        case, safe, shelters.index, options.robust, made.totals, made.bound
    )
    return replace(made, **parts)


def _added(of: Integers, count: int, values: Integers) -> Integers:
    total = np.zeros((count, values.shape[1]), dtype=np.int64)
    np.add.at(total, of, values)
    return total


def _sheets(changes: Changes, households: gpd.GeoDataFrame) -> Mapping[str, list[object]]:
    changed, kept = changes.changed, changes.kept
    other = kept[kept["way_changed"] | kept["wave_changed"]]
    rows = changed.index.append(other.index)
    shelters = pd.concat(
        [changed["before"], changed["after"], kept["shelter"][kept["wave_changed"]]]
    )
    grids = pd.Series(dtype=object)
    if "grid" in households:
        grids = households["grid"].reindex(rows)
    return {
        "households": rows.tolist(),
        "shelters": _distinct(shelters),
        "grids": _distinct(grids),
    }


def _distinct(labels: "pd.Series[int]") -> list[object]:
    found: list[object] = labels.dropna().unique().tolist()
    return sorted(found, key=lambda label: (str(type(label)), label))


def _totals(
    changes: Changes, households: gpd.GeoDataFrame, draft: Draft, proven: bool
) -> Mapping[str, object]:
    changed, kept = changes.changed, changes.kept
    people = households["people"]
    mine = people.reindex(changed.index).fillna(0).astype(np.int64)
    had = changed["before"].notna() & (changed["why"] != "gone")
    told = had & changed["told"]
    return {
        "kept_households": len(kept),
        "kept_people": int(people.reindex(kept.index).sum()),
        "changed_households": int(had.sum()),
        "changed_people": int(mine[had].sum()),
        "told_households": int(told.sum()),
        "told_people": int(mine[told].sum()),
        "new_households": int((changed["why"] == "new").sum()),
        "gone_households": int((changed["why"] == "gone").sum()),
        "why": {
            word: {"households": int(at.sum()), "people": int(mine[at].sum())}
            for word in WHY
            if (at := changed["why"] == word).any()
        },
        "extra_person_seconds": draft.person_seconds - draft.bound,
        "proven": proven,
    }
