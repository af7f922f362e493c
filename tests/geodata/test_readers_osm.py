"""OpenStreetMap extracts: tags, topology, the sea, and files that are broken or hostile."""

import math
import struct
import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import geodata.demo
from geodata.crs import WGS84
from geodata.errors import GeodataError
from geodata.readers import osm, osm_tags
from geodata.readers.osm_sea import sea

MONACO = Path(geodata.demo.__file__).parent / "monaco.osm.pbf"


@pytest.fixture(scope="module")
def monaco():
    return osm.read(MONACO)


def xml(tmp_path, body, name="town.osm", head='<osm version="0.6">'):
    path = tmp_path / name
    path.write_text(f'<?xml version="1.0"?>{head}{body}</osm>', encoding="utf-8")
    return path


def nodes(*places):
    return "".join(
        f'<node id="{n}" lon="{lon}" lat="{lat}"/>' for n, (lon, lat) in enumerate(places, 1)
    )


def way(number, refs, **tags):
    refs = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    tags = "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in tags.items())
    return f'<way id="{number}">{refs}{tags}</way>'


SQUARE = nodes((0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01), (0.02, 0.005))


# --- tags -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "primary"}, "primary"),
        ({"highway": "motorway_link"}, "motorway_link"),
        ({"highway": "construction"}, None),
        ({"highway": "proposed"}, None),
        ({"highway": "razed"}, None),
        ({"highway": "raceway"}, None),
        ({"highway": "platform"}, None),
        ({"highway": "pedestrian", "area": "yes"}, None),
        ({"highway": "residential", "access": "private"}, "residential"),
        ({"highway": "service", "access": "no"}, None),
        ({"highway": "service", "access": "no", "foot": "yes"}, "pedestrian"),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, "service"),
        ({"highway": "residential", "motor_vehicle": "no"}, "pedestrian"),
        ({"highway": "track", "motor_vehicle": "forestry"}, "path"),
        ({"highway": "footway", "access": "no"}, None),
        ({"highway": "footway", "foot": "no"}, None),
        ({"highway": "path", "access": "no", "foot": "designated"}, "path"),
        ({"highway": "motorway", "foot": "no"}, "motorway"),
        ({}, None),
    ],
)
def test_highway_is_what_a_person_or_vehicle_can_travel(tags, kind):
    assert osm_tags.highway(tags) == kind


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({"highway": "primary"}, 0),
        ({"highway": "primary", "oneway": "yes"}, 1),
        ({"highway": "primary", "oneway": "1"}, 1),
        ({"highway": "primary", "oneway": "-1"}, -1),
        ({"highway": "primary", "oneway": "reverse"}, -1),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway", "oneway": "no"}, 0),
        ({"highway": "motorway_link"}, 0),
        ({"highway": "tertiary", "junction": "roundabout"}, 1),
        ({"highway": "tertiary", "junction": "circular"}, 1),
        ({"highway": "tertiary", "junction": "roundabout", "oneway": "no"}, 0),
        ({"highway": "tertiary", "oneway": "reversible"}, 0),
    ],
)
def test_oneway_includes_the_implied_ones(tags, direction):
    assert osm_tags.oneway(tags) == direction


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({"maxspeed": "50"}, 50),
        ({"maxspeed": "50 km/h"}, 50),
        ({"maxspeed": "30 mph"}, 48.28032),
        ({"maxspeed": "50;30"}, 30),
        ({"maxspeed": "FR:urban"}, 50),
        ({"maxspeed": "DE:zone:30"}, 30),
        ({"maxspeed": "none"}, math.nan),
        ({"maxspeed": "signals"}, math.nan),
        ({"maxspeed": "0"}, math.nan),
        ({"maxspeed": "9999"}, math.nan),
        ({"maxspeed": "FR:motorway"}, math.nan),
        ({"maxspeed:forward": "70", "maxspeed:backward": "50"}, 50),
        ({}, math.nan),
    ],
)
def test_maxspeed(tags, kmh):
    assert osm_tags.maxspeed_kmh(tags) == pytest.approx(kmh, nan_ok=True)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (osm_tags.metres, "4.3", 4.3),
        (osm_tags.metres, "4,3 m", 4.3),
        (osm_tags.metres, "13'6\"", 4.1148),
        (osm_tags.metres, "6'", 1.8288),
        (osm_tags.metres, "210 cm", 2.1),
        (osm_tags.metres, "default", math.nan),
        (osm_tags.metres, None, math.nan),
        (osm_tags.tonnes, "3.5", 3.5),
        (osm_tags.tonnes, "7500 kg", 7.5),
        (osm_tags.tonnes, "10 st", 9.0718474),
        (osm_tags.tonnes, "-1", math.nan),
    ],
)
def test_limits(read, text, value):
    assert read(text) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "fire_station"}, "fire_station"),
        ({"amenity": "doctors"}, "clinic"),
        ({"healthcare": "centre"}, "clinic"),
        ({"amenity": "pharmacy", "healthcare": "hospital"}, "hospital"),
        ({"amenity": "shelter", "shelter_type": "public_transport"}, None),
        ({"amenity": "shelter"}, None),
        ({"amenity": "shelter", "shelter_type": "evacuation"}, "shelter"),
        ({"social_facility": "shelter"}, "shelter"),
        ({"amenity": "school;kindergarten"}, "school"),
        ({"amenity": "bench"}, None),
    ],
)
def test_facilities_are_those_that_matter(tags, kind):
    assert osm_tags.facility_kind(tags) == kind


