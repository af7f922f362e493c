"""Drafts that survive the failure of one shelter: against every choice, and on whole towns."""

import itertools

import numpy as np
import pytest
from evacuation_lines import LINE, area, homes_at, places_at
from evacuation_towns import check, town
from hypothesis import given, settings
from hypothesis import strategies as st
from test_evacuation_groups import every_choice, grouped

from geodata import evacuation_robust
from geodata.errors import GeodataError
from geodata.evacuation import Options, draft
from geodata.network import Network
from geodata.verifying_evacuation import verify

WALK = Network.from_roads(LINE, "walk")
HAZARD = area(100, -50, 200, 50)
ROBUST = Options(robust="shelter")


def safe_people(people, seconds, room, place):
    """Give the most people that have a bed if their shelter fails, by every second choice."""
    load = np.bincount(place[place >= 0], weights=people[place >= 0], minlength=len(room))
    total = 0
    for failed in set(place[place >= 0]):
        rows = np.flatnonzero(place == failed)
        left = np.where(np.arange(len(room)) == failed, 0, room - load)
        nobody = np.zeros(len(rows), dtype=bool)
        total -= every_choice(people[rows], seconds[rows], left, nobody, np.arange(len(rows)))[1]
    return total


def best_of_all(people, seconds, room, urgent):
    """Try every assignment: urgent served, served, safe, time."""
    best = None
    for choice in itertools.product(range(-1, len(room)), repeat=len(people)):
        place = np.array(choice)
        in_ = place >= 0
        load = np.bincount(place[in_], weights=people[in_], minlength=len(room))
        took = people[in_] @ seconds[np.flatnonzero(in_), place[in_]]
        if (load > room).any() or np.isinf(took):
            continue
        key = (
            -people[in_ & urgent].sum(),
            -people[in_].sum(),
            -safe_people(people, seconds, room, place),
            round(float(took), 3),
        )
        if best is None or key < best:
            best = key
    return best


@pytest.mark.parametrize("seed", range(10))
def test_small_drafts_are_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    homes = homes_at(
        *((float(x), 0.0) for x in rng.uniform(101, 199, 4)), infant=rng.random(4) < 0.3
    ).assign(people=rng.integers(1, 6, 4))
    places = places_at((20, 5), (240, 5), (390, 5), capacity=rng.integers(4, 16, 3).tolist())
    made = draft(WALK, homes, places, HAZARD, options=ROBUST)
    seconds = WALK.matrix(homes.geometry, places.geometry)[0]
    people, room = homes.people.to_numpy(), places.capacity.to_numpy()
    first, served, safe, took = best_of_all(people, seconds, room, homes.infant.to_numpy())
    price = made.totals["robust"]
    assert price["exact"]
    assert made.totals["served_people"] == -served
    assert homes.people[made.assignments.index][homes.infant].sum() == -first
    assert price["people"] == -safe == price["most_people"]
    assert made.person_seconds == pytest.approx(took, abs=0.01)
    assert made.alternates.shelter.isna().sum() == price["not_households"] == len(made.not_robust)


def test_safety_has_a_price_and_it_is_told():
    # Only the first two shelters have no steps. In the least time the second household takes the
    # bed that the first, in a wheelchair, would need if its own shelter failed.
    homes = homes_at((151, 0), (190, 0), wheelchair=[True, False])
    shelters = places_at(
        (210, 0), (90, 0), (300, 0), capacity=2, accessible=[True, True, False]
    )  # fmt: skip
    plain = draft(WALK, homes, shelters, HAZARD)
    assert plain.assignments.shelter.tolist() == ["s1", "s0"]
    assert plain.alternates.shelter.isna().tolist() == [True, False]
    safe = draft(WALK, homes, shelters, HAZARD, options=ROBUST)
    assert safe.assignments.shelter.tolist() == ["s0", "s2"]
    assert safe.alternates.shelter.tolist() == ["s1", "s1"]
    price = safe.totals["robust"]
    assert (price["nominal_people"], price["people"]) == (2, 4)
    assert price["nominal_person_seconds"] == pytest.approx(plain.person_seconds)
    assert price["price_person_seconds"] == pytest.approx(2 * (59 + 110 - 61 - 20) / (5 / 3.6))
    assert safe.not_robust.empty


def test_whoever_cannot_be_made_safe_is_listed_with_the_reason():
    homes = homes_at((150, 0), (160, 0)).assign(people=[9, 2])
    shelters = places_at((210, 0), (300, 0), capacity=[11, 2])
    found = draft(WALK, homes, shelters, HAZARD, options=ROBUST)
    assert found.not_robust.reason.to_dict() == {0: "one_shelter"}
    assert found.not_robust.shelter.tolist() == ["s0"]
    crowd = homes_at((150, 0), (160, 0), (170, 0))
    found = draft(WALK, crowd, shelters.assign(capacity=[4, 2]), HAZARD, options=ROBUST)
    assert set(found.not_robust.reason) == {"no_room"}
    assert found.totals["robust"]["not_people"] == 6 - found.totals["robust"]["people"]


@given(st.integers(0, 10_000), st.floats(0.8, 2.5), st.booleans())
@settings(max_examples=8, deadline=None)
def test_towns_are_served_as_before_and_safer(seed, room, small):
    roads, homes, places, hazard = town(seed, households=200, shelters=6, room=room)
    homes = grouped(homes, hazard, np.random.default_rng(seed), 0.2)
    network = Network.from_roads(roads, "walk")
    options = Options(robust="shelter", walk_limit_seconds=900)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evacuation_robust, "_SMALL", 400 if small else 0)
        made = draft(network, homes, places, hazard, options=options)
    plain = draft(network, homes, places, hazard, options=Options(walk_limit_seconds=900))
    check(network, homes, places, hazard, made)
    assert verify(roads, homes, places, hazard, made, options=options).sound
    price = made.totals["robust"]
    assert made.totals["served_people"] >= plain.totals["served_people"]
    before = homes.people[plain.alternates.index[plain.alternates.shelter.notna()]].sum()
    assert price["people"] >= before == price["nominal_people"]
    assert price["people"] <= price["most_people"]
    assert price["bound"] <= price["person_seconds"] == pytest.approx(made.person_seconds)
    safe = made.alternates.index[made.alternates.shelter.notna()]
    assert homes.people[safe].sum() == price["people"]
    assert len(safe) == price["households"]
    assert sorted(made.not_robust.index) == sorted(made.assignments.index.difference(safe))


def test_options_and_drafts_without_it_say_nothing_of_it():
    with pytest.raises(GeodataError, match="robust"):
        Options(robust="hope")
    made = draft(WALK, homes_at((150, 0)), places_at((300, 0)), HAZARD)
    assert "robust" not in made.totals
    assert made.not_robust.empty
