"""The file that proves a run, fetched over the network: by whom, and the trace it leaves."""

import pytest

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage_certificates
from gridmap.store import coverage_certificate as kept

CONTENT = b"PK run file"


@pytest.fixture(scope="module")
def run(store):
    """The id of a run of the town, with a file."""
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT id, area_code FROM coverage_run ORDER BY id DESC LIMIT 1")
        made = coverage_certificates.Made(row["id"], row["area_code"], "made", CONTENT, 3)
        kept.keep(
            tx, made.run, made.area, households=3, altered=0, sha256=made.sha256, content=CONTENT
        )
    return row["id"]


def path(run):
    return f"/api/coverage/runs/{run}/certificate"


def test_it_comes_whole_and_leaves_a_trace(browser, store, run):
    answer = browser("officer").get(path(run))
    assert answer.status_code == 200
    assert answer.data == CONTENT
    assert answer.mimetype == "application/zip"
    assert f"coverage-run-{run}.zip" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    with store.transaction(system_scope()) as tx:
        payload = tx.value(
            "SELECT payload FROM event WHERE kind = 'coverage.certificate_downloaded'"
            " ORDER BY seq DESC LIMIT 1"
        )
    assert payload == {"run": run, "households": 3}


def test_not_for_another_county_nor_without_the_right(browser, run):
    assert browser("stranger").get(path(run)).status_code == 404
    assert browser("member").get(path(run)).status_code == 403


@pytest.mark.parametrize("number", ["0", "x", "-1", "1.5", str(2**63)])
def test_what_is_no_number_of_a_run(browser, run, number):
    assert browser("officer").get(path(number)).status_code in (400, 404)
    assert browser("officer").get(f"{path(run)}?x=1").status_code == 400


def test_what_is_not_there_is_said(browser, store, run):
    with store.transaction(Scope(("990101",))) as tx:
        tx.execute("DELETE FROM coverage_certificate")
    missing = browser("officer").get(path(run))
    assert missing.status_code == 404
    for state, words in (("changed", "数据已变"), ("too_large", "太大")):
        with store.transaction(Scope(("990101",))) as tx:
            tx.execute("DELETE FROM coverage_certificate")
            kept.without(tx, run, "990101", state)
        answer = browser("officer").get(path(run), headers={"Accept-Language": "zh"})
        assert answer.status_code == 409
        assert words in answer.get_json()["detail"]
