"""A network kept in a folder answers like the one that was built, or is not taken at all."""

import json
import subprocess
import sys
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from plain_streets import at, places, roads_frame
from shapely.geometry import LineString, box

from geodata.array_folders import Damaged, load_folder, save_folder
from geodata.coverage import Standard, cover
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.network_files import load, save
from geodata.readers import osm


@pytest.fixture(scope="module")
def layers():
    return osm.read(files("geodata.demo") / "monaco.osm.pbf")


@pytest.fixture(scope="module", params=["drive", "walk", "drive barred"])
def pair(request, layers, tmp_path_factory):
    profile, _, barred = request.param.partition(" ")
    built = Network.from_roads(layers.roads, profile)
    if barred:
        whole = built
        built = built.barred([LineString(whole.pieces.nodes[::400])])
        assert built.size > whole.size  # some meet at a junction that nobody passes any more
        assert not built.opened.all()
    folder = tmp_path_factory.mktemp("networks") / profile
    save(built, folder, "roads 7")
    return built, load(folder, "roads 7")


@pytest.fixture(scope="module")
def homes(layers):
    points = layers.buildings.geometry.iloc[::25].to_crs(32632).centroid
    return gpd.GeoDataFrame({"people": 1 + np.arange(len(points)) % 4}, geometry=points)


def quarter(network):
    lon, lat = network.nodes.geometry.x.median(), network.nodes.geometry.y.median()
    return box(lon - 0.008, lat - 0.006, lon + 0.008, lat + 0.006)


def town(**columns):
    rows = [
        ([(0, 0), (100, 0), (200, 0)], {"name": "East"}),
        ([(100, 0), (100, 100)], {"name": None}),
        ([(200, 0), (200, 100), (100, 100)], {"name": "Ring"}),
    ]
    return roads_frame(rows, **columns)


def test_nodes_edges_and_names_are_the_same(pair):
    built, kept = pair
    assert_geodataframe_equal(kept.nodes, built.nodes)
    assert_geodataframe_equal(kept.edges, built.edges)
    assert kept.profile == built.profile
    assert (kept.crs, kept.metric) == (built.crs, built.metric)
    pieces = range(len(built.pieces.road))
    assert [kept.street(piece) for piece in pieces] == [built.street(piece) for piece in pieces]
    assert any(built.street(piece)[0] for piece in pieces)


@pytest.mark.parametrize("towards", [False, True])
def test_the_graphs_are_the_same_to_the_last_bit(pair, towards):
    built, kept = pair
    for by in ("seconds", "metres"):
        mine, theirs = built.graph(towards, by), kept.graph(towards, by)
        for name in ("tail", "head", "cost", "other", "via"):
            assert getattr(mine, name).tobytes() == getattr(theirs, name).tobytes()
        for name in ("arc", "tail", "head", "cost", "other"):
            assert (
                getattr(mine.incoming, name).tobytes() == getattr(theirs.incoming, name).tobytes()
            )


def test_nearest_routes_and_snapping_are_the_same(pair, homes, layers):
    built, kept = pair
    sources = list(range(0, built.size, 97))
    pd.testing.assert_frame_equal(kept.nearest(sources), built.nearest(sources))
    pd.testing.assert_frame_equal(kept.snap(homes), built.snap(homes))
    ends = homes.iloc[:40].reset_index(drop=True), homes.iloc[40:80].reset_index(drop=True)
    assert_geodataframe_equal(kept.routes(*ends), built.routes(*ends))
    one = [frame.geometry.to_crs(built.crs).iloc[0] for frame in ends]
    assert kept.route(*one) == built.route(*one)


def test_cover_and_closures_are_the_same(pair, homes, layers):
    built, kept = pair
    stations = layers.facilities[layers.facilities.kind == "fire_station"]
    standard = Standard("fire", built.profile.key, 120.0)
    area = quarter(built)
    whole = cover(built, homes, stations, standard)
    cut = cover(built.close(area), homes, stations, standard)
    pd.testing.assert_frame_equal(cover(kept, homes, stations, standard), whole)
    pd.testing.assert_frame_equal(cover(kept.close(area), homes, stations, standard), cut)
    assert not whole.equals(cut)


def test_what_is_loaded_lies_in_the_file(pair):
    _, kept = pair
    for held in (kept.pieces.xy, kept.graph(by="metres").cost, kept.graph().incoming.arc):
        assert isinstance(held.base, np.memmap)
        assert not held.flags.writeable


def test_texts_as_labels_and_missing_names(tmp_path):
    roads = town().set_axis(["a", "乙", "c"])
    built = Network.from_roads(roads)
    save(built, tmp_path / "town", "1")
    kept = load(tmp_path / "town")
    assert_geodataframe_equal(kept.edges, built.edges)
    assert [kept.street(piece) for piece in range(len(kept.pieces.road))] == [
        ("East", "residential"),
        ("East", "residential"),
        (None, "residential"),
        ("Ring", "residential"),
    ]


def test_a_network_of_nothing_is_kept(tmp_path):
    built = Network.from_roads(town(highway="footway"))
    save(built, tmp_path / "none", "1")
    kept = load(tmp_path / "none", "1")
    assert kept.size == 0
    found = cover(kept, places([(1, 1)]), places([(2, 2)]), Standard("fire", "drive", 60))
    assert found.reason.tolist() == ["not_snapped"]


