"""Many rows at once as PostgreSQL's binary COPY, in and out of arrays.

For workers only: a driver that gives way to other greenlets, as in the web server, knows no COPY.
"""

import io
from collections.abc import Mapping, Sequence
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


def array(kind: str, content: "memoryview | bytes", count: int) -> bytes:
    """Give an array of `count` elements as a field of a row."""
    head = b"".join(number.to_bytes(4, "big") for number in (1, 0, _OIDS[kind], count, 1))
    return field(head + bytes(content))


def field(content: "bytes | None") -> bytes:
    """Give a value as a field of a row; None is NULL."""
    if content is None:
        return b"\xff\xff\xff\xff"
    return len(content).to_bytes(4, "big") + content


def number(value: "int | float | None", kind: str) -> bytes:
    """Give a number as a field of a row; None is NULL."""
    return field(None if value is None else np.array(value, dtype=_SENT[kind]).tobytes())


def stage(
    tx: Transaction, table: str, staging: str, columns: Sequence[str], rows: Sequence[bytes]
) -> None:
    """Copy rows into a new temporary table with some columns of `table`.

    COPY into a table itself is refused under row-level security.

    Parameters
    ----------
    rows
        The fields of each row, as `field`, `number` and `array` make them, in the order of
        `columns`.
    """
    count = len(columns).to_bytes(2, "big")
    content = b"".join((_HEADER, *(count + row for row in rows), _TRAILER))
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
            io.BytesIO(content),
        )
