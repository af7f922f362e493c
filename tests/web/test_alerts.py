"""Warnings: CAP 1.2 in and out, chains of updates, and a person who declares."""

import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from shapely.geometry import mapping
from sqlalchemy.exc import DBAPIError
from webtown import bearer, post, token_of

from gridmap.channels import cap, cap_writing
from gridmap.model.access import system_scope
from gridmap.store.database import Database as Store
from gridmap.web import alerts as alerts_web

HOMES = shapely.box(114.403, 30.509, 114.406, 30.512)
RING = "30.509,114.403 30.509,114.406 30.512,114.406 30.512,114.403 30.509,114.403"
NOW = datetime.now(UTC).replace(microsecond=0)
_made = iter(range(10_000))


def in_hours(hours):
    return NOW + timedelta(hours=hours)


def message(area=f"<polygon>{RING}</polygon>", **change):
    """Write a message as a bureau would, with white space around every value."""
    parts = {
        "identifier": f"bureau-{next(_made)}",
        "sender": "warn@bureau.example",
        "sent": cap_writing.time(NOW),
        "status": "Actual",
        "msgType": "Alert",
        "references": "",
        "event": "暴雨",
        "category": "Met",
        "severity": "Severe",
        "headline": "湖边发布暴雨橙色预警",
        "expires": cap_writing.time(in_hours(6)),
        "parameter": "",
    } | change
    refers = f"<references>{parts['references']}</references>" if parts["references"] else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier> {parts["identifier"]}
  </identifier><sender>{parts["sender"]}</sender><sent> {parts["sent"]} </sent>
  <status>{parts["status"]}</status><msgType>{parts["msgType"]}</msgType><scope>Public</scope>
  {refers}
  <info><language>zh-CN</language><category>{parts["category"]}</category>
    <event>{parts["event"]}</event><urgency>Immediate</urgency>
    <severity>{parts["severity"]}</severity><certainty>Likely</certainty>
    <expires>{parts["expires"]}</expires><senderName>试验气象台</senderName>
    <headline>{parts["headline"]}</headline><description>低洼处会积水</description>
    <instruction>不要经过地下通道</instruction>{parts["parameter"]}
    <area><areaDesc>湖边</areaDesc>{area}</area></info></alert>""".encode()


def sent(client, data, mimetype="application/cap+xml", **headers):
    headers = headers or {"X-CSRFToken": token_of(client)}
    return client.post("/api/alerts/cap", data=data, content_type=mimetype, headers=headers)


def received(client, *args, **change):
    answer = sent(client, message(*args, **change))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def reference(found):
    return f"{found['sender']},{found['identifier']},{found['sent'].replace('Z', '+00:00')}"


# ---- received


def test_a_program_sends_and_everybody_reads(app, browser):
    officer = browser("officer")
    header = bearer(officer, ["alert.receive"])
    program = app.test_client()
    data = message()
    answer = sent(program, data, Authorization=header["Authorization"])
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found = browser("unit").get(f"/api/alerts/{answer.get_json()['id']}").get_json()
    assert (found["severity"], found["class"], found["kind"]) == ("orange", "natural", "rainstorm")
    assert (found["issuer"], found["area_desc"]) == ("试验气象台", "湖边")
    assert (found["description"], found["instruction"]) == ("低洼处会积水", "不要经过地下通道")
    assert found["in_force"]
    assert not found["exercise"]
    assert found["area"] == "990101001001"
    assert shapely.geometry.shape(found["geometry"]).equals(HOMES)
    again = sent(program, data, Authorization=header["Authorization"])
    assert (again.status_code, again.get_json()["id"]) == (200, found["id"])
    raw = browser("unit").get(f"/api/alerts/{found['id']}.cap")
    assert raw.data == data
    assert raw.mimetype == "application/cap+xml"


def test_what_is_computed_aside_leaves_the_database_alone(browser, monkeypatch):
    """Connections and locks of the requests are not those of a thread beside them."""
    inside = []
    begin = Store.transaction

    def aside(work):
        inside.append(True)
        try:
            return work()
        finally:
            inside.append(False)

    def transaction(self, *args, **more):
        assert not (inside and inside[-1])
        return begin(self, *args, **more)

    monkeypatch.setattr(alerts_web, "aside", aside)
    monkeypatch.setattr(Store, "transaction", transaction)
    received(browser("officer"))
    assert inside == [True, False]


def test_who_may_not_send_is_refused(app, browser):
    assert sent(browser("unit"), message()).status_code == 403
    assert sent(browser("officer"), message(), mimetype="application/json").status_code == 415
    looking = bearer(browser("officer"), ["map.view"])
    assert sent(app.test_client(), message(), **looking).status_code == 403


def test_other_content_under_a_known_name_is_a_conflict(browser):
    officer = browser("officer")
    first = message(identifier="twice")
    assert sent(officer, first).status_code == 201
    assert sent(officer, first.replace("积水".encode(), "淹水".encode())).status_code == 409


def test_every_polygon_and_circle_is_kept(browser):
    other = "30.513,114.41 30.513,114.412 30.515,114.412 30.513,114.41"
    area = f"<polygon>{RING}</polygon><polygon>{other}</polygon><circle>30.505,114.43 0.2</circle>"
    found = received(browser("officer"), area)
    shape = shapely.geometry.shape(found["geometry"])
    assert len(shapely.get_parts(shape)) == 3
    for lon, lat in ((114.404, 30.51), (114.4115, 30.5135), (114.43, 30.505)):
        assert shape.intersects(shapely.Point(lon, lat))
    assert found["notes"] == []


def test_an_open_ring_is_closed_and_that_is_said(browser):
    found = received(browser("officer"), f"<polygon>{RING.rsplit(' ', 1)[0]}</polygon>")
    assert found["notes"] == [{"kind": "closed", "place": "info 1, area 1, polygon 1"}]
    assert shapely.geometry.shape(found["geometry"]).equals(HOMES)


def test_a_ring_that_crosses_itself_is_mended_and_that_is_said(browser):
    bow = "30.509,114.403 30.512,114.406 30.509,114.406 30.512,114.403 30.509,114.403"
    found = received(browser("officer"), f"<polygon>{bow}</polygon>")
    (note,) = found["notes"]
    assert (note["kind"], note["parts"]) == ("repaired", 2)
    assert shapely.is_valid(shapely.geometry.shape(found["geometry"]))


def test_six_thousand_corners_are_thinned_and_that_is_said(browser):
    round_ = shapely.Point(114.41, 30.51).buffer(0.005, quad_segs=1552)
    ring = " ".join(f"{y:.7f},{x:.7f}" for x, y in round_.exterior.coords)
    assert len(ring.split()) > 6_208
    found = received(browser("officer"), f"<polygon>{ring}</polygon>")
    (note,) = found["notes"]
    assert note["kind"] == "simplified"
    assert note["before"] > 6_200
    assert note["after"] <= 5_000
    assert note["metres"] < 2
    shape = shapely.geometry.shape(found["geometry"])
    assert shape.symmetric_difference(round_).area < round_.area / 500


def test_two_thousand_separate_parts_are_refused_and_end(browser):
    """Cells of a radar: no thinning makes them few, and a loop that waits for that never ends."""
    cells = [(114.40 + i * 0.001, 30.50 + j * 0.001) for i in range(45) for j in range(45)]
    area = "".join(
        f"<polygon>{y:.4f},{x:.4f} {y:.4f},{x + 0.0004:.4f} {y + 0.0004:.4f},{x:.4f}"
        f" {y:.4f},{x:.4f}</polygon>"
        for x, y in cells
    )
    answer = sent(browser("officer"), message(area))
    assert answer.status_code == 400, answer.get_data(as_text=True)
    (fault,) = answer.get_json()["faults"]
    assert fault["place"] in ("area", "区划", "区域")
    assert "1,250" in fault["message"]


@pytest.mark.parametrize(
    ("area", "words"),
    [
        ("<polygon>114.40,30.50 114.41,30.50 114.41,30.51 114.40,30.50</polygon>", "swapped"),
        ("<polygon>10,20 10,21 11,21 10,20</polygon>", "elsewhere"),
        ("<polygon>30.5,114.4 30.5,114.4 30.5,114.4 30.5,114.4</polygon>", "three corners"),
        ("<polygon>30.5,114.4 30.6</polygon>", "point 2"),
        ("<polygon>30.5,NaN 30.6,114.4 30.7,114.5</polygon>", "point 1"),
        ("<circle>30.5,114.4</circle>", "radius"),
        ("<circle>30.5,114.4 -3</circle>", "radius"),
        ("<polygon>95,114.4 96,114.4 96,114.5 95,114.4</polygon>", "-90 to 90"),
        ("<circle>95,195 1</circle>", "-90 to 90"),
    ],
)  # fmt: skip
def test_areas_that_are_none_are_refused_by_their_place(browser, area, words):
    answer = sent(browser("officer"), message(area))
    assert answer.status_code == 400
    fault = answer.get_json()["faults"][0]
    assert words in f"{fault['place']} {fault['message']}"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"status": "Real"}, "status"),
        ({"msgType": "Warning"}, "msgType"),
        ({"sent": "2026-06-18 14:05"}, "sent"),
        ({"sent": "2026-13-18T14:05:00+08:00"}, "sent"),
        ({"identifier": "a b"}, "identifier"),
        ({"sender": ""}, "sender"),
        ({"severity": "Red"}, "severity"),
        ({"category": "Weather"}, "category"),
        ({"references": "only-a-name"}, "references"),
        ({"msgType": "Cancel"}, "references"),
        ({"expires": "tomorrow"}, "expires"),
        ({"sent": "0001-01-01T00:00:00+08:00"}, "sent"),
        ({"expires": "9999-12-31T23:59:59-12:00"}, "expires"),
    ],
)
def test_messages_that_are_none_are_refused_by_their_place(browser, change, place):
    answer = sent(browser("officer"), message(**change))
    assert answer.status_code == 400
    assert place in answer.get_json()["faults"][0]["place"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<alert",
        b"{}",
        b"<alert/>",
        b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"/>',
        b'<!DOCTYPE alert [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><alert>&b;</alert>',
        b'<!DOCTYPE alert SYSTEM "http://127.0.0.1:1/x.dtd"><alert/>',
        b'<?xml version="1.0" encoding="none-such"?><alert/>',
        b"\xff\xfe\x00",
        b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">' + b"<info>" * 5000,
        b"x" * 1_000_001,
    ],
)
def test_what_is_no_cap_is_refused(browser, store, data):
    with store.transaction(system_scope()) as tx:
        before = tx.value("SELECT count(*) FROM alert")
    assert sent(browser("officer"), data).status_code in (400, 413)
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT count(*) FROM alert") == before


def test_an_update_replaces_and_a_cancellation_ends(browser):
    officer = browser("officer")
    first = received(officer)
    second = received(officer, msgType="Update", references=reference(first))
    assert officer.get(f"/api/alerts/{first['id']}").get_json()["state"] == "superseded"
    ended = received(officer, msgType="Cancel", references=reference(second))
    last = officer.get(f"/api/alerts/{second['id']}").get_json()
    assert (last["state"], last["followed_by"], last["in_force"]) == (
        "cancelled",
        ended["id"],
        False,
    )
    assert [row["id"] for row in last["chain"]] == [first["id"], second["id"], ended["id"]]
    current = officer.get("/api/alerts?state=current").get_json()["items"]
    assert not {first["id"], second["id"], ended["id"]} & {row["id"] for row in current}


def test_an_update_that_overtakes_its_warning_still_replaces_it(browser):
    officer = browser("officer")
    late = {"identifier": "slow", "sender": "warn@bureau.example"}
    refers = f"{late['sender']},slow,{cap_writing.time(NOW)}"
    update = received(officer, msgType="Update", references=refers)
    assert update["notes"] == [{"kind": "not_here", "place": "slow"}]
    first = received(officer, **late)
    assert (first["state"], first["followed_by"]) == ("superseded", update["id"])


def test_an_exercise_or_a_stranger_ends_nothing_real(browser):
    officer = browser("officer")
    real = received(officer)
    for change in ({"status": "Exercise"}, {"sender": "someone@else.example"}):
        found = received(officer, msgType="Cancel", references=reference(real), **change)
        assert found["notes"][0]["kind"] == "not_its_own"
    assert officer.get(f"/api/alerts/{real['id']}").get_json()["in_force"]


def test_an_update_that_names_nothing_is_kept_and_that_is_said(browser):
    found = received(browser("officer"), msgType="Update")
    assert found["notes"] == [{"kind": "follows_nothing", "place": "references"}]
    assert found["in_force"]


# ---- declared by a person


def test_one_press_makes_a_hazard_of_a_warning(browser):
    officer = browser("officer")
    found = received(officer)
    made = post(officer, f"/api/alerts/{found['id']}/declare", {})
    assert made.status_code == 201, made.get_data(as_text=True)
    shown = officer.get(f"/api/hazards/{made.get_json()['id']}").get_json()
    assert (shown["kind"], shown["severity"], shown["exercise"]) == ("rainstorm", "orange", False)
    assert shown["name"] == "湖边发布暴雨橙色预警"
    assert shown["ends_at"] is not None
    assert officer.get(f"/api/alerts/{found['id']}").get_json()["hazard"] == shown["id"]
    assert post(officer, f"/api/alerts/{found['id']}/declare", {}).status_code == 409


def test_an_update_of_what_is_declared_asks_to_adjust_it_and_a_cancel_to_lift_it(browser):
    officer = browser("officer")
    first = received(officer)
    made = post(officer, f"/api/alerts/{first['id']}/declare", {}).get_json()["id"]
    assert officer.get(f"/api/alerts/{first['id']}").get_json()["asks"] is None
    update = received(officer, msgType="Update", references=reference(first), severity="Extreme")
    assert (update["asks"], update["hazard"], update["can_declare"]) == ("adjust", made, False)
    late = post(officer, f"/api/alerts/{update['id']}/declare", {})
    assert (late.status_code, late.get_json()["hazard"]) == (409, made)
    change = {"revision": 1, "reason": "预警更新了", "severity": "red"}
    assert post(officer, f"/api/hazards/{made}/adjust", change).status_code == 200
    assert officer.get(f"/api/alerts/{update['id']}").get_json()["asks"] is None
    ended = received(officer, msgType="Cancel", references=reference(update))
    assert (ended["asks"], ended["hazard"]) == ("lift", made)

    def current():
        items = officer.get("/api/alerts?state=current").get_json()["items"]
        return {each["id"] for each in items}

    assert ended["id"] in current()
    assert post(officer, f"/api/hazards/{made}/lift", {}).status_code == 204
    assert ended["id"] not in current()


def test_an_exercise_becomes_an_exercise(browser, store):
    officer = browser("officer")
    found = received(officer, status="Exercise")
    assert found["exercise"]
    made = post(officer, f"/api/alerts/{found['id']}/declare", {}).get_json()["id"]
    assert officer.get(f"/api/hazards/{made}").get_json()["exercise"] is True
    with store.transaction(system_scope()) as tx:
        real = tx.value("SELECT id FROM hazard WHERE NOT exercise LIMIT 1")
    with pytest.raises(Exception, match="never mixed"), store.transaction(system_scope()) as tx:
        tx.execute("UPDATE alert SET hazard_id = :real WHERE id = :id", real=real, id=found["id"])


@pytest.mark.parametrize("status", ["Test", "System", "Draft"])
def test_a_test_is_listed_and_never_heeded(browser, status):
    officer = browser("officer")
    found = received(officer, status=status)
    assert not found["in_force"]
    assert post(officer, f"/api/alerts/{found['id']}/declare", {}).status_code == 409
    current = officer.get("/api/alerts?state=current").get_json()["items"]
    assert found["id"] not in {row["id"] for row in current}


def test_what_is_over_or_without_an_area_is_not_declared(browser):
    officer = browser("officer")
    over = received(
        officer, expires=cap_writing.time(in_hours(-1)), sent=cap_writing.time(in_hours(-3))
    )
    assert over["expired"]
    assert post(officer, f"/api/alerts/{over['id']}/declare", {}).status_code == 409
    words = received(officer, "")
    assert post(officer, f"/api/alerts/{words['id']}/declare", {}).status_code == 400


def test_social_security_comes_without_a_level(browser):
    found = received(browser("officer"), event="聚集", category="Security", severity="Extreme")
    assert (found["class"], found["severity"]) == ("security", None)


# ---- issued


def declared(client, **more):
    new = {"kind": "flood", "name": "望湖", "severity": "orange", "geometry": mapping(HOMES)} | more
    return post(client, "/api/hazards", new).get_json()["id"]


def words(**more):
    return {
        "headline": "洪水橙色预警",
        "event": "洪水",
        "description": "水位还在涨",
        "instruction": "低洼处的人到中学去",
        "issuer": "湖边应急管理所",
        "area_desc": "湖一社区低洼处",
        "starts_at": NOW.isoformat(),
        "expires_at": in_hours(12).isoformat(),
    } | more


def issued(client, hazard, **more):
    answer = post(client, "/api/alerts", words(hazard=hazard, **more))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def told(client, alert_id):
    return cap.read(client.get(f"/api/alerts/{alert_id}.cap").data)


def test_the_eight_fields_go_out_and_are_read_again(browser):
    officer = browser("officer")
    found = issued(officer, declared(officer))
    assert found["in_force"]
    message_ = told(officer, found["id"])
    (info,) = message_.infos
    assert (message_.status, message_.msg_type) == ("Actual", "Alert")
    assert dict(info.parameters) == {"class": "natural", "level": "橙色"}
    assert (info.severity, info.onset, info.expires) == ("Severe", NOW, in_hours(12))
    assert (info.areas[0].description, info.sender_name) == ("湖一社区低洼处", "湖边应急管理所")
    assert (info.description, info.instruction) == ("水位还在涨", "低洼处的人到中学去")
    assert shapely.Polygon(info.areas[0].polygons[0]).equals(HOMES)
    assert abs((message_.sent - datetime.now(UTC)).total_seconds()) < 600


@pytest.mark.parametrize(
    "name", ["headline", "event", "description", "instruction", "issuer", "area_desc", "expires_at"]
)
def test_without_one_of_the_eight_nothing_goes_out(browser, name):
    officer = browser("officer")
    made = declared(officer)
    body = words(hazard=made)
    del body[name]
    answer = post(officer, "/api/alerts", body)
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"] == name


def test_a_hazard_without_a_level_is_not_warned_of(browser):
    officer = browser("officer")
    answer = post(officer, "/api/alerts", words(hazard=declared(officer, severity=None)))
    assert answer.get_json()["faults"][0]["place"] == "severity"
    crowd = declared(officer, kind="crowd", severity=None)
    assert issued(officer, crowd)["severity"] is None


def test_of_two_who_issue_at_once_one_does(app, browser, store):
    made = declared(browser("officer"))
    people = [browser(name) for name in ("officer", "commander")] * 2
    barrier = threading.Barrier(len(people))
    tokens = [token_of(each) for each in people]

    def press(one):
        client, token = one
        own = app.test_client()
        for cookie in client._cookies.values():
            own.set_cookie(cookie.key, cookie.value, domain="localhost")
        barrier.wait(60)
        headers = {"X-CSRFToken": token}
        return own.post("/api/alerts", json=words(hazard=made), headers=headers).status_code

    with ThreadPoolExecutor(len(people)) as pool:
        codes = sorted(pool.map(press, zip(people, tokens, strict=True)))
    assert codes == [201, 409, 409, 409]
    with store.transaction(system_scope()) as tx:
        columns = tx.value(
            "SELECT string_agg(quote_ident(column_name), ',') FROM information_schema.columns"
            " WHERE table_name = 'alert' AND column_name NOT IN ('id', 'identifier')"
        )
    twin = (
        f"INSERT INTO alert (identifier, {columns}) SELECT 'twin', {columns} FROM alert"
        " WHERE hazard_id = :id"
    )
    with pytest.raises(DBAPIError, match="one_in_force"), store.transaction(system_scope()) as tx:
        tx.execute(twin, id=made)


def test_nothing_is_issued_for_what_is_lifted_meanwhile(browser, store):
    """Who issues waits for who lifts, and then sees that it is over."""
    officer = browser("officer")
    made = declared(officer)
    token = token_of(officer)
    with ThreadPoolExecutor(1) as pool:
        with store.transaction(system_scope()) as tx:
            tx.execute(
                "UPDATE hazard SET state = 'lifted', lifted_at = now() WHERE id = :id", id=made
            )
            late = pool.submit(
                officer.post,
                "/api/alerts",
                json=words(hazard=made),
                headers={"X-CSRFToken": token},
            )
            waits_for_a_lock(store, late)
        answer = late.result(60)
    assert answer.status_code == 409, answer.get_data(as_text=True)


def waits_for_a_lock(store, late):
    """Wait until another transaction stands before a lock, or has gone on without one."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not late.done():
        with store.transaction(system_scope()) as tx:
            if tx.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                return
        time.sleep(0.05)


