"""A proposal in figures: what it moves, what each grid comes to, and the steps to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import proposals
from geodata.reassignment import Answer, Question
from gridmap.model.grid_rules import GridRule
from gridmap.services.grids import multi
from gridmap.services.scenario_measures import Ground, measured
from gridmap.services.scenario_units import Pieces

_ROUNDING = 1e-9  # degrees: a tenth of a millimetre
_CRACK = 1e-12  # square degrees: a hundredth of a square metre
_TOLD = ("households", "people", "deviation", "polsby_popper", "reock", "walkable", "round_metres")


@dataclass(frozen=True)
class Found:
    """A question and its answer, None where none was found."""

    question: Question
    answer: Answer | None


def written(
    rule: GridRule, near: gpd.GeoDataFrame, found: Pieces, solved: Found, ground: Ground
) -> dict[str, Any]:
    """Write an answer: figures before and after, of each grid and in all, and its steps.

    Parameters
    ----------
    rule
        Of the one community of the grids.
    near
        The grids, by key.
    found
        Their blocks.
    """
    question, answer = solved.question, solved.answer
    rules = {str(near["community"].iloc[0]): rule}
    whole = _asked(rule, near, found, answer)
    if answer is None:
        figures = _figures(None, [], "not_found") | {"asked": [whole]}
        return {"figures": figures, "grids": [], "steps": []}
    keys = [*found.keys, *(f"+{n}" for n in range(1, len(question.maximum) - len(found.keys) + 1))]
    steps = [
        _step(number, step, keys, found)
        for number, step in enumerate(proposals.steps(question, answer.owner), start=1)
    ]
    touched = sorted({key for step in steps for key in (step["from"], step["to"])})
    after = _after(near, found, answer.owner, keys)
    measures = measured(after, [key for key in touched if key in after.index], ground, rules)
    before = measured(near, [key for key in touched if key in near.index], ground, rules)
    grids = [
        {"key": key, "before": _told(before.get(key)), "after": _told(measures.get(key))}
        for key in touched
    ]
    reason = "rules_cannot_be_kept" if answer.outside else None
    if not steps:
        reason = reason or "nothing_to_do"
    figures = _figures(answer, grids, reason) | {"asked": [whole]}
    return {"figures": figures, "grids": grids, "steps": steps}


def kept(rule: GridRule, own: gpd.GeoDataFrame) -> dict[str, Any]:
    """Write that nothing has to be done: all grids of a community are within their rule."""
    figures = _figures(None, [], "nothing_to_do") | {
        "households_moved": 0,
        "bound": 0,
        "proven": True,
        "among": "all",
        "outside": 0,
        "asked": [_entry(rule, own, len(own), int(own["households"].sum())) | {"outside": 0}],
    }
    return {"figures": figures, "grids": [], "steps": []}


def _asked(
    rule: GridRule, near: gpd.GeoDataFrame, found: Pieces, answer: Answer | None
) -> dict[str, Any]:
    """Say what was asked of a community, and in figures what keeps it from its rule."""
    households = int(found.households.sum())
    if answer is None:
        return _entry(rule, near, len(near), households) | {"reason": "not_found"}
    grids = len(set(answer.owner.tolist()))
    whole = _entry(rule, near, grids, households) | {"outside": answer.outside}
    if answer.outside:
        too_many, too_few = households > grids * rule.maximum, households < grids * rule.minimum
        whole["reason"] = "too_many" if too_many else "too_few" if too_few else "blocks"
    return whole


def _entry(rule: GridRule, near: gpd.GeoDataFrame, grids: int, households: int) -> dict[str, Any]:
    return {
        "community": str(near["community"].iloc[0]),
        "grids": grids,
        "households": households,
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        "outside": None,
        "reason": None,
    }


def _after(
    near: gpd.GeoDataFrame, found: Pieces, owner: Any, keys: Sequence[str]
) -> gpd.GeoDataFrame:
    present = sorted(set(owner.tolist()))
    shapes = [_joined(found.shapes[owner == number]) for number in present]
    return gpd.GeoDataFrame(
        {"community": near["community"].iloc[0]},
        geometry=np.array(shapes, dtype=object),
        index=pd.Index([keys[number] for number in present]),
        crs=near.crs,
    )


def _joined(shapes: Any) -> Any:
    """Unite pieces whose common edges differ by the rounding of the cuts that made them.

    The pieces of neighbouring grids are cut each on its own and are no coverage: what is drawn
    and measured here is what would come, the operations themselves cut the grids anew.
    """
    parts = shapely.get_parts(shapely.union_all(shapes, grid_size=_ROUNDING))
    parts = parts[shapely.get_dimensions(parts) == 2]
    filled = [_without_cracks(part) for part in parts]
    return filled[0] if len(filled) == 1 else shapely.multipolygons(filled)


def _without_cracks(part: Any) -> Any:
    """Fill holes that only rounding has left between two pieces."""
    holes = [ring for ring in part.interiors if shapely.Polygon(ring).area > _CRACK]
    return shapely.Polygon(part.exterior, holes)


def _told(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    flat = {**row["measures"], "households": row["households"], "people": row["people"]}
    return {name: flat.get(name) for name in _TOLD}


def _step(number: int, step: proposals.Step, keys: Sequence[str], found: Pieces) -> dict[str, Any]:
    kind = "merge" if step.whole else "split" if step.new else "hand_over"
    shape = _joined(found.shapes[step.blocks])
    return {
        "n": number,
        "kind": kind,
        "from": keys[step.giver],
        "to": keys[step.taker],
        "households": int(found.households[step.blocks].sum()),
        "people": int(found.people[step.blocks].sum()),
        "needs": [need + 1 for need in step.needs],
        "geom": shapely.to_wkb(multi(shape), hex=True),
        "state": "open",
    }


def _figures(
    answer: Answer | None, grids: Sequence[dict[str, Any]], reason: str | None
) -> dict[str, Any]:
    sides = {
        name: [each[name] for each in grids if each[name] is not None]
        for name in ("before", "after")
    }
    return {
        "households_moved": None if answer is None else answer.moved,
        "bound": None if answer is None else answer.bound,
        "proven": answer is not None and answer.proven,
        "among": "all" if answer is not None and answer.everywhere else "neighbours",
        "outside": None if answer is None else answer.outside,
        "max_deviation": [_most(each, "deviation") for each in sides.values()],
        "mean_polsby_popper": [_mean(each, "polsby_popper") for each in sides.values()],
        "round_metres": [
            sum(grid["round_metres"] or 0 for grid in each) for each in sides.values()
        ],
        "reason": reason,
    }


def _most(rows: Sequence[dict[str, Any]], name: str) -> float | None:
    return max((row[name] for row in rows if row[name] is not None), key=abs, default=None)


def _mean(rows: Sequence[dict[str, Any]], name: str) -> float | None:
    values = [row[name] for row in rows if row[name] is not None]
    return round(sum(values) / len(values), 4) if values else None


def together(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join the results of several communities; their steps are numbered on."""
    if len(results) == 1:
        return results[0]
    grids = [grid for each in results for grid in each["grids"]]
    steps: list[dict[str, Any]] = []
    for each in results:
        first = len(steps)
        steps += [
            step | {"n": step["n"] + first, "needs": [need + first for need in step["needs"]]}
            for step in each["steps"]
        ]
    figures = [each["figures"] for each in results]
    reasons = {each["reason"] for each in figures} - {None, "nothing_to_do"}
    whole = _figures(None, grids, min(reasons) if reasons else None)
    for name in ("households_moved", "bound", "outside"):
        whole[name] = sum(each[name] or 0 for each in figures)
    whole["proven"] = all(each["proven"] for each in figures)
    whole["among"] = "all" if all(each["among"] == "all" for each in figures) else "neighbours"
    whole["asked"] = [one for each in figures for one in each["asked"]]
    if not steps and whole["reason"] is None:
        whole["reason"] = "nothing_to_do"
    return {"figures": whole, "grids": grids, "steps": steps}
