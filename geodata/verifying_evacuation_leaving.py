"""How people of a plan leave: where they meet, who is fetched, and waves the streets can take.

Part of the independent checker: it shares no code with what makes plans. It proves: an assembly
point is outside the hazard and outside what is blocked; a walk to it is no longer than allowed and
no shorter than the straight line at the household's pace; no point has more people than room, and
each figure is the sum of its rows; nobody walks who cannot, who walks to be fetched has a point
and a stop, no vehicle has more aboard than it seats; waves are 1, 2, 3, ... in the order of their
departures, those who stay together leave together, and at no time more people have come to a
street than it can have let pass since the first call. What it cannot prove: that a walk of the
time told exists, that points are few, or that other waves would not be better.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.verifying_evacuation_claims import Leaving
from geodata.verifying_evacuation_people import numbers, positions, said
from geodata.verifying_evacuation_streets import Streets
from geodata.verifying_findings import Altered, Findings

__all__ = ["Leaving", "verify_leaving"]

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
_NEAR = 0.995  # a straight line may be so much longer than told: scale of projections
_SECOND = 1.0
_SAME = 0.05  # metres between two points that are one


def verify_leaving(  # noqa: PLR0913, PLR0917 - everything it was made from
    roads: Any, households: Any, hazard: Any, blocked: Any, given: Leaving, profile: str = "walk"
) -> tuple[Altered, ...]:
    """Check how people of a plan leave.

    Parameters
    ----------
    roads, households
        What the plan was made from.
    hazard, blocked
        One geometry each in the CRS of the households; may be empty.
    given
        What the plan says.

    Returns
    -------
    Everything that cannot be right.
    """
    findings = Findings()
    labels = np.array([str(label) for label in given.rows.index], dtype=object)
    findings.label("leaving", labels)
    check = _Check(findings, roads, households, hazard, blocked, given, profile)
    if (check.home < 0).any():
        findings.rows("leaving", np.flatnonzero(check.home < 0), "household", "no such household")
        return tuple(findings.found)
    check.points()
    check.riders()
    check.waves()
    return tuple(findings.found)


class _Check:
    def __init__(  # noqa: PLR0913, PLR0917 - as above
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

    def points(self) -> None:
        """Check where people meet."""
        given, rows = self.given, self.given.rows
        add = self.findings.rows
        number = numbers(rows, "point")
        met = np.flatnonzero(~np.isnan(number))
        if given.walk_seconds is None:
            add("leaving", met, "point", "nobody was to meet")
            return
        at = positions([int(one) for one in number[met]], given.points.index)
        add("leaving", met[at < 0], "point", "no such assembly point")
        places = given.points.geometry.to_numpy()
        for area, word in (
            (self.hazard, "the assembly point is in the hazard"),
            (given.dangers, "the assembly point is in another hazard"),
            (self.blocked, "the assembly point is in what is blocked"),
        ):
            inside = np.flatnonzero(shapely.intersects(area, places))
            add("points", inside, "geometry", word)
        met, at = met[at >= 0], at[at >= 0]
        walk = numbers(rows, "walk")[met]
        add("leaving", met[~(walk >= 0)], "walk", "not a time")
        add("leaving", met[walk > given.walk_seconds + _SECOND], "walk", "farther than the limit")
        doors = self.homes.geometry.to_numpy()[self.home[met]]
        least = self._metres(doors, places[at]) * _NEAR / self.pace[met]
        add("leaving", met[walk < least - _SECOND], "walk", "shorter than the straight line")
        self._sums(met, at, walk)

    def _sums(self, met: Any, at: Any, walk: Floats) -> None:
        points, size = self.given.points, len(self.given.points)
        people = np.bincount(at, weights=self.people[met], minlength=size)
        most = self.given.most
        if most is not None:
            # one household may be larger than a point holds
            add = np.flatnonzero(people > max(most, self.people.max(initial=0.0)))
            self.findings.rows("points", add, "people", "more people than meet at one point")
        longest = np.zeros(size)
        np.fmax.at(longest, at, walk)
        for name, right, near in (
            ("people", people, 0.5),
            ("households", np.bincount(at, minlength=size), 0.5),
            ("longest_seconds", longest, _SECOND),
        ):
            odd = np.flatnonzero(np.abs(numbers(points, name) - right) > near)
            self.findings.rows("points", odd, name, "not those who meet there")

    def riders(self) -> None:
        """Check who is fetched."""
        given, add = self.given, self.findings.rows
        travel = np.array([str(word) for word in given.rows["travel"]], dtype=object)
        cannot = said(self.homes, ("needs_vehicle",))[self.home]
        on_foot = np.isin(travel, ("walk", "walk_then_vehicle"))
        add("leaving", np.flatnonzero(cannot & on_foot), "travel", "cannot walk")
        point = numbers(given.rows, "point")
        lost = (travel == "walk_then_vehicle") & np.isnan(point)
        add("leaving", np.flatnonzero(lost), "point", "walks to no point")
        labels = list(given.rows.index)
        stops = {} if given.stops is None else given.stops.to_dict("index")
        fetched = [label in stops and stops[label].get("reason") is None for label in labels]
        rides = np.isin(travel, ("vehicle", "walk_then_vehicle"))
        add("leaving", np.flatnonzero(rides & ~np.array(fetched, dtype=bool)), "travel", "no stop")
        add("leaving", np.flatnonzero(~rides & np.array(fetched, dtype=bool)), "travel", "a stop")
        self._seats(stops, labels)

    def _seats(self, stops: Mapping[Any, Mapping[str, Any]], labels: list[Any]) -> None:
        aboard: dict[tuple[Any, Any], float] = {}
        for label, people in zip(labels, self.people, strict=True):
            stop = stops.get(label)
            if stop is not None and stop.get("reason") is None:
                key = (stop["vehicle"], stop["tour"])
                aboard[key] = aboard.get(key, 0.0) + float(people)
        seats = self.given.vehicles["seats"] + self.given.vehicles["wheelchairs"]
        for (vehicle, tour), people in aboard.items():
            if vehicle not in seats.index or people > seats[vehicle]:
                self.findings.add(
                    "stops", None, f"vehicle {vehicle} tour {tour}", "more people than seats"
                )

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
        long = self._metres(shapely.points(ends[:, :2]), shapely.points(ends[:, 2:]))
        run = np.cumsum(long)
        start = np.flatnonzero(np.diff(of, prepend=-1))
        before = run - long - np.repeat((run - long)[start], np.diff(np.append(start, len(of))))
        comes = departs[of] + before / self.pace[of]
        rate = self._rates(legs)
        order = np.lexsort((comes, leg))
        run = np.cumsum(self.people[of][order])
        first = np.searchsorted(leg[order], leg[order])
        count = run - (run - self.people[of][order])[first]
        passed = (np.floor((comes[order] + _SECOND) / interval) + 1) * interval
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

    def _metres(self, one: Any, other: Any) -> Floats:
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
