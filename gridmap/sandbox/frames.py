"""Frames across the wall of the cage: plain JSON and well-known binary, nothing that can run."""

import datetime as dt
import json
import math
import struct
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import WGS84
from geodata.errors import GeodataError

MOST_ROWS = 5_000_000
MOST_COLUMNS = 2_000
MOST_BYTES = 1024**3
_LONGEST_NAME = 200
_TYPES = frozenset(
    {"object", "str", "int64", "int32", "int16", "float64", "float32", "bool", "Int64", "boolean"}
)
_MOMENTS = frozenset(f"datetime64[{unit}]" for unit in ("s", "ms", "us", "ns"))
_LENGTH = struct.Struct("<I")


def write(frame: pd.DataFrame, place: Path, name: str) -> None:
    """Write a frame as `<name>.json` and, if it has shapes, `<name>.wkb`."""
    shapes = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    columns = [each for each in frame.columns if shapes is None or each != shapes.name]
    content = {
        "rows": len(frame),
        "index": {"name": frame.index.name, "values": [int(each) for each in frame.index]},
        "columns": [_column(str(each), frame[each]) for each in columns],
        "shapes": shapes is not None,
        "ignored": [str(each) for each in frame.attrs.get("ignored", ())],
    }
    with (place / f"{name}.json").open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=True, allow_nan=False)
    if shapes is not None:
        with (place / f"{name}.wkb").open("wb") as blob:
            for each in shapely.to_wkb(shapes.to_numpy(), include_srid=False):
                blob.write(_LENGTH.pack(len(each)) + each)


def _column(name: str, values: pd.Series) -> dict[str, Any]:
    kind = str(values.dtype)
    if kind.startswith("datetime64"):
        moments = [None if pd.isna(each) else each.isoformat() for each in values]
        return {
            "name": name,
            "type": kind.split(",", maxsplit=1)[0].rstrip("]") + "]",
            "values": moments,
        }
    if kind not in _TYPES:
        kind = "object"
    return {"name": name, "type": kind, "values": [_plain(each) for each in values]}


def _plain(value: Any) -> Any:
    """Make a cell plain: numbers, text, nothing, and tuples and dates marked as such."""
    if isinstance(value, tuple | list):
        return {"many": [_plain(each) for each in value]}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)


def read(place: Path, name: str) -> Any:
    """Read a frame that a caged process has written; every part of it is doubted.

    Raises
    ------
    GeodataError
        If it is not what `write` writes, or its shapes are not on this planet.
    """
    try:
        content = json.loads(_bytes(place / f"{name}.json"))
        rows = content["rows"]
        table = _table(content, rows)
        if not content["shapes"]:
            return table
        shapes = _shapes(_bytes(place / f"{name}.wkb"), rows)
    except (KeyError, TypeError, OSError, AttributeError, ValueError, struct.error) as error:
        if isinstance(error, GeodataError):
            raise
        raise GeodataError("the reader handed back something that is no table") from None
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, index=table.index), crs=WGS84)


def _bytes(path: Path) -> bytes:
    if path.is_symlink() or path.stat().st_size > MOST_BYTES:
        raise GeodataError("the reader handed back too much")
    return path.read_bytes()


def _table(content: dict[str, Any], rows: int) -> pd.DataFrame:
    columns = content["columns"]
    index = pd.Index(content["index"]["values"], name=content["index"]["name"], dtype="int64")
    if not 0 <= rows <= MOST_ROWS or len(columns) > MOST_COLUMNS or len(index) != rows:
        raise GeodataError("the reader handed back too much")
    made = {}
    for column in columns:
        name, values = str(column["name"])[:_LONGEST_NAME], column["values"]
        if len(values) != rows:
            raise GeodataError("the reader handed back a broken table")
        made[name] = _series(column["type"], values, index)
    table = pd.DataFrame(made, index=index)
    table.attrs = {"ignored": tuple(str(each)[:_LONGEST_NAME] for each in content["ignored"])}
    return table


def _series(kind: str, values: list[Any], index: pd.Index) -> pd.Series:
    if kind in _MOMENTS:
        moments = pd.to_datetime(pd.Series(values, dtype=object), utc=True).dt.tz_localize(None)
        return pd.Series(moments.to_numpy().astype(kind), index=index)
    if kind not in _TYPES:
        raise GeodataError("the reader handed back an unknown kind of column")
    if kind == "object":
        return pd.Series([_cell(each) for each in values], index=index, dtype=object)
    return pd.Series(values, index=index, dtype=kind)


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        if "date" in value:
            return dt.date.fromisoformat(value["date"][:10])
        return tuple(_cell(each) for each in value["many"])
    return value


def _shapes(blob: bytes, rows: int) -> Any:
    texts, at = [], 0
    for _ in range(rows):
        (length,) = _LENGTH.unpack_from(blob, at)
        at += _LENGTH.size
        texts.append(blob[at : at + length])
        at += length
    if at != len(blob):
        raise GeodataError("the reader handed back broken shapes")
    shapes = shapely.from_wkb(texts)
    bounds = shapely.bounds(shapes)
    sound = np.isfinite(bounds).all(axis=1) & (np.abs(bounds) <= [180, 90, 180, 90]).all(axis=1)
    if rows and not (sound & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)).all():
        raise GeodataError("the reader handed back shapes that are none")
    return shapes
