"""An evacuation is ordered by two people, on what they have read, and never silently."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from webtown import COUNTY, sign_in, token_of

from gridmap.model.access import Role, Scope, system_scope
from gridmap.services import accounts, plans
from gridmap.store import plan as rows
from gridmap.store import plan_inputs, plan_order, plan_part
from gridmap.store.database import Database as Store


def value(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def change(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.execute(sql, **values)


@pytest.fixture(scope="module")
def second(store, people):
    """Another commander: one who may approve what the first has asked for."""
    with store.transaction(system_scope()) as tx:
        found = tx.value(
            "INSERT INTO app_user (name, display_name, password_hash) SELECT 'second', 'Second',"
            " password_hash FROM app_user WHERE name = 'commander' RETURNING id"
        )
        accounts.user.add_roles(tx, found, [(Role.COMMANDER.value, COUNTY)])
    return found


@pytest.fixture
def draft(store, people):
    """Give a fresh draft of the lake's hazard, asked for by a person (the officer)."""

    def make(by="officer", altered=None):
        hazard = value(store, "SELECT id FROM hazard WHERE area_code = '990101' ORDER BY id")
        with store.transaction(Scope((COUNTY,), people.get(by))) as tx:
            plan_id = rows.start(tx, hazard, COUNTY, {})
            tx.execute(
                "UPDATE plan SET state = 'drafted', drafted_at = now(), input_version = 'road.1',"
                " totals = '{\"households\": 2}', inputs = CAST(:prints AS jsonb) WHERE id = :id",
                id=plan_id,
                prints=json.dumps(plan_inputs.prints(tx, hazard, COUNTY)),
            )
            tx.execute(
                "INSERT INTO assignment (plan_id, household_id, area_code, people, shelter_id,"
                " seconds, metres, wave) SELECT :id, h.id, h.area_code, h.people, f.id, 100, 140, 1"
                " FROM household h, facility f WHERE f.source_key = 'f2' AND h.source_key = 'h1'",
                id=plan_id,
            )
            if altered is not None:
                said = {"checked": True, "households": 1, "ways": 1, "altered": altered}
                plan_part.save(tx, plan_id, COUNTY, {"verdict": said})
            plan_order.seal(tx, plan_id)
        return plan_id

    return make


def send(client, plan_id, step, body=None, version=None, check=None):
    head = client.get(f"/api/plans/{plan_id}").get_json()
    given = dict(body or {})
    if step == "approve":
        given.setdefault("check", check or head["check"])
    headers = {
        "X-CSRFToken": token_of(client),
        "If-Match": f'"{head["revision"] if version is None else version}"',
    }
    return client.post(f"/api/plans/{plan_id}/{step}", json=given, headers=headers)


def events(store, plan_id):
    with store.transaction(system_scope()) as tx:
        return [
            row["kind"]
            for row in tx.all(
                "SELECT kind FROM event WHERE subject = 'plan' AND subject_id = :id ORDER BY seq",
                id=str(plan_id),
            )
        ]


def test_shelters_that_parts_of_a_plan_name_are_named_in_the_language_of_the_page(
    store, browser, draft
):
    plan_id = draft()
    english = "Lakeside Primary School"
    change(store, "UPDATE facility SET name_en = :en WHERE source_key = 'f2'", en=english)
    own = value(store, "SELECT name FROM facility WHERE source_key = 'f2'")
    tours = {"tours": [{"vehicle": 0, "shelter": own}], "remedies": [{"place": own, "count": 1}]}
    prices = {"prices": [{"kind": "bed", "name": own, "geometry": {"name": own}}]}
    with store.transaction(system_scope()) as tx:
        plan_part.put(tx, plan_id, COUNTY, "tours", tours)
        plan_part.put(tx, plan_id, COUNTY, "prices", prices)
    for language, name in (("zh_CN", own), ("en", english)):
        client = browser("officer")
        client.get(f"/plans/{plan_id}?lang={language}")  # the language of the session from now on
        shown = client.get(f"/api/plans/{plan_id}").get_json()
        assert shown["tours"]["tours"][0]["shelter"] == name
        assert shown["tours"]["remedies"][0]["place"] == name
        assert shown["prices"]["prices"][0]["name"] == name
        assert shown["prices"]["prices"][0]["geometry"] == {"name": own}


