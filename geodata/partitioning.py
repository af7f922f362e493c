"""Group units into parts of a wanted weight, each in one piece, and say why where it cannot be."""

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.adjacency import border_lengths
from geodata.annealing import anneal
from geodata.balance import Floats, Goal, Graph, Ints, Plan, added
from geodata.crs import metric_crs
from geodata.errors import Fault, GeodataError
from geodata.limits import Limits, limits_of
from geodata.recombination import rescue
from geodata.starting import start

REASONS = (
    "not_contiguous",
    "unit_too_large",
    "area_too_small",
    "no_count_fits",
    "units_too_coarse",
)

_SMALL = 12  # parts; up to here several numbers of parts and starts are tried
_FEW = 4  # parts; up to here every number that can fit is tried
_STEPS = 15_000  # of the search, for each part; as many again for the first few


def partition(
    units: gpd.GeoDataFrame, weight: str, minimum: float, maximum: float, seed: int = 0
) -> pd.Series:
    """Group units into contiguous parts with a weight between two limits.

    METIS makes the first partition; a search that moves units and cuts pairs of parts anew
    balances it and rounds it off. Where the limits cannot be met the best partition
    found is returned; `explain` says which parts miss them and why.

    Parameters
    ----------
    units
        Polygons that touch, one row a unit, in any declared CRS, with the column *weight*.
        Parts never cross from one connected group of units to another: an island is on its own.
    weight
        Column of finite numbers, 0 or more: households.
    minimum, maximum
        Limits of a part's weight; the middle between them is aimed at.
    seed
        The same seed and input give the same labels.

    Returns
    -------
    Series
        Named ``partition``, on the index of *units*: labels 0..k-1 in the order in which they
        first appear. Every part is connected over borders of more than 1 m. Empty for no units.

    Raises
    ------
    GeodataError
        No CRS, geometry that is not a valid polygon, a weight that is missing, negative or not
        finite, limits that are not 0 < minimum <= maximum.
    """
    limits = limits_of(minimum, maximum)
    _check_units(units, weight)
    if units.empty:
        return pd.Series([], index=units.index, dtype=np.int64, name="partition")
    labels = partition_graph(unit_graph(units, weight), limits, seed)
    return pd.Series(labels, index=units.index, name="partition")


def explain(
    units: gpd.GeoDataFrame, weight: str, labels: pd.Series, minimum: float, maximum: float
) -> pd.DataFrame:
    """Say which parts miss the limits, and why.

    Parameters
    ----------
    units, weight, minimum, maximum
        As given to `partition`.
    labels
        As returned by it, on the index of *units*.

    Returns
    -------
    DataFrame
        One row a part, sorted by label: ``label``, ``households`` (the weight) and ``reason``:
        ``not_contiguous``; ``unit_too_large``, one unit alone has more than the maximum;
        ``area_too_small``, its connected group of units has less than the minimum;
        ``no_count_fits``, no whole number of parts divides the group within the limits;
        ``units_too_coarse``, the units are too large to be combined any better; <NA> for a
        part within the limits.

    Raises
    ------
    GeodataError
        As `partition`; or labels that are missing or on another index.
    """
    limits = limits_of(minimum, maximum)
    _check_units(units, weight)
    if not labels.index.equals(units.index) or labels.isna().any():
        raise GeodataError("labels are needed for all units, on their index")
    names, parts = np.unique(labels.to_numpy(), return_inverse=True)
    reasons = reasons_of(unit_graph(units, weight), parts.astype(np.int64), limits)
    totals = added(parts.astype(np.int64), units[weight].to_numpy(dtype=float))
    return pd.DataFrame(
        {"label": names, "households": totals, "reason": pd.array(reasons, dtype="string")}
    )


def unit_graph(units: gpd.GeoDataFrame, weight: str) -> Graph:
    """Build the graph of units from their geometry; metres and square metres.

    Parameters
    ----------
    units
        Polygons in a declared CRS, at least one.
    weight
        Column of weights.

    Returns
    -------
    Graph
        Unit u is row u.
    """
    metric = metric_crs(units)
    shapes: Any = units.geometry if units.crs == metric else units.geometry.to_crs(metric)
    first, second, metres = border_lengths(units.geometry.array, metric)
    # to the centimetre: a search that compares figures would go other ways by the rounding of
    # coordinates that came in another reference system
    return Graph.from_borders(
        units[weight].to_numpy(dtype=float),
        shapes.area.to_numpy(dtype=float).round(2),
        shapes.length.to_numpy(dtype=float).round(2),
        (first, second, metres.round(2)),
    )


