"""What a partition is made of, and what a part of it should be."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


# Up to this share of the way to a limit (a tenth of the target for 300-500) a part is good. Beyond
# it the cost rises by the step, soon: any part within the limits is then as bad as another, but
# for a little slope that leads back. Chosen on real blocks: a larger step balances more parts to
# within a tenth and makes all of them less compact.
_GOOD, _STEP, _SLOPE, _TAIL = 0.4, 0.185, 8.0, 0.1
# What it costs that a main road or a water parts those who live in a grid, where 1.0 is what the
# worst shape costs. Chosen on real blocks: more keeps fewer parts within a tenth of the target.
_SEVERANCE = 0.08


def added(labels: Ints, values: Floats, count: int = 0) -> Floats:
    """Add up one value a unit (or border) over its label; *count* labels at least."""
    return np.bincount(labels, values, minlength=count).astype(np.float64)


@dataclass(frozen=True)
class Graph:
    """Units and the borders between them; every border stands twice, once from each side.

    Attributes
    ----------
    weight, area, perimeter
        One value a unit: households (or whatever is balanced), square metres, metres.
    start
        Borders of unit u are ``start[u]`` to ``start[u + 1]``.
    unit, neighbour, shared
        One value a border: the unit it belongs to, the unit beyond it, metres.
    barrier
        Of each border the metres that run along what people do not simply cross.
    """

    weight: Floats
    area: Floats
    perimeter: Floats
    start: Ints
    unit: Ints
    neighbour: Ints
    shared: Floats
    barrier: Floats

    @classmethod
    def from_borders(
        cls,
        weight: Floats,
        area: Floats,
        perimeter: Floats,
        borders: tuple[Ints, Ints, Floats],
        barrier: Floats | None = None,
    ) -> "Graph":
        """Build the graph from pairs of units, the metres they share, those along barriers."""
        first, second, metres = borders
        unit = np.concatenate([first, second])
        neighbour = np.concatenate([second, first])
        order = np.lexsort((neighbour, unit))
        unit = unit[order]
        start = np.searchsorted(unit, np.arange(len(weight) + 1))
        shared = np.concatenate([metres, metres])[order]
        along = np.zeros(len(metres)) if barrier is None else barrier
        along = np.concatenate([along, along])[order]
        return cls(weight, area, perimeter, start, unit, neighbour[order], shared, along)

    @property
    def size(self) -> int:
        """Number of units."""
        return len(self.weight)

    def pieces(self, labels: Ints) -> tuple[int, Ints]:
        """Find the connected pieces of the parts: how many, and the piece of each unit."""
        inside = labels[self.unit] == labels[self.neighbour]
        # 32 bits and doubles are what connected_components works in: nothing is converted
        start = np.zeros(len(inside) + 1, dtype=np.int32)
        np.cumsum(inside, out=start[1:])
        kept = self.neighbour[inside].astype(np.int32)
        matrix = csr_array((np.ones(len(kept)), kept, start[self.start]), shape=(self.size,) * 2)
        count, piece = connected_components(matrix, directed=False)
        return int(count), piece.astype(np.int64)

    def subset(self, members: Ints) -> "Graph":
        """Keep some units (sorted positions) and the borders between them."""
        position = np.full(self.size, -1)
        position[members] = np.arange(len(members))
        unit, neighbour = position[self.unit], position[self.neighbour]
        kept = (unit >= 0) & (neighbour >= 0)
        start = np.searchsorted(unit[kept], np.arange(len(members) + 1))
        return Graph(
            self.weight[members],
            self.area[members],
            self.perimeter[members],
            start,
            unit[kept],
            neighbour[kept],
            self.shared[kept],
            self.barrier[kept],
        )

    def severed(self, labels: Ints) -> float:
        """Add up the metres of barriers inside parts."""
        inside = labels[self.unit] == labels[self.neighbour]
        return float(self.barrier[inside].sum()) / 2


@dataclass(frozen=True)
class Goal:
    """What a part should be: near the target, within the limits, compact.

    Attributes
    ----------
    target
        The best weight of a part.
    spread
        Half the width of the allowed range around the target.
    compactness
        What one point of Polsby-Popper counts.
    strictness
        The step at the limits.
    severance
        What a barrier counts that runs once through a part.
    """

    target: float
    spread: float
    compactness: float = 1.0
    strictness: float = 4.0
    severance: float = _SEVERANCE

    def price_of_barriers(self, graph: Graph, parts: int) -> float:
        """Give what a metre of a barrier inside a part costs: a part is so wide on average."""
        return self.severance / float(np.sqrt(max(graph.area.sum() / parts, 1.0)))

    @property
    def numbers(self) -> Floats:
        """What `parts.price` reads."""
        return np.array(
            [self.compactness, self.target, self.spread, _GOOD, _STEP, _SLOPE, _TAIL]
            + [self.strictness]
        )

    def cost(self, weight: Floats, area: Floats, perimeter: Floats) -> Floats:
        """Cost of parts with these weights, areas and perimeters; lower is better."""
        beyond = (np.abs(weight - self.target) / self.spread - _GOOD) / (1.0 - _GOOD)
        beyond = np.maximum(beyond, 0.0)
        balance = _STEP * (np.minimum(_SLOPE * beyond, 1.0) + _TAIL * beyond)
        balance += np.where(beyond > 1.0, self.strictness * (beyond - 0.7), 0.0)
        return self.compactness * (1.0 - 4.0 * np.pi * area / perimeter**2) + balance


@dataclass
class Plan:
    """Labels of the units and the totals of the parts, kept in step with each other."""

    labels: Ints
    weight: Floats
    area: Floats
    perimeter: Floats
    units: Ints
    cost: Floats

    @classmethod
    def of(cls, graph: Graph, labels: Ints, goal: Goal) -> "Plan":
        """Add up the parts 0..k-1 of *labels*; each must have a unit."""
        inside = labels[graph.unit] == labels[graph.neighbour]
        weight = added(labels, graph.weight)
        area = added(labels, graph.area)
        inner = added(labels[graph.unit[inside]], graph.shared[inside], len(weight))
        perimeter = np.maximum(added(labels, graph.perimeter) - inner, 1e-6)
        units = np.bincount(labels)
        return cls(
            labels.copy(), weight, area, perimeter, units, goal.cost(weight, area, perimeter)
        )
