"""Openings of needs and telephone numbers in an emergency; none outlives its hazard."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from gridmap.store.database import Row, Transaction

# In force: not closed, not over, and the hazard still declared. Nobody has to end it.
_IN_FORCE = (
    "b.closed_at IS NULL AND b.until > now() AND z.state = 'declared'"
    " AND (z.ends_at IS NULL OR z.ends_at > now())"
)


def open_areas(tx: Transaction, user_id: int) -> list[str]:
    """Give the areas that are open to a person now."""
    rows = tx.all(
        "SELECT DISTINCT b.area_code FROM break_glass b JOIN hazard z ON z.id = b.hazard_id"
        f" WHERE b.user_id = :user AND {_IN_FORCE} ORDER BY 1",
        user=user_id,
    )
    return [row["area_code"] for row in rows]


def hazard(tx: Transaction, hazard_id: int, area_code: str) -> Row | None:
    """Give a hazard and whether it touches an area; None for a hazard that is not here."""
    return tx.maybe(
        "SELECT z.id, z.state, z.exercise,"
        " (z.ends_at IS NOT NULL AND z.ends_at <= now()) AS over,"
        " EXISTS (SELECT 1 FROM area a WHERE a.code = :area AND a.geom && z.geom"
        "  AND ST_Intersects(a.geom, z.geom)) OR EXISTS (SELECT 1 FROM grid g"
        "  WHERE g.code = :area AND g.valid_to IS NULL AND g.geom && z.geom"
        "  AND ST_Intersects(g.geom, z.geom)) AS touches"
        " FROM hazard z WHERE z.id = :id",
        id=hazard_id,
        area=area_code,
    )


def add(tx: Transaction, *, area_code: str, hazard_id: int, reason: str, lasts: timedelta) -> Row:
    """Open an area to the person of the transaction, until the hazard's end at the latest."""
    return tx.one(
        "INSERT INTO break_glass (area_code, hazard_id, user_id, reason, until)"
        " SELECT :area_code, z.id, :user_id, :reason, least(now() + :lasts, z.ends_at)"
        " FROM hazard z WHERE z.id = :hazard_id RETURNING id, until",
        area_code=area_code,
        hazard_id=hazard_id,
        user_id=tx.scope.user_id,
        reason=reason,
        lasts=lasts,
    )


def close(tx: Transaction, glass_id: int, user_id: int) -> Row | None:
    """End an opening before its time; None if it is not this person's, or over."""
    return tx.maybe(
        "UPDATE break_glass SET closed_at = now() WHERE id = :id AND user_id = :user"
        " AND closed_at IS NULL AND until > now() RETURNING id, area_code",
        id=glass_id,
        user=user_id,
    )


def close_in(tx: Transaction, areas: Sequence[str]) -> list[Row]:
    """End all openings of some areas that are no more: who needs one asks for the new area's."""
    return tx.all(
        "UPDATE break_glass SET closed_at = now() WHERE area_code = ANY(:areas)"
        " AND closed_at IS NULL AND until > now() RETURNING id, area_code",
        areas=list(areas),
    )


def listing(
    tx: Transaction, *, user_id: int | None, in_force: bool = False, limit: int = 200
) -> list[Row]:
    """List openings, the newest first: one person's, or everybody's when `user_id` is None."""
    values: dict[str, Any] = {"user": user_id, "limit": limit}
    return tx.all(
        "SELECT b.id, b.area_code AS area, a.name_zh AS area_name, a.name_en AS area_name_en,"
        " b.hazard_id AS hazard, z.name AS hazard_name,"
        " b.user_id AS person, u.display_name AS by, b.reason, b.opened_at, b.until,"
        f" b.closed_at, ({_IN_FORCE}) AS in_force"
        " FROM break_glass b JOIN hazard z ON z.id = b.hazard_id"
        " JOIN app_user u ON u.id = b.user_id"
        " LEFT JOIN area a ON a.code = left(b.area_code, 12)"
        " WHERE (CAST(:user AS bigint) IS NULL OR b.user_id = :user)"
        f"{' AND ' + _IN_FORCE if in_force else ''}"
        " ORDER BY b.id DESC LIMIT :limit",
        **values,
    )
