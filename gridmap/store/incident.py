"""Incidents: a report and its grid are one row, the same report twice is still one row."""

from datetime import datetime
from uuid import UUID

from gridmap.store.database import Row, Transaction


def insert(  # noqa: PLR0913 - the parts of a report
    tx: Transaction,
    *,
    id: UUID,  # noqa: A002 - the column's name
    area_code: str,
    category: str,
    title: str,
    level: int | None,
    lon: float,
    lat: float,
    accuracy_m: float | None,
    device_time: datetime | None,
    content_hash: bytes,
) -> Row | None:
    """Insert a report, tagged with the grid it lies in; None if its id is taken.

    Whether it is taken is decided by the primary key, never by looking first: twenty copies at
    once are one row.
    """
    return tx.maybe(
        "WITH here AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom),"
        " around AS (SELECT g.id, g.code FROM here JOIN grid AS g ON g.geom && here.geom"
        "  AND ST_Intersects(g.geom, here.geom) WHERE g.valid_to IS NULL"
        "  AND g.kind = 'comprehensive' ORDER BY g.code LIMIT 1)"
        " INSERT INTO incident (id, area_code, grid_id, grid_code, category, title, level,"
        "  accuracy_m, device_time, content_hash, reported_by, geom)"
        " SELECT :id, coalesce(around.code, :area_code), around.id, around.code, :category, :title,"
        "  :level, :accuracy_m, :device_time, :content_hash, :user_id, here.geom"
        " FROM here LEFT JOIN around ON true"
        " ON CONFLICT (id) DO NOTHING RETURNING id, number, area_code, grid_code, state,"
        " reported_at",
        id=id,
        area_code=area_code,
        category=category,
        title=title,
        level=level,
        lon=lon,
        lat=lat,
        accuracy_m=accuracy_m,
        device_time=device_time,
        content_hash=content_hash,
        user_id=tx.scope.user_id,
    )


def stored(tx: Transaction, id: UUID) -> Row | None:  # noqa: A002 - the column's name
    """Give what is stored under an id, with its content hash, or None."""
    return tx.maybe(
        "SELECT id, number, area_code, grid_code, state, reported_at, content_hash"
        " FROM incident WHERE id = :id",
        id=id,
    )
