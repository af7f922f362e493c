"""Two drawings of the same ground: what goes where, and who lives on it."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.grid_comparison import compare, placed

CRS = "EPSG:4546"
X, Y = 500_000.0, 3_380_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + east, Y + north)


def grids(shapes: dict[str, shapely.Geometry], names: dict[str, str] | None = None):
    return gpd.GeoDataFrame(
        {"name": [(names or {}).get(key) for key in shapes]},
        geometry=list(shapes.values()),
        index=list(shapes),
        crs=CRS,
    )


def homes(*points: tuple[float, float, int]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"people": [people for _x, _y, people in points]},
        geometry=[shapely.Point(X + x, Y + y) for x, y, _people in points],
        index=pd.Index(range(11, 11 + len(points))),
        crs=CRS,
    )


TWO = {"001": box(0, 0, 100, 100), "002": box(100, 0, 200, 100)}
PEOPLE = homes((10, 50, 3), (80, 50, 4), (95, 50, 1), (150, 50, 2))


def test_a_border_that_moves_takes_households_along():
    found = compare(
        grids(TWO), grids({"001": box(0, 0, 70, 100), "002": box(70, 0, 200, 100)}), PEOPLE
    )
    (piece,) = found.pieces.to_dict("records")
    assert (piece["source"], piece["target"]) == ("001", "002")
    assert piece["area_m2"] == pytest.approx(3000, abs=1)
    assert (piece["households"], piece["people"]) == (2, 5)
    assert found.moved.to_dict("index") == {
        12: {"source": "001", "target": "002"},
        13: {"source": "001", "target": "002"},
    }
    one, two = found.grids.loc["001"], found.grids.loc["002"]
    assert (one["status"], one["lost"], one["gained"]) == ("changed", 2, 0)
    assert (two["households_before"], two["households_after"]) == (1, 3)
    assert (two["people_before"], two["people_after"]) == (2, 7)
    assert found.totals["households"] == 2
    assert found.totals["people"] == 5


def test_the_same_drawing_differs_in_nothing():
    found = compare(grids(TWO), grids(TWO), PEOPLE)
    assert found.pieces.empty
    assert found.moved.empty
    assert set(found.grids["status"]) == {"unchanged"}
    assert found.totals["unchanged"] == 2


def test_a_split_grid_is_changed_and_its_half_is_new():
    after = {"001": box(0, 0, 50, 100), "n1": box(50, 0, 100, 100), "002": TWO["002"]}
    found = compare(grids(TWO), grids(after), PEOPLE)
    assert found.grids["status"].to_dict() == {"n1": "new", "001": "changed", "002": "unchanged"}
    assert found.grids.at["n1", "households_after"] == 2
    assert found.grids.at["n1", "households_before"] is None


def test_merged_grids_say_which_has_ended():
    found = compare(grids(TWO), grids({"001": box(0, 0, 200, 100)}), PEOPLE)
    assert found.grids["status"].to_dict() == {"001": "changed", "002": "ended"}
    assert found.totals["households"] == 1


def test_a_grid_under_another_code_changes_nothing_for_its_households():
    found = compare(grids(TWO), grids({"601": TWO["001"], "002": TWO["002"]}), PEOPLE)
    assert found.moved.empty
    assert found.pieces.empty
    assert found.grids.at["601", "status"] == "recoded"
    assert found.grids.at["601", "before"] == "001"


def test_a_name_is_a_change_of_its_own():
    found = compare(grids(TWO, {"001": "湖边"}), grids(TWO, {"001": "湖畔"}), PEOPLE)
    assert found.grids.at["001", "status"] == "renamed"
    assert found.totals["renamed"] == 1


def test_ground_that_only_one_drawing_has_is_shown():
    found = compare(grids(TWO), grids({"001": TWO["001"], "003": box(200, 0, 250, 100)}), PEOPLE)
    pairs = {(row["source"], row["target"]): row for row in found.pieces.to_dict("records")}
    assert pairs["002", None]["households"] == 1
    assert pairs[None, "003"]["area_m2"] == pytest.approx(5000, abs=1)


def test_what_moves_most_people_comes_first():
    after = {"001": box(0, 0, 99, 100), "002": box(99, 0, 190, 100), "003": box(190, 0, 200, 100)}
    people = homes((99.5, 50, 1), (195, 20, 1), (195, 50, 2), (195, 80, 2))
    found = compare(grids(TWO), grids(after), people)
    assert found.pieces["households"].tolist() == [3, 1]


def test_rounding_is_no_difference():
    nudged = {"001": box(0, 0, 100.005, 100), "002": box(100.005, 0, 200, 100)}
    assert compare(grids(TWO), grids(nudged), PEOPLE).pieces.empty


def test_inputs_stay_as_they_are_and_nobody_is_needed():
    before, nobody = grids(TWO), homes()
    copy = before.copy()
    found = compare(before, grids({}), nobody)
    assert found.totals["ended"] == 2
    pd.testing.assert_frame_equal(before, copy)


def test_ground_whose_edges_cross_by_rounding_is_drawn_all_the_same():
    # as it came back from metres in the demo town: the last edges before the spike cross
    ring = [
        (114.4023866, 30.514055300000003),
        (114.4022767, 30.51463029999999),
        (114.40219738427395, 30.515045520003685),
        (114.40300224056604, 30.515162128588695),
        (114.40300326556864, 30.51516227708511),
        (114.40294824494123, 30.51544696298469),
        (114.40294840278202, 30.51544698585285),
        (114.40294927440212, 30.515447112134236),
        (114.4036561461344, 30.515549520221352),
        (114.4035857959877, 30.515913537860843),
        (114.40371116466456, 30.51526483402773),
        (114.40402891555362, 30.513620673581407),
        (114.4025137, 30.513401099999996),
    ]
    crossed = shapely.multipolygons([shapely.Polygon(ring)])
    assert not crossed.is_valid
    frame = gpd.GeoDataFrame({"households": [7]}, geometry=[crossed], crs=4326)
    found = placed(frame, frame.crs)
    (shape,) = found.geometry
    assert shape.is_valid
    assert shape.area == pytest.approx(crossed.area)
    assert not shapely.set_precision(shape, 1e-7).is_empty
