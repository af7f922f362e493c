"""The figures of a draft: every one added up once more from the rows it stands for."""

from collections.abc import Mapping
from typing import Any

from geodata.verifying_evacuation_people import NEEDS, numbers, positions
from geodata.verifying_findings import Findings

_NEAR = 1e-6  # share by which a sum of seconds may differ


class TotalsCheck:
    """Checks the totals of a draft."""

    def __init__(self, findings: Findings, given: Any, draft: Any) -> None:
        self.findings, self.given, self.draft = findings, given, draft
        self.people = numbers(given.households, "people", 0.0)
        self.in_ = positions(draft.assignments.index, given.households.index)
        self.out = positions(draft.unserved.index, given.households.index)

    def all(self) -> None:
        """Check everything."""
        if (self.in_ < 0).any() or (self.out < 0).any():
            return  # told already
        totals = self.draft.totals
        for name, value in self._figures().items():
            self._same(name, totals.get(name), value)
        for name, row in dict(totals.get("needs", {})).items():
            self._same(f"needs {name}", row, self._need(name))
        if not self.given.options.get("needs"):
            for name in NEEDS:
                if name in self.given.households.columns and name not in totals.get("needs", {}):
                    self.findings.add("totals", None, f"needs {name}", "missing")
        seconds = numbers(self.draft.assignments, "seconds")
        total = float(self.people[self.in_] @ seconds)
        self._same("person_seconds", self.draft.person_seconds, total)
        bound = self.draft.bound
        if not 0 <= bound <= self.draft.person_seconds * (1 + 1e-12):
            self.findings.add("totals", None, "bound", "not between nothing and person_seconds")

    def _same(self, name: str, told: Any, value: Any) -> None:
        if not _alike(told, value):
            self.findings.add("totals", None, name, f"{told!r} is not {value!r}")

    def _figures(self) -> dict[str, Any]:
        people, in_, out = self.people, self.in_, self.out
        rows, loads = self.draft.assignments, self.draft.loads
        seconds, metres = numbers(rows, "seconds"), numbers(rows, "metres")
        wave, usable = numbers(rows, "wave"), loads["out"].isna().to_numpy(dtype=bool)
        weight = float(people[in_].sum())
        gap = float(self.given.options.get("wave_interval_seconds", 0.0))
        return {
            "households": len(in_) + len(out),
            "people": people[in_].sum() + people[out].sum(),
            "served_households": len(in_),
            "served_people": weight,
            "unserved_households": len(out),
            "unserved_people": people[out].sum(),
            "reasons": self._counted(list(self.draft.unserved["reason"]), people[out]),
            "waves": self._counted(wave.astype(int).tolist(), people[in_]),
            "shelters": {
                "all": len(loads),
                "usable": usable.sum(),
                "used": (numbers(loads, "people") > 0).sum(),
            },
            "capacity": numbers(loads, "capacity")[usable].sum(),
            "beds_short": self._short(),
            "longest_seconds": seconds.max(initial=0.0),
            "longest_metres": metres.max(initial=0.0),
            "mean_seconds": float(people[in_] @ seconds) / weight if weight else 0.0,
            "clear_seconds": (seconds + (wave - 1) * gap).max(initial=0.0),
        }

    def _counted(self, keys: list[Any], people: Any) -> dict[Any, dict[str, float]]:
        found: dict[Any, dict[str, float]] = {}
        for key, count in zip(keys, people, strict=True):
            row = found.setdefault(key, {"households": 0, "people": 0})
            row["households"] += 1
            row["people"] += count
        return found

    def _short(self) -> dict[Any, float]:
        unserved, loads = self.draft.unserved, self.draft.loads
        wanted: dict[Any, float] = {}
        rows = zip(unserved["reason"], unserved["shelter"], self.people[self.out], strict=True)
        for reason, shelter, people in rows:
            if reason == "full":
                wanted[shelter] = wanted.get(shelter, 0.0) + people
        spare = dict(
            zip(
                loads.index,
                numbers(loads, "capacity") - numbers(loads, "people"),
                strict=True,
            )
        )
        short = {key: people - spare.get(key, 0.0) for key, people in wanted.items()}
        return {key: beds for key, beds in short.items() if beds > 0}

    def _need(self, name: str) -> dict[str, float]:
        has = numbers(self.given.households, name, 0.0) > 0
        in_, out = has[self.in_].sum(), has[self.out].sum()
        return {"affected": in_ + out, "served": in_, "unserved": out}


def _alike(told: Any, value: Any) -> bool:
    if isinstance(value, Mapping):
        return (
            isinstance(told, Mapping)
            and set(told) == set(value)
            and all(_alike(told[key], part) for key, part in value.items())
        )
    try:
        return bool(abs(float(told) - float(value)) <= _NEAR * max(1.0, abs(float(value))))
    except (TypeError, ValueError):
        return False
