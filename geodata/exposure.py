"""What a hazard touches: households, people and needs by grid, pieces of road, facilities.

Every figure is a sum over the households named by `affected`, so that figures shown beside one
another add up: grids and the rest outside them give the total, whichever way it is asked for.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geodata.crs import metric_crs
from geodata.errors import Fault
from geodata.evacuation_inputs import (
    Areas,
    area,
    changed,
    check_frame,
    check_labels,
    flags,
    present,
    raise_if,
    whole_numbers,
)
from geodata.evacuation_options import NEEDS
from geodata.street_graph import flags as street_flags

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Exposure:
    """Affected households counted by grid.

    Attributes
    ----------
    grids
        On all grids, in their order: `households`, `people` and, for every needs column that is
        present, the affected households that have the need.
    outside
        The same figures for affected households that are in no grid.
    totals
        The sums: `grids` and `outside` together.
    """

    grids: pd.DataFrame
    outside: pd.Series
    totals: pd.Series


def affected(households: gpd.GeoDataFrame, hazard: Areas) -> pd.Index:
    """Name the households in or on a hazard.

    Parameters
    ----------
    households
        Points; a missing point is nowhere.
    hazard
        Polygon or polygons in the CRS of the households; frames in their own.

    Returns
    -------
    index
        Labels in the order of the households.

    Raises
    ------
    GeodataError
        If the hazard is missing, empty, not polygonal or invalid; if the households declare no
        CRS, repeat a label or are not points.
    """
    faults = check_frame(households, "households")
    raise_if(faults)
    danger = _danger(hazard, households.crs, faults)
    named: pd.Index = households.index[_inside(danger, households.geometry)]
    return named


def summarise(
    households: gpd.GeoDataFrame,
    grids: gpd.GeoDataFrame,
    hazard: Areas,
    needs: tuple[str, ...] = NEEDS,
) -> Exposure:
    """Count the affected households, people and needs of every grid.

    Parameters
    ----------
    households
        Points with `people` and needs columns where known (yes/no, or how many have the need).
    grids
        Polygons in any declared CRS. A household on a shared border counts for the first grid.
    hazard
        As for `affected`.
    needs
        Columns counted where present.

    Returns
    -------
    Exposure

    Raises
    ------
    GeodataError
        As for `affected`; if `people` is not whole numbers, or the grids declare no CRS, repeat
        a label, or have a missing or invalid polygon. Names every row.
    """
    faults = check_frame(households, "households") + _grid_faults(grids)
    raise_if(faults)
    people = whole_numbers(households, "people", "households", faults)
    found = present(needs, households)
    columns = {name: flags(households, name, False, faults) for name in found}
    danger = _danger(hazard, households.crs, faults)
    rows = np.flatnonzero(_inside(danger, households.geometry))
    figures = pd.DataFrame(
        {
            "households": np.ones(len(rows), dtype=np.int64),
            "people": people[rows],
            **{name: has[rows].astype(np.int64) for name, has in columns.items()},
        }
    )
    number = _grid_of(households.geometry.iloc[rows], grids)
    sums = figures.groupby(number).sum().reindex(range(-1, len(grids)), fill_value=0)
    by_grid = sums.iloc[1:].set_axis(grids.index)
    outside = sums.iloc[0].rename("outside")
    return Exposure(by_grid, outside, (by_grid.sum() + outside).rename("totals"))


def roads(streets: gpd.GeoDataFrame, hazard: Areas) -> gpd.GeoDataFrame:
    """Cut out the pieces of road in or on a hazard.

    Parameters
    ----------
    streets
        LineStrings in a declared CRS; `bridge` and `tunnel` where known.
    hazard
        Polygon or polygons in the CRS of the roads; frames in their own.

    Returns
    -------
    frame
        On the labels of the roads that are touched: `metres` in the hazard (0 where it is only
        touched), `share` of the road's length, `over` (a bridge or tunnel, which may stay
        passable), `geometry`: the part in the hazard, in the CRS of the roads; and the columns
        `name`, `highway` where the roads have them.

    Raises
    ------
    GeodataError
        If the hazard or the frame cannot be used.
    """
    faults = check_labels(streets, "roads")
    raise_if(faults)
    danger = _danger(hazard, streets.crs, faults)
    over = street_flags(streets, "bridge") | street_flags(streets, "tunnel")
    hit = np.flatnonzero(_inside(danger, streets.geometry))
    kept = [name for name in ("name", "highway") if name in streets]
    cut = shapely.intersection(streets.geometry.to_numpy()[hit], danger)
    index = streets.index[hit]
    parts = gpd.GeoSeries(cut, index=index, crs=streets.crs)
    metres, whole = (_metres(series, streets) for series in (parts, streets.geometry.iloc[hit]))
    share = np.divide(metres, whole, out=np.zeros(len(hit)), where=whole > 0)
    frame = pd.DataFrame(streets[kept].iloc[hit]).assign(
        metres=metres, share=np.minimum(share, 1.0), over=over[hit]
    )
    return gpd.GeoDataFrame(frame, geometry=parts)


def facilities(places: gpd.GeoDataFrame, hazard: Areas) -> gpd.GeoDataFrame:
    """Pick the facilities in or on a hazard.

    Parameters
    ----------
    places
        Points in a declared CRS.
    hazard
        Polygon or polygons in the CRS of the facilities; frames in their own.

    Returns
    -------
    frame
        Their rows, all columns kept.

    Raises
    ------
    GeodataError
        If the hazard or the frame cannot be used.
    """
    return places.loc[affected(places, hazard)]


def _danger(hazard: Areas, crs: CRS, faults: list[Fault]) -> BaseGeometry:
    danger = area(hazard, crs, "the hazard", faults)
    if danger.is_empty and not faults:
        faults.append(Fault("the hazard is missing or empty", None, "geometry"))
    raise_if(faults)
    return danger


def _inside(danger: BaseGeometry, shapes: gpd.GeoSeries) -> Flags:
    shapely.prepare(danger)
    inside: Flags = np.asarray(shapely.intersects(danger, shapes.to_numpy()), dtype=bool)
    return inside


def _metres(lines: gpd.GeoSeries, streets: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if not len(lines):
        return np.array([])
    metres: NDArray[np.float64] = lines.to_crs(metric_crs(streets)).length.to_numpy()
    return metres


def _grid_faults(grids: gpd.GeoDataFrame) -> list[Fault]:
    faults = check_labels(grids, "grids")
    if faults:
        return faults
    for label, shape in grids.geometry.items():
        if shape is None or shape.is_empty or not shape.is_valid:
            faults.append(Fault("the grid is missing, empty or invalid", label, "geometry"))
    return faults


def _grid_of(points: gpd.GeoSeries, grids: gpd.GeoDataFrame) -> Integers:
    """Return the position of the first grid each point lies in or on, -1 for none."""
    number = np.full(len(points), -1, dtype=np.int64)
    shapes = np.array([changed(shape, grids.crs, points.crs) for shape in grids.geometry])
    if not len(shapes) or not len(points):
        return number
    at, grid = shapely.STRtree(shapes).query(points.to_numpy(), predicate="intersects")
    order = np.argsort(-grid, kind="stable")  # the first grid is written last
    number[at[order]] = grid[order]
    return number
