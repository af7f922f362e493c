"""Vector files into frames in EPSG:4326: GeoJSON, GeoPackage, zipped Shapefile."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd

from geodata.crs import to_wgs84
from geodata.errors import Fault, GeodataError
from geodata.readers import geojson, geopackage, shapefile, sizes
from geodata.readers.archive import open_zip
from geodata.repair import clean
from geodata.shapes import check_geometry

MAX_BYTES = 200 * 1024**2
MOST_VERTICES = 200_000  # of one feature: a county's coast has more than a drawn shape may have

Loader = Callable[[Path, str | None, object], gpd.GeoDataFrame]


def read(
    path: str | Path, crs: object = None, layer: str | None = None, *, repair: bool = False
) -> gpd.GeoDataFrame:
    """Read a vector file.

    Parameters
    ----------
    path
        GeoJSON (RFC 7946), GeoPackage, a Shapefile in a zip file or a .shp beside its .shx and
        .dbf. What a file is, its content decides; its name counts for nothing.
    crs
        What the coordinates are, as in `geodata.crs.to_wgs84`; None takes what the file says
        (GeoJSON: WGS84) and is refused if it says nothing.
    layer
        Layer of a GeoPackage or Shapefile of a zip that holds several.
    repair
        Make shapes valid and say in a column ``repaired`` what was done, empty for nothing; for
        a caller who shows that to somebody.

    Returns
    -------
    GeoDataFrame
        Attributes as in the file, ``geometry`` in EPSG:4326, index ``feature`` counted from 1.

    Raises
    ------
    GeodataError
        If the file is of another kind, damaged, hostile or too large, its coordinate system is
        not declared or not true, or geometries are missing, not finite, out of bounds or invalid;
        rows are feature numbers. Nothing is repaired unasked.
    """
    path = Path(path)
    load = _loader(path)
    lax = repair and load is geojson.load
    frame = geojson.load(path, layer, crs, valid=False) if lax else load(path, layer, crs)
    if frame.empty:
        raise GeodataError(f"{path.name}: no feature in it")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="feature")
    placed = to_wgs84(_with_shapes(frame), crs)
    if repair:
        placed = _repaired(placed)
    _gate(placed)
    return placed


def _repaired(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make every shape valid that can be made so without guessing."""
    shapes, said, faults = [], [], []
    for number, shape in frame.geometry.items():
        try:
            made, changes = clean(shape)
        except GeodataError as error:
            faults += [Fault(fault.message, row=number) for fault in error.faults]
            continue
        shapes.append(made)
        said.append("; ".join(changes))
    if faults:
        raise GeodataError(faults)
    whole = frame.drop(columns="repaired", errors="ignore")
    return whole.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)).assign(
        repaired=said
    )


def _loader(path: Path) -> Loader:
    """Choose the reader by the first bytes of a file."""
    with sizes.readable(path, MAX_BYTES).open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"SQLite format 3\x00"):
        return geopackage.load
    if head.startswith(b"PK"):
        return _zipped
    if head.startswith(shapefile.MAGIC):
        return shapefile.load
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return geojson.load
    raise GeodataError(f"{path.name}: this is no GeoJSON, GeoPackage or zipped Shapefile")


def _zipped(path: Path, layer: str | None, crs: object) -> gpd.GeoDataFrame:
    with TemporaryDirectory() as folder, open_zip(path) as archive:
        return shapefile.load(shapefile.unpack(archive, Path(folder), layer), None, crs)


def _with_shapes(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Refuse features without a shape, all of them at once."""
    bare = frame.geometry.isna() | frame.geometry.is_empty
    if bare.any():
        raise GeodataError([Fault("the feature has no geometry", row=n) for n in frame.index[bare]])
    return frame


def _gate(frame: gpd.GeoDataFrame) -> None:
    """Hold every geometry to the rules of all input."""
    faults: list[Fault] = []
    for number, shape in frame.geometry.items():
        try:
            check_geometry(shape, max_vertices=MOST_VERTICES)
        except GeodataError as error:
            faults += [Fault(fault.message, row=number) for fault in error.faults]
    if faults:
        raise GeodataError(faults)
