"""Waves of a plan: in order of departure, together who stays together, no more than streets take.

Part of the independent checker, see `verifying_evacuation_leaving`.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.verifying_evacuation_claims import Leaving
from geodata.verifying_evacuation_people import numbers, positions
from geodata.verifying_evacuation_streets import Streets
from geodata.verifying_findings import Findings

Floats = NDArray[np.float64]

WALK_KMH = 5.0
# people an hour on each metre of a street and of stairs, and metres where no width is known
ON_LEVEL, ON_STAIRS = 2400.0, 1600.0
WIDTH = {
    4.0: ("trunk", "primary", "secondary", "pedestrian"),
    3.0: (
        "trunk_link", "primary_link", "secondary_link", "tertiary", "tertiary_link",
        "unclassified", "residential", "living_street",
    ),
    2.0: ("service",),
    1.5: ("track", "footway", "cycleway", "steps"),
}  # fmt: skip
OTHER_WIDTH = 1.0
SECOND = 1.0
_SAME = 0.05  # metres between two points that are one


class Waves:
    """What a plan says of how people leave, and the check of its waves."""

    def __init__(  # noqa: PLR0913, PLR0917 - everything it was made from
        self,
        findings: Findings,
        roads: Any,
        households: Any,
        hazard: Any,
        blocked: Any,
        given: Leaving,
        profile: str,
    ) -> None:
        self.findings, self.given = findings, given
        self.roads, self.profile = roads.to_crs(households.crs), profile
        self.homes, self.hazard, self.blocked = households, hazard, blocked
        self.metre = 1 / 111_320.0 if households.crs.is_geographic else 1.0
        self.home = positions(given.rows.index, households.index)
        self.people = numbers(households, "people", 0.0)[self.home]
        kmh = numbers(households, "walk_kmh")[self.home]
        self.pace = np.where(np.isnan(kmh), WALK_KMH, kmh) / 3.6

    def waves(self) -> None:
        """Check who leaves when."""
        given, add = self.given, self.findings.rows
        wave, departs = numbers(given.rows, "wave"), numbers(given.rows, "departs")
        if not len(wave):
            return
        add("leaving", np.flatnonzero(~(departs >= 0)), "departs", "not a time")
        if given.interval_seconds is None:
            return
        order = np.unique(departs)
        odd = np.flatnonzero(wave != np.searchsorted(order, departs) + 1)
        add("leaving", odd, "wave", "not the wave of its departure")
        self._together(departs)
        if given.per_wave is not None:
            self._calls(departs)
        self._streets(departs)

    def _together(self, departs: Floats) -> None:
        if "group" not in self.homes.columns:
            return
        first: dict[Any, float] = {}
        for row, home in enumerate(self.home):
            group = self.homes["group"].iloc[home]
            if str(group) in {"nan", "<NA>", "None"}:
                continue
            if first.setdefault(group, departs[row]) != departs[row]:
                self.findings.add("leaving", row, "departs", "not that of the group")

    def _free(self) -> Any:
        labels = self.given.rows.index
        return ~np.array([label in self.given.settled for label in labels], dtype=bool)

    def _calls(self, departs: Floats) -> None:
        free = self._free()
        at, slot = np.unique(departs[free], return_inverse=True)
        people = np.bincount(slot.reshape(-1), weights=self.people[free], minlength=len(at))
        most = max(float(self.given.per_wave or 0.0), self._largest())
        for number in np.flatnonzero(people > most):
            self.findings.add(
                "leaving", None, f"departs {at[number]:g}", "more people than one wave takes"
            )

    def _largest(self) -> float:
        """Give the people of the largest household, or of those that leave together."""
        sums: dict[Any, float] = {}
        known = "group" in self.homes.columns
        for row, home in enumerate(self.home):
            group = self.homes["group"].iloc[home] if known else None
            key = ("alone", row) if str(group) in {"nan", "<NA>", "None"} else group
            sums[key] = sums.get(key, 0.0) + float(self.people[row])
        return max(sums.values(), default=0.0)

    def _streets(self, departs: Floats) -> None:
        """Check that streets can have let pass those who have come to them, at any time."""
        interval = float(self.given.interval_seconds or 0.0)
        lines = self.given.ways.geometry.to_numpy()
        xy, owner = shapely.get_coordinates(lines, return_index=True)
        inner = owner[1:] == owner[:-1]
        ends, of = np.hstack([xy[:-1][inner], xy[1:][inner]]), owner[1:][inner]
        mine = self._free()[of]
        ends, of = ends[mine], of[mine]
        legs, leg = np.unique(ends, axis=0, return_inverse=True)
        leg = leg.reshape(-1)
        long = self.metres(shapely.points(ends[:, :2]), shapely.points(ends[:, 2:]))
        run = np.cumsum(long)
        start = np.flatnonzero(np.diff(of, prepend=-1))
        before = run - long - np.repeat((run - long)[start], np.diff(np.append(start, len(of))))
        comes = departs[of] + before / self.pace[of]
        rate = self._rates(legs)
        order = np.lexsort((comes, leg))
        run = np.cumsum(self.people[of][order])
        first = np.searchsorted(leg[order], leg[order])
        count = run - (run - self.people[of][order])[first]
        passed = (np.floor((comes[order] + SECOND) / interval) + 1) * interval
        most = passed * rate[leg[order]] / 3600.0 + self._largest()
        over = np.unique(of[order][count > most + 1e-6])
        self.findings.rows("leaving", over, "departs", "more people than the street takes")

    def _rates(self, legs: Floats) -> Floats:
        """Say how many an hour the street under each leg lets pass; infinite beside streets."""

        class _Roads:
            roads, profile = self.roads, self.profile

        streets = Streets(_Roads, legs, _SAME * self.metre)
        width = {kind: metres for metres, kinds in WIDTH.items() for kind in kinds}
        each = np.array(
            [
                (ON_STAIRS if kind == "steps" else ON_LEVEL) * width.get(kind, OTHER_WIDTH)
                for kind in self.roads["highway"].astype(str)
            ]
        )
        most = np.zeros(len(legs))
        np.maximum.at(most, streets.leg, each[streets.road[streets.segment]])
        found: Floats = np.where(streets.found, most, np.inf)
        return found

    def metres(self, one: Any, other: Any) -> Floats:
        """Measure straight lines."""
        from_, to = shapely.get_coordinates(one), shapely.get_coordinates(other)
        step = to - from_
        if self.metre == 1.0:
            return np.asarray(np.hypot(*step.T))
        latitude = np.radians((from_[:, 1] + to[:, 1]) / 2)
        bent = 1 - 0.0066943799901413165 * np.sin(latitude) ** 2
        east = np.radians(step[:, 0]) * np.cos(latitude) * 6_378_137.0 / np.sqrt(bent)
        north = np.radians(step[:, 1]) * 6_378_137.0 * (1 - 0.0066943799901413165) / bent**1.5
        return np.asarray(np.hypot(east, north))
