"""The arcs of an escape: joined into a graph, with what is carried along each."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geodata.hazard_streets import Stretches
from geodata.shortest import Graph
from geodata.street_graph import Bools, Floats, Ints

NO_END = -1
STEP_OUT = -1  # `via` of the step from the inner layer to the outer one
STEP_IN = -2  # `via` of the last step, from a street into a shelter


@dataclass(frozen=True)
class Starts:
    """How households reach the ends of their stretch of street.

    Attributes
    ----------
    stretch
        Stretch each household's street point lies on.
    state
        Int array (households, 2): state at the start and at the end of the stretch.
    seconds, metres
        Float arrays (households, 2), straight leg included; infinite where it cannot be gone.
    """

    stretch: Ints
    state: Ints
    seconds: Floats
    metres: Floats


@dataclass(frozen=True)
class Ways:
    """Times and lengths of the ways from households to shelters, and the trees they follow.

    Attributes
    ----------
    seconds, metres
        Arrays households x shelters; infinite without a way.
    leave
        By which end of its stretch a household leaves: 0 start, 1 end, -1 without a way.
    step
        Array households x shelters: the first step of the way, -1 without one.
    state, onward, via
        By step: the state it starts from; the step after it, -1 where the shelter is reached;
        and how one gets there: 2 x stretch along it, 2 x stretch + 1 against it, or one of
        `STEP_OUT` and `STEP_IN`. Ways to one shelter that meet share what follows.
    slide_metres
        Array households x shelters: metres walked along the slide.
    along_slide
        Households whose ways lead along the slide because no other does.
    """

    seconds: Floats
    metres: Floats
    leave: NDArray[np.int8]
    step: NDArray[np.int32]
    state: NDArray[np.int32]
    onward: NDArray[np.int32]
    via: NDArray[np.int32]
    slide_metres: Floats
    along_slide: Bools

    def steps(self, step: int) -> Ints:
        """Return how a way goes on from one of its steps, to the shelter."""
        found = []
        while self.onward[step] >= 0:
            found.append(int(self.via[step]))
            step = int(self.onward[step])
        return np.array(found, dtype=np.intp)

    def slowed(self, longer: Floats) -> "Ways":
        """Return the same ways of households that take so many times as long everywhere."""
        if (longer == 1.0).all():
            return self
        return replace(self, seconds=self.seconds * longer[:, None])

    def or_along(self, other: "Ways", along: Bools) -> "Ways":
        """Return these ways, and for some households the others, which may lead along a slide."""
        rows, mine = along[:, None], len(self.onward)
        later = np.where(other.onward >= 0, other.onward + mine, -1)
        return Ways(
            np.where(rows, other.seconds, self.seconds),
            np.where(rows, other.metres, self.metres),
            np.where(rows, other.leave, self.leave),
            np.where(rows & (other.step >= 0), other.step + mine, np.where(rows, -1, self.step)),
            np.concatenate([self.state, other.state]),
            np.concatenate([self.onward, later]),
            np.concatenate([self.via, other.via]),
            np.where(rows, other.slide_metres, self.slide_metres),
            along,
        )


@dataclass(frozen=True)
class Arcs:
    """Arcs from `tail` to `head`: what they cost, take, measure, and lead along the slide."""

    tail: Ints
    head: Ints
    cost: Floats
    seconds: Floats
    metres: Floats
    slide: Floats
    via: Ints

    @classmethod
    def joined(cls, parts: "list[Arcs]") -> "Arcs":
        """Put arcs together."""
        names = ("tail", "head", "cost", "seconds", "metres", "slide", "via")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def graph(self, states: int) -> "tuple[Graph, Arcs]":
        """Make a graph of them, of parallel ones the cheapest, without rings; and its arcs."""
        order = np.lexsort((self.via, self.cost, self.head, self.tail))
        order = order[self.tail[order] != self.head[order]]
        tails, heads = self.tail[order], self.head[order]
        best = np.ones(len(order), dtype=bool)
        best[1:] = (tails[1:] != tails[:-1]) | (heads[1:] != heads[:-1])
        kept = self.taken(order[best])
        graph = Graph(states, kept.tail, kept.head, kept.cost, kept.metres, kept.via)
        return graph, kept

    def taken(self, rows: Ints) -> "Arcs":
        """Return the arcs at these positions."""
        return Arcs(
            self.tail[rows],
            self.head[rows],
            self.cost[rows],
            self.seconds[rows],
            self.metres[rows],
            self.slide[rows],
            self.via[rows],
        )


def usable(label: Ints, opened: Bools) -> Bools:
    """Tell which edges there are and are open; -1 is none."""
    if not len(opened):
        return np.zeros(len(label), dtype=bool)
    found: Bools = (label >= 0) & opened[label]
    return found


def meeting(part: Stretches, which: Bools) -> Ints:
    """Return the nodes at which some stretches meet others."""
    ends = np.zeros((2, part.nodes), dtype=bool)
    for row, rows in enumerate((which, ~which)):
        ends[row, part.start[rows]] = True
        ends[row, part.end[rows]] = True
    return np.flatnonzero(ends.all(axis=0))
