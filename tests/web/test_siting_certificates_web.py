"""The file of an answer about sites over HTTP: who may have it, and that it leaves a trace."""

import json

import pytest
from webtown import COUNTY

from geodata.verifying import verify
from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_sites import Question
from gridmap.services import coverage_sites
from jobs.run import work

pytestmark = pytest.mark.database


def answered(store, **question):
    """Answer a question; give the address of its file."""
    asked = Question(**{"method": "least_missed", "limit": 600.0, **question})
    number = coverage_sites.request(store, Scope((COUNTY,)), "fire", COUNTY, asked)
    work(store, number)
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT state, error, result FROM job WHERE id = :id", id=number)
    assert row["state"] == "done", row["error"]
    return number, f"/api/coverage/sites/{number}/certificate", row["result"]


@pytest.mark.usefixtures("people")
def test_the_file_of_an_answer_is_fetched_and_leaves_a_trace(browser, store):
    number, address, result = answered(store)
    assert result["state"] == "found", json.dumps(result)[:500]
    answer = browser("planner").get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    assert f"coverage-sites-{number}.zip" in answer.headers["Content-Disposition"]
    assert verify(answer.data).sound
    assert browser("planner").get(address, headers={"If-None-Match": answer.headers["ETag"]})
    with store.transaction(system_scope()) as tx:
        told = tx.all("SELECT payload FROM event WHERE kind = 'coverage.sites_downloaded'")
    assert told[0]["payload"]["job"] == number
    assert browser("member").get(address).status_code == 403
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM siting_certificate")
    assert browser("planner").get(address).status_code == 404
    assert browser("planner").get("/api/coverage/sites/999999/certificate").status_code == 404


@pytest.mark.usefixtures("people")
def test_what_is_weighed_by_needs_is_for_those_who_may_read_them(browser, store):
    _, address, result = answered(store, weight="needs")
    assert result["state"] == "found"
    assert browser("planner").get(address).status_code == 403
