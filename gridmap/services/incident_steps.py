"""What is done about an incident after its report: one legal step at a time, with its trace."""

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from gridmap.model.access import Permission, Scope, system_scope
from gridmap.model.incident import (
    DONE,
    MAY_SET_LEVEL,
    NEED_REASON,
    STEPS,
    Standing,
    Step,
    Verb,
    possible,
    step_of,
)
from gridmap.model.problem import Problem, forbidden, not_found
from gridmap.model.states import OPEN_INCIDENTS, IncidentState
from gridmap.problems import bad_value
from gridmap.services import teams
from gridmap.services.access import Viewer
from gridmap.services.incidents import intake_scope
from gridmap.store import event, incident, team_loan
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import feature
from gridmap.store.view import incidents as view


@dataclass(frozen=True)
class Act:
    """What a person wants done.

    Attributes
    ----------
    verb
        The step.
    seen
        Version of the incident the person has before them.
    reason
        Why; needed to dismiss, merge or object.
    level
        The level found on looking closer, when verifying or assigning.
    assignee
        Id of the team that is sent.
    into
        Id of the incident that takes this one in.
    """

    verb: Verb
    seen: int
    reason: str | None = None
    level: int | None = None
    assignee: int | None = None
    into: UUID | None = None


def detail(
    database: Database, viewer: Viewer, request_id: str | None, incident_id: UUID, english: bool
) -> dict[str, Any]:
    """Give everything about one incident that the person may see.

    Raises
    ------
    Problem
        404 when it is not there, or neither in the person's areas nor their own report.
    """
    with database.transaction(_scope(database, viewer, request_id, incident_id)) as tx:
        _seen_by(viewer, incident.standing(tx, incident_id), incident_id)
        return _detail(tx, viewer, incident_id, english)


def act(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    incident_id: UUID,
    wanted: Act,
    english: bool,
) -> dict[str, Any]:
    """Take one step with an incident, write it into its history and record its event.

    Returns
    -------
    dict
        As `detail`.

    Raises
    ------
    Problem
        400 for a missing reason or team; 403 when the role does not allow it; 404 as `detail`;
        409 when somebody was faster or the step is not possible, naming those that are.
    """
    with database.transaction(_scope(database, viewer, request_id, incident_id)) as tx:
        row, target = _hold(tx, viewer, incident_id, wanted)
        standing = standing_of(viewer, row)
        step = _check(row, standing, wanted)
        team = _team(tx, viewer, row, wanted)
        incident.move(
            tx,
            row,
            verb=wanted.verb.value,
            state=step.after.value,
            level=wanted.level,
            responder_id=None if team is None else team["id"],
            into=wanted.into,
            text=wanted.reason,
        )
        if target is not None:
            incident.absorb(tx, target, row)
        found = _detail(tx, viewer, incident_id, english)
        event.record(
            tx,
            f"incident.{DONE[wanted.verb]}",
            area_code=row["area_code"],
            subject_id=incident_id,
            payload={
                "number": row["number"],
                "team": None if team is None else team["id"],
                "into": None if target is None else target["number"],
            },
        )
    return found


def standing_of(viewer: Viewer, row: Row) -> Standing:
    """Tell what a person is to an incident."""
    code, team = row["area_code"], row["responder_id"]
    return Standing(
        dispatches=viewer.may(Permission.INCIDENT_DISPATCH, code),
        handles=viewer.may(Permission.INCIDENT_HANDLE, code) or _lent(viewer, row),
        assigned=team is not None and team == viewer.team_id,
        reported=row["reported_by"] is not None and row["reported_by"] == viewer.id,
    )


def layer_values(viewer: Viewer) -> dict[str, Any]:
    """Give the values by which the layer of incidents tells what the person may do."""
    return {
        "dispatch_in": list(viewer.areas_for(Permission.INCIDENT_DISPATCH)),
        "handle_in": list(viewer.areas_for(Permission.INCIDENT_HANDLE)),
        "me": viewer.id,
        "team": viewer.team_id,
    }


def _scope(database: Database, viewer: Viewer, request_id: str | None, incident_id: UUID) -> Scope:
    """Give the areas of a person, and that of an incident their team is at as one that is lent."""
    scope = intake_scope(viewer.scope(Permission.MAP_VIEW, request_id))
    if viewer.team_id is None or not viewer.may(Permission.INCIDENT_HANDLE):
        return scope
    with database.transaction(system_scope()) as tx:
        there = team_loan.works_at(tx, viewer.team_id, incident_id)
    return scope if there is None else replace(scope, areas=(*scope.areas, there))


def _lent(viewer: Viewer, row: Row) -> bool:
    """Tell whether the team of a person is at an incident beyond their areas: it was lent there.

    Nobody else sees such an incident: see `_scope`.
    """
    return (
        viewer.team_id is not None
        and viewer.team_id == row["responder_id"]
        and viewer.may(Permission.INCIDENT_HANDLE)
    )


