"""Who leaves a hazard, to which shelter, by which way and when; who cannot, and why.

A draft is a proposal to people who decide: it never invents a way, never divides a household and
never fills a shelter over its capacity. Whoever cannot be served is listed with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import evacuation_case
from geodata.assignment import to_shelters
from geodata.evacuation_inputs import Areas
from geodata.evacuation_options import ACCESSIBLE_NEEDS, NEEDS, OUT_REASONS, REASONS, Options
from geodata.evacuation_reasons import unserved
from geodata.evacuation_routes import Drawer
from geodata.evacuation_totals import totals
from geodata.evacuation_waves import waves
from geodata.network import Network

__all__ = [
    "ACCESSIBLE_NEEDS",
    "NEEDS",
    "OUT_REASONS",
    "REASONS",
    "Draft",
    "Options",
    "draft",
]


@dataclass(frozen=True)
class Draft:
    """A proposal.

    Attributes
    ----------
    assignments
        On the affected households that are served: `shelter` (label), `seconds`, `metres` (door
        to door), `wave` (from 1).
    routes
        On the same index and in the CRS of the households: `geometry`, a LineString from the
        household to its shelter.
    loads
        On all shelters: `people` sent there, `capacity`, `out`, why it is not used
        (`OUT_REASONS`, <NA> if it is), and `bed_saves_seconds`, by how much one bed more would
        lower `bound`.
    unserved
        On the affected households that are not: `reason` (`REASONS`), `shelter`, the nearest one
        it might have gone to, and `beds` that are short there (of `full` and `too_large`).
    totals
        Counts of households and people that add up; see `evacuation_totals.totals`.
    person_seconds
        Sum of people x seconds over the assigned.
    bound
        Minimum of a flow that may split households, over all open shelters, for the same people.
    """

    assignments: pd.DataFrame
    routes: gpd.GeoDataFrame
    loads: pd.DataFrame
    unserved: pd.DataFrame
    totals: Mapping[str, object]
    person_seconds: float
    bound: float


def draft(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
) -> Draft:
    """Draft the evacuation of a hazard.

    Parameters
    ----------
    network
        The streets, for the way people travel.
    households
        Points with `people` (0 or more) and needs columns where known. Those in or on the hazard
        are affected; a missing point is nowhere.
    shelters
        Points with `capacity` in people; `open` (False is closed) and `accessible` where known.
        Without the column `accessible` all are taken as accessible.
    hazard
        Polygon or polygons to be cleared, in the CRS of the households; frames in their own.
        People inside leave it, a way that has left it never enters it again, shelters in or on
        it are out.
    blocked
        Polygons nobody can pass, likewise: streets inside or crossing are closed but for bridges
        and tunnels, as is a straight leg to or from a street.
    options
        Limits and order.

    Returns
    -------
    Draft
        Whole households, no shelter over capacity. If there is too little room: first the most
        people of households with needs, then the most people, then the least time. Ties go to
        the lower shelter. The same input gives the same draft.

    Raises
    ------
    GeodataError
        Names every row and column that cannot be used; or the network has another profile than
        the options name.
    """
    case = evacuation_case.read(network, households, shelters, hazard, blocked, options)
    room = np.where(case.used, case.capacity, 0)
    found = to_shelters(case.people, case.seconds, room, case.urgent)
    rows = np.flatnonzero(found.shelter >= 0)
    shelter, people = found.shelter[rows], case.people[rows]
    labels = case.households.index[rows]
    assignments = pd.DataFrame(
        {
            "shelter": shelters.index.take(shelter),
            "seconds": case.ways.seconds[rows, shelter],
            "metres": case.ways.metres[rows, shelter],
            "wave": waves(people, case.urgent[rows], case.depth[rows], options.per_wave),
        },
        index=labels,
    )
    lines = Drawer(case.escape, case.ways, households.crs).lines(rows, shelter)
    load = np.bincount(shelter, weights=people, minlength=len(shelters)).astype(np.int64)
    loads = pd.DataFrame(
        {
            "people": load,
            "capacity": case.capacity,
            "out": pd.Series(case.out, dtype="str").mask(case.used).array,
            "bed_saves_seconds": np.where(case.used, found.prices, 0.0),
        },
        index=shelters.index,
    )
    left = unserved(case, found.shelter, shelters.index)
    return Draft(
        assignments=assignments,
        routes=gpd.GeoDataFrame(
            geometry=gpd.GeoSeries(lines, index=labels, crs=households.crs), index=labels
        ),
        loads=loads,
        unserved=left,
        totals=totals(case, assignments, loads, left, options),
        person_seconds=found.person_seconds,
        bound=found.bound,
    )
