"""Accounts and what they are trusted with."""

from collections.abc import Iterable

from gridmap.store.database import Row, Transaction

# what signing in needs to know of an account, beside its roles
_SEEN_AT_THE_DOOR = (
    "u.id, u.name, u.display_name, u.language, u.active, u.demo, u.team_id, u.must_change_password,"
    " u.release_needed, u.totp_secret IS NOT NULL AS second_factor,"
    " extract(epoch FROM now() - u.password_changed_at)::float8 AS password_age"
)


def add(  # noqa: PLR0913 - an account has these parts
    tx: Transaction,
    *,
    name: str,
    display_name: str,
    password_hash: str,
    language: str,
    demo: bool,
    must_change: bool = False,
) -> int:
    """Insert an account and give its id."""
    return int(
        tx.value(
            "INSERT INTO app_user"
            " (name, display_name, password_hash, language, demo, must_change_password) VALUES"
            " (:name, :display_name, :password_hash, :language, :demo, :must_change) RETURNING id",
            name=name,
            display_name=display_name,
            password_hash=password_hash,
            language=language,
            demo=demo,
            must_change=must_change,
        )
    )


def add_roles(tx: Transaction, user_id: int, roles: Iterable[tuple[str, str]]) -> None:
    """Give an account roles in areas; those it has already stay."""
    tx.execute_many(
        "INSERT INTO user_role (user_id, role, area_code) VALUES (:user_id, :role, :area_code)"
        " ON CONFLICT DO NOTHING",
        [{"user_id": user_id, "role": role, "area_code": code} for role, code in roles],
    )


def remove_role(tx: Transaction, user_id: int, role: str, area_code: str) -> bool:
    """Take a role in an area away; False if the account had none such in scope."""
    gone = tx.execute(
        "DELETE FROM user_role WHERE user_id = :id AND role = :role AND area_code = :area_code",
        id=user_id,
        role=role,
        area_code=area_code,
    )
    return gone > 0


def by_name(tx: Transaction, name: str) -> Row | None:
    """Find an account by its sign-in name, with the hash of its password."""
    return tx.maybe(
        f"SELECT {_SEEN_AT_THE_DOOR}, u.password_hash FROM app_user u WHERE u.name = :name",
        name=name,
    )


def by_id(tx: Transaction, user_id: int) -> Row | None:
    """Find an account by its id, with the hash of its password."""
    return tx.maybe(
        f"SELECT {_SEEN_AT_THE_DOOR}, u.password_hash, u.password_changed_at"
        " FROM app_user u WHERE u.id = :id",
        id=user_id,
    )


def lock(tx: Transaction, user_id: int) -> bool:
    """Keep others from an account until this transaction ends; False if it is not there."""
    return tx.value("SELECT id FROM app_user WHERE id = :id FOR UPDATE", id=user_id) is not None


def roles(tx: Transaction, user_id: int) -> list[Row]:
    """List roles of an account; the transaction must be of that person or of their areas."""
    return tx.all(
        "SELECT role, area_code FROM user_role WHERE user_id = :id ORDER BY role, area_code",
        id=user_id,
    )


def set_password_hash(
    tx: Transaction, user_id: int, password_hash: str, *, must_change: bool = False
) -> None:
    """Replace the hash of an account's password; sessions from before end with it."""
    tx.execute(
        "UPDATE app_user SET password_hash = :hash, password_changed_at = now(),"
        " must_change_password = :must_change WHERE id = :id",
        id=user_id,
        hash=password_hash,
        must_change=must_change,
    )


def set_active(tx: Transaction, user_id: int, active: bool) -> bool:
    """Let an account in or keep it out; False if it was so already."""
    changed = tx.execute(
        "UPDATE app_user SET active = :active WHERE id = :id AND active <> :active",
        id=user_id,
        active=active,
    )
    return changed > 0


def set_language(tx: Transaction, user_id: int, language: str) -> None:
    """Remember the language a person chose."""
    tx.execute(
        "UPDATE app_user SET language = :language WHERE id = :id", id=user_id, language=language
    )


def holds_office(tx: Transaction, user_id: int) -> bool:
    """Tell whether an account holds a role beyond the field, in whatever area."""
    return bool(tx.value("SELECT holds_role(:id, office_roles())", id=user_id))


def need_release(tx: Transaction, user_id: int) -> None:
    """Let the next sign-in take a code of a security administrator; one given before is void."""
    tx.execute(
        "UPDATE app_user SET release_needed = true, release_hash = NULL, released_by = NULL,"
        " released_at = NULL WHERE id = :id",
        id=user_id,
    )


def release(tx: Transaction, user_id: int, code_hash: bytes, by: int) -> bool:
    """Keep the hash of a code that releases an account; False if it needs none."""
    changed = tx.execute(
        "UPDATE app_user SET release_hash = :hash, released_by = :by, released_at = now()"
        " WHERE id = :id AND release_needed",
        id=user_id,
        hash=code_hash,
        by=by,
    )
    return changed > 0


def use_release(tx: Transaction, user_id: int, code_hash: bytes, days: int) -> bool:
    """Use the code that releases an account; False if it is another, or older than so many days."""
    used = tx.execute(
        "UPDATE app_user SET release_needed = false, release_hash = NULL, released_at = NULL"
        " WHERE id = :id AND release_hash = :hash"
        " AND released_at > now() - make_interval(days => :days)",
        id=user_id,
        hash=code_hash,
        days=days,
    )
    return used > 0


def any_demo(tx: Transaction) -> bool:
    """Tell whether an account of the demo exists."""
    return bool(tx.value("SELECT EXISTS (SELECT 1 FROM app_user WHERE demo)"))
