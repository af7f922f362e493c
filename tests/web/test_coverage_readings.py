"""Runs read through the API: at another limit, by area, beside another run, over time."""

from __future__ import annotations

import json

import pytest
from webtown import COUNTY, HILL, LAKE

from gridmap.model.access import system_scope

FIRE = {"key": "fire", "measure": "seconds", "max_value": 300.0, "capacity": False}
GRIDS = (f"{LAKE}001001", f"{HILL}001001")


def part(tx, code, ids, covered, seconds, reasons):
    """Write what a run found in a grid; the people are two in every household."""
    gap = covered.count(False)
    return tx.value(
        "INSERT INTO coverage_part (area_code, digest, west, south, east, north, households,"
        " uncovered, people, people_uncovered, with_needs, with_needs_uncovered, worst_seconds,"
        " worst_metres, by_reason, household_ids, covered, facility_ids, seconds, metres,"
        " second_facility_ids, second_seconds, reasons)"
        " SELECT :code, decode(md5(random()::text), 'hex'), 114, 30, 115, 31, n, :gap, n * 2,"
        " :gap * 2, 0, 0, :worst, 900, CAST(:why AS jsonb), CAST(:ids AS bigint[]),"
        " CAST(:covered AS boolean[]), array_fill(1::bigint, ARRAY[n]), CAST(:seconds AS real[]),"
        " array_fill(900::real, ARRAY[n]), array_fill(0::bigint, ARRAY[n]),"
        " array_fill((-1)::real, ARRAY[n]), CAST(:reasons AS smallint[])"
        " FROM (SELECT CAST(:n AS int) AS n) AS c RETURNING id",
        code=code,
        n=len(ids),
        gap=gap,
        worst=max(seconds),
        why=json.dumps({"too_far": gap} if gap else {}),
        ids=ids,
        covered=covered,
        seconds=seconds,
        reasons=reasons,
    )


def made(tx, parts, standard=None, area=COUNTY):
    """Write a run of these parts."""
    standard = {**FIRE, **(standard or {})}
    run = tx.value(
        "INSERT INTO coverage_run (area_code, standard_key, standard, input_version, totals)"
        " VALUES (:area, :key, CAST(:standard AS jsonb), 'road.1', CAST(:totals AS jsonb))"
        " RETURNING id",
        area=area,
        key=standard["key"],
        standard=json.dumps(standard),
        totals=json.dumps({"households": 5, "uncovered": 2}),
    )
    for code, number in parts:
        tx.execute(
            "INSERT INTO coverage_run_part (run_id, part_id, area_code) VALUES (:r, :p, :c)",
            r=run,
            p=number,
            c=code,
        )
    return run


@pytest.fixture(scope="module")
def runs(store, people):
    """Two runs: in the second one the lake's grid is another, the hill's the same."""
    lake, hill = GRIDS
    with store.transaction(system_scope()) as tx:
        same = part(tx, hill, [201, 202], [True, False], [290.0, -1.0], [0, 3])
        first = part(
            tx, lake, [101, 102, 103], [True, True, False], [100.0, 300.0, 301.0], [0, 0, 1]
        )
        second = part(
            tx, lake, [101, 102, 104], [True, False, True], [100.0, 420.0, 50.0], [0, 1, 0]
        )
        return (
            made(tx, [(lake, first), (hill, same)]),
            made(tx, [(lake, second), (hill, same)]),
            made(tx, [(lake, first)], {"key": "shelter", "capacity": True}),
        )


def read(browser, path, status=200, who="planner"):
    answer = browser(who).get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def by_code(rows):
    return {row["code"]: row for row in rows}


def test_a_run_says_what_it_is_and_whether_it_still_holds(browser, runs):
    found = read(browser, f"/api/coverage/runs/{runs[0]}")
    assert found["standard"] == "fire"
    assert found["definition"]["max_value"] == 300
    assert found["stale"] is True
    assert found["totals"] == {"households": 5, "uncovered": 2}


def test_another_limit_reaches_others(browser, runs):
    lake, hill = GRIDS
    at = {
        limit: by_code(read(browser, f"/api/coverage/runs/{runs[0]}/grids?limit={limit}"))
        for limit in (1, 99, 100, 299, 300, 301, 1_000_000)
    }
    counts = {limit: rows[lake]["uncovered"] for limit, rows in at.items()}
    assert counts == {1: 3, 99: 3, 100: 2, 299: 2, 300: 1, 301: 0, 1_000_000: 0}
    # without a way no limit helps, and the reason stays
    assert {rows[hill]["uncovered"] for limit, rows in at.items() if limit >= 290} == {1}
    assert at[1_000_000][hill]["main_reason"] == "cut_off"
    assert at[1_000_000][lake]["main_reason"] is None
    assert at[1][lake]["main_reason"] == "too_far"
    assert all(sum(row["households"] for row in rows.values()) == 5 for rows in at.values())
    assert at[1][lake]["worst_seconds"] == 301
    assert at[1][lake]["label"] == f"{lake[9:12]}-{lake[12:]}"
    assert list(at[100].values())[0]["code"] == lake  # the worst first


