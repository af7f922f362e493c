"""Call-out and arrival: nobody is dropped, every step is taken once, silence climbs by itself."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from webtown import COUNTY, sign_in, token_of, visitor

from gridmap.model.access import Scope, system_scope
from gridmap.services import call_climbing, call_codes, roll_call, sheet_more
from gridmap.store import plan as rows
from gridmap.store import plan_inputs, plan_order


def value(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def all_of(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.all(sql, **values)


def change(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.execute(sql, **values)


def home(store, key="h1"):
    return value(store, "SELECT id FROM household WHERE source_key = :key", key=key)


def drafted(store, people, *, unserved=("h2",), homes=("h1", "h2", "h3"), hazard=None):
    hazard = hazard or value(
        store, "SELECT id FROM hazard WHERE area_code = '990101' ORDER BY id LIMIT 1"
    )
    with store.transaction(Scope((COUNTY,), people["officer"])) as tx:
        plan_id = rows.start(tx, hazard, COUNTY, {})
        tx.execute(
            "UPDATE plan SET state = 'drafted', drafted_at = now(), input_version = 'road.1',"
            " inputs = CAST(:prints AS jsonb) WHERE id = :id",
            id=plan_id,
            prints=json.dumps(plan_inputs.prints(tx, hazard, COUNTY)),
        )
        tx.execute(
            "INSERT INTO assignment (plan_id, household_id, area_code, people, with_needs,"
            " shelter_id, seconds, metres, wave, reason) SELECT :id, h.id, h.area_code, h.people,"
            " h.source_key = 'h1', CASE WHEN n THEN NULL ELSE f.id END,"
            " CASE WHEN n THEN NULL ELSE 100 END, CASE WHEN n THEN NULL ELSE 140 END,"
            " CASE WHEN n THEN NULL ELSE 1 END, CASE WHEN n THEN 'no_road' END"
            " FROM (SELECT *, source_key = ANY(:unserved) AS n FROM household) AS h, facility f"
            " WHERE f.source_key = 'f2' AND h.source_key = ANY(:homes)",
            id=plan_id,
            unserved=list(unserved),
            homes=list(homes),
        )
        plan_order.seal(tx, plan_id)
    return plan_id


def order(browser, plan_id, step):
    client = browser("commander")
    head = client.get(f"/api/plans/{plan_id}").get_json()
    body = {"check": head["check"]} if step == "approve" else {}
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{head["revision"]}"'}
    answer = client.post(f"/api/plans/{plan_id}/{step}", json=body, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)


@pytest.fixture
def active(store, people, browser):
    """Give a plan that has just been set going, with nothing said of anybody."""
    change(store, "DELETE FROM call_out")
    plan_id = drafted(store, people)
    order(browser, plan_id, "approve")
    order(browser, plan_id, "activate")
    return plan_id


@pytest.fixture
def drill(store, people, browser):
    """Give a plan of a drill that has just been set going."""
    change(store, "DELETE FROM call_out")
    hazard = value(
        store,
        "INSERT INTO hazard (area_code, kind, name, severity, geom, exercise)"
        " SELECT area_code, kind, '演练', severity, geom, true FROM hazard"
        " WHERE area_code = '990101' ORDER BY id LIMIT 1 RETURNING id",
    )
    plan_id = drafted(store, people, hazard=hazard)
    order(browser, plan_id, "approve")
    order(browser, plan_id, "activate")
    yield plan_id
    order(browser, plan_id, "close")
    change(store, "UPDATE hazard SET state = 'lifted', lifted_at = now() WHERE id = :id", id=hazard)


def put(client, plan_id, household, kind, **more):
    body = {"id": str(uuid4()), "kind": kind, **more}
    headers = {"X-CSRFToken": token_of(client)}
    address = f"/api/plans/{plan_id}/call-outs/{household}/steps"
    return client.post(address, json=body, headers=headers)


def board(browser, plan_id, name="officer", part=""):
    answer = browser(name).get(f"/api/plans/{plan_id}/board{part}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def call_out(store, household):
    (row,) = all_of(store, "SELECT * FROM call_out WHERE household_id = :id", id=household)
    return row


def test_setting_a_plan_going_puts_everybody_on_the_list(store, browser, active):
    listed = all_of(store, "SELECT * FROM call_out WHERE plan_id = :id ORDER BY id", id=active)
    assert len(listed) == 3
    assert {row["state"] for row in listed} == {"waiting"}
    by_home = {row["household_id"]: row for row in listed}
    first, left = by_home[home(store)], by_home[home(store, "h2")]
    assert (first["position"], first["helper"], left["position"]) == (1, "周网格", 2)
    # whom no shelter serves is called out like everybody else
    assert (left["unserved_reason"], left["shelter_id"]) == ("no_road", None)
    assert all(row["due_at"] == row["begun_at"] + timedelta(minutes=5) for row in listed)
    assert len({row["code"] for row in listed}) == 3
    found = board(browser, active)
    assert found["totals"]["households"] == 3
    assert found["totals"]["waiting"] == 3
    assert [each["household"] for each in found["unserved"]] == [home(store, "h2")]


def test_a_household_goes_from_the_call_to_the_shelter(store, browser, active):
    member, here = browser("member"), home(store)
    expected = ["called", "answered", "departed", "arrived"]
    for kind in expected:
        more = {"called": {"channel": "phone"}, "arrived": {"place": "shelter"}}.get(kind, {})
        answer = put(member, active, here, kind, **more)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        assert answer.get_json()["state"] == kind
    (there,) = all_of(store, "SELECT a.* FROM arrival a JOIN call_out c ON c.id = a.call_out_id")
    assert (there["place"], there["people"]) == ("shelter", 3)
    found = board(browser, active)
    (place,) = found["shelters"]
    assert (place["present"], place["free"], place["planned"]) == (3, 297, 8)
    assert {each["kind"]: each["amount"] for each in place["needs"]}["toilets"] == 1
    assert found["totals"]["arrived"] == 1
    kinds = [
        row["kind"]
        for row in all_of(
            store,
            "SELECT kind FROM event WHERE subject = 'call_out' AND payload ->> 'plan' = :plan"
            " ORDER BY seq",
            plan=str(active),
        )
    ]
    assert kinds == [f"call_out.{kind}" for kind in expected]


def test_the_same_step_twenty_times_at_once_is_one(app, store, people, active):
    here, body = home(store), {"id": str(uuid4()), "kind": "answered"}

    def send(_n):
        client = visitor(app)
        sign_in(client, "member")
        headers = {"X-CSRFToken": token_of(client)}
        address = f"/api/plans/{active}/call-outs/{here}/steps"
        return client.post(address, json=body, headers=headers).status_code

    with ThreadPoolExecutor(5) as pool:
        found = sorted(pool.map(send, range(20)))
    assert found == [200] * 19 + [201]
    assert value(store, "SELECT count(*) FROM call_step") == 1


def test_other_words_under_the_same_id_are_refused(store, browser, active):
    member, here, number = browser("member"), home(store), str(uuid4())
    assert put(member, active, here, "answered", id=number).status_code == 201
    assert put(member, active, here, "departed", id=number).status_code == 409
    assert call_out(store, here)["state"] == "answered"


def test_steps_of_a_tablet_without_a_network_count_by_its_clock(store, browser, active):
    """The officer heard at the door of the shelter what the member's tablet says much later."""
    member, officer, here = browser("member"), browser("officer"), home(store)
    change(store, "UPDATE call_out SET begun_at = now() - interval '1 hour'")
    ago = [(datetime.now(UTC) - timedelta(minutes=minutes)).isoformat() for minutes in (30, 20, 10)]
    assert put(officer, active, here, "arrived", place="shelter", at=ago[2]).status_code == 201
    late = put(member, active, here, "departed", at=ago[1]).get_json()
    assert (late["state"], late["clash"]) == ("arrived", False)
    put(member, active, here, "answered", at=ago[0])
    clash = put(member, active, here, "no_answer", channel="door").get_json()
    assert (clash["state"], clash["clash"]) == ("arrived", True)
    roster = browser("member").get("/api/call-outs").get_json()
    (row,) = [each for each in roster["items"] if each["household"] == here]
    assert row["clashes"] == ["no_answer"]


