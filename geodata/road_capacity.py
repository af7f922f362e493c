"""How many people an hour a street lets pass, on foot or by vehicle, and where each figure is from.

A capacity bounds what a street carries; it does not say how fast one moves on it. A county that
has counted or measured its own roads passes other `Rates`, or what it knows of single roads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import Fault, GeodataError
from geodata.network import Network
from geodata.street_profiles import numbers

Floats = NDArray[np.float64]

_CJJ = "CJJ 37: a footway band of 0.75 m passes 1,800 people an hour"
_KHCM = (
    "KHCM 2013 table 14-1: stairs pass 52 people a metre and minute, level ways 75 (HCM 2000): "
    "two thirds, rounded"
)
_LANES = "road_analytics (P. Camargo), model parameters: road capacities by OSM class"
_SUSTAINED = (
    "TRB 2011, paper 11-4115 (TRID 1093433): 600 vehicles an hour and lane were sustained in the "
    "evacuations before hurricanes Ivan, Katrina and Gustav"
)
_OURS = "assumption of this project: to be measured"

WALK_WIDTH_M: Mapping[str, float] = MappingProxyType(
    {
        "trunk": 4.0,
        "trunk_link": 3.0,
        "primary": 4.0,
        "primary_link": 3.0,
        "secondary": 4.0,
        "secondary_link": 3.0,
        "tertiary": 3.0,
        "tertiary_link": 3.0,
        "unclassified": 3.0,
        "residential": 3.0,
        "living_street": 3.0,
        "pedestrian": 4.0,
        "service": 2.0,
        "track": 1.5,
        "footway": 1.5,
        "cycleway": 1.5,
        "steps": 1.5,
        "path": 1.0,
    }
)
"""Metres of width that people on foot have in one direction where no width is known: an
assumption, with vehicles and what comes the other way left their room."""

LANE_VEHICLES: Mapping[str, float] = MappingProxyType(
    {
        "motorway": 1400.0,
        "motorway_link": 700.0,
        "trunk": 900.0,
        "trunk_link": 700.0,
        "primary": 700.0,
        "primary_link": 400.0,
        "secondary": 400.0,
        "secondary_link": 400.0,
        "tertiary": 500.0,
        "tertiary_link": 400.0,
        "unclassified": 600.0,
        "residential": 400.0,
        "living_street": 400.0,
        "service": 400.0,
        "track": 100.0,
    }
)
"""Vehicles an hour on one lane, crossings and traffic lights included."""

LANES: Mapping[str, float] = MappingProxyType(
    {"motorway": 2.0, "trunk": 2.0, "primary": 2.0, "secondary": 1.0}
)
"""Lanes in one direction where their number is not known; one on all others: an assumption."""

_CITED_LANES = frozenset(
    {
        "motorway",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "living_street",
        "service",
    }
)


@dataclass(frozen=True)
class Rates:
    """What streets let pass.

    Attributes
    ----------
    walkers_per_metre
        People on foot an hour on each metre of width.
    stairs_per_metre
        Likewise on steps.
    widths
        Metres of width for people on foot by `highway`; `other_width` of all others.
    vehicles
        Vehicles an hour on a lane by `highway`; `other_vehicles` of all others, and never more
        than `most_vehicles`: what a lane sustains while all leave.
    lanes
        Lanes in one direction by `highway`, 1 where not named.
    occupancy
        People in a vehicle.
    """

    walkers_per_metre: float = 2400.0
    stairs_per_metre: float = 1600.0
    widths: Mapping[str, float] = field(default_factory=lambda: WALK_WIDTH_M)
    other_width: float = 1.0
    vehicles: Mapping[str, float] = field(default_factory=lambda: LANE_VEHICLES)
    other_vehicles: float = 400.0
    most_vehicles: float = 600.0
    lanes: Mapping[str, float] = field(default_factory=lambda: LANES)
    occupancy: float = 3.0

    def __post_init__(self) -> None:
        """Refuse figures that let nobody pass or everybody."""
        raise_if_odd(
            {
                "walkers_per_metre": self.walkers_per_metre,
                "stairs_per_metre": self.stairs_per_metre,
                "other_width": self.other_width,
                "other_vehicles": self.other_vehicles,
                "most_vehicles": self.most_vehicles,
                "occupancy": self.occupancy,
                **{f"widths.{name}": value for name, value in self.widths.items()},
                **{f"vehicles.{name}": value for name, value in self.vehicles.items()},
                **{f"lanes.{name}": value for name, value in self.lanes.items()},
            }
        )


def raise_if_odd(figures: Mapping[str, float]) -> None:
    """Raise the faults of figures that are no finite numbers above 0."""
    faults = [
        Fault(f"{value!r} is not a number above 0", None, name)
        for name, value in figures.items()
        if not (isinstance(value, int | float) and 0 < value < np.inf)
    ]
    if faults:
        raise GeodataError(faults)


RATES = Rates()
"""The figures used where a deployment gives no others; `sources` says where they come from."""

_COLUMNS = ("width_m", "lanes", "per_hour")


def capacity(
    network: Network, rates: Rates = RATES, roads: pd.DataFrame | None = None
) -> "pd.Series[float]":
    """Say how many people an hour each edge lets pass in its direction.

    Parameters
    ----------
    network
        On foot or by vehicle: its profile decides which figures hold.
    rates
        The figures.
    roads
        What is known of single roads, on labels of `network.roads`: `width_m` (of the way people
        walk on), `lanes` (in one direction), `per_hour` (people counted or measured, which
        stands before all others); missing values are unknown.

    Returns
    -------
    Series
        `per_hour`, above 0, on all edge labels, closed ones too.

    Raises
    ------
    GeodataError
        Names rows of `roads` that cannot be used.
    """
    known = _known(network, roads)
    highway = network.roads["highway"]
    if network.profile.on_foot:
        width = _by_class(highway, rates.widths, rates.other_width)
        width = np.where(np.isnan(known["width_m"]), width, known["width_m"])
        steps = (highway == "steps").to_numpy(dtype=bool)
        each = width * np.where(steps, rates.stairs_per_metre, rates.walkers_per_metre)
    else:
        lanes = _by_class(highway, rates.lanes, 1.0)
        lanes = np.where(np.isnan(known["lanes"]), lanes, known["lanes"])
        vehicles = _by_class(highway, rates.vehicles, rates.other_vehicles)
        each = lanes * np.minimum(vehicles, rates.most_vehicles) * rates.occupancy
    each = np.where(np.isnan(known["per_hour"]), each, known["per_hour"])
    piece, _ = network.pieces.of_edges
    return pd.Series(
        each[network.pieces.road[piece]], index=pd.RangeIndex(len(piece)), name="per_hour"
    )


def sources(rates: Rates = RATES) -> pd.DataFrame:
    """List every figure with its unit and where it is from.

    Returns
    -------
    frame
        `figure`, `value`, `unit`, `source`, `assumed` (nothing but an assumption stands behind
        it). A figure that is not the usual one is a deployment's own.
    """
    rows = [
        ("walkers_per_metre", rates.walkers_per_metre, "people/h/m", _CJJ, False),
        ("stairs_per_metre", rates.stairs_per_metre, "people/h/m", _KHCM, False),
        ("most_vehicles", rates.most_vehicles, "vehicles/h/lane", _SUSTAINED, False),
        ("occupancy", rates.occupancy, "people/vehicle", _OURS, True),
        ("other_width", rates.other_width, "m", _OURS, True),
        ("other_vehicles", rates.other_vehicles, "vehicles/h/lane", _OURS, True),
    ]
    rows += [(f"widths.{name}", value, "m", _OURS, True) for name, value in rates.widths.items()]
    for name, value in rates.vehicles.items():
        cited = name in _CITED_LANES
        source = _LANES if cited else _OURS
        rows.append((f"vehicles.{name}", value, "vehicles/h/lane", source, not cited))
    rows += [(f"lanes.{name}", value, "lanes", _OURS, True) for name, value in rates.lanes.items()]
    own = np.zeros(len(rows), dtype=bool)
    if rates != RATES:
        usual = sources().set_index("figure")["value"]
        own = np.array([usual.get(name) != value for name, value, *_ in rows])
    frame = pd.DataFrame(rows, columns=["figure", "value", "unit", "source", "assumed"])
    frame.loc[own, "source"] = "given by this deployment"
    frame.loc[own, "assumed"] = False
    return frame


def _by_class(highway: pd.Series, table: Mapping[str, float], other: float) -> Floats:
    found = highway.map(dict(table)).to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(found), other, found)


def _known(network: Network, roads: pd.DataFrame | None) -> dict[str, Floats]:
    """Read what is known of single roads, NaN elsewhere."""
    count = len(network.roads)
    known = {column: np.full(count, np.nan) for column in _COLUMNS}
    if roads is None:
        return known
    at = network.roads.index.get_indexer(roads.index)
    faults = [Fault("no such road", label) for label in roads.index[at < 0]]
    repeated = roads.index[roads.index.duplicated()].unique()
    faults += [Fault("the label repeats", label) for label in repeated]
    for column in _COLUMNS:
        values = numbers(roads, column, faults)
        odd = ~np.isnan(values) & ~((values > 0) & np.isfinite(values))
        faults += [Fault("not a number above 0", row, column) for row in roads.index[odd]]
        known[column][at[at >= 0]] = values[at >= 0]
    if faults:
        raise GeodataError(faults)
    return known
