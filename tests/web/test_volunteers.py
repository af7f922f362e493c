"""Volunteers: written down, called by skill and area, answering once by a link of their own."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from webtown import COUNTY, LAKE, post, token_of, visitor

from gridmap.model.access import system_scope
from gridmap.services import destruction, volunteer_leaving
from gridmap.store import message
from jobs.run import work

pytestmark = pytest.mark.database

BOATS = {"kind": "organisation", "name": "湖边划船会", "area": LAKE, "people": 12}
WHO = {**BOATS, "skills": ["boat", "carry"], "phone": "13800001234", "consented": True}
CALL = {"area": LAKE, "skills": ["boat"], "text": "带船到湖边码头", "exercise": True, "minutes": 60}


@pytest.fixture
def club(browser, store):
    made = post(browser("officer"), "/api/volunteers", WHO)
    assert made.status_code == 201, made.get_json()
    yield made.get_json()
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM volunteer")
        tx.execute("DELETE FROM volunteer_call")
        tx.execute("DELETE FROM message")


def called(client, **more):
    made = send(client, **more)
    assert made.status_code == 201, made.get_json()
    return made.get_json()


def send(client, **more):
    return post(client, "/api/volunteer-calls", {"id": str(uuid.uuid4()), **CALL, **more})


def link(store, call):
    with store.transaction(system_scope()) as tx:
        address = tx.value(
            "SELECT link FROM message WHERE about = :about", about=f"volunteer_call:{call['id']}"
        )
    return re.search(r"/v/[A-Za-z0-9_-]{43}$", address)[0]


def press(client, address, said):
    shown = client.get(address)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.get_data(as_text=True))
    form = {"answer": said, "csrf_token": token[1] if token else token_of(client)}
    return client.post(address, data=form, headers={"Accept": "text/html"})


def events(store, kind):
    with store.transaction(system_scope()) as tx:
        return tx.all("SELECT area_code, payload FROM event WHERE kind = :kind", kind=kind)


def test_a_number_is_shown_by_its_end_and_stands_in_no_event(browser, store, club):
    assert club["phone"] == "*1234"
    listed = browser("officer").get("/api/volunteers").get_data(as_text=True)
    assert "*1234" in listed
    assert "13800001234" not in listed
    [told] = events(store, "volunteer.added")
    assert told["area_code"] == LAKE
    assert told["payload"] == {"volunteer": club["id"]}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"skills": ["fly"]}, "skills"),
        ({"skills": []}, "skills"),
        ({"skills": ["boat", "boat"]}, "skills"),
        ({"phone": "call me"}, "phone"),
        ({"kind": "person"}, "people"),
        ({"consented": False}, "consented"),
        ({"organisation": "another"}, "organisation"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(browser, change, place):
    found = post(browser("officer"), "/api/volunteers", {**WHO, **change})
    assert found.status_code == 400
    assert found.get_json()["faults"][0]["place"] == place


def test_the_same_twice_somewhere_else_and_by_others(browser, club):
    officer = browser("officer")
    assert post(officer, "/api/volunteers", WHO).status_code == 409
    assert post(officer, "/api/volunteers", {**WHO, "area": "990102001"}).status_code == 403
    assert browser("member").get("/api/volunteers").status_code == 403
    assert browser("planner").get("/api/volunteer-calls").status_code == 403


def test_who_is_not_to_be_asked_is_not_asked(browser, club):
    officer = browser("officer")
    headers = {"X-CSRFToken": token_of(officer), "If-Match": '"1"'}
    address = f"/api/volunteers/{club['id']}"
    found = officer.post(address, json={"active": False}, headers=headers)
    assert (found.status_code, found.get_json()["active"]) == (200, False)
    assert officer.post(address, json={"active": True}, headers=headers).status_code == 409
    assert send(officer).status_code == 409


def test_an_answer_by_link_is_given_once_and_seen_at_the_desk(app, browser, store, club):
    officer = browser("officer")
    call = called(officer)
    assert (call["asked"], call["messages"], call["come"]) == (1, 1, 0)
    assert call["text"].startswith("【演练】")
    address = link(store, call)
    stranger = visitor(app)
    page = stranger.get(address).get_data(as_text=True)
    assert "带船到湖边码头" in page
    assert "演练" in page
    assert "划船会" not in page
    assert "1234" not in page
    first = press(stranger, address, "come")
    assert first.status_code == 200
    assert "您来" in first.get_data(as_text=True)
    again = press(visitor(app), address, "cannot")
    assert again.status_code == 409
    seen = officer.get(f"/api/volunteer-calls/{call['id']}").get_json()
    assert [(each["name"], each["state"]) for each in seen["answers"]] == [("湖边划船会", "come")]
    assert seen["come"] == 1
    [told] = events(store, "volunteer.answered")
    assert told["payload"] == {"call": call["id"], "answer": "come", "exercise": True}
    with store.transaction(system_scope()) as tx:
        [unsent] = tx.all("SELECT state FROM message WHERE channel = 'sms'")
        held = tx.one("SELECT token_hash FROM volunteer_answer")
    assert unsent["state"] in ("queued", "not_configured")
    assert address.removeprefix("/v/").encode() not in bytes(held["token_hash"])


def test_nobody_at_a_desk_reads_the_link_and_it_is_forgotten_once_sent(browser, store, club):
    officer = browser("officer")
    call = called(officer)
    address = link(store, call)
    listed = officer.get(f"/api/messages?about=volunteer_call:{call['id']}").get_json()
    assert [each["text"] for each in listed["items"]] == [call["text"]]
    assert "/v/" not in str(listed)
    with store.transaction(system_scope()) as tx:
        [held] = message.take(tx, timedelta(minutes=1), 10)
        assert held["text"].startswith(call["text"] + "\n")
        assert held["text"].endswith(address)
        assert message.settle(
            tx, held["id"], state="sent", why=None, reference=None, again_in=timedelta()
        )
        row = tx.one("SELECT * FROM message WHERE id = :id", id=held["id"])
    assert address.removeprefix("/v/") not in str(row)


def test_a_link_that_never_went_out_is_forgotten_too(browser, store, club):
    call = called(browser("officer"))
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE message SET not_after = now() - interval '1 second'")
        assert len(message.expire(tx)) == 1
        assert "/v/" not in str(tx.all("SELECT * FROM message"))
    assert call["messages"] == 1


def test_who_was_asked_and_their_numbers_are_destroyed_in_time(app, browser, store, club):
    call = called(browser("officer"))
    press(visitor(app), link(store, call), "come")
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO message (area_code, key, about, channel, recipient, text, exercise,"
            " not_after) SELECT :area, 'k' || d, 'incident:x', 'sms', '13812345678', '求援', false,"
            " now() - make_interval(days => d) FROM unnest(ARRAY[29, 31]) AS d",
            area=LAKE,
        )
        tx.execute(
            "UPDATE volunteer_call SET created_at = now() - interval '30 days',"
            " expires_at = now() - interval '29 days'"
        )
    assert destruction.forget_calls(store, 30) == 1  # the message of 31 days alone
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE volunteer_call SET created_at = now() - interval '32 days',"
            " expires_at = now() - interval '31 days'"
        )
    assert destruction.forget_calls(store, 30) == 3
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM volunteer_answer") == 0
        left = tx.all("SELECT about FROM message WHERE channel = 'sms'")
        assert tx.value("SELECT count(*) FROM volunteer") == 1
    assert [row["about"] for row in left] == ["incident:x"]
    [told] = events(store, "volunteer.destroyed")
    assert told["payload"]["tables"] == {"message": 1, "volunteer_answer": 1, "volunteer_call": 1}
    assert "13800001234" not in str(events(store, "message.destroyed"))
    assert destruction.forget_calls(store, 30) == 0


def test_marks_a_messenger_puts_behind_the_link_say_nothing(app, browser, store, club):
    address = link(store, called(browser("officer")))
    marked = f"{address}?from=timeline&utm_source=sms"
    stranger = visitor(app)
    assert "带船到湖边码头" in stranger.get(marked).get_data(as_text=True)
    assert press(stranger, marked, "come").status_code == 200


def test_two_answers_at_once_are_one(app, browser, store, club):
    call = called(browser("officer"))
    address = link(store, call)
    clients = [visitor(app) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(lambda one: press(one, address, "come").status_code, clients))
    assert codes == [200, 409, 409, 409]


def test_a_link_that_is_over_made_up_or_answered_with_nonsense(app, browser, store, club):
    call = called(browser("officer"))
    address = link(store, call)
    stranger = visitor(app)
    assert press(stranger, address, "perhaps").status_code == 400
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE volunteer_call SET created_at = now() - interval '2 hours',"
            " expires_at = now() - interval '1 hour'"
        )
    late = stranger.get(address)
    assert late.status_code == 200
    assert "时间过了" in late.get_data(as_text=True)
    assert 'value="come"' not in late.get_data(as_text=True)
    assert press(stranger, address, "come").status_code == 410
    for made_up in ("x", "a" * 43, "é" * 43, address[3:-1] + "-"):
        assert stranger.get(f"/v/{made_up}").status_code == 404
    assert late.headers["Cache-Control"] == "no-store"


def test_without_the_pages_own_token_nothing_is_answered(app, browser, store, club):
    address = link(store, called(browser("officer")))
    assert visitor(app).post(address, data={"answer": "come"}).status_code == 400


def test_nobody_beyond_the_area_is_asked(browser, store, club):
    officer = browser("officer")
    assert send(officer, area="990102").status_code == 403
    assert send(officer, skills=["radio"]).status_code == 409
    whole = called(officer, area=COUNTY, skills=[])
    assert whole["asked"] == 1
    page = officer.get("/volunteers")
    assert page.status_code == 200


def test_who_wants_to_be_asked_no_more_says_so_by_the_link(app, browser, store, club):
    call = called(browser("officer"))
    address = link(store, call)
    stranger = visitor(app)
    assert press(stranger, address, "come").status_code == 200
    assert press(stranger, address, "stop").status_code == 200
    assert press(visitor(app), address, "stop").status_code == 200  # again is the same
    [told] = events(store, "volunteer.left")
    assert told["payload"] == {"volunteer": club["id"], "exercise": True}
    officer = browser("officer")
    assert send(officer).status_code == 409
    assert [one["active"] for one in officer.get("/api/volunteers").get_json()["items"]] == [False]
    # gone from the register so many days later, but not before the call that names them
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE volunteer SET left_at = now() - interval '29 days'")
    assert volunteer_leaving.forget_left(store, 30) == 0
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE volunteer SET left_at = now() - interval '31 days'")
    assert volunteer_leaving.forget_left(store, 30) == 0
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM volunteer_call")
    assert volunteer_leaving.forget_left(store, 30) == 1
    [told] = events(store, "volunteer.forgotten")
    assert told["payload"] == {"people": 1}
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM volunteer") == 0
    assert volunteer_leaving.forget_left(store, 30) == 0


def sent(client, content, name="list.csv", **more):
    asked = {"kind": "volunteers", "name": name, **more}
    return client.post(
        "/api/uploads",
        query_string=asked,
        data=content,
        content_type="application/octet-stream",
        headers={"X-CSRFToken": token_of(client)},
    )


def read(store, client, made):
    work(store, made["job"])
    return client.get(f"/api/uploads/{made['upload']}").get_json()


LIST = """姓名,类型,电话,区划编码,特长,人数,本人同意,同意日期
王划船,个人,013800009999,990101001001,开船、急救,,是,2026-03-01
湖边车队,组织,,990101001,开车,8,是,
"""


@pytest.fixture
def nobody(store):
    yield
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM volunteer")
        tx.execute("DELETE FROM upload")


def test_a_list_comes_in_by_the_cage_and_twice_changes_nothing(browser, store, nobody):
    officer = browser("officer")
    made = sent(officer, LIST.encode()).get_json()
    seen = read(store, officer, made)
    assert seen["state"] == "read", seen
    assert seen["preview"]["volunteer"] == {"inserted": 2, "updated": 0, "unchanged": 0}
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM volunteer") == 0  # looked at, not taken
    taken = post(officer, f"/api/uploads/{made['upload']}/take", {}).get_json()
    assert read(store, officer, taken)["state"] == "taken"
    with store.transaction(system_scope()) as tx:
        rows = tx.all("SELECT * FROM volunteer ORDER BY kind DESC")
    person, club = rows
    assert person["phone"] == "013800009999"  # text: its zero stays
    assert person["skills"] == ["boat", "first_aid"]
    assert person["consented_on"].isoformat() == "2026-03-01"
    assert (club["people"], club["phone"], club["area_code"]) == (8, None, "990101001")
    assert club["consented_on"] is not None
    again = read(store, officer, sent(officer, LIST.encode()).get_json())
    assert again["preview"]["volunteer"] == {"inserted": 0, "updated": 0, "unchanged": 2}
    more = LIST.replace("开船、急救", "开船")
    changed = read(store, officer, sent(officer, more.encode()).get_json())
    assert changed["preview"]["volunteer"] == {"inserted": 0, "updated": 1, "unchanged": 1}


def test_every_bad_row_is_named_by_its_line_and_nothing_is_taken(browser, store, nobody):
    lines = LIST.splitlines()
    bad = [
        lines[0],
        "王一,个人,13800000001,990101001,开船,,否,",  # no consent
        "王二,个人,13800000002,990102001,开船,,是,",  # elsewhere
        "王三,个人,13800000003,990101001,飞行,,是,",  # no such skill
        "王四,个人,13800000004,990101001,开船,4,是,",  # a person of four
        "王五,个人,abc,990101001,开船,,是,",
        "王六,个人,13800000006,990101001,开船,,是,2999-01-01",
        "王七,个人,13800000007,990101001,开船,,,",  # consent is not said
    ]
    officer = browser("officer")
    seen = read(store, officer, sent(officer, "\n".join(bad).encode()).get_json())
    assert seen["state"] == "refused"
    # what cells say is found first, then what rows mean
    assert {each["row"] for each in seen["faults"]} == {4, 6, 8}
    meant = "\n".join([bad[0], *bad[1:3], bad[4], bad[6], bad[1]])
    seen = read(store, officer, sent(officer, meant.encode()).get_json())
    assert {each["row"] for each in seen["faults"]} == {2, 3, 4, 5, 6}
    without = "\n".join(line.rsplit(",", 2)[0] for line in lines)
    seen = read(store, officer, sent(officer, without.encode()).get_json())
    assert seen["state"] == "refused"
    assert "consent" in seen["faults"][0]["message"] or "同意" in seen["faults"][0]["message"]
    assert "13800000001" not in str(seen)
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM volunteer") == 0


def test_who_has_left_does_not_come_back_by_a_file(browser, store, nobody):
    officer = browser("officer")
    made = sent(officer, LIST.encode()).get_json()
    read(store, officer, made)
    taken = post(officer, f"/api/uploads/{made['upload']}/take", {}).get_json()
    read(store, officer, taken)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE volunteer SET active = false, left_at = now() WHERE kind = 'person'")
    seen = read(store, officer, sent(officer, LIST.encode()).get_json())
    assert [(each["row"], seen["state"]) for each in seen["faults"]] == [(2, "refused")]


def test_only_who_calls_volunteers_brings_them_in_or_takes_them_out(browser, store, nobody):
    assert sent(browser("planner"), LIST.encode()).status_code == 403
    assert sent(browser("hill"), LIST.encode(), area=LAKE).status_code == 400
    asked = {
        "kind": "volunteers",
        "area": COUNTY,
        "purpose": "emergency",
        "reason": "a list for the flood",
        "fields": ["name", "phone", "skills"],
    }
    assert post(browser("planner"), "/api/exports", asked).status_code == 403


def test_a_list_goes_out_when_a_second_person_agrees(browser, store, club):
    officer = browser("officer")
    asked = {
        "kind": "volunteers",
        "area": COUNTY,
        "purpose": "export",
        "reason": "the list for the flood season",
        "fields": ["name", "phone", "skills", "people"],
    }
    made = post(officer, "/api/exports", asked)
    assert made.status_code == 202, made.get_json()
    number = made.get_json()["id"]
    post(browser("commander"), f"/api/exports/{number}/approve", {})
    with store.transaction(system_scope()) as tx:
        work(store, tx.value("SELECT job_id FROM export_request WHERE id = :id", id=number))
    text = officer.get(f"/api/exports/{number}/file").get_data().decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[1].split(",") == ["姓名或名称", "电话", "本领", "人数"]
    assert lines[2].split(",") == ["湖边划船会", "'13800001234", "开船、搬运", "12"]
    assert len(lines) == 3


def test_a_call_whose_answer_was_lost_is_pressed_again_and_asks_nobody_twice(browser, store, club):
    officer, number = browser("officer"), str(uuid.uuid4())
    first = called(officer, id=number)
    again = called(officer, id=number)
    assert again == first
    with store.transaction(system_scope()) as tx:
        kinds = tx.all(
            "SELECT kind FROM event WHERE kind IN ('volunteer.asked', 'message.queued')"
            " AND (payload ->> 'call' = :id OR payload ->> 'about' = :about)",
            id=str(first["id"]),
            about=f"volunteer_call:{first['id']}",
        )
        assert tx.value("SELECT count(*) FROM message") == 1
        assert tx.value("SELECT count(*) FROM volunteer_answer") == 1
    assert sorted(row["kind"] for row in kinds) == ["message.queued", "volunteer.asked"]
    # the id of one call is not another's
    other = send(officer, id=number, text="带绳子来")
    assert other.status_code == 409
    assert post(officer, "/api/volunteer-calls", CALL).status_code == 400  # none at all


def test_the_same_call_at_the_same_moment_is_one(browser, store, club):
    number = str(uuid.uuid4())
    two = [browser("officer"), browser("commander")]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda one: called(one, id=number), two))
    assert both[0] == both[1]
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM volunteer_call") == 1
        assert tx.value("SELECT count(*) FROM message") == 1
