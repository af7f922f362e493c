"""Responses and their steps."""

from datetime import datetime
from typing import Any

from gridmap.store.database import Row, Transaction

_HEAD = (
    "SELECT r.*, l.display_name AS leader, s.display_name AS started_by_name,"
    " e.display_name AS ended_by_name, h.name AS hazard_name, h.name_en AS hazard_name_en,"
    " h.state AS hazard_state, h.severity AS hazard_severity,"
    " (SELECT count(*) FROM response_task AS t WHERE t.response_id = r.id AND t.state <> 'void')"
    "  AS tasks,"
    " (SELECT count(*) FROM response_task AS t WHERE t.response_id = r.id AND t.state = 'done')"
    "  AS tasks_done,"
    " (SELECT count(*) FROM response_task AS t WHERE t.response_id = r.id"
    "  AND t.state IN ('open', 'taken') AND t.due_at < now()) AS tasks_late"
    " FROM response AS r LEFT JOIN app_user AS l ON l.id = r.leader_id"
    " LEFT JOIN app_user AS s ON s.id = r.started_by LEFT JOIN app_user AS e ON e.id = r.ended_by"
    " LEFT JOIN hazard AS h ON h.id = r.hazard_id"
)


def insert(tx: Transaction, **said: Any) -> Row | None:
    """Insert an open response; None where its area has one of this hazard or kind already."""
    return tx.maybe(
        "INSERT INTO response (area_code, kind, matter, level, expected_until, measures, exercise,"
        " hazard_id, alert_id, template_area, template_key, template_version, tier, leader_id,"
        " started_by, drill_id) VALUES (:area_code, :kind, :matter, :level, :expected_until,"
        " :measures, :exercise, :hazard_id, :alert_id, :template_area, :template_key,"
        " :template_version, :tier, :user_id, :user_id, :drill_id)"
        " ON CONFLICT DO NOTHING RETURNING id, started_at",
        user_id=tx.scope.user_id,
        **said,
    )


def open_one(
    tx: Transaction, area_code: str, hazard_id: int | None, kind: str, exercise: bool
) -> Row | None:
    """Give the open response that stands in the way of another one."""
    return tx.maybe(
        f"{_HEAD} WHERE r.state = 'open' AND r.area_code = :code"
        " AND CASE WHEN CAST(:hazard AS bigint) IS NULL THEN r.hazard_id IS NULL"
        "  AND r.kind = :kind AND r.exercise = :exercise ELSE r.hazard_id = :hazard END",
        code=area_code,
        hazard=hazard_id,
        kind=kind,
        exercise=exercise,
    )


def alert(tx: Transaction, alert_id: int) -> Row | None:
    """Give the hazard of a warning, what it says, whether it is in force and an exercise."""
    return tx.maybe(
        "SELECT id, area_code, hazard_id, status, msg_type, state, followed_by,"
        " coalesce(expires_at <= now(), false) AS expired, status = 'Exercise' AS exercise"
        " FROM alert WHERE id = :id",
        id=alert_id,
    )


def hazard(tx: Transaction, hazard_id: int) -> Row | None:
    """Give what a response takes over from its hazard, held until the transaction ends."""
    return tx.maybe(
        "SELECT id, area_code, kind, state, exercise FROM hazard WHERE id = :id FOR SHARE",
        id=hazard_id,
    )


def one(tx: Transaction, response_id: int) -> Row | None:
    """Give a response with the names of its people and its hazard."""
    return tx.maybe(f"{_HEAD} WHERE r.id = :id", id=response_id)


def lock(tx: Transaction, response_id: int) -> Row | None:
    """Give a response, held until the transaction ends; None where it cannot be changed."""
    return tx.maybe("SELECT * FROM response WHERE id = :id FOR UPDATE", id=response_id)


def listing(tx: Transaction, state: str | None, limit: int = 200) -> list[Row]:
    """List responses, the open ones first, then the gravest and the newest."""
    return tx.all(
        f"{_HEAD} WHERE CAST(:state AS text) IS NULL OR r.state = :state"
        " ORDER BY r.state = 'ended', r.exercise, coalesce(r.level, 5), r.started_at DESC, r.id"
        " LIMIT :limit",
        state=state,
        limit=limit,
    )


