"""States of the nouns and the transitions the law of the field allows."""

from enum import StrEnum


class IncidentState(StrEnum):
    """From report to evaluation."""

    REPORTED = "reported"
    VERIFIED = "verified"
    ASSIGNED = "assigned"
    HANDLING = "handling"
    RESOLVED = "resolved"
    CLOSED = "closed"
    EVALUATED = "evaluated"
    DISMISSED = "dismissed"
    MERGED = "merged"
    OBJECTED = "objected"


class HazardState(StrEnum):
    """A hazard is declared until it is lifted."""

    DECLARED = "declared"
    LIFTED = "lifted"


class PlanState(StrEnum):
    """From the job's draft to the end of the response."""

    DRAFTING = "drafting"
    DRAFTED = "drafted"
    APPROVED = "approved"
    ACTIVE = "active"
    CLOSED = "closed"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class ScenarioState(StrEnum):
    """From a planner's copy to the grids in force."""

    OPEN = "open"
    VALIDATING = "validating"
    VALID = "valid"
    INVALID = "invalid"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class JobState(StrEnum):
    """A job row is the truth about a piece of long work; RQ only wakes a worker."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


INCIDENT_STEPS: dict[IncidentState, frozenset[IncidentState]] = {
    IncidentState.REPORTED: frozenset(
        {
            IncidentState.VERIFIED,
            IncidentState.DISMISSED,
            IncidentState.MERGED,
            IncidentState.CLOSED,  # handled by the reporter on the spot
        }
    ),
    IncidentState.VERIFIED: frozenset(
        {IncidentState.ASSIGNED, IncidentState.DISMISSED, IncidentState.MERGED}
    ),
    IncidentState.ASSIGNED: frozenset(
        # to another team, without going back to the beginning
        {IncidentState.ASSIGNED, IncidentState.HANDLING, IncidentState.OBJECTED}
    ),
    IncidentState.OBJECTED: frozenset({IncidentState.ASSIGNED, IncidentState.DISMISSED}),
    IncidentState.HANDLING: frozenset(
        {IncidentState.ASSIGNED, IncidentState.RESOLVED, IncidentState.OBJECTED}
    ),
    IncidentState.RESOLVED: frozenset({IncidentState.CLOSED, IncidentState.HANDLING}),
    IncidentState.CLOSED: frozenset({IncidentState.EVALUATED, IncidentState.VERIFIED}),
    IncidentState.EVALUATED: frozenset(),
    IncidentState.DISMISSED: frozenset({IncidentState.REPORTED}),
    IncidentState.MERGED: frozenset(),
}

OPEN_INCIDENTS: frozenset[IncidentState] = frozenset(
    {
        IncidentState.REPORTED,
        IncidentState.VERIFIED,
        IncidentState.ASSIGNED,
        IncidentState.HANDLING,
        IncidentState.OBJECTED,
        IncidentState.RESOLVED,
    }
)

PLAN_STEPS: dict[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFTING: frozenset({PlanState.DRAFTED, PlanState.FAILED}),
    PlanState.DRAFTED: frozenset({PlanState.APPROVED, PlanState.REJECTED, PlanState.SUPERSEDED}),
    PlanState.APPROVED: frozenset({PlanState.ACTIVE, PlanState.CLOSED, PlanState.SUPERSEDED}),
    PlanState.ACTIVE: frozenset({PlanState.CLOSED, PlanState.SUPERSEDED}),
    PlanState.CLOSED: frozenset(),
    PlanState.FAILED: frozenset(),
    PlanState.SUPERSEDED: frozenset(),
    PlanState.REJECTED: frozenset(),
}

SCENARIO_STEPS: dict[ScenarioState, frozenset[ScenarioState]] = {
    ScenarioState.OPEN: frozenset({ScenarioState.VALIDATING, ScenarioState.DISCARDED}),
    ScenarioState.VALIDATING: frozenset(
        {ScenarioState.VALID, ScenarioState.INVALID, ScenarioState.OPEN}
    ),
    ScenarioState.VALID: frozenset(
        {
            ScenarioState.APPROVED,
            ScenarioState.OPEN,  # edited again
            ScenarioState.VALIDATING,
            ScenarioState.DISCARDED,
        }
    ),
    ScenarioState.INVALID: frozenset(
        {ScenarioState.OPEN, ScenarioState.VALIDATING, ScenarioState.DISCARDED}
    ),
    ScenarioState.APPROVED: frozenset(
        {ScenarioState.PUBLISHED, ScenarioState.OPEN, ScenarioState.DISCARDED}
    ),
    # withdrawn before its day
    ScenarioState.PUBLISHED: frozenset({ScenarioState.APPROVED}),
    ScenarioState.DISCARDED: frozenset({ScenarioState.OPEN}),
}

EDITABLE_SCENARIOS: frozenset[ScenarioState] = frozenset(
    {ScenarioState.OPEN, ScenarioState.VALID, ScenarioState.INVALID}
)
