"""Where households meet the streets is kept: who has moved or come is found anew, nobody else."""

import numpy as np
import pandas as pd
import pytest
from plain_streets import at, places, roads_frame

from geodata.homes import Homes
from geodata.homes_files import Damaged, load, save
from geodata.network import Network
from geodata.points import Spots, spots
from geodata.snapping import Places

STREETS = roads_frame(
    [([(x, y), (x + 100, y)], {}) for x in range(0, 500, 100) for y in (0, 100)]
    + [([(x, 0), (x, 100)], {}) for x in range(0, 600, 100)]
)
NETWORK = Network.from_roads(STREETS)
HOMES = places([(x, y) for x in range(5, 500, 40) for y in (3, 96, 400)])
ASKED = Spots(pd.Index(range(10, 10 + len(HOMES))), spots(HOMES, HOMES.crs).xy, HOMES.crs)


def same(one: Places, other: Places) -> bool:
    return one.index.equals(other.index) and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in ("xy", "piece", "fraction", "metres", "at_start", "at_end", "leg_kmh")
    )


@pytest.fixture
def folder(tmp_path):
    save(ASKED, NETWORK.places(ASKED, 90.0), tmp_path / "places", "1")
    return tmp_path / "places"


def test_the_same_households_ask_nobody(folder):
    found, looked = load(folder, "1", HOMES.crs).completed(NETWORK, ASKED, 90.0)
    assert looked == 0
    assert same(found, NETWORK.places(ASKED, 90.0))
    assert not found.snapped.all()
    assert isinstance(found.fraction.base, np.memmap)


def test_who_has_moved_come_or_gone_is_told_apart(folder):
    xy = ASKED.xy[::-1].copy()
    index = ASKED.index[::-1]
    xy[4] = ASKED.xy[0]
    xy, index = np.concatenate([xy[:20], [at(15, 7).coords[0]]]), index[:20].append(pd.Index([999]))
    now = Spots(index, xy, ASKED.crs)
    found, looked = load(folder, "1", HOMES.crs).completed(NETWORK, now, 90.0)
    assert looked == 2
    assert same(found, NETWORK.places(now, 90.0))


def test_other_streets_and_damage_are_refused(folder):
    with pytest.raises(Damaged, match="of '1', not '2'"):
        load(folder, "2", HOMES.crs)
    (folder / "piece.npy").write_bytes(b"rotten")
    with pytest.raises(Damaged, match=r"piece\.npy"):
        load(folder, "1", HOMES.crs)


def test_newer_households_take_the_place_of_older_ones(folder):
    fewer = Spots(ASKED.index[:5], ASKED.xy[:5], ASKED.crs)
    save(fewer, NETWORK.places(fewer, 90.0), folder, "1")
    assert len(load(folder, "1", HOMES.crs).places) == 5


def test_streets_that_snap_alike_have_one_digest():
    wall = HOMES.geometry.iloc[0].buffer(2).boundary
    slow = Network.from_roads(STREETS, NETWORK.profile.slowed({"*": 0.5}))
    assert slow.snapping == NETWORK.snapping
    assert NETWORK.barred([wall]).snapping == slow.barred([wall]).snapping
    assert NETWORK.barred([wall]).snapping != NETWORK.snapping
    assert Network.from_roads(STREETS.iloc[1:]).snapping != NETWORK.snapping


def test_a_part_of_the_households_is_found_with_all_of_them():
    codes = pd.Categorical(["001" if row % 3 else "0020" for row in range(len(ASKED))])
    homes = Homes(pd.DataFrame({"area_code": codes}, index=ASKED.index), ASKED)
    part, asked = homes.within("002"), []
    assert list(part.table.index) == list(ASKED.index[::3])

    def find(every: Homes) -> Places:
        asked.append(len(every))
        return NETWORK.places(every.spots, 90.0)

    for _ in range(2):
        assert same(part.places(NETWORK, 90.0, find), NETWORK.places(part.spots, 90.0))
    assert asked == [len(ASKED)]
    assert same(part.places(NETWORK, 40.0), NETWORK.places(part.spots, 40.0))
