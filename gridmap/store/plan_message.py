"""What messages say of a plan: by grid, by shelter and by community, counted in one query each."""

from datetime import date

from gridmap.store import plan_difference
from gridmap.store.database import Row, Transaction
from gridmap.store.days import SETTING, TODAY, day

MOST_HOMES = 8  # more are on the list that the message leads to

_AT = f"to_char(({{}}) AT TIME ZONE current_setting('{SETTING}'), 'HH24:MI')"

_FIRST = (
    "coalesce(min(p.activated_at), now()) + make_interval(secs => coalesce("
    "min(a.departs_seconds) FILTER (WHERE a.wave = a.first_wave), 0))"
)


def head(tx: Transaction, plan_id: int) -> Row:
    """Give a plan with its hazard, and its figures; `by` is when the area has to be empty."""
    return tx.one(
        "SELECT p.id, p.area_code, p.hazard_id, p.version, p.state, h.kind, h.name, h.name_en,"
        " h.severity, h.exercise, h.state AS hazard_state,"
        " to_char(p.clear_by AT TIME ZONE"
        f"  current_setting('{SETTING}'), CASE WHEN {day('p.clear_by')} = {TODAY}"
        "  THEN 'HH24:MI' ELSE 'MM-DD HH24:MI' END) AS by,"
        " n.households, n.people, n.unserved, n.grids"
        " FROM plan AS p JOIN hazard AS h ON h.id = p.hazard_id"
        " CROSS JOIN LATERAL (SELECT count(*)::int AS households,"
        "  coalesce(sum(a.people), 0)::int AS people,"
        "  (count(*) FILTER (WHERE a.reason IS NOT NULL))::int AS unserved,"
        "  count(DISTINCT a.area_code)::int AS grids FROM assignment AS a"
        "  WHERE a.plan_id = p.id) AS n WHERE p.id = :id",
        id=plan_id,
    )


def grids(tx: Transaction, plan_id: int) -> list[Row]:
    """Give what each grid of a plan has to do: how many leave, which first, when; by grid.

    Homes stand in the order of their addresses: no other order that could say who needs care.
    """
    return tx.all(
        "WITH a AS (SELECT a.*, min(a.wave) OVER (PARTITION BY a.area_code) AS first_wave"
        "  FROM assignment AS a WHERE a.plan_id = :id)"
        " SELECT a.area_code AS grid, count(*)::int AS households, sum(a.people)::int AS people,"
        " min(a.first_wave)::int AS wave,"
        " (count(*) FILTER (WHERE a.wave = a.first_wave))::int AS first,"
        " (count(*) FILTER (WHERE a.by_vehicle))::int AS fetched,"
        " (count(*) FILTER (WHERE a.reason IS NOT NULL))::int AS unserved,"
        f" {_AT.format(_FIRST)} AS departs,"
        " (array_agg(h.address ORDER BY h.address, a.household_id)"
        f"  FILTER (WHERE a.wave IS NOT DISTINCT FROM a.first_wave))[1:{MOST_HOMES}] AS homes"
        " FROM a JOIN household AS h ON h.id = a.household_id JOIN plan AS p ON p.id = a.plan_id"
        " GROUP BY a.area_code ORDER BY a.area_code",
        id=plan_id,
    )


def changes(tx: Transaction, plan_id: int, before: int) -> list[Row]:
    """Give, by grid, which households have another place, time or way than in the plan before."""
    return tx.all(
        "SELECT d.grid, count(*)::int AS changed, (count(*) FILTER (WHERE d.gone))::int AS gone,"
        f" (array_agg(h.address ORDER BY h.address, h.id))[1:{MOST_HOMES}] AS homes"
        f" FROM ({plan_difference.SQL}) AS d JOIN household AS h ON h.id = d.household_id"
        " GROUP BY d.grid ORDER BY d.grid",
        id=plan_id,
        before=before,
    )


def shelters(tx: Transaction, plan_id: int) -> list[Row]:
    """Give whom each shelter of a plan expects, when the first, and who of them needs what."""
    return tx.all(
        "WITH c AS (SELECT a.shelter_id, count(*)::int AS households, sum(a.people)::int AS people,"
        "  min(coalesce(a.departs_seconds, 0) + a.seconds) AS first FROM assignment AS a"
        "  WHERE a.plan_id = :id AND a.shelter_id IS NOT NULL GROUP BY a.shelter_id),"
        " k AS (SELECT a.shelter_id, n.kind, sum(n.people)::int AS people FROM assignment AS a"
        "  JOIN household_need AS n ON n.household_id = a.household_id"
        "  WHERE a.plan_id = :id AND a.shelter_id IS NOT NULL GROUP BY a.shelter_id, n.kind)"
        " SELECT c.shelter_id AS shelter, c.households, c.people,"
        f" {_AT.format('coalesce(p.activated_at, now()) + make_interval(secs => c.first)')}"
        " AS arrives,"
        " coalesce((SELECT jsonb_object_agg(k.kind, k.people) FROM k"
        "  WHERE k.shelter_id = c.shelter_id), '{}') AS needs"
        " FROM c JOIN plan AS p ON p.id = :id ORDER BY c.shelter_id",
        id=plan_id,
    )


def communities(tx: Transaction, plan_id: int) -> list[str]:
    """Give the communities of a plan's households."""
    rows = tx.all(
        "SELECT DISTINCT left(area_code, 12) AS code FROM assignment WHERE plan_id = :id"
        " ORDER BY 1",
        id=plan_id,
    )
    return [row["code"] for row in rows]


