"""The key of a person's tablets."""

from gridmap.store.database import Transaction


def add(tx: Transaction, user_id: int, key: bytes) -> bool:
    """Keep a first key; False when the person has one, which then stays."""
    return bool(
        tx.execute(
            "INSERT INTO field_key (user_id, key) VALUES (:user_id, :key) ON CONFLICT DO NOTHING",
            user_id=user_id,
            key=key,
        )
    )


def of(tx: Transaction, user_id: int) -> bytes | None:
    """Give the key of a person; the transaction must be of that person."""
    found = tx.value("SELECT key FROM field_key WHERE user_id = :id", id=user_id)
    return None if found is None else bytes(found)
