"""Vehicles that fetch those who cannot walk, as they are looked after."""

import json
from collections.abc import Mapping
from typing import Any

from gridmap.store.database import Row, Transaction
from gridmap.store.days import SETTING

_SELECT = (
    "SELECT v.id, v.area_code, v.name, v.seats, v.wheelchairs, v.ready_minutes, v.hours, v.contact,"
    " v.in_use, v.revision, v.set_at, u.display_name AS by, ST_X(v.geom) AS lon,"
    " ST_Y(v.geom) AS lat FROM vehicle AS v LEFT JOIN app_user AS u ON u.id = v.set_by"
)
_NOW = f"(now() AT TIME ZONE current_setting('{SETTING}'))"


def listing(tx: Transaction) -> list[Row]:
    """List the vehicles of the county, those in use first."""
    return tx.all(f"{_SELECT} ORDER BY NOT v.in_use, v.name, v.id")


def read(tx: Transaction, vehicle_id: int, *, lock: bool = False) -> Row | None:
    """Read a vehicle, or None."""
    return tx.maybe(
        f"{_SELECT} WHERE v.id = :id" + (" FOR UPDATE OF v" if lock else ""), id=vehicle_id
    )


def insert(tx: Transaction, values: Mapping[str, Any]) -> int:
    """Insert a vehicle and give its id."""
    return int(
        tx.value(
            "INSERT INTO vehicle (area_code, name, seats, wheelchairs, ready_minutes, hours,"
            " contact, in_use, set_by, geom) VALUES (:area_code, :name, :seats, :wheelchairs,"
            " :ready_minutes, CAST(:hours AS jsonb), :contact, :in_use, :user,"
            " ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) RETURNING id",
            **_bound(tx, values),
        )
    )


def update(tx: Transaction, vehicle_id: int, values: Mapping[str, Any]) -> None:
    """Store what is said of a vehicle now."""
    tx.execute(
        "UPDATE vehicle SET area_code = :area_code, name = :name, seats = :seats,"
        " wheelchairs = :wheelchairs, ready_minutes = :ready_minutes,"
        " hours = CAST(:hours AS jsonb), contact = :contact, in_use = :in_use, set_by = :user,"
        " set_at = now(), revision = revision + 1,"
        " geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE id = :id",
        id=vehicle_id,
        **_bound(tx, values),
    )


def moment(tx: Transaction) -> Row:
    """Give the time of the week on the wall: `weekday` (1 is Monday) and `minute` of the day."""
    return tx.one(
        f"SELECT extract(isodow FROM {_NOW})::int AS weekday,"
        f" (extract(hour FROM {_NOW}) * 60 + extract(minute FROM {_NOW}))::int AS minute"
    )


def _bound(tx: Transaction, values: Mapping[str, Any]) -> dict[str, Any]:
    hours = None if values["hours"] is None else json.dumps(values["hours"])
    return {**values, "hours": hours, "user": tx.scope.user_id}
