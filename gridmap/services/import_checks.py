"""What a file has to be before it comes near a table: its columns, its values, its place.

The tables hold the same limits as CHECK constraints; here they name the row and the column.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.errors import Fault, GeodataError
from geodata.shapes import WORLD
from gridmap.store import merged_community
from gridmap.store.database import Transaction

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Limits:
    """What the columns of a table take.

    Attributes
    ----------
    words
        Columns that must be there as 2 to 40 small letters or underscores.
    names
        Columns that must be there as text, with the most characters.
    texts
        The same for columns that may be empty.
    numbers
        Least and most of columns that may be empty.
    """

    words: Collection[str] = ()
    names: Mapping[str, int] = field(default_factory=dict)
    texts: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, tuple[float, float]] = field(default_factory=dict)


ROADS = Limits(
    words=("highway",),
    texts={"name": 200},
    numbers={
        "maxspeed_kmh": (1, 200),
        "layer": (-20, 20),
        "maxheight_m": (0.1, 99),
        "maxweight_t": (0.1, 999),
        "maxwidth_m": (0.1, 99),
    },
)
AREAS = Limits(names={"name": 80}, texts={"name_en": 200})
BUILDINGS = Limits(
    texts={"estate": 200, "building": 80, "address": 200, "name": 200},
    numbers={"levels": (0, 200), "units": (0, 1000)},
)
FACILITIES = Limits(
    words=("kind",),
    texts={"name": 200, "address": 200, "crew": 80, "level": 20, "hours": 400},
    numbers={"capacity": (0, 1_000_000)},
)
HAZARDS = Limits(words=("kind",), names={"name": 200})

# Fields that a column of a vector file may be mapped to, beside the one that names a row.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "roads": (*ROADS.words, *ROADS.texts, *ROADS.numbers, "oneway", "bridge", "tunnel"),
    "areas": ("code", *AREAS.names, *AREAS.texts),
    "buildings": (
        *BUILDINGS.texts,
        *BUILDINGS.numbers,
        "addr_street",
        "addr_housenumber",
        "unsafe",
    ),
    "facilities": (*FACILITIES.words, *FACILITIES.texts, *FACILITIES.numbers, "accessible"),
    "hazards": (*HAZARDS.words, *HAZARDS.names, "severity"),
}

_TEXTS: Mapping[str, tuple[str, ...]] = {
    "roads": tuple(ROADS.texts),
    "areas": ("code", *AREAS.names, *AREAS.texts),
    "buildings": (*BUILDINGS.texts, "addr_street", "addr_housenumber"),
    "facilities": tuple(FACILITIES.texts),
    "hazards": tuple(HAZARDS.names),
}


def within(frame: pd.DataFrame, limits: Limits) -> None:
    """Refuse values that the table would not take.

    Raises
    ------
    GeodataError
        All of them, by row and column.
    """
    faults: list[Fault] = []
    for name in limits.words:
        wrong = ~frame[name].map(_is_word).astype(bool)
        faults += _each(frame, wrong, name, "2 to 40 small letters or underscores are needed")
    for name, most in limits.names.items():
        wrong = ~frame[name].map(lambda cell, most=most: _is_text(cell) and len(cell) <= most)
        faults += _each(frame, wrong, name, f"1 to {most} characters are needed")
    for name, most in limits.texts.items():
        if name in frame:
            wrong = frame[name].map(lambda cell, most=most: not pd.isna(cell) and len(cell) > most)
            faults += _each(frame, wrong, name, f"longer than {most} characters")
    for name, (low, high) in limits.numbers.items():
        if name in frame:
            numbers = pd.to_numeric(frame[name], errors="coerce")
            # zero is how some extracts write that nothing is known
            wrong = numbers.notna() & ~numbers.between(low, high) & (numbers != 0)
            faults += _each(frame, wrong, name, f"not a number from {low:,} to {high:,}")
    _raise(faults)


def _is_word(cell: Any) -> bool:
    return isinstance(cell, str) and re.fullmatch(r"[a-z_]{2,40}", cell) is not None


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _each(frame: pd.DataFrame, wrong: "pd.Series[bool]", column: str, message: str) -> list[Fault]:
    return [Fault(message, row, column) for row in frame.index[wrong.astype(bool)]]


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise GeodataError(faults)


def mapped(frame: gpd.GeoDataFrame, mapping: Mapping[str, str], kind: str) -> gpd.GeoDataFrame:
    """Name the columns of a vector file as a person says.

    Raises
    ------
    GeodataError
        If there is no such column or field, or two columns would be one field.
    """
    known = {*FIELDS[kind], "external_id"}
    faults = []
    for column, name in mapping.items():
        if column not in frame.columns or column == frame.geometry.name:
            there = ", ".join(str(c) for c in frame.columns if c != frame.geometry.name) or "none"
            faults.append(Fault(f"the file has no such column; it has {there}", column=column))
        elif name not in known:
            fields = ", ".join(sorted(known))
            faults.append(Fault(f"{name!r} is no field of {kind}: {fields}", column=column))
    _raise(faults)
    # the column a person names wins over one that happens to be called like the field
    beaten = [name for name in mapping.values() if name in frame.columns and name not in mapping]
    renamed = frame.drop(columns=beaten).rename(columns=dict(mapping))
    twice = renamed.columns[renamed.columns.duplicated()]
    _raise([Fault("two columns are mapped to this field", column=str(name)) for name in twice])
    for name in _TEXTS[kind]:
        if name in renamed:
            renamed[name] = renamed[name].astype(object).map(_written)
    return renamed


def _written(cell: Any) -> str | None:
    """Give a cell as the person wrote it: a house number 7 among empty cells is not 7.0."""
    if pd.isna(cell):
        return None
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def placed(shapes: gpd.GeoSeries, bounds: Bounds | None, county: Bounds) -> None:
    """Refuse a file that lies outside the bounds, or nowhere near its county.

    Parameters
    ----------
    shapes
        In EPSG:4326; what has no place yet is passed over.
    bounds
        What `GRIDMAP_BOUNDS` says; None for the whole world.
    county
        The box around the county. Streets may lead out of it, but not all of them.

    Raises
    ------
    GeodataError
        By row, or for the whole file.
    """
    there = shapes[shapes.notna()]
    if there.empty:
        return
    box = there.bounds
    west, south, east, north = county
    near = (box["maxx"] >= west) & (box["minx"] <= east)
    near &= (box["maxy"] >= south) & (box["miny"] <= north)
    if not near.any():
        raise GeodataError(
            "nothing of it lies in the county: is this the right file, and its coordinate"
            " system (--crs) the right one?"
        )
    west, south, east, north = bounds or WORLD
    outside = (
        (box["minx"] < west) | (box["miny"] < south) | (box["maxx"] > east) | (box["maxy"] > north)
    )
    _raise(
        [
            Fault(f"outside the bounds {west:g},{south:g},{east:g},{north:g}", row, "geometry")
            for row in there.index[outside]
        ]
    )


def none_ended(tx: Transaction, rows: pd.DataFrame) -> None:
    """Refuse areas that have become part of another: their codes do not come back.

    Raises
    ------
    GeodataError
        Naming the rows.
    """
    ended = merged_community.ended(tx, rows["code"].tolist())
    faults = [
        Fault(
            f"community {code} has become part of {ended[code]}: its code does not come back",
            row,
            "code",
        )
        for row, code in rows["code"].items()
        if code in ended
    ]
    if faults:
        raise GeodataError(faults)
