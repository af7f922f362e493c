"""Adjustments of hazards: what each was before is kept, and is never written over."""

from datetime import datetime

from gridmap.store.database import Row, Transaction


def hold(tx: Transaction, hazard_id: int) -> Row | None:
    """Give a hazard and keep others from changing it until this transaction ends."""
    return tx.maybe(
        "SELECT id, area_code, kind, class, name, severity, state, exercise, revision, ends_at,"
        " note, households, people, ST_AsBinary(geom) AS wkb, ST_AsBinary(blocked) AS blocked_wkb"
        " FROM hazard WHERE id = :id FOR UPDATE",
        id=hazard_id,
    )


def keep(tx: Transaction, hazard_id: int) -> None:
    """Keep a hazard as it is now, before it is changed."""
    tx.execute(
        "INSERT INTO hazard_revision (hazard_id, revision, area_code, severity, ends_at, note,"
        " households, people, reason, set_by, set_at, geom, blocked)"
        " SELECT id, revision, area_code, severity, ends_at, note, households, people, reason,"
        "  coalesce(adjusted_by, declared_by), coalesce(adjusted_at, declared_at), geom, blocked"
        " FROM hazard WHERE id = :id",
        id=hazard_id,
    )


def change(  # noqa: PLR0913 - the parts of a hazard that change
    tx: Transaction,
    hazard_id: int,
    *,
    area_code: str,
    severity: str | None,
    ends_at: datetime | None,
    note: str | None,
    reason: str,
    wkb: bytes,
    blocked_wkb: bytes | None,
) -> Row:
    """Change a hazard, count who is inside it now, and give its revision, households and people."""
    return tx.one(
        "UPDATE hazard AS z SET area_code = :area_code, severity = :severity, ends_at = :ends_at,"
        " note = :note, reason = :reason, revision = z.revision + 1, adjusted_at = now(),"
        " adjusted_by = :user_id, geom = ST_Multi(ST_GeomFromWKB(:wkb, 4326)),"
        " blocked = ST_Multi(ST_GeomFromWKB(:blocked, 4326)),"
        " (households, people) = (SELECT count(*), coalesce(sum(h.people), 0) FROM household AS h"
        "  WHERE h.geom && ST_GeomFromWKB(:wkb, 4326)"
        "  AND ST_Intersects(h.geom, ST_GeomFromWKB(:wkb, 4326)))"
        " WHERE z.id = :id RETURNING z.revision, z.households, z.people",
        id=hazard_id,
        area_code=area_code,
        severity=severity,
        ends_at=ends_at,
        note=note,
        reason=reason,
        user_id=tx.scope.user_id,
        wkb=wkb,
        blocked=blocked_wkb,
    )


def states(tx: Transaction, hazard_id: int) -> list[Row]:
    """Give all a hazard has been, the newest first; what it is now is the first."""
    return tx.all(
        "SELECT s.*, u.display_name AS by, round(ST_Area(CAST(s.geom AS geography))) AS area_m2,"
        " ST_AsGeoJSON(s.geom, 6) AS geometry, ST_AsGeoJSON(s.blocked, 6) AS blocked_geometry"
        " FROM (SELECT revision, severity, ends_at, note, households, people, reason,"
        "   coalesce(adjusted_by, declared_by) AS set_by,"
        "   coalesce(adjusted_at, declared_at) AS set_at, geom, blocked FROM hazard WHERE id = :id"
        "  UNION ALL SELECT revision, severity, ends_at, note, households, people, reason,"
        "   set_by, set_at, geom, blocked FROM hazard_revision WHERE hazard_id = :id) AS s"
        " LEFT JOIN app_user AS u ON u.id = s.set_by ORDER BY s.revision DESC",
        id=hazard_id,
    )


def head(tx: Transaction, hazard_id: int) -> Row | None:
    """Give what does not change of a hazard, with its state; None if there is none."""
    return tx.maybe(
        "SELECT id, area_code, kind, class, name, name_en, state, exercise, revision, starts_at,"
        " declared_at, lifted_at, ends_at, ends_at < now() AND state = 'declared' AS overdue"
        " FROM hazard WHERE id = :id",
        id=hazard_id,
    )
