"""Who leaves a hazard, to which shelter, by which way and when; who cannot, and why.

A draft is a proposal to people who decide: it never invents a way, never divides a household and
never fills a shelter over its capacity. Whoever cannot be served is listed with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata import (
    evacuation_alternates,
    evacuation_case,
    evacuation_fairness,
    evacuation_groups,
    evacuation_robust,
    evacuation_robust_tables,
)
from geodata.assignment import UNSERVED, Assignment, to_shelters
from geodata.evacuation_case import Case
from geodata.evacuation_inputs import Areas
from geodata.evacuation_options import ACCESSIBLE_NEEDS, NEEDS, OUT_REASONS, REASONS, Options
from geodata.evacuation_reasons import unserved
from geodata.evacuation_routes import Drawer
from geodata.evacuation_totals import totals
from geodata.evacuation_waves import waves
from geodata.network import Network
from geodata.transport import minimum_flow

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

__all__ = [
    "ACCESSIBLE_NEEDS",
    "NEEDS",
    "OUT_REASONS",
    "REASONS",
    "Draft",
    "Options",
    "draft",
    "drafted",
]


@dataclass(frozen=True)
class Draft:
    """A proposal.

    Attributes
    ----------
    assignments
        On the affected households that are served: `shelter` (label), `seconds`, `metres` (door
        to door), `wave` (from 1). Where the direction of a slide is given also `slide_metres`, how
        far the way leads along it in the hazard, and `along_slide`, whether the household has no
        way that does not.
    routes
        On the same index and in the CRS of the households: `geometry`, a LineString from the
        household to its shelter.
    loads
        On all shelters: `people` sent there; `capacity`, how many it takes: the smaller of
        `beds`, what is stated, and `room_by_area` (<NA> where area does not count); `binds`,
        which of the two that is (`beds` or `area`); `out`, why it is not used (`OUT_REASONS`,
        <NA> if it is); `bed_saves_seconds`, by how much room for one more would lower `bound`.
    unserved
        On the affected households that are not: `reason` (`REASONS`), `shelter`, the nearest one
        it might have gone to, and `beds` that are short there (of `full` and `too_large`).
    totals
        Counts of households and people that add up; see `evacuation_totals.totals`.
    person_seconds
        Sum of people x seconds over the assigned.
    bound
        Minimum of a flow that may split households, over all open shelters, for the same people;
        those kept together count as one household.
    alternates
        On the index of `assignments`: `shelter`, `seconds`, `metres`: where the household goes if
        its shelter fails; <NA> and NaN if nowhere.
    groups
        The groups of two households or more; see `evacuation_groups.table`.
    not_robust
        If a robust draft was asked for: who has no place after some single failure; see
        `evacuation_robust_tables.table`.
    critical_streets
        If it was to survive streets: those that somebody hangs on; see
        `evacuation_robust_tables.streets`.
    """

    assignments: pd.DataFrame
    routes: gpd.GeoDataFrame
    loads: pd.DataFrame
    unserved: pd.DataFrame
    totals: Mapping[str, object]
    person_seconds: float
    bound: float
    alternates: pd.DataFrame = field(default_factory=pd.DataFrame)
    groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    not_robust: pd.DataFrame = field(default_factory=pd.DataFrame)
    critical_streets: pd.DataFrame = field(default_factory=pd.DataFrame)


def draft(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
    water: Areas | None = None,
) -> Draft:
    """Draft the evacuation of a hazard.

    Parameters
    ----------
    network
        The streets, for the way people travel.
    households
        Points with `people` (0 or more) and needs columns where known. Those in or on the hazard
        are affected; a missing point is nowhere. Those with the same label in `group` (kin,
        carer and cared-for) go to one shelter in one wave. `walk_kmh` is how fast the slowest who
        walks goes (on foot only; the network's pace where missing). Who `needs_vehicle` cannot
        walk: fetched first, and no limit of walking holds; the times given are still those of
        the network.
    shelters
        Points with `capacity` in people; `area_m2`, `open` (False is closed) and `accessible`
        where known. Without the column `accessible` all are taken as accessible.
    hazard
        Polygon or polygons to be cleared, in the CRS of the households; frames in their own.
        People inside leave it, a way that has left it never enters it again, shelters in or on
        it are out.
    blocked
        Polygons nobody can pass, likewise: streets inside or crossing are closed but for bridges
        and tunnels, as is a straight leg to or from a street.
    options
        Limits and order.
    water
        Polygons likewise, for options that close the bridges over them.

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
    case = evacuation_case.read(network, households, shelters, hazard, blocked, options, water)
    units = case.units
    found = to_shelters(
        units.sums(case.people),
        units.mean(case.people, case.seconds),
        case.room,
        units.any(case.urgent),
    )
    made = _made(case, shelters, options, found)
    if options.tolerance is None or not options.tolerance_price:
        return made
    plain = evacuation_case.read(
        network, households, shelters, hazard, blocked, replace(options, tolerance=None), water
    )
    price = evacuation_fairness.price(case, found.shelter[units.of], plain)
    return replace(made, totals={**made.totals, "tolerance": price})


def _made(case: Case, shelters: gpd.GeoDataFrame, options: Options, found: Assignment) -> Draft:
    """Make the draft of an assignment, or of one beside it that survives a failure."""
    units = case.units
    if options.robust == "none":
        return drafted(case, shelters, found.shelter[units.of], options, flow=found)
    safe = evacuation_robust.surviving(case, found.shelter, options.robust)
    made = drafted(case, shelters, safe.place[units.of], options, second=safe.judged.second)
    parts = evacuation_robust_tables.parts(
        case, safe, shelters.index, options.robust, made.totals, made.bound
    )
    return replace(made, **parts)


def drafted(  # noqa: PLR0913 - what a draft is made of
    case: Case,
    shelters: gpd.GeoDataFrame,
    shelter: Integers,
    options: Options,
    wave: Integers | None = None,
    flow: Assignment | None = None,
    second: Integers | None = None,
) -> Draft:
    """Make the draft of an evacuation in which it is known who goes where.

    Parameters
    ----------
    case
        The evacuation.
    shelters, options
        Those the case was read from.
    shelter
        Position of the shelter of each household of the case, -1 for none: alike for those kept
        together, nobody where the case has no way, no shelter over its room.
    wave
        Wave of each household of the case, from 1; None puts them into waves.
    flow
        The assignment with its bound and prices; None finds the bound.
    second
        Position of the second shelter of each unit, -1 for none; None finds them.
    """
    units = case.units
    counts, costs = units.sums(case.people), units.mean(case.people, case.seconds)
    place = np.full(units.count, UNSERVED, dtype=np.int64)
    place[units.of] = shelter
    if second is None:
        second = evacuation_alternates.instead(counts, costs, case.room, place)
    bound, prices = _bound(counts, costs, case.room, place) if flow is None else flow.proof
    rows = np.flatnonzero(shelter >= 0)
    to, people = shelter[rows], case.people[rows]
    labels = case.households.index[rows]
    assignments = pd.DataFrame(
        {
            "shelter": shelters.index.take(to),
            "seconds": case.ways.seconds[rows, to],
            "metres": case.ways.metres[rows, to],
            "wave": _waves(case, rows, options) if wave is None else wave[rows],
        },
        index=labels,
    )
    if options.slide_bearing is not None:
        assignments["slide_metres"] = case.ways.slide_metres[rows, to]
        assignments["along_slide"] = case.ways.along_slide[rows]
    lines = Drawer(case.escape, case.ways, case.households.crs).lines(rows, to)
    loads = _loads(case, to, people, prices, shelters.index)
    left = unserved(case, shelter, shelters.index)
    total = float(people @ assignments["seconds"].to_numpy())
    return Draft(
        assignments=assignments,
        routes=gpd.GeoDataFrame(
            geometry=gpd.GeoSeries(lines, index=labels, crs=case.households.crs), index=labels
        ),
        loads=loads,
        unserved=left,
        totals=totals(case, assignments, loads, left, options),
        person_seconds=total,
        bound=min(bound, total),
        alternates=evacuation_alternates.table(case, second, rows, shelters.index),
        groups=evacuation_groups.table(case.households, case.people, assignments, left),
    )


def _bound(
    counts: Integers, costs: Floats, room: Integers, place: Integers
) -> tuple[float, Floats]:
    """Give the least time of a flow for those who are served, and what one more bed saves."""
    at = np.flatnonzero(place >= 0)
    flow = minimum_flow(counts[at], costs[at], room)
    return flow.bound, flow.prices


def _loads(
    case: Case, to: Integers, people: Integers, prices: Floats, labels: pd.Index
) -> pd.DataFrame:
    load = np.bincount(to, weights=people, minlength=len(labels)).astype(np.int64)
    return pd.DataFrame(
        {
            "people": load,
            "capacity": case.capacity,
            "beds": case.beds,
            "room_by_area": pd.array(case.room_by_area, dtype="Float64").astype("Int64"),
            "binds": np.where(case.capacity < case.beds, "area", "beds"),
            "out": pd.Series(case.out, dtype="str").mask(case.used).array,
            "bed_saves_seconds": np.where(case.used, prices, 0.0),
        },
        index=labels,
    )


def _waves(case: Case, rows: Integers, options: Options) -> Integers:
    """Give the wave of households that are served; those kept together leave together."""
    of = case.units.of[rows]
    here, at = np.unique(of, return_inverse=True)
    people = np.bincount(of, weights=case.people[rows], minlength=case.units.count)
    depth = np.full(case.units.count, -np.inf)
    np.maximum.at(depth, of, case.depth[rows])
    urgent = case.units.any(case.urgent)
    number = waves(people[here].astype(np.int64), urgent[here], depth[here], options.per_wave)
    return number[at.reshape(-1)]
