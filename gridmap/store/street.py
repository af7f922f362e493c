"""Streets, water and closures of a county, as the network wants them."""

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from gridmap.store import frames
from gridmap.store.database import Transaction
from gridmap.store.merged_community import GROUND, flattened

_COLUMNS = (
    "id, highway, name, oneway, maxspeed_kmh, bridge, tunnel, layer, maxheight_m, maxweight_t,"
    " maxwidth_m, ST_AsBinary(geom) AS geom"
)


def roads(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the streets of the county of an area, by id, with the columns of the OSM reader."""
    return frames.read(
        tx,
        f"SELECT {_COLUMNS} FROM road WHERE starts_with(area_code, left(:code, 6)) ORDER BY id",
        code=area_code,
    )


def roads_of(tx: Transaction, code: str) -> gpd.GeoDataFrame:
    """Give the streets that meet one area; a community of a draft has those of its old ones."""
    return frames.read(
        tx,
        "SELECT r.id, r.highway, r.name, r.bridge, r.tunnel, ST_AsBinary(r.geom) AS geom"
        f" FROM {GROUND} AS a JOIN road AS r ON r.geom && a.geom AND ST_Intersects(r.geom, a.geom)"
        " ORDER BY r.id",
        codes=flattened(tx, [code]),
    )


def water_of(tx: Transaction, code: str) -> gpd.GeoDataFrame:
    """Give the water that meets one area; a community of a draft has that of its old ones."""
    return frames.read(
        tx,
        "SELECT w.id, w.kind, ST_AsBinary(w.geom) AS geom"
        f" FROM {GROUND} AS a JOIN water AS w ON w.geom && a.geom AND ST_Intersects(w.geom, a.geom)"
        " ORDER BY w.id",
        codes=flattened(tx, [code]),
    )


def closures(tx: Transaction, area_code: str) -> list[BaseGeometry]:
    """Give every area nobody can pass now: closed roads, and the blocked parts of hazards."""
    found = frames.read(
        tx,
        "SELECT row_number() OVER () AS id, ST_AsBinary(geom) AS geom FROM ("
        " SELECT geom FROM road_closure WHERE starts_with(area_code, left(:code, 6))"
        "  AND starts_at <= now() AND (ends_at IS NULL OR ends_at > now())"
        " UNION ALL SELECT blocked FROM hazard WHERE state = 'declared' AND blocked IS NOT NULL"
        "  AND NOT exercise AND starts_with(area_code, left(:code, 6))) AS closed",
        code=area_code,
    )
    return list(found.geometry)
