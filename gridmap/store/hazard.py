"""Hazards: where people must leave."""

from collections.abc import Sequence
from datetime import datetime

from gridmap.store.database import Row, Transaction


def insert(  # noqa: PLR0913 - the parts of a hazard
    tx: Transaction,
    *,
    area_code: str,
    kind: str,
    name: str,
    severity: str | None,
    wkb: bytes,
    blocked_wkb: bytes | None = None,
    exercise: bool = False,
    ends_at: datetime | None = None,
    note: str | None = None,
) -> int:
    """Insert a declared hazard and give its id; who is inside is counted at the same moment."""
    return int(
        tx.value(
            "WITH shape AS (SELECT ST_Multi(ST_GeomFromWKB(:wkb, 4326)) AS geom),"
            " inside AS (SELECT count(*) AS households, coalesce(sum(h.people), 0) AS people"
            "  FROM shape, household AS h WHERE h.geom && shape.geom"
            "  AND ST_Intersects(h.geom, shape.geom))"
            " INSERT INTO hazard (area_code, kind, name, severity, exercise, declared_by,"
            "  ends_at, note, households, people, geom, blocked)"
            " SELECT :area_code, :kind, :name, :severity, :exercise, :user_id, :ends_at, :note,"
            "  inside.households, inside.people, shape.geom,"
            "  ST_Multi(ST_GeomFromWKB(:blocked, 4326))"
            " FROM shape, inside RETURNING id",
            area_code=area_code,
            kind=kind,
            name=name,
            severity=severity,
            exercise=exercise,
            user_id=tx.scope.user_id,
            ends_at=ends_at,
            note=note,
            wkb=wkb,
            blocked=blocked_wkb,
        )
    )


def read(tx: Transaction, hazard_id: int) -> Row | None:
    """Give one hazard with its shapes as WKB, or None."""
    return tx.maybe(
        "SELECT id, area_code, kind, name, name_en, severity, state, exercise, households, people,"
        " declared_at, ST_AsBinary(geom) AS wkb, ST_AsBinary(blocked) AS blocked_wkb"
        " FROM hazard WHERE id = :id",
        id=hazard_id,
    )


def is_exercise(tx: Transaction, hazard_id: int) -> bool:
    """Tell whether a hazard is one of a drill."""
    return bool(tx.value("SELECT exercise FROM hazard WHERE id = :id", id=hazard_id))


def named(tx: Transaction, text: str) -> list[Row]:
    """Give declared hazards by id, source key or name, for the command line."""
    return tx.all(
        "SELECT id, name, area_code FROM hazard WHERE state = 'declared'"
        " AND (id::text = :text OR source_key = :text OR name = :text OR name_en = :text"
        "  OR kind = :text) ORDER BY id",
        text=text,
    )


def listing(tx: Transaction) -> list[Row]:
    """Give the declared hazards in scope."""
    return tx.all(
        "SELECT id, area_code, kind, name, severity, households, people, declared_at FROM hazard"
        " WHERE state = 'declared' ORDER BY id"
    )


def lift(tx: Transaction, hazard_id: int) -> Row | None:
    """Lift a declared hazard; None if there is none."""
    return tx.maybe(
        "UPDATE hazard SET state = 'lifted', lifted_at = now()"
        " WHERE id = :id AND state = 'declared' RETURNING id, area_code, exercise,"
        " blocked IS NOT NULL AND NOT exercise AS closes",
        id=hazard_id,
    )


def of_file(
    tx: Transaction, area_code: str, keys: Sequence[str], *, numbered: bool = False
) -> list[Row]:
    """Give the hazards of an area that files know by these keys, locked.

    Parameters
    ----------
    numbered
        True to give those of a key that was taken before as well: `key~2` and so on.

    Returns
    -------
    list
        The newest first; `given_key` is the key without its `number`, which is 1 for none.
    """
    given = "regexp_replace(source_key, '~[0-9]+$', '')" if numbered else "source_key"
    return tx.all(
        "SELECT id, kind, state, exercise, severity, ends_at, note, households, source_key,"
        f" {given} AS given_key, coalesce(substring(source_key FROM '~([0-9]{{1,9}})$'), '1')::int"
        "  AS number, ST_AsBinary(geom) AS wkb, ST_AsBinary(blocked) AS blocked_wkb FROM hazard"
        f" WHERE area_code = :code AND {given} = ANY(:keys) ORDER BY id DESC FOR UPDATE",
        code=area_code,
        keys=list(keys),
    )


def count_inside(tx: Transaction, area_code: str, source_keys: list[str]) -> list[Row]:
    """Count who is inside hazards that have just come from a file; give id, kind, severity."""
    if not source_keys:
        return []
    return tx.all(
        "UPDATE hazard AS z SET (households, people) ="
        " (SELECT count(*), coalesce(sum(h.people), 0) FROM household AS h"
        "  WHERE h.geom && z.geom AND ST_Intersects(h.geom, z.geom))"
        " WHERE z.area_code = :code AND z.source_key = ANY(:keys)"
        " RETURNING z.id, z.kind, z.severity",
        code=area_code,
        keys=source_keys,
    )


def touched(tx: Transaction, outlines: Sequence[bytes]) -> list[Row]:
    """Give area and households of shapes, in their order, and each outline fit to be shown.

    Parameters
    ----------
    outlines
        WKB of each in EPSG:4326.

    Returns
    -------
    list
        `area_m2`, `households`, `people`, `geometry`: GeoJSON, simplified by a thousandth of its
        width.
    """
    return tx.all(
        "SELECT round(ST_Area(CAST(s.geom AS geography)))::bigint AS area_m2, h.households,"
        " h.people, ST_AsGeoJSON(ST_SimplifyPreserveTopology(s.geom,"
        "  greatest(ST_XMax(s.geom) - ST_XMin(s.geom), 1e-6) / 1000), 6) AS geometry"
        " FROM unnest(CAST(:outlines AS bytea[])) WITH ORDINALITY AS o(wkb, place)"
        " CROSS JOIN LATERAL (SELECT ST_GeomFromWKB(o.wkb, 4326) AS geom) AS s"
        " CROSS JOIN LATERAL (SELECT count(*)::int AS households,"
        "  coalesce(sum(h.people), 0)::int AS people FROM household AS h"
        "  WHERE h.geom && s.geom AND ST_Intersects(h.geom, s.geom)) AS h ORDER BY o.place",
        outlines=list(outlines),
    )
