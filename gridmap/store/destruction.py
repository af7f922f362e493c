"""Personal data of an emergency: which rows they are, until when they stay, how they go.

The rows hang on the plans of a hazard. What is listed here is deleted; `KEPT` says of every other
table that names a household or hangs on a plan why it stays. A test reads the catalogue.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gridmap.store import days
from gridmap.store import note_destruction as notes
from gridmap.store.database import Row, Transaction

# In the order in which they are deleted: table, and which of its rows belong to plans `:plans`.
PERSONAL: dict[str, str] = {
    "arrival": "call_out_id IN (SELECT id FROM call_out WHERE plan_id = ANY(:plans))",
    "call_step": "call_out_id IN (SELECT id FROM call_out WHERE plan_id = ANY(:plans))",
    "message": (
        "about = ANY(SELECT 'plan:' || p FROM unnest(CAST(:plans AS bigint[])) AS p"
        " UNION ALL SELECT 'hazard:' || :hazard UNION ALL SELECT 'call_out:' || id FROM call_out"
        " WHERE plan_id = ANY(:plans))"
    ),
    "call_out": "plan_id = ANY(:plans)",
    "plan_sheet": "plan_id = ANY(:plans)",
    "plan_stop": "plan_id = ANY(:plans)",
    "plan_change": "plan_id = ANY(:plans)",
    "plan_part": "plan_id = ANY(:plans)",
    "plan_way": "plan_id = ANY(:plans)",
    "route": "plan_id = ANY(:plans)",
    "assignment": "plan_id = ANY(:plans)",
}
# Tables that name a household or hang on a plan and stay, with the reason.
KEPT: dict[str, str] = {
    "household": "the register of residents, kept for daily work and not got for the emergency",
    "household_need": "as household",
    "household_fact": "as household",
    "visit": "daily visits",
    "visit_result": "daily visits",
    "visit_conflict": "daily visits",
    "service_request": "wishes for daily services",
    "care_match": "who meets which wish",
    "coverage_result": "who is reached by a facility, of no emergency",
    "coverage_part": "as coverage_result",
    "plan": "figures of the order and who gave it, no residents",
    "plan_return": "who opened the way home: officers",
    "shelter_status": "what shelters said of themselves",
    "export_request": "who asked for a file; the file itself is destroyed by its own day",
    "area_office": "numbers of offices, of daily work",
    "grid_member": "who looks after which grid, of daily work",
    "volunteer": "the register of who offered help; who leaves it is destroyed so many days later",
    "volunteer_answer": "destroyed with its call, so many days after the time to answer",
    "volunteer_call": "as volunteer_answer",
}

# A plan that nobody closes counts as ended so long after its hazard was lifted.
UNCLOSED_DAYS = 14
# Somebody who was never ticked home counts as home so long after the hazard was lifted: longer
# than fixed shelters are used, so that a tick forgotten keeps nobody's data for ever.
AWAY_DAYS = 180
# Who is still away from home, as the newest plan that called them out has it.
_AWAY = (
    "SELECT 1 FROM call_out AS c JOIN plan AS p ON p.id = c.plan_id WHERE p.hazard_id = h.id"
    " AND c.arrived_people > 0 AND c.home_at IS NULL"
    f" AND h.lifted_at > now() - interval '{AWAY_DAYS} days'"
    " AND NOT EXISTS (SELECT 1 FROM plan_return AS w WHERE w.plan_id = p.id"
    "  AND w.ended_at IS NOT NULL)"
    " AND NOT EXISTS (SELECT 1 FROM call_out AS n JOIN plan AS q ON q.id = n.plan_id"
    "  WHERE q.hazard_id = h.id AND n.household_id = c.household_id AND n.plan_id > c.plan_id)"
)
# The day after which the data of a hazard go: all of it must have ended, everybody be home.
_ENDED = (
    "SELECT h.id, h.area_code, greatest(h.lifted_at, max(r.ended_at),"
    " (SELECT max(c.home_at) FROM call_out AS c JOIN plan AS p ON p.id = c.plan_id"
    "  WHERE p.hazard_id = h.id),"
    " (SELECT max(w.ended_at) FROM plan_return AS w JOIN plan AS p ON p.id = w.plan_id"
    "  WHERE p.hazard_id = h.id)) AS ended_at"
    " FROM hazard AS h LEFT JOIN response AS r ON r.hazard_id = h.id"
    " WHERE h.state = 'lifted' AND NOT EXISTS (SELECT 1 FROM plan AS p WHERE p.hazard_id = h.id"
    f"  AND p.state = 'active' AND h.lifted_at > now() - interval '{UNCLOSED_DAYS} days')"
    f" AND NOT EXISTS ({_AWAY}) {{where}} GROUP BY h.id"
    " HAVING NOT bool_or(coalesce(r.state = 'open', false))"
)
_HELD = (
    "SELECT 1 FROM destruction_hold AS k WHERE k.hazard_id = e.id AND k.released_at IS NULL"
    f" AND k.until >= {days.TODAY}"
)


# A draft or a sheet that was made after the destruction is found again.
_LATE = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} AS x JOIN plan AS p ON p.id = x.plan_id"
    " WHERE p.hazard_id = z.id)"
    for table, which in PERSONAL.items()
    if which == "plan_id = ANY(:plans)"
)


def due(tx: Transaction, keep_days: int, hazard_id: int | None = None) -> list[Row]:
    """Give hazards whose personal data are to be destroyed now, or the one asked for; locked."""
    return tx.all(
        "SELECT z.id, z.area_code, z.exercise FROM hazard AS z"
        f" JOIN ({_ENDED.format(where='')}) AS e"
        " ON e.id = z.id WHERE e.ended_at < now() - make_interval(days => :days)"
        f" AND NOT EXISTS ({_HELD})"
        # again where a plan of it has come by rows since
        " AND (NOT EXISTS (SELECT 1 FROM destruction AS d WHERE d.hazard_id = z.id)"
        f"  OR {_LATE})"
        " AND (CAST(:only AS bigint) IS NULL OR z.id = :only)"
        " ORDER BY z.id FOR UPDATE OF z SKIP LOCKED",
        days=keep_days,
        only=hazard_id,
    )


def day_of(tx: Transaction, hazard_id: int, keep_days: int) -> Row:
    """Say of a hazard when its data are destroyed: None while something of it goes on."""
    found = tx.maybe(
        f"SELECT {days.day('e.ended_at + make_interval(days => :days)')} AS due_on"
        f" FROM ({_ENDED.format(where='AND h.id = :id')}) AS e",
        id=hazard_id,
        days=keep_days,
    )
    done = tx.maybe(
        "SELECT at, counts, figures FROM destruction WHERE hazard_id = :id", id=hazard_id
    )
    return {
        "due_on": found and found["due_on"],
        "destroyed_at": done and done["at"],
        "counts": done and done["counts"],
        "figures": done and done["figures"],
    }


def plans(tx: Transaction, hazard_id: int) -> list[int]:
    """Give the plans of a hazard."""
    rows = tx.all("SELECT id FROM plan WHERE hazard_id = :id ORDER BY id", id=hazard_id)
    return [int(row["id"]) for row in rows]


def counts(tx: Transaction, hazard_id: int) -> dict[str, int]:
    """Count what would be destroyed, by table."""
    values = {"plans": plans(tx, hazard_id), "hazard": hazard_id}
    found = {}
    for table, which in PERSONAL.items():
        known = {name: value for name, value in values.items() if f":{name}" in which}
        number = int(tx.value(f"SELECT count(*) FROM {table} WHERE {which}", **known))
        if number:
            found[table] = number
    return found | notes.counts(tx, notes.of_hazard(tx, hazard_id))


def destroy(tx: Transaction, hazard_id: int) -> dict[str, int]:
    """Delete the personal data of an emergency; give how many rows of which table."""
    values = {"plans": plans(tx, hazard_id), "hazard": hazard_id}
    found = {}
    # counted first: rows that go with those they hang on are counted as well
    before = counts(tx, hazard_id)
    for table, which in PERSONAL.items():
        known = {name: value for name, value in values.items() if f":{name}" in which}
        tx.execute(f"DELETE FROM {table} WHERE {which}", **known)
        if table in before:
            found[table] = before[table]
    return found | notes.forget(tx, notes.of_hazard(tx, hazard_id))


def keep(
    tx: Transaction,
    hazard_id: int,
    area_code: str,
    gone: Mapping[str, int],
    figures: Mapping[str, Any],
) -> None:
    """Note what was destroyed, and the figures that stay; what comes later is added."""
    tx.execute(
        "INSERT INTO destruction (hazard_id, area_code, counts, figures)"
        " VALUES (:id, :area_code, CAST(:counts AS jsonb), CAST(:figures AS jsonb))"
        " ON CONFLICT (hazard_id) DO UPDATE SET at = now(), counts = (SELECT"
        "  coalesce(jsonb_object_agg(s.key, s.rows), '{}') FROM (SELECT b.key,"
        "   sum(b.value::bigint) AS rows FROM (SELECT * FROM jsonb_each_text(destruction.counts)"
        "    UNION ALL SELECT * FROM jsonb_each_text(excluded.counts)) AS b GROUP BY b.key) AS s)",
        id=hazard_id,
        area_code=area_code,
        counts=json.dumps(dict(gone)),
        figures=json.dumps(dict(figures)),
    )
    tx.execute(
        "UPDATE response SET destroyed_at = now() WHERE hazard_id = :id AND state = 'ended'",
        id=hazard_id,
    )


def hazard(tx: Transaction, hazard_id: int) -> Row | None:
    """Give a hazard, held until the transaction ends; None where it is not one's own."""
    return tx.maybe(
        "SELECT id, area_code, state, exercise FROM hazard WHERE id = :id"
        " AND area_code ^@ ANY ((SELECT my_areas())::text[]) FOR UPDATE",
        id=hazard_id,
    )