def test_what_cannot_be_kept_is_refused(tmp_path):
    closed = Network.from_roads(town()).close(at(150, 0).buffer(5))
    with pytest.raises(GeodataError, match="closures"):
        save(closed, tmp_path / "town", "1")
    mixed = Network.from_roads(town().set_axis([1, "b", 2.5]))
    with pytest.raises(GeodataError, match="labels of roads"):
        save(mixed, tmp_path / "town", "1")
    with pytest.raises(GeodataError, match="'words'"):
        save_folder(tmp_path / "town", "x", "1", {"words": np.array(["a"], dtype=object)}, {})
    with pytest.raises(GeodataError, match=r"'\.\./out'"):
        save_folder(tmp_path / "town", "x", "1", {"../out": np.zeros(1)}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def folder(tmp_path):
    save(Network.from_roads(town()), tmp_path / "town", "1")
    return tmp_path / "town"


def test_every_file_is_missed_and_every_changed_byte_seen(folder):
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) > 20
    for name in names:
        path = folder / name
        content = path.read_bytes()
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        for damage in (flipped, content[:-1], content[:middle], b"", content + b"\0"):
            path.write_bytes(damage)
            with pytest.raises(Damaged, match=name):
                load(folder)
        path.unlink()
        with pytest.raises(Damaged, match=name):
            load(folder)
        path.write_bytes(content)
    load(folder)


def test_what_is_foreign_is_refused(folder, tmp_path):
    with pytest.raises(Damaged, match=r"manifest\.json: version '1', not '2'"):
        load(folder, "2")
    save_folder(tmp_path / "other", "something", "1", {"a": np.arange(3)}, {})
    with pytest.raises(Damaged, match="kind 'something', not 'network'"):
        load(tmp_path / "other")
    save_folder(tmp_path / "like", "network", "1", {"a": np.arange(3)}, {})
    with pytest.raises(Damaged, match="not a network this program can read"):
        load(tmp_path / "like")
    with pytest.raises(Damaged, match=r"manifest\.json"):
        load(tmp_path / "nowhere")
    for said in ("[]", "{}", "nonsense", '{"digest": 1, "files": 3}'):
        (folder / "manifest.json").write_text(said)
        with pytest.raises(Damaged, match=r"manifest\.json"):
            load(folder)


def test_a_newer_format_is_refused(folder, monkeypatch):
    monkeypatch.setattr("geodata.array_folders.FORMAT", 2)
    with pytest.raises(Damaged, match="format 1, not 2"):
        load(folder)


def test_the_manifest_names_no_file_elsewhere(folder):
    # whoever can write a manifest can write its digest: the names are looked at all the same
    from geodata.array_folders import _digest_of

    said = json.loads((folder / "manifest.json").read_text())
    del said["digest"]
    said["files"]["../../secret.npy"] = "0"
    (folder / "manifest.json").write_text(json.dumps({**said, "digest": _digest_of(said)}))
    with pytest.raises(Damaged, match=r"manifest\.json: not as it was written"):
        load(folder)


def test_what_is_damaged_or_old_is_replaced_and_what_is_sound_stays(folder):
    before = (folder / "manifest.json").stat().st_ino
    network = Network.from_roads(town())
    save(network, folder, "1")
    assert (folder / "manifest.json").stat().st_ino == before
    (folder / "seconds_cost.npy").write_bytes(b"")
    save(network, folder, "1")
    assert load(folder, "1").size == network.size
    kept = load(folder, "1")
    save(Network.from_roads(town(highway="primary")), folder, "2")
    assert load(folder, "2").edges.seconds.sum() < network.edges.seconds.sum()
    # whoever has mapped the old one keeps it
    assert kept.edges.seconds.sum() == network.edges.seconds.sum()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_what_was_left_half_written_long_ago_is_removed(folder):
    import os

    old, new = (folder.with_name(f".town.{name}.part") for name in ("old", "new"))
    for left in (old, new):
        left.mkdir()
        (left / "seconds_cost.npy").write_bytes(b"half")
    os.utime(old, (0, 0))
    save(Network.from_roads(town()), folder, "1")
    assert not old.exists()
    assert new.exists()


WRITER = """
import sys
import numpy as np
from geodata.array_folders import load_folder, save_folder
from pathlib import Path
folder, turns = Path(sys.argv[1]), int(sys.argv[2])
for turn in range(turns):
    version = str(turn % 2)
    arrays = {f"a{number}": np.full(2000, turn % 2) for number in range(12)}
    save_folder(folder, "x", version, arrays, {})
"""


def test_many_write_at_once_and_nobody_reads_half(tmp_path):
    folder = tmp_path / "shared"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), "15"]) for _ in range(3)
    ]
    while any(writer.poll() is None for writer in writers):
        try:
            kept = load_folder(folder, "x")
        except Damaged:
            # between two versions there may be none, or a reader meets files of both: either is
            # said, never taken
            continue
        values = {int(value) for array in kept.arrays.values() for value in np.unique(array)}
        assert values == {int(kept.version)}
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert load_folder(folder, "x").version in "01"
    assert [path.name for path in tmp_path.iterdir()] == ["shared"]
