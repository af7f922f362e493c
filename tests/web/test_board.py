"""The board: every household on one list, shelters that fill, and a second evacuation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from test_call_outs import (  # noqa: F401 - fixtures by their names
    active,
    all_of,
    board,
    call_out,
    change,
    drafted,
    home,
    order,
    put,
    say,
    value,
)
from test_volunteers import called, club, link, press  # noqa: F401 - fixtures by their names
from webtown import visitor

LISTS = ("unheard", "refused", "not_found", "answered", "departed", "arrived", "relatives", "home")
_OTHER = (
    "INSERT INTO hazard (area_code, kind, name, severity, geom, exercise)"
    " SELECT area_code, kind, '另一处', severity, geom, :exercise FROM hazard"
    " WHERE area_code = '990101' ORDER BY id LIMIT 1 RETURNING id"
)
STEPS = {
    "refused": [("refused", {"reason": "要看家"})],
    "not_found": [("not_found", {})],
    "answered": [("answered", {})],
    "departed": [("departed", {})],
    "arrived": [("arrived", {"place": "shelter"})],
    "relatives": [("departed", {}), ("arrived", {"place": "relatives"})],
}


def listed(browser, plan_id, name, part=""):
    found = board(browser, plan_id, part=f"?list={name}{part}")
    return found, [each["household"] for each in found["listed"]]


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_household_is_on_one_list_and_they_add_up(store, browser, active, name):  # noqa: F811
    officer, here = browser("officer"), home(store)
    for kind, more in STEPS[name]:
        assert put(officer, active, here, kind, **more).status_code == 201
    seen = []
    for each in LISTS:
        found, homes = listed(browser, active, each)
        assert len(homes) == found["lists"][each], each
        seen += homes
    assert sorted(seen) == sorted({home(store, key) for key in ("h1", "h2", "h3")})
    assert sum(found["lists"][each] for each in LISTS) == found["totals"]["households"] == 3
    found, homes = listed(browser, active, name)
    assert homes == [here]
    assert len(listed(browser, active, "all")[1]) == 3
    if name == "refused":
        assert found["listed"][0]["said"] == "要看家"
    assert found["listed"][0]["point"] is not None
    # and of one grid alone; the answer says which list and grid it is of
    part = "&grid=990101001001002"
    assert (found["list"], found["grid"]) == (name, None)
    found, homes = listed(browser, active, "all", part)
    assert (found["list"], found["grid"]) == ("all", "990101001001002")
    assert len(homes) == sum(found["lists"][each] for each in LISTS) == 1


def test_who_waits_for_a_hand_is_on_a_list_of_their_own_as_well(store, browser, active):  # noqa: F811
    officer, here = browser("officer"), home(store)
    put(officer, active, here, "answered")
    put(officer, active, here, "help")
    found, homes = listed(browser, active, "help")
    assert (found["lists"]["help"], homes) == (1, [here])
    assert here in listed(browser, active, "answered")[1]
    put(officer, active, here, "departed")
    assert listed(browser, active, "help")[1] == []


def test_there_is_no_list_of_another_name(browser, active):  # noqa: F811
    assert browser("officer").get(f"/api/plans/{active}/board?list=late").status_code == 400


def test_a_list_shows_no_more_than_its_reader_may_know(store, browser, active):  # noqa: F811
    put(browser("officer"), active, home(store), "refused", reason="身体不便")
    (row,) = board(browser, active, "planner", "?list=refused")["listed"]
    assert (row["said"], row["name"], row["phone"]) == (None, None, None)


@pytest.mark.parametrize("real", [True, False])
def test_a_full_shelter_makes_the_plan_stale_until_a_newer_one_knows(store, people, browser, real):
    change(store, "DELETE FROM call_out")
    hazard = value(store, _OTHER, exercise=not real)
    plan_id = drafted(store, people, hazard=hazard)
    order(browser, plan_id, "approve")
    order(browser, plan_id, "activate")
    officer = browser("officer")
    shelter = value(store, "SELECT id FROM facility WHERE source_key = 'f2'")
    head = officer.get(f"/api/plans/{plan_id}").get_json()
    assert (head["stale"], head["changed"]) == (False, [])
    assert say(officer, plan_id, shelter, state="full").status_code == 200
    head = officer.get(f"/api/plans/{plan_id}").get_json()
    assert (head["stale"], head["changed"]) == (True, ["shelter"])
    # a draft made now has seen it
    newer = drafted(store, people, unserved=(), hazard=hazard)
    waiting = {"id": newer, "state": "drafted", "version": 2}
    assert board(browser, plan_id)["plan"]["newer"] == waiting
    order(browser, newer, "approve")
    order(browser, newer, "activate")
    assert officer.get(f"/api/plans/{newer}").get_json()["stale"] is False
    # and what was said at the door still holds
    found = board(browser, plan_id)
    assert [each["state"] for each in found["shelters"]] == ["full"]
    assert found["plan"]["newer"] is None
    assert say(officer, newer, shelter, state="open").status_code == 200
    assert officer.get(f"/api/plans/{newer}").get_json()["changed"] == ["shelter"]
    order(browser, newer, "close")
    change(store, "UPDATE hazard SET state = 'lifted', lifted_at = now() WHERE id = :id", id=hazard)


def opened(store, plan_id):
    change(
        store,
        "INSERT INTO plan_return (plan_id, area_code, asked_by, hold_until, opened_by, opened_at)"
        " SELECT p.id, p.area_code, a.id, DATE '2026-01-01', o.id, now() FROM plan AS p,"
        " app_user AS a, app_user AS o WHERE p.id = :id AND a.name = 'officer'"
        " AND o.name = 'commander'",
        id=plan_id,
    )


def test_a_second_evacuation_wakes_who_is_home_again(store, people, browser, active):  # noqa: F811
    officer = browser("officer")
    homes = [home(store, key) for key in ("h1", "h2", "h3")]
    for each in homes:
        assert put(officer, active, each, "arrived", place="relatives").status_code == 201
    opened(store, active)
    code = call_out(store, homes[0])["code"]
    for each in homes[:2]:
        assert put(officer, active, each, "home").get_json()["clash"] is False
    order(browser, active, "close")
    second = drafted(store, people, unserved=())
    order(browser, second, "approve")
    order(browser, second, "activate")
    found = board(browser, second, part="?list=unheard")
    assert sorted(each["household"] for each in found["listed"]) == sorted(homes[:2])
    assert found["totals"]["households"] == 3
    # who never came home is still where they were
    assert found["lists"]["relatives"] == 1
    rows = all_of(
        store,
        "SELECT plan_id, state, code, home_at IS NOT NULL AS home FROM call_out"
        " WHERE household_id = :id ORDER BY id",
        id=homes[0],
    )
    assert [(row["plan_id"], row["state"], row["home"]) for row in rows] == [
        (active, "arrived", True),
        (second, "waiting", False),
    ]
    assert [row["code"] for row in rows] == [None, code], "the sheet's code is of who is called now"
    # a tablet that was away sends a step of the first time: it stays there
    late = put(officer, active, homes[0], "home", at=datetime.now(UTC).isoformat())
    assert late.get_json()["plan"] == active
    assert put(officer, second, homes[0], "answered").get_json()["state"] == "answered"
    assert put(officer, second, homes[1], "home").get_json()["clash"] is True


def test_everybody_home_ends_the_roll_call_on_the_tablets(store, browser, active):  # noqa: F811
    officer = browser("officer")
    for key in ("h1", "h2", "h3"):
        put(officer, active, home(store, key), "arrived", place="shelter")
    opened(store, active)
    plans = {each["id"] for each in officer.get("/api/call-outs").get_json()["plans"]}
    assert active in plans
    for key in ("h1", "h2", "h3"):
        put(officer, active, home(store, key), "home")
    plans = {each["id"] for each in officer.get("/api/call-outs").get_json()["plans"]}
    assert active not in plans


def test_the_pages_of_an_emergency_lead_to_one_another(store, browser, active):  # noqa: F811
    hazard = value(store, "SELECT hazard_id FROM plan WHERE id = :id", id=active)
    change(store, "DELETE FROM response WHERE hazard_id = :id", id=hazard)
    response = value(
        store,
        "INSERT INTO response (area_code, kind, matter, level, expected_until, measures, tier,"
        " exercise, hazard_id, started_by, leader_id) SELECT '990101', h.kind, '响应', 2,"
        " now() + interval '1 day', '转移', 'county', h.exercise, h.id, u.id, u.id"
        " FROM hazard AS h, app_user AS u WHERE h.id = :id AND u.name = 'officer' RETURNING id",
        id=hazard,
    )
    officer = browser("officer")
    ways = {
        f"/plans/{active}": (f"/plans/{active}/board", f"/responses/{response}"),
        f"/plans/{active}/board": (f"/plans/{active}", f"/map?hazard={hazard}"),
        f"/responses/{response}": (f"/plans/{active}", f"/plans/{active}/board"),
        f"/responses/{response}/after": (f"/responses/{response}", f"/plans/{active}/board"),
    }
    for page, others in ways.items():
        text = officer.get(page).get_data(as_text=True)
        nav = text[text.index('class="chain"') : text.index("</nav>", text.index('class="chain"'))]
        for other in others:
            assert f'href="{other}"' in nav, (page, other)
        assert f"/responses/{response}/after" not in nav, "no review before the end"
    change(
        store,
        "UPDATE response SET state = 'ended', ended_at = now(), ended_by = started_by"
        " WHERE id = :id",
        id=response,
    )
    assert f'href="/responses/{response}/after"' in officer.get(f"/plans/{active}").get_data(
        as_text=True
    )


@pytest.mark.parametrize("exercise", [True, False])
def test_the_link_of_a_volunteer_is_never_taken_for_the_real_thing(
    browser,
    store,
    club,  # noqa: F811
    app,
    exercise,
):
    address = link(store, called(browser("officer"), exercise=exercise))
    page = visitor(app).get(address).get_data(as_text=True)
    assert ('id="exercise-band"' in page) is True
    assert ('class="is-drill"' in page) is exercise
    assert ('note" hidden' in page) is not exercise
    assert "banner warn" not in page, "the colour of an emergency"
    again = press(visitor(app), address, "come")
    assert again.status_code == 200
    late = press(visitor(app), address, "cannot").get_data(as_text=True)
    assert ("banner warn" in late) is not exercise
