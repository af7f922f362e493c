"""Households: masked by role and area, and every reading leaves a trace."""

import pytest
from webtown import post

from gridmap.model.access import Scope, system_scope
from gridmap.services import masking


def household(store, key):
    with store.transaction(system_scope()) as tx:
        return tx.one("SELECT * FROM household WHERE source_key = :key", key=key)


def events(store, kind):
    with store.transaction(system_scope()) as tx:
        return tx.all(
            "SELECT subject_id, user_id, area_code, payload FROM event WHERE kind = :kind"
            " ORDER BY seq",
            kind=kind,
        )


def detail(browser, name, store, key):
    answer = browser(name).get(f"/api/households/{household(store, key)['id']}")
    assert answer.status_code == 200
    return answer.get_json()


def test_officer_sees_the_household_in_hand(browser, store):
    found = detail(browser, "officer", store, "h1")
    assert found["householder"] == "王小明"
    assert found["phone"] == "13812345678"
    assert [(each["kind"], each["people"]) for each in found["needs"]] == [("wheelchair", 1)]
    assert found["point"] == [114.4042, 30.5101]
    assert found["masked"] is False


def test_identity_number_is_whole_for_a_purpose_only(browser, store):
    assert detail(browser, "officer", store, "h1")["id_number"] == "**************123X"
    path = f"/api/households/{household(store, 'h1')['id']}?purpose="
    for name, purpose, number in (
        ("officer", "visit", "**************123X"),
        ("officer", "correction", "11010119900101123X"),
        ("member", "correction", "11010119900101123X"),
        ("planner", "correction", "**************123X"),
    ):
        found = browser(name).get(path + purpose)
        assert found.get_json()["id_number"] == number, (name, purpose)
        payload = events(store, "household.read")[-1]["payload"]
        assert payload["purpose"] == purpose
        assert payload.get("id_number", False) is not number.startswith("*")
    assert browser("officer").get(path + "emergency").status_code == 403
    assert browser("officer").get(path + "curiosity").status_code == 400


@pytest.mark.parametrize("name", ["planner", "commander", "lead"])
def test_others_see_where_and_how_many(browser, store, name):
    found = detail(browser, name, store, "h1")
    assert found["householder"] == "王某"
    assert found["phone"] == "138******78"
    assert found["needs"] is None
    assert found["registered_at"] is None
    assert found["masked"] is True
    assert found["people"] == 3


def test_member_sees_own_grid_only(browser, store):
    assert detail(browser, "member", store, "h1")["householder"] == "王小明"
    for key in ("h3", "h4", "h5"):
        row = household(store, key)
        assert browser("member").get(f"/api/households/{row['id']}").status_code == 404


def test_reading_leaves_a_trace(browser, store, people):
    before = len(events(store, "household.read"))
    detail(browser, "officer", store, "h2")
    traces = events(store, "household.read")
    assert len(traces) == before + 1
    assert traces[-1] == {
        "subject_id": str(household(store, "h2")["id"]),
        "user_id": people["officer"],
        "area_code": "990101001001001",
        "payload": {"personal": True, "purpose": "view"},
    }


def test_reading_a_list_with_needs_leaves_a_trace(browser, store):
    with store.transaction(system_scope()) as tx:
        plan = tx.value("SELECT min(id) FROM plan WHERE area_code = '990101'")
    for path in ("/api/households", f"/api/plans/{plan}/assignments"):
        before = len(events(store, "household.listed"))
        assert browser("planner").get(path).status_code == 200
        assert len(events(store, "household.listed")) == before  # it showed no needs
        assert browser("officer").get(path).status_code == 200
        traces = events(store, "household.listed")
        assert len(traces) == before + 1
        assert traces[-1]["payload"]["rows"] > 0


def test_layer_has_no_names_and_needs_only_by_right(browser):
    for name, needs in (("officer", ["wheelchair"]), ("planner", None)):
        answer = browser(name).get("/api/households?limit=1")
        text = answer.get_data(as_text=True)
        assert "王小明" not in text
        assert "138" not in text.partition('"features"')[2]
        assert answer.get_json()["features"][0]["properties"]["needs"] == needs


