"""What is shown of two drawings side by side: grids, moves, members, shapes."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import shapely

from gridmap.services import comparison_special
from gridmap.services.comparisons import Pair, Side, label

_PLACES = 7  # decimals of degrees that are sent: a centimetre


def described(found: Pair, *, needs: int | None = None) -> dict[str, Any]:
    """Give everything a page shows of a pair but people."""
    return {
        "area": found.area,
        "before": _about(found.before),
        "after": _about(found.after),
        "totals": {**found.found.totals, "with_needs": needs},
        "grids": rows(found),
        "moves": moves(found),
        "members": members(found),
        "special": comparison_special.changes(found),
        "before_grids": _features(found, before=True),
        "after_grids": _features(found, before=False),
        "before_special": comparison_special.features(found, before=True),
        "after_special": comparison_special.features(found, before=False),
        "pieces": _pieces(found),
    }


def _about(side: Side) -> dict[str, Any]:
    return {
        "kind": side.kind,
        "scenario": side.scenario,
        "name": side.name,
        "version": side.version,
        "day": side.day.isoformat(),
        "grids": len(side.grids),
    }


def rows(found: Pair) -> list[dict[str, Any]]:
    """Give one row a grid, what changes most first, with the measures of both drawings."""
    made = []
    for row in found.found.grids.to_dict("records"):
        old, new = row["before"], row["after"]
        made.append(
            {
                "key": new or old,
                "status": row["status"],
                "label": label(found.after, new) or label(found.before, old),
                "label_before": label(found.before, old),
                "name_before": row["name_before"],
                "name_after": row["name_after"],
                "gained": row["gained"],
                "lost": row["lost"],
                "area_m2": row["area_m2"],
                "before": _measured(found.before, old, row, "before"),
                "after": _measured(found.after, new, row, "after"),
            }
        )
    return made


def _measured(side: Side, key: str | None, row: Mapping[Any, Any], end: str) -> Any:
    if key is None:
        return None
    stored = side.grids.loc[key]
    return {
        "households": row[f"households_{end}"],
        "people": row[f"people_{end}"],
        "members": list(side.members.get(key, ())),
        **{
            name: None if pd.isna(stored[name]) else round(float(stored[name]), 4)
            for name in ("deviation", "polsby_popper", "along_roads")
        },
    }


def moves(found: Pair) -> list[dict[str, Any]]:
    """Say how many households go from which grid to which, the most first."""
    return [
        {
            "piece": number,
            "source": label(found.before, row["source"]),
            "target": label(found.after, row["target"]),
            "households": int(row["households"]),
            "people": int(row["people"]),
            "area_m2": float(row["area_m2"]),
        }
        for number, row in enumerate(found.found.pieces.to_dict("records"))
    ]


def members(found: Pair) -> list[dict[str, Any]]:
    """Say whose households become more or fewer, and who gets or loses a grid."""
    known: dict[str, dict[str, Any]] = {}
    for row in rows(found):
        for end in ("before", "after"):
            side = row[end]
            for name in (side or {}).get("members", ()):
                person = known.setdefault(
                    name, {"name": name, "before": 0, "after": 0, "grids": set(), "touched": False}
                )
                person[end] += side["households"]
                person["grids"].add(row["label"])
                person["touched"] |= row["status"] in ("changed", "new", "ended")
    touched = [each for each in known.values() if each.pop("touched")]
    return [
        {**each, "grids": sorted(each["grids"])}
        for each in sorted(
            touched, key=lambda one: (-abs(one["after"] - one["before"]), one["name"])
        )
    ]


def _features(found: Pair, *, before: bool) -> dict[str, Any]:
    side = found.before if before else found.after
    status = {
        row["before" if before else "after"]: row["status"]
        for row in found.found.grids.to_dict("records")
    }
    counts = {
        row["before" if before else "after"]: row[f"households_{'before' if before else 'after'}"]
        for row in found.found.grids.to_dict("records")
    }
    features = [
        {
            "type": "Feature",
            "id": key,
            "geometry": _geometry(shape),
            "properties": {
                "code": key,
                "label": label(side, str(key)),
                "status": status.get(key),
                "households": counts.get(key),
                "deviation": None if pd.isna(deviation) else round(float(deviation), 4),
                "label_point": [round(lon, 6), round(lat, 6)],
            },
        }
        for key, shape, deviation, lon, lat in zip(
            side.grids.index,
            side.grids.geometry,
            side.grids["deviation"],
            side.grids["lon"],
            side.grids["lat"],
            strict=True,
        )
    ]
    return {"type": "FeatureCollection", "features": features}


def _pieces(found: Pair) -> dict[str, Any]:
    features = []
    for move, shape in zip(moves(found), found.found.pieces.geometry, strict=True):
        point = shapely.point_on_surface(shape)
        spot = [round(point.x, 6), round(point.y, 6)]
        features.append(
            {
                "type": "Feature",
                "id": move["piece"],
                "geometry": _geometry(shape),
                "properties": {**move, "label_point": spot},
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _geometry(shape: Any) -> Any:
    return json.loads(shapely.to_geojson(shapely.set_precision(shape, 10**-_PLACES)))
