"""What people do about an incident: verbs, the steps they make, who may, and what must be said."""

from dataclasses import dataclass
from enum import StrEnum

from gridmap.model.access import Permission
from gridmap.model.states import INCIDENT_STEPS, IncidentState

_S = IncidentState


class Verb(StrEnum):
    """One thing done about an incident."""

    VERIFY = "verify"
    ASSIGN = "assign"
    START = "start"
    RESOLVE = "resolve"
    CLOSE = "close"
    DISMISS = "dismiss"
    MERGE = "merge"
    OBJECT = "object"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Step:
    """One legal step.

    Attributes
    ----------
    verb
        What is done.
    before, after
        State it is done in, and the one it leads to.
    needs
        Permission of the person in the area of the incident; None for the reporter alone.
    """

    verb: Verb
    before: IncidentState
    after: IncidentState
    needs: Permission | None


_DISPATCH, _HANDLE = Permission.INCIDENT_DISPATCH, Permission.INCIDENT_HANDLE
STEPS: tuple[Step, ...] = (
    Step(Verb.VERIFY, _S.REPORTED, _S.VERIFIED, _DISPATCH),
    Step(Verb.ASSIGN, _S.VERIFIED, _S.ASSIGNED, _DISPATCH),
    Step(Verb.ASSIGN, _S.ASSIGNED, _S.ASSIGNED, _DISPATCH),
    Step(Verb.ASSIGN, _S.HANDLING, _S.ASSIGNED, _DISPATCH),
    Step(Verb.ASSIGN, _S.OBJECTED, _S.ASSIGNED, _DISPATCH),
    Step(Verb.START, _S.ASSIGNED, _S.HANDLING, _HANDLE),
    Step(Verb.RESOLVE, _S.HANDLING, _S.RESOLVED, _HANDLE),
    Step(Verb.CLOSE, _S.RESOLVED, _S.CLOSED, _DISPATCH),
    Step(Verb.CLOSE, _S.REPORTED, _S.CLOSED, _DISPATCH),
    # handled on the spot by who reported it
    Step(Verb.CLOSE, _S.REPORTED, _S.CLOSED, None),
    Step(Verb.DISMISS, _S.REPORTED, _S.DISMISSED, _DISPATCH),
    Step(Verb.DISMISS, _S.VERIFIED, _S.DISMISSED, _DISPATCH),
    Step(Verb.DISMISS, _S.OBJECTED, _S.DISMISSED, _DISPATCH),
    Step(Verb.MERGE, _S.REPORTED, _S.MERGED, _DISPATCH),
    Step(Verb.MERGE, _S.VERIFIED, _S.MERGED, _DISPATCH),
    Step(Verb.OBJECT, _S.ASSIGNED, _S.OBJECTED, _HANDLE),
    Step(Verb.OBJECT, _S.HANDLING, _S.OBJECTED, _HANDLE),
    Step(Verb.REOPEN, _S.RESOLVED, _S.HANDLING, _DISPATCH),
    Step(Verb.REOPEN, _S.CLOSED, _S.VERIFIED, _DISPATCH),
    Step(Verb.REOPEN, _S.DISMISSED, _S.REPORTED, _DISPATCH),
)
assert all(step.after in INCIDENT_STEPS[step.before] for step in STEPS)

# Whoever reported or was sent must be able to read why.
NEED_REASON = frozenset({Verb.DISMISS, Verb.MERGE, Verb.OBJECT})
MAY_SET_LEVEL = frozenset({Verb.VERIFY, Verb.ASSIGN})

# The event that each leaves: `incident.verified` and so on.
DONE: dict[Verb, str] = {
    Verb.VERIFY: "verified",
    Verb.ASSIGN: "assigned",
    Verb.START: "started",
    Verb.RESOLVE: "resolved",
    Verb.CLOSE: "closed",
    Verb.DISMISS: "dismissed",
    Verb.MERGE: "merged",
    Verb.OBJECT: "objected",
    Verb.REOPEN: "reopened",
}


@dataclass(frozen=True)
class Standing:
    """What one person is to one incident.

    Attributes
    ----------
    dispatches, handles
        Whether they hold these permissions where it lies.
    assigned
        Whether it is with a team of theirs.
    reported
        Whether they reported it.
    """

    dispatches: bool = False
    handles: bool = False
    assigned: bool = False
    reported: bool = False

    def may(self, step: Step) -> bool:
        """Tell whether the person may take a step: a unit only what is with it."""
        if step.needs is None:
            return self.reported
        if step.needs is _DISPATCH:
            return self.dispatches
        return self.handles and (self.dispatches or self.assigned)


def possible(state: IncidentState, standing: Standing) -> list[Verb]:
    """Give what a person may do about an incident now, in the order of the steps."""
    found = [step.verb for step in STEPS if step.before == state and standing.may(step)]
    return list(dict.fromkeys(found))


def step_of(verb: Verb, state: IncidentState, standing: Standing) -> Step | None:
    """Give the step that a verb makes in a state for this person, or None."""
    for step in STEPS:
        if step.verb == verb and step.before == state and standing.may(step):
            return step
    return None
