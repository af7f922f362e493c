"""Households come, go and move: mended, the coverage is the one found anew, to the last bit."""

import numpy as np
import pandas as pd
from chance_streets import BOX, PLACES, TOWN
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from plain_streets import places, roads_frame
from test_cover_update import LABEL, STANDARD, STATION, frame_of

from geodata.cover_update import rehoused, start, update
from geodata.coverage import Standard, cover
from geodata.network import Network
from geodata.points import spots

HOME = st.tuples(PLACES, st.integers(0, 5))
HOMES = st.dictionaries(st.integers(0, 14), HOME, min_size=1, max_size=10)
many = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def homes_of(known):
    """Make the frame of households by label."""
    labels = sorted(known)
    frame = places([known[label][0] for label in labels])
    frame = frame.assign(people=[known[label][1] for label in labels])
    return frame.set_index(pd.Index(labels, dtype=int))


def again(state, homes):
    return rehoused(state, pd.DataFrame(homes.drop(columns="geometry")), spots(homes, homes.crs))


@many
@given(
    TOWN,
    HOMES,
    st.lists(HOMES, min_size=1, max_size=3),
    st.dictionaries(LABEL, STATION, max_size=5),
    st.lists(BOX, max_size=2),
    STANDARD,
)
def test_any_moves_between_closures(roads, first, moves, stations, areas, standard):
    whole, sites = Network.from_roads(roads), frame_of(stations)
    state = start(whole, homes_of(first), sites, standard)
    for homes in moves:
        # most stay where they were
        now = {**{label: one for label, one in first.items() if label % 3}, **homes}
        frame = homes_of(now)
        state, _ = again(state, frame)
        assert_frame_equal(state.frame(), cover(state.network, frame, sites, standard))
        network = whole.close(areas) if areas else whole
        state, _ = update(state, network, sites)
        fresh = cover(network, frame, sites, standard)
        assert_frame_equal(state.frame(), fresh, check_exact=True)
        assert state.frame().attrs == fresh.attrs


@many
@given(TOWN, HOMES, st.dictionaries(LABEL, STATION, max_size=5), STANDARD)
def test_only_who_has_moved_is_looked_at(roads, known, stations, standard):
    whole = Network.from_roads(roads)
    state = start(whole, homes_of(known), frame_of(stations), standard)
    same, looked = again(state, homes_of(known))
    assert same is state
    assert looked == 0
    gone = dict(list(known.items())[1:])
    fewer, looked = again(state, homes_of(gone)) if gone else (state, 0)
    assert looked == 0
    assert fewer.homes.index.tolist() == sorted(gone or known)
    more = {**known, 99: ((150.0, 150.0), 2)}
    assert again(state, homes_of(more))[1] == 1


def test_people_who_move_in_take_the_room_of_others():
    known = {label: ((10.0 * label, 5.0), 1) for label in range(4)}
    whole = Network.from_roads(roads_frame([([(0, 0), (100, 0)], {})]))
    sites = places([(0.0, 0.0)], capacity=[4], open=[True], crew=[None])
    standard = Standard("shelter", "drive", 500.0, "metres", "to_facility", capacity=True)
    state = start(whole, homes_of(known), sites, standard)
    assert state.answers.covered.all()
    crowded = homes_of({**known, 0: ((0.0, 5.0), 3)})
    state, looked = again(state, crowded)
    assert looked == 0
    fresh = cover(whole, crowded, sites, standard)
    assert_frame_equal(state.frame(), fresh, check_exact=True)
    assert np.count_nonzero(state.answers.covered) < 4
