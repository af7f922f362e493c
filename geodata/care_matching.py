"""Services wanted and services offered, brought together on foot: whole wishes, within capacity."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.closest import within
from geodata.errors import Fault, GeodataError
from geodata.network import Network

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NOBODY, NO_STREET, TOO_FAR, FULL = "nobody", "no_street", "too_far", "full"
NOBODY_WANTS, OUT_OF_REACH, ENOUGH = "nobody_wants", "out_of_reach", "enough"
UNMET = (NOBODY, NO_STREET, TOO_FAR, FULL)
UNUSED = (NOBODY_WANTS, NO_STREET, OUT_OF_REACH, ENOUGH)

_TICK = 1000.0  # flow costs are whole millimetres


@dataclass(frozen=True)
class Matching:
    """Who could meet which wish.

    Attributes
    ----------
    requests
        On the index of the requests: `offer` (label, missing if unmet), `metres` (missing if
        unmet, or met by one who comes to the whole of an area), `reason` (one of ``UNMET``,
        None if met).
    offers
        On the index of the offers: `used`, `left`, `reason` (one of ``UNUSED``, None if nothing
        is left).
    """

    requests: pd.DataFrame
    offers: pd.DataFrame


@dataclass(frozen=True)
class _Pairs:
    """Groups of equal wishes and the offers that could meet them."""

    group: Ints
    offer: Ints
    metres: Floats  # NaN for an offer to a whole area


def match(network: Network, requests: gpd.GeoDataFrame, offers: gpd.GeoDataFrame) -> Matching:
    """Bring wishes and offers together: as many as possible, then with the least way.

    Parameters
    ----------
    network
        Streets for people on foot.
    requests
        One row a wish, those who come first of equals first: Point geometry (missing where a
        household has no place), `service`, `area_code`.
    offers
        Point geometry, or missing for one who comes to the whole of `area_code`; `services`
        (lists), `capacity` (wishes, 0 or more), `reach_metres`, `area_code`.

    Returns
    -------
    Matching
        No offer meets more wishes than its capacity or any out of its reach. An offer to a whole
        area is taken where none with a place is left: nobody knows the way it comes.

    Raises
    ------
    GeodataError
        If a capacity is negative or a reach is missing where there is a place.
    """
    _check(offers)
    group, first = _groups(requests)
    size = np.bincount(group, minlength=len(first)).astype(np.int64)
    heads = requests.iloc[first]
    pairs, near = _pairs(network, heads, offers)
    capacity = offers["capacity"].to_numpy(dtype=np.int64)
    sent = _flow(pairs, size, capacity)
    offer, metres = _shared_out(pairs, sent, group)
    met = offer >= 0
    reason = _why_unmet(heads, offers, pairs, near)[group]
    reason[met] = None
    used = np.bincount(offer[met], minlength=len(offers)).astype(np.int64)
    chosen = np.full(len(requests), None, dtype=object)
    chosen[met] = offers.index.to_numpy(dtype=object)[offer[met]]
    left = capacity - used
    unused = _why_unused(requests, offers, pairs, near, left)
    return Matching(
        _frame(requests.index, offer=chosen, metres=metres, reason=reason),
        _frame(offers.index, used=used, left=left, reason=unused),
    )


def _frame(index: pd.Index, **columns: Any) -> pd.DataFrame:
    # objects stay objects: a text column of pandas' own would turn None into NaN
    return pd.DataFrame(
        {name: pd.Series(values, index, values.dtype) for name, values in columns.items()}
    )


def _check(offers: gpd.GeoDataFrame) -> None:
    capacity = offers["capacity"].to_numpy(dtype=float)
    reach = offers["reach_metres"].to_numpy(dtype=float)
    placed = _placed(offers)
    faults = [
        Fault(f"capacity {capacity[at]:g} is not 0 or more", offers.index[at], "capacity")
        for at in np.flatnonzero(~(capacity >= 0))
    ] + [
        Fault("an offer with a place has a reach above 0", offers.index[at], "reach_metres")
        for at in np.flatnonzero(placed & ~(reach > 0))
    ]
    if faults:
        raise GeodataError(faults)


def _placed(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    points = np.asarray(frame.geometry.array, dtype=object)
    there: NDArray[np.bool_] = ~(shapely.is_missing(points) | shapely.is_empty(points))
    return there


def _groups(requests: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Find wishes for one thing at one spot: the number of each row's group, a row of each."""
    points = np.array(requests.geometry.array, dtype=object)
    points[~_placed(requests)] = None  # an empty point has no coordinates to ask for
    key = pd.DataFrame(
        {
            "service": requests["service"].to_numpy(),
            "area": requests["area_code"].to_numpy(),
            "x": shapely.get_x(points),
            "y": shapely.get_y(points),
        }
    )
    group = key.groupby(list(key.columns), sort=False, dropna=False).ngroup().to_numpy()
    first = np.flatnonzero(~pd.Series(group).duplicated().to_numpy())
    return group.astype(np.int64), first.astype(np.int64)


