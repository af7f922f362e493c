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
from geodata.verifying_evacuation_waves import SECOND, Waves
from geodata.verifying_findings import Altered, Findings

__all__ = ["Leaving", "verify_leaving"]

_NEAR = 0.995  # a straight line may be so much longer than told: scale of projections

Floats = NDArray[np.float64]


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


class _Check(Waves):
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
        add("leaving", met[walk > given.walk_seconds + SECOND], "walk", "farther than the limit")
        doors = self.homes.geometry.to_numpy()[self.home[met]]
        least = self.metres(doors, places[at]) * _NEAR / self.pace[met]
        add("leaving", met[walk < least - SECOND], "walk", "shorter than the straight line")
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
            ("longest_seconds", longest, SECOND),
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
