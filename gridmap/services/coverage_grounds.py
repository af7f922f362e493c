"""Ground served by each facility, beside the rule of its standard: square kilometres by level."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import structlog
from shapely.geometry.base import BaseGeometry

from geodata.errors import GeodataError
from geodata.network import Network
from geodata.service_ground import SPACING, Grounds, grounds
from gridmap.services.coverage_answers import definition
from gridmap.services.coverage_inputs import Inputs, network
from gridmap.services.coverage_saving import Answer
from gridmap.store import coverage as rows
from gridmap.store import coverage_ground, coverage_words
from gridmap.store.database import Row, Transaction

log = structlog.get_logger("coverage")

_COUNTY = 6  # digits
# Squares of the lattice: more cost seconds. In a wide county they are larger than a hundred
# metres, and the margins say so.
_SQUARES = 10_000
_MOST_ROWS = 100  # the worst come first


def outline(tx: Transaction, standard: Row, area_code: str) -> BaseGeometry | None:
    """Give the outline of a county whose standard limits ground; None where nothing is measured.

    At the edge of a township the ground of a facility does not end: of less than a county
    nothing is measured.
    """
    if not standard["area_rule"] or len(area_code) != _COUNTY:
        return None
    found: BaseGeometry | None = coverage_ground.outline(tx, area_code)
    return found


def totals(inputs: Inputs, county: BaseGeometry | None) -> dict[str, Any]:
    """Measure the ground of every facility that is open.

    Parameters
    ----------
    county
        As `outline` gives it.

    Returns
    -------
    dict
        `grounds`: a list of `facility, name, level, km2, margin_km2, most_km2, over`, those
        farthest beyond their rule first (at most 100; `grounds_left` counts the others); what the
        rule says nothing of has None as its last two. Nothing where nothing is measured.
    """
    found = measure(inputs, inputs.facilities, county)
    if found is None:
        return {}
    open_ones = inputs.facilities[inputs.facilities["open"].to_numpy(dtype=bool)]
    said = [
        _row(label, facility, found.facilities.loc[label], inputs.standard["area_rule"])
        for label, facility in open_ones.iterrows()
    ]
    said.sort(key=_worst_first)
    told: dict[str, Any] = {"grounds": said[:_MOST_ROWS], "grounds_for": _stands(inputs)}
    if len(said) > _MOST_ROWS:
        told["grounds_left"] = len(said) - _MOST_ROWS
    return told


def measure(
    inputs: Inputs,
    facilities: gpd.GeoDataFrame,
    county: BaseGeometry | None,
    streets: Network | None = None,
) -> Grounds | None:
    """Measure the ground of facilities; None where there is none, or it cannot be measured.

    Parameters
    ----------
    facilities
        Those there are, or would be.
    county
        As `outline` gives it.
    streets
        Those of the inputs unless given.
    """
    if county is None or facilities.empty:
        return None
    shape = gpd.GeoSeries([county], crs=4326)
    square = shape.to_crs(shape.estimate_utm_crs()).area.sum() / _SQUARES
    try:
        return grounds(
            streets or network(inputs),
            shape,
            facilities,
            definition(inputs.standard),
            spacing=max(SPACING, math.sqrt(square)),
        )
    except GeodataError as why:
        log.warning("coverage.grounds_not_measured", area=inputs.ground.area, why=str(why))
        return None


def measured(answer: Answer, county: BaseGeometry | None) -> Answer:
    """Put the grounds into the totals of a whole run."""
    return replace(answer, totals={**answer.totals, **totals(answer.inputs, county)})


def carried(tx: Transaction, answer: Answer) -> Answer:
    """Put the grounds of the run before into the totals of a refresh, which has no time for it.

    `grounds_of` is the run that measured them. Nothing is carried once a facility has come, gone,
    moved, opened or closed, or a street has been built: the table would name what is not there.
    """
    inputs = answer.inputs
    if not inputs.standard["area_rule"]:
        return answer
    before = rows.latest(tx, inputs.standard["key"], inputs.ground.area)
    words = coverage_words.of(inputs.standard)
    if before is None or coverage_words.of(before["standard"]) != words:
        return answer
    held = {name: before["totals"][name] for name in _CARRIED if name in before["totals"]}
    if "grounds" not in held or held.get("grounds_for") != _stands(inputs):
        return answer
    return replace(answer, totals={**answer.totals, "grounds_of": before["id"], **held})


_CARRIED = ("grounds", "grounds_left", "grounds_of", "grounds_for")
_STREETS = ("railway", "road", "water")


def _stands(inputs: Inputs) -> str:
    """Tell who stands where on which streets; a closure passes, and is not in it."""
    facilities = inputs.facilities
    here = facilities[facilities["open"].to_numpy(dtype=bool)]
    said = [part for part in inputs.version.split() if part.rpartition(".")[0] in _STREETS] + list(
        zip(here.index.tolist(), here["level"], here.geometry.to_wkt(), strict=True)
    )
    return hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest()


def _row(
    label: Any, facility: "pd.Series[Any]", ground: "pd.Series[Any]", rule: Mapping[str, float]
) -> dict[str, Any]:
    name, level = (None if pd.isna(facility[key]) else facility[key] for key in ("name", "level"))
    most = None if level is None else rule.get(level)
    km2 = round(float(ground["km2"]), 3)
    return {
        "facility": int(label),
        "name": name,
        "level": level,
        "km2": km2,
        "margin_km2": round(float(ground["margin_km2"]), 3),
        "most_km2": most,
        "over": None if most is None else km2 > most,
    }


def _worst_first(row: Mapping[str, Any]) -> tuple[float, float, int]:
    beyond = row["km2"] / row["most_km2"] if row["most_km2"] else 0.0
    return (-beyond, -row["km2"], row["facility"])
