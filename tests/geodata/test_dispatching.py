"""Whom to send: every part of the cost, ties, closures, and whom a team leaves uncovered."""

import numpy as np
import pandas as pd
from chance_streets import PLACES, TOWN, plain
from hypothesis import given
from hypothesis import strategies as st
from plain_streets import places, roads_frame

from geodata.coverage import Standard, cover
from geodata.dispatching import Wanted, Weights, left_without, rank
from geodata.network import Network
from geodata.street_profiles import profile_of

STREETS = roads_frame([([(x, 0), (x + 1000, 0)], {"maxspeed_kmh": 36.0}) for x in (0, 1000, 2000)])
DRIVE = Network.from_roads(STREETS, profile_of("drive"))
NETWORKS = {"fire": DRIVE, "police": DRIVE}


def teams(*rows, index=None):
    frame = pd.DataFrame(
        [
            {"kind": "fire", "skills": ("fire",), "load": 0, "on_duty": True, **row}
            for _, row in rows
        ],
        index=index or range(1, len(rows) + 1),
    )
    return places([spot for spot, _ in rows]).set_index(frame.index).join(frame)


def test_every_part_of_the_cost_is_named_and_adds_up():
    given_teams = teams(
        ((0, 0), {}),
        ((2900, 0), {"skills": (), "load": 2}),
        ((2900, 0), {"kind": "police"}),
    )
    left = pd.DataFrame({"households": [4], "people": [40]}, index=[1])
    worth = Weights(skill=1000.0, kind=500.0, load=200.0, person=2.0, most_cover=60.0)
    wanted = Wanted(("fire",), ("fire",))
    found = rank(NETWORKS, places([(3000, 0)]).geometry, given_teams, wanted, left, worth).teams
    assert list(found.index) == [1, 3, 2]
    assert found["skill_cost"].tolist() == [0, 0, 1000]
    assert found["kind_cost"].tolist() == [0, 500, 0]
    assert found["load_cost"].tolist() == [0, 0, 400]
    assert found["cover_cost"].tolist() == [60, 0, 0]  # 40 people are worth 80, at most 60
    assert found["missing"].tolist() == [(), (), ("fire",)]
    assert found["people"].tolist() == [40, 0, 0]
    parts = found[["seconds", "skill_cost", "kind_cost", "load_cost", "cover_cost"]]
    assert found["cost"].tolist() == parts.sum(axis=1).tolist()


def test_of_equally_good_teams_the_lower_label_comes_first():
    same = teams(((500, 0), {}), ((500, 0), {}), ((500, 0), {}), index=[9, 4, 7])
    assert list(rank(NETWORKS, places([(0, 0)]).geometry, same, Wanted()).teams.index) == [4, 7, 9]


def test_who_cannot_be_sent_is_told_with_the_reason():
    frame = teams(((0, 0), {}), ((0, 0), {"on_duty": False}), ((0, 0), {}), ((1500, 0), {}))
    frame.loc[3, "geometry"] = None
    shut = DRIVE.close(places([(500, 0)]).buffer(5))
    networks = {"fire": shut}
    found = rank(networks, places([(3000, 0)]).geometry, frame, Wanted())
    assert list(found.teams.index) == [4]
    assert found.left_out.to_dict() == {1: "no_way", 2: "off_duty", 3: "no_place"}


def test_a_kind_without_streets_has_no_way():
    frame = teams(((0, 0), {"kind": "boat"}))
    found = rank(NETWORKS, places([(3000, 0)]).geometry, frame, Wanted())
    assert found.teams.empty
    assert found.left_out.tolist() == ["no_way"]


def test_nobody_at_all():
    frame = teams(((0, 0), {})).iloc[:0]
    found = rank(NETWORKS, places([(3000, 0)]).geometry, frame, Wanted())
    assert found.teams.empty
    assert found.left_out.empty


@plain
@given(
    TOWN,
    st.lists(PLACES, min_size=1, max_size=12),
    st.lists(st.tuples(PLACES, st.sampled_from([None, "a", "b"])), min_size=1, max_size=5),
    st.sampled_from([60.0, 120.0, 300.0]),
)
def test_whom_a_station_leaves_is_whom_a_run_without_its_crew_no_longer_covers(
    town, homes, stations, limit
):
    network = Network.from_roads(town, profile_of("drive"))
    households = places(homes)
    households["people"] = np.arange(1, len(homes) + 1)
    facilities = places([spot for spot, _ in stations])
    facilities["crew"] = pd.array([crew for _, crew in stations], dtype=object)
    standard = Standard("x", "drive", limit)
    before = cover(network, households, facilities, standard)
    found = left_without(before, households["people"], facilities["crew"], "seconds", limit)
    for label, row in facilities.iterrows():
        away = facilities.index == label
        if row["crew"] is not None:
            away |= (facilities["crew"] == row["crew"]).to_numpy()
        after = cover(network, households, facilities.assign(open=~away), standard)
        lost = before["covered"] & ~after["covered"]
        assert found.loc[label, "households"] == lost.sum()
        assert found.loc[label, "people"] == households.loc[lost, "people"].sum()
