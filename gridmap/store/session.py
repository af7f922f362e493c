"""Sessions of browsers: only the hash of the token is stored."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from gridmap.store.database import Row, Transaction

# a session lives until its end, while it is used, and no longer than its password
_LIVES = (
    "u.active AND s.expires_at > now() AND s.seen_at > now() - make_interval(secs => :idle)"
    " AND s.created_at >= u.password_changed_at"
)
_ENDED = "SELECT pg_notify('gridmap_session', encode(:hash, 'hex'))"


def add(  # noqa: PLR0913 - a session has these parts
    tx: Transaction,
    token_hash: bytes,
    user_id: int,
    data: Mapping[str, Any],
    seconds: int,
    *,
    complete: bool = True,
    second_factor: bool = False,
    user_agent: str = "",
) -> None:
    """Insert a session that ends after `seconds` at the latest; sweep the ended ones."""
    tx.execute("DELETE FROM session WHERE expires_at < now()")
    tx.execute(
        "INSERT INTO session (token_hash, user_id, data, expires_at, complete, second_factor,"
        " user_agent) VALUES (:hash, :user_id, CAST(:data AS jsonb),"
        " now() + make_interval(secs => :seconds), :complete, :second_factor, :user_agent)",
        hash=token_hash,
        user_id=user_id,
        data=json.dumps(dict(data)),
        seconds=seconds,
        complete=complete,
        second_factor=second_factor,
        user_agent=user_agent,
    )


def find(tx: Transaction, token_hash: bytes, idle_seconds: int) -> Row | None:
    """Find a living session with its account, and note that it was seen."""
    found = tx.maybe(
        "SELECT s.id AS session_id, s.data, s.complete, s.second_factor AS factor_passed,"
        " s.seen_at < now() - interval '1 minute' AS touch,"
        " extract(epoch FROM now() - s.seen_at)::float8 AS idle,"
        " extract(epoch FROM now() - s.created_at)::float8 AS age,"
        " u.id, u.name, u.display_name, u.language, u.demo, u.team_id, u.must_change_password,"
        " u.totp_secret IS NOT NULL AS second_factor,"
        " extract(epoch FROM now() - u.password_changed_at)::float8 AS password_age"
        " FROM session s JOIN app_user u ON u.id = s.user_id"
        f" WHERE s.token_hash = :hash AND {_LIVES}",
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
    tx.execute(_ENDED, hash=token_hash)


def remove_of(
    tx: Transaction, user_id: int, *, only: int | None = None, but: bytes | None = None
) -> int:
    """End sessions of a person, and give their number.

    Parameters
    ----------
    only
        Number of the one session to end; all of them when None.
    but
        Hash of the token whose session goes on.
    """
    rows = tx.all(
        "DELETE FROM session WHERE user_id = :id AND (id = :only OR CAST(:only AS bigint) IS NULL)"
        " AND token_hash IS DISTINCT FROM CAST(:but AS bytea) RETURNING token_hash",
        id=user_id,
        only=only,
        but=but,
    )
    for row in rows:
        tx.execute(_ENDED, hash=bytes(row["token_hash"]))
    return len(rows)


def mark_second_factor(tx: Transaction, token_hash: bytes) -> None:
    """Note that the person of a session has proven a second factor."""
    tx.execute("UPDATE session SET second_factor = true WHERE token_hash = :hash", hash=token_hash)


def of_user(tx: Transaction, user_id: int, idle_seconds: int) -> list[Row]:
    """List the living sessions of a person, the one seen last first."""
    return tx.all(
        "SELECT s.id, s.token_hash, s.created_at, s.seen_at, s.user_agent, s.second_factor"
        " FROM session s JOIN app_user u ON u.id = s.user_id"
        f" WHERE s.user_id = :id AND s.complete AND {_LIVES} ORDER BY s.seen_at DESC, s.id",
        id=user_id,
        idle=idle_seconds,
    )


def living(
    tx: Transaction, token_hashes: Collection[bytes], idle_seconds: int
) -> dict[bytes, frozenset[tuple[str, str]]]:
    """Tell which of these sessions still live, with the roles and areas their person holds now."""
    rows = tx.all(
        "SELECT s.token_hash, r.role, r.area_code FROM session s"
        " JOIN app_user u ON u.id = s.user_id LEFT JOIN user_role r ON r.user_id = u.id"
        f" WHERE s.token_hash = ANY(:hashes) AND s.complete AND {_LIVES}",
        hashes=list(token_hashes),
        idle=idle_seconds,
    )
    found: dict[bytes, frozenset[tuple[str, str]]] = {}
    for row in rows:
        held = {(str(row["role"]), str(row["area_code"]))} if row["role"] else set()
        token_hash = bytes(row["token_hash"])
        found[token_hash] = found.get(token_hash, frozenset()) | held
    return found
