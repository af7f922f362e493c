"""Reports and declarations: taken once, refused with the place that is wrong."""

import json
import uuid

import pytest
from webtown import post

from gridmap.model.access import system_scope


def report(**changed):
    return {
        "id": str(uuid.uuid4()),
        "category": "waterlogging",
        "title": "路口积水",
        "level": 3,
        "geometry": {"type": "Point", "coordinates": [114.405, 30.51]},
        "accuracy_m": 12.5,
    } | changed


def hazard(**changed):
    ring = [[114.403, 30.509], [114.406, 30.509], [114.406, 30.512], [114.403, 30.509]]
    return {
        "kind": "flood",
        "name": "湖水上涨",
        "severity": "red",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    } | changed


def count(store, table):
    with store.transaction(system_scope()) as tx:
        return tx.value(f"SELECT count(*) FROM {table}")


def test_report_is_taken_once(browser, store):
    new = report()
    before = count(store, "incident")
    first = post(browser("officer"), "/api/incidents", new)
    again = post(browser("officer"), "/api/incidents", new)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert first.get_json()["grid"] == "990101001001001"
    other = post(browser("officer"), "/api/incidents", new | {"title": "另一件事"})
    assert other.status_code == 409
    assert count(store, "incident") == before + 1


def test_hazard_is_declared_and_lifted(browser, store):
    answer = post(browser("officer"), "/api/hazards", hazard())
    assert answer.status_code == 201, answer.data
    made = answer.get_json()["id"]
    seen = browser("officer").get("/api/hazards").get_json()["features"]
    assert made in {each["id"] for each in seen}
    assert post(browser("officer"), f"/api/hazards/{made}/lift", {}).status_code == 204
    assert post(browser("officer"), f"/api/hazards/{made}/lift", {}).status_code == 404


def test_text_from_people_stays_text(browser):
    words = "<script>alert(1)</script> ${7*7} `x` \u202e"
    answer = post(browser("officer"), "/api/incidents", report(title=words))
    assert answer.status_code == 201
    seen = browser("officer").get("/api/incidents")
    assert seen.mimetype == "application/geo+json"
    assert words in {each["properties"]["title"] for each in seen.get_json()["features"]}


def test_run_and_plan_are_asked_for(browser, store):
    run = post(browser("officer"), "/api/coverage/runs", {"standard": "fire"})
    assert run.status_code == 202
    job = browser("officer").get(f"/api/jobs/{run.get_json()['job']}").get_json()
    assert (job["state"], job["progress"]) == ("queued", 0.0)
    cancelled = post(browser("officer"), f"/api/jobs/{job['id']}/cancel", {})
    assert cancelled.get_json()["state"] == "cancelled"
    assert post(browser("officer"), f"/api/jobs/{job['id']}/cancel", {}).status_code == 409
    with store.transaction(system_scope()) as tx:
        flood = tx.value("SELECT min(id) FROM hazard WHERE area_code = '990101'")
    plan = post(browser("officer"), "/api/plans", {"hazard": flood})
    assert plan.status_code == 202, plan.data
    found = browser("officer").get(f"/api/plans/{plan.get_json()['plan']}").get_json()
    assert found["state"] == "drafting"
    assert post(browser("officer"), "/api/coverage/runs", {"standard": "none"}).status_code == 404


SQUARE = [[114.403, 30.509], [114.406, 30.509], [114.406, 30.512], [114.403, 30.509]]
BAD_REPORTS = [
    ({"id": "1"}, "id"),
    ({"id": None}, "id"),
    ({"id": 5}, "id"),
    ({"category": "Not a key"}, "category"),
    ({"title": ""}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"title": "a\x07b"}, "title"),
    ({"title": 5}, "title"),
    ({"level": 0}, "level"),
    ({"level": 5}, "level"),
    ({"level": True}, "level"),
    ({"level": "2"}, "level"),
    ({"accuracy_m": -1}, "accuracy_m"),
    ({"accuracy_m": 10**400}, "body"),
    ({"accuracy_m": 10**200}, "accuracy_m"),
    ({"accuracy_m": True}, "accuracy_m"),
    ({"device_time": "yesterday"}, "device_time"),
    ({"device_time": "2026-01-01T00:00:00"}, "device_time"),
    ({"device_time": 10**18}, "device_time"),
    ({"device_time": -(10**11)}, "device_time"),
    ({"device_time": True}, "device_time"),
    ({"geometry": None}, "geometry"),
    ({"geometry": []}, "geometry"),
    ({"geometry": {}}, "geometry"),
    ({"geometry": {"type": "Point"}}, "geometry"),
    ({"geometry": {"type": "Point", "coordinates": [114.4]}}, "geometry"),
    ({"geometry": {"type": "Point", "coordinates": [114.4, 30.5, 1]}}, "geometry"),
    ({"geometry": {"type": "Point", "coordinates": [30.5, 114.4]}}, "geometry"),
    ({"geometry": {"type": "LineString", "coordinates": SQUARE}}, "geometry"),
    ({"geometry": {"type": "Point", "coordinates": [114.4, 30.5], "crs": {}}}, "geometry"),
    ({"surprise": 1}, "surprise"),
]


