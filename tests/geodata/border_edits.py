"""What a planner does to borders on a day, made up from a seed: each edit is one that makes sense.

A border is dragged a little to one side, a corner goes a few metres, a line is drawn through the
middle of a grid, neighbours of one community become one, a street block beside the border goes to
the neighbour. The lines are drawn inside the ground they are about, as one does who looks at the
map; all else is for the operations to sort out.
"""

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import boundaries, building_ground
from geodata.arcs import metres, scale
from geodata.border_errors import BorderError

KINDS = ("move_edge", "move_vertex", "split", "hand_over", "buildings", "merge", "divide")
# the ground itself may be against an edit; what would be a fault of the program is not in here
OF_THE_GROUND = {
    "move_edge": {"leaves", "touches_outside", "crosses_itself", "sliver", "pieces"},
    "move_vertex": {"crosses_itself", "sliver", "pieces", "not_movable", "other_community"},
    "split": {"leaves", "sliver"},
    "merge": set(),
    # a block of the opening may by now lie in other grids than the one it is taken from
    "hand_over": {"pieces", "empty", "sliver", "apart"},
    "buildings": {"pieces", "empty", "apart", "sliver"},
    "divide": {"no_division", "wrong_number"},
}
_BEYOND = 0.0005  # degrees that a line through a grid is drawn over its border


