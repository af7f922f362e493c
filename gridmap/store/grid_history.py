"""Which grids a place has been in, day by day: for households and incidents by where they are."""

from gridmap.store.database import Row, Transaction


def of_point(tx: Transaction, lon: float, lat: float) -> list[Row]:
    """Give the comprehensive grids that have been around a point, the newest first.

    Versions that were in force for no whole day are left out.
    """
    return tx.all(
        "SELECT code, substr(code, 10, 3) || '-' || right(code, 3) AS label, name, version,"
        " valid_from, valid_to FROM grid WHERE kind = 'comprehensive'"
        " AND (valid_to IS NULL OR valid_to > valid_from)"
        " AND geom && ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
        " AND ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
        " ORDER BY valid_from DESC, code LIMIT 200",
        lon=lon,
        lat=lat,
    )
