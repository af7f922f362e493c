"""Offers of help: who offers which services, to how many households a week, and how far."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY

_COLUMNS = (
    "o.id, o.area_code, o.provider, o.name, o.contact, o.services, o.capacity, o.reach_metres,"
    " o.hours, o.valid_from, o.valid_to, o.source, o.revision, ST_X(o.geom) AS lon,"
    " ST_Y(o.geom) AS lat"
)
_IN_FORCE = f"o.valid_from <= {TODAY} AND (o.valid_to IS NULL OR o.valid_to >= {TODAY})"
_MET = "(SELECT count(*)::int FROM service_request q WHERE q.offer_id = o.id AND q.state = 'met')"


def listing(tx: Transaction, area_code: str, *, ended: bool = False) -> list[Row]:
    """List the offers of the county of an area: in force or to come, or those that have ended."""
    past = f"o.valid_to < {TODAY}"
    return tx.all(
        f"SELECT {_COLUMNS}, {_MET} AS met, {_IN_FORCE} AS in_force FROM service_offer o"
        " WHERE o.area_code ^@ left(:code, 6)"
        f" AND {past if ended else f'({past}) IS NOT TRUE'} ORDER BY o.provider, o.name, o.id",
        code=area_code,
    )


def read(tx: Transaction, offer_id: int, *, lock: bool = False) -> Row | None:
    """Read one offer of the county."""
    return tx.maybe(
        f"SELECT {_COLUMNS}, {_MET} AS met, {_IN_FORCE} AS in_force FROM service_offer o"
        f" WHERE o.id = :id{' FOR UPDATE OF o' if lock else ''}",
        id=offer_id,
    )


def insert(tx: Transaction, offer: Mapping[str, Any]) -> int:
    """Insert an offer and give its number."""
    return int(
        tx.value(
            "INSERT INTO service_offer (area_code, provider, name, contact, services, capacity,"
            " reach_metres, hours, valid_from, valid_to, source, created_by, geom) VALUES"
            " (:area_code, :provider, :name, :contact, :services, :capacity, :reach_metres,"
            " :hours, :valid_from, :valid_to, :source, :user_id,"
            " ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326))"
            " RETURNING id",
            user_id=tx.scope.user_id,
            **offer,
        )
    )


def update(tx: Transaction, offer_id: int, offer: Mapping[str, Any]) -> int:
    """Store an offer in place of what it was; give its revision."""
    return int(
        tx.value(
            "UPDATE service_offer SET area_code = :area_code, provider = :provider, name = :name,"
            " contact = :contact, services = :services, capacity = :capacity,"
            " reach_metres = :reach_metres, hours = :hours, valid_from = :valid_from,"
            " valid_to = :valid_to, source = :source, revision = revision + 1,"
            " geom = ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326)"
            " WHERE id = :id RETURNING revision",
            id=offer_id,
            **offer,
        )
    )


def end(tx: Transaction, offer_id: int) -> None:
    """Let an offer end with yesterday; one that was to begin later never was."""
    tx.execute(
        f"UPDATE service_offer SET valid_from = least(valid_from, {TODAY} - 1),"
        f" valid_to = {TODAY} - 1, revision = revision + 1 WHERE id = :id",
        id=offer_id,
    )


def for_matching(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the offers in force in the county of an area, with what nobody has taken up yet."""
    return frames.read(
        tx,
        f"SELECT o.id, o.area_code, o.services, greatest(o.capacity - {_MET}, 0) AS capacity,"
        " o.reach_metres::float8 AS reach_metres, ST_AsBinary(o.geom) AS geom"
        f" FROM service_offer o WHERE o.area_code ^@ left(:code, 6) AND {_IN_FORCE} ORDER BY o.id",
        code=area_code,
    )
