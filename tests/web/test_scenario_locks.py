"""Planners side by side: soft locks with a time, and what others have changed."""

import pytest
from scenario_replay import Replay
from scenario_steps import EAST, WEST, done, line, opened, operate, rows, value
from webtown import post

from gridmap.model.access import system_scope
from gridmap.services import scenario_locks

BEND = line((114.41, 30.50), (114.412, 30.51), (114.41, 30.52))


@pytest.fixture
def address(browser):
    return opened(browser("planner"))


def hold(client, address, *keys):
    answer = post(client, f"{address}/locks", {"grids": list(keys)})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def run_out(store):
    """Let a minute pass: the rows are made a minute older, the clock is left alone."""
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE scenario_lock SET until = until - interval '61 seconds'")


def test_a_grid_in_hand_is_shown_to_others_with_name_and_time(browser, address):
    planner, lead = browser("planner"), browser("lead")
    mine = hold(planner, address, WEST)
    assert mine["seconds"] == scenario_locks.SECONDS
    (lock,) = mine["locks"]
    assert (lock["grid"], lock["label"], lock["mine"]) == (WEST, "001-001", True)
    assert lock["until"] > mine["now"]
    theirs = lead.get(f"{address}/locks").get_json()["locks"]
    assert [(each["by"]["name"], each["mine"]) for each in theirs] == [("Planner", False)]
    refused = hold(lead, address, WEST, EAST)
    assert [(each["grid"], each["by"]["name"]) for each in refused["refused"]] == [
        (WEST, "Planner")
    ]
    assert {each["grid"]: each["mine"] for each in refused["locks"]} == {WEST: False, EAST: True}


def test_what_another_has_in_hand_is_not_edited_and_it_is_said_by_whom(browser, address):
    planner, lead = browser("planner"), browser("lead")
    hold(planner, address, EAST)
    # the other's free grid may be named; what touches the held one may not
    done(lead, address, 0, "rename", grid=WEST, name="湖西")
    arcs = lead.get(f"{address}/arcs").get_json()["features"]
    (arc,) = [each["id"] for each in arcs if each["properties"]["movable"]]
    for kind, fields in (
        ("rename", {"grid": EAST, "name": "东"}),
        ("merge", {"grids": [WEST, EAST]}),
        ("move_edge", {"arc": arc, "line": BEND}),
    ):
        answer = operate(lead, address, 1, kind, **fields)
        assert answer.status_code == 409
        found = answer.get_json()
        assert found["title"] == "别人正在改"
        assert [(each["grid"], each["by"]["name"]) for each in found["locked"]] == [
            (EAST, "Planner")
        ]
        assert found["locked"][0]["until"]
    assert lead.get(address).get_json()["version"] == 1
    done(planner, address, 1, "rename", grid=EAST, name="湖东")


def test_undo_does_not_reach_into_anothers_hand(browser, address):
    planner, lead = browser("planner"), browser("lead")
    done(lead, address, 0, "rename", grid=EAST, name="东")
    hold(planner, address, EAST)
    assert operate(lead, address, 1, "undo").get_json()["locked"][0]["grid"] == EAST
    hold(planner, address)
    done(lead, address, 1, "undo")


def test_a_lock_runs_out_and_never_blocks_for_ever(browser, store, address):
    planner, lead = browser("planner"), browser("lead")
    hold(planner, address, WEST, EAST)
    run_out(store)
    assert lead.get(f"{address}/locks").get_json()["locks"] == []
    done(lead, address, 0, "rename", grid=WEST, name="西")
    assert [each["mine"] for each in hold(lead, address, WEST)["locks"]] == [True]
    # who comes back finds it in the other's hand now
    assert hold(planner, address, WEST)["refused"][0]["by"]["name"] == "Lead"


def test_an_operation_keeps_ones_own_in_hand_for_longer(browser, store, address):
    planner = browser("planner")
    first = hold(planner, address, WEST)["locks"][0]["until"]
    done(planner, address, 0, "rename", grid=WEST, name="西")
    (lock,) = planner.get(f"{address}/locks").get_json()["locks"]
    assert lock["until"] > first


