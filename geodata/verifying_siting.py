"""The check of a file that says where sites are best; see `siting_certificate` for what it holds.

What it proves: the places stand on their nearest streets; every cost is the shortest way's; who is
served by whom, what each site adds and the objective follow; no choice is better than the bound of
the prices. What it cannot prove: that no choice is better than the bound that was claimed, where
that goes further, and that candidates, places and people are those of the county.
"""

from typing import Any

import numpy as np

from geodata.verifying_file import RunFile, Table
from geodata.verifying_findings import Findings
from geodata.verifying_ground import Bools, Floats, Ground, Ints
from geodata.verifying_siting_bounds import Facts, of_farthest, of_most, of_number, of_total
from geodata.verifying_siting_costs import measured

_SAME = 1e-9  # relative: sums may be taken in another order
_SITES, _DEMAND, _MANIFEST = "sites.csv", "demand.csv", "manifest.json"


class SitingCheck:
    """The check of an answer on sound streets and places."""

    def __init__(self, findings: Findings, run: RunFile) -> None:
        manifest = run.manifest
        self.findings, self.manifest, self.standard = findings, manifest, manifest["standard"]
        self.sites: Table = run.tables[_SITES]
        self.demand: Table = run.tables[_DEMAND]
        self.method = str(manifest["question"]["method"])
        self.count = manifest["question"]["count"]
        towards = self.standard["direction"] == "to_facility"
        walk = float(self.standard["walk_kmh"])
        self.ground = Ground(run.tables["streets.csv"], walk, towards)
        self.room: Floats | None = self.sites["room"] if self.standard["capacity"] else None
        self.open: Bools = self.sites["open"]
        self.new: Ints = np.flatnonzero(self.sites["place"] > 0)

    def all(self) -> None:
        """Check everything there is."""
        if not self._values():
            return
        cost = measured(self.findings, self.ground, self.demand, self.sites, self.standard["by"])
        limit = float(self.standard["limit"])
        within = np.where(cost <= limit, cost, np.inf)
        limited = self.room is not None or self.method.startswith("cover")
        may = within if limited else cost
        self._served(may)
        objective: float | None = self._objective(may)
        adds = self._lost(within) if self.method == "least_missed" else self._added(within)
        said = self.sites["adds"]
        wrong = np.flatnonzero(~_close(said, adds))
        self.findings.rows(_SITES, wrong, "adds", "not what the ways come to")
        if self.method in ("next", "least_missed"):
            objective, bound = self._looked_up(adds, within)
        else:
            bound = self._bound(may)
        self._said("claimed", "objective", objective)
        self._said("proof", "bound", bound)
        self._claimed(objective, bound)

    def unproven(self) -> dict[str, Any]:
        """Return what the prices do not prove."""
        claimed, shown = self.manifest["claimed"]["bound"], self.manifest["proof"]["bound"]
        if claimed is None or shown is None or _close(np.array(claimed), np.array(shown)).all():
            return {}
        return {"claimed_bound": claimed, "proven_bound": shown}

    def _values(self) -> bool:
        """Check what stands in the tables for itself."""
        findings, before = self.findings, len(self.findings.found)
        sites, demand = self.sites, self.demand
        place = sites["place"]
        wrong = (place < 0) | ((place > 0) & self.open)
        findings.rows(_SITES, np.flatnonzero(wrong), "place", "below zero, or of one that is there")
        _, first = np.unique(place[self.new], return_index=True)
        again = np.setdiff1d(np.arange(len(self.new)), first)
        beyond = np.flatnonzero(place[self.new] > len(self.new))
        for rows in (again, beyond):
            findings.rows(_SITES, self.new[rows], "place", "does not count on from 1")
        most = {"next": 2, "least_missed": 0, "cover_all": None}.get(self.method, self.count)
        if most is not None and len(self.new) > most:
            findings.add(_SITES, None, "place", f"more than {most} are chosen")
        checks = (
            (_SITES, "room", ~(sites["room"] >= 0)),
            (_SITES, "adds", ~np.isfinite(sites["adds"])),
            (_DEMAND, "weight", ~(demand["weight"] >= 0) | ~np.isfinite(demand["weight"])),
            (_DEMAND, "price", ~np.isfinite(demand["price"])),
            (_DEMAND, "site", (demand["site"] < -1) | (demand["site"] >= len(place))),
        )
        for table, column, bad in checks:
            findings.rows(table, np.flatnonzero(bad), column, "no such value can be")
        if self.method == "cover_most":
            bad = demand["price"] < 0
            findings.rows(_DEMAND, np.flatnonzero(bad), "price", "below zero proves nothing")
        return len(findings.found) == before

    def _held(self) -> Bools:
        """Tell which sites serve."""
        places = self.sites["place"]
        held: Bools = self.open | (places == 1 if self.method == "next" else places > 0)
        return held

    def _served(self, may: Floats) -> None:
        """Check who is served by whom, and at what cost."""
        held, site, size = self._held(), self.demand["site"], len(may)
        where = site >= 0
        costs = np.where(held, may, np.inf)
        own = np.full(size, np.inf)
        own[where] = costs[where, site[where]]
        away = np.flatnonzero(where & ~np.isfinite(own))
        self.findings.rows(_DEMAND, away, "site", "cannot be served from there")
        said = self.demand["cost"]
        wrong = np.flatnonzero((said != own) & ~(~where & ~np.isfinite(said)))
        self.findings.rows(_DEMAND, wrong, "cost", "not what the way comes to")
        if self.room is None:
            best = costs.argmin(axis=1) if costs.shape[1] else np.full(size, -1)
            reached = np.isfinite(costs.min(axis=1, initial=np.inf))
            wrong = np.flatnonzero(site != np.where(reached, best, -1))
            self.findings.rows(_DEMAND, wrong, "site", "another is the nearest")
            return
        load = np.bincount(site[where], self.demand["weight"][where], minlength=len(held))
        over = np.flatnonzero(load > self.room)
        self.findings.rows(_SITES, over, "room", "serves more than it has room for")

    def _counted(self, may: Floats) -> Bools:
        counted: Bools = np.isfinite(may).any(axis=1) & (self.demand["weight"] > 0)
        return counted

    def _objective(self, may: Floats) -> float:
        site, weight, counted = self.demand["site"], self.demand["weight"], self._counted(may)
        served = np.flatnonzero((site >= 0) & counted)
        cost = may[served, site[served]]
        if self.method == "p_median":
            return float((weight[served] * cost).sum())
        if self.method == "p_center":
            return float(cost.max(initial=0.0)) if len(served) == counted.sum() else np.inf
        if self.method == "cover_all":
            return float(self._held().sum())
        return float(weight[served].sum())

    def _added(self, within: Floats) -> Floats:
        """Count whom each chosen site is the first to reach, or takes in where room counts."""
        weight, adds = self.demand["weight"], np.zeros(len(self.open))
        if self.room is not None:
            site = self.demand["site"]
            load = np.bincount(site[site >= 0], weight[site >= 0], minlength=len(adds))
            adds[self.new] = load[self.new]
            return adds
        reaches = np.isfinite(within)
        missed = ~reaches[:, self.open].any(axis=1)
        for site in self.new[np.argsort(self.sites["place"][self.new])]:
            mine = missed & reaches[:, site]
            adds[site] = weight[mine].sum()
            if self.method != "next":
                missed &= ~mine
        return adds

    def _lost(self, within: Floats) -> Floats:
        """Count who has only this one of the open sites."""
        adds, held = np.zeros(len(self.open)), np.flatnonzero(self.open)
        reaches = np.isfinite(within[:, held])
        alone = reaches.sum(axis=1) == 1
        only = held[reaches[alone].argmax(axis=1)] if len(held) else held
        if alone.any():
            adds += np.bincount(only, self.demand["weight"][alone], minlength=len(adds))
        return adds

    def _looked_up(self, adds: Floats, within: Floats) -> tuple[float | None, float | None]:
        """Look at every site: no choice of one is better."""
        if self.method == "least_missed":
            least = float(adds[self.open].min()) if self.open.any() else None
            return least, least
        reaches = np.isfinite(within)
        missed = ~reaches[:, self.open].any(axis=1)
        gains = (self.demand["weight"][missed] @ reaches[missed])[~self.open]
        first = np.flatnonzero(self.sites["place"] == 1)
        found = float(adds[first[0]]) if len(first) else 0.0
        return found, float(gains.max(initial=0.0))

    def _bound(self, may: Floats) -> float | None:
        counted = self._counted(may)
        weight, price = self.demand["weight"][counted], self.demand["price"][counted]
        reached = may[counted]
        facts = Facts(reached, weight, price, self.open, self.room)
        left = float(weight[self.demand["site"][counted] < 0].sum())
        more, proof = int(self.count or 0), self.manifest["proof"]
        missing = float(proof["missing"])
        if self.method == "p_median":
            shown = left == 0 or (self.room is None and missing > 0)
            return of_total(facts, more, missing, left) if shown and len(weight) else 0.0
        if self.method == "cover_most":
            return of_most(facts, more)
        if self.method == "cover_all":
            return of_number(facts) if left == 0 and len(weight) else 0.0
        if not len(weight):
            return 0.0
        farthest = of_farthest(facts, more, proof["within"])
        if farthest is None:
            self.findings.add(_MANIFEST, None, "within", "the prices do not show it")
        return farthest

    def _said(self, part: str, name: str, right: float | None) -> None:
        """Compare a number of the manifest; one without end is not in it."""
        said = self.manifest[part][name]
        wanted = None if right is None or not np.isfinite(right) else right
        same = said is None if wanted is None else said is not None
        if same and said is not None and wanted is not None:
            same = bool(_close(np.array(float(said)), np.array(wanted)))
        if not same:
            self.findings.add(_MANIFEST, None, name, f"the rows come to {wanted}")

    def _claimed(self, objective: float | None, bound: float | None) -> None:
        """Check that what was claimed lies between what is shown and what was found."""
        claimed = self.manifest["claimed"]["bound"]
        if claimed is None or objective is None or bound is None:
            return
        low, high = min(objective, bound), max(objective, bound)
        slack = _SAME * max(abs(low), abs(high), 1.0) if np.isfinite(low + high) else 0.0
        if not low - slack <= float(claimed) <= high + slack:
            what = "is not between what is proven and what was found"
            self.findings.add(_MANIFEST, None, "bound", what)


def _close(one: Floats, other: Floats) -> Bools:
    scale = np.maximum(np.maximum(np.abs(one), np.abs(other)), 1.0)
    close: Bools = np.abs(one - other) <= _SAME * scale
    return close
