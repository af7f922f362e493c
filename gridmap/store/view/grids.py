"""Grids in force as a layer."""

from collections.abc import Mapping

from gridmap.store.database import Row, Transaction
from gridmap.store.view.feature import Source

TABLES = ("grid", "grid_member", "household_need", "incident")

_PROPERTIES = {
    "code": "g.code",
    "label": "substr(g.code, 10, 3) || '-' || substr(g.code, 13, 3)",
    "name": "g.name",
    "kind": "g.kind",
    "version": "g.version",
    "households": "g.households",
    "people": "g.people",
    "people_with_needs": "CASE WHEN g.code ^@ ANY(CAST(:households_in AS text[]))"
    " THEN coalesce(n.people, 0) END",
    "deviation": "(g.measures->>'deviation')::float8",
    "member": "m.name",
    "label_point": "json_build_array(round(ST_X(g.label_point)::numeric, 6),"
    " round(ST_Y(g.label_point)::numeric, 6))",
    "incidents_open": "coalesce(i.open, 0)",
}
_SPECIAL = {
    "special_use": "g.special_use",
    "area_m2": "g.measures->'area_m2'",
    "facilities": "g.measures->'facilities'",
}
_TABLES = (
    "grid g"
    " LEFT JOIN (SELECT area_code, sum(people)::int AS people FROM household_need"
    "   GROUP BY area_code) n ON n.area_code = g.code"
    # by the grid that has to answer now; grid_code is the one it lay in when reported
    " LEFT JOIN (SELECT area_code, count(*)::int AS open FROM incident WHERE state IN"
    "   ('reported', 'verified', 'assigned', 'handling', 'resolved', 'objected')"
    "   GROUP BY area_code) i ON i.area_code = g.code"
    " LEFT JOIN (SELECT DISTINCT ON (area_code) area_code, name FROM grid_member"
    "   WHERE valid_to IS NULL ORDER BY area_code, role = 'member' DESC, id) m"
    "   ON m.area_code = g.code"
)

SOURCE = Source(
    tables=_TABLES,
    key="g.code",
    geometry="g.geom",
    area="g.code",
    properties=_PROPERTIES,
    where=("g.valid_to IS NULL", "g.kind = 'comprehensive'"),
)
# those that lie over them
SPECIAL = Source(
    tables=_TABLES,
    key="g.code",
    geometry="g.geom",
    area="g.code",
    properties=_PROPERTIES | _SPECIAL,
    where=("g.valid_to IS NULL", "g.kind = 'special'"),
)
# the measures of a single grid as well
DETAIL = Source(
    tables=_TABLES,
    key="g.code",
    geometry="g.geom",
    area="g.code",
    properties=_PROPERTIES | _SPECIAL | {"measures": "g.measures", "valid_from": "g.valid_from"},
    where=("g.valid_to IS NULL",),
)

# as they were on :day: who looked after them is kept by date, what happened in them is not
AS_OF = Source(
    tables="grid g LEFT JOIN LATERAL (SELECT name FROM grid_member AS m WHERE m.area_code = g.code"
    " AND m.valid_from <= :day AND (m.valid_to IS NULL OR m.valid_to > :day)"
    " ORDER BY m.role = 'member' DESC, m.id LIMIT 1) m ON true",
    key="g.code",
    geometry="g.geom",
    area="g.code",
    properties=_PROPERTIES
    | {
        "people_with_needs": "NULL",
        "incidents_open": "NULL",
        "valid_from": "g.valid_from",
        "valid_to": "g.valid_to",
        "special_use": "g.special_use",
    },
    where=(
        "g.valid_from <= :day",
        "(g.valid_to IS NULL OR g.valid_to > :day)",
        "g.kind = :kind",
    ),
)


def quality(tx: Transaction, code: str, rules: Mapping[str, tuple[int, int]]) -> Row:
    """Sum up the stored measures of the grids in force of an area.

    `rules` are the least and greatest number of households by community; `minimum` and `maximum`
    are those of all its grids, or None where they differ.
    """
    return tx.one(
        "SELECT count(*)::int AS grids, coalesce(sum(households), 0)::int AS households,"
        " count(*) FILTER (WHERE households BETWEEN r.least AND r.most)::int AS within,"
        " CASE WHEN min(r.least) = max(r.least) THEN min(r.least) END AS minimum,"
        " CASE WHEN min(r.most) = max(r.most) THEN min(r.most) END AS maximum,"
        " count(*) FILTER (WHERE (measures->>'contiguous')::boolean)::int AS contiguous,"
        " round(avg((measures->>'polsby_popper')::numeric), 4)::float8 AS mean_polsby_popper,"
        " round(avg((measures->>'reock')::numeric), 4)::float8 AS mean_reock,"
        " round(avg((measures->>'along_roads')::numeric), 4)::float8 AS mean_along_roads"
        " FROM grid LEFT JOIN unnest(CAST(:communities AS text[]), CAST(:least AS int[]),"
        "  CAST(:most AS int[])) AS r(community, least, most) ON r.community = grid.area_code"
        " WHERE valid_to IS NULL AND kind = 'comprehensive' AND starts_with(code, :code)",
        code=code,
        communities=list(rules),
        least=[least for least, _ in rules.values()],
        most=[most for _, most in rules.values()],
    )