def test_a_plan_in_force_stays_on_the_roster_however_long_it_lasts(store, browser, active):
    here = home(store)
    sql = "UPDATE plan SET activated_at = now() - interval '40 days' WHERE id = :id"
    change(store, sql, id=active)
    roster = browser("member").get("/api/call-outs").get_json()
    assert here in {each["household"] for each in roster["items"] if each["plan"] == active}


def test_a_clock_ahead_of_time_does_not_win_for_ever(store, browser, active):
    member, here = browser("member"), home(store)
    ahead = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    put(member, active, here, "refused", reason="要看店", at=ahead)
    assert put(member, active, here, "answered").get_json()["state"] == "answered"


def test_a_step_taken_back_leaves_a_trace(store, browser, active):
    member, here = browser("member"), home(store)
    wrong = put(member, active, here, "arrived", place="relatives").get_json()["id"]
    answer = put(member, active, here, "undone", undoes=wrong)
    assert answer.get_json()["state"] == "waiting"
    assert value(store, "SELECT count(*) FROM arrival") == 0
    kept = browser("member").get(f"/api/plans/{active}/call-outs/{here}").get_json()["items"]
    assert [(each["kind"], each["undone"]) for each in kept] == [
        ("arrived", True),
        ("undone", False),
    ]


@pytest.mark.parametrize(
    ("kind", "more", "place"),
    [
        ("refused", {}, "reason"),
        ("arrived", {}, "place"),
        ("answered", {"place": "shelter"}, "place"),
        ("arrived", {"place": "relatives", "shelter": 1}, "shelter"),
        ("arrived", {"place": "shelter", "shelter": 999999}, "shelter"),
        ("undone", {}, "undoes"),
        ("arrived", {"place": "shelter", "people": 0}, "people"),
        ("flown", {}, "kind"),
    ],
)
def test_a_step_that_does_not_say_enough_is_refused(store, browser, active, kind, more, place):
    answer = put(browser("member"), active, home(store), kind, **more)
    assert answer.status_code == 400
    assert place in json.dumps(answer.get_json())


