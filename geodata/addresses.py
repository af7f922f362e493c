"""Standard addresses: what is written becomes estate, building, unit and room, and a building."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.address_forms import Pieces, chinese, is_chinese, latin, number, tidy

_MOST = 300  # characters: longer is no address
_ESTATE_ENDING = re.compile("(?:住宅)?小区$")
_HIGHER = re.compile("(?:省|市|区|县|旗|镇|乡|街道|社区|村|路|街|大道|巷|号|办事处|居委会|组)$")
_MARKS = "号楼|号栋|号幢|栋|幢|座|楼|单元|门|室|房间|房|户|号|#"


@dataclass(frozen=True)
class Address:
    """The parts of an address, None where unsaid.

    Attributes
    ----------
    estate
        Named compound, village or group, without the ending 小区.
    building
        Number or letter of the building in its estate or at its house number.
    unit, floor, room
        Entrance, storey and dwelling.
    street, housenumber
        Where the address is one of a street; lanes keep their mark (100弄).
    """

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    floor: str | None = None
    street: str | None = None
    housenumber: str | None = None


def parse(address: str) -> Address:
    """Take a written address apart.

    Understands 3栋2单元501室, 3号楼二单元501, 3-2-501, ３幢２门５０１, street numbers and lanes,
    places of the state before them, ``Bldg 3 Unit 2 Room 501`` and ``12 Rue Grimaldi``.

    Parameters
    ----------
    address
        As written, in any width and with Chinese or Arabic numbers.

    Returns
    -------
    Address
        Empty where nothing is understood; never an error.
    """
    text = tidy(str(address)[:_MOST])
    pieces = chinese(text) if is_chinese(text) else latin(text)
    return _cleaned(pieces)


def _cleaned(pieces: Pieces) -> Address:
    clean = {key: _plain(key, value) for key, value in pieces.items()}
    return Address(**{key: value for key, value in clean.items() if value})


def _plain(key: str, value: str) -> str:
    if key == "estate":
        return _ESTATE_ENDING.sub("", value).strip(" -")
    if key == "floor":
        return re.sub("^(?:负|地下|-)0*", "-", value).lstrip("0")
    if key in {"building", "unit", "room"}:
        return value.upper().lstrip("0")
    return value


def standardise(address: str | Address) -> str:
    """Write an address in the one standard form; equal addresses give equal text.

    Parameters
    ----------
    address
        Written or taken apart.

    Returns
    -------
    str
        Such as ``松山里3栋2单元501室`` or ``rue grimaldi 12``; empty if nothing is understood.
        Standardising it again changes nothing.
    """
    a = parse(address) if isinstance(address, str) else address
    if not is_chinese(f"{a.street or ''}{a.estate or ''}"):
        inner = (("bldg", a.building), ("unit", a.unit), ("floor", a.floor), ("room", a.room))
        words = [a.street, a.housenumber, a.estate]
        return " ".join([*filter(None, words), *(f"{w} {v}" for w, v in inner if v)])
    text = a.street or ""
    if a.housenumber:
        text += a.housenumber if a.housenumber.endswith("弄") else f"{a.housenumber}号"
    text += a.estate or ""
    floor = (a.floor or "").replace("-", "负")
    for part, mark in ((a.building, "栋"), (a.unit, "单元"), (floor, "层"), (a.room, "室")):
        text += f"{part}{mark}" if part else ""
    return text


def match(households: pd.DataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Find the building of every household by its standard address.

    Parameters
    ----------
    households
        Columns ``address``, or ``estate`` and ``building`` (which win), all optional.
    buildings
        Polygons or Points, with columns ``estate`` and ``building``, ``addr_street`` and
        ``addr_housenumber``, ``address`` or ``name``, all optional.

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
    found = [index.find(address) for address in _addresses(households)]
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


def _addresses(frame: pd.DataFrame, extra: Sequence[str] = ()) -> Iterable[Address]:
    """Give the address of every row; columns of their own win over the written one."""
    names = [one.name for one in fields(Address)]
    columns = {name: _texts(frame, name) for name in (*names, "address", *extra)}
    for row in zip(*columns.values(), strict=True):
        told = dict(zip(columns, row, strict=True))
        yield _address(told, [told["address"], *(told[name] for name in extra)])


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return ["" if pd.isna(value) else _written(value) for value in frame[name].tolist()]


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _address(told: dict[str, str], written: Sequence[str]) -> Address:
    address = next((parse(text) for text in written if text), Address())
    own: dict[str, str] = {}
    for key in ("building", "unit", "room"):
        if told.get(key):
            own[key] = _number(told[key], key)
    if told.get("estate"):
        inner = parse(told["estate"])
        own["estate"] = inner.estate or tidy(told["estate"])
    return replace(address, **own)


def _number(text: str, key: str) -> str:
    """Read a cell that names only the building, unit or room: 3栋, ３#, 三号楼, A座."""
    bare = re.sub(rf"(?:{_MARKS})+$", "", tidy(text).upper().replace(" ", "")).removeprefix("第")
    return _plain(key, number(bare))


class _Index:
    """The buildings by the keys of their addresses."""

    def __init__(self, buildings: gpd.GeoDataFrame) -> None:
        self.rows: dict[tuple[Hashable, ...], set[int]] = defaultdict(set)
        self.places: set[str] = set()
        named = buildings.rename(
            columns={"addr_street": "street", "addr_housenumber": "housenumber"}
        )
        streets = zip(_texts(named, "street"), _texts(named, "housenumber"), strict=True)
        missing = shapely.is_missing(shapes := buildings.geometry.to_numpy())
        missing |= shapely.is_empty(shapes)
        for row, (address, tagged) in enumerate(
            zip(_addresses(named, extra=("name",)), streets, strict=True)
        ):
            if missing[row]:
                continue
            for key in {*_keys(address), *_keys(_street(*tagged))}:
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


def _street(street: str, housenumber: str) -> Address:
    if not (street and housenumber):
        return Address()
    text = f"{street}{housenumber}号" if is_chinese(street) else f"{housenumber} {street}"
    return parse(text if not housenumber.endswith("号") else f"{street}{housenumber}")


def _keys(address: Address) -> list[tuple[Hashable, ...]]:
    """Give the keys of the building an address lies in; none if it names no building."""
    keys: list[tuple[Hashable, ...]] = []
    if address.estate and address.building:
        keys.append(("estate", address.estate, address.building))
    if address.street and address.housenumber:
        keys.append(("street", address.street, address.housenumber, address.building))
    return keys
