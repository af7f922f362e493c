"""Hazards of a file: a new one is declared, one that differs is adjusted, what it was is kept."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
from shapely import from_wkb

from geodata.errors import Fault, GeodataError
from gridmap.store import event, hazard, importing
from gridmap.store import hazard_history as history
from gridmap.store.database import Row, Transaction
from gridmap.store.importing import Counts

_REASON = "文件里变了"  # as an officer would write it
_SHOWN = 40  # hazards of a file that are shown before it is taken
_EXERCISE = "an exercise stays one, and so does what is real: give it another key"
_KIND = "the hazard in force with this key is of another kind: lift that one, or give another key"


@dataclass(frozen=True)
class Meant:
    """What one row of a file does to the hazards that are here.

    Attributes
    ----------
    change
        `new` is declared, `adjusted` changes one in force, `unchanged` is in force as it comes,
        `lifted` was ended by a person and is not declared again.
    before
        The hazard that is here by its key, locked; None for a new one.
    differs
        Of an adjusted one: the parts that change.
    """

    change: Literal["new", "adjusted", "unchanged", "lifted"]
    before: Row | None = None
    differs: tuple[str, ...] = ()


_NEW, _LIFTED, _UNCHANGED = Meant("new"), Meant("lifted"), Meant("unchanged")


def compare(
    tx: Transaction, rows: pd.DataFrame, where: str, *, exercise: bool, raster: bool
) -> tuple[pd.DataFrame, list[Meant]]:
    """Say what each hazard of a file comes to, and lock those it changes.

    A file with shapes gives its hazards keys of its own: what was lifted under one stays so. A
    raster has no more than the name of its file, which the next flood has as well. There a hazard
    in force is meant only where both lie over each other, and what was lifted is declared anew.

    Returns
    -------
    tuple
        `rows` with the `source_key` each is stored by, and of each what it means, in their order.

    Raises
    ------
    GeodataError
        For a key that is here as real and comes as an exercise, or the other way round, and for
        one in force of another kind.
    """
    here: dict[str, list[Row]] = {}
    for row in hazard.of_file(tx, where, rows["source_key"].tolist(), numbered=raster):
        here.setdefault(row["given_key"], []).append(row)
    keys, meant = [], []
    faults: list[Fault] = []
    for index, row in zip(rows.index, _records(rows), strict=True):
        known = here.get(row["source_key"], [])
        if raster:
            key, found = _of_raster(row, known, exercise)
        else:
            key, found = row["source_key"], _of_key(row, known)
            faults.extend(_faults(index, row, found, known, exercise))
        keys.append(key)
        meant.append(found)
    if faults:
        raise GeodataError(faults)
    return rows.assign(source_key=keys), meant


def _of_key(row: Mapping[str, Any], known: Sequence[Row]) -> Meant:
    if not known:
        return _NEW
    return _LIFTED if known[0]["state"] != "declared" else _against(row, known[0])


def _of_raster(row: Mapping[str, Any], known: Sequence[Row], exercise: bool) -> tuple[str, Meant]:
    for before in known:
        in_force = before["state"] == "declared" and bool(before["exercise"]) == exercise
        if in_force and from_wkb(bytes(before["wkb"])).intersects(row["geom"]):
            return before["source_key"], _against(row, before)
    given: str = row["source_key"]
    taken = max((before["number"] for before in known), default=0)
    return (f"{given}~{taken + 1}" if taken else given), _NEW


def _against(row: Mapping[str, Any], before: Row) -> Meant:
    differs = tuple(_changed(before, row))
    return Meant("adjusted", before, differs) if differs else _UNCHANGED


def _faults(
    index: Any, row: Mapping[str, Any], found: Meant, known: Sequence[Row], exercise: bool
) -> Iterator[Fault]:
    if known and bool(known[0]["exercise"]) != exercise:
        yield Fault(_EXERCISE, index)
    elif known and found.change != "lifted" and known[0]["kind"] != row["kind"]:
        yield Fault(_KIND, index, "kind")


def save(
    tx: Transaction, rows: pd.DataFrame, meant: Sequence[Meant], where: str, *, exercise: bool
) -> Counts:
    """Bring hazards in as `compare` has said; the same file twice changes nothing.

    Its events come last: nobody else's wait until the hazards are counted.
    """
    adjusted = [
        _adjust(tx, row, each, where, exercise)
        for row, each in zip(_records(rows), meant, strict=True)
        if each.change == "adjusted"
    ]
    fresh = rows[[each.change == "new" for each in meant]]
    counts = importing.upsert(
        tx, "hazard", fresh.assign(exercise=exercise, declared_by=tx.scope.user_id)
    )
    for row in hazard.count_inside(tx, where, fresh["source_key"].tolist()):
        event.record(
            tx,
            "hazard.declared",
            area_code=where,
            subject_id=row["id"],
            payload={"kind": row["kind"], "severity": row["severity"], "exercise": exercise},
        )
    for subject_id, payload in adjusted:
        event.record(tx, "hazard.adjusted", area_code=where, subject_id=subject_id, payload=payload)
    return counts + Counts(0, len(adjusted), len(rows) - len(fresh) - len(adjusted))


def seen(
    tx: Transaction,
    rows: pd.DataFrame,
    meant: Sequence[Meant],
    frame: gpd.GeoDataFrame,
    *,
    raster: bool,
) -> dict[str, Any]:
    """Say what the hazards of a file come to, for who looks at it before it is taken.

    Returns
    -------
    dict
        `hazards`: of each `name`, `kind`, `severity`, `change` (as `Meant`), `area_m2`,
        `households`, `people` and its outline as GeoJSON; of many, those that change something
        first, then the largest, and `more` counts the rest. `lifted` counts those that are not
        declared again. Of a raster also `raster`: `cells` taken, `nodata` (without data), `epsg`
        it said itself.
    """
    # who lives in each is counted for those that are shown alone
    idle = [each.change in ("unchanged", "lifted") for each in meant]
    sizes = [shape.area for shape in rows["geom"]]
    order = sorted(range(len(rows)), key=lambda at: (idle[at], -sizes[at]))[:_SHOWN]
    records = _records(rows.iloc[order])
    found = hazard.touched(tx, [row["geom"].wkb for row in records])
    listed = [
        {
            "name": row["name"],
            "kind": row["kind"],
            "severity": _word(row["severity"]),
            "change": meant[at].change,
            **{name: told[name] for name in ("area_m2", "households", "people")},
            "geometry": json.loads(told["geometry"]),
        }
        for at, row, told in zip(order, records, found, strict=True)
    ]
    listed.sort(key=lambda each: -each["households"])
    told: dict[str, Any] = {
        "hazards": listed,
        "more": len(rows) - len(listed),
        "lifted": sum(each.change == "lifted" for each in meant),
    }
    if raster:
        told["raster"] = {
            "cells": int(frame["cells"].sum()),
            "nodata": int(frame["nodata"].iloc[0]),
            "epsg": int(frame["epsg"].iloc[0]),
        }
    return told


def _adjust(
    tx: Transaction, row: Mapping[str, Any], found: Meant, where: str, exercise: bool
) -> tuple[int, dict[str, Any]]:
    before = found.before
    assert before is not None
    history.keep(tx, before["id"])
    blocked = before["blocked_wkb"]
    done = history.change(
        tx,
        before["id"],
        area_code=where,
        severity=_word(row["severity"]),
        ends_at=before["ends_at"],
        note=_word(row["note"]) if "note" in row else before["note"],
        reason=_REASON,
        wkb=row["geom"].wkb,
        blocked_wkb=None if blocked is None else bytes(blocked),
    )
    return int(before["id"]), {
        "revision": done["revision"],
        "changed": list(found.differs),
        "severity": _word(row["severity"]),
        "households": done["households"],
        "households_before": before["households"],
        "exercise": exercise,
    }


def _changed(before: Row, row: Mapping[str, Any]) -> list[str]:
    differs = {
        "geometry": not from_wkb(bytes(before["wkb"])).equals(row["geom"]),
        "severity": before["severity"] != _word(row["severity"]),
        "note": "note" in row and before["note"] != _word(row["note"]),
    }
    return [name for name, different in differs.items() if different]


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in rows.columns]
    each = rows.itertuples(index=False, name=None)
    return [dict(zip(names, row, strict=True)) for row in each]


def _word(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
