"""Giving a household its place by hand."""

from gridmap.store.database import Row, Transaction


def household(tx: Transaction, household_id: int) -> Row | None:
    """Read and lock a household that is about to be placed."""
    return tx.maybe(
        "SELECT id, area_code, placed_by FROM household WHERE id = :id FOR UPDATE",
        id=household_id,
    )


def inside_building(tx: Transaction, building_id: int) -> tuple[float, float] | None:
    """Give a point on a building; None when there is no such building here."""
    found = tx.maybe(
        "SELECT ST_X(p) AS lon, ST_Y(p) AS lat"
        " FROM (SELECT ST_PointOnSurface(geom) AS p FROM building WHERE id = :id) AS b",
        id=building_id,
    )
    return None if found is None else (found["lon"], found["lat"])


def put(
    tx: Transaction,
    household_id: int,
    *,
    lon: float,
    lat: float,
    area_code: str,
    building_id: int | None,
) -> None:
    """Store the place; needs follow the household into its grid."""
    tx.execute(
        "UPDATE household SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326),"
        " placed_by = 'hand', unplaced_reason = NULL, area_code = :area_code,"
        " building_id = coalesce(:building, building_id), updated_at = now() WHERE id = :id",
        id=household_id,
        lon=lon,
        lat=lat,
        area_code=area_code,
        building=building_id,
    )
    tx.execute(
        "UPDATE household_need SET area_code = :area_code WHERE household_id = :id",
        id=household_id,
        area_code=area_code,
    )
