"""OpenStreetMap extracts (PBF, XML) into frames of roads, buildings, facilities, water, ..."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd
import shapely

from geodata.crs import WGS84
from geodata.errors import GeodataError
from geodata.readers.osm_file import Progress, is_sorted, open_extract, readable, sorted_copy
from geodata.readers.osm_rows import Row, Rows
from geodata.readers.osm_sea import sea

Box = tuple[float, float, float, float]
Geometries = npt.NDArray[np.object_]

_COLUMNS = {
    "roads": {
        "highway": "str",
        "name": "str",
        "oneway": "int64",
        "maxspeed_kmh": "float64",
        "bridge": "bool",
        "tunnel": "bool",
        "layer": "int64",
        "maxheight_m": "float64",
        "maxweight_t": "float64",
        "maxwidth_m": "float64",
    },
    "buildings": {
        "kind": "str",
        "name": "str",
        "levels": "float64",
        "addr_street": "str",
        "addr_housenumber": "str",
    },
    "facilities": {"kind": "str", "name": "str"},
    "water": {"kind": "str", "name": "str"},
    "barriers": {"kind": "str", "name": "str"},
    "railways": {"name": "str", "bridge": "bool", "tunnel": "bool"},
    "places": {"kind": "str", "name": "str", "admin_level": "Int64"},
}
_AS_POINTS = ("facilities", "places")


@dataclass(frozen=True)
class Layers:
    """What an extract holds, as frames in EPSG:4326 with indexes 0..n-1 in a stable order.

    Every frame ends in ``osm_id`` ("way/123", where the row comes from) and ``geometry``; missing
    text is NaN. A row is repeated per part only where an extract lacks nodes in the middle of a
    way.

    Attributes
    ----------
    roads
        highway, name, oneway (1 along, -1 against, 0 both; implied ones included), maxspeed_kmh,
        bridge, tunnel, layer, maxheight_m, maxweight_t, maxwidth_m (NaN for none); LineStrings.
        Streets that meet share the very same coordinates.
    buildings
        kind, name, levels, addr_street, addr_housenumber; Polygons and MultiPolygons.
    facilities
        kind (fire_station, hospital, clinic, police, school, shelter, ...), name; Points, areas by
        a point on their surface.
    water
        kind, name; polygons of standing and wide water (kind ``sea`` where there is a coast),
        lines of rivers, streams and canals.
    barriers
        kind (gate, bollard, wall, fence, lift_gate, ...), name; Points and LineStrings.
    railways
        name, bridge, tunnel; LineStrings on which trains run (no trams).
    places
        kind (city, town, suburb, ..., ``admin`` for administrative areas), name, admin_level;
        Points.
    """

    roads: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    railways: gpd.GeoDataFrame


def read(path: str | Path, bbox: Box | None = None) -> Layers:
    """Read an OpenStreetMap extract.

    Parameters
    ----------
    path
        PBF or OSM XML file, told apart by content.
    bbox
        West, south, east, north in degrees (EPSG:4326). Features that touch the box are kept
        whole, so that streets stay connected; the sea is cut at the box. None reads everything.

    Returns
    -------
    Layers
        Frames in EPSG:4326; a layer of which the extract has nothing is an empty frame.

    Raises
    ------
    GeodataError
        If the file is missing, empty, truncated, hostile or of another format (the message says
        where reading stopped), or the box is not one.
    """
    box = None if bbox is None else _checked(bbox)
    progress = Progress()
    source, rows = open_extract(path), Rows()
    with readable(path, progress):
        rows.read(source, progress)
        if rows.skipped and not is_sorted(source):
            rows = Rows()
            with TemporaryDirectory() as folder:
                rows.read(sorted_copy(path, folder), progress)
    coast = shapely.from_wkb([row[-1] for row in rows.layers["coastlines"]])
    frames = {layer: _frame(layer, rows.layers[layer], box) for layer in _COLUMNS}
    if len(coast):
        extent = box or _extent(source, [frame.total_bounds for frame in frames.values()])
        frames["water"] = _with_sea(frames["water"], sea(coast, extent))
    return Layers(**frames)


def _checked(bbox: Box) -> Box:
    try:
        west, south, east, north = (float(value) for value in bbox)
    except (TypeError, ValueError) as error:
        raise GeodataError("bbox: four numbers are needed: west, south, east, north") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise GeodataError(
            f"bbox ({west:g}, {south:g}, {east:g}, {north:g}): west, south, east, north in degrees"
        )
    return west, south, east, north


def _frame(layer: str, rows: list[Row], box: Box | None) -> gpd.GeoDataFrame:
    rows = list(dict.fromkeys(rows))  # a query's answer may repeat an object
    geometries = shapely.from_wkb([row[-1] for row in rows])
    keep = ~shapely.is_empty(geometries) & shapely.is_valid(geometries)
    if box is not None:
        keep &= shapely.intersects(geometries, shapely.box(*box))
    geometries = _simplest(geometries[keep])
    kept = [row[:-1] for row, wanted in zip(rows, keep, strict=True) if wanted]
    columns = _COLUMNS[layer]
    table = pd.DataFrame(kept, columns=["osm_id", *columns]).astype({"osm_id": "str", **columns})
    frame = gpd.GeoDataFrame(
        table[[*columns, "osm_id"]], geometry=cast("Any", geometries), crs=WGS84
    )
    if layer in _AS_POINTS:
        frame = _as_points(frame)
    return _ordered(frame)


def _simplest(geometries: Geometries) -> Geometries:
    """Turn multipolygons of one part into polygons."""
    single = (shapely.get_type_id(geometries) == 6) & (shapely.get_num_geometries(geometries) == 1)
    geometries[single] = shapely.get_geometry(geometries[single], 0)
    return geometries


def _as_points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give areas a point on their surface; drop a node that says again what an area says."""
    shapes = frame.geometry.to_numpy()
    is_area = shapely.get_dimensions(shapes) == 2
    areas = np.flatnonzero(is_area)
    nodes = np.flatnonzero(~is_area)
    tree = shapely.STRtree(shapes[areas])
    inner, outer = tree.query(shapes[nodes], predicate="within")
    kinds, names = frame["kind"].to_numpy(), frame["name"].fillna("").to_numpy()
    inner, outer = nodes[inner], areas[outer]
    same = (kinds[inner] == kinds[outer]) & ((names[inner] == names[outer]) | (names[inner] == ""))
    keep = np.ones(len(frame), dtype=bool)
    keep[inner[same]] = False
    points = shapes.copy()
    points[areas] = shapely.point_on_surface(shapes[areas])
    return frame.set_geometry(gpd.GeoSeries(points, crs=WGS84))[keep]


