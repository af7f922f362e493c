"""The water of Monaco: the sea, carried on beyond the extract, and what else is wide."""

import geopandas as gpd
import numpy as np
import shapely

from geodata.demo.frames import GEOGRAPHIC

_OPEN_SEA = 0.05  # degrees of sea drawn beyond the extract


def water_of(water: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the sea and other wide water."""
    wide = water[water.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    part = shapely.make_valid(np.asarray(wide.geometry.values))
    sea = (wide["kind"] == "sea").to_numpy()
    part[sea] = [_open_sea(shape) for shape in part[sea]]
    name = wide["name"].astype(object).where(wide["name"].notna(), None).to_numpy()
    return gpd.GeoDataFrame(
        {
            "name_zh": np.where(sea, "地中海", name),
            "name_en": np.where(sea, "Mediterranean Sea", name),
            "simulated": False,
        },
        geometry=part,
        crs=GEOGRAPHIC,
    )


def _open_sea(sea: shapely.Geometry) -> shapely.Geometry:
    """Carry the sea on beyond the extract's southern and eastern edge, where there is no coast.

    The extract ends within sight; a straight shore there would be an invention.
    """
    west, south, east, north = shapely.bounds(sea)
    _, _, _, shore = shapely.bounds(
        shapely.intersection(sea, shapely.box(east - 1e-6, south, east, north))
    )
    beyond = [
        shapely.box(west, south - _OPEN_SEA, east + _OPEN_SEA, south),
        shapely.box(east, south, east + _OPEN_SEA, shore),
    ]
    joined: shapely.Geometry = shapely.union_all([sea, *beyond])
    return joined