def adjust(
    tx: Transaction,
    response_id: int,
    *,
    level: int | None,
    expected_until: datetime,
    measures: str,
    tier: str,
    leader_id: int | None,
) -> int:
    """Write what a response is now; give its new revision."""
    return int(
        tx.value(
            "UPDATE response SET level = :level, expected_until = :until, measures = :measures,"
            " tier = :tier, leader_id = :leader, revision = revision + 1"
            " WHERE id = :id AND state = 'open' RETURNING revision",
            id=response_id,
            level=level,
            until=expected_until,
            measures=measures,
            tier=tier,
            leader=leader_id,
        )
    )


def end(tx: Transaction, response_id: int) -> int:
    """End a response; give its new revision."""
    return int(
        tx.value(
            "UPDATE response SET state = 'ended', ended_at = now(), ended_by = :user_id,"
            " revision = revision + 1 WHERE id = :id AND state = 'open' RETURNING revision",
            id=response_id,
            user_id=tx.scope.user_id,
        )
    )


def write_step(tx: Transaction, row: Row, verb: str, reason: str, to: int | None = None) -> None:
    """Keep what a response is after a change, and why it was changed."""
    tx.execute(
        "INSERT INTO response_step (response_id, area_code, verb, level, tier, expected_until,"
        " measures, reason, by_id, to_id) VALUES (:id, :area_code, :verb, :level, :tier, :until,"
        " :measures, :reason, :user_id, :to)",
        id=row["id"],
        area_code=row["area_code"],
        verb=verb,
        level=row["level"],
        tier=row["tier"],
        until=row["expected_until"],
        measures=row["measures"],
        reason=reason,
        user_id=tx.scope.user_id,
        to=to,
    )


def steps(tx: Transaction, response_id: int) -> list[Row]:
    """List the steps of a response with who took them, the first one first."""
    return tx.all(
        "SELECT s.*, b.display_name AS by, t.display_name AS to FROM response_step AS s"
        " LEFT JOIN app_user AS b ON b.id = s.by_id LEFT JOIN app_user AS t ON t.id = s.to_id"
        " WHERE s.response_id = :id ORDER BY s.id",
        id=response_id,
    )


def of_hazard(tx: Transaction, hazard_id: int) -> int | None:
    """Give the response to a hazard, one that is open before one that has ended."""
    found = tx.maybe(
        "SELECT id FROM response WHERE hazard_id = :id ORDER BY state DESC, id DESC LIMIT 1",
        id=hazard_id,
    )
    return None if found is None else int(found["id"])


def plans(tx: Transaction, hazard_id: int) -> list[Row]:
    """List the plans of a hazard, the newest first."""
    return tx.all(
        "SELECT id, version, state FROM plan WHERE hazard_id = :id ORDER BY version DESC, id DESC",
        id=hazard_id,
    )


def alerts(tx: Transaction, hazard_id: int | None, alert_id: int | None) -> list[Row]:
    """List the warnings of a hazard, and the one a response was started by."""
    return tx.all(
        "SELECT id, headline, severity, sent, expires_at, msg_type FROM alert"
        " WHERE id = :alert OR hazard_id = :hazard ORDER BY sent, id",
        alert=alert_id,
        hazard=hazard_id,
    )


def people(tx: Transaction, area_code: str) -> list[Row]:
    """List accounts that work in an area or around it, with their roles and team."""
    return tx.all(
        "SELECT u.id, u.display_name AS name, u.team_id, array_agg(DISTINCT o.role ORDER BY o.role)"
        " AS roles FROM app_user AS u JOIN user_role AS o ON o.user_id = u.id"
        " WHERE u.active AND (o.area_code ^@ :code OR :code ^@ o.area_code)"
        " AND o.role IN ('grid_member', 'unit', 'duty_officer', 'commander', 'planner')"
        " GROUP BY u.id ORDER BY u.display_name, u.id LIMIT 500",
        code=area_code,
    )


def teams(tx: Transaction, area_code: str) -> list[Row]:
    """List the teams of an area and of those around it."""
    return tx.all(
        "SELECT id, kind, name, name_en, on_duty FROM responder"
        " WHERE area_code ^@ :code OR :code ^@ area_code ORDER BY kind, name, id LIMIT 500",
        code=area_code,
    )
