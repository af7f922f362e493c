"""Grids out: GeoPackage, GeoJSON and Shapefile, in WGS84 or CGCS2000, with Chinese field names."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import metric_crs
from gridmap.model.access import Scope
from gridmap.model.problem import Problem, not_found
from gridmap.problems import bad_value
from gridmap.services.exports import whole
from gridmap.store import event, grid_export, scenario
from gridmap.store.database import Database

KINDS = ("gpkg", "geojson", "shp")
SYSTEMS = ("wgs84", "cgcs2000", "gauss_kruger")
MOST = 20_000  # grids of one file: two counties
_ZONES = range(4534, 4555)  # EPSG of the 3-degree Gauss-Kruger zones of CGCS2000
_SUFFIXES = {"gpkg": ".gpkg", "geojson": ".geojson", "shp": ".zip"}
_TYPES = {
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "shp": "application/zip",
}
# Our columns with their names in GeoPackage and GeoJSON, and in Shapefiles, whose names have at
# most ten bytes: three Chinese characters.
FIELDS = {
    "code": ("网格编码", "编码"),
    "name": ("网格名称", "名称"),
    "kind": ("网格类型", "类型"),
    "special_use": ("专属类别", "专属"),
    "community_code": ("社区编码", "社区码"),
    "community": ("社区名称", "社区"),
    "township": ("乡镇街道", "乡镇"),
    "households": ("户数", "户数"),
    "people": ("人数", "人数"),
    "version": ("版本", "版本"),
    "valid_from": ("启用日期", "启用日"),
    "valid_to": ("停用日期", "停用日"),
}
MICRO_FIELDS = {
    "code": ("微网格编码", "编码"),
    "kind": ("网格类型", "类型"),
    "grid": ("网格编码", "网格码"),
    "community_code": ("社区编码", "社区码"),
    "community": ("社区名称", "社区"),
    "township": ("乡镇街道", "乡镇"),
    "households": ("户数", "户数"),
    "people": ("人数", "人数"),
    "minimum": ("最少户数", "最少户"),
    "maximum": ("最多户数", "最多户"),
    "valid_from": ("启用日期", "启用日"),
    "valid_to": ("停用日期", "停用日"),
}
_KIND_WORDS = {"comprehensive": "综合网格", "special": "专属网格", "micro": "微网格"}
_USE_WORDS = {
    "administration": "行政中心",
    "park": "产业园区",
    "enterprise": "企事业单位",
    "office": "商务楼宇",
    "market": "商圈市场",
    "campus": "校园",
}
_LAYERS = {"grids": "网格", "micro_grids": "微网格"}
_NUMBERS = ("households", "people", "minimum", "maximum")


@dataclass(frozen=True)
class Wanted:
    """Which grids, in which form.

    Attributes
    ----------
    area
        Area code; a scenario's grids are all of its own area.
    day
        Day on which they were in force; None for now.
    scenario
        Id of a scenario instead of what is in force.
    kind
        One of `KINDS`.
    system
        One of `SYSTEMS`.
    layer
        ``grids``, or ``micro_grids`` for the parts they are divided into.
    """

    area: str
    day: date | None = None
    scenario: int | None = None
    kind: str = "gpkg"
    system: str = "wgs84"
    layer: str = "grids"

    @property
    def name(self) -> str:
        """Name of the file."""
        what = f"scenario-{self.scenario}" if self.scenario is not None else self.area
        day = f"-{self.day.isoformat()}" if self.day is not None else ""
        return f"{self.layer.replace('_', '-')}-{what}{day}-{self.system}{_SUFFIXES[self.kind]}"

    @property
    def mimetype(self) -> str:
        """Media type of the file."""
        return _TYPES[self.kind]


def grids(database: Database, scope: Scope, wanted: Wanted) -> gpd.GeoDataFrame:
    """Read the grids wanted, under their Chinese names, in the system wanted.

    Raises
    ------
    Problem
        404 where there are none, 400 for a system the format cannot hold or the place has not.
    """
    if wanted.kind == "geojson" and wanted.system != "wgs84":
        raise bad_value("crs", "GeoJSON is in wgs84 (RFC 7946); take gpkg or shp for others")
    with database.transaction(scope, snapshot=True) as tx:
        if wanted.scenario is not None:
            if scenario.read(tx, wanted.scenario) is None:
                raise not_found(f"scenario {wanted.scenario}")
            frame = grid_export.of_scenario(tx, wanted.scenario)
        elif wanted.layer == "micro_grids":
            frame = grid_export.micro_of_day(tx, wanted.area, wanted.day).reset_index()
        else:
            frame = grid_export.of_day(tx, wanted.area, wanted.day).reset_index()
    if frame.empty:
        raise _absent(wanted)
    if len(frame) > MOST:
        raise bad_value("area", f"{len(frame)} grids; at most {MOST} go into one file")
    fields = MICRO_FIELDS if wanted.layer == "micro_grids" else FIELDS
    return _placed(_named(frame, fields, short=wanted.kind == "shp"), wanted.system)


def _absent(wanted: Wanted) -> Problem:
    if wanted.scenario is not None:
        return not_found("grids")
    if wanted.layer == "micro_grids":
        return not_found(f"no micro-grids in force in {wanted.area}")
    return not_found(f"no grids in force in {wanted.area}")


def _named(
    frame: gpd.GeoDataFrame, fields: dict[str, tuple[str, str]], *, short: bool
) -> gpd.GeoDataFrame:
    table = pd.DataFrame(index=range(len(frame)))
    for name, words in fields.items():
        values = frame[name].reset_index(drop=True)
        if name == "kind":
            values = values.map(_KIND_WORDS)
        elif name == "special_use":
            # what is no special grid has no such word
            values = values.map(_USE_WORDS.get).astype(object)
        elif name.startswith("valid_"):
            # as text: a day has no hours, and Shapefiles hold no other kind of time
            values = values.map(_day).astype(object)
        elif name == "version":
            values = values.astype("Int64")
        else:
            values = values if name in _NUMBERS else values.astype(object)
        table[words[1] if short else words[0]] = values
    shapes = np.asarray(frame.geometry.array, dtype=object)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=frame.crs))


def _day(value: Any) -> str | None:
    return None if pd.isna(value) else str(value.isoformat())[:10]


def _placed(frame: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    """Put grids into a coordinate system; WGS84 and CGCS2000 are equal within their accuracy."""
    if system == "wgs84":
        return frame
    if system == "cgcs2000":
        return frame.set_crs(4490, allow_override=True)
    zone = metric_crs(frame)
    if zone.to_epsg() not in _ZONES:
        raise bad_value("crs", "these grids lie in no Gauss-Kruger zone of CGCS2000")
    return frame.set_crs(4490, allow_override=True).to_crs(zone)


def write(frame: gpd.GeoDataFrame, kind: str, out: Path, layer: str = "grids") -> None:
    """Write grids to a file, whole or not at all. Problem 400 where nobody may write."""
    with whole(out) as path:
        _WRITERS[kind](frame, path, _LAYERS[layer])


def _geojson(frame: gpd.GeoDataFrame, path: Path, _layer: str) -> None:
    # without RFC7946 the file names a coordinate system, which our own import refuses
    frame.to_file(path, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION="9")


def _gpkg(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    shapes: Any = [shapely.multipolygons(shapely.get_parts(each)) for each in frame.geometry]
    same = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    same.to_file(path, driver="GPKG", layer=layer)


def _shp(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    with TemporaryDirectory(prefix=".gridmap-", dir=path.parent) as folder:
        frame.to_file(
            Path(folder) / f"{layer}.shp",
            driver="ESRI Shapefile",
            encoding="UTF-8",
            engine="pyogrio",
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)


_WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path, str], None]] = {
    "geojson": _geojson,
    "gpkg": _gpkg,
    "shp": _shp,
}


def content(frame: gpd.GeoDataFrame, wanted: Wanted) -> bytes:
    """Give a file's bytes."""
    with TemporaryDirectory(prefix="gridmap-export-") as folder:
        path = Path(folder) / wanted.name
        write(frame, wanted.kind, path, wanted.layer)
        return path.read_bytes()


def note(database: Database, scope: Scope, wanted: Wanted, count: int) -> None:
    """Leave a trace of grids that have left the program."""
    with database.transaction(scope) as tx:
        event.record(
            tx,
            "grid_file.downloaded",
            area_code=wanted.area,
            subject_id=wanted.area if wanted.scenario is None else wanted.scenario,
            payload={
                "grids": count,
                "format": wanted.kind,
                "crs": wanted.system,
                "layer": wanted.layer,
                "scenario": wanted.scenario,
                "day": wanted.day and wanted.day.isoformat(),
            },
        )
