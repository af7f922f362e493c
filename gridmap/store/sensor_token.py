"""Tokens that post for one sensor: at most one lives, whoever has made it."""

from gridmap.store.database import Row, Transaction


def of(tx: Transaction, sensor_id: int) -> Row | None:
    """Give the token of a sensor that is not revoked, or None: whose, since when, until when."""
    return tx.maybe(
        "SELECT t.id, t.created_at, t.expires_at, t.used_at, t.expires_at <= now() AS expired,"
        " u.active, u.display_name AS by FROM api_token AS t JOIN app_user AS u"
        " ON u.id = t.user_id WHERE t.sensor_id = :id AND t.revoked_at IS NULL",
        id=sensor_id,
    )


def revoke(tx: Transaction, sensor_id: int) -> bool:
    """Revoke the token of a sensor; False where there is none."""
    return bool(
        tx.execute(
            "UPDATE api_token SET revoked_at = now() WHERE sensor_id = :id AND revoked_at IS NULL",
            id=sensor_id,
        )
    )


def bind(tx: Transaction, token_id: int, sensor_id: int) -> None:
    """Let a token that was just made post for one sensor alone."""
    tx.execute(
        "UPDATE api_token SET sensor_id = :sensor WHERE id = :id", id=token_id, sensor=sensor_id
    )


def move(tx: Transaction, sensor_id: int, area_code: str) -> None:
    """Let the token of a sensor reach the area in which the sensor stands now."""
    tx.execute(
        "UPDATE api_token SET within = :code, heirs = '{}'"
        " WHERE sensor_id = :id AND revoked_at IS NULL AND within <> :code",
        id=sensor_id,
        code=area_code,
    )
