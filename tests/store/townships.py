"""Two townships with a household in each, written by the superuser past row security."""

import psycopg2

COUNTY = "990101"
HERE, THERE = "990101001", "990101002"
AREAS = (
    ("990101", "county", None, "县", 114.0, 114.2),
    ("990101001", "township", "990101", "甲", 114.0, 114.1),
    ("990101002", "township", "990101", "乙", 114.1, 114.2),
    ("990101001001", "community", "990101001", "甲一", 114.0, 114.1),
    ("990101002001", "community", "990101002", "乙一", 114.1, 114.2),
)
HOUSEHOLDS = (
    ("990101001001", "a", "甲里1栋", 3, 114.05),
    ("990101002001", "b", "乙里1栋", 2, 114.15),
)


def two_townships(superuser_url: str) -> None:
    """Insert a county, two townships, two communities and one household in each."""
    connection = psycopg2.connect(superuser_url)
    with connection, connection.cursor() as cursor:
        for code, level, parent, name, west, east in AREAS:
            cursor.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES (%s, %s, %s, %s,"
                " ST_Multi(ST_MakeEnvelope(%s, 30, %s, 30.1, 4326)))",
                (code, level, parent, name, west, east),
            )
        for code, key, address, people, lon in HOUSEHOLDS:
            cursor.execute(
                "INSERT INTO household (area_code, source_key, address, people, placed_by, geom)"
                " VALUES (%s, %s, %s, %s, 'hand', ST_SetSRID(ST_MakePoint(%s, 30.05), 4326))",
                (code, key, address, people, lon),
            )
        cursor.execute(
            "INSERT INTO household_need (household_id, area_code, kind)"
            " SELECT id, area_code, 'disabled' FROM household"
        )
    connection.close()