def test_nobody_notes_steps_of_other_areas(store, browser, active):
    assert put(browser("stranger"), active, home(store), "answered").status_code == 404
    assert put(browser("member"), active, home(store, "h3"), "answered").status_code == 404
    assert put(browser("planner"), active, home(store), "answered").status_code == 403
    assert browser("stranger").get(f"/api/plans/{active}/board").status_code == 404


def test_silence_climbs_rung_by_rung_and_level_by_level_once(store, people, browser, active):
    here = home(store)
    change(store, "DELETE FROM message")
    put(browser("member"), active, home(store, "h2"), "answered")
    now = datetime.now(UTC)
    seen = []
    for n in range(1, 8):
        now += timedelta(minutes=5, seconds=1)
        climbed = call_climbing.climb(store, now)
        assert call_climbing.climb(store, now) == 0, "climbed twice for one deadline"
        row = call_out(store, here)
        seen.append((row["rung"], row["level"]))
        assert climbed == (2 if n <= 4 else 0), n
    assert seen[:4] == [
        ("door", "village"),
        ("gong", "village"),
        ("gong", "township"),
        ("gong", "county"),
    ]
    assert call_out(store, here)["due_at"] is None
    assert call_out(store, home(store, "h2"))["level"] == "village"
    texts = all_of(
        store,
        "SELECT m.text, u.name FROM message m JOIN app_user u ON u.id = m.to_user ORDER BY 2",
    )
    told = {row["name"] for row in texts}
    assert {"officer", "commander", "mixed"} >= told >= {"officer", "commander"}
    # an alarm of the desk, taken like any other
    alarms = browser("officer").get("/api/duty/alarms?since=0").get_json()["items"]
    mine = [each for each in alarms if each["subject"] == "call_out"]
    assert [
        (each["id"], each["level"]) for each in mine if each["id"].startswith(f"{active}-")
    ] == [
        (f"{active}-township", 2),
        (f"{active}-county", 1),
    ]


def test_no_answer_starts_the_next_rung_at_once(store, browser, active):
    here = home(store)
    put(browser("member"), active, here, "no_answer", channel="phone")
    row = call_out(store, here)
    assert (row["rung"], row["attempts"]) == ("door", 1)
    assert row["due_at"] == row["state_at"] + timedelta(minutes=5)


def test_an_end_of_the_plan_ends_the_climbing(store, browser, active):
    order(browser, active, "close")
    assert call_climbing.climb(store, datetime.now(UTC) + timedelta(hours=1)) == 0


def test_a_lifted_hazard_ends_the_climbing(store, browser, active):
    later = datetime.now(UTC) + timedelta(hours=1)
    hazard = value(store, "SELECT hazard_id FROM plan WHERE id = :id", id=active)
    lift = "UPDATE hazard SET state = :state, lifted_at = :at WHERE id = :id"
    change(store, lift, state="lifted", at=datetime.now(UTC), id=hazard)
    try:
        assert call_climbing.climb(store, later) == 0, "called out from what is over"
    finally:
        change(store, lift, state="declared", at=None, id=hazard)
    assert call_climbing.climb(store, later) == 3


