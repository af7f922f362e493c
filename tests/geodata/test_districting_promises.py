"""What holds for any drawing: each household in one grid, reasons for what misses, same bytes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import Town, tessellation

from geodata.districting import draw_grids, partition, quality
from geodata.shortfalls import shortfall

REASONS = {"not_contiguous", "unit_too_large", "area_too_small", "no_count_fits"}


@settings(max_examples=8, deadline=None)
@given(
    st.integers(0, 1000), st.integers(1, 4), st.integers(1, 160), st.sampled_from([300, 350, 399])
)
def test_every_household_is_in_one_grid_and_what_misses_the_rule_says_why(
    seed, blocks, per_block, minimum
):
    town = Town(blocks, seed, per_block)
    grids = draw_grids(
        town.outline, town.households, town.roads, buildings=town.buildings, minimum=minimum
    )
    measured = quality(grids, town.households, town.roads, minimum=minimum)
    assert measured["contiguous"].all()
    assert measured["households"].tolist() == grids["households"].tolist()
    places = np.asarray(town.households.geometry.array)
    inside = [shapely.contains(shape, places).sum() for shape in grids.geometry]
    on_border = len(places) - sum(inside)
    assert 0 <= on_border <= 0.05 * len(places)
    assert all(
        0 <= count - own <= on_border
        for count, own in zip(grids["households"], inside, strict=True)
    )
    outside = grids.loc[~grids["households"].between(minimum, 500)]
    assert sorted(grids.attrs["why"]) == sorted(grids.attrs["reasons"]) == outside["grid"].tolist()
    for number, why in grids.attrs["why"].items():
        households = int(grids.set_index("grid")["households"][number])
        assert why["reason"] in REASONS | {"units_too_coarse"}
        assert why["largest"] <= households <= why["whole"] == len(places)
        assert why["fewest"] == -(-len(places) // 500)
        assert why["most"] == len(places) // minimum
        if why["reason"] == "no_count_fits":
            assert why["fewest"] > why["most"]


def drawn_here():
    """Hash the grids of a town byte for byte, and labels with more than one good answer."""
    town = Town(3, 5, 140)
    grids = draw_grids(town.outline, town.households, town.roads, buildings=town.buildings, seed=7)
    total = hashlib.sha256(b"".join(shapely.to_wkb(grids.geometry.array)))
    total.update(repr(grids["households"].tolist()).encode())
    units = tessellation(250, 3, side=3000, most=60)
    total.update(repr(partition(units, "households", 300, 500, seed=7).tolist()).encode())
    return total.hexdigest()


def test_two_processes_draw_the_same_bytes(tmp_path):
    here = Path(__file__).parent
    code = (
        f"import sys; sys.path.insert(0, {str(here)!r});"
        "import test_districting_promises as t; print(t.drawn_here())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "NUMBA_CACHE_DIR": str(tmp_path)}
    other = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert other.stdout.split() == [drawn_here()]


def test_without_a_reason_there_is_nothing_to_say():
    assert shortfall(None, np.zeros(1), 0, None, None) is None
