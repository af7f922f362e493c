"""Tokens of sensors: shown once, renewed and revoked by whoever looks after the sensor."""

import secrets
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import conflict, forbidden, not_found
from gridmap.services.access import Viewer
from gridmap.services.sensor_register import not_ones_own
from gridmap.services.sessions import token_hash
from gridmap.services.tokens import MOST_DAYS, PREFIX
from gridmap.store import event, sensor_token, token
from gridmap.store import sensor as rows
from gridmap.store.database import Database, Row, Transaction


def state(database: Database, viewer: Viewer, sensor_id: int) -> dict[str, Any] | None:
    """Say of the token of a sensor who made it, until when it lives, and when it was last used.

    Raises
    ------
    Problem
        404 without the sensor.
    """
    with database.transaction(viewer.scope(Permission.HAZARD_DECLARE)) as tx:
        if rows.read(tx, sensor_id) is None:
            raise not_found(f"sensor {sensor_id}")
        found = sensor_token.of(tx, sensor_id)
    if found is None:
        return None
    return {
        "by": found["by"],
        "made_at": found["created_at"].isoformat(),
        "expires_at": found["expires_at"].isoformat(),
        "used_at": None if found["used_at"] is None else found["used_at"].isoformat(),
        # who made it has left: it opens nothing any more
        "lives": not found["expired"] and bool(found["active"]),
    }


def renew(
    database: Database, viewer: Viewer, request_id: str | None, sensor_id: int
) -> dict[str, Any]:
    """Make a token that posts for one sensor; the one before ends. It is in the answer alone.

    It acts for who makes it and may no more than post for this sensor, for a year.

    Raises
    ------
    Problem
        403 outside one's areas or without the right to post; 404; 409 for a sensor given up.
    """
    viewer.require(Permission.SENSOR_POST)
    text = PREFIX + secrets.token_urlsafe(32)
    with database.transaction(viewer.scope(Permission.HAZARD_DECLARE, request_id)) as tx:
        row = _held(tx, viewer, sensor_id)
        if row["retired_at"] is not None:
            raise conflict("this sensor is given up: take it back into use first")
        renewed = sensor_token.revoke(tx, sensor_id)
        made = token.add(
            tx,
            viewer.id,
            name=row["name"][:80],
            token_hash=token_hash(text),
            permissions=[Permission.SENSOR_POST.value],
            within=row["area_code"],
            days=MOST_DAYS,
        )
        sensor_token.bind(tx, made["id"], sensor_id)
        event.record(
            tx,
            "sensor.token_made",
            area_code=row["area_code"],
            subject_id=sensor_id,
            payload={"renewed": renewed, "exercise": row["exercise"]},
        )
    return {"sensor": sensor_id, "token": text, "expires_at": made["expires_at"].isoformat()}


def revoke(database: Database, viewer: Viewer, request_id: str | None, sensor_id: int) -> None:
    """End the token of a sensor: nobody posts for it until there is another.

    Raises
    ------
    Problem
        403 outside one's areas; 404 without the sensor, or without a token.
    """
    with database.transaction(viewer.scope(Permission.HAZARD_DECLARE, request_id)) as tx:
        row = _held(tx, viewer, sensor_id)
        if not sensor_token.revoke(tx, sensor_id):
            raise not_found(f"token of sensor {sensor_id}")
        event.record(
            tx,
            "sensor.token_revoked",
            area_code=row["area_code"],
            subject_id=sensor_id,
            payload={"exercise": row["exercise"]},
        )


def _held(tx: Transaction, viewer: Viewer, sensor_id: int) -> Row:
    row = rows.read(tx, sensor_id, lock=True)
    if row is None:
        raise not_ones_own(tx, sensor_id)
    if not viewer.may(Permission.HAZARD_DECLARE, row["area_code"]):
        raise forbidden(f"a sensor in {row['area_code']} is beyond your areas")
    return row
