"""Reports as an attacker, a broken tablet or a captive portal would send them: answers, no 5xx."""

import hashlib
import json
import uuid

import pytest
from webtown import post, token_of

from gridmap.model.access import system_scope

SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "${alert(1)}`${alert(1)}`",
    "{{7*7}}{% raw %}",
    "javascript:alert(1)",
    '=HYPERLINK("http://192.0.2.1")',
    "'; DROP TABLE incident; --",
    "\u202egnp.exe",
]


def report(**changed):
    return {
        "id": str(uuid.uuid4()),
        "category": "waterlogging",
        "title": "路口积水",
        "level": 3,
        "geometry": {"type": "Point", "coordinates": [114.405, 30.51]},
    } | changed


def count(store):
    with store.transaction(system_scope()) as tx:
        return tx.value("SELECT count(*) FROM incident")


@pytest.mark.parametrize("words", SCRIPTS)
def test_script_in_every_text_stays_text(browser, words):
    """In the report, the reasons and the history; in the list, the details, the page and search."""
    officer = browser("officer")
    new = report(title=words, note=words)
    assert post(browser("member"), "/api/incidents", new).status_code == 201
    headers = {"X-CSRFToken": token_of(officer), "If-Match": '"1"'}
    address = f"/api/incidents/{new['id']}"
    answer = officer.post(f"{address}/dismiss", json={"reason": words}, headers=headers)
    assert answer.status_code == 200
    found = officer.get(address)
    assert found.mimetype == "application/json"
    shown = found.get_json()["properties"]
    assert (shown["title"], shown["note"]) == (words, words)
    assert shown["history"][-1]["text"] == words
    listed = officer.get("/api/incidents")
    assert listed.headers["X-Content-Type-Options"] == "nosniff"
    assert words in {each["properties"]["title"] for each in listed.get_json()["features"]}
    mine = browser("member").get("/api/incidents/mine").get_json()["items"]
    assert next(each for each in mine if each["id"] == new["id"])["reason"] == words
    page = officer.get("/map", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "alert(1)" not in page
    searched = officer.get("/api/search", query_string={"q": words[:40]})
    assert searched.status_code in (200, 400)


@pytest.mark.parametrize(
    ("at", "word"),
    [
        ([0, 0], ""),
        ([30.51, 114.405], "swapped"),
        ([114.9, 30.9], "outside"),
        ([114.405, 95], ""),
        ([1000, 95], ""),
        ([None, None], ""),
        (["114.405", "30.51"], ""),
        ([True, False], ""),
        ([114.405], ""),
        ([114.405, 30.51, 20], ""),
        ([[114.405, 30.51]], ""),
        ([1e308, -1e308], ""),
        ([], ""),
    ],
)
def test_place_that_is_none(browser, store, at, word):
    before = count(store)
    new = report(geometry={"type": "Point", "coordinates": at})
    answer = post(browser("member"), "/api/incidents", new)
    assert answer.status_code == 400, answer.data
    faults = answer.get_json()["faults"]
    assert faults[0]["place"].startswith("geometry")
    assert word in json.dumps(answer.get_json())
    assert count(store) == before


def raw_of(**changed):
    return json.dumps(report(**changed))


DEEP = '{"type": "Point", "coordinates": ' + "[" * 900 + "]" * 900 + "}"


@pytest.mark.parametrize(
    "raw",
    [
        raw_of().replace('"level": 3', '"level": 3, "level": 3'),
        raw_of().replace('"title"', '"title": "x", "title"'),
        raw_of(geometry="here").replace('"here"', DEEP),
        raw_of().replace("114.405", "1e400"),
        raw_of().replace("114.405", "-NaN"),
        raw_of(note="x").replace('"x"', '"\\ud83d"'),
        raw_of(device_time="x").replace('"x"', "1e999"),
        raw_of(photos=["x"]).replace('["x"]', '{"0": "x"}'),
        raw_of(photos=[["a" * 64]]),
        raw_of(photos=["A" * 64]),
        raw_of(photos=["a" * 64 + "\n"]),
        raw_of(id="{" + str(uuid.uuid4()) + "}"),
        raw_of(id="0" * 32),
        raw_of(**{"__proto__": {"admin": True}}),
        raw_of(number=1),
        raw_of(state="closed"),
        raw_of(area_code="990102"),
        raw_of(reported_by=1),
        "[" + raw_of() + "]",
        raw_of() + raw_of(),
        raw_of()[:-20],
        "<html><title>Welcome</title><body>Sign in to the network</body></html>",
        "",
        "true",
    ],
)
def test_body_that_is_none(browser, store, raw):
    before = count(store)
    answer = post(browser("member"), "/api/incidents", raw.encode())
    assert answer.status_code == 400, answer.data
    assert "body_sha256" not in answer.get_json()
    assert count(store) == before


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1970-01-01T00:00:00Z",
    ],
)
def test_a_report_is_not_lost_for_a_clock(browser, at):
    """A tablet with an empty battery believes in 1970; what it saw is still true."""
    answer = post(browser("member"), "/api/incidents", report(device_time=at))
    assert answer.status_code == 201, answer.data
    assert abs(answer.get_json()["skew_seconds"]) > 300


