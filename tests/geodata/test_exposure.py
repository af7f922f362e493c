"""What a hazard touches: figures that add up, whichever way they are asked for."""

import geopandas as gpd
import numpy as np
import pytest
from evacuation_towns import CRS, town
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from geodata import exposure
from geodata.errors import GeodataError
from geodata.evacuation import draft
from geodata.network import Network


def squares(bounds, count):
    west, south, east, north = bounds
    x, y = np.linspace(west, east, count + 1), np.linspace(south, north, count + 1)
    cells = [box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(count) for j in range(count)]
    return gpd.GeoDataFrame(geometry=cells, crs=CRS, index=[f"g{n}" for n in range(len(cells))])


@given(st.integers(0, 10_000), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_grids_and_the_rest_add_up_to_all_that_are_affected(seed, count):
    roads, homes, _, hazard = town(seed, households=150)
    west, south, east, north = roads.total_bounds
    grids = squares((west, south, (west + 2 * east) / 3, north), count)
    found = exposure.summarise(homes, grids, hazard)
    named = exposure.affected(homes, hazard)
    inside = homes.loc[named]
    assert list(named) == [label for label, at in homes.geometry.items() if at.intersects(hazard)]
    assert found.grids.index.equals(grids.index)
    assert found.totals.equals((found.grids.sum() + found.outside).rename("totals"))
    assert found.totals["households"] == len(named)
    assert found.totals["people"] == inside.people.sum()
    assert found.totals["wheelchair"] == inside.wheelchair.sum()
    assert found.totals["infant"] == (inside.infant > 0).sum()
    for label, grid in grids.geometry.items():
        assert found.grids.people[label] == inside.people[inside.within(grid)].sum()


def test_a_draft_and_the_exposure_name_the_same_people():
    roads, homes, places, hazard = town(21)
    plan = draft(Network.from_roads(roads, "walk"), homes, places, hazard)
    found = exposure.summarise(homes, squares(roads.total_bounds, 3), hazard)
    assert plan.totals["households"] == found.totals["households"]
    assert plan.totals["people"] == found.totals["people"]
    assert plan.totals["needs"]["wheelchair"]["affected"] == found.totals["wheelchair"]


SQUARE = box(0, 0, 100, 100)


def points(*xy, **columns):
    frame = gpd.GeoDataFrame(geometry=[Point(*at) if at else None for at in xy], crs=CRS)
    return frame.assign(people=2, **columns)


def test_on_the_border_is_affected_and_nowhere_is_not():
    homes = points((100, 50), (100.001, 50), (0, 0), None, (50, 50))
    assert exposure.affected(homes, SQUARE).tolist() == [0, 2, 4]
    assert exposure.affected(homes, SQUARE - box(40, 40, 60, 60)).tolist() == [0, 2]


def test_a_household_on_a_shared_border_is_counted_once():
    grids = squares((0, 0, 100, 100), 2)
    found = exposure.summarise(points((50, 50), (150, 0)), grids, box(0, 0, 200, 200))
    assert found.grids.households.tolist() == [1, 0, 0, 0]
    assert found.outside.households == 1
    assert found.totals.people == 4


def test_roads_are_cut_at_the_hazard():
    streets = gpd.GeoDataFrame(
        {"name": ["a", "b", "c", "d"], "bridge": ["yes", None, "no", None]},
        geometry=[
            LineString([(-50, 10), (150, 10)]),
            LineString([(200, 0), (300, 0)]),
            LineString([(100, 100), (200, 200)]),
            LineString([(20, 20), (20, 70)]),
        ],
        crs=CRS,
    ).set_index(np.array([7, 8, 9, 10]))
    frame = streets.set_geometry(streets.translate(500_000, 3_300_000))
    found = exposure.roads(frame, box(500_000, 3_300_000, 500_100, 3_300_100))
    assert found.index.tolist() == [7, 9, 10]
    assert found.metres.tolist() == pytest.approx([100, 0, 50])
    assert found["share"].tolist() == pytest.approx([0.5, 0, 1])
    assert found.over.tolist() == [True, False, False]
    assert found.name.tolist() == ["a", "c", "d"]
    assert found.crs == frame.crs
    assert exposure.roads(frame, box(0, 0, 1, 1)).empty


def test_facilities_keep_their_columns():
    places = points((10, 10), (500, 500), kind=["clinic", "school"])
    found = exposure.facilities(places, SQUARE)
    assert found.kind.tolist() == ["clinic"]


def test_bad_input_is_named():
    bow_tie = Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    for wrong, said in (
        (bow_tie, "not valid"),
        (Polygon(), "missing or empty"),
        (None, "missing or empty"),
        (Point(0, 0), "not a polygon"),
    ):
        with pytest.raises(GeodataError, match=said):
            exposure.affected(points((1, 1)), wrong)
    with pytest.raises(GeodataError, match="coordinate system"):
        exposure.affected(points((1, 1)).set_crs(None, allow_override=True), SQUARE)
    with pytest.raises(GeodataError, match="row 1, column 'people'"):
        exposure.summarise(
            points((1, 1), (2, 2)).assign(people=[1, 1.5]), squares((0, 0, 9, 9), 1), SQUARE
        )
    broken = squares((0, 0, 9, 9), 1).set_geometry([Polygon()], crs=CRS)
    with pytest.raises(GeodataError, match="row g0.*grid is missing"):
        exposure.summarise(points((1, 1)), broken, SQUARE)


def test_other_coordinate_systems_count_the_same():
    roads, homes, _, hazard = town(4)
    grids = squares(roads.total_bounds, 3)
    plain = exposure.summarise(homes, grids, hazard)
    turned = exposure.summarise(homes, grids.to_crs(4326), gpd.GeoSeries([hazard], crs=CRS))
    assert turned.grids.equals(plain.grids)
