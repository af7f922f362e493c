"""Whether the labels of a run file are right: every one is a way, and no way is shorter.

One look at every label shows that its way exists: it is the label before it and one street. One
look at every street shows that none is shorter: what it offers to the node at its end is never
less than what the node has. Pairs of a measure and a facility are compared, so of equally near
facilities the first must be named. For the second label, of another crew than the first, the
same argument holds: a way to a node comes through a node before it, and there either its own crew
stands in one of the two labels, or both are nearer and one of them is of another crew than the
first label here.
"""

from dataclasses import dataclass

import numpy as np

from geodata.verifying_file import Table
from geodata.verifying_findings import Findings
from geodata.verifying_ground import Arcs, Bools, Floats, Ground, Ints, Ways

FAR = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Offers:
    """What is offered to nodes: arrays of one length."""

    node: Ints
    facility: Ints
    cost: Floats


@dataclass(frozen=True)
class Nearest:
    """Labels laid out by node: arrays (nodes, ranks), `FAR` and infinity where there is none."""

    facility: Ints
    cost: Floats
    other: Floats


class Labelling:
    """One table of labels and what it is measured with.

    Parameters
    ----------
    name
        Name of the table.
    labels
        The table.
    ground
        The streets.
    sites
        Table of facilities.
    chosen
        Rows of the facilities that count.
    by
        The measure.
    unclosed
        Whether closures are left out.
    """

    def __init__(  # noqa: PLR0913 - what labels are measured with
        self,
        name: str,
        labels: Table,
        ground: Ground,
        sites: Table,
        chosen: Ints,
        by: str,
        unclosed: bool = False,
    ) -> None:
        self.name, self.labels = name, labels
        self.ground, self.by, self.unclosed = ground, by, unclosed
        self.count, self.crew = len(sites["label"]), sites["crew"]
        self.chosen = np.zeros(self.count, dtype=bool)
        self.chosen[chosen] = True
        self.arcs: Arcs = ground.arcs(by, unclosed)
        self.entries: Ways = ground.ways(sites, by, True, chosen, unclosed)

    def check_shape(self, findings: Findings) -> bool:
        """Check that labels speak of nodes, streets and facilities there are, each once."""
        labels, before = self.labels, len(findings.found)
        for column, low, high in (
            ("node", 0, self.ground.size),
            ("facility", 0, self.count),
            ("from_node", -1, self.ground.size),
            ("street", -1, len(self.ground.start)),
        ):
            wrong = (labels[column] < low) | (labels[column] >= high)
            findings.rows(self.name, np.flatnonzero(wrong), column, "there is none")
        if len(findings.found) > before:
            return False
        wrong = ~self.chosen[labels["facility"]]
        findings.rows(self.name, np.flatnonzero(wrong), "facility", "does not count here")
        for column in ("cost", "other"):
            wrong = ~np.isfinite(labels[column]) | (labels[column] < 0)
            findings.rows(self.name, np.flatnonzero(wrong), column, "not zero or more")
        _, first = np.unique(self._keys(), return_index=True)
        again = np.ones(len(labels["node"]), dtype=bool)
        again[first] = False
        findings.rows(self.name, np.flatnonzero(again), "facility", "the label repeats")
        return len(findings.found) == before

    def check_ways(self, findings: Findings) -> None:
        """Check that every label is the one before it and one street, or the facility's own."""
        labels = self.labels
        fits = np.where(labels["from_node"] < 0, self._entered(), self._led())
        findings.rows(
            self.name, np.flatnonzero(~fits), "cost", "not what the way it names comes to"
        )

    def nearest(self, findings: Findings, ranks: int) -> Nearest:
        """Check that nothing is nearer; return the labels by node."""
        labels, size = self.labels, self.ground.size
        order = np.lexsort((labels["facility"], labels["cost"], labels["node"]))
        node = labels["node"][order]
        first = np.flatnonzero(np.diff(node, prepend=-1))
        place = np.arange(len(node)) - np.repeat(first, np.diff(np.append(first, len(node))))
        over = order[place >= ranks]
        findings.rows(self.name, over, "node", "more labels than are meant")
        order, place = order[place < ranks], place[place < ranks]
        facility = np.full((size, 2), FAR, dtype=np.int64)
        cost, other = np.full((size, 2), np.inf), np.full((size, 2), np.inf)
        at = labels["node"][order], place
        facility[at], cost[at] = labels["facility"][order], labels["cost"][order]
        other[at] = labels["other"][order]
        held = Nearest(facility, cost, other)
        if ranks == 2:
            crew = np.append(self.crew, -1)
            of = crew[np.where(facility == FAR, -1, facility)]
            twice = np.flatnonzero((of[:, 0] == of[:, 1]) & (of[:, 1] >= 0))
            self._at_nodes(findings, twice, "facility", "both labels are of one crew")
        for offers in self._offers(held):
            less = before(offers, held, 0)
            if ranks == 2:
                differs = self._differs(offers.facility, held.facility[offers.node, 0])
                less |= differs & before(offers, held, 1)
            nodes = np.unique(offers.node[less])
            self._at_nodes(findings, nodes, "cost", "a street leads here for less")
        return held

    def check_within(self, findings: Findings, limit: float) -> None:
        """Check that no way within the limit is missing or shorter than its label."""
        labels = self.labels
        far = np.flatnonzero(labels["cost"] > limit)
        findings.rows(self.name, far, "cost", "more than the limit")
        order = np.argsort(self.arcs.tail, kind="stable")
        starts = np.searchsorted(self.arcs.tail[order], np.arange(self.ground.size + 1))
        low, high = starts[labels["node"]], starts[labels["node"] + 1]
        row = np.repeat(np.arange(len(low)), high - low)
        step = np.arange(len(row)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
        arc = order[np.repeat(low, high - low) + step]
        cost = labels["cost"][row] + self.arcs.cost[arc]
        ways = (
            Offers(self.arcs.head[arc], labels["facility"][row], cost),
            Offers(self.entries.node, self.entries.row, self.entries.cost),
        )
        for offers in ways:
            held = self._looked_up(offers.node, offers.facility)
            has = np.where(held >= 0, labels["cost"][held] if len(labels["cost"]) else 0, np.inf)
            less = (offers.cost <= limit) & (offers.cost < has)
            nodes = np.unique(offers.node[less])
            self._at_nodes(findings, nodes, "cost", "a street leads here for less")

    def _offers(self, held: Nearest) -> "list[Offers]":
        found = [Offers(self.entries.node, self.entries.row, self.entries.cost)]
        for rank in (0, 1):
            facility = held.facility[self.arcs.tail, rank]
            there = facility != FAR
            cost = held.cost[self.arcs.tail, rank][there] + self.arcs.cost[there]
            found.append(Offers(self.arcs.head[there], facility[there], cost))
        return found

    def _differs(self, facility: Ints, first: Ints) -> Bools:
        crew = np.append(self.crew, -1)
        differs: Bools = crew[facility] != crew[np.where(first == FAR, -1, first)]
        return differs

    def _keys(self) -> Ints:
        keys: Ints = self.labels["node"] * self.count + self.labels["facility"]
        return keys

    def _looked_up(self, node: Ints, facility: Ints) -> Ints:
        """Return the row of each label, -1 where there is none."""
        keys = self._keys()
        if not len(keys):
            return np.full(len(node), -1, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        wanted = node * self.count + facility
        at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
        row: Ints = np.where((keys[order][at] == wanted) & (node >= 0), order[at], -1)
        return row

    def _entered(self) -> Bools:
        """Tell which labels are a way from their facility along its own street."""
        labels, ways = self.labels, self.entries
        fits = np.zeros(len(labels["node"]), dtype=bool)
        row = self._looked_up(ways.node, ways.row)
        for at, cost, other in zip(row, ways.cost, ways.other, strict=True):
            if at >= 0 and cost == labels["cost"][at] and other == labels["other"][at]:
                fits[at] = labels["street"][at] == -1
        return fits

    def _led(self) -> Bools:
        """Tell which labels are the label before them and one street."""
        labels, ground = self.labels, self.ground
        if not len(ground.start):
            return np.zeros(len(labels["node"]), dtype=bool)
        street, node, from_node = labels["street"], labels["node"], labels["from_node"]
        parent = self._looked_up(from_node, labels["facility"])
        start, end = ground.start[street], ground.end[street]
        along = ground.usable(ground.forward, self.unclosed)[street]
        against = ground.usable(ground.backward, self.unclosed)[street]
        if ground.towards:
            along, against = against, along
        joined = (along & (start == from_node) & (end == node)) | (
            against & (end == from_node) & (start == node)
        )
        cost, other = (whole[street] for whole in ground.pair(self.by))
        fits: Bools = (
            joined
            & (street >= 0)
            & (parent >= 0)
            & (start != end)
            & (labels["cost"][parent] + cost == labels["cost"])
            & (labels["other"][parent] + other == labels["other"])
        )
        return fits

    def _at_nodes(self, findings: Findings, nodes: Ints, column: str, message: str) -> None:
        """Name the first label of each node, or the node where it has none."""
        order = np.argsort(self.labels["node"], kind="stable")
        sorted_nodes = self.labels["node"][order]
        at = np.searchsorted(sorted_nodes, nodes)
        for node, place in zip(nodes, at, strict=True):
            if place < len(order) and sorted_nodes[place] == node:
                findings.add(self.name, int(order[place]), column, message)
            else:
                findings.add(self.name, None, f"node {int(node)}", message)


def before(offers: Offers, held: Nearest, rank: int) -> Bools:
    """Tell which offers come before what their node has: less, or as much by an earlier one."""
    cost, facility = held.cost[offers.node, rank], held.facility[offers.node, rank]
    earlier: Bools = (offers.cost < cost) | ((offers.cost == cost) & (offers.facility < facility))
    return earlier
