"""Ways to shelters already chosen, by another way of travelling than they were chosen for."""

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import evacuation_case
from geodata.errors import Fault, GeodataError
from geodata.evacuation_inputs import Areas
from geodata.evacuation_options import Options
from geodata.evacuation_routes import Drawer
from geodata.network import Network


def ways_to(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    shelter: "pd.Series[int]",
    blocked: Areas | None = None,
    options: Options = Options(),  # noqa: B008  frozen, so it may be shared
    water: Areas | None = None,
) -> gpd.GeoDataFrame:
    """Find the ways of households to the shelters they have been assigned.

    The rules are those of `evacuation.draft`: what is blocked is closed, and a way that has left
    the hazard never enters it again.

    Parameters
    ----------
    network
        The streets, for the way these people travel (a vehicle for those who cannot walk).
    households, shelters, hazard, blocked, options, water
        As for `evacuation.draft`.
    shelter
        Label of a shelter for each household, on labels of affected households.

    Returns
    -------
    GeoDataFrame
        On the index of `shelter`: `seconds`, `metres` (inf where there is no way), `geometry`
        (LineString, None where there is no way), in the CRS of the households.

    Raises
    ------
    GeodataError
        Names households that are not affected and shelters that do not exist.
    """
    case = evacuation_case.read(network, households, shelters, hazard, blocked, options, water)
    rows = case.households.index.get_indexer(shelter.index)
    columns = shelters.index.get_indexer(pd.Index(shelter))
    faults = [Fault("not an affected household", row) for row in shelter.index[rows < 0]]
    faults += [
        Fault(f"no such shelter: {shelter.loc[row]}", row, "shelter")
        for row in shelter.index[columns < 0]
    ]
    if faults:
        raise GeodataError(faults)
    seconds, metres = case.ways.seconds[rows, columns], case.ways.metres[rows, columns]
    found = np.flatnonzero(np.isfinite(seconds))
    lines = np.full(len(shelter), None, dtype=object)
    drawer = Drawer(case.escape, case.ways, households.crs)
    lines[found] = drawer.lines(rows[found], columns[found])
    return gpd.GeoDataFrame(
        {"seconds": seconds, "metres": metres},
        index=shelter.index,
        geometry=gpd.GeoSeries(lines, index=shelter.index, crs=households.crs),
    )
