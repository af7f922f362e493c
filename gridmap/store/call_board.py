"""The board of a plan in force: sums by grid, who is missing, and what each shelter holds."""

from collections.abc import Sequence

from gridmap.store.database import Row, Transaction

_MISSING = "('waiting', 'called', 'no_answer')"
# Which one list of the board a household is on: every household is on exactly one of them.
_LIST = (
    "CASE WHEN c.home_at IS NOT NULL THEN 'home'"
    f" WHEN c.state IN {_MISSING} THEN 'unheard'"
    " WHEN c.state = 'arrived' AND (SELECT a.place FROM arrival AS a WHERE a.call_out_id = c.id"
    "  ORDER BY a.at DESC, a.id DESC LIMIT 1) = 'relatives' THEN 'relatives' ELSE c.state END"
)
LISTS = (
    "unheard",
    "refused",
    "not_found",
    "answered",
    "departed",
    "arrived",
    "relatives",
    "home",
)


def head(tx: Transaction, plan_id: int, english: bool) -> Row | None:
    """Give a plan with its hazard; None for one that is not here."""
    name = "coalesce(h.name_en, h.name)" if english else "h.name"
    return tx.maybe(
        f"SELECT p.id, p.area_code, p.version, p.state, p.activated_at, p.approved_at, p.clear_by,"
        f" p.superseded_by, h.id AS hazard_id, {name} AS hazard, h.kind, h.severity, h.exercise,"
        " h.state AS hazard_state, h.lifted_at, now() AS as_of, (SELECT r.opened_at"
        "  FROM plan_return AS r WHERE r.plan_id = p.id) AS home_from"
        " FROM plan AS p JOIN hazard AS h ON h.id = p.hazard_id WHERE p.id = :id",
        id=plan_id,
    )


def newest(tx: Transaction, plan_id: int) -> int | None:
    """Give the plan under which the call-outs of a plan's hazard go on; None before any began."""
    found = tx.value(
        "SELECT max(c.plan_id) FROM call_out AS c JOIN plan AS p ON p.id = c.plan_id"
        " WHERE p.hazard_id = (SELECT hazard_id FROM plan WHERE id = :id)",
        id=plan_id,
    )
    return None if found is None else int(found)


def grids(tx: Transaction, plan_id: int) -> list[Row]:
    """Sum up by grid: how many stand where, and when the grid was last heard from."""
    return tx.all(
        "SELECT c.area_code AS grid, count(*)::int AS households, sum(c.people)::int AS people,"
        " count(*) FILTER (WHERE c.state = 'waiting')::int AS waiting,"
        " count(*) FILTER (WHERE c.state = 'called')::int AS called,"
        " count(*) FILTER (WHERE c.state = 'no_answer')::int AS no_answer,"
        " count(*) FILTER (WHERE c.state = 'answered')::int AS answered,"
        " count(*) FILTER (WHERE c.state = 'departed')::int AS departed,"
        " count(*) FILTER (WHERE c.state = 'arrived')::int AS arrived,"
        " count(*) FILTER (WHERE c.state = 'refused')::int AS refused,"
        " count(*) FILTER (WHERE c.state = 'not_found')::int AS not_found,"
        " count(*) FILTER (WHERE c.help_asked)::int AS help,"
        " count(*) FILTER (WHERE c.home_at IS NOT NULL)::int AS home,"
        " count(*) FILTER (WHERE c.unserved_reason IS NOT NULL)::int AS unserved,"
        " sum(c.arrived_people)::int AS arrived_people,"
        " count(*) FILTER (WHERE c.level <> 'village'"
        f"  AND c.state IN {_MISSING})::int AS climbed,"
        " min(c.begun_at) AS begun_at,"
        " (SELECT max(s.received_at) FROM call_step AS s JOIN call_out AS o ON o.id = s.call_out_id"
        "  WHERE o.plan_id = :plan AND o.area_code = c.area_code) AS heard_at,"
        " (SELECT string_agg(DISTINCT m.helper, '、') FROM call_out AS m"
        "  WHERE m.plan_id = :plan AND m.area_code = c.area_code) AS helpers"
        " FROM call_out AS c WHERE c.plan_id = :plan GROUP BY c.area_code ORDER BY c.area_code",
        plan=plan_id,
    )


