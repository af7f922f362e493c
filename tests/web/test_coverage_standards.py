"""Standards are seen by the office and edited by the planning lead, version by version."""

from datetime import date, timedelta

import psycopg2
import pytest
from webtown import COUNTY, LAKE, OTHER, post, token_of

from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_seeds import SEEDS
from gridmap.services import coverage_standards
from gridmap.services.access import Viewer
from gridmap.store import coverage_standards as rows

TODAY = date.today()  # noqa: DTZ011 - the town's zone is ahead of or at the machine's
SOON = (TODAY + timedelta(days=40)).isoformat()
LATER = (TODAY + timedelta(days=80)).isoformat()
NEXT = (TODAY + timedelta(days=2)).isoformat()
DAY = {"key": "day", "name_zh": "白天", "name_en": "Day", "speeds": {"*": 1.0}}
RAIN = {"key": "rain", "name_zh": "雨天", "name_en": "Rain", "speeds": {"*": 0.7, "primary": 0.5}}
NEW = {
    "area": COUNTY,
    "key": "fire",
    "name_zh": "消防站 4 分钟",
    "name_en": "Fire station, 4 minutes",
    "area_type": "any",
    "facility_kinds": ["fire_station"],
    "profile": "emergency",
    "direction": "to_household",
    "by": "seconds",
    "limit": 240,
    "capacity": False,
    "barriers": ["railway"],
    "bands": [DAY, RAIN],
    "area_rule": {"1": 7, "2": 4},
    "slider": [60, 900],
    "source": "县里 2026 年 9 号文第二条",
    "valid_from": SOON,
}


@pytest.fixture(autouse=True)
def first(store, people):  # noqa: ARG001 - the people have to be there to be named
    """One version of one standard, as the county got it."""
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM coverage_standard")
        tx.execute(
            "INSERT INTO coverage_standard (key, area_code, name_zh, name_en, facility_kinds,"
            " profile, direction, measure, max_value, source, valid_from) VALUES ('fire', :code,"
            " '消防站 5 分钟', 'Fire station, 5 minutes', '{fire_station}', 'drive',"
            " 'to_household', 'seconds', 300, 'test', '2026-01-01')",
            code=COUNTY,
        )


def send(client, content, seen=1, address="/api/coverage/standards"):
    headers = {"X-CSRFToken": token_of(client)}
    if seen is not None:
        headers["If-Match"] = f'"{seen}"'
    return client.post(address, json=content, headers=headers)


def end(client, content, seen, key="fire"):
    return send(client, content, seen, f"/api/coverage/standards/{key}/retire")


def in_force(store, code=LAKE, day=None, key="fire"):
    with store.transaction(system_scope()) as tx:
        return rows.in_force(tx, key, code, day)


def states(client, key="fire", area=COUNTY):
    found = client.get(f"/api/coverage/standards/{key}/history?area={area}").get_json()
    return [(one["version"], one["state"]) for one in found]


def test_a_standard_says_everything_about_itself(browser):
    found = browser("officer").get("/api/coverage/standards").get_json()
    assert len(found) == 1
    one = found[0]
    assert {name: one[name] for name in ("key", "version", "area", "by", "limit", "source")} == {
        "key": "fire",
        "version": 1,
        "area": COUNTY,
        "by": "seconds",
        "limit": 300,
        "source": "test",
    }
    assert one["slider"] == [100, 900]
    assert [(band["key"], band["name"], band["speeds"]) for band in one["bands"]] == [
        ("day", "白天", {"*": 1.0})
    ]
    assert (one["barriers"], one["area_rule"], one["area_type"]) == ([], {}, "any")
    assert (one["valid_from"], one["next"]) == ("2026-01-01", None)


def test_an_edit_is_a_version_that_holds_from_its_day_on(browser, store):
    answer = send(browser("lead"), {**NEW, "scores": "sharp"})
    assert answer.status_code == 201, answer.get_json()
    assert answer.get_json() == {"key": "fire", "area": COUNTY, "version": 2}
    assert in_force(store)["version"] == 1
    day = date.fromisoformat(SOON)
    assert in_force(store, day=day - timedelta(days=1))["version"] == 1
    new = in_force(store, day=day)
    assert (new["max_value"], new["barriers"], new["scores"]) == (240, ["railway"], "sharp")
    assert new["bands"][1]["speeds"] == {"*": 0.7, "primary": 0.5}
    shown = browser("officer").get("/api/coverage/standards").get_json()[0]
    assert shown["next"] == {"version": 2, "valid_from": SOON, "retired": False}
    assert states(browser("officer")) == [(2, "waiting"), (1, "in_force")]


