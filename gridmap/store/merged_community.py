"""Communities that are merged into one: the code that is kept for them, and its beginning."""

from collections.abc import Sequence
from datetime import date

from gridmap.store.database import Row, Transaction

FIRST = 601  # number of the first community of a township that was merged, by CJ/T 349-2010
LAST = 999
# all ground of some communities, in one shape
GROUND = "(SELECT ST_Union(geom) AS geom FROM area WHERE code = ANY(:codes))"
# what a draft calls a community that it makes: the last word said there and not taken back
_NAME = (
    "coalesce((SELECT o.figures->>'name' FROM scenario_operation AS o WHERE o.scenario_id = :id"
    "  AND NOT o.undone AND o.kind IN ('merge_communities', 'name_community')"
    "  AND o.figures->>'code' = m.code AND o.figures ? 'name' ORDER BY o.seq DESC LIMIT 1),"
    " m.name_zh)"
)


def flattened(tx: Transaction, communities: Sequence[str]) -> list[str]:
    """Give the communities in force behind some codes: those of a draft's merger in its place."""
    found: set[str] = set()
    for code in communities:
        row = tx.maybe(
            "SELECT communities FROM merged_community AS m WHERE code = :code"
            " AND NOT EXISTS (SELECT 1 FROM area AS a WHERE a.code = m.code)",
            code=code,
        )
        found |= {code} if row is None else set(row["communities"])
    return sorted(found)


def find(tx: Transaction, communities: Sequence[str]) -> Row | None:
    """Give `code, name_zh` kept for exactly these communities, or None."""
    return tx.maybe(
        "SELECT code, name_zh FROM merged_community WHERE communities = CAST(:communities AS"
        " text[])",
        communities=sorted(communities),
    )


def next_code(tx: Transaction, township: str) -> str | None:
    """Give the lowest code from 601 on that no community of a township has or is kept; or None."""
    found = tx.value(
        "SELECT :township || n FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n"
        " WHERE n > coalesce((SELECT max(right(code, 3)::int) FROM (SELECT code FROM area"
        "   WHERE parent_code = :township UNION ALL SELECT code FROM merged_community"
        "   WHERE starts_with(code, :township)) AS used WHERE right(code, 3)::int >= :first), 0)"
        " ORDER BY n LIMIT 1",
        township=township,
        first=FIRST,
        last=LAST,
    )
    return None if found is None else str(found)


def keep(tx: Transaction, communities: Sequence[str], name: str) -> str | None:
    """Keep a code for communities for good, that which they have had before if any; or None."""
    township = communities[0][:9]
    tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", name=f"communities {township}"
    )
    held = find(tx, communities)
    if held is not None:
        return str(held["code"])
    code = next_code(tx, township)
    if code is not None:
        tx.execute(
            "INSERT INTO merged_community (code, name_zh, communities)"
            " VALUES (:code, :name, CAST(:communities AS text[]))",
            code=code,
            name=name,
            communities=sorted(communities),
        )
    return code


def outline(tx: Transaction, communities: Sequence[str]) -> Row:
    """Give the ground of communities together: how many parts it has, and they have, `wkb`."""
    return tx.one(
        "SELECT ST_NumGeometries(ST_Multi(ST_Union(geom))) AS parts,"
        " sum(ST_NumGeometries(geom))::int AS apart, count(*)::int AS communities,"
        " ST_AsBinary(ST_Multi(ST_Union(geom))) AS wkb FROM area WHERE code = ANY(:codes)",
        codes=list(communities),
    )


def gap(tx: Transaction, one: Sequence[str], others: Sequence[str]) -> Row:
    """Tell how far some communities are from others: the nearest two, `metres`, `lon`, `lat`."""
    return tx.one(
        "SELECT a.code AS one, b.code AS other, a.geom::geography <-> b.geom::geography AS metres,"
        " round(ST_X(p.middle)::numeric, 6)::float8 AS lon,"
        " round(ST_Y(p.middle)::numeric, 6)::float8 AS lat"
        " FROM area AS a JOIN area AS b ON a.code = ANY(:one) AND b.code = ANY(:others)"
        " CROSS JOIN LATERAL (SELECT ST_LineInterpolatePoint(ST_ShortestLine(a.geom, b.geom), 0.5)"
        "  AS middle) AS p ORDER BY metres, a.code, b.code LIMIT 1",
        one=list(one),
        others=list(others),
    )


