"""Who is told something else by a plan than by the one before: by its rows, as people are told.

One comparison serves the page, the sheets that are printed anew and the messages of an order.
"""

from gridmap.store.database import Row, Transaction

HEARD = "('answered', 'departed', 'arrived', 'refused')"
"""States of those who were called and know where to go."""

# Who was told keeps to what they were told, which may be an older plan than the one that is
# made anew: call-outs stay under the plan in force until another one is. Who is home again was
# told of a round that is over.
TOLD = (
    "SELECT c.household_id, c.plan_id FROM call_out AS c JOIN plan AS q ON q.id = c.plan_id"
    " WHERE q.hazard_id = (SELECT hazard_id FROM plan WHERE id = {plan})"
    f" AND c.in_plan AND c.home_at IS NULL AND c.state IN {HEARD}"
)
"""SQL of the households that know where to go in the emergency of a plan, and by which plan."""

# What a household is told of its plan: place, hour, how it gets there, where it meets the others
# and its way. Departures count from the order: those of a plan that has been ordered are less by
# what has gone by until the other one was asked for.
_GONE_BY = (
    "coalesce((SELECT extract(epoch FROM n.created_at - p.activated_at) FROM plan AS n"
    " WHERE n.id = :id AND n.id <> p.id AND n.created_at > p.activated_at), 0)"
)
_SAID = (
    "SELECT a.plan_id, a.household_id, a.area_code, a.shelter_id, a.second_shelter_id, a.reason,"
    " a.by_vehicle, a.travel, t.number, t.point, r.geom AS way,"
    f" greatest(0, a.departs_seconds - {_GONE_BY}) AS departs"
    " FROM assignment AS a JOIN plan AS p ON p.id = a.plan_id"
    " LEFT JOIN (SELECT k.plan_id, one.value ->> 'number' AS number,"
    "   concat_ws(' ', one.value ->> 'lon', one.value ->> 'lat') AS point FROM plan_part AS k,"
    "   jsonb_array_elements(k.content -> 'points') AS one WHERE k.kind = 'assembly') AS t"
    "  ON t.plan_id = a.plan_id AND t.number = CAST(a.assembly AS text)"
    " LEFT JOIN route AS r ON r.plan_id = a.plan_id AND r.household_id = a.household_id"
    "  AND r.mode = CASE WHEN a.by_vehicle THEN 'drive' ELSE 'walk' END"
)
_SAME_WAY = 1e-5  # degrees, about a metre: within it two ways are one
_SAME_TIME = 60  # seconds: papers and messages give minutes

# The number of a wave is not among them: fewer waves before it change it, but not when one leaves.
SQL = (
    f"WITH told AS ({TOLD.format(plan=':id')} AND c.plan_id NOT IN (:id, :before)),"
    f" n AS ({_SAID} WHERE a.plan_id = :id),"
    f" o AS ({_SAID} LEFT JOIN told ON told.household_id = a.household_id"
    "  WHERE a.plan_id = coalesce(told.plan_id, :before))"
    " SELECT coalesce(n.household_id, o.household_id) AS household_id,"
    " coalesce(n.area_code, o.area_code) AS grid, n.household_id IS NULL AS gone,"
    " o.shelter_id AS was, n.shelter_id AS now"
    " FROM n FULL JOIN o ON o.household_id = n.household_id"
    " WHERE n.household_id IS NULL OR o.household_id IS NULL"
    " OR n.shelter_id IS DISTINCT FROM o.shelter_id OR n.reason IS DISTINCT FROM o.reason"
    " OR n.second_shelter_id IS DISTINCT FROM o.second_shelter_id"
    " OR n.by_vehicle <> o.by_vehicle OR n.travel <> o.travel"
    " OR n.number IS DISTINCT FROM o.number OR n.point IS DISTINCT FROM o.point"
    " OR (n.departs IS NULL) <> (o.departs IS NULL)"
    f" OR abs(n.departs - o.departs) > {_SAME_TIME}"
    " OR (n.way IS NULL) <> (o.way IS NULL)"
    f" OR ST_HausdorffDistance(n.way, o.way) > {_SAME_WAY}"
)
"""Households to which the plan `:id` says something else than the plan `:before` did.

Columns: `household_id`, `grid`, `gone` (not in the plan any more), `was` and `now` (shelters).
"""


def changed(tx: Transaction, plan_id: int, before: int) -> list[Row]:
    """Give the households to which a plan says something else than the one before, see `SQL`."""
    return tx.all(f"{SQL} ORDER BY 1", id=plan_id, before=before)


def told(tx: Transaction, plan_id: int) -> dict[int, int]:
    """Give the households that know where to go in a plan's emergency: by which plan, by id."""
    rows = tx.all(f"{TOLD.format(plan=':id')} ORDER BY 1, 2", id=plan_id)
    return {int(row["household_id"]): int(row["plan_id"]) for row in rows}


def gone_by(tx: Transaction, plan_id: int, before: int) -> float:
    """Give the seconds from the order of a plan until another was asked for; 0 if not ordered."""
    sql = f"SELECT {_GONE_BY} FROM plan AS p WHERE p.id = :before"
    return float(tx.value(sql, id=plan_id, before=before) or 0.0)
