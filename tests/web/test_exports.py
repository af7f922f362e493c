"""Bulk exports: two people, one file, one day, and no cell that runs."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from webtown import LAKE, post, sign_in, token_of

from gridmap.model.access import system_scope
from gridmap.services import export_files, export_requests
from gridmap.services.progress import Silent
from gridmap.store import job

REASON = "核对湖边街道的住户电话"
FIELDS = ["address", "householder", "phone", "id_number", "people", "needs"]


def ask(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def run(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.execute(sql, **values)


def wanted(**change):
    return {
        "kind": "households",
        "area": LAKE,
        "purpose": "correction",
        "reason": REASON,
        "fields": FIELDS,
    } | change


@pytest.fixture(autouse=True)
def settled(store):
    """Nobody's requests of the test before wait for a decision."""
    yield
    run(store, "UPDATE export_request SET state = 'expired' WHERE state = 'requested'")


def request(browser, name="officer", **change):
    return post(browser(name), "/api/exports", wanted(**change))


def requested(browser, name="officer", **change):
    answer = request(browser, name, **change)
    assert answer.status_code == 202, answer.data
    return answer.get_json()["id"]


def decide(browser, name, number, verb="approve", **said):
    return post(browser(name), f"/api/exports/{number}/{verb}", said)


def make(store, number):
    """Do the export's job as a worker does."""
    with store.transaction(system_scope()) as tx:
        row = job.claim(tx, tx.value("SELECT job_id FROM export_request WHERE id = :i", i=number))
    export_files.make(store, row, Silent())


def made(browser, store, name="officer", **change):
    number = requested(browser, name, **change)
    assert decide(browser, "lead", number).status_code == 202
    make(store, number)
    return number


def rows_of(answer):
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_one_asks_another_agrees_a_job_makes_it(browser, store, people):
    number = requested(browser)
    assert browser("officer").get(f"/api/exports/{number}/file").status_code == 409
    waiting = browser("lead").get("/api/exports").get_json()["to_decide"]
    assert [(each["id"], each["reason"], each["can"]) for each in waiting] == [
        (number, REASON, ["approve", "refuse"])
    ]
    assert decide(browser, "lead", number).status_code == 202
    make(store, number)
    answer = browser("officer").get(f"/api/exports/{number}/file")
    assert answer.status_code == 200
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    head, names, *rows = rows_of(answer)
    assert all(word in head[0] for word in ("Officer", "Lead", "数据更正", LAKE))
    assert names == ["地址", "户主", "电话", "身份证号", "人数", "需要照顾"]
    first = next(row for row in rows if row[1] == "王小明")
    assert first[2:5] == ["'13812345678", "'11010119900101123X", "3"]
    assert {row[0][:2] for row in rows} == {"湖边"}
    kinds = "SELECT string_agg(kind, ' ' ORDER BY seq) FROM event WHERE subject = 'export'"
    assert ask(store, kinds + " AND subject_id = :id", id=str(number)) == (
        "export.requested export.approved export.made export.downloaded"
    )
    browser("officer").get(f"/api/exports/{number}/file")
    looks = "SELECT count(*) FROM event WHERE kind = 'export.downloaded' AND subject_id = :id"
    assert ask(store, looks, id=str(number)) == 2
    events = ask(store, "SELECT string_agg(payload::text, '') FROM event WHERE subject = 'export'")
    assert "13812345678" not in events


def test_the_file_is_the_requesters_alone(browser, store):
    number = made(browser, store)
    for name in ("lead", "commander", "planner", "stranger"):
        assert browser(name).get(f"/api/exports/{number}/file").status_code == 404, name


def test_nobody_agrees_to_their_own(browser, store):
    number = requested(browser, "commander", fields=["address", "people"])
    answer = decide(browser, "commander", number)
    assert answer.status_code == 403
    assert ask(store, "SELECT state FROM export_request WHERE id = :id", id=number) == "requested"
    assert browser("commander").get("/api/exports").get_json()["to_decide"] == []
    assert decide(browser, "officer", number).status_code == 403  # may not decide at all
    assert decide(browser, "lead", number).status_code == 202