def test_decks_at_flood_level_and_passages_are_neither_bridge_nor_tunnel():
    assert osm_tags.is_bridge({"bridge": "viaduct"})
    assert not osm_tags.is_bridge({"bridge": "low_water_crossing"})
    assert osm_tags.is_tunnel({"tunnel": "yes"})
    assert not osm_tags.is_tunnel({"tunnel": "building_passage"})
    assert not osm_tags.is_bridge({})
    assert osm_tags.layer({"layer": "-2"}) == -2
    assert osm_tags.layer({"layer": "one"}) == 0


# --- a small town in XML --------------------------------------------------------------------


def test_layers_of_a_small_town(tmp_path):
    body = (
        SQUARE
        + '<node id="6" lon="0.005" lat="0.005"><tag k="amenity" v="police"/>'
        + '<tag k="name" v="派出所"/></node>'
        + '<node id="7" lon="0.0" lat="0.0"><tag k="barrier" v="bollard"/></node>'
        + '<node id="8" lon="0.1" lat="0.1"><tag k="place" v="village"/>'
        + '<tag k="name" v="里"/></node>'
        + way(10, [1, 2], highway="primary", name="武珞路", oneway="-1", maxheight="4.2", layer="1")
        + way(11, [2, 5], highway="footway", bridge="yes")
        + way(12, [1, 2, 3, 4, 1], building="yes", addr__street="Rue A", addr__housenumber="12")
        + way(13, [1, 2, 3, 4, 1], amenity="police", name="派出所")
        + way(14, [3, 5], waterway="canal")
        + way(15, [3, 4], barrier="wall")
        + way(16, [1, 2, 3, 1], natural="water", water="lake", name="东湖")
        + way(17, [3, 5], waterway="stream", tunnel="culvert")
    )
    town = osm.read(xml(tmp_path, body))
    road = town.roads.iloc[0]
    assert list(town.roads.columns) == [
        *("highway", "name", "oneway", "maxspeed_kmh", "bridge", "tunnel", "layer"),
        *("maxheight_m", "maxweight_t", "maxwidth_m", "osm_id", "geometry"),
    ]
    assert (road.highway, road["name"], road.oneway, road.maxheight_m, road.layer) == (
        *("primary", "武珞路", -1, 4.2, 1),
    )
    assert np.isnan(road.maxspeed_kmh)
    assert town.roads.bridge.tolist() == [False, True]
    assert town.buildings[["addr_street", "addr_housenumber"]].to_numpy().tolist() == [
        ["Rue A", "12"]
    ]
    # the node says again what the area says: one police station, on the surface of the area
    assert town.facilities[["kind", "name", "osm_id"]].to_numpy().tolist() == [
        ["police", "派出所", "way/13"]
    ]
    assert town.facilities.geometry.geom_type.tolist() == ["Point"]
    assert town.water[["kind", "name"]].fillna("").to_numpy().tolist() == [
        ["canal", ""],
        ["lake", "东湖"],
    ]
    assert town.barriers.kind.tolist() == ["bollard", "wall"]
    assert town.places[["kind", "name"]].to_numpy().tolist() == [["village", "里"]]
    for layer in vars(town).values():
        assert layer.crs == WGS84
        assert list(layer.index) == list(range(len(layer)))


def test_multipolygon_buildings_keep_their_courtyard(tmp_path):
    hole = "".join(
        f'<node id="{n}" lon="{lon}" lat="{lat}"/>'
        for n, lon, lat in ((21, 0.004, 0.004), (22, 0.006, 0.004), (23, 0.005, 0.006))
    )
    body = (
        SQUARE
        + hole
        + way(10, [1, 2, 3, 4, 1])
        + way(11, [21, 22, 23, 21])
        + '<relation id="5"><member type="way" ref="10" role="outer"/>'
        + '<member type="way" ref="11" role="inner"/>'
        + '<tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>'
    )
    building = osm.read(xml(tmp_path, body)).buildings.geometry.iloc[0]
    assert building.geom_type == "Polygon"
    assert len(building.interiors) == 1


