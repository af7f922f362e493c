"""Responses: started once, tasks out of the template, levels that climb, calls answered."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg2
import pytest
from webtown import COUNTY, HILL, LAKE, post, token_of

from gridmap.model.access import system_scope
from gridmap.services import destruction, plan_templates, response_task_climbing, whistles

UNTIL = (datetime.now(UTC) + timedelta(days=2)).isoformat()
NEW = {
    "matter": "湖水上涨",
    "level": 3,
    "expected_until": UNTIL,
    "measures": "巡堤，转移低洼处住户",
}


@pytest.fixture(autouse=True)
def empty(store, people):  # noqa: ARG001 - the people have to be there to be named
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM whistle")
        tx.execute("DELETE FROM response")
        tx.execute("DELETE FROM plan_template")
    plan_templates.start_all(store, system_scope())


@pytest.fixture
def hazard(store):
    with store.transaction(system_scope()) as tx:
        return tx.value("SELECT id FROM hazard WHERE area_code LIKE '990101%' ORDER BY id LIMIT 1")


def start(client, **more):
    return post(client, "/api/responses", NEW | more)


def step(client, number, verb, revision=1, **more):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{revision}"'}
    body = {"verb": verb, "reason": "水位还在涨"} | more
    return client.post(f"/api/responses/{number}/steps", json=body, headers=headers)


def one(client, number):
    return client.get(f"/api/responses/{number}").get_json()


def do(client, task, verb, **more):
    return post(client, f"/api/tasks/{task}/steps", {"verb": verb} | more)


def task_of(client, number, key):
    return next(task for task in one(client, number)["tasks"] if task["key"] == key)


def events(store, kind):
    with store.transaction(system_scope()) as tx:
        return tx.all("SELECT * FROM event WHERE kind = :kind ORDER BY seq", kind=kind)


def late(store, table="response_task"):
    with store.transaction(system_scope()) as tx:
        tx.execute(f"UPDATE {table} SET due_at = now() - interval '1 minute'")


def test_starting_states_all_four_and_turns_the_template_into_tasks(browser, store, hazard):
    client = browser("officer")
    made = start(client, hazard=hazard).get_json()
    found = one(client, made["id"])
    assert (found["matter"], found["level"], found["measures"]) == (
        NEW["matter"], 3, NEW["measures"],
    )  # fmt: skip
    assert found["template"]["version"] == 1
    assert found["template"]["name"] == "洪涝应急预案 · 乡镇（街道）"
    assert found["hazard"]["id"] == hazard
    keys = {task["key"] for task in found["tasks"]}
    assert len(found["tasks"]) == made["tasks"] > 5
    assert {"wake", "report_phone"} <= keys
    assert "county_supplies" not in keys  # only at level I
    wake = task_of(client, made["id"], "wake")
    begun = datetime.fromisoformat(found["started_at"])
    assert datetime.fromisoformat(wake["due_at"]) - begun == timedelta(minutes=5)
    assert wake["owner"] == "网格力量"
    assert events(store, "response.started")[-1]["payload"]["tasks"] == made["tasks"]


@pytest.mark.parametrize("missing", ["matter", "level", "expected_until", "measures"])
def test_what_the_law_asks_for_is_not_left_out(browser, hazard, missing):
    body = {name: value for name, value in NEW.items() if name != missing} | {"hazard": hazard}
    answer = post(browser("officer"), "/api/responses", body)
    assert answer.status_code == 400
    assert [fault["place"] for fault in answer.get_json()["faults"]] == [missing]


def test_events_of_social_security_have_no_level_and_the_others_do(browser):
    client = browser("officer")
    place = {"area": LAKE, "kind": "crowd"}
    assert start(client, **place).status_code == 400
    assert start(client, **place, level=None).status_code == 201
    assert start(client, area=LAKE, kind="fire", level=None).status_code == 400


def test_two_officers_who_start_at_once_have_one_response(browser, store, hazard):
    people = [browser("officer"), browser("commander")]
    tokens = [token_of(client) for client in people]
    gate, answers = threading.Barrier(2), []

    def press(client, token):
        gate.wait(30)
        body = NEW | {"hazard": hazard}
        answers.append(client.post("/api/responses", json=body, headers={"X-CSRFToken": token}))

    threads = [
        threading.Thread(target=press, args=pair) for pair in zip(people, tokens, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    assert (first.status_code, second.status_code) == (201, 409)
    told = second.get_json()
    assert told["response"] == first.get_json()["id"]
    assert told["by"] in {"Officer", "Commander"}
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM response") == 1
        tasks = tx.value("SELECT count(*) FROM response_task")
    assert tasks == first.get_json()["tasks"]


def test_an_exercise_stays_one(browser, store, database, hazard):
    client = browser("officer")
    with store.transaction(system_scope()) as tx:
        drill = tx.value(
            "INSERT INTO hazard (area_code, kind, name, severity, exercise, geom)"
            " SELECT area_code, kind, '演练', severity, true, geom FROM hazard WHERE id = :id"
            " RETURNING id",
            id=hazard,
        )
    number = start(client, hazard=drill, exercise=False).get_json()["id"]
    assert one(client, number)["exercise"] is True
    assert events(store, "response.started")[-1]["payload"]["exercise"] is True
    for sql in (
        f"UPDATE response SET exercise = false WHERE id = {number}",
        f"UPDATE response SET hazard_id = {hazard} WHERE id = {number}",
    ):
        owner = psycopg2.connect(database.superuser_url)
        refused = pytest.raises(psycopg2.errors.IntegrityConstraintViolation)
        with refused, owner, owner.cursor() as cursor:
            cursor.execute(sql)
        owner.close()


def test_a_graver_level_brings_its_tasks_and_the_steps_are_kept_with_reasons(
    browser, store, hazard
):
    client = browser("officer")
    made = start(client, hazard=hazard).get_json()
    number = made["id"]
    assert step(client, number, "adjust", level=1).get_json()["revision"] == 2
    assert step(client, number, "adjust", level=2).status_code == 409  # read before that
    found = one(client, number)
    assert {"county_supplies", "move_all"} <= {task["key"] for task in found["tasks"]}
    assert step(client, number, "escalate", 2).status_code == 409  # the county's already
    assert step(client, number, "hand_over", 2, leader=0).status_code == 400
    people = client.get(f"/api/responses/{number}/people").get_json()
    leader = next(one["id"] for one in people["leaders"] if one["name"] == "Commander")
    assert step(client, number, "hand_over", 2, leader=leader).status_code == 200
    assert step(client, number, "end", 3, reason="").status_code == 400
    assert step(client, number, "end", 3).status_code == 200
    found = one(client, number)
    assert [each["verb"] for each in found["log"]] == [
        "started", "adjusted", "handed_over", "ended",
    ]  # fmt: skip
    assert found["log"][1]["reason"] == "水位还在涨"
    assert {task["state"] for task in found["tasks"]} == {"void"}
    assert found["steps"] == []
    assert step(client, number, "adjust", 4, level=2).status_code == 409
    payloads = [one["payload"] for one in events(store, "response.adjusted")]
    assert all("reason" not in payload for payload in payloads)  # words stay out of the trail


def test_a_response_climbs_and_is_handed_down(browser):
    client = browser("officer")
    number = start(client, area=LAKE, kind="flood").get_json()["id"]
    assert one(client, number)["tier"] == "township"
    assert step(client, number, "hand_down").status_code == 409
    assert step(client, number, "escalate").status_code == 200
    assert one(client, number)["tier"] == "county"
    assert step(client, number, "hand_down", 2).status_code == 200
    assert one(client, number)["tier"] == "township"


def test_a_member_sees_and_does_the_tasks_of_members_and_no_others(browser):
    client, member = browser("officer"), browser("member")
    number = start(client, area=LAKE, kind="flood").get_json()["id"]
    mine = member.get("/api/tasks").get_json()
    assert {task["owner"] for task in mine} <= {"网格力量", "村（社区）负责人"}
    every = {task["key"] for task in one(client, number)["tasks"]}
    assert {"wake", "move_needs"} <= {task["key"] for task in mine} < every
    wake = next(task for task in mine if task["key"] == "wake")
    assert do(member, wake["id"], "take").get_json()["state"] == "taken"
    assert do(member, wake["id"], "take").status_code == 409
    assert do(member, wake["id"], "done", note="12 户都应了").get_json()["state"] == "done"
    report = task_of(client, number, "report_phone")
    assert do(member, report["id"], "done").status_code == 403
    assert do(browser("hill"), report["id"], "done").status_code in (403, 404)
    after = task_of(client, number, "wake")
    assert (after["done_by"], after["note"]) == ("Member", "12 户都应了")


def test_what_needs_a_second_person_is_not_done_by_one(browser, store):
    client = browser("officer")
    number = start(client, area=LAKE, kind="flood", level=2).get_json()["id"]
    order = task_of(client, number, "evacuation_order")
    assert do(client, order["id"], "done").get_json()["state"] == "waiting"
    assert do(client, order["id"], "approve").status_code == 403
    assert do(browser("commander"), order["id"], "return", note="").status_code == 400
    assert do(browser("commander"), order["id"], "return", note="缺路线").status_code == 200
    assert do(client, order["id"], "done").get_json()["state"] == "waiting"
    assert do(browser("commander"), order["id"], "approve").get_json()["state"] == "done"
    owner_less = pytest.raises(Exception, match="check constraint")
    with owner_less, store.transaction(system_scope()) as tx:
        tx.execute("UPDATE response_task SET approved_at = NULL WHERE id = :id", id=order["id"])


def test_tasks_that_run_out_climb_once_each_time_and_ring_once_at_the_county(browser, store):
    client = browser("officer")
    number = start(client, area=LAKE, kind="flood").get_json()["id"]
    tiers = {task["key"]: task["tier"] for task in one(client, number)["tasks"]}
    assert response_task_climbing.climb_due(store) == 0
    late(store)
    climbed = response_task_climbing.climb_due(store)
    assert climbed == len(tiers)
    found = {task["key"]: task for task in one(client, number)["tasks"]}
    above = {"village": "township", "township": "county", "county": "county"}
    assert all(found[key]["tier"] == above[tier] for key, tier in tiers.items())
    assert response_task_climbing.climb_due(store) == 0  # each has a deadline of its own again
    late(store)
    response_task_climbing.climb_due(store)
    late(store)
    response_task_climbing.climb_due(store)
    assert response_task_climbing.climb_due(store) == 0
    wake = found["wake"]["id"]
    assert len([e for e in events(store, "task.escalated") if e["subject_id"] == str(wake)]) == 2
    assert len([e for e in events(store, "task.overdue") if e["subject_id"] == str(wake)]) == 1
    late(store)
    assert step(client, number, "end").status_code == 200
    assert response_task_climbing.climb_due(store) == 0


def test_tasks_are_given_to_people_and_teams_and_moved_by_hand(browser, store):
    client = browser("officer")
    number = start(client, area=LAKE, kind="flood").get_json()["id"]
    choices = client.get(f"/api/responses/{number}/people").get_json()
    unit = next(one["id"] for one in choices["people"] if one["name"] == "Unit")
    task = task_of(client, number, "report_phone")
    assert do(client, task["id"], "assign").status_code == 400
    assert do(client, task["id"], "assign", person=unit, team=1).status_code == 400
    assert do(client, task["id"], "assign", person=unit).status_code == 200
    assert task["id"] in {one["id"] for one in browser("unit").get("/api/tasks").get_json()}
    assert do(browser("unit"), task["id"], "escalate", note="人手不够").status_code == 200
    assert task_of(client, number, "report_phone")["tier"] == "county"
    assert do(browser("unit"), task["id"], "hand_down", note="人手够了").status_code == 403
    assert do(client, task["id"], "hand_down", note="人手够了").status_code == 200
    added = {"title": "清点沙袋", "tier": "village", "minutes": 20}
    assert post(client, f"/api/responses/{number}/tasks", added).status_code == 201
    assert events(store, "task.created")[-1]["payload"]["response"] == number


def test_departments_are_called_report_in_and_are_evaluated_by_who_called(browser, store):
    member, unit, officer = browser("member"), browser("unit"), browser("officer")
    teams = member.get("/api/whistles/teams").get_json()
    with store.transaction(system_scope()) as tx:
        own = tx.value("SELECT id FROM responder WHERE source_key = 'r1'")
    assert own in {team["id"] for team in teams}
    body = {
        "matter": "井盖移位，水往楼道灌",
        "place": "湖边路 1 号门口",
        "teams": [own],
        "minutes": 10,
    }
    number = post(member, "/api/whistles", body).get_json()["id"]
    seen = next(one for one in unit.get("/api/whistles").get_json() if one["id"] == number)
    call = seen["calls"][0]
    assert call["mine"]
    assert (
        post(unit, f"/api/whistles/calls/{call['id']}/answer", {"state": "cannot"}).status_code
        == 400
    )
    late(store, "whistle_call")
    assert whistles.climb_due(store) == 1
    seen = next(one for one in officer.get("/api/whistles").get_json() if one["id"] == number)
    assert (seen["calls"][0]["tier"], seen["calls"][0]["escalations"]) == ("township", 1)
    address = f"/api/whistles/calls/{call['id']}/answer"
    assert post(member, address, {"state": "arrived"}).status_code == 403
    assert post(unit, address, {"state": "on_the_way"}).status_code == 204
    assert post(unit, address, {"state": "arrived"}).status_code == 204
    late(store, "whistle_call")
    assert whistles.climb_due(store) == 0  # answered
    result = {"results": [{"call": call["id"], "result": "solved", "words": "半小时抽干"}]}
    assert post(unit, f"/api/whistles/{number}/close", result).status_code == 403
    assert post(member, f"/api/whistles/{number}/close", result).status_code == 204
    assert post(unit, address, {"state": "cannot", "reason": "别处更急"}).status_code == 409
    assert events(store, "whistle.evaluated")[-1]["payload"]["teams"] == 1


def blown(browser, store, response=None):
    """Blow a whistle as the member of a grid; give its number and that of its one call."""
    with store.transaction(system_scope()) as tx:
        own = tx.value("SELECT id FROM responder WHERE source_key = 'r1'")
    body = {"matter": "水往楼道灌", "place": "1 号门口", "teams": [own], "minutes": 10}
    member = browser("member")
    more = {} if response is None else {"response": response}
    number = post(member, "/api/whistles", body | more).get_json()["id"]
    return number, whistle(member, number)["calls"][0]["id"]


def whistle(client, number):
    return next(one for one in client.get("/api/whistles").get_json() if one["id"] == number)


def test_the_desk_says_what_came_of_it_where_who_called_does_not(browser, store):
    number, call = blown(browser, store)
    result = {"results": [{"call": call, "result": "partly", "words": ""}]}
    assert not whistle(browser("unit"), number)["may_close"]
    assert whistle(browser("officer"), number)["may_close"]
    address = f"/api/whistles/{number}/close"
    assert post(browser("hill"), address, result).status_code in {403, 404}
    assert post(browser("officer"), address, result).status_code == 204


def test_whistles_end_with_their_response(browser, store):
    officer, unit = browser("officer"), browser("unit")
    response = start(officer, area=LAKE, kind="flood").get_json()["id"]
    number, call = blown(browser, store, response)
    late(store, "whistle_call")
    assert whistles.climb_due(store) == 1
    assert step(officer, response, "end").status_code == 200
    assert whistle(officer, number)["state"] == "closed"
    assert events(store, "response.ended")[-1]["payload"]["whistles"] == 1
    answer = post(unit, f"/api/whistles/calls/{call}/answer", {"state": "on_the_way"})
    assert answer.status_code == 409
    with store.transaction(system_scope()) as tx:  # as one that ended before whistles did with it
        tx.execute("UPDATE whistle SET state = 'blown', closed_at = NULL WHERE id = :id", id=number)
    late(store, "whistle_call")
    assert whistles.climb_due(store) == 0


def test_nothing_is_written_where_words_were_destroyed(browser, store):
    number, call = blown(browser, store)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE whistle SET blown_at = now() - interval '90 days' WHERE id = :id",
                   id=number)  # fmt: skip
    assert destruction.forget_notes(store) == 1
    late(store, "whistle_call")
    assert whistles.climb_due(store) == 0
    said = {"state": "cannot", "reason": "张某家里水太深"}
    answer = post(browser("unit"), f"/api/whistles/calls/{call}/answer", said)
    assert answer.status_code == 409
    result = {"results": [{"call": call, "result": "partly", "words": "张某家"}]}
    assert post(browser("member"), f"/api/whistles/{number}/close", result).status_code == 409
    assert not whistle(browser("member"), number)["may_close"]


def test_a_neighbour_sees_what_is_of_the_county_but_not_of_the_next_township(browser):
    officer, hill = browser("officer"), browser("hill")
    lake = start(officer, area=LAKE, kind="flood").get_json()["id"]
    county = start(officer, area=COUNTY, kind="flood").get_json()["id"]
    assert hill.get(f"/api/responses/{lake}").status_code == 404
    assert hill.get(f"/api/responses/{county}").status_code == 200
    assert step(hill, county, "end").status_code == 404
    assert start(hill, area=LAKE, kind="fire").status_code == 403
    assert start(hill, area=HILL, kind="fire").status_code == 201


ALERT = (
    "INSERT INTO alert (area_code, status, msg_type, identifier, sender, sent, severity, headline,"
    " event, category, instruction, issuer, direction, area_desc, starts_at, expires_at,"
    " state, followed_by, sha256, document)"
    " VALUES ('990101', :status, :msg_type, :name, 'warn@bureau.example', now(), 'orange',"
    " '暴雨预警', '暴雨', 'Met', '绕行', '气象台', 'received', '湖边', now() - interval '2 days',"
    " now() + make_interval(hours => :hours), :state, :by, sha256('x'), 'x') RETURNING id"
)


@pytest.fixture
def warned(store):
    """Write warnings down as they came; they go again afterwards."""

    def write(status="Actual", msg_type="Alert", hours=6, by=None):
        with store.transaction(system_scope()) as tx:
            return tx.value(
                ALERT,
                status=status,
                msg_type=msg_type,
                name=f"response-{uuid4()}",
                hours=hours,
                state="cancelled" if by else "current",
                by=by,
            )

    yield write
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM response")
        tx.execute("DELETE FROM alert WHERE identifier LIKE 'response-%'")


def test_only_a_warning_in_force_starts_a_response(browser, store, hazard, warned):
    client = browser("officer")
    place = {"area": LAKE, "kind": "rainstorm"}
    ends = warned(msg_type="Cancel")
    nothing = [warned(status) for status in ("Test", "Draft", "System")]
    nothing += [ends, warned(hours=-1), warned(by=ends)]
    for number in nothing:
        assert start(client, **place, alert=number).status_code == 409
        assert start(client, hazard=hazard, alert=number).status_code == 409
    drill, real = warned("Exercise"), warned()
    mixed = start(client, hazard=hazard, alert=drill)
    assert (mixed.status_code, mixed.get_json()["faults"][0]["place"]) == (400, "alert")
    begun = start(client, **place, alert=drill).get_json()["id"]
    assert one(client, begun)["exercise"]
    begun = start(client, **place, alert=real).get_json()["id"]
    assert not one(client, begun)["exercise"]
    with (
        pytest.raises(Exception, match="exactly if its warning"),
        store.transaction(system_scope()) as tx,
    ):
        tx.execute("UPDATE response SET alert_id = :id WHERE id = :of", id=drill, of=begun)


def test_a_response_that_starts_rings_at_the_desk_and_says_drill(browser):
    officer, commander = browser("officer"), browser("commander")
    number = start(commander, area=LAKE, kind="fire", exercise=True).get_json()["id"]
    alarms = officer.get("/api/duty/alarms").get_json()["items"]
    found = [one for one in alarms if (one["subject"], one["id"]) == ("response", str(number))]
    assert [(one["exercise"], one["active"], one["mine"]) for one in found] == [(True, True, False)]
    assert post(officer, f"/api/duty/alarms/{found[0]['seq']}/take", {}).status_code == 200
    assert step(commander, number, "end").status_code == 200
    alarms = officer.get("/api/duty/alarms").get_json()["items"]
    assert not [one for one in alarms if one["subject"] == "response" and one["id"] == str(number)]