def _seen_by(viewer: Viewer, row: Row | None, incident_id: UUID) -> Row:
    own = row is not None and row["reported_by"] == viewer.id
    if row is None or not (
        own or viewer.may(Permission.MAP_VIEW, row["area_code"]) or _lent(viewer, row)
    ):
        raise not_found(f"incident {incident_id}")
    return row


def _hold(
    tx: Transaction, viewer: Viewer, incident_id: UUID, wanted: Act
) -> tuple[Row, Row | None]:
    """Hold the incident, and the one it is merged into; always the smaller id first."""
    if wanted.into is None or wanted.verb is not Verb.MERGE:
        return _seen_by(viewer, incident.hold(tx, incident_id), incident_id), None
    _seen_by(viewer, incident.standing(tx, incident_id), incident_id)
    if wanted.into == incident_id:
        raise bad_value("into", "an incident cannot be merged into itself")
    held = {each: incident.hold(tx, each) for each in sorted((incident_id, wanted.into))}
    row = _seen_by(viewer, held[incident_id], incident_id)
    target = held[wanted.into]
    if target is None or not viewer.may(Permission.INCIDENT_DISPATCH, target["area_code"]):
        raise bad_value("into", "no such incident where you may merge")
    if IncidentState(target["state"]) not in OPEN_INCIDENTS:
        raise bad_value("into", f"that incident is {target['state']}")
    return row, target


def _check(row: Row, standing: Standing, wanted: Act) -> Step:
    """Refuse a step that is late, not possible, not this person's, or says too little."""
    state = IncidentState(row["state"])
    steps = [verb.value for verb in possible(state, standing)]
    now = {"version": row["version"], "state": state.value, "actions": steps}
    if not any(each.verb == wanted.verb and standing.may(each) for each in STEPS):
        raise forbidden(f"incident.{wanted.verb.value}")
    if wanted.seen != row["version"]:
        raise Problem(
            409,
            "Conflict",
            "Somebody was faster. Look at it again, then decide",
            more=now,
        )
    step = step_of(wanted.verb, state, standing)
    if step is None:
        raise Problem(
            409, "Conflict", "The incident is in a state in which this is not possible", more=now
        )
    if wanted.verb in NEED_REASON and not wanted.reason:
        raise bad_value("reason", "say why: whoever reported it reads this")
    if wanted.level is not None and wanted.verb not in MAY_SET_LEVEL:
        raise bad_value("level", "the level is set when verifying or assigning")
    if (wanted.verb is Verb.MERGE) != (wanted.into is not None):
        raise bad_value("into", "the incident that takes this one in, and only when merging")
    return step


def _team(tx: Transaction, viewer: Viewer, row: Row, wanted: Act) -> Row | None:
    if (wanted.verb is Verb.ASSIGN) != (wanted.assignee is not None):
        raise bad_value("assignee", "the id of a team, and only when assigning")
    if wanted.assignee is None:
        return None
    team = incident.team(tx, wanted.assignee)
    if team is None:
        raise bad_value("assignee", "no such team")
    if not team["on_duty"]:
        raise bad_value("assignee", "that team is off duty")
    if not team_loan.may_be_sent(tx, team["id"], row["id"]):
        own = viewer.areas_for(Permission.INCIDENT_DISPATCH)
        if not teams.ours(str(team["area_code"]), str(row["area_code"]), own):
            if team_loan.drilled(tx, team["id"], row["id"]):
                raise bad_value("assignee", "that team is lent for an exercise only")
            raise bad_value("assignee", "that team is another area's: ask for it first")
        if team_loan.lent_elsewhere(tx, team["id"]):
            raise bad_value("assignee", "that team is lent to another area")
    return team


def _detail(tx: Transaction, viewer: Viewer, incident_id: UUID, english: bool) -> dict[str, Any]:
    more = view.more(tx, incident_id)
    assert more is not None
    values = layer_values(viewer)
    if not viewer.may(Permission.INCIDENT_HANDLE, more["area_code"]) and _lent(viewer, more):
        values["handle_in"] = [*values["handle_in"], more["area_code"]]
    text = feature.one(tx, view.source(english, None), incident_id, **values)
    assert text is not None
    found: dict[str, Any] = json.loads(text)
    dispatches = viewer.may(Permission.INCIDENT_DISPATCH, more["area_code"])
    found["properties"] |= {
        "note": more["note"],
        "placed_by": more["placed_by"],
        "device_time": None if more["device_time"] is None else more["device_time"].isoformat(),
        "skew_seconds": more["skew_seconds"],
        "mine": more["reported_by"] == viewer.id,
        "reporters": more["reporters"] or [],
        "merged_into_number": more["merged_into_number"],
        "photos": view.photos(tx, incident_id),
        "history": view.history(tx, incident_id, english),
        "duplicates": view.near(tx, incident_id, viewer.areas_for(Permission.MAP_VIEW)),
        "conflicts": view.conflicts(tx, incident_id) if dispatches else [],
    }
    return found
