"""Where households meet the streets, kept on disk: only who has moved is looked for again."""

from dataclasses import dataclass

import structlog

from geodata import homes_files
from geodata.homes import Homes
from geodata.network import Network
from geodata.snapping import Places
from gridmap.services.network_folder import FOLDER

log = structlog.get_logger("coverage")

FEW = 20_000  # households; fewer are found sooner than what is kept of them is checked
_STALE = 0.01  # of them looked for anew: what is kept is written again


@dataclass(frozen=True)
class Place:
    """What is kept, and where.

    Attributes
    ----------
    roads
        Version of the streets: what is kept goes when they do.
    asked
        Whose households they are.
    max_metres
        Farther from every street a household does not meet any.
    """

    roads: str
    asked: str
    max_metres: float


def found(homes: Homes, network: Network, place: Place) -> Places:
    """Find where households meet the streets, as `Network.places` does."""
    base = FOLDER.get()
    if base is None or len(homes) < FEW:
        return network.places(homes.spots, place.max_metres)
    version = f"{network.snapping} {place.max_metres} {homes.spots.crs.to_string()}"
    folder = base / place.roads / "places" / f"{place.asked}-{network.snapping[:16]}"
    try:
        known = homes_files.load(folder, version, homes.spots.crs)
    except homes_files.Damaged as why:
        if folder.exists():
            log.warning("coverage.places_damaged", folder=str(folder), why=str(why))
        places, fresh, stale = network.places(homes.spots, place.max_metres), len(homes), True
    else:
        places, fresh = known.completed(network, homes.spots, place.max_metres)
        stale = max(fresh, len(known.places) - len(homes)) > _STALE * len(homes)
    if stale:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            homes_files.save(homes.spots, places, folder, version)
        except OSError as why:
            # a full disk costs time, not the answer
            log.warning("coverage.places_not_kept", folder=str(folder), why=str(why))
    return places