def test_a_way_cut_by_the_extract_keeps_the_parts_it_has(tmp_path):
    body = (
        SQUARE + way(10, [1, 2, 99, 3, 4, 5], highway="primary") + way(11, [1, 98], highway="path")
    )
    roads = osm.read(xml(tmp_path, body)).roads
    assert roads.osm_id.tolist() == ["way/10", "way/10"]
    assert shapely.get_num_coordinates(roads.geometry.to_numpy()).tolist() == [2, 3]


def test_bbox_keeps_whole_what_touches_it(tmp_path):
    body = SQUARE + way(10, [1, 2], highway="primary") + way(11, [3, 4], highway="path")
    roads = osm.read(xml(tmp_path, body), bbox=(-0.001, -0.001, 0.001, 0.001)).roads
    assert roads.osm_id.tolist() == ["way/10"]
    assert roads.total_bounds.tolist() == [0, 0, 0.01, 0]


def test_a_query_answer_with_ways_before_nodes_is_read(tmp_path):
    body = way(10, [1, 2], highway="primary") + SQUARE
    assert len(osm.read(xml(tmp_path, body)).roads) == 1


def test_content_counts_not_the_name(tmp_path):
    path = xml(tmp_path, SQUARE + way(10, [1, 2], highway="primary"), name="town.pbf")
    assert len(osm.read(path).roads) == 1


def test_an_extract_without_anything_gives_empty_frames(tmp_path):
    town = osm.read(xml(tmp_path, SQUARE))
    assert [len(layer) for layer in vars(town).values()] == [0] * 7
    assert str(town.roads["oneway"].dtype) == "int64"


# --- broken and hostile files ---------------------------------------------------------------

BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><osm version="0.6">'
)


@pytest.mark.parametrize(
    ("head", "body", "message"),
    [
        (BOMB, "&c;", "document type"),
        (
            '<!DOCTYPE osm SYSTEM "http://127.0.0.1:9/x.dtd"><osm version="0.6">',
            "",
            "document type",
        ),
        ('<osm version="0.6">', '<node id="1" lat="abc" lon="1"/>', "coordinate"),
        ('<osm version="0.6">', '<node id="1" lat="nan" lon="1"/>', "coordinate"),
        ('<osm version="0.6">', '<way id="5"><nd ref="x"/></way>', "cannot be read|damaged"),
        ('<osm version="0.6">', "<node", "cut off|cannot be read"),
        ('<osm version="0.6">', SQUARE + way(10, [1, 2], highway="path")[:-6], "cannot be read"),
        ('<html version="0.6">', "", "neither"),
        ('<osm version="0.6">', SQUARE + way(-3, [1, 2], highway="path"), "below zero"),
    ],
)
def test_broken_xml_says_where(tmp_path, head, body, message):
    with pytest.raises(GeodataError, match=message) as caught:
        osm.read(xml(tmp_path, body, head=head))
    assert "town.osm" in str(caught.value) or "object" in str(caught.value)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_pbf_is_refused(tmp_path, share):
    data = MONACO.read_bytes()
    path = tmp_path / "half.osm.pbf"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(GeodataError, match="half.osm.pbf"):
        osm.read(path)


def test_a_damaged_pbf_is_refused(tmp_path):
    data = bytearray(MONACO.read_bytes())
    data[500_000:500_100] = bytes(100)
    path = tmp_path / "damaged.osm.pbf"
    path.write_bytes(data)
    with pytest.raises(GeodataError, match=r"damaged\.osm\.pbf"):
        osm.read(path)