def test_an_update_and_the_end_name_what_they_follow(browser):
    officer = browser("officer")
    made = declared(officer)
    first = issued(officer, made)
    assert post(officer, "/api/alerts", words(hazard=made)).status_code == 409
    change = {"revision": 1, "reason": "水涨了", "severity": "red"}
    assert post(officer, f"/api/hazards/{made}/adjust", change).status_code == 200
    second = post(officer, f"/api/alerts/{first['id']}/update", words(reason="升级")).get_json()
    assert (second["severity"], second["reason"]) == ("red", "升级")
    (named,) = told(officer, second["id"]).references
    assert (named.identifier, named.sent) == (
        first["identifier"],
        datetime.fromisoformat(first["sent"]),
    )
    late = post(officer, f"/api/alerts/{first['id']}/update", words(reason="再来"))
    assert (late.status_code, late.get_json()["followed"]) == (409, second["id"])
    ended = post(officer, f"/api/alerts/{second['id']}/cancel", {"reason": "水退了"}).get_json()
    assert told(officer, ended["id"]).msg_type == "Cancel"
    assert "水退了" in told(officer, ended["id"]).note
    states = [row["state"] for row in ended["chain"]]
    assert states == ["superseded", "cancelled", "current"]
    assert not any(row["in_force"] for row in ended["chain"])


