"""Repair imported grids in the open: what comes out fills its communities, and each change is said.

The ground is cut along every border in the file. Where exactly one grid lies, it stays that grid's;
all other ground is a change with a place, a size, a default and what else may be done with it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.errors import GeodataError
from geodata.grid_changes import KINDS, ROUNDING, Change, Ledger, sizes
from geodata.grid_faces import Faces
from geodata.grid_notes import LISTED, nodes_of, note_cut, note_nodes
from geodata.grid_ownership import divide
from geodata.grid_snapping import Snapped, snap

__all__ = ["MOST_METRES", "Change", "Repair", "repair"]

MOST_METRES = 5.0  # largest tolerance: more would move borders that people meant
_NEAR = re.compile(r"near \((-?[\d.]+), (-?[\d.]+)\)")  # as `repair.why_invalid` says it


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
    note_cut(names, shapes, home, outlines, ledger)
    rows: list[tuple[str, str, Any]] = []
    nodes: set[tuple[float, float]] = set()
    for code in sorted(set(filter(None, home))):
        members = [position for position, at in enumerate(home) if at == code]
        others = _reaching(shapes, outlines[code], set(members))
        faces = Faces(outlines[code], [shapes[position] for position in (*members, *others)])
        made = divide(faces, [names[position] for position in members], ledger)
        rows += [(name, code, shape) for name, shape in made.items()]
        nodes |= nodes_of(made, {names[position]: shapes[position] for position in members})
    note_nodes(nodes, ledger)
    order = {name: position for position, name in enumerate(names)}
    rows.sort(key=lambda row: (order.get(row[0], len(order)), row[0]))
    return Repair(_frame(rows, grids.crs), _ordered(ledger), _unknown(ledger))


def _note_invalid(grids: gpd.GeoDataFrame, ledger: Ledger) -> None:
    """Note what was done to make shapes valid, at the place that the repair names."""
    if "repaired" not in grids:
        return
    for name, said, shape in zip(grids.index, grids["repaired"], grids.geometry, strict=True):
        if said:
            near = _NEAR.search(str(said))
            place = shapely.Point(float(near[1]), float(near[2])) if near else shape
            ledger.add(
                f"invalid-{name}",
                "invalid",
                [str(name)],
                place,
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
    before, after = sizes(raw)[0], sizes([_whole(shape) for shape in done.shapes])[0]
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
        delta = 0.0 if position in left else float(after[position] - before[position])
        ledger.add(
            f"snap-{name}",
            "snap",
            [name],
            shapely.multipoints(where[:LISTED]),
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
            shapely.multipoints(places[:LISTED]),
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


def _reaching(shapes: Sequence[Any], outline: Any, members: set[int]) -> list[int]:
    """Give the grids of other communities that have ground in this one, beyond rounding."""
    every = np.asarray(shapes, dtype=object)
    near = shapely.STRtree(every).query(outline, "intersects")
    near = np.array(sorted(set(near.tolist()) - members), dtype=np.int64)
    area, width = sizes(shapely.intersection(every[near], outline))
    return [int(each) for each in near[(area >= ROUNDING) & (width >= ROUNDING)]]


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
