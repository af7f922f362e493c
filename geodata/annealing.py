"""Balance a partition of units: simulated annealing over two kinds of steps.

A step either moves one unit at a border to the part beyond it, with the pieces its old part would
lose by that (Kirkpatrick, Gelatt and Vecchi 1983), or joins two neighbouring parts and cuts them
apart anew along a random spanning tree (the step of ReCom by DeFord, Duchin and Solomon 2021, used
here to improve and not to sample). The first balances, the second gives parts another shape: each
alone is stuck where the other one goes on.
"""

import math
from typing import NamedTuple

import numpy as np

from geodata.balance import Floats, Goal, Graph, Ints, Plan
from geodata.compiled import compiled
from geodata.parts import Ground, Parts, price
from geodata.random_numbers import Seeds, below, seeded, uniform
from geodata.tree_cuts import Pair, cut_anew, pair_of

_PERIOD = 1000  # steps between two changes of the temperature
_SINGLE = 4  # of so many steps one moves a unit, the others cut a pair anew


class Moved(NamedTuple):
    """Room for the units that move together.

    Attributes
    ----------
    units
        The units, one after the other.
    reached
        The units of the old part that a search has come to.
    stamp
        For each unit the number of the last search that came to it.
    """

    units: Ints
    reached: Ints
    stamp: Ints


def anneal(
    graph: Graph,
    labels: Ints,
    goal: Goal,
    seed: int,
    steps: int,
    heat: tuple[float, float] = (0.15, 0.004),
) -> Ints:
    """Improve a partition by simulated annealing.

    Parameters
    ----------
    graph
        Connected units.
    labels
        Parts 0..k-1, each connected; not changed.
    goal
        What a part should be.
    seed
        Seed of the random steps.
    steps
        Steps proposed; most of them recombine two parts.
    heat
        Temperature at the start and at the end, in units of the goal's cost.

    Returns
    -------
    array
        Labels 0..k-1, each part connected and with at least one unit.
    """
    plan = Plan.of(graph, labels, goal)
    improve(graph, plan, goal, seed, steps, heat)
    return plan.labels


def improve(
    graph: Graph, plan: Plan, goal: Goal, seed: int, steps: int, heat: tuple[float, float]
) -> None:
    """Do what `anneal` does to a plan: its labels and totals are changed together."""
    if len(plan.weight) < 2 or not len(graph.unit):
        return
    borders = (graph.start, graph.unit, graph.neighbour, graph.shared)
    toll = graph.barrier * goal.price_of_barriers(graph, len(plan.weight))
    ground = Ground(*borders, graph.weight, graph.area, graph.perimeter, plan.labels, toll)
    parts = Parts(plan.weight, plan.area, plan.perimeter, plan.units, plan.cost)
    units, reached, stamp = (np.zeros(graph.size, np.int64) for _ in range(3))
    pair = pair_of(graph.size, len(graph.unit))
    course = (steps, *heat)
    _anneal(ground, parts, Moved(units, reached, stamp), pair, goal.numbers, course, seeded(seed))


@compiled
def _anneal(
    ground: Ground,
    parts: Parts,
    moved: Moved,
    pair: Pair,
    goal: Floats,
    course: tuple[int, float, float],
    seeds: Seeds,
) -> None:
    steps, hot, cold = course
    temperature = hot
    for step in range(steps):
        if step % _PERIOD == 0:
            temperature = hot * (cold / hot) ** (step / steps)
        border = below(seeds, len(ground.unit))
        unit = ground.unit[border]
        old = ground.label[unit]
        new = ground.label[ground.neighbour[border]]
        if old == new:
            continue
        if step % _SINGLE:
            cut_anew(ground, parts, pair, unit, new, goal, temperature, seeds)
        elif parts.units[old] > 1:
            _move(ground, parts, moved, unit, new, goal, temperature, seeds, step + 1)


