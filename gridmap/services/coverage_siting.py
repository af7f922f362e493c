"""Sites for a standard: the model that is asked, and what its answer means."""

import math
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np

from geodata import siting, street_names
from geodata.crs import metric_crs
from geodata.site_gains import Gain, in_order
from geodata.street_graph import Floats
from gridmap.model.coverage_changes import Addition, Changes
from gridmap.model.problem import conflict
from gridmap.services import coverage_ground as ground
from gridmap.services.coverage_siting_case import Case, Choice
from gridmap.services.coverage_what_if import applied
from gridmap.services.progress import Progress

_APART = 200.0  # metres: the next crossing down the same street is no second choice
_MOST_SPOTS = 3_000  # of one site: enough for a line around them
_SAME = 1e-9  # relative: an objective this near to its bound is proven

_MODELS: dict[str, Callable[..., siting.Sites]] = {
    "p_median": siting.p_median,
    "p_center": siting.p_center,
    "cover_all": siting.cover_all,
    "cover_most": siting.cover_most,
}


def answer(case: Case, progress: Progress) -> tuple[dict[str, Any], Choice | None]:
    """Answer the question, with the bound that proves the answer.

    Returns
    -------
    answer, choice
        What is said, and what was chosen; nothing if there was nothing to choose.

    Raises
    ------
    Problem
        409 if more sites are wanted than there are candidates.
    """
    progress.step(2, 5, "choosing")
    found = _head(case)
    if case.question.method == "least_missed":
        told, choice = _least_missed(case)
        return found | told, choice
    wanted = case.question.count or 1
    if case.question.count is not None and wanted > len(case.candidates):
        raise conflict(f"{wanted} sites are wanted, there are {len(case.candidates)} candidates")
    if not len(case.candidates):
        return found | {"state": "no_candidate", "sites": []}, None
    if not case.weights.sum() > 0:
        state = "no_weight" if len(case.demand) else "no_household"
        return found | {"state": state, "sites": []}, None
    choice, proof = _next(case) if case.question.method == "next" else _modelled(case)
    return found | _told(case, choice.gains, proof, progress), choice


def _head(case: Case) -> dict[str, Any]:
    question, standard = case.question, case.inputs.standard
    return {
        "state": "found",
        "method": question.method,
        "weight": question.weight,
        "count": question.count,
        "limit": case.limit,
        "unit": standard["measure"],
        "candidates": {
            "kind": question.candidates,
            "found": case.candidates.found,
            "kept": len(case.candidates),
            "spacing": round(case.candidates.spacing, 1),
        },
        "demand": {
            "households": int(case.demand.households.sum()),
            "spots": len(case.demand),
            "side": round(case.demand.side, 1),
        },
    }


def _next(case: Case) -> tuple[Choice, dict[str, Any]]:
    """Choose the site that adds most, and the best one that is not beside it."""
    best = siting.best_next(case.costs, case.weights, case.fixed, case.limit)
    most = float(best.people[best.site]) if best.site >= 0 else 0.0
    proof = {"objective": most, "bound": most, "proven": True}
    if best.site < 0:
        return Choice([], most, most), proof
    apart = _apart(case, best.site)
    held = len(case.open)
    others = np.where(apart >= _APART, best.people[held:], 0.0)
    gains = in_order(case.costs, case.weights, case.fixed, [best.site], case.limit)
    if others.max() > 0:
        second = held + int(others.argmax())
        gains += in_order(case.costs, case.weights, case.fixed, [second], case.limit)
        proof["apart"] = round(float(apart[second - held]), 1)
    return Choice(gains, most, most), proof


def _apart(case: Case, site: int) -> Floats:
    """Measure from one candidate to all, in a straight line."""
    points = case.candidates.points
    metric = points.to_crs(metric_crs(gpd.GeoDataFrame(geometry=points)))
    first = metric.iloc[site - len(case.open)]
    return np.asarray(metric.distance(first), dtype=np.float64)


def _modelled(case: Case) -> tuple[Choice, dict[str, Any]]:
    found = _MODELS[case.question.method](case.costs, case.weights, **case.given)
    apart = abs(found.objective - found.bound) if np.isfinite(found.objective) else np.inf
    proven = bool(apart <= _SAME * max(abs(found.objective), 1.0))
    missed = found.unreached
    proof = {
        "objective": _number(found.objective),
        "bound": _number(found.bound),
        "proven": proven,
        "unreached": {
            "households": int(case.demand.households[missed].sum()),
            "people": int(case.demand.people[missed].sum()),
        },
    }
    new = np.setdiff1d(found.chosen, case.fixed)
    if case.room is None:
        gains = in_order(case.costs, case.weights, case.fixed, new, case.limit)
    else:
        served = [Gain(int(site), np.flatnonzero(found.assignment == site)) for site in new]
        gains = sorted(served, key=lambda gain: -float(case.weights[gain.rows].sum()))
    return Choice(gains, found.objective, found.bound, found), proof


