"""What repairing imported grids would change: every change named, placed and sized."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from geodata.crs import WGS84, metric_crs

KINDS = (
    "invalid",
    "outside",
    "crossing",
    "overlap",
    "gap",
    "hole",
    "sliver",
    "multipart",
    "empty",
    "snap",
    "node",
    "rounding",
)
NEW = "new"  # the choice of a grid of its own
NARROW = 1.0  # metres of mean width: what is narrower is a sliver
ROUNDING = 1e-2  # metres of mean width, and square metres: nothing smaller is worth a line
_LARGE = 0.1  # share of a grid above which nobody but a person decides
_PLACES = 8  # decimals of degrees by which a place keeps its name


@dataclass(frozen=True)
class Change:
    """One thing that a repair changes.

    Attributes
    ----------
    id
        The same for the same ground, whatever is decided elsewhere.
    kind
        One of `KINDS`.
    grids
        Whose ground it is, or beside whom it lies.
    geometry
        The place.
    area_m2
        Of the ground that changes hands.
    choice, default
        What is done with it, and what would be done unasked.
    choices
        What may be done, the likeliest first.
    ask
        Too much to be done unasked.
    delta
        Square metres that grids get, or lose where negative.
    figures
        What else is to be said: numbers and words.
    """

    id: str
    kind: str
    grids: tuple[str, ...]
    geometry: Any
    area_m2: float
    choice: str
    default: str
    choices: tuple[str, ...]
    ask: bool = False
    delta: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)


class Ledger:
    """Collects changes and looks up what was decided about them.

    Parameters
    ----------
    decisions
        Choice by id of a change.
    homes
        Points of households, counted where ground changes hands.
    """

    def __init__(self, decisions: Mapping[str, str], homes: Any) -> None:
        self.decisions = decisions
        self.changes: list[Change] = []
        self._homes = shapely.STRtree(homes)

    def choose(self, name: str, choices: Sequence[str]) -> str:
        """Give what was decided about a change, or its default, the first choice."""
        decided = self.decisions.get(name)
        return decided if decided is not None and decided in choices else choices[0]

    def households(self, ground: Any) -> int:
        """Count the households in a place."""
        return len(self._homes.query(ground, predicate="intersects"))

    def add(  # noqa: PLR0913 - the parts of a change
        self,
        name: str,
        kind: str,
        grids: Sequence[str],
        ground: Any,
        choices: Sequence[str],
        *,
        share: float = 0.0,
        delta: Mapping[str, float] | None = None,
        area_m2: float | None = None,
        **figures: Any,
    ) -> None:
        """Note a change of ground.

        Parameters
        ----------
        share
            Part of a grid that it is.
        """
        choice = self.choose(name, choices)
        homes = self.households(ground) if shapely.get_dimensions(ground) == 2 else 0
        self.changes.append(
            Change(
                id=name,
                kind=kind,
                grids=tuple(grids),
                geometry=ground,
                area_m2=float(sizes([ground])[0][0]) if area_m2 is None else area_m2,
                choice=choice,
                default=choices[0],
                choices=tuple(choices),
                ask=bool(share >= _LARGE or homes > 0),
                delta={who: float(metres) for who, metres in (delta or {}).items()},
                figures={"households": homes, **figures},
            )
        )


def named(kind: str, ground: Any, grids: Sequence[str] = ()) -> str:
    """Name a change by its ground, so that the same ground keeps its name."""
    text = str(shapely.normalize(_coarse(ground)).wkb_hex)
    digest = hashlib.sha256((text + "|".join(grids)).encode())
    return f"{kind}-{digest.hexdigest()[:10]}"


def _coarse(ground: Any) -> Any:
    """Round a place, but keep one that would vanish as its box."""
    coarse = shapely.set_precision(ground, 10.0**-_PLACES)
    return shapely.box(*np.round(ground.bounds, _PLACES)) if coarse.is_empty else coarse


def sizes(shapes: Any) -> tuple[Any, Any]:
    """Measure areas (square metres) and mean widths (metres) of shapes in EPSG:4326."""
    placed = np.asarray(shapes, dtype=object)
    if not len(placed):
        return np.empty(0), np.empty(0)
    zone = metric_crs(shapely.box(*shapely.total_bounds(placed)), WGS84).to_epsg()
    project = _to_metres(int(zone or 0)).transform
    metres = shapely.transform(placed, lambda points: np.column_stack(project(*points.T)))
    area = shapely.area(metres)
    return area, 2 * area / np.maximum(shapely.length(metres), 1e-9)


@lru_cache(maxsize=16)
def _to_metres(zone: int) -> Transformer:
    # hundreds of places are measured, and making a transformer takes longer than using it
    return Transformer.from_crs(4326, zone, always_xy=True)


def polygons(geometry: Any) -> Any:
    """Give the areas in a geometry, without lines and points."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return parts[(shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)]
