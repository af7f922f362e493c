"""Repair imported grids in the open: what comes out fills its communities, and each change is said.

The ground is cut along every border in the file. Where exactly one grid lies, it stays that grid's;
all other ground is a change with a place, a size, a default and what else may be done with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import KDTree

from geodata.errors import GeodataError
from geodata.grid_changes import KINDS, ROUNDING, Change, Ledger, named, polygons, sizes
from geodata.grid_faces import Faces
from geodata.grid_ownership import divide
from geodata.grid_snapping import Snapped, snap

__all__ = ["MOST_METRES", "Change", "Repair", "repair"]

MOST_METRES = 5.0  # largest tolerance: more would move borders that people meant
_ON = 1e-9  # degrees: a place this near to a border lies on it
_LISTED = 200  # places shown of one change that has many


@dataclass(frozen=True)
class Repair:
    """Grids that fill their communities, and what was changed to get there.

    Attributes
    ----------
    grids
        By name: ``community``, ``geometry``; names are those given, and of grids made of gaps.
    changes
        In the order of their kinds, the largest first.
    unknown
        Decisions about changes that there are not, or that cannot be taken.
    """

    grids: gpd.GeoDataFrame
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]

    @property
    def undecided(self) -> tuple[Change, ...]:
        """Changes too large to be made unless somebody has decided."""
        return tuple(change for change in self.changes if change.ask)


def repair(
    grids: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    homes: Any = (),
    *,
    metres: float = 1.0,
    decisions: Mapping[str, str] | None = None,
) -> Repair:
    """Make imported grids fill their communities without gap and overlap.

    Parameters
    ----------
    grids
        Valid polygons in EPSG:4326 by name (text); ``repaired`` may say what was done to make
        one valid. The order counts: where two are equal the earlier one wins.
    communities
        Outlines by code, EPSG:4326. A grid belongs to the one that has most of its ground.
    homes
        Points of households.
    metres
        Within which vertices are put onto those of others; at most `MOST_METRES`.
    decisions
        Choice by id of a change; others take their default.

    Returns
    -------
    Repair
        Only communities that have a grid. The same input gives the same bytes.

    Raises
    ------
    GeodataError
        No grid lies in any of the communities; a tolerance that is none.
    """
    if not 0 <= metres <= MOST_METRES:
        raise GeodataError(f"a tolerance of 0 to {MOST_METRES:g} metres is needed")
    names = [str(name) for name in grids.index]
    raw = list(grids.geometry.array)
    outlines = dict(zip(communities.index.astype(str), communities.geometry.array, strict=True))
    ledger = Ledger(decisions or {}, np.asarray(homes, dtype=object))
    _note_invalid(grids, ledger)
    shapes = _snapped(names, raw, list(outlines.values()), metres, ledger)
    home = _communities(shapes, outlines)
    if not any(home):
        raise GeodataError("none of these grids lies in the area they are imported into")
    _note_cut(names, shapes, home, outlines, ledger)
    rows: list[tuple[str, str, Any]] = []
    nodes: set[tuple[float, float]] = set()
    for code in sorted(set(filter(None, home))):
        members = [position for position, at in enumerate(home) if at == code]
        others = _reaching(shapes, outlines[code], set(members))
        faces = Faces(outlines[code], [shapes[position] for position in (*members, *others)])
        made = divide(faces, [names[position] for position in members], ledger)
        rows += [(name, code, shape) for name, shape in made.items()]
        nodes |= _nodes(made, {names[position]: shapes[position] for position in members})
    _note_nodes(nodes, ledger)
    order = {name: position for position, name in enumerate(names)}
    rows.sort(key=lambda row: (order.get(row[0], len(order)), row[0]))
    return Repair(_frame(rows, grids.crs), _ordered(ledger), _unknown(ledger))


def _note_invalid(grids: gpd.GeoDataFrame, ledger: Ledger) -> None:
    if "repaired" not in grids:
        return
    for name, said, shape in zip(grids.index, grids["repaired"], grids.geometry, strict=True):
        if said:
            ledger.add(
                f"invalid-{name}",
                "invalid",
                [str(name)],
                shape,
                ["repair"],
                area_m2=0.0,
                reason=str(said),
            )


def _snapped(
    names: Sequence[str], raw: Sequence[Any], outlines: Sequence[Any], metres: float, ledger: Ledger
) -> list[Any]:
    """Snap all grids but those that somebody wants left as they are."""
    left = [
        position
        for position, name in enumerate(names)
        if ledger.choose(f"snap-{name}", ("snap", "leave")) == "leave"
    ]
    would = snap(raw, outlines, metres)
    done = snap(raw, outlines, metres, left) if left else would
    _note_snapped(names, raw, done, dict.fromkeys(left, would), ledger)
    return [_whole(shape) for shape in done.shapes]


def _whole(shape: Any) -> Any:
    return shapely.Polygon() if shape is None else shape


def _note_snapped(
    names: Sequence[str],
    raw: Sequence[Any],
    done: Snapped,
    left: Mapping[int, Snapped],
    ledger: Ledger,
) -> None:
    small = 0
    places: list[tuple[float, float]] = []
    for position, name in enumerate(names):
        source = left.get(position, done)
        moved = np.array(source.moved.get(position, ()))
        large = moved > ROUNDING
        if not large.any():
            small += len(moved)
            places += source.places.get(position, ())
            continue
        where = np.array(source.places[position])[large]
        delta = 0.0
        if position not in left:
            before, after = sizes([raw[position], _whole(done.shapes[position])])[0].tolist()
            delta = after - before
        ledger.add(
            f"snap-{name}",
            "snap",
            [name],
            shapely.multipoints(where[:_LISTED]),
            ["snap", "leave"],
            area_m2=abs(delta),
            delta={name: delta},
            vertices=int(large.sum()),
            metres=round(float(moved.max()), 3),
        )
    if small:
        ledger.add(
            "rounding",
            "rounding",
            [],
            shapely.multipoints(places[:_LISTED]),
            ["take"],
            area_m2=0.0,
            vertices=small,
        )


def _communities(shapes: Sequence[Any], outlines: Mapping[str, Any]) -> list[str | None]:
    """Give each grid the community that has most of its ground, None where none has any."""
    codes = sorted(outlines)
    areas = np.array([outlines[code] for code in codes], dtype=object)
    found: list[str | None] = [None] * len(shapes)
    most = np.zeros(len(shapes))
    grid, area = shapely.STRtree(areas).query(np.asarray(shapes, dtype=object), "intersects")
    common = shapely.area(shapely.intersection(np.asarray(shapes, dtype=object)[grid], areas[area]))
    for one, other, size in sorted(zip(grid.tolist(), area.tolist(), common.tolist(), strict=True)):
        if size > most[one]:
            most[one], found[one] = size, codes[other]
    return found


def _note_cut(
    names: Sequence[str],
    shapes: Sequence[Any],
    home: Sequence[str | None],
    outlines: Mapping[str, Any],
    ledger: Ledger,
) -> None:
    """Note what of each grid lies outside its community: beyond all, or in another one."""
    areas = np.array(list(outlines.values()), dtype=object)
    tree = shapely.STRtree(areas)
    for position, name in enumerate(names):
        shape, code = shapes[position], home[position]
        if shape.is_empty:
            continue
        beyond = shape if code is None else shapely.difference(shape, outlines[code])
        if beyond.is_empty:
            continue
        near = areas[tree.query(beyond, predicate="intersects")]
        ground = shapely.union_all(near)
        whole = float(sizes([shape])[0][0])
        for kind, pieces in (
            ("outside", polygons(shapely.difference(beyond, ground))),
            ("crossing", polygons(shapely.intersection(beyond, ground))),
        ):
            areas_m2, widths = sizes(pieces)
            for piece, area, width in zip(pieces, areas_m2, widths, strict=True):
                if area < ROUNDING or width < ROUNDING:
                    continue
                ledger.add(
                    named(kind, piece, [name]),
                    kind,
                    [name],
                    piece,
                    ["cut"],
                    share=area / whole,
                    delta={name: -float(area)},
                    area_m2=float(area),
                    whole=code is None,
                )


def _reaching(shapes: Sequence[Any], outline: Any, members: set[int]) -> list[int]:
    """Give the grids of other communities that have ground in this one, beyond rounding."""
    every = np.asarray(shapes, dtype=object)
    near = shapely.STRtree(every).query(outline, "intersects")
    near = np.array(sorted(set(near.tolist()) - members), dtype=np.int64)
    area, width = sizes(shapely.intersection(every[near], outline))
    return [int(each) for each in near[(area >= ROUNDING) & (width >= ROUNDING)]]


def _nodes(made: Mapping[str, Any], drawn: Mapping[str, Any]) -> set[tuple[float, float]]:
    """Find the vertices that borders got where another grid's border begins."""
    places: set[tuple[float, float]] = set()
    points, owner = shapely.get_coordinates(list(drawn.values()), return_index=True)
    others = KDTree(points)
    for number, (name, shape) in enumerate(drawn.items()):
        if name not in made:
            continue
        new = np.unique(shapely.get_coordinates(made[name]), axis=0)
        new = new[KDTree(points[owner == number]).query(new)[0] > _ON]
        if not len(new):
            continue
        on = shapely.dwithin(shapely.points(new), shapely.boundary(shape), _ON)
        meets = [bool((owner[near] != number).any()) for near in others.query_ball_point(new, _ON)]
        places |= set(map(tuple, new[on & meets].tolist()))
    return places


def _note_nodes(places: set[tuple[float, float]], ledger: Ledger) -> None:
    if places:
        ledger.add(
            "node",
            "node",
            [],
            shapely.multipoints(sorted(places)[:_LISTED]),
            ["take"],
            area_m2=0.0,
            vertices=len(places),
        )


def _frame(rows: Sequence[tuple[str, str, Any]], crs: Any) -> gpd.GeoDataFrame:
    shapes = np.array([shape for _name, _code, shape in rows], dtype=object)
    index = [name for name, _code, _shape in rows]
    return gpd.GeoDataFrame(
        {"community": [code for _name, code, _shape in rows]},
        index=index,
        geometry=gpd.GeoSeries(shapes, index=index, crs=crs),
    )


def _ordered(ledger: Ledger) -> tuple[Change, ...]:
    return tuple(
        sorted(ledger.changes, key=lambda each: (KINDS.index(each.kind), -each.area_m2, each.id))
    )


def _unknown(ledger: Ledger) -> tuple[str, ...]:
    choices = {change.id: change.choices for change in ledger.changes}
    return tuple(
        sorted(
            name for name, choice in ledger.decisions.items() if choice not in choices.get(name, ())
        )
    )
