"""Streets as arrays on disk: built once for a version, mapped by every worker of a machine."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import structlog

from geodata import network_files
from geodata.network import Network
from geodata.street_profiles import Profile, profile_of
from gridmap.services.network_folder import FOLDER

log = structlog.get_logger("coverage")

_KEPT_VERSIONS = 2  # the one in use, and one that a run under way may still be opening


def kept(roads: str, profile: Profile) -> Network | None:
    """Map the network of a profile if this version of the streets is on disk and whole.

    Parameters
    ----------
    roads
        Version of the streets, with all that tells one county's from another's.
    """
    folder = _folder(roads, profile)
    if folder is None:
        return None
    try:
        return network_files.load(folder, _version(roads, profile))
    except network_files.Damaged as why:
        if folder.exists():
            # half written, altered or of another format: never trusted, built anew
            log.warning("coverage.network_damaged", folder=str(folder), why=str(why))
        return None


def build(roads_frame: gpd.GeoDataFrame, roads: str, profile: Profile) -> Network:
    """Build the network of a profile, and keep it for the runs to come."""
    made = Network.from_roads(roads_frame, profile)
    folder = _folder(roads, profile)
    if folder is None:
        return made
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        network_files.save(made, folder, _version(roads, profile))
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


def _folder(roads: str, profile: Profile) -> Path | None:
    base = FOLDER.get()
    if base is None:
        return None
    return base / roads / name(profile)


def _version(roads: str, profile: Profile) -> str:
    return f"{roads} {name(profile)}"


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
