"""Offers and wishes of a demo town, made from its facilities and the numbers of its households."""

from collections.abc import Sequence
from typing import Any

from gridmap.store.database import Row, Transaction


def there(tx: Transaction, county: str) -> bool:
    """Tell whether the town has its offers already."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM service_offer WHERE area_code ^@ :code)", code=county
        )
    )


def spots(tx: Transaction, county: str, kinds: Sequence[str], count: int) -> list[Row]:
    """Give some facilities, spread over the town, with the community each lies in."""
    return tx.all(
        "SELECT f.name, f.kind, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat, a.code AS area_code,"
        " a.name_zh FROM facility f JOIN area a ON a.level = 'community' AND a.valid_to IS NULL"
        "  AND ST_Covers(a.geom, f.geom)"
        " WHERE f.area_code ^@ :code AND f.kind = ANY(:kinds)"
        # a number that is the same at every start and has nothing to do with where they lie
        " ORDER BY hashtextextended(f.source_key, 11) LIMIT :count",
        code=county,
        kinds=list(kinds),
        count=count,
    )


def townships(tx: Transaction, county: str) -> list[Row]:
    """Give the townships of the town."""
    return tx.all(
        "SELECT code, name_zh FROM area WHERE level = 'township' AND valid_to IS NULL"
        " AND code ^@ :code ORDER BY code",
        code=county,
    )


def ask(tx: Transaction, county: str, services: Sequence[str], **of: Any) -> int:
    """Let one in so many households ask for a service of these, at a visit or by themselves."""
    return tx.execute(
        "INSERT INTO service_request (area_code, household_id, service, source, since)"
        " SELECT area_code, id, (CAST(:services AS text[]))[1 + drawn % :kinds],"
        "  CASE WHEN drawn % 2 = 0 THEN 'visit' ELSE 'resident' END,"
        "  now() - make_interval(days => (drawn % 40)::int)"
        " FROM (SELECT h.id, h.area_code, abs(hashtextextended(h.source_key, 13)) AS drawn"
        "  FROM household h WHERE h.area_code ^@ :code) AS h WHERE drawn / 64 % :every = 0"
        " ON CONFLICT DO NOTHING",
        code=county,
        services=list(services),
        kinds=len(services),
        **of,
    )
