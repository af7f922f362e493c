"""Sensors: what is posted, what is refused, what is proposed, and who decides."""

from datetime import UTC, datetime, timedelta

import pytest
from webtown import bearer, post

from gridmap.model.access import system_scope
from gridmap.model.sensor import level_of

AT = [114.4045, 30.5105]
NOW = datetime.now(UTC).replace(microsecond=0)
THRESHOLDS = {"blue": 1.0, "yellow": 2.0, "orange": 3.0, "red": 4.0}
_made = iter(range(10_000))


def minutes(number):
    return (NOW - timedelta(hours=5) + timedelta(minutes=number)).isoformat()


def registered(client, **more):
    new = {
        "code": f"W-{next(_made)}", "kind": "water_level", "name": "东岸水位", "unit": "m",
        "at": AT,
        "lowest": 0, "highest": 10, "yellow": 2, "orange": 3, "hysteresis": 0.5,
    } | more  # fmt: skip
    answer = post(client, "/api/sensors", new)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def posted(client, sensor, *values, start=0):
    readings = [
        {"sensor": sensor["code"], "at": minutes(start + index), "value": value}
        for index, value in enumerate(values)
    ]
    answer = post(client, "/api/sensors/readings", {"readings": readings})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def proposals(client, sensor, state="open"):
    rows = client.get(f"/api/sensor-proposals?state={state}").get_json()["items"]
    return [row for row in rows if row["sensor"] == sensor["id"]]


# ---- levels


def test_a_level_is_reached_at_its_threshold_and_left_well_below():
    level = None
    told = []
    for value in (0.9, 1.0, 2.4, 1.9, 1.6, 1.5, 4.2, 3.6, 3.4, 0.7, 0.4):
        level = level_of(value, THRESHOLDS, 0.5, level)
        told.append(level)
    assert told == [
        None, "blue", "yellow", "yellow", "yellow", "blue", "red", "red", "orange", "blue", None,
    ]  # fmt: skip


# ---- posting