def test_leaving_lets_go_and_a_grid_that_is_gone_is_in_nobodys_hand(browser, store, address):
    planner, lead = browser("planner"), browser("lead")
    hold(planner, address, WEST, EAST)
    done(planner, address, 0, "merge", grids=[WEST, EAST])
    held = lead.get(f"{address}/locks").get_json()["locks"]
    assert [each["grid"] for each in held] == [WEST]
    gone = hold(planner, address, EAST)
    assert gone["locks"] == []
    assert gone["refused"] == [{"grid": EAST, "label": EAST, "by": None, "until": None}]
    number = address.rsplit("/", 1)[1]
    assert value(store, f"SELECT count(*) FROM scenario_lock WHERE scenario_id = {number}") == 0


def test_others_are_told_when_hands_change_and_not_at_every_move(browser, store, address):
    planner = browser("planner")
    number = address.rsplit("/", 1)[1]
    told = (
        "SELECT payload FROM event WHERE kind = 'scenario.locked'"
        f" AND subject_id = '{number}' ORDER BY seq"
    )
    hold(planner, address, WEST)
    hold(planner, address, WEST)
    hold(planner, address, EAST)
    hold(planner, address)
    hold(planner, address)
    found = [(row["payload"]["taken"], row["payload"]["released"]) for row in rows(store, told)]
    assert found == [([WEST], []), ([EAST], [WEST]), ([], [EAST])]


def test_locks_are_refused_in_words(browser, address):
    planner = browser("planner")
    assert post(planner, f"{address}/locks", {"grids": ["x"]}).status_code == 400
    assert post(planner, f"{address}/locks", {"grids": [WEST] * 51}).status_code == 400
    assert post(planner, "/api/scenarios/999999/locks", {"grids": []}).status_code == 404
    assert post(browser("officer"), f"{address}/locks", {"grids": []}).status_code == 403


def test_two_pages_that_apply_changes_never_diverge(browser, store, address):
    planner, lead = browser("planner"), browser("lead")
    one, other = Replay(planner, address), Replay(lead, address)
    arc = next(key for key, text in one.arcs.items() if '"movable": true' in text)
    one.take(done(planner, address, 0, "move_edge", arc=arc, line=BEND))
    across = line((114.399, 30.512), (114.414, 30.512))
    one.take(done(planner, address, 1, "split", grid=WEST, line=across))
    steps = other.catch_up()
    assert [(step["verb"], step["kind"], step["by"]["name"]) for step in steps] == [
        ("do", "move_edge", "Planner"),
        ("do", "split", "Planner"),
    ]
    assert other.held() == one.held()
    other.take(done(lead, address, 2, "merge", grids=["n1", EAST]))
    other.take(done(lead, address, 3, "undo"))
    other.take(done(lead, address, 4, "undo"))
    one.catch_up()
    assert one.held() == other.held()
    other.take(done(lead, address, 5, "redo"))
    one.catch_up()
    assert one.held() == other.held() == Replay(lead, address).held()
    assert one.catch_up() == []


def test_changes_that_are_none_are_refused(browser, address):
    planner = browser("planner")
    assert planner.get(f"{address}/changes").status_code == 400
    assert planner.get(f"{address}/changes?since=5").status_code == 400
    assert planner.get(f"{address}/changes?since=-1").status_code == 400
    assert planner.get("/api/scenarios/999999/changes?since=0").status_code == 404


def test_who_changed_it_is_said(browser, address):
    planner, lead = browser("planner"), browser("lead")
    done(planner, address, 0, "rename", grid=WEST, name="湖西")
    late = operate(lead, address, 0, "rename", grid=WEST, name="西").get_json()
    assert [(each["grid"], each["by"]["name"]) for each in late["by"]] == [(WEST, "Planner")]
    unseen = operate(lead, address, 0, "undo").get_json()
    assert [each["by"]["name"] for each in unseen["by"]] == ["Planner"]
