"""The streets coverage is computed on: of every traveller, barred and closed, as of one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import geopandas as gpd

from geodata.network import Network
from geodata.street_profiles import Profile
from gridmap.model.problem import conflict
from gridmap.services import coverage_networks
from gridmap.store import closure, days, street, version
from gridmap.store.database import Row, Transaction

Barriers = tuple[str, ...]
_Key = tuple[str, Barriers]
# What barriers are made of besides streets.
_BARRIER_LAYERS = ("railway", "water")


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
    closures
        What nobody can pass, as `Network.close` takes it.
    barriers
        Lines that are crossed by a bridge or tunnel only, by the kinds asked for; only where
        no network with them is on disk.
    barriers_version
        Tells what they are made of, besides streets, from what was there before.
    version
        Versions of all that was read.
    at
        The moment on the wall: opening hours are asked for it.
    whole, opened
        Networks by profile and barriers, without closures and with them, as far as they have been
        asked for.
    """

    area: str
    roads: gpd.GeoDataFrame | None
    roads_version: str
    closures: Any
    barriers: Mapping[Barriers, Any]
    barriers_version: str
    version: str
    at: datetime
    whole: dict[_Key, Network] = field(default_factory=dict)
    opened: dict[_Key, Network] = field(default_factory=dict)

    def network(self, profile: Profile, barriers: Barriers = ()) -> Network:
        """Give the streets of a profile with everything closed that is closed."""
        key = (coverage_networks.name(profile), barriers)
        if key not in self.opened:
            found = self._whole(profile, barriers)
            self.opened[key] = found.close(self.closures) if len(self.closures) else found
        return self.opened[key]

    def _whole(self, profile: Profile, barriers: Barriers) -> Network:
        key = (coverage_networks.name(profile), barriers)
        if key not in self.whole:
            self.keep(key, self._made(profile, barriers))
        return self.whole[key]

    def _made(self, profile: Profile, barriers: Barriers) -> Network:
        if barriers:
            barred = coverage_networks.Barred(barriers, self.barriers_version)
            lines = self.barriers[barriers]
            plain = self._whole(profile, ())
            return coverage_networks.bar(plain, lines, self.roads_version, barred)
        assert self.roads is not None
        return coverage_networks.build(self.roads, self.roads_version, profile)

    def keep(self, key: _Key, network: Network) -> None:
        """Keep a network; of those that snap alike only one has to be made ready for it."""
        for other in self.whole.values():
            network = network.snapping_with(other)
        self.whole[key] = network


def travellers(standard: Row) -> dict[str, Profile]:
    """Give who travels in each speed band of a standard, the one that counts first."""
    profile = str(standard["profile"])
    return {
        str(band["key"]): coverage_networks.traveller(profile, band["speeds"])
        for band in standard["bands"]
    }


def barriers(standard: Row) -> Barriers:
    """Give the kinds of barriers a standard heeds."""
    return tuple(sorted(standard["barriers"]))


def read(  # noqa: PLR0913, PLR0917 - what is asked, when, and what is known
    tx: Transaction,
    area_code: str,
    standards: Sequence[Row],
    now: str,
    at: datetime | None,
    known: Ground | None,
) -> Ground:
    """Read what there is of the streets of an area for these standards.

    Parameters
    ----------
    now
        Versions of all layers that answers depend on.
    at
        The moment on the wall; now unless given.
    known
        What was read of the same data before.

    Raises
    ------
    Problem
        409 without streets.
    """
    streets = f"{area_code[:6]}-{version.stamp(tx, 'road')}"
    stamp = " ".join(version.stamp(tx, layer) for layer in _BARRIER_LAYERS)
    if known is None:
        moment = tx.value(f"SELECT now() AT TIME ZONE current_setting('{days.SETTING}')")
        ground = Ground(
            area=area_code,
            roads=None,
            roads_version=streets,
            closures=closure.in_force(tx, area_code),
            barriers={},
            barriers_version=stamp,
            version=now,
            at=at or moment,
        )
    else:
        ground = known
    asked = {
        (coverage_networks.name(profile), kinds): (profile, kinds)
        for standard in standards
        for profile in travellers(standard).values()
        for kinds in (barriers(standard),)
    }
    bare, unlaid = False, set()
    for key, (profile, kinds) in asked.items():
        if key in ground.whole or _kept(ground, profile, kinds):
            continue
        if kinds:
            unlaid.add(kinds)
            if _kept(ground, profile, ()):
                continue
        bare = True
    if bare and ground.roads is None:
        ground = replace(ground, roads=street.roads(tx, area_code))
    if ground.roads is not None and ground.roads.empty:
        raise conflict("there are no streets yet: run `gridmap import roads FILE` first")
    lines = {kinds: street.barriers(tx, area_code, kinds) for kinds in unlaid}
    return replace(ground, barriers={**ground.barriers, **lines}) if lines else ground


def _kept(ground: Ground, profile: Profile, kinds: Barriers) -> bool:
    """Take a network from disk; False where it is not there."""
    barred = coverage_networks.Barred(kinds, ground.barriers_version) if kinds else None
    found = coverage_networks.kept(ground.roads_version, profile, barred)
    if found is not None:
        ground.keep((coverage_networks.name(profile), kinds), found)
    return found is not None