class Planner:
    """One planner at work on the grids of a town.

    Parameters
    ----------
    grids
        By key, with `community`.
    blocks
        Street blocks of each grid at the beginning, by its key.
    ground
        Function that gives the `Site` of a shape, and the streets there.
    """

    def __init__(self, grids, blocks, ground, seed):
        self.grids, self.ground = grids, ground
        self.blocks = {
            grids.at[key, "community"]: np.concatenate(
                [blocks[one] for one in grids.index if one[:12] == key[:12]]
            )
            for key in grids.index
        }
        self.rng = np.random.default_rng(seed)
        self.made = 0
        self.done, self.refused = Counter(), Counter()
        self.changes = []

    def work(self, edits):
        """Do some edits, one after another, of all kinds in turn."""
        for number in range(edits):
            kind = KINDS[number % len(KINDS)]
            try:
                change = getattr(self, kind)()
            except BorderError as error:
                self.refused[kind, error.kind, error.place is not None] += 1
                continue
            if change is None:
                self.refused[kind, "none to do", True] += 1
                continue
            self.done[kind] += 1
            self.taken(change)

    def taken(self, change):
        """Put the grids that an edit was about back among all."""
        before = change.inverse.before.index
        kept = [key for key in before if key in change.grids.index]
        fresh = change.grids.loc[[*kept, *change.inverse.added]]
        rest = self.grids.drop(index=list(before))
        self.changes.append((change, self.grids))
        self.grids = gpd.GeoDataFrame(pd.concat([rest, fresh]), crs=self.grids.crs).sort_index()

    def around(self, keys, ground=()):
        """Give some grids, those that ground lies in, and the neighbours of all, as the server."""
        shapes = np.asarray(self.grids.geometry.array, dtype=object)
        boxes = shapely.envelope(shapes)
        there = np.isin(self.grids.index, list(keys))
        for one in ground:
            there |= shapely.intersects(boxes, shapely.envelope(one))
        mine = shapely.box(*shapely.total_bounds(shapes[there]))
        return self.grids[shapely.intersects(boxes, mine)]

    def one(self, things):
        return things[int(self.rng.integers(len(things)))]

    def border(self):
        """Choose a border between two grids of a community: the row of `arcs`, what lies around."""
        for _ in range(50):
            key = self.one(list(self.grids.index))
            near = self.around([key])
            arcs = boundaries.arcs(near, only=[key])
            own = [
                number
                for number, (left, right) in enumerate(
                    zip(arcs["left"], arcs["right"], strict=True)
                )
                if right is not None
                and left[:12] == right[:12]
                and arcs["metres"].iloc[number] > 20
            ]
            if own:
                arc = arcs.iloc[self.one(own)]
                return arc, self.around([arc.left, arc.right])
        raise AssertionError("no border to move")

    def move_edge(self):
        """Drag a point of a border aside, by at most a fifth of its length or 40 metres."""
        arc, near = self.border()
        points = shapely.get_coordinates(arc.geometry)
        factor = scale(points, near.crs)
        if len(points) == 2:
            points = np.vstack([points[0], points.mean(axis=0), points[1]])
        place = int(self.rng.integers(1, len(points) - 1))
        along = (points[place + 1] - points[place - 1]) * factor
        aside = np.array([-along[1], along[0]]) / max(np.hypot(*along), 1e-9)
        far = self.rng.uniform(-1, 1) * min(40.0, 0.2 * metres(points, near.crs))
        points = points.copy()
        points[place] = points[place] + aside * far / factor
        # the page sends seven decimals
        return boundaries.move_edge(near, arc, shapely.LineString(points.round(7)))

    def move_vertex(self):
        """Put a corner of a border, or where three meet, some metres away."""
        arc, near = self.border()
        points = shapely.get_coordinates(arc.geometry)
        at = points[int(self.rng.integers(len(points)))]
        angle, far = self.rng.uniform(0, 2 * np.pi), self.rng.uniform(2, 20)
        to = at + far * np.array([np.cos(angle), np.sin(angle)]) / scale(points, near.crs)
        return boundaries.move_vertex(near, at.round(7), to.round(7))

    def split(self):
        """Draw a straight line through the middle of a grid, over its border on either side."""
        key = self.one(list(self.grids.index))
        shape = self.grids.geometry[key]
        middle = np.array(shape.representative_point().coords[0])
        west, south, east, north = shape.bounds
        angle = self.rng.uniform(0, np.pi)
        way = np.hypot(east - west, north - south) + _BEYOND
        step = way * np.array([np.cos(angle), np.sin(angle)])
        line = shapely.LineString(np.array([middle - step, middle + step]).round(7))
        self.made += 1
        return boundaries.split(self.around([key]), key, line, f"{key[:12]}n{self.made}")

    def merge(self):
        arc, near = self.border()
        return boundaries.merge(near, [arc.left, arc.right], arc.left)

    def hand_over(self):
        """Give a block beside a border to the neighbour, as long as the giver keeps others."""
        for _ in range(30):
            arc, _near = self.border()
            for giver, taker in ((arc.left, arc.right), (arc.right, arc.left)):
                blocks = self.blocks[giver[:12]]
                middle = shapely.point_on_surface(blocks)
                inside = shapely.contains(self.grids.geometry[giver], middle)
                shared = shapely.intersection(shapely.boundary(blocks), arc.geometry)
                beside = blocks[inside & (shapely.length(shared) > 1e-5)]
                if inside.sum() > 1 and len(beside):
                    given = [self.one(list(beside))]
                    return boundaries.hand_over(self.around([taker], given), given, taker)
        return None

    def buildings(self):
        """Give the building nearest to a border to the neighbour, with the ground it stands on."""
        for _ in range(30):
            arc, near = self.border()
            site, _roads = self.ground(near.geometry[arc.left])
            walls = site.buildings[shapely.is_valid(site.buildings)]
            mine = walls[shapely.contains(near.geometry[arc.left], walls)]
            if len(mine) < 2:
                continue
            away = shapely.distance(mine, arc.geometry)
            chosen = mine[[int(np.argmin(away))]]
            blocks = self.blocks[arc.left[:12]]
            blocks = blocks[shapely.intersects(blocks, chosen[0])]
            others = walls[~shapely.equals(walls, chosen[0])]
            given = building_ground.ground_of(blocks, chosen, others, near.crs)
            if len(given):
                return boundaries.hand_over(self.around([arc.right], given), given, arc.right)
        return None

    def divide(self):
        """Part a grid in two or three parts with equally many households."""
        key = self.one(list(self.grids.index))
        parts = int(self.rng.integers(2, 4))
        site, roads = self.ground(self.grids.geometry[key])
        names = [f"{key[:12]}n{self.made + number}" for number in range(1, parts)]
        self.made += parts - 1
        return boundaries.divide(self.around([key]), key, parts, names, site, roads)

    def faults(self):
        """Name refusals for which the ground is not to blame."""
        return {
            (kind, why): count
            for (kind, why, _place), count in self.refused.items()
            if why != "none to do" and why not in OF_THE_GROUND[kind]
        }
