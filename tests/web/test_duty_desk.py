"""The duty desk: alarms that the first takes, a log that stays as it was, shifts, drawn hazards."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from webtown import PASSWORD, post, sign_in

from gridmap.model.access import Scope, system_scope

SCRIPT = "<script>window.__ran=1</script>"
# around the two homes of the first grid; the third lies in the next
HOMES = [
    [114.403, 30.509],
    [114.406, 30.509],
    [114.406, 30.512],
    [114.403, 30.512],
    [114.403, 30.509],
]


def polygon(ring):
    return {"type": "Polygon", "coordinates": [ring]}


def report(client, level, title="很急", at=(114.405, 30.51)):
    sent = {
        "id": str(uuid.uuid4()),
        "category": "fire",
        "title": title,
        "level": level,
        "geometry": {"type": "Point", "coordinates": list(at)},
    }
    answer = post(client, "/api/incidents", sent)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return sent["id"]


def alarm_of(client, subject_id):
    items = client.get("/api/duty/alarms").get_json()["items"]
    return next((each for each in items if each["id"] == str(subject_id)), None)


def newest(client):
    return client.get("/api/live").get_json()["last"]


# ---- alarms


def test_grave_reports_ring_and_others_do_not(browser):
    officer = browser("officer")
    red, yellow = report(browser("member"), 1, SCRIPT), report(browser("member"), 3)
    alarm = alarm_of(officer, red)
    assert alarm["active"]
    assert (alarm["level"], alarm["title"], alarm["taken"]) == (1, SCRIPT, None)
    assert alarm["can_take"]
    assert alarm_of(officer, yellow) is None
    assert alarm_of(browser("stranger"), red) is None


def test_the_first_takes_an_alarm_and_every_map_hears_of_it(browser):
    officer, commander = browser("officer"), browser("commander")
    alarm = alarm_of(officer, report(browser("member"), 1))
    before = newest(officer)
    answer = post(officer, f"/api/duty/alarms/{alarm['seq']}/take", {})
    assert answer.status_code == 200
    assert answer.get_json()["by"] == "Officer"
    late = post(commander, f"/api/duty/alarms/{alarm['seq']}/take", {})
    assert late.status_code == 409
    assert "Officer" in late.get_json()["detail"]
    assert late.get_json()["taken"]["by"] == "Officer"
    # the same person again is no conflict: the answer may have been lost
    assert post(officer, f"/api/duty/alarms/{alarm['seq']}/take", {}).status_code == 200
    heard = commander.get(f"/api/live?after={before}").get_json()["events"]
    assert [each["kind"] for each in heard] == ["alarm.taken"]
    assert not alarm_of(commander, alarm["id"])["active"]


def test_of_ten_at_once_one_is_first(app, browser, people):
    alarm = alarm_of(browser("officer"), report(browser("member"), 2))
    clients = []
    for name in ("officer", "commander"):
        for _copy in range(5):
            client = app.test_client()
            assert sign_in(client, name, PASSWORD).status_code == 303
            clients.append(client)
    found = []

    def take(client):
        found.append(post(client, f"/api/duty/alarms/{alarm['seq']}/take", {}).status_code)

    threads = [threading.Thread(target=take, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 5 + [409] * 5


def test_a_wider_areas_alarm_is_not_silenced_from_below(browser, store):
    hazard = post(
        browser("officer"),
        "/api/hazards",
        {
            "kind": "flood",
            "name": "全县",
            "severity": "red",
            "geometry": polygon(
                [[114.41, 30.505], [114.43, 30.505], [114.43, 30.51], [114.41, 30.505]]
            ),
        },
    ).get_json()["id"]
    alarm = alarm_of(browser("hill"), hazard)
    assert not alarm["can_take"]
    assert post(browser("hill"), f"/api/duty/alarms/{alarm['seq']}/take", {}).status_code == 403
    assert alarm_of(browser("officer"), hazard)["mine"]
    assert post(browser("officer"), f"/api/hazards/{hazard}/lift", {}).status_code == 204
    assert alarm_of(browser("officer"), hazard) is None


@pytest.mark.parametrize("seq", ["x", "-1", "1.5", "9" * 30, "%00"])
def test_bad_numbers_of_alarms_are_refused(browser, seq):
    assert post(browser("officer"), f"/api/duty/alarms/{seq}/take", {}).status_code == 400


def test_what_is_no_alarm_is_not_taken(browser, store):
    with store.transaction(system_scope()) as tx:
        other = tx.value("SELECT max(seq) FROM event WHERE kind NOT LIKE '%reported'")
    assert post(browser("officer"), f"/api/duty/alarms/{other}/take", {}).status_code == 404
    assert post(browser("officer"), "/api/duty/alarms/99999999/take", {}).status_code == 404
    assert post(browser("officer"), "/api/duty/alarms/1/take", {"by": "another"}).status_code == 400


# ---- log


def test_the_log_says_what_was_done_and_by_whom(browser):
    officer = browser("officer")
    incident = report(browser("member"), 1, "井盖没了")
    alarm = alarm_of(officer, incident)
    post(officer, f"/api/duty/alarms/{alarm['seq']}/take", {})
    assert post(officer, "/api/duty/log", {"text": SCRIPT}).status_code == 201
    lines = officer.get("/api/duty/log").get_json()["items"]
    assert [each["kind"] for each in lines[:3]] == [
        "duty.logged",
        "alarm.taken",
        "incident.reported",
    ]
    assert (lines[0]["text"], lines[0]["by"]) == (SCRIPT, "Officer")
    assert (lines[1]["incident"], lines[1]["title"]) == (incident, "井盖没了")
    assert lines[2]["by"] == "Member"
    assert lines[2]["figures"]["level"] == 1


def test_pages_of_the_log_join_without_a_gap(browser):
    officer = browser("officer")
    for text in "abc":
        post(officer, "/api/duty/log", {"text": text})
    whole = [each["seq"] for each in officer.get("/api/duty/log?limit=200").get_json()["items"]]
    found, cursor = [], ""
    while cursor is not None:
        page = officer.get(f"/api/duty/log?limit=2{cursor}").get_json()
        found += [each["seq"] for each in page["items"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert found == whole == sorted(whole, reverse=True)


def test_the_log_of_another_county_is_not_there(browser):
    post(browser("stranger"), "/api/duty/log", {"text": "西县的事"})
    texts = {each["text"] for each in browser("officer").get("/api/duty/log").get_json()["items"]}
    assert "西县的事" not in texts


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b", None, 5, ["x"]])
def test_bad_entries_are_refused(browser, text):
    assert post(browser("officer"), "/api/duty/log", {"text": text}).status_code == 400


def test_an_entry_stays_as_it_was(browser, store):
    entry = post(browser("officer"), "/api/duty/log", {"text": "写过的"}).get_json()["id"]
    for sql in ("UPDATE duty_log_entry SET text = 'x'", "DELETE FROM duty_log_entry"):
        with pytest.raises(DBAPIError), store.transaction(system_scope()) as tx:
            tx.execute(sql)
    with store.transaction(Scope(("990101",))) as tx:
        kept = tx.value("SELECT text FROM duty_log_entry WHERE id = :id", id=entry)
    assert kept == "写过的"


# ---- shifts


def in_hours(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def test_a_shift_begins_is_seen_and_hands_over(browser):
    lead = browser("officer")
    new = {"leader": "王某", "officers": ["李某", "赵某"], "ends_at": in_hours(12)}
    begun = post(lead, "/api/duty/shift", new)
    assert begun.status_code == 201, begun.get_data(as_text=True)
    seen = browser("commander").get("/api/duty/shift").get_json()["shift"]
    assert (seen["leader"], seen["officers"]) == ("王某", ["李某", "赵某"])
    assert post(browser("commander"), "/api/duty/shift", new).status_code == 409
    ended = post(lead, "/api/duty/shift/handover", {"text": "水泵还开着"}).get_json()
    assert ended["shift"] is None
    assert ended["last"]["handover"] == "水泵还开着"
    assert post(lead, "/api/duty/shift/handover", {"text": "再来"}).status_code == 409


def test_a_shift_that_has_run_out_makes_room_for_the_next(browser, store):
    new = {"leader": "甲", "officers": [], "ends_at": in_hours(1)}
    assert post(browser("stranger"), "/api/duty/shift", new).status_code == 201
    with store.transaction(Scope(("990102",))) as tx:
        tx.execute(
            "UPDATE duty_shift SET starts_at = now() - interval '2 hours',"
            " ends_at = now() - interval '1 hour' WHERE leader = '甲'"
        )
    assert post(browser("stranger"), "/api/duty/shift", new | {"leader": "乙"}).status_code == 201
    assert browser("officer").get("/api/duty/shift").get_json()["shift"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"leader": ""},
        {"leader": "x" * 81},
        {"officers": ["x"] * 13},
        {"officers": "李某"},
        {"ends_at": "tomorrow"},
        {"ends_at": "2001-01-01T00:00:00Z"},
        {"ends_at": in_hours(99)},
        {"ends_at": 12},
        {"more": 1},
    ],
)
def test_bad_shifts_are_refused(browser, change):
    new = {"leader": "王某", "officers": [], "ends_at": in_hours(8)} | change
    assert post(browser("officer"), "/api/duty/shift", new).status_code == 400


# ---- hazards


def test_the_preview_counts_what_the_declaration_stores_and_the_plan_affects(browser, store):
    officer = browser("officer")
    shape = polygon(HOMES)
    seen = post(officer, "/api/hazards/preview", {"geometry": shape}).get_json()
    assert (seen["households"], seen["people"], seen["with_needs"]) == (2, 7, 1)
    assert seen["grids"] == [{"code": "990101001001001", "label": "001-001", "households": 2}]
    assert seen["facilities"] == 0
    assert seen["cleaned"] is None
    assert 95_000 < seen["area_m2"] < 97_000
    made = post(
        officer,
        "/api/hazards",
        {"kind": "flood", "name": SCRIPT, "severity": "yellow", "geometry": shape}
        | {"ends_at": in_hours(3), "note": "看着水位"},
    ).get_json()["id"]
    rows = officer.get("/api/hazards").get_json()["features"]
    stored = next(each["properties"] for each in rows if each["id"] == made)
    assert (stored["households_affected"], stored["people_affected"]) == (2, 7)
    assert (stored["name"], stored["note"]) == (SCRIPT, "看着水位")
    with store.transaction(Scope(("990101",))) as tx:
        from gridmap.store import plan

        affected = plan.affected(tx, made)
    assert (len(affected), int(affected["people"].sum())) == (2, 7)


def test_a_preview_stores_nothing_and_counts_ones_own_areas_alone(browser, store):
    whole = polygon(
        [[114.36, 30.5], [114.44, 30.5], [114.44, 30.52], [114.36, 30.52], [114.36, 30.5]]
    )
    with store.transaction(system_scope()) as tx:
        before = tx.value("SELECT count(*) FROM event"), tx.value("SELECT count(*) FROM hazard")
    hill = post(browser("hill"), "/api/hazards/preview", {"geometry": whole}).get_json()
    assert hill["households"] == 1
    assert [grid["label"] for grid in hill["grids"]] == ["001-001"]
    with store.transaction(system_scope()) as tx:
        after = tx.value("SELECT count(*) FROM event"), tx.value("SELECT count(*) FROM hazard")
    assert before == after


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (polygon([[114, 30], [114.1, 30.1], [114.1, 30], [114, 30.1], [114, 30]]), "cross"),
        (polygon([[30.50, 114.40], [30.51, 114.40], [30.51, 114.41], [30.50, 114.40]]), "swapped"),
        (polygon([[0, 0], [0, 0], [0, 0], [0, 0]]), "ring 1"),
        (polygon([[114.40, 30.50], [114.41, 30.51], [114.41, 30.50]]), "ring 1"),
        (polygon([[114.4, 30.5], [114.41, "30.51"], [114.41, 30.5], [114.4, 30.5]]), "point 2"),
        ({"type": "Point", "coordinates": [114.4, 30.5]}, "Point"),
        ({"type": "Polygon", "coordinates": []}, "geometry"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/hazards/preview", "/api/hazards"])
def test_bad_shapes_are_refused_naming_the_place(browser, path, geometry, words):
    content = {"geometry": geometry}
    if path == "/api/hazards":
        content |= {"kind": "flood", "name": "x", "severity": None}
    answer = post(browser("officer"), path, content)
    assert answer.status_code == 400
    fault = answer.get_json()["faults"][0]
    assert words in fault["place"] + " " + fault["message"]
    assert fault["place"].startswith("geometry")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "crowd", "severity": "red"}, "severity"),
        ({"ends_at": "2001-01-01T00:00:00Z"}, "ends_at"),
        ({"note": "x" * 2001}, "note"),
        ({"exercise": "yes"}, "exercise"),
        ({"name": "  "}, "name"),
    ],
)
def test_bad_declarations_are_refused(browser, change, place):
    content = {"kind": "flood", "name": "x", "severity": "red", "geometry": polygon(HOMES)} | change
    answer = post(browser("officer"), "/api/hazards", content)
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"] == place


def test_an_event_of_social_security_has_no_level(browser):
    content = {"kind": "crowd", "name": "聚集", "severity": None, "geometry": polygon(HOMES)}
    assert post(browser("officer"), "/api/hazards", content).status_code == 201


# ---- what a map fetches after a change


def test_a_few_incidents_are_given_as_they_are_now_closed_ones_too(browser):
    officer = browser("officer")
    mine = report(browser("member"), 3)
    there = "00000000-0000-4000-8000-000000000003"  # of the other county
    shut = "00000000-0000-4000-8000-000000000002"
    found = officer.get(f"/api/incidents/some?ids={mine},{there},{shut}").get_json()["features"]
    states = {each["properties"]["id"]: each["properties"]["state"] for each in found}
    assert states == {mine: "reported", shut: "closed"}
    assert "verify" in next(
        each["properties"]["actions"] for each in found if each["properties"]["id"] == mine
    )


@pytest.mark.parametrize("ids", ["", "x", ",", "1" * 36, "00000000-0000-4000-8000-000000000003,"])
def test_bad_ids_are_refused(browser, ids):
    assert browser("officer").get(f"/api/incidents/some?ids={ids}").status_code == 400
    assert browser("officer").get("/api/incidents/some").status_code == 400
