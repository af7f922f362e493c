"""Who gets the ground that no grid has, or several have: decided in the open, face by face."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geodata.grid_changes import NARROW, NEW, ROUNDING, Ledger, named, polygons
from geodata.grid_faces import NOBODY, Faces

_NEAREST = 3  # grids offered for ground that lies beside none
_ROUNDS = 50


class _Ground:
    """The faces of a community on their way to having one owner each."""

    def __init__(self, faces: Faces, names: Sequence[str], ledger: Ledger) -> None:
        self.faces, self.names, self.ledger = faces, list(names), ledger
        self.count = len(self.names)  # grids of the file; further ones are made here
        self.owner = np.full(len(faces.shapes), NOBODY, dtype=np.int64)
        self.covers = [tuple(who for who in cover if who < self.count) for cover in faces.covers]
        self.drawn = np.zeros(self.count)
        for cover, area in zip(self.covers, faces.area.tolist(), strict=True):
            for who in cover:
                self.drawn[who] += area

    def number(self, choice: str, name: str, group: Any) -> int:
        """Give the owner that a choice names; a new grid is made for one that asks for it."""
        if choice == NEW:
            self.names.append(f"{NEW}-{name}")
            self.drawn = np.append(self.drawn, self.faces.area[group].sum())
            return len(self.names) - 1
        return self.names.index(choice)

    def named(self, owners: Sequence[int]) -> list[str]:
        return [self.names[owner] for owner in owners]

    def smallest(self, owners: Sequence[int]) -> float:
        return max(float(min(self.drawn[list(owners)], default=0.0)), 1.0)


def divide(faces: Faces, names: Sequence[str], ledger: Ledger) -> dict[str, Any]:
    """Give every face of a community to one grid.

    Parameters
    ----------
    faces
        Cut along the grids of the community, first, and those of others that reach into it.
    names
        Of the grids of the community, in the order of the shapes that the faces were cut along.
    ledger
        Takes every change.

    Returns
    -------
    dict
        Areas by name that fill the outline; a grid that has lost all its ground is missing.
    """
    ground = _Ground(faces, names, ledger)
    for face, cover in enumerate(ground.covers):
        if len(cover) == 1 and not faces.tiny[face]:
            ground.owner[face] = cover[0]
    _overlaps(ground)
    _voids(ground)
    _rounding(ground)
    _pieces(ground)
    shapes = {
        ground.names[owner]: _area(faces.ground(np.flatnonzero(ground.owner == owner)))
        for owner in np.unique(ground.owner).tolist()
    }
    for name in names:
        if name not in shapes:
            ledger.add(
                f"empty-{name}",
                "empty",
                [name],
                faces.shapes[0].centroid,
                ["drop"],
                share=1.0,
                area_m2=0.0,
            )
    return shapes


def _area(shape: Any) -> Any:
    parts = polygons(shape)
    made = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return shapely.normalize(made)


def _labels(ground: _Ground) -> Any:
    """Give faces on which the same grids lie the same number."""
    known: dict[tuple[int, ...], int] = {}
    return np.array([known.setdefault(cover, len(known)) for cover in ground.covers])


def _overlaps(ground: _Ground) -> None:
    faces = ground.faces
    shared = np.array([len(cover) > 1 for cover in ground.covers], dtype=bool) & ~faces.tiny
    alone = ground.owner.copy()
    for group in faces.groups(_labels(ground), shared):
        cover = ground.covers[group[0]]
        beside = dict(faces.beside(group, alone))
        order = sorted(cover, key=lambda who: (-round(beside.get(who, 0.0), 3), who))
        area, width = faces.widths(group)
        place = faces.ground(group)
        name = named("overlap", place, ground.named(cover))
        choices = ground.named(order)
        to = ground.names.index(ground.ledger.choose(name, choices))
        ground.owner[group] = to
        ground.ledger.add(
            name,
            "sliver" if width < NARROW else "overlap",
            ground.named(cover),
            place,
            choices,
            share=area / ground.smallest(cover),
            delta={ground.names[who]: -area for who in cover if who != to},
            area_m2=area,
            share_of_smallest=round(min(area / ground.smallest(cover), 1.0), 4),
        )


def _voids(ground: _Ground) -> None:
    """Fill what no grid has, from its neighbours inwards."""
    faces = ground.faces
    empty = np.array([not cover for cover in ground.covers], dtype=bool) & ~faces.tiny
    waiting = faces.groups(np.zeros(len(faces.shapes), dtype=np.int64), empty)
    waiting.sort(key=lambda group: int(group[0]))
    while waiting:
        ready = [(group, faces.beside(group, ground.owner)) for group in waiting]
        with_ = [(group, beside) for group, beside in ready if beside]
        for group, beside in with_ or ready:
            _void(ground, group, [who for who, _metres in beside])
        done = {id(group) for group, _beside in (with_ or ready)}
        waiting = [group for group in waiting if id(group) not in done]


def _void(ground: _Ground, group: Any, beside: list[int]) -> None:
    faces = ground.faces
    place = faces.ground(group)
    area, width = faces.widths(group)
    around = len(beside) == 1 and not faces.on_edge[group].any()
    candidates = beside or _nearest(ground, place)
    name = named("gap", place)
    choices = ground.named(candidates) + ([NEW] if width >= NARROW else [])
    choice = ground.ledger.choose(name, choices)
    to = ground.number(choice, name, group)
    kind = "sliver" if width < NARROW else "hole" if around else "gap"
    share = area / ground.smallest(candidates[:1])
    ground.owner[group] = to
    ground.ledger.add(
        name,
        kind,
        ground.named(candidates),
        place,
        choices,
        share=share,
        delta={ground.names[to]: area},
        area_m2=area,
    )


def _nearest(ground: _Ground, place: Any) -> list[int]:
    """Give the grids nearest to a part of the community that no grid reaches."""
    faces = ground.faces
    owned = np.flatnonzero(ground.owner != NOBODY)
    away = shapely.distance(faces.shapes[owned], place)
    found: dict[int, float] = {}
    for who, metres in zip(ground.owner[owned].tolist(), away.tolist(), strict=True):
        found[who] = min(metres, found.get(who, np.inf))
    order = sorted(found, key=lambda who: (found[who], who))
    return order[:_NEAREST] or [0]


def _rounding(ground: _Ground) -> None:
    """Give faces too small to be ground to whoever lies longest along them."""
    faces = ground.faces
    waiting = np.flatnonzero(ground.owner == NOBODY).tolist()
    for _ in range(_ROUNDS):
        left = []
        for face in waiting:
            beside = faces.beside(np.array([face]), ground.owner)
            if beside:
                ground.owner[face] = beside[0][0]
            else:
                left.append(face)
        if len(left) == len(waiting):
            break
        waiting = left
    for face in waiting:
        ground.owner[face] = _nearest(ground, faces.shapes[face])[0]


def _pieces(ground: _Ground) -> None:
    """Find grids in pieces that the outline does not part, and give the smaller pieces away."""
    faces = ground.faces
    everything = np.ones(len(faces.shapes), dtype=bool)
    for _ in range(_ROUNDS):
        groups = faces.groups(ground.owner, everything)
        largest: dict[tuple[int, int], tuple[float, int]] = {}
        for number, group in enumerate(groups):
            key = (int(ground.owner[group[0]]), int(faces.part[group[0]]))
            size = float(faces.area[group].sum())
            if key not in largest or size > largest[key][0]:
                largest[key] = (size, number)
        main = {number for _size, number in largest.values()}
        extra = [group for number, group in enumerate(groups) if number not in main]
        if not extra:
            return
        # one a round: its neighbour may be a piece itself
        _piece(ground, min(extra, key=lambda group: (faces.area[group].sum(), group[0])))


def _piece(ground: _Ground, group: Any) -> None:
    faces = ground.faces
    old = int(ground.owner[group[0]])
    place = faces.ground(group)
    area, width = faces.widths(group)
    beside = [who for who, _metres in faces.beside(group, ground.owner) if who != old]
    name = named("multipart", place, [ground.names[old]])
    choices = ground.named(beside) + ([NEW] if width >= NARROW or not beside else [])
    choice = ground.ledger.choose(name, choices)
    to = ground.number(choice, name, group)
    ground.owner[group] = to
    if area < ROUNDING or width < ROUNDING:
        return
    ground.ledger.add(
        name,
        "sliver" if width < NARROW else "multipart",
        [ground.names[old]],
        place,
        choices,
        share=area / ground.smallest([old]),
        delta={ground.names[old]: -area, ground.names[to]: area},
        area_m2=area,
    )
