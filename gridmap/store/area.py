"""Counties, townships and communities."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd

from gridmap.model.problem import not_found
from gridmap.store import frames
from gridmap.store.database import Row, Transaction


def read(tx: Transaction, code: str) -> Row:
    """Give one area.

    Raises
    ------
    Problem
        404 if there is none with this code in scope.
    """
    row = tx.maybe(
        "SELECT code, level, parent_code, name_zh, name_en FROM area WHERE code = :code", code=code
    )
    if row is None:
        raise not_found(f"area {code}")
    return row


def communities(tx: Transaction, code: str) -> gpd.GeoDataFrame:
    """Give the communities of an area as a frame by code, with `name_zh`, `name_en`.

    One that is asked for by its own code may have ended, or be only the plan of a merger.
    """
    return frames.read(
        tx,
        "SELECT code, name_zh, name_en, ST_AsBinary(geom) AS geom FROM area"
        " WHERE level = 'community' AND starts_with(code, :code)"
        " AND (valid_to IS NULL OR code = :code)"
        " UNION ALL SELECT m.code, m.name_zh, NULL, (SELECT ST_AsBinary(ST_Multi(ST_Union(a.geom)))"
        "  FROM area AS a WHERE a.code = ANY(m.communities)) FROM merged_community AS m"
        "  WHERE m.code = :code AND NOT EXISTS (SELECT 1 FROM area AS a WHERE a.code = m.code)"
        " ORDER BY code",
        index="code",
        code=code,
    )


def outlines(tx: Transaction, codes: Sequence[str]) -> dict[str, Any]:
    """Give the outlines of some communities by code, of ended and merely planned ones too."""
    held = frames.read(
        tx,
        "SELECT code, ST_AsBinary(geom) AS geom FROM area"
        " WHERE level = 'community' AND code = ANY(:codes)",
        index="code",
        codes=list(codes),
    )
    found: dict[str, Any] = held.geometry.to_dict()
    for code in codes:
        if code not in found:  # only the plan of a merger
            found[code] = communities(tx, code).geometry.iloc[0]
    return found


def smallest_around(tx: Transaction, wkb: bytes) -> str | None:
    """Give the code of the smallest area that covers a geometry, else of one it meets, else None.

    A hazard across two townships belongs to their county.
    """
    found = tx.value(
        "SELECT code FROM area WHERE valid_to IS NULL AND geom && ST_GeomFromWKB(:wkb, 4326)"
        " AND ST_Covers(geom, ST_GeomFromWKB(:wkb, 4326)) ORDER BY length(code) DESC, code LIMIT 1",
        wkb=wkb,
    )
    if found is None:
        found = tx.value(
            "SELECT code FROM area WHERE level = 'county' AND geom && ST_GeomFromWKB(:wkb, 4326)"
            " AND ST_Intersects(geom, ST_GeomFromWKB(:wkb, 4326)) ORDER BY code LIMIT 1",
            wkb=wkb,
        )
    return None if found is None else str(found)


def counties(tx: Transaction) -> list[str]:
    """Give the codes of the counties in scope, in order."""
    return [
        row["code"] for row in tx.all("SELECT code FROM area WHERE level = 'county' ORDER BY 1")
    ]


def existing(tx: Transaction, codes: list[str]) -> set[str]:
    """Give those of the codes that are areas."""
    rows = tx.all("SELECT code FROM area WHERE code = ANY(:codes)", codes=codes)
    return {row["code"] for row in rows}


def is_place(tx: Transaction, code: str) -> bool:
    """Tell whether a code is that of an area or of a grid in force."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM area WHERE code = :code AND valid_to IS NULL) OR EXISTS"
            " (SELECT 1 FROM grid WHERE code = :code AND valid_to IS NULL)",
            code=code,
        )
    )


def box(tx: Transaction, code: str) -> tuple[float, float, float, float]:
    """Give west, south, east and north of an area in degrees."""
    row = tx.one(
        "SELECT ST_XMin(geom) AS west, ST_YMin(geom) AS south, ST_XMax(geom) AS east,"
        " ST_YMax(geom) AS north FROM area WHERE code = :code",
        code=code,
    )
    return row["west"], row["south"], row["east"], row["north"]
