"""One evacuation, made ready: who is affected, which shelters are left, the ways between them."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Fault, GeodataError
from geodata.escape import Escape, Ways
from geodata.evacuation_inputs import (
    Areas,
    area,
    changed,
    check_frame,
    flags,
    present,
    raise_if,
    whole_numbers,
)
from geodata.evacuation_options import Options
from geodata.network import Network

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Read:
    """The inputs as arrays, in the order of the frames."""

    people: Integers
    urgent: Flags
    need_ramp: Flags
    capacity: Integers
    ramp: Flags
    is_open: Flags
    hazard: BaseGeometry
    blocked: BaseGeometry


@dataclass(frozen=True)
class Case:
    """What a draft is made from: affected households by all shelters.

    Attributes
    ----------
    households
        The affected ones.
    people, urgent
        People of each, and whether it has a need.
    depth
        Metres from each to the border of the hazard.
    needs
        Columns that count as needs.
    capacity
        Of all shelters.
    out
        Why a shelter is not used, an empty text if it is.
    escape, ways
        The streets and the ways on them; none to a shelter that is not used.
    accessible
        Array households x shelters: whether the shelter suits the household's needs.
    near
        Likewise: not farther than the options allow.
    """

    households: gpd.GeoDataFrame
    people: Integers
    urgent: Flags
    depth: Floats
    needs: list[str]
    capacity: Integers
    out: NDArray[np.object_]
    escape: Escape
    ways: Ways
    accessible: Flags
    near: Flags

    @property
    def used(self) -> Flags:
        """Which shelters are used."""
        used: Flags = self.out == ""
        return used

    @property
    def seconds(self) -> Floats:
        """Seconds of the ways that may be assigned, infinite elsewhere."""
        return np.where(self.accessible & self.near, self.ways.seconds, np.inf)


def read(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None,
    options: Options,
) -> Case:
    """Read and check the inputs of `evacuation.draft`, find who is affected and the ways out."""
    inputs = _read(network, households, shelters, hazard, blocked, options)
    crs, danger = households.crs, inputs.hazard
    shapely.prepare(danger)
    here = np.flatnonzero(shapely.intersects(danger, households.geometry.to_numpy()))
    affected = households.iloc[here]
    metric = changed(danger, crs, network.metric)
    closed = network
    if not inputs.blocked.is_empty:
        closed = network.close(changed(inputs.blocked, crs, network.crs))
    escape = Escape(
        closed,
        metric,
        changed(inputs.blocked, crs, network.metric),
        network.places(affected.geometry, options.max_metres),
        network.places(shelters.geometry, options.max_metres),
        options.bridges_clear,
    )
    within = shapely.intersects(danger, shelters.geometry.to_crs(crs).to_numpy())
    out = _out(within, inputs, escape)
    ways = escape.ways(out == "")
    accessible = ~inputs.need_ramp[here][:, None] | inputs.ramp[None, :]
    return Case(
        affected,
        inputs.people[here],
        inputs.urgent[here],
        affected.geometry.to_crs(network.metric).distance(metric.boundary).to_numpy(),
        present(options.needs, households),
        inputs.capacity,
        out,
        escape,
        ways,
        accessible,
        _near(np.where(accessible, ways.seconds, np.inf), options),
    )


def _read(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    blocked: Areas | None,
    options: Options,
) -> _Read:
    key = network.profile.key
    if options.profile not in {None, key}:
        raise GeodataError(f"the network is for {key!r}, the options for {options.profile!r}")
    raise_if([*check_frame(households, "households"), *check_frame(shelters, "shelters")])
    faults: list[Fault] = []
    read_in = _Read(
        whole_numbers(households, "people", "households", faults),
        _any(households, options.needs, faults),
        _any(households, options.accessible_needs, faults),
        whole_numbers(shelters, "capacity", "shelters", faults),
        flags(shelters, "accessible", "accessible" not in shelters, faults),
        flags(shelters, "open", True, faults),
        area(hazard, households.crs, "the hazard", faults),
        area(blocked, households.crs, "what is blocked", faults),
    )
    if read_in.hazard.is_empty and not faults:
        faults.append(Fault("the hazard is missing or empty", None, "geometry"))
    raise_if(faults)
    return read_in


def _any(frame: gpd.GeoDataFrame, names: tuple[str, ...], faults: list[Fault]) -> Flags:
    found = np.zeros(len(frame), dtype=bool)
    for name in present(names, frame):
        found |= flags(frame, name, False, faults)
    return found


def _out(within: Flags, inputs: _Read, escape: Escape) -> NDArray[np.object_]:
    out = np.full(len(within), "", dtype=object)
    for reason, which in (
        ("behind_hazard", escape.shelter_layer < 0),
        ("blocked", escape.shelter_blocked),
        ("not_snapped", ~escape.shelters.snapped),
        ("no_capacity", inputs.capacity == 0),
        ("closed", ~inputs.is_open),
        ("in_hazard", within),
    ):
        out[which] = reason
    return out


def _near(seconds: Floats, options: Options) -> Flags:
    near = np.ones(seconds.shape, dtype=bool)
    if options.walk_limit_seconds is not None:
        near &= seconds <= options.walk_limit_seconds
    if options.tolerance is not None and seconds.size:
        near &= seconds <= options.tolerance * seconds.min(axis=1, keepdims=True)
    return near
