"""What a repair of imported grids says beside whose ground is whose: what is cut off, new nodes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from scipy.spatial import KDTree

from geodata.grid_changes import ROUNDING, Ledger, named, polygons, sizes

LISTED = 200  # places shown of one change that has many
_ON = 1e-9  # degrees: a place this near to a border lies on it


def note_cut(
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
                    share=area / sizes([shape])[0][0],
                    delta={name: -float(area)},
                    area_m2=float(area),
                    whole=code is None,
                )


def nodes_of(made: Mapping[str, Any], drawn: Mapping[str, Any]) -> set[tuple[float, float]]:
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


def note_nodes(places: set[tuple[float, float]], ledger: Ledger) -> None:
    """Note all of them as one change."""
    if places:
        ledger.add(
            "node",
            "node",
            [],
            shapely.multipoints(sorted(places)[:LISTED]),
            ["take"],
            area_m2=0.0,
            vertices=len(places),
        )
