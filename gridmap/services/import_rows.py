"""From the frames of the readers to rows of our tables; nothing here touches the database."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from gridmap.model.hazard import WITHOUT_LEVEL
from gridmap.services import import_checks

ROAD_COLUMNS = (
    "name",
    "oneway",
    "maxspeed_kmh",
    "bridge",
    "tunnel",
    "layer",
    "maxheight_m",
    "maxweight_t",
    "maxwidth_m",
)
_ROAD_DEFAULTS: Mapping[str, Any] = {"oneway": 0, "bridge": False, "tunnel": False, "layer": 0}
# What extracts write for yes and no, and for the direction of travel (B both, F forward, T back).
_FLAGS = {"t": True, "true": True, "yes": True, "1": True, "1.0": True}
_FLAGS |= {"f": False, "false": False, "no": False, "0": False, "0.0": False, "": False}
_ONEWAY = {"b": 0, "no": 0, "false": 0, "0": 0, "0.0": 0, "": 0}
_ONEWAY |= {"f": 1, "yes": 1, "true": 1, "1": 1, "1.0": 1, "t": -1, "-1": -1, "-1.0": -1}
_WORDED = ("bridge", "tunnel", "accessible")
# Standard for the appraisal of dangerous buildings (JGJ 125): C is partly, D wholly dangerous.
_GRADES, _UNSAFE = ("A", "B", "C", "D", ""), ("C", "D")
_LEVELS = {6: "county", 9: "township", 12: "community"}


def with_keys(rows: pd.DataFrame, given: "pd.Series[Any] | None" = None) -> pd.DataFrame:
    """Add `source_key`: the file's own identity where it has one, else a hash of the row.

    The hash makes a file without identities repeatable; rows that are alike to the last digit
    are told apart by their order.
    """
    keys = [None if given is None or pd.isna(value) else str(value) for value in _each(given, rows)]
    digests = [
        key or _digest(row)
        for key, row in zip(keys, rows.itertuples(index=False, name=None), strict=True)
    ]
    seen: dict[str, int] = {}
    unique = []
    for digest in digests:
        seen[digest] = seen.get(digest, 0) + 1
        unique.append(digest if seen[digest] == 1 else f"{digest}.{seen[digest]}")
    made = rows.copy()
    made.insert(0, "source_key", unique)
    return made


def _each(given: "pd.Series[Any] | None", rows: pd.DataFrame) -> Iterable[Any]:
    return [None] * len(rows) if given is None else given


def _digest(row: tuple[Any, ...]) -> str:
    parts = [cell.wkb_hex if isinstance(cell, BaseGeometry) else repr(cell) for cell in row]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def roads(frame: gpd.GeoDataFrame, area_code: str) -> pd.DataFrame:
    """Give road rows: `highway` and LineStrings are required, the rest defaults to none."""
    require(frame, ["highway"], "streets")
    single = frame.explode(index_parts=False, ignore_index=False)
    kinds(single, {"LineString"}, "a street is a line")
    import_checks.within(single, import_checks.ROADS)
    rows = pd.DataFrame({"area_code": area_code, "highway": single["highway"].astype(str)})
    faults: list[Fault] = []
    for name in ROAD_COLUMNS:
        if name in single:
            rows[name] = values(single[name], name, faults)
        else:
            rows[name] = _ROAD_DEFAULTS.get(name)
    if faults:
        raise GeodataError(faults)
    rows["geom"] = shapes(single)
    return with_keys(rows, identity(single))


def values(column: "pd.Series[Any]", name: str, faults: list[Fault]) -> "pd.Series[Any]":
    """Read yes and no, directions and numbers; what cannot be read is added to `faults`."""
    if name == "name":
        return column
    if name not in (*_WORDED, "oneway"):
        numbers = pd.to_numeric(column, errors="coerce")
        wrong = numbers.isna() & column.notna()
        faults += [Fault("not a number", row, name) for row in column.index[wrong]]
        # zero is how some extracts write "no limit"
        kept = numbers.where(numbers != 0)
        return kept.fillna(0).astype("int64") if name == "layer" else kept
    words = _ONEWAY if name == "oneway" else _FLAGS
    said = column.astype(object).where(column.notna(), "").map(lambda cell: str(cell).lower())
    wrong = ~said.isin(list(words))
    faults += [Fault("neither yes nor no", row, name) for row in column.index[wrong]]
    return said.map(words)


def ground(frame: gpd.GeoDataFrame, area_code: str) -> pd.DataFrame:
    """Give water rows: `kind`, `name`, any geometry."""
    rows = pd.DataFrame({"area_code": area_code, "kind": frame["kind"], "name": frame["name"]})
    rows["simulated"] = False
    rows["geom"] = shapes(frame)
    return with_keys(rows, identity(frame))


def railways(frame: gpd.GeoDataFrame, area_code: str) -> pd.DataFrame:
    """Give railway rows: `name`, `bridge`, `tunnel`, LineStrings."""
    rows = pd.DataFrame({"area_code": area_code}, index=frame.index)
    for name in ("name", "bridge", "tunnel"):
        rows[name] = frame[name]
    rows["geom"] = shapes(frame)
    return with_keys(rows, identity(frame))


def places(frame: gpd.GeoDataFrame, area_code: str) -> pd.DataFrame:
    """Give place rows; what has no name is nothing to write on a map."""
    named = frame[frame["name"].notna()]
    rows = pd.DataFrame({"area_code": area_code, "kind": named["kind"], "name": named["name"]})
    rows["geom"] = shapes(named)
    return with_keys(rows, identity(named))


def buildings(
    frame: gpd.GeoDataFrame, codes: "pd.Series[Any]", keys: "pd.Series[Any]"
) -> pd.DataFrame:
    """Give building rows.

    Parameters
    ----------
    frame
        Polygons; `estate`, `building`, `address`, `name`, `levels`, `units` where known, and
        `unsafe`: the grade of the appraisal, A to D, of which C and D are unsafe. Without this
        column what is known of a house stays.
    codes
        Area code of each.
    keys
        Standard address of each, missing where it has none.
    """
    kinds(frame, {"Polygon", "MultiPolygon"}, "a building is a polygon")
    rows = pd.DataFrame({"area_code": codes})
    for name in ("estate", "building", "address", "name"):
        rows[name] = frame.get(name, None)
    rows["address_key"] = keys
    for name in ("levels", "units"):
        values = pd.to_numeric(frame[name], errors="coerce") if name in frame else np.nan
        rows[name] = pd.Series(values, index=frame.index).round().astype("Int64")
    if "unsafe" in frame:
        rows["unsafe"] = _unsafe(frame["unsafe"])
    rows["geom"] = multipolygons(frame)
    return with_keys(rows, identity(frame))


def _unsafe(given: "pd.Series[Any]") -> "pd.Series[Any]":
    grades = given.astype("string").str.strip().str.upper().str.removesuffix("级").fillna("")
    wrong = ~grades.isin(_GRADES)
    if wrong.any():
        raise GeodataError(
            [
                Fault("the grade of a house is A, B, C, D or empty", row, "unsafe")
                for row in given.index[wrong]
            ]
        )
    return grades.where(grades.isin(_UNSAFE), None).astype(object)


def areas(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give area rows, parents first: `code` of 6, 9 or 12 digits and `name`, polygons."""
    require(frame, ["code", "name"], "areas")
    kinds(frame, {"Polygon", "MultiPolygon"}, "an area is a polygon")
    codes = frame["code"].astype(str).str.strip()
    wrong = ~codes.str.fullmatch(r"[0-9]{6}(?:[0-9]{3}){0,2}")
    repeated = codes.duplicated()
    faults = [Fault("not 6, 9 or 12 digits", row, "code") for row in frame.index[wrong]]
    faults += [Fault("the code repeats", row, "code") for row in frame.index[repeated & ~wrong]]
    if faults:
        raise GeodataError(faults)
    import_checks.within(frame, import_checks.AREAS)
    rows = pd.DataFrame(
        {
            "code": codes,
            "level": codes.str.len().map(_LEVELS),
            "parent_code": [code[:-3] if len(code) > 6 else None for code in codes],
            "name_zh": frame["name"],
            "name_en": frame.get("name_en", None),
            "geom": multipolygons(frame),
        }
    )
    return rows.sort_values("code", key=lambda column: column.str.len(), kind="stable")


