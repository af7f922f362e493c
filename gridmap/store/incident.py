"""Incidents: a report and its grid are one row, the same report twice is still one row."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gridmap.store.database import Row, Transaction

_RECEIPT = (
    "id, number, area_code, grid_code, state, reported_at, skew_seconds, content_hash,"
    " substr(grid_code, 10, 3) || '-' || substr(grid_code, 13, 3) AS grid_label"
)


def insert(  # noqa: PLR0913 - the parts of a report
    tx: Transaction,
    *,
    id: UUID,  # noqa: A002 - the column's name
    area_code: str,
    category: str,
    title: str,
    level: int | None,
    lon: float,
    lat: float,
    accuracy_m: float | None = None,
    placed_by: str | None = None,
    note: str | None = None,
    device_time: datetime | None = None,
    device_sequence: int | None = None,
    sent_at: datetime | None = None,
    photos: Sequence[bytes] = (),
    content_hash: bytes,
) -> Row | None:
    """Insert a report, tagged with the grid it lies in; None if its id is taken.

    Whether it is taken is decided by the primary key, never by looking first: twenty copies at
    once are one row.

    Parameters
    ----------
    sent_at
        The clock of the device as it sent, to tell by how much it is wrong.
    photos
        SHA-256 of each photo that will follow.
    """
    row = tx.maybe(
        "WITH here AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom),"
        " around AS (SELECT g.id, g.code FROM here JOIN grid AS g ON g.geom && here.geom"
        "  AND ST_Intersects(g.geom, here.geom) WHERE g.valid_to IS NULL"
        "  AND g.kind = 'comprehensive' ORDER BY g.code LIMIT 1),"
        # a park or market has its own people; the comprehensive grid answers all the same
        " over AS (SELECT g.id FROM here JOIN grid AS g ON g.geom && here.geom"
        "  AND ST_Intersects(g.geom, here.geom) WHERE g.valid_to IS NULL"
        "  AND g.kind = 'special' ORDER BY g.code LIMIT 1),"
        " clock AS (SELECT extract(epoch FROM CAST(:sent_at AS timestamptz) - now())::bigint"
        "  AS ahead)"
        " INSERT INTO incident (id, area_code, grid_id, grid_code, special_grid_id, category,"
        "  title, level, accuracy_m, placed_by, note, device_time, device_sequence,"
        "  skew_seconds, content_hash, reported_by, geom)"
        " SELECT :id, coalesce(around.code, :area_code), around.id, around.code, over.id,"
        "  :category, :title, :level, :accuracy_m, :placed_by, :note, :device_time,"
        "  :device_sequence,"
        "  CASE WHEN abs(clock.ahead) > 300 THEN clock.ahead END, :content_hash, :user_id,"
        f"  here.geom FROM here CROSS JOIN clock LEFT JOIN around ON true"
        f" LEFT JOIN over ON true ON CONFLICT (id) DO NOTHING RETURNING {_RECEIPT}",
        id=id,
        area_code=area_code,
        category=category,
        title=title,
        level=level,
        lon=lon,
        lat=lat,
        accuracy_m=accuracy_m,
        placed_by=placed_by,
        note=note,
        device_time=device_time,
        device_sequence=device_sequence,
        sent_at=sent_at,
        content_hash=content_hash,
        user_id=tx.scope.user_id,
    )
    if row is not None and photos:
        tx.execute(
            "INSERT INTO incident_photo (incident_id, area_code, sha256)"
            " SELECT :id, :area_code, unnest(CAST(:photos AS bytea[]))",
            id=id,
            area_code=row["area_code"],
            photos=list(photos),
        )
    return row


def stored(tx: Transaction, id: UUID) -> Row | None:  # noqa: A002 - the column's name
    """Give what is stored under an id, with its content hash, or None."""
    return tx.maybe(f"SELECT {_RECEIPT} FROM incident WHERE id = :id", id=id)


def manifest(tx: Transaction, id: UUID) -> list[Row]:  # noqa: A002 - the column's name
    """Give the photos announced with a report, and what has become of each."""
    return tx.all(
        "SELECT encode(sha256, 'hex') AS sha256, state, reason FROM incident_photo"
        " WHERE incident_id = :id ORDER BY sha256",
        id=id,
    )


def keep_conflict(
    tx: Transaction, incident_id: UUID, area_code: str, content: Mapping[str, Any], digest: bytes
) -> int | None:
    """Keep a report whose id is taken; None when the very same has been kept already."""
    found = tx.value(
        "INSERT INTO incident_conflict (incident_id, area_code, content, content_hash, sent_by)"
        " VALUES (:id, :area_code, CAST(:content AS jsonb), :digest, :user_id)"
        " ON CONFLICT DO NOTHING RETURNING id",
        id=incident_id,
        area_code=area_code,
        content=json.dumps(dict(content), ensure_ascii=False, allow_nan=False),
        digest=digest,
        user_id=tx.scope.user_id,
    )
    return None if found is None else int(found)


def standing(tx: Transaction, id: UUID) -> Row | None:  # noqa: A002 - the column's name
    """Give what decides who may do what about an incident, without holding it."""
    return tx.maybe(_STANDING.format(lock=""), id=id)


def hold(tx: Transaction, id: UUID) -> Row | None:  # noqa: A002 - the column's name
    """Give the same, and hold the incident until the transaction ends."""
    return tx.maybe(_STANDING.format(lock="FOR UPDATE OF i"), id=id)


_STANDING = (
    "SELECT i.id, i.number, i.area_code, i.state, i.version, i.level, i.reported_by,"
    " i.responder_id, i.merged_into FROM incident AS i WHERE i.id = :id {lock}"
)


def move(  # noqa: PLR0913 - what a step changes
    tx: Transaction,
    row: Row,
    *,
    verb: str,
    state: str,
    level: int | None = None,
    responder_id: int | None = None,
    into: UUID | None = None,
    text: str | None = None,
) -> int:
    """Take one step with an incident that is held, write it into its history; give its version."""
    version = tx.value(
        "UPDATE incident SET state = :state, version = version + 1,"
        " state_changed_at = clock_timestamp(), level = coalesce(:level, level),"
        " responder_id = CASE WHEN :verb = 'assign' THEN CAST(:responder_id AS bigint)"
        "  WHEN :verb = 'reopen' AND :state <> 'handling' THEN NULL ELSE responder_id END,"
        " merged_into = :into WHERE id = :id RETURNING version",
        id=row["id"],
        verb=verb,
        state=state,
        level=level,
        responder_id=responder_id,
        into=into,
    )
    _note(tx, row, verb, state, level, responder_id, into, text)
    return int(version)


def absorb(tx: Transaction, target: Row, other: Row) -> int:
    """Let an incident take in another: those merged into that one follow; give its new version."""
    tx.execute(
        "UPDATE incident SET merged_into = :target WHERE merged_into = :other",
        target=target["id"],
        other=other["id"],
    )
    version = tx.value(
        "UPDATE incident SET version = version + 1 WHERE id = :id RETURNING version",
        id=target["id"],
    )
    _note(tx, target, "absorb", target["state"], None, None, other["id"], None)
    return int(version)


def _note(  # noqa: PLR0913 - the parts of a step
    tx: Transaction,
    row: Row,
    verb: str,
    state: str,
    level: int | None,
    responder_id: int | None,
    other: UUID | None,
    text: str | None,
) -> None:
    tx.execute(
        "INSERT INTO incident_step (incident_id, area_code, verb, from_state, to_state, level,"
        " responder_id, other, text, user_id) VALUES (:id, :area_code, :verb, :before, :after,"
        " :level, :responder_id, :other, :text, :user_id)",
        id=row["id"],
        area_code=row["area_code"],
        verb=verb,
        before=row["state"],
        after=state,
        level=level,
        responder_id=responder_id,
        other=other,
        text=text,
        user_id=tx.scope.user_id,
    )


def team(tx: Transaction, responder_id: int) -> Row | None:
    """Give a team that may be sent: its name, area and whether it is on duty."""
    return tx.maybe(
        "SELECT id, name, kind, area_code, on_duty FROM responder WHERE id = :id", id=responder_id
    )
