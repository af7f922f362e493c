"""Who is told what when people have to leave: once, in their language, a drill as one."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import pytest
from message_town import active, change, draft, hazard, prepared, rows_of, step, told, value
from shapely import box
from sqlalchemy.exc import DBAPIError
from webtown import COUNTY, post, token_of

from gridmap.channels.base import Outgoing
from gridmap.model import message_texts
from gridmap.model import message_words as words
from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage_refresh, hazards, plan_messages
from gridmap.store import message, plan_message

HAN = re.compile("[\u3400-\u9fff]")
ALL = {"h1": 1, "h2": 2, "h3": None}


@pytest.fixture(scope="module", autouse=True)
def ready(store, people):
    prepared(store, people)


def by(found, **wanted):
    return [row for row in found if all(row[name] == word for name, word in wanted.items())]


def test_an_order_to_leave_tells_everybody_once_in_their_language(store, people, browser):
    plan_id = active(store, people, browser("commander"), hazard(store), ALL)
    found = told(store, f"plan:{plan_id}")
    (member,) = by(found, kind="plan_members", channel="inbox")
    assert (member["to_user"], member["area_code"]) == (people["member"], "990101001001001")
    assert "网格 001-001 有 2 户 7 人要走" in member["text"]
    assert "第 1 批先走：1 户" in member["text"]
    assert "先叫：湖边路1号1单元101室" in member["text"]
    (number,) = by(found, kind="plan_members", channel="sms")
    assert (number["recipient"], number["state"], number["language"]) == (
        "13800000001",
        "queued",
        "zh_CN",
    )
    keeper = by(found, kind="plan_shelters")
    assert {row["channel"] for row in keeper} == {"sms", "mail"}
    assert "预计来 7 人（2 户）" in keeper[0]["text"]
    assert "轮椅 1" in keeper[0]["text"]
    assert "床 7 张" in keeper[0]["text"]
    aloud = by(found, channel="loudspeaker")
    assert {row["language"] for row in aloud} == {"zh_CN", "en"}
    assert {row["recipient"] for row in aloud} == {"990101001001"}
    (english,) = by(aloud, language="en")
    # the shelter has no English name: its Chinese one is not read out, members tell the way
    assert not HAN.search(english["text"]), english["text"]
    assert "Residents of Lake 1" in english["text"]
    offices = by(found, kind="plan_offices")
    officer = by(offices, to_user=people["officer"])[0]["text"]
    commander = by(offices, to_user=people["commander"])[0]["text"]
    assert "1 户还没有去处" in officer
    assert "1 个网格没有能通知的网格员" in officer
    assert "is in force: households 3, people 12, grids 2" in commander
    assert by(offices, channel="mail")[0]["recipient"] == "duty@county.example"
    # nobody of the neighbouring township, no name, no need, no telephone of a resident
    assert not by(found, to_user=people["hill"])
    everything = " ".join(row["text"] for row in found)
    assert not re.search("王小明|李四|赵六|1381234|1391234", everything)


def test_set_going_twice_sends_nothing_twice(store, people, browser):
    commander = browser("commander")
    plan_id = active(store, people, commander, hazard(store), ALL)
    before = told(store, f"plan:{plan_id}")
    assert step(commander, plan_id, "activate").status_code == 409
    with store.transaction(Scope((COUNTY,), people["commander"])) as tx:
        assert plan_messages.activated(tx, plan_id) == 0
    assert told(store, f"plan:{plan_id}") == before


def test_an_order_that_fails_has_told_nobody(store, people, browser):
    plan_id = draft(store, people, hazard(store), ALL)

    def fails():
        with store.transaction(Scope((COUNTY,), people["commander"])) as tx:
            assert plan_messages.activated(tx, plan_id) > 0
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert told(store, f"plan:{plan_id}") == []


def test_a_changed_plan_tells_those_alone_whose_households_changed(store, people, browser):
    commander, hazard_id = browser("commander"), hazard(store)
    change(
        store,
        "INSERT INTO grid_member (area_code, name, phone)"
        " VALUES ('990101001001002', '吴网格', '13800000002')",
    )
    try:
        first = active(store, people, commander, hazard_id, {"h1": 1, "h2": 2, "h3": 3})
        change(
            store,
            "UPDATE message SET state = 'sent', sent_at = now() WHERE about = :about"
            " AND channel <> 'inbox'",
            about=f"plan:{first}",
        )
        second = active(store, people, commander, hazard_id, {"h1": 1, "h2": 2, "h3": 1})
    finally:
        change(store, "DELETE FROM grid_member WHERE name = '吴网格'")
    members = [row for row in told(store, f"plan:{second}") if row["kind"].startswith("plan_")]
    changed = by(members, kind="plan_changed")
    assert {row["area_code"] for row in changed} == {"990101001001002"}
    assert "1 户改了去处、时间或路线：湖边路2号101室" in changed[0]["text"]
    assert by(members, kind="plan_members") == []
    assert by(members, kind="plan_shelters_changed") == []  # as many as before are expected
    assert "替代 P-" in by(members, kind="plan_offices", to_user=people["officer"])[0]["text"]


def test_who_was_not_reached_yet_gets_the_whole_order_of_the_changed_plan(store, people, browser):
    commander, hazard_id = browser("commander"), hazard(store)
    first = active(store, people, commander, hazard_id, {"h1": 1, "h2": 2})
    second = active(store, people, commander, hazard_id, {"h1": 1, "h2": 3})
    (old,) = by(told(store, f"plan:{first}"), channel="sms", kind="plan_members")
    assert (old["state"], old["why"]) == ("cancelled", "superseded")
    found = told(store, f"plan:{second}")
    assert by(found, kind="plan_members", channel="sms")
    assert by(found, kind="plan_changed", channel="inbox")
    assert not by(found, kind="plan_changed", channel="sms")


def test_the_end_of_a_plan_holds_back_what_would_send_people_away(store, people, browser):
    commander = browser("commander")
    plan_id = active(store, people, commander, hazard(store), ALL)
    assert step(commander, plan_id, "close").status_code == 200
    found = told(store, f"plan:{plan_id}")
    assert {row["why"] for row in by(found, state="cancelled")} == {"over"}
    orders = [
        row for row in found if row["kind"] in message_texts.TEXTS and row["channel"] != "inbox"
    ]
    assert {row["kind"] for row in orders if row["state"] == "queued"} == {
        "plan_closed",
        "plan_closed_public",
    }
    assert "不用再叫应" in by(found, kind="plan_closed", channel="sms")[0]["text"]


@pytest.mark.parametrize(("kind", "days"), [("flood", 0), ("landslide", 5)])
def test_lifted_is_not_home_and_home_is_said_only_once_it_is_open(
    store, people, browser, kind, days
):
    commander, officer = browser("commander"), browser("officer")
    hazard_id = hazard(store, kind=kind)
    plan_id = active(store, people, commander, hazard_id, {"h1": 1, "h2": 1})
    change(
        store,
        "UPDATE call_out SET state = 'arrived', arrived_people = people, due_at = NULL"
        " WHERE plan_id = :id",
        id=plan_id,
    )
    assert post(officer, f"/api/hazards/{hazard_id}/lift", {}).status_code in {200, 204}
    found = told(store, f"plan:{plan_id}")
    member = by(found, kind="plan_lifted", channel="sms")[0]["text"]
    assert "有 2 户在外面" in member
    if days:
        assert f"解除后 {days} 天仍危险" in member
    else:
        assert "还不能回家，能回家时另行通知" in member
    aloud = by(found, kind="plan_lifted_public")
    assert len(aloud) == 2
    assert "home" not in "".join(row["kind"] for row in found)
    assert not any("可以回家" in row["text"] or "may go home" in row["text"] for row in found)
    assert not [row for row in found if row["kind"] == "plan_public" and row["state"] == "queued"]
    post(officer, f"/api/plans/{plan_id}/return/ask", {})
    if days:
        post(commander, f"/api/plans/{plan_id}/return/release", {"reason": "测过了，稳住了"})
    answer = post(commander, f"/api/plans/{plan_id}/return/open", {})
    assert answer.status_code in {200, 204}, answer.get_json()
    after = told(store, f"plan:{plan_id}")
    assert "可以回家了" in by(after, kind="return_open", channel="sms")[0]["text"]
    assert {row["language"] for row in by(after, kind="return_open_public")} == {"zh_CN", "en"}


def test_a_drill_says_so_on_every_way_and_can_never_go_out_without(store, people, browser):
    plan_id = active(store, people, browser("commander"), hazard(store, exercise=True), ALL)
    found = told(store, f"plan:{plan_id}")
    assert {row["channel"] for row in found} == {"inbox", "sms", "loudspeaker", "mail"}
    for row in found:
        assert row["exercise"]
        assert row["text"].startswith(words.DRILL[row["language"]]), row["text"]
        assert row["subject"] is None or row["subject"].startswith(words.DRILL[row["language"]])
    for row in by(found, kind="plan_public"):
        assert re.search("这是演练，不用真的离开|nobody really has to leave", row["text"])
    for column in ("text", "subject"):
        with pytest.raises(DBAPIError, match="message_drill"):
            change(
                store, f"UPDATE message SET {column} = '马上走' WHERE id = :id", id=found[0]["id"]
            )
    for text, subject in (("马上走", None), ("【演练】马上走", "马上走")):
        with pytest.raises(ValueError, match="exercise"):
            Outgoing(uuid.uuid4(), "1", text, exercise=True, subject=subject)


def test_a_hazard_and_its_warning_are_told_in_the_area(store, people, browser):
    officer = browser("officer")
    shape = {
        "type": "Polygon",
        "coordinates": [
            [[114.403, 30.509], [114.406, 30.509], [114.406, 30.512], [114.403, 30.509]]
        ],
    }
    body = {"kind": "landslide", "name": "湖边坡", "severity": "red", "geometry": shape}
    made = post(officer, "/api/hazards", body).get_json()["id"]
    found = told(store, f"hazard:{made}")
    member = by(found, kind="hazard_declared", to_user=people["member"])[0]["text"]
    assert member.startswith("险情发布：湖边坡，红色 Ⅰ级。网格 001-001 有")
    english = by(found, kind="hazard_declared", to_user=people["commander"])[0]["text"]
    assert english.startswith("Hazard declared: landslide, red, level I.")
    assert {row["language"] for row in by(found, kind="hazard_public")} == {"zh_CN", "en"}
    said = {
        "headline": "湖边坡滑坡红色预警",
        "event": "滑坡",
        "description": "山坡在动",
        "instruction": "离开山坡。",
        "issuer": "东县应急局",
        "area_desc": "湖边",
        "starts_at": "2026-11-22T08:00:00+08:00",
        "expires_at": "2099-11-23T08:00:00+08:00",
    }
    alert = post(officer, "/api/alerts", {**said, "hazard": made})
    assert alert.status_code == 201, alert.get_json()
    number = alert.get_json()["id"]
    told_so = told(store, f"alert:{number}")
    (aloud,) = by(told_so, channel="loudspeaker")
    assert aloud["text"].startswith("东县应急局发布预警：湖边坡滑坡红色预警。范围：湖边。")
    assert "离开山坡" in aloud["text"]
    assert post(officer, f"/api/hazards/{made}/lift", {}).status_code in {200, 204}
    lifted = by(told(store, f"hazard:{made}"), kind="hazard_lifted_public")
    assert {row["language"] for row in lifted} == {"zh_CN", "en"}
    waiting = by(told(store, f"hazard:{made}"), kind="hazard_public", state="queued")
    assert waiting == []  # nobody is sent away from what is over


def test_every_text_is_whole_in_both_languages():
    values = {
        name: "7"
        for lines in message_texts.TEXTS.values()
        for pair in lines
        for line in pair
        for name in words._names(line)
    }
    for kind, lines in message_texts.TEXTS.items():
        for pair in lines:
            assert set(words._names(pair[0])) == set(words._names(pair[1])), kind
        chinese = words.fill(kind, "zh_CN", values)
        english = words.fill(kind, "en", values)
        assert HAN.search(chinese)
        assert not re.search("[A-Za-z]{3}", chinese), chinese
        assert not HAN.search(english), english
        assert "{" not in chinese + english


def again(client, message, verb="again"):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{message["revision"]}"'}
    return client.post(f"/api/messages/{message['id']}/{verb}", json={}, headers=headers)


def test_a_message_is_held_back_and_sent_again_with_its_trail(store, people, browser):
    officer, commander = browser("officer"), browser("commander")
    plan_id = active(store, people, commander, hazard(store), ALL)
    (sms,) = by(told(store, f"plan:{plan_id}"), kind="plan_members", channel="sms")
    held = again(officer, sms, "hold")
    assert (held.status_code, held.get_json()["state"]) == (200, "cancelled")
    stale = again(officer, sms)
    assert stale.status_code == 409  # somebody was there meanwhile
    (sms,) = by(told(store, f"plan:{plan_id}"), kind="plan_members", channel="sms")
    back = again(officer, sms)
    assert (back.status_code, back.get_json()["state"]) == (200, "queued")
    tries = officer.get(f"/api/messages/{sms['id']}").get_json()["tries"]
    assert [(one["what"], one["by"]) for one in tries] == [
        ("cancelled", "Officer"),
        ("again", "Officer"),
    ]
    assert again(browser("member"), sms).status_code == 403
    assert again(browser("stranger"), sms).status_code == 404
    (inbox, *_rest) = by(told(store, f"plan:{plan_id}"), channel="inbox")
    assert again(officer, inbox).status_code == 409
    assert step(commander, plan_id, "close").status_code == 200
    (sms,) = by(told(store, f"plan:{plan_id}"), kind="plan_members", channel="sms")
    refused = again(officer, sms)
    assert refused.status_code == 409
    assert "不在执行" in refused.get_json()["detail"]


def test_the_list_is_filtered_and_the_summary_adds_up(store, people, browser):
    officer = browser("officer")
    plan_id = active(store, people, browser("commander"), hazard(store), ALL)
    about = f"about=plan:{plan_id}"
    whole = officer.get(f"/api/messages?{about}").get_json()
    assert sum(one["messages"] for one in whole["sums"]) == len(whole["items"])
    for name, word in (("kind", "plan_members"), ("channel", "sms")):
        part = officer.get(f"/api/messages?{about}&{name}={word}").get_json()["items"]
        assert part
        assert {one[name] for one in part} == {word}
    waiting = officer.get(f"/api/messages?{about}&state=waiting").get_json()["items"]
    assert {one["state"] for one in waiting} == {"queued"}
    summary = officer.get(f"/api/messages/summary?{about}").get_json()
    assert summary["total"] == len(whole["items"]) == summary["sent"] + summary["unsent"]
    assert sum(one["total"] for one in summary["by_channel"]) == summary["total"]
    assert sum(one["total"] for one in summary["by_kind"]) == summary["total"]
    assert summary["unsent"] == len(waiting)
    assert plan_id in [one["id"] for one in whole["plans"]]
    numbers = [one["to"] for one in whole["items"] if one["channel"] == "sms"]
    assert not any("13800000001" in str(to) for to in numbers)


def sent(store, plan_id):
    change(
        store,
        "UPDATE message SET state = 'sent', sent_at = now() WHERE about = :about"
        " AND channel <> 'inbox'",
        about=f"plan:{plan_id}",
    )


def test_who_keeps_place_and_hour_but_goes_another_way_is_told(store, people, browser):
    commander, hazard_id = browser("commander"), hazard(store)
    waves = {"h1": 1, "h2": 1}
    first = active(store, people, commander, hazard_id, waves, 30.52)
    sent(store, first)
    second = active(store, people, commander, hazard_id, waves, 30.52)
    assert by(told(store, f"plan:{second}"), kind="plan_changed") == []
    sent(store, second)
    third = active(store, people, commander, hazard_id, waves, 30.53)
    changed = by(told(store, f"plan:{third}"), kind="plan_changed", channel="sms")
    assert len(changed) == 1
    assert "1 户改了去处、时间或路线：湖边路1号1单元101室" in changed[0]["text"]
    office = by(told(store, f"plan:{third}"), kind="plan_offices", to_user=people["officer"])
    assert "1 户有变化" in office[0]["text"]


def test_homes_stand_in_the_order_of_their_addresses_whoever_needs_care(store, people, browser):
    plan_id = draft(store, people, hazard(store), {"h1": 1, "h2": 1})
    change(
        store,
        "UPDATE assignment SET with_needs = household_id = (SELECT h.id FROM household AS h"
        " JOIN assignment AS a ON a.household_id = h.id AND a.plan_id = :id"
        " ORDER BY h.address DESC LIMIT 1) WHERE plan_id = :id",
        id=plan_id,
    )
    with store.transaction(Scope((COUNTY,), people["officer"])) as tx:
        (grid,) = plan_message.grids(tx, plan_id)
    addresses = rows_of(
        store, "SELECT address FROM household WHERE source_key IN ('h1', 'h2') ORDER BY address"
    )
    assert grid["homes"] == [row["address"] for row in addresses]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_who_was_never_reached_gets_the_whole_order_though_nothing_changed(
    store, people, browser, state
):
    commander, hazard_id = browser("commander"), hazard(store)
    first = active(store, people, commander, hazard_id, {"h1": 1, "h2": 1})
    sent(store, first)
    change(
        store,
        "UPDATE message SET state = :state, sent_at = NULL, why = 'by_hand' WHERE about = :about"
        " AND kind = 'plan_members' AND channel = 'sms'",
        state=state,
        about=f"plan:{first}",
    )
    second = active(store, people, commander, hazard_id, {"h1": 1, "h2": 1})
    found = told(store, f"plan:{second}")
    assert len(by(found, kind="plan_members", channel="sms")) == 1
    assert by(found, kind="plan_members", channel="inbox") == []


def test_the_end_of_a_plan_is_said_wherever_it_was_said_that_people_leave(store, people, browser):
    commander = browser("commander")
    plan_id = active(store, people, commander, hazard(store), ALL)
    sent(store, plan_id)
    assert step(commander, plan_id, "close").status_code == 200
    aloud = by(told(store, f"plan:{plan_id}"), kind="plan_closed_public")
    assert {row["recipient"] for row in aloud} == {"990101001001"}
    assert {row["language"] for row in aloud} == {"zh_CN", "en"}
    # nobody is away: nobody waits for a word that would never come
    assert not any("能回家时" in row["text"] for row in aloud)


def test_lifted_is_heard_by_all_who_heard_of_it_and_promises_nothing_where_nobody_is_away(
    store, people, browser
):
    commander, officer = browser("commander"), browser("officer")
    hazard_id = hazard(store)
    plan_id = active(store, people, commander, hazard_id, {"h1": 1, "h2": 1})
    far = "990101001002"
    change(
        store,
        "INSERT INTO area (code, name_zh, level, parent_code, geom) SELECT :far, '山上村',"
        " 'community', '990101001', ST_Translate(geom, 0.5, 0.5) FROM area"
        " WHERE code = '990101001001' ON CONFLICT DO NOTHING",
        far=far,
    )
    change(
        store,
        "INSERT INTO message (area_code, key, about, kind, channel, recipient, text, exercise,"
        " not_after, state, sent_at) VALUES (:far, 'heard', :about, 'hazard_public',"
        " 'loudspeaker', :far, '离远些', false, now() + interval '1 hour', 'sent', now())",
        far=far,
        about=f"hazard:{hazard_id}",
    )
    assert post(officer, f"/api/hazards/{hazard_id}/lift", {}).status_code in {200, 204}
    found = told(store, f"plan:{plan_id}") + told(store, f"hazard:{hazard_id}")
    assert not [row for row in found if row["kind"].startswith("plan_lifted")]
    assert not any("另行通知" in row["text"] for row in found if "解除了" in row["text"])
    aloud = by(found, kind="hazard_lifted_public")
    assert {row["recipient"] for row in aloud} == {"990101001001", far}
    assert by(found, kind="hazard_lifted", channel="sms", area_code="990101001001001")
    keys = [(row["key"], row["channel"], row["recipient"]) for row in aloud]
    assert len(keys) == len(set(keys)) == 4


def test_what_was_on_its_way_as_the_plan_ended_does_not_go_out_later(store, people, browser):
    commander = browser("commander")
    plan_id = active(store, people, commander, hazard(store), ALL)
    (sms,) = by(told(store, f"plan:{plan_id}"), kind="plan_members", channel="sms")
    (mail,) = by(told(store, f"plan:{plan_id}"), kind="plan_shelters", channel="mail")
    for row, until in ((sms, "3 minutes"), (mail, "3 minutes")):
        change(
            store,
            f"UPDATE message SET held_until = now() + interval '{until}' WHERE id = :id",
            id=row["id"],
        )
    assert step(commander, plan_id, "close").status_code == 200
    with store.transaction(system_scope()) as tx:  # the gateway was busy: it would be tried again
        given = {"why": "gateway_busy", "reference": None, "again_in": timedelta(seconds=30)}
        assert message.settle(tx, sms["id"], state="queued", **given)
    # the other sender died
    change(store, "UPDATE message SET held_until = now() WHERE id = :id", id=mail["id"])
    with store.transaction(system_scope()) as tx:
        held = [row["id"] for row in message.take(tx, timedelta(minutes=3), 1000)]
        message.drop_withdrawn(tx)
    change(store, "UPDATE message SET held_until = NULL WHERE state = 'queued'")
    assert not {sms["id"], mail["id"]} & set(held)
    for row in (sms, mail):
        (now,) = rows_of(store, "SELECT * FROM message WHERE id = :id", id=row["id"])
        assert (now["state"], now["why"]) == ("cancelled", "over")
        tries = rows_of(
            store, "SELECT what, why FROM message_try WHERE message_id = :id", **{"id": row["id"]}
        )
        assert tries == [{"what": "cancelled", "why": "over"}]
        assert "again" not in browser("officer").get(f"/api/messages/{row['id']}").get_json()["can"]


def test_what_is_not_so_any_more_is_not_sent_again(store, people, browser):
    officer = browser("officer")
    shape = {
        "type": "Polygon",
        "coordinates": [
            [[114.403, 30.509], [114.406, 30.509], [114.406, 30.512], [114.403, 30.509]]
        ],
    }
    body = {"kind": "landslide", "name": "湖边坡二", "severity": "red", "geometry": shape}
    made = post(officer, "/api/hazards", body).get_json()["id"]

    def spoken(kind, about):
        change(
            store,
            "UPDATE message SET state = 'sent', sent_at = now() WHERE about = :about"
            " AND channel <> 'inbox' AND state = 'queued'",
            about=about,
        )
        return by(told(store, about), kind=kind, channel="loudspeaker")[-1]

    first = spoken("hazard_public", f"hazard:{made}")
    assert again(officer, first).status_code == 200
    said = {"revision": 1, "reason": "涨了", "severity": "orange"}
    adjusted = post(officer, f"/api/hazards/{made}/adjust", said)
    assert adjusted.status_code == 200, adjusted.get_json()
    (first,) = rows_of(store, "SELECT * FROM message WHERE id = :id", id=first["id"])
    assert again(officer, first).status_code == 409
    second = spoken("hazard_public", f"hazard:{made}")
    assert second["id"] > first["id"]
    assert again(officer, second).status_code == 200
    second = spoken("hazard_public", f"hazard:{made}")
    assert post(officer, f"/api/hazards/{made}/lift", {}).status_code in {200, 204}
    refused = again(officer, second)
    assert refused.status_code == 409
    assert "险情已经解除" in refused.get_json()["detail"]


def test_messages_are_written_before_everybody_waits_for_the_hazard(store, people):
    """Events are recorded one transaction at a time: nothing slow, no other lock, comes after."""
    change(store, "UPDATE job SET cancel_requested = true WHERE analysis IS NOT NULL")
    shape = box(114.403, 30.509, 114.406, 30.512)
    new = hazards.NewHazard("flood", "湖水漫路", "red", shape, blocked=shape)
    scope = Scope((COUNTY,), people["officer"])
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with ThreadPoolExecutor(1) as other:
        with store.transaction(scope) as tx:
            coverage_refresh.hold(tx, COUNTY)  # somebody else asks for the same at this moment
            declared = other.submit(hazards.declare, store, scope, new)
            until = monotonic() + 60
            while not value(store, waiting):
                assert not declared.done()
                assert monotonic() < until
            coverage_refresh.ask(tx, COUNTY)  # would wait for ever if the other held the events
        made = declared.result(60)
    assert told(store, f"hazard:{made}")
    change(store, "UPDATE job SET cancel_requested = true WHERE analysis IS NOT NULL")
    hazards.declare(store, scope, new)
    kinds = rows_of(
        store,
        "SELECT coalesce(j.kind, e.kind) AS kind FROM event AS e LEFT JOIN job AS j"
        " ON e.kind = 'job.requested' AND e.subject_id = j.id::text ORDER BY e.seq DESC LIMIT 4",
    )
    assert [row["kind"] for row in reversed(kinds)] == [
        "messages.send",
        "message.queued",
        "coverage.refresh",
        "hazard.declared",
    ]


def test_one_person_of_many_grids_is_told_once_and_another_message_has_another_id(
    store, people, browser
):
    officer = browser("officer")
    change(
        store,
        "INSERT INTO grid_member (area_code, name, phone, user_id) VALUES ('990101001001002',"
        " '吴网格', '13800000001', :user)",
        user=people["member"],
    )
    try:
        asked = free()
        counted = post(officer, "/api/messages/preview", asked).get_json()
        assert counted["recipients"] == 2  # one inbox and one number, though of two grids
        assert post(officer, "/api/messages", asked).get_json()["messages"] == 2
        assert post(officer, "/api/messages", asked).get_json()["messages"] == 0
        for other in ({"text": "明晚开会"}, {"channels": ["sms"]}):
            answer = post(officer, "/api/messages", {**asked, **other})
            assert answer.status_code == 409, answer.get_json()
            assert "已经发过" in answer.get_json()["detail"]
    finally:
        change(store, "DELETE FROM grid_member WHERE name = '吴网格'")
    rows = rows_of(store, "SELECT * FROM message WHERE key = :key", key=f"free-{asked['id']}")
    assert {row["text"] for row in rows} == {"今晚八点开会"}
    assert len(rows) == 2


def test_what_is_real_cannot_be_written_about_as_a_drill(store, browser):
    asked = free(about=f"hazard:{hazard(store)}", exercise=True)
    answer = post(browser("officer"), "/api/messages/preview", asked)
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"] == "exercise"


def test_lists_name_the_drill_that_a_message_is_of(store, people, browser):
    plan_id = active(store, people, browser("commander"), hazard(store, exercise=True), ALL)
    listed = browser("officer").get(f"/api/messages?about=plan:{plan_id}").get_json()["items"]
    assert {one["matter"] for one in listed} == {"湖水上涨"}
    mine = browser("member").get("/api/messages/inbox").get_json()["items"]
    assert [one["matter"] for one in mine if one["about"] == f"plan:{plan_id}"] == ["湖水上涨"]


def free(**more):
    return {
        "id": str(uuid.uuid4()),
        "group": "grids",
        "of": ["990101001001001", "990101001001002"],
        "channels": ["inbox", "sms"],
        "text": "今晚八点开会",
        **more,
    }


def test_a_message_of_ones_own_is_counted_before_and_sent_once(store, people, browser):
    officer = browser("officer")
    asked = free()
    counted = post(officer, "/api/messages/preview", asked).get_json()
    # the second grid has nobody: neither an account nor a number
    assert (counted["recipients"], counted["without"]) == (2, 2)
    assert {one["channel"]: one["recipients"] for one in counted["ways"]} == {"inbox": 1, "sms": 1}
    sent = post(officer, "/api/messages", asked)
    assert (sent.status_code, sent.get_json()["messages"]) == (201, 2)
    again_ = post(officer, "/api/messages", asked)
    assert (again_.status_code, again_.get_json()["messages"]) == (200, 0)
    rows = rows_of(store, "SELECT * FROM message WHERE key = :key", key=f"free-{asked['id']}")
    assert {row["text"] for row in rows} == {"今晚八点开会"}


def test_in_a_drill_the_mark_is_put_there_whatever_is_chosen(store, people, browser):
    officer = browser("officer")
    drill = hazard(store, exercise=True)
    asked = free(about=f"hazard:{drill}", exercise=False)
    assert post(officer, "/api/messages/preview", asked).get_json()["exercise"] is True
    post(officer, "/api/messages", asked)
    rows = rows_of(store, "SELECT * FROM message WHERE key = :key", key=f"free-{asked['id']}")
    assert rows
    assert all(row["exercise"] and row["text"].startswith("【演练】") for row in rows)
    marked = post(officer, "/api/messages", free(text="【演练】马上走"))
    assert marked.status_code == 400  # nothing real looks like a drill


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"of": ["990102001001001"]}, 403),
        ({"of": ["990101001001999"]}, 400),
        ({"of": []}, 400),
        ({"channels": ["loudspeaker"]}, 400),
        ({"channels": []}, 400),
        ({"text": " "}, 400),
        ({"about": "hazard:999999"}, 400),
        ({"group": "roles", "of": ["auditor"], "area": COUNTY, "channels": ["inbox"]}, 400),
        ({"group": "roles", "of": ["unit"], "area": "990102", "channels": ["inbox"]}, 403),
        ({"group": "communities", "of": ["990101001001"], "channels": ["inbox", "mail"]}, 200),
        ({"group": "shelters", "of": ["1"], "channels": ["inbox"]}, 400),
    ],
)
def test_what_makes_no_sense_or_is_not_ones_own_is_refused(browser, more, status):
    answer = post(browser("officer"), "/api/messages/preview", free(**more))
    assert answer.status_code == status, answer.get_json()


def test_roles_shelters_and_communities_are_reached_by_their_ways(store, people, browser):
    officer = browser("officer")
    roles = free(group="roles", of=["commander"], area=COUNTY, channels=["inbox"])
    assert post(officer, "/api/messages/preview", roles).get_json()["recipients"] == 1
    shelter = str(value(store, "SELECT id FROM facility WHERE source_key = 'f2'"))
    keepers = free(group="shelters", of=[shelter], channels=["sms", "mail"])
    assert post(officer, "/api/messages/preview", keepers).get_json()["recipients"] == 2
    aloud = free(group="communities", of=["990101001001"], channels=["loudspeaker", "mail"])
    counted = post(officer, "/api/messages/preview", aloud).get_json()
    assert (counted["recipients"], counted["without"]) == (1, 1)
    for name in ("member", "planner", "auditor"):
        assert post(browser(name), "/api/messages", free()).status_code == 403


def test_who_keeps_a_shelter_is_written_down_on_its_page_and_shown_to_nobody_else(store, browser):
    officer = browser("officer")
    shelter = value(store, "SELECT id FROM facility WHERE source_key = 'f2'")
    head = officer.get(f"/api/facilities/{shelter}").get_json()
    headers = {"X-CSRFToken": token_of(officer), "If-Match": f'"{head["revision"]}"'}

    def put(**said):
        return officer.post(f"/api/facilities/{shelter}", json=said, headers=headers)

    assert put(keeper_phone="none").status_code == 400
    assert put(keeper_mail="nobody").status_code == 400
    done = put(keeper="钱某某", keeper_phone="13800000010", keeper_mail="k@town.example")
    assert done.status_code == 200, done.get_json()
    assert officer.get(f"/api/facilities/{shelter}").get_json()["keeper"] == "钱某某"
    seen = browser("member").get("/api/facilities").get_data(as_text=True)
    assert "13800000010" not in seen
    assert browser("member").get(f"/api/facilities/{shelter}").status_code == 403
