"""Where things of the demo stand that no file of the town has."""

from gridmap.store.database import Transaction


def sensor_places(tx: Transaction, county: str) -> list[tuple[float, float]]:
    """Give up to three places: at hazards of the town, the gravest first, then at its grids."""
    rows = tx.all(
        "SELECT ST_X(at) AS lon, ST_Y(at) AS lat FROM ("
        " SELECT 0 AS rank, id, ST_PointOnSurface(geom) AS at FROM hazard"
        "  WHERE starts_with(area_code, :county) AND state = 'declared'"
        " UNION ALL SELECT 1, id, label_point FROM grid WHERE starts_with(code, :county)"
        "  AND valid_to IS NULL AND kind = 'comprehensive') AS p ORDER BY rank, id LIMIT 3",
        county=county,
    )
    return [(row["lon"], row["lat"]) for row in rows]
