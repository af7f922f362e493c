"""The town monaco: everything real from OpenStreetMap, households simulated on real buildings."""

from importlib.resources import as_file, files
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.demo import (
    areas,
    incidents,
    monaco_facilities,
    people,
    services,
    staffing,
    terrain,
)
from geodata.demo.chance import stream
from geodata.demo.frames import (
    BUILDING_COLUMNS,
    GEOGRAPHIC,
    HAZARD_COLUMNS,
    ROAD_COLUMNS,
    Town,
)
from geodata.demo.monaco_water import water_of
from geodata.readers import osm

COUNTY = ("990201", "摩纳哥", "Monaco")
METRIC = "EPSG:32632"  # UTM zone 32 N
_HOUSEHOLDS = 10_000
_PORT = (7.4232, 43.7348)
_SLOPE = (7.4138, 43.7327)
_WARD_ZH = {
    "Fontvieille": "芳维耶",
    "Jardin Exotique": "异国花园",
    "La Condamine": "拉孔达明",
    "La Rousse": "拉鲁斯",
    "Larvotto": "拉沃托",
    "Les Monegetti": "莫内盖蒂",
    "Monaco-Ville": "摩纳哥城",
    "Monte-Carlo": "蒙特卡洛",
    "Sainte-Dévote": "圣德沃特",
}
_HOMES_IN = ("yes", "apartments", "residential", "house")
_ADDRESS_STREETS = (
    "primary", "secondary", "tertiary", "unclassified", "residential", "living_street",
    "pedestrian", "steps",
)  # fmt: skip
_LARGEST_HOME, _SMALLEST_HOME = 3500.0, 60.0
_FLOOR_OF_HOME = 150.0
_FLOOR_OF_STAIRWELL = 600.0


def build(seed: int) -> Town:
    """Build the town.

    Parameters
    ----------
    seed
        Of everything simulated.

    Returns
    -------
    town
        The same bytes for the same seed.
    """
    with as_file(files("geodata.demo").joinpath("monaco.osm.pbf")) as path:
        layers = osm.read(path)
        wards = _wards(path)
    frame, wards = _areas(wards)
    county = frame.geometry.iloc[0]
    roads = _roads(layers.roads)
    real = layers.facilities[shapely.intersects(county, layers.facilities.geometry.values)]
    standing = _buildings(layers.buildings, wards, roads, real, seed)
    lived = standing[standing["homes"] > 0].reset_index(drop=True)
    households = people.households(
        lived.set_geometry(_indoors(lived, wards)), _empty_homes(lived, seed), people.LATIN, seed
    )
    sea = water_of(layers.water)
    hazards = _hazards(households, sea, county)
    facilities = monaco_facilities.facilities(real, standing, hazards, METRIC, seed)
    west, south, east, north = county.bounds
    return Town(
        name="monaco",
        title_zh="摩纳哥",
        title_en="Monaco",
        notice_zh=(
            "街道、建筑、设施和分区为真实数据（2016年，© OpenStreetMap contributors，ODbL），"
            "住户、人员、门牌号、避难场所容量、险情和事件为模拟"
        ),
        notice_en=(
            "Streets, buildings, facilities and quarters are real (2016, © OpenStreetMap "
            "contributors, ODbL); households, people, house numbers, shelter capacities, hazards "
            "and incidents are simulated"
        ),
        center=(round(county.centroid.x, 5), round(county.centroid.y, 5)),
        bounds=(west, south, east, north),
        county_code=COUNTY[0],
        attribution="© OpenStreetMap contributors (ODbL)",
        areas=frame,
        roads=roads,
        water=sea,
        green=sea.iloc[:0].copy(),
        places=_places(layers.places),
        buildings=standing[list(BUILDING_COLUMNS)],
        households=households,
        needs=people.needs(households, seed),
        facilities=staffing.staffed(
            facilities, frame, lived, "MC-F-", ("（模拟）", " (simulated)")
        ),
        responders=services.responders(
            facilities,
            {"fire": 4, "medical": 3, "police": 4, "grid": 3, "volunteer": 2},
            "MC-R-",
            seed,
        ),
        members=services.members(wards["code"], 9, "MC-M-", people.LATIN, seed),
        hazards=hazards,
        incidents=incidents.first_incidents("monaco", standing, hazards, METRIC, seed),
    )


