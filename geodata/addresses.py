"""Standard addresses: what is written becomes estate, building, unit and room, and a building."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.address_parts import Address, from_parts, parse, standardise

__all__ = ["Address", "from_parts", "match", "parse", "standardise"]

_PARTS = ("estate", "building", "unit", "room", "street", "housenumber")
_HIGHER = re.compile("(?:省|市|区|县|旗|镇|乡|街道|社区|村|路|街|大道|巷|号|办事处|居委会|组)$")


def match(households: pd.DataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Find the building of every household by its standard address.

    Parameters
    ----------
    households
        Columns ``address``, ``estate``, ``building``, ``unit``, ``room``, ``street``,
        ``housenumber``, all optional; parts win over the whole.
    buildings
        Polygons or Points, with columns ``estate`` and ``building``, ``addr_street`` and
        ``addr_housenumber``, ``address``, ``address_key`` (a standard address) or ``name``, all
        optional: a building goes by every address they give.

    Returns
    -------
    GeoDataFrame
        On the households' index, in the buildings' CRS: ``building`` (label of the building, or
        <NA>), ``how`` (``estate`` or ``street``), ``reason`` why there is none (``no_address``,
        ``not_understood``, ``unknown_estate``, ``unknown_street``, ``unknown_building``,
        ``ambiguous``), ``geometry``: the building's point, or a point on its surface; None where
        there is no building: such a household is to be placed by hand.

    Notes
    -----
    Only whole keys match: a household of an estate is never put at the estate's middle. Two
    buildings of one address, or an estate and a street that lead to different buildings, are
    ambiguous and match nothing.
    """
    index = _Index(buildings)
    found = [index.find(address) for (address,) in _rows(households)]
    rows = np.array([-1 if row is None else row for row, _, _ in found], dtype=np.int64)
    points = np.full(len(found), None, dtype=object)
    shapes = buildings.geometry.to_numpy()
    if (rows >= 0).any():
        points[rows >= 0] = _points(shapes[rows[rows >= 0]])
    labels = buildings.index.to_series().reset_index(drop=True).convert_dtypes()
    return gpd.GeoDataFrame(
        {
            "building": labels.reindex(rows).to_numpy() if len(labels) else pd.NA,
            "how": pd.array([how for _, how, _ in found], dtype="str"),
            "reason": pd.array([reason for _, _, reason in found], dtype="str"),
        },
        geometry=points,
        crs=buildings.crs,
        index=households.index,
    ).astype({"building": labels.dtype if len(labels) else object})


Found = tuple[int | None, str | None, str | None]


def _points(shapes: Any) -> Any:
    spots = shapes.copy()
    wide = shapely.get_type_id(shapes) != 0
    spots[wide] = shapely.point_on_surface(shapes[wide])
    return spots


def _rows(
    frame: pd.DataFrame, written: Sequence[str] = ("address",)
) -> Iterator[tuple[Address, ...]]:
    """Give, for every row, the addresses its columns say: the whole, then other names of it."""
    parts = {name: _texts(frame, name) for name in _PARTS}
    texts = zip(*(_texts(frame, name) for name in written), strict=True)
    for whole, values in zip(texts, zip(*parts.values(), strict=True), strict=True):
        told = dict(zip(parts, values, strict=True))
        yield from_parts(whole[0], **told), *(parse(text) for text in whole[1:] if text)


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return ["" if pd.isna(value) else _written(value) for value in frame[name].tolist()]


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class _Index:
    """The buildings by the keys of their addresses."""

    def __init__(self, buildings: gpd.GeoDataFrame) -> None:
        self.rows: dict[tuple[Hashable, ...], set[int]] = defaultdict(set)
        self.places: set[str] = set()
        named = buildings.rename(
            columns={"addr_street": "street", "addr_housenumber": "housenumber"}
        )
        shapes = buildings.geometry.to_numpy()
        missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        for row, said in enumerate(_rows(named, ("address", "address_key", "name"))):
            if missing[row]:
                continue
            for key in {key for address in said for key in _keys(address)}:
                self.rows[key].add(row)
                self.places.add(str(key[1]))

    def find(self, address: Address) -> Found:
        """Give the row of the building and how it was found, or the reason why not."""
        if address == Address():
            return None, None, "no_address"
        keys = _keys(self._known(address))
        if not keys:
            return None, None, "not_understood"
        hits = {key: self.rows[key] for key in keys if key in self.rows}
        rows = set().union(*hits.values())
        if len(rows) == 1:
            return rows.pop(), str(next(iter(hits))[0]), None
        if rows:
            return None, None, "ambiguous"
        kind, place = keys[0][:2]
        return None, None, "unknown_building" if place in self.places else f"unknown_{kind}"

    def _known(self, address: Address) -> Address:
        """Take the part of a long estate name that is known, if what precedes it is a place."""
        estate = address.estate
        if not estate or estate in self.places:
            return address
        for start in range(1, len(estate)):
            if estate[start:] in self.places and _HIGHER.search(estate[:start]):
                return replace(address, estate=estate[start:])
        return address


def _keys(address: Address) -> list[tuple[Hashable, ...]]:
    """Give the keys of the building an address lies in; none if it names no building."""
    keys: list[tuple[Hashable, ...]] = []
    if address.estate and address.building:
        keys.append(("estate", address.estate, address.building))
    if address.street and address.housenumber:
        keys.append(("street", address.street, address.housenumber, address.building))
    return keys
