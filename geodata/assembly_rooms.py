"""Assembly points that take no more people than there is room: full ones send the last ones on."""

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.assembly import Assembly, chosen, written
from geodata.assembly_reach import Floats, Integers, Options, reach
from geodata.errors import GeodataError
from geodata.evacuation_inputs import Areas
from geodata.network import Network
from geodata.siting import Sites


def shared(  # noqa: PLR0913, PLR0917 - what points are chosen from
    network: Network,
    households: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    hazard: Areas,
    shelters: gpd.GeoDataFrame,
    shelter: "pd.Series[int]",
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
    *,
    most: int,
) -> Assembly:
    """Choose few assembly points, none with more people than there is room.

    The fewest points that take each as many as `most` is a problem that takes minutes where
    there are thousands of households. Here the fewest points without a limit are chosen; where
    one is too small the nearest to it keep it, and for the others points are chosen again from
    the places that are left.

    Parameters
    ----------
    network, households, places, hazard, shelters, shelter, blocked, options
        As for `assembly.points`; places without `capacity`.
    most
        People who may meet at one point.

    Returns
    -------
    Assembly
        As of `assembly.points`; `bound` is that of the first choice. Who had a point within
        reach that others had filled is left with `full`. The same input gives the same points.

    Raises
    ------
    GeodataError
        As `assembly.points`, and for a `most` that is not one or more.
    """
    if most < 1:
        raise GeodataError(f"most {most!r} is not one or more")
    found = reach(network, households, places, hazard, shelters, shelter, blocked, options)
    people = np.maximum(found.people, 1)
    first = chosen(found.costs, people, np.full(len(places), np.inf))
    at = np.full(len(people), -1, dtype=np.int64)
    room = np.full(len(places), most, dtype=np.int64)
    sites = first
    waiting = np.arange(len(people))
    while len(waiting):
        got = np.asarray(sites.assignment)
        rows = waiting[got >= 0]
        moved = _seated(rows, got[got >= 0], found.walk, people, room, at)
        waiting = waiting[at[waiting] < 0]
        if not moved:
            break
        costs = np.where(room > 0, found.costs[waiting], np.inf)
        sites = chosen(costs, people[waiting], np.full(len(places), np.inf))
    kept = Sites(np.unique(at[at >= 0]), at, first.objective, first.bound, first.unreached)
    return written(found, places, kept)


def _seated(  # noqa: PLR0913, PLR0917 - who goes where, and what is known of both
    rows: Integers, to: Integers, walk: Floats, people: Integers, room: Integers, at: Integers
) -> bool:
    """Let the nearest to each place have it while there is room; say if any of them did.

    A place that somebody has to be sent on from is full for all who come from farther away.
    """
    order = np.lexsort((rows, walk[rows, to], to))
    rows, to = rows[order], to[order]
    run = np.cumsum(people[rows])
    first = np.searchsorted(to, to)
    run -= (run - people[rows])[first]
    fits = run <= room[to]
    at[rows[fits]] = to[fits]
    room -= np.bincount(to[fits], weights=people[rows[fits]], minlength=len(room)).astype(np.int64)
    room[np.unique(to[~fits])] = 0
    return bool(len(rows))
