"""Communities that have become part of another: what nothing new may begin in."""

from collections.abc import Sequence

from gridmap.model.problem import conflict
from gridmap.store import merged_community
from gridmap.store.database import Transaction


def refuse_ended(tx: Transaction, communities: Sequence[str]) -> None:
    """Stop what would give a community grids or rows of its own again that is part of another.

    Raises
    ------
    Problem
        409 naming it and the one that it is part of now.
    """
    for old, new in sorted(merged_community.ended(tx, communities).items()):
        raise conflict(f"community {old} is part of {new} now", successor=new)
