"""The town guanggu: real streets of eastern Wuhan, everything on them simulated."""

import pandas as pd

from geodata.demo import (
    areas,
    guanggu_buildings,
    guanggu_facilities,
    guanggu_ground,
    incidents,
    people,
    services,
    staffing,
)
from geodata.demo.frames import BUILDING_COLUMNS, Town
from geodata.demo.guanggu_buildings import COUNTY
from geodata.demo.guanggu_ground import METRIC


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
    ground = guanggu_ground.lay_out(seed)
    cells, raw, uses = guanggu_buildings.built(ground, seed)
    community, names = guanggu_buildings.communities(ground, raw, seed)
    at = pd.Series(community[cells["block"].to_numpy(int)], index=cells.index)
    frame = areas.area_frame(ground.blocks, community, COUNTY, names)
    standing = guanggu_buildings.addressed(raw, community, names)
    empty = guanggu_buildings.empty_homes(standing, seed)
    lived = standing[standing["homes"] > 0].reset_index(drop=True)
    households = people.households(lived, empty, people.CHINESE, seed)
    hazards = guanggu_ground.hazards(ground, households)
    first = raw.drop_duplicates("cell").set_index("cell")["geometry"]
    public = cells.assign(use=uses, code=at, building=first.reindex(cells.index))
    facilities = guanggu_facilities.facilities(public, names, METRIC, seed)
    county = frame.geometry.iloc[0]
    west, south, east, north = county.bounds
    return Town(
        name="guanggu",
        title_zh="光谷示范区",
        title_en="Guanggu demonstration district",
        notice_zh="街道为真实数据（© OpenStreetMap contributors，ODbL），其余为模拟",
        notice_en=(
            "Streets are real (© OpenStreetMap contributors, ODbL); everything else is simulated"
        ),
        center=(round(county.centroid.x, 5), round(county.centroid.y, 5)),
        bounds=(west, south, east, north),
        county_code=COUNTY[0],
        attribution="© OpenStreetMap contributors (ODbL)",
        areas=frame,
        roads=ground.roads,
        water=guanggu_ground.simulated([("望湖（模拟）", "Wanghu Lake (simulated)", ground.lake)]),
        green=guanggu_buildings.green(ground, cells, uses),
        places=guanggu_buildings.places(standing, frame),
        buildings=standing[list(BUILDING_COLUMNS)],
        households=households,
        needs=people.needs(households, seed),
        facilities=staffing.staffed(facilities, frame, lived, "GG-F-"),
        responders=services.responders(
            facilities,
            {"fire": 4, "medical": 4, "police": 3, "grid": 4, "volunteer": 3},
            "GG-R-",
            seed,
        ),
        members=services.members(sorted(set(community)), 4, "GG-M-", people.CHINESE, seed),
        hazards=hazards,
        incidents=incidents.first_incidents("guanggu", standing, hazards, METRIC, seed),
    )