def _pairs(
    network: Network, heads: gpd.GeoDataFrame, offers: gpd.GeoDataFrame
) -> tuple[_Pairs, dict[str, NDArray[np.bool_]]]:
    """Find who could meet what; and which groups and offers have a street at all."""
    wanted, given = _kinds(heads, offers)
    fits = given[wanted] if len(given) else np.zeros((0, len(offers)), dtype=bool)
    placed = _placed(offers)
    homes, sites = network.places(heads.geometry), network.places(offers.geometry)
    reach = np.where(placed, offers["reach_metres"].to_numpy(dtype=float), 0.0)
    found = within(network, homes, sites, False, "metres", float(reach.max(initial=0.0)))
    near = (found.metres <= reach[found.site]) & fits[found.place, found.site]
    group, offer, metres = [found.place[near]], [found.site[near]], [found.metres[near]]
    codes = heads["area_code"].to_numpy(dtype=str)
    for at in np.flatnonzero(~placed):
        mine = np.char.startswith(codes, str(offers["area_code"].iloc[at])) & fits[:, at]
        there = np.flatnonzero(mine)
        group.append(there)
        offer.append(np.full(len(there), at))
        metres.append(np.full(len(there), np.nan))
    pairs = _Pairs(np.concatenate(group), np.concatenate(offer), np.concatenate(metres))
    return pairs, {"homes": homes.snapped, "sites": sites.snapped | ~placed}


def _kinds(heads: gpd.GeoDataFrame, offers: gpd.GeoDataFrame) -> tuple[Ints, NDArray[np.bool_]]:
    """Give the number of each head's service, and services x offers: who has which."""
    wanted, names = pd.factorize(heads["service"])
    held = [set(services) for services in offers["services"]]
    given = np.array([[name in services for services in held] for name in names], dtype=bool)
    return wanted.astype(np.int64), given.reshape(len(names), len(offers))


def _flow(pairs: _Pairs, size: Ints, capacity: Ints) -> Ints:
    """Send as many wishes as possible, then by the least way; give how many go by each pair."""
    from ortools.graph.python import min_cost_flow

    if not len(pairs.group):
        return np.zeros(0, dtype=np.int64)
    ticks = np.rint(pairs.metres * _TICK)
    farthest = int(np.nanmax(ticks, initial=0.0)) + 1
    # who comes to a whole area is farther than anybody with a place
    cost = np.where(np.isnan(ticks), farthest, ticks).astype(np.int64)
    groups, places = len(size), len(capacity)
    # leaving a wish out costs more than moving one of every offer to the next
    out = (farthest + 1) * (places + 2)
    sink = groups + places
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        pairs.group,
        groups + pairs.offer,
        np.minimum(size[pairs.group], capacity[pairs.offer]),
        cost,
    )
    at = np.arange(places)
    flow.add_arcs_with_capacity_and_unit_cost(
        groups + at, np.full(places, sink), capacity, np.zeros(places, dtype=np.int64)
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        np.arange(groups), np.full(groups, sink), size, np.full(groups, out)
    )
    flow.set_nodes_supplies(
        np.arange(sink + 1), np.concatenate([size, np.zeros(places, dtype=np.int64), [-size.sum()]])
    )
    if flow.solve() != flow.OPTIMAL:
        raise GeodataError("wishes and offers are too many to be brought together exactly")
    return np.asarray(flow.flows(arcs), dtype=np.int64)


def _shared_out(pairs: _Pairs, sent: Ints, group: Ints) -> tuple[Ints, Floats]:
    """Deal what a group was given out to its wishes, the nearest to those who come first."""
    offer = np.full(len(group), -1, dtype=np.int64)
    metres = np.full(len(group), np.nan)
    used = np.flatnonzero(sent)
    used = used[np.lexsort((pairs.offer[used], pairs.metres[used], pairs.group[used]))]
    pair = np.repeat(used, sent[used])
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], pairs.group[pair])
    turn = np.arange(len(pair)) - np.searchsorted(pairs.group[pair], pairs.group[pair])
    rows = order[starts + turn]
    offer[rows], metres[rows] = pairs.offer[pair], pairs.metres[pair]
    return offer, metres


def _why_unmet(
    heads: gpd.GeoDataFrame,
    offers: gpd.GeoDataFrame,
    pairs: _Pairs,
    near: dict[str, NDArray[np.bool_]],
) -> Any:
    wanted, given = _kinds(heads, offers)
    offered = np.asarray(given.any(axis=1))[wanted]
    in_reach = np.zeros(len(heads), dtype=bool)
    in_reach[pairs.group] = True
    chosen = np.select([in_reach, ~offered, ~near["homes"]], [FULL, NOBODY, NO_STREET], TOO_FAR)
    return chosen.astype(object)


def _why_unused(
    requests: gpd.GeoDataFrame,
    offers: gpd.GeoDataFrame,
    pairs: _Pairs,
    near: dict[str, NDArray[np.bool_]],
    left: Ints,
) -> Any:
    wanted = set(requests["service"])
    asked = np.array([bool(wanted & set(services)) for services in offers["services"]], dtype=bool)
    in_reach = np.zeros(len(offers), dtype=bool)
    in_reach[pairs.offer] = True
    chosen = np.select(
        [in_reach, ~asked, ~near["sites"]], [ENOUGH, NOBODY_WANTS, NO_STREET], OUT_OF_REACH
    ).astype(object)
    chosen[left == 0] = None
    return chosen
