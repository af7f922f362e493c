"""Whom to send: teams ranked for an incident, with why, the next two, and whom to ask for help."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pandas as pd

from geodata import dispatching as geo
from geodata.network import Network
from gridmap.model import dispatch as asks
from gridmap.model.access import Permission, Scope, system_scope
from gridmap.model.problem import conflict, not_found
from gridmap.model.states import OPEN_INCIDENTS, IncidentState
from gridmap.problems import bad_value
from gridmap.services import coverage_inputs, coverage_kept, dispatch_weights, jobs
from gridmap.services import dispatch_answers as answers
from gridmap.services import team_loan_asking as loans
from gridmap.services.access import Viewer
from gridmap.services.coverage_inputs import Inputs
from gridmap.services.progress import Progress
from gridmap.services.teams import ours
from gridmap.store import coverage_standards, dispatch, incident, job, team_loan
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


def ask_help(  # noqa: PLR0913, PLR0917 - what is asked for, of whom, for how long and why
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    incident_id: UUID,
    team_id: int,
    exercise: bool,
    hours: int = 24,
    note: str | None = None,
) -> dict[str, Any]:
    """Ask those whose team it is to lend it; give the loan and how many people were written to.

    Raises
    ------
    Problem
        As `request`; 400 for a team that is not there, off duty, needs nobody's leave, or is of
        another county and not one that the newest answer names; 409 just after it was asked for,
        or for one that is lent.
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
        if ours(str(team["area_code"]), str(row["area_code"]), own):
            raise bad_value("team", "this team may be sent at once")
        if not _offered(team, row, answered):
            raise bad_value("team", "no team of another county that the answer names")
        area = loans.borrower(viewer, str(row["area_code"]))
        wanted = loans.Asked(row, team, area, exercise, hours, note)
        return loans.asked(tx, wanted)


def _offered(team: Row, row: Row, answered: Row | None) -> bool:
    """Tell whether a team may be asked for: of this county, or named by the newest answer."""
    if str(team["area_code"])[:6] == str(row["area_code"])[:6]:
        return True
    named = answered["result"]["help"] if answered is not None else []
    return any(each["team"] == team["id"] for each in named)


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
        weights, said = dispatch_weights.in_force(tx, about["area_code"])
    with database.transaction(replace(system_scope(), user_id=row["user_id"])) as tx:
        others = dispatch.neighbours(tx, incident_id, _AROUND_METRES, answers.HELP)
    progress.step(1, _STEPS, "reaching")
    lost = {key: _left(one, stamped) for key, one in inputs.items() if key in _COVERING}
    progress.step(2, _STEPS, "network")
    own = row["arguments"]["own"]
    answer = answers.answered(about, teams, _networks(inputs), lost, own, weights)
    answer["weights"] = said
    answer = answers.helped(answer, others)
    first = next(iter(inputs.values()))
    answer["input_version"], answer["hour"] = first.version, first.ground.at.isoformat()
    answer["took"] = round(time.monotonic() - started, 3)
    progress.step(3, _STEPS, "saving")
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], answer, first.version)


def count_loan(database: Database, row: Row, progress: Progress) -> None:
    """Count whom a team that was asked for leaves without cover at home; what a job does."""
    county = str(row["area_code"])[:6]
    scope = Scope((county,), row["user_id"], f"job-{row['id']}")
    progress.step(0, 2, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        loan = team_loan.read(tx, row["arguments"]["loan"])
        if loan is None:
            raise not_found(f"team loan {row['arguments']['loan']}")
        teams = dispatch.teams_at_home(tx, county)
        keys = [
            key
            for key in asks.COVERS.get(str(loan["team_kind"]), ())
            if coverage_standards.in_force(tx, key, county)
        ]
        read = dict(zip(keys, coverage_inputs.read_all(tx, keys, county), strict=True))
        stamped = coverage_kept.stamp(tx)
    lost = {key: _left(one, stamped) for key, one in read.items()}
    teams = teams.assign(load=[len(each) for each in teams["busy"]])
    found: dict[str, Any] = {"households": 0, "people": 0, "by": {}, "stay": 0}
    if loan["team_id"] in teams.index:
        # asked again while it is away, the question is what it leaves while it is
        teams.loc[loan["team_id"], ["away", "load"]] = [False, 0]
        found = answers.left_by(teams.loc[loan["team_id"]], teams, lost)
    progress.step(1, 2, "saving")
    with database.transaction(scope) as tx:
        team_loan.keep_uncovered(tx, loan["id"], json.dumps(found))
        job.finish(tx, row["id"], row["token"], {"loan": loan["id"]}, None)


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
