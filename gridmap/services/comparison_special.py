"""Special grids of two drawings side by side: which are new, changed or gone; nobody moves."""

import json
from typing import Any

from gridmap.services.comparisons import Pair, Side, label
from gridmap.store.database import Row


def changes(found: Pair) -> list[dict[str, Any]]:
    """Say which special grids are new, changed or gone, with what they were and are."""
    made = []
    for key in sorted({*found.before.special, *found.after.special}):
        old, new = found.before.special.get(key), found.after.special.get(key)
        status = _status(old, new)
        if status == "unchanged":
            continue
        made.append(
            {
                "key": key,
                "label": label(found.after if new else found.before, key),
                "status": status,
                "redrawn": bool(old and new and old["ground"] != new["ground"]),
                "before": _told(old),
                "after": _told(new),
                **(_told(new) or _told(old) or {}),
            }
        )
    return made


def features(found: Pair, *, before: bool) -> dict[str, Any]:
    """Give the special grids of one drawing for a map, with what becomes of each."""
    side = found.before if before else found.after
    return {
        "type": "FeatureCollection",
        "features": [_feature(found, side, key, row) for key, row in sorted(side.special.items())],
    }


def _feature(found: Pair, side: Side, key: str, row: Row) -> dict[str, Any]:
    status = _status(found.before.special.get(key), found.after.special.get(key))
    return {
        "type": "Feature",
        "id": key,
        "geometry": json.loads(row["geojson"]),
        "properties": {
            "key": key,
            "label": label(side, key),
            "status": status,
            "name": row["name"],
            "special_use": row["special_use"],
            "label_point": [round(row["lon"], 6), round(row["lat"], 6)],
        },
    }


def _status(old: Row | None, new: Row | None) -> str:
    if old is None:
        return "new"
    if new is None:
        return "ended"
    same = all(old[name] == new[name] for name in ("name", "special_use", "ground"))
    return "unchanged" if same else "changed"


def _told(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: row[name] for name in ("name", "special_use", "households", "area_m2")}
