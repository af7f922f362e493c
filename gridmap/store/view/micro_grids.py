"""Micro-grids in force, or of a day, as a layer."""

from gridmap.store.view.feature import Source

TABLES = ("micro_grid", "grid")

# two digits, or as many as there are: 03, 12, 104
_NUMBER = "lpad(m.number::text, greatest(2, length(m.number::text)), '0')"
CODE = f"m.area_code || '-' || {_NUMBER}"
_PROPERTIES = {
    "code": CODE,
    "label": f"substr(m.area_code, 10, 3) || '-' || substr(m.area_code, 13, 3) || '-' || {_NUMBER}",
    "number": "m.number",
    "grid": "m.area_code",
    "grid_label": "substr(m.area_code, 10, 3) || '-' || substr(m.area_code, 13, 3)",
    "grid_version": "g.version",
    "households": "m.households",
    "people": "m.people",
    "head": "m.head",
    "minimum": "(m.measures->>'minimum')::int",
    "maximum": "(m.measures->>'maximum')::int",
    "deviation": "(m.measures->>'deviation')::float8",
    "source": "m.measures->>'source'",
    "why": "m.measures->'why'",
    "label_point": "json_build_array(round(ST_X(m.label_point)::numeric, 6),"
    " round(ST_Y(m.label_point)::numeric, 6))",
    "valid_from": "m.valid_from",
    "valid_to": "m.valid_to",
}


def _source(*where: str) -> Source:
    return Source(
        tables="micro_grid m JOIN grid g ON g.id = m.grid_id",
        key=f"({CODE})",
        geometry="m.geom",
        area="m.area_code",
        properties=_PROPERTIES,
        where=where,
    )


SOURCE = _source("m.valid_to IS NULL")
# as they were on :day
AS_OF = _source("m.valid_from <= :day", "(m.valid_to IS NULL OR m.valid_to > :day)")
