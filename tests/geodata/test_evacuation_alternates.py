"""Second shelters: whichever one fails, those sent there have a bed that nobody else has."""

import numpy as np
import pytest
from evacuation_lines import LINE, area, homes_at, places_at
from evacuation_towns import town
from hypothesis import given, settings
from hypothesis import strategies as st
from test_evacuation_groups import every_choice, grouped

from geodata import evacuation_case
from geodata.evacuation import Options, draft, drafted
from geodata.network import Network

WALK = Network.from_roads(LINE, "walk")
HAZARD = area(100, -50, 200, 50)


@given(st.integers(0, 10_000), st.floats(0.6, 2.5))
@settings(max_examples=12, deadline=None)
def test_no_shelter_overflows_whichever_one_fails(seed, room):
    roads, homes, places, hazard = town(seed, households=200, room=room)
    homes = grouped(homes, hazard, np.random.default_rng(seed), 0.2)
    network = Network.from_roads(roads, "walk")
    options = Options(walk_limit_seconds=700)
    found = draft(network, homes, places, hazard, options=options)
    second, served = found.alternates, found.assignments
    assert second.index.equals(served.index)
    has = second.shelter.notna()
    assert (second.shelter[has] != served.shelter[has]).all()
    assert (second.seconds[has] <= 700).all()
    assert found.loads.out[second.shelter[has].unique()].isna().all()
    chairs = homes.wheelchair[served.index] & has
    assert places.accessible[second.shelter[chairs]].all()
    for shelter, fled in second[has].groupby(served.shelter[has]):
        more = homes.people[fled.index].groupby(fled.shelter).sum()
        load = found.loads.people.add(more, fill_value=0)
        assert (load.drop(shelter) <= found.loads.capacity.drop(shelter)).all()
    kin = second.join(homes.group).dropna(subset="group")
    assert (kin.groupby("group").shelter.nunique(dropna=False) == 1).all()


@pytest.mark.parametrize("seed", range(12))
def test_as_many_as_possible_have_a_second_shelter(seed):
    rng = np.random.default_rng(seed)
    count = 6
    homes = homes_at(
        *((float(x), 0.0) for x in rng.uniform(101, 199, count)),
    ).assign(people=rng.integers(1, 6, count))
    places = places_at((20, 5), (240, 5), (390, 5), capacity=rng.integers(6, 18, 3).tolist())
    found = draft(WALK, homes, places, HAZARD)
    here = homes.loc[found.assignments.index]
    seconds = WALK.matrix(here.geometry, places.geometry)[0]
    place = places.index.get_indexer(found.assignments.shelter)
    free = (found.loads.capacity - found.loads.people).to_numpy()
    for shelter in np.unique(place):
        rows = np.flatnonzero(place == shelter)
        left = np.where(np.arange(3) == shelter, 0, free)
        nobody = np.zeros(len(rows), dtype=bool)
        _, served, took = every_choice(
            here.people.to_numpy()[rows], seconds[rows], left, nobody, np.arange(len(rows))
        )
        second = found.alternates.iloc[rows]
        has = second.shelter.notna()
        people = here.people.iloc[rows][has]
        assert people.sum() == -served
        assert float(people @ second.seconds[has]) == pytest.approx(took, abs=0.01)


def test_whoever_has_no_second_shelter_is_told_so():
    homes, places = homes_at((150, 0), (160, 0)), places_at((300, 0), (400, 0), capacity=[4, 2])
    found = draft(WALK, homes, places, HAZARD)
    assert found.alternates.shelter.isna().sum() == 1
    assert found.alternates.seconds.isna().equals(found.alternates.shelter.isna())
    assert found.alternates.shelter.dropna().tolist() == ["s1"]
    none = draft(WALK, homes, places, area(5000, 0, 5001, 1))
    assert none.alternates.empty
    assert list(none.alternates) == ["shelter", "seconds", "metres"]


@pytest.mark.parametrize("seed", [4, 9])
def test_a_draft_can_be_made_of_shelters_already_known(seed):
    roads, homes, places, hazard = town(seed, households=150, room=1.2)
    homes = grouped(homes, hazard, np.random.default_rng(seed), 0.3)
    network = Network.from_roads(roads, "walk")
    made = draft(network, homes, places, hazard)
    case = evacuation_case.read(network, homes, places, hazard, None, Options())
    known = made.assignments.reindex(case.households.index)
    place = places.index.get_indexer(known.shelter)
    wave = known.wave.fillna(0).to_numpy(dtype=np.int64)
    again = drafted(case, places, place, Options(), wave + 1)
    assert again.assignments.drop(columns="wave").equals(made.assignments.drop(columns="wave"))
    assert (again.assignments.wave == made.assignments.wave + 1).all()
    assert again.person_seconds == made.person_seconds
    assert again.bound == pytest.approx(made.bound, rel=1e-6)
    assert again.unserved.equals(made.unserved)
    assert again.alternates.equals(made.alternates)
    assert drafted(case, places, place, Options()).assignments.equals(made.assignments)
