"""How many households a grid may have, where no rule is stored for the area."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class GridRule:
    """Least and greatest number of households of a grid, and where the rule comes from."""

    minimum: int
    maximum: int
    source: str

    def deviation(self, households: int) -> float:
        """Give households / middle - 1."""
        return households / ((self.minimum + self.maximum) / 2) - 1

    def fits(self, households: int) -> bool:
        """Tell whether a number of households is within the rule."""
        return self.minimum <= households <= self.maximum


@dataclass(frozen=True)
class Entry:
    """A rule as it is stored.

    Attributes
    ----------
    area_code
        County, township or community for which it holds; the nearest counts.
    kind, area_type
        One of `KINDS` and, for comprehensive grids, one of `AREA_TYPES`.
    source
        Law, article or decision.
    valid_from
        First day; it holds until a later one of the same area, kind and type begins.
    minimum, maximum
        Households of a grid; None for islands, which are drawn by the other rules.
    smallest
        Mountain: households of the smallest settlement that may be parted from the ground around
        it; island: people of the smallest island with grids of its own.
    """

    area_code: str
    kind: str
    area_type: str
    source: str
    valid_from: date
    minimum: int | None = None
    maximum: int | None = None
    smallest: int | None = None


@dataclass(frozen=True)
class Exceptions:
    """What drawing does where ground is not like other ground.

    Attributes
    ----------
    island_people
        An island with as many people has grids of its own, a smaller one joins the nearest.
    island_source
        Where that comes from.
    settlement
        A settlement with fewer households stays whole, with the ground around it; 0: no such rule.
    settlement_source
        Where that comes from; empty without the rule.
    """

    island_people: int
    island_source: str
    settlement: int = 0
    settlement_source: str = ""


_SOURCE = "舟山市网格化服务管理条例 第九条"
STANDARD = GridRule(300, 500, _SOURCE)
ISLAND = Exceptions(50, _SOURCE)

KINDS = ("comprehensive", "special", "micro")
AREA_TYPES = ("any", "urban", "village", "mountain", "island")
# What holds where an area has no rule of its own; nothing says how large a special grid is.
STANDARDS = {"comprehensive": STANDARD, "micro": GridRule(50, 80, _SOURCE)}
