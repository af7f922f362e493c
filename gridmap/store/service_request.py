"""Services that households want: those that follow from needs by rules, and those asked for."""

import geopandas as gpd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction

# The rule of the smallest area counts. A wish that follows from a need is a row of its own only
# once somebody has decided about it; one whose need or rule is gone is no wish any more.
_WANTED = (
    "WITH ruled AS (SELECT DISTINCT ON (n.household_id, n.kind, r.service) n.household_id, n.kind,"
    "  r.service, r.active, n.seen_at FROM household_need n"
    "  JOIN household h ON h.id = n.household_id"
    "  JOIN service_rule r ON r.need = n.kind AND h.area_code ^@ r.area_code"
    "  WHERE h.area_code ^@ :area AND (CAST(:household AS bigint) IS NULL OR h.id = :household)"
    "  ORDER BY n.household_id, n.kind, r.service, length(r.area_code) DESC),"
    " derived AS (SELECT household_id, service, min(seen_at) AS since,"
    "  array_agg(kind ORDER BY kind) AS needs FROM ruled WHERE active GROUP BY 1, 2),"
    " asked AS (SELECT * FROM service_request WHERE area_code ^@ :area"
    "  AND (CAST(:household AS bigint) IS NULL OR household_id = :household)),"
    " wanted AS (SELECT coalesce(q.household_id, d.household_id) AS household_id,"
    "  coalesce(q.service, d.service) AS service, least(q.since, d.since) AS since,"
    "  coalesce(q.source, 'need') AS source, coalesce(q.state, 'open') AS state, q.offer_id,"
    "  coalesce(q.revision, 0) AS revision, coalesce(d.needs, '{}') AS needs"
    "  FROM derived d FULL JOIN asked q"
    "   ON q.household_id = d.household_id AND q.service = d.service"
    "  WHERE d.household_id IS NOT NULL OR q.source <> 'need')"
)


def for_matching(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the wishes of an area that are open, those who have waited longest first."""
    return frames.read(
        tx,
        _WANTED + " SELECT row_number() OVER (ORDER BY w.since, w.household_id, w.service) AS id,"
        " w.household_id, w.service, h.area_code, ST_AsBinary(h.geom) AS geom"
        " FROM wanted w JOIN household h ON h.id = w.household_id WHERE w.state = 'open'"
        " ORDER BY 1",
        area=area_code,
        household=None,
    )


def listing(
    tx: Transaction, *, area: str, state: str, service: str | None, after: int, limit: int
) -> list[Row]:
    """Read a page of wishes, by household: what each wants and who could meet it."""
    return tx.all(
        _WANTED + " SELECT w.*, h.area_code, h.address, h.householder, h.people, o.name AS offer"
        " FROM wanted w JOIN household h ON h.id = w.household_id"
        " LEFT JOIN service_offer o ON o.id = w.offer_id"
        " WHERE w.state = :state AND (CAST(:service AS text) IS NULL OR w.service = :service)"
        # pages end between households: one has no more wishes than there are services
        " AND w.household_id IN (SELECT household_id FROM wanted WHERE state = :state"
        "  AND (CAST(:service AS text) IS NULL OR service = :service)"
        "  AND household_id > :after GROUP BY 1 ORDER BY 1 LIMIT :limit)"
        " ORDER BY w.household_id, w.service",
        area=area,
        household=None,
        state=state,
        service=service,
        after=after,
        limit=limit,
    )


def one(tx: Transaction, area: str, household_id: int, service: str) -> Row | None:
    """Give what a household wants of one service, asked for or following from a need."""
    return tx.maybe(
        _WANTED + " SELECT * FROM wanted WHERE service = :service",
        area=area,
        household=household_id,
        service=service,
    )


def put(  # noqa: PLR0913 - the parts of a decision
    tx: Transaction,
    *,
    area_code: str,
    household_id: int,
    service: str,
    source: str,
    state: str,
    offer_id: int | None,
) -> int:
    """Write a wish down, or what was decided about it; give its revision."""
    return int(
        tx.value(
            "INSERT INTO service_request (area_code, household_id, service, source, state,"
            " offer_id, decided_at, user_id) VALUES (:area_code, :household_id, :service, :source,"
            " :state, :offer_id, CASE WHEN :state <> 'open' THEN now() END, :user_id)"
            " ON CONFLICT (household_id, service) DO UPDATE SET state = excluded.state,"
            " offer_id = excluded.offer_id, decided_at = excluded.decided_at,"
            # what was asked for stays asked for, whoever decides about it
            " source = CASE WHEN service_request.source = 'need' THEN excluded.source"
            "  ELSE service_request.source END,"
            " revision = service_request.revision + 1, user_id = excluded.user_id"
            " RETURNING revision",
            area_code=area_code,
            household_id=household_id,
            service=service,
            source=source,
            state=state,
            offer_id=offer_id,
            user_id=tx.scope.user_id,
        )
    )


def met(tx: Transaction, area_code: str, length: int) -> list[Row]:
    """Count the wishes that are met, by area (so many digits of its code) and service."""
    return tx.all(
        "SELECT left(area_code, :length) AS code, service, count(*)::int AS met"
        " FROM service_request WHERE state = 'met' AND area_code ^@ :area GROUP BY 1, 2",
        area=area_code,
        length=length,
    )
