"""Drafts of an evacuation on made-up towns: every promise checked on every draft."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.ops
from evacuation_lines import LINE, area, homes_at, places_at
from evacuation_towns import CRS, check, lattice, scatter, town
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

import geodata.demo
from geodata.errors import GeodataError
from geodata.evacuation import REASONS, Options, draft
from geodata.network import Network


@given(st.integers(0, 10_000), st.sampled_from(["walk", "drive"]), st.floats(0.4, 2.5))
@settings(max_examples=15, deadline=None)
def test_every_draft_keeps_every_promise(seed, profile, room):
    roads, homes, places, hazard = town(seed, households=200, room=room)
    network = Network.from_roads(roads, profile)
    rng = np.random.default_rng(seed)
    blocked = Point(*rng.uniform(roads.total_bounds[:2], roads.total_bounds[2:])).buffer(60)
    found = draft(network, homes, places, hazard, blocked)
    check(network, homes, places, hazard, found, blocked)
    assert set(found.unserved.reason) <= set(REASONS)
    # in so small a town one household astride two shelters is more than a percent
    astride = len(places) * 6 * found.totals["longest_seconds"]
    assert found.person_seconds <= found.bound * 1.01 + astride


def test_the_same_input_gives_the_same_draft():
    roads, homes, places, hazard = town(3)
    network = Network.from_roads(roads, "walk")
    first, second = (draft(network, homes, places, hazard) for _ in range(2))
    assert first.assignments.equals(second.assignments)
    assert first.routes.geometry.to_wkb().equals(second.routes.geometry.to_wkb())
    assert first.unserved.equals(second.unserved)
    assert first.totals == second.totals


def ways_once_out(network, hazard, home, place):
    """Give the least seconds of all ways that leave the hazard once, by trying every way."""
    edges = network.edges
    out = {node: edges[edges.from_node == node] for node in network.nodes.index}
    start, end = network.snap([home]).iloc[0], network.snap([place]).iloc[0]
    best = np.inf

    def clean(line):
        inside = line.intersection(hazard)
        if inside.is_empty or inside.length < 1e-3:
            return True
        parts = shapely.get_parts(shapely.line_merge(inside))
        return (
            len([part for part in parts if part.length > 1e-3]) == 1
            and inside.distance(Point(line.coords[0])) < 1e-3
        )

    def walk(node, line, seconds, seen):
        nonlocal best
        if seconds >= best or not clean(line):
            return
        for label, edge in out[node].iterrows():
            whole = LineString([*line.coords, *edge.geometry.coords[1:]])
            if label in ends:
                share = ends[label]
                part = shapely.ops.substring(edge.geometry, 0, share, normalized=True)
                full = LineString([*line.coords, *part.coords[1:], place.coords[0]])
                took = seconds + share * edge.seconds + end.metres / (5 / 3.6)
                if took < best and clean(full):
                    best = took
            if edge.to_node not in seen:
                walk(edge.to_node, whole, seconds + edge.seconds, seen | {edge.to_node})

    def sides(spot):
        edge = edges.loc[spot.edge]
        twin = edges[
            (edges.from_node == edge.to_node)
            & (edges.to_node == edge.from_node)
            & (edges.road == edge.road)
        ].index
        return {spot.edge: spot.fraction} | dict.fromkeys(twin, 1 - spot.fraction)

    ends = sides(end)
    for label, share in sides(start).items():
        edge = edges.loc[label]
        part = shapely.ops.substring(edge.geometry, share, 1, normalized=True)
        line = LineString([home.coords[0], *part.coords])
        seconds = start.metres / (5 / 3.6) + (1 - share) * edge.seconds
        if label in ends and ends[label] >= share:
            part = shapely.ops.substring(edge.geometry, share, ends[label], normalized=True)
            full = LineString([home.coords[0], *part.coords, place.coords[0]])
            took = (start.metres + end.metres) / (5 / 3.6) + (ends[label] - share) * edge.seconds
            if took < best and clean(full):
                best = took
        walk(edge.to_node, line, seconds, {edge.to_node})
    return best


@pytest.mark.parametrize("profile", ["walk", "drive"])
@pytest.mark.parametrize("seed", range(12))
def test_ways_are_the_shortest_of_all_that_leave_once(seed, profile):
    rng = np.random.default_rng(seed)
    roads = lattice(seed, side=3, river=False)
    network = Network.from_roads(roads, profile)
    west, south, east, north = roads.total_bounds
    middle = rng.uniform([west + 60, south + 60], [east - 60, north - 60])
    angle = np.sort(rng.uniform(0, 2 * np.pi, 8))
    radius = rng.uniform(30, 160, 8)
    hazard = Polygon(
        middle + np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    ).buffer(0)
    points = scatter(roads, 60, rng, spread=6.0)
    inside = shapely.intersects(hazard, points)
    homes = gpd.GeoDataFrame(
        {"people": [1] * min(4, int(inside.sum()))},
        geometry=points[inside][:4],
        crs=CRS,
        index=range(len(points[inside][:4])),
    )
    place = gpd.GeoDataFrame({"capacity": [99]}, geometry=points[~inside][:1], crs=CRS)
    found = draft(network, homes, place, hazard)
    for label, home in homes.geometry.items():
        least = ways_once_out(network, hazard, home, place.geometry.iloc[0])
        if np.isinf(least):
            assert label in found.unserved.index
        else:
            assert found.assignments.seconds[label] == pytest.approx(least, abs=0.02)


def test_times_and_lengths_run_from_door_to_door():
    network = Network.from_roads(LINE, "walk")
    found = draft(network, homes_at((150, 10)), places_at((350, 20)), area(100, -50, 200, 50))
    row = found.assignments.loc[0]
    assert row.shelter == "s0"
    assert row.metres == pytest.approx(230)
    assert row.seconds == pytest.approx(230 / (5 / 3.6))
    assert found.routes.geometry[0].equals(
        LineString(
            [(500_150, 3_300_010), (500_150, 3_300_000), (500_350, 3_300_000), (500_350, 3_300_020)]
        )
    )
    assert found.person_seconds == pytest.approx(2 * row.seconds)
    assert found.bound == pytest.approx(found.person_seconds)


def test_the_nearer_shelter_behind_a_second_part_of_the_hazard_is_not_reached():
    network = Network.from_roads(LINE, "walk")
    hazard = area(100, -50, 200, 50).union(area(230, -50, 240, 50))
    found = draft(network, homes_at((190, 0)), places_at((260, 0), (10, 0)), hazard)
    assert found.assignments.shelter.tolist() == ["s1"]


def test_a_hole_in_the_hazard_is_no_way_through():
    network = Network.from_roads(LINE, "walk")
    hazard = area(50, -50, 450, 50) - area(200, -20, 300, 20)
    shelters = places_at((250, 10), (490, 0), capacity=[2, 90])
    found = draft(network, homes_at((190, 0), (180, 0), (420, 0)), shelters, hazard)
    # the first two leave into the hole or not at all; one fits there, the other goes west
    assert found.assignments.shelter[2] == "s1"
    assert found.loads.people.tolist() == [2, 2]
    assert found.unserved.reason.tolist() == ["full"]


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"homes": homes_at((150, 900))}, "not_snapped"),
        ({"shelters": places_at((150, 30), (350, 0), open=[True, False])}, "no_shelter"),
        ({"roads": [0, 1, 2, 4], "shelters": places_at((450, 0))}, "no_road"),
        ({"hazard": [area(140, -50, 160, 50), area(200, -50, 210, 50)]}, "no_exit"),
        (
            {
                "hazard": [area(140, -50, 160, 50), area(200, -50, 210, 50)],
                "blocked": area(250, -5, 260, 5),
            },
            "no_exit",
        ),
        ({"blocked": area(210, -5, 220, 5)}, "cut_off"),
        ({"blocked": area(120, -5, 220, 5)}, "cut_off"),
        ({"blocked": area(140, 4, 160, 6)}, "cut_off"),
        ({"blocked": area(140, 8, 160, 12)}, "cut_off"),
        ({"shelters": places_at((350, 0), capacity=[1])}, "too_large"),
        ({"options": Options(walk_limit_seconds=60)}, "too_far"),
        ({"shelters": places_at((350, 0), accessible=[False])}, "no_accessible_shelter"),
    ],
)
def test_who_cannot_be_served_is_told_why(setting, reason):
    network = Network.from_roads(LINE.iloc[setting.get("roads", range(5))], "walk")
    homes = setting.get("homes", homes_at((150, 10)))
    shelters = setting.get("shelters", places_at((350, 0)))
    hazard = setting.get("hazard", area(100, -50, 200, 950))
    found = draft(
        network,
        homes.assign(wheelchair=True),
        shelters,
        hazard,
        setting.get("blocked"),
        setting.get("options", Options()),
    )
    assert found.unserved.reason.tolist() == [reason]
    assert found.assignments.empty
    assert found.routes.empty
    assert found.person_seconds == found.bound == 0.0
    assert found.totals["reasons"] == {reason: {"households": 1, "people": 2}}


def test_too_little_room_serves_needs_first_and_says_how_many_beds_are_short():
    network = Network.from_roads(LINE, "walk")
    homes = homes_at((110, 0), (150, 0), (190, 0), (195, 0), infant=[1, 0, 0, 0])
    found = draft(network, homes, places_at((350, 0), capacity=[5]), area(100, -9, 200, 9))
    assert sorted(found.assignments.index) == [0, 3]
    assert found.assignments.wave.to_dict() == {0: 1, 3: 2}
    assert found.unserved.reason.tolist() == ["full", "full"]
    assert found.unserved.shelter.tolist() == ["s0", "s0"]
    assert found.totals["beds_short"] == {"s0": 3}
    more = draft(network, homes, places_at((350, 0), capacity=[8]), area(100, -9, 200, 9))
    assert more.unserved.empty


def test_on_a_junction_a_closed_street_is_no_hindrance():
    network = Network.from_roads(LINE, "walk")
    shut_west, shut_middle = area(140, -5, 150, 5), area(240, -5, 250, 5)
    home, shelter = homes_at((200, 3)), places_at((400, 0))
    assert network.snap(home).edge.iloc[0] not in network.close(shut_west).edges.index
    found = draft(network, home, shelter, area(195, -9, 205, 9), shut_west)
    assert found.assignments.metres.tolist() == pytest.approx([203])
    # the same at the other end: the shelter's nearest street is shut, its junction is not
    for x, home_x in ((299.5, 400), (200.5, 50)):
        home, shelter = homes_at((home_x, 3)), places_at((x, 2))
        assert network.snap(shelter).edge.iloc[0] not in network.close(shut_middle).edges.index
        hazard = area(home_x - 5, -9, home_x + 5, 9)
        found = draft(network, home, shelter, hazard, shut_middle)
        assert found.assignments.metres.tolist() == pytest.approx([abs(home_x - x) + 5])


def test_one_bed_more_says_what_it_saves():
    network = Network.from_roads(LINE, "walk")
    homes, shelters = homes_at((150, 0), (160, 0)), places_at((250, 0), (400, 0), capacity=[3, 9])
    found = draft(network, homes, shelters, area(100, -9, 200, 9))
    saved = found.loads.bed_saves_seconds
    assert saved.tolist() == pytest.approx([150 / (5 / 3.6), 0], abs=0.01)
    more = draft(network, homes, shelters.assign(capacity=[4, 9]), area(100, -9, 200, 9))
    assert found.bound - more.bound == pytest.approx(saved["s0"], abs=0.01)


def test_shelters_that_are_out_say_why():
    network = Network.from_roads(LINE, "walk")
    shelters = places_at(
        (150, 5), (350, 0), (360, 0), (370, 900), (380, 0), (390, 9), (200.001, 30),
        capacity=[5, 5, 0, 5, 5, 5, 5], open=[True, False, True, True, True, True, True],
    )  # fmt: skip
    hazard = area(100, -9, 200, 20).union(area(200, 5, 202, 8))
    found = draft(network, homes_at((120, 0)), shelters, hazard, area(385, 2, 395, 4))
    assert found.loads.out.fillna("used").tolist() == [
        "in_hazard", "closed", "no_capacity", "not_snapped", "used", "blocked", "behind_hazard",
    ]  # fmt: skip
    assert found.assignments.shelter.tolist() == ["s4"]


def test_bridges_over_what_is_blocked_stay_open_and_those_over_the_hazard_on_request_only():
    roads = LINE.assign(bridge=[False, False, True, False, False])
    network = Network.from_roads(roads, "walk")
    homes, shelters = homes_at((150, 0)), places_at((450, 0))
    hazard = area(100, -50, 190, 50)
    over = draft(network, homes, shelters, hazard, area(240, -50, 260, 50))
    assert over.unserved.empty
    beyond = hazard.union(area(240, -50, 260, 50))
    assert draft(network, homes, shelters, beyond).unserved.reason.tolist() == ["no_exit"]
    wished = draft(network, homes, shelters, beyond, options=Options(bridges_clear=True))
    assert wished.unserved.empty


def test_a_straight_leg_that_comes_back_into_the_hazard_is_no_way():
    network = Network.from_roads(LINE, "walk")
    hazard = area(100, -50, 200, 50) - area(140, 10, 160, 20)
    found = draft(network, homes_at((150, 30), (130, 30)), places_at((350, 0)), hazard)
    assert found.unserved.reason.to_dict() == {0: "no_exit"}
    assert found.assignments.index.tolist() == [1]
    aside = area(100, 20, 200, 70) - area(140, 40, 160, 50)
    found = draft(network, homes_at((150, 60), (130, 60)), places_at((350, 0)), aside)
    assert found.unserved.reason.to_dict() == {0: "no_exit"}


def test_tolerance_leaves_nobody_farther_than_asked():
    roads, homes, places, hazard = town(11, room=1.1)
    network = Network.from_roads(roads, "walk")
    free = draft(network, homes, places, hazard)
    fair = draft(network, homes, places, hazard, options=Options(tolerance=1.2))
    check(network, homes, places, hazard, fair)
    alone = {
        label: draft(network, homes.loc[[label]], places, hazard).assignments.seconds.iloc[0]
        for label in fair.assignments.index[:12]
    }
    for label, least in alone.items():
        assert fair.assignments.seconds[label] <= 1.2 * least + 1e-6
    assert len(fair.assignments) <= len(free.assignments)


def test_waves_hold_no_more_people_than_asked_and_the_deepest_leave_first():
    roads, homes, places, hazard = town(5, room=3.0)
    network = Network.from_roads(roads, "walk")
    options = Options(per_wave=30, wave_interval_seconds=600)
    found = draft(network, homes, places, hazard, options=options)
    wave, people = found.assignments.wave, homes.people[found.assignments.index]
    assert wave.min() == 1
    assert set(wave) == set(range(1, wave.max() + 1))
    assert people.groupby(wave).sum().max() <= 30
    needy = (homes.wheelchair | (homes.infant > 0))[wave.index]
    assert wave[needy].max() < wave[~needy].min()
    depth = homes.distance(hazard.boundary)[wave.index]
    calm = wave[~needy]
    assert (
        depth[calm.index[calm == calm.min()]].min() >= depth[calm.index[calm == calm.max()]].max()
    )
    last = (found.assignments.seconds + (wave - 1) * 600).max()
    assert found.totals["clear_seconds"] == pytest.approx(last)


def test_other_coordinate_systems_give_the_same_draft():
    roads, homes, places, hazard = town(8)
    network = Network.from_roads(roads, "walk")
    plain = draft(network, homes, places, hazard)
    lonlat = gpd.GeoSeries([hazard.segmentize(2.0)], crs=CRS).to_crs(4326).iloc[0]
    turned = draft(network, homes.to_crs(4326), places.to_crs(4490), lonlat)
    assert turned.routes.crs == "EPSG:4326"
    assert turned.assignments.shelter.equals(plain.assignments.shelter)
    assert np.allclose(turned.assignments.seconds, plain.assignments.seconds, atol=0.05)
    assert turned.routes.to_crs(CRS).geometry.geom_equals_exact(plain.routes.geometry, 0.05).all()


def test_real_streets_keep_every_promise():
    roads = gpd.read_parquet(Path(geodata.demo.__file__).parent / "guanggu_window.parquet")
    network = Network.from_roads(roads, "walk")
    rng = np.random.default_rng(0)
    middle = shapely.get_coordinates(roads.union_all().centroid)[0]
    hazard = Point(middle).buffer(0.008).difference(Point(middle + 0.004).buffer(0.001))
    hazard = hazard.union(Point(middle + 0.012).buffer(0.002))
    xy = network.pieces.xy[rng.integers(0, len(network.pieces.xy), 6000)]
    xy = xy + rng.normal(0, 5e-4, xy.shape)
    inside, clear = hazard.buffer(1e-3), shapely.contains_xy(hazard, *xy.T)
    far = ~shapely.contains_xy(inside, *xy.T)
    homes = gpd.GeoDataFrame(
        {"people": rng.integers(1, 7, 90), "wheelchair": rng.random(90) < 0.1},
        geometry=gpd.points_from_xy(*xy[clear][:90].T),
        crs=roads.crs,
    )
    places = gpd.GeoDataFrame(
        {"capacity": rng.integers(15, 60, 12), "accessible": rng.random(12) < 0.6},
        geometry=gpd.points_from_xy(*xy[far][:12].T),
        crs=roads.crs,
    )
    blocked = Point(middle + [0.0085, 0]).buffer(0.0006)
    found = draft(network, homes, places, hazard, blocked)
    check(network, homes, places, hazard, found, blocked)
    assert len(found.assignments) > 60


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda case: case | {"hazard": box(*case["roads"].total_bounds).buffer(500)},
            "no_shelter",
        ),
        (lambda case: case | {"places": case["places"].iloc[:0]}, "no_shelter"),
        (lambda case: case | {"blocked": box(*case["roads"].total_bounds)}, "cut_off"),
        (lambda case: case | {"roads": case["roads"].assign(highway="motorway")}, "not_snapped"),
    ],
)
def test_when_nothing_is_left_everybody_is_listed(change, reason):
    roads, homes, places, hazard = town(3)
    case = change({"roads": roads, "places": places, "hazard": hazard, "blocked": None})
    network = Network.from_roads(case["roads"], "walk")
    found = draft(network, homes, case["places"], case["hazard"], case["blocked"])
    assert found.assignments.empty
    assert set(found.unserved.reason) == {reason}
    assert found.unserved.index.tolist() == homes.index[homes.intersects(case["hazard"])].tolist()


def test_homes_without_people_or_place_disturb_nobody():
    roads, homes, places, hazard = town(3)
    network = Network.from_roads(roads, "walk")
    here = homes.index[homes.intersects(hazard)]
    odd = homes.copy()
    odd.loc[here[0], "geometry"] = None
    odd.loc[here[1], "people"] = 0
    odd["people"] = odd["people"].astype("Int64")
    odd["wheelchair"] = odd["wheelchair"].astype("boolean")
    odd["infant"] = odd["infant"].where(odd["infant"] > 0)
    found = draft(network, odd, places, hazard)
    assert here[0] not in [*found.assignments.index, *found.unserved.index]
    assert here[1] in found.assignments.index
    assert found.totals["households"] == len(here) - 1


def test_nobody_affected_is_an_empty_draft():
    network = Network.from_roads(LINE, "walk")
    found = draft(network, homes_at((150, 10)), places_at((350, 0)), area(5000, 0, 5001, 1))
    assert found.assignments.empty
    assert found.unserved.empty
    assert found.totals["households"] == 0
    assert list(found.assignments) == ["shelter", "seconds", "metres", "wave"]


def test_all_faults_of_the_input_are_named_together():
    network = Network.from_roads(LINE, "walk")
    homes = homes_at((150, 0), (160, 0)).assign(people=[2, -1])
    shelters = places_at((350, 0)).drop(columns="capacity")
    bow_tie = Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    with pytest.raises(GeodataError) as caught:
        draft(network, homes, shelters, bow_tie)
    said = str(caught.value)
    assert "row 1, column 'people'" in said
    assert "capacity" in said
    assert "hazard" in said
    with pytest.raises(GeodataError, match="missing or empty"):
        draft(network, homes_at((150, 0)), places_at((350, 0)), Polygon())
    with pytest.raises(GeodataError, match="options for 'drive'"):
        draft(
            network, homes_at((1, 1)), places_at((350, 0)), area(0, 0, 9, 9),
            options=Options(profile="drive"),
        )  # fmt: skip


def test_options_that_mean_nothing_are_refused():
    for wrong in ({"tolerance": 0.5}, {"walk_limit_seconds": -1}, {"per_wave": 0}):
        with pytest.raises(GeodataError):
            Options(**wrong)
