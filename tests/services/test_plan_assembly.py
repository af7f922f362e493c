"""Places to meet where households are many: fewer of them, so that the tables stay small."""

import geopandas as gpd
import shapely

from geodata.network import Network
from gridmap.services import plan_assembly

CRS = "EPSG:32650"


def lattice() -> Network:
    """Give a town of crossings a hundred metres apart."""
    ends = [500_000.0 + 100 * k for k in range(21)]
    far = 3_000_000.0
    lines = [shapely.LineString([(x, far), (x, far + 2000)]) for x in ends]
    lines += [
        shapely.LineString([(ends[0], y), (ends[-1], y)])
        for y in (far + 100 * k for k in range(21))
    ]
    noded = list(shapely.node(shapely.MultiLineString(lines)).geoms)
    return Network.from_roads(
        gpd.GeoDataFrame({"highway": ["residential"] * len(noded)}, geometry=noded, crs=CRS), "walk"
    )


def test_many_households_look_at_fewer_places() -> None:
    network = lattice()
    hazard = gpd.GeoSeries([shapely.box(500_750, 3_000_750, 501_250, 3_001_250)], crs=CRS)
    nowhere = shapely.Polygon()
    few, apart = plan_assembly.offered(network, hazard, None, nowhere, 100)
    assert apart == 80.0
    assert len(few) > 50
    some, apart = plan_assembly.offered(network, hazard, None, nowhere, 200_000)
    assert apart > 80.0
    assert 5 <= len(some) <= 20
    one, _apart = plan_assembly.offered(network, hazard, None, nowhere, 4_000_000)
    assert len(one) == 1
    east = shapely.box(501_250, 3_000_000, 502_000, 3_002_000)
    rest, _apart = plan_assembly.offered(network, hazard, None, east, 100)
    assert 0 < len(rest) < len(few)
    assert not rest.intersects(east).any()
