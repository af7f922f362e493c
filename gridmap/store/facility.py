"""Facilities as people keep them: where, open or not and why, whose crew, when, for how many."""

import json
from collections.abc import Mapping
from typing import Any

from gridmap.store.database import Row, Transaction


def read(tx: Transaction, facility_id: int, *, lock: bool = False) -> Row | None:
    """Read a facility, or None; the capacity of a shelter is that of its shelter."""
    return tx.maybe(
        "SELECT f.id, f.area_code, f.kind, f.name, f.name_en, f.address, f.open, f.closed_why,"
        " f.closed_until, f.retired_at, f.crew, f.level, f.hours, s.accessible, s.keeper,"
        " s.keeper_phone, s.keeper_mail,"
        " coalesce(s.capacity, f.capacity) AS capacity, f.revision, f.changed_at,"
        " ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat,"
        " starts_with(f.source_key, 'hand:') AS by_hand,"
        " (SELECT u.display_name FROM app_user AS u WHERE u.id = f.changed_by) AS changed_by"
        " FROM facility AS f LEFT JOIN shelter AS s ON s.facility_id = f.id WHERE f.id = :id"
        + (" FOR UPDATE OF f" if lock else ""),
        id=facility_id,
    )


def listing(tx: Transaction, area_code: str) -> list[Row]:
    """List the facilities of an area that are in use, by kind and name."""
    return tx.all(
        "SELECT f.source_key, f.area_code, f.kind, f.name, f.name_en, f.address, f.open,"
        " f.closed_why, f.closed_until, f.crew, f.level, f.hours, s.accessible,"
        " coalesce(s.capacity, f.capacity) AS capacity, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat"
        " FROM facility AS f LEFT JOIN shelter AS s ON s.facility_id = f.id"
        " WHERE starts_with(f.area_code, :code) AND f.retired_at IS NULL"
        " ORDER BY f.kind, f.name, f.id",
        code=area_code,
    )


def insert(tx: Transaction, values: Mapping[str, Any]) -> int:
    """Insert a facility that nobody's file has brought, and give its id.

    Parameters
    ----------
    values
        As `update`.
    """
    made = int(
        tx.value(
            "INSERT INTO facility (area_code, source_key, kind, name, name_en, address, crew,"
            " level, hours, capacity, changed_at, changed_by, geom)"
            " VALUES (:area_code, 'hand:' || gen_random_uuid(), :kind, :name, :name_en, :address,"
            " :crew, :level, CAST(:hours AS jsonb),"
            " CASE WHEN :kind = 'shelter' THEN NULL ELSE CAST(:capacity AS integer) END, now(),"
            " :user_id, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) RETURNING id",
            **_bound(tx, values),
        )
    )
    if values["kind"] == "shelter":
        tx.execute(
            "INSERT INTO shelter (facility_id, area_code, capacity, accessible, keeper,"
            " keeper_phone, keeper_mail) VALUES (:id, :area_code, :capacity, :accessible, :keeper,"
            " :keeper_phone, :keeper_mail)",
            id=made,
            **_bound(tx, values),
        )
    return made


def update(tx: Transaction, facility_id: int, values: Mapping[str, Any]) -> None:
    """Store what a person says of a facility, as its next revision.

    Parameters
    ----------
    values
        `area_code`, `kind`, `name`, `name_en`, `address`, `lon`, `lat`, `open`, `closed_why`,
        `closed_until`, `retired`, `crew`, `level`, `hours`, `capacity`; of a shelter
        `accessible` and `keeper`, `keeper_phone`, `keeper_mail`.
    """
    bound = _bound(tx, values)
    tx.execute(
        "UPDATE facility SET area_code = :area_code, kind = :kind, name = :name,"
        " name_en = :name_en, address = :address, open = :open, closed_why = :closed_why,"
        " closed_until = :closed_until, crew = :crew, level = :level,"
        " hours = CAST(:hours AS jsonb), revision = revision + 1, changed_at = now(),"
        " changed_by = :user_id, geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326),"
        " retired_at = CASE WHEN :retired THEN coalesce(retired_at, now()) END,"
        " capacity = CASE WHEN kind = 'shelter' THEN capacity ELSE :capacity END WHERE id = :id",
        id=facility_id,
        **bound,
    )
    if values["kind"] == "shelter":
        tx.execute(
            "UPDATE shelter SET area_code = :area_code, capacity = :capacity,"
            " accessible = :accessible, keeper = :keeper, keeper_phone = :keeper_phone,"
            " keeper_mail = :keeper_mail WHERE facility_id = :id"
            " AND (area_code, capacity, accessible, keeper, keeper_phone, keeper_mail)"
            "  IS DISTINCT FROM (:area_code, :capacity, :accessible, :keeper, :keeper_phone,"
            "  :keeper_mail)",
            id=facility_id,
            **bound,
        )


def _bound(tx: Transaction, values: Mapping[str, Any]) -> dict[str, Any]:
    hours = None if values["hours"] is None else json.dumps(values["hours"])
    return {**values, "hours": hours, "user_id": tx.scope.user_id}


def reaches(tx: Transaction, area_code: str, lon: float, lat: float) -> bool:
    """Tell whether an area that is in force has a place inside it."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM area WHERE code = :code AND valid_to IS NULL"
            " AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)))",
            code=area_code,
            lon=lon,
            lat=lat,
        )
    )


def counties_due(tx: Transaction) -> list[str]:
    """Give the counties with facilities that are on duty again by now."""
    rows = tx.all(
        "SELECT DISTINCT left(area_code, 6) AS code FROM facility WHERE closed_until <= now()"
        " ORDER BY 1"
    )
    return [row["code"] for row in rows]


def open_due(tx: Transaction, county: str) -> list[Row]:
    """Put on duty again what was off duty until now; as its next revision."""
    return tx.all(
        "UPDATE facility SET open = retired_at IS NULL, closed_why = NULL, closed_until = NULL,"
        " revision = revision + 1, changed_at = now(), changed_by = NULL"
        " WHERE closed_until <= now() AND starts_with(area_code, :county)"
        " RETURNING id, area_code, kind",
        county=county,
    )
