"""Second factors: encrypted secrets, and hashes of the codes on paper."""

from collections.abc import Collection

from gridmap.store.database import Row, Transaction


def read(tx: Transaction, user_id: int) -> Row:
    """Give the second factor of an account: in force, pending, since when, codes left."""
    return tx.one(
        "SELECT totp_secret AS secret, totp_pending AS pending, totp_since AS since,"
        " (SELECT count(*) FROM recovery_code WHERE user_id = :id AND used_at IS NULL) AS codes"
        " FROM app_user WHERE id = :id",
        id=user_id,
    )


def propose(tx: Transaction, user_id: int, pending: str) -> None:
    """Keep a secret that its person has yet to prove."""
    tx.execute("UPDATE app_user SET totp_pending = :new WHERE id = :id", id=user_id, new=pending)


def take(tx: Transaction, user_id: int, secret: str, step: int) -> None:
    """Put a proven secret in force, its proof counting as used."""
    tx.execute(
        "UPDATE app_user SET totp_secret = :secret, totp_pending = NULL, totp_since = now(),"
        " totp_step = :step WHERE id = :id",
        id=user_id,
        secret=secret,
        step=step,
    )


def use_step(tx: Transaction, user_id: int, step: int) -> bool:
    """Use the code of a time step; False if it, or a later one, was used before."""
    used = tx.execute(
        "UPDATE app_user SET totp_step = :step"
        " WHERE id = :id AND (totp_step IS NULL OR totp_step < :step)",
        id=user_id,
        step=step,
    )
    return used > 0


def remove(tx: Transaction, user_id: int) -> bool:
    """Take the second factor and its codes away; False if there was none."""
    tx.execute("DELETE FROM recovery_code WHERE user_id = :id", id=user_id)
    gone = tx.execute(
        "UPDATE app_user SET totp_secret = NULL, totp_pending = NULL, totp_since = NULL,"
        " totp_step = NULL WHERE id = :id"
        " AND (totp_secret IS NOT NULL OR totp_pending IS NOT NULL)",
        id=user_id,
    )
    return gone > 0


def put_codes(tx: Transaction, user_id: int, hashes: Collection[bytes]) -> None:
    """Replace the codes on paper."""
    tx.execute("DELETE FROM recovery_code WHERE user_id = :id", id=user_id)
    tx.execute_many(
        "INSERT INTO recovery_code (user_id, code_hash) VALUES (:id, :hash)",
        [{"id": user_id, "hash": each} for each in hashes],
    )


def use_code(tx: Transaction, user_id: int, code_hash: bytes) -> bool:
    """Use a code on paper; False if there is none such, or it was used before."""
    used = tx.execute(
        "UPDATE recovery_code SET used_at = now()"
        " WHERE user_id = :id AND code_hash = :hash AND used_at IS NULL",
        id=user_id,
        hash=code_hash,
    )
    return used > 0
