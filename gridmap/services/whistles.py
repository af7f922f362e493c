"""吹哨报到: a grid or community calls departments, they report in, who called says what came of it.

Where who called does not, the desk of the area does; with its response a whistle ends by itself.

Called, answered, evaluated. Silence climbs to the next level by itself. Nothing here ranks or
counts people or departments against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.model.access import Permission, system_scope
from gridmap.model.plan_template import tier_of
from gridmap.model.problem import conflict, forbidden, not_found
from gridmap.problems import bad_value
from gridmap.services.access import Viewer
from gridmap.store import event, responses
from gridmap.store import whistles as rows
from gridmap.store.database import Database, Row, Transaction

ANSWERS = ("on_the_way", "arrived", "cannot")
RESULTS = ("solved", "partly", "unsolved")


@dataclass(frozen=True)
class New:
    """A whistle: what, where in words and perhaps as (lon, lat), which departments, by when."""

    matter: str
    place: str
    teams: Sequence[int]
    minutes: int
    response: int | None = None
    area: str | None = None
    exercise: bool = False
    point: tuple[float, float] | None = None


def blow(database: Database, viewer: Viewer, request_id: str | None, new: New) -> int:
    """Call departments; give the id of the whistle.

    Raises
    ------
    Problem
        400; 404 for a response that is not there; 409 for one that has ended.
    """
    with database.transaction(viewer.scope(Permission.INCIDENT_REPORT, request_id)) as tx:
        own = viewer.areas_for(Permission.INCIDENT_REPORT)
        area_code, exercise = new.area or own[0], new.exercise
        if new.response is not None:
            row = responses.one(tx, new.response)
            if row is None:
                raise not_found(f"response {new.response}")
            if row["state"] == "ended":
                raise conflict("the response has ended")
            # a member of a grid calls from the grid, the desk for the area of the response
            area_code = next(
                (code for code in own if code.startswith(row["area_code"])), row["area_code"]
            )
            exercise = bool(row["exercise"])
        if not viewer.may(Permission.INCIDENT_REPORT, area_code):
            raise not_found(f"area {area_code}")
        known = {team["id"] for team in responses.teams(tx, area_code)}
        if not new.teams or len(set(new.teams)) < len(new.teams) or set(new.teams) - known:
            raise bad_value("teams", "different teams of the area or above it are needed")
        if new.point is not None and not rows.inside(tx, area_code, new.point):
            raise bad_value("geometry", "outside the county")
        found = rows.insert(
            tx,
            point=new.point,
            area_code=area_code,
            response_id=new.response,
            matter=new.matter.strip(),
            place=new.place.strip(),
            exercise=exercise,
            minutes=new.minutes,
            tier=tier_of(area_code),
            teams=new.teams,
        )
        event.record(
            tx,
            "whistle.blown",
            area_code=area_code,
            subject_id=found,
            payload={"teams": len(new.teams), "exercise": exercise, **_of(new.response)},
        )
    return found


def _of(response_id: int | None) -> dict[str, int]:
    return {} if response_id is None else {"response": int(response_id)}


def answer(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    call_id: int,
    state: str,
    reason: str,
) -> None:
    """Report in: on the way, arrived, or cannot, with its reason.

    Raises
    ------
    Problem
        400 without a reason; 403 for another team's call; 404; 409 once the whistle is closed.
    """
    if state == "cannot" and len(reason.strip()) < 2:
        raise bad_value("reason", "say why")
    with database.transaction(viewer.scope(Permission.INCIDENT_REPORT, request_id)) as tx:
        row = rows.lock_call(tx, call_id)
        if row is None:
            raise not_found(f"call {call_id}")
        if not _answers(viewer, row):
            raise forbidden("another team was called")
        if _over(row, "whistle_state"):
            raise conflict("the whistle is closed")
        if row["state"] == state:
            raise conflict("the team has answered that already")
        rows.answer(tx, call_id, state, reason.strip())
        _record(tx, row, "whistle.answered", {"team": row["team_id"], "answer": state})


def _answers(viewer: Viewer, row: Row) -> bool:
    # the team itself, or the desk that has it on the phone
    own = viewer.team_id is not None and viewer.team_id == row["team_id"]
    return own or viewer.may(Permission.INCIDENT_DISPATCH, row["area_code"])


def _over(row: Row, state: str) -> bool:
    # nothing is written any more where what was written has been destroyed
    return row[state] == "closed" or row["destroyed_at"] is not None


def _closes(viewer: Viewer, row: Row) -> bool:
    own = row["blown_by"] == viewer.id
    return own or viewer.may(Permission.INCIDENT_DISPATCH, row["area_code"])


def close(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    whistle_id: int,
    results: Sequence[tuple[int, str, str]],
) -> None:
    """End a whistle with what came of each call: id, result and words.

    Who called may, and the desk of the area.

    Raises
    ------
    Problem
        400 unless every call that was answered has its result; 403; 404; 409 if closed already.
    """
    with database.transaction(viewer.scope(Permission.INCIDENT_REPORT, request_id)) as tx:
        row = rows.lock(tx, whistle_id)
        if row is None:
            raise not_found(f"whistle {whistle_id}")
        if not _closes(viewer, row):
            raise forbidden("who called, or the desk of the area, says what came of it")
        if _over(row, "state"):
            raise conflict("the whistle is closed")
        calls = {call["id"]: call for call in rows.calls(tx, [whistle_id])}
        given = {call_id for call_id, _result, _words in results}
        if given != set(calls) or len(given) < len(results):
            raise bad_value("results", "each team that was called needs its result")
        for call_id, result, words in results:
            rows.evaluate(tx, call_id, result, words.strip())
        rows.close(tx, whistle_id)
        event.record(
            tx,
            "whistle.evaluated",
            area_code=row["area_code"],
            subject_id=whistle_id,
            payload={
                "teams": len(results),
                "exercise": bool(row["exercise"]),
                **_of(row["response_id"]),
            },
        )


def _record(tx: Transaction, row: Row, kind: str, payload: dict[str, Any]) -> None:
    event.record(
        tx,
        kind,
        area_code=row["area_code"],
        subject_id=row["whistle_id"],
        payload={"exercise": bool(row["exercise"]), **_of(row["response_id"]), **payload},
    )


def climb_due(database: Database) -> int:
    """Let calls nobody answered climb; give how many; safe in several places."""
    with database.transaction(system_scope()) as tx:
        found = rows.overdue(tx)
        for row in found:
            event.record(
                tx,
                "whistle.escalated",
                area_code=row["area_code"],
                subject_id=row["whistle_id"],
                payload={
                    "team": row["team_id"],
                    "tier": row["tier"],
                    "exercise": bool(row["exercise"]),
                    **_of(row["response_id"]),
                },
            )
    return len(found)


def listing(database: Database, viewer: Viewer, english: bool) -> list[dict[str, Any]]:
    """List the whistles a person sees, the open ones first."""
    with database.transaction(viewer.scope(Permission.MAP_VIEW)) as tx:
        return _plain(tx, viewer, rows.listing(tx), english)


def of_response(
    tx: Transaction, viewer: Viewer, response_id: int, english: bool
) -> list[dict[str, Any]]:
    """List the whistles of a response."""
    return _plain(tx, viewer, rows.listing(tx, response_id), english)


def _plain(
    tx: Transaction, viewer: Viewer, found: list[Row], english: bool
) -> list[dict[str, Any]]:
    calls: dict[int, list[dict[str, Any]]] = {}
    for row in rows.calls(tx, [one["id"] for one in found]):
        may = not _over(row, "whistle_state") and _answers(viewer, row)
        calls.setdefault(row["whistle_id"], []).append(
            {
                "id": row["id"],
                "team": (english and row["team_en"]) or row["team"],
                "mine": viewer.team_id is not None and row["team_id"] == viewer.team_id,
                "tier": row["tier"],
                "state": row["state"],
                "reason": row["reason"],
                "due_at": row["due_at"].isoformat(),
                "answered_at": row["answered_at"] and row["answered_at"].isoformat(),
                "arrived_at": row["arrived_at"] and row["arrived_at"].isoformat(),
                "escalations": row["escalations"],
                "result": row["result"],
                "words": row["words"],
                "answers": [one for one in ANSWERS if may and one != row["state"]],
            }
        )
    return [
        {
            "id": row["id"],
            "response": row["response_id"],
            "area": row["area_code"],
            "matter": row["matter"],
            "place": row["place"],
            "point": None if row["lon"] is None else [row["lon"], row["lat"]],
            "exercise": row["exercise"],
            "state": row["state"],
            "by": row["blown_by_name"],
            "at": row["blown_at"].isoformat(),
            "closed_at": row["closed_at"] and row["closed_at"].isoformat(),
            "may_close": not _over(row, "state") and _closes(viewer, row),
            "calls": calls.get(row["id"], []),
        }
        for row in found
    ]


def teams(database: Database, viewer: Viewer, english: bool) -> list[dict[str, Any]]:
    """List the teams a person may call: those of their areas and above."""
    found: dict[int, dict[str, Any]] = {}
    with database.transaction(viewer.scope(Permission.INCIDENT_REPORT)) as tx:
        for code in viewer.areas_for(Permission.INCIDENT_REPORT):
            for row in responses.teams(tx, code):
                name = (english and row["name_en"]) or row["name"]
                found[row["id"]] = {"id": row["id"], "kind": row["kind"], "name": name}
    return list(found.values())