def _wards(path: Path) -> gpd.GeoDataFrame:
    """Read the outlines of the real quarters (administrative level 10)."""
    factory = osmium.geom.WKBFactory()
    outlines = {}
    found = osmium.FileProcessor(str(path)).with_areas(
        osmium.filter.TagFilter(("admin_level", "10"))
    )
    for area in found.with_filter(osmium.filter.TagFilter(("admin_level", "10"))):
        if isinstance(area, osmium.osm.Area):
            shape = shapely.get_parts(shapely.from_wkb(factory.create_multipolygon(area)))
            outlines[area.tags["name"]] = shape[int(np.argmax(shapely.area(shape)))]
    return gpd.GeoDataFrame(
        {"name": sorted(outlines)}, geometry=[outlines[name] for name in sorted(outlines)],
        crs=GEOGRAPHIC,
    )  # fmt: skip


def _areas(wards: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Give the quarters their codes, west to east, and build the areas above them."""
    order = areas.number_parts(wards.geometry, np.arange(len(wards)))
    township = f"{COUNTY[0]}001"
    wards = wards.assign(code=[f"{township}{part + 1:03d}" for part in order])
    names = {
        code: (_WARD_ZH.get(name, name), name)
        for code, name in zip(wards["code"], wards["name"], strict=True)
    }
    names[township] = ("摩纳哥市镇", "Commune of Monaco")
    frame = areas.area_frame(wards.geometry, wards["code"].to_numpy(object), COUNTY, names)
    return frame, wards.sort_values("code", ignore_index=True)


def _roads(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the streets of the whole extract, so that routes may leave the county and return."""
    frame = roads[list(ROAD_COLUMNS)].reset_index(drop=True)
    frame["name"] = frame["name"].astype(object).where(frame["name"].notna(), None)
    return frame


def _buildings(
    buildings: gpd.GeoDataFrame,
    wards: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    seed: int,
) -> gpd.GeoDataFrame:
    """Take the real buildings of the quarters, with address, use and homes."""
    inner = shapely.point_on_surface(np.asarray(buildings.geometry.values))
    row, ward = shapely.STRtree(wards.geometry.values).query(inner, predicate="intersects")
    _, first = np.unique(row, return_index=True)
    row, ward = row[first], ward[first]
    frame = buildings.iloc[row].reset_index(drop=True)
    frame["community"] = wards["code"].to_numpy()[ward]
    frame["use"] = _uses(frame, facilities)
    frame["estate"] = _streets(frame, roads)
    frame["x"] = frame.geometry.representative_point().x
    frame = frame.sort_values(["community", "estate", "x", "osm_id"], ignore_index=True)
    frame["building"] = (frame.groupby("estate").cumcount() + 1).astype(str)
    frame["address"] = frame["estate"] + " " + frame["building"]
    frame["address_en"] = frame["address"]
    frame["id"] = [f"MC-B-{n:04d}" for n in range(1, len(frame) + 1)]
    area = frame.to_crs(METRIC).area.to_numpy()
    drawn = stream(seed, "levels").integers(4, 10, len(frame))
    frame["levels"] = frame["levels"].fillna(pd.Series(drawn, frame.index)).astype(np.int64)
    frame["units"] = np.maximum(1, np.round(area / _FLOOR_OF_STAIRWELL)).astype(np.int64)
    doors = np.maximum(1, np.round(area / frame["units"] / _FLOOR_OF_HOME)).astype(np.int64)
    frame["homes"] = np.where(frame["use"] == "residential", doors, 0)
    return frame


def _uses(frame: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Tell homes from the rest: by the real kind, the size, and what is inside."""
    area = frame.to_crs(METRIC).area
    lived = frame["kind"].isin(_HOMES_IN) & area.between(_SMALLEST_HOME, _LARGEST_HOME)
    use = np.where(lived, "residential", "other").astype(object)
    tree = shapely.STRtree(frame.geometry.values)
    public = facilities[facilities["kind"].isin([*monaco_facilities.KINDS, "place_of_worship"])]
    point, building = tree.query(public.geometry.values, predicate="intersects")
    kinds = public["kind"].map(monaco_facilities.KINDS).to_numpy(object)[point]
    use[building] = np.where(np.isin(kinds.astype(str), ["school", "hospital"]), kinds, "other")
    use[(frame["kind"] == "school").to_numpy()] = "school"
    return np.asarray(use, dtype=np.object_)


def _streets(frame: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Give each building the name of its nearest named street above ground."""
    open_air = roads["highway"].isin(_ADDRESS_STREETS) & ~roads["tunnel"]
    named = roads[roads["name"].notna() & open_air].to_crs(METRIC)
    points = frame.to_crs(METRIC).geometry.centroid
    tree = shapely.STRtree(named.geometry.values)
    pairs = tree.query_nearest(points.values, all_matches=True)
    names = pd.Series(named["name"].to_numpy(object)[pairs[1]])
    return np.asarray(names.groupby(pairs[0]).min().reindex(range(len(frame))), dtype=np.object_)


def _indoors(lived: gpd.GeoDataFrame, wards: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Clip buildings that stand on a border to their own quarter: doors are on this side."""
    outline = wards.set_index("code").geometry[lived["community"]]
    part = shapely.intersection(np.asarray(lived.geometry.values), np.asarray(outline.values))
    return gpd.GeoSeries(part, index=lived.index, crs=GEOGRAPHIC)


def _empty_homes(lived: gpd.GeoDataFrame, seed: int) -> NDArray[np.bool_]:
    """Choose the homes that nobody has, the same share everywhere."""
    doors = people.homes(lived)
    community = lived["community"].to_numpy()[doors["row"].to_numpy()]
    share = min(1.0, _HOUSEHOLDS / len(doors))
    return areas.empty_homes(community, share, stream(seed, "vacancy"))


def _places(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the named places; areas are drawn as areas, not as places."""
    kept = places[places["name"].notna() & (places["kind"] != "admin")].reset_index(drop=True)
    chinese = _WARD_ZH | {"Monaco": COUNTY[1]}
    return gpd.GeoDataFrame(
        {
            "kind": kept["kind"],
            "name_zh": [chinese.get(name, name) for name in kept["name"]],
            "name_en": kept["name"],
        },
        geometry=kept.geometry,
        crs=GEOGRAPHIC,
    )


def _hazards(
    households: gpd.GeoDataFrame, water: gpd.GeoDataFrame, county: shapely.Geometry
) -> gpd.GeoDataFrame:
    """Flood the quays of Port Hercule and loosen the slope of the exotic garden."""
    flat = households.to_crs(METRIC)
    doors = shapely.MultiPoint(np.asarray(flat.geometry.values))
    places = [shapely.Point(_PORT), shapely.Point(_SLOPE)]
    port, slope = gpd.GeoSeries(places, crs=GEOGRAPHIC).to_crs(METRIC)
    land = gpd.GeoSeries([county], crs=GEOGRAPHIC).to_crs(METRIC).iloc[0]
    quays = shapely.intersection(shapely.buffer(port, 520), land)
    basin = shapely.intersection(water.to_crs(METRIC).union_all(), shapely.buffer(port, 420))
    reach = range(20, 320, 10)
    floods = [terrain.largest(shapely.intersection(shapely.buffer(basin, m), quays)) for m in reach]
    flood = terrain.grow_until(floods, doors, 480)
    metres = next(m for m, shape in zip(reach, floods, strict=True) if shapely.equals(shape, flood))
    deep = shapely.intersection(shapely.buffer(basin, 0.15 * metres), flood)
    slides = [shapely.intersection(shapely.buffer(slope, m), land) for m in range(30, 300, 5)]
    slide = terrain.largest(terrain.grow_until(slides, doors, 40))
    geographic = gpd.GeoSeries([flood, slide, terrain.largest(deep)], crs=METRIC).to_crs(GEOGRAPHIC)
    frame = gpd.GeoDataFrame(
        {
            "id": ["MC-Z-1", "MC-Z-2"],
            "kind": ["flood", "landslide"],
            "name_zh": ["大力神港漫水", "异国花园边坡滑坡隐患"],
            "name_en": ["Flood at Port Hercule", "Landslide risk below the Exotic Garden"],
            "severity": ["orange", "yellow"],
            "starts_hours_ago": [2.0, 9.0],
            "blocked": pd.Series([geographic.iloc[2], None], dtype=object),
        },
        geometry=list(geographic.iloc[:2]),
        crs=GEOGRAPHIC,
    )
    return frame[list(HAZARD_COLUMNS)]
