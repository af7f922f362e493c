"""Buildings of a scenario: shown to be chosen, and handed over with their ground."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from geodata.building_ground import ground_of
from gridmap.model.access import Scope
from gridmap.model.problem import bad_input
from gridmap.problems import bad_value
from gridmap.services.scenario_blocks import cut_once
from gridmap.services.scenario_views import Aside, Collection, head
from gridmap.store import scenario_building
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.scenario_building import Box

MOST_SHOWN = 5000
MOST_HANDED = 1000


def listing(database: Database, scope: Scope, scenario_id: int, box: Box) -> Collection:
    """Give the buildings of a box, each with the grid it stands in.

    Raises
    ------
    Problem
        404; 400 for a box with more than 5,000.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = head(tx, scenario_id)
        features = scenario_building.features_in(tx, scenario_id, box, MOST_SHOWN + 1)
    if len(features) > MOST_SHOWN:
        raise bad_input(f"bbox: more than {MOST_SHOWN} buildings; zoom in")
    return Collection(features, {"version": row["version"]})


def ground(tx: Transaction, row: Row, ids: Sequence[int], aside: Aside) -> gpd.GeoDataFrame:
    """Give the ground that goes with buildings, a row for each block: `community`.

    Raises
    ------
    Problem
        400 for a building that is not there, or stands in no block of the scenario.
    """
    wanted = sorted(set(ids))
    if not 1 <= len(wanted) <= MOST_HANDED:
        raise bad_value("buildings", f"1 to {MOST_HANDED} buildings are needed")
    chosen = scenario_building.shapes(tx, wanted)
    missing = set(wanted) - set(chosen.index)
    if missing:
        raise bad_value("buildings", f"there is no building {min(missing)}")
    cut_once(tx, row["id"], aside)
    blocks = scenario_building.blocks_of(tx, row["id"], wanted)
    if blocks.empty:
        raise bad_value("buildings", "none of them stands in a grid of this scenario")
    west, south, east, north = map(float, blocks.total_bounds)
    others = scenario_building.beside(tx, (west, south, east, north), wanted)
    shapes = [np.asarray(each.geometry.array, dtype=object) for each in (blocks, chosen)]

    def cut() -> gpd.GeoDataFrame:
        made = [
            (community, piece)
            for community, block in zip(blocks["community"], shapes[0], strict=True)
            for piece in ground_of(np.array([block], dtype=object), shapes[1], others, blocks.crs)
        ]
        geometry = np.array([piece for _, piece in made], dtype=object)
        return gpd.GeoDataFrame(
            {"community": [code for code, _ in made]}, geometry=geometry, crs=blocks.crs
        )

    found: gpd.GeoDataFrame = aside(cut)
    if found.empty:
        raise bad_value("buildings", "none of them stands in a grid of this scenario")
    return found
