"""Who is fetched, by which vehicle on which tour; who is not, why, and what would fetch them."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import shapely

from geodata import evacuation, pickups
from gridmap.services.plan_inputs import Inputs
from gridmap.services.plan_riders import Riders


def fetched(
    inputs: Inputs, made: evacuation.Draft, riders: Riders
) -> tuple[dict[str, Any], pd.DataFrame | None]:
    """Write down the tours, and who is left.

    Returns
    -------
    part, stops
        What is kept with the plan; and one row for each household, as the table `plan_stop` wants
        it. Nothing where nobody has to be fetched.
    """
    found, modes = riders.tours, riders.modes
    if found is None:
        return {}, None
    rides = modes.index[modes["mode"] != "walk"]
    stops = _stops(inputs, found, riders.together, rides)
    if stops.empty:
        return {}, None
    people = inputs.households["people"]
    nowhere = inputs.households.loc[made.unserved.index]
    nowhere = nowhere[nowhere["needs_vehicle"].fillna(False).astype(bool)]
    left = stops[stops["reason"].notna()] if "reason" in stops else stops[:0]
    part = {
        "vehicles": {str(label): str(name) for label, name in inputs.vehicles["name"].items()},
        "off_duty": inputs.off_duty,
        "households": len(stops),
        "people": int(people.loc[stops.index].sum()),
        "tours": _tours(inputs, found, stops),
        "left": {
            str(reason): {"households": len(group), "people": int(people.loc[group.index].sum())}
            for reason, group in left.groupby("reason")
        },
        # without a place there is nowhere to drive them to
        "nowhere": {"households": len(nowhere), "people": int(nowhere["people"].sum())},
        "remedies": [_remedy(inputs, row) for row in _records(found.remedies)],
    }
    return part, stops


def _records(found: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return found.astype(object).where(found.notna(), 0).to_dict("records")


def _remedy(inputs: Inputs, row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {
        "kind": str(row["kind"]),
        "place": _place(inputs, row),
        "count": int(row["count"]),
        "seats": int(row["seats"]),
        "wheelchairs": int(row["wheelchairs"]),
        "seconds": None if pd.isna(row["seconds"]) else float(row["seconds"]),
        "households": int(row["households"]),
        "people": int(row["people"]),
    }


def _place(inputs: Inputs, row: Mapping[Hashable, Any]) -> str | None:
    """Name where a vehicle more would stand."""
    frames = {"vehicle": inputs.vehicles, "shelter": inputs.shelters}
    if row["place"] not in frames:
        return None
    name = frames[row["place"]].at[row["at"], "name"]
    return None if pd.isna(name) else str(name)


def _tours(inputs: Inputs, found: pickups.Tours, stops: pd.DataFrame) -> list[dict[str, Any]]:
    # one stop at an assembly point is that of several households
    homes = stops.groupby(["vehicle", "tour"]).size()
    return [
        {
            "vehicle": int(row["vehicle"]),
            "tour": int(row["tour"]),
            "shelter": str(inputs.shelters.at[row["shelter"], "name"]),
            "start": float(row["start_s"]),
            "arrive": float(row["arrive_s"]),
            "metres": round(float(row["metres"])),
            "households": int(homes[row["vehicle"], row["tour"]]),
            "people": int(row["people"]),
            "geometry": shapely.geometry.mapping(shapely.set_precision(line, 1e-6)),
        }
        for row, line in zip(
            found.tours.drop(columns="geometry").to_dict("records"),
            found.tours.geometry,
            strict=True,
        )
    ]


def _stops(
    inputs: Inputs, found: pickups.Tours, together: pd.DataFrame, rides: pd.Index
) -> pd.DataFrame:
    """Give one row a household: that of its stop, at its door or where several meet."""
    at = found.stops.set_index("household")
    gone = found.left["reason"].astype(object)
    own = pd.Series(rides, index=rides, dtype=object)
    if len(together):
        own.loc[together["household"]] = together.index
    stops = at.reindex(pd.Index(own))
    rows = pd.DataFrame(
        {
            "vehicle": stops["vehicle"].astype("Int64").array,
            "tour": stops["tour"].astype("Int64").array,
            "position": stops["order"].astype("Int64").array,
            "arrives_seconds": stops["arrive_s"].astype("Float64").astype(float).array,
            "load": (stops["seats"] + stops["wheelchairs"]).astype("Int64").array,
            "reason": gone.reindex(pd.Index(own)).astype(object).array,
        },
        index=rides,
    )
    rows.insert(0, "area_code", inputs.households.loc[rides, "area_code"])
    order = rows.sort_values(["vehicle", "tour", "position"], kind="stable", na_position="last")
    order["reason"] = order["reason"].where(order["reason"].notna(), None)
    return order
