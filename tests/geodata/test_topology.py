import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, affinity

from geodata.errors import GeodataError
from geodata.topology import KINDS, describe_invalid, find_faults

EAST, NORTH = 500_000.0, 3_380_000.0  # near Wuhan in the zone of 114 E
SIDE = 100.0


def cells(columns=4, rows=4):
    boxes = [
        shapely.box(
            EAST + x * SIDE, NORTH + y * SIDE, EAST + (x + 1) * SIDE, NORTH + (y + 1) * SIDE
        )
        for y in range(rows)
        for x in range(columns)
    ]
    index = [f"g{number}" for number in range(len(boxes))]
    return gpd.GeoDataFrame(geometry=boxes, index=index, crs=4547)


OUTLINE = shapely.box(EAST, NORTH, EAST + 4 * SIDE, NORTH + 4 * SIDE)


def planted(changes):
    grids = cells()
    shapes = grids.geometry.to_dict()
    shapes.update({label: change(shapes[label]) for label, change in changes.items()})
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, crs=4547))


def test_a_clean_set_has_no_faults():
    faults = find_faults(cells(), OUTLINE)
    assert faults.empty
    assert list(faults.columns) == ["kind", "grids", "area_m2", "geometry"]
    assert faults.crs == 4547


def box(x, y, width, height):
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


BOW_TIE = Polygon(
    [(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)]
)


@pytest.mark.parametrize(
    ("changes", "kind", "labels", "area"),
    [
        ({"g5": lambda g: g.difference(box(150, 150, 50, 20))}, "gap", ("g5", "g6"), 1000),
        ({"g5": lambda g: g.difference(box(140, 140, 20, 20))}, "hole", ("g5",), 400),
        ({"g5": lambda g: g.union(box(200, 120, 30, 20))}, "overlap", ("g5", "g6"), 600),
        ({"g0": lambda g: g.union(box(-30, 20, 30, 20))}, "outside", ("g0",), 600),
        (
            {"g5": lambda g: g.difference(box(199.5, 100, 0.5, 100))},
            "sliver",
            ("g1", "g5", "g6", "g9"),
            50,
        ),
        ({"g5": lambda g: g.union(box(200, 100, 0.3, 100))}, "sliver", ("g5", "g6"), 30),
        (
            {
                "g0": lambda g: g.union(box(250, 250, 30, 30)),
                "g10": lambda g: g.difference(box(250, 250, 30, 30)),
            },
            "multipart",
            ("g0",),
            900,
        ),
    ],
)
def test_each_planted_fault_is_the_only_one_found(changes, kind, labels, area):
    faults = find_faults(planted(changes), OUTLINE)
    assert faults["kind"].tolist() == [kind]
    assert set(faults["grids"][0]) == set(labels)
    assert faults["area_m2"][0] == pytest.approx(area, rel=1e-3)
    assert faults.geometry[0].area == pytest.approx(area, rel=1e-3)


def test_a_missing_grid_is_a_gap_between_its_neighbours():
    faults = find_faults(cells().drop(["g5", "g6"]), OUTLINE)
    assert faults["kind"].tolist() == ["gap"]
    assert set(faults["grids"][0]) == {"g1", "g2", "g4", "g7", "g9", "g10"}


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        (BOW_TIE, "the border crosses itself"),
        (Polygon(), "missing or empty"),
        (None, "missing or empty"),
        (shapely.LineString([(EAST, NORTH), (EAST + 1, NORTH)]), "no area"),
    ],
)
def test_invalid_grids_are_named_and_left_out(shape, why):
    faults = find_faults(planted({"g0": lambda _: shape}), OUTLINE)
    assert faults["kind"].tolist() == ["invalid", "gap"]
    assert faults["grids"][0] == ("g0",)
    assert why in describe_invalid(faults.geometry[0])


