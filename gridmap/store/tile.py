"""Vector tiles straight from the tables, generalised by zoom."""

import math
from dataclasses import dataclass

from gridmap.store.database import Transaction

EXTENT = 4096
BUFFER = 64
MOST_ZOOM = 20
SINGLE_HOUSEHOLDS = 16  # from this zoom on each household is a point of its own
_CELLS = 48  # clusters along one side of a tile below that zoom
_EARTH = 20037508.342789244
# From here on Web Mercator bends less than a third of a tile unit within one tile, so degrees are
# scaled straight into it: half the time of transforming every point.
_STRAIGHT = 13

_LINKS = ("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link")
_CLASSES: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("trunk", 6, ("motorway", "trunk")),
    ("primary", 9, ("primary",)),
    ("secondary", 11, ("secondary",)),
    ("tertiary", 12, ("tertiary",)),
    ("link", 13, _LINKS),
    ("residential", 13, ("residential", "unclassified", "living_street", "road")),
    ("service", 14, ("service", "track")),
    ("foot", 14, ("footway", "path", "pedestrian", "steps", "cycleway", "bridleway", "corridor")),
)
_CLASS_OF = (
    "CASE "
    + " ".join(
        f"WHEN highway IN ({', '.join(repr(way) for way in ways)}) THEN '{name}'"
        for name, _zoom, ways in _CLASSES
    )
    + " ELSE 'service' END"
)


@dataclass(frozen=True)
class Tile:
    """Address of one tile."""

    z: int
    x: int
    y: int

    @property
    def degrees(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        side = 2**self.z
        return (
            self.x / side * 360 - 180,
            _latitude((self.y + 1) / side),
            (self.x + 1) / side * 360 - 180,
            _latitude(self.y / side),
        )


def _latitude(part: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * part))))


def _values(tile: Tile) -> dict[str, float]:
    west, south, east, north = tile.degrees
    aside, above = (east - west) * BUFFER / EXTENT, (north - south) * BUFFER / EXTENT
    return {
        "w": max(-180.0, west - aside),
        "s": south - above,
        "e": min(180.0, east + aside),
        "n": north + above,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "z": tile.z,
        "x": tile.x,
        "y": tile.y,
    }


_BOX = "ST_MakeEnvelope(:w, :s, :e, :n, 4326)"


def _drawn(tile: Tile, geometry: str, simplify: bool = True) -> str:
    """Give the SQL that puts a geometry into the tile's own units."""
    if tile.z >= _STRAIGHT:
        # as the box has no reference system, the degrees of the geometry meet those of the tile
        box = "ST_MakeBox2D(ST_MakePoint(:west, :south), ST_MakePoint(:east, :north))"
        return f"ST_AsMVTGeom({geometry}, {box}, {EXTENT}, {BUFFER}, true)"
    if simplify:
        # half a screen pixel, of which a tile has 512 on each side
        tolerance = 360 / 2**tile.z / 1024
        geometry = f"ST_Simplify({geometry}, {tolerance!r}, true)"
    return (
        f"ST_AsMVTGeom(ST_Transform({geometry}, 3857), ST_TileEnvelope(:z, :x, :y),"
        f" {EXTENT}, {BUFFER}, true)"
    )


def _layer(name: str, columns: str, table: str, where: str, tile: Tile, geometry: str) -> str:
    """Give the SQL of one layer; `table` may be any FROM clause.

    What clipping leaves nothing of has no geometry and is skipped by ST_AsMVT itself; asking for
    it in a condition would clip everything twice.
    """
    return (
        f"(SELECT coalesce(ST_AsMVT(t, '{name}', {EXTENT}, 'geom'), '') FROM (SELECT {columns},"
        f" {_drawn(tile, geometry)} AS geom FROM {table}"
        f" WHERE {geometry} && {_BOX} AND {where}) AS t)"
    )


def base(tx: Transaction, tile: Tile) -> bytes:
    """Draw roads, buildings, water, green and names."""
    z = tile.z
    big = "true" if z >= 14 else _not_tiny(z)
    parts = [
        _layer("water", "name, name_en, kind", "water", big, tile, "geom"),
        _layer("green", "name, name_en, kind", "green", big, tile, "geom"),
    ]
    ways = [way for _name, least, every in _CLASSES if z >= least for way in every]
    if ways:
        wanted = f"highway IN ({', '.join(repr(way) for way in ways)})"
        columns = f"{_CLASS_OF} AS class, name, bridge, tunnel, oneway"
        parts.append(_layer("roads", columns, "road", wanted, tile, "geom"))
    if z >= 14:
        parts.append(_layer("buildings", "name", "building", "true", tile, "geom"))
    if z >= 9:
        # residential quarters only where there is room for their names
        least = "kind IN ('city', 'town', 'suburb', 'county')" if z < 13 else "true"
        parts.append(_layer("places", "name, name_en, kind", "place", least, tile, "geom"))
    return _bytes(tx, " || ".join(parts), _values(tile))


