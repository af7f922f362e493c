"""What of a plan survives the failure of one street or shelter, as its page and sheets say it."""

from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import evacuation
from gridmap.services.plan_inputs import Inputs

_STREETS = 60  # listed, those whose loss leaves most people without a place first
_ROWS = 400


def robust_part(inputs: Inputs, made: evacuation.Draft) -> dict[str, Any]:
    """Give who is not safe, by grid and by what must not fail, and the streets many hang on.

    Returns
    -------
    part
        `left`: rows of `grid`, `fails` (`road` or `shelter`), `name` (of either, None without
        one), `reason`, `households`, `people`; `streets`: `name`, `bridge`, `households` and
        `people` who hang on it, `not_people` who would find no place, `geometry`. How many more
        there are of each is in `left_more` and `streets_more`. Empty if nothing was asked for.
    """
    if "robust" not in made.totals:
        return {}
    left, streets = _left(inputs, made), made.critical_streets
    shown = streets.head(_STREETS)
    lines = gpd.GeoDataFrame(shown).to_crs("EPSG:4326").geometry if len(shown) else []
    return {
        "left": left[:_ROWS],
        "left_more": max(len(left) - _ROWS, 0),
        "streets": [
            {
                "name": row["name"] if isinstance(row["name"], str) else None,
                "bridge": bool(row["bridge"]),
                "households": int(row["households"]),
                "people": int(row["people"]),
                "not_people": int(row["not_people"]),
                "geometry": _drawn(line),
            }
            for row, line in zip(_records(shown), lines, strict=True)
        ],
        "streets_more": max(len(streets) - _STREETS, 0),
    }


def _left(inputs: Inputs, made: evacuation.Draft) -> list[dict[str, Any]]:
    found = made.not_robust
    if found.empty:
        return []
    names = inputs.shelters["name"].reindex(found["shelter"]).to_numpy()
    by_road = found["fails"].eq("road").to_numpy()
    rows = pd.DataFrame(
        {
            "grid": inputs.households["area_code"].reindex(found.index).to_numpy(),
            "fails": found["fails"].to_numpy(),
            # streets without a name are told apart by their label
            "what": found["road"].astype(str).where(by_road, names),
            "name": found["name"].where(by_road, names).astype(object),
            "reason": found["reason"].to_numpy(),
            "people": inputs.households["people"].reindex(found.index).to_numpy(),
        }
    )
    groups = rows.groupby(["grid", "fails", "what", "reason"], sort=True)
    listed = [
        {
            "grid": key[0],
            "fails": key[1],
            "name": str(one["name"].iloc[0]) if pd.notna(one["name"].iloc[0]) else None,
            "reason": key[3],
            "households": len(one),
            "people": int(one["people"].sum()),
        }
        for key, one in groups
    ]
    return sorted(listed, key=lambda row: (-int(str(row["people"])), str(row["grid"])))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    if frame.empty:
        return []
    rows = frame.drop(columns="geometry").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _drawn(line: Any) -> dict[str, Any]:
    parts = line.geoms if hasattr(line, "geoms") else [line]
    return {
        "type": "MultiLineString",
        "coordinates": [[[round(x, 6), round(y, 6)] for x, y, *_ in one.coords] for one in parts],
    }
