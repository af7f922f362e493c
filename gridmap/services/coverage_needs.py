"""Figures of coverage that tell of people with needs: for those who may read needs in that area."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import forbidden
from gridmap.services import reading
from gridmap.services.access import Viewer
from gridmap.store.database import Database

_TELLS = "with_needs"  # how the name of every such figure begins
_WEIGHT = "needs"


def readable(area_code: str, needs_in: Sequence[str]) -> bool:
    """Tell whether sums over an area may tell of needs, with these areas readable."""
    return any(area_code.startswith(own) for own in needs_in)


def shown(found: Mapping[str, Any], area_code: str, needs_in: Sequence[str]) -> dict[str, Any]:
    """Give figures of an area, without those of needs for whoever may not read needs there.

    They are left out at any depth, so that nobody takes a zero for an answer.
    """
    if readable(area_code, needs_in):
        return dict(found)
    left: dict[str, Any] = without(found)
    return left


def without(value: Any) -> Any:
    """Leave out every figure that tells of needs."""
    if isinstance(value, Mapping):
        return {name: without(each) for name, each in value.items() if not name.startswith(_TELLS)}
    if isinstance(value, list):
        return [without(each) for each in value]
    return value


def weighs(arguments: Mapping[str, Any]) -> bool:
    """Tell whether a question about sites is weighed by needs: then its whole answer tells."""
    return (arguments.get("question") or {}).get("weight") == _WEIGHT


def check_weight(database: Database, viewer: Viewer, area_code: str, weight: str) -> None:
    """Let only those weigh by needs who may read them.

    Raises
    ------
    Problem
        403.
    """
    if weight == _WEIGHT and not readable(area_code, reading.readable_needs(database, viewer)):
        raise forbidden(Permission.HOUSEHOLD_PERSONAL.value)
