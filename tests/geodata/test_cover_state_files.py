"""A kept coverage is mended by whoever loads it, as if it had never been put away."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from plain_streets import at, places, roads_frame

from geodata.array_folders import Damaged
from geodata.cover_state_files import load, save
from geodata.cover_update import start, update
from geodata.coverage import Standard, cover
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.network_files import load as load_network
from geodata.network_files import save as save_network

STREETS = roads_frame(
    [([(x, y), (x + 100, y)], {}) for x in range(0, 500, 100) for y in (0, 100)]
    + [([(x, 0), (x, 100)], {"bridge": x == 200}) for x in range(0, 600, 100)]
)
HOMES = places([(x, y) for x in range(5, 500, 40) for y in (3, 96, 400)]).assign(people=2)
STATIONS = places(
    [(0, 0), (300, 100), (450, 0), (900, 900)],
    open=[True, True, False, True],
    crew=["a", "a", None, None],
    capacity=[9, 5, 8, None],
).set_index(pd.Index([4, 2, 9, 7]))


@pytest.mark.parametrize("capacity", [False, True])
@pytest.mark.parametrize("labels", ["numbers", "texts"])
def test_mended_after_loading(tmp_path, capacity, labels):
    standard = Standard("fire", "drive", 40.0, "seconds", "to_facility", capacity)
    homes, stations = HOMES, STATIONS
    if labels == "texts":
        homes = homes.set_axis([f"户{row}" for row in range(len(homes))])
        stations = stations.set_axis(["d", "b", "z", "g"])
    built = Network.from_roads(STREETS)
    save_network(built, tmp_path / "streets", "1")
    closed = built.close(at(150, 0).buffer(20))
    state = start(closed, homes, stations, standard)
    save(state, tmp_path / "fire", "7")

    network = load_network(tmp_path / "streets", "1")
    kept = load(tmp_path / "fire", network, "7")
    assert_frame_equal(kept.frame(), cover(closed, homes, stations, standard), check_exact=True)
    assert (kept.network.opened == closed.opened).all()
    later = network.close([at(250, 100).buffer(20)])
    fewer = stations.assign(open=[True, False, True, True]).iloc[[0, 1, 2]]
    mended, changes = update(kept, later, fewer)
    fresh = cover(later, homes, fewer, standard)
    assert_frame_equal(mended.frame(), fresh, check_exact=True)
    assert mended.frame().attrs == fresh.attrs
    assert len(changes.changed) > 0
    save(mended, tmp_path / "fire", "8")
    again = load(tmp_path / "fire", network, "8")
    assert_frame_equal(again.frame(), fresh, check_exact=True)


def test_barriers_are_laid_again_by_whoever_loads(tmp_path):
    network = Network.from_roads(STREETS)
    wall = places([(0, 0)]).geometry.iloc[0].buffer(1).boundary
    barred = network.barred([wall])
    standard = Standard("fire", "drive", 40.0)
    save(start(barred, HOMES, STATIONS, standard), tmp_path / "fire", "1")
    kept = load(tmp_path / "fire", network.barred([wall]), "1")
    fresh = cover(network, HOMES, STATIONS, standard, [wall])
    assert_frame_equal(kept.frame(), fresh, check_exact=True)
    save_network(barred, tmp_path / "streets", "1")
    streets = load_network(tmp_path / "streets", "1")
    kept = load(tmp_path / "fire", streets, "1")
    assert_frame_equal(kept.frame(), fresh, check_exact=True)


def test_other_streets_and_damage_are_refused(tmp_path):
    network = Network.from_roads(STREETS)
    state = start(network, HOMES, STATIONS, Standard("fire", "drive", 40.0))
    save(state, tmp_path / "fire", "1")
    slower = Network.from_roads(STREETS.assign(maxspeed_kmh=11.0))
    with pytest.raises(Damaged, match="other streets"):
        load(tmp_path / "fire", slower)
    with pytest.raises(Damaged, match="version '1', not '2'"):
        load(tmp_path / "fire", network, "2")
    save_network(network, tmp_path / "streets", "1")
    with pytest.raises(Damaged, match="kind 'network', not 'coverage'"):
        load(tmp_path / "streets", network)
    path = tmp_path / "fire" / "why.npy"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(Damaged, match=r"why\.npy"):
        load(tmp_path / "fire", network)
    mixed = start(network, HOMES, STATIONS.set_axis([1.5, 2, 3, 4]), Standard("f", "drive", 9.0))
    with pytest.raises(GeodataError, match="labels"):
        save(mixed, tmp_path / "mixed", "1")
    assert np.isfinite(state.answers.near.seconds).any()
