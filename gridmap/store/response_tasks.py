"""Tasks of responses: who has which, until when, and what has run out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gridmap.store.database import Row, Transaction

_TASK = (
    "SELECT t.*, o.display_name AS owner_name, w.name AS team_name, w.name_en AS team_name_en,"
    " k.display_name AS taken_by_name, d.display_name AS done_by_name,"
    " a.display_name AS approved_by_name, r.matter, r.exercise, r.level, r.state AS response_state,"
    " r.started_at FROM response_task AS t JOIN response AS r ON r.id = t.response_id"
    " LEFT JOIN app_user AS o ON o.id = t.owner_id LEFT JOIN responder AS w ON w.id = t.team_id"
    " LEFT JOIN app_user AS k ON k.id = t.taken_by LEFT JOIN app_user AS d ON d.id = t.done_by"
    " LEFT JOIN app_user AS a ON a.id = t.approved_by"
)
_NEXT = "CASE tier WHEN 'village' THEN 'township' ELSE 'county' END"
_BEFORE = "CASE tier WHEN 'county' THEN 'township' ELSE 'village' END"


def insert(tx: Transaction, response: Row, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert tasks of a response that it has not yet; give their ids.

    Parameters
    ----------
    tasks
        key (None for one made by hand), title, title_en, owner, owner_en, owner_role, team_kind,
        owner_id, team_id, tier, minutes, approval, from_now.
    """
    made = []
    for task in tasks:
        found = tx.maybe(
            "INSERT INTO response_task (response_id, area_code, key, title, title_en, owner,"
            " owner_en, owner_role, owner_id, team_id, tier, first_tier, minutes, due_at,"
            " first_due_at, approval) SELECT :response, :area_code, :key, :title, :title_en,"
            " :owner, :owner_en, :owner_role, :owner_id, coalesce(:team_id,"
            "  (SELECT w.id FROM responder AS w WHERE w.kind = :team_kind AND w.on_duty"
            "   AND (w.area_code ^@ :area_code OR :area_code ^@ w.area_code)"
            "   ORDER BY length(w.area_code) DESC, w.id LIMIT 1)),"
            " :tier, :tier, :minutes, due, due, :approval FROM (SELECT"
            "  CASE WHEN :from_now THEN now() ELSE CAST(:started AS timestamptz) END"
            "  + make_interval(mins => :minutes) AS due) AS d"
            " ON CONFLICT (area_code, response_id, key) DO NOTHING RETURNING id",
            response=response["id"],
            area_code=response["area_code"],
            started=response["started_at"],
            **task,
        )
        if found is not None:
            made.append(int(found["id"]))
    return made


def of(tx: Transaction, response_id: int) -> list[Row]:
    """List the tasks of a response, the first due first."""
    return tx.all(
        f"{_TASK} WHERE t.response_id = :id ORDER BY t.first_due_at, t.id", id=response_id
    )


def lock(tx: Transaction, task_id: int) -> Row | None:
    """Give a task with its response, held until the transaction ends."""
    return tx.maybe(f"{_TASK} WHERE t.id = :id FOR UPDATE OF t", id=task_id)


def of_person(
    tx: Transaction,
    user_id: int,
    team_id: int | None,
    roles: Sequence[str],
    codes: Sequence[str],
    limit: int = 100,
) -> list[Row]:
    """List the open tasks that are a person's, their team's or their role's, the first due first.

    Parameters
    ----------
    roles, codes
        Roles of the person with the area of each, one beside the other.
    """
    return tx.all(
        f"{_TASK} WHERE r.state = 'open' AND t.state IN ('open', 'taken', 'waiting') AND"
        " CASE WHEN t.owner_id IS NOT NULL THEN t.owner_id = :user"
        "  WHEN t.taken_by = :user THEN true"
        "  WHEN t.team_id IS NOT NULL THEN t.team_id = :team"
        "  ELSE EXISTS (SELECT 1 FROM unnest(CAST(:roles AS text[]), CAST(:codes AS text[]))"
        "   AS mine(role, code) WHERE mine.role = t.owner_role"
        "   AND (mine.code ^@ t.area_code OR t.area_code ^@ mine.code)) END"
        " ORDER BY t.due_at, t.id LIMIT :limit",
        user=user_id,
        team=team_id,
        roles=list(roles),
        codes=list(codes),
        limit=limit,
    )


