"""Accounts and what they are trusted with."""

from collections.abc import Iterable
from typing import Any

from gridmap.store.database import Row, Transaction

_NAME_LOCK = 0x6E616D65  # first half of the advisory locks on sign-in names


def add(
    tx: Transaction,
    *,
    name: str,
    display_name: str,
    password_hash: str,
    language: str,
    demo: bool,
) -> int:
    """Insert an account and give its id."""
    return int(
        tx.value(
            "INSERT INTO app_user (name, display_name, password_hash, language, demo)"
            " VALUES (:name, :display_name, :password_hash, :language, :demo) RETURNING id",
            name=name,
            display_name=display_name,
            password_hash=password_hash,
            language=language,
            demo=demo,
        )
    )


def add_roles(tx: Transaction, user_id: int, roles: Iterable[tuple[str, str]]) -> None:
    """Give an account roles in areas; those it has already stay."""
    tx.execute_many(
        "INSERT INTO user_role (user_id, role, area_code) VALUES (:user_id, :role, :area_code)"
        " ON CONFLICT DO NOTHING",
        [{"user_id": user_id, "role": role, "area_code": code} for role, code in roles],
    )


def by_name(tx: Transaction, name: str) -> Row | None:
    """Find an account by its sign-in name."""
    return tx.maybe(
        "SELECT id, name, display_name, password_hash, language, active, demo"
        " FROM app_user WHERE name = :name",
        name=name,
    )


def roles(tx: Transaction, user_id: int) -> list[Row]:
    """List roles of an account; the transaction must be of that person or of their areas."""
    return tx.all(
        "SELECT role, area_code FROM user_role WHERE user_id = :id ORDER BY role, area_code",
        id=user_id,
    )


def set_password_hash(tx: Transaction, user_id: int, password_hash: str) -> None:
    """Replace the hash of an account's password."""
    tx.execute(
        "UPDATE app_user SET password_hash = :hash, password_changed_at = now() WHERE id = :id",
        id=user_id,
        hash=password_hash,
    )


def set_language(tx: Transaction, user_id: int, language: str) -> None:
    """Remember the language a person chose."""
    tx.execute(
        "UPDATE app_user SET language = :language WHERE id = :id", id=user_id, language=language
    )


def any_demo(tx: Transaction) -> bool:
    """Tell whether an account of the demo exists."""
    return bool(tx.value("SELECT EXISTS (SELECT 1 FROM app_user WHERE demo)"))


def take_turn(tx: Transaction, name: str) -> None:
    """Wait until no other transaction counts the wrong passwords of this name."""
    tx.execute("SELECT pg_advisory_xact_lock(:lock, hashtext(:name))", lock=_NAME_LOCK, name=name)


def note_failure(tx: Transaction, name: str) -> None:
    """Count one wrong password for a name, known or not."""
    tx.execute("INSERT INTO sign_in_failure (name) VALUES (:name)", name=name)
    tx.execute("DELETE FROM sign_in_failure WHERE at < now() - interval '1 day'")


def failures(tx: Transaction, name: str, seconds: int) -> dict[str, Any]:
    """Count recent wrong passwords of a name, and the seconds since the oldest of them."""
    return dict(
        tx.one(
            "SELECT count(*) AS count,"
            " coalesce(extract(epoch FROM now() - min(at)), 0)::int AS oldest_seconds"
            " FROM sign_in_failure"
            " WHERE name = :name AND at > now() - make_interval(secs => :seconds)",
            name=name,
            seconds=seconds,
        )
    )


def forget_failures(tx: Transaction, name: str) -> None:
    """Forget the wrong passwords of a name after a right one."""
    tx.execute("DELETE FROM sign_in_failure WHERE name = :name", name=name)
