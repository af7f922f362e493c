"""What coverage is computed from: one snapshot of streets, closures, households, facilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import geopandas as gpd

from geodata.network import Network
from geodata.opening import open_at
from geodata.snapping import Places
from geodata.street_profiles import Profile
from gridmap.model.problem import conflict, not_found
from gridmap.services import coverage_networks
from gridmap.store import closure, coverage_homes, coverage_standards, days, street, version
from gridmap.store import coverage as rows
from gridmap.store.database import Row, Transaction

INPUT_LAYERS = rows.INPUT_LAYERS

Barriers = tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """What the answers to several standards have in common, as of one moment.

    Attributes
    ----------
    area
        Code of the area whose households are asked about.
    roads
        The county's streets; None where every network that is needed is on disk.
    roads_version
        Tells these streets from all others.
    kept
        Networks found on disk, by profile.
    closures
        What nobody can pass, as `Network.close` takes it.
    barriers
        Lines that are crossed by a bridge or tunnel only, by the kinds asked for.
    version
        Versions of all that was read.
    at
        The moment on the wall: opening hours are asked for it.
    """

    area: str
    roads: gpd.GeoDataFrame | None
    roads_version: str
    kept: Mapping[str, Network]
    closures: Any
    barriers: Mapping[Barriers, Any]
    version: str
    at: datetime

    def network(self, profile: Profile, barriers: Barriers = ()) -> Network:
        """Give the streets of a profile with everything closed that is closed."""
        name = coverage_networks.name(profile)
        if (name, barriers) not in self._open:
            found = self._whole_network(name, profile)
            if barriers:
                found = found.barred(self.barriers[barriers])
            if len(self.closures):
                found = found.close(self.closures)
            self._open[name, barriers] = found
        return self._open[name, barriers]

    def _whole_network(self, name: str, profile: Profile) -> Network:
        if name not in self._whole:
            made = self.kept.get(name)
            if made is None:
                assert self.roads is not None
                made = coverage_networks.build(self.roads, self.roads_version, profile)
            self._whole[name] = made
        return self._whole[name]

    def places(self, network: Network, homes: gpd.GeoDataFrame, max_metres: float) -> Places:
        """Give where households meet the streets, found once for all who use the same ones."""
        for known, frame, placed in self._placed:
            if frame is homes and network.snaps_like(known):
                return replace(placed, leg_kmh=network.profile.leg_kmh)
        found = network.places(homes, max_metres)
        self._placed.append((network, homes, found))
        return found

    @cached_property
    def _whole(self) -> dict[str, Network]:
        return {}

    @cached_property
    def _open(self) -> dict[tuple[str, Barriers], Network]:
        return {}

    @cached_property
    def _placed(self) -> list[tuple[Network, gpd.GeoDataFrame, Places]]:
        return []


@dataclass(frozen=True)
class Inputs:
    """Everything one run is computed from, as of one moment."""

    standard: Row
    ground: Ground
    households: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    unplaced: int
    version: str

    @property
    def roads(self) -> gpd.GeoDataFrame | None:
        """Give the county's streets, where they had to be read."""
        return self.ground.roads

    @property
    def closures(self) -> Any:
        """Give what nobody can pass."""
        return self.ground.closures


def read(
    tx: Transaction,
    key: str,
    area_code: str,
    at: datetime | None = None,
    *,
    within: str | None = None,
) -> Inputs:
    """Read what a run of one standard is computed from.

    Parameters
    ----------
    at
        The moment on the wall for which opening hours are asked; now unless given.
    within
        Households of this part of the area only.

    Raises
    ------
    Problem
        404 without such a standard, 409 without streets.
    """
    return read_all(tx, [key], area_code, at, within=within)[0]


def read_all(
    tx: Transaction,
    keys: Sequence[str],
    area_code: str,
    at: datetime | None = None,
    *,
    within: str | None = None,
) -> list[Inputs]:
    """Read what runs of several standards are computed from, what they share only once.

    Raises
    ------
    Problem
        404 without such a standard, 409 without streets.
    """
    standards = [_standard(tx, key, area_code) for key in keys]
    ground = _ground(tx, area_code, standards)
    if at is not None:
        ground = replace(ground, at=at)
    homes: dict[str, gpd.GeoDataFrame] = {}
    found = []
    for standard in standards:
        whose = str(standard["area_type"])
        if whose not in homes:
            homes[whose] = coverage_homes.placed(tx, within or area_code, whose)
        found.append(
            Inputs(
                standard=standard,
                ground=ground,
                households=homes[whose],
                facilities=_facilities(tx, standard, ground),
                unplaced=coverage_homes.unplaced(tx, within or area_code, whose),
                version=ground.version,
            )
        )
    return found


def _standard(tx: Transaction, key: str, area_code: str) -> Row:
    found = coverage_standards.in_force(tx, key, area_code)
    if found is None:
        raise not_found(f"coverage standard {key}")
    return found


def _facilities(tx: Transaction, standard: Row, ground: Ground) -> gpd.GeoDataFrame:
    found = rows.facilities(tx, ground.area, list(standard["facility_kinds"]))
    if found["hours"].notna().any():
        minute = ground.at.hour * 60 + ground.at.minute
        found["open"] &= open_at(found["hours"], ground.at.isoweekday(), minute)
    return found


def travellers(standard: Row) -> dict[str, Profile]:
    """Give who travels in each speed band of a standard, the one that counts first."""
    profile = str(standard["profile"])
    return {
        str(band["key"]): coverage_networks.traveller(profile, band["speeds"])
        for band in standard["bands"]
    }


def _ground(tx: Transaction, area_code: str, standards: Sequence[Row]) -> Ground:
    streets = f"{area_code[:6]}-{version.stamp(tx, 'road')}"
    kept, missing = {}, False
    asked = {
        coverage_networks.name(profile): profile
        for standard in standards
        for profile in travellers(standard).values()
    }
    for name, profile in asked.items():
        found = coverage_networks.kept(streets, profile)
        if found is None:
            missing = True
        else:
            kept[name] = found
    roads = street.roads(tx, area_code) if missing else None
    if roads is not None and roads.empty:
        raise conflict("there are no streets yet: run `gridmap import roads FILE` first")
    barriers = {_barriers(standard) for standard in standards} - {()}
    return Ground(
        area=area_code,
        roads=roads,
        roads_version=streets,
        kept=kept,
        closures=closure.in_force(tx, area_code),
        barriers={kinds: street.barriers(tx, area_code, kinds) for kinds in barriers},
        version=version.of(tx, INPUT_LAYERS),
        at=tx.value(f"SELECT now() AT TIME ZONE current_setting('{days.SETTING}')"),
    )


def _barriers(standard: Row) -> Barriers:
    return tuple(sorted(standard["barriers"]))


def networks(inputs: Inputs) -> dict[str, Network]:
    """Give the streets of a run by speed band, with everything closed that is closed."""
    return {
        key: inputs.ground.network(profile, _barriers(inputs.standard))
        for key, profile in travellers(inputs.standard).items()
    }


def network(inputs: Inputs) -> Network:
    """Give the streets of a run in the speed band that counts."""
    profile = next(iter(travellers(inputs.standard).values()))
    return inputs.ground.network(profile, _barriers(inputs.standard))


def with_limit(inputs: Inputs, limit: float) -> Inputs:
    """Give the same inputs for another limit of the standard."""
    return replace(inputs, standard={**inputs.standard, "max_value": limit})
