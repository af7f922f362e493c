"""The nearest site of many places and the nearest one of another crew, from door to door."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geodata import doors, shortest
from geodata.matrices import direct, measured, rooted
from geodata.nearest_sources import Nearest, nearest
from geodata.network import Network
from geodata.ragged import offsets, ranges
from geodata.snapping import Places, arriving, leaving
from geodata.street_arcs import By
from geodata.street_graph import Bools, Floats, Ints


@dataclass(frozen=True)
class Closest:
    """The nearest site and the nearest one of another crew; arrays (places, 2).

    Attributes
    ----------
    site
        Positions of the sites, -1 where there is none.
    seconds, metres
        Of the way to each, straight legs included; infinite where there is none.
    """

    site: Ints
    seconds: Floats
    metres: Floats

    def value(self, by: By) -> Floats:
        """Return the measure that was minimised."""
        return self.seconds if by == "seconds" else self.metres


@dataclass(frozen=True)
class Within:
    """Pairs of a place and a site within a limit, by place and then from near to far."""

    place: Ints
    site: Ints
    seconds: Floats
    metres: Floats


def closest(
    network: Network,
    places: Places,
    sites: Places,
    towards: bool,
    by: By,
    crews: Ints | None = None,
) -> Closest:
    """Find the two nearest sites of every place; ties go to the earlier site.

    Parameters
    ----------
    network
        The streets.
    places
        What is to be reached, or sets out.
    sites
        Two at one spot are two sites.
    towards
        Whether ways lead from the places to the sites; else from the sites to the places.
    by
        The measure that is minimised.
    crews
        Number of each site's crew, 0 or more: the second site is the nearest of another crew.
        None: each site has its own.

    Returns
    -------
    closest
        Found with two searches over the streets, however many sites there are.
    """
    crew = np.arange(len(sites)) if crews is None else crews
    said = b"two" + _said(towards, by) + sites.digest() + crew.tobytes()
    ranks = network.remembered(said, lambda: _two(network, sites, towards, by, crew))
    return from_doors(network, places, sites, ranks, towards, by, crew)


def _said(towards: bool, by: By) -> bytes:
    return f" {towards} {by} ".encode()


def _two(network: Network, sites: Places, towards: bool, by: By, crew: Ints) -> list[Nearest]:
    """Find the two nearest sites of two crews of every node."""
    graph = rooted(network, sites, towards, by)
    there = np.flatnonzero(sites.snapped)
    ranks = nearest(graph, network.size + there, 2, other=True, groups=crew[there])
    return [
        Nearest(np.where(rank.source >= 0, rank.source - network.size, -1), rank.cost, rank.other)
        for rank in ranks
    ]


def from_doors(
    network: Network,
    places: Places,
    sites: Places,
    ranks: Sequence[Nearest],
    towards: bool,
    by: By,
    crew: Ints,
) -> Closest:
    """Find the two nearest sites of places from those of the ends of their streets.

    Parameters
    ----------
    network, places, sites, towards, by, crew
        As in `closest`.
    ranks
        The nearest site of every node, and the nearest of another crew, by their positions.
    """
    ways = doors.legs(network, places, towards, by)
    nodes = doors.Ranks(
        np.array([rank.source for rank in ranks], dtype=np.intp),
        np.array([rank.cost for rank in ranks]),
        np.array([rank.other for rank in ranks]),
    )
    place, site, cost, other = _pairs(network, places, sites, towards, by)
    order = np.argsort(place, kind="stable")
    beside = doors.Beside(place[order], site[order], cost[order], other[order])
    names, near, far = doors.two_nearest(ways, nodes, crew, beside)
    return Closest(names, near, far) if by == "seconds" else Closest(names, far, near)


def least(network: Network, places: Places, sites: Places, towards: bool, by: By) -> Floats:
    """Return how near the nearest site is, infinite without a way; parameters as in `closest`."""
    found = np.full(len(places), np.inf)
    there = network.size + np.flatnonzero(sites.snapped)
    if network.size and len(there):
        said = b"one" + _said(towards, by) + sites.digest()
        cost = network.remembered(
            said, lambda: shortest.least(rooted(network, sites, towards, by), there)
        )
        found = doors.least(doors.legs(network, places, towards, by), cost)
    place, _, along, _ = _pairs(network, places, sites, towards, by)
    np.minimum.at(found, place, along)
    return found


def reachable(network: Network, places: Places, sites: Places, towards: bool) -> Bools:
    """Tell which places have any way from a site, or to one."""
    return np.isfinite(least(network, places, sites, towards, "seconds"))


def within(
    network: Network, places: Places, sites: Places, towards: bool, by: By, limit: float
) -> Within:
    """Find all sites within a limit of every place; parameters as in `closest`.

    Parameters
    ----------
    limit
        Seconds or metres, as `by` says; what takes exactly this long is within.
    """
    ways = (leaving if towards else arriving)(network.pieces, network.opened, places)
    first, second = (measure.ravel() for measure in measured(ways, by))
    graph = rooted(network, sites, towards, by)
    ends = ways.ends.ravel()
    door = np.flatnonzero(np.isfinite(first))
    door = door[np.argsort(ends[door], kind="stable")]
    starts = offsets(np.bincount(ends[door], minlength=network.size))
    # the way along the street itself comes first, then that over its start
    place, at, cost, other = _pairs(network, places, sites, towards, by)
    found = [(place, at, np.full(len(place), -1, dtype=np.intp), cost, other)]
    for site in np.flatnonzero(sites.snapped) if network.size else ():
        reached = shortest.within(graph, network.size + int(site), limit)
        on = reached.nodes < network.size
        nodes, cost, other = reached.nodes[on], reached.cost[on], reached.other[on]
        counts = starts[nodes + 1] - starts[nodes]
        there = door[ranges(starts[nodes], counts)]
        cost = np.repeat(cost, counts) + first[there]
        near = np.flatnonzero(cost <= limit)
        other, there = np.repeat(other, counts)[near] + second[there[near]], there[near]
        at = np.full(len(near), site, dtype=np.intp)
        found.append((there // 2, at, there % 2, cost[near], other))
    place, at, slot, cost, other = (np.concatenate(column) for column in zip(*found, strict=True))
    best = _nearest_of_each(place, at, slot, cost)
    best = best[cost[best] <= limit]
    best = best[np.lexsort((at[best], cost[best], place[best]))]
    place, at, cost, other = place[best], at[best], cost[best], other[best]
    return Within(place, at, cost, other) if by == "seconds" else Within(place, at, other, cost)


def _nearest_of_each(place: Ints, site: Ints, slot: Ints, cost: Floats) -> Ints:
    """Return the row of the nearest way of each pair, of equal ones that of the lowest slot."""
    order = np.lexsort((slot, cost, site, place))
    new = np.diff(place[order], prepend=-1) != 0
    new |= np.diff(site[order], prepend=-1) != 0
    first: Ints = order[new]
    return first


def _pairs(
    network: Network, places: Places, sites: Places, towards: bool, by: By
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return places and sites on one street with the ways along it."""
    if towards:
        return direct(network, places, sites, by)
    site, place, cost, other = direct(network, sites, places, by)
    return place, site, cost, other
