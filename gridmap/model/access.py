"""Who may do what, and where: roles, permissions and the scope of one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is trusted with inside an area."""

    GRID_MEMBER = "grid_member"
    UNIT = "unit"
    DUTY_OFFICER = "duty_officer"
    COMMANDER = "commander"
    PLANNER = "planner"
    PLANNING_LEAD = "planning_lead"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"


class Permission(StrEnum):
    """One thing a route, a command or a job does; a route without one stops the start."""

    MAP_VIEW = "map.view"
    INCIDENT_REPORT = "incident.report"
    INCIDENT_HANDLE = "incident.handle"
    INCIDENT_DISPATCH = "incident.dispatch"
    DUTY_LOG = "duty.log"
    HAZARD_DECLARE = "hazard.declare"
    ALERT_RECEIVE = "alert.receive"
    SENSOR_POST = "sensor.post"
    HOUSEHOLD_VIEW = "household.view"
    HOUSEHOLD_PERSONAL = "household.personal"
    HOUSEHOLD_PLACE = "household.place"
    HOUSEHOLD_VISIT = "household.visit"
    HOUSEHOLD_BREAK_GLASS = "household.break_glass"
    GRID_VIEW = "grid.view"
    GRID_DRAW = "grid.draw"
    GRID_PUBLISH = "grid.publish"
    COVERAGE_VIEW = "coverage.view"
    COVERAGE_RUN = "coverage.run"
    COVERAGE_EDIT = "coverage.edit"
    FACILITY_EDIT = "facility.edit"
    PLAN_VIEW = "plan.view"
    PLAN_DRAFT = "plan.draft"
    PLAN_APPROVE = "plan.approve"
    JOB_VIEW = "job.view"
    JOB_CANCEL = "job.cancel"
    TRAIL_READ = "trail.read"
    IMPORT_DATA = "data.import"
    EXPORT_REQUEST = "export.request"
    EXPORT_APPROVE = "export.approve"
    USER_MANAGE = "user.manage"
    ROLE_MANAGE = "role.manage"
    SYSTEM_MANAGE = "system.manage"


_EVERYONE = {Permission.MAP_VIEW, Permission.GRID_VIEW, Permission.JOB_VIEW}
_OFFICE = _EVERYONE | {
    Permission.COVERAGE_VIEW,
    Permission.PLAN_VIEW,
    Permission.HOUSEHOLD_VIEW,
    Permission.INCIDENT_REPORT,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.GRID_MEMBER: frozenset(
        _EVERYONE
        | {
            Permission.INCIDENT_REPORT,
            Permission.HOUSEHOLD_VIEW,
            Permission.HOUSEHOLD_PERSONAL,
            Permission.HOUSEHOLD_PLACE,
            Permission.HOUSEHOLD_VISIT,
            Permission.PLAN_VIEW,
        }
    ),
    Role.UNIT: frozenset(_EVERYONE | {Permission.INCIDENT_REPORT, Permission.INCIDENT_HANDLE}),
    Role.DUTY_OFFICER: frozenset(
        _OFFICE
        | {
            Permission.INCIDENT_HANDLE,
            Permission.INCIDENT_DISPATCH,
            Permission.DUTY_LOG,
            Permission.HAZARD_DECLARE,
            Permission.ALERT_RECEIVE,
            Permission.SENSOR_POST,
            Permission.HOUSEHOLD_PERSONAL,
            Permission.HOUSEHOLD_BREAK_GLASS,
            Permission.EXPORT_REQUEST,
            Permission.COVERAGE_RUN,
            Permission.FACILITY_EDIT,
            Permission.PLAN_DRAFT,
            Permission.JOB_CANCEL,
        }
    ),
    Role.COMMANDER: frozenset(
        _OFFICE
        | {
            Permission.INCIDENT_HANDLE,
            Permission.INCIDENT_DISPATCH,
            Permission.DUTY_LOG,
            Permission.HAZARD_DECLARE,
            Permission.ALERT_RECEIVE,
            Permission.SENSOR_POST,
            Permission.HOUSEHOLD_BREAK_GLASS,
            Permission.EXPORT_REQUEST,
            Permission.EXPORT_APPROVE,
            Permission.COVERAGE_RUN,
            Permission.FACILITY_EDIT,
            Permission.PLAN_DRAFT,
            Permission.PLAN_APPROVE,
            Permission.JOB_CANCEL,
        }
    ),
    Role.PLANNER: frozenset(
        _OFFICE
        | {
            Permission.GRID_DRAW,
            Permission.COVERAGE_RUN,
            Permission.FACILITY_EDIT,
            Permission.HOUSEHOLD_PLACE,
            Permission.IMPORT_DATA,
            Permission.EXPORT_REQUEST,
            Permission.JOB_CANCEL,
        }
    ),
    Role.PLANNING_LEAD: frozenset(
        _OFFICE
        | {
            Permission.GRID_DRAW,
            Permission.GRID_PUBLISH,
            Permission.COVERAGE_RUN,
            Permission.COVERAGE_EDIT,
            Permission.FACILITY_EDIT,
            Permission.HOUSEHOLD_PLACE,
            Permission.IMPORT_DATA,
            Permission.EXPORT_REQUEST,
            Permission.EXPORT_APPROVE,
            Permission.JOB_CANCEL,
        }
    ),
    Role.AUDITOR: frozenset({Permission.TRAIL_READ}),
    Role.SYSTEM_ADMIN: frozenset(
        {
            Permission.SYSTEM_MANAGE,
            Permission.USER_MANAGE,
            Permission.JOB_VIEW,
            Permission.JOB_CANCEL,
        }
    ),
    # makes no account and so cannot make one for itself; who makes accounts gives no role
    Role.SECURITY_ADMIN: frozenset({Permission.ROLE_MANAGE}),
}


