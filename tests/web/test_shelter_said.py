"""What was said last of a shelter holds: under whatever plan, at the door or in the register."""

from __future__ import annotations

import pytest
from test_board import _OTHER
from test_call_outs import board, change, drafted, order, say, value

from gridmap.model.access import system_scope
from gridmap.store import shelter_status


@pytest.fixture
def shelter(store):
    return value(store, "SELECT id FROM facility WHERE source_key = 'f2'")


@pytest.fixture(params=[False, True], ids=["real", "exercise"])
def hazard(store, request):
    """Give a hazard of its own, real or of a drill."""
    change(store, "DELETE FROM call_out")
    found = value(store, _OTHER, exercise=request.param)
    yield found
    change(
        store,
        "UPDATE hazard SET state = 'lifted', lifted_at = now()"
        " WHERE id = :id AND state = 'declared'",
        id=found,
    )
    change(store, "UPDATE facility SET open = true WHERE source_key = 'f2'")


def going(store, people, browser, hazard, **given):
    plan_id = drafted(store, people, hazard=hazard, unserved=(), **given)
    order(browser, plan_id, "approve")
    order(browser, plan_id, "activate")
    return plan_id


def seen(browser, plan_id, shelter):
    (found,) = [one for one in board(browser, plan_id)["shelters"] if one["id"] == shelter]
    return found["state"]


def full(store, hazard):
    with store.transaction(system_scope()) as tx:
        return shelter_status.full(tx, hazard)


def test_the_newest_word_holds_under_whichever_plan_it_was_said(
    store, people, browser, hazard, shelter
):
    first = going(store, people, browser, hazard)
    assert say(browser("officer"), first, shelter, state="full").status_code == 200
    then = going(store, people, browser, hazard)
    assert say(browser("officer"), then, shelter, state="open").status_code == 200
    assert (full(store, hazard), seen(browser, then, shelter)) == ([], "open")
    # the word under the older plan is the newer one, if its row says so
    change(
        store,
        "UPDATE shelter_status SET at = now() WHERE plan_id = :plan AND shelter_id = :shelter",
        plan=first,
        shelter=shelter,
    )
    assert (full(store, hazard), seen(browser, then, shelter)) == ([shelter], "full")
    assert seen(browser, first, shelter) == "full"
    # of another hazard nobody has said anything
    assert full(store, value(store, "SELECT min(id) FROM hazard")) == []
    order(browser, then, "close")


def test_a_full_shelter_nobody_is_sent_to_now_can_be_opened_at_the_board(
    store, people, browser, hazard, shelter
):
    first = going(store, people, browser, hazard)
    assert say(browser("officer"), first, shelter, state="full").status_code == 200
    order(browser, first, "close")
    then = drafted(store, people, hazard=hazard, unserved=("h1", "h2", "h3"))
    order(browser, then, "approve")
    order(browser, then, "activate")
    assert seen(browser, then, shelter) == "full"
    assert say(browser("officer"), then, shelter, state="open").status_code == 200
    assert full(store, hazard) == []
    order(browser, then, "close")


def test_what_the_register_says_after_the_door_is_what_the_board_shows(
    store, people, browser, hazard, shelter
):
    exercise = value(store, "SELECT exercise FROM hazard WHERE id = :id", id=hazard)
    plan_id = going(store, people, browser, hazard)
    assert say(browser("officer"), plan_id, shelter, state="open").status_code == 200
    change(store, "UPDATE facility SET open = false WHERE id = :id", id=shelter)
    assert seen(browser, plan_id, shelter) == "closed"
    assert say(browser("officer"), plan_id, shelter, state="closed").status_code == 200
    change(store, "UPDATE facility SET open = true WHERE id = :id", id=shelter)
    # a drill closes it to itself alone, whatever the register says
    assert seen(browser, plan_id, shelter) == ("closed" if exercise else "open")
    order(browser, plan_id, "close")
