"""The ground of a scenario in pieces that proposals can give to one grid or another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.adjacency import Ints, border_lengths
from geodata.crs import metric_crs
from geodata.reassignment import Question
from geodata.units import locate
from gridmap.model.grid_rules import GridRule
from gridmap.services.scenario_blocks import Nearby
from gridmap.services.scenario_measures import Ground, homes_of


@dataclass(frozen=True)
class Pieces:
    """Blocks of some grids, no block in two of them.

    Attributes
    ----------
    keys
        The grids, in their order.
    shapes
        Polygons.
    households, people
        Of each.
    owner
        Position of the grid of each.
    borders
        Pairs of blocks that share a border, as two rows.
    """

    keys: list[str]
    shapes: Any
    households: Ints
    people: Ints
    owner: Ints
    borders: Ints

    def question(
        self, rules: Sequence[GridRule], *, gone: Sequence[str] = (), new: int = 0
    ) -> Question:
        """Ask for new owners within the rules; some grids go, some are new."""
        least = [
            0 if key in gone else rule.minimum for key, rule in zip(self.keys, rules, strict=True)
        ]
        most = [
            0 if key in gone else rule.maximum for key, rule in zip(self.keys, rules, strict=True)
        ]
        return Question(
            self.households,
            self.owner,
            self.borders,
            np.array(least + [min(rule.minimum for rule in rules)] * new, dtype=np.int64),
            np.array(most + [max(rule.maximum for rule in rules)] * new, dtype=np.int64),
        )


def pieces(grids: gpd.GeoDataFrame, ground: Ground, water: gpd.GeoDataFrame) -> Pieces:
    """Cut grids along their streets, and between their buildings where many live.

    Parameters
    ----------
    grids
        By key.
    ground
        What lies in them now, what was imported since they were drawn included.
    """
    homes = homes_of(ground)
    people = ground.households["people"].to_numpy(dtype=np.int64)
    nearby = Nearby(homes, ground, water, grids.crs)
    shapes: list[Any] = []
    owner: list[int] = []
    for number, shape in enumerate(grids.geometry):
        own = list(nearby.pieces(shape)[1])
        shapes += own
        owner += [number] * len(own)
    all_ = np.array(shapes, dtype=object)
    whole = np.asarray(grids.geometry.array, dtype=object)
    inside = np.unique(shapely.STRtree(homes).query(whole, predicate="intersects")[1])
    block = locate(homes[inside], all_) if len(inside) else np.empty(0, dtype=np.int64)
    first, second, _ = border_lengths(gpd.GeoSeries(all_, crs=grids.crs).array, metric_crs(grids))
    return Pieces(
        keys=[str(key) for key in grids.index],
        shapes=all_,
        households=np.bincount(block, minlength=len(all_)).astype(np.int64),
        people=np.bincount(block, people[inside], len(all_)).astype(np.int64),
        owner=np.array(owner, dtype=np.int64),
        borders=np.array([first, second], dtype=np.int64),
    )