def test_a_newer_plan_keeps_what_is_known_of_everybody(store, people, browser, active):
    member = browser("member")
    put(member, active, home(store), "departed")
    code = call_out(store, home(store))["code"]
    newer = drafted(store, people, unserved=(), homes=("h1", "h2"))
    order(browser, newer, "approve")
    order(browser, newer, "activate")
    first, gone = call_out(store, home(store)), call_out(store, home(store, "h3"))
    assert (first["plan_id"], first["state"], first["code"]) == (newer, "departed", code)
    assert (gone["plan_id"], gone["in_plan"]) == (newer, False)
    assert call_out(store, home(store, "h2"))["unserved_reason"] is None
    # a tablet that only knows the older plan still has its steps taken
    answer = put(member, active, home(store), "arrived", place="shelter")
    assert (answer.status_code, answer.get_json()["plan"]) == (201, newer)
    assert board(browser, active)["plan"]["id"] == newer


def test_codes_are_signed(store, active):
    with store.transaction(system_scope()) as tx:
        found = call_codes.codes(tx, active)
    code = found[home(store)]
    assert call_out(store, home(store))["code"] == code
    # ten letters of HMAC-SHA256, of the household under the key, as Crockford writes them
    assert call_codes.code(b"x" * 32, 7) == "EVM3GGE9ZC"
    assert call_codes.code(b"y" * 32, 7) != "EVM3GGE9ZC"
    assert call_codes.code(b"x" * 32, 8) != "EVM3GGE9ZC"
    key = value(store, "SELECT arrival_key FROM plan ORDER BY id LIMIT 1")
    assert call_codes.code(bytes(key), home(store)) == code
    assert len(set(found.values())) == len(found) == 3


def test_codes_are_read_as_they_are_typed():
    code = "01AB1QZX0K"
    for typed in (
        code,
        " gridmap:01ab1-qzx0k ",
        "O1ABIQZXOK",  # what is easily taken for a zero or a one
        "olab1 qzxok",
        "0lABL-QZX0K",
    ):
        assert call_codes.plain_code(typed) == code, typed
    for none in ("", "K7QF2", "K7QF2-M9DXTT", "K7QF2-M9DX!", "陈某家在这里住着三口", "UUUUUUUUUU"):
        assert call_codes.plain_code(none) is None


def arrive(client, code, **more):
    headers = {"X-CSRFToken": token_of(client)}
    body = {"id": str(uuid4()), "code": code, **more}
    return client.post("/api/arrivals", json=body, headers=headers)


def test_a_code_is_received_at_any_door_of_the_county(store, browser, active):
    """The member of another grid stands at the door, and learns no more than the door needs."""
    member, code = browser("member"), call_out(store, home(store, "h3"))["code"]
    headers = {"X-CSRFToken": token_of(member)}
    found = member.post("/api/arrivals/look", json={"code": code}, headers=headers).get_json()
    assert (found["name"], found["people"], found["arrived"]) == ("赵某", 5, 0)
    assert not {"address", "phone", "needs"} & set(found)
    assert arrive(member, code, people=2).get_json()["state"] == "departed"
    assert arrive(member, code, place="relatives").get_json()["state"] == "arrived"
    where = all_of(store, "SELECT place, people FROM arrival ORDER BY id")
    assert [(row["place"], row["people"]) for row in where] == [("shelter", 2), ("relatives", 3)]
    assert arrive(member, "AAAAA-AAAAA").status_code == 404
    assert arrive(member, "AAAAA").status_code == 400
    assert arrive(browser("stranger"), code).status_code == 404
    assert arrive(browser("planner"), code).status_code == 403


def test_names_and_needs_are_shown_where_they_may_be_read(store, browser, active):
    seen = {each["household"]: each for each in board(browser, active)["missing"]}
    assert seen[home(store)]["needs"] == ["wheelchair"]
    assert seen[home(store)]["name"] == "王某"
    unread = {each["household"]: each for each in board(browser, active, "planner")["missing"]}
    for name in ("needs", "name", "phone", "first", "wave"):
        assert unread[home(store)][name] is None, name
    own = browser("member").get("/api/call-outs").get_json()
    assert {each["household"] for each in own["items"]} == {home(store), home(store, "h2")}
    assert [each["phone"] for each in own["items"]] == ["13812345678", "13912345678"]
    assert value(
        store,
        "SELECT count(*) FROM event WHERE kind = 'household.listed' AND subject_id = 'roster'",
    )


