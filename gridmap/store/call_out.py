"""Call-outs: one for each household of a plan in force, and the steps that say where it stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gridmap.store.database import Row, Transaction


def plan_key(tx: Transaction, plan_id: int) -> bytes:
    """Give what signs the codes of a hazard's households: the same through all its plans."""
    return bytes(
        tx.value(
            "SELECT k.arrival_key FROM plan AS p JOIN plan AS k ON k.hazard_id = p.hazard_id"
            " WHERE p.id = :id ORDER BY k.id LIMIT 1",
            id=plan_id,
        )
    )


def households(tx: Transaction, plan_id: int) -> list[int]:
    """Give the households a plan touches, served or not."""
    rows = tx.all(
        "SELECT household_id FROM assignment WHERE plan_id = :id ORDER BY household_id", id=plan_id
    )
    return [int(row["household_id"]) for row in rows]


def move(tx: Transaction, hazard_id: int, plan_id: int) -> int:
    """Let the call-outs of a hazard's older plans go on under this one; give how many.

    Who was told stays told, and who has arrived has arrived. A household the new plan does not
    name any more stays on the list until somebody has told it so. Who is back home has done with
    the older plan: called out once more they are woken anew, by the code on their sheet.
    """
    tx.execute(
        "UPDATE call_out AS c SET code = NULL FROM plan AS p WHERE p.id = c.plan_id"
        " AND p.hazard_id = :hazard AND p.id <> :plan AND c.home_at IS NOT NULL",
        plan=plan_id,
        hazard=hazard_id,
    )
    return tx.execute(
        "UPDATE call_out AS c SET plan_id = :plan, in_plan = a.household_id IS NOT NULL,"
        " shelter_id = CASE WHEN a.household_id IS NULL THEN c.shelter_id ELSE a.shelter_id END,"
        " unserved_reason = a.reason, wave = coalesce(a.wave, c.wave),"
        " people = coalesce(a.people, c.people),"
        " with_needs = coalesce(a.with_needs, c.with_needs)"
        " FROM call_out AS o JOIN plan AS p ON p.id = o.plan_id"
        " LEFT JOIN assignment AS a ON a.plan_id = :plan AND a.household_id = o.household_id"
        " WHERE c.id = o.id AND p.hazard_id = :hazard AND p.id <> :plan AND c.home_at IS NULL",
        plan=plan_id,
        hazard=hazard_id,
    )


def insert(tx: Transaction, plan_id: int, codes: Mapping[int, str], wait: timedelta) -> int:
    """Insert a call-out for every household that has none yet; give how many.

    Who leaves first, then needs, then by wave; who looks after the grid is the helper until
    somebody else is named.
    """
    return tx.execute(
        "INSERT INTO call_out (plan_id, household_id, area_code, people, with_needs, wave,"
        " shelter_id, unserved_reason, code, position, helper_id, helper, begun_at, state_at,"
        " due_at)"
        " SELECT a.plan_id, a.household_id, a.area_code, a.people, a.with_needs, a.wave,"
        " a.shelter_id, a.reason, k.code, row_number() OVER (PARTITION BY a.area_code"
        "  ORDER BY a.departs_seconds NULLS FIRST, a.with_needs DESC, a.wave NULLS FIRST,"
        "  a.seconds DESC NULLS FIRST,"
        "  a.household_id), m.user_id, m.name, now(), now(), now() + :wait"
        " FROM assignment AS a"
        " JOIN unnest(CAST(:ids AS bigint[]), CAST(:codes AS text[])) AS k(id, code)"
        "  ON k.id = a.household_id"
        " LEFT JOIN LATERAL (SELECT g.user_id, g.name FROM grid_member AS g"
        "  WHERE g.area_code = a.area_code AND g.valid_to IS NULL AND g.role <> 'adviser'"
        "  ORDER BY g.role <> 'member', g.user_id IS NULL, g.id LIMIT 1) AS m ON true"
        " WHERE a.plan_id = :plan AND NOT EXISTS (SELECT 1 FROM call_out AS c"
        "  WHERE c.plan_id = :plan AND c.household_id = a.household_id)",
        plan=plan_id,
        ids=list(codes),
        codes=list(codes.values()),
        wait=wait,
    )


