"""What lies along the four sides of a grid, in words people use."""

import geopandas as gpd
import pytest
import shapely

from geodata.border_sides import sides

CRS = "EPSG:4546"
X, Y = 500_000.0, 3_380_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + east, Y + north)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def frame(column: str, rows: list[tuple[str | None, shapely.Geometry]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {column: [name for name, _shape in rows]},
        geometry=[shape for _name, shape in rows],
        crs=CRS,
    )


GRID = box(0, 0, 400, 200)
WAYS = frame(
    "name",
    [
        ("北路", line((-50, 210), (450, 210))),
        ("东街", line((402, -50), (402, 250))),
        (None, line((-5, -50), (-5, 250))),
        ("横穿路", line((200, -100), (200, 300))),
        ("前街", line((0, -8), (190, -8))),
        ("后街", line((210, -8), (400, -8))),
        ("远路", line((0, -90), (400, -90))),
    ],
)
BESIDE = frame("label", [("001-002", box(-300, 0, 0, 200)), ("001-003", box(0, -200, 400, 0))])


def test_each_side_is_named_by_what_runs_along_it():
    found = sides(GRID, WAYS, BESIDE, CRS)
    assert found["north"].ways == ("北路",)
    assert found["east"].ways == ("东街",)
    assert found["south"].ways == ("前街", "后街")  # from west to east
    assert found["west"].ways == ()  # the lane has no name
    assert found["west"].neighbours == ("001-002",)
    assert found["south"].neighbours == ("001-003",)


def test_the_edge_of_everything_is_told_from_a_neighbour():
    found = sides(GRID, WAYS, BESIDE, CRS)
    assert found["north"].edge
    assert not found["west"].edge


def test_a_street_that_only_crosses_is_no_border():
    found = sides(GRID, WAYS, BESIDE, CRS)
    named = {name for side in found.values() for name in side.ways}
    assert not named & {"横穿路", "远路"}


def test_the_order_of_the_rows_does_not_matter():
    turned = WAYS.iloc[::-1].reset_index(drop=True), BESIDE.iloc[::-1].reset_index(drop=True)
    assert sides(GRID, *turned, CRS) == sides(GRID, WAYS, BESIDE, CRS)


def test_a_place_with_nothing_around_it_has_sides_all_the_same():
    nothing = frame("name", []), frame("label", [])
    found = sides(shapely.MultiPolygon([GRID, box(500, 0, 520, 20)]), *nothing, CRS)
    assert all(side.ways == () and side.edge for side in found.values())
    assert sum(side.metres for side in found.values()) == pytest.approx(1280, abs=1)
