"""How long a plan takes: people by time, streets that bind, by day, at night and in rain."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import clearance, clearance_scenarios, evacuation, evacuation_flow
from geodata.network import Network
from gridmap.model.plan_options import PlanOptions
from gridmap.services.plan_engine import engine
from gridmap.services.plan_inputs import Inputs
from gridmap.services.plan_staging import Leaving, staged

_LINKS = 12  # streets shown, those with the most waiting first
_RUNS = 21


@dataclass(frozen=True)
class Flow:
    """How a plan leaves.

    Attributes
    ----------
    part
        What is kept with it, in numbers a document can hold; empty where nobody leaves.
    wave, departures
        Of each household that is served: its wave, and when it is called, in seconds after the
        order.
    staging
        What waves that the streets can take would do, see `plan_staging`; empty where none were
        looked for.
    """

    part: dict[str, Any]
    wave: "pd.Series[int]"
    departures: "pd.Series[float]"
    staging: Mapping[str, Any]


def clearing(
    inputs: Inputs,
    network: Network,
    made: evacuation.Draft,
    options: PlanOptions,
    leaving: Leaving,
) -> Flow:
    """Estimate how long a draft takes, and call people in waves where that is worth it."""
    served = made.assignments[["shelter", "wave"]]
    if served.empty:
        return Flow({}, served["wave"], pd.Series(dtype=float), {})
    given = (
        network,
        inputs.households,
        inputs.shelters,
        inputs.shape,
        served["shelter"],
        inputs.blocked,
        engine(options),
        inputs.water,
    )
    pace = clearance.Options(wave_interval_seconds=(options.wave_minutes or 0) * 60.0)
    people = inputs.households["people"].loc[served.index]
    ways = evacuation_flow.followed_to(*given)
    found = clearance.estimate(network, ways, people, served["wave"], runs=_RUNS, options=pace)
    at_once = found if not pace.wave_interval_seconds else None
    waves = staged(network, ways, people, leaving, options, pace, at_once, _RUNS)
    if waves is not None and waves.chosen:
        found = waves.clearance
        served = served.assign(wave=waves.wave, departure=waves.departures)
    elif not leaving.told.eq(found.departures.reindex(leaving.told.index)).all():
        departures = found.departures.copy()
        departures.loc[leaving.told.index] = leaving.told
        wave = departures.rank(method="dense").astype("int64").rename("wave")
        served = served.assign(wave=wave, departure=departures)
        found = clearance.estimate(
            network, ways, people, wave, runs=_RUNS, options=pace, departures=departures
        )
    scenarios = clearance_scenarios.table(
        *given[:4],
        served,
        *given[5:],
        setting=clearance_scenarios.Setting(runs=_RUNS, clearance=pace),
    )
    part = {
        "runs": _RUNS,
        "preparation": [pace.preparation_median_seconds, pace.preparation_p90_seconds],
        "percentiles": _percentiles(found.percentiles),
        "mean_wait_seconds": _number(found.mean_wait_seconds),
        "waves": _waves(served["wave"], people, found.departures),
        "links": _links(found.links),
        "scenarios": [_scenario(row) for row in scenarios.to_dict("records")],
    }
    return Flow(part, served["wave"], found.departures, {} if waves is None else waves.part)


def _scenario(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {
        "scenario": row["scenario"],
        "share": float(row["share"]),
        "median": _number(row["median_seconds"]),
        "low": _number(row["low_seconds"]),
        "high": _number(row["high_seconds"]),
        "people": int(row["people"]),
        "without_way": int(row["without_way"]),
        "name": _text(row["name"]),
    }


def _percentiles(found: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "share": float(share),
            "median": _number(row["median_seconds"]),
            "low": _number(row["low_seconds"]),
            "high": _number(row["high_seconds"]),
        }
        for share, row in zip(found.index, found.to_dict("records"), strict=True)
    ]


def _waves(
    wave: "pd.Series[int]", people: "pd.Series[int]", departures: "pd.Series[float]"
) -> list[dict[str, Any]]:
    table = pd.DataFrame({"wave": wave, "people": people, "departs": departures})
    return [
        {
            "wave": int(str(number)),
            "households": len(rows),
            "people": int(rows["people"].sum()),
            "departs": _number(rows["departs"].min()),
        }
        for number, rows in table.groupby("wave")
    ]


def _links(found: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    shown = found[found["queue_seconds"].gt(0)].head(_LINKS)
    if shown.empty:
        return []
    lines = shown.to_crs("EPSG:4326").geometry
    return [
        {
            "name": _text(row["name"]),
            "highway": _text(row["highway"]),
            "people": int(row["people"]),
            "per_hour": _number(row["per_hour"]),
            "queue_seconds": _number(row["queue_seconds"]),
            "geometry": shapely.geometry.mapping(shapely.set_precision(line, 1e-6)),
        }
        for row, line in zip(shown.drop(columns="geometry").to_dict("records"), lines, strict=True)
    ]


def _number(value: Any) -> float | None:
    """Give a number that a document can hold: what never ends is left open."""
    return None if pd.isna(value) or not np.isfinite(value) else round(float(value), 1)


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
