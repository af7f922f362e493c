"""Facilities of a file into rows of our tables; nothing here touches the database."""

import json
import re
import unicodedata
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.errors import Fault, GeodataError
from geodata.readers import hours
from gridmap.services import import_checks
from gridmap.services.import_rows import identity, kinds, require, shapes, values, with_keys

_LEVEL = re.compile(r"[a-z0-9_]{1,20}", re.ASCII)
# as rosters write the levels of fire stations
_LEVELS = {"一级": "1", "二级": "2", "三级": "3", "小型": "small", "近郊": "suburb"}


def facilities(frame: gpd.GeoDataFrame, area_code: str) -> pd.DataFrame:
    """Give facility rows: `kind` and a point; `name`, `address` where known.

    `crew`, `level`, `hours` and the `capacity` of what is no shelter are there if the file says
    so of any: without them what is known of a facility stays.
    """
    require(frame, ["kind"], "facilities")
    kinds(frame, {"Point"}, "a facility is a point")
    import_checks.within(frame, import_checks.FACILITIES)
    rows = pd.DataFrame({"area_code": area_code, "kind": frame["kind"]})
    for name in ("name", "address"):
        rows[name] = frame.get(name, None)
    rows["geom"] = shapes(frame)
    # keyed by these alone: a file that says more about a place still means the same place
    keyed = with_keys(rows, identity(frame))
    return keyed.join(_more(frame))


def _more(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    said = pd.DataFrame(index=frame.index)
    faults: list[Fault] = []
    for name, read in (("crew", _crew), ("level", _level), ("hours", _hours)):
        if name in frame and frame[name].notna().any():
            said[name] = _each(frame[name], name, read, faults)
    if "capacity" in frame:
        held = pd.to_numeric(frame["capacity"], errors="coerce").where(frame["kind"] != "shelter")
        if held.notna().any():
            said["capacity"] = held.round().astype("Int64")
    if faults:
        raise GeodataError(faults)
    return said


def _each(column: "pd.Series[Any]", name: str, read: Any, faults: list[Fault]) -> "pd.Series[Any]":
    found: list[str | None] = []
    for row, cell in column.items():
        text = None if pd.isna(cell) or not str(cell).strip() else str(cell)
        try:
            found.append(None if text is None else read(text))
        except GeodataError as error:
            found.append(None)
            faults += [Fault(str(each), row, name) for each in error.faults]
    return pd.Series(found, index=column.index, dtype=object)


def _crew(text: str) -> str | None:
    # a crew that looks like another one would be another one
    seen = "".join(one for one in text if unicodedata.category(one) != "Cf").strip()
    return seen or None


def _level(text: str) -> str:
    word = _LEVELS.get(text.strip().removesuffix("站"), text.strip().removesuffix(".0").lower())
    if not _LEVEL.fullmatch(word):
        raise GeodataError("a level has up to 20 small letters, digits and _")
    return word


def _hours(text: str) -> str | None:
    found = hours.parse(text)
    return None if found is None else json.dumps(found)


def shelters(frame: gpd.GeoDataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Give `source_key`, `capacity` and `accessible` of those facilities that are shelters."""
    held = pd.to_numeric(frame["capacity"], errors="coerce") if "capacity" in frame else None
    if held is None:
        return pd.DataFrame(columns=["source_key", "capacity", "accessible"])
    faults = [
        Fault("not a number", row, "capacity")
        for row in frame.index[held.isna() & frame["capacity"].notna()]
    ]
    said = frame["accessible"] if "accessible" in frame else pd.Series(None, index=frame.index)
    accessible = values(said, "accessible", faults)
    if faults:
        raise GeodataError(faults)
    chosen = (rows["kind"] == "shelter") & held.notna()
    return pd.DataFrame(
        {
            "source_key": rows.loc[chosen, "source_key"],
            "capacity": held[chosen].round().astype("int64"),
            "accessible": accessible[chosen].astype(bool),
        }
    )
