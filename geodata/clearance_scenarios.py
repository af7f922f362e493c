"""The same plan by day, at night, in rain, and with the road lost that carries most."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import evacuation_flow
from geodata.clearance import Clearance, Options, described, estimate
from geodata.evacuation_flow import Followed
from geodata.evacuation_inputs import Areas
from geodata.evacuation_options import Options as DraftOptions
from geodata.network import Network

ROAD_LOST = "road_lost"
"""The scenario in which the road that carries most is lost."""


@dataclass(frozen=True)
class Scenario:
    """What is not as usual.

    Attributes
    ----------
    speed, rate
        Shares of the speed, and of what streets let pass.
    preparation
        How many times as long people need to set off.
    """

    speed: float = 1.0
    rate: float = 1.0
    preparation: float = 1.0


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "day": Scenario(),
        "night": Scenario(speed=0.8, preparation=1.5),
        "rain": Scenario(speed=0.9, rate=0.9),
        ROAD_LOST: Scenario(),
    }
)
"""The scenarios compared. The shares are assumptions of this project: those for rain are of the
size used in evacuation time estimates for power plants, those for the night have no source."""


@dataclass(frozen=True)
class Setting:
    """How the scenarios are estimated.

    Attributes
    ----------
    scenarios
        By name; the one named `road_lost` loses a road.
    capacity
        People an hour on edge labels; `road_capacity.capacity` if None.
    runs, seed
        See `clearance.estimate`.
    clearance
        How people set off and travel as usual.
    """

    scenarios: Mapping[str, Scenario] = field(default_factory=lambda: SCENARIOS)
    capacity: "pd.Series[float] | None" = None
    runs: int = 21
    seed: int = 0
    clearance: Options = Options()


def table(
    network: Network,
    households: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    hazard: Areas,
    assignments: pd.DataFrame,
    blocked: Areas | None = None,
    options: DraftOptions = DraftOptions(),  # noqa: B008  frozen, so it may be shared
    water: Areas | None = None,
    setting: Setting = Setting(),  # noqa: B008
) -> pd.DataFrame:
    """Estimate the clearance of a draft in several scenarios.

    Parameters
    ----------
    network, households, shelters, hazard, blocked, options, water
        What the draft was made from.
    assignments
        `shelter` and `wave` of each household, as in `evacuation.Draft`; `departure` (seconds
        after the first call) where it is not that of the wave.
    setting
        Scenarios and figures.

    Returns
    -------
    frame
        One row per scenario and share: `scenario`, `share`, `median_seconds`, `low_seconds`,
        `high_seconds`, `people` (who arrive), `without_way` (people whose shelter cannot be
        reached any more: they wait for another plan), and of the road that is lost, else <NA>:
        `edge`, `road`, `name`, `highway`. The road lost is the edge at which people wait most by
        day, else the one that most people need; both directions of it are lost, and people go
        to the same shelters by other ways.
    """
    people = households["people"].loc[assignments.index]
    given = network, households, shelters, hazard, assignments["shelter"], blocked, options, water
    ways = evacuation_flow.followed_to(*given)
    lost = -1
    if ROAD_LOST in setting.scenarios:
        lost = _carries_most(network, ways, people, assignments, setting)
    rows = []
    for name, scenario in setting.scenarios.items():
        there = ways
        road = -1
        if name == ROAD_LOST and lost >= 0:
            road = lost
            there = evacuation_flow.followed_to(without(network, lost), *given[1:])
        found = _estimated(network, there, people, assignments, setting, scenario)
        rows.append(_rows(network, name, found, there, people, road))
    return pd.concat(rows, ignore_index=True)


def without(network: Network, edge: int) -> Network:
    """Close both directions of an edge."""
    pieces = network.pieces
    opened = network.opened.copy()
    piece = pieces.of_edges[0][edge]
    for label in (pieces.forward[piece], pieces.backward[piece]):
        if label >= 0:
            opened[label] = False
    return network.reopened(opened)


def _estimated(
    network: Network,
    ways: Followed,
    people: "pd.Series[int]",
    assignments: pd.DataFrame,
    setting: Setting,
    scenario: Scenario,
    runs: int | None = None,
) -> Clearance:
    usual = setting.clearance
    options = replace(
        usual,
        speed=usual.speed * scenario.speed,
        rate=usual.rate * scenario.rate,
        preparation_median_seconds=usual.preparation_median_seconds * scenario.preparation,
        preparation_p90_seconds=usual.preparation_p90_seconds * scenario.preparation,
    )
    return estimate(
        network,
        ways,
        people,
        assignments["wave"],
        setting.capacity,
        setting.seed,
        runs or setting.runs,
        options,
        departures=assignments.get("departure"),
    )


def _carries_most(
    network: Network,
    ways: Followed,
    people: "pd.Series[int]",
    assignments: pd.DataFrame,
    setting: Setting,
) -> int:
    """Return the edge at which most is waited, else the one most people need; -1 if none."""
    found = _estimated(network, ways, people, assignments, setting, Scenario(), 1)
    if len(found.links):
        return int(found.links["edge"].iloc[0])
    owner = np.repeat(np.arange(len(ways)), np.diff(ways.offsets))
    need = np.bincount(ways.edge, weights=people.to_numpy(dtype=float)[owner])
    return int(np.argmax(need)) if need.any() else -1


def _rows(
    network: Network,
    name: str,
    found: Clearance,
    ways: Followed,
    people: "pd.Series[int]",
    road: int,
) -> pd.DataFrame:
    there = np.isfinite(ways.seconds)
    count = people.to_numpy(dtype=np.int64)
    rows = found.percentiles.reset_index()
    rows.insert(0, "scenario", name)
    rows["people"], rows["without_way"] = int(count[there].sum()), int(count[~there].sum())
    lost = described(network, np.array([road] if road >= 0 else [], dtype=np.intp))
    for column in ("edge", "road", "name", "highway"):
        value = lost[column].iloc[0] if len(lost) else pd.NA
        rows[column] = pd.Series([value] * len(rows), dtype=object)
    return rows