def test_a_plan_goes_from_draft_to_its_end(store, browser, draft):
    plan_id = draft()
    commander = browser("commander")
    answer = commander.get(f"/api/plans/{plan_id}")
    head = answer.get_json()
    assert answer.headers["ETag"] == f'"{head["revision"]}"'
    assert set(head["can"]) == {"draft", "approve", "reject"}
    assert head["created_by"]["name"] == "Officer"
    assert (head["stale"], head["changed"]) == (False, [])
    approved = send(commander, plan_id, "approve", {"clear_by": "2026-12-01T15:00:00+08:00"})
    assert approved.status_code == 200, approved.get_json()
    found = approved.get_json()
    assert (found["state"], found["approved_by"]["name"]) == ("approved", "Commander")
    assert found["clear_by"].startswith("2026-12-01T07:00")
    assert send(commander, plan_id, "activate").get_json()["state"] == "active"
    closed = send(commander, plan_id, "close").get_json()
    assert (closed["state"], closed["can"]) == ("closed", ["draft"])
    assert events(store, plan_id) == ["plan.approved", "plan.activated", "plan.closed"]


def test_who_asked_does_not_approve(store, browser, draft):
    plan_id = draft("commander")
    assert "approve" not in browser("commander").get(f"/api/plans/{plan_id}").get_json()["can"]
    answer = send(browser("commander"), plan_id, "approve")
    assert answer.status_code == 403
    assert value(store, "SELECT state FROM plan WHERE id = :id", id=plan_id) == "drafted"
    # nor does an officer, who may not at all
    assert send(browser("officer"), plan_id, "approve").status_code == 403


def test_what_the_checker_finds_fault_with_is_not_approved(store, browser, draft):
    commander = browser("commander")
    message = "more people than there is room"
    bad = draft(altered=[{"message": message, "count": 2}])
    shown = commander.get(f"/api/plans/{bad}").get_json()
    assert shown["verdict"]["altered"] == [{"message": message, "count": 2}]
    assert "approve" not in shown["can"]
    assert "reject" in shown["can"]
    answer = send(commander, bad, "approve", {"reason": "all the same"})
    refused = answer.get_json()
    assert (answer.status_code, refused["altered"]) == (409, [message])
    assert "独立核对" in refused["detail"]
    assert value(store, "SELECT state FROM plan WHERE id = :id", id=bad) == "drafted"
    assert send(commander, draft(altered=[]), "approve").status_code == 200


def test_a_plan_leads_to_the_response_to_its_hazard(store, browser, draft):
    plan_id = draft()
    commander = browser("commander")
    assert commander.get(f"/api/plans/{plan_id}").get_json()["response"] is None
    with store.transaction(system_scope()) as tx:
        opened, ended = (
            tx.value(
                "INSERT INTO response (area_code, kind, level, matter, expected_until, measures,"
                " exercise, hazard_id, tier, state, ended_at) SELECT area_code, kind, 3, 'x',"
                " now() + interval '1 day', 'x', exercise, id, 'county', :state,"
                " CASE :state WHEN 'ended' THEN now() END"
                " FROM hazard WHERE id = (SELECT hazard_id FROM plan WHERE id = :id) RETURNING id",
                id=plan_id,
                state=state,
            )
            for state in ("open", "ended")
        )
    assert opened != ended
    assert commander.get(f"/api/plans/{plan_id}").get_json()["response"] == opened


def test_nobody_approves_what_nobody_asked_for(store, browser, draft):
    plan_id = draft("nobody")
    answer = send(browser("commander"), plan_id, "approve")
    assert answer.status_code == 409
    assert value(store, "SELECT state FROM plan WHERE id = :id", id=plan_id) == "drafted"


