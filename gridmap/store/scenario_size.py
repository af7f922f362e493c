"""What keeps grids of a scenario from the rule of size: ground that nothing else hangs on to."""

from collections.abc import Sequence

from gridmap.store.database import Transaction


def largest_buildings(tx: Transaction, scenario_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Give the households of the building in which most live, for each of some grids."""
    rows = tx.all(
        "SELECT key, max(households)::int AS households FROM ("
        " SELECT g.key, h.building_id, count(*) AS households FROM scenario_grid AS g"
        "  JOIN household AS h ON h.geom && g.geom AND ST_Intersects(g.geom, h.geom)"
        "  WHERE g.scenario_id = :id AND g.key = ANY(:keys) AND h.building_id IS NOT NULL"
        "  GROUP BY g.key, h.building_id) AS each_ GROUP BY key",
        id=scenario_id,
        keys=list(keys),
    )
    return {row["key"]: int(row["households"]) for row in rows}


def parts(tx: Transaction, scenario_id: int, communities: Sequence[str]) -> dict[str, list[str]]:
    """Give, for each grid of communities whose outline has several parts, the grids on its part.

    A grid counts for the part on which its label stands.
    """
    rows = tx.all(
        "SELECT array_agg(g.key ORDER BY g.key) AS keys FROM area AS a, ST_Dump(a.geom) AS p"
        " JOIN scenario_grid AS g ON g.scenario_id = :id AND g.kind = 'comprehensive'"
        "  AND ST_Intersects(p.geom, g.label_point)"
        " WHERE a.code = ANY(:communities) AND g.area_code = a.code"
        "  AND ST_NumGeometries(a.geom) > 1 GROUP BY a.code, p.path",
        id=scenario_id,
        communities=list(communities),
    )
    return {key: row["keys"] for row in rows for key in row["keys"]}