# Out of the office: on a tablet, on foot, mostly alone.
FIELD_ROLES = frozenset({Role.GRID_MEMBER, Role.UNIT})
# The three that watch each other: one person holds at most one of them.
ADMINISTRATIONS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
# What takes a person, and often a second one: no program's token ever holds it.
BY_PERSON = frozenset(
    {
        Permission.HOUSEHOLD_BREAK_GLASS,
        Permission.GRID_PUBLISH,
        Permission.PLAN_APPROVE,
        Permission.EXPORT_REQUEST,
        Permission.EXPORT_APPROVE,
        Permission.USER_MANAGE,
        Permission.ROLE_MANAGE,
        Permission.SYSTEM_MANAGE,
    }
)
# What a token gets that asks for nothing: to look, at nothing personal.
LOOKING = frozenset(
    {
        Permission.MAP_VIEW,
        Permission.GRID_VIEW,
        Permission.COVERAGE_VIEW,
        Permission.PLAN_VIEW,
        Permission.HOUSEHOLD_VIEW,
        Permission.JOB_VIEW,
    }
)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Unite what several roles allow."""
    allowed: frozenset[Permission] = frozenset()
    for role in roles:
        allowed |= PERMISSIONS[role]
    return allowed


@dataclass(frozen=True)
class Scope:
    """On whose behalf, and for which areas, one transaction runs.

    Attributes
    ----------
    areas
        Area-code prefixes (6, 9, 12 or 15 digits; one digit for the system itself).
        Row-level security shows rows whose code starts with one of them; none means no rows.
    user_id
        The person, None for the system's own work.
    request_id
        Request or job id, written into every event.
    """

    areas: tuple[str, ...] = ()
    user_id: int | None = None
    request_id: str | None = None

    def __post_init__(self) -> None:
        for area in self.areas:
            if not (area.isascii() and area.isdigit()):
                raise ValueError(f"an area code has digits only, not {area!r}")


def system_scope(request_id: str | None = None) -> Scope:
    """Give the scope of the system's own work: every area, no person."""
    return Scope(areas=tuple("0123456789"), request_id=request_id)