@pytest.mark.parametrize(
    "change_to",
    [
        # the same person twice, nobody as the first, nobody as the second
        "approved_by = created_by, approved_at = now(), state = 'approved'",
        "state = 'approved'",
        "approved_at = now(), state = 'approved'",
        "state = 'active', activated_at = now(), activated_by = created_by",
        "state = 'closed', closed_at = now(), closed_by = created_by",
        "approved_stale = '{road}'",
        "state = 'rejected'",
    ],
)
def test_the_database_itself_wants_two_people(database, draft, change_to):
    plan_id = draft()
    owner = psycopg2.connect(database.superuser_url)
    with pytest.raises(psycopg2.errors.CheckViolation), owner, owner.cursor() as cursor:
        cursor.execute(f"UPDATE plan SET {change_to} WHERE id = %s", (plan_id,))
    owner.close()


def test_the_database_wants_somebody_who_asked(database, draft, people):
    plan_id = draft("nobody")
    owner = psycopg2.connect(database.superuser_url)
    with pytest.raises(psycopg2.errors.CheckViolation), owner, owner.cursor() as cursor:
        cursor.execute(
            "UPDATE plan SET state = 'approved', approved_at = now(), approved_by = %s"
            " WHERE id = %s",
            (people["commander"], plan_id),
        )
    owner.close()


def test_the_database_keeps_who_approved_what(store, database, browser, draft, people):
    plan_id = draft()
    assert send(browser("commander"), plan_id, "approve").status_code == 200
    owner = psycopg2.connect(database.superuser_url)
    for altered in (
        f"approved_by = {people['lead']}",
        f"created_by = {people['lead']}",
        "check_hash = repeat('0', 64)",
        "state = 'drafted'",
    ):
        with pytest.raises(psycopg2.errors.CheckViolation), owner, owner.cursor() as cursor:
            cursor.execute(f"UPDATE plan SET {altered} WHERE id = %s", (plan_id,))
    owner.close()


def test_two_commanders_at_once_give_one_order(app, store, browser, draft, second, monkeypatch):
    plan_id = draft()
    real = plan_order.content_hash

    def slow(tx, number):
        time.sleep(0.3)  # so that the others come while the first one decides
        return real(tx, number)

    monkeypatch.setattr(plan_order, "content_hash", slow)
    head = browser("commander").get(f"/api/plans/{plan_id}").get_json()
    clients = []
    for name in ("commander", "second"):
        client = app.test_client()
        assert sign_in(client, name).status_code == 303
        clients.append((client, token_of(client)))

    def press(held):
        client, token = held
        return client.post(
            f"/api/plans/{plan_id}/approve",
            json={"check": head["check"]},
            headers={"X-CSRFToken": token, "If-Match": f'"{head["revision"]}"'},
        )

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, clients * 2))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    late = next(answer for answer in answers if answer.status_code == 409).get_json()
    assert (late["version"], late["state"]) == (head["revision"] + 1, "approved")
    assert events(store, plan_id) == ["plan.approved"]


def test_what_was_read_is_what_is_approved(store, browser, draft):
    plan_id = draft()
    commander = browser("commander")
    assert send(commander, plan_id, "approve", version=99).status_code == 409
    assert send(commander, plan_id, "approve", check="0" * 64).status_code == 409
    bare = commander.post(
        f"/api/plans/{plan_id}/approve",
        json={"check": "0" * 64},
        headers={"X-CSRFToken": token_of(commander)},
    )
    assert bare.status_code == 428
    # somebody has put another household's way into the table: the content is not what was drafted
    change(store, "UPDATE assignment SET seconds = 1 WHERE plan_id = :id", id=plan_id)
    assert send(commander, plan_id, "approve").status_code == 409
    assert value(store, "SELECT state FROM plan WHERE id = :id", id=plan_id) == "drafted"