def _number(value: float) -> float | None:
    """Give a number as JSON knows them: what is without end is none."""
    return float(value) if np.isfinite(value) else None


def _told(
    case: Case, gains: list[Gain], proof: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Say where the sites are and what each adds; figures before and after are of real runs."""
    before = ground.totals(case.inputs, ground.answered(case.streets, case.inputs))
    proof, apart = dict(proof), proof.get("apart")
    proof.pop("apart", None)
    nobody = case.room is not None and not any(case.weights[gain.rows].sum() for gain in gains)
    if not gains or nobody:
        return {"state": "no_gain", "sites": [], "before": before, "after": before, **proof}
    points = case.candidates.points.iloc[[gain.site - len(case.open) for gain in gains]]
    names = street_names.nearest_names(case.streets, points)
    lonlat = points.to_crs("EPSG:4326")
    single = case.question.method == "next"
    sites: list[dict[str, Any]] = []
    held: list[Addition] = []
    last = before
    for number, (gain, point, name) in enumerate(zip(gains, lonlat, names, strict=True), start=1):
        progress.step(3, 5, "reaching")  # with many sites there is time to cancel
        at = (round(point.x, 7), round(point.y, 7))
        held = [*([] if single else held), Addition(at, case.question.capacity)]
        after = _after(case, held)
        start = before if single else last
        sites.append(
            {
                "number": number,
                "at": list(at),
                "near": name,
                "households": after["covered"] - start["covered"],
                "people": start["people_uncovered"] - after["people_uncovered"],
                "with_needs": start["with_needs_uncovered"] - after["with_needs_uncovered"],
                "serves": int(case.demand.households[gain.rows].sum()),
                "spots": _spots(case, gain),
                "share_before": _share(start),
                "share_after": _share(after),
                "after": after,
            }
        )
        last = after
    if apart is not None:
        sites[1]["metres_apart"] = apart
    return {
        "sites": sites,
        "before": before,
        "after": sites[0]["after"] if single else last,
        **proof,
    }


def _after(case: Case, held: list[Addition]) -> dict[str, Any]:
    streets, inputs, _ = applied(case.streets, case.inputs, Changes(added=tuple(held)))
    return ground.totals(inputs, ground.answered(streets, inputs))


def _spots(case: Case, gain: Gain) -> list[list[float]]:
    """Give where those are whom a site serves, for a line around them; of many, every so many."""
    rows = gain.rows[:: max(1, math.ceil(len(gain.rows) / _MOST_SPOTS))]
    points = case.demand.points.iloc[rows].to_crs("EPSG:4326")
    return [[round(x, 6), round(y, 6)] for x, y in zip(points.x, points.y, strict=True)]


def _share(figures: dict[str, Any]) -> float | None:
    return round(figures["covered"] / figures["households"], 6) if figures["households"] else None


def _least_missed(case: Case) -> tuple[dict[str, Any], Choice | None]:
    """Rank the facilities there are by whom their loss would leave without cover."""
    sums = {
        kind: siting.least_missed(case.costs, case.demand.weight(kind), case.fixed, case.limit)
        for kind in ("households", "people", "needs")
    }
    asked = sums[case.question.weight]
    order = np.lexsort((asked.sites, asked.farther, asked.people))
    frame = case.inputs.facilities.loc[case.open]
    points = frame.geometry.to_crs("EPSG:4326")
    names = frame["name"].tolist()
    facilities = [
        {
            "id": int(case.open[at]),
            "name": names[at] if isinstance(names[at], str) else None,
            "at": [round(points.iloc[at].x, 7), round(points.iloc[at].y, 7)],
            "households": int(sums["households"].people[at]),
            "people": int(sums["people"].people[at]),
            "with_needs": int(sums["needs"].people[at]),
            "farther": round(float(asked.farther[at]), 1),
        }
        for at in order
    ]
    least = float(asked.people[order[0]]) if len(order) else None
    told = {
        "state": "found" if facilities else "no_facility",
        "sites": [],
        "facilities": facilities,
        "objective": least,
        "bound": least,
        "proven": True,
    }
    return told, None if least is None else Choice([], least, least, lost=asked.people)
