"""Facilities of the town guanggu, each in the cell that was built for it."""

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import shapely

from geodata.demo import services
from geodata.demo.chance import stream
from geodata.demo.frames import GEOGRAPHIC

_SERVICES = (("police", "clinic"), ("police", "clinic"), ("police", "fire_station", "clinic"))
# Kind: Chinese and English name after the community's, area in square metres.
_NAMES = {
    "school": ("小学", "Primary School", 11000),
    "market": ("便民供应点", "Supply Point", 5000),
    "hospital": ("医院", "Hospital", 26000),
    "police": ("警务站", "Police Post", 900),
    "clinic": ("社区卫生服务站", "Community Clinic", 700),
    "fire_station": ("消防救援站", "Fire Station", 4200),
    "micro_fire_station": ("微型消防站", "Micro Fire Station", 60),
    "school_shelter": ("小学避难场所", "Primary School Shelter", 6000),
    "square": ("广场应急避难场所", "Square Shelter", 8000),
}
_KIND = {"market": "supply_point", "school_shelter": "shelter", "square": "shelter"}


def _kinds(use: str, township: int, nth: int) -> Iterator[tuple[str, bool]]:
    """Give what stands in a cell of a public use, and whether it is in the building."""
    if use == "service":
        yield _SERVICES[township][nth % len(_SERVICES[township])], True
        return
    yield use, use != "square"
    if use == "school":
        yield "school_shelter", False
    if use == "market":
        yield "micro_fire_station", False


def facilities(
    cells: gpd.GeoDataFrame, names: Mapping[str, tuple[str, str]], metric: str, seed: int
) -> gpd.GeoDataFrame:
    """Put facilities into the cells of public use.

    Parameters
    ----------
    cells
        Columns x, y (metres), township, use, code (of the community) and building (the first
        that stands in it, or missing).
    names
        Chinese and English name by area code.
    metric
        System of x, y and buildings.
    seed
        Seed of the town.

    Returns
    -------
    frame
        Columns of `services.facility_frame`, by community.
    """
    rng = stream(seed, "facilities")
    public = cells[cells["use"].isin(["school", "market", "square", "service", "hospital"])]
    public = public.sort_values(["code", "use", "y"], kind="stable")
    nth = public.groupby(["township", "use"]).cumcount()
    rows: list[tuple[object, ...]] = []
    points: list[shapely.Point] = []
    taken: dict[str, int] = {}
    for label, cell in public.iterrows():
        code = cell["code"]
        root = names[code][0].removesuffix("社区"), names[code][1].removesuffix(" Community")
        for key, indoors in _kinds(cell["use"], int(cell["township"]), int(nth[label])):
            name = _name(root, key, taken)
            open_to_all = bool(key != "school_shelter" or rng.random() < 0.6)
            address = f"{names[code[:9]][0]}{names[code][0]}"
            rows.append(
                (
                    f"GG-F-{len(rows) + 1:03d}",
                    _KIND.get(key, key),
                    *name,
                    _capacity(key, rng),
                    open_to_all,
                    _NAMES[key][2],
                    address,
                )
            )
            house = cell["building"]
            inside = indoors and isinstance(house, shapely.Polygon)
            points.append(house.centroid if inside else shapely.Point(cell["x"], cell["y"]))
    places = gpd.GeoSeries(points, crs=metric).to_crs(GEOGRAPHIC)
    return services.facility_frame([(*row, at) for row, at in zip(rows, places, strict=True)])


def _name(root: tuple[str, str], key: str, taken: dict[str, int]) -> tuple[str, str]:
    """Name a facility after its community, numbered where that has several of a kind."""
    zh, en, _ = _NAMES[key]
    count = taken[root[0] + zh] = taken.get(root[0] + zh, 0) + 1
    if count == 1:
        return f"{root[0]}{zh}", f"{root[1]} {en}"
    return f"{root[0]}第{'一二三四五六七八九'[count - 1]}{zh}", f"{root[1]} {en} {count}"


def _capacity(key: str, rng: np.random.Generator) -> int | None:
    """Give the people a shelter holds; None for what is no shelter."""
    if key == "school_shelter":
        return int(rng.integers(22, 43)) * 10
    if key == "square":
        return int(rng.integers(30, 46)) * 20
    return None
