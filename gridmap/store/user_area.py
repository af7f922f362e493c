"""Where accounts are looked after, and the accounts an administrator sees."""

from collections.abc import Collection

from gridmap.store.database import Row, Transaction

_LISTED = (
    "SELECT u.id, u.name, u.display_name, u.active, u.created_at, u.must_change_password,"
    " u.release_needed, u.released_at,"
    " u.totp_secret IS NOT NULL AS second_factor, h.area_code,"
    " (SELECT max(s.seen_at) FROM session s WHERE s.user_id = u.id AND s.complete) AS seen_at,"
    " coalesce((SELECT json_agg(json_build_object('role', r.role, 'area', r.area_code)"
    "  ORDER BY r.role, r.area_code) FROM user_role r WHERE r.user_id = u.id), '[]') AS roles"
    " FROM app_user u LEFT JOIN user_area h ON h.user_id = u.id"
)
# both tables show only rows of one's own areas: an account elsewhere is not there
_SEEN = (
    "(h.area_code IS NOT NULL OR EXISTS (SELECT 1 FROM user_role r WHERE r.user_id = u.id"
    " AND r.area_code ^@ ANY ((SELECT my_areas())::text[])))"
)


def put(tx: Transaction, user_id: int, area_code: str) -> None:
    """Say who looks after an account; what was said before stays."""
    tx.execute(
        "INSERT INTO user_area (user_id, area_code) VALUES (:id, :code) ON CONFLICT DO NOTHING",
        id=user_id,
        code=area_code,
    )


def home(tx: Transaction, user_id: int) -> str | None:
    """Give the area that looks after an account, else the first of its roles', else None."""
    found = tx.value(
        "SELECT coalesce((SELECT area_code FROM user_area WHERE user_id = :id),"
        " (SELECT area_code FROM user_role WHERE user_id = :id"
        "  ORDER BY length(area_code), area_code LIMIT 1))",
        id=user_id,
    )
    return None if found is None else str(found)


def reach(tx: Transaction, user_id: int) -> list[str]:
    """Give every area an account is of, those out of scope as well."""
    return list(tx.value("SELECT places_of_account(:id)", id=user_id))


def one(tx: Transaction, user_id: int) -> Row | None:
    """Give one account as an administrator of this scope sees it; None if they do not."""
    return tx.maybe(f"{_LISTED} WHERE u.id = :id AND {_SEEN}", id=user_id)


def listing(tx: Transaction, words: str, after: str, limit: int) -> list[Row]:
    """List the accounts an administrator of this scope sees, by name."""
    return tx.all(
        f"{_LISTED} WHERE {_SEEN} AND u.name > :after AND (:words = ''"
        " OR strpos(u.name, lower(:words)) > 0 OR strpos(u.display_name, :words) > 0)"
        " ORDER BY u.name LIMIT :limit",
        words=words,
        after=after,
        limit=limit,
    )


def places(tx: Transaction, within: str | None) -> list[Row]:
    """List areas of this scope's own in which a role can be held; with `within`, its grids."""
    if within is None:
        return tx.all(
            "SELECT code, level, name_zh, name_en FROM area"
            " WHERE code ^@ ANY ((SELECT my_areas())::text[])"
            " AND level IN ('county', 'township', 'community') AND valid_to IS NULL ORDER BY code"
        )
    return tx.all(
        "SELECT code, 'grid' AS level, NULL AS name_zh, NULL AS name_en FROM grid"
        " WHERE valid_to IS NULL AND code ^@ :within"
        " AND code ^@ ANY ((SELECT my_areas())::text[]) ORDER BY code",
        within=within,
    )


def names(tx: Transaction, codes: Collection[str], english: bool) -> dict[str, str]:
    """Give the names of areas this scope may read, by code."""
    rows = tx.all(
        "SELECT code, coalesce(CASE WHEN :english THEN name_en END, name_zh) AS name"
        " FROM area WHERE code = ANY(:codes)",
        codes=list(codes),
        english=english,
    )
    return {row["code"]: row["name"] for row in rows}
