"""Draw the grids of an area: blocks, balance, numbers."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon

from geodata.adjacency import Ints, border_lengths
from geodata.balance import Floats, Graph
from geodata.barriers import barrier_lines, metres_along
from geodata.blocks import check_outline, street_lines
from geodata.crs import metric_crs
from geodata.errors import Fault, GeodataError
from geodata.faces import merged
from geodata.islands import Island, islands_of, parted, wet_units, with_small_islands
from geodata.limits import limits_of
from geodata.numbering import numbers
from geodata.partitioning import partition_graph, reasons_of
from geodata.settlements import whole_settlements
from geodata.shortfalls import shortfall
from geodata.units import Site, Units, build_units, locate

# Of the maximum: a block with more households is divided. The smaller ones are tried only where
# grids outside the limits are left, for every cut inside a block is a border without a street.
_LARGE = (0.4, 0.2, 0.1)
# Times its length is added to a border inside a block: streets are better borders than lanes, and
# lanes better than what runs between two buildings.
_LANE, _INNER = 1.5, 2.0
_OUTSIDE = 1.0  # metres that a household may lie outside the outline by rounding


@dataclass(frozen=True)
class Rare:
    """What becomes of ground that is not like other ground.

    Attributes
    ----------
    island_people
        An island with as many people has grids of its own.
    settlement
        A settlement with fewer households stays whole; 0: they are drawn as any other ground.
    """

    island_people: int = 50
    settlement: int = 0


def draw_grids(
    outline: Polygon | MultiPolygon,
    households: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    water: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    minimum: int = 300,
    maximum: int = 500,
    seed: int = 0,
    rare: Rare = Rare(),  # noqa: B008 - frozen
) -> gpd.GeoDataFrame:
    """Divide an area into grids along its streets.

    Parameters
    ----------
    outline
        The area, in the CRS of *households*.
    households
        Points inside it, one row a household, with the column ``people``.
    roads
        Lines with the column ``highway``, in any declared CRS.
    water
        Areas and lines, in any declared CRS: shores are borders.
    buildings
        Polygons, in any declared CRS: no border runs through one. Invalid ones are left out.
    minimum, maximum
        Households wanted in a grid; their middle is aimed at.
    seed
        The same seed and input give the same bytes.
    rare
        What becomes of islands and small settlements.

    Returns
    -------
    GeoDataFrame
        Index 0..k-1 in the order of ``grid`` (1..k, west to east and north to south as
        `numbering.numbers` says), ``households``, ``people``, ``geometry`` in the CRS of
        *households*. The union is the outline exactly, nothing overlaps, every household is in
        one grid (on a border: in one of the two), every grid is in one piece. A part of the
        outline that lies apart, or ground with water all round and no bridge, has its own grids;
        one that lies apart with too few people belongs to the nearest grid. ``attrs["notes"]``
        lists these islands, and the settlements kept whole: ``kind`` (island_own, island_joined,
        settlement_whole), ``grids``, ``households``, and of islands ``people`` and ``metres``
        across the water. ``attrs["reasons"]`` maps each number of a grid outside the limits to its
        reason, as in `explain`; ``attrs["why"]`` to the figures of `shortfalls.shortfall`.

    Raises
    ------
    GeodataError
        No CRS, missing columns, households that are no points or lie outside the outline, by
        row; people that are not 0 or more; wrong limits; an outline that is no valid area.
    """
    limits = limits_of(minimum, maximum)
    check_outline(outline)
    people = _people(households)
    crs = households.crs
    places = shapely.force_2d(np.asarray(households.geometry.array, dtype=object))
    _check_inside(outline, households, places)
    site = Site(outline, places, _walls(buildings, crs), crs)
    barriers = barrier_lines(roads, water, crs)
    for share in _LARGE:
        units = build_units(site, roads, water, share * limits.maximum)
        unit = locate(places, units.shapes)
        kept_whole: list[tuple[Any, int]] = []
        if rare.settlement:
            units, kept_whole = whole_settlements(units, places, unit, rare.settlement)
            unit = locate(places, units.shapes)
        weight = np.bincount(unit, minlength=len(units.shapes)).astype(float)
        graph = _graph(units, weight, barriers)
        living = np.bincount(unit, people, len(weight)).astype(np.int64)
        islands = _islands(graph, units, roads, water, living, rare.island_people)
        graph = parted(graph, islands)
        labels = partition_graph(graph, limits, seed)
        reasons = reasons_of(graph, labels, limits)
        if "units_too_coarse" not in reasons:
            break
    joined = _with_empty_islands(graph, labels, units)
    joined = with_small_islands(graph, joined, islands)
    kept, label = np.unique(joined, return_inverse=True)
    grids = gpd.GeoDataFrame(
        {
            "households": np.bincount(label[unit], minlength=len(kept)),
            "people": np.bincount(label[unit], people, minlength=len(kept)).astype(people.dtype),
        },
        geometry=merged(units.shapes, label.astype(np.int64)),
        crs=crs,
    )
    said = [shortfall(graph, labels, int(part), reasons[part], limits) for part in kept]
    numbered, number = _numbered(grids, said)
    grid_of = number[label]
    numbered.attrs["notes"] = [_island_note(island, grid_of) for island in islands] + [
        {"kind": "settlement_whole", "grids": [int(one)], "households": count}
        for one, count in zip(
            grid_of[locate(np.array([p for p, _ in kept_whole], dtype=object), units.shapes)],
            (count for _, count in kept_whole),
            strict=True,
        )
    ]
    return numbered


def _islands(  # noqa: PLR0913, PLR0917 - the ground, what is on it, the rule
    graph: Graph,
    units: Units,
    roads: gpd.GeoDataFrame,
    water: gpd.GeoDataFrame | None,
    people: Ints,
    least: int,
) -> list[Island]:
    placed = gpd.GeoSeries(units.shapes, crs=units.crs)
    metric = metric_crs(placed)
    shapes = np.asarray(placed.to_crs(metric).array, dtype=object)
    wet = wet_units(units.shapes, graph.weight, water, units.crs)
    on_foot = roads[~roads["highway"].isin(["motorway", "motorway_link"])]
    ways = np.concatenate([street_lines(on_foot, None, metric, minor=m) for m in (False, True)])
    return islands_of(graph, shapes, wet, ways, people, least)


def _island_note(island: Island, grid_of: Ints) -> dict[str, Any]:
    return {
        "kind": "island_own" if island.joins is None else "island_joined",
        "grids": np.unique(grid_of[island.units]).tolist(),
        "households": island.households,
        "people": island.people,
        "metres": round(island.metres),
    }


def _people(households: gpd.GeoDataFrame) -> Any:
    if households.crs is None:
        raise GeodataError("the households declare no coordinate system")
    if "people" not in households.columns:
        raise GeodataError([Fault("the column is missing", column="people")])
    people = pd.to_numeric(households["people"], errors="coerce")
    good = np.isfinite(people.to_numpy(dtype=float, na_value=np.nan)) & (people >= 0)
    points = np.asarray(households.geometry.array, dtype=object)
    placed = (shapely.get_type_id(points) == 0) & ~shapely.is_empty(points)
    faults = [
        Fault("expected a number of 0 or more", label, "people")
        for label in households.index[~good.to_numpy(dtype=bool)]
    ]
    faults += [Fault("expected a point", label, "geometry") for label in households.index[~placed]]
    if faults:
        raise GeodataError(faults)
    return people.to_numpy()


def _check_inside(
    outline: Polygon | MultiPolygon, households: gpd.GeoDataFrame, places: Any
) -> None:
    shapely.prepare(outline)
    outside = np.flatnonzero(~shapely.intersects(outline, places))
    if not len(outside):
        return
    metric = metric_crs(outline, households.crs)
    area = gpd.GeoSeries([outline], crs=households.crs).to_crs(metric).iloc[0]
    metres = households.geometry.iloc[outside].to_crs(metric).distance(area)
    faults = [
        Fault(f"lies {far:.0f} m outside the outline", label, "geometry")
        for label, far in metres[metres > _OUTSIDE].items()
    ]
    if faults:
        raise GeodataError(faults)


def _walls(buildings: gpd.GeoDataFrame | None, crs: Any) -> Any:
    if buildings is None or buildings.empty:
        return np.empty(0, dtype=object)
    if buildings.crs is None:
        raise GeodataError("the buildings declare no coordinate system")
    placed = buildings.geometry if buildings.crs == crs else buildings.geometry.to_crs(crs)
    walls = shapely.force_2d(np.asarray(placed.array, dtype=object))
    areas = (shapely.get_dimensions(walls) == 2) & shapely.is_valid(walls)
    return walls[areas & ~shapely.is_empty(walls)]


def _graph(units: Units, weight: Floats, barriers: Any) -> Graph:
    placed = gpd.GeoSeries(units.shapes, crs=units.crs)
    metric = metric_crs(placed)
    measured = placed.to_crs(metric)
    first, second, metres = border_lengths(placed.array, metric)
    # A border inside a block counts as longer than it is, in the perimeters too, so that the
    # search keeps to streets where it can.
    inner = np.where(units.plot[first] == units.plot[second], _INNER, _LANE)
    extra = np.where(units.block[first] == units.block[second], inner * metres, 0.0)
    perimeter = measured.length.to_numpy() + np.bincount(first, extra, len(placed))
    perimeter += np.bincount(second, extra, len(placed))
    return Graph.from_borders(
        weight,
        measured.area.to_numpy(),
        perimeter,
        (first, second, metres + extra),
        metres_along(
            np.asarray(measured.array, dtype=object),
            first,
            second,
            np.asarray(gpd.GeoSeries(barriers, crs=units.crs).to_crs(metric).array, dtype=object),
        ),
    )


def _with_empty_islands(graph: Graph, labels: Ints, units: Units) -> Ints:
    """Give every group of units in which nobody lives to the nearest part of another group."""
    groups, group = graph.pieces(np.zeros(graph.size, np.int64))
    empty = (np.bincount(group, graph.weight, minlength=groups) == 0)[group]
    if not empty.any() or empty.all():
        return labels
    placed = gpd.GeoSeries(units.shapes, crs=units.crs)
    shapes = np.asarray(placed.to_crs(metric_crs(placed)).array, dtype=object)
    lived = np.flatnonzero(~empty)
    tree = shapely.STRtree(shapes[lived])
    labels = labels.copy()
    for island in np.unique(group[empty]):
        members = np.flatnonzero(group == island)
        whole = shapely.union_all(shapes[members])
        labels[members] = labels[lived[int(tree.nearest(whole))]]
    return labels


def _numbered(
    grids: gpd.GeoDataFrame, said: list[dict[str, Any] | None]
) -> tuple[gpd.GeoDataFrame, Ints]:
    number = np.asarray(numbers(grids), dtype=np.int64)
    pairs = sorted(
        ((int(one), why) for one, why in zip(number, said, strict=True) if why),
        key=lambda pair: pair[0],
    )
    grids = grids.assign(grid=number).sort_values("grid")
    grids = grids[["grid", "households", "people", "geometry"]].reset_index(drop=True)
    grids.attrs["reasons"] = {one: why["reason"] for one, why in pairs}
    grids.attrs["why"] = dict(pairs)
    return grids, number
