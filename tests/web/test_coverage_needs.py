"""How many people with needs: told by no door of coverage to those who may not read needs."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from webtown import COUNTY, HILL, LAKE, post

from gridmap.model.access import system_scope
from gridmap.services import coverage_certificates
from jobs.run import work

SUMS = {"households": 4, "with_needs": 3, "with_needs_uncovered": 2}
MAY_NOT = ("planner", "lead", "commander", "hill")
OTHERS = ("planner", "lead", "commander")


def text(answer: Any) -> str:
    assert answer.status_code in (200, 201), answer.get_data(as_text=True)
    said: str = answer.get_data(as_text=True)
    return said


@pytest.fixture(scope="module")
def run(store, people) -> int:
    """The run of the town, with figures that tell of needs, and an earlier one."""
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE coverage_run SET totals = CAST(:sums AS jsonb)", sums=json.dumps(SUMS))
        return int(tx.value("SELECT max(id) FROM coverage_run"))


@pytest.fixture(scope="module")
def option(store, people) -> int:
    with store.transaction(system_scope()) as tx:
        return int(
            tx.value(
                "INSERT INTO coverage_option (area_code, name, standard_key, standard_version,"
                " standard, changes, totals_before, totals_after, input_version)"
                " VALUES (:area, '甲', 'fire', 1, '{}', '{}', CAST(:sums AS jsonb),"
                " CAST(:sums AS jsonb), 'road.1') RETURNING id",
                area=COUNTY,
                sums=json.dumps(SUMS),
            )
        )


@pytest.fixture
def job(store, people):
    def make(kind, area=COUNTY, result=None, **arguments):
        with store.transaction(system_scope()) as tx:
            return tx.value(
                "INSERT INTO job (kind, queue, area_code, state, arguments, result, ended_at)"
                " VALUES (:kind, 'default', :area, 'done', CAST(:arguments AS jsonb),"
                " CAST(:result AS jsonb), now()) RETURNING id",
                kind=kind,
                area=area,
                arguments=json.dumps(arguments),
                result=json.dumps(result or {"before": SUMS, "streets": [SUMS]}),
            )

    return make


DOORS = [
    "/api/coverage/runs",
    "/api/coverage/runs/{run}",
    "/api/coverage/runs/{run}/areas",
    "/api/coverage/runs/{run}/areas?level=township",
    "/api/coverage/runs/{run}/grids",
    "/api/coverage/runs/{run}/grids?limit=100",
    "/api/coverage/runs/{run}/compare/{run}",
    "/api/coverage/history?standard=fire",
    "/api/coverage/options",
    "/api/coverage/options/{option}",
]
TELLING = [each for each in DOORS if "grids" not in each]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", MAY_NOT)
def test_no_door_tells_of_needs(browser, run, option, door, name):
    answer = browser(name).get(door.format(run=run, option=option))
    if name == "hill" and answer.status_code == 404:
        return  # the county's are not read from a township
    found = answer.get_json()
    if name == "hill" and "areas" in door:
        # figures of one's own township are read where needs may be
        found = [row for row in found if not row["code"].startswith(HILL)]
    assert answer.status_code == 200
    assert "with_needs" not in json.dumps(found)


@pytest.mark.parametrize("door", TELLING)
def test_who_may_read_needs_reads_how_many(browser, run, option, door):
    assert "with_needs" in text(browser("officer").get(door.format(run=run, option=option)))


KINDS = ("run", "part", "what_if", "sites", "critical")


@pytest.mark.parametrize("kind", KINDS)
def test_answers_of_jobs_tell_of_needs_where_they_may_be_read(browser, job, kind):
    done = job(f"coverage.{kind}")
    assert text(browser("officer").get(f"/api/jobs/{done}")).count("with_needs") == 4
    for name in OTHERS:
        said = text(browser(name).get(f"/api/jobs/{done}"))
        assert "with_needs" not in said
        assert '"households"' in said
    own = job(f"coverage.{kind}", HILL)
    assert "with_needs" in text(browser("hill").get(f"/api/jobs/{own}"))


def test_the_draft_of_a_plan_tells_no_more_than_the_plan(browser, job):
    figures = {"plan": 1, "households": 4, "needs": {"x": 1}, "waves": {"1": 2}, "reasons": {}}
    done = job("evacuation.draft", result=figures)
    whole = browser("officer").get(f"/api/jobs/{done}").get_json()["result"]
    assert whole == figures
    for name in OTHERS:
        said = browser(name).get(f"/api/jobs/{done}").get_json()["result"]
        assert said == {"plan": 1, "households": 4}


def test_sites_weighed_by_needs_are_for_those_who_may_read_them(browser, job):
    asked = {"standard": "fire", "method": "next", "weight": "needs"}
    for name in OTHERS:
        answer = post(browser(name), "/api/coverage/sites", asked)
        assert answer.status_code == 403
        assert "household.personal" in answer.get_data(as_text=True)
    assert post(browser("officer"), "/api/coverage/sites", asked).status_code == 202
    weighed = job("coverage.sites", question={"weight": "needs", "capacity": None})
    for name in OTHERS:
        assert browser(name).get(f"/api/jobs/{weighed}").get_json()["result"] == {}
        kept = {"name": name, "job": weighed, "site": 1}
        assert post(browser(name), "/api/coverage/options", kept).status_code == 403
    assert "with_needs" in text(browser("officer").get(f"/api/jobs/{weighed}"))


def test_an_emergency_opens_the_figures_of_its_area(browser, store, run, people):
    path = f"/api/coverage/runs/{run}/areas?level=township"

    def told():
        rows = browser("commander").get(path).get_json()
        return {row["code"]: "with_needs" in row for row in rows}

    assert told() == {LAKE: False, HILL: False}
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO break_glass (user_id, hazard_id, area_code, reason, until)"
            " SELECT :user, id, :area, '按方案转移，要逐户核对', now() + interval '1 hour'"
            " FROM hazard WHERE area_code = :county",
            user=people["commander"],
            area=LAKE,
            county=COUNTY,
        )
    assert told() == {LAKE: True, HILL: False}
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE break_glass SET closed_at = now()")
    assert told() == {LAKE: False, HILL: False}


def test_neither_the_trail_nor_the_file_that_proves_a_run_tells(browser, store, run):
    """Whoever reads the trail, or fetches files, may not read needs for that."""
    officer = browser("officer")
    first = post(officer, "/api/coverage/runs", {"standard": "fire"}).get_json()["job"]
    work(store, first)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = false WHERE kind = 'fire_station'")
    second = post(officer, "/api/coverage/runs", {"standard": "fire"}).get_json()["job"]
    work(store, second)
    made = officer.get(f"/api/jobs/{second}").get_json()["result"]
    assert made["with_needs_uncovered"] > 0
    with store.transaction(system_scope()) as tx:
        told = tx.all("SELECT payload FROM event WHERE subject = 'coverage'")
    assert [row for row in told if "people_lost" in row["payload"]]
    assert not [row for row in told if "with_needs" in json.dumps(row["payload"])]
    coverage_certificates.make(store, system_scope(), made["run"])
    answer = browser("planner").get(f"/api/coverage/runs/{made['run']}/certificate")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as held:
        inside = b" ".join(held.read(name) for name in held.namelist())
    assert b"uncovered" in inside
    assert b"needs" not in inside
