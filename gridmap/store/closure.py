"""Road closures: where nobody can pass, from when, until when, and why."""

from datetime import datetime

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction

# What holds now; SQL for a table named c. A closure whose end has come holds no more, noted or not.
IN_FORCE = "c.starts_at <= now() AND (c.ends_at IS NULL OR c.ends_at > now())"

_TAPPED_METRES = 40.0  # farther from every street than this a tap means none of them
HALF_METRES = 4.0  # of the ground closed around what was drawn


def street_at(tx: Transaction, wkb: bytes) -> Row | None:
    """Give the street nearest to a point: its name, class, bridge or not, and the point on it.

    None where no street is within 40 m.
    """
    return tx.maybe(
        "WITH tap AS (SELECT ST_GeomFromWKB(:wkb, 4326) AS geom)"
        " SELECT r.id, r.name, r.highway, r.bridge OR r.tunnel AS bridge,"
        " ST_AsBinary(ST_ClosestPoint(r.geom, tap.geom)) AS wkb FROM tap, road AS r"
        # a degree is at most 111,320 m; at 60 degrees north one of longitude is half of that
        " WHERE r.geom && ST_Expand(tap.geom, :metres / 55000)"
        " AND ST_DWithin(CAST(r.geom AS geography), CAST(tap.geom AS geography), :metres)"
        " ORDER BY ST_Distance(CAST(r.geom AS geography), CAST(tap.geom AS geography)), r.id"
        " LIMIT 1",
        wkb=wkb,
        metres=_TAPPED_METRES,
    )


def street_under(tx: Transaction, wkb: bytes) -> Row | None:
    """Give the name of a street that a closed area meets, and whether a bridge is among them."""
    return tx.maybe(
        "WITH shut AS (SELECT ST_GeomFromWKB(:wkb, 4326) AS geom)"
        " SELECT min(r.name) AS name, bool_or(r.bridge OR r.tunnel) AS bridge,"
        " count(*)::int AS streets FROM shut, road AS r"
        " WHERE r.geom && shut.geom AND ST_Intersects(r.geom, shut.geom) HAVING count(*) > 0",
        wkb=wkb,
    )


def insert(  # noqa: PLR0913 - the parts of a closure
    tx: Transaction,
    *,
    area_code: str,
    wkb: bytes,
    reason: str,
    name: str | None,
    closes: str,
    ends_at: datetime | None,
) -> int:
    """Insert a closure that holds from now on and give its id.

    Parameters
    ----------
    wkb
        What was drawn; a point or line becomes the ground within 4 m of it.
    closes
        `ground`, `bridges` (and tunnels) or `all`: what runs over or under the rest stays open.
    """
    return int(
        tx.value(
            "INSERT INTO road_closure AS c (area_code, reason, name, closes, ends_at, closed_by,"
            " geom) SELECT :area_code, :reason, :name, :closes, :ends_at, :user_id,"
            " CASE WHEN ST_Dimension(g) = 2 THEN g ELSE CAST(ST_Buffer(CAST(g AS geography),"
            "  :metres) AS geometry) END FROM (SELECT ST_GeomFromWKB(:wkb, 4326) AS g) AS drawn"
            " RETURNING c.id",
            area_code=area_code,
            reason=reason,
            name=name,
            closes=closes,
            ends_at=ends_at,
            user_id=tx.scope.user_id,
            wkb=wkb,
            metres=HALF_METRES,
        )
    )


def change(tx: Transaction, closure_id: int, reason: str, ends_at: datetime | None) -> Row | None:
    """Change why and how long a closure that is in force holds; None if there is none."""
    return tx.maybe(
        "UPDATE road_closure AS c SET reason = :reason, ends_at = :ends_at"
        f" WHERE id = :id AND {IN_FORCE} RETURNING id, area_code",
        id=closure_id,
        reason=reason,
        ends_at=ends_at,
    )


def reopen(tx: Transaction, closure_id: int) -> Row | None:
    """End a closure that is in force; None if there is none."""
    return tx.maybe(
        "UPDATE road_closure AS c SET ends_at = greatest(now(), starts_at), reopened_at = now(),"
        f" reopened_by = :user_id WHERE id = :id AND {IN_FORCE} RETURNING id, area_code",
        id=closure_id,
        user_id=tx.scope.user_id,
    )


def counties_due(tx: Transaction) -> list[str]:
    """Give the counties with closures whose end has come and is not noted."""
    rows = tx.all(
        "SELECT DISTINCT left(area_code, 6) AS code FROM road_closure"
        " WHERE reopened_at IS NULL AND ends_at <= now() ORDER BY 1"
    )
    return [row["code"] for row in rows]


def note_ended(tx: Transaction, county: str) -> list[Row]:
    """Note the closures of a county whose end has come: once, and their layer changes with it."""
    return tx.all(
        "UPDATE road_closure SET reopened_at = ends_at WHERE reopened_at IS NULL"
        " AND ends_at <= now() AND starts_with(area_code, :county) RETURNING id, area_code",
        county=county,
    )


def in_force(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the ground nobody can pass in the county of an area: closures and blocked hazards.

    Returns
    -------
    frame
        By number: `closes` (ground, bridges or all), as `Network.close` reads it.
    """
    return frames.read(
        tx,
        "SELECT row_number() OVER (ORDER BY kind, number) AS id, closes, ST_AsBinary(geom) AS geom"
        " FROM (SELECT 'closure' AS kind, c.id AS number, c.closes, c.geom FROM road_closure AS c"
        f"  WHERE starts_with(c.area_code, left(:code, 6)) AND {IN_FORCE}"
        " UNION ALL SELECT 'hazard', id, 'ground', blocked FROM hazard WHERE state = 'declared'"
        "  AND blocked IS NOT NULL AND NOT exercise"
        "  AND starts_with(area_code, left(:code, 6))) AS shut",
        code=area_code,
    )
