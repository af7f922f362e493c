"""What the sheets of a plan are printed from, and the printed ones that wait to be fetched."""

from collections.abc import Sequence
from typing import Any

from gridmap.store.database import Row, Transaction

Box = tuple[float, float, float, float]
# every area in which the sheets say it is one in which it may be read
_WITHIN = (
    "NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text(j.arguments -> '{what}') AS said(code)"
    " WHERE NOT said.code ^@ ANY(CAST(:{what} AS text[])))"
)
_INSIDE = "geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"


def homes(tx: Transaction, plan_id: int, grid: str | None, english: bool) -> list[Row]:
    """Read who leaves, with their needs and the point they leave from, by grid and household."""
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        "SELECT a.household_id AS id, a.area_code, h.address, h.householder, h.phone, a.people,"
        " a.with_needs, a.shelter_id, a.seconds, a.metres, a.wave, a.reason, a.short_beds,"
        " a.assembly, a.travel, a.departs_seconds,"
        f" a.short_room, (SELECT {name} FROM facility AS f"
        "  WHERE f.id = a.short_shelter_id) AS short,"
        f" (SELECT {name} FROM facility AS f WHERE f.id = a.second_shelter_id) AS second,"
        " coalesce((SELECT array_agg(n.kind ORDER BY n.kind) FROM household_need AS n"
        "  WHERE n.household_id = a.household_id), '{}') AS needs"
        " FROM assignment AS a JOIN household AS h ON h.id = a.household_id"
        " WHERE a.plan_id = :id AND (CAST(:grid AS text) IS NULL OR a.area_code = :grid)"
        " ORDER BY a.area_code, a.household_id",
        id=plan_id,
        grid=grid,
    )


def shelters(tx: Transaction, plan_id: int, english: bool) -> list[Row]:
    """Read the shelters of a plan with everything a sheet says of them, by id."""
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        f"SELECT f.id, f.area_code, coalesce({name}, '') AS name, f.address, s.capacity,"
        " s.accessible, s.services, sum(a.people)::int AS people, count(*)::int AS households,"
        " ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat"
        " FROM assignment AS a JOIN facility AS f ON f.id = a.shelter_id"
        " JOIN shelter AS s ON s.facility_id = f.id WHERE a.plan_id = :id"
        " GROUP BY f.id, s.facility_id ORDER BY f.id",
        id=plan_id,
    )


def ways(tx: Transaction, plan_id: int) -> list[Row]:
    """Read the main ways with their turns, and how long they take by vehicle."""
    return tx.all(
        "SELECT w.area_code, w.shelter_id, w.household_id, w.seconds, w.metres, w.steps,"
        " h.address, ST_AsBinary(w.geom) AS wkb, d.seconds AS drive_seconds,"
        " d.metres AS drive_metres FROM plan_way AS w JOIN household AS h ON h.id = w.household_id"
        " LEFT JOIN route AS d ON d.plan_id = w.plan_id AND d.household_id = w.household_id"
        "  AND d.mode = 'drive' WHERE w.plan_id = :id ORDER BY w.area_code, w.shelter_id",
        id=plan_id,
    )


def lines(tx: Transaction, plan_id: int, grid: str | None) -> list[Row]:
    """Read the ways on foot, one a building, what is walked together once, by grid and shelter.

    The households of a building leave by the same door: a line for each would draw a fan.
    """
    return tx.all(
        "SELECT w.area_code, w.shelter_id, ST_AsBinary(ST_UnaryUnion(ST_Collect(w.geom))) AS wkb"
        " FROM (SELECT DISTINCT ON (a.area_code, a.shelter_id, coalesce('b' || h.building_id,"
        "   ST_AsText(ST_SnapToGrid(ST_StartPoint(r.geom), 0.0002)))) a.area_code, a.shelter_id,"
        "  r.geom FROM route AS r JOIN assignment AS a USING (plan_id, household_id)"
        "  JOIN household AS h ON h.id = r.household_id"
        "  WHERE r.plan_id = :id AND r.mode = 'walk'"
        "  AND (CAST(:grid AS text) IS NULL OR a.area_code = :grid)"
        "  ORDER BY a.area_code, a.shelter_id, coalesce('b' || h.building_id,"
        "   ST_AsText(ST_SnapToGrid(ST_StartPoint(r.geom), 0.0002))), r.metres, r.household_id)"
        " AS w GROUP BY w.area_code, w.shelter_id ORDER BY w.area_code, w.shelter_id",
        id=plan_id,
        grid=grid,
    )


def grids(tx: Transaction, codes: list[str], english: bool) -> list[Row]:
    """Read grids and the smaller areas around them: names, who looks after them, outline."""
    name = "coalesce(a.name_en, a.name_zh)" if english else "a.name_zh"
    return tx.all(
        f"SELECT c.code, (SELECT string_agg({name}, ' ' ORDER BY length(a.code)) FROM area AS a"
        "  WHERE starts_with(c.code, a.code) AND length(a.code) > 6) AS place,"
        " (SELECT string_agg(m.name, '、' ORDER BY m.id) FROM grid_member AS m"
        "  WHERE m.area_code = c.code AND m.role <> 'adviser' AND m.valid_to IS NULL) AS member,"
        " (SELECT string_agg(m.phone, '、' ORDER BY m.id) FROM grid_member AS m"
        "  WHERE m.area_code = c.code AND m.role <> 'adviser' AND m.valid_to IS NULL) AS own_phone,"
        " (SELECT string_agg(m.phone, '、' ORDER BY m.id) FROM grid_member AS m"
        "  WHERE m.area_code = c.code AND m.role <> 'adviser' AND m.valid_to IS NULL"
        "  AND m.phone_public) AS public_phone,"
        " (SELECT o.phone FROM area_office AS o WHERE starts_with(c.code, o.area_code)"
        "  AND o.phone IS NOT NULL ORDER BY length(o.area_code) DESC LIMIT 1) AS office_phone,"
        " ST_AsBinary(coalesce((SELECT g.geom FROM grid AS g WHERE g.code = c.code"
        "  AND g.valid_to IS NULL), (SELECT b.geom FROM area AS b WHERE b.code = c.code))) AS wkb"
        " FROM unnest(CAST(:codes AS text[])) AS c(code) ORDER BY c.code",
        codes=codes,
    )


