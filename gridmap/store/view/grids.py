"""Grids in force as a layer."""

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
_TABLES = (
    "grid g"
    " LEFT JOIN (SELECT area_code, sum(people)::int AS people FROM household_need"
    "   GROUP BY area_code) n ON n.area_code = g.code"
    " LEFT JOIN (SELECT grid_code, count(*)::int AS open FROM incident WHERE state IN"
    "   ('reported', 'verified', 'assigned', 'handling', 'resolved', 'objected')"
    "   GROUP BY grid_code) i ON i.grid_code = g.code"
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
    where=("g.valid_to IS NULL",),
)
# the measures of a single grid as well
DETAIL = Source(
    tables=_TABLES,
    key="g.code",
    geometry="g.geom",
    area="g.code",
    properties=_PROPERTIES | {"measures": "g.measures", "valid_from": "g.valid_from"},
    where=("g.valid_to IS NULL",),
)


def quality(tx: Transaction, code: str, minimum: int, maximum: int) -> Row:
    """Sum up the stored measures of the grids in force of an area."""
    return tx.one(
        "SELECT count(*)::int AS grids, coalesce(sum(households), 0)::int AS households,"
        " count(*) FILTER (WHERE households BETWEEN :minimum AND :maximum)::int AS within,"
        " count(*) FILTER (WHERE (measures->>'contiguous')::boolean)::int AS contiguous,"
        " round(avg((measures->>'polsby_popper')::numeric), 4)::float8 AS mean_polsby_popper,"
        " round(avg((measures->>'reock')::numeric), 4)::float8 AS mean_reock,"
        " round(avg((measures->>'along_roads')::numeric), 4)::float8 AS mean_along_roads"
        " FROM grid WHERE valid_to IS NULL AND kind = 'comprehensive'"
        " AND starts_with(code, :code)",
        code=code,
        minimum=minimum,
        maximum=maximum,
    )