# where a household meets, and how it goes on from there
_MEETING = (
    "g.assembly, g.travel, (SELECT o.value ->> 'name' FROM plan_part AS t,"
    "  jsonb_array_elements(t.content -> 'points') AS o(value) WHERE t.plan_id = g.plan_id"
    "  AND t.kind = 'assembly' AND (o.value ->> 'number')::int = g.assembly) AS assembly_name"
)
_ROW = (
    "SELECT c.id, c.plan_id, c.household_id, c.area_code AS grid, c.state, c.state_at, c.channel,"
    " c.people, c.with_needs, c.wave, c.position, c.shelter_id, c.unserved_reason, c.in_plan,"
    " c.helper, c.rung, c.level, c.due_at, c.begun_at, c.attempts, c.arrived_people,"
    " c.help_asked, c.home_at, c.code, b.address, b.householder, b.phone,"
    " CASE WHEN c.area_code ^@ ANY (CAST(:needs_in AS text[])) THEN"
    "  (SELECT array_agg(n.kind ORDER BY n.kind) FROM household_need AS n"
    "   WHERE n.household_id = c.household_id) END AS needs,"
    " ARRAY(SELECT s.kind FROM call_step AS s WHERE s.call_out_id = c.id AND s.clash"
    "  AND s.settled_at IS NULL ORDER BY s.seq) AS clashes,"
    " (SELECT a.place FROM arrival AS a WHERE a.call_out_id = c.id ORDER BY a.at DESC, a.id DESC"
    "  LIMIT 1) AS place,"
    " coalesce((SELECT json_agg(json_build_object('id', s.id, 'seq', s.seq, 'kind', s.kind,"
    "  'at', s.at, 'channel', s.channel, 'people', s.people, 'all_in', s.all_in,"
    "  'place', s.place, 'undoes', s.undoes) ORDER BY s.seq) FROM call_step AS s"
    "  WHERE s.call_out_id = c.id), '[]') AS steps,"
    " (SELECT s.reason FROM call_step AS s WHERE s.call_out_id = c.id AND s.kind = c.state"
    "  AND s.reason IS NOT NULL ORDER BY s.seq DESC LIMIT 1) AS said,"
    f" ST_X(b.geom) AS lon, ST_Y(b.geom) AS lat, {_MEETING}"
    " FROM call_out AS c JOIN household AS b ON b.id = c.household_id"
    " LEFT JOIN assignment AS g ON g.plan_id = c.plan_id AND g.household_id = c.household_id"
)


# who needs help goes first, for those who may know; the order of the rows themselves tells it too
_READ = "c.area_code ^@ ANY (CAST(:needs_in AS text[]))"
_TURN = (
    f"CASE WHEN {_READ} THEN c.with_needs END DESC NULLS LAST,"
    f" CASE WHEN {_READ} THEN c.position END, c.household_id"
)


def missing(
    tx: Transaction, plan_id: int, *, grid: str | None, needs_in: Sequence[str], limit: int
) -> list[Row]:
    """List who has not answered, refused or was not found, who has waited longest first."""
    return tx.all(
        f"{_ROW} WHERE c.plan_id = :plan AND c.state IN ('waiting', 'called', 'no_answer',"
        " 'refused', 'not_found') AND (CAST(:grid AS text) IS NULL OR c.area_code ^@ :grid)"
        " ORDER BY c.state IN ('refused', 'not_found'), c.level = 'village', c.level = 'township',"
        f" coalesce(c.called_at, c.begun_at), {_TURN} LIMIT :limit",
        plan=plan_id,
        grid=grid,
        needs_in=list(needs_in),
        limit=limit,
    )


