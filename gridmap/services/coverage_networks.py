"""Streets as arrays on disk: built once for a version, mapped by every worker of a machine."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import structlog

from geodata import network_files
from geodata.closures import Areas
from geodata.network import Network
from geodata.street_profiles import Profile, profile_of
from gridmap.services import coverage_hot
from gridmap.services.network_folder import FOLDER

log = structlog.get_logger("coverage")

_KEPT_VERSIONS = 2  # the one in use, and one that a run under way may still be opening


@dataclass(frozen=True)
class Barred:
    """Barriers laid over streets: which kinds, and the version of what they are made of."""

    kinds: tuple[str, ...]
    stamp: str


def kept(roads: str, profile: Profile, barred: Barred | None = None) -> Network | None:
    """Map the network of a profile if this version of the streets is on disk and whole.

    Parameters
    ----------
    roads
        Version of the streets, with all that tells one county's from another's.
    barred
        The barriers it has; None: it is the one without any.
    """
    folder = _folder(roads, profile, barred)
    if folder is None:
        return None
    named = _version(roads, profile, barred)
    place = ("network", folder.parent.parent, roads.partition("-")[0], folder.name)
    return coverage_hot.held(place, named, lambda: _loaded(folder, named))


def _loaded(folder: Path, named: str) -> Network | None:
    try:
        return network_files.load(folder, named)
    except network_files.Damaged as why:
        if folder.exists():
            # half written, altered, of another format or of other barriers: built anew
            log.warning("coverage.network_damaged", folder=str(folder), why=str(why))
        return None


def build(roads_frame: gpd.GeoDataFrame, roads: str, profile: Profile) -> Network:
    """Build the network of a profile, and keep it for the runs to come."""
    return _put(Network.from_roads(roads_frame, profile), roads, profile, None)


def bar(network: Network, lines: Areas, roads: str, barred: Barred) -> Network:
    """Lay barriers over a network, and keep what comes of it for the runs to come."""
    return _put(network.barred(lines), roads, network.profile, barred)


def _put(made: Network, roads: str, profile: Profile, barred: Barred | None) -> Network:
    folder = _folder(roads, profile, barred)
    if folder is None:
        return made
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        network_files.save(made, folder, _version(roads, profile, barred))
        _tidy(folder.parent)
    except OSError as why:
        # a full disk costs time, not the answer
        log.warning("coverage.network_not_kept", folder=str(folder), why=str(why))
    return made


def traveller(profile: str, speeds: Mapping[str, float]) -> Profile:
    """Give a profile, as fast as streets are at some time."""
    found = profile_of(profile)
    return found if set(speeds.values()) <= {1.0} else found.slowed(speeds)


def name(profile: Profile) -> str:
    """Give a short name that no other profile and no other speeds have."""
    said = json.dumps({name: _said(value) for name, value in sorted(vars(profile).items())})
    return f"{profile.key}-{hashlib.blake2b(said.encode(), digest_size=8).hexdigest()}"


def _folder(roads: str, profile: Profile, barred: Barred | None) -> Path | None:
    base = FOLDER.get()
    if base is None:
        return None
    # one for all versions of the barriers: a newer one takes its place
    return base / roads / "-".join([name(profile), *(barred.kinds if barred else ())])


def _version(roads: str, profile: Profile, barred: Barred | None) -> str:
    said = f"{roads} {name(profile)}"
    return f"{said} {'-'.join(barred.kinds)} {barred.stamp}" if barred else said


def _said(value: object) -> object:
    if isinstance(value, Mapping):
        return sorted(value.items())
    return sorted(value) if isinstance(value, frozenset) else value


def _tidy(current: Path) -> None:
    """Let go of old versions of the streets; whoever has mapped one keeps its arrays."""
    county = current.name.partition("-")[0]
    versions = [one for one in current.parent.glob(f"{county}-*") if one.is_dir()]
    versions.sort(key=lambda one: one.stat().st_mtime, reverse=True)
    for old in versions[_KEPT_VERSIONS:]:
        if old != current:
            shutil.rmtree(old, ignore_errors=True)
