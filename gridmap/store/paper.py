"""What papers about grids are written from."""

from datetime import date

from gridmap.store.database import Row, Transaction

Box = tuple[float, float, float, float]
_INSIDE = "geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
_DAY = "valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)"
_SHAPE = (
    "ST_AsBinary({0}.geom) AS wkb, ST_X({0}.label_point) AS lon, ST_Y({0}.label_point) AS lat,"
    " ST_Area({0}.geom::geography) / 1e6 AS km2"
)


def grids(tx: Transaction, day: date, area: str, box: Box | None = None) -> list[Row]:
    """Read the grids of a day: those of an area, or those in a box that are not of the area."""
    where, values = _chosen("g.code", area, box)
    return tx.all(
        "SELECT g.code AS key, g.code, g.area_code, g.name, g.kind, g.special_use, g.households,"
        " g.people, g.valid_from AS since, NULL::bigint AS member_id, g.code AS heir,"
        f" {_SHAPE.format('g')} FROM grid AS g WHERE {_DAY} AND {where} ORDER BY g.code",
        day=day,
        **values,
    )


def scenario_grids(tx: Transaction, scenario: int, area: str, box: Box | None = None) -> list[Row]:
    """Read the grids of a scenario: those of an area, or those in a box that are not of it."""
    where, values = _chosen("g.area_code", area, box)
    return tx.all(
        "SELECT g.key, g.code, g.area_code, g.name, g.kind, g.special_use, g.households,"
        " g.people, s.effective_from AS since, g.member_id, coalesce(g.code, g.parent) AS heir,"
        f" {_SHAPE.format('g')} FROM scenario_grid AS g JOIN scenario AS s ON s.id = g.scenario_id"
        f' WHERE g.scenario_id = :scenario AND {where} ORDER BY g.area_code, g.key COLLATE "C"',
        scenario=scenario,
        **values,
    )


def _chosen(column: str, area: str, box: Box | None) -> tuple[str, dict[str, object]]:
    if box is None:
        return f"starts_with({column}, :area)", {"area": area}
    west, south, east, north = box
    inside = {"west": west, "south": south, "east": east, "north": north}
    return f"NOT starts_with({column}, :area) AND g.{_INSIDE}", {"area": area, **inside}


def members(tx: Transaction, codes: list[str], day: date) -> list[Row]:
    """Read who looked after grids on a day; a telephone only where the posting makes it public."""
    return tx.all(
        "SELECT id, area_code, name, CASE WHEN phone_public THEN phone END AS phone"
        " FROM grid_member WHERE area_code = ANY(:codes) AND role <> 'adviser'"
        f" AND {_DAY} ORDER BY area_code, role = 'leader' DESC, role = 'member' DESC, id",
        codes=codes,
        day=day,
    )


def members_by_id(tx: Transaction, ids: list[int]) -> list[Row]:
    """Read holders of offices that a scenario appoints elsewhere."""
    return tx.all(
        "SELECT id, name, CASE WHEN phone_public THEN phone END AS phone FROM grid_member"
        " WHERE id = ANY(:ids)",
        ids=ids,
    )


