"""Visits: due by need, a form that asks only what is stale, taken once however often sent."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from webtown import MEMBER_GRID, post, sign_in, token_of

from gridmap.model.access import system_scope
from gridmap.store.days import TODAY


def ask(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def run(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.execute(sql, **values)


def home(store, key="h1"):
    return ask(store, "SELECT id FROM household WHERE source_key = :key", key=key)


@pytest.fixture
def due(store, browser):
    """A visit to h1 that waits, as on the first day."""
    run(store, "DELETE FROM visit_conflict")
    run(store, "DELETE FROM visit")
    run(store, "DELETE FROM household_fact")
    run(store, "DELETE FROM household_need")
    run(
        store,
        "INSERT INTO household_need (household_id, area_code, kind, people, seen_at)"
        " SELECT id, area_code, 'wheelchair', 1, now() - interval '100 days' FROM household"
        " WHERE source_key IN ('h1', 'h4', 'h5')",
    )
    found = browser("member").get("/api/visits").get_json()["items"]
    assert len(found) == 1
    return found[0]


def form(browser, due):
    answer = browser("member").get(f"/api/visits/{due['id']}/form")
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def send(client, due, content, what="done"):
    return post(client, f"/api/visits/{due['id']}/{what}", content)


def test_due_by_need_and_in_ones_own_grid(due, store):
    assert due["household"] == home(store)
    assert due["grid"] == MEMBER_GRID
    assert due["needs"] == ["wheelchair"]
    assert due["householder"] == "王某"
    days = f"SELECT {TODAY} - due_on FROM visit WHERE id = :id"
    assert 10 < ask(store, days, id=due["id"]) <= 100
    assert due["reason"] == "轮椅：到了走访的日子"
    assert due["last_done"] is None


def test_a_roster_that_comes_in_makes_no_wall_of_visits(due, store):
    """A hundred households with a need since today: their first visits lie on many days."""
    from gridmap.store import visit

    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO household (area_code, source_key, address, people, unplaced_reason)"
            " SELECT '990101001001', 'wall' || n, '墙', 1, 'no_address'"
            " FROM generate_series(1, 100) AS n"
        )
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind) SELECT id, area_code,"
            " 'chronic' FROM household WHERE source_key LIKE 'wall%'"
        )
        soon = visit.plan(tx, "990101001001")
        tx.execute("UPDATE household_need SET seen_at = now() - interval '91 days'")
        visit.plan(tx, "990101001001")
        days = tx.value(
            "SELECT count(DISTINCT due_on) FROM visit v JOIN household h ON h.id = v.household_id"
            " WHERE h.source_key LIKE 'wall%'"
        )
        tx.execute(
            "DELETE FROM visit v USING household h WHERE h.id = v.household_id"
            " AND h.source_key LIKE 'wall%'"
        )
        tx.execute("DELETE FROM household WHERE source_key LIKE 'wall%'")
    assert 0 < soon < 20
    assert days > 60


def test_reading_the_list_again_plans_nothing_twice(due, browser, store):
    again = browser("member").get("/api/visits").get_json()["items"]
    assert [each["id"] for each in again] == [due["id"]]
    assert ask(store, "SELECT count(*) FROM visit WHERE household_id = :id", id=home(store)) == 1


def test_who_is_visited_is_for_those_who_may_read_needs(due, browser, store):
    """The list itself says who has a need, and so do the days on card and list."""
    found = browser("officer").get("/api/visits").get_json()["items"]
    assert [each["needs"] for each in found] == [["wheelchair"], ["wheelchair"]]
    listed = browser("member").get("/api/households/list").get_json()["items"]
    assert {each["due_on"] is None for each in listed if each["id"] == home(store)} == {False}
    for name in ("planner", "commander", "lead"):
        assert browser(name).get("/api/visits").get_json()["items"] == []
        listed = browser(name).get("/api/households/list").get_json()["items"]
        assert {(each["due_on"], each["last_visit"], each["needs"]) for each in listed} == {
            (None, None, None)
        }
        assert browser(name).get(f"/api/households/{home(store)}").get_json()["visits"] is None


def test_form_is_filled_in_and_asks_what_is_not_known(due, browser, store):
    found = form(browser, due)
    fields = {each["name"]: each for each in found["fields"]}
    assert fields["people"]["value"] == 3
    assert fields["phone"]["value"] == "13812345678"
    assert all(each["ask"] for each in found["fields"])
    assert found["needs"][0]["ask"] is False
    run(
        store,
        "INSERT INTO household_fact (household_id, area_code, field, seen_at, source)"
        " SELECT id, area_code, name, now() - make_interval(days => days), 'visit' FROM household,"
        " (VALUES ('phone', 3), ('people', 181)) AS f (name, days) WHERE source_key = 'h1'",
    )
    fields = {each["name"]: each for each in form(browser, due)["fields"]}
    assert fields["phone"]["ask"] is False
    assert fields["people"]["ask"] is True
    assert fields["residence"]["choices"][0] == {"value": "resident", "label": "常住"}


def test_done_updates_facts_needs_and_event_together(due, browser, store):
    before = ask(store, "SELECT version FROM household WHERE source_key = 'h1'")
    content = {
        "id": str(uuid4()),
        "fields": {"phone": "027 8765-4321", "needs_help": True, "carer": "王二"},
        "needs": [{"kind": "wheelchair", "people": 0}, {"kind": "elderly_alone", "people": 1}],
        "note": "一切都好",
    }
    body = json.dumps(content, ensure_ascii=False).encode()
    answer = send(browser("member"), due, body)
    assert answer.status_code == 201, answer.data
    receipt = answer.get_json()
    assert receipt["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert (receipt["visit"], receipt["state"]) == (due["id"], "done")
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT * FROM household WHERE source_key = 'h1'")
        kinds = tx.all(
            "SELECT kind, source FROM household_need WHERE household_id = :i", i=row["id"]
        )
        event = tx.one(
            "SELECT payload::text AS payload FROM event WHERE kind = 'visit.done'"
            " ORDER BY seq DESC LIMIT 1"
        )
    assert (row["phone"], row["needs_help"], row["carer"]) == ("027 8765-4321", True, "王二")
    assert kinds == [{"kind": "elderly_alone", "source": "visit"}]
    assert row["version"] > before
    assert json.loads(event["payload"]) == {"visit": due["id"], "household": row["id"]}
    assert browser("member").get("/api/visits").get_json()["items"] == []
    done = browser("member").get("/api/visits?state=done").get_json()["items"]
    assert [each["id"] for each in done] == [due["id"]]
    run(
        store,
        "UPDATE household SET phone = '13812345678', carer = NULL, needs_help = NULL"
        " WHERE source_key = 'h1'",
    )


def test_the_same_again_is_the_same_receipt(due, browser, store):
    content = {"id": str(uuid4()), "fields": {"people": 3}}
    first = send(browser("member"), due, content)
    second = send(browser("member"), due, content)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json() == second.get_json()
    assert ask(store, "SELECT count(*) FROM visit_result WHERE visit_id = :id", id=due["id"]) == 1


def test_other_content_under_the_id_is_refused_and_kept(due, browser, store):
    name = str(uuid4())
    assert send(browser("member"), due, {"id": name, "fields": {"people": 3}}).status_code == 201
    other = {"id": name, "fields": {"people": 4}, "note": "第二份"}
    for _ in range(2):
        assert send(browser("member"), due, other).status_code == 409
    assert ask(store, "SELECT people FROM household WHERE source_key = 'h1'") == 3
    card = browser("member").get(f"/api/households/{home(store)}").get_json()
    assert [each["content"]["note"] for each in card["conflicts"]] == ["第二份"]
    put = f"/api/households/{home(store)}/conflicts/{card['conflicts'][0]['id']}/settle"
    assert post(browser("member"), put, {}).status_code == 204
    assert post(browser("member"), put, {}).status_code == 404
    assert browser("member").get(f"/api/households/{home(store)}").get_json()["conflicts"] == []


def test_a_visit_that_has_ended_keeps_what_came_after(due, browser, store):
    assert send(browser("member"), due, {"id": str(uuid4())}).status_code == 201
    late = send(browser("member"), due, {"id": str(uuid4()), "reason": "没人在家"}, "missed")
    assert late.status_code == 409
    assert ask(store, "SELECT count(*) FROM visit_conflict WHERE visit_id = :id", id=due["id"]) == 1


def test_twenty_copies_at_once_are_one(due, app, store):
    content = {
        "id": str(uuid4()),
        "fields": {"people": 5},
        "needs": [{"kind": "infant", "people": 1}],
    }
    clients = []
    for _ in range(4):
        clients.append(app.test_client())
        sign_in(clients[-1], "member")
    tokens = [token_of(client) for client in clients]

    def copy(number):
        fresh = app.test_client()
        fresh._cookies.update(clients[number % 4]._cookies)
        return fresh.post(
            f"/api/visits/{due['id']}/done",
            json=content,
            headers={"X-CSRFToken": tokens[number % 4]},
        ).status_code

    with ThreadPoolExecutor(10) as pool:
        answers = sorted(pool.map(copy, range(20)))
    assert answers == [200] * 19 + [201]
    assert ask(store, "SELECT count(*) FROM visit_result WHERE visit_id = :id", id=due["id"]) == 1
    assert (
        ask(
            store,
            "SELECT count(*) FROM event WHERE kind = 'visit.done' AND subject_id = :id",
            id=str(due["id"]),
        )
        == 1
    )
    run(store, "UPDATE household SET people = 3 WHERE source_key = 'h1'")


def test_a_fact_seen_later_is_left_alone(due, browser, store):
    """Two tablets, one long offline: the newer look counts, whichever arrives last."""
    run(
        store,
        "INSERT INTO household_fact (household_id, area_code, field, seen_at, source)"
        " SELECT id, area_code, 'phone', now() - interval '1 hour', 'edit' FROM household"
        " WHERE source_key = 'h1'",
    )
    yesterday = ask(store, "SELECT now() - interval '1 day'").isoformat()
    content = {"id": str(uuid4()), "at": yesterday, "fields": {"phone": "12345", "people": 3}}
    answer = send(browser("member"), due, content)
    assert answer.status_code == 201
    assert answer.get_json()["kept_newer"] == ["phone"]
    assert answer.get_json()["done_at"] == yesterday
    assert ask(store, "SELECT phone FROM household WHERE source_key = 'h1'") == "13812345678"


def test_missed_is_tried_again_later_not_at_once(due, browser, store):
    missed = {"id": str(uuid4()), "reason": "没人在家"}
    assert send(browser("member"), due, missed, "missed").status_code == 201
    again = browser("member").get("/api/visits").get_json()["items"]
    assert [each["due_on"] for each in again] == [str(ask(store, f"SELECT {TODAY} + 7"))]


def test_a_rule_is_data(due, browser, store):
    run(
        store,
        "UPDATE visit SET state = 'done', ended_at = now() - interval '45 days',"
        " done_at = now() - interval '45 days' WHERE id = :id",
        id=due["id"],
    )
    assert browser("member").get("/api/visits").get_json()["items"] == []
    rule = {"area": "990101001", "need": "wheelchair", "interval_days": 30, "source": "本街道规定"}
    assert post(browser("member"), "/api/visit-rules", rule).status_code == 403
    assert post(browser("planner"), "/api/visit-rules", rule).status_code == 200
    found = browser("member").get("/api/visits").get_json()["items"]
    assert [each["due_on"] for each in found] == [str(ask(store, f"SELECT {TODAY} - 15"))]
    run(store, "DELETE FROM visit_rule WHERE area_code = '990101001'")
    assert (
        post(browser("planner"), "/api/visit-rules", rule | {"area": "990102"}).status_code == 404
    )


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({}, "id"),
        ({"id": "no"}, "id"),
        ({"fields": {"phone": "<script>alert(1)</script>"}}, "fields.phone"),
        ({"fields": {"id_number": "1"}}, "fields.id_number"),
        ({"fields": {"people": "3"}}, "fields.people"),
        ({"fields": {"people": None}}, "fields.people"),
        ({"fields": {"people": 51}}, "fields.people"),
        ({"fields": {"people": True}}, "fields.people"),
        ({"fields": {"residence": "moon"}}, "fields.residence"),
        ({"fields": {"needs_help": 1}}, "fields.needs_help"),
        ({"fields": {"carer": "x" * 81}}, "fields.carer"),
        ({"fields": {"carer": ["x"]}}, "fields.carer"),
        ({"fields": {"carer": "a\nb"}}, "fields.carer"),
        ({"needs": [{"kind": "Ü", "people": 1}]}, "needs.0.kind"),
        ({"needs": [{"kind": "infant", "people": 51}]}, "needs.0.people"),
        ({"needs": [{"kind": "infant", "people": 1}] * 2}, "needs"),
        ({"note": "x" * 1001}, "note"),
        ({"photo": "x"}, "photo"),
        ({"at": "yesterday"}, "at"),
    ],
)
def test_bad_input_names_its_place_and_changes_nothing(due, browser, store, content, place):
    before = ask(store, "SELECT to_json(h)::text FROM household h WHERE source_key = 'h1'")
    whole = content if content in ({}, {"id": "no"}) else {"id": str(uuid4()), **content}
    answer = send(browser("member"), due, whole)
    assert answer.status_code == 400, answer.data
    assert answer.get_json()["faults"][0]["place"] == place
    assert ask(store, "SELECT to_json(h)::text FROM household h WHERE source_key = 'h1'") == before
    assert ask(store, "SELECT state FROM visit WHERE id = :id", id=due["id"]) == "planned"


def test_other_areas_visits_are_not_there(due, browser, store):
    with store.transaction(system_scope()) as tx:
        from gridmap.store import visit

        visit.plan(tx)
        other = tx.value(
            "SELECT v.id FROM visit v JOIN household h ON h.id = v.household_id"
            " WHERE h.source_key = 'h4'"
        )
    for path in (f"/api/visits/{other}/form", "/api/visits/999999/form"):
        assert browser("member").get(path).status_code == 404
    assert send(browser("member"), {"id": other}, {"id": str(uuid4())}).status_code == 404
    assert send(browser("officer"), due, {"id": str(uuid4())}).status_code == 403
    assert ask(store, "SELECT count(*) FROM visit_conflict") == 0


def test_pages_of_the_list_follow_each_other(due, browser, store):
    first = browser("officer").get("/api/visits?limit=1").get_json()
    rest = browser("officer").get(f"/api/visits?limit=1&cursor={first['next']}").get_json()
    assert len(first["items"]) == len(rest["items"]) == 1
    assert first["items"][0]["id"] != rest["items"][0]["id"]
    assert rest["next"] is None
    for cursor in ("x", "1.2", "1.2026-99-01.3", "1.infinity.-1"):
        assert browser("officer").get(f"/api/visits?cursor={cursor}").status_code == 400
