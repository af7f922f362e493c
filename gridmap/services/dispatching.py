"""Whom to send: teams ranked for an incident, with why, the next two, and whom to ask for help."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pandas as pd

from geodata import dispatching as geo
from geodata.network import Network
from gridmap.model import dispatch as asks
from gridmap.model.access import Permission, Role, Scope, system_scope
from gridmap.model.problem import conflict, not_found
from gridmap.model.states import OPEN_INCIDENTS, IncidentState
from gridmap.problems import bad_value
from gridmap.services import coverage_inputs, coverage_kept, jobs, messages
from gridmap.services import dispatch_answers as answers
from gridmap.services.access import Viewer
from gridmap.services.coverage_inputs import Inputs
from gridmap.services.progress import Progress
from gridmap.store import coverage_standards, dispatch, event, incident, job
from gridmap.store.database import Database, Row, Transaction

KIND = dispatch.KIND
_AROUND_METRES = 30_000.0
_STEPS = 4


def request(database: Database, viewer: Viewer, request_id: str | None, incident_id: UUID) -> int:
    """Ask whom to send; give the id of the job that answers.

    Raises
    ------
    Problem
        403 and 404 as for the incident; 409 for one that nobody is sent to any more; 429.
    """
    jobs.make_room(database, viewer)
    with database.transaction(viewer.scope(Permission.INCIDENT_DISPATCH, request_id)) as tx:
        row = _incident(tx, viewer, incident_id)
        if IncidentState(row["state"]) not in OPEN_INCIDENTS:
            raise conflict(f"the incident is {row['state']}")
        return job.request(
            tx,
            KIND,
            queue=jobs.QUEUE_OF[KIND],
            area_code=row["area_code"],
            arguments={
                "incident": str(incident_id),
                "own": list(viewer.areas_for(Permission.INCIDENT_DISPATCH)),
            },
        )


def newest(database: Database, viewer: Viewer, incident_id: UUID) -> dict[str, Any]:
    """Give the newest answer there is: `job`, `at` and `answer`, None where nobody has asked.

    Raises
    ------
    Problem
        403 and 404 as for the incident.
    """
    with database.transaction(viewer.scope(Permission.INCIDENT_DISPATCH)) as tx:
        _incident(tx, viewer, incident_id)
        row = dispatch.newest(tx, incident_id)
    if row is None:
        return {"job": None, "at": None, "answer": None}
    return {"job": row["id"], "at": row["ended_at"].isoformat(), "answer": row["result"]}


def ask_help(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    incident_id: UUID,
    team_id: int,
    exercise: bool,
) -> dict[str, Any]:
    """Ask those whose team it is to send it; give how many people were written to.

    Raises
    ------
    Problem
        As `request`; 400 for a team that is not there, off duty, needs nobody's leave, or is of
        another county and not one that the newest answer names; 409 just after it was asked for.
    """
    with database.transaction(viewer.scope(Permission.INCIDENT_DISPATCH)) as tx:
        row = _incident(tx, viewer, incident_id)
        answered = dispatch.newest(tx, incident_id)
    # the team and its officers may be another county's; what is written stays the incident's
    scope = replace(system_scope(), user_id=viewer.id, request_id=request_id)
    with database.transaction(scope) as tx:
        team = incident.team(tx, team_id)
        if team is None or not team["on_duty"]:
            raise bad_value("team", "no such team on duty")
        own = viewer.areas_for(Permission.INCIDENT_DISPATCH)
        if answers.ours(str(team["area_code"]), str(row["area_code"]), own):
            raise bad_value("team", "this team may be sent at once")
        if not _offered(team, row, answered):
            raise bad_value("team", "no team of another county that the answer names")
        to = messages.office(tx, team["area_code"], [Role.DUTY_OFFICER, Role.COMMANDER])
        told = messages.queue(
            tx,
            area_code=row["area_code"],
            key=_asking(incident_id, team_id, exercise),
            about=f"incident:{incident_id}",
            text=f"求援：事件 {row['number']} 请 {team['name']} 支援",
            to=to,
            exercise=exercise,
        )
        if to and not told:
            raise conflict("they were asked for this team a moment ago")
        event.record(
            tx,
            "team.asked",
            area_code=row["area_code"],
            subject_id=incident_id,
            payload={
                "number": row["number"],
                "team": team_id,
                "messages": len(told),
                "exercise": exercise,
            },
        )
    return {"team": team_id, "messages": len(told)}


def _offered(team: Row, row: Row, answered: Row | None) -> bool:
    """Tell whether a team may be asked for: of this county, or named by the newest answer."""
    if str(team["area_code"])[:6] == str(row["area_code"])[:6]:
        return True
    named = answered["result"]["help"] if answered is not None else []
    return any(each["team"] == team["id"] for each in named)


def _asking(incident_id: UUID, team_id: int, exercise: bool) -> str:
    """Name one asking: pressed twice it is one, later it is another, a drill is never the real."""
    return f"help-{incident_id}-{team_id}-{'drill' if exercise else 'real'}-{_ten_minutes()}"


def _ten_minutes() -> int:
    return int(time.time() // 600)


def run(database: Database, row: Row, progress: Progress) -> None:
    """Answer a claimed question: a snapshot is read, the answer is the job's result."""
    county = str(row["area_code"])[:6]
    scope = Scope((county,), row["user_id"], f"job-{row['id']}")
    incident_id = UUID(row["arguments"]["incident"])
    started = time.monotonic()
    progress.step(0, _STEPS, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        about = dispatch.incident(tx, incident_id)
        if about is None:
            raise not_found(f"incident {incident_id}")
        teams = dispatch.teams(tx, county, incident_id)
        inputs = _inputs(tx, county)
        stamped = coverage_kept.stamp(tx)
    with database.transaction(replace(system_scope(), user_id=row["user_id"])) as tx:
        others = dispatch.neighbours(tx, incident_id, _AROUND_METRES, answers.HELP)
    progress.step(1, _STEPS, "reaching")
    lost = {key: _left(one, stamped) for key, one in inputs.items() if key in _COVERING}
    progress.step(2, _STEPS, "network")
    answer = answers.answered(about, teams, _networks(inputs), lost, row["arguments"]["own"])
    answer = answers.helped(answer, others)
    first = next(iter(inputs.values()))
    answer["input_version"], answer["hour"] = first.version, first.ground.at.isoformat()
    answer["took"] = round(time.monotonic() - started, 3)
    progress.step(3, _STEPS, "saving")
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], answer, first.version)