def test_an_exercise_says_so_in_every_message(browser):
    officer = browser("officer")
    found = issued(officer, declared(officer, exercise=True))
    message_ = told(officer, found["id"])
    assert message_.status == "Exercise"
    assert message_.infos[0].headline.startswith("演练")
    assert "Exercise" in message_.note
    assert found["exercise"]


def test_what_goes_out_comes_in_again_elsewhere(browser):
    """One county's warning is taken in by its neighbour, who lies outside, and refused by place."""
    officer = browser("officer")
    found = issued(officer, declared(officer))
    raw = officer.get(f"/api/alerts/{found['id']}.cap").data
    assert ET.fromstring(raw).tag.endswith("}alert")
    # by the officer again: known already
    assert sent(officer, raw).status_code == 200
    assert sent(browser("stranger"), raw).status_code == 201


def test_another_county_reads_none_of_it(browser):
    found = received(browser("officer"))
    assert browser("stranger").get(f"/api/alerts/{found['id']}").status_code == 404
    assert browser("stranger").get(f"/api/alerts/{found['id']}.cap").status_code == 404
    assert browser("hill").get(f"/api/alerts/{found['id']}").status_code == 200
    assert post(browser("hill"), f"/api/alerts/{found['id']}/declare", {}).status_code == 403
