"""A coverage mended after changes is the coverage found anew, to the last bit."""

from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chance_streets import BOX, PLACES, TOWN
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from plain_streets import at, places, roads_frame
from shapely.geometry import box

from geodata.cover_update import start, update
from geodata.coverage import Standard, cover
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.readers import osm

STANDARD = st.builds(
    lambda by, direction, limit, capacity: Standard(
        "fire", "drive", limit, by, direction, capacity
    ),
    st.sampled_from(["seconds", "metres"]),
    st.sampled_from(["to_household", "to_facility"]),
    st.sampled_from([20.0, 60.0, 150.0, 400.0]),
    st.sampled_from([False, False, True]),
)
LABEL = st.integers(0, 9)
CREW = st.sampled_from(["a", "b", None])
STATION = st.fixed_dictionaries(
    {
        "at": PLACES,
        "open": st.booleans(),
        "crew": CREW,
        "capacity": st.sampled_from([0, 3, 7, None]),
    }
)
STEP = st.one_of(
    st.tuples(st.just("close"), BOX),
    st.tuples(st.just("reopen"), st.none()),
    st.tuples(st.just("put"), st.tuples(LABEL, STATION)),
    st.tuples(st.just("switch"), LABEL),
    st.tuples(st.just("crew"), st.tuples(LABEL, CREW)),
    st.tuples(st.just("remove"), LABEL),
)
many = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def frame_of(stations):
    """Make the frame of stations by label; they stand in no particular order."""
    labels = sorted(stations, key=lambda label: (label * 7) % 10)
    rows = [stations[label] for label in labels]
    columns = {name: [row[name] for row in rows] for name in ("open", "crew", "capacity")}
    return places([row["at"] for row in rows], **columns).set_index(pd.Index(labels, dtype=int))


def changed(stations, areas, step):
    """Do one step."""
    kind, what = step
    stations, areas = dict(stations), list(areas)
    if kind == "close":
        areas.append(what)
    elif kind == "reopen":
        areas = areas[1:]
    elif kind == "put":
        stations[what[0]] = what[1]
    elif kind == "switch" and what in stations:
        stations[what] = {**stations[what], "open": not stations[what]["open"]}
    elif kind == "crew" and what[0] in stations:
        stations[what[0]] = {**stations[what[0]], "crew": what[1]}
    elif kind == "remove":
        stations.pop(what, None)
    return stations, areas


def differing(one, other):
    """Tell which rows differ, missing values being equal to each other."""
    texts = [
        frame.astype(object).where(frame.notna(), "").map(repr).to_numpy() for frame in (one, other)
    ]
    return (texts[0] != texts[1]).any(axis=1)


def check(state, changes, before, network, homes, stations, standard):
    """Compare with a run from scratch, and what is said to have changed with what has."""
    fresh = cover(network, homes, stations, standard)
    assert_frame_equal(state.frame(), fresh, check_exact=True)
    assert state.frame().attrs == fresh.attrs
    mask = differing(before, fresh)
    assert changes.changed.tolist() == np.flatnonzero(mask).tolist()
    was, now = before.covered.to_numpy(), fresh.covered.to_numpy()
    assert changes.lost.tolist() == np.flatnonzero(was & ~now).tolist()
    assert changes.gained.tolist() == np.flatnonzero(~was & now).tolist()
    other = differing(before[["facility"]], fresh[["facility"]])
    assert changes.moved.tolist() == np.flatnonzero(was & now & other).tolist()
    assert_frame_equal(state.frame(changes.changed), fresh.iloc[changes.changed], check_exact=True)
    return fresh


@many
@given(
    TOWN,
    st.lists(PLACES, min_size=1, max_size=12),
    st.dictionaries(LABEL, STATION, max_size=5),
    st.lists(STEP, min_size=1, max_size=6),
    STANDARD,
)
def test_any_changes_in_any_order(roads, homes, stations, steps, standard):
    whole, areas = Network.from_roads(roads), []
    homes = places(homes).assign(people=[1 + row % 4 for row in range(len(homes))])
    state = start(whole, homes, frame_of(stations), standard)
    before = cover(whole, homes, frame_of(stations), standard)
    assert_frame_equal(state.frame(), before, check_exact=True)
    for step in steps:
        stations, areas = changed(stations, areas, step)
        network = whole.close(areas) if areas else whole
        if step[0] in ("close", "reopen"):
            state, changes = update(state, network=network)
        elif len(steps) % 2:
            state, changes = update(state, facilities=frame_of(stations))
        else:
            state, changes = update(state, network, frame_of(stations))
        before = check(state, changes, before, network, homes, frame_of(stations), standard)


