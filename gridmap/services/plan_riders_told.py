"""Who was told how they get to the shelter: by a plan made once more they get there so again."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.services.plan_assembly import Meeting
from gridmap.services.plan_inputs import Inputs


@dataclass(frozen=True)
class Told:
    """What those know who were told.

    Attributes
    ----------
    walk
        Who walks all the way.
    ride
        On who is fetched: the vehicle they know of, <NA> for one of those not at hand.
    meet
        On who is fetched at the point at which they still meet: `stop` (those who get in
        together), `vehicle`, `point`, `seconds` of the walk there.
    """

    walk: pd.Index
    ride: "pd.Series[int]"
    meet: pd.DataFrame

    def stops(
        self, asked: gpd.GeoDataFrame, meeting: Meeting, shelter: "pd.Series[int]"
    ) -> tuple[gpd.GeoDataFrame, "pd.Series[int]", pd.DataFrame]:
        """Give one stop at a point for each load of those who are fetched there.

        Parameters
        ----------
        asked
            Them as tours are made for households: `people`, `seats`, `wheelchairs`.

        Returns
        -------
        stops, shelter, together
            On labels of their own: rows as those of households with `ready_s` (when the last of
            them is there) and `vehicle`; where they are driven; and, one row a household,
            `household`, `point`, `seconds`.
        """
        rows, places, to, members = [], [], {}, []
        mine = self.meet.assign(shelter=shelter.reindex(self.meet.index))
        for number, (_stop, load) in enumerate(mine.groupby(["stop", "shelter", "point"]), start=1):
            label = f"told {number}"
            sums = asked.loc[load.index, ["people", "seats", "wheelchairs"]].sum()
            ready = float(np.ceil(load["seconds"].max()))
            vehicle = load["vehicle"].iloc[0]
            rows.append({**sums.to_dict(), "ready_s": ready, "vehicle": vehicle})
            places.append(meeting.points.geometry[load["point"].iloc[0]])
            to[label] = load["shelter"].iloc[0]
            members.append(
                pd.DataFrame(
                    {"household": load.index, "point": load["point"], "seconds": load["seconds"]}
                ).set_axis(pd.Index([label] * len(load)))
            )
        columns = ["people", "seats", "wheelchairs", "ready_s", "vehicle"]
        frame = pd.DataFrame(rows, columns=columns, index=pd.Index(list(to), dtype=object))
        stops = gpd.GeoDataFrame(frame, geometry=places, crs=asked.crs)
        return stops, pd.Series(to, dtype=object), _joined(members)


def nothing() -> Told:
    """Give what is known where nobody was told anything."""
    empty = pd.Index([], dtype="int64")
    return Told(
        empty,
        pd.Series(dtype="Int64", index=empty),
        pd.DataFrame(columns=["stop", "vehicle", "point", "seconds"], index=empty),
    )


def known(
    inputs: Inputs,
    meeting: Meeting,
    served: pd.Index,
    placed: gpd.GeoDataFrame,
    told: frozenset[int],
) -> Told:
    """Say what those who were told know of how they get there, as far as it can still be.

    Who cannot walk any more is fetched, whatever they were told. Who was to meet at a point that
    is no more is fetched at the door.

    Parameters
    ----------
    served
        Who has a place now.
    placed
        On the households of the plan before: `travel`, `vehicle`, `stop`, `assembly`.
    """
    rows = placed[placed.index.isin(sorted(told)) & placed.index.isin(served)]
    cannot = inputs.households["needs_vehicle"].reindex(rows.index).fillna(False).astype(bool)
    rides = rows["vehicle"].notna()
    walk = rows.index[((rows["travel"] == "walk") & ~cannot).to_numpy()]
    at = meeting.at.reindex(rows.index)
    there = (at["point"].astype("Int64") == rows["assembly"].astype("Int64")).fillna(False)
    loads = rows["vehicle"].isin(inputs.vehicles.index)
    meets = (rows["travel"] == "walk_then_vehicle") & rides & loads & ~cannot & there.astype(bool)
    meets &= _room(inputs, rows, meets)
    meet = rows[["stop", "vehicle"]].assign(point=at["point"], seconds=at["seconds"])
    meet = meet[meets.to_numpy(dtype=bool)]
    ride = rows.loc[(rides & ~meets).to_numpy(), "vehicle"].astype("Int64")
    return Told(walk, ride, meet)


def _room(inputs: Inputs, rows: pd.DataFrame, meets: "pd.Series[bool]") -> "pd.Series[bool]":
    """Tell who is of a load that its vehicle still takes."""
    mine = rows[meets.to_numpy()]
    people = inputs.households["people"].reindex(mine.index)
    load = people.groupby(mine["stop"]).transform("sum")
    seats = mine["vehicle"].map(inputs.vehicles["seats"])
    fits: pd.Series[bool] = (load <= seats).reindex(rows.index, fill_value=False).astype(bool)
    return fits


def _joined(members: list[pd.DataFrame]) -> pd.DataFrame:
    if members:
        return pd.concat(members)
    return pd.DataFrame({"household": [], "point": [], "seconds": []})
