"""Who loses cover if one street or facility closes: as if each were closed in turn."""

import dataclasses
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chance_streets import BOX, PLACES, TOWN, plain
from hypothesis import given
from hypothesis import strategies as st
from plain_streets import places, roads_frame

from geodata import criticality
from geodata.coverage import Standard, cover
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.readers import osm

STANDARD = st.builds(
    lambda by, direction, limit: Standard("fire", "drive", limit, by, direction),
    st.sampled_from(["seconds", "metres"]),
    st.sampled_from(["to_household", "to_facility"]),
    st.sampled_from([20.0, 60.0, 150.0, 400.0]),
)


def without(network, pieces):
    """Return the network with these pieces closed, be they bridges or not."""
    closed = np.isin(network.pieces.of_edges[0], pieces)
    return Network(
        network.pieces,
        network.roads,
        network.profile,
        network._snapper,
        network.opened & ~closed,
        network.unclosed,
    )


def crowd(points):
    return places(points).assign(
        people=[1 + row % 4 for row in range(len(points))],
        with_needs=[row % 3 == 0 for row in range(len(points))],
    )


def sums(households, lost):
    return [
        int(lost.sum()),
        int(households.people[lost].sum()),
        int(households.with_needs[lost].sum()),
    ]


def by_hand(network, households, facilities, standard, groups):
    """Close each group of pieces, run the coverage again, and compare who is covered."""
    standard = dataclasses.replace(standard, capacity=False)
    before = cover(network, households, facilities, standard).covered
    found = {}
    for pieces in groups:
        after = cover(without(network, pieces), households, facilities, standard).covered
        assert not (after & ~before).any()
        lost = sums(households, before & ~after)
        if lost[0]:
            found[tuple(pieces)] = lost
    return found


def as_found(frame):
    return {
        tuple(row.pieces): [row.households, row.people, row.with_needs]
        for row in frame.itertuples()
    }


def joined(network):
    """Group the pieces by hand: bridges of one name or road that meet are one."""
    pieces = network.pieces
    bridge = network.roads["bridge"].to_numpy()[pieces.road]
    title = [network.street(piece)[0] or pieces.road[piece] for piece in range(len(pieces.road))]
    left, groups = list(range(len(pieces.road))), []
    while left:
        group, queue = [], [left[0]]
        while queue:
            piece = queue.pop()
            if piece not in left:
                continue
            left.remove(piece)
            group.append(piece)
            ends = {pieces.start[piece], pieces.end[piece]}
            queue += [
                other
                for other in left
                if bridge[piece]
                and bridge[other]
                and title[piece] == title[other]
                and ends & {pieces.start[other], pieces.end[other]}
            ]
        groups.append(sorted(group))
    return groups


@plain
@given(
    TOWN,
    BOX,
    st.lists(PLACES, min_size=1, max_size=12),
    st.lists(PLACES, min_size=1, max_size=4),
    STANDARD,
    st.booleans(),
)
def test_streets_are_those_found_by_closing_each(roads, area, homes, stations, standard, closed):
    network = Network.from_roads(roads)
    if closed:
        network = network.close(area)
    homes, stations = crowd(homes), places(stations)
    frame = criticality.streets(network, homes, stations, standard)
    want = by_hand(network, homes, stations, standard, joined(network))
    assert as_found(frame) == want
    ranked = frame[["people", "households"]].to_numpy().tolist()
    assert ranked == sorted(ranked, reverse=True)


@plain
@given(
    TOWN,
    st.lists(PLACES, min_size=1, max_size=12),
    st.lists(PLACES, min_size=1, max_size=5),
    STANDARD,
    st.randoms(use_true_random=False),
)
def test_facilities_are_those_found_by_closing_each(roads, homes, stations, standard, random):
    network = Network.from_roads(roads)
    homes = crowd(homes)
    stations = places(
        stations,
        open=[random.random() > 0.2 for _ in stations],
        crew=[random.choice(["a", "b", None]) for _ in stations],
    ).set_index(pd.Index(random.sample(range(50), len(stations))))
    before = cover(network, homes, stations, standard).covered
    want = []
    for label in stations.index:
        shut = stations.assign(open=stations.open & (stations.index != label))
        want.append(sums(homes, before & ~cover(network, homes, shut, standard).covered))
    frame = criticality.facilities(network, homes, stations, standard)
    assert frame.index.equals(stations.index)
    assert frame[["households", "people", "with_needs"]].to_numpy().tolist() == want


@pytest.fixture(scope="module")
def layers():
    return osm.read(files("geodata.demo") / "monaco.osm.pbf")