def test_the_tablet_says_where_a_household_meets_whom_it_may(store, browser, active):
    change(
        store,
        "UPDATE assignment SET assembly = 2, travel = 'walk' WHERE plan_id = :id"
        " AND shelter_id IS NOT NULL",
        id=active,
    )
    change(
        store,
        "INSERT INTO plan_part (plan_id, area_code, kind, content) SELECT id, area_code,"
        " 'assembly', jsonb_build_object('points', jsonb_build_array(jsonb_build_object("
        "'number', 2, 'name', '湖滨桥头'))) FROM plan WHERE id = :id",
        id=active,
    )
    own = browser("member").get("/api/call-outs").get_json()["items"]
    (mine,) = [each for each in own if each["household"] == home(store)]
    assert (mine["meet"], mine["meet_name"], mine["travel"]) == (2, "湖滨桥头", "walk")
    unread = {each["household"]: each for each in board(browser, active, "planner")["missing"]}
    for name in ("meet", "meet_name", "travel"):
        assert unread[home(store)][name] is None, name
    # at the door likewise: whose grid it is tells the household, anybody else learns nothing of it
    for asked, seen in ((home(store), (2, "湖滨桥头", "walk")), (home(store, "h3"), (None,) * 3)):
        code = call_out(store, asked)["code"]
        member = browser("member")
        headers = {"X-CSRFToken": token_of(member)}
        card = member.post("/api/arrivals/look", json={"code": code}, headers=headers).get_json()
        assert (card["meet"], card["meet_name"], card["travel"]) == seen, asked


def test_the_board_tells_of_needs_only_whom_it_may(store, browser, active):
    change(
        store,
        "UPDATE call_out SET unserved_reason = 'no_accessible_shelter', shelter_id = NULL,"
        " with_needs = true, position = 1 WHERE household_id = :id",
        id=home(store, "h3"),
    )
    seen = {each["household"]: each for each in board(browser, active)["unserved"]}
    assert seen[home(store, "h3")]["reason"] == "no_accessible_shelter"
    found = board(browser, active, "planner")
    masked = {each["household"]: each for each in found["unserved"]}
    assert masked[home(store, "h3")]["reason"] == "no_shelter"
    assert {each["position"] for each in (*found["unserved"], *found["missing"])} == {None}
    # nor does the order of the rows tell who goes first
    for part in ("unserved", "missing"):
        listed = [each["household"] for each in found[part]]
        assert listed == sorted(listed), part


def test_telephone_numbers_on_the_board_leave_a_trace(store, browser, active):
    change(store, "DELETE FROM call_out WHERE household_id = :id", id=home(store))
    traces = "SELECT count(*) FROM event WHERE kind = 'household.listed' AND subject_id = 'board'"
    before = value(store, traces)
    shown = board(browser, active)["missing"]
    assert not any(each["needs"] for each in shown)
    assert any(each["phone"] for each in shown)
    assert value(store, traces) == before + 1
    board(browser, active, "planner")
    assert value(store, traces) == before + 1


def test_the_lists_say_how_many_there_are(store, browser, active, monkeypatch):
    monkeypatch.setattr(roll_call, "_MOST", 1)
    found = board(browser, active)
    assert found["counts"] == {"missing": 3, "unserved": 1}
    assert (len(found["missing"]), len(found["unserved"])) == (1, 1)
    change(store, "UPDATE call_out SET state = 'answered', due_at = NULL WHERE in_plan")
    part = board(browser, active, part="?grid=990101001001002")
    assert (part["counts"], part["unserved"]) == ({"missing": 0, "unserved": 0}, [])


