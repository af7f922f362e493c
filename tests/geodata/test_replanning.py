"""Evacuations planned once more: nobody changed without need, every change with its why."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from evacuation_towns import check, town
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geodata import evacuation_case
from geodata.errors import GeodataError
from geodata.evacuation import Options, draft
from geodata.network import Network
from geodata.replanning import WHY, replan


def planned(seed, households=200, room=1.3, options=None, **more):
    """Make a town with a plan of which half has been told."""
    roads, homes, places, hazard = town(seed, households=households, room=room, **more)
    rng = np.random.default_rng(seed)
    homes["grid"] = rng.choice(["north", "south", "east"], len(homes))
    if seed % 3 == 0:
        homes["group"] = pd.array(rng.integers(0, households // 4, len(homes)), dtype="Int64")
    network = Network.from_roads(roads, "walk")
    first = draft(network, homes, places, hazard, options=options or Options())
    before = gpd.GeoDataFrame(
        first.assignments[["shelter", "wave"]], geometry=first.routes.geometry, crs=homes.crs
    ).reindex(homes.index[homes.intersects(hazard)])
    told = pd.Series(rng.random(len(homes)) < 0.5, index=homes.index)
    return network, homes, places, hazard, before, told


def worse(seed, roads, places, hazard):
    """Widen the hazard, close a shelter, halve another, block a place."""
    rng = np.random.default_rng(seed)
    after = places.copy()
    after.loc[after.index[0], "open"] = False
    after.loc[after.index[1], "capacity"] //= 2
    blocked = Point(*rng.uniform(roads[:2], roads[2:])).buffer(60)
    return after, hazard.buffer(40), blocked


@given(st.integers(0, 10_000), st.floats(0.6, 2.0))
@settings(max_examples=12, deadline=None)
def test_nothing_changed_changes_nothing(seed, room):
    network, homes, places, hazard, before, told = planned(seed, households=120, room=room)
    found = replan(network, homes, places, hazard, before, told)
    if (found.changed.why == "now_served").any():  # the first plan had not found room for all
        room_before = homes.people[before.index[before.shelter.notna()]].sum()
        assert found.draft.totals["served_people"] >= room_before
        return
    assert found.changed.empty
    assert not found.kept[["way_changed", "wave_changed"]].any(axis=None)
    assert found.sheets == {"households": [], "shelters": [], "grids": []}
    assert found.totals["proven"]


@given(st.integers(0, 10_000), st.floats(0.7, 2.0))
@settings(max_examples=12, deadline=None)
def test_a_replan_is_a_plan_and_says_all_that_differs(seed, room):
    network, homes, places, hazard, before, told = planned(seed, room=room)
    after, wider, blocked = worse(seed, network.nodes.total_bounds, places, hazard)
    found = replan(network, homes, after, wider, before, told, blocked)
    check(network, homes, after, wider, found.draft, blocked)
    now, changed, kept = found.draft.assignments.shelter, found.changed, found.kept
    served = before.index[before.shelter.notna()]
    stays = [row for row in served if row in now.index and now[row] == before.shelter[row]]
    assert sorted(kept.index) == sorted(stays)
    assert not set(kept.index) & set(changed.index)
    was, is_ = (one.reindex(homes.index).fillna(-1).astype(int) for one in (before.shelter, now))
    assert set(homes.index[was != is_]) <= set(changed.index)
    new = found.draft.unserved.index.append(now.index).difference(before.index)
    assert set(changed.index) == set(homes.index[was != is_]) | set(new)
    assert set(changed.why) <= set(WHY)
    assert (changed.told == told.reindex(changed.index) & changed.index.isin(before.index)).all()
    assert (changed.why[~changed.index.isin(before.index)] == "new").all()
    shut = changed[changed.before == places.index[0]]
    assert set(shut.why) <= {"shelter_closed", "unsafe"}
    had = changed.before.notna()
    assert found.totals["changed_households"] == had.sum()
    assert found.totals["changed_people"] == homes.people[changed.index[had]].sum()
    touched = set(changed.before.dropna()) | set(changed.after.dropna())
    assert touched <= set(found.sheets["shelters"])
    assert set(homes.grid[changed.index]) <= set(found.sheets["grids"])


def unneeded(case, places, before, told, found, people):
    """List the told who were moved though their place is safe and takes all who keep it."""
    labels = case.households.index
    seconds = pd.DataFrame(case.seconds, index=labels, columns=places.index)
    was = before.shelter.reindex(labels)
    could = pd.Series(
        [
            pd.notna(was[row])
            and case.out[places.index.get_loc(was[row])] == ""
            and np.isfinite(seconds.loc[row, was[row]])
            for row in labels
        ],
        index=labels,
    )
    load = people[labels][could].groupby(was[could]).sum()
    rows = []
    for row in found.changed.index[found.changed.told]:
        if could.get(row, False) and load[was[row]] <= places.capacity[was[row]]:
            rows.append(row)
    return rows


@given(st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_nobody_told_is_moved_from_a_place_that_is_safe_and_has_room(seed):
    network, homes, places, hazard, before, told = planned(seed, households=150, room=3.0)
    homes = homes.drop(columns="group", errors="ignore")
    homes["wheelchair"] = False  # so that any free bed serves anybody
    after, wider, blocked = worse(seed, network.nodes.total_bounds, places, hazard)
    after["capacity"] += 200
    found = replan(network, homes, after, wider, before, told, blocked)
    case = evacuation_case.read(network, homes, after, wider, blocked, Options())
    assert unneeded(case, after, before, told, found, homes.people) == []
    assert set(found.changed.why) <= {"unsafe", "shelter_closed", "way_cut", "new", "now_served"}


@given(st.integers(0, 10_000), st.floats(0.4, 1.2))
@settings(max_examples=15, deadline=None)
def test_no_plan_that_serves_as_many_changes_fewer(seed, room):
    network, homes, places, hazard, before, told = planned(
        seed, households=60, shelters=3, room=room, side=5
    )
    homes = homes.drop(columns="group", errors="ignore")
    inside = homes.index[homes.intersects(hazard)][:7]
    homes = homes.loc[inside]
    before = before.reindex(inside)
    after = places.copy()
    after["capacity"] = np.maximum(after["capacity"] // 8, 2)
    found = replan(network, homes, after, hazard, before, told)
    case = evacuation_case.read(network, homes, after, hazard, None, Options())
    was = after.index.get_indexer(before.shelter)
    mine = told[inside].to_numpy()
    weight = np.maximum(case.people, 1) * (was >= 0)
    best = None
    for choice in itertools.product(
        *[[-1, *np.flatnonzero(np.isfinite(row))] for row in case.seconds]
    ):
        place = np.array(choice)
        load = np.bincount(place[place >= 0], case.people[place >= 0], len(after))
        if (load > case.capacity).any():
            continue
        out, moved = place < 0, place != was
        value = (
            case.people[out & case.urgent].sum(),
            case.people[out].sum(),
            weight[moved & mine].sum(),
            weight[moved].sum(),
        )
        best = value if best is None else min(best, value)
    changed = found.changed[found.changed.before.notna()]
    weights = homes.people.clip(lower=1)
    left = found.draft.unserved.index
    urgent = pd.Series(case.urgent, index=inside)
    assert best == (
        homes.people[left][urgent[left]].sum(),
        homes.people[left].sum(),
        weights[changed.index[changed.told]].sum(),
        weights[changed.index].sum(),
    )


def test_waves_of_those_who_were_told_stay_though_the_hazard_is_wider():
    few = Options(per_wave=40)
    network, homes, places, hazard, before, told = planned(4, room=3.0, options=few)
    found = replan(network, homes, places, hazard.buffer(50), before, told, options=few)
    fresh = draft(network, homes, places, hazard.buffer(50), options=few)
    assert not found.kept.wave_changed.any()
    both = found.kept.index.intersection(fresh.assignments.index)
    assert (fresh.assignments.wave[both] != before.wave[both]).any()
    load = homes.people[found.draft.assignments.index].groupby(found.draft.assignments.wave).sum()
    assert load.max() <= 40
    check(network, homes, places, hazard.buffer(50), found.draft)


def test_a_way_that_is_blocked_is_said_of_those_who_keep_their_shelter():
    network, homes, places, hazard, before, told = planned(8, room=3.0)
    middle = before.geometry.dropna().iloc[0].interpolate(0.6, normalized=True)
    found = replan(network, homes, places, hazard, before, told, middle.buffer(20))
    ways = found.draft.routes.geometry
    for row in found.kept.index:
        far = ways[row].hausdorff_distance(before.geometry[row])
        assert found.kept.way_changed[row] == (far > 1.0)
    assert found.kept.way_changed.any()
    assert set(found.kept.index[found.kept.way_changed]) <= set(found.sheets["households"])


def test_a_shelter_off_the_list_and_a_household_out_of_it():
    network, homes, places, hazard, before, told = planned(2, room=3.0)
    used = before.shelter.dropna().iloc[0]
    moved_out = before.index[before.shelter == used][0]
    rest = homes.drop(index=moved_out)
    found = replan(network, rest, places.drop(index=used), hazard, before, told)
    assert found.changed.why[moved_out] == "gone"
    others = before.index[(before.shelter == used) & (before.index != moved_out)]
    assert (found.changed.why[others] == "shelter_closed").all()
    assert (found.changed.before[others] == used).all()


def test_who_has_not_been_told_may_go_where_it_is_nearer():
    network, homes, places, hazard, before, told = planned(1, room=1.0)
    more = places.assign(capacity=1000)
    kept = replan(network, homes, more, hazard, before, told)
    free = replan(network, homes, more, hazard, before, told, keep_untold=False)
    assert kept.totals["changed_households"] == 0
    assert free.totals["told_households"] == 0
    moved = free.changed[free.changed.before.notna()]
    assert set(moved.why) == {"better"}
    assert not moved.told.any()
    assert free.draft.person_seconds < kept.draft.person_seconds


def test_a_plan_before_that_repeats_itself_is_refused():
    network, homes, places, hazard, before, told = planned(1)
    twice = pd.concat([before.shelter, before.shelter.iloc[:1]])
    with pytest.raises(GeodataError, match="repeats"):
        replan(network, homes, places, hazard, twice, told)
    with pytest.raises(GeodataError, match="shelter"):
        replan(network, homes, places, hazard, before.drop(columns="shelter"), told)


@pytest.mark.parametrize("kind", ["shelter", "road", "any"])
def test_a_plan_that_was_to_survive_failures_is_judged_as_it_is_now(kind):
    options = Options(robust=kind)
    network, homes, places, hazard, before, told = planned(
        4, households=80, room=2.0, options=options
    )
    first = draft(network, homes, places, hazard, options=options)
    same = replan(network, homes, places, hazard, before, told, options=options).draft
    assert same.totals["robust"]["people"] == first.totals["robust"]["people"] > 0
    assert sorted(same.not_robust.index) == sorted(first.not_robust.index)
    assert same.alternates.equals(first.alternates)
    alone = places.assign(open=places.index == places.index[0], capacity=int(homes.people.sum()))
    worse = replan(network, homes, alone, hazard, before, told, options=options).draft
    found = worse.totals["robust"]
    assert found["people"] + found["not_people"] == worse.totals["served_people"] > 0
    assert len(worse.not_robust) == found["not_households"]
    if kind != "road":
        assert found["people"] == 0
        assert worse.alternates["shelter"].isna().all()
