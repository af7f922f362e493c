"""Micro-grids fill their grid by the rule for them, end with it, and say where they miss it."""

from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy.exc import DBAPIError, IntegrityError

from gridmap.model.access import Scope, system_scope
from gridmap.model.grid_rules import Entry
from gridmap.model.problem import Problem
from gridmap.services import grid_rules, grids, micro_grids
from gridmap.store import frames
from gridmap.store.database import Database
from gridmap.store.days import TODAY
from jobs.run import work

pytestmark = pytest.mark.database
COUNTY = "990101"
SCOPE = Scope((COUNTY,))
SOURCE = "县里 2026 年 8 号文"


def stored(database: Database, scope: Scope = SCOPE) -> gpd.GeoDataFrame:
    with database.transaction(scope) as tx:
        return frames.read(
            tx,
            "SELECT id, area_code, number, grid_id, valid_from, valid_to, households, people, head,"
            " measures, ST_AsBinary(geom) AS geom FROM micro_grid ORDER BY area_code, number, id",
        )


def in_force(database: Database) -> gpd.GeoDataFrame:
    found = stored(database)
    return found[found["valid_to"].isna()]


def divided(database: Database, area: str = COUNTY, seed: int = 0) -> dict[str, Any]:
    number = micro_grids.request(database, SCOPE, area, seed)
    work(database, number)
    with database.transaction(system_scope()) as tx:
        row = tx.one("SELECT state, error, result FROM job WHERE id = :id", id=number)
    assert row["state"] == "done", row["error"]
    result: dict[str, Any] = row["result"]
    return result


def execute(database: Database, sql: str, **values: object) -> int:
    with database.transaction(SCOPE) as tx:
        return tx.execute(sql, **values)


@pytest.fixture
def drawn(store: Database) -> Database:
    """Grids in force, and a rule of 15 to 30 households for their parts."""
    work(store, grids.request(store, SCOPE, COUNTY, minimum=50, maximum=110))
    rule = Entry(COUNTY, "micro", "any", SOURCE, date(2026, 1, 1), 15, 30)
    grid_rules.put(store, SCOPE, rule)
    return store


def test_micro_grids_fill_their_grids_by_their_own_rule(drawn: Database) -> None:
    result = divided(drawn, seed=3)
    found = in_force(drawn)
    with drawn.transaction(SCOPE) as tx:
        parents = frames.read(
            tx, "SELECT id, code, households, people, ST_AsBinary(geom) AS geom FROM grid"
        )
    assert set(found["grid_id"]) == set(parents.index)
    for grid_id, own in found.groupby("grid_id"):
        parent = parents.loc[grid_id]
        union = shapely.union_all(own.geometry.to_numpy())
        assert union.symmetric_difference(parent.geometry).area < 1e-9 * union.area
        assert shapely.area(own.geometry.to_numpy()).sum() == pytest.approx(union.area, rel=1e-9)
        assert set(own["area_code"]) == {parent["code"]}
        assert own["households"].sum() == parent["households"]
        assert own["people"].sum() == parent["people"]
        assert own["number"].tolist() == list(range(1, len(own) + 1))
    outside = found[~found["households"].between(15, 30)]
    assert len(outside) < len(found) / 2
    assert (result["grids"], result["micro_grids"]) == (len(parents), len(found))
    told = {(one["grid"], one["number"]): one for one in result["out_of_range"]}
    assert set(told) == set(zip(outside["area_code"], outside["number"], strict=True))
    assert all(one["source"] == SOURCE and one["reason"] for one in told.values())
    assert all(one["whole"] >= one["households"] for one in told.values())
    for row in found.itertuples():
        assert ("why" in row.measures) == (not 15 <= row.households <= 30)
        assert (row.measures["minimum"], row.measures["maximum"]) == (15, 30)


def test_the_same_seed_gives_the_same_rows_and_another_day_leaves_them(drawn: Database) -> None:
    divided(drawn, seed=3)
    first = in_force(drawn)
    execute(drawn, "UPDATE micro_grid SET valid_from = valid_from - 3, head = '王桂花'")
    execute(drawn, "UPDATE micro_grid SET households = 0")
    divided(drawn, seed=3)
    again = stored(drawn)
    # nothing ended, nothing began; what is counted is counted anew
    assert again.index.tolist() == first.index.tolist()
    assert again.to_wkb()["geometry"].equals(first.to_wkb()["geometry"])
    assert again["households"].tolist() == first["households"].tolist()
    assert set(again["head"]) == {"王桂花"}


def test_another_rule_ends_those_of_the_days_before(drawn: Database) -> None:
    divided(drawn)
    execute(drawn, "UPDATE micro_grid SET valid_from = valid_from - 3, head = 'h' || number")
    old = in_force(drawn)
    rule = Entry(COUNTY, "micro", "any", SOURCE, date(2026, 1, 1), 25, 60)
    grid_rules.put(drawn, SCOPE, rule)
    divided(drawn)
    divided(drawn, seed=1)  # twice on one day: no rubbish of the first
    now, every = in_force(drawn), stored(drawn)
    assert len(now) < len(old)
    assert len(every) == len(old) + len(now)
    ended = every[every["valid_to"].notna()]
    with drawn.transaction(SCOPE) as tx:
        today = tx.value(f"SELECT {TODAY}")
    assert set(ended["valid_to"]) == {today}
    assert set(now["valid_from"]) == {today}
    # who spoke for a part that is gone speaks for none of the new ones
    kept = set(old.geometry.to_wkb())
    for shape, head in zip(now.geometry.to_wkb(), now["head"], strict=True):
        assert pd.notna(head) == (shape in kept)


