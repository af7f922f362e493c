"""Rows of a file into a table: what is new goes in, what differs is changed, the rest is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import psycopg2.extensions
from psycopg2 import sql

from gridmap.store import frames
from gridmap.store.database import Transaction

_REVISED = ", revision = t.revision + 1, changed_at = now(), changed_by = NULL"


@dataclass(frozen=True)
class Counts:
    """What an import did to a table."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def upsert(
    tx: Transaction,
    table: str,
    rows: pd.DataFrame,
    *,
    key: Sequence[str] = ("area_code", "source_key"),
    county_key: bool = False,
    edited: bool = False,
) -> Counts:
    """Bring rows in by their key; the same rows twice change nothing, not even a version.

    Parameters
    ----------
    table
        One of our tables.
    rows
        Columns named as in the table; geometries as shapely objects.
    key
        Columns that say which stored row is meant.
    county_key
        True where only the county of `area_code` counts: a household keeps its identity when a
        border moves.
    edited
        True for a table that people edit as well: a row that changes gets its next revision, so
        that nobody's edit undoes this unseen, and nobody is named as who changed it.
    """
    if rows.empty:
        return Counts()
    staging = f"imported_{table}"
    frames.stage(tx, table, staging, rows)
    columns = [str(name) for name in rows.columns]
    same = _same(key, county_key)
    values = [name for name in columns if name not in key]
    with tx.cursor_connection.cursor() as cursor:
        names = {"table": sql.Identifier(table), "staging": sql.Identifier(staging)}
        cursor.execute(
            sql.SQL(
                "SELECT count(*) FROM {staging} AS s WHERE NOT EXISTS"
                " (SELECT 1 FROM {table} AS t WHERE {same})"
            ).format(same=same, **names)
        )
        fresh = _number(cursor)
        differs = sql.SQL("({}) IS DISTINCT FROM ({})").format(
            _list("t", values), _list("s", values)
        )
        updated = _update(cursor, names, same, values, differs, edited) if values else 0
        if fresh:
            cursor.execute(
                sql.SQL(
                    "INSERT INTO {table} ({columns}) SELECT {columns} FROM {staging} AS s"
                    " WHERE NOT EXISTS (SELECT 1 FROM {table} AS t WHERE {same})"
                ).format(
                    columns=sql.SQL(", ").join(map(sql.Identifier, columns)), same=same, **names
                )
            )
        cursor.execute(sql.SQL("DROP TABLE {staging}").format(**names))
    return Counts(fresh, updated, len(rows) - fresh - updated)


def _number(cursor: psycopg2.extensions.cursor) -> int:
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _update(
    cursor: psycopg2.extensions.cursor,
    names: Mapping[str, sql.Composable],
    same: sql.Composable,
    values: Sequence[str],
    differs: sql.Composable,
    edited: bool,
) -> int:
    cursor.execute(
        sql.SQL(
            "SELECT count(*) FROM {table} AS t JOIN {staging} AS s ON {same} WHERE {differs}"
        ).format(same=same, differs=differs, **names)
    )
    changed = _number(cursor)
    # an UPDATE of no row would still bump the layer's version and call every result stale
    if changed:
        cursor.execute(
            sql.SQL(
                "UPDATE {table} AS t SET {sets}{more} FROM {staging} AS s"
                " WHERE {same} AND {differs}"
            ).format(
                more=sql.SQL(_REVISED if edited else ""),
                sets=sql.SQL(", ").join(
                    sql.SQL("{} = s.{}").format(sql.Identifier(v), sql.Identifier(v))
                    for v in values
                ),
                same=same,
                differs=differs,
                **names,
            )
        )
    return changed


def _same(key: Sequence[str], county_key: bool) -> sql.Composed:
    parts: list[sql.Composable] = []
    for name in key:
        if county_key and name == "area_code":
            parts.append(sql.SQL("left(t.area_code, 6) = left(s.area_code, 6)"))
        else:
            parts.append(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)))
    return sql.SQL(" AND ").join(parts)


def _list(alias: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(name)) for name in names
    )