def test_events_tell_neither_the_household_nor_hide_the_drill(store, browser, drill):
    member, here = browser("member"), home(store)
    put(member, drill, here, "called", channel="phone")
    put(member, drill, here, "arrived", place="shelter")
    officer = browser("officer")
    headers = {"X-CSRFToken": token_of(officer)}
    address = f"/api/plans/{drill}/call-outs/{here}/helper"
    assert officer.post(address, json={"helper": "老李"}, headers=headers).status_code == 200
    shelter = value(store, "SELECT id FROM facility WHERE source_key = 'f2'")
    for state in ("full", "open"):
        assert say(officer, drill, shelter, state=state).status_code == 200
    told = all_of(
        store,
        "SELECT kind, payload FROM event WHERE payload ->> 'plan' = :plan"
        " AND subject IN ('call_out', 'shelter') ORDER BY seq",
        plan=str(drill),
    )
    assert [row["kind"] for row in told] == [
        "call_out.called",
        "call_out.arrived",
        "call_out.helper_set",
        "shelter.load_changed",
        "shelter.opened",
    ]
    for row in told:
        assert row["payload"]["exercise"] is True, row["kind"]
        assert "household" not in row["payload"], row["kind"]


def test_a_grid_is_heard_from_or_not(store, browser, active):
    before = {each["grid"]: each for each in board(browser, active)["grids"]}
    assert {each["heard_at"] for each in before.values()} == {None}
    for key in ("h1", "h2"):
        put(browser("member"), active, home(store, key), "answered")
    after = {each["grid"]: each for each in board(browser, active)["grids"]}
    mine, other = after["990101001001001"], after["990101001001002"]
    assert (mine["complete"], mine["accounted"]) == (True, 2)
    assert mine["heard_at"] is not None
    assert (other["complete"], other["heard_at"]) == (False, None)
    assert other["silent_seconds"] >= 0


def test_a_helper_is_named(store, browser, active):
    officer, here = browser("officer"), home(store)
    headers = {"X-CSRFToken": token_of(officer)}
    address = f"/api/plans/{active}/call-outs/{here}/helper"
    assert officer.post(address, json={"helper": "志愿队老李"}, headers=headers).status_code == 200
    assert call_out(store, here)["helper"] == "志愿队老李"
    assert officer.post(address, json={"helper": ""}, headers=headers).status_code == 400


def say(client, plan_id, shelter, **body):
    headers = {"X-CSRFToken": token_of(client)}
    return client.post(f"/api/plans/{plan_id}/shelters/{shelter}", json=body, headers=headers)


@pytest.fixture
def of_township(store, active):
    """Give a second shelter of the plan, in a township that has rules of its own."""
    shelter = value(
        store,
        "INSERT INTO facility (area_code, source_key, kind, name, geom) SELECT '990101001', 'f9',"
        " 'shelter', '湖边小学', geom FROM facility WHERE source_key = 'f2' RETURNING id",
    )
    change(
        store,
        "INSERT INTO shelter (facility_id, area_code, capacity) VALUES (:id, '990101001', 50)",
        id=shelter,
    )
    change(
        store,
        "INSERT INTO supply_rule (area_code, kind, amount, per, unit, position, source)"
        " VALUES ('990101001', 'drinking_water', 5, 'person_day', 'L', 90, '湖边自己定的')",
    )
    moved = "UPDATE {} SET shelter_id = :to WHERE plan_id = :plan AND household_id = :home"
    for table in ("assignment", "call_out"):
        change(store, moved.format(table), to=shelter, plan=active, home=home(store, "h3"))
    yield shelter
    f2 = value(store, "SELECT id FROM facility WHERE source_key = 'f2'")
    for table in ("assignment", "call_out"):
        change(
            store, f"UPDATE {table} SET shelter_id = :f2 WHERE shelter_id = :id", f2=f2, id=shelter
        )
    change(store, "DELETE FROM supply_rule WHERE area_code = '990101001'")
    change(store, "DELETE FROM facility WHERE id = :id", id=shelter)


def test_each_shelter_needs_what_the_rules_of_its_own_area_say(store, browser, active, of_township):
    shown = {
        place["id"]: {need["kind"]: need["basis"] for need in place["needs"]}
        for place in board(browser, active)["shelters"]
    }
    with store.transaction(system_scope()) as tx:
        head = tx.one("SELECT *, 0 AS version FROM plan WHERE id = :id", id=active)
        asked = SimpleNamespace(language="zh_CN", names_in=(), needs_in=())
        printed = sheet_more.more(tx, head, [], asked).supplies
    assert {key: {one.kind: one.source for one in own} for key, own in printed.items()} == shown
    assert len(shown) == 2
    waters = {key: needs["drinking_water"] for key, needs in shown.items()}
    assert waters.pop(of_township) == "湖边自己定的"
    assert all(source.startswith("环球计划手册") for source in waters.values())
    for key, own in printed.items():
        assert len({one.kind for one in own}) == len(own) == 7, key


