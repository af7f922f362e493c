"""What coverage is computed from: one snapshot of streets, closures, households, facilities."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd

from geodata.network import Network
from geodata.street_profiles import profile_of
from gridmap.model.problem import conflict, not_found
from gridmap.services import coverage_networks
from gridmap.store import coverage as rows
from gridmap.store import coverage_homes, coverage_standards, street, version
from gridmap.store.database import Row, Transaction

INPUT_LAYERS = rows.INPUT_LAYERS


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
    version
        Versions of all that was read.
    """

    area: str
    roads: gpd.GeoDataFrame | None
    roads_version: str
    kept: dict[str, Network]
    closures: Any
    version: str

    @cached_property
    def _open(self) -> dict[str, Network]:
        return {}

    def network(self, profile: str) -> Network:
        """Give the streets of a profile with everything closed that is closed."""
        if profile not in self._open:
            made = self.kept.get(profile)
            if made is None:
                assert self.roads is not None
                made = coverage_networks.build(self.roads, self.roads_version, profile_of(profile))
            self._open[profile] = made.close(self.closures) if len(self.closures) else made
        return self._open[profile]


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


def read(tx: Transaction, key: str, area_code: str) -> Inputs:
    """Read what a run of one standard is computed from.

    Raises
    ------
    Problem
        404 without such a standard, 409 without streets.
    """
    return read_all(tx, [key], area_code)[0]


def read_all(tx: Transaction, keys: Sequence[str], area_code: str) -> list[Inputs]:
    """Read what runs of several standards are computed from, what they share only once.

    Raises
    ------
    Problem
        404 without such a standard, 409 without streets.
    """
    standards = [_standard(tx, key, area_code) for key in keys]
    ground = _ground(tx, area_code, {str(standard["profile"]) for standard in standards})
    homes: dict[str, gpd.GeoDataFrame] = {}
    found = []
    for standard in standards:
        ground_type = str(standard.get("area_type", "any"))
        if ground_type not in homes:
            homes[ground_type] = coverage_homes.placed(tx, area_code, ground_type)
        found.append(
            Inputs(
                standard=standard,
                ground=ground,
                households=homes[ground_type],
                facilities=rows.facilities(tx, area_code, list(standard["facility_kinds"])),
                unplaced=coverage_homes.unplaced(tx, area_code, ground_type),
                version=ground.version,
            )
        )
    return found


def _standard(tx: Transaction, key: str, area_code: str) -> Row:
    found = coverage_standards.in_force(tx, key, area_code)
    if found is None:
        raise not_found(f"coverage standard {key}")
    return found


def _ground(tx: Transaction, area_code: str, profiles: Iterable[str]) -> Ground:
    county = area_code[:6]
    streets = f"{county}-{version.stamp(tx, 'road')}"
    kept = {}
    for profile in sorted(profiles):
        found = coverage_networks.kept(streets, profile_of(profile))
        if found is not None:
            kept[profile] = found
    whole = len(kept) == len(set(profiles))
    roads = None if whole else street.roads(tx, area_code)
    if roads is not None and roads.empty:
        raise conflict("there are no streets yet: run `gridmap import roads FILE` first")
    return Ground(
        area=area_code,
        roads=roads,
        roads_version=streets,
        kept=kept,
        closures=street.closures(tx, area_code),
        version=version.of(tx, INPUT_LAYERS),
    )


def network(inputs: Inputs) -> Network:
    """Give the streets of a run's profile with everything closed that is closed."""
    return inputs.ground.network(str(inputs.standard["profile"]))


def with_limit(inputs: Inputs, limit: float) -> Inputs:
    """Give the same inputs for another limit of the standard."""
    return replace(inputs, standard={**inputs.standard, "max_value": limit})
