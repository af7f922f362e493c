"""Who and what lies inside a hazard or a plan: one query, one moment, sums that are one another's.

Every row of a table below counts once, in one grid; a community, a township and the whole are sums
over the very same rows.
"""

from collections.abc import Sequence

from gridmap.store.database import Row, Transaction

_DRAWN = "SELECT ST_GeomFromWKB(:wkb, 4326) AS geom"
_DECLARED = "SELECT geom FROM hazard WHERE id = :hazard_id"

# The grid a thing lies in; what lies on a border belongs to the lower code, and to no other.
_GRID = (
    " LEFT JOIN LATERAL (SELECT g.code FROM grid AS g WHERE g.valid_to IS NULL"
    "  AND g.kind = 'comprehensive' AND g.geom && {at} AND ST_Intersects(g.geom, {at})"
    "  ORDER BY g.code LIMIT 1) AS o ON true"
)
_INSIDE = (
    " inside AS MATERIALIZED (SELECT h.id, h.area_code AS code, h.people FROM shape,"
    "  household AS h WHERE h.geom && shape.geom AND ST_Intersects(h.geom, shape.geom)),"
    # a street counts by what of it lies inside; a piece belongs to the grid of its middle
    " piece AS MATERIALIZED (SELECT r.area_code, (ST_Dump(ST_CollectionExtract("
    "   CASE WHEN ST_Covers(shape.geom, r.geom) THEN r.geom"
    "    ELSE ST_Intersection(r.geom, shape.geom) END, 2))).geom AS geom"
    "  FROM shape, road AS r WHERE r.geom && shape.geom AND ST_Intersects(r.geom, shape.geom)),"
    " street AS MATERIALIZED (SELECT area_code, ST_LineInterpolatePoint(geom, 0.5) AS middle,"
    "  CAST(round(ST_Length(CAST(geom AS geography))) AS bigint) AS metres FROM piece),"
    " facts(code, what, kind, number, amount) AS ("
    "  SELECT code, 'household', NULL, count(*), sum(people) FROM inside GROUP BY code"
    "  UNION ALL SELECT code, 'with_needs', NULL, count(*), sum(people) FROM inside"
    "   WHERE id IN (SELECT household_id FROM household_need) GROUP BY code"
    "  UNION ALL SELECT i.code, 'need', n.kind, count(*), sum(n.people) FROM inside AS i"
    "   JOIN household_need AS n ON n.household_id = i.id GROUP BY i.code, n.kind"
    "  UNION ALL SELECT coalesce(o.code, f.area_code), 'facility', f.kind, count(*), 0"
    "   FROM shape JOIN facility AS f ON f.geom && shape.geom"
    f"   AND ST_Intersects(f.geom, shape.geom){_GRID.format(at='f.geom')}"
    "   WHERE f.retired_at IS NULL GROUP BY 1, 3"
    "  UNION ALL SELECT coalesce(o.code, s.area_code), 'road', NULL, count(*), sum(s.metres)"
    f"   FROM street AS s{_GRID.format(at='s.middle')} GROUP BY 1)"
)
_OF_PLAN = (
    " facts(code, what, kind, number, amount) AS (SELECT area_code,"
    "  CASE WHEN shelter_id IS NULL THEN 'unserved' ELSE 'served' END, CAST(NULL AS text),"
    "  count(*), sum(people) FROM assignment WHERE plan_id = :plan_id GROUP BY 1, 2)"
)
_SUMS = (
    " told AS (SELECT CASE GROUPING(left(code, 15), left(code, 12), left(code, 9))"
    "   WHEN 3 THEN 'grid' WHEN 5 THEN 'community' WHEN 6 THEN 'township' ELSE 'all' END AS level,"
    "  coalesce(left(code, 15), left(code, 12), left(code, 9)) AS code, what, kind,"
    "  sum(number) AS number, sum(amount) AS amount,"
    "  bool_and(code ^@ ANY(CAST(:needs_in AS text[]))) AS readable"
    "  FROM facts GROUP BY what, kind,"
    "  GROUPING SETS ((left(code, 15)), (left(code, 12)), (left(code, 9)), ()))"
    " SELECT t.*, a.name_zh, a.name_en FROM told AS t LEFT JOIN area AS a ON a.code = t.code"
)


def drawn(tx: Transaction, wkb: bytes, needs_in: Sequence[str]) -> list[Row]:
    """Sum up what lies inside a shape.

    Returns
    -------
    list of Row
        `level` (grid, community, township, all), `code` (shorter than the level's where a thing
        lies in no grid), `what` (household, with_needs, need, facility, road), `kind`, `number`,
        `amount` (people, metres of road), `readable` (needs may be told of all of it).
    """
    return tx.all(
        f"WITH shape AS MATERIALIZED ({_DRAWN}),{_INSIDE},{_SUMS}",
        wkb=wkb,
        needs_in=list(needs_in),
    )


def declared(tx: Transaction, hazard_id: int, needs_in: Sequence[str]) -> list[Row]:
    """Sum up what lies inside a hazard as it is now; rows as `drawn`."""
    return tx.all(
        f"WITH shape AS MATERIALIZED ({_DECLARED}),{_INSIDE},{_SUMS}",
        hazard_id=hazard_id,
        needs_in=list(needs_in),
    )


def planned(tx: Transaction, plan_id: int) -> list[Row]:
    """Sum up the households of a plan: `what` is served or unserved, rows as `drawn`."""
    return tx.all(f"WITH{_OF_PLAN},{_SUMS}", plan_id=plan_id, needs_in=[])


def surrounded(tx: Transaction, wkb: bytes) -> Row:
    """Count who lives in the holes of a shape: `households`, `people`; they are not inside it."""
    return tx.one(
        "WITH shape AS (SELECT ST_SetSRID(ST_GeomFromWKB(:wkb), 4326) AS geom),"
        " filled AS (SELECT ST_Union(ST_MakePolygon(ST_ExteriorRing(part.geom))) AS geom"
        "  FROM shape, ST_Dump(shape.geom) AS part)"
        " SELECT count(*)::int AS households, coalesce(sum(h.people), 0)::int AS people"
        " FROM shape, filled, household AS h WHERE h.geom && filled.geom"
        " AND ST_Intersects(h.geom, filled.geom) AND NOT ST_Intersects(h.geom, shape.geom)",
        wkb=wkb,
    )


def shape_of(tx: Transaction, hazard_id: int) -> bytes:
    """Give the shape of a hazard as WKB."""
    return bytes(tx.value("SELECT ST_AsBinary(geom) FROM hazard WHERE id = :id", id=hazard_id))


def area_m2(tx: Transaction, wkb: bytes) -> float:
    """Give the square metres of a shape."""
    return float(tx.value("SELECT ST_Area(CAST(ST_GeomFromWKB(:wkb, 4326) AS geography))", wkb=wkb))