def test_a_program_posts_and_the_same_moment_twice_is_one(app, browser, store):
    officer = browser("officer")
    sensor = registered(officer)
    header = bearer(officer, ["sensor.post"])
    body = {"readings": [{"sensor": sensor["code"], "at": minutes(0), "value": 1.25}]}
    program = app.test_client()
    for expected in ((1, 0), (0, 1)):
        told = program.post("/api/sensors/readings", json=body, headers=header).get_json()
        assert (told["stored"], told["repeated"], told["differing"]) == (*expected, [])
    body["readings"][0]["value"] = 1.5
    told = program.post("/api/sensors/readings", json=body, headers=header).get_json()
    assert (told["repeated"], told["differing"]) == (1, [0])
    found = browser("unit").get(f"/api/sensors/{sensor['id']}").get_json()
    assert [row["value"] for row in found["readings"]] == [1.25]
    assert (found["last_value"], found["level"]) == (1.25, None)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"value": 10.5}, "readings.0.value"),
        ({"value": -0.1}, "readings.0.value"),
        ({"value": "NaN"}, "readings.0.value"),
        ({"value": None}, "readings.0.value"),
        ({"at": (NOW + timedelta(hours=1)).isoformat()}, "readings.0.at"),
        ({"at": "2001-01-01T00:00:00Z"}, "readings.0.at"),
        ({"at": "2026-01-01T00:00:00"}, "readings.0.at"),
        ({"sensor": "nobodys"}, "readings.0.sensor"),
        ({"more": 1}, "readings.0.more"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place_and_nothing_is_kept(browser, change, place):
    officer = browser("officer")
    sensor = registered(officer)
    bad = {"sensor": sensor["code"], "at": minutes(0), "value": 1.0} | change
    good = {"sensor": sensor["code"], "at": minutes(1), "value": 1.0}
    answer = post(officer, "/api/sensors/readings", {"readings": [bad, good]})
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"] == place
    assert officer.get(f"/api/sensors/{sensor['id']}").get_json()["readings"] == []


def test_numbers_that_are_none_are_refused(browser):
    officer = browser("officer")
    sensor = registered(officer)
    for value in (b"NaN", b"Infinity", b"1e999"):
        body = b'{"readings": [{"sensor": "%s", "at": "%s", "value": %s}]}' % (
            sensor["code"].encode(),
            minutes(0).encode(),
            value,
        )
        assert post(officer, "/api/sensors/readings", body).status_code == 400


def test_a_thousand_at_once_and_no_more(browser):
    officer = browser("officer")
    sensor = registered(officer)
    start = NOW - timedelta(hours=20)
    readings = [
        {"sensor": sensor["code"], "at": (start + timedelta(seconds=n)).isoformat(), "value": 1}
        for n in range(1001)
    ]
    assert post(officer, "/api/sensors/readings", {"readings": readings}).status_code == 400
    told = post(officer, "/api/sensors/readings", {"readings": readings[:1000]}).get_json()
    assert told["stored"] == 1000


def test_who_may_not_post_does_not(app, browser):
    sensor = registered(browser("officer"))
    body = {"readings": [{"sensor": sensor["code"], "at": minutes(0), "value": 1}]}
    assert post(browser("unit"), "/api/sensors/readings", body).status_code == 403
    # the county next door knows no such sensor
    assert post(browser("stranger"), "/api/sensors/readings", body).status_code == 400
    looking = bearer(browser("officer"), ["map.view"])
    answer = app.test_client().post("/api/sensors/readings", json=body, headers=looking)
    assert answer.status_code == 403


def test_late_readings_are_kept_and_change_nothing_now(browser):
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 1.0, start=10)
    assert posted(officer, sensor, 9.0, start=0)["proposals"] == []
    found = officer.get(f"/api/sensors/{sensor['id']}").get_json()
    assert (found["last_value"], len(found["readings"])) == (1.0, 2)


def test_a_sensor_that_does_not_report_says_so(browser):
    officer = browser("officer")
    silent = registered(officer)
    assert silent["stale"] is True
    posted(officer, silent, 1.0, start=0)  # five hours ago, and 60 minutes are allowed
    assert officer.get(f"/api/sensors/{silent['id']}").get_json()["stale"] is True
    posted(officer, silent, 1.0, start=5 * 60)
    assert officer.get(f"/api/sensors/{silent['id']}").get_json()["stale"] is False


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"yellow": None, "orange": None}, "blue"),
        ({"yellow": 4}, "orange"),
        ({"orange": 11}, "orange"),
        ({"highest": -1}, "highest"),
        ({"kind": "noise"}, "kind"),
        ({"code": "two words"}, "code"),
        ({"hysteresis": -1}, "hysteresis"),
    ],
)
def test_bad_registrations_are_refused(browser, change, place):
    new = {
        "code": "bad", "kind": "rain", "name": "x", "unit": "mm/h", "at": AT, "lowest": 0,
        "highest": 10, "yellow": 2, "orange": 3,
    } | change  # fmt: skip
    answer = post(browser("officer"), "/api/sensors", new)
    assert answer.status_code == 400
    assert place in [fault["place"] for fault in answer.get_json()["faults"]]


def test_a_code_stands_once_in_a_county(browser):
    officer = browser("officer")
    sensor = registered(officer)
    again = {
        "code": sensor["code"], "kind": "rain", "name": "x", "unit": "mm/h", "at": AT,
        "lowest": 0, "highest": 10, "yellow": 2,
    }  # fmt: skip
    assert post(officer, "/api/sensors", again).status_code == 409


# ---- proposals


