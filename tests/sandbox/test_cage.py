"""The cage: what is in it reaches nothing, and ends in time."""

import os
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

from geodata.errors import GeodataError
from gridmap.sandbox import cage, kernel, probe

MEGABYTE = 1024**2


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """What a hostile file would try, tried once."""
    secret = tmp_path_factory.mktemp("secrets") / "secrets.json"
    secret.write_text("{}")
    readme = Path(__file__).parents[2] / "README.md"
    os.environ["GRIDMAP_SECRET_KEY"] = "not for the cage"
    try:
        with cage.folder() as place:
            return cage.run("probe", place, {"forbidden": [str(secret), str(readme)]})
    finally:
        del os.environ["GRIDMAP_SECRET_KEY"]


@pytest.mark.parametrize(
    "attempt",
    ["connects", "local_socket", "runs_programs", "forks", "signals", "writes_outside"],
)
def test_an_attempt_fails(tried, attempt):
    assert tried[attempt] is False


def test_the_same_attempts_succeed_outside():
    """Else the cage could hold nothing and nobody would notice."""
    assert probe._works(probe._connect)
    assert probe._works(probe._fork)
    assert probe._works(Path("/etc/passwd").read_bytes)
    assert probe._works(lambda: os.kill(os.getppid(), 0))


def test_it_writes_its_own_folder(tried):
    assert tried["writes_inside"] is True


def test_it_reads_no_file_of_ours(tried):
    assert tried["held"]["files"], "this kernel has no Landlock"
    assert tried["reads"] == []


def test_it_knows_no_setting_of_ours(tried):
    assert tried["environment"] == ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONPATH"]


@pytest.mark.parametrize(
    ("does", "limits"),
    [
        ({"hang": "cpu"}, cage.Limits(seconds=1, patience=20)),
        ({"hang": "sleep"}, cage.Limits(seconds=9, patience=1)),
        ({"hog": True}, cage.Limits(memory=700 * MEGABYTE)),
    ],
    ids=["loop", "sleep", "memory"],
)
def test_what_never_ends_is_ended(does, limits):
    began = time.monotonic()
    with cage.folder() as place, pytest.raises(GeodataError, match="too (long|much)"):
        cage.run("probe", place, does, limits)
    assert time.monotonic() - began < 15


def test_without_a_lock_nothing_is_read(monkeypatch):
    """Where neither lock against the network holds, the process refuses to go on."""
    monkeypatch.setattr(kernel, "_filter_calls", lambda: False)
    monkeypatch.setattr(kernel, "_restrict_files", lambda *_paths: True)
    monkeypatch.setattr(kernel, "_LIBC", Refusing())
    with pytest.raises(kernel.CannotConfineError):
        kernel.confine([], [])


class Refusing:
    """A kernel that takes the promise of no new rights, and gives no namespace."""

    def prctl(self, *_asked):
        return 0

    def unshare(self, _flags):
        return -1


def test_no_folder_is_left_behind():
    with cage.folder() as place:
        cage.run("probe", place)
    assert not place.exists()


def test_what_is_unpacked_inside_is_taken_away_inside(tmp_path):
    """A zipped Shapefile is unpacked into a folder in the cage, which has to be removable there."""
    spot = gpd.GeoDataFrame({"name": ["x"]}, geometry=[Point(114.4, 30.5)], crs=4326)
    spot.to_file(tmp_path / "spot.shp")
    parts = sorted(tmp_path.iterdir())
    with cage.folder() as place:
        with zipfile.ZipFile(place / "spot.zip", "w") as archive:
            for each in parts:
                archive.write(each, each.name)
        read = cage.run("vectors", place, {"name": "spot.zip", "crs": None})
        assert read == {"frames": ["vectors"]}
        assert not [each for each in place.iterdir() if each.is_dir()]


@pytest.fixture
def hostile_zip():
    """Make a zip of a kind that is not to be unpacked."""

    def make(place, kind):
        with zipfile.ZipFile(place / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            if kind == "bomb":
                archive.writestr("x.shp", b"\0" * (300 * MEGABYTE))
            elif kind == "many":
                for number in range(5000):
                    archive.writestr(f"{number}.shp", b"")
            elif kind == "climbs":
                archive.writestr("../../../tmp/out_of_the_cage.shp", b"x")
            else:
                archive.writestr("x.zip", b"PK\3\4" + b"\0" * 100)

    return make


@pytest.mark.parametrize("kind", ["bomb", "many", "climbs", "nested"])
def test_a_hostile_zip_is_refused_in_words(hostile_zip, kind):
    began = time.monotonic()
    with cage.folder() as place:
        hostile_zip(place, kind)
        with pytest.raises(GeodataError) as refused:
            cage.run("vectors", place, {"name": "x.zip", "crs": None})
    assert "RecursionError" not in str(refused.value)
    assert not Path("/tmp/out_of_the_cage.shp").exists()  # noqa: S108  where it would have gone
    assert time.monotonic() - began < 30
    assert str(refused.value)
