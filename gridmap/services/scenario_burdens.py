"""What the grids of a scenario ask of their members, and what their borders cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.arcs import scale
from geodata.grid_burdens import MAIN_ROADS, Barrier, counted, cut_by, round_metres
from gridmap.store import scenario_burden
from gridmap.store.database import Transaction
from gridmap.store.scenario_building import Box


def _nothing() -> Any:
    return np.empty(0, dtype=object)


@dataclass(frozen=True)
class Burdens:
    """What lies in and around some grids.

    Attributes
    ----------
    visits, incidents
        Points: households whose visit is due, incidents of the last year.
    hazards
        Shapes of what is declared.
    water
        Frame with `name`.
    """

    visits: Any = field(default_factory=_nothing)
    incidents: Any = field(default_factory=_nothing)
    hazards: Any = field(default_factory=_nothing)
    water: gpd.GeoDataFrame | None = None


def read(tx: Transaction, box: Box) -> Burdens:
    """Read what lies in a box."""
    return Burdens(
        visits=scenario_burden.visits_due(tx, box),
        incidents=scenario_burden.incidents_of_the_year(tx, box),
        hazards=scenario_burden.hazards(tx, box),
        water=scenario_burden.water(tx, box),
    )


def measured(
    shapes: Mapping[str, Any],
    homes: Mapping[str, Any],
    burdens: Burdens,
    roads: gpd.GeoDataFrame,
) -> dict[str, dict[str, Any]]:
    """Measure what some grids ask of their members.

    Parameters
    ----------
    shapes
        Areas in degrees, by key.
    homes
        Points of the households in each, by key.

    Returns
    -------
    dict
        By key: `visits_due`, `incidents_year`, `hazards`, `doors`, `round_metres`, `cut_by`.
    """
    keys = list(shapes)
    areas = np.array([shapes[key] for key in keys], dtype=object)
    factor = scale(shapely.get_coordinates(areas), roads.crs)
    barriers = _barriers(roads, burdens.water)
    lines = np.array([barrier.line for barrier in barriers], dtype=object)
    near = _near(areas, lines)
    visits, incidents = (counted(points, areas) for points in (burdens.visits, burdens.incidents))
    hazards = _meeting(burdens.hazards, areas)
    found = {}
    for number, key in enumerate(keys):
        shape = _metric(areas[number], factor)
        doors = len(np.unique(shapely.get_coordinates(homes[key]), axis=0))
        found[key] = {
            "visits_due": int(visits[number]),
            "incidents_year": int(incidents[number]),
            "hazards": int(hazards[number]),
            "doors": doors,
            "round_metres": round_metres(doors, float(shapely.area(shape))),
            "cut_by": cut_by(
                shape,
                [
                    Barrier(barriers[n].kind, barriers[n].name, _metric(barriers[n].line, factor))
                    for n in near[number]
                ],
                _metric(homes[key], factor),
            ),
        }
    return found


def _metric(shapes: Any, factor: Any) -> Any:
    return shapely.transform(shapes, lambda points: points * factor)


def _barriers(roads: gpd.GeoDataFrame, water: gpd.GeoDataFrame | None) -> list[Barrier]:
    main = roads["highway"].isin(MAIN_ROADS).to_numpy(dtype=bool)
    if "tunnel" in roads:
        main = main & ~roads["tunnel"].fillna(False).to_numpy(dtype=bool)
    found = [
        Barrier("main_road", _name(name), line)
        for name, line in zip(_names(roads)[main], roads.geometry.to_numpy()[main], strict=True)
    ]
    if water is not None:
        for name, shape in zip(_names(water), water.geometry.to_numpy(), strict=True):
            line = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
            found.append(Barrier("water", _name(name), line))
    return found


def _names(frame: gpd.GeoDataFrame) -> Any:
    if "name" in frame:
        return frame["name"].to_numpy(dtype=object)
    return np.full(len(frame), None, dtype=object)


def _name(value: Any) -> str | None:
    return None if pd.isna(value) or not str(value).strip() else str(value)


def _near(areas: Any, lines: Any) -> list[Sequence[int]]:
    found: list[list[int]] = [[] for _ in areas]
    if len(lines):
        area, line = shapely.STRtree(lines).query(areas, predicate="intersects")
        for one, other in zip(area.tolist(), line.tolist(), strict=True):
            found[one].append(other)
    return [sorted(each) for each in found]


def _meeting(shapes: Any, areas: Any) -> Any:
    if not len(shapes):
        return np.zeros(len(areas), dtype=np.int64)
    area, _ = shapely.STRtree(shapes).query(areas, predicate="intersects")
    return np.bincount(area, minlength=len(areas))
