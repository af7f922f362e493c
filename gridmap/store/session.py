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


def living(
    tx: Transaction, token_hashes: Collection[bytes], idle_seconds: int
) -> dict[bytes, frozenset[tuple[str, str]]]:
    """Tell which of these sessions still live, with the roles and areas their person holds now."""
    rows = tx.all(
        "SELECT s.token_hash, r.role, r.area_code FROM session s"
        " JOIN app_user u ON u.id = s.user_id LEFT JOIN user_role r ON r.user_id = u.id"
        " WHERE s.token_hash = ANY(:hashes) AND u.active AND s.expires_at > now()"
        " AND s.seen_at > now() - make_interval(secs => :idle)"
        " AND s.created_at >= u.password_changed_at",
        hashes=list(token_hashes),
        idle=idle_seconds,
    )
    found: dict[bytes, frozenset[tuple[str, str]]] = {}
    for row in rows:
        held = {(str(row["role"]), str(row["area_code"]))} if row["role"] else set()
        token_hash = bytes(row["token_hash"])
        found[token_hash] = found.get(token_hash, frozenset()) | held
    return found
