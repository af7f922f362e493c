"""Who is fetched, by which vehicle on which tour; who is not, why, and what would fetch them."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geodata import evacuation, pickups
from geodata.evacuation_options import ACCESSIBLE_NEEDS
from geodata.network import Network
from gridmap.model.plan_options import PlanOptions
from gridmap.services.plan_inputs import Inputs

_DAY = 86_400.0


def fetched(
    inputs: Inputs, streets: Network, made: evacuation.Draft, options: PlanOptions
) -> tuple[dict[str, Any], pd.DataFrame | None]:
    """Make tours for those who cannot walk and have a shelter, within the time there is.

    Returns
    -------
    part, stops
        What is kept with the plan; and one row for each household, as the table `plan_stop` wants
        it. Nothing where nobody has to be fetched.
    """
    served = made.assignments.index
    rows = served[inputs.households["needs_vehicle"].reindex(served).fillna(False).astype(bool)]
    if rows.empty:
        return {}, None
    waiting = inputs.households.loc[rows]
    seated = [name for name in ACCESSIBLE_NEEDS if name in waiting.columns]
    chairs = waiting[seated].sum(axis=1) if seated else pd.Series(0, index=waiting.index)
    waiting = waiting.assign(
        wheelchairs=np.minimum(chairs, waiting["people"]).astype("int64"),
        seats=(waiting["people"] - np.minimum(chairs, waiting["people"])).astype("int64"),
    )[["people", "seats", "wheelchairs", "geometry"]]
    found = pickups.tours(
        streets,
        waiting,
        inputs.shelters,
        made.assignments["shelter"].loc[rows],
        inputs.vehicles[["seats", "wheelchairs", "ready_s", "geometry"]],
        inputs.shape,
        blocked=inputs.blocked,
        options=pickups.Options(clear_by_seconds=_clear_by(options)),
    )
    nowhere = inputs.households.loc[made.unserved.index]
    nowhere = nowhere[nowhere["needs_vehicle"].fillna(False).astype(bool)]
    part = {
        "vehicles": {str(label): str(name) for label, name in inputs.vehicles["name"].items()},
        "households": len(rows),
        "people": int(waiting["people"].sum()),
        "tours": _tours(inputs, found),
        "left": {
            str(reason): {"households": len(group), "people": int(group["people"].sum())}
            for reason, group in found.left.groupby("reason")
        },
        # without a place there is nowhere to drive them to
        "nowhere": {"households": len(nowhere), "people": int(nowhere["people"].sum())},
        "remedies": [
            {
                "kind": str(row["kind"]),
                "place": _place(inputs, row),
                "count": int(row["count"]),
                "seats": int(row["seats"]),
                "wheelchairs": int(row["wheelchairs"]),
                "seconds": None if pd.isna(row["seconds"]) else float(row["seconds"]),
                "households": int(row["households"]),
                "people": int(row["people"]),
            }
            for row in found.remedies.astype(object)
            .where(found.remedies.notna(), 0)
            .to_dict("records")
        ],
    }
    return part, _stops(inputs, found)


def _clear_by(options: PlanOptions) -> float | None:
    """Give until when the last one must be at a shelter; tours take no longer than a day."""
    minutes = options.deadline_minutes
    return None if minutes is None else min(minutes * 60.0, _DAY)


def _place(inputs: Inputs, row: Mapping[Hashable, Any]) -> str | None:
    """Name where a vehicle more would stand."""
    frames = {"vehicle": inputs.vehicles, "shelter": inputs.shelters}
    if row["place"] not in frames:
        return None
    name = frames[row["place"]].at[row["at"], "name"]
    return None if pd.isna(name) else str(name)


def _tours(inputs: Inputs, found: pickups.Tours) -> list[dict[str, Any]]:
    return [
        {
            "vehicle": int(row["vehicle"]),
            "tour": int(row["tour"]),
            "shelter": str(inputs.shelters.at[row["shelter"], "name"]),
            "start": float(row["start_s"]),
            "arrive": float(row["arrive_s"]),
            "metres": round(float(row["metres"])),
            "households": int(row["households"]),
            "people": int(row["people"]),
            "geometry": shapely.geometry.mapping(shapely.set_precision(line, 1e-6)),
        }
        for row, line in zip(
            found.tours.drop(columns="geometry").to_dict("records"),
            found.tours.geometry,
            strict=True,
        )
    ]


def _stops(inputs: Inputs, found: pickups.Tours) -> pd.DataFrame:
    stops = found.stops.set_index("household")
    rows = pd.DataFrame(
        {
            "vehicle": stops["vehicle"].astype("Int64"),
            "tour": stops["tour"].astype("Int64"),
            "position": stops["order"].astype("Int64"),
            "arrives_seconds": stops["arrive_s"].astype(float),
            "load": (stops["seats"] + stops["wheelchairs"]).astype("Int64"),
            "reason": pd.Series(None, index=stops.index, dtype=object),
        },
        index=stops.index,
    )
    left = pd.DataFrame({"reason": found.left["reason"].astype(object)}, index=found.left.index)
    both = rows if left.empty else pd.concat([rows, left]) if len(rows) else left
    for column in ("vehicle", "tour", "position", "load"):
        if column in both:
            both[column] = both[column].astype("Int64")
    both.insert(0, "area_code", inputs.households.loc[both.index, "area_code"])
    return both