def multipolygons(frame: gpd.GeoDataFrame) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """Give every polygon as a multipolygon."""
    made = np.empty(len(frame), dtype=object)
    for position, shape in enumerate(frame.geometry):
        made[position] = shapely.multipolygons(shapely.get_parts(shape))
    return made


def identity(frame: gpd.GeoDataFrame) -> "pd.Series[Any] | None":
    """Give the column by which the file itself knows its rows, if it has one."""
    for name in ("external_id", "osm_id", "source_key"):
        if name in frame:
            found: pd.Series[Any] = frame[name]
            return found
    return None


def shapes(frame: gpd.GeoDataFrame) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """Give the geometries as objects."""
    return np.asarray(frame.geometry, dtype=object)


def require(frame: pd.DataFrame, names: list[str], what: str) -> None:
    """Refuse a file without some columns, naming those it has."""
    missing = [name for name in names if name not in frame]
    if missing:
        there = ", ".join(str(name) for name in frame.columns if name != "geometry") or "none"
        raise GeodataError(
            [
                Fault(
                    f"{what} need it; the file has {there}. Tell with --map COLUMN={name}",
                    column=name,
                )
                for name in missing
            ]
        )


def kinds(frame: gpd.GeoDataFrame, allowed: set[str], what: str) -> None:
    """Refuse rows of other kinds of geometry."""
    wrong = frame.index[~frame.geometry.geom_type.isin(allowed)]
    if len(wrong):
        raise GeodataError([Fault(what, row, "geometry") for row in wrong])


_SEVERITIES = ("red", "orange", "yellow", "blue")


def hazards(frame: gpd.GeoDataFrame, area_code: str) -> pd.DataFrame:
    """Give hazard rows: `kind`, `name`, polygons; `severity` is a colour or none."""
    require(frame, ["kind", "name"], "hazards")
    kinds(frame, {"Polygon", "MultiPolygon"}, "a hazard is a polygon")
    import_checks.within(frame, import_checks.HAZARDS)
    severity = frame["severity"] if "severity" in frame else pd.Series(None, index=frame.index)
    wrong = severity.notna() & ~severity.isin(_SEVERITIES)
    if wrong.any():
        raise GeodataError(
            [
                Fault(f"severity is one of {', '.join(_SEVERITIES)} or empty", row, "severity")
                for row in frame.index[wrong]
            ]
        )
    levelled = severity.notna() & frame["kind"].isin(WITHOUT_LEVEL)
    if levelled.any():
        raise GeodataError(
            [
                Fault("events of this kind carry no level", row, "severity")
                for row in frame.index[levelled]
            ]
        )
    rows = pd.DataFrame({"area_code": area_code, "kind": frame["kind"], "name": frame["name"]})
    rows["severity"] = severity
    if "note" in frame:
        rows["note"] = frame["note"].where(frame["note"].astype(bool), None)
    rows["geom"] = multipolygons(frame)
    return with_keys(rows, identity(frame))
