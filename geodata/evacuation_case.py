"""One evacuation, made ready: who is affected, which shelters are left, the ways between them."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import evacuation_groups, evacuation_reading
from geodata.escape import Escape, Ways
from geodata.evacuation_groups import Units
from geodata.evacuation_inputs import Areas, changed, present, without_bridges
from geodata.evacuation_options import Options
from geodata.evacuation_reading import Read
from geodata.network import Network

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Source:
    """What ways depend on beside the streets: positions of the affected, how slow they are."""

    inputs: Read
    here: Integers
    longer: Floats
    options: Options


@dataclass(frozen=True)
class Case:
    """What a draft is made from: affected households by all shelters.

    Attributes
    ----------
    households
        The affected ones.
    people, urgent
        People of each, and whether it has a need or cannot walk.
    units
        Which of them are placed as one.
    depth
        Metres from each to the border of the hazard.
    needs
        Columns that count as needs.
    beds, room_by_area, capacity
        Of all shelters: the capacity stated, the people for whom there is area (NaN where it
        does not count), and the smaller of both.
    out
        Why a shelter is not used, an empty text if it is.
    escape, ways
        The streets and the ways on them; none to a shelter that is not used.
    common
        Array households x shelters: whether all who are placed with the household have a way.
    accessible
        Likewise: whether the shelter suits the needs of all of them.
    near
        Likewise: not farther than the options allow any of them.
    source
        What it was read from, so that ways can be found once more.
    """

    households: gpd.GeoDataFrame
    people: Integers
    urgent: Flags
    units: Units
    depth: Floats
    needs: list[str]
    beds: Integers
    room_by_area: Floats
    capacity: Integers
    out: NDArray[np.object_]
    escape: Escape
    ways: Ways
    common: Flags
    accessible: Flags
    near: Flags
    source: "_Source"

    @property
    def used(self) -> Flags:
        """Which shelters are used."""
        used: Flags = self.out == ""
        return used

    @property
    def room(self) -> Integers:
        """People each shelter takes, none where it is not used."""
        return np.where(self.used, self.capacity, 0)

    @property
    def seconds(self) -> Floats:
        """Seconds of the ways that may be assigned, infinite elsewhere."""
        allowed = self.common & self.accessible & self.near
        return np.where(allowed, self.ways.seconds, np.inf)


def read(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None,
    options: Options,
    water: Areas | None = None,
) -> Case:
    """Read and check the inputs of `evacuation.draft`, find who is affected and the ways out."""
    inputs = evacuation_reading.read(network, households, shelters, hazard, blocked, options, water)
    crs, danger = households.crs, inputs.hazard
    shapely.prepare(danger)
    here = np.flatnonzero(shapely.intersects(danger, households.geometry.to_numpy()))
    affected = households.iloc[here]
    metric = changed(danger, crs, network.metric)
    closed = network
    if not inputs.blocked.is_empty:
        closed = network.close(changed(inputs.blocked, crs, network.crs))
    if options.bridges == "closed":
        closed = without_bridges(closed, changed(inputs.water, crs, network.crs))
    escape = Escape(
        closed,
        metric,
        changed(inputs.blocked, crs, network.metric),
        network.places(affected.geometry, options.max_metres),
        network.places(shelters.geometry, options.max_metres),
        options.bridges_clear,
        options.slide_bearing,
    )
    within = shapely.intersects(danger, shelters.geometry.to_crs(crs).to_numpy())
    by_area = inputs.room_by_area(options)
    capacity = np.fmin(inputs.beds, by_area).astype(np.int64)
    out = _out(within, inputs, escape, capacity)
    source = _Source(inputs, here, _longer(network, inputs.pace[here]), options)
    ways, together, reach = _found(affected, escape, out == "", source)
    return Case(
        affected,
        inputs.people[here],
        inputs.urgent[here],
        together,
        affected.geometry.to_crs(network.metric).distance(metric.boundary).to_numpy(),
        present(options.needs, households),
        inputs.beds,
        by_area,
        capacity,
        out,
        escape,
        ways,
        reach.common[together.of],
        reach.suits[together.of],
        reach.near[together.of],
        source,
    )


def reopened(case: Case, network: Network) -> Case:
    """Read the same evacuation on the same streets with others of them open.

    Doors that are blocked stay so, and the shelters that are used are the same.
    """
    escape = case.escape.on(network)
    ways, together, reach = _found(case.households, escape, case.used, case.source)
    return replace(
        case,
        units=together,
        escape=escape,
        ways=ways,
        common=reach.common[together.of],
        accessible=reach.suits[together.of],
        near=reach.near[together.of],
    )


def _found(
    affected: gpd.GeoDataFrame, escape: Escape, used: Flags, source: _Source
) -> tuple[Ways, Units, "_Reach"]:
    """Find the ways, who is placed as one by them, and what each may reach."""
    inputs, here, options = source.inputs, source.here, source.options
    ways = escape.ways(used).slowed(source.longer)
    if options.slide_bearing is not None:
        along = escape.ways(used, along_slide=True).slowed(source.longer)
        together = _together(affected, along)
        others = ~_reach(inputs, here, together, ways, options).any[together.of]
        ways = ways.or_along(along, others)
    together = _together(affected, ways)
    return ways, together, _reach(inputs, here, together, ways, options)


def _longer(network: Network, kmh: Floats) -> Floats:
    """Say how many times as long as the network says each household takes on foot."""
    if not network.profile.on_foot:
        return np.ones(len(kmh))
    return np.where(np.isnan(kmh), 1.0, network.profile.other_kmh / kmh)


def _out(within: Flags, inputs: Read, escape: Escape, capacity: Integers) -> NDArray[np.object_]:
    out = np.full(len(within), "", dtype=object)
    for reason, which in (
        ("behind_hazard", escape.shelter_layer < 0),
        ("blocked", escape.shelter_blocked),
        ("not_snapped", ~escape.shelters.snapped),
        ("no_capacity", capacity == 0),
        ("closed", ~inputs.is_open),
        ("in_hazard", within),
    ):
        out[which] = reason
    return out


def _together(affected: gpd.GeoDataFrame, ways: Ways) -> Units:
    return evacuation_groups.units(affected, np.asarray(np.isfinite(ways.seconds).any(axis=1)))


@dataclass(frozen=True)
class _Reach:
    """Arrays units x shelters: whether all have a way, it suits them, and is near enough."""

    common: Flags
    suits: Flags
    near: Flags

    @property
    def any(self) -> Flags:
        """Whether each unit may go anywhere."""
        return np.asarray((self.common & self.suits & self.near).any(axis=1))


def _reach(inputs: Read, here: Integers, together: Units, ways: Ways, options: Options) -> _Reach:
    common = together.all(np.isfinite(ways.seconds))
    ramp = together.any(inputs.need_ramp[here])
    suits = ~ramp[:, None] | inputs.ramp[None, :]
    near = _near(inputs, here, together, ways.seconds, common & suits, options)
    return _Reach(common, suits, near)


def _near(  # noqa: PLR0913 - what is in reach of whom, by what
    inputs: Read,
    here: Integers,
    together: Units,
    seconds: Floats,
    suits: Flags,
    options: Options,
) -> Flags:
    """Tell which shelters are near enough to each unit: for each member, and for all as one."""
    near = np.ones(suits.shape, dtype=bool)
    if options.walk_limit_seconds is not None:
        walked = seconds <= options.walk_limit_seconds
        near &= together.all(walked | inputs.carried[here][:, None])
    if options.tolerance is not None and suits.size:
        mean = np.where(suits, together.mean(inputs.people[here], seconds), np.inf)
        near &= mean <= options.tolerance * mean.min(axis=1, keepdims=True)
    return near