def _not_tiny(z: int) -> str:
    """Give the condition that leaves out what is smaller than a pixel on both sides."""
    pixel = 360 / 2**z / 512
    return (
        f"(ST_XMax(geom) - ST_XMin(geom) > {pixel!r} OR ST_YMax(geom) - ST_YMin(geom) > {pixel!r})"
    )


def households(tx: Transaction, tile: Tile, personal_in: list[str]) -> bytes:
    """Draw households: each one from zoom 16 on, below that gathered in cells."""
    values: dict[str, object] = {**_values(tile), "personal_in": personal_in}
    readable = "h.area_code ^@ ANY(CAST(:personal_in AS text[]))"
    if tile.z >= SINGLE_HOUSEHOLDS:
        columns = (
            f"h.id, h.people, CASE WHEN {readable} THEN"
            " EXISTS (SELECT 1 FROM household_need n WHERE n.household_id = h.id) END AS needs,"
            " CASE WHEN length(h.area_code) = 15 THEN h.area_code END AS grid"
        )
        sql = _layer("households", columns, "household h", "true", tile, "h.geom")
        return _bytes(tx, sql, values)
    sums = {
        "count": "count(*)::int",
        "people": "sum(h.people)::int",
        # a cell may hold one household: a sum must not tell what the household itself does not
        "needs": f"CASE WHEN bool_or({readable}) THEN"
        f" (count(n.household_id) FILTER (WHERE {readable}))::int END",
    }
    source = (
        "household h LEFT JOIN (SELECT DISTINCT household_id FROM household_need) n"
        " ON n.household_id = h.id"
    )
    return _bytes(tx, _gathered(tile, sums, source, "true"), values)


def coverage(tx: Transaction, tile: Tile, run_id: int, by: str, limit: float) -> bytes:
    """Draw the answer of a coverage run: reached or not, how far, why not."""
    values: dict[str, object] = {**_values(tile), "run": run_id, "limit": limit}
    measure = "r.metres" if by == "metres" else "r.seconds"
    # thirds of the limit, and 3 for who is not reached
    band = (
        f"CASE WHEN NOT r.covered THEN 3 WHEN {measure} <= :limit / 3 THEN 0"
        f" WHEN {measure} <= :limit * 2 / 3 THEN 1 ELSE 2 END"
    )
    source = (
        "household h JOIN (SELECT * FROM coverage_result WHERE run_id = :run AND west <= :e"
        " AND east >= :w AND south <= :n AND north >= :s) r ON r.household_id = h.id"
    )
    if tile.z >= SINGLE_HOUSEHOLDS:
        columns = (
            "h.id, h.people, r.covered, r.reason, r.seconds, r.metres, r.band AS speeds,"
            " r.score::float8 AS score,"
            f" {band} AS band"
        )
        sql = _layer("households", columns, source, "r.run_id = :run", tile, "h.geom")
        return _bytes(tx, sql, values)
    gap = "FILTER (WHERE NOT r.covered)"
    sums = {
        "count": "count(*)::int",
        "people": "sum(h.people)::int",
        "uncovered": f"count(*) {gap}::int",
        "people_uncovered": f"coalesce(sum(h.people) {gap}, 0)::int",
        "covered": f"count(*) {gap} = 0",
        "reason": f"mode() WITHIN GROUP (ORDER BY r.reason) {gap}",
        "band": f"max({band})",
        "score": "(sum(h.people * r.score) / nullif(sum(h.people) FILTER"
        " (WHERE r.score IS NOT NULL), 0))::float8",
    }
    return _bytes(tx, _gathered(tile, sums, source, "r.run_id = :run"), values)


def _gathered(tile: Tile, sums: dict[str, str], source: str, where: str) -> str:
    """Give the SQL that gathers households in cells; each is counted in one tile only."""
    cell = 360 / 2**tile.z / _CELLS
    drawn = _drawn(tile, "g.middle", simplify=False)
    summed = ", ".join(f"{value} AS {name}" for name, value in sums.items())
    return (
        f"(SELECT coalesce(ST_AsMVT(t, 'households', {EXTENT}, 'geom'), '') FROM ("
        f"SELECT {', '.join(sums)}, {drawn} AS geom FROM (SELECT {summed},"
        " ST_SetSRID(ST_MakePoint(avg(ST_X(h.geom)), avg(ST_Y(h.geom))), 4326) AS middle"
        f" FROM {source} WHERE h.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
        f" AND {where} GROUP BY floor(ST_X(h.geom) / {cell!r}), floor(ST_Y(h.geom) / {cell!r})"
        ") AS g) AS t)"
    )


def _bytes(tx: Transaction, sql: str, values: "dict[str, float] | dict[str, object]") -> bytes:
    used = {name: value for name, value in values.items() if f":{name}" in sql}
    found = tx.value(f"SELECT {sql}", **used)
    return bytes(found or b"")


def run(tx: Transaction, run_id: int) -> "dict[str, object] | None":
    """Give measure and limit of a run in scope."""
    found = tx.maybe(
        "SELECT standard->>'measure' AS by, (standard->>'max_value')::float8 AS most"
        " FROM coverage_run WHERE id = :id",
        id=run_id,
    )
    return None if found is None else dict(found)