_WHOLE = (
    "SELECT c.id, c.plan_id, c.household_id, c.area_code, c.state, c.state_at, c.channel,"
    " c.people, c.shelter_id, c.rung, c.level, c.due_at, c.begun_at, c.arrived_people,"
    " p.area_code AS plan_area, c.helper_id, c.helper, c.home_at, h.exercise,"
    " h.id AS hazard_id, h.state AS hazard_state,"
    " (SELECT r.opened_at FROM plan_return AS r WHERE r.plan_id = c.plan_id) AS home_from"
    " FROM call_out AS c JOIN plan AS p ON p.id = c.plan_id"
    " JOIN hazard AS h ON h.id = p.hazard_id"
)


def of_household(tx: Transaction, plan_id: int, household_id: int) -> Row | None:
    """Give, and hold, the call-out of a household; also under the plan that came after.

    A step of an evacuation that is over belongs to that one, however late a tablet sends it.
    """
    rows = tx.all(
        f"{_WHOLE} WHERE c.household_id = :household AND p.hazard_id ="
        "  (SELECT hazard_id FROM plan WHERE id = :plan)"
        " ORDER BY c.plan_id = :plan DESC, c.id DESC LIMIT 1"
        " FOR UPDATE OF c",
        household=household_id,
        plan=plan_id,
    )
    return rows[0] if rows else None


def by_code(tx: Transaction, code: str) -> Row | None:
    """Give, and hold, the call-out a code names; of several emergencies the newest."""
    rows = tx.all(
        f"{_WHOLE} WHERE c.code = :code ORDER BY c.id DESC LIMIT 1 FOR UPDATE OF c", code=code
    )
    return rows[0] if rows else None


def step(tx: Transaction, step_id: UUID) -> Row | None:
    """Give what is stored under an id, with its content hash, or None."""
    return tx.maybe(
        "SELECT s.id, s.kind, s.at, s.content_hash, s.call_out_id, s.clash FROM call_step AS s"
        " WHERE s.id = :id",
        id=step_id,
    )


def add_step(tx: Transaction, call_out: Row, values: Mapping[str, Any]) -> bool:
    """Insert a step; False if its id is taken. The key decides, never a look beforehand."""
    return bool(
        tx.execute(
            "INSERT INTO call_step (id, area_code, call_out_id, kind, channel, place, shelter_id,"
            " people, all_in, reason, undoes, at, device_time, content_hash, user_id)"
            " VALUES (:id, :area_code, :call_out_id, :kind, :channel, :place, :shelter_id,"
            " :people, :all_in, :reason, :undoes, :at, :device_time, :content_hash, :user_id)"
            " ON CONFLICT (id) DO NOTHING",
            area_code=call_out["area_code"],
            call_out_id=call_out["id"],
            user_id=tx.scope.user_id,
            **values,
        )
    )


def steps(tx: Transaction, call_out_id: int) -> list[Row]:
    """List the steps of a household as they came."""
    return tx.all(
        "SELECT s.id, s.seq, s.kind, s.channel, s.place, s.shelter_id, s.people, s.all_in,"
        " s.reason, s.undoes, s.at, s.device_time, s.received_at, s.clash, s.user_id,"
        " u.display_name AS by FROM call_step AS s LEFT JOIN app_user AS u ON u.id = s.user_id"
        " WHERE s.call_out_id = :id ORDER BY s.seq",
        id=call_out_id,
    )


def put(tx: Transaction, call_out_id: int, values: Mapping[str, Any]) -> None:
    """Store where a household stands."""
    pairs = ", ".join(f"{name} = :{name}" for name in values)
    tx.execute(
        f"UPDATE call_out SET {pairs} WHERE id = :call_out_id", call_out_id=call_out_id, **values
    )


