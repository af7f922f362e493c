"""What is known by name near a spot that has none: a place, a facility, a building, a community."""

from collections.abc import Sequence

from gridmap.store.database import Row, Transaction

_NEAR = 0.004  # degrees: some 400 metres, as far as "near" means anything
_NAMED = " UNION ALL ".join(
    f"SELECT name, {english} AS name_en, geom FROM {table} WHERE name IS NOT NULL{more}"
    f" AND geom && ST_Expand(p.geom, {_NEAR})"
    for table, english, more in (
        ("place", "name_en", ""),
        ("facility", "name_en", " AND retired_at IS NULL"),
        ("building", "NULL", ""),
    )
)


def near(tx: Transaction, spots: Sequence[tuple[float, float]]) -> list[Row]:
    """Give `name` and `name_en` of what has a name near each spot, else of its community.

    Both are None where nothing is known; spots are longitude and latitude.
    """
    return tx.all(
        "SELECT coalesce(n.name, a.name_zh) AS name,"
        " CASE WHEN n.name IS NULL THEN a.name_en ELSE n.name_en END AS name_en"
        " FROM (SELECT number, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom"
        "  FROM unnest(CAST(:lon AS float8[]), CAST(:lat AS float8[])) WITH ORDINALITY"
        "  AS given(lon, lat, number)) AS p"
        f" LEFT JOIN LATERAL (SELECT c.name, c.name_en FROM ({_NAMED}) AS c"
        "  ORDER BY ST_DistanceSphere(ST_ClosestPoint(c.geom, p.geom), p.geom), c.name LIMIT 1)"
        "  AS n ON true"
        " LEFT JOIN LATERAL (SELECT a.name_zh, a.name_en FROM area AS a WHERE length(a.code) = 12"
        "  AND a.valid_to IS NULL AND a.geom && p.geom AND ST_Covers(a.geom, p.geom)"
        "  ORDER BY a.code LIMIT 1) AS a ON true ORDER BY p.number",
        lon=[lon for lon, _ in spots],
        lat=[lat for _, lat in spots],
    )
