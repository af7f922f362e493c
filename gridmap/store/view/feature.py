"""One page of a layer as GeoJSON features, with the version of the data it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gridmap.store.database import Transaction

Box = tuple[float, float, float, float]

# `&&` comes first and alone may use the index under row-level security; see `mark_leakproof`
_IN_BOX = (
    "{geometry} && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
    " AND ST_Intersects({geometry}, ST_MakeEnvelope(:west, :south, :east, :north, 4326))"
)


@dataclass(frozen=True)
class Ask:
    """What part of a layer is wanted.

    Attributes
    ----------
    bbox
        West, south, east, north in degrees; None for everywhere.
    area
        Area-code prefix.
    cursor
        Key after which the page begins.
    limit
        Most features.
    """

    bbox: Box | None = None
    area: str | None = None
    cursor: object | None = None
    limit: int = 5000


@dataclass(frozen=True)
class Source:
    """Where the features of a layer come from; all of it SQL of ours.

    Attributes
    ----------
    tables
        What follows FROM.
    key
        Unique column by which pages are cut.
    geometry, area
        Columns of the place and of the area code.
    shape
        Geometry that is drawn; `geometry` when None.
    properties
        Name of each property and the SQL of its value.
    where
        Conditions that always hold.
    newest
        Column of a time by which the newest come first; by `key` when None. The cursor is the
        key of the last feature of a page all the same.
    """

    tables: str
    key: str
    geometry: str
    area: str
    properties: Mapping[str, str]
    shape: str | None = None
    where: Sequence[str] = field(default=())
    newest: str | None = None


@dataclass(frozen=True)
class Page:
    """Features as JSON text, and the key to go on from when there are more."""

    features: list[str]
    after: object | None


@dataclass(frozen=True)
class Version:
    """Sum of the versions of some layers: it grows with every change to any of them."""

    number: int
    as_of: str


def version(tx: Transaction, tables: Sequence[str]) -> Version:
    """Read the version of the layers, and the time of this reading."""
    row = tx.one(
        "SELECT coalesce(sum(version), 0)::bigint AS number, now() AS as_of"
        " FROM layer_version WHERE layer = ANY(:tables)",
        tables=list(tables),
    )
    return Version(int(row["number"]), row["as_of"].isoformat())


def page(tx: Transaction, source: Source, ask: Ask, **values: Any) -> Page:
    """Read one page of a layer."""
    where = list(source.where)
    if ask.bbox is not None:
        where.append(_IN_BOX.format(geometry=source.geometry))
        values |= dict(zip(("west", "south", "east", "north"), ask.bbox, strict=True))
    if ask.area is not None:
        where.append(f"{source.area} ^@ :area")
        values["area"] = ask.area
    if ask.cursor is not None:
        where.append(_beyond(source))
        values["cursor"] = ask.cursor
    order = f"{source.newest} DESC, {source.key} DESC" if source.newest else source.key
    rows = tx.all(
        f"SELECT {_feature(source)} AS feature, {source.key} AS key FROM {source.tables}"
        f" WHERE {' AND '.join(where) or 'true'} ORDER BY {order} LIMIT :most",
        most=ask.limit + 1,
        **values,
    )
    more = len(rows) > ask.limit
    shown = rows[: ask.limit]
    return Page([row["feature"] for row in shown], shown[-1]["key"] if more else None)


def one(tx: Transaction, source: Source, key: object, **values: Any) -> str | None:
    """Read one feature by its key; None when it is not there or not for this person."""
    where = [*source.where, f"{source.key} = :key"]
    found = tx.value(
        f"SELECT {_feature(source)} FROM {source.tables} WHERE {' AND '.join(where)}",
        key=key,
        **values,
    )
    return None if found is None else str(found)


def _beyond(source: Source) -> str:
    if source.newest is None:
        return f"{source.key} > :cursor"
    place = f"{source.newest}, {source.key}"
    return f"({place}) < (SELECT {place} FROM {source.tables} WHERE {source.key} = :cursor)"


def _feature(source: Source) -> str:
    properties = ", ".join(f"'{name}', {value}" for name, value in source.properties.items())
    shape = source.shape or source.geometry
    return (
        f"json_build_object('type', 'Feature', 'id', {source.key},"
        f" 'geometry', ST_AsGeoJSON({shape}, 6)::json,"
        f" 'properties', json_build_object({properties}))::text"
    )
