"""Where households meet the streets, kept in a folder: found again only for who has moved.

What is known of a household holds as long as its label and its place are what they were, and the
streets are the same: the snapper's digest tells these from all others.
"""

from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import CRS

from geodata.array_folders import Damaged, load_folder, save_folder
from geodata.network import Network
from geodata.points import Spots
from geodata.snapping import Places
from geodata.street_graph import Bools, Ints

__all__ = ["Damaged", "Known", "load", "save"]

KIND = "places"
_ARRAYS = ("piece", "fraction", "metres", "at_start", "at_end")


@dataclass(frozen=True)
class Known:
    """Places that were found before, by rising labels.

    Attributes
    ----------
    spots
        As they were asked for.
    places
        What was found.
    """

    spots: Spots
    places: Places

    def completed(self, network: Network, spots: Spots, max_metres: float) -> tuple[Places, int]:
        """Return where these meet the streets, and how many had to be looked for."""
        if self.spots.index.equals(spots.index) and np.array_equal(self.spots.xy, spots.xy):
            return replace(self.places, index=spots.index), 0
        at = self.spots.index.get_indexer(spots.index)
        same = at >= 0
        same[same] = (self.spots.xy[at[same]] == spots.xy[same]).all(axis=1)
        fresh = np.flatnonzero(~same)
        asked = Spots(spots.index[fresh], spots.xy[fresh], spots.crs)
        found = network.places(asked, max_metres)
        return _joined(spots.index, self.places.taken(at[same]), found, same), len(fresh)


def _joined(index: pd.Index, old: Places, new: Places, same: Bools) -> Places:
    """Put places in the order of their rows: those that are the same, and the others."""
    rows: Ints = np.argsort(np.argsort(~same, kind="stable"), kind="stable")
    both = {
        name: np.concatenate([getattr(old, name), getattr(new, name)])[rows]
        for name in ("xy", *_ARRAYS)
    }
    return Places(index, **both, leg_kmh=new.leg_kmh)


def save(spots: Spots, places: Places, folder: Path, version: str) -> None:
    """Write places that were found as a folder, whole or not at all.

    Parameters
    ----------
    spots
        Of whole-numbered, rising labels.
    version
        Whatever tells these from what may stand there already.
    """
    arrays = {name: getattr(places, name) for name in _ARRAYS}
    arrays |= {"labels": spots.index.to_numpy(dtype=np.int64), "xy": spots.xy, "at": places.xy}
    if places.xy is spots.xy:
        del arrays["at"]
    said = blake2b(arrays["labels"].tobytes(), digest_size=16)
    said.update(np.ascontiguousarray(spots.xy).data)
    facts = {"of": version, "leg_kmh": places.leg_kmh}
    # other households make another version, or what stands there would be kept
    save_folder(folder, KIND, f"{version} {said.hexdigest()}", arrays, facts)


def load(folder: Path, version: str, crs: CRS) -> Known:
    """Map places that were saved with this version, asked for in this CRS.

    Raises
    ------
    Damaged
        If the folder is not there, not whole, not as it was written or of another version.
    """
    kept = load_folder(folder, KIND)
    if kept.facts["of"] != version:
        raise Damaged(f"{folder}: of {kept.facts['of']!r}, not {version!r}")
    index = pd.Index(kept.arrays["labels"])
    xy = kept.arrays["xy"]
    found = {name: kept.arrays[name] for name in _ARRAYS}
    places = Places(index, kept.arrays.get("at", xy), **found, leg_kmh=kept.facts["leg_kmh"])
    return Known(Spots(index, xy, crs), places)
