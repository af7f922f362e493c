"""Teams that may be sent to an incident, with what they are busy with, and what was answered."""

from uuid import UUID

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction

KIND = "incidents.dispatch"

_BUSY = (
    "(SELECT array_agg(i.number ORDER BY i.number) FROM incident AS i WHERE i.responder_id = r.id"
    " AND i.state IN ('assigned', 'handling') AND i.id <> CAST(:incident AS uuid))"
)


def incident(tx: Transaction, incident_id: UUID) -> Row | None:
    """Give what decides whom an incident asks for."""
    return tx.maybe(
        "SELECT id, number, area_code, category, state, version, ST_X(geom) AS lon,"
        " ST_Y(geom) AS lat FROM incident WHERE id = :id",
        id=incident_id,
    )


def teams(tx: Transaction, county: str, incident_id: UUID) -> gpd.GeoDataFrame:
    """Give the teams of a county, by id: `busy` are numbers of other incidents they have."""
    return frames.read(
        tx,
        "SELECT r.id, r.area_code, r.kind, r.name, r.name_en, r.people, r.skills, r.facility_id,"
        f" r.on_duty, coalesce({_BUSY}, '{{}}') AS busy, ST_AsBinary(r.geom) AS geom"
        " FROM responder AS r WHERE starts_with(r.area_code, :county) ORDER BY r.id",
        county=county,
        incident=incident_id,
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
        " ORDER BY 8, r.id LIMIT :most",
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
