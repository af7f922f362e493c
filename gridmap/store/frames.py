"""Rows with geometry to frames, and frames into tables: WKB, COPY, no pandas SQL layer."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from psycopg2 import sql
from psycopg2.extensions import get_wait_callback
from psycopg2.extras import execute_values

from gridmap.store.database import Transaction

CRS = "EPSG:4326"
_PAGE = 500  # rows of one statement where there is no COPY


def read(tx: Transaction, query: str, *, index: str = "id", **values: object) -> gpd.GeoDataFrame:
    """Run a query whose column `geom` is a geometry and give a frame.

    Parameters
    ----------
    query
        SELECT with `ST_AsBinary(geom) AS geom` among its columns.
    index
        Column that becomes the index.

    Returns
    -------
    GeoDataFrame
        Geometry column `geometry` in EPSG:4326, the other columns as selected.
    """
    table = read_table(tx, query, **values)
    blobs = table.pop("geom")
    geometry = shapely.from_wkb([None if blob is None else bytes(blob) for blob in blobs])
    frame = gpd.GeoDataFrame(table, geometry=np.asarray(geometry, dtype=object), crs=CRS)
    return frame.set_index(index)


def read_table(tx: Transaction, query: str, **values: object) -> pd.DataFrame:
    """Run a query and give a plain frame with the columns as selected, even when empty."""
    from sqlalchemy import text

    result = tx.connection.execute(text(query), values)
    columns = list(result.keys())
    # plain tuples in one go: a row object for each of a hundred thousand buildings takes longer
    # than asking for them
    rows = [] if result.cursor is None else result.cursor.fetchall()
    result.close()
    return pd.DataFrame.from_records(rows, columns=columns)


def insert(
    tx: Transaction,
    table: str,
    frame: pd.DataFrame,
    *,
    on_conflict: str = "",
) -> int:
    """Copy a frame into a table and give the number of rows that went in.

    COPY itself is refused under row-level security, so the rows go to a table of this
    transaction first and from there by INSERT, where every policy and CHECK applies.

    Parameters
    ----------
    table
        Name of one of our tables.
    frame
        Columns named as in the table; geometries as shapely objects; NA is NULL.
    on_conflict
        `ON CONFLICT ...` clause, for imports that may be repeated.
    """
    if frame.empty:
        return 0
    staging = f"incoming_{table}"
    stage(tx, table, staging, frame)
    columns = [str(name) for name in frame.columns]
    with tx.cursor_connection.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} {}").format(
                sql.Identifier(table),
                names,
                names,
                sql.Identifier(staging),
                sql.SQL(on_conflict),
            )
        )
        inserted = cursor.rowcount
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(staging)))
    return int(inserted)


def stage(tx: Transaction, table: str, staging: str, frame: pd.DataFrame) -> None:
    """Copy a frame into a new temporary table with the column types of `table`."""
    connection = tx.cursor_connection
    names = sql.SQL(", ").join(sql.Identifier(str(name)) for name in frame.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA"
            ).format(sql.Identifier(staging), names, sql.Identifier(table))
        )
        if get_wait_callback() is not None:
            # a driver that gives way to other greenlets, as in the web server, knows no COPY
            rows = [[None if value == "\\N" else value for value in row] for row in _rows(frame)]
            into = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(sql.Identifier(staging), names)
            execute_values(cursor, into.as_string(connection), rows, page_size=_PAGE)
            return
        cursor.copy_expert(
            sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, NULL '\\N')")
            .format(sql.Identifier(staging), names)
            .as_string(connection),
            _csv(frame),
        )


def _rows(frame: pd.DataFrame) -> Iterator[list[str]]:
    return csv.reader(_csv(frame))


def _csv(frame: pd.DataFrame) -> io.StringIO:
    plain = pd.DataFrame(index=frame.index)
    for name in frame.columns:
        plain[name] = _plain(frame[name])
    buffer = io.StringIO()
    plain.to_csv(buffer, header=False, index=False, na_rep="\\N")
    buffer.seek(0)
    return buffer


def _plain(values: "pd.Series[Any]") -> Any:
    if isinstance(values.dtype, gpd.array.GeometryDtype) or _holds_shapes(values):
        shapes = np.asarray(values, dtype=object)
        return np.asarray(
            [
                None
                if shape is None
                else shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True)
                for shape in shapes
            ],
            dtype=object,
        )
    if values.dtype == bool:
        return values.map({True: "t", False: "f"})
    return values


def _holds_shapes(values: "pd.Series[Any]") -> bool:
    if values.dtype != object:
        return False
    known = values.dropna()
    return len(known) > 0 and isinstance(known.iloc[0], shapely.Geometry)
