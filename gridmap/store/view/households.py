"""Households as a layer and in detail; what may be seen of a person is decided by the service."""

from gridmap.store.database import Row, Transaction
from gridmap.store.view.feature import Source

TABLES = ("household", "household_need")

SOURCE = Source(
    tables="household h",
    key="h.id",
    geometry="h.geom",
    area="h.area_code",
    properties={
        "id": "h.id",
        "grid": "CASE WHEN length(h.area_code) = 15 THEN h.area_code END",
        "people": "h.people",
        "address": "h.address",
        "needs": "CASE WHEN h.area_code ^@ ANY(CAST(:personal_in AS text[])) THEN"
        " coalesce((SELECT json_agg(n.kind ORDER BY n.kind) FROM household_need n"
        " WHERE n.household_id = h.id), '[]'::json) END",
    },
    where=("h.geom IS NOT NULL",),
)


def detail(tx: Transaction, household_id: int) -> Row | None:
    """Read one household with its needs, unmasked."""
    return tx.maybe(
        "SELECT h.id, h.area_code, h.address, h.unit, h.room, h.householder, h.phone,"
        " h.id_number, h.people, h.residence, h.registered_at, h.placed_by, h.unplaced_reason,"
        " h.updated_at, ST_X(h.geom) AS lon, ST_Y(h.geom) AS lat,"
        " coalesce((SELECT json_agg(json_build_object('kind', n.kind, 'people', n.people,"
        " 'note', n.note) ORDER BY n.kind) FROM household_need n WHERE n.household_id = h.id),"
        " '[]'::json) AS needs"
        " FROM household h WHERE h.id = :id",
        id=household_id,
    )


def unplaced(
    tx: Transaction, *, area: str | None, cursor: int, limit: int, english: bool
) -> list[Row]:
    """List households without a place, and why each has none."""
    name = "coalesce(a.name_en, a.name_zh)" if english else "a.name_zh"
    return tx.all(
        f"SELECT h.id, h.area_code, {name} AS community, h.address, h.people,"
        " h.unplaced_reason AS reason FROM household h"
        " LEFT JOIN area a ON a.code = left(h.area_code, 12)"
        " WHERE h.geom IS NULL AND h.id > :cursor"
        " AND (CAST(:area AS text) IS NULL OR h.area_code ^@ :area)"
        " ORDER BY h.id LIMIT :limit",
        cursor=cursor,
        area=area,
        limit=limit,
    )


def count_unplaced(tx: Transaction) -> int:
    """Count the households without a place."""
    return int(tx.value("SELECT count(*) FROM household WHERE geom IS NULL"))


def building_at(tx: Transaction, lon: float, lat: float) -> Row | None:
    """Give the building around a point."""
    return tx.maybe(
        "SELECT id, address, name FROM building"
        " WHERE geom && ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
        " AND ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
        " ORDER BY id LIMIT 1",
        lon=lon,
        lat=lat,
    )