def take(tx: Transaction, task_id: int) -> None:
    """Note that somebody has begun."""
    tx.execute(
        "UPDATE response_task SET state = 'taken', taken_by = :user, taken_at = now()"
        " WHERE id = :id",
        id=task_id,
        user=tx.scope.user_id,
    )


def finish(tx: Transaction, task_id: int, state: str, note: str) -> None:
    """Note that it is said to be done: `done`, or `waiting` for who has to agree."""
    tx.execute(
        "UPDATE response_task SET state = :state, done_by = :user, done_at = now(), note = :note,"
        " taken_by = coalesce(taken_by, :user), taken_at = coalesce(taken_at, now())"
        " WHERE id = :id",
        id=task_id,
        state=state,
        note=note,
        user=tx.scope.user_id,
    )


def approve(tx: Transaction, task_id: int) -> None:
    """Agree that it is done."""
    tx.execute(
        "UPDATE response_task SET state = 'done', approved_by = :user, approved_at = now()"
        " WHERE id = :id",
        id=task_id,
        user=tx.scope.user_id,
    )


def give_back(tx: Transaction, task_id: int, note: str) -> None:
    """Say that it is not done yet, and why."""
    tx.execute(
        "UPDATE response_task SET state = 'taken', done_by = NULL, done_at = NULL, note = :note"
        " WHERE id = :id",
        id=task_id,
        note=note,
    )


def assign(tx: Transaction, task_id: int, owner_id: int | None, team_id: int | None) -> None:
    """Say which person or team has it now."""
    tx.execute(
        "UPDATE response_task SET owner_id = :owner, team_id = :team,"
        " state = CASE state WHEN 'taken' THEN 'open' ELSE state END,"
        " taken_by = NULL, taken_at = NULL WHERE id = :id",
        id=task_id,
        owner=owner_id,
        team=team_id,
    )


def move(tx: Transaction, task_id: int, *, up: bool) -> str:
    """Let a task climb to the next tier, or come down to the one before; give which."""
    return str(
        tx.value(
            f"UPDATE response_task SET tier = {_NEXT if up else _BEFORE},"
            " due_at = now() + make_interval(mins => minutes), overdue_told = false,"
            f" escalations = escalations + {1 if up else 0} WHERE id = :id RETURNING tier",
            id=task_id,
        )
    )


def overdue(tx: Transaction, limit: int = 200) -> list[Row]:
    """Let tasks that have run out climb, and mark those of the county; give what was done.

    Safe to run in several places at once: rows that are being changed are left for the next time.
    """
    return tx.all(
        "WITH late AS (SELECT t.id FROM response_task AS t JOIN response AS r"
        "  ON r.id = t.response_id AND r.state = 'open' WHERE t.state IN ('open', 'taken')"
        "  AND t.due_at < now() AND NOT (t.tier = 'county' AND t.overdue_told)"
        "  ORDER BY t.due_at LIMIT :limit FOR UPDATE OF t SKIP LOCKED)"
        " UPDATE response_task AS t SET tier = CASE t.tier WHEN 'village' THEN 'township'"
        "   ELSE 'county' END,"
        "  due_at = CASE t.tier WHEN 'county' THEN t.due_at"
        "   ELSE now() + make_interval(mins => t.minutes) END,"
        "  overdue_told = t.tier = 'county',"
        "  escalations = t.escalations + CASE t.tier WHEN 'county' THEN 0 ELSE 1 END"
        " FROM late WHERE t.id = late.id"
        " RETURNING t.id, t.response_id, t.area_code, t.tier, t.overdue_told,"
        " (SELECT r.exercise FROM response AS r WHERE r.id = t.response_id) AS exercise",
        limit=limit,
    )


def void(tx: Transaction, response_id: int) -> int:
    """Let go of what is not done when a response ends; give how many."""
    return tx.execute(
        "UPDATE response_task SET state = 'void' WHERE response_id = :id"
        " AND state IN ('open', 'taken')",
        id=response_id,
    )


def now(tx: Transaction) -> datetime:
    """Give the time of the transaction."""
    found = tx.value("SELECT now()")
    assert isinstance(found, datetime)
    return found
