"""A question about sites: which method, how many, out of which places, and whom it counts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Method = Literal["next", "p_median", "p_center", "cover_all", "cover_most", "least_missed"]
Places = Literal["crossings", "buildings", "parcels"]
Weight = Literal["households", "people", "needs"]

MOST_SITES = 50
# these answer one question about the sites there are, or how many are needed is the answer
UNCOUNTED = frozenset({"next", "cover_all", "least_missed"})
# those that know how many people a site takes in
ROOMY = frozenset({"p_median", "p_center", "cover_all", "cover_most"})


@dataclass(frozen=True)
class Question:
    """What is asked about sites.

    Attributes
    ----------
    method
        `next`: the site that adds most, and the runner-up. `p_median`: least way for all
        together. `p_center`: the farthest as near as possible. `cover_all`: the fewest that
        reach everybody. `cover_most`: the most reached. `least_missed`: of those there are.
    count
        How many new sites; None where the method has its own answer.
    candidates
        Out of which places.
    weight
        Whom it counts; with a capacity always people.
    capacity
        People a new site takes in, where the standard asks for it.
    limit
        Another limit than the standard's.
    """

    method: Method
    count: int | None = None
    candidates: Places = "crossings"
    weight: Weight = "people"
    capacity: int | None = None
    limit: float | None = None

    def stored(self) -> dict[str, Any]:
        """Give it as it is kept; `read` makes it again."""
        return asdict(self)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Question":
        """Make it from what was kept."""
        return cls(**{name: kept[name] for name in cls.__dataclass_fields__})
