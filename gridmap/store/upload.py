"""Files that came over the network: kept as bytes until a caged process has read them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gridmap.store.database import Row, Transaction

CHUNK = 1024**2
_KEPT_DAYS = 7
# a list of fifty files would carry the outlines of two thousand hazards
_LISTED = (
    "CASE WHEN jsonb_typeof(u.preview -> 'hazards') = 'array' THEN jsonb_set(u.preview,"
    " '{hazards}', (SELECT coalesce(jsonb_agg(h - 'geometry' ORDER BY n), '[]')"
    "  FROM jsonb_array_elements(u.preview -> 'hazards') WITH ORDINALITY AS e(h, n)))"
    " ELSE u.preview END AS preview"
)
_SHOWN = (
    "u.id, u.area_code, u.kind, u.name, u.crs, u.exercise, u.classes, u.bytes,"
    " encode(u.sha256, 'hex') AS sha256,"
    " u.state, u.job_id, u.faults, u.created_at, u.taken_at,"
    " j.state AS job_state, j.error AS job_error, a.display_name AS by"
    " FROM upload AS u LEFT JOIN job AS j ON j.id = u.job_id"
    " LEFT JOIN app_user AS a ON a.id = u.user_id"
)


def add(  # noqa: PLR0913 - the parts of an upload
    tx: Transaction,
    *,
    area_code: str,
    kind: str,
    name: str,
    crs: str | None,
    exercise: bool,
    classes: Mapping[str, Any] | None,
    size: int,
    sha256: bytes,
    chunks: Iterable[bytes],
) -> int:
    """Store a file in pieces of at most `CHUNK` bytes; give its id."""
    upload_id = int(
        tx.value(
            "INSERT INTO upload (area_code, kind, name, crs, exercise, classes, bytes, sha256,"
            " user_id) VALUES (:area_code, :kind, :name, :crs, :exercise, CAST(:classes AS jsonb),"
            " :size, :sha256, :user_id)"
            " RETURNING id",
            area_code=area_code,
            kind=kind,
            name=name,
            crs=crs,
            exercise=exercise,
            classes=None if classes is None else json.dumps(classes),
            size=size,
            sha256=sha256,
            user_id=tx.scope.user_id,
        )
    )
    for number, content in enumerate(chunks):
        tx.execute(
            "INSERT INTO upload_chunk (upload_id, area_code, number, content)"
            " VALUES (:id, :area_code, :number, :content)",
            id=upload_id,
            area_code=area_code,
            number=number,
            content=content,
        )
    return upload_id


def content(tx: Transaction, upload_id: int) -> Iterator[bytes]:
    """Give the pieces of a file in order."""
    number = 0
    while True:
        piece = tx.value(
            "SELECT content FROM upload_chunk WHERE upload_id = :id AND number = :number",
            id=upload_id,
            number=number,
        )
        if piece is None:
            return
        yield bytes(piece)
        number += 1


def read(tx: Transaction, upload_id: int) -> Row | None:
    """Give one upload, or None."""
    return tx.maybe(f"SELECT u.preview, {_SHOWN} WHERE u.id = :id", id=upload_id)


def hold(tx: Transaction, upload_id: int) -> Row | None:
    """Give one upload and hold it until the transaction ends."""
    return tx.maybe(f"SELECT u.preview, {_SHOWN} WHERE u.id = :id FOR UPDATE OF u", id=upload_id)


def newest(tx: Transaction, limit: int) -> list[Row]:
    """Give the newest uploads in scope, their hazards without outlines."""
    return tx.all(f"SELECT {_LISTED}, {_SHOWN} ORDER BY u.id DESC LIMIT :limit", limit=limit)


def waits_for(tx: Transaction, upload_id: int, job_id: int, state: str) -> None:
    """Note which job has the upload now."""
    tx.execute(
        "UPDATE upload SET job_id = :job, state = :state WHERE id = :id",
        id=upload_id,
        job=job_id,
        state=state,
    )


def end(
    tx: Transaction,
    upload_id: int,
    state: str,
    *,
    preview: Mapping[str, Any] | None = None,
    faults: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Note how reading or taking ended; the bytes go when nobody needs them any more."""
    tx.execute(
        "UPDATE upload SET state = :state, preview = coalesce(CAST(:preview AS jsonb), preview),"
        " faults = CAST(:faults AS jsonb),"
        " taken_at = CASE WHEN :state = 'taken' THEN clock_timestamp() END,"
        " taken_by = CASE WHEN :state = 'taken' THEN CAST(:user_id AS bigint) END WHERE id = :id",
        id=upload_id,
        state=state,
        preview=None if preview is None else json.dumps(dict(preview), allow_nan=False),
        faults=None if faults is None else json.dumps([dict(each) for each in faults]),
        user_id=tx.scope.user_id,
    )
    if state in ("taken", "refused"):
        tx.execute("DELETE FROM upload_chunk WHERE upload_id = :id", id=upload_id)


def forget_old(tx: Transaction) -> int:
    """Remove the bytes of files that nobody has taken for a week; what they were stays listed."""
    return tx.execute(
        "DELETE FROM upload_chunk AS c USING upload AS u WHERE u.id = c.upload_id"
        " AND u.created_at < now() - make_interval(days => :days)",
        days=_KEPT_DAYS,
    )
