"""Who is reached at every hour, at some, or at none: one coverage at several speeds."""

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.closest import least
from geodata.closures import Areas
from geodata.coverage import Standard, cover
from geodata.coverage_reading import opened, placed
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Bools

BANDS = ("always", "sometimes", "never")
"""In all bands, in some but not all, in none."""


def cover_bands(
    networks: Mapping[str, Network],
    households: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    barriers: Areas | None = None,
    homes: Places | None = None,
) -> pd.DataFrame:
    """Tell for every household in which speed bands it is covered.

    Parameters
    ----------
    networks
        The same streets by band, the one that counts first; made with
        ``Network.from_roads(roads, profile_of(key).slowed(speeds))``, each with what is closed.
    households, facilities, standard, barriers
        As in `coverage.cover`.
    homes
        What the first network's `places` returned for the households, where it is known.

    Returns
    -------
    frame
        What `cover` says in the first band, and `band` (`always`, `sometimes` or `never`
        covered) and `in_<key>` (bool) for every band. With a capacity the rooms are given out
        anew in every band: a household may lose its place to another in one.

    Raises
    ------
    GeodataError
        If there is no band, and as `cover` does.
    """
    if not networks:
        raise GeodataError("there is no speed band")
    for network in networks.values():
        if network.profile.key != standard.profile:
            raise GeodataError(
                f"standard {standard.key!r} is for {standard.profile!r}, "
                f"a band for {network.profile.key!r}"
            )
    barred = {key: network.barred(barriers) for key, network in networks.items()}
    (_, counts), *others = barred.items()
    homes = placed(counts, households, standard.max_metres, homes)
    frame = cover(counts, households, facilities, standard, homes=homes)
    inside = [frame["covered"].to_numpy(dtype=bool)]
    for _, network in others:
        here = (
            replace(homes, leg_kmh=network.profile.leg_kmh)
            if network.snaps_like(counts)
            else placed(network, households, standard.max_metres, None)
        )
        inside.append(_covered(network, households, facilities, standard, here))
    table = np.column_stack(inside)
    rank = np.where(table.all(axis=1), 0, np.where(table.any(axis=1), 1, 2))
    frame["band"] = pd.array(BANDS, dtype="string").take(rank)
    for key, column in zip(networks, table.T, strict=True):
        frame[f"in_{key}"] = column
    return frame


def _covered(
    network: Network,
    households: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    homes: Places,
) -> Bools:
    if standard.capacity:
        frame = cover(network, households, facilities, standard, homes=homes)
        return np.asarray(frame["covered"], dtype=bool)
    sites = network.places(facilities, standard.max_metres)
    chosen = sites.taken(np.flatnonzero(opened(facilities)))
    towards = standard.direction == "to_facility"
    found: Bools = least(network, homes, chosen, towards, standard.by) <= standard.limit
    return found
