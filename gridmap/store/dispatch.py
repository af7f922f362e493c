"""Teams that may be sent to an incident, with what they are busy with, and what was answered."""

from uuid import UUID

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction
from gridmap.store.team_loan import AWAY, LENT_HERE

KIND = "incidents.dispatch"

_BUSY = (
    "(SELECT array_agg(i.number ORDER BY i.number) FROM incident AS i WHERE i.responder_id = r.id"
    " AND i.state IN ('assigned', 'handling')"
    " AND i.id IS DISTINCT FROM CAST(:incident AS uuid))"
)


def incident(tx: Transaction, incident_id: UUID) -> Row | None:
    """Give what decides whom an incident asks for."""
    return tx.maybe(
        "SELECT id, number, area_code, category, state, version, ST_X(geom) AS lon,"
        " ST_Y(geom) AS lat FROM incident WHERE id = :id",
        id=incident_id,
    )


def teams(tx: Transaction, county: str, incident_id: UUID) -> gpd.GeoDataFrame:
    """Give the teams of a county and those lent to where an incident is, by id.

    Beside what a team is: `busy`, the numbers of other incidents it has; `lent_until`, to when it
    is lent to where the incident is; `lent`, away on a loan to anywhere else; `beyond`, metres
    straight to the incident for teams of another county.
    """
    return frames.read(
        tx,
        "SELECT t.*, t.away AND t.lent_until IS NULL AS lent FROM (SELECT r.id, r.area_code,"
        " r.kind, r.name, r.name_en, r.people, r.skills, r.facility_id,"
        f" r.on_duty, coalesce({_BUSY}, '{{}}') AS busy, {AWAY} AS away,"
        " (SELECT max(l.lent_until) FROM team_loan AS l WHERE l.team_id = r.id"
        f"  AND {LENT_HERE}) AS lent_until,"
        " CASE WHEN NOT starts_with(r.area_code, :county)"
        "  THEN ST_Distance(r.geom::geography, i.geom::geography) END AS beyond,"
        " ST_AsBinary(r.geom) AS geom FROM responder AS r, incident AS i"
        " WHERE i.id = CAST(:incident AS uuid)) AS t"
        " WHERE starts_with(t.area_code, :county) OR t.lent_until IS NOT NULL ORDER BY t.id",
        county=county,
        incident=incident_id,
    )


def teams_at_home(tx: Transaction, county: str) -> gpd.GeoDataFrame:
    """Give the teams of a county with what they are busy with and whether they are lent, by id."""
    return frames.read(
        tx,
        "SELECT r.id, r.area_code, r.kind, r.facility_id, r.on_duty,"
        f" coalesce({_BUSY}, '{{}}') AS busy, {AWAY} AS away, ST_AsBinary(r.geom) AS geom"
        " FROM responder AS r WHERE starts_with(r.area_code, :county) ORDER BY r.id",
        county=county,
        incident=None,
    )


def neighbours(tx: Transaction, incident_id: UUID, metres: float, most: int) -> list[Row]:
    """Give free teams of other counties around an incident, the nearest first, straight across."""
    return tx.all(
        "SELECT r.id, r.area_code, r.kind, r.name, r.name_en, r.people, r.skills,"
        " ST_Distance(r.geom::geography, i.geom::geography) AS metres"
        " FROM incident AS i JOIN responder AS r ON r.on_duty"
        " AND left(r.area_code, 6) <> left(i.area_code, 6)"
        " AND ST_DWithin(r.geom::geography, i.geom::geography, :metres)"
        " WHERE i.id = :incident AND NOT EXISTS (SELECT 1 FROM incident AS o"
        "  WHERE o.responder_id = r.id AND o.state IN ('assigned', 'handling'))"
        f" AND NOT {AWAY} ORDER BY 8, r.id LIMIT :most",
        incident=incident_id,
        metres=metres,
        most=most,
    )


def newest(tx: Transaction, incident_id: UUID) -> Row | None:
    """Give the newest answer for an incident."""
    return tx.maybe(
        "SELECT id, result, ended_at FROM job WHERE kind = :kind AND state = 'done'"
        " AND arguments ->> 'incident' = :incident ORDER BY id DESC LIMIT 1",
        kind=KIND,
        incident=str(incident_id),
    )
