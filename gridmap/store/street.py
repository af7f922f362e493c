"""Streets, water and closures of a county, as the network wants them."""

from collections.abc import Sequence

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Transaction
from gridmap.store.merged_community import GROUND, flattened

_SHORE = 0.0001  # degrees, about ten metres
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


def barriers(tx: Transaction, area_code: str, kinds: Sequence[str]) -> gpd.GeoDataFrame:
    """Give the lines of a county that are crossed by a bridge or tunnel only.

    Parameters
    ----------
    kinds
        Any of motorway, trunk, railway and river.

    Returns
    -------
    GeoDataFrame
        `kind` and LineStrings that lie on the ground: under a motorway on a bridge everybody
        drives through. A river is its line; one of which only the surface is known, the shore
        of the surface a little inside, as bridges do not begin just where it does.
    """
    return frames.read(
        tx,
        "SELECT row_number() OVER (ORDER BY kind, ST_AsBinary((part).geom)) AS id, kind,"
        " ST_AsBinary((part).geom) AS geom FROM ("
        " SELECT highway AS kind, ST_Dump(geom) AS part FROM road"
        "  WHERE highway IN ('motorway', 'trunk') AND highway = ANY(:kinds)"
        "  AND NOT bridge AND NOT tunnel AND starts_with(area_code, left(:code, 6))"
        " UNION ALL SELECT 'railway', ST_Dump(geom) FROM railway"
        "  WHERE 'railway' = ANY(:kinds) AND NOT bridge AND NOT tunnel"
        "  AND starts_with(area_code, left(:code, 6))"
        " UNION ALL SELECT 'river', ST_Dump(CASE WHEN ST_Dimension(w.geom) = 1 THEN w.geom"
        f"  ELSE ST_Boundary(ST_Buffer(w.geom, -{_SHORE})) END) FROM water AS w"
        "  WHERE 'river' = ANY(:kinds) AND w.kind IN ('river', 'riverbank')"
        "  AND starts_with(w.area_code, left(:code, 6)) AND (ST_Dimension(w.geom) = 1 OR"
        "   (ST_Dimension(w.geom) = 2 AND NOT EXISTS (SELECT 1 FROM water AS l"
        "    WHERE l.kind = 'river' AND l.geom && w.geom AND ST_Dimension(l.geom) = 1"
        "    AND starts_with(l.area_code, left(:code, 6)) AND ST_Intersects(l.geom, w.geom))))"
        ") AS found WHERE NOT ST_IsEmpty((part).geom)"
        " ORDER BY id",
        kinds=list(kinds),
        code=area_code,
    )