@pytest.mark.parametrize(("changed", "place"), BAD_REPORTS)
def test_bad_report_names_the_place(browser, store, changed, place):
    before = count(store, "incident")
    answer = post(browser("officer"), "/api/incidents", report(**changed))
    assert answer.status_code == 400, answer.data
    assert answer.get_json()["faults"][0]["place"] == place
    assert count(store, "incident") == before


@pytest.mark.parametrize("number", ["1", 1.0, True, None, -1, 2**63, [1]])
def test_id_in_a_body_is_a_number(browser, number):
    answer = post(browser("officer"), "/api/plans", {"hazard": number})
    assert (answer.status_code, answer.get_json()["faults"][0]["place"]) == (400, "hazard")
    answer = post(browser("planner"), "/api/households/1/place", {"building": number})
    assert answer.status_code == 400


BOW_TIE = [[114.40, 30.50], [114.41, 30.51], [114.41, 30.50], [114.40, 30.51], [114.40, 30.50]]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"severity": "purple"}, "severity"),
        ({"kind": "Flood!"}, "kind"),
        ({"geometry": {"type": "Polygon", "coordinates": [BOW_TIE]}}, "geometry"),
        ({"geometry": {"type": "Polygon", "coordinates": [SQUARE[:3]]}}, "geometry"),
        ({"geometry": {"type": "Polygon", "coordinates": []}}, "geometry"),
        ({"blocked": {"type": "Point", "coordinates": [114.4, 30.5]}}, "blocked"),
        ({"exercise": "yes"}, "exercise"),
    ],
)
def test_bad_hazard_names_the_place(browser, store, changed, place):
    before = count(store, "hazard")
    answer = post(browser("officer"), "/api/hazards", hazard(**changed))
    assert answer.status_code == 400, answer.data
    assert answer.get_json()["faults"][0]["place"] == place
    assert count(store, "hazard") == before


RAW = json.dumps(report()).encode()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", ""),
        (b"null", ""),
        (b"\xff\xfe", "UTF-8"),
        (RAW.replace(b"12.5", b"NaN"), "NaN"),
        (RAW.replace(b"12.5", b"Infinity"), "Infinity"),
        (RAW.replace(b"12.5", b"1e999"), ""),
        (RAW.replace(b'"level": 3', b'"level": 3, "level": 2'), "twice"),
        (RAW.replace(b"waterlogging", b"water\\u0000"), "NUL"),
        (RAW.replace(b"waterlogging", b"\\ud800"), "surrogate"),
        (b"[" * 1000 + b"]" * 1000, ""),
        (b"[" * 100000, ""),
        (b'{"a":' * 5000, ""),
    ],
)
def test_hostile_json_is_refused(browser, store, raw, words):
    before = count(store, "incident")
    answer = post(browser("officer"), "/api/incidents", raw)
    assert answer.status_code == 400, answer.data
    assert words in answer.get_data(as_text=True)
    assert count(store, "incident") == before


def test_too_much_is_refused_before_it_is_read(browser):
    answer = post(browser("officer"), "/api/incidents", b" " * 1_000_001)
    assert answer.status_code == 413
    answer = post(browser("officer"), "/api/incidents", b" " * 3_000_000)
    assert answer.status_code == 413


def test_other_kinds_of_body_are_refused(browser):
    from webtown import token_of

    client = browser("officer")
    answer = client.post(
        "/api/incidents",
        data="<xml/>",
        content_type="text/xml",
        headers={"X-CSRFToken": token_of(client)},
    )
    assert answer.status_code == 415


def test_report_outside_the_areas_of_the_person(browser):
    point = {"type": "Point", "coordinates": [114.38, 30.51]}
    answer = post(browser("officer"), "/api/incidents", report(geometry=point))
    assert answer.status_code in (400, 403)
    beyond = {"type": "Point", "coordinates": [114.9, 30.9]}
    answer = post(browser("officer"), "/api/incidents", report(geometry=beyond))
    assert answer.status_code == 400
