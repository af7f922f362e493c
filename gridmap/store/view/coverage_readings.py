"""A coverage run read in other ways: at another limit, by area, beside another run, over time."""

from gridmap.store import coverage_days
from gridmap.store.coverage_part import REASONS
from gridmap.store.database import Row, Transaction

# the column of a part for each measure of a standard: nothing else is ever put into the SQL
_MEASURES = {"seconds": "seconds", "metres": "metres"}
_LABEL = (
    "CASE WHEN length(code) = 15 THEN substr(code, 10, 3) || '-' || substr(code, 13, 3)"
    " ELSE code END AS label"
)
_REASON = "(ARRAY[" + ", ".join(f"'{name}'" for name in REASONS) + "])[reason]"


def run(tx: Transaction, run_id: int) -> Row | None:
    """Give a run with its standard as it was, or None if there is none in scope."""
    return tx.maybe(
        "SELECT id, area_code, standard_key, standard, input_version, totals, created_at"
        " FROM coverage_run WHERE id = :id",
        id=run_id,
    )


def has_parts(tx: Transaction, run_id: int) -> bool:
    """Tell whether what a run found is still kept by grid; of old runs only the sums are."""
    return bool(
        tx.value("SELECT EXISTS (SELECT 1 FROM coverage_run_part WHERE run_id = :id)", id=run_id)
    )


def at_limit(tx: Transaction, run_id: int, by: str, limit: float) -> list[Row]:
    """Sum a run up by grid as if its limit were another one, the worst first.

    Whoever has a way that is short enough is reached; whoever has none keeps the reason.
    """
    measure = _MEASURES[by]
    return tx.all(
        f"SELECT code, {_LABEL}, households, uncovered, worst_seconds, worst_metres,"
        f" {_REASON} AS main_reason FROM ("
        "SELECT l.area_code AS code, sum(u.households)::int AS households,"
        " sum(u.missed)::int AS uncovered, max(p.worst_seconds)::float8 AS worst_seconds,"
        " max(p.worst_metres)::float8 AS worst_metres,"
        " (array_agg(u.reason ORDER BY u.missed DESC))[1] AS reason"
        " FROM coverage_run_part AS l JOIN coverage_part AS p ON p.id = l.part_id"
        " CROSS JOIN LATERAL (SELECT count(*) AS households,"
        "  count(*) FILTER (WHERE way < 0 OR way > CAST(:limit AS real)) AS missed,"
        "  mode() WITHIN GROUP (ORDER BY CASE WHEN way < 0 THEN greatest(reason, 1) ELSE 1 END)"
        "   FILTER (WHERE way < 0 OR way > CAST(:limit AS real)) AS reason"
        f"  FROM unnest(p.{measure}, p.reasons) AS each (way, reason)) AS u"
        " WHERE l.run_id = :id GROUP BY l.area_code) AS g ORDER BY uncovered DESC, code",
        id=run_id,
        limit=limit,
    )


def by_area(tx: Transaction, run_id: int, digits: int) -> list[Row]:
    """Sum a run up by the areas whose codes have this many digits, the worst first."""
    return tx.all(
        "SELECT g.code, coalesce(a.name_zh, g.code) AS label, a.name_en, households, uncovered,"
        " people, people_uncovered, with_needs, with_needs_uncovered, always, sometimes, never,"
        " score, score_people, score_low, worst_seconds, worst_metres, grids FROM ("
        "SELECT substr(l.area_code, 1, :digits) AS code, sum(p.households)::int AS households,"
        " sum(p.uncovered)::int AS uncovered, sum(p.people)::int AS people,"
        " sum(p.people_uncovered)::int AS people_uncovered,"
        " sum(p.with_needs)::int AS with_needs,"
        " sum(p.with_needs_uncovered)::int AS with_needs_uncovered,"
        " (sum(p.score_sum) / nullif(sum(p.score_people), 0))::float8 AS score,"
        " sum(p.score_people)::int AS score_people, sum(p.score_low)::int AS score_low,"
        " sum(p.always)::int AS always, sum(p.sometimes)::int AS sometimes,"
        " sum(p.never)::int AS never, max(p.worst_seconds)::float8 AS worst_seconds,"
        " max(p.worst_metres)::float8 AS worst_metres, count(DISTINCT l.area_code)::int AS grids"
        " FROM coverage_run_part AS l JOIN coverage_part AS p ON p.id = l.part_id"
        " WHERE l.run_id = :id GROUP BY 1) AS g LEFT JOIN area AS a ON a.code = g.code"
        " ORDER BY uncovered DESC, g.code",
        id=run_id,
        digits=digits,
    )


def differences(tx: Transaction, before: int, after: int) -> list[Row]:
    """Count by grid who is reached in one of two runs only, those who lost cover first.

    What both runs found alike is one part of both and is not read. A household that is in one
    of the runs only is neither lost nor gained.
    """
    members = (
        "(SELECT l.area_code, u.id, u.covered FROM coverage_run_part AS l"
        " JOIN coverage_part AS p ON p.id = l.part_id"
        " CROSS JOIN LATERAL unnest(p.household_ids, p.covered) AS u (id, covered)"
        " WHERE l.run_id = {one} AND NOT EXISTS (SELECT 1 FROM coverage_run_part AS s"
        " WHERE s.run_id = {other} AND s.part_id = l.part_id))"
    )
    return tx.all(
        f"SELECT code, {_LABEL}, households, before, after, lost, gained FROM ("
        "SELECT coalesce(n.area_code, o.area_code) AS code, count(*)::int AS households,"
        " (count(*) FILTER (WHERE NOT o.covered))::int AS before,"
        " (count(*) FILTER (WHERE NOT n.covered))::int AS after,"
        " (count(*) FILTER (WHERE o.covered AND NOT n.covered))::int AS lost,"
        " (count(*) FILTER (WHERE n.covered AND NOT o.covered))::int AS gained"
        f" FROM {members.format(one=':before', other=':after')} AS o"
        f" FULL JOIN {members.format(one=':after', other=':before')} AS n ON n.id = o.id"
        " GROUP BY 1) AS g WHERE lost > 0 OR gained > 0 ORDER BY lost DESC, gained DESC, code",
        before=before,
        after=after,
    )


def history(tx: Transaction, standard_key: str, area_code: str | None, limit: int) -> list[Row]:
    """Give runs of a standard with their sums, the newest first.

    All of today's and yesterday's; of the days before one each, or a wet week with its closures
    would push the year out of the chart.
    """
    return tx.all(
        "SELECT id, area_code, standard_key, standard, input_version, totals, created_at"
        f" FROM (SELECT *, {coverage_days.stands('area_code')} AS stands FROM coverage_run"
        "  WHERE standard_key = :key AND (CAST(:area AS text) IS NULL OR area_code = :area)) AS r"
        " WHERE stands OR created_at > now() - interval '2 days' ORDER BY id DESC LIMIT :limit",
        key=standard_key,
        area=area_code,
        limit=limit,
    )
