"""Numbers on real borders: west to east, the rows north to south, in both demo towns."""

import numpy as np
import pytest
from demo_towns import METRIC, build, of_level

from geodata.numbering import numbers


@pytest.mark.parametrize("town", ["guanggu", "monaco"])
def test_numbers_go_from_west_to_east_and_the_rows_from_north_to_south(town):
    areas = of_level(build(town), "community")
    assert len(areas) > 5
    given = numbers(areas).to_numpy()
    assert sorted(given) == list(range(1, len(areas) + 1))
    placed = areas.to_crs(METRIC[town]).geometry
    middle, top = placed.centroid, placed.total_bounds[3]
    height = float(np.sqrt(placed.area.mean()))
    order = np.argsort(given)
    east, south = middle.x.to_numpy()[order], (top - middle.y.to_numpy())[order]
    row = np.floor(south / height)
    assert row.min() >= 0
    assert len(set(row.tolist())) > 2
    # the rows from north to south
    assert (np.diff(row) >= 0).all()
    # in each of them from west to east
    assert (np.diff(east)[np.diff(row) == 0] > 0).all()
    # so nobody who lies more than a row further north has a later number
    later = np.subtract.outer(south, south)
    assert later[np.tril_indices(len(areas), -1)].min() > -height


@pytest.mark.parametrize("town", ["guanggu", "monaco"])
def test_the_order_of_the_frame_does_not_matter(town):
    areas = of_level(build(town), "community")
    mixed = areas.sample(frac=1, random_state=4)
    assert numbers(mixed).sort_index().tolist() == numbers(areas).tolist()
