"""Drafts that survive the failure of one street: against every choice, and every place closed."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from evacuation_lines import LINE, area, homes_at, places_at
from evacuation_towns import check, town
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp
from test_evacuation_groups import grouped
from test_evacuation_robust_streets import FAR, cut_up, snapped

from geodata import evacuation_case, evacuation_robust
from geodata.evacuation import Options, draft
from geodata.evacuation_robust_failures import failures
from geodata.network import Network
from geodata.verifying_evacuation import verify


def fits(people, may, free):
    """Tell whether all of these people find beds that are free, whole."""
    rows, columns = np.nonzero(may)
    if len(set(rows)) < len(people):
        return False
    if not len(people):
        return True
    once, beds = np.zeros((len(people), len(rows))), np.zeros((len(free), len(rows)))
    once[rows, np.arange(len(rows))] = 1
    beds[columns, np.arange(len(rows))] = people[rows]
    rules = [LinearConstraint(once, 1, 1), LinearConstraint(beds, -np.inf, free)]
    return milp(np.zeros(len(rows)), integrality=np.ones(len(rows)), constraints=rules).success


def most_safe(people, seconds, room, place, hits):
    """Give the most people who are safe at once, of all sets of those who are served."""
    served = np.flatnonzero(place >= 0)
    load = np.bincount(place[served], weights=people[served], minlength=len(room))
    numbers = {code // 3 for codes in hits.values() for code in codes}
    best = 0
    for count in range(len(served) + 1):
        for chosen in itertools.combinations(served, count):
            rows = np.array(chosen, dtype=int)
            if people[rows].sum() > best and all(
                fits(*moved(people, seconds, rows, place, hits, number), room - load)
                for number in numbers
            ):
                best = int(people[rows].sum())
    return best


def moved(people, seconds, rows, place, hits, number):
    """Give who of these moves when something fails, and where they may go."""
    own = {row: {c for c in hits[row, place[row]] if c // 3 == number} for row in rows}
    move = [row for row in rows if own[row]]
    may = np.isfinite(seconds[move])
    for at, row in enumerate(move):
        for shelter in range(seconds.shape[1]):
            also = {c for c in hits[row, shelter] if c // 3 == number}
            # from the other side of the same street one gets there still
            if any(a == b or a % 3 == 0 or b % 3 == 0 for a in own[row] for b in also):
                may[at, shelter] = False
    return people[move], may


def hits_of(case, kind):
    """Give the codes of what hits each (unit, shelter)."""
    found = failures(case, kind)
    shelters = case.seconds.shape[1]
    return {
        (pair // shelters, pair % shelters): set(
            found.hits.at[found.hits.first[pair] : found.hits.first[pair + 1]].tolist()
        )
        for pair in range(len(found.hits.first) - 1)
    }


@pytest.mark.parametrize("kind", ["road", "any"])
@given(st.integers(0, 10_000), st.floats(0.9, 1.8))
@settings(max_examples=8, deadline=None)
def test_small_drafts_are_the_best_of_all(kind, seed, room):
    roads, homes, places, hazard = town(seed, side=4, households=40, shelters=3, room=room)
    rng = np.random.default_rng(seed)
    roads = roads[rng.random(len(roads)) < 0.85]
    homes = homes[homes.intersects(hazard)].iloc[:4]
    assume(len(homes) == 4)
    people = int(homes.people.sum())
    places = places.assign(
        capacity=np.ceil(rng.dirichlet(np.full(3, 4.0)) * people * room).astype(int), open=True
    ).drop(columns="accessible")
    network = Network.from_roads(roads, "walk")
    case = evacuation_case.read(network, homes, places, hazard, None, FAR)
    options = Options(max_metres=400.0, robust=kind)
    made = draft(network, homes, places, hazard, options=options)
    price = made.totals["robust"]
    assert price["exact"]
    hits = hits_of(case, kind)
    seconds, beds = case.seconds, case.room
    best = None
    for choice in itertools.product(range(-1, 3), repeat=4):
        place = np.array(choice)
        in_ = np.flatnonzero(place >= 0)
        load = np.bincount(place[in_], weights=case.people[in_], minlength=3)
        took = case.people[in_] @ seconds[in_, place[in_]]
        if (load > beds).any() or np.isinf(took):
            continue
        urgent = case.people[in_][case.urgent[in_]].sum()
        first = -urgent, -case.people[in_].sum()
        if best is not None and first > best[:2]:
            continue
        safe = most_safe(case.people, seconds, beds, place, hits)
        key = (*first, -safe, round(float(took), 2))
        best = key if best is None or key < best else best
    assert made.totals["served_people"] == -best[1]
    assert price["people"] == -best[2]
    assert made.person_seconds == pytest.approx(best[3], abs=0.02)


@given(st.integers(0, 10_000), st.sampled_from(["road", "any"]), st.floats(1.0, 2.5), st.booleans())
@settings(max_examples=6, deadline=None)
def test_who_is_called_safe_survives_every_place_closed(seed, kind, room, small):
    roads, homes, places, hazard = town(seed, side=5, households=60, shelters=4, room=room)
    rng = np.random.default_rng(seed)
    roads = roads[rng.random(len(roads)) < 0.85].assign(bridge=False)
    homes = grouped(homes, hazard, rng, 0.2)
    homes = homes[homes.intersects(hazard)]
    places = places.assign(open=True)
    network = Network.from_roads(roads, "walk")
    options = Options(max_metres=400.0, robust=kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evacuation_robust, "_SMALL", 3000 if small else 0)
        made = draft(network, homes, places, hazard, options=options)
    plain = draft(network, homes, places, hazard, options=FAR)
    check(network, homes, places, hazard, made)
    assert verify(roads, homes, places, hazard, made, options=options).sound
    price = made.totals["robust"]
    assert made.totals["served_people"] >= plain.totals["served_people"]
    assert price["nominal_people"] <= price["people"] <= price["most_people"]
    assert price["people"] + price["not_people"] == made.totals["served_people"]
    assert homes.people[made.not_robust.index].sum() == price["not_people"]
    assert len(made.not_robust) == price["not_households"]
    assert (
        price["price_person_seconds"]
        == pytest.approx(made.person_seconds - plain.person_seconds, abs=1e-3)
        or made.totals["served_people"] != plain.totals["served_people"]
    )
    fine = Network.from_roads(snapped(cut_up(network, homes, places, hazard)), "walk")
    case = evacuation_case.read(fine, homes, places, hazard, None, FAR)
    first = evacuation_case.read(network, homes, places, hazard, None, FAR)
    assume((np.isfinite(case.seconds) == np.isfinite(first.seconds)).all())
    survives(case, fine, (homes, places, hazard), made)


def survives(case, fine, given_, made):
    """Close every place by itself: those called safe who lose their way find a bed together."""
    homes, places, hazard = given_
    row = case.households.index.get_indexer(made.assignments.index)
    place = np.full(len(case.people), -1)
    place[row] = places.index.get_indexer(made.assignments.shelter)
    unit = np.full(case.units.count, -1)
    unit[case.units.of] = place
    people = case.units.sums(case.people)
    load = np.bincount(unit[unit >= 0], weights=people[unit >= 0], minlength=len(places))
    unsafe = case.households.index.get_indexer(made.not_robust.index)
    safe = unit >= 0
    safe[case.units.of[unsafe]] = False
    for spot in range(len(fine.pieces.road)):
        shut = fine.reopened(fine.opened & (fine.pieces.of_edges[0] != spot))
        after = evacuation_case.read(shut, homes, places, hazard, None, FAR)
        reach = case.units.all(np.isfinite(after.ways.seconds)) & np.isfinite(
            case.units.mean(case.people, case.seconds)
        )
        move = np.flatnonzero(safe & ~reach[np.arange(len(unit)), unit])
        assert fits(people[move], reach[move], case.room - load), spot


def test_the_checker_finds_who_is_called_safe_and_is_not():
    homes = homes_at((110, 0), (150, 0), (190, 0))
    walk, hazard = Network.from_roads(LINE, "walk"), area(100, -50, 200, 50)
    options = Options(robust="any")
    both = places_at((20, 3), (390, 3), capacity=[2, 6])
    for shelters, word in (
        (places_at((390, 3), capacity=9), "one way only"),
        (both, "no bed left"),
    ):
        made = draft(walk, homes, shelters, hazard, options=replace(options, robust="road"))
        assert len(made.not_robust)
        assert verify(LINE, homes, shelters, hazard, made, options=options).sound
        told = made.totals["robust"]
        hidden = replace(
            made,
            not_robust=made.not_robust.iloc[:0],
            totals={
                **made.totals,
                "robust": {**told, "people": 6, "not_people": 0, "households": 3}
                | {"not_households": 0},
            },
        )
        found = verify(LINE, homes, shelters, hazard, hidden, options=options)
        assert any(word in each.message for each in found.altered), found.altered
        wrong = replace(made, not_robust=made.not_robust.iloc[1:])
        assert not verify(LINE, homes, shelters, hazard, wrong, options=options).sound
    made = draft(walk, homes, both, hazard, options=options)
    none = made.alternates.assign(shelter=None)
    assert len(made.not_robust) < 3
    found = verify(LINE, homes, both, hazard, replace(made, alternates=none), options=options)
    assert any("no second place" in each.message for each in found.altered)
    price = {**made.totals["robust"], "price_person_seconds": -5.0}
    cheap = replace(made, totals={**made.totals, "robust": price})
    assert not verify(LINE, homes, both, hazard, cheap, options=options).sound


def test_one_bridge_is_named_with_those_who_hang_on_it():
    # the households in the west have one way east and no shelter on their own side
    homes = homes_at((110, 0), (150, 0), (190, 0))
    shelters = places_at((390, 3), capacity=9)
    walk = Network.from_roads(LINE, "walk")
    made = draft(walk, homes, shelters, area(100, -50, 200, 50), options=Options(robust="road"))
    assert made.not_robust.reason.tolist() == ["only_way"] * 3
    assert made.not_robust.fails.tolist() == ["road"] * 3
    assert made.critical_streets.people.max() == 6
    assert made.totals["robust"]["only_way_people"] == 6
    both = places_at((20, 3), (390, 3), capacity=[9, 9])
    made = draft(walk, homes, both, area(100, -50, 200, 50), options=Options(robust="road"))
    assert made.not_robust.empty
    assert (made.critical_streets.not_people == 0).all()
    # with too few beds on the other side not all of those who must turn round find one
    few = both.assign(capacity=[2, 6])
    made = draft(walk, homes, few, area(100, -50, 200, 50), options=Options(robust="road"))
    assert set(made.not_robust.reason) == {"no_room"}
    assert made.totals["robust"]["people"] == 6 - homes.people[made.not_robust.index].sum()


@pytest.mark.parametrize("kind", ["road", "any"])
def test_safety_has_a_price_and_it_is_told(kind):
    # In the least time the second household takes the bed without steps that the first, in a
    # wheelchair, would need if the street on its own side failed.
    homes = homes_at((151, 0), (190, 0), wheelchair=[True, False])
    shelters = places_at(
        (210, 0), (90, 0), (300, 0), capacity=2, accessible=[True, True, False]
    )  # fmt: skip
    walk, hazard = Network.from_roads(LINE, "walk"), area(100, -50, 200, 50)
    plain = draft(walk, homes, shelters, hazard)
    assert plain.assignments.shelter.tolist() == ["s1", "s0"]
    safe = draft(walk, homes, shelters, hazard, options=Options(robust=kind))
    price = safe.totals["robust"]
    assert price["kind"] == kind
    # whoever goes east hangs on the street there: one of the two finds a bed in the west
    assert (price["nominal_people"], price["people"]) == (0, 2)
    assert price["price_person_seconds"] == pytest.approx(
        safe.person_seconds - plain.person_seconds
    )
    assert price["price_person_seconds"] > 0
    assert safe.not_robust.reason.tolist() == ["no_room"]
    assert safe.critical_streets.people.tolist()[0] == 4
    assert safe.critical_streets.not_people.tolist()[0] == 2