def aloud(tx: Transaction, plan_id: int) -> list[Row]:
    """Give where the people of each community go, in as many words as can be said aloud.

    Returns
    -------
    list of Row
        `code`; `names` and `names_en` of its shelters, those without a name as None.
    """
    return tx.all(
        "SELECT c.code, array_agg(f.name ORDER BY f.id) FILTER (WHERE f.id IS NOT NULL) AS names,"
        " array_agg(f.name_en ORDER BY f.id) FILTER (WHERE f.id IS NOT NULL) AS names_en"
        " FROM (SELECT DISTINCT"
        "  left(area_code, 12) AS code, shelter_id FROM assignment WHERE plan_id = :id) AS c"
        " LEFT JOIN facility AS f ON f.id = c.shelter_id GROUP BY c.code ORDER BY c.code",
        id=plan_id,
    )


def heard(tx: Transaction, hazard_id: int) -> list[str]:
    """Give the communities where people were told aloud to keep away or to leave."""
    rows = tx.all(
        "SELECT DISTINCT m.area_code AS code FROM message AS m WHERE m.channel = 'loudspeaker'"
        " AND m.kind IN ('hazard_public', 'plan_public') AND m.state <> 'cancelled'"
        " AND m.about IN (SELECT 'hazard:' || CAST(:id AS bigint)"
        "  UNION SELECT 'plan:' || p.id FROM plan AS p WHERE p.hazard_id = :id)"
        " AND m.area_code ^@ ANY ((SELECT my_areas())::text[]) ORDER BY 1",
        id=hazard_id,
    )
    return [row["code"] for row in rows]


def of_hazard(tx: Transaction, hazard_id: int) -> list[int]:
    """Give the plans of a hazard."""
    rows = tx.all("SELECT id FROM plan WHERE hazard_id = :id ORDER BY id", id=hazard_id)
    return [int(row["id"]) for row in rows]


def called(tx: Transaction, hazard_id: int) -> int | None:
    """Give the plan of a hazard under which people were called out; None where nobody was."""
    found = tx.value(
        "SELECT max(c.plan_id) FROM call_out AS c JOIN plan AS p ON p.id = c.plan_id"
        " WHERE p.hazard_id = :id",
        id=hazard_id,
    )
    return None if found is None else int(found)


def back(tx: Transaction, plan_id: int, hold_until: date | None) -> Row:
    """Give a plan with its hazard, for what is said of the way home; `until` as people read it."""
    return tx.one(
        "SELECT p.id, p.area_code, p.hazard_id, p.version, p.state, h.kind, h.name, h.name_en,"
        " h.severity, h.exercise, to_char(CAST(:until AS date), 'MM-DD') AS until"
        " FROM plan AS p JOIN hazard AS h ON h.id = p.hazard_id WHERE p.id = :id",
        id=plan_id,
        until=hold_until,
    )


def away(tx: Transaction, plan_id: int) -> list[Row]:
    """Give, by grid of those called out, how many households are away from home."""
    return tx.all(
        "SELECT area_code AS grid, (count(*) FILTER (WHERE home_at IS NULL"
        "  AND (arrived_people > 0 OR state = 'departed')))::int AS away"
        " FROM call_out WHERE plan_id = :id GROUP BY area_code ORDER BY area_code",
        id=plan_id,
    )


def present(tx: Transaction, plan_id: int) -> list[Row]:
    """Give how many people are in each shelter of a plan, of those not home again."""
    return tx.all(
        "SELECT s.shelter_id AS shelter, coalesce((SELECT sum(r.people) FROM arrival AS r"
        "  JOIN call_out AS c ON c.id = r.call_out_id AND c.home_at IS NULL"
        "  WHERE c.plan_id = :id AND r.shelter_id = s.shelter_id), 0)::int AS present"
        " FROM (SELECT shelter_id FROM call_out WHERE plan_id = :id AND shelter_id IS NOT NULL"
        "  UNION SELECT r.shelter_id FROM arrival AS r JOIN call_out AS c ON c.id = r.call_out_id"
        "   WHERE c.plan_id = :id AND r.shelter_id IS NOT NULL) AS s ORDER BY 1",
        id=plan_id,
    )


def inside(tx: Transaction, hazard_id: int) -> list[Row]:
    """Give, by grid, whom a hazard touches; also grids it touches in which nobody lives there."""
    return tx.all(
        "SELECT g.code AS grid, count(h.id)::int AS households,"
        " coalesce(sum(h.people), 0)::int AS people"
        " FROM hazard AS z JOIN grid AS g ON g.geom && z.geom AND ST_Intersects(g.geom, z.geom)"
        "  AND g.valid_to IS NULL"
        " LEFT JOIN household AS h ON h.area_code = g.code AND h.geom && z.geom"
        "  AND ST_Intersects(h.geom, z.geom)"
        " WHERE z.id = :id AND g.code ^@ ANY ((SELECT my_areas())::text[])"
        " GROUP BY g.code ORDER BY g.code",
        id=hazard_id,
    )


def hazard(tx: Transaction, hazard_id: int) -> Row:
    """Give a hazard as messages name it."""
    return tx.one(
        "SELECT id, area_code, kind, name, name_en, severity, exercise, revision, households,"
        " people FROM hazard WHERE id = :id",
        id=hazard_id,
    )


def touched(tx: Transaction, hazard_id: int) -> list[str]:
    """Give the communities that a hazard touches, within one's areas."""
    rows = tx.all(
        "SELECT a.code FROM hazard AS z JOIN area AS a ON a.level = 'community'"
        " AND a.geom && z.geom AND ST_Intersects(a.geom, z.geom)"
        " WHERE z.id = :id AND a.code ^@ ANY ((SELECT my_areas())::text[]) ORDER BY a.code",
        id=hazard_id,
    )
    return [row["code"] for row in rows]
