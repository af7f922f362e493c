"""Finding one another: by rights, masked else, of children only by an officer, always recorded."""

from __future__ import annotations

import pytest
from test_call_outs import active, all_of, change, home, put, value  # noqa: F401 - a fixture
from webtown import post


def search(client, plan_id, name="王小明", **more):
    body = {"name": name, "purpose": "family", **more}
    return post(client, f"/api/plans/{plan_id}/search", body)


@pytest.fixture
def arrived(store, browser, active):  # noqa: F811
    answer = put(browser("member"), active, home(store), "arrived", place="shelter")
    assert answer.status_code == 201
    return active


def only(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (found,) = answer.get_json()["items"]
    return found


def test_who_may_read_learns_where_they_are_and_leaves_a_trace(store, browser, arrived):
    found = only(search(browser("officer"), arrived))
    assert (found["name"], found["shelter"], found["place"]) == ("王小明", "中学", "shelter")
    assert (found["people"], found["address"]) == (3, "湖边路1号1单元101室")
    (trace,) = all_of(
        store,
        "SELECT e.payload, u.name FROM event e JOIN app_user u ON u.id = e.user_id"
        " WHERE e.kind = 'reunification.searched' AND e.payload ->> 'plan' = :plan",
        plan=str(arrived),
    )
    assert (trace["name"], trace["payload"]["purpose"]) == ("officer", "family")
    assert (trace["payload"]["rows"], trace["payload"]["personal"]) == (1, True)
    assert "王" not in str(trace["payload"])


def test_whoever_may_not_read_sees_a_mask(browser, arrived):
    found = only(search(browser("commander"), arrived))
    assert (found["name"], found["address"], found["masked"]) == ("王某", None, True)
    assert found["shelter"] == "中学"


def test_a_member_finds_people_of_their_own_grid(browser, arrived):
    assert only(search(browser("member"), arrived))["name"] == "王小明"
    assert search(browser("member"), arrived, "赵六").get_json()["items"] == []
    assert only(search(browser("officer"), arrived, "赵六"))["state"] == "waiting"
    other = search(browser("officer"), arrived, "赵六", grid="990101001001001")
    assert other.get_json()["items"] == []


def test_of_children_only_an_officer_tells(store, browser, arrived):
    change(
        store,
        "INSERT INTO household_need (household_id, area_code, kind, people)"
        " SELECT id, area_code, 'infant', 1 FROM household WHERE source_key = 'h1'",
    )
    hidden = only(search(browser("member"), arrived))
    assert hidden["ask_officer"] is True
    for name in ("place", "shelter", "state", "state_at", "people", "address"):
        assert hidden[name] is None, name
    assert only(search(browser("officer"), arrived))["shelter"] == "中学"
    change(store, "DELETE FROM household_need WHERE kind = 'infant'")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "王", "purpose": "family"},
        {"name": "王小明", "purpose": "curious"},
        {"name": "王小明"},
        {"purpose": "family"},
    ],
)
def test_a_search_says_whom_and_why(browser, arrived, body):
    assert post(browser("officer"), f"/api/plans/{arrived}/search", body).status_code == 400


def test_others_do_not_search(browser, arrived):
    assert search(browser("stranger"), arrived).status_code == 404
    assert search(browser("planner"), arrived).status_code == 403
