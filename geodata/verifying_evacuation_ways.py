"""The ways of a draft: on streets from door to door, past nothing blocked, out once for all."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.verifying_evacuation_people import numbers, positions
from geodata.verifying_evacuation_streets import Streets
from geodata.verifying_findings import Findings

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

WALK_KMH = 5.0
_EARTH = 6_378_137.0, 0.0066943799901413165  # half its axis, and how flat: WGS 84
_SAME = 0.05  # metres between two points that are one
_DEEP = 0.5  # metres inside the hazard that are surely in it
_EDGE = 0.02  # metres beside an area that are its border
_SLIDE, _TURNED = 45.0, 2.0  # degrees beside a slide; how far a grid may be turned from north
_LENGTH = 1e-3  # share by which a length may differ: scale of projections


class WaysCheck:
    """Checks the ways of a draft, leg by leg; a leg that many share is looked at once.

    A *leg* here is the straight line between two vertices of a way.
    """

    def __init__(self, findings: Findings, given: Any, draft: Any) -> None:
        self.findings, self.given, self.draft = findings, given, draft
        self.metre = given.metre

    def all(self) -> None:
        """Check everything."""
        rows, routes = self.draft.assignments, self.draft.routes
        if list(routes.index) != list(rows.index):
            self.findings.add("routes", None, "household", "not those who are served")
            return
        lines = routes.to_crs(self.given.households.crs).geometry.to_numpy()
        kinds = shapely.get_type_id(lines)
        bad = (kinds != shapely.GeometryType.LINESTRING) | (shapely.get_num_points(lines) < 2)
        self.findings.rows("routes", np.flatnonzero(bad), "geometry", "not a line")
        self.home = positions(rows.index, self.given.households.index)
        self.place = positions(rows["shelter"], self.given.shelters.index)
        if bad.any() or not len(lines) or (self.home < 0).any() or (self.place < 0).any():
            return
        xy, self.owner = shapely.get_coordinates(lines, return_index=True)
        inner = self.owner[1:] == self.owner[:-1]
        self.of = self.owner[1:][inner]
        ends = np.hstack([xy[:-1][inner], xy[1:][inner]])
        self.legs, self.leg = np.unique(ends, axis=0, return_inverse=True)
        self.leg = self.leg.reshape(-1)
        self.lines = np.asarray(shapely.linestrings(self.legs.reshape(-1, 2, 2)), dtype=object)
        self.first = np.flatnonzero(np.diff(self.of, prepend=-1))
        self.last = np.append(self.first[1:], len(self.of)) - 1
        self._doors(lines)
        self._measures()
        self._streets()
        self._hazard()
        self._slide()

    def _doors(self, lines: Any) -> None:
        add, tolerance = self.findings.rows, _SAME * self.metre
        for at, places, rows, word in (
            (0, self.given.households, self.home, "does not begin at the household"),
            (-1, self.given.shelters, self.place, "does not end at the shelter"),
        ):
            ends = shapely.get_point(lines, at)
            away = shapely.distance(ends, places.geometry.to_numpy()[rows]) > tolerance
            add("routes", np.flatnonzero(away), "geometry", word)

    def _measures(self) -> None:
        add, rows = self.findings.rows, self.draft.assignments
        long = np.bincount(self.of, weights=self._metres()[self.leg], minlength=len(rows))
        metres, seconds = numbers(rows, "metres"), numbers(rows, "seconds")
        odd = ~(np.abs(long - metres) <= _LENGTH * long + 0.1)
        add("assignments", np.flatnonzero(odd), "metres", "not the length of the way")
        if self.given.profile != "walk":
            add("assignments", np.flatnonzero(~(seconds >= 0)), "seconds", "not a time")
            return
        kmh = numbers(self.given.households, "walk_kmh")[self.home]
        took = metres / (np.where(np.isnan(kmh), WALK_KMH, kmh) / 3.6)
        odd = ~(np.abs(took - seconds) <= 1e-6 * took + 1e-3)
        add("assignments", np.flatnonzero(odd), "seconds", "not the time at this pace")

    def _metres(self) -> Floats:
        """Measure the legs."""
        return np.asarray(np.hypot(*self._steps()))

    def _steps(self) -> tuple[Floats, Floats]:
        """Give the metres to the east and to the north of the legs."""
        step = self.legs[:, 2:] - self.legs[:, :2]
        if self.metre == 1.0:
            return step[:, 0], step[:, 1]
        latitude = np.radians((self.legs[:, 1] + self.legs[:, 3]) / 2)
        half, flat = _EARTH
        bent = 1 - flat * np.sin(latitude) ** 2
        east = np.radians(step[:, 0]) * np.cos(latitude) * half / np.sqrt(bent)
        north = np.radians(step[:, 1]) * half * (1 - flat) / bent**1.5
        return np.asarray(east), np.asarray(north)

    def _streets(self) -> None:
        """Check that all but the first and the last leg lie on streets that follow one another."""
        straight = np.zeros(len(self.of), dtype=bool)
        straight[self.first] = straight[self.last] = True
        streets = Streets(self.given, self.legs, _SAME * self.metre)
        on = streets.found
        lost = ~on[self.leg]
        far = lost & ~straight
        add = self.findings.rows
        add("routes", np.unique(self.of[far]), "geometry", "leaves the streets it may use")
        reach = float(self.given.options.get("max_metres", 200.0)) * (1 + _LENGTH) + 0.1
        # a way of one leg only may be the straight legs of both its ends
        most = np.where(self.first == self.last, 2 * reach, reach)[self.of]
        long = lost & straight & (self._metres()[self.leg] > most)
        add("routes", np.unique(self.of[long]), "geometry", "a straight leg is too long")
        pairs = np.flatnonzero((self.of[1:] == self.of[:-1]) & ~lost[1:] & ~lost[:-1])
        joined = streets.joined(self.leg[pairs], self.leg[pairs + 1])
        torn = np.unique(self.of[pairs[~joined]])
        add("routes", torn, "geometry", "changes streets where they do not meet")
        self._closed(on, streets)

    def _closed(self, on: Bools, streets: Streets) -> None:
        over = streets.spans
        add, given = self.findings.rows, self.given
        for area, hit, word in (
            (given.blocked, ~over, "passes what is blocked"),
            (given.water, over & on, "takes a bridge over water"),
        ):
            if area is given.water and given.options.get("bridges", "kept") != "closed":
                continue
            inner = area.buffer(-_EDGE * self.metre)
            if inner.is_empty:
                continue
            shapely.prepare(inner)
            wrong = shapely.intersects(inner, self.lines) & hit
            add("routes", np.unique(self.of[wrong[self.leg]]), "geometry", word)
        self.over = over if given.options.get("bridges_clear") else np.zeros(len(over), dtype=bool)

    def _hazard(self) -> None:
        """Check that nothing of a way is in the hazard once it has been outside."""
        outside, deep = self._shares(outside=True), self._shares(outside=False)
        outside = np.where(self.over, 0.0, outside)
        deep = np.where(self.over, -np.inf, deep)
        number = np.arange(len(self.of))
        size = len(self.draft.assignments)
        left, entered = np.full(size, np.inf), np.full(size, -np.inf)
        np.minimum.at(left, self.of, number + outside[self.leg])
        np.maximum.at(entered, self.of, number + deep[self.leg])
        again = np.flatnonzero(entered > left + 1e-9)
        self.findings.rows("routes", again, "geometry", "enters the hazard again")

    def _slide(self) -> None:
        """Check how far ways lead along the slide; straight legs at both ends do not count."""
        bearing, rows = self.given.options.get("slide_bearing"), self.draft.assignments
        if bearing is None:
            return
        if "slide_metres" not in rows.columns or "along_slide" not in rows.columns:
            self.findings.add("assignments", None, "slide_metres", "missing")
            return
        east, north = self._steps()
        turn = np.abs((np.degrees(np.arctan2(east, north)) - bearing + 180) % 360 - 180)
        whole = shapely.length(self.lines)
        inside = shapely.length(shapely.intersection(self.lines, self.given.hazard))
        share = np.divide(inside, whole, out=np.zeros(len(whole)), where=whole > 0)
        metres, told = self._metres() * share, numbers(rows, "slide_metres")
        street = np.ones(len(self.of), dtype=bool)
        street[self.first] = street[self.last] = False
        for angle, low in ((_SLIDE - _TURNED, True), (_SLIDE + _TURNED, False)):
            walked = np.where(street, (metres * (turn < angle))[self.leg], 0.0)
            most = np.bincount(self.of, weights=walked, minlength=len(rows))
            odd = ~(told >= most - 1) if low else ~(told <= most + 1)
            word = "not how far the way leads along the slide"
            self.findings.rows("assignments", np.flatnonzero(odd), "slide_metres", word)

    def _shares(self, *, outside: bool) -> Floats:
        """Give where on each leg the first point outside the hazard is, or the last deep in it."""
        none = np.inf if outside else -np.inf
        found = np.full(len(self.legs), none)
        hazard = self.given.hazard
        area = hazard.buffer((_EDGE if outside else -_DEEP) * self.metre)
        shapely.prepare(area)
        # a leg of no length has no share of anything: it is neither out nor in
        long = shapely.length(self.lines) > _EDGE * self.metre
        met = shapely.intersects(area, self.lines) | ~long
        if outside:
            found[~met] = 0.0
        part = np.flatnonzero(met & long)
        cut = shapely.difference if outside else shapely.intersection
        xy, owner = shapely.get_coordinates(cut(self.lines[part], area), return_index=True)
        of = part[owner]
        step = self.legs[of, 2:] - self.legs[of, :2]
        size = (step**2).sum(axis=1)
        along = ((xy - self.legs[of, :2]) * step).sum(axis=1)
        share = np.divide(along, size, out=np.zeros(len(of)), where=size > 0)
        (np.minimum if outside else np.maximum).at(found, of, np.clip(share, 0.0, 1.0))
        return found