def test_a_stale_plan_is_approved_only_with_a_reason(store, browser, draft):
    plan_id = draft()
    commander = browser("commander")
    change(store, "UPDATE household SET people = people + 1 WHERE source_key = 'h1'")
    try:
        head = commander.get(f"/api/plans/{plan_id}").get_json()
        assert (head["stale"], head["changed"]) == (True, ["household"])
        refused = send(commander, plan_id, "approve")
        assert refused.status_code == 409
        assert refused.get_json()["changed"] == ["household"]
        given = send(commander, plan_id, "approve", {"reason": "再算来不及"})
        assert given.status_code == 200
        assert given.get_json()["approved_stale"] == ["household"]
        payload = value(
            store,
            "SELECT payload FROM event WHERE kind = 'plan.approved' AND subject_id = :id",
            id=str(plan_id),
        )
        assert payload["stale"] == ["household"]
        assert "再算" not in str(payload)  # a reason is people's text: not in the trail's payload
    finally:
        change(store, "UPDATE household SET people = people - 1 WHERE source_key = 'h1'")


@pytest.mark.parametrize(
    ("sql", "undo", "layers"),
    [
        # a household at the other end of the county makes no plan stale
        (
            "UPDATE household SET people = people + 1 WHERE source_key = 'h4'",
            "UPDATE household SET people = people - 1 WHERE source_key = 'h4'",
            [],
        ),
        (
            "INSERT INTO road_closure (area_code, reason, geom) VALUES ('990101', '积水',"
            " ST_SetSRID(ST_MakePoint(114.41, 30.51), 4326))",
            "DELETE FROM road_closure",
            ["road_closure"],
        ),
        (
            "UPDATE shelter SET capacity = 299",
            "UPDATE shelter SET capacity = 300",
            ["shelter"],
        ),
        (
            "UPDATE hazard SET geom = ST_Multi(ST_MakeEnvelope(114.403, 30.509, 114.407, 30.512,"
            " 4326)) WHERE area_code = '990101'",
            "UPDATE hazard SET geom = ST_Multi(ST_MakeEnvelope(114.403, 30.509, 114.406, 30.512,"
            " 4326)) WHERE area_code = '990101'",
            ["hazard"],
        ),
        (
            "UPDATE household_need SET people = 2 WHERE household_id = (SELECT id FROM household"
            " WHERE source_key = 'h1')",
            "UPDATE household_need SET people = 1 WHERE household_id = (SELECT id FROM household"
            " WHERE source_key = 'h1')",
            ["household_need"],
        ),
    ],
)
def test_a_plan_says_which_of_its_data_have_changed(store, browser, draft, sql, undo, layers):
    plan_id = draft()
    change(store, sql)
    try:
        head = browser("officer").get(f"/api/plans/{plan_id}").get_json()
        assert head["changed"] == layers
        assert head["stale"] is bool(layers)
    finally:
        change(store, undo)


def test_a_newer_order_takes_the_place_of_the_older(store, browser, draft):
    first, then = draft(), draft()
    commander = browser("commander")
    assert send(commander, first, "approve").status_code == 200
    assert send(commander, then, "approve").get_json()["replaces"] != []
    head = commander.get(f"/api/plans/{first}").get_json()
    assert (head["state"], head["superseded_by"]) == ("superseded", then)
    assert events(store, first) == ["plan.approved", "plan.superseded"]
    # one that is under way goes on until the new one is set going
    assert send(commander, then, "activate").status_code == 200
    last = draft()
    assert send(commander, last, "approve").status_code == 200
    assert commander.get(f"/api/plans/{then}").get_json()["state"] == "active"
    assert send(commander, last, "activate").status_code == 200
    assert commander.get(f"/api/plans/{then}").get_json()["state"] == "superseded"
    assert send(commander, last, "close").status_code == 200


