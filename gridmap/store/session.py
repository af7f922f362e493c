"""Sessions of browsers: only the hash of the token is stored."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from gridmap.store.database import Row, Transaction


def add(
    tx: Transaction, token_hash: bytes, user_id: int, data: Mapping[str, Any], seconds: int
) -> None:
    """Insert a session that ends after `seconds` at the latest; sweep the ended ones."""
    tx.execute("DELETE FROM session WHERE expires_at < now()")
    tx.execute(
        "INSERT INTO session (token_hash, user_id, data, expires_at) VALUES"
        " (:hash, :user_id, CAST(:data AS jsonb), now() + make_interval(secs => :seconds))",
        hash=token_hash,
        user_id=user_id,
        data=json.dumps(dict(data)),
        seconds=seconds,
    )


def find(tx: Transaction, token_hash: bytes, idle_seconds: int) -> Row | None:
    """Find a living session with its account, and note that it was seen."""
    found = tx.maybe(
        "SELECT s.data, s.seen_at < now() - interval '1 minute' AS touch,"
        " u.id, u.name, u.display_name, u.language, u.demo"
        " FROM session s JOIN app_user u ON u.id = s.user_id"
        " WHERE s.token_hash = :hash AND u.active AND s.expires_at > now()"
        " AND s.seen_at > now() - make_interval(secs => :idle)"
        " AND s.created_at >= u.password_changed_at",
        hash=token_hash,
        idle=idle_seconds,
    )
    if found is not None and found["touch"]:
        touch(tx, [token_hash])
    return found


def touch(tx: Transaction, token_hashes: Collection[bytes]) -> None:
    """Note that these sessions are in use."""
    tx.execute(
        "UPDATE session SET seen_at = now() WHERE token_hash = ANY(:hashes)",
        hashes=list(token_hashes),
    )


def save(tx: Transaction, token_hash: bytes, data: Mapping[str, Any]) -> None:
    """Keep what the session holds."""
    tx.execute(
        "UPDATE session SET data = CAST(:data AS jsonb) WHERE token_hash = :hash",
        hash=token_hash,
        data=json.dumps(dict(data)),
    )


def remove(tx: Transaction, token_hash: bytes) -> None:
    """End a session: every copy of its cookie is worthless from the commit on."""
    tx.execute("DELETE FROM session WHERE token_hash = :hash", hash=token_hash)
    tx.execute("SELECT pg_notify('gridmap_session', encode(:hash, 'hex'))", hash=token_hash)


def living(tx: Transaction, token_hashes: Collection[bytes], idle_seconds: int) -> set[bytes]:
    """Tell which of these sessions still live."""
    rows = tx.all(
        "SELECT s.token_hash FROM session s JOIN app_user u ON u.id = s.user_id"
        " WHERE s.token_hash = ANY(:hashes) AND u.active AND s.expires_at > now()"
        " AND s.seen_at > now() - make_interval(secs => :idle)",
        hashes=list(token_hashes),
        idle=idle_seconds,
    )
    return {bytes(row["token_hash"]) for row in rows}
