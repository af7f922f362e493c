"""Parts of coverage runs: what goes in comes out, nonsense does not go in, old ones go."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg2
import pytest
from psycopg2 import errors
from townships import COUNTY

from geodata.homes import Homes
from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage_history
from gridmap.store import copying, coverage_homes, coverage_part
from gridmap.store import coverage as rows
from gridmap.store.database import Database

pytestmark = pytest.mark.database
GRIDS = (f"{COUNTY}001001001", f"{COUNTY}001001002", f"{COUNTY}002001")


@pytest.fixture
def homes(fresh_database: Any, store: Database) -> gpd.GeoDataFrame:
    connection = psycopg2.connect(fresh_database.superuser_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM household_need; DELETE FROM household")
        for at in range(30):
            cursor.execute(
                "INSERT INTO household (area_code, source_key, address, people, placed_by, geom)"
                " VALUES (%s, %s, 'x', %s, 'hand', ST_SetSRID(ST_MakePoint(%s, 30.01), 4326))",
                (GRIDS[at % 3], f"k{at}", at % 5, 114 + at / 1000),
            )
        cursor.execute(
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, kind, 1 FROM household,"
            " unnest(ARRAY['wheelchair', 'oxygen']) AS kind WHERE source_key IN ('k1', 'k29')"
        )
    connection.close()
    with store.transaction(Scope((COUNTY,))) as tx:
        return coverage_homes.read(tx, COUNTY).frame


def results(homes: gpd.GeoDataFrame, *, seconds: float = 10.0) -> pd.DataFrame:
    at = np.arange(len(homes))
    covered = at % 4 != 0
    return pd.DataFrame(
        {
            "area_code": homes["area_code"],
            "covered": covered,
            "facility_id": pd.array(np.where(covered, 7, None), dtype="Int64"),
            "seconds": np.where(at == 8, np.nan, seconds + at),
            "metres": np.where(at == 8, np.nan, 2.5 * at),
            "second_facility_id": pd.array([None] * len(at), dtype="Int64"),
            "second_seconds": np.inf,
            "second_metres": np.inf,
            "reason": pd.array(np.where(covered, None, "too_far"), dtype="string"),
            "band": pd.array(np.array(["always", "sometimes", "never"])[at % 3], dtype="string"),
        },
        index=homes.index,
    )


def run(store: Database, homes: gpd.GeoDataFrame, found: pd.DataFrame) -> tuple[int, int]:
    """Store a run as a worker does; give its id and how many parts were new."""
    with store.transaction(Scope((COUNTY,))) as tx:
        before = rows.latest(tx, "fire", COUNTY)
        known = {} if before is None else coverage_part.known(tx, before["id"])
        every = list(coverage_part.parts(Homes.of(homes), found))
        fresh = [one for one in every if (one.area_code, one.digest) not in known]
        same = [known[one.area_code, one.digest] for one in every if one not in fresh]
        number = int(
            tx.value(
                "INSERT INTO coverage_run (area_code, standard_key, standard, input_version)"
                " VALUES (:code, 'fire', '{}', 'road.1') RETURNING id",
                code=COUNTY,
            )
        )
        coverage_part.link(tx, number, [*same, *coverage_part.save(tx, fresh)])
    return number, len(fresh)


def test_households_are_read_as_they_stand(homes: gpd.GeoDataFrame, store: Database) -> None:
    assert homes.index.is_monotonic_increasing
    with store.transaction(Scope((COUNTY,))) as tx:
        plain = tx.all(
            "SELECT id, area_code, people, ST_X(geom) AS x, EXISTS (SELECT 1 FROM household_need n"
            " WHERE n.household_id = h.id) AS needs FROM household h ORDER BY id"
        )
        villages = coverage_homes.read(tx, COUNTY, "village")
        township = coverage_homes.read(tx, f"{COUNTY}002")
    assert [
        {"id": key, "area_code": code, "people": people, "x": x, "needs": needs}
        for key, code, people, x, needs in zip(
            homes.index,
            homes["area_code"],
            homes["people"],
            homes.geometry.x,
            homes["with_needs"],
            strict=True,
        )
    ] == plain
    assert homes["with_needs"].sum() == 2
    assert len(villages) == 0
    assert len(township) == 10


@pytest.mark.parametrize("kind", ["any", "urban", "village"])
def test_a_kind_of_community_is_taken_from_all_as_it_is_read(
    homes: gpd.GeoDataFrame, store: Database, kind: str
) -> None:
    with store.transaction(Scope((COUNTY,))) as tx:
        tx.execute(
            "UPDATE household SET area_code = :code WHERE people = 2", code=f"{COUNTY}001201001"
        )
        every, read = coverage_homes.read(tx, COUNTY), coverage_homes.read(tx, COUNTY, kind)
    taken = coverage_homes.of_type(every, kind)
    assert len(taken) == {"any": 30, "urban": 24, "village": 6}[kind]
    one, other = (each.frame.to_wkt().astype({"area_code": str}) for each in (taken, read))
    assert one.equals(other)


def test_what_goes_in_comes_out(homes: gpd.GeoDataFrame, store: Database) -> None:
    found = results(homes)
    number, fresh = run(store, homes, found)
    assert fresh == 3
    with store.transaction(Scope((COUNTY,))) as tx:
        out = pd.DataFrame(
            tx.all(
                "SELECT household_id, area_code, covered, facility_id, seconds, metres,"
                " second_facility_id, second_seconds, second_metres, reason, band, score"
                " FROM coverage_result WHERE run_id = :run ORDER BY household_id",
                run=number,
            )
        ).set_index("household_id")
        sums = coverage_part.of_run(tx, number)
        other = tx.value("SELECT count(*) FROM coverage_gap")
    for name in found:
        want = found[name].astype(object)
        want = want.where(want.notna() & (want != np.inf), None)
        assert out[name].astype(object).where(out[name].notna(), None).tolist() == want.tolist()
    assert out["score"].isna().all()
    assert sum(row["households"] for row in sums) == 30
    assert sum(row["uncovered"] for row in sums) == other == (~found["covered"]).sum()
    assert sum(row["with_needs"] for row in sums) == 2
    assert {row["code"] for row in sums} == set(GRIDS)
    assert sum(row["always"] + row["sometimes"] + row["never"] for row in sums) == 30
    by_grid = found.groupby(homes["area_code"], observed=True)["seconds"].max()
    assert {row["code"]: row["worst_seconds"] for row in sums} == by_grid.to_dict()


def test_only_the_grids_that_changed_are_written_again(
    homes: gpd.GeoDataFrame, store: Database
) -> None:
    first, _ = run(store, homes, results(homes))
    assert run(store, homes, results(homes))[1] == 0
    other = results(homes)
    other.loc[homes.index[0], "seconds"] = 99.0
    last, fresh = run(store, homes, other)
    assert fresh == 1
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM coverage_part") == 4
        values = tx.all(
            "SELECT run_id, seconds FROM coverage_result WHERE household_id = :id ORDER BY run_id",
            id=int(homes.index[0]),
        )
        before = coverage_part.covered(tx, list(coverage_part.known(tx, first).values()))
    said = [(row["run_id"], row["seconds"]) for row in values]
    assert (said[0], said[-1]) == ((first, 10.0), (last, 99.0))
    assert before.sort_index().tolist() == results(homes)["covered"].tolist()


def test_another_area_reads_its_own_parts_only(homes: gpd.GeoDataFrame, store: Database) -> None:
    run(store, homes, results(homes))
    with store.transaction(Scope((f"{COUNTY}002",))) as tx:
        assert tx.value("SELECT count(*) FROM coverage_result") == 10
        assert tx.value("SELECT count(*) FROM coverage_part") == 1
    with store.transaction(Scope(("990102",))) as tx:
        assert tx.value("SELECT count(*) FROM coverage_result") == 0


@pytest.mark.parametrize(
    "change",
    [
        "seconds = ARRAY['NaN'::real] || seconds[2:]",
        "seconds = ARRAY['Infinity'::real] || seconds[2:]",
        "metres = ARRAY[-2::real] || metres[2:]",
        "metres = metres[2:]",
        "reasons = ARRAY[7::smallint] || reasons[2:]",
        "uncovered = households + 1",
        "west = 'NaN', east = 'NaN'",
        "always = always + 1",
    ],
)
def test_a_part_that_is_none_is_refused(
    homes: gpd.GeoDataFrame, fresh_database: Any, store: Database, change: str
) -> None:
    run(store, homes, results(homes))
    connection = psycopg2.connect(fresh_database.superuser_url)
    with connection.cursor() as cursor, pytest.raises(errors.CheckViolation):
        cursor.execute(f"UPDATE coverage_part SET {change}")
    connection.close()


def test_old_runs_keep_their_figures_and_lose_their_rows(
    homes: gpd.GeoDataFrame, fresh_database: Any, store: Database
) -> None:
    numbers = [run(store, homes, results(homes, seconds=float(at)))[0] for at in range(14)]
    assert coverage_history.forget(store) == 0  # all of them are young
    connection = psycopg2.connect(fresh_database.superuser_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE coverage_run SET created_at = now() - interval '500 days'")
        cursor.execute("UPDATE coverage_part SET made_at = now() - interval '500 days'")
    connection.close()
    assert coverage_history.forget(store) == 2 * 3
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM coverage_run") == 14
        held = {row["run_id"] for row in tx.all("SELECT DISTINCT run_id FROM coverage_result")}
    assert held == set(numbers[2:])


def test_of_a_day_long_past_the_last_run_keeps_its_rows(
    homes: gpd.GeoDataFrame, fresh_database: Any, store: Database
) -> None:
    numbers = [run(store, homes, results(homes, seconds=float(at)))[0] for at in range(18)]
    connection = psycopg2.connect(fresh_database.superuser_url)
    with connection, connection.cursor() as cursor:
        # three runs a day on two days of last month; the others are of today
        for at, number in enumerate(numbers[:6]):
            cursor.execute(
                "UPDATE coverage_run SET created_at = date_trunc('day', now())"
                " - make_interval(days => %s) + make_interval(hours => %s) WHERE id = %s",
                (30 - at // 3, 1 + at % 3, number),
            )
    connection.close()
    coverage_history.forget(store)
    with store.transaction(system_scope()) as tx:
        held = {row["run_id"] for row in tx.all("SELECT DISTINCT run_id FROM coverage_result")}
    assert held == {numbers[2], numbers[5], *numbers[6:]}


def test_a_null_is_never_taken_for_a_number(store: Database) -> None:
    with store.transaction(system_scope()) as tx, pytest.raises(copying.NotFixed):
        copying.out(tx, "SELECT 1::int8, NULL::int8", {"a": "int8", "b": "int8"})
    with store.transaction(system_scope()) as tx, pytest.raises(copying.NotFixed):
        copying.out(tx, "SELECT 1::int4", {"a": "int8"})
    with store.transaction(system_scope()) as tx:
        empty = copying.out(tx, "SELECT 1::int8 WHERE false", {"a": "int8"})
    assert empty["a"].tolist() == []