@compiled
def _move(
    ground: Ground,
    parts: Parts,
    moved: Moved,
    unit: int,
    new: int,
    goal: Floats,
    temperature: float,
    seeds: Seeds,
    number: int,
) -> None:
    """Move a unit to a new part, if chance and the temperature allow."""
    old = ground.label[unit]
    count = _going_along(ground, moved, unit, number)
    weight, area, old_perimeter, new_perimeter, toll = _change(ground, moved, count, old, new)
    old_totals = (
        parts.weight[old] - weight,
        parts.area[old] - area,
        parts.perimeter[old] + old_perimeter,
    )
    new_totals = (
        parts.weight[new] + weight,
        parts.area[new] + area,
        parts.perimeter[new] + new_perimeter,
    )
    old_cost, new_cost = price(old_totals, goal), price(new_totals, goal)
    rise = old_cost + new_cost - parts.cost[old] - parts.cost[new] + toll
    if rise > 0.0 and uniform(seeds) >= math.exp(-rise / temperature):
        return
    for position in range(count):
        ground.label[moved.units[position]] = new
    parts.weight[old], parts.area[old], parts.perimeter[old] = old_totals
    parts.weight[new], parts.area[new], parts.perimeter[new] = new_totals
    parts.cost[old], parts.cost[new] = old_cost, new_cost
    parts.units[old] -= count
    parts.units[new] += count


@compiled
def _going_along(ground: Ground, moved: Moved, unit: int, number: int) -> int:
    """List the unit and the pieces its part falls into without it, but for the heaviest."""
    part = ground.label[unit]
    moved.stamp[unit] = number
    moved.units[0] = unit
    reached = 0
    kept_from, kept_to, heaviest = 0, 0, -1.0
    for border in range(ground.start[unit], ground.start[unit + 1]):
        beside = ground.neighbour[border]
        if ground.label[beside] != part or moved.stamp[beside] == number:
            continue
        begin = reached
        reached, weight = _flooded(ground, moved, beside, number, reached)
        if weight > heaviest:
            kept_from, kept_to, heaviest = begin, reached, weight
    count = 1
    for position in range(reached):
        if position < kept_from or position >= kept_to:
            moved.units[count] = moved.reached[position]
            count += 1
    return count


@compiled
def _flooded(
    ground: Ground, moved: Moved, unit: int, number: int, reached: int
) -> tuple[int, float]:
    """Reach all units of a part that hang together with one; how many are reached, their weight."""
    part = ground.label[unit]
    position = reached
    moved.reached[reached] = unit
    reached += 1
    moved.stamp[unit] = number
    weight = 0.0
    while position < reached:
        here = moved.reached[position]
        position += 1
        weight += ground.weight[here]
        for border in range(ground.start[here], ground.start[here + 1]):
            beside = ground.neighbour[border]
            if ground.label[beside] == part and moved.stamp[beside] != number:
                moved.stamp[beside] = number
                moved.reached[reached] = beside
                reached += 1
    return reached, weight


@compiled
def _change(
    ground: Ground, moved: Moved, count: int, old: int, new: int
) -> tuple[float, float, float, float, float]:
    """Weight and area that go over, what both perimeters change by, and the toll of barriers."""
    for position in range(count):
        ground.label[moved.units[position]] = -1
    weight = area = losing = gaining = toll = 0.0
    for position in range(count):
        unit = moved.units[position]
        weight += ground.weight[unit]
        area += ground.area[unit]
        losing -= ground.perimeter[unit]
        gaining += ground.perimeter[unit]
        for border in range(ground.start[unit], ground.start[unit + 1]):
            beyond = ground.label[ground.neighbour[border]]
            metres = ground.shared[border]
            if beyond == -1:
                losing += metres
                gaining -= metres
            elif beyond == old:
                losing += 2.0 * metres
                toll -= ground.toll[border]
            elif beyond == new:
                gaining -= 2.0 * metres
                toll += ground.toll[border]
    for position in range(count):
        ground.label[moved.units[position]] = old
    return weight, area, losing, gaining, toll