def test_an_edit_leaves_a_trace_with_who_made_it(browser, store):
    send(browser("lead"), NEW)
    with store.transaction(system_scope()) as tx:
        found = tx.one(
            "SELECT subject_id, area_code, payload, user_id FROM event"
            " WHERE kind = 'coverage_standard.changed' ORDER BY seq DESC LIMIT 1"
        )
    assert (found["subject_id"], found["area_code"]) == ("fire", COUNTY)
    assert found["payload"] == {"standard": "fire", "version": 2, "valid_from": SOON}
    history = browser("officer").get(f"/api/coverage/standards/fire/history?area={COUNTY}")
    assert [one["person"] for one in history.get_json()] == ["Lead", None]


def test_a_later_version_that_begins_earlier_leaves_none_in_between(browser, store):
    lead = browser("lead")
    send(lead, {**NEW, "valid_from": LATER})
    assert send(lead, {**NEW, "limit": 270, "valid_from": SOON}, 2).status_code == 201
    assert states(lead) == [(3, "waiting"), (2, "never"), (1, "in_force")]
    assert in_force(store, day=date.fromisoformat(LATER))["version"] == 3


def test_what_somebody_else_has_changed_is_not_overwritten(browser):
    lead = browser("lead")
    assert send(lead, NEW).status_code == 201
    late = send(lead, {**NEW, "limit": 200})
    assert late.status_code == 409
    assert late.get_json()["version"] == 2
    assert send(lead, {**NEW, "limit": 200}, None).status_code == 409
    assert send(lead, {**NEW, "limit": 200}, 3).status_code == 409


def test_the_same_again_is_no_version(browser):
    lead = browser("lead")
    assert send(lead, NEW).status_code == 201
    assert send(lead, NEW, 2).status_code == 409
    assert states(lead) == [(2, "waiting"), (1, "in_force")]


def test_a_township_has_its_own_until_it_ends(browser, store):
    lead = browser("lead")
    own = {**NEW, "area": LAKE, "limit": 400, "valid_from": NEXT}
    assert send(lead, own, None).status_code == 201
    day = date.fromisoformat(NEXT)
    assert in_force(store, LAKE, day)["max_value"] == 400
    assert in_force(store, COUNTY, day)["max_value"] == 300
    assert end(lead, {"area": LAKE, "valid_from": SOON}, 1).status_code == 201
    ended = date.fromisoformat(SOON)
    assert in_force(store, LAKE, ended - timedelta(days=1))["max_value"] == 400
    assert in_force(store, LAKE, ended)["max_value"] == 300
    assert end(lead, {"area": LAKE, "valid_from": SOON}, 2).status_code == 409


def test_a_standard_that_ends_in_the_county_is_gone(browser, store):
    lead = browser("lead")
    assert end(lead, {"area": COUNTY, "valid_from": SOON}, 1).status_code == 201
    assert in_force(store, day=date.fromisoformat(SOON)) is None
    assert in_force(store) is not None
    shown = lead.get("/api/coverage/standards").get_json()[0]
    assert shown["next"] == {"version": 2, "valid_from": SOON, "retired": True}
    assert end(lead, {"area": COUNTY, "valid_from": SOON}, None, key="aed").status_code == 404


@pytest.mark.parametrize(
    ("changed", "places"),
    [
        ({"limit": 0}, ["limit", "slider"]),
        ({"limit": -5}, ["limit", "slider"]),
        ({"limit": 1e6}, ["limit", "slider"]),
        ({"limit": "four minutes"}, ["limit", "slider"]),
        ({"limit": 1000}, ["slider"]),
        ({"slider": [900, 60]}, ["slider"]),
        ({"slider": [60]}, ["slider"]),
        ({"facility_kinds": []}, ["facility_kinds"]),
        ({"facility_kinds": ["castle"]}, ["facility_kinds"]),
        ({"facility_kinds": ["aed", "aed"]}, ["facility_kinds"]),
        ({"profile": "fly", "scores": "steep"}, ["profile", "scores"]),
        ({"direction": "sideways"}, ["direction"]),
        ({"by": "furlongs"}, ["by"]),
        ({"area_type": "sea"}, ["area_type"]),
        ({"barriers": ["wall"]}, ["barriers"]),
        ({"barriers": ["river", "river"]}, ["barriers"]),
        ({"profile": "walk"}, ["barriers"]),
        ({"bands": []}, ["bands"]),
        ({"bands": [DAY, DAY]}, ["bands"]),
        ({"bands": [{**DAY, "speeds": {}}]}, ["bands.0.speeds"]),
        ({"bands": [{**DAY, "speeds": {"primary": 1.0}}]}, ["bands.0.speeds"]),
        ({"bands": [{**DAY, "speeds": {"*": 0}}]}, ["bands.0.speeds.*"]),
        ({"bands": [DAY, {**RAIN, "speeds": {"*": 3.1}}]}, ["bands.1.speeds.*"]),
        ({"bands": [{**DAY, "speeds": {"*": 1.0, "Primary!": 1.0}}]}, ["bands.0.speeds"]),
        ({"bands": [DAY] * 7}, ["bands"]),
        ({"by": "metres"}, ["bands"]),
        ({"area_rule": {"1": 0}}, ["area_rule.1"]),
        ({"area_rule": {"Level 1": 7}}, ["area_rule"]),
        ({"source": ""}, ["source"]),
        ({"name_zh": " "}, ["name_zh"]),
        ({"valid_from": "2026-01-01"}, ["valid_from"]),
        ({"valid_from": "2999-01-01"}, ["valid_from"]),
        ({"valid_from": "2026-02-30"}, ["valid_from"]),
        ({"version": 9}, ["version"]),
    ],
)
def test_what_is_no_standard_is_refused_by_its_place(browser, changed, places):
    lead = browser("lead")
    answer = send(lead, {**NEW, **changed})
    assert answer.status_code == 400, answer.get_json()
    found = {fault["place"] for fault in answer.get_json()["faults"]}
    assert found <= set(places)
    assert found
    assert states(lead) == [(1, "in_force")]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e400"])
