"""Rules of emergencies on their page: rows with a version, who set them, and the trail."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from test_sensors import AT, minutes, posted, proposals, registered
from webtown import COUNTY, HILL, LAKE, OTHER, post, token_of

from gridmap.model.access import system_scope
from gridmap.services import plan_vehicles

PAGE = {"Accept": "text/html"}
SPEED = {"area": COUNTY, "need": "elderly", "kmh": 2.9, "source": "县里实测"}
SUPPLY = {"area": COUNTY, "kind": "water", "amount": 12.0, "per": "person_day", "source": "县里定"}
HOLD = {"area": COUNTY, "kind": "landslide", "days": 4, "source": "县防办"}
RULES = {
    "/api/walking-speeds": (SPEED, "need", "kmh", 2.5),
    "/api/supply-rules": (SUPPLY, "kind", "amount", 9.5),
    "/api/return-rules": (HOLD, "kind", "days", 3),
}
VEHICLE = {"name": "中巴9", "seats": 12, "wheelchairs": 2, "lon": 114.405, "lat": 30.51}
HILLS = {"lon": 114.43, "lat": 30.51}


def edit(client, address, content, version):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{version}"'}
    return client.post(address, json=content, headers=headers)


def rows(client, address):
    return client.get(address).get_json()["items"]


def of(client, address, rule, key):
    found = [
        row for row in rows(client, address) if row["area"] == rule["area"]
        and row[key] == rule[key]
    ]  # fmt: skip
    return found[0] if found else None


def events(store, kind):
    with store.transaction(system_scope()) as tx:
        return tx.all(
            "SELECT subject_id, area_code, payload, user_id FROM event WHERE kind = :kind"
            " ORDER BY seq DESC",
            kind=kind,
        )


# ---- rules


@pytest.mark.parametrize("address", RULES)
def test_a_rule_of_the_program_is_changed_with_its_version_and_says_who(browser, store, address):
    rule, key, figure, other = RULES[address]
    commander = browser("commander")
    preset = of(commander, address, rule, key)
    assert (preset["by"], preset["at"]) == (None, None)  # it came with the program
    assert post(commander, address, rule).status_code == 409  # there is one already
    assert edit(commander, address, rule, preset["revision"] + 5).status_code == 409
    assert edit(commander, address, rule, preset["revision"]).status_code == 200
    now = of(commander, address, rule, key)
    assert (now[figure], now["source"], now["by"]) == (rule[figure], rule["source"], "Commander")
    assert now["revision"] == preset["revision"] + 1
    late = edit(commander, address, {**rule, figure: other}, preset["revision"])
    assert late.status_code == 409
    assert late.get_json()["revision"] == now["revision"]
    assert of(commander, address, rule, key)[figure] == rule[figure]
    kind = {"need": "walking_speed.changed"}.get(key) or (
        "supply_rule.changed" if figure == "amount" else "return.rule_set"
    )
    told = events(store, kind)
    assert (told[0]["subject_id"], told[0]["area_code"]) == (rule[key], COUNTY)
    assert told[0]["payload"][figure] == rule[figure]
    assert told[0]["user_id"]
    # the same once more changes nothing, and leaves no trace
    assert edit(commander, address, rule, now["revision"]).status_code == 200
    assert len(events(store, kind)) == len(told)
    assert of(commander, address, rule, key)["revision"] == now["revision"]


@pytest.mark.parametrize("address", RULES)
def test_a_township_has_a_rule_of_its_own(browser, address):
    rule, key, figure, other = RULES[address]
    own = {**rule, "area": LAKE, figure: other}
    made = post(browser("commander"), address, own)
    assert (made.status_code, made.get_json()["revision"]) == (200, 1)
    assert of(browser("officer"), address, own, key)[figure] == other
    assert of(browser("stranger"), address, own, key) is None


@pytest.mark.parametrize("address", RULES)
def test_who_may_not_set_rules_reads_them(browser, address):
    rule, _key, _figure, _other = RULES[address]
    for name in ("officer", "planner", "member"):
        assert post(browser(name), address, rule).status_code == 403, name
        assert all(row["own"] is False for row in rows(browser(name), address))
    assert post(browser("commander"), address, {**rule, "area": OTHER}).status_code == 404
    assert post(browser("commander"), address, {**rule, "area": f"{COUNTY}999"}).status_code == 404


@pytest.mark.parametrize(
    ("address", "changed", "place"),
    [
        ("/api/walking-speeds", {"need": "rich"}, "need"),
        ("/api/walking-speeds", {"kmh": 9}, "kmh"),
        ("/api/walking-speeds", {"kmh": -1}, "kmh"),
        ("/api/walking-speeds", {"source": ""}, "source"),
        ("/api/supply-rules", {"kind": "gold"}, "kind"),
        ("/api/supply-rules", {"amount": 0}, "amount"),
        ("/api/supply-rules", {"per": "week"}, "per"),
        ("/api/supply-rules", {"per": "people", "amount": 0.5}, "amount"),
        ("/api/return-rules", {"kind": "rockfall"}, "kind"),
        ("/api/return-rules", {"days": 61}, "days"),
        ("/api/return-rules", {"days": -1}, "days"),
    ],
)
def test_what_is_no_rule_is_refused_by_its_place(browser, address, changed, place):
    answer = post(browser("commander"), address, RULES[address][0] | changed)
    assert answer.status_code == 400, answer.data
    assert answer.get_json()["faults"][0]["place"].startswith(place)


def test_the_page_offers_what_one_may_do(browser):
    commander = browser("commander").get("/emergency-rules", headers=PAGE).get_data(as_text=True)
    assert all(f'id="add-{name}"' in commander for name in ("sensors", "vehicles", "speeds"))
    officer = browser("officer").get("/emergency-rules", headers=PAGE).get_data(as_text=True)
    assert 'id="add-sensors"' in officer
    assert 'id="add-speeds"' not in officer
    member = browser("member").get("/emergency-rules", headers=PAGE).get_data(as_text=True)
    assert 'id="add-vehicles"' not in member
    assert browser("auditor").get("/emergency-rules", headers=PAGE).status_code == 403


# ---- vehicles


def test_a_vehicle_is_edited_with_its_version_and_goes_out_of_use(browser, store):
    officer = browser("officer")
    made = post(officer, "/api/vehicles", VEHICLE | {"contact": "老周 13800000001"}).get_json()
    path = f"/api/vehicles/{made['id']}"
    assert (made["revision"], made["by"], made["in_use"]) == (1, "Officer", True)
    assert edit(officer, path, {"seats": 9}, 2).status_code == 409
    changed = edit(officer, path, {"seats": 9, "lon": 114.406, "lat": 30.511}, 1)
    assert changed.status_code == 200
    now = changed.get_json()
    assert (now["seats"], now["at"], now["revision"]) == (9, [114.406, 30.511], 2)
    assert now["contact"] == "老周 13800000001"
    assert post(officer, path, {"seats": 8}).status_code == 428
    off = edit(officer, path, {"in_use": False}, 2).get_json()
    assert off["in_use"] is False
    assert made["id"] in [row["id"] for row in rows(officer, "/api/vehicles")]
    assert made["id"] not in at_hand(store)
    assert [row["payload"]["fields"] for row in events(store, "vehicle.changed")[:2]] == [
        ["in_use"],
        ["seats", "at"],
    ]
    assert edit(browser("member"), path, {"seats": 8}, 3).status_code == 403
    assert edit(browser("stranger"), path, {"seats": 8}, 3).status_code == 404
    assert edit(officer, path, {"lon": 2.0, "lat": 48.0}, 3).status_code == 400


def test_whom_to_call_for_a_vehicle_is_for_its_own_area(browser):
    made = post(browser("officer"), "/api/vehicles", VEHICLE | {"contact": "13800000001"})
    number = made.get_json()["id"]
    found = next(row for row in rows(browser("hill"), "/api/vehicles") if row["id"] == number)
    assert (found["contact"], found["own"]) == (None, False)
    assert browser("hill").get(f"/api/vehicles/{number}").get_json()["contact"] is None


def at_hand(store):
    with store.transaction(system_scope()) as tx:
        return list(plan_vehicles.at_hand(tx, COUNTY)[0].index)


def test_a_vehicle_that_is_off_duty_now_is_in_no_draft(browser, store):
    officer = browser("officer")
    never = post(officer, "/api/vehicles", VEHICLE | {"hours": []}).get_json()
    always = post(
        officer,
        "/api/vehicles",
        VEHICLE | {"hours": [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}]},
    ).get_json()
    assert never["id"] not in at_hand(store)
    assert always["id"] in at_hand(store)
    with store.transaction(system_scope()) as tx:
        drafted, off = plan_vehicles.at_hand(tx, COUNTY, 1)
    assert never["name"] in off
    assert always["id"] in drafted.index
    bad = post(officer, "/api/vehicles", VEHICLE | {"hours": [{"days": [9]}]})
    assert bad.status_code == 400
    assert bad.get_json()["faults"][0]["place"].startswith("hours")


def test_a_vehicle_that_drives_already_is_kept_after_its_hours(browser, store, people):
    home = VEHICLE | {"hours": []}
    driving = post(browser("officer"), "/api/vehicles", home).get_json()["id"]
    parked = post(browser("officer"), "/api/vehicles", home).get_json()["id"]
    with store.transaction(system_scope()) as tx:
        hazard = tx.value(
            "INSERT INTO hazard (area_code, kind, name, severity, geom) VALUES (:area, 'flood',"
            " '车', 'red', ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.41, 30.51, 4326)))"
            " RETURNING id",
            area=COUNTY,
        )
        plan = tx.value(
            "INSERT INTO plan (area_code, hazard_id, state, drafted_at)"
            " VALUES (:area, :hazard, 'drafted', now()) RETURNING id",
            area=COUNTY,
            hazard=hazard,
        )
        tx.execute(
            "INSERT INTO assignment (plan_id, household_id, area_code, people, reason)"
            " SELECT :plan, id, :area, people, 'no_way' FROM household WHERE source_key = 'h1'",
            plan=plan,
            area=COUNTY,
        )
        tx.execute(
            "INSERT INTO plan_stop (plan_id, household_id, area_code, vehicle, tour, position,"
            " arrives_seconds, load) SELECT plan_id, household_id, area_code, :vehicle, 1, 1, 60, 2"
            " FROM assignment WHERE plan_id = :plan",
            plan=plan,
            vehicle=driving,
        )
        drafted, _off = plan_vehicles.at_hand(tx, COUNTY, hazard)
        assert driving not in drafted.index  # nobody has been called out yet
        tx.execute(
            "UPDATE plan SET state = 'approved', created_by = :one, approved_by = :other,"
            " approved_at = now(), check_hash = repeat('0', 64) WHERE id = :plan",
            one=people["officer"],
            other=people["commander"],
            plan=plan,
        )
        tx.execute(
            "UPDATE plan SET state = 'active', activated_at = now(), activated_by = :one"
            " WHERE id = :plan",
            one=people["officer"],
            plan=plan,
        )
        called, _off = plan_vehicles.at_hand(tx, COUNTY, hazard)
        tx.execute("DELETE FROM plan WHERE id = :plan", plan=plan)
    assert driving in called.index
    assert parked not in called.index


def test_a_vehicle_the_county_moves_stays_with_its_township_while_it_is_there(browser):
    made = post(browser("hill"), "/api/vehicles", VEHICLE | HILLS).get_json()
    assert made["area"] == HILL
    path = f"/api/vehicles/{made['id']}"
    near = HILLS | {"lon": HILLS["lon"] + 0.0002}
    moved = edit(browser("officer"), path, {"lon": near["lon"], "lat": near["lat"]}, 1).get_json()
    assert (moved["area"], moved["revision"]) == (HILL, 2)
    away = edit(browser("officer"), path, {"lon": 114.405, "lat": 30.51}, 2).get_json()
    assert away["area"].startswith(COUNTY)
    assert len(away["area"]) > len(COUNTY)
    assert not away["area"].startswith(HILL)


# ---- sensors


def path_of(sensor):
    return f"/api/sensors/{sensor['id']}"


def test_a_sensor_is_changed_and_its_level_left_or_reached_by_a_reading(browser, store):
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 3.2, start=280)
    read = officer.get(path_of(sensor)).get_json()
    assert (read["level"], read["revision"]) == ("orange", 1)
    assert read["proposal"]
    lower = edit(officer, path_of(sensor), {"yellow": 3.5, "orange": 4.0}, 1)
    assert lower.status_code == 200, lower.data
    assert (lower.get_json()["level"], lower.get_json()["revision"]) == (None, 2)
    # a threshold that has been passed already is reached by the next reading, which proposes
    (waiting,) = proposals(officer, sensor)
    reason = {"reason": "阈值改了"}
    post(officer, f"/api/sensor-proposals/{waiting['id']}/decline", reason)
    raised = edit(officer, path_of(sensor), {"yellow": 1.0, "orange": 2.0}, 2).get_json()
    assert raised["level"] is None
    assert len(posted(officer, sensor, 3.2, start=290)["proposals"]) == 1
    assert officer.get(path_of(sensor)).get_json()["level"] == "orange"
    assert edit(officer, path_of(sensor), {"name": "别的"}, 1).status_code == 409
    assert edit(officer, path_of(sensor), {"yellow": 5.0}, 3).status_code == 400
    assert edit(officer, path_of(sensor), {"code": "W-9"}, 3).status_code == 400
    assert events(store, "sensor.changed")[0]["payload"]["fields"] == ["yellow", "orange"]
    assert edit(browser("hill"), path_of(sensor), {"name": "别的"}, 3).status_code == 403
    assert edit(browser("stranger"), path_of(sensor), {"name": "别的"}, 3).status_code == 404


def test_a_sensor_that_is_given_up_takes_nothing_and_proposes_nothing(app, browser, store):
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 3.2, start=280)
    header = token(officer, sensor)
    gone = edit(officer, f"{path_of(sensor)}/retire", {}, 1)
    assert (gone.status_code, gone.get_json()["retired"]) == (200, True)
    assert proposals(officer, sensor) == []
    assert sensor["id"] not in [row["id"] for row in rows(officer, "/api/sensors")]
    assert sensor["id"] in [row["id"] for row in rows(officer, "/api/sensors?retired=1")]
    body = {"readings": [{"sensor": sensor["code"], "at": minutes(290), "value": 1}]}
    assert post(officer, "/api/sensors/readings", body).status_code == 400
    program = app.test_client()
    assert program.post("/api/sensors/readings", json=body, headers=header).status_code == 401
    assert post(officer, f"{path_of(sensor)}/token", {}).status_code == 409
    assert edit(officer, path_of(sensor), {"name": "x"}, 2).status_code == 409
    assert edit(officer, f"{path_of(sensor)}/restore", {}, 2).get_json()["retired"] is False
    assert post(officer, "/api/sensors/readings", body).status_code == 200


def test_who_declares_waits_for_the_sensor_and_holds_no_proposal_meanwhile(browser, store):
    """Giving a sensor up locks the sensor and then its proposals: declaring does so as well."""
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 3.2, start=300)
    # a burst leaves the graver one with what is on the way up
    gravest = max(row["id"] for row in proposals(officer, sensor))
    decline = f"/api/sensor-proposals/{gravest}/decline"
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(post(officer, decline, {"reason": "误报"}).status_code)
    )
    with store.transaction(system_scope()) as tx:
        tx.execute("SELECT 1 FROM sensor WHERE id = :id FOR UPDATE", id=sensor["id"])
        asking.start()
        until = time.monotonic() + 20
        while not tx.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert time.monotonic() < until, "nobody waits for the sensor"
            time.sleep(0.05)
        held = "SELECT id FROM sensor_proposal WHERE sensor_id = :id ORDER BY id FOR UPDATE NOWAIT"
        assert tx.all(held, id=sensor["id"])
    asking.join(20)
    assert answers == [204]


def token(client, sensor):
    answer = post(client, f"{path_of(sensor)}/token", {})
    assert answer.status_code == 201, answer.data
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}


def test_the_token_of_a_sensor_posts_for_it_alone_and_ends_when_renewed(app, browser, store):
    officer = browser("officer")
    one, other = registered(officer), registered(officer)
    first = token(officer, one)
    program = app.test_client()

    def send(header, sensor, at):
        reading = {"sensor": sensor["code"], "at": minutes(at), "value": 1.0}
        body = {"readings": [reading]}
        return program.post("/api/sensors/readings", json=body, headers=header).status_code

    assert send(first, one, 280) == 200
    assert send(first, other, 280) == 403
    assert program.get("/api/sensors", headers=first).status_code == 403  # it posts, and no more
    said = officer.get(f"{path_of(one)}/token").get_json()["token"]
    assert (said["by"], said["lives"]) == ("Officer", True)
    assert said["used_at"]
    assert "token" not in said
    second = token(officer, one)
    assert (send(first, one, 281), send(second, one, 281)) == (401, 200)
    assert post(officer, f"{path_of(one)}/token/revoke", {}).status_code == 204
    assert send(second, one, 282) == 401
    assert officer.get(f"{path_of(one)}/token").get_json()["token"] is None
    assert post(officer, f"{path_of(one)}/token/revoke", {}).status_code == 404
    kinds = [row["payload"].get("renewed") for row in events(store, "sensor.token_made")[:2]]
    assert kinds == [True, False]
    # it stands in no list of a person's own tokens, and no program makes one
    own = officer.get("/api/account/tokens").get_json()["items"]
    assert one["name"] not in [row["name"] for row in own]
    for name, code in (("hill", 403), ("stranger", 404), ("unit", 403)):
        assert post(browser(name), f"{path_of(one)}/token", {}).status_code == code, name


def test_readings_of_the_last_day_come_with_a_sensor(browser):
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 1.0, 1.1, 1.2, start=100)
    found = officer.get(path_of(sensor)).get_json()
    assert [row["value"] for row in found["readings"]] == [1.2, 1.1, 1.0]
    newest = datetime.fromisoformat(found["readings"][0]["at"])
    assert datetime.now(UTC) - newest < timedelta(days=1)
    assert found["at"] == AT
