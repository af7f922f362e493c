"""A job is watched by many, read by those whose figures it gives, stopped by those it concerns."""

import json

import pytest
from webtown import COUNTY, HILL, post

from gridmap.model.access import system_scope

TOTALS = {"households": 4, "people": 9}


@pytest.fixture
def job(store):
    def make(kind, state="queued", area=COUNTY):
        with store.transaction(system_scope()) as tx:
            return tx.value(
                "INSERT INTO job (kind, queue, area_code, state, result, ended_at) VALUES (:kind,"
                " 'default', :area, :state, CAST(:result AS jsonb),"
                " CASE WHEN :state = 'done' THEN now() END) RETURNING id",
                kind=kind,
                area=area,
                state=state,
                result=json.dumps(TOTALS) if state == "done" else None,
            )

    return make


@pytest.mark.parametrize(
    ("kind", "readers", "others"),
    [
        ("coverage.run", ["officer", "planner", "commander"], ["unit", "admin", "mixed"]),
        ("evacuation.draft", ["officer", "planner"], ["unit", "admin", "mixed"]),
        ("grids.draw", ["officer", "unit"], ["admin"]),
        ("brand_new.kind", ["admin"], ["officer", "unit"]),
    ],
)
def test_result_of_a_job_is_for_those_who_may_read_it(browser, job, kind, readers, others):
    done = job(kind, "done")
    for name in readers:
        assert browser(name).get(f"/api/jobs/{done}").get_json()["result"] == TOTALS
    for name in others:
        answer = browser(name).get(f"/api/jobs/{done}").get_json()
        assert (answer["state"], answer["result"], answer["input_version"]) == ("done", {}, None)


@pytest.mark.parametrize(
    ("kind", "name", "status"),
    [
        ("evacuation.draft", "planner", 403),
        ("evacuation.draft", "lead", 403),
        ("evacuation.draft", "member", 403),
        ("evacuation.draft", "unit", 403),
        ("evacuation.draft", "stranger", 404),
        ("evacuation.draft", "hill", 404),
        ("evacuation.draft", "mixed", 404),
        ("evacuation.draft", "commander", 200),
        ("evacuation.draft", "admin", 200),
        ("coverage.run", "planner", 200),
        ("grids.draw", "officer", 403),
        ("grids.draw", "lead", 200),
        ("brand_new.kind", "officer", 403),
        ("brand_new.kind", "admin", 200),
    ],
)
def test_job_is_cancelled_by_whom_it_concerns(browser, job, kind, name, status):
    number = job(kind)
    answer = post(browser(name), f"/api/jobs/{number}/cancel", {})
    assert answer.status_code == status
    kept = browser("admin").get(f"/api/jobs/{number}").get_json()["state"]
    assert kept == ("cancelled" if status == 200 else "queued")


def test_job_of_a_township_is_its_own(browser, job):
    number = job("evacuation.draft", area=HILL)
    assert browser("member").get(f"/api/jobs/{number}").status_code == 404
    assert post(browser("mixed"), f"/api/jobs/{number}/cancel", {}).status_code == 404
    assert post(browser("hill"), f"/api/jobs/{number}/cancel", {}).status_code == 200


def test_one_person_cannot_fill_the_queues(browser, store, people):
    with store.transaction(system_scope()) as tx:
        flood = tx.value("SELECT min(id) FROM hazard WHERE area_code = '990101'")
        tx.execute(
            "INSERT INTO job (kind, queue, area_code, user_id) SELECT 'coverage.run', 'default',"
            " '990101', :user FROM generate_series(1, 20)",
            user=people["commander"],
        )
    asked = (("/api/coverage/runs", {"standard": "fire"}), ("/api/plans", {"hazard": flood}))
    for path, body in asked:
        refused = post(browser("commander"), path, body)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
        assert post(browser("officer"), path, body).status_code == 202
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM job WHERE user_id = :user", user=people["commander"])
    assert post(browser("commander"), *asked[0]).status_code == 202


@pytest.mark.parametrize(
    ("error", "chinese"),
    [
        ("the worker died", "算的进程断了，试过几次都没成"),
        ("Not found: coverage standard fire", "没有找到：覆盖标准 fire"),
        (
            "internal fault (MemoryError); the log has the details",
            "程序出了错（MemoryError），详情在日志里",
        ),
        ("nobody has foreseen: <b>this</b>", "nobody has foreseen: <b>this</b>"),
    ],
)
def test_why_a_job_failed_is_in_the_language_of_the_page(browser, store, job, error, chinese):
    failed = job("coverage.run", "done")
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE job SET state = 'failed', error = :error WHERE id = :id", id=failed, error=error
        )
    client = browser("officer")
    path = f"/api/jobs/{failed}"
    assert client.get(path).get_json()["error"] == chinese
    client.get("/about?lang=en", headers={"Accept": "text/html"})
    assert client.get(path).get_json()["error"] == error
    client.get("/about?lang=zh_CN", headers={"Accept": "text/html"})
