"""How much of what facilities offer falls to each household: floating catchments in two steps.

Enhanced two-step floating catchment area (W. Luo and Y. Qi 2009, Health & Place 15 (4),
1100-1107, doi:10.1016/j.healthplace.2009.06.002): first every facility's supply is shared out
among the people within reach of it, then every household adds up the shares of the facilities
within reach of it, nearer ones weighing more in both steps. Both steps read the same ways, in the
direction of the standard: on one-way streets those who can come are not those who could be come
to.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.closest import within
from geodata.closures import Areas
from geodata.coverage import Standard
from geodata.coverage_reading import check_labels, opened, people, placed, room
from geodata.errors import Fault, GeodataError
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Floats, Ints

SLOW = (1.0, 0.68, 0.22)
"""Weights for the first, second and third part of the limit.

Seen: PySAL access (`Access.enhanced_two_stage_fca`) takes these for 10, 20 and 30 minutes and
calls them the weights of the original paper. Not seen: the paper itself.
"""

SHARP = (1.0, 0.42, 0.09)
"""The like where people go to far facilities less readily.

Ascribed to the same paper; neither the paper nor anybody who quotes them was seen.
"""


@dataclass(frozen=True)
class Catchment:
    """Scores of households and facilities.

    Attributes
    ----------
    households
        On their index: `score`, supply a head weighted by nearness; 0 where nothing is in
        reach, NaN where the household could not be snapped.
    facilities
        On their index: `demand` (people in reach, weighted) and `ratio` (supply a head of
        them). A facility takes no part, and both are NaN, if it is not open, has no street or
        its supply is not known; with nobody in reach the demand is 0 and the ratio NaN.
    """

    households: pd.DataFrame
    facilities: pd.DataFrame


def scores(
    network: Network,
    households: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    weights: Sequence[float] = SLOW,
    barriers: Areas | None = None,
    homes: Places | None = None,
) -> Catchment:
    """Share out what facilities offer.

    Parameters
    ----------
    network, households, facilities, standard, barriers, homes
        As in `coverage.cover`; what a facility offers is its `capacity`, and `people` (1 each
        where the column is missing) are who wants it. The standard's limit is the reach.
    weights
        Of equal parts of the limit, from near to far; a way that ends a part belongs to it.
        One weight of 1 is the plain two-step method.

    Returns
    -------
    catchment
        The people's scores add up to the supply of all facilities with somebody in reach.

    Raises
    ------
    GeodataError
        If a weight is not from 0 to 1 or none is more than 0, and as `cover` does.
    """
    share = _weights(weights)
    if standard.profile != network.profile.key:
        raise GeodataError(
            f"standard {standard.key!r} is for {standard.profile!r}, "
            f"the network for {network.profile.key!r}"
        )
    check_labels(facilities)
    network = network.barred(barriers)
    homes = placed(network, households, standard.max_metres, homes)
    sites = network.places(facilities, standard.max_metres)
    wanting, supply = people(households), room(facilities)
    counted = np.flatnonzero(opened(facilities) & sites.snapped & np.isfinite(supply))
    towards = standard.direction == "to_facility"
    pairs = within(network, homes, sites.taken(counted), towards, standard.by, standard.limit)
    value = pairs.seconds if standard.by == "seconds" else pairs.metres
    near = _near(value, standard.limit, share)
    wanted = np.bincount(pairs.site, wanting[pairs.place] * near, minlength=len(counted))
    ratio = np.full(len(counted), np.nan)
    np.divide(supply[counted], wanted, out=ratio, where=wanted > 0)
    given = np.where(wanted > 0, ratio, 0.0)[pairs.site] * near
    score = np.bincount(pairs.place, given, minlength=len(homes))
    demand, ratios = np.full((2, len(facilities)), np.nan)
    demand[counted], ratios[counted] = wanted, ratio
    return Catchment(
        pd.DataFrame({"score": np.where(homes.snapped, score, np.nan)}, index=households.index),
        pd.DataFrame({"demand": demand, "ratio": ratios}, index=facilities.index),
    )


@dataclass(frozen=True)
class Spread:
    """How scores are spread over people.

    Attributes
    ----------
    people
        Those with a score.
    mean
        Of their scores; None without people.
    low
        How many of them have less than half of the mean.
    """

    people: int
    mean: float | None
    low: int


def spread(people: Ints, score: Floats) -> Spread:
    """Sum scores up by people; a household whose score is NaN is left out."""
    known = np.isfinite(score)
    count, held = people[known], score[known]
    total = int(count.sum())
    if not total:
        return Spread(0, None, 0)
    mean = float((count * held).sum() / total)
    return Spread(total, mean, int(count[held < mean / 2].sum()))


def _weights(weights: Sequence[float]) -> Floats:
    share = np.array(weights, dtype=float)
    faults = [
        Fault("the weight is not from 0 to 1", number, "weights")
        for number, weight in enumerate(share, start=1)
        if not 0 <= weight <= 1
    ]
    if not faults and not share.any():
        faults = [Fault("no weight is more than 0", None, "weights")]
    if faults:
        raise GeodataError(faults)
    return share


def _near(value: Floats, limit: float, share: Floats) -> Floats:
    """Return the weight of each way: that of the part of the limit it ends in."""
    ends = limit * np.arange(1, len(share)) / len(share)
    near: Floats = share[np.searchsorted(ends, value, side="left")]
    return near