def communities(tx: Transaction, area: str, english: bool) -> list[Row]:
    """Read the communities of an area, or the one it lies in, with the office nearest to each."""
    name = "coalesce({0}.name_en, {0}.name_zh)" if english else "{0}.name_zh"
    return tx.all(
        f"SELECT c.code, {name.format('c')} AS name, {name.format('t')} AS township,"
        " ST_AsBinary(c.geom) AS wkb, o.name AS office, o.phone, o.supervision_phone,"
        f" (SELECT array_agg({name.format('f')} ORDER BY f.code) FROM merged_community AS m"
        "  JOIN area AS f ON f.code = ANY(m.communities) WHERE m.code = c.code) AS merged_from"
        # a community that is only drafted lies where those lie that it is made of
        " FROM (SELECT code, level, name_zh, name_en, geom FROM area UNION ALL"
        "  SELECT m.code, 'community', m.name_zh, NULL, ST_Multi(ST_Union(a.geom))"
        "  FROM merged_community AS m JOIN area AS a ON a.code = ANY(m.communities)"
        "  WHERE NOT EXISTS (SELECT 1 FROM area AS n WHERE n.code = m.code)"
        "  GROUP BY m.code) AS c LEFT JOIN area AS t ON t.code = left(c.code, 9)"
        " LEFT JOIN LATERAL (SELECT name, phone, supervision_phone FROM area_office AS o"
        "  WHERE starts_with(c.code, o.area_code) ORDER BY length(o.area_code) DESC LIMIT 1) AS o"
        "  ON true"
        " WHERE c.level = 'community' AND starts_with(c.code, left(:area, 12)) ORDER BY c.code",
        area=area,
    )


def duties(tx: Transaction, area: str, day: date) -> list[Row]:
    """Read what the grids of an area are in charge of on a day, by the area it holds for."""
    return tx.all(
        "SELECT area_code, name FROM service_item WHERE admitted_on <= :day"
        " AND (ends_on IS NULL OR ends_on > :day)"
        " AND (starts_with(:area, area_code) OR starts_with(area_code, :area))"
        " ORDER BY length(area_code), area_code, id",
        area=area,
        day=day,
    )


def houses(tx: Transaction, box: Box) -> list[Row]:
    """Read the buildings in a box with their numbers, and which were found unsafe."""
    return tx.all(
        "SELECT building AS number, address, unsafe, ST_AsBinary(geom) AS wkb FROM building"
        f" WHERE {_INSIDE} ORDER BY id",
        **_sides(box),
    )


def places(tx: Transaction, box: Box, english: bool) -> list[Row]:
    """Read shelters, stores of supplies and clinics in a box that are open."""
    name = "coalesce(f.name_en, f.name, '')" if english else "coalesce(f.name, '')"
    return tx.all(
        f"SELECT f.kind, {name} AS name, s.capacity, coalesce(s.accessible, false) AS accessible,"
        " ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat FROM facility AS f"
        " LEFT JOIN shelter AS s ON s.facility_id = f.id"
        " WHERE f.open AND (s.facility_id IS NOT NULL OR f.kind IN ('supply_point', 'clinic',"
        f"  'hospital')) AND f.{_INSIDE} ORDER BY f.kind, f.id",
        **_sides(box),
    )


def risks(tx: Transaction, box: Box, english: bool) -> list[Row]:
    """Read where it floods or slides: warnings in earnest, those that are over included."""
    name = "coalesce(name_en, name)" if english else "name"
    return tx.all(
        f"SELECT kind, {name} AS name, state = 'declared' AS declared, ST_AsBinary(geom) AS wkb"
        f" FROM hazard WHERE NOT exercise AND {_INSIDE} ORDER BY state, id",
        **_sides(box),
    )


def ways(tx: Transaction, area: str) -> list[Row]:
    """Read the main ways out of the grids of an area, and whether each is approved.

    Of each hazard the newest plan that somebody has approved, else the newest draft.
    """
    return tx.all(
        "SELECT ST_AsBinary(w.geom) AS wkb, p.state <> 'drafted' AS approved FROM plan_way AS w"
        " JOIN (SELECT DISTINCT ON (p.hazard_id) p.id, p.state FROM plan AS p"
        "  JOIN hazard AS h ON h.id = p.hazard_id AND NOT h.exercise"
        "  WHERE p.state IN ('drafted', 'approved', 'active', 'closed')"
        "  ORDER BY p.hazard_id, p.state = 'drafted', p.version DESC) AS p ON p.id = w.plan_id"
        " WHERE starts_with(w.area_code, :area)"
        " ORDER BY w.plan_id, w.area_code, w.shelter_id",
        area=area,
    )


def _sides(box: Box) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), box, strict=True))
