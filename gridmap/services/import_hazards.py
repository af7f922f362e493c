"""Hazards of a file: a new one is declared, one that differs is adjusted, what it was is kept."""

import json
from typing import Any

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


def save(tx: Transaction, rows: pd.DataFrame, where: str, *, exercise: bool) -> Counts:
    """Bring hazards in; the same file twice changes nothing, and a lifted one stays as it was.

    Raises
    ------
    GeodataError
        For one that is here as real and comes as an exercise, or the other way round.
    """
    known = hazard.keys(tx, where)
    here = rows["source_key"].isin(known)
    adjusted = [
        done
        for index, row in rows[here].iterrows()
        if (done := _adjust(tx, row, index, where, exercise)) is not None
    ]
    fresh = rows[~here].assign(exercise=exercise, declared_by=tx.scope.user_id)
    counts = importing.upsert(tx, "hazard", fresh)
    declared = hazard.count_inside(tx, where, fresh["source_key"].tolist())
    for row in declared:
        event.record(
            tx,
            "hazard.declared",
            area_code=where,
            subject_id=row["id"],
            payload={"kind": row["kind"], "severity": row["severity"], "exercise": exercise},
        )
    for subject_id, payload in adjusted:
        event.record(tx, "hazard.adjusted", area_code=where, subject_id=subject_id, payload=payload)
    return counts + Counts(0, len(adjusted), int(here.sum()) - len(adjusted))


def seen(
    tx: Transaction, rows: pd.DataFrame, frame: gpd.GeoDataFrame, *, raster: bool
) -> dict[str, Any]:
    """Say what the hazards of a file come to, for who looks at it before it is taken.

    Returns
    -------
    dict
        `hazards`: of each `name`, `kind`, `severity`, `area_m2`, `households`, `people` and its
        outline as GeoJSON; of many, the largest by households, and `more` counts the rest. Of a
        raster also `raster`: `cells` taken, `nodata` (without data), `epsg` it said itself.
    """
    outlines = [shape.wkb for shape in rows["geom"]]
    found = hazard.touched(tx, outlines)
    listed = [
        {
            "name": row["name"],
            "kind": row["kind"],
            "severity": _word(row["severity"]),
            **{name: told[name] for name in ("area_m2", "households", "people")},
            "geometry": json.loads(told["geometry"]),
        }
        for row, told in zip(rows.to_dict("records"), found, strict=True)
    ]
    listed.sort(key=lambda each: -each["households"])
    told: dict[str, Any] = {"hazards": listed[:_SHOWN], "more": max(0, len(listed) - _SHOWN)}
    if raster:
        told["raster"] = {
            "cells": int(frame["cells"].sum()),
            "nodata": int(frame["nodata"].iloc[0]),
            "epsg": int(frame["epsg"].iloc[0]),
        }
    return told


def _adjust(
    tx: Transaction, row: "pd.Series[Any]", index: Any, where: str, exercise: bool
) -> tuple[int, dict[str, Any]] | None:
    before = hazard.of_file(tx, where, row["source_key"])
    if bool(before["exercise"]) != exercise:
        words = "an exercise stays one, and so does what is real: give it another key"
        raise GeodataError([Fault(words, index)])
    changed = _changed(before, row)
    if before["state"] != "declared" or not changed:
        return None
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
        "changed": changed,
        "severity": _word(row["severity"]),
        "households": done["households"],
        "households_before": before["households"],
        "exercise": exercise,
    }


def _changed(before: Row, row: "pd.Series[Any]") -> list[str]:
    differs = {
        "geometry": not from_wkb(bytes(before["wkb"])).equals(row["geom"]),
        "severity": before["severity"] != _word(row["severity"]),
        "note": "note" in row and before["note"] != _word(row["note"]),
    }
    return [name for name, different in differs.items() if different]


def _word(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
