"""Tokens of programs: only their hash is stored."""

from collections.abc import Collection, Sequence

from gridmap.store.database import Row, Transaction

_ROUNDING = 1.0  # square metres: ground that two drawings of one border differ by
_LIVES = "t.revoked_at IS NULL AND t.expires_at > now() AND u.active"


def add(  # noqa: PLR0913 - a token has these parts
    tx: Transaction,
    user_id: int,
    *,
    name: str,
    token_hash: bytes,
    permissions: Sequence[str],
    within: str | None,
    days: int,
) -> Row:
    """Insert a token; give its number and its end."""
    return tx.one(
        "INSERT INTO api_token (user_id, name, token_hash, permissions, within, expires_at)"
        " VALUES (:user_id, :name, :hash, :permissions, :within,"
        " now() + make_interval(days => :days)) RETURNING id, created_at, expires_at",
        user_id=user_id,
        name=name,
        hash=token_hash,
        permissions=list(permissions),
        within=within,
        days=days,
    )


def find(tx: Transaction, token_hash: bytes) -> Row | None:
    """Find a living token with its account, and note now and then that it was used."""
    found = tx.maybe(
        "SELECT t.id AS token_id, t.permissions, t.within, t.heirs, t.sensor_id,"
        " coalesce(t.used_at < now() - interval '5 minutes', true) AS touch,"
        " u.id, u.name, u.display_name, u.language, u.demo, u.team_id"
        " FROM api_token t JOIN app_user u ON u.id = t.user_id"
        f" WHERE t.token_hash = :hash AND {_LIVES}",
        hash=token_hash,
    )
    if found is not None and found["touch"]:
        tx.execute("UPDATE api_token SET used_at = now() WHERE id = :id", id=found["token_id"])
    return found


def of_user(tx: Transaction, user_id: int) -> list[Row]:
    """List the tokens of a person that are not revoked, the newest first; none of sensors."""
    return tx.all(
        "SELECT id, name, permissions, within, created_at, expires_at, used_at,"
        " expires_at <= now() AS expired FROM api_token"
        " WHERE user_id = :id AND sensor_id IS NULL AND revoked_at IS NULL ORDER BY id DESC",
        id=user_id,
    )


def everybodys(tx: Transaction) -> list[Row]:
    """List all tokens that are not revoked, with the names of their people."""
    return tx.all(
        "SELECT t.id, u.name AS user_name, t.name, t.permissions, t.within, t.created_at,"
        " t.expires_at, t.used_at FROM api_token t JOIN app_user u ON u.id = t.user_id"
        " WHERE t.revoked_at IS NULL ORDER BY t.id"
    )


def owner(tx: Transaction, token_id: int) -> int | None:
    """Give the person of a token that is not revoked."""
    found = tx.value(
        "SELECT user_id FROM api_token WHERE id = :id AND revoked_at IS NULL", id=token_id
    )
    return None if found is None else int(found)


def revoke(tx: Transaction, user_id: int, token_id: int | None = None) -> list[int]:
    """Revoke one token of a person, or all; give their numbers."""
    rows = tx.all(
        "UPDATE api_token SET revoked_at = now() WHERE user_id = :user_id"
        " AND revoked_at IS NULL AND (id = :id OR CAST(:id AS bigint) IS NULL) RETURNING id",
        user_id=user_id,
        id=token_id,
    )
    return [int(row["id"]) for row in rows]


def living(
    tx: Transaction, token_hashes: Collection[bytes]
) -> dict[bytes, tuple[list[tuple[str, str]], str | None, list[str]]]:
    """Tell which of these tokens still live: roles of their person, their own area, its heirs."""
    rows = tx.all(
        "SELECT t.token_hash, t.within, t.heirs, coalesce((SELECT json_agg(json_build_array(r.role,"
        " r.area_code)) FROM user_role r WHERE r.user_id = u.id), '[]') AS roles"
        " FROM api_token t JOIN app_user u ON u.id = t.user_id"
        f" WHERE t.token_hash = ANY(:hashes) AND {_LIVES}",
        hashes=list(token_hashes),
    )
    return {
        bytes(row["token_hash"]): (
            [(str(role), str(code)) for role, code in row["roles"]],
            row["within"],
            list(row["heirs"]),
        )
        for row in rows
    }


def renew_heirs(tx: Transaction, communities: Collection[str]) -> int:
    """Let tokens that are confined to what a merger has ended reach the same ground, and no more.

    Theirs are the grids in force that lie wholly on it; one that has come to lie on other ground
    as well, since its border was moved, is theirs no longer.

    Parameters
    ----------
    communities
        Those whose grids have changed.

    Returns
    -------
    int
        Number of tokens.
    """
    return tx.execute(
        "UPDATE api_token AS t SET heirs = n.codes FROM (SELECT t.id, coalesce(array_agg(g.code"
        "   ORDER BY g.code) FILTER (WHERE g.code IS NOT NULL), '{}') AS codes"
        "  FROM api_token AS t JOIN area AS a ON a.code = left(t.within, 12)"
        "   AND a.level = 'community' AND a.valid_to IS NOT NULL"
        "  CROSS JOIN LATERAL (SELECT CASE WHEN t.within = a.code THEN a.geom ELSE"
        "   (SELECT geom FROM grid WHERE code = t.within ORDER BY version DESC LIMIT 1) END,"
        "   community_now(a.code)) AS o(geom, community)"
        "  LEFT JOIN grid AS g ON g.valid_to IS NULL AND g.area_code = o.community"
        "   AND g.geom && o.geom AND ST_Area(ST_Difference(g.geom, o.geom)::geography) < :rounding"
        "  WHERE o.community = ANY(:communities) GROUP BY t.id) AS n"
        " WHERE t.id = n.id AND t.heirs IS DISTINCT FROM n.codes",
        communities=list(communities),
        rounding=_ROUNDING,
    )
