"""Sheets of a large plan: asked for, made by a worker, kept for a day for who asked."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import not_found
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.sheets import KIND, Asked, area_of
from gridmap.store import event, job, plan, sheet
from gridmap.store.database import Database, Row


def request(database: Database, scope: Scope, asked: Asked) -> int:
    """Ask for the sheets of a plan; give the id of the job.

    Raises
    ------
    Problem
        404 for a plan that is not there or not for this person.
    """
    # a job for one grid sees that grid and nothing else
    code, _households = area_of(database, scope, asked.plan_id, asked.grid)
    with database.transaction(scope) as tx:
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=code,
            arguments={**asdict(asked), "printed_at": asked.printed_at.isoformat()},
        )


def asked_by(row: Row) -> tuple[Scope, Asked]:
    """Read out of a claimed job what is to be printed, and as whom."""
    given: dict[str, Any] = dict(row["arguments"])
    asked = Asked(
        plan_id=int(given["plan_id"]),
        language=given["language"],
        names_in=tuple(given["names_in"]),
        needs_in=tuple(given["needs_in"]),
        address=given["address"],
        printed_at=datetime.fromisoformat(given["printed_at"]),
        grid=given["grid"],
        changed=bool(given.get("changed", False)),
        cards=bool(given.get("cards", False)),
    )
    return Scope((row["area_code"],), row["user_id"], f"job-{row['id']}"), asked


def keep(  # noqa: PLR0913 - the parts of a print
    database: Database,
    scope: Scope,
    row: Row,
    asked: Asked,
    *,
    content: bytes,
    pages: int,
    households: int,
    check: str,
) -> None:
    """Keep the made sheets and end the job, with a trace of what left the program."""
    with database.transaction(scope) as tx:
        sheet.keep(tx, asked.plan_id, row["area_code"], row["id"], row["user_id"], pages, content)
        result = {"plan": asked.plan_id, "pages": pages, "bytes": len(content)}
        job.finish(tx, row["id"], row["token"], result, None)
        event.record(
            tx,
            "plan.printed",
            area_code=row["area_code"],
            subject_id=asked.plan_id,
            payload={
                "grid": asked.grid,
                "households": households,
                "personal": any(row["area_code"].startswith(own) for own in asked.needs_in),
                "check": check,
                "exercise": plan.is_exercise(tx, asked.plan_id),
            },
        )


def kept(  # noqa: PLR0913, PLR0917 - which sheets, and what may be read by now
    database: Database,
    scope: Scope,
    plan_id: int,
    job_id: int,
    names_in: Sequence[str],
    needs_in: Sequence[str],
) -> bytes:
    """Give the sheets that a job made for this very person.

    Parameters
    ----------
    names_in, needs_in
        Areas whose people's names and needs the reader may know now: an emergency that opened
        them may be over, and a program with the person's token may know less.

    Raises
    ------
    Problem
        404 for sheets that are not there, of somebody else, whose day is over, or that say more
        than may be read now.
    """
    with database.transaction(scope) as tx:
        found = sheet.kept(tx, plan_id, job_id, list(names_in), list(needs_in))
    if found is None:
        raise not_found(f"sheets {job_id} of plan {plan_id}")
    return bytes(found)
