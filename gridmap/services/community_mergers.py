"""Communities that become one on the day their scenario comes into force."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gridmap.model.problem import conflict
from gridmap.services import community_names
from gridmap.store import break_glass, community_effects, event, merged_community
from gridmap.store.database import Row, Transaction


@dataclass(frozen=True)
class Followed:
    """Roles that have been given with a merger, and openings that have ended."""

    trusted: Sequence[Row] = ()
    closed: Sequence[Row] = ()


def begin(tx: Transaction, row: Row, day: date) -> dict[str, list[str]]:
    """Begin the communities that a scenario makes of others, and end these.

    Returns
    -------
    dict
        Codes of the communities that end, by that of the new one.

    Raises
    ------
    Problem
        409 where one of them has become part of another meanwhile, or another community has
        come to be called like the new one.
    """
    found = {}
    for each in merged_community.of_scenario(tx, row["id"]):
        name = community_names.free(tx, row, each["code"], each["name_zh"])
        if merged_community.begin(tx, each["code"], name, day) != len(each["communities"]):
            raise conflict(
                f"a community of {each['code']} has been merged already", version=row["version"]
            )
        found[each["code"]] = list(each["communities"])
    return found


def follow(
    tx: Transaction,
    merged: Mapping[str, Sequence[str]],
    successors: Mapping[str, str],
    special: Mapping[str, str],
) -> Followed:
    """Let people and everything else of communities that end follow into the new one.

    Parameters
    ----------
    merged
        As `begin` gives it.
    successors
        Which grid has most of the ground of each that goes.
    special
        The special grid that each has been, by its new code.

    Returns
    -------
    Followed
        What `record` is to be told when all is done.
    """
    if not merged:
        return Followed()
    heirs = _heirs(merged)
    grids = {old: new for old, new in successors.items() if old[:12] in heirs}
    community_effects.copy_micro_grids(tx, grids)
    grids |= {old: new for new, old in special.items() if old[:12] in heirs}
    trusted = community_effects.copy_roles(tx, grids | heirs)
    closed = break_glass.close_in(tx, list(grids | heirs))
    community_effects.follow(tx, grids | heirs)
    return Followed(trusted, closed)


def record(tx: Transaction, told: Followed) -> None:
    """Record what has followed, when all else is done."""
    for each in told.trusted:
        event.record(
            tx,
            "role.granted",
            area_code=each["area_code"],
            subject_id=each["user_id"],
            payload={"role": each["role"]},
        )
    for each in told.closed:
        event.record(tx, "break_glass.closed", area_code=each["area_code"], subject_id=each["id"])


def left(communities: Iterable[str], merged: Mapping[str, Sequence[str]]) -> list[str]:
    """Leave of some communities those that are in force after the merger."""
    heirs = _heirs(merged)
    return [code for code in communities if code not in heirs]


def _heirs(merged: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {old: code for code, them in merged.items() for old in them}
