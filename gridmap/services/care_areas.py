"""Areas of care: whose sums somebody asks for, at which level, and what each is called."""

from collections.abc import Mapping
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import not_found
from gridmap.services.access import Viewer

LEVELS = {"grid": 15, "community": 12, "township": 9}


def chosen(viewer: Viewer, area_code: str | None, permission: Permission) -> str:
    """Give the area that is asked for, or the first in which a person holds a permission.

    Raises
    ------
    Problem
        404 for an area that is not theirs.
    """
    if area_code is None:
        return viewer.areas_for(permission)[0]
    if not viewer.may(permission, area_code):
        raise not_found(f"area {area_code}")
    return area_code


def named(
    code: str, level: str, names: Mapping[str, tuple[str, str | None]], *, english: bool
) -> dict[str, Any]:
    """Say of an area what a row of a table shows; `grid` is None outside every grid."""
    zh, en = names.get(code[: min(len(code), 12)], ("", None))
    name = (en or zh) if english else zh
    if level == "grid":
        label = f"{code[9:12]}-{code[12:15]}" if len(code) == 15 else None
        return {"code": code, "label": label, "name": name}
    return {"code": code, "label": name or code, "name": name}
