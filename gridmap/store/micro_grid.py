"""Micro-grids: the parts of a comprehensive grid, ended with the version they divide."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from gridmap.store import frames
from gridmap.store.database import Transaction
from gridmap.store.days import TODAY


def divisible(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the comprehensive grids in force of an area, or the one of 15 digits, by id.

    Columns `code`, `area_code`, `households`.
    """
    return frames.read(
        tx,
        "SELECT id, code, area_code, households, ST_AsBinary(geom) AS geom FROM grid"
        " WHERE valid_to IS NULL AND kind = 'comprehensive' AND starts_with(code, :code)"
        " ORDER BY code",
        code=area_code,
    )


def hold(tx: Transaction, grids: Sequence[int]) -> set[int]:
    """Keep grids in force until this transaction ends; give those that still are."""
    rows = tx.all(
        "SELECT id FROM grid WHERE id = ANY(:grids) AND valid_to IS NULL ORDER BY id FOR UPDATE",
        grids=list(grids),
    )
    return {int(row["id"]) for row in rows}


def in_force(tx: Transaction, grids: Sequence[int]) -> gpd.GeoDataFrame:
    """Give the micro-grids in force of some grids, by id: `grid_id`, `number`, `head`."""
    return frames.read(
        tx,
        "SELECT id, grid_id, number, head, ST_AsBinary(geom) AS geom FROM micro_grid"
        " WHERE grid_id = ANY(:grids) AND valid_to IS NULL ORDER BY grid_id, number",
        grids=list(grids),
    )


def end(tx: Transaction, grids: Sequence[int]) -> None:
    """End the micro-grids of some grids; those that began today were never shown a day before."""
    tx.execute(
        "DELETE FROM micro_grid WHERE grid_id = ANY(:grids) AND valid_to IS NULL"
        f" AND valid_from >= {TODAY}",
        grids=list(grids),
    )
    tx.execute(
        f"UPDATE micro_grid SET valid_to = {TODAY} WHERE grid_id = ANY(:grids)"
        " AND valid_to IS NULL",
        grids=list(grids),
    )


def begin(tx: Transaction, parts: gpd.GeoDataFrame) -> int:
    """Bring micro-grids into force today.

    Columns `area_code, number, grid_id, households, people, head, measures, geom, label_point`.
    """
    day = tx.value(f"SELECT {TODAY}")
    return frames.insert(tx, "micro_grid", parts.assign(valid_from=day))


def count_anew(tx: Transaction, ids: Sequence[int], figures: pd.DataFrame) -> None:
    """Store new figures of micro-grids whose ground stays: `households, people, measures`."""
    tx.execute(
        "UPDATE micro_grid AS m SET households = n.households, people = n.people,"
        " measures = n.measures FROM unnest(CAST(:ids AS bigint[]), CAST(:households AS int[]),"
        "  CAST(:people AS int[]), CAST(:measures AS jsonb[]))"
        "  AS n(id, households, people, measures)"
        " WHERE m.id = n.id AND (m.households, m.people, m.measures)"
        "  IS DISTINCT FROM (n.households, n.people, n.measures)",
        ids=list(ids),
        households=figures["households"].tolist(),
        people=figures["people"].tolist(),
        measures=figures["measures"].tolist(),
    )


def put_head(tx: Transaction, grid_code: str, number: int, head: str | None) -> bool:
    """Name who speaks for a micro-grid in force, or nobody; False when there is no such one."""
    return bool(
        tx.execute(
            "UPDATE micro_grid SET head = :head WHERE area_code = :code AND number = :number"
            " AND valid_to IS NULL",
            head=head,
            code=grid_code,
            number=number,
        )
    )