@pytest.mark.parametrize("name", ["x.osm.pbf", "x.osm"])
def test_empty_absent_and_foreign_files_are_refused(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(GeodataError, match="no such file"):
        osm.read(path)
    path.write_bytes(b"")
    with pytest.raises(GeodataError, match="empty"):
        osm.read(path)
    path.write_text("these are just words")
    with pytest.raises(GeodataError, match="neither"):
        osm.read(path)


@pytest.mark.parametrize(
    "box", [(1, 1, 0, 2), (0, 0, 1), ("a", 0, 1, 1), (0, 0, math.nan, 1), (43.7, 7.4, 43.8, 197.5)]
)
def test_a_box_must_be_one(tmp_path, box):
    with pytest.raises(GeodataError, match="bbox"):
        osm.read(xml(tmp_path, SQUARE), bbox=box)


# --- a real town ----------------------------------------------------------------------------


def test_monaco_has_what_its_extract_holds(monaco):
    assert len(monaco.buildings) > 23_000
    kinds = monaco.facilities.kind.value_counts()
    assert (kinds["fire_station"], kinds["hospital"], kinds["school"]) == (3, 5, 16)
    assert set(monaco.roads.oneway) == {-1, 0, 1}
    assert set(monaco.roads.highway) <= osm_tags.HIGHWAYS
    assert {"gate", "wall", "fence", "lift_gate", "bollard"} <= set(monaco.barriers.kind)
    assert {"Monte-Carlo", "La Turbie"} <= set(monaco.places["name"])
    assert "Le Paillon" in set(monaco.water["name"])
    drivable = monaco.roads[~monaco.roads.highway.isin(["footway", "path", "steps", "pedestrian"])]
    metres = drivable.to_crs(32632).length.sum()
    assert 300_000 < metres < 450_000


def test_streets_that_meet_share_the_same_coordinates(monaco):
    ends = shapely.get_coordinates(
        [shapely.get_point(line, at) for line in monaco.roads.geometry for at in (0, -1)]
    )
    _, counts = np.unique(ends, axis=0, return_counts=True)
    near, together = np.unique(ends.round(6), axis=0, return_counts=True)
    assert (counts > 1).sum() == (together > 1).sum() > 1000


def test_the_sea_of_monaco_is_wet_and_its_streets_are_dry(monaco):
    surface = monaco.water.geometry[monaco.water.kind == "sea"].iloc[0]
    assert surface.contains(shapely.Point(7.44, 43.72))
    assert not surface.contains(shapely.Point(7.42, 43.745))
    wet = monaco.buildings.geometry.representative_point().within(surface).sum()
    assert wet < 10
    square_km = gpd.GeoSeries([surface], crs=4326).to_crs(32632).area.iloc[0] / 1e6
    assert 25 < square_km < 40


def test_reading_twice_gives_the_same(monaco):
    again = osm.read(MONACO)
    for name, layer in vars(monaco).items():
        assert layer.equals(getattr(again, name))


# --- the sea --------------------------------------------------------------------------------

BOX = (0.0, 0.0, 1.0, 1.0)


def coast(*lines):
    return np.array([shapely.LineString(line) for line in lines])


def test_sea_lies_right_of_the_coastline():
    eastward = sea(coast([(-0.5, 0.4), (1.5, 0.4)]), BOX)
    assert shapely.area(eastward) == pytest.approx(0.4)
    westward = sea(coast([(1.5, 0.4), (-0.5, 0.4)]), BOX)
    assert shapely.area(westward) == pytest.approx(0.6)


def test_an_island_is_no_sea():
    shore, island = [(-0.5, 0.9), (1.5, 0.9)], [(0.4, 0.4), (0.6, 0.4), (0.5, 0.6), (0.4, 0.4)]
    assert shapely.area(sea(coast(shore, island), BOX)) == pytest.approx(0.9 - 0.02)


def test_a_coast_that_stops_just_short_of_the_edge_is_joined():
    assert shapely.area(sea(coast([(0.01, 0.4), (0.995, 0.4)]), BOX)) == pytest.approx(0.4)


def test_a_torn_coast_floods_nothing():
    island = [(0.4, 0.4), (0.6, 0.4), (0.5, 0.6), (0.4, 0.4)]
    assert sea(coast([(-0.5, 0.8), (0.5, 0.8)], island), BOX) is None
    assert sea(coast([(2, 2), (3, 3)]), BOX) is None


# --- blocks of a PBF ------------------------------------------------------------------------


def varint(value):
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


def block(kind, payload, raw_size):
    packed = zlib.compress(payload)
    blob = b"\x10" + varint(raw_size) + b"\x1a" + varint(len(packed)) + packed
    header = b"\x0a" + varint(len(kind)) + kind + b"\x18" + varint(len(blob))
    return struct.pack(">I", len(header)) + header + blob


def test_a_truncated_pbf_names_block_and_byte(tmp_path):
    path = tmp_path / "half.osm.pbf"
    path.write_bytes(MONACO.read_bytes()[:880_000])
    with pytest.raises(GeodataError, match=r"half\.osm\.pbf: block \d+ at byte [\d,]+.*cut off"):
        osm.read(path)


def test_a_pbf_that_unpacks_without_end_is_refused_unread(tmp_path):
    zeros = block(b"OSMData", bytes(31 * 1024**2), 31 * 1024**2)
    path = tmp_path / "bomb.osm.pbf"
    path.write_bytes(block(b"OSMHeader", b"", 0) + zeros * 40)
    with pytest.raises(GeodataError, match="unpacks to more than"):
        osm.read(path)


def test_a_pbf_with_an_absurd_block_is_refused(tmp_path):
    path = tmp_path / "odd.osm.pbf"
    header = b"\x0a\x07OSMData" + b"\x18" + varint(2**62)
    path.write_bytes(block(b"OSMHeader", b"", 0) + struct.pack(">I", len(header)) + header)
    with pytest.raises(GeodataError, match="block 2"):
        osm.read(path)
    path.write_bytes(block(b"OSMHeader", b"", 0) + b"\xff" * 100)
    with pytest.raises(GeodataError, match="block 2.*damaged"):
        osm.read(path)
