"""Vector tiles: right place, right classes, own areas only, not sent twice."""

import gzip
import math

import mapbox_vector_tile
import pytest

from gridmap.model.access import system_scope
from gridmap.services.tiles import TileCache
from gridmap.store.tile import Tile

LON, LAT = 114.404, 30.51
NORTHING = 0.5 - math.asinh(math.tan(math.radians(LAT))) / math.tau
# the tile that holds this place, by zoom
X = {z: int((LON + 180) / 360 * 2**z) for z in range(21)}
HERE = {z: int(NORTHING * 2**z) for z in range(21)}
TYPE = "application/vnd.mapbox-vector-tile"


def path(layer, z):
    return f"/tiles/{layer}/{z}/{X[z]}/{HERE[z]}.mvt"


def layers(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.data
    assert answer.mimetype == TYPE
    decoded = mapbox_vector_tile.decode(answer.data, default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in decoded.items()}


def values(features, name):
    return [each["properties"].get(name) for each in features]


def test_the_tile_addresses_of_this_test_are_right():
    for z, y in HERE.items():
        west, south, east, north = Tile(z, X[z], y).degrees
        assert west <= 114.404 < east
        assert south <= 30.5101 < north


def test_base_has_roads_by_class_and_buildings(browser):
    found = layers(browser("officer"), path("base", 16))
    assert set(values(found["roads"], "class")) == {"primary", "foot"}
    assert set(values(found["roads"], "name")) == {"湖边路", None}
    assert len(found["buildings"]) == 1


@pytest.mark.parametrize(
    ("zoom", "classes"), [(10, {"primary"}), (12, {"primary"}), (14, {"primary", "foot"})]
)
def test_small_scales_leave_out_small_things(browser, zoom, classes):
    found = layers(browser("officer"), path("base", zoom))
    assert set(values(found["roads"], "class")) == classes
    assert ("buildings" in found) is (zoom >= 14)


@pytest.mark.parametrize("zoom", [9, 10, 12, 13, 14, 16, 17])
def test_things_lie_where_they_are(browser, zoom):
    """Whichever way a zoom is computed, a street comes out within a unit of its place."""
    found = layers(browser("officer"), path("base", zoom))["roads"]
    east, north = (LON + 180) / 360 * 2**zoom - X[zoom], NORTHING * 2**zoom - HERE[zoom]
    main = next(each for each in found if each["properties"]["class"] == "primary")
    for _x, y in main["geometry"]["coordinates"]:
        assert abs(y - north * 4096) <= 1
    for side in (each for each in found if each["properties"]["class"] == "foot"):
        x, y = side["geometry"]["coordinates"][0]
        assert abs(x - east * 4096) <= 1
        assert abs(y - north * 4096) <= 1


def test_other_county_is_not_drawn(browser):
    assert set(values(layers(browser("stranger"), path("base", 14))["roads"], "name")) == {"西边路"}


def test_households_gather_at_small_scale_and_stand_alone_at_large(browser):
    client = browser("officer")
    gathered = layers(client, path("households", 12))["households"]
    assert sum(values(gathered, "count")) == 4
    assert sum(values(gathered, "people")) == 18
    assert sum(values(gathered, "needs")) == 2
    alone = layers(client, path("households", 16))["households"]
    assert sorted(values(alone, "people")) == [3, 4]
    assert sorted(values(alone, "needs")) == [False, True]
    assert set(values(alone, "grid")) == {"990101001001001"}


def test_households_of_others_are_not_drawn(browser):
    member = layers(browser("member"), path("households", 12))["households"]
    assert sum(values(member, "count")) == 2
    assert layers(browser("stranger"), path("households", 14)) == {}
    assert browser("unit").get(path("households", 14)).status_code == 403


def test_needs_are_in_the_tile_only_by_right(browser):
    alone = layers(browser("planner"), path("households", 16))["households"]
    assert values(alone, "needs") == [None, None]


def test_gathered_needs_are_counted_only_where_they_may_be_read(browser):
    # a cell may hold a single household: its sum would tell what the household itself does not
    for zoom in (12, 15):
        gathered = layers(browser("planner"), path("households", zoom))["households"]
        assert set(values(gathered, "needs")) == {None}
        member = layers(browser("member"), path("households", zoom))["households"]
        assert sum(values(member, "needs")) == 1


def test_coverage_says_who_is_not_reached(browser, store):
    with store.transaction(system_scope()) as tx:
        run = tx.value("SELECT max(id) FROM coverage_run")
    gathered = layers(browser("officer"), path(f"coverage/{run}", 12))["households"]
    assert sum(values(gathered, "count")) == 4
    assert sum(values(gathered, "uncovered")) == 1
    assert sorted(values(gathered, "band")) == [0, 0, 0, 3]
    assert sorted(values(gathered, "covered")) == [False, True, True, True]
    alone = layers(browser("officer"), path(f"coverage/{run}", 16))["households"]
    assert values(alone, "covered") == [True, True]
    assert values(alone, "band") == [0, 0]


@pytest.mark.parametrize("layer", ["base", "households"])
def test_unchanged_tile_is_not_sent_again(browser, store, layer):
    client = browser("officer")
    first = client.get(path(layer, 14))
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(path(layer, 14), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    table = {"base": "road", "households": "household"}[layer]
    with store.transaction(system_scope()) as tx:
        tx.execute(f"UPDATE {table} SET source_key = source_key WHERE source_key IN ('w1', 'h1')")
    changed = client.get(path(layer, 14), headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.data == first.data


def test_tile_of_one_person_is_not_the_tile_of_another(browser):
    first = browser("officer").get(path("households", 12))
    other = browser("member").get(
        path("households", 12), headers={"If-None-Match": first.headers["ETag"]}
    )
    assert other.status_code == 200
    assert other.data != first.data


def test_compressed_for_those_who_take_it(browser):
    plain = browser("officer").get(path("base", 14))
    packed = browser("officer").get(path("base", 14), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.data


def test_empty_tile_is_empty(browser):
    answer = browser("officer").get("/tiles/base/14/0/0.mvt")
    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("base/21/0/0", "z"),
        ("base/1/2/0", "x"),
        ("base/1/0/2", "y"),
        ("base/-1/0/0", "z"),
        ("base/1/a/0", "x"),
        ("base/1/0/1.5", "y"),
        ("coverage/x/1/0/0", "run"),
        ("coverage/99999999999999999999/1/0/0", "run"),
    ],
)
def test_bad_tile_addresses_are_named(browser, address, place):
    answer = browser("officer").get(f"/tiles/{address}.mvt")
    assert answer.status_code == 400
    assert answer.get_json()["faults"][0]["place"] == place


@pytest.mark.parametrize("z", [0, 1, 5, 20])
def test_every_zoom_can_be_drawn(browser, z):
    for layer in ("base", "households"):
        assert browser("officer").get(f"/tiles/{layer}/{z}/{X[z]}/{HERE[z]}.mvt").status_code == 200


def test_cache_is_bounded_and_forgets_the_oldest():
    cache = TileCache(most_bytes=10)
    cache.put((1,), b"aaaa")
    cache.put((2,), b"bbbb")
    assert cache.get((1,)) == b"aaaa"
    cache.put((3,), b"cccc")
    assert cache.get((2,)) is None
    assert cache.get((1,)) == b"aaaa"
    cache.put((1,), b"x")
    cache.put((4,), b"ddddd")
    assert [cache.get((key,)) for key in (1, 3, 4)] == [b"x", b"cccc", b"ddddd"]
    cache.put((5,), b"e" * 11)
    assert cache.get((5,)) is None
