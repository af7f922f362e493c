"""Visits and the time they ask for, summed up by grid, community or township: never by person."""

from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY
from gridmap.store.visit import RULES

_MEMBERS = (
    "SELECT area_code, count(*)::int AS members FROM grid_member"
    f" WHERE role <> 'adviser' AND valid_from <= {TODAY}"
    f" AND (valid_to IS NULL OR valid_to > {TODAY}) AND area_code ^@ :area GROUP BY 1"
)
_LATE = (
    f"WITH members AS ({_MEMBERS}),"
    " late AS (SELECT v.household_id, left(v.area_code, :length) AS code, v.kinds,"
    f"  {TODAY} - v.due_on AS days, CASE WHEN m.members IS NULL THEN 'no_member'"
    "   WHEN EXISTS (SELECT 1 FROM visit o WHERE o.household_id = v.household_id"
    "    AND o.state = 'missed' AND o.ended_at > coalesce((SELECT max(d.ended_at) FROM visit d"
    "     WHERE d.household_id = v.household_id AND d.state = 'done'), '-infinity'))"
    "   THEN 'missed' ELSE 'not_yet' END AS way"
    "  FROM visit v LEFT JOIN members m ON m.area_code = v.area_code"
    f"  WHERE v.state = 'planned' AND v.due_on < {TODAY} AND v.area_code ^@ :area)"
)


def overdue(tx: Transaction, area: str, length: int) -> list[Row]:
    """Count the households whose visit is overdue by area (so many digits of its code).

    `way` is what stands before the visit: nobody looks after the grid (`no_member`), nobody was
    in the last time (`missed`), or it has not come to it yet (`not_yet`).
    """
    return tx.all(
        _LATE + " SELECT code, count(*)::int AS overdue,"
        " (percentile_cont(0.5) WITHIN GROUP (ORDER BY days))::float8 AS median_days,"
        " max(days)::int AS longest_days,"
        " count(*) FILTER (WHERE way = 'no_member')::int AS no_member,"
        " count(*) FILTER (WHERE way = 'missed')::int AS missed,"
        " count(*) FILTER (WHERE way = 'not_yet')::int AS not_yet FROM late GROUP BY code",
        area=area,
        length=length,
    )


def overdue_by_need(tx: Transaction, area: str, length: int) -> list[Row]:
    """Count overdue visits by area and need; one for two needs counts for each."""
    return tx.all(
        _LATE + " SELECT code, kind, count(*)::int AS overdue FROM late, unnest(kinds) AS kind"
        " GROUP BY code, kind ORDER BY code, overdue DESC, kind",
        area=area,
        length=length,
    )


def visited(tx: Transaction, area: str, length: int) -> list[Row]:
    """Count the households that a rule says are visited, by area."""
    return tx.all(
        f"WITH ruled AS ({RULES}) SELECT left(area_code, :length) AS code,"
        " count(DISTINCT household_id)::int AS households FROM ruled WHERE active GROUP BY 1",
        area=area,
        length=length,
    )


def asked_of(tx: Transaction, area: str) -> list[Row]:
    """Give what the rules ask of each grid: visits a week, doors, ground, members.

    Households outside every grid are by the code of their community, without ground or members.
    """
    return tx.all(
        f"WITH ruled AS ({RULES}), members AS ({_MEMBERS}),"
        " homes AS (SELECT household_id, area_code, min(interval_days) AS days FROM ruled"
        "  WHERE active GROUP BY 1, 2),"
        " asked AS (SELECT t.area_code, sum(7.0 / t.days)::float8 AS visits_week,"
        "  count(DISTINCT h.geom)::int AS doors FROM homes t"
        "  JOIN household h ON h.id = t.household_id GROUP BY 1),"
        " ground AS (SELECT code, ST_Area(geom::geography) AS area_m2 FROM grid"
        "  WHERE valid_to IS NULL AND kind = 'comprehensive' AND code ^@ :area)"
        " SELECT coalesce(g.code, a.area_code) AS code,"
        " coalesce(a.visits_week, 0)::float8 AS visits_week, coalesce(a.doors, 0) AS doors,"
        " coalesce(g.area_m2, 0)::float8 AS area_m2, coalesce(m.members, 0) AS members"
        " FROM ground g FULL JOIN asked a ON a.area_code = g.code"
        " LEFT JOIN members m ON m.area_code = g.code ORDER BY 1",
        area=area,
    )


def names(tx: Transaction, area: str) -> dict[str, tuple[str, str | None]]:
    """Give the Chinese and English names of the areas inside an area and of those around it."""
    rows = tx.all(
        "SELECT code, name_zh, name_en FROM area WHERE code ^@ left(:area, 6)",
        area=area,
    )
    return {row["code"]: (row["name_zh"], row["name_en"]) for row in rows}
