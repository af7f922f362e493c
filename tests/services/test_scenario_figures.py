"""What a proposal would move is drawn whole, though its pieces were cut apart by rounding."""

import numpy as np
import shapely

from gridmap.services import scenario_figures


def joined(*shapes):
    return scenario_figures._joined(np.array(shapes, dtype=object))


def test_edges_that_differ_by_rounding_leave_no_crack():
    left = shapely.Polygon([(114, 30), (114.001, 30), (114.001, 30.001), (114, 30.001)])
    # its left edge has a point more, off by a rounding, and ends a hair beside the other's
    right = shapely.Polygon(
        [(114.001, 30), (114.002, 30), (114.002, 30.001), (114.001 - 2e-15, 30.001),
         (114.001 + 3e-14, 30.0005)]
    )  # fmt: skip
    whole = joined(left, right)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert shapely.is_valid(whole)
    assert np.isclose(whole.area, 2e-6, rtol=1e-6)


def test_a_real_hole_stays_and_a_crack_does_not():
    block = shapely.box(114, 30, 114.002, 30.002)
    crack = shapely.box(114.0003, 30.0003, 114.0003 + 5e-7, 30.0003 + 5e-7)
    yard = shapely.box(114.001, 30.001, 114.0015, 30.0015)
    whole = joined(block.difference(shapely.union_all([crack, yard])))
    assert len(whole.interiors) == 1
    assert np.isclose(shapely.Polygon(whole.interiors[0]).area, yard.area, rtol=1e-6)


def test_pieces_that_lie_apart_stay_apart():
    whole = joined(shapely.box(114, 30, 114.001, 30.001), shapely.box(114.01, 30, 114.011, 30.001))
    assert whole.geom_type == "MultiPolygon"
    assert len(whole.geoms) == 2