def test_its_own_limit_gives_what_the_run_has_found(browser, runs):
    own = read(browser, f"/api/coverage/runs/{runs[0]}/grids")
    assert read(browser, f"/api/coverage/runs/{runs[0]}/grids?limit=300") == own
    assert {row["code"]: row["uncovered"] for row in own} == {GRIDS[0]: 1, GRIDS[1]: 1}


@pytest.mark.parametrize(
    "limit", ["0", "-1", "1.5", "nan", "Infinity", "1e3", "", "1000001", "9" * 30]
)
def test_a_limit_that_is_none_is_refused(browser, runs, limit):
    answer = read(browser, f"/api/coverage/runs/{runs[0]}/grids?limit={limit}", 400)
    assert answer["faults"][0]["place"] == "limit"


def test_where_capacity_counts_another_limit_is_refused(browser, runs):
    refused = read(browser, f"/api/coverage/runs/{runs[2]}/grids?limit=400", 409)
    assert "容量" in refused["detail"]
    assert read(browser, f"/api/coverage/runs/{runs[2]}/grids?limit=300")


def test_sums_by_community_and_township(browser, runs):
    path = f"/api/coverage/runs/{runs[0]}/areas"
    communities = by_code(read(browser, path))
    lake, hill = (grid[:12] for grid in GRIDS)
    assert set(communities) == {lake, hill}
    assert communities[lake] | {"label": ""} == {
        **communities[lake],
        "label": "",
        "households": 3,
        "uncovered": 1,
        "people": 6,
        "people_uncovered": 2,
        "grids": 1,
        "worst_seconds": 301.0,
    }
    assert communities[lake]["label"] != lake  # its name
    townships = read(browser, f"{path}?level=township")
    assert [(row["code"], row["households"], row["uncovered"]) for row in townships] == [
        (LAKE, 3, 1),
        (HILL, 2, 1),
    ]
    assert read(browser, f"{path}?level=grid", 400)["faults"][0]["place"] == "level"


def test_sums_of_needs_are_for_those_who_may_read_them(browser, runs):
    path = f"/api/coverage/runs/{runs[0]}/areas"
    assert all("with_needs" not in row for row in read(browser, path, who="planner"))


def test_two_runs_differ_where_their_parts_do(browser, runs):
    found = read(browser, f"/api/coverage/runs/{runs[0]}/compare/{runs[1]}")
    assert (found["before"]["id"], found["after"]["id"]) == runs[:2]
    assert (found["lost"], found["gained"]) == (1, 0)
    # who is in one of them only is neither lost nor won; the grid that is the same is left out
    assert found["grids"] == [
        {
            "code": GRIDS[0],
            "label": f"{GRIDS[0][9:12]}-{GRIDS[0][12:]}",
            "households": 4,
            "before": 1,
            "after": 1,
            "lost": 1,
            "gained": 0,
        }
    ]
    back = read(browser, f"/api/coverage/runs/{runs[1]}/compare/{runs[0]}")
    assert (back["lost"], back["gained"]) == (0, 1)
    same = read(browser, f"/api/coverage/runs/{runs[0]}/compare/{runs[0]}")
    assert (same["lost"], same["gained"], same["grids"]) == (0, 0, [])


def test_of_an_old_run_the_sums_are_left_and_it_is_said(browser, store, runs):
    with store.transaction(system_scope()) as tx:
        old = made(tx, [])
    for path in ("grids", "grids?limit=100", "areas", f"compare/{runs[0]}"):
        refused = read(browser, f"/api/coverage/runs/{old}/{path}", 409)
        assert "总数" in refused["detail"]
    assert read(browser, f"/api/coverage/runs/{runs[0]}/compare/{old}", 409)
    assert read(browser, f"/api/coverage/runs/{old}")["totals"]["households"] == 5


def test_runs_over_time_are_of_one_standard_oldest_first(browser, runs):
    found = read(browser, f"/api/coverage/history?standard=fire&area={COUNTY}")
    numbers = [run["id"] for run in found]
    assert numbers == sorted(numbers)
    assert set(runs[:2]) <= set(numbers)
    assert runs[2] not in numbers
    assert found[-1]["totals"] == {"households": 5, "uncovered": 2}
    assert read(browser, "/api/coverage/history?standard=nobody_has_it") == []
    assert read(browser, "/api/coverage/history", 400)["faults"][0]["place"] == "standard"


def test_nothing_of_another_county(browser, runs):
    for path in (
        f"/api/coverage/runs/{runs[0]}",
        f"/api/coverage/runs/{runs[0]}/grids?limit=100",
        f"/api/coverage/runs/{runs[0]}/areas",
        f"/api/coverage/runs/{runs[0]}/compare/{runs[1]}",
    ):
        assert read(browser, path, 404, who="stranger")["status"] == 404
    assert read(browser, "/api/coverage/history?standard=shelter", who="stranger") == []
