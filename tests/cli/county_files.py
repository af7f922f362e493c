"""A made-up county in the files a county comes in: GeoJSON, GeoPackage, rosters in GBK."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry import mapping

COUNTY, TOWNSHIP, COMMUNITY = "990105", "990105001", "990105001001"
WEST, SOUTH, STEP, SIZE = 114.40, 30.50, 0.002, 6
EAST, NORTH = WEST + STEP * SIZE, SOUTH + STEP * SIZE
ROOMS = 20
ROSTER = "户主,详细地址,家庭人口,特殊情况\n"
FACILITIES = "名称,类型,经度,纬度,容量,无障碍\n"

Feature = tuple[dict[str, Any], Any]


def collection(features: list[Feature]) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": fields, "geometry": mapping(shape)}
                for fields, shape in features
            ],
        },
        ensure_ascii=False,
    )


def areas() -> list[Feature]:
    outline = shapely.box(WEST, SOUTH, EAST, NORTH)
    named = ((COUNTY, "测试县"), (TOWNSHIP, "测试镇"), (COMMUNITY, "测试社区"))
    return [({"code": code, "name": name}, outline) for code, name in named]


def roads() -> list[Feature]:
    """Streets every 200 m, drawn from corner to corner: they meet where they share a vertex."""
    found: list[Feature] = []
    for n in range(SIZE + 1):
        steps = range(SIZE + 1)
        across = [(WEST + STEP * m, SOUTH + STEP * n) for m in steps]
        along = [(WEST + STEP * n, SOUTH + STEP * m) for m in steps]
        found += [
            ({"highway": "residential", "name": f"{name}{n}"}, shapely.LineString(points))
            for name, points in (("东西街", across), ("南北街", along))
        ]
    return found


def buildings() -> list[Feature]:
    """One in the middle of each block."""
    found: list[Feature] = []
    for n in range(SIZE * SIZE):
        lon = WEST + STEP * (n % SIZE + 0.5)
        lat = SOUTH + STEP * (n // SIZE + 0.5)
        shape = shapely.box(lon - 0.0002, lat - 0.0002, lon + 0.0002, lat + 0.0002)
        found.append(({"estate": "松山里", "building": n + 1, "levels": 6}, shape))
    return found


def hazards() -> list[Feature]:
    shape = shapely.box(WEST + STEP, SOUTH + STEP, WEST + 3 * STEP, SOUTH + 3 * STEP)
    return [({"kind": "flood", "name": "低洼积水", "severity": "orange"}, shape)]


def roster() -> str:
    lines = [
        f"张{n}{room},松山里{n}栋1单元{room}室,{1 + room % 4},{'独居老人' if room == 101 else ''}"
        for n in range(1, SIZE * SIZE + 1)
        for room in range(101, 101 + ROOMS)
    ]
    return ROSTER + "\n".join(lines) + "\n"


def facilities() -> str:
    return (
        f"{FACILITIES}=1+1,消防站,{WEST + STEP / 2:.6f},{SOUTH:.6f},,\n"
        f"第一小学,shelter,{EAST:.6f},{NORTH - STEP / 2:.6f},900,是\n"
        f"卫生院,clinic,{EAST:.6f},{SOUTH:.6f},,\n"
    )


def write_county(folder: Path) -> None:
    (folder / "areas.geojson").write_text(collection(areas()), "utf-8")
    (folder / "roads.geojson").write_text(collection(roads()), "utf-8")
    (folder / "buildings.geojson").write_text(collection(buildings()), "utf-8")
    (folder / "households.csv").write_bytes(roster().encode("gbk"))
    (folder / "facilities.csv").write_text(facilities(), "utf-8")
    frame = gpd.GeoDataFrame(
        [fields for fields, _ in hazards()],
        geometry=[shape for _, shape in hazards()],
        crs="EPSG:4326",
    )
    frame.to_file(folder / "hazards.gpkg", driver="GPKG")
