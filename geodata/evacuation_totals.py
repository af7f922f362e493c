"""The figures of a draft: every one a sum over the rows it is shown beside."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geodata.evacuation_case import Case
from geodata.evacuation_inputs import flags
from geodata.evacuation_options import Options


def totals(
    case: Case,
    assignments: pd.DataFrame,
    loads: pd.DataFrame,
    unserved: pd.DataFrame,
    options: Options,
) -> Mapping[str, object]:
    """Add a draft up.

    Returns
    -------
    mapping
        `households`, `people`: all affected, = `served_...` + `unserved_...`.
        `served_households`, `served_people`; `unserved_households`, `unserved_people`.
        `needs`: per column of needs, households {affected, served, unserved} that have it.
        `reasons`: per reason {households, people}; they add up to the unserved.
        `waves`: per number {households, people}; they add up to the served.
        `shelters`: {all, usable, used}; `capacity`: beds of the usable ones.
        `beds_short`: per shelter label, beds that are short there if everyone `full` goes to the
        nearest suitable one.
        `longest_seconds`, `mean_seconds` (per person; 0 if nobody is served), `longest_metres`.
        `clear_seconds`: the last arrival after the first departure, intervals included.
    """
    people = pd.Series(case.people, index=case.households.index)
    in_, out = people.loc[assignments.index], people.loc[unserved.index]
    usable = loads["out"].isna()
    seconds = assignments["seconds"]
    weight = int(in_.sum())
    last = seconds + (assignments["wave"] - 1) * options.wave_interval_seconds
    return {
        "households": len(people),
        "people": int(people.sum()),
        "served_households": len(in_),
        "served_people": weight,
        "unserved_households": len(out),
        "unserved_people": int(out.sum()),
        "needs": _by_need(case, assignments.index),
        "reasons": _counted(out, unserved["reason"]),
        "waves": _counted(in_, assignments["wave"]),
        "shelters": {
            "all": len(loads),
            "usable": int(usable.sum()),
            "used": int((loads["people"] > 0).sum()),
        },
        "capacity": int(loads["capacity"][usable].sum()),
        "beds_short": _beds_short(out, unserved, loads),
        "longest_seconds": float(seconds.max()) if len(seconds) else 0.0,
        "mean_seconds": float((in_ * seconds).sum() / weight) if weight else 0.0,
        "longest_metres": float(assignments["metres"].max()) if len(seconds) else 0.0,
        "clear_seconds": float(last.max()) if len(last) else 0.0,
    }


def _by_need(case: Case, served: pd.Index) -> dict[str, dict[str, int]]:
    in_ = case.households.index.isin(served)
    found = {}
    for name in case.needs:
        has = flags(case.households, name, False, [])
        found[name] = {
            "affected": int(has.sum()),
            "served": int((has & in_).sum()),
            "unserved": int((has & ~in_).sum()),
        }
    return found


def _counted(people: pd.Series, key: pd.Series) -> dict[object, dict[str, int]]:
    grouped = people.groupby(key).agg(["size", "sum"])
    return {
        label.item() if isinstance(label, np.generic) else label: {
            "households": int(row["size"]),
            "people": int(row["sum"]),
        }
        for label, row in grouped.iterrows()
    }


def _beds_short(
    people: pd.Series, unserved: pd.DataFrame, loads: pd.DataFrame
) -> dict[object, int]:
    full = unserved["reason"] == "full"
    wanted = people[full].groupby(unserved["shelter"][full]).sum()
    spare = (loads["capacity"] - loads["people"]).reindex(wanted.index)
    return {label: int(beds) for label, beds in (wanted - spare).items() if beds > 0}
