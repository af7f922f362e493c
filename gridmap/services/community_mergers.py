"""Communities that become one on the day their scenario comes into force."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gridmap.model.problem import conflict
from gridmap.services import community_names
from gridmap.store import community_effects, merged_community, token
from gridmap.store.database import Row, Transaction


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
    gone: Sequence[str],
) -> None:
    """Let people and everything else of communities that end follow into the new one.

    Parameters
    ----------
    merged
        As `begin` gives it.
    successors
        Which grid has most of the ground of each that goes.
    gone
        The grids that end.
    """
    if not merged:
        return
    heirs = _heirs(merged)
    grids = {old: new for old, new in successors.items() if old[:12] in heirs}
    community_effects.copy_roles(tx, grids | heirs)
    community_effects.follow(tx, grids | heirs)
    token.extend(tx, list(merged), list(heirs), [code for code in gone if code[:12] in heirs])


def left(communities: Iterable[str], merged: Mapping[str, Sequence[str]]) -> list[str]:
    """Leave of some communities those that are in force after the merger."""
    heirs = _heirs(merged)
    return [code for code in communities if code not in heirs]


def _heirs(merged: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {old: code for code, them in merged.items() for old in them}
