"""A raster of depths or categories as hazards: one of each level that occurs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd

from geodata.errors import Fault, GeodataError
from geodata.readers.rasters import MAGIC
from gridmap.model.hazard import CLASS_OF, LEVELS, WITHOUT_LEVEL
from gridmap.model.sensor import RISING
from gridmap.services.import_files import Files

_MOST = 40  # values that are named
_TWICE = "this value is named twice"
_PAIRS = "of a raster a value is mapped to a level: 0.5=orange"


@dataclass(frozen=True)
class Classes:
    """What a person says of a raster.

    Attributes
    ----------
    levels
        Value to the level that begins there, such as ``0.5`` to ``orange``; of categories, every
        value that is of the level. Empty for the usual depths of water.
    kind
        What its hazards are: a kind of hazard.
    categories
        True where the values are categories, and none is more than another.
    """

    levels: Mapping[str, str] = field(default_factory=dict)
    kind: str = "flood"
    categories: bool = False

    def kept(self) -> dict[str, Any]:
        """Give what is stored with an upload."""
        return {"levels": dict(self.levels), "kind": self.kind, "categories": self.categories}


def kept(stored: Mapping[str, Any] | None) -> Classes:
    """Read what was stored with an upload; the usual ones where nothing was."""
    return Classes(**stored) if stored else Classes()


def parse(text: str) -> dict[str, str]:
    """Read ``0.15=blue,0.5=orange`` as value to level.

    Raises
    ------
    GeodataError
        For a value that is named twice.
    """
    pairs = [each.partition("=") for each in text.split(",") if each.strip()]
    found: dict[str, str] = {}
    for value, _sign, level in pairs:
        if value.strip() in found:
            raise GeodataError([Fault(_TWICE, column=value.strip())])
        found[value.strip()] = level.strip()
    return found


def check(classes: Classes) -> None:
    """Refuse classes that are none.

    Raises
    ------
    GeodataError
        With the value of each fault as its column.
    """
    faults = [
        Fault(_PAIRS, column=value)
        for value, level in classes.levels.items()
        if level not in LEVELS or _number(value) is None
    ]
    if len(classes.levels) > _MOST:
        faults.append(Fault(f"at most {_MOST} values are named"))
    if classes.kind not in CLASS_OF or classes.kind in WITHOUT_LEVEL:
        faults.append(Fault("a kind of hazard that has levels is needed", column="kind"))
    if classes.categories and not classes.levels:
        faults.append(Fault("of categories each is mapped to a level: 3=orange"))
    if not faults:
        faults = _twice(classes) if classes.categories else _falling(classes)
    if faults:
        raise GeodataError(faults)


def _twice(classes: Classes) -> list[Fault]:
    """Find categories that are written twice, 3 and 3.0 too."""
    numbers = [float(value) for value in classes.levels]
    return [
        Fault(_TWICE, column=value)
        for at, value in enumerate(classes.levels)
        if numbers[at] in numbers[:at]
    ]


def _falling(classes: Classes) -> list[Fault]:
    """Find depths from which a graver level would begin no deeper than the one below it."""
    if len(set(classes.levels.values())) < len(classes.levels):
        return [Fault("each level begins at one value")]
    rising = sorted(classes.levels.items(), key=lambda pair: RISING.index(pair[1]))
    return [
        Fault("a graver level begins deeper: blue, yellow, orange, red", column=value)
        for (below, _lower), (value, _level) in pairwise(rising)
        if float(value) <= float(below)
    ]


def read(files: Files, path: Path, crs: str | None, classes: Classes) -> gpd.GeoDataFrame | None:
    """Read a raster as hazards with kind, name, severity and note; None if the file is none.

    Returns
    -------
    GeoDataFrame or None
        Besides the columns of a hazard: `cells`, `nodata` and `epsg`, as the reader gives them.

    Raises
    ------
    GeodataError
        For classes that are none, and everything wrong with the file.
    """
    with path.open("rb") as stream:
        if not stream.read(4).startswith(MAGIC):
            return None
    check(classes)
    if classes.categories:
        found = files.raster(path, crs, None, _categories(classes.levels))
    else:
        found = files.raster(path, crs, _thresholds(classes.levels))
    stem = path.stem[:80]
    frame = found.assign(
        kind=classes.kind,
        name=[f"{stem} {_said(classes, row)}" for row in found.to_dict("records")],
        # what was left out of a border stands with the hazard, as people read it
        note=[f"边界最多移动半格（{note}）" if note else "" for note in found["note"]],
        external_id=[f"{stem}-{classes.kind}-{level}" for level in found["severity"]],
    )
    return frame.drop(columns=["least"])


def _said(classes: Classes, row: Mapping[Any, Any]) -> str:
    if not classes.categories:
        return f"≥ {row['least']:g}"
    values = sorted(_categories(classes.levels)[row["severity"]])
    return f"= {', '.join(f'{value:g}' for value in values)}"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if -1e6 < number < 1e6 else None


def _thresholds(levels: Mapping[str, str]) -> dict[str, float] | None:
    return {level: float(value) for value, level in levels.items()} or None


def _categories(levels: Mapping[str, str]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for value, level in levels.items():
        found.setdefault(level, []).append(float(value))
    return found