def test_answers_about_people_are_not_kept(browser, store):
    row = household(store, "h1")
    answer = browser("officer").get(f"/api/households/{row['id']}")
    assert answer.headers["Cache-Control"] == "no-store"
    listed = browser("officer").get("/api/households")
    assert listed.headers["Cache-Control"] == "no-store"
    again = browser("officer").get(
        "/api/households", headers={"If-None-Match": listed.headers["ETag"]}
    )
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-store")


def test_unplaced_are_listed_with_their_reason(browser):
    found = browser("planner").get("/api/households/unplaced").get_json()
    assert found["total"] == 2
    assert [each["reason"] for each in found["households"]] == ["no_building", "no_building"]
    assert found["households"][0]["community"] == "湖一"
    first = browser("planner").get("/api/households/unplaced?limit=1").get_json()
    rest = browser("planner").get(f"/api/households/unplaced?cursor={first['cursor']}").get_json()
    assert first["households"] + rest["households"] == found["households"]
    assert browser("member").get("/api/households/unplaced").get_json()["total"] == 0


def test_placing_by_hand_counts_the_household_into_its_grid(browser, store):
    row = household(store, "h6")
    point = {"type": "Point", "coordinates": [114.4148, 30.5102]}
    answer = post(browser("planner"), f"/api/households/{row['id']}/place", {"geometry": point})
    assert answer.status_code == 200, answer.data
    assert answer.get_json()["grid"] == "990101001001002"
    placed = household(store, "h6")
    assert (placed["placed_by"], placed["unplaced_reason"]) == ("hand", None)
    assert placed["area_code"] == "990101001001002"
    with store.transaction(system_scope()) as tx:
        grid = tx.one("SELECT households, people FROM grid WHERE code = '990101001001002'")
    assert grid == {"households": 2, "people": 7}
    assert events(store, "household.placed")[-1]["subject_id"] == str(row["id"])


def test_placing_in_a_building(browser, store):
    row = household(store, "h7")
    found = browser("planner").get("/api/buildings/at?lon=114.4302&lat=30.5101").get_json()
    assert found["building"]["address"] == "山边路1号"
    answer = post(
        browser("planner"),
        f"/api/households/{row['id']}/place",
        {"building": found["building"]["id"]},
    )
    assert answer.status_code == 200, answer.data
    assert household(store, "h7")["building_id"] == found["building"]["id"]
    assert browser("planner").get("/api/buildings/at?lon=114.1&lat=30.1").get_json() == {
        "building": None
    }


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        ({}, 400, "body"),
        ({"building": 1, "geometry": {"type": "Point", "coordinates": [114.4, 30.5]}}, 400, "body"),
        ({"geometry": {"type": "Point", "coordinates": [30.5, 114.4]}}, 400, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [0, 0]}}, 400, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [None, None]}}, 400, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": ["114.4", "30.5"]}}, 400, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [114.9, 30.9]}}, 400, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [114.38, 30.51]}}, 400, "geometry"),
        ({"building": 999999}, 404, None),
        ({"building": -1}, 400, "building"),
        ({"building": 1, "x": 1}, 400, "x"),
    ],
)
def test_bad_places_change_nothing(browser, store, body, status, place):
    row = household(store, "h3")
    answer = post(browser("planner"), f"/api/households/{row['id']}/place", body)
    assert answer.status_code == status, answer.data
    if place is not None:
        assert answer.get_json()["faults"][0]["place"] == place
    assert household(store, "h3") == row


def test_masks():
    assert masking.mask_name("欧阳修") == "欧某"
    assert masking.mask_name(None) is None
    assert masking.mask_phone("12345") == "****"
    assert masking.mask_phone("") is None
    assert masking.mask_number("123456789012345678") == "**************5678"
    assert masking.mask_number("12345") == "****"
    assert masking.mask_number(None) is None


def test_no_context_means_no_households(store):
    with store.transaction(Scope()) as tx:
        assert tx.value("SELECT count(*) FROM household") == 0
