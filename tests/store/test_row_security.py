"""Nobody sees or writes a row outside their areas, proven from the catalogue and by trying."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from sqlalchemy.exc import DBAPIError
from townships import HERE, THERE, two_townships

from gridmap.model.access import Scope, system_scope
from gridmap.store import catalogue
from gridmap.store.database import Database
from gridmap.store.migrate import leakproof_marked

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def townships(database: Any) -> Any:
    two_townships(database.superuser_url)
    return database


@pytest.fixture
def here(townships: Any) -> Iterator[Database]:
    """A store on the townships all tests of this module share."""
    opened = Database(townships.app_url)
    yield opened
    opened.close()


def test_every_table_with_an_area_is_protected(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        assert catalogue.unprotected_tables(tx) == []
        tables = tx.all(
            "SELECT table_name AS name FROM information_schema.columns"
            " WHERE column_name = 'area_code' AND table_schema = 'public'"
        )
        # a table with an area may not hide in the list of those without
        assert not {row["name"] for row in tables} & catalogue.WITHOUT_AREA


def test_an_unprotected_table_is_found(fresh_database: Any, store: Database) -> None:
    connection = psycopg2.connect(fresh_database.superuser_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE household NO FORCE ROW LEVEL SECURITY")
    connection.close()
    with store.transaction(system_scope()) as tx:
        assert catalogue.unprotected_tables(tx) == ["household"]


def test_views_run_with_the_rights_of_who_asks(fresh_database: Any, store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        assert catalogue.leaking_views(tx) == []
    connection = psycopg2.connect(fresh_database.superuser_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE VIEW leak AS SELECT * FROM household")
    connection.close()
    with store.transaction(system_scope()) as tx:
        assert catalogue.leaking_views(tx) == ["leak"]


def test_the_apps_role_is_weak(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        rights = catalogue.own_rights(tx)
    assert not rights["superuser"]
    assert not rights["bypasses"]
    assert not rights["owns_tables"]


def test_no_context_means_no_rows(townships: Any) -> None:
    connection = psycopg2.connect(townships.app_url)
    with connection, connection.cursor() as cursor:
        for table in ("household", "household_need", "area", "event", "job"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table
    connection.close()


def test_a_context_does_not_outlive_its_transaction(townships: Any) -> None:
    store = Database(townships.app_url, size=1)
    with store.transaction(Scope((HERE,))) as tx:
        assert tx.value("SELECT count(*) FROM household") == 1
    with store.transaction(Scope()) as tx:
        assert tx.value("SELECT count(*) FROM household") == 0
    store.close()


@pytest.mark.parametrize("mine", [HERE, THERE])
def test_private_rows_are_those_of_ones_area(townships: Any, here: Database, mine: str) -> None:
    with here.transaction(Scope((mine,))) as tx:
        for table in ("household", "household_need"):
            codes = tx.all(f"SELECT area_code FROM {table}")
            assert [row["area_code"][:9] for row in codes] == [mine]


def test_a_prefix_is_not_a_number(townships: Any, here: Database) -> None:
    with here.transaction(Scope(("9901010",))) as tx:
        assert tx.value("SELECT count(*) FROM household") == 2
    with here.transaction(Scope(("990102",))) as tx:
        assert tx.value("SELECT count(*) FROM household") == 0
        assert tx.value("SELECT count(*) FROM area") == 0


def test_common_rows_are_the_countys_to_read_and_ones_own_to_write(
    townships: Any, here: Database
) -> None:
    with here.transaction(Scope((HERE,))) as tx:
        assert tx.value("SELECT count(*) FROM area") == 5
        # a row one may read but not change is simply not there for the UPDATE
        assert tx.execute("UPDATE area SET name_zh = '我的' WHERE code = :code", code=THERE) == 0
        assert tx.execute("UPDATE area SET name_zh = '我的' WHERE code = :code", code=HERE) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE household SET area_code = '990101002001'",
        "INSERT INTO household (area_code, source_key, address, people, unplaced_reason)"
        " VALUES ('990101002001', 'c', '乙里2栋', 1, 'no_address')",
        "INSERT INTO facility (area_code, source_key, kind, geom)"
        " VALUES ('990101002', 'x', 'police', ST_SetSRID(ST_MakePoint(114.15, 30.05), 4326))",
        "INSERT INTO event (kind, area_code, subject, subject_id)"
        " VALUES ('incident.reported', '990101002001', 'incident', '1')",
    ],
)
def test_nothing_is_written_into_anothers_area(townships: Any, here: Database, sql: str) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):  # noqa: SIM117
        with here.transaction(Scope((HERE,))) as tx:
            tx.execute(sql)


def test_an_event_reaches_those_inside_its_area(townships: Any, here: Database) -> None:
    with here.transaction(system_scope()) as tx:
        for code in ("990101", "990101001", "990101001001", "990101002"):
            tx.execute(
                "INSERT INTO event (kind, area_code, subject, subject_id)"
                " VALUES ('hazard.declared', :code, 'hazard', :code)",
                code=code,
            )
    with here.transaction(Scope(("990101001001",))) as tx:
        seen = {row["area_code"] for row in tx.all("SELECT area_code FROM event")}
    assert seen == {"990101", "990101001", "990101001001"}


def test_events_are_never_changed_nor_deleted(townships: Any, here: Database) -> None:
    with here.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO event (kind, area_code, subject, subject_id)"
            " VALUES ('hazard.declared', '990101', 'hazard', '1')"
        )
    for sql in ("UPDATE event SET payload = '{\"a\": 1}'", "DELETE FROM event"):
        with pytest.raises(DBAPIError), here.transaction(system_scope()) as tx:
            tx.execute(sql)


BOX = "ST_MakeEnvelope(114.040, 30.040, 114.044, 30.044, 4326)"


def test_the_spatial_index_is_used_among_300_000_rows(fresh_database: Any, store: Database) -> None:
    connection = psycopg2.connect(fresh_database.superuser_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        assert leakproof_marked(connection)
        cursor.execute(
            "INSERT INTO household (area_code, source_key, address, people, placed_by, geom)"
            " SELECT '99010100' || (1 + n % 2) || '001', 'n' || n, 'x', 2, 'hand',"
            " ST_SetSRID(ST_MakePoint(114.0 + (n % 2) * 0.1 + (n::bigint * 7919 % 100003) / 1e6,"
            " 30.0 + (n::bigint * n % 99991) / 1e6), 4326) FROM generate_series(1, 300000) AS n"
        )
        cursor.execute("ANALYZE household")
    query = f"SELECT count(*) FROM household WHERE geom && {BOX} AND ST_Intersects(geom, {BOX})"
    with store.transaction(Scope((HERE,))) as tx:
        plan = _plan(tx, query)
        assert "household_geom" in plan, plan
        # isolation holds on the same query: the rows found are ours alone
        mine = tx.value(query)
        assert 0 < mine < 1000
    with store.transaction(Scope((THERE,))) as tx:
        assert tx.value(query) == 0
    # the index is lost without the mark: what the mark is for, shown red
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF")
    with store.transaction(Scope((HERE,))) as tx:
        assert "household_geom" not in _plan(tx, query)
    connection.close()


def _plan(tx: Any, query: str) -> str:
    return "\n".join(row["QUERY PLAN"] for row in tx.all(f"EXPLAIN (ANALYZE, COSTS OFF) {query}"))