def test_one_proposal_for_a_level_until_somebody_decides(browser, store):
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 1.0, 2.1, 1.9, 2.2, 1.4, 2.3)
    (waiting,) = proposals(officer, sensor)
    assert (waiting["level"], waiting["value"], waiting["threshold"]) == ("yellow", 2.1, 2.0)
    assert (waiting["kind"], waiting["can_decide"]) == ("flood", True)
    posted(officer, sensor, 3.5, start=20)
    assert [row["level"] for row in proposals(officer, sensor)] == ["orange", "yellow"]
    top = proposals(officer, sensor)[0]
    declined = post(officer, f"/api/sensor-proposals/{top['id']}/decline", {"reason": "闸门在试"})
    assert declined.status_code == 204
    assert proposals(officer, sensor) == []  # what it proposed on its way up as well
    with store.transaction(system_scope()) as tx:
        declared = tx.value("SELECT count(*) FROM hazard WHERE name = '东岸水位'")
    assert declared == 0  # a person declares, nobody else


def test_a_person_declares_what_is_proposed(browser):
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 3.2)
    (waiting,) = proposals(officer, sensor)
    body = {
        "kind": waiting["kind"], "name": waiting["name"], "severity": waiting["level"],
        "geometry": waiting["geometry"],
    }  # fmt: skip
    path = f"/api/sensor-proposals/{waiting['id']}"
    made = post(officer, f"{path}/declare", body)
    assert made.status_code == 201, made.get_data(as_text=True)
    hazard = officer.get(f"/api/hazards/{made.get_json()['id']}").get_json()
    assert (hazard["kind"], hazard["severity"], hazard["exercise"]) == ("flood", "orange", False)
    assert hazard["households"] == 2
    assert proposals(officer, sensor) == []
    late = post(browser("commander"), f"{path}/declare", body)
    assert (late.status_code, late.get_json()["by"]) == (409, "Officer")
    (kept,) = proposals(officer, sensor, "all")
    assert (kept["state"], kept["hazard"]) == ("accepted", hazard["id"])


def test_a_decision_against_has_a_reason_and_the_next_rise_asks_again(browser):
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 2.5)
    (waiting,) = proposals(officer, sensor)
    path = f"/api/sensor-proposals/{waiting['id']}/decline"
    assert post(officer, path, {"reason": " "}).status_code == 400
    assert post(officer, path, {"reason": "闸门在试"}).status_code == 204
    assert post(officer, path, {"reason": "再说"}).status_code == 409
    posted(officer, sensor, 2.6, 2.4, start=10)
    assert proposals(officer, sensor) == []
    posted(officer, sensor, 1.0, 2.5, start=20)
    assert len(proposals(officer, sensor)) == 1


def test_a_sensor_of_drills_proposes_a_drill(browser):
    officer = browser("officer")
    sensor = registered(officer, exercise=True)
    posted(officer, sensor, 3.5)
    (waiting,) = proposals(officer, sensor)
    assert waiting["exercise"]
    body = {
        "kind": "flood",
        "name": "演练水位",
        "severity": "orange",
        "geometry": waiting["geometry"],
    }
    made = post(officer, f"/api/sensor-proposals/{waiting['id']}/declare", body).get_json()["id"]
    assert officer.get(f"/api/hazards/{made}").get_json()["exercise"] is True


def test_a_neighbour_in_the_county_looks_and_does_not_decide(browser):
    officer = browser("officer")
    sensor = registered(officer)
    posted(officer, sensor, 2.5)
    (waiting,) = proposals(browser("hill"), sensor)
    assert not waiting["can_decide"]
    path = f"/api/sensor-proposals/{waiting['id']}/decline"
    assert post(browser("hill"), path, {"reason": "不归我"}).status_code == 403
    assert post(browser("stranger"), path, {"reason": "x"}).status_code == 404


def test_who_posts_without_end_is_slowed_down(app, browser):
    header = bearer(browser("commander"), ["sensor.post"])
    program = app.test_client()
    codes = {
        program.post("/api/sensors/readings", json={}, headers=header).status_code
        for _ in range(130)
    }
    assert codes == {400, 429}
