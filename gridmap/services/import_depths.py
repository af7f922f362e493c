"""A raster of depths as hazards: one of each level that occurs."""

from pathlib import Path

import geopandas as gpd

from geodata.errors import Fault, GeodataError
from geodata.readers.rasters import MAGIC
from gridmap.model.hazard import LEVELS
from gridmap.services.import_files import Files

_KIND = "flood"


def read(
    files: Files, path: Path, crs: str | None, mapping: dict[str, str]
) -> gpd.GeoDataFrame | None:
    """Read a raster as hazards with kind, name, severity and note; None if the file is none.

    Parameters
    ----------
    mapping
        Value of the raster to the level that begins there, such as ``0.5`` to ``orange``.

    Raises
    ------
    GeodataError
        For thresholds that are none, and everything wrong with the file.
    """
    with path.open("rb") as stream:
        if not stream.read(4).startswith(MAGIC):
            return None
    found = files.raster(path, crs, _thresholds(mapping))
    stem = path.stem[:80]
    frame = found.assign(
        kind=_KIND,
        name=[f"{stem} ≥ {least:g}" for least in found["least"]],
        # what was left out of a border stands with the hazard, as people read it
        note=[f"边界最多移动半格（{note}）" if note else "" for note in found["note"]],
        external_id=[f"{stem}-{level}" for level in found["severity"]],
    )
    return frame.drop(columns=["least", "cells"])


def _thresholds(mapping: dict[str, str]) -> dict[str, float] | None:
    faults, found = [], {}
    for value, level in mapping.items():
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if level not in LEVELS or not -1e6 < number < 1e6:
            words = "of a raster a value is mapped to a level: 0.5=orange"
            faults.append(Fault(words, column=value))
        found[level] = number
    if faults:
        raise GeodataError(faults)
    return found or None