def lattice(chance, side=6):
    """Make a town of equal ways: slow short streets take as long as fast ones with a bend."""
    rows = []
    for x in range(side):
        for y in range(side):
            for dx, dy in ((100, 0), (0, 100)):
                one, other = (100 * x, 100 * y), (100 * x + dx, 100 * y + dy)
                bend = (one[0] + dx / 2 + dy * 3**0.5 / 2, one[1] + dy / 2 + dx * 3**0.5 / 2)
                fast = chance.random() < 0.4
                bends = [one, bend, other] if fast else [one, other]
                rows.append((bends, {"maxspeed_kmh": 72.0 if fast else 36.0}))
    return roads_frame([rows[row] for row in chance.permutation(len(rows))])


@pytest.mark.parametrize("seed", range(6))
def test_equal_ways_give_the_same_metres(seed):
    chance = np.random.default_rng(seed)
    whole = Network.from_roads(lattice(chance))
    homes = places((chance.integers(0, 13, (60, 2)) * 50).tolist())
    stations = {
        label: {
            "at": tuple((chance.integers(0, 7, 2) * 100).tolist()),
            "open": True,
            "crew": "ab"[label % 2] if seed % 2 else None,
            "capacity": None,
        }
        for label in range(5)
    }
    standard = Standard("fire", "drive", 25.0, direction=["to_household", "to_facility"][seed % 2])
    state = start(whole, homes, frame_of(stations), standard)
    before = cover(whole, homes, frame_of(stations), standard)
    for turn in range(8):
        x, y = (chance.integers(0, 12, 2) * 50).tolist()
        network = whole.close(at(x + 25, y).buffer(30)) if turn % 3 else whole
        label = int(chance.integers(0, 5))
        stations[label] = {**stations[label], "open": not stations[label]["open"]}
        state, changes = update(state, network, frame_of(stations))
        before = check(state, changes, before, network, homes, frame_of(stations), standard)


def station(x, **other):
    return {"at": (x, 0), "open": True, "crew": None, "capacity": None, **other}


STREETS = roads_frame(
    [([(x, 0), (x + 100, 0)], {"maxspeed_kmh": 36.0}) for x in range(0, 1000, 100)]
    + [([(3000, 0), (3100, 0)], {})]
)


def steps_of(network, homes, standard, *stages):
    """Go through (network, stations) one after the other; return the reasons after each."""
    state, before, said = None, None, []
    for net, stations in stages:
        facilities = frame_of(stations)
        if state is None:
            state = start(net, homes, facilities, standard)
            before = cover(net, homes, facilities, standard)
        else:
            state, changes = update(state, net, facilities)
            before = check(state, changes, before, net, homes, facilities, standard)
        said.append(before.reason.fillna("").tolist())
    return said


def test_room_that_comes_and_goes():
    network = Network.from_roads(STREETS)
    homes = places([(10, 0), (20, 0), (30, 0)]).assign(people=[2, 2, 2])
    standard = Standard("shelter", "drive", 500.0, "metres", "to_facility", capacity=True)
    said = steps_of(
        network,
        homes,
        standard,
        (network, {1: station(0, capacity=2)}),
        (network, {1: station(0, capacity=4)}),
        (network, {1: station(0, capacity=2)}),
        (network, {1: station(0, capacity=2), 2: station(400, capacity=2)}),
        (network.close(at(300, 0).buffer(5)), {1: station(0, capacity=2), 2: station(400)}),
    )
    assert said == [
        ["", "full", "full"],
        ["", "", "full"],
        ["", "full", "full"],
        ["", "full", ""],
        ["", "full", "full"],
    ]


def test_why_follows_what_is_not_there():
    network = Network.from_roads(STREETS)
    cut = network.close(at(550, 0).buffer(5))
    homes = places([(900, 0), (3050, 0), (100, 0)])
    standard = Standard("fire", "drive", 1000.0, "metres")
    one, shut = {1: station(0)}, station(950, open=False)
    said = steps_of(
        network,
        homes,
        standard,
        (cut, one),
        (cut, {**one, 2: shut}),
        (cut, {**one, 2: station(3000)}),
        (cut, {2: station(3000)}),
        (cut, {2: station(3000), 3: station(10)}),
        (network, {2: station(3000), 3: station(10)}),
        (network, {}),
        (network, one),
    )
    assert said == [
        ["cut_off", "no_road", ""],
        ["closed", "no_road", ""],
        ["cut_off", "", ""],
        ["no_road", "", "no_road"],
        ["cut_off", "", ""],
        ["", "", ""],
        ["no_road", "no_road", "no_road"],
        ["", "no_road", ""],
    ]


