"""What a scenario starts from where no grids are in force: each such community as one grid."""

from collections.abc import Sequence

from gridmap.store.database import Transaction
from gridmap.store.scenario import take_numbers


def fill(tx: Transaction, scenario_id: int, communities: Sequence[str]) -> list[str]:
    """Put one grid on each community of a scenario that has none yet.

    A coverage without gaps is there from the first moment: dividing it is an edit like any other,
    by hand or by drawing the community anew. What nobody has touched is not published.

    Parameters
    ----------
    communities
        Codes of communities.

    Returns
    -------
    list of str
        Codes of the communities that had no grid in force, in order.
    """
    bare = [
        row["code"]
        for row in tx.all(
            "SELECT code FROM unnest(CAST(:communities AS text[])) AS c(code)"
            " WHERE NOT EXISTS (SELECT 1 FROM scenario_grid AS g WHERE g.scenario_id = :id"
            "  AND g.area_code = c.code AND g.kind = 'comprehensive') ORDER BY code",
            id=scenario_id,
            communities=list(communities),
        )
    ]
    if bare:
        tx.execute(
            "INSERT INTO scenario_grid (scenario_id, key, area_code, households, people,"
            "  geom, label_point)"
            " SELECT :id, n.key, a.code, coalesce(h.households, 0), coalesce(h.people, 0),"
            "  a.geom, ST_PointOnSurface(a.geom)"
            " FROM unnest(CAST(:codes AS text[]), CAST(:keys AS text[])) AS n(code, key)"
            " JOIN area AS a ON a.code = n.code"
            " LEFT JOIN LATERAL (SELECT count(*) AS households, sum(h.people) AS people"
            "  FROM household AS h WHERE h.geom && a.geom AND ST_Covers(a.geom, h.geom)) AS h"
            "  ON true",
            id=scenario_id,
            codes=bare,
            keys=take_numbers(tx, scenario_id, len(bare)),
        )
    return bare