def partition_graph(graph: Graph, limits: Limits, seed: int) -> Ints:
    """Partition every connected group of units on its own.

    Parameters
    ----------
    graph
        At least one unit.
    limits
        Wanted weights of the parts.
    seed
        Seed of every step.

    Returns
    -------
    array
        Labels 0..k-1 in the order in which they first appear.
    """
    groups, group = graph.pieces(np.zeros(graph.size, np.int64))
    labels = np.zeros(graph.size, np.int64)
    used = 0
    for number in range(groups):
        members = np.flatnonzero(group == number)
        found = _partition_group(graph.subset(members), limits, seed)
        labels[members] = found + used
        used += int(found.max()) + 1
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def reasons_of(graph: Graph, labels: Ints, limits: Limits) -> list[str | None]:
    """Give the reason of `explain` for each part 0..k-1; None within the limits."""
    plan = Plan.of(graph, labels, Goal(limits.target, limits.spread))
    heaviest = np.zeros(len(plan.weight))
    np.maximum.at(heaviest, labels, graph.weight)
    pieces, piece = graph.pieces(labels)
    of_piece = np.zeros(pieces, np.int64)
    of_piece[piece] = labels
    split = np.bincount(of_piece, minlength=len(plan.weight)) > 1
    _, group = graph.pieces(np.zeros(graph.size, np.int64))
    group_of = np.zeros(len(plan.weight), np.int64)
    group_of[labels] = group
    reasons: list[str | None] = []
    for part, weight in enumerate(plan.weight.tolist()):
        if split[part]:
            reasons.append("not_contiguous")
        elif limits.minimum <= weight <= limits.maximum:
            reasons.append(None)
        elif heaviest[part] > limits.maximum:
            reasons.append("unit_too_large")
        else:
            reasons.append(_group_reason(graph.weight[group == group_of[part]], limits))
    return reasons


def _group_reason(weight: Floats, limits: Limits) -> str:
    rest = weight[weight <= limits.maximum].sum()
    if weight.sum() < limits.minimum:
        return "area_too_small"
    if math.ceil(rest / limits.maximum) > math.floor(rest / limits.minimum):
        return "no_count_fits"
    return "units_too_coarse"


def _partition_group(graph: Graph, limits: Limits, seed: int) -> Ints:
    """Keep the best of several tries; more of them as long as a part misses the limits."""
    counts = _counts(graph.weight, limits)
    small = counts[0] <= _SMALL
    best: tuple[tuple[int, float], Ints] | None = None
    for number in range(3 * len(counts) if small else 1):
        if best is not None and best[0][0] == 0 and number >= 2 * len(counts):
            break
        count = counts[number % len(counts)]
        if number >= len(counts) and count in (1, graph.size):
            continue  # nothing to search for
        labels = _search(graph, count, limits, seed + number)
        score = _score(graph, labels, limits)
        if best is None or score < best[0]:
            best = (score, labels)
    assert best is not None
    return best[1]


def _score(graph: Graph, labels: Ints, limits: Limits) -> tuple[int, float]:
    """Parts outside the limits, then their mean cost: what a better partition has less of."""
    goal = Goal(limits.target, limits.spread)
    plan = Plan.of(graph, labels, goal)
    parts = len(plan.weight)
    toll = goal.price_of_barriers(graph, parts) * graph.severed(labels) / parts
    return int(limits.misses(plan.weight).sum()), float(plan.cost.mean()) + toll


def _counts(weight: Floats, limits: Limits) -> list[int]:
    """List the numbers of parts worth trying, the likeliest first."""
    large = int((weight > limits.maximum).sum())
    rest = float(weight[weight <= limits.maximum].sum())
    low = math.ceil(rest / limits.maximum)
    high = math.floor(rest / limits.minimum)
    near = math.floor(rest / limits.target)
    wanted = {near, near + 1} | {count for count in (low, high) if near < _FEW}
    fitting = [count for count in wanted if low <= count <= high] or [near, near + 1]
    fitting.sort(key=lambda count: (abs(rest / max(count, 0.5) - limits.target), count))
    counts = [min(max(count + large, 1), len(weight)) for count in fitting]
    counts = list(dict.fromkeys(counts))
    return counts[:1] if counts[0] > _SMALL else counts


def _goal(graph: Graph, count: int, limits: Limits) -> Goal:
    mean = float(graph.weight.sum()) / count
    target = limits.target if limits.minimum <= mean <= limits.maximum else mean
    return Goal(target, limits.spread)


def _search(graph: Graph, count: int, limits: Limits, seed: int) -> Ints:
    labels = start(graph, count, seed)
    if count in (1, graph.size):
        return labels
    goal = _goal(graph, count, limits)
    labels = anneal(graph, labels, goal, seed, _STEPS * (count + _FEW))
    outside = limits.misses(added(labels, graph.weight))
    if outside.any():
        labels = rescue(graph, labels, goal, np.random.default_rng(seed), outside)
    return labels


def _check_units(units: gpd.GeoDataFrame, weight: str) -> None:
    if units.crs is None:
        raise GeodataError("the units declare no coordinate system")
    if weight not in units.columns:
        raise GeodataError([Fault("the column is missing", column=weight)])
    values = pd.to_numeric(units[weight], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    faults = [
        Fault("expected a finite number of 0 or more", units.index[row], weight)
        for row in np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    ]
    shapes = units.geometry.array
    areas = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    areas &= shapely.is_valid(shapes)
    faults += [
        Fault("expected a valid polygon", units.index[row], "geometry")
        for row in np.flatnonzero(~areas)
    ]
    if faults:
        raise GeodataError(faults)
