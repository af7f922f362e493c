"""Lists with the grids of a day stay as quick as lists of today: they look at few rows."""

from datetime import date
from uuid import UUID

import psycopg2
import pytest
from townships import two_townships

from gridmap.model.access import system_scope
from gridmap.store.database import Transaction
from gridmap.store.view import feature, households, incidents
from gridmap.store.view.feature import Ask

DAY = date(2026, 3, 1)
GRID = "990101001001001"
INSIDE = 40
FILL = f"""
INSERT INTO grid (code, area_code, valid_from, geom, label_point)
    SELECT '{GRID}', '990101001001', '2026-01-01', ST_Multi(geom), ST_Centroid(geom)
    FROM ST_MakeEnvelope(114.04, 30.04, 114.049, 30.049, 4326) AS geom;
INSERT INTO household (area_code, source_key, address, people, placed_by, geom)
    SELECT CASE WHEN n <= {INSIDE} THEN '{GRID}' ELSE '990101002001' END, 'n' || n, 'x', 2, 'hand',
    ST_SetSRID(ST_MakePoint(114.0451 + CASE WHEN n <= {INSIDE} THEN 0 ELSE 0.1 END
        + n % 7 * 1e-5, 30.0451 + n % 11 * 1e-5), 4326)
    FROM generate_series(1, 30000) AS n;
INSERT INTO incident (id, area_code, category, title, state, content_hash, reported_at, geom)
    SELECT gen_random_uuid(), '990101002001', 'waterlogging', 'x',
    CASE WHEN n % 10 = 0 THEN 'reported' ELSE 'closed' END, '\\x00',
    CAST('2026-02-01' AS timestamptz) + n * interval '1 minute',
    ST_SetSRID(ST_MakePoint(114.0451 + CASE WHEN n <= {INSIDE} THEN 0 ELSE 0.1 END
        + n % 7 * 1e-5, 30.0451 + n % 11 * 1e-5), 4326)
    FROM generate_series(1, 30000) AS n;
ANALYZE household; ANALYZE incident; ANALYZE grid;
"""
VALUES = {"dispatch_in": [], "handle_in": [], "me": None, "team": None}


class Told(Transaction):
    """Keeps how the long queries were answered."""

    plan = ""

    def all(self, sql, **values):
        if " LIMIT " in sql:
            self.explain(sql, values)
        return super().all(sql, **values)

    def value(self, sql, **values):
        if sql.startswith("SELECT count"):
            self.explain(sql, values)
        return super().value(sql, **values)

    def explain(self, sql, values):
        rows = super().all(f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {sql}", **values)
        self.plan = "\n".join(row["QUERY PLAN"] for row in rows)


@pytest.fixture
def told(fresh_database, store):
    two_townships(fresh_database.superuser_url)
    connection = psycopg2.connect(fresh_database.superuser_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(FILL)
    connection.close()
    with store.transaction(system_scope()) as tx:
        yield Told(tx.connection, tx.scope)


def test_households_of_a_grid_of_a_day_are_found_by_the_index(told):
    asked = {"grid": GRID, "words": None, "need": None, "unplaced": False, "needs_in": []}
    assert households.count(told, day=DAY, **asked) == INSIDE
    assert "household_area" in told.plan, told.plan
    found = households.find(told, day=DAY, after=0, limit=20, **asked)
    assert [row["grid_then"] for row in found] == [GRID] * 20
    assert "Seq Scan on household" not in told.plan, told.plan


def test_incidents_of_a_grid_of_a_day_are_found_by_its_shape(told):
    source = incidents.source(False, None, dated=True, area=GRID, newest=True)
    page = feature.page(told, source, Ask(area=GRID, limit=100), day=DAY, **VALUES)
    assert len(page.features) == INSIDE
    assert page.after is None
    assert "incident_geom" in told.plan, told.plan


def test_the_grids_of_a_page_of_incidents_are_looked_up_for_its_rows_only(told):
    source = incidents.source(False, None, dated=True, until=True, newest=True)
    ask = Ask(limit=50)
    page = feature.page(told, source, ask, day=DAY, until=DAY, **VALUES)
    assert len(page.features) == 50
    assert isinstance(page.after, UUID)
    lines = told.plan.splitlines()
    looked_up = [line for line in lines if "grid t" in line]
    assert looked_up, told.plan
    assert all("loops=51)" in line or "never executed" in line for line in looked_up), told.plan
