"""Whom messages go to: members of grids, keepers of shelters, duty offices, holders of roles."""

from collections.abc import Sequence

from gridmap.store.database import Row, Transaction


def members(tx: Transaction, grids: Sequence[str]) -> list[Row]:
    """Give who looks after some grids, once for each grid.

    Returns
    -------
    list of Row
        `grid`; `user_id` and `language` of an account that is let in, or None; `name`; `phone` as
        it was written down, or None.
    """
    return tx.all(
        "SELECT m.area_code AS grid, u.id AS user_id, coalesce(u.display_name, m.name) AS name,"
        " u.language, m.phone FROM grid_member AS m"
        " LEFT JOIN app_user AS u ON u.id = m.user_id AND u.active"
        " WHERE m.area_code = ANY(:grids) AND m.role <> 'adviser' AND m.valid_to IS NULL"
        # who was given the role and stands in no list yet
        " UNION SELECT r.area_code, u.id, u.display_name, u.language, NULL FROM user_role AS r"
        " JOIN app_user AS u ON u.id = r.user_id AND u.active"
        " WHERE r.role = 'grid_member' AND r.area_code = ANY(:grids) AND NOT EXISTS (SELECT 1"
        "  FROM grid_member AS k WHERE k.area_code = r.area_code AND k.user_id = r.user_id"
        "  AND k.role <> 'adviser' AND k.valid_to IS NULL) ORDER BY 1, 3",
        grids=list(grids),
    )


def offices(tx: Transaction, communities: Sequence[str]) -> list[Row]:
    """Give the duty officers and commanders of communities and of the areas around them.

    Also those of wider areas than one's own: nothing is told of them but who they are.
    """
    return tx.all(
        "SELECT user_id, name, language, area_code FROM duty_inboxes(:codes) ORDER BY user_id",
        codes=list(communities),
    )


def office_mails(tx: Transaction, communities: Sequence[str]) -> list[Row]:
    """Give the mail addresses of the offices of communities and of the areas around them."""
    return tx.all(
        "SELECT o.area_code, o.name, o.mail FROM area_office AS o WHERE o.mail IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM unnest(CAST(:codes AS text[])) AS c(code)"
        "  WHERE starts_with(c.code, o.area_code)) ORDER BY o.area_code",
        codes=list(communities),
    )


def keepers(tx: Transaction, shelters: Sequence[int]) -> list[Row]:
    """Give who keeps some shelters, and how they are reached; also those with nobody named."""
    return tx.all(
        "SELECT f.id AS shelter, f.area_code, f.name, f.name_en, s.keeper, s.keeper_phone,"
        " s.keeper_mail FROM shelter AS s JOIN facility AS f ON f.id = s.facility_id"
        " WHERE f.id = ANY(:ids) ORDER BY f.id",
        ids=list(shelters),
    )


def places(tx: Transaction, communities: Sequence[str]) -> list[Row]:
    """Give the names of communities, for the loudspeakers: `code`, `name`, `name_en` or None."""
    return tx.all(
        "SELECT code, name_zh AS name, name_en FROM area WHERE code = ANY(:codes)"
        " AND level = 'community' ORDER BY code",
        codes=list(communities),
    )


def grids_of(tx: Transaction, codes: Sequence[str]) -> list[str]:
    """Give the grids in force in some areas."""
    rows = tx.all(
        "SELECT DISTINCT g.code FROM grid AS g WHERE g.valid_to IS NULL AND g.code"
        " ^@ ANY (CAST(:codes AS text[])) ORDER BY 1",
        codes=list(codes),
    )
    return [row["code"] for row in rows]


def holders(tx: Transaction, area_code: str, roles: Sequence[str]) -> list[Row]:
    """Give the accounts that hold one of these roles in an area or inside it."""
    return tx.all(
        "SELECT DISTINCT r.user_id, u.display_name AS name, u.language FROM user_role AS r"
        " JOIN app_user AS u ON u.id = r.user_id AND u.active"
        " WHERE starts_with(r.area_code, :code) AND r.role = ANY(:roles) ORDER BY r.user_id",
        code=area_code,
        roles=list(roles),
    )