def together(tx: Transaction, codes: Sequence[str]) -> list[str]:
    """Give the communities that hang together with the first of some by common borders."""
    rows = tx.all(
        "WITH RECURSIVE reached(code) AS (SELECT CAST(:first AS text) UNION"
        " SELECT b.code FROM reached AS r JOIN area AS a ON a.code = r.code"
        "  JOIN area AS b ON b.code = ANY(:codes) AND b.geom && a.geom"
        # a point is no border
        "   AND ST_Intersects(a.geom, b.geom)"
        "   AND ST_Dimension(ST_Intersection(a.geom, b.geom)) > 0)"
        " SELECT code FROM reached ORDER BY code",
        first=codes[0],
        codes=list(codes),
    )
    return [row["code"] for row in rows]


def names(tx: Transaction, scenario_id: int, codes: Sequence[str]) -> dict[str, str]:
    """Give the names of communities, of those that a draft makes as well."""
    rows = tx.all(
        "SELECT code, name_zh FROM area WHERE code = ANY(:codes)"
        f" UNION SELECT code, {_NAME} FROM merged_community AS m WHERE code = ANY(:codes)"
        "  AND NOT EXISTS (SELECT 1 FROM area AS a WHERE a.code = m.code)",
        id=scenario_id,
        codes=list(codes),
    )
    return {row["code"]: row["name_zh"] for row in rows}


def called(tx: Transaction, township: str, name: str, apart: Sequence[str]) -> bool:
    """Tell whether a community in force of a township has a name, apart from some."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM area WHERE level = 'community' AND valid_to IS NULL"
            " AND parent_code = :township AND name_zh = :name AND code <> ALL(:apart))",
            township=township,
            name=name,
            apart=list(apart),
        )
    )


def of_scenario(tx: Transaction, scenario_id: int) -> list[Row]:
    """Give the communities that a scenario makes: `code, name_zh, communities, outline`.

    Once they are in force it makes none any more.
    """
    return tx.all(
        f"SELECT m.code, {_NAME} AS name_zh, m.communities,"
        " (SELECT ST_AsGeoJSON(ST_Multi(ST_Union(a.geom)), 7)::json FROM area AS a"
        "  WHERE a.code = ANY(m.communities)) AS outline"
        " FROM merged_community AS m"
        " WHERE EXISTS (SELECT 1 FROM scenario_grid AS g WHERE g.scenario_id = :id"
        "  AND g.area_code = m.code)"
        " AND NOT EXISTS (SELECT 1 FROM area AS a WHERE a.code = m.code) ORDER BY m.code",
        id=scenario_id,
    )


def ended(tx: Transaction, communities: Sequence[str]) -> dict[str, str]:
    """Tell of communities that have become part of another which one that is."""
    rows = tx.all(
        "SELECT code, successor FROM area WHERE code = ANY(:codes) AND valid_to IS NOT NULL",
        codes=list(communities),
    )
    return {row["code"]: row["successor"] for row in rows}


def begin(tx: Transaction, code: str, name: str, day: date) -> int:
    """Make a community out of those it is merged of, and end these; give how many ended."""
    tx.execute(
        "INSERT INTO area (code, level, parent_code, name_zh, valid_from, geom)"
        " SELECT m.code, 'community', left(m.code, 9), :name, :day,"
        "  (SELECT ST_Multi(ST_Union(a.geom)) FROM area AS a WHERE a.code = ANY(m.communities))"
        " FROM merged_community AS m WHERE m.code = :code",
        code=code,
        name=name,
        day=day,
    )
    return tx.execute(
        "UPDATE area AS a SET valid_to = greatest(a.valid_from, :day), successor = m.code"
        " FROM merged_community AS m WHERE m.code = :code AND a.code = ANY(m.communities)"
        " AND a.valid_to IS NULL",
        code=code,
        day=day,
    )
