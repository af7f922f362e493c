"""Nobody in where they do not belong: every route, every role, own and other areas."""

import re

import pytest
from flask import Flask
from webtown import post

from gridmap.model.access import Permission
from gridmap.web.permissions import (
    UndeclaredRouteError,
    check_routes,
    declared,
    is_public,
    permits,
)

# what fills the variable parts of an address; things of the other county, so that nothing changes
PARTS = {
    "sensor_id": "999999",
    "vehicle_id": "999999",
    "sensor_proposal_id": "999999",
    "alert_id": "999999",
    "care_run_id": "999999",
    "offer_id": "999999",
    "user_id": "999999",
    "session_id": "999999",
    "token_id": "999999",
    "code": "990102001001001",
    "household_id": "999999",
    "visit_id": "999999",
    "conflict_id": "999999",
    "glass_id": "999999",
    "export_id": "999999",
    "facility_id": "999999",
    "key": "fire",
    "hazard_id": "999999",
    "closure_id": "999999",
    "message_id": "999999",
    "volunteer_id": "999999",
    "calling_id": "999999",
    "loan_id": "999999",
    "token": "a" * 43,
    "job_id": "999999",
    "plan_id": "999999",
    "seq": "999999",
    "run_id": "999999",
    "scenario_id": "999999",
    "option_id": "999999",
    "proposal_id": "999999",
    "run": "999999",
    "z": "14",
    "x": "13398",
    "y": "6733",
    "filename": "none.css",
    "catalogue_name": "none.js",
    "incident_id": "00000000-0000-4000-8000-0000000000ff",
    "action": "verify",
    "sha256": "0" * 64,
    "upload_id": "999999",
    "response_id": "999999",
    "task_id": "999999",
    "whistle_id": "999999",
    "call_id": "999999",
    "lesson_id": "999999",
    "role": "unit",
    "topic": "coverage",
    "micro_grid": "990102001001001-01",
}


def rules(app):
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods):
            yield rule, method


def address(rule):
    found = rule.rule
    for name, value in PARTS.items():
        found = found.replace(f"<{name}>", value).replace(f"<path:{name}>", value)
    return re.sub(r"<[^>]+>", "999999", found)  # of a thing that PARTS does not know


def test_route_without_a_permission_stops_the_start():
    app = Flask("made_for_this")
    app.add_url_rule("/open", "open", lambda: "", methods=["GET"])
    with pytest.raises(UndeclaredRouteError, match="/open"):
        check_routes(app)


def test_declared_route_starts():
    app = Flask("made_for_this", static_folder=None)
    app.add_url_rule("/kept", "kept", permits(Permission.MAP_VIEW)(lambda: ""))
    check_routes(app)
    assert declared(app.view_functions["kept"]) is Permission.MAP_VIEW


def test_public_routes_are_these_and_no_others(app):
    found = {
        rule.rule for rule, _method in rules(app) if is_public(app.view_functions[rule.endpoint])
    }
    assert found == {
        "/",
        "/about",
        "/api/me",
        "/healthz",
        "/readyz",
        "/sign-in",
        "/sign-in/code",
        "/v/<token>",
        "/language",
        "/static/<path:filename>",
        "/words/<catalogue_name>",
        "/field/shell",
        "/field/map.js",
        "/field/worker.js",
        "/field/manifest.webmanifest",
    }


def test_page_sends_nobody_to_the_form(client):
    answer = client.get("/map", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.location) == (303, "/")


def ids(store, sql):
    from gridmap.model.access import system_scope

    with store.transaction(system_scope()) as tx:
        return tx.value(sql)


@pytest.mark.parametrize(
    ("path", "sql"),
    [
        ("/api/households/{}", "SELECT id FROM household WHERE source_key = 'h1'"),
        ("/api/jobs/{}", "SELECT id FROM job WHERE area_code = '990101'"),
        ("/api/plans/{}", "SELECT id FROM plan"),
        ("/api/plans/{}/routes", "SELECT id FROM plan"),
        ("/api/plans/{}/assignments", "SELECT id FROM plan"),
        ("/api/coverage/runs/{}/grids", "SELECT id FROM coverage_run"),
        ("/tiles/coverage/{}/14/13398/6733.mvt", "SELECT id FROM coverage_run"),
        ("/api/grids/{}", "SELECT min(code) FROM grid WHERE code LIKE '990101%'"),
    ],
)
def test_things_of_other_areas_are_not_there(store, browser, path, sql):
    found = path.format(ids(store, sql))
    assert browser("officer").get(found).status_code == 200
    assert browser("stranger").get(found).status_code == 404
    assert browser("stranger").get(path.format("999999999999999")).status_code == 404


def test_writes_to_other_areas_change_nothing(store, browser):
    job = ids(store, "SELECT id FROM job WHERE area_code = '990101'")
    home = ids(store, "SELECT id FROM household WHERE source_key = 'h6'")
    stranger = browser("stranger")
    assert post(stranger, f"/api/jobs/{job}/cancel", {}).status_code == 404
    assert ids(store, f"SELECT state FROM job WHERE id = {job}") == "queued"
    hazard = ids(store, "SELECT id FROM hazard WHERE area_code = '990101'")
    assert post(stranger, "/api/plans", {"hazard": hazard}).status_code == 404
    assert post(stranger, f"/api/hazards/{hazard}/lift", {}).status_code == 404
    run = {"standard": "fire", "area": "990101"}
    assert post(stranger, "/api/coverage/runs", run).status_code == 404
    point = {"type": "Point", "coordinates": [114.404, 30.51]}
    # the hill's officer may place nothing; the grid's member only in their own grid
    assert (
        post(browser("hill"), f"/api/households/{home}/place", {"geometry": point}).status_code
        == 403
    )
    assert (
        post(browser("member"), f"/api/households/{home}/place", {"geometry": point}).status_code
        == 404
    )
    assert ids(store, "SELECT count(*) FROM household WHERE placed_by = 'hand'") == 0


def test_permission_in_one_area_is_none_in_the_next(browser):
    """A unit of the county who is officer of one township sees households of that one only."""
    seen = browser("mixed").get("/api/households").get_json()["features"]
    assert {each["properties"]["grid"] for each in seen} == {"990101001001001", "990101001001002"}
    words = browser("mixed").get("/api/search?q=路1号").get_json()["results"]
    assert {each["title"] for each in words if each["kind"] == "address"} == {
        "湖边路1号1单元101室",
        "湖边路1号1单元102室",
    }
