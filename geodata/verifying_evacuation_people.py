"""Who is where: nobody dropped or divided, nobody where there is no room or no entering."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.verifying_findings import Findings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEEDS = (
    "needs", "vulnerable", "needs_accessible", "wheelchair", "bedridden", "disabled", "elderly",
    "elderly_alone", "left_behind_child", "left_behind_elder", "infant", "pregnant", "chronic",
)  # fmt: skip
STEP_FREE = ("needs_accessible", "wheelchair", "bedridden")
# reasons that are about ways: they may be one member's of a group alone
WAYLESS = {"not_snapped", "no_shelter", "no_road", "no_exit", "cut_off"}
REASONS = WAYLESS | {"no_common_shelter", "no_accessible_shelter", "too_far", "too_large", "full"}
OUT = {"in_hazard", "closed", "no_capacity", "not_snapped", "blocked", "behind_hazard"}


def numbers(frame: Any, name: str, missing: float = np.nan) -> Floats:
    """Read a column as numbers; *missing* where there is none."""
    if name not in frame.columns:
        return np.full(len(frame), missing)
    read: Floats = frame[name].astype("Float64").to_numpy(dtype=float, na_value=missing)
    return read


def said(frame: Any, names: tuple[str, ...]) -> Bools:
    """Tell which rows have more than nothing in any of some columns."""
    found = np.zeros(len(frame), dtype=bool)
    for name in names:
        found |= numbers(frame, name, 0.0) > 0
    return found


def _missing(label: Any) -> bool:
    """Tell None, NaN and <NA>: nothing is equal to the last two, and text says which they are."""
    return label is None or str(label) in {"nan", "<NA>", "NaT"}


def positions(labels: Any, among: Any) -> NDArray[np.intp]:
    """Find labels among others; -1 for one that is not there or missing."""
    place = {label: row for row, label in enumerate(among)}
    return np.array([place.get(label, -1) for label in labels], dtype=np.intp)


class PeopleCheck:
    """Checks the rows of a draft against the households and shelters."""

    def __init__(self, findings: Findings, given: Any, draft: Any) -> None:
        self.findings, self.given, self.draft = findings, given, draft
        homes = given.households
        inside = shapely.intersects(given.hazard, homes.geometry.to_numpy())
        self.affected = np.flatnonzero(inside)
        self.people = numbers(homes, "people", 0.0)
        self.home = positions(draft.assignments.index, homes.index)
        self.left = positions(draft.unserved.index, homes.index)
        self.place = positions(draft.assignments["shelter"], given.shelters.index)
        needs = tuple(given.options.get("needs", NEEDS))
        self.urgent = said(homes, (*needs, "needs_vehicle"))
        self.ramp = said(homes, tuple(given.options.get("accessible_needs", STEP_FREE)))
        self.room = self._room()
        self.usable = self._usable()
        known = "accessible" in given.shelters.columns
        self.steps = ~(numbers(given.shelters, "accessible", 0.0 if known else 1.0) > 0)
        group = homes["group"] if "group" in homes.columns else [None] * len(homes)
        self.group = [None if _missing(label) else label for label in group]

    def all(self) -> None:
        """Check everything."""
        self._everybody()
        if not (self.place >= 0).all() or not (self.home >= 0).all():
            return
        self._shelters()
        self._loads()
        self._groups()
        self._waves()
        self._reasons()
        self._alternates()

    def _room(self) -> Floats:
        shelters, each = self.given.shelters, self.given.options.get("m2_per_person")
        beds = numbers(shelters, "capacity", 0.0)
        if each is None:
            return beds
        room: Floats = np.fmin(beds, np.floor(numbers(shelters, "area_m2") / each + 1e-9))
        return room

    def _usable(self) -> Bools:
        shelters = self.given.shelters
        out = shapely.intersects(self.given.hazard, shelters.geometry.to_numpy())
        opened = numbers(shelters, "open", 1.0) > 0
        usable: Bools = ~out & opened & (self.room > 0)
        return usable

    def _everybody(self) -> None:
        add = self.findings.rows
        add("assignments", np.flatnonzero(self.home < 0), "household", "no such household")
        add("unserved", np.flatnonzero(self.left < 0), "household", "no such household")
        add("assignments", np.flatnonzero(self.place < 0), "shelter", "no such shelter")
        listed = np.concatenate([self.home, self.left])
        known, count = np.unique(listed[listed >= 0], return_counts=True)
        for table, rows in (("assignments", self.home), ("unserved", self.left)):
            twice = np.flatnonzero(np.isin(rows, known[count > 1]))
            add(table, twice, "household", "the household is listed twice")
            outside = np.flatnonzero((rows >= 0) & ~np.isin(rows, self.affected))
            add(table, outside, "household", "the household is not in the hazard")
        for row in np.setdiff1d(self.affected, known):
            label = self.given.households.index[row]
            self.findings.add(
                "unserved", None, f"household {label}", "in the hazard and in no list"
            )

    def _shelters(self) -> None:
        add, place = self.findings.rows, self.place
        add("assignments", np.flatnonzero(~self.usable[place]), "shelter", "the shelter is out")
        stuck = np.flatnonzero(self.ramp[self.home] & self.steps[place])
        add("assignments", stuck, "shelter", "the shelter has steps")
        limit = self.given.options.get("walk_limit_seconds")
        if limit is not None:
            walks = ~said(self.given.households, ("needs_vehicle",))[self.home]
            seconds = numbers(self.draft.assignments, "seconds")
            far = np.flatnonzero(walks & (seconds > limit * (1 + 1e-9)))
            add("assignments", far, "seconds", "farther than the limit")

    def _load(self, place: NDArray[np.intp], home: NDArray[np.intp]) -> Floats:
        load = np.bincount(place, weights=self.people[home], minlength=len(self.room))
        return np.asarray(load, dtype=float)

    def _loads(self) -> None:
        add, loads = self.findings.rows, self.draft.loads
        if list(loads.index) != list(self.given.shelters.index):
            self.findings.add("loads", None, "shelter", "not the shelters that were given")
            return
        load = self._load(self.place, self.home)
        add("loads", np.flatnonzero(load > self.room), "people", "more people than there is room")
        wrong = np.flatnonzero(numbers(loads, "people") != load)
        add("loads", wrong, "people", "not the people who are sent there")
        wrong = np.flatnonzero(numbers(loads, "capacity") != self.room)
        add("loads", wrong, "capacity", "not the room there is")
        out = loads["out"].notna().to_numpy(dtype=bool)
        add("loads", np.flatnonzero(~out & ~self.usable), "out", "the shelter is out")
        add("loads", np.flatnonzero(out & (load > 0)), "out", "people are sent there")
        words = [
            bool(gone) and word not in OUT for gone, word in zip(out, loads["out"], strict=True)
        ]
        add("loads", np.flatnonzero(words), "out", "no such reason")

    def _groups(self) -> None:
        rows: dict[Any, list[int]] = {}
        for row, home in enumerate(self.home):
            if self.group[home] is not None:
                rows.setdefault(self.group[home], []).append(row)
        wave = numbers(self.draft.assignments, "wave")
        for mine in rows.values():
            apart = np.array(mine)
            for column, values in (("shelter", self.place), ("wave", wave)):
                odd = apart[values[apart] != values[apart[0]]]
                self.findings.rows("assignments", odd, column, "not that of the group")
            if self.ramp[self.home[apart]].any():
                odd = apart[self.steps[self.place[apart]]]
                self.findings.rows("assignments", odd, "shelter", "the shelter has steps")
        reason = list(self.draft.unserved["reason"])
        for row, home in enumerate(self.left):
            together = home >= 0 and self.group[home] is not None and self.group[home] in rows
            if together and reason[row] not in WAYLESS:
                self.findings.add("unserved", row, "reason", "others of the group are served")

    def _units(self) -> list[Any]:
        """Give what each household that is served is placed with."""
        return [
            ("alone", int(home)) if self.group[home] is None else ("group", self.group[home])
            for home in self.home
        ]

    def _waves(self) -> None:
        wave = numbers(self.draft.assignments, "wave")
        if not len(wave):
            return
        add = self.findings.rows
        present = np.unique(wave)
        if not np.array_equal(present, np.arange(1, len(present) + 1)):
            self.findings.add("assignments", None, "wave", "waves are not 1, 2, 3, ...")
        units = self._units()
        calls = {key for key, home in zip(units, self.home, strict=True) if self.urgent[home]}
        first = np.array([key in calls for key in units])
        last = wave[first].max(initial=0)
        early = np.flatnonzero(~first & (wave <= last))
        add("assignments", early, "wave", "not after those with needs")
        most = self.given.options.get("per_wave")
        for number in present if most is not None else ():
            here = np.flatnonzero(wave == number)
            if self.people[self.home[here]].sum() > most and len({units[row] for row in here}) > 1:
                add("assignments", here, "wave", "more people than one wave takes")

    def _reasons(self) -> None:
        unserved, add = self.draft.unserved, self.findings.rows
        reason = np.array(list(unserved["reason"]), dtype=object)
        unknown = [word not in REASONS for word in reason]
        add("unserved", np.flatnonzero(unknown), "reason", "no such reason")
        if self.draft.loads["out"].isna().any():
            none = np.flatnonzero(reason == "no_shelter")
            add("unserved", none, "reason", "there are shelters")
        wants = np.flatnonzero(np.isin(reason, ("full", "too_large")))
        place = positions(unserved["shelter"], self.given.shelters.index)
        lost = wants[place[wants] < 0]
        add("unserved", lost, "shelter", "no such shelter")
        wants = wants[place[wants] >= 0]
        spare = self.room - self._load(self.place, self.home)
        together: dict[Any, float] = {}
        for row, home in enumerate(self.left):
            if reason[row] not in WAYLESS and self.group[home] is not None:
                key = self.group[home]
                together[key] = together.get(key, 0.0) + self.people[home]
        people = np.array([together.get(self.group[home], self.people[home]) for home in self.left])
        beds = numbers(unserved, "beds")
        short = people[wants] - spare[place[wants]]
        add("unserved", wants[beds[wants] != short], "beds", "not the beds that are short there")
        add("unserved", wants[short <= 0], "reason", "there is room for all of them")

    def _alternates(self) -> None:
        second = getattr(self.draft, "alternates", None)
        if second is None or not len(second.columns):
            return
        if list(second.index) != list(self.draft.assignments.index):
            self.findings.add("alternates", None, "household", "not those who are served")
            return
        add, place = self.findings.rows, positions(second["shelter"], self.given.shelters.index)
        known = second["shelter"].notna().to_numpy(dtype=bool)
        add("alternates", np.flatnonzero(known & (place < 0)), "shelter", "no such shelter")
        has = np.flatnonzero(place >= 0)
        same = has[place[has] == self.place[has]]
        add("alternates", same, "shelter", "the shelter that has failed")
        add("alternates", has[~self.usable[place[has]]], "shelter", "the shelter is out")
        load = self._load(self.place, self.home)
        for shelter in np.unique(self.place[has]):
            mine = has[self.place[has] == shelter]
            more = load + self._load(place[mine], self.home[mine])
            full = np.flatnonzero((more > self.room) & (np.arange(len(more)) != shelter))
            over = mine[np.isin(place[mine], full)]
            add("alternates", over, "shelter", "more people than there is room if theirs fails")
