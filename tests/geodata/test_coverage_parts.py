"""Areas put together, also where two that are neighbours do not share every vertex."""

import numpy as np
import pytest
import shapely

from geodata.coverage_parts import united


def test_a_coverage_keeps_every_vertex():
    west = shapely.Polygon([(0, 0), (1, 0), (1, 1), (1, 2), (0, 2)])
    east = shapely.Polygon([(1, 0), (2, 0), (2, 2), (1, 2), (1, 1)])
    found = united([west, east])
    assert found.equals(shapely.box(0, 0, 2, 2))
    assert shapely.get_num_coordinates(found) == 7  # the ends of the border are kept


@pytest.mark.parametrize("shift", [0.0, 1e-9])
def test_borders_with_other_vertices_on_either_side_are_put_together(shift):
    # as at the border of two communities: three grids of one, two of the other
    west = [shapely.box(0, y, 1, y + 2) for y in (0, 2, 4)]
    east = [shapely.box(1 + shift, y, 2, y + 3) for y in (0, 3)]
    found = united(np.array([*west, *east], dtype=object))
    assert found.is_valid
    assert found.area == pytest.approx(12)
    if not shift:
        assert found.geom_type == "Polygon"
