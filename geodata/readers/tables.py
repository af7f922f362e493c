"""Rosters in xlsx and csv into frames: headings understood, every bad cell named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import WGS84, to_wgs84
from geodata.errors import Fault, GeodataError
from geodata.readers import headings, sheets_csv, sheets_xlsx, sizes
from geodata.readers.cells import Cell, CellError, Unusable, reader
from geodata.readers.headings import Columns
from geodata.readers.roster_fields import AREAS, BUILDINGS, FACILITIES, HOUSEHOLDS
from geodata.readers.schemas import Field, Schema

__all__ = ["AREAS", "BUILDINGS", "FACILITIES", "HOUSEHOLDS", "Field", "Schema", "located", "read"]

MAX_BYTES = 100 * 1024**2
MOST_FAULTS = 5_000
_HEADING_ROWS = 12  # titles and remarks stand above the headings, never this many

_UNREADABLE = object()  # stands for a bad cell, so that it is not also called empty

Row = tuple[int, list[Cell]]


@dataclass(frozen=True)
class _Table:
    """Rows of one sheet below its headings."""

    columns: Columns
    width: int
    rows: Sequence[Row]
    merged: Sequence[sheets_xlsx.Block] = ()


def read(
    path: str | Path,
    schema: Schema,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> pd.DataFrame:
    """Read a table.

    Parameters
    ----------
    path
        An xlsx workbook or a csv file, told apart by content. csv in UTF-8 or GB18030.
    schema
        What it must hold: `HOUSEHOLDS`, `FACILITIES`, `AREAS`, `BUILDINGS` or one's own.
    mapping
        Heading -> field name where the headings are not understood by themselves.
    sheet
        Name of the worksheet; otherwise the first visible one with headings that are understood.

    Returns
    -------
    DataFrame
        One column per field of the schema, in its order; absent columns and empty cells are
        missing (NaN, <NA>, an empty tuple for several choices). Index ``line``: the row's own
        number in the file. ``attrs``: ``headings`` (field -> heading), ``ignored`` (headings not
        asked for).

    Raises
    ------
    GeodataError
        Everything wrong with the file, together: row is the file's own line number, column the
        heading as written.
    """
    path = Path(path)
    table = _table(sizes.readable(path, MAX_BYTES), schema, dict(mapping or {}), sheet)
    faults = _merged_faults(table)
    values = {one.name: _column(one, table, faults) for one in schema.fields}
    lines = pd.Index([line for line, _ in table.rows], name="line", dtype="int64")
    if not len(lines) and not faults:
        faults.append(Fault(f"{path.name}: no row below the headings"))
    faults += _wide_rows(table)
    faults += _row_faults(values, lines, schema, table.columns)
    if faults:
        raise GeodataError(_listed(faults))
    frame = pd.DataFrame(
        {one.name: _series(values[one.name], one, lines) for one in schema.fields}, index=lines
    )
    frame.attrs = {"headings": dict(table.columns.headings), "ignored": table.columns.ignored}
    return frame


def located(frame: pd.DataFrame, declared: object = "wgs84") -> gpd.GeoDataFrame:
    """Place the rows of a table by their coordinates, in EPSG:4326.

    Parameters
    ----------
    frame
        As returned by `read`, with lon and lat (degrees) or easting and northing (metres).
    declared
        What the coordinates are, as in `geodata.crs.to_wgs84`.

    Returns
    -------
    GeoDataFrame
        The frame with Point geometry; None where a row has no coordinates. Index kept.

    Raises
    ------
    GeodataError
        If coordinates cannot be what is declared; rows are the file's own line numbers.
    """
    x, y = (
        frame[degrees].fillna(frame[metres]).to_numpy(dtype=np.float64)
        for degrees, metres in (("lon", "easting"), ("lat", "northing"))
    )
    points = np.full(len(frame), None, dtype=object)
    known = ~(np.isnan(x) | np.isnan(y))
    points[known] = shapely.points(x[known], y[known])
    placed = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, index=frame.index))
    return to_wgs84(placed, declared) if known.any() else placed.set_crs(WGS84)


def _listed(faults: list[Fault]) -> list[Fault]:
    """Give the faults by line; past some thousands only their number."""
    faults = sorted(faults, key=lambda fault: fault.row if isinstance(fault.row, int) else 0)
    if len(faults) > MOST_FAULTS:
        more = Fault(f"{len(faults) - MOST_FAULTS:,} further faults are not listed")
        return [*faults[:MOST_FAULTS], more]
    return faults


def _table(path: Path, schema: Schema, mapping: dict[str, str], sheet: str | None) -> _Table:
    """Find the headings and what stands below them."""
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise GeodataError(
            f"{path.name}: an old Excel (.xls) or an encrypted workbook: save it as .xlsx or .csv"
        )
    if not head.startswith(b"PK"):
        return _below_headings(list(_filled(sheets_csv.rows(path))), schema, mapping, [])
    best: tuple[int, sheets_xlsx.Sheet] | None = None
    for one in sheets_xlsx.sheets(path):
        if sheet is not None and one.name != sheet:
            continue
        fit = max(
            (headings.score(_texts(c), schema, mapping) for _, c in _top(one.rows)), default=0
        )
        if one.rows and (best is None or fit > best[0]):
            best = fit, one
        if sheet is not None or fit >= 2:
            break
    if best is None:
        what = f"no visible sheet {sheet!r}" if sheet else "no visible sheet with anything on it"
        raise GeodataError(f"{path.name}: {what}")
    return _below_headings(best[1].rows, schema, mapping, best[1].merged)


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    for line, cells in rows:
        if any(cell is not None and cell != "" and not str(cell).isspace() for cell in cells):
            yield line, cells


def _top(rows: Sequence[Row]) -> Sequence[Row]:
    return rows[:_HEADING_ROWS]


def _texts(cells: Sequence[Cell]) -> list[str]:
    return ["" if isinstance(cell, Unusable) or cell is None else str(cell) for cell in cells]


def _below_headings(
    rows: Sequence[Row],
    schema: Schema,
    mapping: dict[str, str],
    merged: Sequence[sheets_xlsx.Block],
) -> _Table:
    if not rows:
        raise GeodataError("the table is empty")
    scores = [headings.score(_texts(cells), schema, mapping) for _, cells in _top(rows)]
    first = scores.index(max(scores))
    line = rows[first][0]
    # headings of two lines are merged cells: what stands lower says more
    last = max([line, *(b for t, _, b, _ in merged if t <= line <= b)])
    block = [(n, cells) for n, cells in rows[first : first + _HEADING_ROWS] if n <= last]
    width = max(len(cells) for _, cells in block)
    names = [
        next((t[i] for _, c in reversed(block) if len(t := _texts(c)) > i and t[i].strip()), "")
        for i in range(width)
    ]
    columns = headings.find(names, schema, mapping)
    return _Table(columns, width, rows[first + len(block) :], [m for m in merged if m[2] > last])


def _merged_faults(table: _Table) -> list[Fault]:
    names = {place: table.columns.headings[f] for f, place in table.columns.places.items()}
    ends = table.rows[-1][0] if table.rows else 0
    return [
        Fault(
            f"rows {top} to {bottom} are merged here: give every row its own value", top, names[c]
        )
        for top, left, bottom, right in table.merged
        for c in range(left, right + 1)
        if c in names and top <= ends
    ]


def _column(one: Field, table: _Table, faults: list[Fault]) -> list[Any]:
    """Read one column; faults are added to *faults*."""
    place = table.columns.places.get(one.name)
    if place is None:
        return [() if one.many else None] * len(table.rows)
    heading, get = table.columns.headings[one.name], reader(one)
    values: list[Any] = []
    for line, cells in table.rows:
        value: Any = None
        try:
            value = get(cells[place]) if place < len(cells) else None
            if value is None and one.required:
                faults.append(Fault("the cell is empty", line, heading))
        except CellError as error:
            faults.append(Fault(str(error), line, heading))
            value = _UNREADABLE
        values.append(() if value is None and one.many else value)
    if one.unique:
        faults += _repeated(values, table, heading)
    return values


def _repeated(values: Sequence[Any], table: _Table, heading: str) -> list[Fault]:
    first: dict[Any, int] = {}
    faults = []
    for (line, _), value in zip(table.rows, values, strict=True):
        if value not in (None, _UNREADABLE) and first.setdefault(value, line) != line:
            faults.append(Fault(f"the same value stands in row {first[value]}", line, heading))
    return faults


def _wide_rows(table: _Table) -> list[Fault]:
    """Name rows with more cells than headings: a stray separator has shifted them."""
    return [
        Fault(f"{len(cells)} cells, but only {table.width} columns have headings", line)
        for line, cells in table.rows
        if len(cells) > table.width and any(str(c or "").strip() for c in cells[table.width :])
    ]


def _row_faults(
    values: Mapping[str, list[Any]], lines: pd.Index, schema: Schema, columns: Columns
) -> list[Fault]:
    """Check what must be filled in one row together."""
    faults = []
    filled = {name: np.array([v is not None for v in column]) for name, column in values.items()}
    if schema.either and len(lines):
        groups = [np.all([filled[name] for name in group], axis=0) for group in schema.either]
        ways = " or ".join(" + ".join(group) for group in schema.either)
        nowhere = ~np.any(groups, axis=0)
        faults += [Fault(f"no place is given: {ways}", int(n)) for n in lines[nowhere]]
    for group in schema.together:
        some = np.any([filled[name] for name in group], axis=0)
        whole = np.all([filled[name] for name in group], axis=0)
        heading = columns.headings.get(group[0])
        faults += [
            Fault(f"{' and '.join(group)} belong together, one is missing", int(n), heading)
            for n in lines[some & ~whole]
        ]
    return faults


_DTYPES = {"text": "str", "float": "float64", "bool": "boolean", "choice": "str"}


def _series(values: list[Any], one: Field, lines: pd.Index) -> pd.Series:
    if one.many:
        return pd.Series(values, index=lines, dtype=object)
    if one.kind == "int":
        return pd.Series(values, index=lines, dtype="int64" if one.required else "Int64")
    if one.kind == "date":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)).to_numpy(), index=lines)
    return pd.Series(values, index=lines, dtype=_DTYPES[one.kind])
