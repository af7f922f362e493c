"""A facility is opened, closed and staffed by who may, in their area, on what they have read."""

import pytest
from webtown import COUNTY, post, token_of

from gridmap.model.access import system_scope

HOURS = [{"days": [1, 2, 3, 4, 5], "from": "08:00", "to": "17:30"}]
NIGHT = [{"days": [6, 7], "from": "20:00", "to": "06:00"}]


@pytest.fixture
def station(store):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE facility SET open = true, crew = NULL, level = NULL, hours = NULL,"
            " capacity = NULL, closed_why = NULL, closed_until = NULL, retired_at = NULL,"
            " revision = 1 WHERE kind = 'fire_station' AND area_code = :code",
            code=COUNTY,
        )
        return tx.value(
            "SELECT id FROM facility WHERE kind = 'fire_station' AND area_code = :code", code=COUNTY
        )


def send(client, number, content, seen=1):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{seen}"'}
    return client.post(f"/api/facilities/{number}", json=content, headers=headers)


def shown(client, number):
    features = client.get("/api/facilities").get_json()["features"]
    return next(one["properties"] for one in features if one["properties"]["id"] == number)


@pytest.mark.parametrize("name", ["officer", "commander", "planner", "lead"])
def test_a_facility_says_what_it_can_answer(browser, station, name):
    client = browser(name)
    answer = send(client, station, {"crew": "一中队", "level": "1", "hours": HOURS})
    assert answer.status_code == 200, answer.get_json()
    assert answer.headers["ETag"] == '"2"'
    found = shown(client, station)
    assert (found["crew"], found["level"], found["hours"]) == ("一中队", "1", HOURS)
    assert (found["open"], found["revision"]) == (True, 2)
    # what is not named stays
    assert send(client, station, {"open": False}, 2).get_json()["crew"] == "一中队"
    assert send(client, station, {"hours": None}, 3).get_json()["hours"] is None
    assert send(client, station, {"hours": NIGHT}, 4).get_json()["hours"] == NIGHT


def test_an_edit_leaves_a_trace_and_nothing_else_does(browser, store, station):
    client = browser("officer")

    def trace():
        with store.transaction(system_scope()) as tx:
            return tx.all(
                "SELECT subject_id, payload FROM event WHERE kind = 'facility.changed' ORDER BY seq"
            )

    before = trace()
    assert send(client, station, {"open": True}).get_json()["revision"] == 1
    assert trace() == before
    send(client, station, {"open": False})
    last = trace()[-1]
    assert last["subject_id"] == str(station)
    assert last["payload"] == {"facility": station, "kind": "fire_station", "fields": ["open"]}
    with store.transaction(system_scope()) as tx:
        asked = tx.value("SELECT count(*) FROM job WHERE kind = 'coverage.refresh'")
    assert asked == 1  # what hangs on it is computed anew; one job for several edits


def test_who_has_not_read_the_last_state_is_told(browser, station):
    client = browser("officer")
    assert send(client, station, {"open": False}).status_code == 200
    late = send(client, station, {"crew": "二中队"})
    assert late.status_code == 409
    assert late.get_json()["version"] == 2
    assert post(client, f"/api/facilities/{station}", {"open": True}).status_code == 428


def test_a_facility_elsewhere_is_not_there(browser, station):
    for name in ("hill", "stranger"):
        assert send(browser(name), station, {"open": False}).status_code == 404
    for name in ("member", "unit", "auditor", "admin"):
        assert send(browser(name), station, {"open": False}).status_code == 403


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"open": "no"}, "open"),
        ({"crew": ""}, "crew"),
        ({"crew": "x" * 81}, "crew"),
        ({"level": "Level One"}, "level"),
        ({"capacity": -1}, "capacity"),
        ({"capacity": 2_000_000}, "capacity"),
        ({"hours": "always"}, "hours"),
        ({"hours": [{"days": [], "from": "08:00", "to": "09:00"}]}, "hours.1.days"),
        ({"hours": [{"days": [0], "from": "08:00", "to": "09:00"}]}, "hours.1.days"),
        ({"hours": [{"days": [1, 1], "from": "08:00", "to": "09:00"}]}, "hours.1.days"),
        ({"hours": [{"days": [1], "from": "8:00", "to": "09:00"}]}, "hours.1.from"),
        ({"hours": [{"days": [1], "from": "08:00", "to": "24:01"}]}, "hours.1.to"),
        ({"hours": [{"days": [1], "from": "08:00", "to": "08:00"}]}, "hours.1.to"),
        ({"hours": [{"days": [1], "from": "08:00"}]}, "hours.1.to"),
        ({"hours": ["always"]}, "hours.1"),
        ({"hours": [{"days": [1], "from": 8, "to": "09:00"}]}, "hours.1.from"),
        ({"hours": [{"days": [1], "from": "08:00", "to": "09:00", "x": 1}]}, "hours.1.x"),
        ({"crew": "\u200b"}, "crew"),
        ({"crew": "一中队\u200b"}, "crew"),
        ({"open": False, "closed_until": "2030-01-01T00:00:00"}, "closed_until"),
        ({"kind": "moon_base"}, "kind"),
        ({"kind": "shelter"}, "kind"),
        ({"name": None}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"at": [114.4]}, "at"),
        ({"at": [214.4, 30.5]}, "at.0"),
        ({"at": [10.0, 10.0]}, "at"),
        ({"closed_why": "在修"}, "closed_why"),
        ({"open": False, "closed_until": "2020-01-01T00:00:00+08:00"}, "closed_until"),
        ({"open": False, "closed_until": "2120-01-01T00:00:00+08:00"}, "closed_until"),
        ({"open": False, "closed_why": "x" * 201}, "closed_why"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_place(browser, station, changed, place):
    answer = send(browser("officer"), station, changed)
    assert answer.status_code == 400
    assert [fault["place"] for fault in answer.get_json()["faults"]] == [place]


def test_a_shelter_keeps_its_capacity_in_its_own_table(browser, store, station):  # noqa: ARG001
    with store.transaction(system_scope()) as tx:
        shelter = tx.one(
            "SELECT f.id, f.revision, s.capacity FROM facility AS f"
            " JOIN shelter AS s ON s.facility_id = f.id WHERE f.area_code = :code LIMIT 1",
            code=COUNTY,
        )
    client = browser("officer")
    answer = send(client, shelter["id"], {"capacity": 77}, shelter["revision"])
    assert answer.get_json()["capacity"] == 77
    assert shown(client, shelter["id"])["capacity"] == 77
    refused = send(client, shelter["id"], {"capacity": None}, answer.get_json()["revision"])
    assert refused.status_code == 400
    with store.transaction(system_scope()) as tx:
        stored = tx.value("SELECT capacity FROM facility WHERE id = :id", id=shelter["id"])
        held = tx.value("SELECT capacity FROM shelter WHERE facility_id = :id", id=shelter["id"])
    assert (stored, held) == (None, 77)
