"""GeoPackage files: only plain feature tables are read, no views and no virtual tables."""

import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely

from geodata.errors import GeodataError

_APPLICATION_IDS = {b"GPKG", b"GP10", b"GP11", b"GP12"}
MAX_FEATURES = 1_000_000
# what sqlite, the driver and the making of a frame raise over damaged bytes; NameError is how the
# driver's wrapper ends over a coordinate system that cannot be read
DAMAGE = (sqlite3.Error, RuntimeError, ValueError, NameError, shapely.errors.GEOSException)


def load(path: Path, layer: str | None, crs: object) -> gpd.GeoDataFrame:  # noqa: ARG001
    """Read one feature table.

    Parameters
    ----------
    path
        A SQLite file.
    layer
        Name of the table; None takes the only one.
    crs
        Unused: the file says, and the caller may declare otherwise.

    Raises
    ------
    GeodataError
        If the file is no GeoPackage, damaged, holds no or several feature tables and none is
        named, or the table is a view or virtual.
    """
    with path.open("rb") as stream:
        head = stream.read(100)
    if head[68:72] not in _APPLICATION_IDS:
        raise GeodataError(f"{path.name}: this SQLite file is no GeoPackage")
    try:
        name = _table(path, layer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the driver's remarks; what matters is checked after
            if pyogrio.read_info(path, layer=name)["driver"] != "GPKG":
                raise GeodataError(f"{path.name}: this is no GeoPackage")
            return pyogrio.read_dataframe(path, layer=name)
    except GeodataError:
        raise
    except DAMAGE as error:
        raise GeodataError(f"{path.name}: the GeoPackage is damaged: {error}") from error


def _table(path: Path, layer: str | None) -> str:
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as base:
        base.execute("PRAGMA trusted_schema = OFF")
        if base.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise GeodataError(f"{path.name}: the GeoPackage is damaged")
        names = [
            row[0]
            for row in base.execute(
                "SELECT c.table_name FROM gpkg_contents c JOIN gpkg_geometry_columns g "
                "USING (table_name) WHERE c.data_type = 'features' ORDER BY 1"
            )
        ]
        name = _chosen(names, layer, path.name)
        found = base.execute(
            "SELECT type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE", (name,)
        ).fetchone()
        if found is None or found[0] != "table" or "VIRTUAL" in found[1].upper().split()[:3]:
            raise GeodataError(f"{path.name}: layer {name!r} is no plain table")
        quoted = name.replace('"', '""')
        count = base.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608
    if count > MAX_FEATURES:
        raise GeodataError(f"{path.name}: {count:,} features, at most {MAX_FEATURES:,} are allowed")
    return name


def _chosen(names: list[str], layer: str | None, file: str) -> str:
    if layer in names:
        return str(layer)
    if len(names) == 1 and layer is None:
        return names[0]
    listed = ", ".join(repr(name) for name in names[:10]) or "none"
    raise GeodataError(f"{file}: say which layer: {listed}")
