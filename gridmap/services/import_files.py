"""Who opens a file: a caged process, whether it came over the network or by the command line.

The readers themselves run where they are called only for who made the file: the demo, tests. Both
give the same frames; `imports` does not know which of them it was.
"""

import re
import shutil
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import pandas as pd

from geodata.readers import osm, rasters, roster_fields, tables, vectors, volunteer_fields
from gridmap.problems import unavailable
from gridmap.sandbox import cage

_SCHEMAS = {
    "households": roster_fields.HOUSEHOLDS,
    "facilities": roster_fields.FACILITIES,
    "volunteers": volunteer_fields.VOLUNTEERS,
}
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 100


class Files(Protocol):
    """Reads files into frames."""

    def vectors(self, path: Path, crs: str | None) -> gpd.GeoDataFrame:
        """Read a vector file, as `geodata.readers.vectors.read`."""

    def grids(self, path: Path, crs: str | None) -> gpd.GeoDataFrame:
        """Read a vector file of grids; `repaired` says what was done to make a shape valid."""

    def raster(
        self,
        path: Path,
        crs: str | None,
        thresholds: dict[str, float] | None,
        categories: dict[str, list[float]] | None = None,
    ) -> gpd.GeoDataFrame:
        """Read a raster of depths or categories, as `geodata.readers.rasters.read`."""

    def osm(self, path: Path) -> osm.Layers:
        """Read an OpenStreetMap extract, as `geodata.readers.osm.read`."""

    def table(self, path: Path, schema: str, mapping: dict[str, str]) -> pd.DataFrame:
        """Read a roster of households or facilities, as `geodata.readers.tables.read`."""


class Own:
    """Reads in this process."""

    def vectors(self, path: Path, crs: str | None) -> gpd.GeoDataFrame:
        """Read a vector file."""
        return vectors.read(path, crs=crs)

    def grids(self, path: Path, crs: str | None) -> gpd.GeoDataFrame:
        """Read a vector file of grids."""
        return vectors.read(path, crs=crs, repair=True)

    def raster(
        self,
        path: Path,
        crs: str | None,
        thresholds: dict[str, float] | None,
        categories: dict[str, list[float]] | None = None,
    ) -> gpd.GeoDataFrame:
        """Read a raster of depths or categories."""
        return rasters.read(path, crs, thresholds, categories)

    def osm(self, path: Path) -> osm.Layers:
        """Read an OpenStreetMap extract."""
        return osm.read(path)

    def table(self, path: Path, schema: str, mapping: dict[str, str]) -> pd.DataFrame:
        """Read a roster."""
        return tables.read(path, _SCHEMAS[schema], mapping=mapping)


class Caged:
    """Reads in a process without network, files, or unbounded time and memory.

    Parameters
    ----------
    limits
        What that process may use.
    """

    def __init__(self, limits: cage.Limits | None = None) -> None:
        self._limits = limits or cage.Limits()

    def vectors(self, path: Path, crs: str | None) -> gpd.GeoDataFrame:
        """Read a vector file."""
        return self._read("vectors", path, {"crs": crs})["vectors"]

    def grids(self, path: Path, crs: str | None) -> gpd.GeoDataFrame:
        """Read a vector file of grids."""
        return self._read("grids", path, {"crs": crs})["grids"]

    def raster(
        self,
        path: Path,
        crs: str | None,
        thresholds: dict[str, float] | None,
        categories: dict[str, list[float]] | None = None,
    ) -> gpd.GeoDataFrame:
        """Read a raster of depths or categories."""
        asked = {"crs": crs, "thresholds": thresholds, "categories": categories}
        return self._read("raster", path, asked)["raster"]

    def osm(self, path: Path) -> osm.Layers:
        """Read an OpenStreetMap extract."""
        return osm.Layers(**self._read("osm", path, {}))

    def table(self, path: Path, schema: str, mapping: dict[str, str]) -> pd.DataFrame:
        """Read a roster."""
        found = self._read("tables", path, {"schema": schema, "mapping": mapping})
        return pd.DataFrame(found["tables"])

    def _read(self, task: str, path: Path, arguments: dict[str, Any]) -> dict[str, Any]:
        from gridmap.sandbox import frames

        with cage.folder() as place:
            name = safe_name(path.name)
            # never a link: the process may write whatever lies in its folder
            shutil.copyfile(path, place / name)
            try:
                said = cage.run(task, place, {"name": name} | arguments, self._limits)
            except cage.CageError as error:
                raise unavailable(f"No file is read here: {error}") from error
            names = [str(each) for each in said.get("frames", [])]
            return {name: frames.read(place, name) for name in names if name.isidentifier()}


def safe_name(name: str) -> str:
    """Give a name that a file may have here; its ending tells tables from extracts."""
    return _UNSAFE.sub("_", name)[-_LONGEST_NAME:].lstrip(".-") or "file"
