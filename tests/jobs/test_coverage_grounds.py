"""How much ground each station serves, beside the rule of its standard, in whole runs."""

from typing import Any

import geopandas as gpd
import pytest
import shapely
from lattice import COUNTY, SIZE, SOUTH, STEP, WEST

from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_sites import Question
from gridmap.services import coverage, coverage_refresh, coverage_sites
from gridmap.services import jobs as service
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
OUTLINE = shapely.box(WEST - 0.001, SOUTH - 0.001, WEST + STEP * SIZE, SOUTH + STEP * SIZE)
KM2 = gpd.GeoSeries([OUTLINE], crs=4326).to_crs(32650).area.sum() / 1e6


def change(store: Database, sql: str) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute(sql)


def done(store: Database, job_id: int) -> dict[str, Any]:
    work(store, job_id)
    found = service.show(store, SCOPE, job_id)
    assert found["state"] == "done", found["error"]
    return dict(found["result"])


def totals(store: Database, area: str = COUNTY, key: str = "fire") -> dict[str, Any]:
    run = done(store, coverage.request(store, SCOPE, key, area))["run"]
    return dict(coverage.show(store, SCOPE, run)["totals"])


@pytest.fixture
def stations(store: Database) -> Database:
    """One small station in the south-west, one of the first level in the north-east."""
    change(store, "UPDATE facility SET level = 'small', name = '小站' WHERE source_key = 'f'")
    change(
        store,
        "INSERT INTO facility (area_code, source_key, kind, level, name, geom) SELECT area_code,"
        " 'f2', 'fire_station', '1', '一站', ST_Translate(geom, 0.018, 0.018)"
        " FROM facility WHERE source_key = 'f'",
    )
    change(store, "DELETE FROM hazard")
    return store


def test_the_ground_of_all_is_the_county_and_who_has_too_much_is_first(stations: Database) -> None:
    small, first = totals(stations)["grounds"]
    assert (small["name"], small["level"], small["most_km2"]) == ("小站", "small", 2)
    assert (first["name"], first["level"], first["most_km2"]) == ("一站", "1", 7)
    # the border lies half way between them: more than two square kilometres on either side
    assert (small["over"], first["over"]) == (True, False)
    assert small["km2"] + first["km2"] == pytest.approx(KM2, rel=0.002)
    half = KM2 / 2
    assert abs(small["km2"] - half) < small["margin_km2"] + first["margin_km2"] + 0.2 * half
    assert 0 < small["margin_km2"] < small["km2"]


def test_one_without_a_level_has_no_rule_and_one_off_duty_no_ground(stations: Database) -> None:
    change(stations, "UPDATE facility SET level = NULL WHERE source_key = 'f2'")
    change(stations, "UPDATE facility SET open = false WHERE source_key = 'f'")
    (only,) = totals(stations)["grounds"]
    assert (only["level"], only["most_km2"], only["over"]) == (None, None, None)
    assert only["km2"] == pytest.approx(KM2, rel=0.002)


def test_without_a_rule_and_of_less_than_a_county_nothing_is_measured(stations: Database) -> None:
    assert "grounds" not in totals(stations, f"{COUNTY}001")
    assert "grounds" not in totals(stations, key="shelter")
    change(stations, "DELETE FROM facility WHERE kind = 'fire_station'")
    assert "grounds" not in totals(stations)


def refreshed(store: Database) -> dict[str, Any]:
    with store.transaction(system_scope()) as tx:
        job_id = coverage_refresh.ask(tx, COUNTY)
    (run,) = done(store, job_id)["runs"]
    return dict(coverage.show(store, SCOPE, run)["totals"])


def test_a_refresh_keeps_what_the_last_whole_run_has_measured(stations: Database) -> None:
    first = done(stations, coverage.request(stations, SCOPE, "fire", COUNTY))
    shown: list[dict[str, Any]] = []
    for reason in ("x", "y"):
        change(
            stations,
            "INSERT INTO road_closure (area_code, reason, closes, geom) SELECT area_code,"
            f" '{reason}', 'ground', ST_Multi(ST_Buffer(geom, 0.0002)) FROM facility"
            " WHERE source_key = 'f'",
        )
        shown.append(refreshed(stations))
    assert [one["grounds"] for one in shown] == [first["grounds"]] * 2
    assert [one["grounds_of"] for one in shown] == [first["run"]] * 2
    assert "grounds_of" not in first
    assert "grounds_of" not in totals(stations)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE facility SET open = false WHERE source_key = 'f'",
        "UPDATE facility SET geom = ST_Translate(geom, 0.002, 0) WHERE source_key = 'f'",
        "UPDATE facility SET level = '1' WHERE source_key = 'f'",
        "UPDATE road SET name = 'x' WHERE id = (SELECT min(id) FROM road)",
    ],
)
def test_it_keeps_nothing_of_what_stood_elsewhere(stations: Database, edit: str) -> None:
    assert "grounds" in totals(stations)
    change(stations, edit)
    assert "grounds" not in refreshed(stations)
    assert "grounds" in totals(stations)


def test_an_edit_that_moves_nobody_keeps_it(stations: Database) -> None:
    assert "grounds" in totals(stations)
    change(stations, "UPDATE facility SET name = 'x', capacity = 3 WHERE kind = 'shelter'")
    assert "grounds" in refreshed(stations)


def test_a_new_site_says_which_ground_it_would_take_over(stations: Database) -> None:
    asked = Question(method="next", limit=200.0)
    result = done(stations, coverage_sites.request(stations, SCOPE, "fire", COUNTY, asked))
    assert result["too_large_before"] == 1
    site = result["sites"][0]
    change(
        stations,
        "INSERT INTO facility (area_code, source_key, kind, level, name, geom) SELECT area_code,"
        f" 'f3', 'fire_station', '1', '新站', ST_SetSRID(ST_MakePoint({site['at'][0]},"
        f" {site['at'][1]}), 4326) FROM facility WHERE source_key = 'f'",
    )
    built = totals(stations)["grounds"]
    new = next(row for row in built if row["name"] == "新站")
    assert (site["km2"], site["margin_km2"]) == (new["km2"], new["margin_km2"])
    assert new["km2"] > 0
    assert site["too_large"] == sum(row["over"] for row in built if row["name"] != "新站")


def test_ground_is_not_spoken_of_where_no_rule_limits_it(stations: Database) -> None:
    asked = Question(method="next", limit=200.0)
    result = done(stations, coverage_sites.request(stations, SCOPE, "medical", COUNTY, asked))
    assert "too_large_before" not in result
    assert all("km2" not in site for site in result["sites"])
