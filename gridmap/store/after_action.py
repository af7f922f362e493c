"""What happened in a response, out of the trail; measures against deadlines; lessons."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from gridmap.store.database import Row, Transaction

# Nouns whose events belong to the course of an emergency.
SUBJECTS = (
    "response", "task", "whistle", "hazard", "alert", "plan", "call_out", "call", "arrival",
    "shelter", "return", "message", "incident", "road", "sensor", "proposal", "team", "volunteer",
    "drill", "lesson", "after_action", "personal_data",
)  # fmt: skip
# Events that say somebody has looked, not that something was done.
_LOOKED = "%.read"


def timeline(
    tx: Transaction,
    response: Row,
    plans: Sequence[int],
    alerts: Sequence[int],
    until: datetime | None,
    limit: int,
) -> list[Row]:
    """List events of a response, its hazard, warnings and plans, in the order of the trail.

    Parameters
    ----------
    until
        None for no end: what comes after the response, such as the way home, belongs to it.
    """
    return tx.all(
        "SELECT e.seq, e.at, e.kind, e.subject, e.subject_id, e.payload, u.display_name AS by"
        " FROM event AS e LEFT JOIN app_user AS u ON u.id = e.user_id"
        " WHERE e.subject = ANY(:subjects) AND e.kind NOT LIKE :looked"
        " AND e.at >= :since AND (CAST(:until AS timestamptz) IS NULL OR e.at <= :until) AND ("
        "  (e.subject IN ('response', 'after_action') AND e.subject_id = :response)"
        "  OR e.payload ->> 'response' = :response"
        "  OR (e.subject IN ('hazard', 'personal_data') AND e.subject_id = :hazard)"
        "  OR (e.payload ->> 'hazard' = :hazard AND e.subject <> 'response')"
        "  OR (e.subject = 'plan' AND e.subject_id = ANY(:plans))"
        "  OR e.payload ->> 'plan' = ANY(:plans)"
        "  OR (e.subject = 'alert' AND e.subject_id = ANY(:alerts)))"
        " ORDER BY e.seq LIMIT :limit",
        subjects=list(SUBJECTS),
        looked=_LOOKED,
        since=response["since"],
        until=until,
        response=str(response["id"]),
        hazard=None if response["hazard_id"] is None else str(response["hazard_id"]),
        plans=[str(number) for number in plans],
        alerts=[str(number) for number in alerts],
        limit=limit,
    )


def begun(tx: Transaction, response_id: int) -> datetime:
    """Give when the emergency of a response began: with its hazard, its warning or itself."""
    found = tx.value(
        "SELECT least(r.started_at, h.declared_at, a.sent) FROM response AS r"
        " LEFT JOIN hazard AS h ON h.id = r.hazard_id LEFT JOIN alert AS a ON a.id = r.alert_id"
        " WHERE r.id = :id",
        id=response_id,
    )
    assert isinstance(found, datetime)
    return found


def task_figures(tx: Transaction, response_id: int) -> Row:
    """Count tasks done in time, late, and not done; none of it by person."""
    return tx.one(
        "SELECT count(*) AS all, count(*) FILTER (WHERE state = 'done'"
        "  AND done_at <= first_due_at) AS in_time, count(*) FILTER (WHERE state = 'done'"
        "  AND done_at > first_due_at) AS late, count(*) FILTER (WHERE state <> 'done')"
        "  AS not_done, count(*) FILTER (WHERE escalations > 0) AS climbed"
        " FROM response_task WHERE response_id = :id",
        id=response_id,
    )


def call_figures(tx: Transaction, plans: Sequence[int], minutes: int) -> Row:
    """Sum up call-out and arrival: who answered in time is a number, never a name."""
    return tx.one(
        "SELECT count(*) AS households, coalesce(sum(c.people), 0) AS people,"
        " count(c.answered_at) AS answered, count(*) FILTER (WHERE c.answered_at <= c.called_at"
        "  + make_interval(mins => :minutes)) AS in_time,"
        " count(*) FILTER (WHERE c.state = 'arrived') AS arrived,"
        " count(*) FILTER (WHERE c.state = 'refused') AS refused,"
        " count(*) FILTER (WHERE c.state = 'not_found') AS not_found,"
        " coalesce(sum(c.arrived_people), 0) AS arrived_people,"
        " (SELECT max(a.at) FROM arrival AS a JOIN call_out AS o ON o.id = a.call_out_id"
        "  WHERE o.plan_id = ANY(:plans)) AS last_arrival"
        " FROM call_out AS c WHERE c.plan_id = ANY(:plans)",
        plans=list(plans),
        minutes=minutes,
    )


def clear_by(tx: Transaction, plans: Sequence[int]) -> datetime | None:
    """Give when the area had to be empty, by the last order that said so."""
    found = tx.value(
        "SELECT clear_by FROM plan WHERE id = ANY(:plans) AND clear_by IS NOT NULL"
        " ORDER BY version DESC LIMIT 1",
        plans=list(plans),
    )
    return found if isinstance(found, datetime) else None


def evaluation(tx: Transaction, response_id: int) -> Row | None:
    """Give the evaluation of an exercise with who wrote it."""
    return tx.maybe(
        "SELECT d.objectives, d.summary, d.at, u.display_name AS by FROM drill_evaluation AS d"
        " LEFT JOIN app_user AS u ON u.id = d.by_id WHERE d.response_id = :id",
        id=response_id,
    )


def evaluate(
    tx: Transaction, response: Row, objectives: Sequence[dict[str, Any]], summary: str
) -> None:
    """Write the evaluation of an exercise, in place of the one before."""
    tx.execute(
        "INSERT INTO drill_evaluation (response_id, area_code, objectives, summary, by_id)"
        " VALUES (:id, :area_code, CAST(:objectives AS jsonb), :summary, :user)"
        " ON CONFLICT (response_id) DO UPDATE SET objectives = excluded.objectives,"
        "  summary = excluded.summary, by_id = excluded.by_id, at = now()",
        id=response["id"],
        area_code=response["area_code"],
        objectives=json.dumps(list(objectives), ensure_ascii=False),
        summary=summary,
        user=tx.scope.user_id,
    )


def lessons(tx: Transaction, response_id: int) -> list[Row]:
    """List the lessons of a response, those to be done first."""
    return tx.all(
        "SELECT l.*, d.display_name AS done_by_name FROM lesson AS l"
        " LEFT JOIN app_user AS d ON d.id = l.done_by WHERE l.response_id = :id"
        " ORDER BY l.done_at IS NOT NULL, l.due_on, l.id",
        id=response_id,
    )


def add_lesson(tx: Transaction, response: Row, text: str, owner: str, due_on: date) -> int:
    """Write a lesson; give its id."""
    return int(
        tx.value(
            "INSERT INTO lesson (response_id, area_code, text, owner, due_on, created_by)"
            " VALUES (:id, :area_code, :text, :owner, :due_on, :user) RETURNING id",
            id=response["id"],
            area_code=response["area_code"],
            text=text,
            owner=owner,
            due_on=due_on,
            user=tx.scope.user_id,
        )
    )


def lock_lesson(tx: Transaction, lesson_id: int) -> Row | None:
    """Give a lesson with the template its response used, held until the transaction ends."""
    return tx.maybe(
        "SELECT l.*, r.exercise, r.template_area AS used_area, r.template_key AS used_key"
        " FROM lesson AS l"
        " JOIN response AS r ON r.id = l.response_id WHERE l.id = :id FOR UPDATE OF l",
        id=lesson_id,
    )


def finish_lesson(tx: Transaction, lesson_id: int) -> None:
    """Note that a lesson has been acted on."""
    tx.execute(
        "UPDATE lesson SET done_at = now(), done_by = :user WHERE id = :id",
        id=lesson_id,
        user=tx.scope.user_id,
    )


def propose(tx: Transaction, lesson_id: int, area_code: str, key: str) -> None:
    """Let a lesson ask for a change of a template."""
    tx.execute(
        "UPDATE lesson SET proposal = 'proposed', template_area = :area, template_key = :key,"
        " proposed_at = now() WHERE id = :id",
        id=lesson_id,
        area=area_code,
        key=key,
    )


def become(tx: Transaction, lesson_id: int, area_code: str, key: str, version: int) -> None:
    """Note into which version of a template a lesson went."""
    tx.execute(
        "UPDATE lesson SET proposal = 'taken', template_area = :area, template_key = :key,"
        " template_version = :version, proposed_at = coalesce(proposed_at, now()) WHERE id = :id",
        id=lesson_id,
        area=area_code,
        key=key,
        version=version,
    )


def lesson(tx: Transaction, lesson_id: int) -> Row | None:
    """Give a lesson with the matter of its response and the template that it used."""
    return tx.maybe(
        "SELECT l.*, r.matter, r.exercise, r.template_area AS used_area,"
        " r.template_key AS used_key, CAST(NULL AS text) AS done_by_name FROM lesson AS l"
        " JOIN response AS r ON r.id = l.response_id WHERE l.id = :id",
        id=lesson_id,
    )


def of_template(tx: Transaction, area_code: str, key: str) -> list[Row]:
    """List the lessons that versions of a template came of, the oldest first."""
    return tx.all(
        "SELECT l.id, l.text, l.template_version, l.response_id, r.matter FROM lesson AS l"
        " JOIN response AS r ON r.id = l.response_id WHERE l.template_area = :code"
        " AND l.template_key = :key AND l.template_version IS NOT NULL ORDER BY l.id",
        code=area_code,
        key=key,
    )


def decide(tx: Transaction, lesson_id: int, proposal: str) -> None:
    """Note what became of a proposal."""
    tx.execute("UPDATE lesson SET proposal = :said WHERE id = :id", id=lesson_id, said=proposal)


def proposals(tx: Transaction, limit: int = 200) -> list[Row]:
    """List the changes of templates that lessons ask for and nobody has decided on."""
    return tx.all(
        "SELECT l.*, r.matter, CAST(NULL AS text) AS done_by_name FROM lesson AS l"
        " JOIN response AS r ON r.id = l.response_id"
        " WHERE l.proposal = 'proposed' ORDER BY l.proposed_at, l.id LIMIT :limit",
        limit=limit,
    )


def close(tx: Transaction, response_id: int) -> bool:
    """Note that the review is done; False if it was already."""
    done = tx.execute(
        "UPDATE response SET reviewed_at = now(), reviewed_by = :user WHERE id = :id"
        " AND state = 'ended' AND reviewed_at IS NULL",
        id=response_id,
        user=tx.scope.user_id,
    )
    return done > 0
