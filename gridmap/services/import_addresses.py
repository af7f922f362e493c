"""Addresses of a roster: one standard form each, which is also a household's identity."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import addresses

_PARTS = ("estate", "building", "unit", "room")


def household_addresses(roster: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give `address` as written, `unit`, `room`, and `key`, its standard form.

    Parts in columns of their own win over what the written address says. Households that share
    an address are told apart by the householder's name, and only they, so that a corrected name
    does not make a new household elsewhere. A row with nothing but coordinates is named by them.
    """
    rows = [_one(row) for row in roster.to_dict("records")]
    made = pd.DataFrame(rows, index=roster.index, columns=["address", "unit", "room", "key"])
    shared = made["key"].duplicated(keep=False)
    made["key"] = made["key"].mask(shared, made["key"] + "/" + roster["name"].fillna(""))
    return made


def _one(row: dict[str, Any]) -> tuple[str, str | None, str | None, str]:
    written = _text(row.get("address"))
    parsed = addresses.parse(written) if written else addresses.Address()
    told = {part: _text(row.get(part)) for part in _PARTS}
    whole = replace(parsed, **{part: text for part, text in told.items() if text})
    key = addresses.standardise(whole)
    if not written and not key:
        written = f"{row['geometry'].x:.6f}, {row['geometry'].y:.6f}"
    return written or key, whole.unit, whole.room, key or written


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()


def building_keys(buildings: gpd.GeoDataFrame) -> "pd.Series[Any]":
    """Give the standard address of each building, missing where it has none."""
    keys = []
    for row in buildings.drop(columns=buildings.geometry.name).to_dict("records"):
        written = _text(row.get("address")) or " ".join(
            filter(None, (_text(row.get("addr_housenumber")), _text(row.get("addr_street"))))
        )
        parsed = addresses.parse(written) if written else addresses.Address()
        parts = {part: _text(row.get(part)) for part in ("estate", "building")}
        whole = replace(parsed, **{part: text for part, text in parts.items() if text})
        keys.append(addresses.standardise(whole) or None)
    return pd.Series(keys, index=buildings.index, dtype=object)
