"""Areas nobody can pass: read, checked, and laid over the streets."""

from collections.abc import Iterable
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.street_graph import Bools, Pieces

CLOSES = ("ground", "bridges", "all")
"""What an area may close: streets on the ground, bridges and tunnels, or both."""

Areas: TypeAlias = BaseGeometry | gpd.GeoDataFrame | gpd.GeoSeries | Iterable[BaseGeometry]


def shut(pieces: Pieces, ground: shapely.STRtree, areas: Areas | None, crs: CRS) -> Bools:
    """Tell which pieces lie inside an area or cross it; bridges and tunnels only where it is said.

    Parameters
    ----------
    pieces
        The streets.
    ground
        Index of their lines.
    areas
        A geometry or several in the CRS of the roads, or a frame in any declared CRS. A frame
        may say in a column `closes` what each area closes: `ground` (as without it), `bridges`
        (bridges and tunnels alone) or `all`.
    crs
        CRS of the roads.

    Raises
    ------
    GeodataError
        If an area is missing, empty or invalid, or a frame declares no CRS or
        an unknown word in `closes`.
    """
    closed = np.zeros(len(pieces.road), dtype=bool)
    shapes = shapes_in(areas, crs)
    if len(shapes) and len(closed):
        shapely.prepare(shapes)
        area, hit = ground.query(shapes, predicate="intersects")
        on_ground, above = _closes(areas, len(shapes))
        closed[hit[np.where(pieces.open_always[hit], above[area], on_ground[area])]] = True
    return closed


def _closes(areas: Areas | None, count: int) -> tuple[Bools, Bools]:
    """Tell of each area whether it closes streets on the ground, and bridges and tunnels."""
    if not (isinstance(areas, gpd.GeoDataFrame) and "closes" in areas):
        return np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
    said = areas["closes"]
    wrong = areas.index[~said.isin(CLOSES).to_numpy()]
    if len(wrong):
        raise GeodataError(Fault(f"not one of {', '.join(CLOSES)}", row, "closes") for row in wrong)
    return (said != "bridges").to_numpy(), (said != "ground").to_numpy()


def shapes_in(areas: Areas | None, crs: CRS) -> NDArray[np.object_]:
    """Return geometries in a CRS; parameters and faults as in `shut`."""
    if areas is None:
        return np.array([], dtype=object)
    series = _series(areas, crs)
    if not len(series):
        return np.array([], dtype=object)
    if series.crs is None:
        raise GeodataError("areas declare no coordinate system")
    faults = []
    for label, shape in series.items():
        if shape is None or shape.is_empty:
            faults.append(Fault("the area is missing or empty", label, "geometry"))
        elif not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            faults.append(Fault(f"the area is not valid: {reason}", label, "geometry"))
    if faults:
        raise GeodataError(faults)
    return np.asarray(series.to_crs(crs))


def _series(areas: Areas, crs: CRS) -> gpd.GeoSeries:
    if isinstance(areas, gpd.GeoDataFrame):
        return areas.geometry
    if isinstance(areas, gpd.GeoSeries):
        return areas
    if isinstance(areas, BaseGeometry):
        return gpd.GeoSeries([areas], crs=crs)
    return gpd.GeoSeries(list(areas), crs=crs)
