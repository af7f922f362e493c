"""How many households a grid may have, where no rule is stored for the area."""

from dataclasses import dataclass


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


_SOURCE = "舟山市网格化服务管理条例 第九条"
STANDARD = GridRule(300, 500, _SOURCE)

KINDS = ("comprehensive", "special", "micro")
AREA_TYPES = ("any", "urban", "village")
# What holds where an area has no rule of its own; nothing says how large a special grid is.
STANDARDS = {"comprehensive": STANDARD, "micro": GridRule(50, 80, _SOURCE)}
