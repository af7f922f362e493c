"""Ways within a limit are the ways of the whole table, also where two take equally long."""

import numpy as np
import pytest
from plain_streets import places, roads_frame

from geodata.closest import within
from geodata.network import Network

# from the south-west corner of each block to the south-east one: 100 m at 36 km/h and 400 m
# round the block at 144 km/h take 10 s both
BLOCKS = [
    block
    for x in (0, 100, 200, 300)
    for block in (
        ([(x, 0), (x + 100, 0)], {"maxspeed_kmh": 36.0}),
        ([(x, 0), (x, 150), (x + 50, 150)], {"maxspeed_kmh": 144.0}),
        ([(x + 50, 150), (x + 100, 150), (x + 100, 0)], {"maxspeed_kmh": 144.0}),
    )
]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("towards", [False, True])
def test_of_two_equally_long_ways_it_is_the_same_one(seed, towards):
    chance = np.random.default_rng(seed)
    rows = [BLOCKS[at] for at in chance.permutation(len(BLOCKS))]
    network = Network.from_roads(roads_frame(rows))
    homes = places([(x, y) for x in (0, 90, 100, 200, 310, 400) for y in (0, 20)])
    sites = places([(0, 0), (400, 0), (120, 0), (200, 0)])
    if towards:
        seconds, metres = network.matrix(homes, sites)
    else:
        seconds, metres = (table.T for table in network.matrix(sites, homes))
    spots, doors = network.places(homes), network.places(sites)
    found = within(network, spots, doors, towards, "seconds", 45.0)
    place, site = np.nonzero(seconds <= 45.0)
    order = np.lexsort((site, seconds[place, site], place))
    assert found.place.tolist() == place[order].tolist()
    assert found.site.tolist() == site[order].tolist()
    assert found.seconds.tolist() == seconds[place, site][order].tolist()
    assert found.metres.tolist() == metres[place, site][order].tolist()
