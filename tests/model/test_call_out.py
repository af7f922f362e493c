"""Where a household stands: the same steps come to the same, in whatever order they arrive."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from gridmap.model.call_out import (
    ANSWER_WITHIN,
    KINDS,
    UNANSWERED,
    CallState,
    Step,
    due,
    fold,
    rung_after,
)

BEGUN = datetime(2026, 6, 19, 14, 0, tzinfo=UTC)


def step(kind, minute, seq=0, **more):
    return Step(f"{kind}-{minute}-{seq}", kind, BEGUN + timedelta(minutes=minute), seq, **more)


def state(*steps, people=3):
    return fold(steps, people).state


def test_the_usual_way():
    steps = [
        step("called", 1, channel="phone"),
        step("answered", 2),
        step("departed", 9),
        step("arrived", 25, people=3),
    ]
    expected = ["waiting", "called", "answered", "departed", "arrived"]
    assert [fold(steps[:n], 3).state.value for n in range(5)] == expected
    found = fold(steps, 3)
    assert (found.attempts, found.channel, found.arrived) == (1, "phone", 3)
    assert found.answered_at == steps[1].at


def test_every_order_of_arrival_comes_to_the_same():
    steps = [
        step("called", 1, channel="phone"),
        step("no_answer", 3, channel="phone"),
        step("answered", 5),
        step("departed", 9),
        step("arrived", 25, people=3),
    ]
    assert len({fold(order, 3) for order in permutations(steps)}) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from([kind for kind in KINDS if kind != "undone"]),
            st.integers(0, 60),
            st.integers(1, 5),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
    st.integers(0, 6),
)
def test_order_never_matters_and_nobody_arrives_twice(drawn, random, people):
    steps = [
        Step(n, kind, BEGUN + timedelta(minutes=minute), n, people=count)
        for n, (kind, minute, count) in enumerate(drawn)
    ]
    shuffled = steps[:]
    random.shuffle(shuffled)
    found = fold(steps, people)
    assert fold(shuffled, people) == found
    most = max([people, 1, *(each.people for each in steps)])
    assert found.arrived <= most
    assert (found.arrived > 0) == (len(found.counted) > 0)
    assert (due(found, BEGUN) is None) == (found.state not in UNANSWERED)


def test_people_may_come_in_parts_and_are_counted_once():
    first, rest = step("arrived", 20, people=2), step("arrived", 30, people=1)
    assert state(first) is CallState.DEPARTED
    found = fold([first, rest], 3)
    assert (found.state, found.arrived) == (CallState.ARRIVED, 3)
    scanned = step("arrived", 31, people=3)
    found = fold([first, rest, scanned], 3)
    assert (found.arrived, found.clashes) == (3, {scanned.id})


def test_who_is_away_is_not_waited_for():
    found = fold([step("arrived", 20, people=2, all_in=True)], 3)
    assert (found.state, found.arrived) == (CallState.ARRIVED, 2)


def test_more_may_come_than_the_roster_knows():
    assert fold([step("arrived", 20, people=5)], 3).arrived == 5


def test_what_does_not_fit_is_kept_and_not_counted():
    there = step("arrived", 20, people=3)
    late = step("no_answer", 21, channel="door")
    found = fold([there, late], 3)
    assert (found.state, found.clashes) == (CallState.ARRIVED, {late.id})
    # the same words of an earlier moment are history, and no clash
    assert fold([there, step("no_answer", 10)], 3).clashes == frozenset()


def test_every_step_can_be_taken_back():
    steps = [step("called", 1), step("answered", 2), step("departed", 3)]
    steps.append(step("arrived", 4, people=3))
    for n in range(len(steps)):
        undo = step("undone", 10, undoes=steps[n].id)
        expected = fold(steps[:n] if n == len(steps) - 1 else steps[:n] + steps[n + 1 :], 3)
        assert fold([*steps, undo], 3) == expected
    # what is taken back before it has come is never counted
    assert state(step("undone", 10, undoes=steps[0].id), steps[0]) is CallState.WAITING


def test_five_minutes_run_while_nobody_answers():
    assert due(fold([], 3), BEGUN) == BEGUN + ANSWER_WITHIN
    called = step("called", 2)
    assert due(fold([called], 3), BEGUN) == called.at + ANSWER_WITHIN
    for kind in ("answered", "departed", "refused", "not_found"):
        assert due(fold([called, step(kind, 3)], 3), BEGUN) is None


def test_the_ladder_goes_up_and_never_down():
    assert rung_after("phone", "phone") == "door"
    assert rung_after("door", "phone") == "gong"
    assert rung_after("gong", "gong") == "gong"
    assert rung_after("phone", "gong") == "gong"
    assert rung_after(None, "phone") == "door"


def test_home_is_for_who_was_away():
    gone = step("arrived", 20, people=3)
    back = step("home", 500)
    assert fold([gone, back], 3, gone.at).home_at == back.at
    assert fold([back], 3, gone.at).clashes == {back.id}


def test_nobody_is_home_before_the_way_home_is_open():
    gone, back = step("arrived", 20, people=3), step("home", 500)
    for opened in (None, back.at + timedelta(seconds=1)):
        found = fold([gone, back], 3, opened)
        assert (found.home_at, found.clashes) == (None, {back.id})
    assert fold([gone, back], 3, back.at).home_at == back.at


def test_a_hand_is_asked_for_until_they_leave():
    asked = step("help", 3)
    assert fold([step("answered", 2), asked], 3).help
    assert not fold([step("answered", 2), asked, step("departed", 4)], 3).help