def test_a_thin_grid_is_a_sliver():
    strip = box(100, 100, 0.4, 100)
    grids = planted({"g5": lambda g: g.difference(strip)})
    grids.loc["thin"] = [strip]
    faults = find_faults(grids, OUTLINE)
    assert faults["kind"].tolist() == ["sliver"]
    assert faults["grids"][0] == ("thin",)


def test_all_kinds_at_once_in_their_order_largest_first():
    faults = find_faults(
        planted(
            {
                "g0": lambda g: g.union(box(-30, 20, 30, 20)),
                "g1": lambda g: g.difference(box(140, 40, 20, 20)),
                "g2": lambda g: g.difference(box(270, 0, 30, 30)),
                "g4": lambda g: g.union(box(100, 120, 30, 20)),
                "g8": lambda g: g.union(box(100, 220, 0.2, 20)),
                "g11": lambda g: MultiPolygon([g, box(370, 310, 5, 5)]),
                "g15": lambda _: BOW_TIE,
                "g12": lambda g: g.difference(box(90, 350, 10, 50)),
            }
        ),
        OUTLINE,
    )
    assert faults["kind"].tolist() == [
        "invalid",
        "gap",
        "gap",
        "gap",
        "overlap",
        "outside",
        "sliver",
        "hole",
        "multipart",
    ]
    assert set(faults["kind"]) == set(KINDS)
    assert faults["area_m2"][1:4].is_monotonic_decreasing


def test_islands_of_the_outline_are_no_fault_but_a_hole_of_it_is_none_either():
    island = affinity.translate(box(0, 0, 100, 100), 1000, 0)
    lake = box(140, 140, 20, 20)
    grids = planted({"g0": lambda g: MultiPolygon([g, island]), "g5": lambda g: g.difference(lake)})
    outline = MultiPolygon([OUTLINE.difference(lake), island])
    assert find_faults(grids, outline).empty


def test_rounding_is_no_fault():
    grids = cells().to_crs(4326)
    outline = gpd.GeoSeries([OUTLINE], crs=4547).to_crs(4326)[0]
    assert find_faults(grids, outline).empty
    moved = planted({"g5": lambda g: affinity.translate(g, 1e-6, 1e-6)})
    assert find_faults(moved, OUTLINE).empty


def test_areas_are_square_metres_in_any_system():
    grids = planted({"g5": lambda g: g.difference(box(150, 150, 50, 20))}).to_crs(4326)
    outline = gpd.GeoSeries([OUTLINE], crs=4547).to_crs(4326)[0]
    faults = find_faults(grids, outline)
    assert faults["kind"].tolist() == ["gap"]
    assert faults["area_m2"][0] == pytest.approx(1000, rel=1e-3)
    assert faults.crs == 4326


def test_no_grids_at_all_leave_one_gap():
    faults = find_faults(cells().iloc[:0], OUTLINE)
    assert faults["kind"].tolist() == ["gap"]
    assert faults["area_m2"][0] == pytest.approx(OUTLINE.area)
    assert faults["grids"][0] == ()


def test_the_same_twice_is_an_overlap_and_the_input_is_not_changed():
    grids = cells()
    grids.loc["again"] = [grids.geometry["g5"]]
    before = shapely.to_wkb(grids.geometry.array)
    faults = find_faults(grids, OUTLINE)
    assert faults["kind"].tolist() == ["overlap"]
    assert faults["grids"][0] == ("g5", "again")
    assert np.array_equal(shapely.to_wkb(grids.geometry.array), before)


@pytest.mark.parametrize("outline", [None, Polygon(), BOW_TIE, shapely.Point(0, 0)])
def test_an_outline_that_is_no_area_is_refused(outline):
    with pytest.raises(GeodataError, match="outline"):
        find_faults(cells(), outline)


def test_grids_must_say_where_they_are():
    with pytest.raises(GeodataError, match="coordinate system"):
        find_faults(cells().set_crs(None, allow_override=True), OUTLINE)
