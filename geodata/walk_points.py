"""Those who walk first, gathered: one stop at a point for as many as fit into a vehicle."""

from dataclasses import dataclass
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import assembly
from geodata.evacuation_inputs import Areas
from geodata.network import Network


class Walked(Protocol):
    """What is asked of the ground."""

    @property
    def foot(self) -> Network:
        """The streets on foot."""

    @property
    def vehicles(self) -> gpd.GeoDataFrame:
        """The vehicles."""

    @property
    def hazard(self) -> Areas:
        """What is left."""

    @property
    def blocked(self) -> Areas | None:
        """What is closed."""

    @property
    def shelter(self) -> "pd.Series[int]":
        """Who goes where."""


@dataclass(frozen=True)
class Gathered:
    """Stops at points.

    Attributes
    ----------
    stops
        Rows like households: `people`, `wheelchairs`, `ready_s` (the last one there), Point; on
        labels `point NAME NUMBER`.
    shelter
        On the same labels.
    together
        On the same labels, one row per household: `household`, `point`, `seconds` of its walk.
    """

    stops: gpd.GeoDataFrame
    shelter: "pd.Series[int]"
    together: pd.DataFrame


def gathered(
    ground: Walked, riding: gpd.GeoDataFrame, points: gpd.GeoDataFrame, walk_seconds: float
) -> Gathered:
    """Gather households by the point they can walk to, and by shelter.

    Parameters
    ----------
    ground
        Streets, vehicles, hazard.
    riding
        Households that can walk and are to be driven.
    points
        Assembly points.
    walk_seconds
        Longest walk to one.
    """
    crs = riding.crs
    walks = assembly.points(
        ground.foot,
        riding,
        points,
        ground.hazard,
        blocked=ground.blocked,
        options=assembly.Options(walk_seconds=walk_seconds),
    ).assignment
    walks = walks[walks["point"].notna()]
    most = int(ground.vehicles["seats"].max()) if len(ground.vehicles) else 0
    ready = riding["ready_s"].fillna(0) if "ready_s" in riding else pd.Series(0.0, riding.index)
    at = points.geometry.to_crs(crs)
    rows: list[dict[str, object]] = []
    shelter: list[object] = []
    members: list[tuple[str, object, object, float]] = []
    mine = walks.assign(shelter=ground.shelter.reindex(walks.index)).dropna(subset="shelter")
    for (point, to), group in mine.groupby(["point", "shelter"], sort=True):
        for here in _filled(riding.loc[group.index], most):
            chunk = pd.Index(here)
            label = f"point {point} {len(rows) + 1}"
            last = (ready[chunk] + walks["seconds"][chunk]).max()
            chairs = riding["wheelchairs"][chunk].sum() if "wheelchairs" in riding else 0
            rows.append(
                {
                    "label": label,
                    "people": int(riding["people"][chunk].sum()),
                    "wheelchairs": int(chairs),
                    "ready_s": float(np.ceil(last)),
                    "geometry": at[point],
                }
            )
            shelter.append(to)
            members += [(label, one, point, float(walks["seconds"][one])) for one in chunk]
    labels = [str(row["label"]) for row in rows]
    frame = pd.DataFrame(rows, columns=["label", "people", "wheelchairs", "ready_s", "geometry"])
    stops = gpd.GeoDataFrame(frame.set_index("label"), geometry="geometry", crs=crs)
    together = pd.DataFrame(members, columns=["stop", "household", "point", "seconds"])
    return Gathered(stops, pd.Series(shelter, index=labels), together.set_index("stop"))


def _filled(homes: gpd.GeoDataFrame, most: int) -> list[list[object]]:
    """Share households out to loads of a vehicle, in order; larger ones than that stay at home."""
    chunks: list[list[object]] = []
    load = most + 1
    for label, people in homes["people"].items():
        if people > most:
            continue
        if load + people > most:
            chunks.append([])
            load = 0
        chunks[-1].append(label)
        load += int(people)
    return chunks
