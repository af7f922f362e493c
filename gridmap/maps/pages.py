"""One side of paper: what stands on it, and how rows are shared out over several."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from gridmap.model.sheet import Home, Leaf, Shelter, Turn


@dataclass(frozen=True)
class Page:
    """One side of paper.

    Attributes
    ----------
    kind
        `cover`, `leaf`, `shelter`, or one of those of `paging_more`.
    number, count
        Which page of its own sheet it is.
    """

    kind: str
    number: int = 1
    count: int = 1
    leaf: Leaf | None = None
    shelter: Shelter | None = None
    homes: Sequence[Home] = ()
    offset: int = 0
    picture: Markup | None = None
    steps: Sequence[Turn] = ()
    rows: Sequence[dict[str, Any]] = ()
    leave_by: datetime | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """Give the people in the rows of this page."""
        return sum(home.people for home in self.homes)


def cut(rows: int, first: int, further: int) -> list[tuple[int, int]]:
    """Share rows out over pages; there is always a first page."""
    cuts = [(0, min(rows, first))]
    while cuts[-1][1] < rows:
        start = cuts[-1][1]
        cuts.append((start, min(rows, start + further)))
    return cuts