def test_a_limit_that_is_no_number_is_refused(browser, text):
    lead = browser("lead")
    body = str({**NEW, "limit": 1}).replace("'", '"').replace("False", "false")
    answer = post(
        lead, "/api/coverage/standards", body.replace('"limit": 1', f'"limit": {text}').encode()
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["officer", "planner", "commander", "member", "auditor"])
def test_only_the_planning_lead_edits(browser, name):
    assert send(browser(name), NEW).status_code == 403
    assert end(browser(name), {"area": COUNTY, "valid_from": SOON}, 1).status_code == 403


def test_nobody_edits_elsewhere(browser):
    lead = browser("lead")
    assert send(lead, {**NEW, "area": OTHER}, None).status_code == 404
    assert end(lead, {"area": OTHER, "valid_from": SOON}, 1).status_code == 404
    assert lead.get(f"/api/coverage/standards/fire/history?area={OTHER}").status_code == 404
    assert lead.get("/api/coverage/standards/aed/history").status_code == 404


def test_a_version_is_never_rewritten_not_even_by_hand(store):
    with (
        pytest.raises(Exception, match="never changed") as caught,
        store.transaction(system_scope()) as tx,
    ):
        tx.execute("UPDATE coverage_standard SET max_value = 1")
    assert isinstance(caught.value.__cause__ or caught.value.orig, psycopg2.Error)


def test_a_new_county_gets_every_standard_once(store):
    with store.transaction(system_scope()) as tx:
        assert coverage_standards.start(tx, OTHER) == [one.key for one in SEEDS]
        assert coverage_standards.start(tx, OTHER) == []


def test_an_old_county_gets_what_it_lacks_and_the_new_wording_of_what_nobody_edited(store, people):
    with store.transaction(system_scope()) as tx:
        made = coverage_standards.start(tx, COUNTY)
        fire = rows.in_force(tx, "fire", COUNTY)
    assert set(made) == {one.key for one in SEEDS}
    assert (fire["version"], fire["barriers"]) == (2, ["motorway", "railway", "river"])
    with store.transaction(Scope((COUNTY,), people["lead"], "r")) as tx:
        seed = next(one for one in SEEDS if one.key == "police")
        assert rows.insert(tx, COUNTY, 2, seed, retired=True)
    with store.transaction(system_scope()) as tx:
        assert coverage_standards.start(tx, COUNTY) == []
        assert rows.in_force(tx, "police", COUNTY) is None


def test_two_at_once_do_not_both_win(store, people):
    viewer = Viewer(people["lead"], "lead", "Lead", "en", False, ())
    scope = Scope((COUNTY,), viewer.id, "r")
    seed = next(one for one in SEEDS if one.key == "fire")
    with store.transaction(scope) as tx:
        assert rows.insert(tx, COUNTY, 2, seed)
    with store.transaction(scope) as tx:
        assert not rows.insert(tx, COUNTY, 2, seed)


def test_every_seed_would_be_taken_from_a_person(browser):
    lead = browser("lead")
    for one in SEEDS:
        said = one.said()
        content = {
            "area": LAKE,
            "key": one.key,
            "by": said.pop("measure"),
            "limit": said.pop("max_value"),
            "slider": [said.pop("slider_min"), said.pop("slider_max")],
            "valid_from": SOON,
            **said,
        }
        answer = send(lead, content, None)
        assert answer.status_code == 201, (one.key, answer.get_json())
