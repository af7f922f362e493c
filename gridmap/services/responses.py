"""Responses: started once, adjusted and handed on with reasons, ended; everything in the trail.

Whoever starts one states the matter, the level, the expected period and the measures: the law
asks for all four (article 72). The plan template of the kind, level and area turns into tasks in
the same transaction. An evacuation stays an order of two people (`plan_orders`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.plan_template import TIERS, tier_of
from gridmap.model.problem import conflict, not_found
from gridmap.problems import bad_value
from gridmap.services import plan_templates
from gridmap.services.access import Viewer
from gridmap.services.response_start import (
    LONGEST,
    New,
    check_level,
    check_words,
    second,
    settled,
)
from gridmap.services.response_task_making import tasks_of
from gridmap.store import event, response_tasks, responses, whistles
from gridmap.store import plan_templates as template_rows
from gridmap.store.database import Database, Row, Transaction

_LEAST_REASON = 2  # characters


@dataclass(frozen=True)
class Change:
    """What becomes of a response, and why; None leaves a thing as it is."""

    reason: str
    level: int | None = None
    expected_until: datetime | None = None
    measures: str | None = None
    leader: int | None = None


def start(database: Database, viewer: Viewer, request_id: str | None, new: New) -> dict[str, Any]:
    """Start a response and turn its template into tasks; give id and number of tasks.

    Raises
    ------
    Problem
        400 by field; 403 beyond one's areas; 404 for a hazard or warning that is not there; 409
        if the hazard is lifted, or somebody else was first: `response` tells which one it is.
    """
    with database.transaction(viewer.scope(Permission.HAZARD_DECLARE, request_id)) as tx:
        return begin(tx, viewer, new)


def begin(tx: Transaction, viewer: Viewer, new: New, drill: int | None = None) -> dict[str, Any]:
    """Start a response in a transaction of the caller's, who records nothing after it.

    Parameters
    ----------
    drill
        Drill of the calendar that this exercise is.

    Raises
    ------
    Problem
        As `start`.
    """
    check_words(new)
    said = settled(tx, viewer, new)
    template = plan_templates.in_force(tx, said["kind"], said["area_code"])
    made = responses.insert(
        tx,
        **said,
        template_area=template and template["area_code"],
        template_key=template and template["key"],
        template_version=template and template["version"],
        tier=tier_of(said["area_code"]),
        drill_id=drill,
    )
    if made is None:
        raise second(tx, said)
    row = responses.lock(tx, made["id"])
    assert row is not None
    tasks = response_tasks.insert(tx, row, tasks_of(template, row["level"]))
    responses.write_step(tx, row, "started", "")
    _record(tx, row, "response.started", {"tasks": len(tasks), "kind": row["kind"]})
    return {"id": int(row["id"]), "tasks": len(tasks)}


def adjust(
    database: Database, viewer: Viewer, request_id: str | None, response_id: int, revision: int,
    change: Change,
) -> int:  # fmt: skip
    """Change level, period or measures, with a reason; give the new revision.

    A graver level brings its tasks of the same version of the template.

    Raises
    ------
    Problem
        400; 404; 409 if the response has ended or is no more what was read.
    """
    with _held(database, viewer, request_id, response_id, revision, change.reason) as (tx, row):
        after = dict(row)
        if change.level is not None:
            check_level(row["kind"], change.level)
            after["level"] = change.level
        if change.expected_until is not None:
            now = datetime.now(UTC)
            if not now < change.expected_until <= now + LONGEST:
                raise bad_value("expected_until", "a time within the next year is needed")
            after["expected_until"] = change.expected_until
        if change.measures is not None:
            if not change.measures.strip():
                raise bad_value("measures", "1 to 4000 characters are needed")
            after["measures"] = change.measures.strip()
        if all(after[name] == row[name] for name in ("level", "expected_until", "measures")):
            raise conflict("the response says so already")
        found = _write(tx, after)
        template = _template(tx, row)
        added = response_tasks.insert(tx, row, tasks_of(template, after["level"], from_now=True))
        responses.write_step(tx, after, "adjusted", change.reason)
        payload = {"level": after["level"], "before": row["level"], "tasks": len(added)}
        _record(tx, after, "response.adjusted", payload)
    return found


def move(  # noqa: PLR0913, PLR0917 - whose, which, where to and why
    database: Database, viewer: Viewer, request_id: str | None, response_id: int, revision: int,
    reason: str, *, up: bool,
) -> int:  # fmt: skip
    """Let the next level lead, or hand down to the one below, with a reason; give the revision.

    Raises
    ------
    Problem
        As `adjust`; 409 at the end of the ladder.
    """
    with _held(database, viewer, request_id, response_id, revision, reason) as (tx, row):
        place = TIERS.index(row["tier"]) + (1 if up else -1)
        lowest = TIERS.index(tier_of(row["area_code"]))
        if not lowest <= place < len(TIERS):
            raise conflict("there is no further level")
        after = {**row, "tier": TIERS[place]}
        found = _write(tx, after)
        responses.write_step(tx, after, "escalated" if up else "handed_down", reason)
        payload = {"tier": after["tier"], "before": row["tier"]}
        if up:
            _record(tx, after, "response.escalated", payload)
        else:
            _record(tx, after, "response.handed_down", payload)
    return found


def hand_over(
    database: Database, viewer: Viewer, request_id: str | None, response_id: int, revision: int,
    change: Change,
) -> int:  # fmt: skip
    """Give the lead to another person of the area, with what they have to know.

    Raises
    ------
    Problem
        As `adjust`; 400 for somebody who could not lead it.
    """
    with _held(database, viewer, request_id, response_id, revision, change.reason) as (tx, row):
        able = {
            one["id"]
            for one in responses.people(tx, row["area_code"])
            if {"duty_officer", "commander"} & set(one["roles"])
        }
        if change.leader not in able:
            raise bad_value("leader", "an officer or commander of the area is needed")
        if change.leader == row["leader_id"]:
            raise conflict("the response says so already")
        after = {**row, "leader_id": change.leader}
        found = _write(tx, after)
        responses.write_step(tx, after, "handed_over", change.reason, change.leader)
        _record(tx, after, "response.handed_over", {"user": change.leader})
    return found


def end(
    database: Database, viewer: Viewer, request_id: str | None, response_id: int, revision: int,
    reason: str,
) -> int:  # fmt: skip
    """End a response with a reason; what is not done is let go of. Give the revision.

    Its calls for departments end with it: nobody is waited for any more.

    Raises
    ------
    Problem
        As `adjust`.
    """
    with _held(database, viewer, request_id, response_id, revision, reason) as (tx, row):
        found = responses.end(tx, response_id)
        left = response_tasks.void(tx, response_id)
        called = whistles.close_all(tx, response_id)
        responses.write_step(tx, row, "ended", reason)
        _record(tx, row, "response.ended", {"left": left, "whistles": called})
    return found


@contextmanager
def _held(  # noqa: PLR0913, PLR0917 - whose, which, as read, and why
    database: Database, viewer: Viewer, request_id: str | None, response_id: int, revision: int,
    reason: str,
) -> Iterator[tuple[Transaction, Row]]:  # fmt: skip
    """Hold a running response, as read by the person, until the step is done."""
    if len(reason.strip()) < _LEAST_REASON:
        raise bad_value("reason", "say why")
    with database.transaction(viewer.scope(Permission.HAZARD_DECLARE, request_id)) as tx:
        row = responses.lock(tx, response_id)
        if row is None or not viewer.may(Permission.HAZARD_DECLARE, row["area_code"]):
            raise not_found(f"response {response_id}")
        if row["state"] == "ended":
            raise conflict("the response has ended", revision=int(row["revision"]))
        if row["revision"] != revision:
            raise conflict(
                f"the response is at revision {row['revision']} now: read it again",
                revision=int(row["revision"]),
            )
        yield tx, row


def _template(tx: Transaction, row: Row) -> Row | None:
    if row["template_key"] is None:
        return None
    found = template_rows.versions(tx, row["template_key"], row["template_area"])
    return next((one for one in found if one["version"] == row["template_version"]), None)


def _write(tx: Transaction, after: Row) -> int:
    return responses.adjust(
        tx,
        after["id"],
        level=after["level"],
        expected_until=after["expected_until"],
        measures=after["measures"],
        tier=after["tier"],
        leader_id=after["leader_id"],
    )


def _record(tx: Transaction, row: Row, kind: str, payload: dict[str, Any]) -> None:
    event.record(
        tx,
        kind,
        area_code=row["area_code"],
        subject_id=row["id"],
        payload={
            "level": row["level"],
            "exercise": bool(row["exercise"]),
            **({} if row["hazard_id"] is None else {"hazard": int(row["hazard_id"])}),
            **payload,
        },
    )