class TestMonaco:
    @pytest.mark.parametrize("direction", ["to_household", "to_facility"])
    def test_a_sample_of_streets(self, layers, direction):
        network = Network.from_roads(layers.roads, "drive")
        points = layers.buildings.geometry.iloc[::20].to_crs(network.metric).centroid
        number = np.arange(len(points))
        homes = gpd.GeoDataFrame(
            {"people": 1 + number % 4, "with_needs": number % 3 == 0},
            geometry=points.to_numpy(),
            crs=network.metric,
        )
        stations = layers.facilities[layers.facilities.kind == "fire_station"]
        standard = Standard("fire", "drive", 150.0, direction=direction)
        frame = criticality.streets(network, homes, stations, standard)
        found = as_found(frame)
        assert len(found) > 100
        assert frame.people.iloc[0] > 20
        groups = joined(network)
        assert any(len(group) > 1 for group in groups)
        sample = [list(key) for key in [*list(found)[:12], *list(found)[12::25]]]
        sample += [group for group in groups if tuple(group) not in found][::60]
        sample += [group for group in groups if len(group) > 1][::6]
        want = by_hand(network, homes, stations, standard, sample)
        assert {key: found[key] for key in map(tuple, sample) if key in found} == want
        assert len(want) > 15

    def test_names_bridges_and_lines(self, layers):
        network = Network.from_roads(layers.roads, "walk")
        points = layers.buildings.geometry.iloc[::40].to_crs(network.metric).centroid
        homes = gpd.GeoDataFrame(geometry=points.to_numpy(), crs=network.metric)
        stations = layers.facilities[layers.facilities.kind == "hospital"]
        frame = criticality.streets(network, homes, stations, Standard("walk", "walk", 900.0))
        assert set(frame.name.dropna()) <= set(layers.roads.name.dropna())
        assert frame.name.notna().any()
        assert frame.bridge.any()
        assert not frame.bridge.all()
        assert frame.crs == network.crs
        for row in frame.itertuples():
            lines = network.pieces.lines()[row.pieces]
            assert row.geometry.length == pytest.approx(sum(line.length for line in lines))
            assert row.road == layers.roads.index[network.pieces.road[row.pieces[0]]]
            assert row.people == row.households
            assert row.with_needs == 0


ROW = [(x, 0) for x in range(0, 500, 100)]
KILOMETRE = Standard("fire", "drive", 1000.0, "metres")


def street(*bends, **attributes):
    return list(bends), attributes


def test_by_hand_a_street_a_bridge_and_who_lives_on_it():
    town = roads_frame(
        [
            street((0, 0), (100, 0), bridge=True, name="Old Bridge"),
            street((100, 0), (200, 0), bridge=True, name="Old Bridge"),
            street((200, 0), (400, 0), name="High Street"),
            street((400, 0), (400, 200), name=None),
            street((200, 0), (200, 50), (390, 50), (400, 200), bridge=True, name="Old Bridge"),
        ]
    )
    network = Network.from_roads(town)
    homes = crowd([(0, 2), (150, 2), (300, 2), (400, 100), (400, 200), (1000, 1000)])
    frame = criticality.streets(network, homes, places([(0, 0)]), KILOMETRE)
    rows = frame[["name", "bridge", "households", "people", "with_needs"]].to_numpy().tolist()
    assert rows == [
        # 1 on its junction stays covered; the bridge's third part joins the others
        ["Old Bridge", True, 4, 10, 1],
        [None, False, 1, 4, 1],
        ["High Street", False, 1, 3, 0],
    ]
    assert frame.pieces.map(list).tolist() == [[0, 1, 4], [3], [2]]
    kept = criticality.streets(
        network.close(homes.geometry[2].buffer(5)), homes, places([(0, 0)]), KILOMETRE
    )
    assert kept.pieces.map(list).tolist() == [[0, 1, 4], [3]]


def test_nobody_and_nothing():
    network = Network.from_roads(roads_frame([street((0, 0), (100, 0))]))
    nobody, nothing = places([]), places([])
    for homes, stations in ((nobody, places([(0, 0)])), (crowd([(50, 0)]), nothing)):
        frame = criticality.streets(network, homes, stations, KILOMETRE)
        assert len(frame) == 0
        assert frame.columns.tolist() == [
            "pieces",
            "road",
            "name",
            "bridge",
            "households",
            "people",
            "with_needs",
            "geometry",
        ]
        lost = criticality.facilities(network, homes, stations, KILOMETRE)
        assert lost.to_numpy().sum() == 0
        assert lost.index.equals(stations.index)
    empty = Network.from_roads(roads_frame([street((0, 0), (100, 0), highway="footway")]))
    assert len(criticality.streets(empty, crowd([(5, 0)]), places([(0, 0)]), KILOMETRE)) == 0


def test_what_cannot_be_read_is_refused():
    network = Network.from_roads(roads_frame([street((0, 0), (100, 0))]))
    homes, stations = crowd([(50, 0)]), places([(0, 0)])
    for asked in (criticality.streets, criticality.facilities):
        with pytest.raises(GeodataError, match="'walk'"):
            asked(network, homes, stations, Standard("life", "walk", 1000.0))
        with pytest.raises(GeodataError, match="row 0, column 'people'"):
            asked(network, homes.assign(people=-1), stations, KILOMETRE)
        with pytest.raises(GeodataError, match="row 0, column 'with_needs'"):
            asked(network, homes.assign(with_needs="two"), stations, KILOMETRE)