def test_a_shelter_that_closes_makes_the_plan_stale(store, browser, active):
    shelter = value(store, "SELECT id FROM facility WHERE source_key = 'f2'")
    officer = browser("officer")
    assert say(officer, active, shelter, state="closed", supplies="水 200 箱").status_code == 200
    (place,) = board(browser, active)["shelters"]
    assert (place["state"], place["supplies"]) == ("closed", "水 200 箱")
    head = officer.get(f"/api/plans/{active}").get_json()
    assert "shelter" in json.dumps(head), "the plan does not know that a shelter has closed"
    assert say(officer, active, shelter, state="open").status_code == 200
    assert say(officer, active, 999999, state="open").status_code == 404
    assert say(browser("member"), active, shelter, state="full").status_code == 403
    # as the page of the facility itself would: maps and coverage hear of it
    kinds = [
        row["payload"]["fields"]
        for row in all_of(
            store,
            "SELECT payload FROM event WHERE kind = 'facility.changed' AND subject_id = :id",
            id=str(shelter),
        )
    ]
    assert kinds == [["open"], ["open"]]
    assert value(store, "SELECT count(*) FROM job WHERE kind = 'coverage.refresh'") > 0


def test_a_drill_never_touches_a_real_shelter(store, browser, drill):
    shelter = value(store, "SELECT id FROM facility WHERE source_key = 'f2'")
    hazard = value(store, "SELECT hazard_id FROM plan WHERE id = :id", id=drill)
    officer = browser("officer")

    def of_drafts():
        with store.transaction(system_scope()) as tx:
            return {
                number: rows.shelters(tx, COUNTY, number)["open"][shelter] for number in (hazard, 0)
            }

    assert say(officer, drill, shelter, state="closed").status_code == 200
    assert value(store, "SELECT open FROM facility WHERE id = :id", id=shelter) is True
    (place,) = board(browser, drill)["shelters"]
    assert place["state"] == "closed"
    # the drill's own next draft leaves it out, nobody else's does
    assert of_drafts() == {hazard: False, 0: True}
    assert officer.get(f"/api/plans/{drill}").get_json()["changed"] == ["shelter"]
    # nor is one that is really closed opened
    change(store, "UPDATE facility SET open = false WHERE id = :id", id=shelter)
    try:
        assert say(officer, drill, shelter, state="open").status_code == 200
        assert value(store, "SELECT open FROM facility WHERE id = :id", id=shelter) is False
    finally:
        change(store, "UPDATE facility SET open = true WHERE id = :id", id=shelter)


def test_a_plan_that_is_over_closes_no_shelter(store, browser, active):
    shelter = value(store, "SELECT id FROM facility WHERE source_key = 'f2'")
    order(browser, active, "close")
    refused = say(browser("officer"), active, shelter, state="closed")
    assert refused.status_code == 409, refused.get_data(as_text=True)
    assert value(store, "SELECT open FROM facility WHERE id = :id", id=shelter) is True


def test_open_boards_hear_of_every_step(store, browser, active):
    officer = browser("officer")
    start = officer.get("/api/live").get_json()
    put(browser("member"), active, home(store), "answered")
    news = officer.get(f"/api/live?after={start['last']}").get_json()
    assert "call_out.answered" in {each["kind"] for each in news["events"]}


def test_a_plan_that_is_over_is_on_the_tablet_while_somebody_is_away(store, browser, active):
    def listed():
        items = browser("member").get("/api/call-outs").get_json()["items"]
        return [each for each in items if each["plan"] == active]

    assert len(listed()) == 2
    put(browser("member"), active, home(store), "arrived", place="shelter")
    order(browser, active, "close")
    assert len(listed()) == 2
    early = put(browser("member"), active, home(store), "home").get_json()
    assert (early["clash"], len(listed())) == (True, 2), "home before the way home was open"
    change(
        store,
        "INSERT INTO plan_return (plan_id, area_code, asked_by, hold_until, opened_by, opened_at)"
        " SELECT p.id, p.area_code, a.id, DATE '2026-01-01', o.id, now() FROM plan AS p,"
        " app_user AS a, app_user AS o WHERE p.id = :id AND a.name = 'officer'"
        " AND o.name = 'commander'",
        id=active,
    )
    put(browser("member"), active, home(store), "home")
    assert listed() == []