def test_a_state_is_not_changed_by_updates():
    network = Network.from_roads(STREETS)
    homes = places([(x, 0) for x in range(0, 1000, 50)])
    standard = Standard("fire", "drive", 30.0)
    state = start(network, homes, frame_of({1: station(0), 2: station(700)}), standard)
    kept = state.frame()
    for x in range(50, 900, 200):
        later, changes = update(state, network.close(at(x, 0).buffer(5)), frame_of({1: station(x)}))
        assert len(changes.changed) > 0
        assert not later.frame().equals(kept)
        assert_frame_equal(state.frame(), kept, check_exact=True)


def test_no_change_changes_nothing():
    network = Network.from_roads(STREETS)
    homes = places([(100, 0), (500, 40)])
    state = start(network, homes, frame_of({1: station(0)}), Standard("fire", "drive", 30.0))
    for changes in (
        update(state)[1],
        update(state, network.close(at(5000, 0).buffer(1)))[1],
        update(state, facilities=frame_of({1: station(0)}))[1],
    ):
        assert len(changes.changed) == 0


def test_labels_of_text_and_nothing_at_all():
    network = Network.from_roads(STREETS)
    homes, standard = places([(100, 0), (500, 40)]), Standard("fire", "drive", 30.0)
    named = frame_of({1: station(0), 2: station(300)}).set_axis(["甲", "乙"])
    state = start(network, homes, named, standard)
    assert_frame_equal(state.frame(), cover(network, homes, named, standard), check_exact=True)
    none = named.iloc[:0]
    state, changes = update(state, facilities=none)
    assert changes.lost.tolist() == [0]
    assert_frame_equal(state.frame(), cover(network, homes, none, standard), check_exact=True)
    footway = Network.from_roads(STREETS.assign(highway="footway"))
    empty = start(footway, homes.iloc[:0], named, standard)
    assert len(update(empty, facilities=none)[0].frame()) == 0
    lost = start(footway, homes, named, standard)
    assert_frame_equal(lost.frame(), cover(footway, homes, named, standard), check_exact=True)


def test_what_is_of_another_town_is_refused():
    network = Network.from_roads(STREETS)
    homes, standard = places([(100, 0)]), Standard("fire", "drive", 30.0)
    state = start(network, homes, frame_of({1: station(0)}), standard)
    for other in (
        Network.from_roads(STREETS.iloc[:4]),
        Network.from_roads(STREETS.assign(maxspeed_kmh=20.0)),
        Network.from_roads(STREETS, "truck"),
    ):
        with pytest.raises(GeodataError, match="other streets"):
            update(state, other)
    twice = frame_of({1: station(0), 2: station(5)}).set_axis([1, 1])
    with pytest.raises(GeodataError, match="the label repeats"):
        update(state, facilities=twice)
    with pytest.raises(GeodataError, match="'walk'"):
        start(network, homes, twice, Standard("life", "walk", 30.0))


class TestMonaco:
    @pytest.mark.parametrize("capacity", [False, True])
    def test_real_closures(self, capacity):
        layers = osm.read(files("geodata.demo") / "monaco.osm.pbf")
        whole = Network.from_roads(layers.roads, "walk")
        points = layers.buildings.geometry.iloc[::8].to_crs(whole.metric).centroid
        homes = gpd.GeoDataFrame(
            {"people": 1 + np.arange(len(points)) % 4}, geometry=points.to_numpy(), crs=whole.metric
        )
        some = layers.facilities.reset_index(drop=True)
        some = some.assign(capacity=300.0, open=some.index % 7 > 0, crew=some["kind"])
        standard = Standard("life", "walk", 900.0, direction="to_facility", capacity=capacity)
        state = start(whole, homes, some, standard)
        before = cover(whole, homes, some, standard)
        chance = np.random.default_rng(9)
        areas = []
        for turn in range(4):
            x, y = whole.pieces.nodes[chance.integers(whole.size)]
            areas = [*areas[-2:], box(x - 0.002, y - 0.001, x + 0.002, y + 0.001)]
            network = whole.close(areas)
            some = some.assign(open=(some.index + turn) % 7 > 0).drop(index=some.index[turn])
            state, changes = update(state, network, some)
            before = check(state, changes, before, network, homes, some, standard)
            assert 0 < len(changes.changed) < len(homes)
