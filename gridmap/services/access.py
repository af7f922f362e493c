"""Who asks: a person, their roles, and the areas each permission reaches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gridmap.model.access import (
    LOOKING,
    PERMISSIONS,
    Permission,
    Role,
    Scope,
    permissions_of,
)
from gridmap.model.problem import forbidden


@dataclass(frozen=True)
class Viewer:
    """A signed-in person; the four `is_`/`get_` members are what Flask-Login asks for.

    Attributes
    ----------
    id
        Row of the account.
    name, display_name
        Sign-in name, and the name shown on screen.
    language
        ``zh_CN`` or ``en``.
    demo
        True for an account of the demo.
    roles
        Role and the area in which it is held, with all below it.
    must
        What the person has to do before anything else: ``password`` or ``second_factor``.
    token_id
        Number of the token with which a program acts for the person; None for the person.
    team_id
        Number of the team the person works for, None for nobody's.
    only
        All that the program may do of what the person may; None for the person.
    sensor_id
        Number of the one sensor for which the program posts; None for any other program.
    """

    id: int
    name: str
    display_name: str
    language: str
    demo: bool
    roles: tuple[tuple[Role, str], ...]
    must: str | None = None
    token_id: int | None = None
    only: frozenset[Permission] | None = None
    team_id: int | None = None
    sensor_id: int | None = None

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Give the account's id as text."""
        return str(self.id)

    @property
    def is_program(self) -> bool:
        """Tell whether a program asks, with a token of the person."""
        return self.token_id is not None

    @property
    def only_looks(self) -> bool:
        """Tell whether this is a program that may look and do nothing else."""
        return self.only is not None and self.only <= LOOKING | {
            Permission.HOUSEHOLD_PERSONAL,
            Permission.TRAIL_READ,
        }

    @property
    def areas(self) -> tuple[str, ...]:
        """Areas of any role, an area inside another left out."""
        return outermost(code for role, code in self.roles if self._allowed(role))

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything the person may do somewhere."""
        allowed = permissions_of(role for role, _code in self.roles)
        return allowed if self.only is None else allowed & self.only

    def areas_for(self, permission: Permission) -> tuple[str, ...]:
        """Give the areas in which the person holds a permission; they may be none."""
        return outermost(code for role, code in self.roles if permission in self._allowed(role))

    def may(self, permission: Permission, area_code: str | None = None) -> bool:
        """Tell whether the person holds a permission, somewhere or in one area."""
        areas = self.areas_for(permission)
        if area_code is None:
            return bool(areas)
        return any(area_code.startswith(area) for area in areas)

    def require(self, permission: Permission, area_code: str | None = None) -> None:
        """Stop unless the person holds a permission.

        Raises
        ------
        Problem
            403.
        """
        if not self.may(permission, area_code):
            raise forbidden(permission.value)

    def scope(self, permission: Permission | None, request_id: str | None = None) -> Scope:
        """Give the scope of a transaction that serves this permission (any role when None)."""
        areas = self.areas if permission is None else self.areas_for(permission)
        return Scope(areas=areas, user_id=self.id, request_id=request_id)

    def _allowed(self, role: Role) -> frozenset[Permission]:
        allowed = PERMISSIONS[role]
        return allowed if self.only is None else allowed & self.only


def viewer_of(
    account: Mapping[str, Any], roles: Iterable[Mapping[str, Any]], must: str | None = None
) -> Viewer:
    """Make the viewer of an account's row and its role rows."""
    return Viewer(
        id=account["id"],
        name=account["name"],
        display_name=account["display_name"],
        language=account["language"],
        demo=account["demo"],
        roles=tuple((Role(row["role"]), row["area_code"]) for row in roles),
        must=must,
        team_id=account.get("team_id"),
    )


def confined(
    roles: Iterable[tuple[Role, str]], within: str | None, heirs: Iterable[str] = ()
) -> tuple[tuple[Role, str], ...]:
    """Leave of roles what lies within one area: the smaller of the two areas, if one is inside.

    What has become of the area, `heirs`, counts as the area itself.
    """
    if within is None:
        return tuple(roles)
    areas = (within, *heirs)
    held: dict[tuple[Role, str], None] = {}
    for role, code in roles:
        for each in areas:
            if code.startswith(each):
                held[role, code] = None
            elif each.startswith(code):
                held[role, each] = None
    return tuple(held)


def outermost(codes: Iterable[str]) -> tuple[str, ...]:
    """Leave out every area that lies inside another one of the list; sorted."""
    kept: list[str] = []
    for code in sorted(set(codes)):
        if not (kept and code.startswith(kept[-1])):
            kept.append(code)
    return tuple(kept)