def mark_clashes(tx: Transaction, call_out_id: int, ids: Sequence[UUID]) -> None:
    """Note which steps do not fit the others."""
    tx.execute(
        "UPDATE call_step SET clash = (id = ANY(:ids)) WHERE call_out_id = :call_out_id"
        " AND clash <> (id = ANY(:ids))",
        call_out_id=call_out_id,
        ids=list(ids),
    )


def put_arrivals(tx: Transaction, call_out: Row, counted: Sequence[tuple[UUID, int]]) -> None:
    """Store who has come where, as the steps that count say."""
    tx.execute("DELETE FROM arrival WHERE call_out_id = :id", id=call_out["id"])
    if counted:
        tx.execute(
            "INSERT INTO arrival (call_out_id, area_code, place, shelter_id, people, at, step_id)"
            " SELECT s.call_out_id, s.area_code, s.place, s.shelter_id, k.people, s.at, s.id"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:people AS int[])) AS k(id, people)"
            " JOIN call_step AS s ON s.id = k.id",
            ids=[each for each, _people in counted],
            people=[people for _each, people in counted],
        )


def set_helper(tx: Transaction, call_out_id: int, *, user_id: int | None, name: str | None) -> None:
    """Name who wakes and accompanies a household."""
    tx.execute(
        "UPDATE call_out SET helper_id = :user, helper = :name WHERE id = :id",
        id=call_out_id,
        user=user_id,
        name=name,
    )


def climb(tx: Transaction, now: datetime | None, wait: timedelta) -> list[Row]:
    """Let what nobody answered in time climb to the next rung, then to the next level.

    Rows another scheduler holds are left to it; each climbs once for each deadline.
    """
    return tx.all(
        "WITH late AS (SELECT c.id, c.rung, c.level FROM call_out AS c"
        "  JOIN plan AS p ON p.id = c.plan_id AND p.state = 'active'"
        "  JOIN hazard AS h ON h.id = p.hazard_id AND h.state = 'declared'"
        "  WHERE c.due_at <= coalesce(CAST(:now AS timestamptz), now())"
        "  ORDER BY c.id LIMIT 20000 FOR UPDATE OF c SKIP LOCKED),"
        " up AS (UPDATE call_out AS c SET"
        "  rung = CASE late.rung WHEN 'phone' THEN 'door' ELSE 'gong' END,"
        "  level = CASE WHEN late.rung <> 'gong' THEN late.level"
        "   WHEN late.level = 'village' THEN 'township' ELSE 'county' END,"
        "  due_at = CASE WHEN late.rung = 'gong' AND late.level = 'county' THEN NULL"
        "   ELSE coalesce(CAST(:now AS timestamptz), now()) + :wait END"
        "  FROM late WHERE c.id = late.id RETURNING c.plan_id, c.area_code, c.rung, c.level,"
        "   late.rung = 'gong' AND late.level <> 'county' AS higher, c.due_at)"
        " SELECT up.plan_id, left(up.area_code, 12) AS community, up.rung, up.level, up.higher,"
        " p.area_code AS plan_area, h.name AS hazard, h.name_en AS hazard_en,"
        " h.kind AS hazard_kind, h.exercise, count(*)::int AS households,"
        " min(m.name_zh) AS place, min(m.name_en) AS place_en"
        " FROM up JOIN plan AS p ON p.id = up.plan_id JOIN hazard AS h ON h.id = p.hazard_id"
        " LEFT JOIN area AS m ON m.code = left(up.area_code, 12)"
        " WHERE up.due_at IS NOT NULL"
        " GROUP BY up.plan_id, left(up.area_code, 12), up.rung, up.level, up.higher, p.area_code,"
        " h.name, h.name_en, h.kind, h.exercise ORDER BY up.plan_id, community, up.level, up.rung",
        now=now,
        wait=wait,
    )
