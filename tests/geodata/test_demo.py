"""The demo towns: whole, consistent, clearly invented where they are, and the same every time."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from demo_towns import FRAMES, METRIC, build, community_of, digest, of_level

from geodata import demo, opening
from geodata.demo.fabric import setbacks
from geodata.errors import GeodataError

HERE = str(Path(__file__).parent)
DIGEST = """
import sys
from demo_towns import digest
from geodata import demo
sys.stdout.write(digest(demo.town(sys.argv[1], int(sys.argv[2]))))
"""


@pytest.fixture(params=demo.names())
def town(request):
    return build(request.param)


def test_there_is_no_other_town():
    with pytest.raises(GeodataError, match="atlantis"):
        demo.town("atlantis")


def test_frames_have_their_columns_and_a_plain_index(town):
    for name, columns in FRAMES.items():
        frame = getattr(town, name)
        assert tuple(frame.columns) == columns, name
        assert frame.index.equals(pd.RangeIndex(len(frame))), name
        assert len(frame) > 0, name
        if "geometry" in columns:
            assert frame.crs == "EPSG:4326", name
            assert shapely.is_valid(frame.geometry.values).all(), name
            assert not shapely.is_empty(frame.geometry.values).any(), name


def test_ids_are_unique_and_references_hold(town):
    for name in ("buildings", "households", "facilities", "responders", "members", "hazards"):
        assert getattr(town, name)["id"].is_unique, name
    assert town.incidents["id"].is_unique
    communities = set(of_level(town, "community")["code"])
    assert set(town.households["building"]) <= set(town.buildings["id"])
    assert set(town.buildings["community"]) <= communities
    assert set(town.members["community"]) == communities
    assert set(town.needs["household"]) <= set(town.households["id"])
    assert set(town.responders["facility"]) <= set(town.facilities["id"])


def test_the_same_seed_gives_the_same_bytes_in_another_process(town):
    again = subprocess.run(
        [sys.executable, "-c", DIGEST, town.name, str(demo.SEED)],
        capture_output=True,
        text=True,
        check=True,
        env={
            "PYTHONHASHSEED": "7",
            "PYTHONPATH": ":".join([str(Path(__file__).parent), *sys.path]),
        },
    )
    assert again.stdout == digest(town)


def test_codes_are_well_formed_and_name_their_parents(town):
    areas = town.areas
    assert areas["code"].is_unique
    digits = {"county": 6, "township": 9, "community": 12}
    for row in areas.itertuples():
        assert re.fullmatch(r"[0-9]+", row.code)
        assert len(row.code) == digits[row.level]
        assert row.code.startswith(town.county_code)
        assert row.parent == {6: None, 9: row.code[:6], 12: row.code[:9]}[len(row.code)]
    assert list(of_level(town, "county")["code"]) == [town.county_code]
    assert areas["name_zh"].is_unique


def test_words_come_from_known_lists(town):
    known = {
        ("areas", "level"): {"county", "township", "community"},
        ("buildings", "use"): {
            *("residential", "school", "market", "hospital", "office"),
            *("industry", "campus", "service", "other"),
        },
        ("needs", "kind"): {
            *("elderly_alone", "disabled", "wheelchair", "bedridden", "infant", "pregnant"),
            *("left_behind_child", "left_behind_elder", "chronic"),
        },
        ("facilities", "kind"): {
            *("fire_station", "micro_fire_station", "hospital", "clinic", "police", "school"),
            *("shelter", "supply_point", "grid_station", "aed"),
        },
        ("responders", "kind"): {"fire", "medical", "police", "grid", "volunteer"},
        ("hazards", "severity"): {"red", "orange", "yellow", "blue"},
        ("incidents", "state"): {
            *("reported", "verified", "assigned", "handling", "resolved", "closed"),
        },
    }
    for (frame, column), words in known.items():
        assert set(getattr(town, frame)[column]) <= words, (frame, column)
    assert set(town.needs["kind"]) == known["needs", "kind"]
    assert set(town.responders["on_duty"]) <= {True, False}
    assert town.responders["people"].between(1, 20).all()


def test_areas_cover_each_other_exactly(town):
    communities, townships = of_level(town, "community"), of_level(town, "township")
    county = of_level(town, "county").geometry[0]
    assert shapely.coverage_is_valid(communities.geometry.values)
    assert shapely.coverage_is_valid(townships.geometry.values)
    for township in townships.itertuples():
        parts = communities.geometry[communities["parent"] == township.code]
        assert shapely.coverage_union_all(parts.values).equals(township.geometry)
    assert shapely.coverage_union_all(townships.geometry.values).equals(county)


def test_every_household_is_inside_its_building_and_community(town):
    doors = np.asarray(town.households.geometry.values)
    footprint = town.buildings.set_index("id").geometry[town.households["building"]]
    assert shapely.contains(np.asarray(footprint.values), doors).all()
    outline = of_level(town, "community").set_index("code").geometry[community_of(town)]
    assert shapely.contains(np.asarray(outline.values), doors).all()


def test_households_are_plausible(town):
    homes = town.households
    assert homes["people"].between(1, 8).all()
    assert 2.2 < homes["people"].mean() < 3.2
    assert set(homes["residence"]) == {"resident", "floating", "left_behind", "away"}
    assert homes["address"].is_unique
    floating = homes["residence"] == "floating"
    assert (homes["registered_at"] != homes["address"]).equals(floating)
    people = homes.set_index("id")["people"].reindex(town.needs["household"]).to_numpy()
    assert (town.needs["people"] >= 1).all()
    assert (town.needs["people"].to_numpy() <= people).all()
    assert not town.needs.duplicated(["household", "kind"]).any()


def test_telephone_numbers_can_reach_nobody(town):
    assert town.households["phone"].str.fullmatch(r"000\d{8}").all()
    assert town.households["phone"].is_unique


def test_incidents_are_in_the_county_and_disputes_have_no_level(town):
    county = of_level(town, "county").geometry[0]
    assert shapely.contains(county, town.incidents.geometry.values).all()
    dispute = town.incidents["category"] == "dispute"
    assert town.incidents["level"].isna().equals(dispute)
    assert town.incidents.loc[~dispute, "level"].between(1, 4).all()
    assert not town.incidents["title_en"].str.contains(r"[一-鿿]|\{").any()
    assert not town.incidents["title_zh"].str.contains(r"\{").any()


def test_the_flood_can_be_evacuated_but_not_into_the_nearest_shelter_alone(town):
    flat = {
        key: getattr(town, key).to_crs(METRIC[town.name])
        for key in ("households", "hazards", "facilities")
    }
    hazard = flat["hazards"].set_index("kind").geometry
    wet = flat["households"].intersects(hazard["flood"])
    assert 300 <= wet.sum() <= 900
    assert 20 <= flat["households"].intersects(hazard["landslide"]).sum() <= 150
    shelters = flat["facilities"][flat["facilities"]["kind"] == "shelter"]
    assert not shelters.intersects(flat["hazards"].union_all()).any()
    people = int(town.households["people"][wet].sum())
    nearest = shelters.iloc[int(np.argmin(shelters.distance(hazard["flood"])))]
    assert nearest["capacity"] < people <= shelters["capacity"].sum()
    blocked = town.hazards["blocked"].dropna().iloc[0]
    assert blocked.is_valid
    assert town.hazards.geometry[0].buffer(1e-9).contains(blocked)
    assert town.roads.intersects(blocked).any()


def test_facilities_are_in_the_county_and_shelters_have_a_capacity(town):
    county = of_level(town, "county").geometry[0]
    assert shapely.intersects(county, town.facilities.geometry.values).all()
    shelter = town.facilities["kind"] == "shelter"
    assert town.facilities["capacity"].notna().equals(shelter)
    kinds = {"fire_station", "hospital", "police", "school", "shelter"}
    assert kinds <= set(town.facilities["kind"])
    assert town.facilities["name_zh"].notna().all()


def test_facilities_say_who_goes_out_from_them_and_when_they_are_open(town):
    facilities = town.facilities
    for hours in facilities["hours"]:
        opening.check(hours)
    always = facilities["hours"].isna()
    assert always[facilities["kind"].isin(["fire_station", "hospital", "police"])].all()
    assert not always[facilities["kind"].isin(["clinic", "grid_station"])].any()
    assert set(facilities["level"].dropna()) == {"1"}
    assert (facilities["level"].notna() == (facilities["kind"] == "fire_station")).all()
    micro = facilities[facilities["kind"] == "micro_fire_station"]
    # those of a township are of one crew, so that one is no help for the other
    assert 1 <= micro["crew"].nunique() < len(micro)


def test_every_community_has_a_grid_station_and_some_a_defibrillator(town):
    communities = of_level(town, "community")
    kinds = town.facilities["kind"].value_counts()
    assert kinds["grid_station"] == len(communities)
    assert kinds["aed"] >= 5
    stations = town.facilities[town.facilities["kind"] == "grid_station"]
    joined = stations.sjoin(communities[["code", "geometry"]], predicate="within")
    assert joined["code"].nunique() == len(communities)


def test_every_screen_is_told_whose_the_streets_are(town):
    for text in (town.notice_zh, town.notice_en, town.attribution):
        assert "© OpenStreetMap contributors" in text
        assert "ODbL" in text
    assert "模拟" in town.notice_zh
    assert "simulated" in town.notice_en


class TestGuanggu:
    """What holds for the town whose streets alone are real."""

    def test_counts(self):
        town = build("guanggu")
        assert 18_000 <= len(town.households) <= 22_000
        assert len(of_level(town, "township")) == 3
        assert 25 <= len(of_level(town, "community")) <= 35
        sizes = community_of(town).value_counts()
        assert len(sizes) == len(of_level(town, "community"))
        assert (sizes.between(300, 1500)).all()
        # A community of 501-599 households is too large for one grid and too small for two.
        assert not sizes.between(481, 639).any()

    def test_streets_have_class_and_geometry_and_nothing_invented(self):
        roads = build("guanggu").roads
        assert len(roads) == 7797
        assert roads["name"].isna().all()
        assert (roads["oneway"] == 0).all()
        for column in ("maxspeed_kmh", "maxheight_m", "maxweight_t", "maxwidth_m"):
            assert roads[column].isna().all()
        assert not roads[["bridge", "tunnel"]].any(axis=None)

    def test_communities_hang_together(self):
        assert (of_level(build("guanggu"), "community").geometry.geom_type == "Polygon").all()

    def test_buildings_keep_off_streets_water_and_each_other(self):
        town = build("guanggu")
        footprints = town.buildings.to_crs(METRIC["guanggu"])
        roads = town.roads.to_crs(METRIC["guanggu"])
        tree = shapely.STRtree(footprints.geometry.values)
        metres = setbacks(roads) - 0.01
        assert (metres >= 6).all()
        hit = tree.query(roads.geometry.values, "dwithin", distance=metres)
        assert hit.shape[1] == 0
        lake = town.water.to_crs(METRIC["guanggu"]).union_all()
        assert len(tree.query(lake, "dwithin", distance=20)) == 0
        left, right = tree.query(footprints.geometry.values, "dwithin", distance=3.9)
        assert (left == right).all()

    def test_public_buildings_stand_where_their_facilities_are(self):
        town = build("guanggu")
        for use, kind in (
            ("school", "school"),
            ("hospital", "hospital"),
            ("market", "supply_point"),
        ):
            footprints = town.buildings.geometry[town.buildings["use"] == use].union_all()
            here = town.facilities[town.facilities["kind"] == kind]
            assert len(here) > 0
            assert here.intersects(footprints).all(), kind

    def test_no_street_runs_through_the_lake(self):
        town = build("guanggu")
        assert not town.roads.intersects(town.water.union_all()).any()
        assert town.water["simulated"].all()

    def test_homes_have_a_street_nearby(self):
        town = build("guanggu")
        doors = town.households.to_crs(METRIC["guanggu"]).geometry.values
        streets = town.roads[town.roads["highway"] != "pedestrian"].to_crs(METRIC["guanggu"])
        tree = shapely.STRtree(streets.geometry.values)
        _, metres = tree.query_nearest(doors, all_matches=False, return_distance=True)
        assert metres.max() < 200

    def test_another_seed_moves_what_is_simulated_and_no_street(self):
        one, other = build("guanggu"), demo.town("guanggu", 7)
        assert other.roads.equals(one.roads)
        assert digest(other) != digest(one)
        assert 18_000 <= len(other.households) <= 22_000
        flood = other.households.intersects(other.hazards.geometry[0])
        assert 300 <= flood.sum() <= 900


class TestMonaco:
    """What holds for the town that is real but for its people."""

    def test_counts(self):
        town = build("monaco")
        assert 8_000 <= len(town.households) <= 12_000
        assert len(town.buildings) == 1000
        assert (town.buildings["use"] == "residential").sum() > 800
        assert community_of(town).nunique() == 9

    def test_communities_are_the_real_quarters(self):
        communities = of_level(build("monaco"), "community")
        assert set(communities["name_en"]) == {
            "Fontvieille",
            "Jardin Exotique",
            "La Condamine",
            "La Rousse",
            "Larvotto",
            "Les Monegetti",
            "Monaco-Ville",
            "Monte-Carlo",
            "Sainte-Dévote",
        }
        hectares = communities.to_crs(METRIC["monaco"]).area.sum() / 1e4
        assert hectares == pytest.approx(233.8, abs=0.2)

    def test_streets_keep_their_names_and_directions_and_reach_beyond_the_border(self):
        town = build("monaco")
        assert town.roads["name"].notna().sum() > 1000
        assert "Avenue d'Ostende" in set(town.roads["name"])
        assert set(town.roads["oneway"]) == {-1, 0, 1}
        west, south, east, north = town.bounds
        reach = town.roads.total_bounds
        assert reach[0] < west
        assert reach[1] < south
        assert reach[2] > east
        assert reach[3] > north

    def test_real_facilities_are_kept_and_what_is_simulated_says_so(self):
        facilities = build("monaco").facilities
        assert {"Caserne de Fontvieille", "Caserne de la Condamine"} <= set(facilities["name_en"])
        simulated = facilities["name_en"].str.endswith("(simulated)")
        real = {"fire_station", "hospital", "police", "school"}
        assert (simulated == ~facilities["kind"].isin(real)).all()

    def test_addresses_are_on_real_streets(self):
        town = build("monaco")
        assert set(town.buildings["estate"]) <= set(town.roads["name"].dropna())
