"""Whole households to shelters: against every possible assignment, and against the flow bound."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geodata.assignment import UNSERVED, to_shelters
from geodata.transport import minimum_flow


def best_by_trying_all(people, seconds, capacity, urgent):
    """Give (urgent people, people, seconds) of the best of all assignments."""
    best = None
    for choice in itertools.product(range(-1, len(capacity)), repeat=len(people)):
        load = [0] * len(capacity)
        total = served = first = 0
        for household, shelter in enumerate(choice):
            if shelter >= 0:
                load[shelter] += people[household]
                total += people[household] * seconds[household, shelter]
                served += people[household]
                first += people[household] * urgent[household]
        if np.isfinite(total) and all(a <= b for a, b in zip(load, capacity, strict=True)):
            value = (-first, -served, total)
            if best is None or value < best:
                best = value
    return -best[0], -best[1], best[2]


def split_minimum(people, seconds, capacity):
    """Give the least time of a flow that may split households, by linear programming."""
    n, s = seconds.shape
    cost = np.where(np.isfinite(seconds), seconds, 0.0).ravel()
    bounds = [(0, None if ok else 0) for ok in np.isfinite(seconds).ravel()]
    rows = np.kron(np.eye(n), np.ones(s))
    columns = np.kron(np.ones(n), np.eye(s))
    found = linprog(cost, A_ub=columns, b_ub=capacity, A_eq=rows, b_eq=people, bounds=bounds)
    assert found.status == 0
    return found.fun


@st.composite
def towns(draw, households=5, shelters=3, roomy=False):
    n = draw(st.integers(1, households))
    s = draw(st.integers(1, shelters))
    people = np.array(draw(st.lists(st.integers(1, 5), min_size=n, max_size=n)))
    cell = st.one_of(st.just(np.inf), st.integers(0, 900).map(float))
    seconds = np.array(draw(st.lists(cell, min_size=n * s, max_size=n * s))).reshape(n, s)
    most = 60 if roomy else 9
    capacity = np.array(draw(st.lists(st.integers(0, most), min_size=s, max_size=s)))
    urgent = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    return people, seconds, capacity, urgent


@given(towns())
@settings(max_examples=150, deadline=None)
def test_small_towns_get_the_best_of_all_assignments(town):
    people, seconds, capacity, urgent = town
    first, served, total = best_by_trying_all(people, seconds, capacity, urgent)
    found = to_shelters(people, seconds, capacity, urgent)
    in_ = found.shelter != UNSERVED
    assert people[in_ & urgent].sum() == first
    assert people[in_].sum() == served
    assert found.person_seconds == pytest.approx(total, abs=0.01)
    assert found.bound <= found.person_seconds


@given(towns(households=12, shelters=4, roomy=True))
@settings(max_examples=60, deadline=None)
def test_the_bound_is_the_minimum_of_the_split_flow_for_the_people_served(town):
    people, seconds, capacity, urgent = town
    found = to_shelters(people, seconds, capacity, urgent)
    in_ = found.shelter != UNSERVED
    if in_.any():
        exact = split_minimum(people[in_], seconds[in_], capacity)
        assert found.bound == pytest.approx(exact, rel=1e-6, abs=0.05)


def test_equally_many_people_are_served_by_the_nearer_of_two_choices():
    # 5 + 2 and 1 + 2 + 4 people fill the seven beds alike; the first takes 5 person-seconds
    people = np.array([1, 1, 5, 2, 4])
    seconds = np.full((5, 3), np.inf)
    seconds[1:, 1] = [0.0, 1.0, 0.0, 2.0]
    found = to_shelters(people, seconds, np.array([0, 7, 0]))
    assert found.shelter.tolist() == [UNSERVED, UNSERVED, 1, 1, UNSERVED]
    assert found.person_seconds == 5.0


def lattice_town(seed, households, shelters, room, sizes=(1, 7)):
    rng = np.random.default_rng(seed)
    homes, places = rng.uniform(0, 6000, (households, 2)), rng.uniform(0, 6000, (shelters, 2))
    seconds = np.abs(homes[:, None] - places[None]).sum(axis=2) / 1.3
    people = rng.integers(*sizes, households)
    share = rng.dirichlet(np.full(shelters, 5.0))
    capacity = np.floor(people.sum() * room * share).astype(int) + 1
    return people, seconds, capacity, rng.random(households) < 0.15


@pytest.mark.parametrize("room", [3.0, 1.2, 1.01, 1.001])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_town_stays_close_to_the_bound_and_within_capacity(seed, room):
    people, seconds, capacity, urgent = lattice_town(seed, 1500, 12, room)
    found = to_shelters(people, seconds, capacity, urgent)
    assert (found.shelter >= 0).all()
    assert (np.bincount(found.shelter, weights=people, minlength=12) <= capacity).all()
    rows = np.arange(len(people))
    assert found.person_seconds == pytest.approx(people @ seconds[rows, found.shelter])
    assert found.bound <= found.person_seconds <= found.bound * 1.002


@pytest.mark.parametrize("seed", [2, 3])
def test_too_little_room_is_filled_with_urgent_households_first(seed):
    people, seconds, capacity, urgent = lattice_town(seed, 1200, 8, 0.6)
    found = to_shelters(people, seconds, capacity, urgent)
    in_ = found.shelter >= 0
    assert in_[urgent].all()
    assert (np.bincount(found.shelter[in_], weights=people[in_], minlength=8) <= capacity).all()
    assert people[in_].sum() == capacity.sum()
    assert found.bound <= found.person_seconds <= found.bound * 1.005


def test_households_that_fit_no_remaining_gap_are_left_over():
    people = np.full(10, 4)
    found = to_shelters(people, np.ones((10, 2)), np.array([7, 7]))
    assert (found.shelter >= 0).sum() == 2
    assert found.person_seconds == 8.0


def test_a_household_larger_than_every_shelter_takes_nobody_elses_bed():
    found = to_shelters(np.array([9, 3]), np.array([[1.0], [50.0]]), np.array([5]))
    assert found.shelter.tolist() == [UNSERVED, 0]
    assert found.bound == found.person_seconds == 150.0


def test_one_bed_more_saves_what_its_price_says():
    people, seconds, capacity, _ = lattice_town(5, 300, 4, 1.1)
    before = minimum_flow(people, seconds, capacity)
    assert before.prices.max() > 0
    for shelter in np.flatnonzero(before.prices > 0):
        more = capacity.copy()
        more[shelter] += 1
        after = minimum_flow(people, seconds, more)
        assert before.bound - after.bound == pytest.approx(before.prices[shelter], abs=0.01)


def test_nobody_and_nowhere_are_answers_too():
    assert to_shelters(np.array([], int), np.empty((0, 2)), np.array([3, 4])).shelter.size == 0
    nowhere = to_shelters(np.array([2, 3]), np.empty((2, 0)), np.array([], int))
    assert nowhere.shelter.tolist() == [UNSERVED, UNSERVED]
    assert nowhere.person_seconds == nowhere.bound == 0.0
    closed = to_shelters(np.array([2]), np.array([[np.inf, np.inf]]), np.array([9, 9]))
    assert closed.shelter.tolist() == [UNSERVED]


def test_a_home_of_nobody_has_a_place_even_when_all_is_full():
    found = to_shelters(np.array([5, 0]), np.array([[9.0], [3.0]]), np.array([5]))
    assert found.shelter.tolist() == [0, 0]


def test_the_same_town_gives_the_same_answer():
    town = lattice_town(7, 800, 9, 1.02)
    first, second = to_shelters(*town), to_shelters(*town)
    assert (first.shelter == second.shelter).all()
    assert first.bound == second.bound


@pytest.mark.parametrize("seed", range(3))
def test_exactly_as_many_beds_as_people_are_all_filled(seed):
    """Gaps are everywhere and none is large enough: households move to make room."""
    rng = np.random.default_rng(seed)
    people = rng.integers(1, 7, 1200)
    seconds = np.hypot(*(rng.random((1200, 1, 2)) - rng.random((8, 2))).transpose(2, 0, 1)) * 3000
    beds = np.floor(rng.dirichlet(np.full(8, 5.0)) * people.sum()).astype(int)
    beds[0] += people.sum() - beds.sum()
    found = to_shelters(people, seconds, beds)
    assert (found.shelter >= 0).all()
    assert (np.bincount(found.shelter, weights=people, minlength=8) == beds).all()
    assert found.person_seconds <= found.bound * 1.01
