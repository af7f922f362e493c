"""Bad input, other areas, two planners at once: refused with the place, nothing left half done."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from scenario_steps import (
    ACROSS,
    COMMUNITY,
    EAST,
    WEST,
    done,
    line,
    opened,
    operate,
    shapes,
    shared_arc,
    value,
)
from webtown import COUNTY, HILL, OTHER, post, sign_in

BEND = line((114.41, 30.50), (114.412, 30.51), (114.41, 30.52))


@pytest.fixture
def address(browser):
    return opened(browser("planner"))


def refused(client, address, kind, **fields):
    """The faults of an operation that is refused, which leaves the scenario as it was."""
    before = client.get(address).get_json()
    answer = operate(client, address, before["version"], kind, **fields)
    assert answer.status_code == 400, answer.get_json()
    after = client.get(address).get_json()
    assert (after["version"], after["undo"]) == (before["version"], before["undo"])
    found = answer.get_json()
    assert found["faults"]
    return found


def test_lines_the_ground_does_not_allow_are_named_with_their_place(browser, address):
    planner = browser("planner")
    arc = shared_arc(planner, address)

    def move(*points):
        return refused(planner, address, "move_edge", arc=arc, line=line(*points))

    start, end = (114.41, 30.50), (114.41, 30.52)
    crossing = move(start, (114.412, 30.512), (114.412, 30.508), (114.408, 30.512), end)
    assert crossing["kind"] == "crosses_itself"
    assert crossing["point"][0] == pytest.approx(114.41, abs=0.003)
    assert crossing["faults"][0]["place"] == "line"
    assert move(start, (114.425, 30.51), end)["kind"] == "leaves"
    assert move(start, (114.41, 30.515))["kind"] == "ends_elsewhere"
    assert (
        move(start, (114.40000001, 30.5000001), (114.40000001, 30.5199999), end)["kind"] == "sliver"
    )
    scribble = [(114.41 + 1e-5 * (n % 2), 30.50 + n * 2e-6) for n in range(10_001)]
    refused(planner, address, "move_edge", arc=arc, line=line(*scribble))
    misses = refused(
        planner, address, "split", grid=WEST, line=line((114.43, 30.50), (114.43, 30.51))
    )
    assert misses["kind"] == "misses"
    inside = line((114.399, 30.51), (114.405, 30.51))
    assert refused(planner, address, "split", grid=WEST, line=inside)["kind"] == "ends_elsewhere"
    strip = line((114.399, 30.500001), (114.411, 30.500001))
    assert refused(planner, address, "split", grid=WEST, line=strip)["kind"] == "sliver"


@pytest.mark.parametrize(
    ("kind", "fields", "place"),
    [
        ("move_edge", {}, "arc"),
        ("move_edge", {"arc": "x~y~z", "line": BEND}, "arc"),
        ("move_edge", {"arc": "~~~~", "line": BEND}, "arc"),
        ("move_edge", {"arc": f"{WEST}~{EAST}~00", "line": {"type": "Point"}}, "line"),
        ("move_edge", {"arc": f"{WEST}~{EAST}~00", "line": BEND}, "arc"),
        ("split", {"grid": WEST}, "line"),
        ("split", {"grid": WEST, "line": ACROSS, "parts": 2}, "line"),
        ("split", {"grid": "990101002001001", "line": ACROSS}, "grid"),
        ("split", {"grid": WEST, "parts": 51}, "parts"),
        ("split", {"grid": WEST, "parts": 7}, "parts"),
        ("split", {"grid": "'; DROP TABLE grid", "parts": 2}, "grid"),
        ("merge", {"grids": [WEST]}, "grids"),
        ("merge", {"grids": [WEST, WEST]}, "grids"),
        ("merge", {"grids": [WEST, "n99"]}, "grid"),
        ("hand_over", {"blocks": [], "to": WEST}, "blocks"),
        ("hand_over", {"blocks": [999999], "to": WEST}, "blocks"),
        ("hand_over", {"blocks": ["1"], "to": WEST}, "blocks.0"),
        ("rename", {"grid": WEST, "name": "x" * 81}, "name"),
        ("rename", {"grid": WEST}, "name"),
        ("undo", {"grid": WEST}, "grid"),
        ("dissolve", {}, "kind"),
        ("merge", {"grids": [WEST, EAST], "extra": 1}, "extra"),
    ],
)
def test_operations_that_are_none(browser, address, kind, fields, place):
    found = refused(browser("planner"), address, kind, **fields)
    assert found["faults"][0]["place"] == place, found


def test_versions_that_are_none(browser, address):
    planner = browser("planner")
    for base in (1, 2**31, -1, "0", None, 0.5):
        answer = operate(planner, address, base, "rename", grid=WEST, name="a")
        assert answer.status_code == 400, base
    assert operate(planner, address, 0, "undo").status_code == 409


def test_openings_that_are_none(browser):
    planner = browser("planner")
    for area, status in (
        ("990101009", 404),
        (OTHER, 404),
        (WEST, 400),
        ("99", 400),
        (COUNTY + "x", 400),
    ):
        assert post(planner, "/api/scenarios", {"area": area, "name": "x"}).status_code == status
    for name in ("", "   ", "x" * 81, None, 1, "a\x00b"):
        answer = post(planner, "/api/scenarios", {"area": COMMUNITY, "name": name})
        assert answer.status_code == 400, name
    assert planner.get("/api/scenarios/0").status_code == 404
    assert planner.get("/api/scenarios/abc").status_code == 400


def test_scripts_in_names_stay_text(browser, address):
    planner = browser("planner")
    word = "<script>alert(1)</script>"
    renamed = done(planner, address, 0, "rename", grid=WEST, name=word)
    (changed,) = renamed["changed"]["features"]
    assert changed["properties"]["name"] == word
    assert planner.get(f"{address}/grids").mimetype == "application/geo+json"


def test_scenarios_of_other_areas_are_not_there(app, store, people, browser, address):
    from gridmap.model.access import Role, system_scope
    from gridmap.services import accounts

    with store.transaction(system_scope()) as tx:
        if not tx.value("SELECT 1 FROM app_user WHERE name = 'hillplan'"):
            accounts.create_user(
                tx, "hillplan", "correct-horse-9", "Hill", [(Role.PLANNING_LEAD, HILL)]
            )
    hill = app.test_client()
    assert sign_in(hill, "hillplan").status_code == 303
    assert hill.get("/api/scenarios").get_json()["items"] == []
    for path in ("", "/grids", "/arcs", "/blocks"):
        assert hill.get(address + path).status_code == 404, path
    steps = ("validate", "approve", "discard", "reopen", "rebase", "withdraw")
    for step in steps:
        assert post(hill, f"{address}/{step}", {}).status_code == 404, step
    body = {"effective_from": "2030-01-01"}
    assert post(hill, f"{address}/publish", body).status_code in (400, 404)
    assert operate(hill, address, 0, "rename", grid=WEST, name="a").status_code == 404
    # the county may be read by all its people, a scenario only be made at home
    assert post(hill, "/api/scenarios", {"area": COMMUNITY, "name": "x"}).status_code == 404
    assert post(hill, "/api/scenarios", {"area": HILL, "name": "x"}).status_code == 201


def test_a_county_wide_scenario_keeps_communities_apart(browser):
    planner = browser("planner")
    address = opened(planner, COUNTY, "全县")
    hill = "990101002001001"
    apart = refused(planner, address, "merge", grids=[EAST, hill])
    assert apart["kind"] == "other_community"
    arcs = planner.get(f"{address}/arcs").get_json()["features"]
    between = [
        a for a in arcs if {a["properties"]["left"], a["properties"]["right"]} == {EAST, hill}
    ]
    assert between
    assert not any(each["properties"]["movable"] for each in between)
    blocks = planner.get(f"{address}/blocks").get_json()["features"]
    theirs = [each["id"] for each in blocks if each["properties"]["grid"] == hill]
    given = refused(planner, address, "hand_over", blocks=theirs, to=EAST)
    assert "another community" in str(given["faults"])
    moved = refused(
        planner,
        address,
        "move_edge",
        arc=between[0]["id"],
        line=line((114.42, 30.50), (114.421, 30.51), (114.42, 30.52)),
    )
    assert moved["kind"] == "other_community"


def test_an_old_base_is_told_what_has_changed(browser, address):
    planner, lead = browser("planner"), browser("lead")
    done(planner, address, 0, "rename", grid=WEST, name="湖西")
    late = operate(lead, address, 0, "rename", grid=WEST, name="西")
    assert late.status_code == 409
    assert late.get_json()["version"] == 1
    assert late.get_json()["changed"] == [WEST]
    # what nobody has touched since goes on top
    assert done(lead, address, 0, "rename", grid=EAST, name="东")["version"] == 2
    # and nobody undoes what they have not seen
    unseen = operate(planner, address, 1, "undo")
    assert (unseen.status_code, unseen.get_json()["changed"]) == (409, [EAST])
    assert done(planner, address, 2, "undo")["undo"] == 1


def test_six_planners_at_the_same_border_move_it_once(app, browser, address):
    arc = shared_arc(browser("planner"), address)
    barrier, answers = Barrier(6), []
    clients = [app.test_client() for _ in range(6)]
    for client in clients:
        assert sign_in(client, "planner").status_code == 303

    def planner(client):
        barrier.wait()
        answers.append(operate(client, address, 0, "move_edge", arc=arc, line=BEND).status_code)

    threads = [Thread(target=planner, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 5
    assert browser("planner").get(address).get_json()["version"] == 1


def test_no_operation_without_its_event(browser, store, address):
    planner = browser("planner")
    before = value(store, "SELECT count(*) FROM event WHERE kind = 'scenario.changed'")
    done(planner, address, 0, "rename", grid=WEST, name="湖西")
    done(planner, address, 1, "undo")
    refused(planner, address, "merge", grids=[WEST])
    after = value(store, "SELECT count(*) FROM event WHERE kind = 'scenario.changed'")
    assert after - before == 2
    words = value(
        store, "SELECT payload::text FROM event WHERE kind = 'scenario.changed' ORDER BY seq DESC"
    )
    assert "湖西" not in words


def test_what_is_decided_is_decided_about_a_version(browser, address):
    planner = browser("planner")
    start = shapes(planner, address)
    done(planner, address, 0, "split", grid=WEST, line=ACROSS)
    token = {"If-Match": '"0"'}
    from webtown import token_of

    headers = {"X-CSRFToken": token_of(planner), **token}
    old = planner.post(f"{address}/discard", json={}, headers=headers)
    assert (old.status_code, old.get_json()["version"]) == (409, 1)
    assert post(planner, f"{address}/discard", {}).get_json()["state"] == "discarded"
    assert operate(planner, address, 1, "undo").status_code == 409
    assert post(planner, f"{address}/reopen", {}).get_json()["state"] == "open"
    done(planner, address, 1, "undo")
    assert shapes(planner, address) == start
