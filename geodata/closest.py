"""The nearest site of many places and the nearest one of another crew, from door to door."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geodata import shortest
from geodata.compiled import compiled
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
    graph = rooted(network, sites, towards, by)
    there = np.flatnonzero(sites.snapped)
    ranks = nearest(graph, network.size + there, 2, other=True, groups=crew[there])
    numbered = [
        Nearest(np.where(rank.source >= 0, rank.source - network.size, -1), rank.cost, rank.other)
        for rank in ranks
    ]
    return from_doors(network, places, sites, numbered, towards, by, crew)


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
    ways = (leaving if towards else arriving)(network.pieces, network.opened, places)
    first, second = measured(ways, by)
    rows = 2 + 2 * len(ranks) if network.size else 2
    site = np.empty((rows, len(places)), dtype=np.intp)
    cost, other = np.empty((2, rows, len(places)))
    for held, given in zip(
        (site, cost, other), _beside(network, places, sites, towards, by, crew), strict=True
    ):
        held[:2] = given.T
    for row in range(2, rows):
        rank, slot = ranks[row // 2 - 1], row % 2
        end = ways.ends[:, slot]
        site[row] = rank.source[end]
        np.add(rank.cost[end], first[:, slot], out=cost[row])
        np.add(rank.other[end], second[:, slot], out=other[row])
    names = np.full((len(places), 2), -1, dtype=np.intp)
    near, beside = np.full((2, *names.shape), np.inf)
    _choose(site, cost, other, crew, names, near, beside)
    return Closest(names, near, beside) if by == "seconds" else Closest(names, beside, near)


def least(network: Network, places: Places, sites: Places, towards: bool, by: By) -> Floats:
    """Return how near the nearest site is, infinite without a way; parameters as in `closest`."""
    found = np.full(len(places), np.inf)
    there = network.size + np.flatnonzero(sites.snapped)
    if network.size and len(there):
        graph = rooted(network, sites, towards, by)
        cost = shortest.least(graph, there)
        ways = (leaving if towards else arriving)(network.pieces, network.opened, places)
        found = (cost[ways.ends] + measured(ways, by)[0]).min(axis=1)
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


def _beside(
    network: Network, places: Places, sites: Places, towards: bool, by: By, crew: Ints
) -> tuple[Ints, Floats, Floats]:
    """Return the two nearest sites of two crews on each place's own street: (places, 2)."""
    place, site, cost, other = _pairs(network, places, sites, towards, by)
    order = np.lexsort((site, cost, place))
    place, site, cost, other = place[order], site[order], cost[order], other[order]
    best = np.full((len(places), 2), -1, dtype=np.intp)
    least, beside = np.full((len(places), 2), np.inf), np.full((len(places), 2), np.inf)
    chosen = np.flatnonzero(np.diff(place, prepend=-1))
    of_first = np.full(len(places), -1, dtype=np.intp)
    for rank in (0, 1):
        best[place[chosen], rank] = site[chosen]
        least[place[chosen], rank] = cost[chosen]
        beside[place[chosen], rank] = other[chosen]
        of_first[place[chosen]] = crew[site[chosen]]
        differing = np.flatnonzero(crew[site] != of_first[place])
        chosen = differing[np.flatnonzero(np.diff(place[differing], prepend=-1))]
    return best, least, beside


@compiled
def _choose(site, cost, other, crew, names, least, beside) -> None:  # type: ignore[no-untyped-def]
    """Choose the two nearest sites of two crews, the earlier one of a tie.

    Fills in the last three, (places, 2), from candidates (candidates, places).
    """
    for place in range(len(names)):
        for rank in range(2):
            best = -1
            for row in range(len(site)):
                here, name = cost[row, place], site[row, place]
                if name < 0 or not here < np.inf:
                    continue
                if rank == 1 and crew[name] == crew[names[place, 0]]:
                    continue
                if (
                    best < 0
                    or here < cost[best, place]
                    or (here == cost[best, place] and name < site[best, place])
                ):
                    best = row
            if best < 0:
                break
            names[place, rank] = site[best, place]
            least[place, rank] = cost[best, place]
            beside[place, rank] = other[best, place]