def hazard(tx: Transaction, hazard_id: int) -> Row:
    """Read the shapes of a hazard and when it begins."""
    return tx.one(
        "SELECT ST_AsBinary(geom) AS wkb, ST_AsBinary(blocked) AS blocked, starts_at, declared_at"
        " FROM hazard WHERE id = :id",
        id=hazard_id,
    )


def place(tx: Transaction, code: str, english: bool) -> str:
    """Give the name of an area with the areas around it."""
    name = "coalesce(a.name_en, a.name_zh)" if english else "a.name_zh"
    found = tx.value(
        f"SELECT string_agg({name}, ' ' ORDER BY length(a.code)) FROM area AS a"
        " WHERE starts_with(:code, a.code)",
        code=code,
    )
    return str(found or "")


def beside(tx: Transaction, lons: Sequence[float], lats: Sequence[float]) -> list[str | None]:
    """Name places after the nearest house with a name or an address, within 150 m; else None."""
    return [
        row["name"]
        for row in tx.all(
            "SELECT (SELECT b.name FROM (SELECT coalesce(o.name, o.address) AS name, o.geom"
            "   FROM building AS o WHERE coalesce(o.name, o.address) IS NOT NULL"
            "   AND o.geom && ST_Expand(p.geom, 0.002) ORDER BY o.geom <-> p.geom, o.id LIMIT 1)"
            "  AS b WHERE ST_DistanceSphere(ST_ClosestPoint(b.geom, p.geom), p.geom) <= 150)"
            "  AS name"
            " FROM (SELECT ST_SetSRID(ST_MakePoint(q.lon, q.lat), 4326) AS geom, q.place"
            "  FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[]))"
            "   WITH ORDINALITY AS q(lon, lat, place)) AS p ORDER BY p.place",
            lons=list(lons),
            lats=list(lats),
        )
    ]


def attribution(tx: Transaction, code: str) -> str:
    """Say whose the base map is."""
    found = tx.value(
        "SELECT attribution FROM town WHERE starts_with(:code, left(area_code, 6))"
        " ORDER BY area_code LIMIT 1",
        code=code,
    )
    return str(found or "")


def ground(tx: Transaction, table: str, box: Box) -> list[Row]:
    """Read one layer of the base map inside a box: `road`, `building`, `water` or `green`."""
    columns = {
        "road": "highway, name",
        "building": "NULL AS name",
        "water": "name",
        "green": "NULL AS name",
    }[table]
    west, south, east, north = box
    return tx.all(
        f"SELECT {columns}, ST_AsBinary(geom) AS wkb FROM {table} WHERE {_INSIDE} ORDER BY id",
        west=west,
        south=south,
        east=east,
        north=north,
    )


def closures(tx: Transaction, area_code: str) -> list[Row]:
    """Read where nobody passes now, and why."""
    return tx.all(
        "SELECT reason, ST_AsBinary(geom) AS wkb FROM road_closure"
        " WHERE starts_with(area_code, left(:code, 6))"
        " AND starts_at <= now() AND (ends_at IS NULL OR ends_at > now()) ORDER BY id",
        code=area_code,
    )


def keep(  # noqa: PLR0913 - the parts of a kept print
    tx: Transaction,
    plan_id: int,
    area_code: str,
    job_id: int,
    made_for: int | None,
    pages: int,
    content: bytes,
) -> None:
    """Keep printed sheets for who asked, and forget those whose day is over."""
    tx.execute("DELETE FROM plan_sheet WHERE expires_at < now()")
    tx.execute(
        "INSERT INTO plan_sheet (plan_id, area_code, job_id, made_for, pages, content)"
        " VALUES (:plan, :area, :job, :person, :pages, :content)",
        plan=plan_id,
        area=area_code,
        job=job_id,
        person=made_for,
        pages=pages,
        content=content,
    )


def kept(
    tx: Transaction, plan_id: int, job_id: int, names_in: list[str], needs_in: list[str]
) -> Any:
    """Give the kept sheets that a job made for this person, or None.

    None as well when they say more of people than this person, or program, may read by now.
    """
    found = tx.value(
        "SELECT s.content FROM plan_sheet AS s JOIN job AS j ON j.id = s.job_id"
        " WHERE s.plan_id = :plan AND s.job_id = :job"
        " AND s.made_for IS NOT DISTINCT FROM :person AND s.expires_at > now()"
        f" AND {_WITHIN.format(what='names_in')} AND {_WITHIN.format(what='needs_in')}",
        plan=plan_id,
        job=job_id,
        person=tx.scope.user_id,
        names_in=names_in,
        needs_in=needs_in,
    )
    return None if found is None else bytes(found)