def test_one_grid_alone_and_only_ones_own(drawn: Database) -> None:
    with drawn.transaction(SCOPE) as tx:
        codes = [row["code"] for row in tx.all("SELECT code FROM grid ORDER BY code")]
    result = divided(drawn, codes[1])
    assert result["grids"] == 1
    assert set(in_force(drawn)["area_code"]) == {codes[1]}
    assert len(stored(drawn, Scope((codes[1],)))) == result["micro_grids"]
    assert stored(drawn, Scope((codes[0],))).empty
    assert stored(drawn, Scope()).empty
    foreign = (
        "INSERT INTO micro_grid (area_code, number, grid_id, households, people, geom, label_point)"
        " SELECT :code, 99, id, 0, 0, geom, label_point FROM grid LIMIT 1"
    )
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        drawn.transaction(Scope((codes[0],))) as tx,
    ):
        tx.execute(foreign, code=codes[1])


def test_what_cannot_be_divided_is_refused(store: Database) -> None:
    with pytest.raises(Problem, match="no grids"):
        micro_grids.request(store, SCOPE, COUNTY)
    with pytest.raises(Problem, match="area 990199"):
        micro_grids.request(store, SCOPE, "990199")
    with pytest.raises(Problem, match="grid 990101001001777"):
        micro_grids.request(store, SCOPE, "990101001001777")


def test_they_end_with_their_grid_and_go_on_with_its_ground(drawn: Database) -> None:
    divided(drawn)
    execute(drawn, "UPDATE micro_grid SET valid_from = valid_from - 9, head = 'h' || number")
    execute(drawn, "UPDATE grid SET valid_from = valid_from - 9")
    before = in_force(drawn)
    codes = sorted(set(before["area_code"]))
    same, moved, rest = codes[0], codes[1], codes[2:]
    with drawn.transaction(SCOPE) as tx:
        today: date = tx.value(f"SELECT {TODAY}")
        for code in (same, moved):
            tx.execute("UPDATE grid SET valid_to = :day WHERE code = :code", day=today, code=code)
        tx.execute(
            "INSERT INTO grid (code, area_code, name, version, valid_from, households, people,"
            "  geom, label_point) SELECT code, area_code, '改了名', version + 1, :day, households,"
            "  people, CASE WHEN code = :same THEN geom ELSE ST_Multi(ST_Buffer(geom, -0.0001))"
            "  END, label_point FROM grid WHERE code IN (:same, :moved)",
            day=today,
            same=same,
            moved=moved,
        )
    now, every = in_force(drawn), stored(drawn)
    ended = every[every["valid_to"].notna()]
    assert set(ended["area_code"]) == {same, moved}
    assert set(ended["valid_to"]) == {today}
    assert set(ended["valid_from"]) == {today - timedelta(days=9)}
    # the ground of one is what it was: its parts and their heads go on in the new version
    on = now[now["area_code"] == same]
    was = before[before["area_code"] == same]
    assert on["head"].tolist() == was["head"].tolist()
    assert on.geometry.to_wkb().tolist() == was.geometry.to_wkb().tolist()
    assert not set(on["grid_id"]) & set(was["grid_id"])
    assert now[now["area_code"] == moved].empty
    kept = now[now["area_code"].isin(rest)]
    assert kept.index.tolist() == before[before["area_code"].isin(rest)].index.tolist()


def test_a_grid_that_goes_while_it_is_divided_is_left_alone(
    drawn: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with drawn.transaction(SCOPE) as tx:
        gone, *others = [row["code"] for row in tx.all("SELECT code FROM grid ORDER BY code")]
    inner = micro_grids._save

    def later(tx: Any, parts: Any) -> Any:
        execute(drawn, f"UPDATE grid SET valid_to = {TODAY} WHERE code = :code", code=gone)
        return inner(tx, parts)

    monkeypatch.setattr(micro_grids, "_save", later)
    assert divided(drawn)["grids"] == len(others)
    assert set(stored(drawn)["area_code"]) == set(others)


def test_the_database_refuses_what_is_none(drawn: Database) -> None:
    divided(drawn)
    for change in (
        "SET head = ''",
        "SET head = ' 王桂花'",
        "SET head = repeat('x', 81)",
        "SET number = 0",
        "SET households = -1",
        "SET valid_to = valid_from - 1",
        "SET area_code = '990101001001'",
        "SET geom = ST_SetSRID('MULTIPOLYGON EMPTY'::geometry, 4326)",
    ):
        with pytest.raises(IntegrityError):
            execute(drawn, f"UPDATE micro_grid {change} WHERE number = 1")
    # no two of one number in force, as many in history as there were
    with pytest.raises(IntegrityError):
        execute(drawn, "UPDATE micro_grid SET number = 1")
    execute(drawn, "UPDATE micro_grid SET number = 1, valid_to = valid_from")