def holds(tx: Transaction, hazard_id: int) -> list[Row]:
    """List who has held the data of a hazard back, the newest first."""
    return tx.all(
        "SELECT k.id, k.until, k.reason, k.held_at, k.released_at, u.display_name AS by,"
        f" k.released_at IS NULL AND k.until >= {days.TODAY} AS holds"
        " FROM destruction_hold AS k LEFT JOIN app_user AS u ON u.id = k.held_by"
        " WHERE k.hazard_id = :id ORDER BY k.id DESC",
        id=hazard_id,
    )


def hold(tx: Transaction, hazard_id: int, area_code: str, until: date, reason: str) -> int:
    """Hold the data of a hazard back until a day; give the id."""
    return int(
        tx.value(
            "INSERT INTO destruction_hold (hazard_id, area_code, until, reason, held_by)"
            " VALUES (:id, :area_code, :until, :reason, :user) RETURNING id",
            id=hazard_id,
            area_code=area_code,
            until=until,
            reason=reason,
            user=tx.scope.user_id,
        )
    )


def release(tx: Transaction, hazard_id: int) -> int:
    """Let go of all that holds the data of a hazard back; give how many there were."""
    return tx.execute(
        "UPDATE destruction_hold SET released_at = now(), released_by = :user"
        f" WHERE hazard_id = :id AND released_at IS NULL AND until >= {days.TODAY}",
        id=hazard_id,
        user=tx.scope.user_id,
    )


def naming(tx: Transaction) -> Sequence[str]:
    """Give the tables that name people or hang on a plan or a call-out, by the catalogue."""
    rows = tx.all(
        "SELECT DISTINCT c.relname AS name FROM pg_class AS c"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        " AND (a.attname IN ('household_id', 'plan_id', 'call_out_id', 'household_ids',"
        "  'recipient', 'volunteer_id', 'phone')"
        "  OR c.relname IN ('household', 'plan', 'volunteer_call')) ORDER BY 1"
    )
    return [row["name"] for row in rows]