_COVERING = {key for keys in asks.COVERS.values() for key in keys}


def _left(inputs: Inputs, stamped: coverage_kept.Stamp) -> pd.DataFrame:
    """Count whom each facility of a standard leaves without cover while its crew is away."""
    found = coverage_kept.answer(inputs, stamped).results
    found = found.rename(columns={"facility_id": "facility"})
    standard = inputs.standard
    return geo.left_without(
        found,
        inputs.homes.table["people"],
        inputs.facilities["crew"],
        standard["measure"],
        standard["max_value"],
    )


def _inputs(tx: Transaction, county: str) -> dict[str, Inputs]:
    """Read what the standards that teams stand for are computed from, as far as they hold."""
    keys = {key for keys in (*asks.STREETS.values(), *asks.COVERS.values()) for key in keys}
    held = [key for key in sorted(keys) if coverage_standards.in_force(tx, key, county)]
    if not held:
        raise conflict("no standard is in force on whose streets a team could be measured")
    read = coverage_inputs.read_all(tx, held, county)
    return dict(zip(held, read, strict=True))


def _networks(inputs: Mapping[str, Inputs]) -> dict[str, Network]:
    """Give the streets of each kind of team; those of any other where its own do not hold."""
    other = next(iter(inputs))
    found = {}
    for kind, keys in asks.STREETS.items():
        key = next((one for one in keys if one in inputs), other)
        found[kind] = coverage_inputs.network(inputs[key])
    return found


def _incident(tx: Transaction, viewer: Viewer, incident_id: UUID) -> Row:
    row = dispatch.incident(tx, incident_id)
    if row is None or not viewer.may(Permission.INCIDENT_DISPATCH, row["area_code"]):
        raise not_found(f"incident {incident_id}")
    return row
