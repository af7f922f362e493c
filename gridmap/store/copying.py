"""Many rows at once as PostgreSQL's binary COPY, in and out of arrays.

For workers only: a driver that gives way to other greenlets, as in the web server, knows no COPY.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg2 import sql

from gridmap.store.database import Transaction

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEADER = _SIGNATURE + bytes(8)
_TRAILER = b"\xff\xff"

# numpy's name of what PostgreSQL sends for a type of fixed width
_SENT = {"int8": ">i8", "int4": ">i4", "int2": ">i2", "float8": ">f8", "float4": ">f4", "bool": "?"}
_NUMBERS = {
    "int8": Struct(">q"),
    "int4": Struct(">i"),
    "int2": Struct(">h"),
    "float8": Struct(">d"),
    "float4": Struct(">f"),
    "bool": Struct("?"),
}
_ARRAY = Struct(">6i")  # length of the field, dimensions, NULLs, type, elements, first index
_OIDS = {"bool": 16, "int8": 20, "int2": 21, "int4": 23, "float4": 700, "float8": 701}


class NotFixed(Exception):  # noqa: N818 - what a query has turned out to be
    """A query gave NULL or a type of another width where numbers were expected."""


def out(
    tx: Transaction, query: str, fields: Mapping[str, str], **values: object
) -> dict[str, NDArray[Any]]:
    """Run a query whose columns are all numbers or truth values and never NULL.

    A tenth of the time of fetching rows: no object is made of any of them.

    Parameters
    ----------
    query
        SELECT with placeholders such as `%(code)s`; its columns in the order of `fields`.
    fields
        Name of each column: its type (`int8`, `int4`, `int2`, `float8`, `float4`, `bool`).

    Raises
    ------
    NotFixed
        Where a value is NULL or of another type.
    """
    buffer = io.BytesIO()
    with tx.cursor_connection.cursor() as cursor:
        inner = cursor.mogrify(query, values).decode()
        cursor.copy_expert(f"COPY ({inner}) TO STDOUT (FORMAT binary)", buffer)
    content = buffer.getbuffer()
    extension = int.from_bytes(content[15:19], "big")
    start, end = 19 + extension, len(content) - len(_TRAILER)
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in fields.items():
        layout += [(f"length {name}", ">i4"), (name, _SENT[kind])]
    record = np.dtype(layout)
    if (end - start) % record.itemsize:
        raise NotFixed(f"rows are not {record.itemsize} bytes each")
    count = (end - start) // record.itemsize
    rows = np.frombuffer(content, dtype=record, offset=start, count=count)
    found = {}
    for name, kind in fields.items():
        if not (rows[f"length {name}"] == np.dtype(_SENT[kind]).itemsize).all():
            raise NotFixed(f"column {name} is not always {kind}")
        found[name] = rows[name].astype(np.dtype(_SENT[kind]).newbyteorder("="))
    return found


def elements(values: NDArray[Any], kind: str) -> memoryview:
    """Give the elements of arrays of this type as they are sent, one after the other."""
    sent = np.empty(len(values), dtype=[("length", ">i4"), ("value", _SENT[kind])])
    sent["length"] = sent.dtype["value"].itemsize
    sent["value"] = values
    return sent.view(np.uint8).data


def width(kind: str) -> int:
    """Give how many bytes `elements` makes of one value."""
    return 4 + np.dtype(_SENT[kind]).itemsize


def heads(kind: str, counts: NDArray[np.int64]) -> list[bytes]:
    """Give what stands before the elements of each of some arrays in a field of a row."""
    sent = np.empty((len(counts), _ARRAY.size // 4), dtype=">i4")
    sent[:, 0] = _ARRAY.size - 4 + counts * width(kind)
    sent[:, 1:] = (1, 0, _OIDS[kind], 0, 1)
    sent[:, 4] = counts
    return _cut(sent.tobytes(), _ARRAY.size)


def _cut(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def field(content: "bytes | None") -> bytes:
    """Give a value as a field of a row; None is NULL."""
    if content is None:
        return b"\xff\xff\xff\xff"
    return len(content).to_bytes(4, "big") + content


def numbers(columns: Sequence[tuple[Sequence[Any], str]]) -> list[bytes]:
    """Give the fields of some columns of numbers, put together row by row; None is NULL.

    Parameters
    ----------
    columns
        The values of every row, and their type.
    """
    found: list[list[bytes]] = []
    whole: list[tuple[Sequence[Any], str]] = []
    for values, kind in columns:
        if None in values:
            # the field of a NULL is shorter: such columns are cut value by value
            found += [_together(whole)] if whole else []
            whole = []
            found.append([_number(value, kind) for value in values])
        else:
            whole.append((values, kind))
    found += [_together(whole)] if whole else []
    return [b"".join(row) for row in zip(*found, strict=True)]


def _together(columns: Sequence[tuple[Sequence[Any], str]]) -> list[bytes]:
    """Give the fields of columns without NULL, put together row by row."""
    layout: list[tuple[str, str]] = []
    for at, (_, kind) in enumerate(columns):
        layout += [(f"length {at}", ">i4"), (f"value {at}", _SENT[kind])]
    sent = np.empty(len(columns[0][0]), dtype=layout)
    for at, (values, kind) in enumerate(columns):
        sent[f"length {at}"] = np.dtype(_SENT[kind]).itemsize
        sent[f"value {at}"] = values
    return _cut(sent.tobytes(), sent.dtype.itemsize)


def _number(value: "int | float | None", kind: str) -> bytes:
    return field(None if value is None else _NUMBERS[kind].pack(value))


class _Rows(io.RawIOBase):
    """Rows as a file that COPY reads; no two of them are in memory for it."""

    def __init__(self, rows: Iterable[bytes], columns: int) -> None:
        super().__init__()
        count = columns.to_bytes(2, "big")
        self._parts = chain((_HEADER,), (count + row for row in rows), (_TRAILER,))

    def read(self, size: int = -1) -> bytes:
        """Give the next row, however long it is: the driver takes what it is given."""
        del size
        return next(self._parts, b"")


def stage(
    tx: Transaction, table: str, staging: str, columns: Sequence[str], rows: Iterable[bytes]
) -> None:
    """Copy rows into a new temporary table with some columns of `table`.

    COPY into a table itself is refused under row-level security.

    Parameters
    ----------
    rows
        The fields of each row, as `field`, `numbers`, `heads` and `elements` make them, in the
        order of `columns`.
    """
    connection = tx.cursor_connection
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor() as cursor:
        # as the table stores them: arrays of numbers are not worth compressing
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {} INCLUDING STORAGE) ON COMMIT DROP").format(
                sql.Identifier(staging), sql.Identifier(table)
            )
        )
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped",
            (f"pg_temp.{staging}",),
        )
        for (name,) in cursor.fetchall():
            if name not in columns:
                cursor.execute(
                    sql.SQL("ALTER TABLE pg_temp.{} DROP COLUMN {}").format(
                        sql.Identifier(staging), sql.Identifier(name)
                    )
                )
        cursor.copy_expert(
            sql.SQL("COPY pg_temp.{} ({}) FROM STDIN (FORMAT binary)")
            .format(sql.Identifier(staging), names)
            .as_string(connection),
            _Rows(rows, len(columns)),
        )