def _ordered(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Sort by kind of object and number; parts of one way keep their order."""
    parts = frame["osm_id"].str.split("/", expand=True).reindex(columns=[0, 1])
    order = np.lexsort((parts[1].astype("int64").to_numpy(), parts[0].to_numpy(dtype=str)))
    return frame.iloc[order].reset_index(drop=True)


def _extent(source: osmium.io.File, bounds: list[npt.NDArray[np.float64]]) -> Box:
    """Give the box of an extract: the one it states, else that of what it holds."""
    with osmium.io.Reader(source, osmium.osm.NOTHING) as reader:
        stated = reader.header().box()
    if stated.valid():
        low, high = stated.bottom_left, stated.top_right
        return low.lon, low.lat, high.lon, high.lat
    corners = np.array(bounds)
    west, south = np.nanmin(corners[:, :2], axis=0)
    east, north = np.nanmax(corners[:, 2:], axis=0)
    return float(west), float(south), float(east), float(north)


def _with_sea(water: gpd.GeoDataFrame, surface: shapely.Geometry | None) -> gpd.GeoDataFrame:
    if surface is None:
        return water
    row = gpd.GeoDataFrame(
        {"kind": ["sea"], "name": pd.Series([None], dtype="str"), "osm_id": ["coastline"]},
        geometry=[surface],
        crs=WGS84,
    )
    return cast("gpd.GeoDataFrame", pd.concat([water, row], ignore_index=True))
