"""Sites for a standard: costs from door to door, the model that is asked, and what it means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import siting, street_names
from geodata.candidates import Candidates
from geodata.crs import metric_crs
from geodata.demand import Demand, demand
from geodata.network import Network
from geodata.site_gains import Gain, in_order
from geodata.street_graph import Floats, Ints
from gridmap.model.coverage_changes import Addition, Changes
from gridmap.model.coverage_sites import Question
from gridmap.model.problem import conflict
from gridmap.services import coverage_ground as ground
from gridmap.services.coverage_inputs import Inputs
from gridmap.services.coverage_what_if import applied
from gridmap.services.progress import Progress

MOST_SPOTS = 25_000
_APART = 200.0  # metres: the next crossing down the same street is no second choice
_SAME = 1e-9  # relative: an objective this near to its bound is proven

_MODELS: dict[str, Callable[..., siting.Sites]] = {
    "p_median": siting.p_median,
    "p_center": siting.p_center,
    "cover_all": siting.cover_all,
    "cover_most": siting.cover_most,
}


@dataclass(frozen=True)
class Case:
    """A question about sites, with the costs between demand and every site.

    Attributes
    ----------
    costs
        Array demand x site, in the standard's measure: open facilities first, then candidates.
    open
        Labels of the facilities that are open.
    """

    streets: Network
    inputs: Inputs
    question: Question
    candidates: Candidates
    demand: Demand
    costs: Floats
    open: pd.Index

    @classmethod
    def of(
        cls, streets: Network, inputs: Inputs, candidates: Candidates, question: Question
    ) -> "Case":
        """Measure the ways between all demand and all sites."""
        asked = demand(inputs.households, MOST_SPOTS)
        facilities = inputs.facilities[inputs.facilities["open"].fillna(value=True).astype(bool)]
        existing = facilities.geometry.to_crs(streets.crs)
        points = [*existing, *candidates.points.to_crs(streets.crs)]
        costs = _costs(streets, inputs, asked, gpd.GeoSeries(points, crs=streets.crs))
        return cls(streets, inputs, question, candidates, asked, costs, facilities.index)

    @property
    def limit(self) -> float:
        """Seconds or metres up to which a household is reached."""
        return float(self.inputs.standard["max_value"])

    @property
    def fixed(self) -> Ints:
        """Positions of the facilities that are open."""
        return np.arange(len(self.open), dtype=np.intp)

    @property
    def weights(self) -> Floats:
        """Whom the question counts."""
        return self.demand.weight(self.question.weight)

    @property
    def room(self) -> Floats | None:
        """People each site takes in; None if the standard asks for no capacity."""
        if not self.inputs.standard["capacity"]:
            return None
        held = self.inputs.facilities.loc[self.open, "capacity"].to_numpy(dtype=np.float64)
        new = np.full(len(self.candidates), float(self.question.capacity or 0))
        return np.concatenate([np.where(np.isnan(held), np.inf, held), new])


def _costs(streets: Network, inputs: Inputs, asked: Demand, sites: gpd.GeoSeries) -> Floats:
    homes, spots = streets.places(asked.points), streets.places(sites)
    by = inputs.standard["measure"]
    towards = inputs.standard["direction"] == "to_facility"
    start, end = (homes, spots) if towards else (spots, homes)
    seconds, metres = streets.matrix(start, end, by=by)
    costs = seconds if by == "seconds" else metres
    return costs if towards else np.ascontiguousarray(costs.T)


def answer(case: Case, progress: Progress) -> dict[str, Any]:
    """Answer the question, with the bound that proves the answer.

    Raises
    ------
    Problem
        409 if more sites are wanted than there are candidates.
    """
    progress.step(2, 5, "choosing")
    found = _head(case)
    if case.question.method == "least_missed":
        return found | _least_missed(case)
    wanted = case.question.count or 1
    if case.question.count is not None and wanted > len(case.candidates):
        raise conflict(f"{wanted} sites are wanted, there are {len(case.candidates)} candidates")
    if not len(case.candidates):
        return found | {"state": "no_candidate", "sites": []}
    if not case.weights.sum() > 0:
        state = "no_weight" if len(case.demand) else "no_household"
        return found | {"state": state, "sites": []}
    chosen = _next(case) if case.question.method == "next" else _modelled(case)
    return found | _told(case, *chosen, progress)


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


def _next(case: Case) -> tuple[list[Gain], dict[str, Any]]:
    """Choose the site that adds most, and the best one that is not beside it."""
    best = siting.best_next(case.costs, case.weights, case.fixed, case.limit)
    most = float(best.people[best.site]) if best.site >= 0 else 0.0
    proof = {"objective": most, "bound": most, "proven": True}
    if best.site < 0:
        return [], proof
    apart = _apart(case, best.site)
    held = len(case.open)
    others = np.where(apart >= _APART, best.people[held:], 0.0)
    gains = in_order(case.costs, case.weights, case.fixed, [best.site], case.limit)
    if others.max() > 0:
        second = held + int(others.argmax())
        gains += in_order(case.costs, case.weights, case.fixed, [second], case.limit)
        proof["apart"] = round(float(apart[second - held]), 1)
    return gains, proof


def _apart(case: Case, site: int) -> Floats:
    """Measure from one candidate to all, in a straight line."""
    points = case.candidates.points
    metric = points.to_crs(metric_crs(gpd.GeoDataFrame(geometry=points)))
    first = metric.iloc[site - len(case.open)]
    return np.asarray(metric.distance(first), dtype=np.float64)


def _modelled(case: Case) -> tuple[list[Gain], dict[str, Any]]:
    question, room = case.question, case.room
    limited = question.method.startswith("cover") or room is not None
    given: dict[str, Any] = {"fixed": case.fixed, "capacity": room}
    if limited:
        given["limit"] = case.limit
    if question.count is not None:
        given["count"] = len(case.open) + question.count
    found = _MODELS[question.method](case.costs, case.weights, **given)
    proven = np.isfinite(found.objective) and bool(
        abs(found.objective - found.bound) <= _SAME * max(abs(found.objective), 1.0)
    )
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
    if room is None:
        return in_order(case.costs, case.weights, case.fixed, new, case.limit), proof
    served = [Gain(int(site), np.flatnonzero(found.assignment == site)) for site in new]
    return sorted(served, key=lambda gain: -float(case.weights[gain.rows].sum())), proof


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
    if not gains:
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


def _share(figures: dict[str, Any]) -> float | None:
    return round(figures["covered"] / figures["households"], 6) if figures["households"] else None


def _least_missed(case: Case) -> dict[str, Any]:
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
    return {
        "state": "found" if facilities else "no_facility",
        "sites": [],
        "facilities": facilities,
        "objective": least,
        "bound": least,
        "proven": True,
    }
