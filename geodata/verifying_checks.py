"""The check of labels and rows, once streets and places are sound."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.verifying_answers import BANDS, Found, Rows, Two, two, ways_to_homes
from geodata.verifying_capacity import (
    by_rule,
    one_each,
    overfull,
    through_nodes,
    together,
    within,
    would_fit,
)
from geodata.verifying_file import RunFile, Table
from geodata.verifying_findings import Findings
from geodata.verifying_ground import Bools, Floats, Ground, Ints
from geodata.verifying_labels import Labelling, Nearest

SUMMED = frozenset(
    {"households", "covered", "uncovered", "by_reason", "people", "people_uncovered", "bands"}
)
"""Totals that are sums of the rows."""


class Check:
    """The check of labels and rows on sound streets and places."""

    def __init__(self, findings: Findings, run: RunFile) -> None:
        standard = run.manifest["standard"]
        self.findings, self.run, self.standard = findings, run, standard
        self.by, self.limit = str(standard["by"]), float(standard["limit"])
        self.homes: Table = run.tables["households.csv"]
        self.sites: Table = run.tables["facilities.csv"]
        towards = standard["direction"] == "to_facility"
        self.bands = [float(band["walk_kmh"]) for band in run.manifest["bands"]]
        self.grounds = [
            Ground(run.tables["streets.csv"], walk, towards, number)
            for number, walk in enumerate(self.bands)
        ]
        self.ground = self.grounds[0]
        single = run.manifest["numbers"] == "single"
        self.rows = Rows(findings, self.homes, self.sites, self.by, self.limit, single)
        self.opened = np.flatnonzero(self.sites["open"])
        self.every = np.arange(len(self.homes["label"]))

    def all(self) -> None:
        """Check everything there is."""
        near = self._labels("open", self.opened, 2, self.by)
        shut = np.flatnonzero(~self.sites["open"])
        other = self._labels("shut", shut, 1, self.by)
        whole = np.arange(len(self.sites["label"]))
        back = self._labels("unclosed", whole, 1, "seconds", unclosed=True)
        if near is None or other is None or back is None:
            return
        found = self._ways(self.opened, near, self.by)
        best = two(found, len(self.every), self.sites["crew"])
        covered, full = best.cost[:, 0] <= self.limit, np.zeros(len(self.every), dtype=bool)
        if self.standard["capacity"]:
            placed = self._placed(best, found)
            if placed is None:
                return
            full = covered & ~placed
            covered = covered & placed
        else:
            self._compare(best, found)
        would = self._least(self._ways(shut, other, self.by))
        may = self._least(self._ways(whole, back, "seconds", unclosed=True))
        reasons = self._reasons(best.cost[:, 0], would, np.isfinite(may))
        reasons[full], reasons[covered] = "full", ""
        self.rows.check_reasons(covered, reasons)
        if len(self.bands) > 1 and not self._check_bands(covered):
            return
        self._totals()

    def _check_bands(self, covered: Bools) -> bool:
        """Check in which speed bands each household is covered; tell whether it could be done."""
        inside = [covered]
        for number, ground in enumerate(self.grounds[1:], start=1):
            name = f"labels_band_{number}.csv"
            if name not in self.run.tables:
                self.findings.add(name, None, "node", "the table is missing")
                return False
            labels = Labelling(
                name, self.run.tables[name], ground, self.sites, self.opened, self.by
            )
            if not labels.check_shape(self.findings):
                return False
            labels.check_ways(self.findings)
            if self.standard["capacity"]:
                labels.check_within(self.findings, self.limit)
                ways = one_each(self._within(ground, labels))
                placed = by_rule(ways, self.homes["people"], self.sites["room"])
                inside.append(placed >= 0)
                continue
            held = labels.nearest(self.findings, 1)
            found = ways_to_homes(
                ground, self.homes, self.every, self.sites, self.opened, held, self.by
            )
            inside.append(self._least(found) <= self.limit)
        self.rows.check_bands(np.column_stack(inside))
        return True

    def _within(self, ground: Ground, labels: Labelling) -> Found:
        """Return all ways within the limit: through labelled nodes and along the own street."""
        ways = through_nodes(ground, self.homes, self.every, labels.labels, self.by)
        beside = ground.along(self.homes, self.every, self.sites, self.opened, self.by)
        return within(ways, beside, self.limit)

    def _labels(
        self, which: str, chosen: Ints, ranks: int, by: str, unclosed: bool = False
    ) -> Nearest | None:
        name = f"labels_{which}.csv"
        labels = Labelling(
            name, self.run.tables[name], self.ground, self.sites, chosen, by, unclosed
        )
        if not labels.check_shape(self.findings):
            return None
        labels.check_ways(self.findings)
        return labels.nearest(self.findings, ranks)

    def _ways(self, chosen: Ints, held: Nearest, by: str, unclosed: bool = False) -> Found:
        return ways_to_homes(
            self.ground, self.homes, self.every, self.sites, chosen, held, by, unclosed
        ).sorted()

    def _least(self, found: Found) -> Floats:
        least = np.full(len(self.every), np.inf)
        np.minimum.at(least, found.home, found.cost)
        return least

    def _compare(self, best: Two, found: Found) -> None:
        self.rows.check_facility("facility", best.site[:, 0], "another is the nearest")
        self.rows.check_numbers("", best.site[:, 0], best.cost[:, 0], found)
        self.rows.check_facility("second_facility", best.site[:, 1], "another is the second")
        self.rows.check_numbers("second_", best.site[:, 1], best.cost[:, 1], found)
        self.rows.check_slack(best.cost[:, 0])

    def _placed(self, best: Two, found: Found) -> Bools | None:
        """Check the placing by capacity; tell who has a place."""
        name = "labels_within.csv"
        if name not in self.run.tables:
            self.findings.add(name, None, "node", "the table is missing")
            return None
        labels = Labelling(
            name, self.run.tables[name], self.ground, self.sites, self.opened, self.by
        )
        if not labels.check_shape(self.findings):
            return None
        labels.check_ways(self.findings)
        labels.check_within(self.findings, self.limit)
        ways = self._within(self.ground, labels)
        nearest = one_each(ways)
        people, room = self.homes["people"], self.sites["room"]
        wrong = np.flatnonzero(~(people >= 0) | ~np.isfinite(people))
        self.findings.rows("households.csv", wrong, "people", "not zero or more")
        wrong = np.flatnonzero(~(room >= 0))
        self.findings.rows("facilities.csv", wrong, "room", "not zero or more")
        if len(wrong) or not np.isfinite(people).all():
            return None
        chosen = by_rule(nearest, people, room)
        held = chosen >= 0
        site, cost = best.site.copy(), best.cost.copy()
        own = np.where(held, nearest.site[chosen] if len(nearest.site) else -1, -1)
        first = best.site[:, 0]
        moved = np.flatnonzero(held & (own != first))
        crew = self.sites["crew"]
        apart = moved[crew[own[moved]] != crew[first[moved]]]
        site[apart, 1], cost[apart, 1] = first[apart], best.cost[apart, 0]
        site[moved, 0], cost[moved, 0] = own[moved], nearest.cost[chosen[moved]]
        self._compare(Two(site, cost), together(found, ways))
        self._room(nearest)
        return held

    def _room(self, nearest: Found) -> None:
        """Look at what the rows themselves say: nobody too many, nobody left over who fits."""
        position = {label: row for row, label in enumerate(self.sites["label"])}
        said = np.array(
            [
                position.get(label, -1) if covered else -1
                for label, covered in zip(
                    self.homes["facility"], self.homes["covered"], strict=True
                )
            ],
            dtype=np.int64,
        )
        people, room = self.homes["people"], self.sites["room"]
        over = overfull(said, people, room)
        self.findings.rows("facilities.csv", over, "room", "holds more people than it has room for")
        left = would_fit(nearest, said, people, room)
        self.findings.rows("households.csv", left, "covered", "a facility in reach has room")

    def _reasons(self, cost: Floats, shut: Floats, back: Bools) -> NDArray[np.object_]:
        far = np.isfinite(cost)
        reason = np.full(len(cost), "no_road", dtype=object)
        reason[~far & back] = "cut_off"
        reason[far] = "too_far"
        reason[(shut <= self.limit) | (np.isfinite(shut) & ~far)] = "closed"
        reason[self.homes["street"] < 0] = "not_snapped"
        return reason

    def _totals(self) -> None:
        """Compare the totals with the sums of the rows."""
        stated = self.run.manifest["totals"]
        gap = ~self.homes["covered"]
        people = self.homes["people"]
        reasons, counts = np.unique(self.homes["reason"][gap].astype(str), return_counts=True)
        right: dict[str, Any] = {
            "households": len(gap),
            "covered": int((~gap).sum()),
            "uncovered": int(gap.sum()),
            "by_reason": dict(zip(reasons.tolist(), counts.tolist(), strict=True)),
            "people": float(people.sum()),
            "people_uncovered": float(people[gap].sum()),
        }
        if "band" in self.homes and len(self.bands) > 1:
            said = self.homes["band"].astype(str)
            right["bands"] = {name: int((said == name).sum()) for name in BANDS}
        for key, value in right.items():
            if key in stated and stated[key] != value:
                self.findings.add("manifest.json", None, key, f"the rows come to {value}")
