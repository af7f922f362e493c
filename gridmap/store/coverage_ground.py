"""The ground on which facilities are tried out: what is inside, in water, or built on."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Transaction


def county_parts(
    tx: Transaction, area_code: str, places: Sequence[tuple[float, float]]
) -> list[str]:
    """Tell of each place whether it is on `land`, in `water` or `outside` the county of an area."""
    rows = tx.all(
        "SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM area AS a WHERE a.code = left(:code, 6)"
        "  AND a.geom && p.geom AND ST_Covers(a.geom, p.geom)) THEN 'outside'"
        " WHEN EXISTS (SELECT 1 FROM water AS w WHERE w.geom && p.geom"
        "  AND ST_Dimension(w.geom) = 2 AND ST_Contains(w.geom, p.geom)) THEN 'water'"
        " ELSE 'land' END AS part"
        " FROM (SELECT number, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom"
        "  FROM unnest(CAST(:lon AS float8[]), CAST(:lat AS float8[])) WITH ORDINALITY"
        "  AS given(lon, lat, number)) AS p ORDER BY p.number",
        code=area_code,
        lon=[lon for lon, _ in places],
        lat=[lat for _, lat in places],
    )
    return [str(row["part"]) for row in rows]


def meeting_county(tx: Transaction, area_code: str, shapes: Sequence[bytes]) -> list[bool]:
    """Tell of each geometry (WKB) whether it meets the county of an area."""
    rows = tx.all(
        "SELECT EXISTS (SELECT 1 FROM area AS a WHERE a.code = left(:code, 6)"
        "  AND a.geom && g.geom AND ST_Intersects(a.geom, g.geom)) AS met"
        " FROM (SELECT number, ST_GeomFromWKB(wkb, 4326) AS geom"
        "  FROM unnest(CAST(:shapes AS bytea[])) WITH ORDINALITY AS given(wkb, number)) AS g"
        " ORDER BY g.number",
        code=area_code,
        shapes=[memoryview(shape) for shape in shapes],
    )
    return [bool(row["met"]) for row in rows]


def has_households(tx: Transaction, area_code: str) -> bool:
    """Tell whether any household of an area has a place."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM household WHERE geom IS NOT NULL"
            " AND starts_with(area_code, :code))",
            code=area_code,
        )
    )


def outline(tx: Transaction, area_code: str) -> Any:
    """Give the outline of an area; of a grid the one in force, None without one."""
    table = "grid" if len(area_code) == 15 else "area"
    found = frames.read(
        tx,
        f"SELECT code AS id, ST_AsBinary(geom) AS geom FROM {table} WHERE code = :code"
        " AND valid_to IS NULL LIMIT 1",
        code=area_code,
    )
    return found.geometry.iloc[0] if len(found) else None


def buildings(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the buildings that meet an area, by id, with `lived_in`."""
    return frames.read(
        tx,
        "SELECT b.id, EXISTS (SELECT 1 FROM household AS h WHERE h.building_id = b.id)"
        "  OR b.use IN ('residential', 'apartments', 'house', 'dormitory') AS lived_in,"
        " ST_AsBinary(b.geom) AS geom FROM area AS a"
        " JOIN building AS b ON b.geom && a.geom AND ST_Intersects(b.geom, a.geom)"
        " WHERE a.code = :code ORDER BY b.id",
        code=area_code[:12],
    )


def water(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the water that meets an area, by id."""
    return frames.read(
        tx,
        "SELECT w.id, ST_AsBinary(w.geom) AS geom FROM area AS a"
        " JOIN water AS w ON w.geom && a.geom AND ST_Intersects(w.geom, a.geom)"
        " WHERE a.code = :code ORDER BY w.id",
        code=area_code[:12],
    )
