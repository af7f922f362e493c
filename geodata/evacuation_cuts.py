"""Why some cannot be served or not in time, in words that can be acted on.

Streets too narrow for all who need them, closed streets that would have to be opened, beds that
are short: each of them the least that explains it, so that with it they are served and with less
they are not.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata import evacuation_case
from geodata.clearance import described, rates_of
from geodata.errors import GeodataError
from geodata.evacuation_case import Case
from geodata.evacuation_cuts_beds import Beds, beds_short
from geodata.evacuation_cuts_closed import shut
from geodata.evacuation_cuts_roads import narrow, passing_in
from geodata.evacuation_inputs import Areas
from geodata.evacuation_options import Options
from geodata.network import Network
from geodata.street_graph import Floats, Ints

KINDS = ("roads", "beds", "closed", "hazard")
"""What a cut is made of.

roads: streets let too few pass in the time there is. beds: streets and beds together do. closed:
streets would have to be opened. hazard: streets in the hazard would have to stay passable for
those who have left it.
"""


@dataclass(frozen=True)
class Cut:
    """One explanation.

    Attributes
    ----------
    kind
        See `KINDS`.
    links
        The streets: `edge`, `road`, `name`, `highway`, `per_hour`, `geometry` in the CRS of the
        roads; of closed ones both directions.
    shelters
        Labels of the shelters whose beds are part of it.
    per_hour
        People an hour that all links together let pass; 0 where they are closed.
    carries
        People whom links and beds take in the time there is.
    people, households
        People who need it, and labels of their households.
    """

    kind: str
    links: gpd.GeoDataFrame
    shelters: pd.Index
    per_hour: float
    carries: int
    people: int
    households: pd.Index

    @property
    def names(self) -> list[str]:
        """Names of the streets, each once, in the order of the links."""
        return list(dict.fromkeys(self.links["name"].dropna()))

    @property
    def streets(self) -> int:
        """How many streets there are, both directions of one counted once."""
        pairs = self.links.geometry.normalize()
        return len({shape.wkb for shape in pairs})


def cut(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None = None,
    hours: float = 1.0,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
    water: Areas | None = None,
    capacity: "pd.Series[float] | None" = None,
) -> list[Cut]:
    """Explain who cannot get out, or not in time.

    Parameters
    ----------
    network, households, shelters, hazard, blocked, options, water
        As for `evacuation.draft`.
    hours
        Time there is to pass.
    capacity
        People an hour on edge labels; `road_capacity.capacity` if omitted.

    Returns
    -------
    list of Cut
        First what is too narrow: `carries` is less than `people`, whatever ways are chosen; of
        equally narrow ones that of fewest streets, then of most names. Then what is closed: the
        fewest pieces of street whose opening gives these households a way to a shelter in use
        (see `reopened`). Those with most people come first. An empty list: all have a way, and
        streets and beds let all pass.

    Raises
    ------
    GeodataError
        As `evacuation.draft`; or if there is no time.
    """
    case = evacuation_case.read(network, households, shelters, hazard, blocked, options, water)
    return of_case(case, shelters.index, hours, capacity)


def of_case(
    case: Case, shelters: pd.Index, hours: float, capacity: "pd.Series[float] | None" = None
) -> list[Cut]:
    """Explain an evacuation that has been read already; see `cut`."""
    if not 0 < hours < np.inf:
        raise GeodataError(f"hours {hours!r} is not above 0")
    network = case.escape.network
    rates = rates_of(network, capacity)
    return _narrow(case, shelters, hours, rates) + _closed(case, shelters, rates)


def beds(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008
    water: Areas | None = None,
) -> tuple["pd.Series[int]", Beds]:
    """Find the fewest beds more with which all who have a shelter in reach are served.

    Returns
    -------
    extra
        Beds more, on the labels of the shelters.
    found
        How that is known; see `evacuation_cuts_beds.Beds`.
    """
    case = evacuation_case.read(network, households, shelters, hazard, blocked, options, water)
    found = beds_short(case)
    return pd.Series(found.extra, index=shelters.index, name="beds"), found


def reopened(network: Network, edges: Ints) -> Network:
    """Return the network with these edges open as well."""
    opened = network.opened.copy()
    opened[np.asarray(edges, dtype=np.intp)] = True
    return network.reopened(opened)


def _narrow(case: Case, shelters: pd.Index, hours: float, rates: Floats) -> list[Cut]:
    network = case.escape.network
    named = _named(network)
    passing = passing_in(rates, hours)
    parts, _ = narrow(case, passing, named, beds=False)
    found = [("roads", part) for part in parts]
    known = {part.edges.tobytes() for part in parts}
    both, _ = narrow(case, passing, named, beds=True)
    found += [
        ("beds", part) for part in both if len(part.shelters) or part.edges.tobytes() not in known
    ]
    cuts = []
    for kind, part in found:
        links = described(network, part.edges).assign(per_hour=rates[part.edges])
        cuts.append(
            Cut(
                kind if len(part.shelters) else "roads",
                links,
                shelters.take(part.shelters),
                float(rates[part.edges].sum()),
                int(passing[part.edges].sum() + case.capacity[part.shelters].sum()),
                int(case.people[part.households].sum()),
                case.households.index.take(part.households),
            )
        )
    return sorted(cuts, key=lambda one: (KINDS.index(one.kind), one.carries - one.people))


def _closed(case: Case, shelters: pd.Index, rates: Floats) -> list[Cut]:
    network = case.escape.network
    cuts = []
    for one in shut(case):
        pieces = np.array(one.entered or one.pieces, dtype=np.intp)
        both = np.concatenate([network.pieces.forward[pieces], network.pieces.backward[pieces]])
        edges = np.sort(both[both >= 0])
        links = described(network, edges).assign(per_hour=rates[edges])
        cuts.append(
            Cut(
                "hazard" if one.entered else "closed",
                links,
                shelters[:0],
                0.0,
                0,
                int(case.people[one.households].sum()),
                case.households.index.take(one.households),
            )
        )
    return cuts


def _named(network: Network) -> NDArray[np.bool_]:
    piece, _ = network.pieces.of_edges
    if "name" not in network.roads:
        return np.zeros(len(piece), dtype=bool)
    text = network.roads["name"].astype("string").str.strip().fillna("")
    named: NDArray[np.bool_] = (text != "").to_numpy(dtype=bool)[network.pieces.road[piece]]
    return named
