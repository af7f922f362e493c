"""Towns, places and closed areas drawn by chance, for properties that hold in all of them."""

import math

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from plain_streets import EAST, NORTH, roads_frame
from shapely.geometry import box

PLACES = st.tuples(st.integers(-40, 440), st.integers(-40, 440))
# a lattice whose lines are unevenly far apart: shared vertices, rings and repeats are common,
# and so are ties
CORNER = st.tuples(st.sampled_from([0, 100, 200, 400]), st.sampled_from([0, 100, 250, 400]))
STREET = st.tuples(
    st.lists(CORNER, min_size=2, max_size=5),
    st.fixed_dictionaries(
        {
            "highway": st.sampled_from(["residential", "primary", "living_street", "footway"]),
            "oneway": st.sampled_from([0, 0, 1, -1]),
            "maxspeed_kmh": st.sampled_from([math.nan, math.nan, 30.0, 55.0]),
            "bridge": st.sampled_from([False, False, True]),
        }
    ),
)
TOWN = st.lists(STREET, min_size=1, max_size=12).map(roads_frame)
BOX = st.tuples(PLACES, st.integers(1, 250), st.integers(1, 250)).map(
    lambda b: box(EAST + b[0][0], NORTH + b[0][1], EAST + b[0][0] + b[1], NORTH + b[0][1] + b[2])
)

# no shrinking: looking for the smallest failing town takes minutes, the first one is small enough
plain = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