def test_even_the_database_refuses_ones_own(store, people):
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError):
        run(
            store,
            "INSERT INTO export_request (area_code, kind, purpose, reason, fields, requested_by,"
            " decided_by, state) VALUES ('990101', 'households', 'visit', 'long enough reason',"
            " '{id}', :me, :me, 'approved')",
            me=people["lead"],
        )


def test_of_many_who_decide_at_once_one_does(app, browser, store):
    number = requested(browser)
    clients = {}
    for name in ("lead", "commander"):
        clients[name] = app.test_client()
        sign_in(clients[name], name)
    tokens = {name: token_of(client) for name, client in clients.items()}

    def one(position):
        name = ("lead", "commander")[position % 2]
        verb = ("approve", "refuse")[position // 2 % 2]
        fresh = app.test_client()
        fresh._cookies.update(clients[name]._cookies)
        return fresh.post(
            f"/api/exports/{number}/{verb}",
            json={"reason": "不需要"},
            headers={"X-CSRFToken": tokens[name]},
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(one, range(12)))
    assert answers[0] in (200, 202)
    assert answers[1:] == [409] * 11
    decided = "SELECT count(*) FROM event WHERE subject = 'export' AND subject_id = :id"
    assert ask(store, decided + " AND kind <> 'export.requested'", id=str(number)) == 1
    jobs = "SELECT count(*) FROM job WHERE (arguments ->> 'export')::bigint = :id"
    assert ask(store, jobs, id=number) == (1 if answers[0] == 202 else 0)


def test_a_refusal_says_why(browser, store):
    number = requested(browser)
    assert decide(browser, "lead", number, "refuse").status_code == 400
    assert decide(browser, "lead", number, "refuse", reason=" ").status_code == 400
    assert decide(browser, "lead", number, "refuse", reason="范围太大").status_code == 200
    mine = browser("officer").get("/api/exports").get_json()["items"]
    assert next(each for each in mine if each["id"] == number)["decision"] == "范围太大"
    assert browser("officer").get(f"/api/exports/{number}/file").status_code == 409
    assert decide(browser, "lead", number).status_code == 409


def test_after_a_day_it_is_gone(browser, store):
    number = made(browser, store)
    run(
        store,
        "UPDATE export_request SET made_at = made_at - interval '25 hours',"
        " expires_at = expires_at - interval '25 hours' WHERE id = :id",
        id=number,
    )
    run(
        store,
        "UPDATE export_file SET expires_at = expires_at - interval '25 hours'"
        " WHERE export_id = :id",
        id=number,
    )
    assert browser("officer").get(f"/api/exports/{number}/file").status_code == 410
    assert export_requests.expire(store, system_scope()) == 1
    assert ask(store, "SELECT count(*) FROM export_file WHERE export_id = :id", id=number) == 0
    assert ask(store, "SELECT state FROM export_request WHERE id = :id", id=number) == "expired"
    assert browser("officer").get(f"/api/exports/{number}/file").status_code == 410
    assert export_requests.expire(store, system_scope()) == 0


def test_what_an_emergency_needed_goes_with_it(browser, store):
    number = made(browser, store, purpose="emergency")
    assert export_requests.expire(store, system_scope()) == 0
    run(store, "UPDATE hazard SET state = 'lifted', lifted_at = now() WHERE area_code = '990101'")
    try:
        assert export_requests.expire(store, system_scope()) == 1
        assert ask(store, "SELECT count(*) FROM export_file WHERE export_id = :id", id=number) == 0
        assert request(browser, purpose="emergency").status_code == 409
    finally:
        run(
            store,
            "UPDATE hazard SET state = 'declared', lifted_at = NULL WHERE area_code = '990101'",
        )


def test_a_role_without_the_right_gets_masked_rows(browser, store):
    assert request(browser, "planner").status_code == 403  # needs cannot be masked
    days = request(browser, "planner", fields=["address", "last_visit"])
    visits = request(browser, "planner", kind="visits", fields=["address"])
    assert (days.status_code, visits.status_code) == (403, 403)  # who is visited has a need
    number = made(
        browser, store, "planner", fields=["address", "householder", "phone", "id_number"]
    )
    answer = browser("planner").get(f"/api/exports/{number}/file")
    assert ["湖边路1号1单元101室", "王某", "'138******78", "'**************123X"] in rows_of(answer)


def test_the_number_is_whole_for_its_purpose_only(browser, store):
    number = made(browser, store, purpose="visit")
    text = browser("officer").get(f"/api/exports/{number}/file").get_data(as_text=True)
    assert "11010119900101123X" not in text
    assert "123X" in text


def test_who_has_lost_the_role_gets_no_file(browser, store, people):
    number = requested(browser, "commander", fields=["address"])
    decide(browser, "lead", number)
    run(store, "UPDATE app_user SET active = false WHERE id = :id", id=people["commander"])
    try:
        with pytest.raises(Exception, match="may not have it any more"):
            make(store, number)
    finally:
        run(store, "UPDATE app_user SET active = true WHERE id = :id", id=people["commander"])
    assert ask(store, "SELECT count(*) FROM export_file WHERE export_id = :id", id=number) == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d", "\uff20"])
def test_no_cell_starts_a_formula(browser, store, start):
    evil = f"{start}HYPERLINK(1)"
    run(store, "UPDATE household SET householder = :evil WHERE source_key = 'h2'", evil=evil)
    try:
        number = made(browser, store)
        found = rows_of(browser("officer").get(f"/api/exports/{number}/file"))
        assert f"'{evil}" in [row[1] for row in found[2:]]
        assert not [cell for row in found for cell in row if cell.startswith(start)]
    finally:
        run(store, "UPDATE household SET householder = '李四' WHERE source_key = 'h2'")


@pytest.mark.parametrize(
    ("change", "status", "place"),
    [
        ({"kind": "users"}, 400, "kind"),
        ({"area": "990102"}, 404, None),
        ({"area": "990101001009"}, 404, None),
        ({"area": "9901"}, 400, "area"),
        ({"purpose": "view"}, 400, "purpose"),
        ({"reason": "太短"}, 400, "reason"),
        ({"fields": []}, 400, "fields"),
        ({"fields": ["password_hash"]}, 400, "fields"),
        ({"fields": ["note"]}, 400, "fields"),
        ({"x": 1}, 400, "x"),
    ],
)
def test_bad_requests_are_not_stored(browser, store, change, status, place):
    before = ask(store, "SELECT count(*) FROM export_request")
    answer = request(browser, **change)
    assert answer.status_code == status, answer.data
    if place:
        assert answer.get_json()["faults"][0]["place"] == place
    assert ask(store, "SELECT count(*) FROM export_request") == before


def test_a_person_cannot_fill_the_list(browser, store):
    for _ in range(10):
        requested(browser)
    assert request(browser).status_code == 429


def test_visits_go_out_the_same_way(browser, store):
    number = made(browser, store, kind="visits", fields=["address", "state", "due_on", "needs"])
    assert rows_of(browser("officer").get(f"/api/exports/{number}/file"))[1] == [
        "地址",
        "状态",
        "应访日期",
        "需要照顾",
    ]


def test_others_requests_are_not_there(browser, store):
    secret = "只给值班员自己看的缘由"
    number = requested(browser, reason=secret)
    assert decide(browser, "stranger", number).status_code == 403
    for name in ("stranger", "planner", "hill"):
        text = browser(name).get("/api/exports").get_data(as_text=True)
        assert secret not in text, name
