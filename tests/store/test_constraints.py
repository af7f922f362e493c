"""The second net: what the gates should have stopped does not get into the tables either."""

import pytest
from psycopg2 import errors
from psycopg2.extensions import connection

pytestmark = pytest.mark.database

HOUSEHOLD = (
    "INSERT INTO household (area_code, source_key, address, people, placed_by, geom)"
    " VALUES ('990101001001', 'k', 'x', 2, 'hand', {})"
)
AREA = "INSERT INTO area (code, level, name_zh, geom) VALUES ('990101', 'county', 'x', {})"


@pytest.mark.parametrize(
    "shape",
    [
        "ST_SetSRID('POINT(0 0)'::geometry, 4326)",
        "ST_SetSRID('POINT EMPTY'::geometry, 4326)",
        "ST_SetSRID('POINT(181 30)'::geometry, 4326)",
        "ST_SetSRID('POINT(114 -90.1)'::geometry, 4326)",
        "ST_SetSRID(ST_MakePoint('NaN', 30), 4326)",
        "ST_SetSRID(ST_MakePoint('Infinity', 30), 4326)",
        "ST_SetSRID(ST_MakePoint(114, 30, 5), 4326)",
        "ST_SetSRID(ST_MakePoint(114, 30), 3857)",
    ],
)
def test_a_point_that_is_none_is_refused(owner_conn: connection, shape: str) -> None:
    with owner_conn.cursor() as cursor, pytest.raises(errors.Error) as caught:
        cursor.execute(HOUSEHOLD.format(shape))
    assert isinstance(
        caught.value, errors.CheckViolation | errors.DataError | errors.InvalidParameterValue
    )


def test_a_sound_point_is_taken(owner_conn: connection) -> None:
    with owner_conn.cursor() as cursor:
        cursor.execute(HOUSEHOLD.format("ST_SetSRID(ST_MakePoint(114, 30), 4326)"))
        assert cursor.rowcount == 1


@pytest.mark.parametrize(
    "ring",
    [
        "114 30, 115 31, 115 30, 114 31, 114 30",
        "114 30, 114 30, 114 30, 114 30",
    ],
)
def test_a_polygon_that_crosses_itself_is_refused(owner_conn: connection, ring: str) -> None:
    shape = f"ST_SetSRID('MULTIPOLYGON((({ring})))'::geometry, 4326)"
    with owner_conn.cursor() as cursor, pytest.raises(errors.CheckViolation):
        cursor.execute(AREA.format(shape))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("area_code", "'99010'"),
        ("area_code", "'99010100100x'"),
        ("people", "-1"),
        ("people", "51"),
        ("residence", "'elsewhere'"),
        ("address", "''"),
    ],
)
def test_a_household_outside_its_limits_is_refused(
    owner_conn: connection, column: str, value: str
) -> None:
    columns = {
        "area_code": "'990101001001'",
        "source_key": "'k'",
        "address": "'x'",
        "people": "2",
        "residence": "'resident'",
        "unplaced_reason": "'no_address'",
        column: value,
    }
    with owner_conn.cursor() as cursor, pytest.raises(errors.CheckViolation):
        cursor.execute(
            f"INSERT INTO household ({', '.join(columns)}) VALUES ({', '.join(columns.values())})"
        )


def test_a_household_is_placed_or_says_why_not(owner_conn: connection) -> None:
    with owner_conn.cursor() as cursor, pytest.raises(errors.CheckViolation):
        cursor.execute(
            "INSERT INTO household (area_code, source_key, address, people)"
            " VALUES ('990101001001', 'k', 'x', 2)"
        )


def test_every_layer_has_a_spatial_index(owner_conn: connection) -> None:
    with owner_conn.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class AS c WHERE c.relkind = 'r'"
            " AND c.relnamespace = 'public'::regnamespace"
            " AND EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid"
            "  AND a.atttypid = 'geometry'::regtype AND NOT EXISTS"
            "   (SELECT 1 FROM pg_index AS i JOIN pg_class AS ic ON ic.oid = i.indexrelid"
            "    JOIN pg_am AS am ON am.oid = ic.relam WHERE i.indrelid = c.oid"
            "    AND am.amname = 'gist' AND a.attnum = ANY(i.indkey)))"
            " AND c.relname NOT IN ('town', 'grid_member', 'hazard', 'grid', 'micro_grid',"
            # read whole, by its hazard
            "  'hazard_revision',"
            # read whole, by their scenario or upload
            "  'scenario_grid', 'scenario_block', 'grid_import_feature', 'spatial_ref_sys')"
        )
        # a geometry that is searched by place has its index
        assert cursor.fetchall() == []
