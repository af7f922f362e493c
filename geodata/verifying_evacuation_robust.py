"""Whether those a draft calls safe from a single failure can be: what no failure may take away.

The claim is checked from below: on the plain street graph, in which the hazard is no hindrance and
everything not blocked may be walked both ways, a household that is safe keeps some shelter on its
side of every street its way depends on, with free beds there for all who are safe and must turn
round together. What fails even there is no matter of the method that made the draft.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.verifying_evacuation_people import numbers, positions, said
from geodata.verifying_evacuation_streets import NOT_DRIVEN, NOT_WALKED
from geodata.verifying_findings import Findings

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

_SAME = 0.05  # metres between two points that are one
_FOOT = 1.2  # metres from a junction within which one may stand on it
_STEP_FREE = ("needs_accessible", "wheelchair", "bedridden")


class RobustCheck:
    """Checks `not_robust` and the totals of a draft that is to survive failures."""

    def __init__(self, findings: Findings, given: Any, draft: Any) -> None:
        self.findings, self.given, self.draft = findings, given, draft
        self.told = draft.totals.get("robust")
        self.people = numbers(given.households, "people", 0.0)
        self.home = positions(draft.assignments.index, given.households.index)
        self.place = positions(draft.assignments["shelter"], given.shelters.index)

    def all(self) -> None:
        """Check everything; nothing for a draft that promises nothing."""
        if self.told is None or (self.home < 0).any() or (self.place < 0).any():
            return
        left = positions(self.draft.not_robust.index, self.draft.assignments.index)
        add = self.findings.add
        if (left < 0).any() or len(set(left.tolist())) < len(left):
            add("not_robust", None, "household", "not those who are served")
            return
        self.safe = np.ones(len(self.home), dtype=bool)
        self.safe[left] = False
        people = self.people[self.home]
        for name, count in (
            ("people", people[self.safe].sum()),
            ("not_people", people[~self.safe].sum()),
            ("households", self.safe.sum()),
            ("not_households", (~self.safe).sum()),
        ):
            if self.told[name] != count:
                add("totals", None, f"robust {name}", "not the sum of its rows")
        price = self.told["person_seconds"] - self.told["nominal_person_seconds"]
        if abs(price - self.told["price_person_seconds"]) > 1e-6 * abs(price) + 1e-3:
            add("totals", None, "robust price_person_seconds", "not the difference")
        if self.told["kind"] != "road":
            second = self.draft.alternates["shelter"].isna().to_numpy(dtype=bool)
            alone = np.flatnonzero(second & self.safe)
            self.findings.rows("assignments", alone, "shelter", "called safe, with no second place")
        if self.told["kind"] != "shelter" and len(self.home):
            self._streets()

    def _streets(self) -> None:
        graph = _Graph(self.given, self.draft)
        suits = self._suits()
        held = np.bincount(self.place, weights=self.people[self.home], minlength=suits.shape[1])
        free = numbers(self.draft.loads, "capacity", 0.0) - held
        for rows, far in graph.behind(np.flatnonzero(self.safe)):
            # shelters that are left on the side of those who must turn round
            mine = ~far[self.place[rows]]
            move = rows[~mine]
            if not len(move):
                continue
            open_ = ~far & (numbers(self.draft.loads, "capacity", 0.0) > 0)
            open_ &= self.draft.loads["out"].isna().to_numpy(dtype=bool)
            none = move[~(suits[move] & open_).any(axis=1)]
            self.findings.rows("assignments", none, "shelter", "called safe, with one way only")
            if self.people[self.home[move]].sum() > np.maximum(free[open_], 0).sum():
                self.findings.rows("assignments", move, "shelter", "called safe, with no bed left")

    def _suits(self) -> Bools:
        needs = tuple(self.given.options.get("accessible_needs", _STEP_FREE))
        ramp = said(self.given.households, needs)[self.home]
        known = "accessible" in self.given.shelters.columns
        steps = ~(numbers(self.given.shelters, "accessible", 0.0 if known else 1.0) > 0)
        return ~(ramp[:, None] & steps[None, :])


class _Graph:
    """The streets between all points at which ways turn, households begin and shelters are."""

    def __init__(self, given: Any, draft: Any) -> None:
        self.same, self.foot = _SAME * given.metre, _FOOT * given.metre
        self.lines = draft.routes.to_crs(given.households.crs).geometry.to_numpy()
        xy, owner = shapely.get_coordinates(self.lines, return_index=True)
        inner = np.ones(len(xy), dtype=bool)
        ends = np.flatnonzero(np.diff(owner, prepend=-1))
        inner[ends] = False
        inner[np.append(ends[1:], len(xy)) - 1] = False  # the doors are no points of streets
        self.place = positions(draft.assignments["shelter"], given.shelters.index)
        self.shelters = len(given.shelters)
        self.xy, self.owner = xy[inner], owner[inner]
        self._edges(given)
        self._walk()

    def _edges(self, given: Any) -> None:
        roads = given.roads
        not_used = NOT_WALKED if given.profile == "walk" else NOT_DRIVEN
        used = np.array([kind not in not_used for kind in roads["highway"]], dtype=bool)
        lines = roads.geometry.to_numpy()[used]
        xy, owner = shapely.get_coordinates(lines, return_index=True)
        same = owner[1:] == owner[:-1]
        ends = np.stack([xy[:-1][same], xy[1:][same]], axis=1)
        segments = np.asarray(shapely.linestrings(ends), dtype=object)
        extra = np.unique(self.xy, axis=0)
        points = np.asarray(shapely.points(extra), dtype=object)
        at, on = shapely.STRtree(segments).query(points, predicate="dwithin", distance=self.same)
        share = shapely.line_locate_point(segments[on], points[at], normalized=True)
        number = len(segments)
        of = np.concatenate([np.arange(number), np.arange(number), on])
        along = np.concatenate([np.zeros(number), np.ones(number), share])
        where = np.concatenate([ends[:, 0], ends[:, 1], extra[at]])
        node = self._nodes(where)
        order = np.lexsort((along, of))
        of, node = of[order], node[order]
        step = np.flatnonzero((of[1:] == of[:-1]) & (node[1:] != node[:-1]))
        pairs = np.sort(np.column_stack([node[step], node[step + 1]]), axis=1)
        # two streets between the same points are two ways: each counts
        self.tail, self.head = pairs[:, 0], pairs[:, 1]
        self.size = int(node.max(initial=-1)) + 1

    def _nodes(self, where: Floats) -> Ints:
        """Give points numbers; those nearer than the tolerance are one."""
        cell, first, of = np.unique(
            np.round(where / self.same).astype(np.int64),
            axis=0,
            return_index=True,
            return_inverse=True,
        )
        of = of.reshape(-1)
        points = np.asarray(shapely.points(where[first]), dtype=object)
        tree = shapely.STRtree(points)
        one, other = tree.query(points, predicate="dwithin", distance=self.same)
        least = np.arange(len(cell))
        np.minimum.at(least, one, other)
        self.tree, self.name = tree, least
        found: Ints = least[of]
        return found

    def node_of(self, xy: Floats) -> Ints:
        """Find the nodes of points that ways pass."""
        found = np.full(len(xy), -1, dtype=np.intp)
        at, near = self.tree.query(shapely.points(xy), predicate="dwithin", distance=self.same)
        found[at] = self.name[near]
        return found

    def _walk(self) -> None:
        """Walk in depth and find for each edge of the walk whether it is the only way across."""
        size = self.size
        order = np.argsort(np.concatenate([self.tail, self.head]), kind="stable")
        ends = np.concatenate([self.head, self.tail])[order].tolist()
        edge = (order % len(self.tail)).tolist() if len(self.tail) else []
        counts = np.bincount(np.concatenate([self.tail, self.head]), minlength=size)
        first = np.concatenate([[0], np.cumsum(counts)]).tolist()
        number, low, last = [-1] * size, [0] * size, [0] * size
        above, by, at = [-1] * size, [-1] * size, first[:-1].copy()
        count = 0
        for root in range(size):
            if number[root] >= 0:
                continue
            number[root] = low[root] = count
            count += 1
            stack = [root]
            while stack:
                node = stack[-1]
                if at[node] < first[node + 1]:
                    beyond, along = ends[at[node]], edge[at[node]]
                    at[node] += 1
                    if along == by[node]:
                        continue
                    if number[beyond] >= 0:
                        low[node] = min(low[node], number[beyond])
                        continue
                    number[beyond] = low[beyond] = count
                    count += 1
                    above[beyond], by[beyond] = node, along
                    stack.append(beyond)
                    continue
                stack.pop()
                last[node] = count
                if stack:
                    low[stack[-1]] = min(low[stack[-1]], low[node])
        self.number, self.last = np.array(number), np.array(last)
        self.above = np.array(above, dtype=np.intp)
        up = np.maximum(self.above, 0)
        self.only = (self.above >= 0) & (np.array(low) > self.number[up])

    def behind(self, rows: Ints) -> Any:
        """Give for each street that is an only way: who passes it, and the shelters beyond it.

        A shelter is where the ways to it end; one nobody goes to is never said to be beyond.
        """
        node = self.node_of(self.xy)
        last = np.append(np.flatnonzero(np.diff(self.owner)), len(self.owner) - 1)
        doors = np.full(self.shelters, -1, dtype=np.intp)
        doors[self.place[self.owner[last]]] = node[last]
        # who stands this near to a junction stands on it, and leaves by any of its streets
        long = np.hypot(*(self.xy[1:] - self.xy[:-1]).T) > self.foot
        step = np.flatnonzero(
            long & (self.owner[1:] == self.owner[:-1]) & np.isin(self.owner[1:], rows)
        )
        one, other = node[step], node[step + 1]
        for low, high in ((one, other), (other, one)):
            hit = np.flatnonzero((self.above[low] == high) & self.only[low] & (low != high))
            of, which = self.owner[step[hit]], low[hit]
            order = np.argsort(which, kind="stable")
            edges = np.flatnonzero(np.diff(which[order], prepend=-1, append=-1))
            for begin, end in zip(edges[:-1], edges[1:], strict=True):
                child = which[order[begin]]
                inside = self._within(doors, child)
                # who goes up leaves what hangs on the child; who goes down enters it
                far = ~inside & (doors >= 0) if low is one else inside
                yield np.unique(of[order[begin:end]]), far

    def _within(self, nodes: Ints, child: int) -> Bools:
        known = nodes >= 0
        number = self.number[np.maximum(nodes, 0)]
        found: Bools = known & (self.number[child] <= number) & (number < self.last[child])
        return found
