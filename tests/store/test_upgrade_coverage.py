"""Runs computed before results became parts are read after the upgrade as they were before."""

from typing import Any

import psycopg2
import pytest
from alembic import command

from gridmap.store import migrate

pytestmark = pytest.mark.database
NAME = "before_parts"


@pytest.fixture
def older(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A database as it was before parts, with a run."""
    real = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _head: real(config, "0026"))
        migrate.prepare(postgres.superuser_dsn, postgres.passwords, NAME)
    connection = psycopg2.connect(postgres.url("postgres", NAME))
    connection.autocommit = True
    yield connection
    connection.close()
    postgres.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def rows(connection: Any, sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


ANSWERS = (
    "SELECT run_id, household_id, area_code, covered, facility_id, seconds, metres,"
    " second_facility_id, second_seconds, reason FROM coverage_result ORDER BY run_id, household_id"
)


def test_old_runs_are_moved_as_they_were(older: Any) -> None:
    with older.cursor() as cursor:
        cursor.execute(
            "INSERT INTO household (area_code, source_key, address, people, placed_by, geom)"
            " SELECT '99010100100100' || (1 + n % 2), 'k' || n, 'x', 2, 'hand',"
            " ST_SetSRID(ST_MakePoint(114 + n / 1000.0, 30), 4326)"
            " FROM generate_series(1, 20) AS n;"
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, 'wheelchair', 1 FROM household WHERE id % 5 = 0;"
            "INSERT INTO facility (area_code, source_key, kind, geom) VALUES ('990101', 'f',"
            " 'fire_station', ST_SetSRID(ST_MakePoint(114, 30), 4326));"
            "INSERT INTO coverage_run (area_code, standard_key, standard, input_version)"
            " SELECT '990101', 'fire', '{}', 'road.1' FROM generate_series(1, 2);"
            "INSERT INTO coverage_result (run_id, household_id, area_code, covered, facility_id,"
            " seconds, metres, second_facility_id, second_seconds, reason)"
            " SELECT r.id, h.id, h.area_code, h.id % 3 > 0, CASE WHEN h.id % 4 > 0 THEN f.id END,"
            " CASE WHEN h.id % 4 > 0 THEN h.id * 1.5 END, CASE WHEN h.id % 4 > 0 THEN h.id END,"
            " CASE WHEN h.id % 5 = 0 THEN f.id END, CASE WHEN h.id % 5 = 0 THEN 7.25 END,"
            " CASE WHEN h.id % 3 = 0 THEN CASE WHEN h.id % 2 = 0 THEN 'not_snapped'"
            "  ELSE 'too_far' END END FROM coverage_run AS r, household AS h, facility AS f"
        )
    before = rows(older, ANSWERS)
    assert len(before) == 40
    migrate.upgrade(older)
    assert rows(older, ANSWERS) == before
    sums = rows(
        older,
        "SELECT count(*), sum(households), sum(uncovered), sum(people), sum(people_uncovered),"
        " sum(with_needs), sum(with_needs_uncovered) FROM coverage_part",
    )
    gaps = [row for row in before if not row[3]]
    needs = sum(row[1] % 5 == 0 for row in before), sum(row[1] % 5 == 0 for row in gaps)
    assert sums == [(4, 40, len(gaps), 80, 2 * len(gaps), *needs)]
    reasons = rows(older, "SELECT sum((by_reason->>'too_far')::int) FROM coverage_part")
    assert reasons == [(sum(row[9] == "too_far" for row in before),)]
