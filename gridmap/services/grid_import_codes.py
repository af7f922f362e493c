"""Codes of imported grids: those in force are kept, no other is ever taken from a file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.grid_changes import Change
from gridmap.model.grid_import import is_code

NEW = "new"  # a number of its own when it is published
_ALIKE = 0.5  # share of common ground above which a grid without a code is taken for one in force
_OFFERED = 3


@dataclass(frozen=True)
class Codes:
    """Which grid in force each imported one follows.

    Attributes
    ----------
    of
        Code in force by name of an imported grid.
    parents
        For the others, the grid in force that has most of their ground: whose member they get.
    changes
        What differs from the file.
    """

    of: dict[str, str]
    parents: dict[str, str]
    changes: list[Change]


def given_codes(
    grids: gpd.GeoDataFrame,
    fields: Mapping[str, Mapping[str, str]],
    in_force: gpd.GeoDataFrame,
    decisions: Mapping[str, str],
) -> Codes:
    """Find the code of every imported grid.

    A code of the file counts when the grid in force under it lies in the same community and no
    other grid of the file has it. All else is a change.
    """
    likeness = _likeness(grids, in_force)
    found = Codes({}, {}, [])
    counts = Counter(row["code"] for row in fields.values() if row["code"])
    open_: list[tuple[str, str]] = []
    for name, community in grids["community"].items():
        code = fields.get(str(name), {}).get("code", "")
        reason = _reason(code, str(community), in_force, counts)
        if reason is None:
            found.of[str(name)] = code
        else:
            open_.append((str(name), reason))
    for name, reason in open_:
        _choose(found, name, reason, fields, grids.geometry[name], likeness, decisions)
    _note_ended(found, grids, in_force)
    return found


def _reason(
    code: str, community: str, in_force: gpd.GeoDataFrame, counts: Mapping[str, int]
) -> str | None:
    """Say why a code of a file does not count, None when it does."""
    if not code:
        return "missing"
    if not is_code(code):
        return "wrong"
    if not code.startswith(community):
        return "foreign"
    if counts[code] > 1:
        return "twice"
    return None if code in in_force.index else "not_in_force"


def _likeness(
    grids: gpd.GeoDataFrame, in_force: gpd.GeoDataFrame
) -> dict[str, list[tuple[float, float, str]]]:
    """Give the grids in force that each imported one shares ground with, the most alike first."""
    new = np.asarray(grids.geometry.array, dtype=object)
    old = np.asarray(in_force.geometry.array, dtype=object)
    found: dict[str, list[tuple[float, float, str]]] = {str(name): [] for name in grids.index}
    if not len(old):
        return found
    one, other = shapely.STRtree(old).query(new, predicate="intersects")
    common = shapely.area(shapely.intersection(new[one], old[other]))
    union = shapely.area(new[one]) + shapely.area(old[other]) - common
    same = (grids["community"].to_numpy()[one] == in_force["community"].to_numpy()[other]) & (
        common > 0
    )
    for a, b, shared, share in zip(
        one[same].tolist(),
        other[same].tolist(),
        common[same].tolist(),
        (common / union)[same].tolist(),
        strict=True,
    ):
        found[str(grids.index[a])].append((share, shared, str(in_force.index[b])))
    for listed in found.values():
        listed.sort(key=lambda each: (-each[0], each[2]))
    return found


def _choose(  # noqa: PLR0913 - one grid and all it is held against
    found: Codes,
    name: str,
    reason: str,
    fields: Mapping[str, Mapping[str, str]],
    shape: Any,
    likeness: Mapping[str, list[tuple[float, float, str]]],
    decisions: Mapping[str, str],
) -> None:
    """Let a grid follow one in force that no other follows, or have a new number."""
    taken = set(found.of.values())
    free = [each for each in likeness[name] if each[2] not in taken]
    alike = [code for share, _ground, code in free if share >= _ALIKE]
    others = [code for _share, _ground, code in free if code not in alike][:_OFFERED]
    choices = (*alike, NEW, *others)
    identity = f"code-{name}"
    decided = decisions.get(identity)
    choice = decided if decided is not None and decided in choices else choices[0]
    if choice == NEW:
        if likeness[name]:
            found.parents[name] = max(likeness[name], key=lambda each: (each[1], each[2]))[2]
    else:
        found.of[name] = choice
    if name not in fields:
        return  # made of a gap, by a decision: nobody expects a code
    found.changes.append(
        Change(
            id=identity,
            kind="code",
            grids=(name,),
            geometry=shape,
            area_m2=0.0,
            choice=choice,
            default=choices[0],
            choices=choices,
            figures={"reason": reason, "code": fields[name]["code"][:40]},
        )
    )


def _note_ended(found: Codes, grids: gpd.GeoDataFrame, in_force: gpd.GeoDataFrame) -> None:
    """Note the grids in force that none of the imported ones follows: they end."""
    communities = set(grids["community"])
    kept = set(found.of.values())
    for code, row in in_force.iterrows():
        if row["community"] in communities and code not in kept:
            found.changes.append(
                Change(
                    id=f"ended-{code}",
                    kind="ended",
                    grids=(),
                    geometry=row.geometry,
                    area_m2=0.0,
                    choice="end",
                    default="end",
                    choices=("end",),
                    ask=True,
                    figures={"code": str(code)},
                )
            )
