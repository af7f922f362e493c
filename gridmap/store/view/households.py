"""Households as a layer and in detail; what may be seen of a person is decided by the service."""

from gridmap.model.problem import not_found
from gridmap.store.database import Row, Transaction
from gridmap.store.view.feature import Source

TABLES = ("household", "household_need")

SOURCE = Source(
    tables="household h",
    key="h.id",
    geometry="h.geom",
    area="h.area_code",
    properties={
        "id": "h.id",
        "grid": "CASE WHEN length(h.area_code) = 15 THEN h.area_code END",
        "people": "h.people",
        "address": "h.address",
        "needs": "CASE WHEN h.area_code ^@ ANY(CAST(:personal_in AS text[])) THEN"
        " coalesce((SELECT json_agg(n.kind ORDER BY n.kind) FROM household_need n"
        " WHERE n.household_id = h.id), '[]'::json) END",
    },
    where=("h.geom IS NOT NULL",),
)


def must_exist(tx: Transaction, household_id: int) -> None:
    """Stop unless a household is here for this person.

    Raises
    ------
    Problem
        404.
    """
    if tx.value("SELECT 1 FROM household WHERE id = :id", id=household_id) is None:
        raise not_found(f"household {household_id}")


def unplaced(
    tx: Transaction, *, area: str | None, cursor: int, limit: int, english: bool
) -> list[Row]:
    """List households without a place, and why each has none."""
    name = "coalesce(a.name_en, a.name_zh)" if english else "a.name_zh"
    return tx.all(
        f"SELECT h.id, h.area_code, {name} AS community, h.address, h.people,"
        " h.unplaced_reason AS reason FROM household h"
        " LEFT JOIN area a ON a.code = left(h.area_code, 12)"
        " WHERE h.geom IS NULL AND h.id > :cursor"
        " AND (CAST(:area AS text) IS NULL OR h.area_code ^@ :area)"
        " ORDER BY h.id LIMIT :limit",
        cursor=cursor,
        area=area,
        limit=limit,
    )


def count_unplaced(tx: Transaction) -> int:
    """Count the households without a place."""
    return int(tx.value("SELECT count(*) FROM household WHERE geom IS NULL"))


def building_at(tx: Transaction, lon: float, lat: float) -> Row | None:
    """Give the building around a point."""
    return tx.maybe(
        "SELECT id, address, name FROM building"
        " WHERE geom && ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
        " AND ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
        " ORDER BY id LIMIT 1",
        lon=lon,
        lat=lat,
    )


# the grid around a household on a day; `area_code` is that of today
_ON_THE_DAY = (
    "t.kind = 'comprehensive' AND (starts_with(t.code, left(h.area_code, 12))"
    "  OR starts_with(h.area_code, community_now(t.area_code)))"
    " AND t.valid_from <= :day"
    " AND (t.valid_to IS NULL OR t.valid_to > :day)"
    " AND t.geom && h.geom AND ST_Intersects(t.geom, h.geom)"
)
_THEN = f"(SELECT t.code FROM grid AS t WHERE {_ON_THE_DAY} ORDER BY t.code LIMIT 1)"
_GRID_NOW = "(CAST(:grid AS text) IS NULL OR h.area_code ^@ :grid)"
_GRID_THEN = (
    # first what narrows the rows down: a household stays in its community whatever the day,
    # unless that has become part of another; a value, so that the index on areas can be used
    "(CAST(:grid AS text) IS NULL OR (h.area_code ^@ CAST(:community AS text)"
    f" AND {_THEN} ^@ :grid))"
)
_FOUND = (
    " AND (CAST(:words AS text) IS NULL OR h.address ILIKE :words)"
    " AND (NOT :unplaced OR h.geom IS NULL)"
    " AND (CAST(:need AS text) IS NULL OR (h.area_code ^@ ANY(CAST(:needs_in AS text[]))"
    "  AND EXISTS (SELECT 1 FROM household_need n WHERE n.household_id = h.id"
    "   AND (:need = 'any' OR n.kind = :need))))"
)


def find(tx: Transaction, *, after: int, limit: int, **asked: object) -> list[Row]:
    """Read a page of households: of a grid, by words of the address, by need, without a place.

    Parameters
    ----------
    asked
        `grid` (area-code prefix; of the grids of `day` where one is given), `words`, `need` (a
        kind or ``any``), `unplaced`, `needs_in` (areas whose needs may be read: a need that may
        not be read finds nobody).
    """
    then = "NULL" if asked.get("day") is None else _THEN
    return tx.all(
        "SELECT h.id, h.area_code, h.address, h.people, h.householder, h.phone,"
        " h.geom IS NOT NULL AS placed, h.unplaced_reason,"
        " coalesce((SELECT array_agg(n.kind ORDER BY n.kind) FROM household_need n"
        "  WHERE n.household_id = h.id), '{}') AS needs,"
        " (SELECT max(v.ended_at) FROM visit v WHERE v.household_id = h.id AND v.state = 'done')"
        "  AS last_visit,"
        " (SELECT v.due_on FROM visit v WHERE v.household_id = h.id AND v.state = 'planned')"
        f"  AS due_on, {then} AS grid_then{_found(asked)}"
        " AND h.id > :after ORDER BY h.id LIMIT :limit",
        after=after,
        limit=limit,
        **_asked(tx, asked),
    )


def count(tx: Transaction, **asked: object) -> int:
    """Count what `find` would list in all."""
    return int(tx.value(f"SELECT count(*){_found(asked)}", **_asked(tx, asked)))


def _found(asked: dict[str, object]) -> str:
    return (
        f" FROM household h WHERE {_GRID_NOW if asked.get('day') is None else _GRID_THEN}{_FOUND}"
    )


def _asked(tx: Transaction, asked: dict[str, object]) -> dict[str, object]:
    words, grid = asked.get("words"), asked.get("grid")
    if isinstance(words, str):
        plain = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        asked = {**asked, "words": f"%{plain}%"}
    if asked.get("day") is not None and grid is not None:
        community = tx.value("SELECT community_now(left(:grid, 12))", grid=grid)
        return {**asked, "community": community}
    return {**asked, "community": None}