def test_a_draft_is_sent_back_with_a_reason(store, browser, draft):
    plan_id = draft()
    commander = browser("commander")
    assert send(commander, plan_id, "reject", {}).status_code == 400
    assert send(commander, plan_id, "reject", {"reason": "漏了一栋楼"}).status_code == 200
    head = commander.get(f"/api/plans/{plan_id}").get_json()
    assert (head["state"], head["rejection_reason"]) == ("rejected", "漏了一栋楼")
    assert send(commander, plan_id, "approve").status_code == 409
    assert send(commander, plan_id, "activate").status_code == 409


def test_nobody_is_ordered_out_of_a_hazard_that_is_lifted(store, browser, draft):
    plan_id, approved = draft(), draft()
    commander = browser("commander")
    assert send(commander, approved, "approve").status_code == 200
    change(
        store,
        "UPDATE hazard SET state = 'lifted', lifted_at = now() WHERE area_code = '990101'",
    )
    try:
        head = commander.get(f"/api/plans/{plan_id}").get_json()
        assert head["can"] == ["reject"]
        assert send(commander, plan_id, "approve", {"reason": "x"}).status_code == 409
        assert send(commander, approved, "activate").status_code == 409
        assert send(commander, approved, "close").status_code == 200
    finally:
        change(
            store,
            "UPDATE hazard SET state = 'declared', lifted_at = NULL WHERE area_code = '990101'",
        )


def test_another_areas_plan_is_not_there(browser, draft):
    plan_id = draft()
    stranger = browser("stranger")
    for address in ("", "/assignments", "/routes", "/households/1/way"):
        assert stranger.get(f"/api/plans/{plan_id}{address}").status_code == 404
    # an officer of one township is not the county's commander
    assert browser("hill").get(f"/api/plans/{plan_id}").status_code == 404


@pytest.mark.parametrize("bad", ["0", "99999999999999999999", "-1", "x", "1e3", "%00"])
def test_numbers_that_are_none(browser, bad):
    commander = browser("commander")
    for address in (f"/api/plans/{bad}", f"/plans/{bad}/print", f"/plans/{bad}/print.pdf"):
        assert commander.get(address).status_code in (400, 404)
    headers = {"X-CSRFToken": token_of(commander), "If-Match": '"1"'}
    answer = commander.post(f"/api/plans/{bad}/approve", json={"check": "0" * 64}, headers=headers)
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"check": 5},
        {"check": "g" * 64},
        {"check": "0" * 64, "reason": ""},
        {"check": "0" * 64, "reason": "x" * 501},
        {"check": "0" * 64, "clear_by": "soon"},
        {"check": "0" * 64, "clear_by": "2026-12-01T15:00:00"},
        {"check": "0" * 64, "more": 1},
        [],
    ],
)
def test_words_that_are_no_approval(browser, draft, body):
    commander = browser("commander")
    headers = {"X-CSRFToken": token_of(commander), "If-Match": '"1"'}
    answer = commander.post(f"/api/plans/{draft()}/approve", json=body, headers=headers)
    assert answer.status_code == 400


def test_asked_twice_is_one_draft(database, store, people):
    hazard = value(store, "SELECT id FROM hazard WHERE area_code = '990101'")
    scope = Scope((COUNTY,), people["officer"])
    others = [Store(database.app_url, size=1) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda one: plans.request(one, scope, hazard), others))
    for one in others:
        one.close()
    assert len(set(asked)) == 1
    plan_id, job_id = asked[0]
    assert value(store, "SELECT count(*) FROM plan WHERE job_id = :id", id=job_id) == 1
    # other data are another draft
    change(store, "UPDATE shelter SET capacity = capacity")
    other, other_job = plans.request(store, scope, hazard)
    assert (other, other_job) != (plan_id, job_id)
    # and one that is being stopped stands in nobody's way
    change(
        store,
        "UPDATE job SET state = 'running', cancel_requested = true,"
        " lease_until = now() + interval '1 minute' WHERE id = :id",
        id=other_job,
    )
    assert plans.request(store, scope, hazard) != (other, other_job)