def lists(tx: Transaction, plan_id: int, grid: str | None) -> dict[str, int]:
    """Count the households of each list of the board, and those that wait for a hand.

    The lists of `LISTS` add up to all households: each is on one of them. `help` counts those of
    any list where somebody has asked for a hand.
    """
    rows = tx.all(
        f"SELECT {_LIST} AS list, count(*)::int AS households,"
        " count(*) FILTER (WHERE c.help_asked)::int AS help FROM call_out AS c"
        " WHERE c.plan_id = :plan AND (CAST(:grid AS text) IS NULL OR c.area_code ^@ :grid)"
        " GROUP BY 1",
        plan=plan_id,
        grid=grid,
    )
    found = {row["list"]: row["households"] for row in rows}
    return {
        **{name: found.get(name, 0) for name in LISTS},
        "help": sum(row["help"] for row in rows),
    }


def listed(  # noqa: PLR0913 - which households of which plan
    tx: Transaction,
    plan_id: int,
    *,
    name: str,
    grid: str | None,
    needs_in: Sequence[str],
    limit: int,
) -> list[Row]:
    """List the households of one list of the board, or all; who has waited longest first."""
    return tx.all(
        f"{_ROW} WHERE c.plan_id = :plan AND (CAST(:grid AS text) IS NULL OR c.area_code ^@ :grid)"
        " AND CASE CAST(:name AS text) WHEN 'all' THEN true WHEN 'help' THEN c.help_asked"
        f" ELSE {_LIST} = :name END"
        " ORDER BY c.level = 'village', c.level = 'township',"
        f" CASE WHEN c.state IN {_MISSING} THEN coalesce(c.called_at, c.begun_at)"
        f"  ELSE c.state_at END, {_TURN} LIMIT :limit",
        plan=plan_id,
        name=name,
        grid=grid,
        needs_in=list(needs_in),
        limit=limit,
    )


def roster(
    tx: Transaction, *, plan_id: int | None, needs_in: Sequence[str], limit: int
) -> list[Row]:
    """List the call-outs of plans in force in these areas, as they are walked."""
    return tx.all(
        f"{_ROW} JOIN plan AS p ON p.id = c.plan_id"
        " WHERE (CAST(:plan AS bigint) IS NULL AND (p.state = 'active' AND NOT EXISTS"
        "   (SELECT 1 FROM plan_return AS r WHERE r.plan_id = p.id AND r.ended_at IS NOT NULL)"
        # over, but somebody is still away from home: ticked when they are back
        "   OR p.state = 'closed' AND EXISTS (SELECT 1 FROM call_out AS o"
        "    WHERE o.plan_id = p.id AND o.arrived_people > 0 AND o.home_at IS NULL))"
        "  OR c.plan_id = :plan)"
        f" ORDER BY c.plan_id DESC, c.area_code, CASE WHEN {_READ} THEN c.position END,"
        " c.household_id LIMIT :limit",
        plan=plan_id,
        needs_in=list(needs_in),
        limit=limit,
    )


def unserved(
    tx: Transaction, plan_id: int, *, grid: str | None, needs_in: Sequence[str], limit: int
) -> list[Row]:
    """List the households the plan has no place for, with why."""
    return tx.all(
        f"{_ROW} WHERE c.plan_id = :plan AND c.unserved_reason IS NOT NULL"
        " AND (CAST(:grid AS text) IS NULL OR c.area_code ^@ :grid)"
        f" ORDER BY {_TURN} LIMIT :limit",
        plan=plan_id,
        grid=grid,
        needs_in=list(needs_in),
        limit=limit,
    )