def test_ids_of_other_areas_in_path_query_and_body(browser, store):
    stranger, officer = browser("stranger"), browser("officer")
    new = report()
    assert post(officer, "/api/incidents", new).status_code == 201
    there = "00000000-0000-4000-8000-000000000003"  # of the other county
    address = f"/api/incidents/{new['id']}"
    headers = {"X-CSRFToken": token_of(stranger), "If-Match": '"1"'}
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}/verify", json={}, headers=headers).status_code == 404
    seen = stranger.get("/api/incidents?area=990101").get_json()["features"]
    assert new["id"] not in {each["id"] for each in seen}
    headers = {"X-CSRFToken": token_of(officer), "If-Match": '"1"'}
    merge = {"into": there, "reason": "同一处"}
    answer = officer.post(f"{address}/merge", json=merge, headers=headers)
    assert (answer.status_code, answer.get_json()["faults"][0]["place"]) == (400, "into")
    # an id taken in another area: refused, kept, and nothing of the other is shown
    taken = post(officer, "/api/incidents", report(id=there))
    assert taken.status_code == 409
    assert taken.get_json()["number"] is None
    assert "西县" not in taken.get_data(as_text=True)
    with store.transaction(system_scope()) as tx:
        assert tx.value("SELECT title FROM incident WHERE id = :id", id=there) == "西县的树"


def test_forged_headers_change_nothing(browser):
    member = browser("member")
    headers = {
        "X-CSRFToken": token_of(member),
        "X-Forwarded-For": "127.0.0.1, <script>",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-HTTP-Method-Override": "DELETE",
        "X-Request-ID": "../../<script>",
        "X-Original-URL": "/api/users",
    }
    answer = member.post("/api/incidents", json=report(), headers=headers)
    assert answer.status_code == 201
    assert "evil" not in str(answer.headers)
    assert "<script>" not in str(answer.headers)


def test_report_without_the_token_of_a_page_is_refused(browser, store):
    before = count(store)
    assert browser("member").post("/api/incidents", json=report()).status_code == 400
    assert count(store) == before


def test_copied_cookie_after_sign_out_reports_nothing(app, browser, store):
    from webtown import sign_in

    first, copy = app.test_client(), app.test_client()
    assert sign_in(first, "member").status_code == 303
    for cookie in ("gridmap_session", "session"):
        held = first.get_cookie(cookie)
        if held is not None:
            copy.set_cookie(cookie, held.value)
    assert copy.get("/api/incidents").status_code == 200
    token = token_of(first)
    first.post("/sign-out", data={"csrf_token": token}, headers={"Accept": "text/html"})
    before = count(store)
    answer = copy.post("/api/incidents", json=report(), headers={"X-CSRFToken": token})
    assert answer.status_code in (400, 401)
    assert count(store) == before


def test_photo_names_and_kinds_from_an_attacker(browser):
    member = browser("member")
    key = str(uuid.uuid4())
    digest = hashlib.sha256(b"x").hexdigest()
    headers = {"X-CSRFToken": token_of(member)}
    for name in ("..%2f..%2fetc%2fpasswd", "<script>", digest.upper(), digest + ".php", "%00"):
        answer = member.put(
            f"/api/incidents/{key}/photos/{name}",
            data=b"x",
            content_type="image/jpeg",
            headers=headers,
        )
        assert answer.status_code in (400, 404), name