def is_shelter(tx: Transaction, shelter_id: int) -> bool:
    """Tell whether there is a shelter of this number in the county."""
    return bool(
        tx.value("SELECT EXISTS (SELECT 1 FROM shelter WHERE facility_id = :id)", id=shelter_id)
    )


def shelters(tx: Transaction, plan_id: int, english: bool) -> list[Row]:
    """Give the shelters of a plan: who is meant to come, who is there, what was said last.

    Besides those people are sent to these are those they went to, and those that were said to be
    full or closed while the hazard goes on: somebody has to be able to say otherwise.
    """
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        f"SELECT f.id, f.area_code, {name} AS name, f.open, s.capacity, s.accessible, s.services,"
        " coalesce(w.households, 0)::int AS planned_households,"
        " coalesce(w.people, 0)::int AS planned_people, coalesce(w.way, 0)::int AS on_the_way,"
        " coalesce(a.people, 0)::int AS present, coalesce(a.households, 0)::int AS households,"
        " t.state, t.supplies, t.at, u.display_name AS by, h.exercise, ST_X(f.geom) AS lon,"
        " ST_Y(f.geom) AS lat"
        " FROM plan AS p JOIN hazard AS h ON h.id = p.hazard_id"
        " CROSS JOIN facility AS f JOIN shelter AS s ON s.facility_id = f.id"
        " LEFT JOIN (SELECT shelter_id, count(*) AS households, sum(people) AS people,"
        "  sum(people - least(arrived_people, people)) FILTER (WHERE state = 'departed') AS way"
        "  FROM call_out WHERE plan_id = :plan AND shelter_id IS NOT NULL GROUP BY shelter_id)"
        "  AS w ON w.shelter_id = f.id"
        " LEFT JOIN (SELECT r.shelter_id, sum(r.people) AS people,"
        "  count(DISTINCT r.call_out_id) AS households FROM arrival AS r"
        "  JOIN call_out AS c ON c.id = r.call_out_id WHERE c.plan_id = :plan"
        "  AND c.home_at IS NULL AND r.shelter_id IS NOT NULL GROUP BY r.shelter_id)"
        "  AS a ON a.shelter_id = f.id"
        # what was said under the plan before this one holds until somebody says otherwise
        " LEFT JOIN LATERAL (SELECT z.state, z.supplies, z.at, z.user_id FROM shelter_status AS z"
        "  JOIN plan AS q ON q.id = z.plan_id"
        "  WHERE q.hazard_id = p.hazard_id AND z.shelter_id = f.id"
        "  ORDER BY z.at DESC, z.plan_id DESC LIMIT 1) AS t ON true"
        " LEFT JOIN app_user AS u ON u.id = t.user_id"
        " WHERE p.id = :plan AND (w.shelter_id IS NOT NULL OR a.shelter_id IS NOT NULL"
        "  OR t.state IN ('full', 'closed')) ORDER BY f.id",
        plan=plan_id,
    )


def needs_present(tx: Transaction, plan_id: int) -> list[Row]:
    """Count households with each need in each shelter now, for those who may read needs."""
    return tx.all(
        "SELECT r.shelter_id, n.kind, count(DISTINCT c.id)::int AS households FROM arrival AS r"
        " JOIN call_out AS c ON c.id = r.call_out_id"
        " JOIN household_need AS n ON n.household_id = c.household_id"
        " WHERE c.plan_id = :plan AND c.home_at IS NULL AND r.shelter_id IS NOT NULL"
        " GROUP BY r.shelter_id, n.kind ORDER BY r.shelter_id, n.kind",
        plan=plan_id,
    )


def meeting(tx: Transaction, plan_id: int, household_id: int) -> Row | None:
    """Give where a household of a plan meets: `assembly`, `assembly_name`, `travel`."""
    return tx.maybe(
        f"SELECT {_MEETING} FROM assignment AS g"
        " WHERE g.plan_id = :plan AND g.household_id = :household",
        plan=plan_id,
        household=household_id,
    )
