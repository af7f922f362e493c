"""The main way from each grid to each of its shelters, with its turns: what a sheet prints."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.line_steps import Turn, turns_of
from geodata.main_ways import main_ways

_NEAR = 0.0003  # degrees around a way in which its streets and those that meet it lie
_COLUMNS = (
    "area_code",
    "shelter_id",
    "household_id",
    "seconds",
    "metres",
    "steps",
    "geom",
)


def way_rows(
    households: gpd.GeoDataFrame,
    shelter: "pd.Series[int]",
    ways: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Choose and describe the ways on foot, one for each grid and shelter.

    Parameters
    ----------
    households
        Affected ones with `area_code` and `people`.
    shelter
        Where the served ones go, by household.
    ways
        Their lines with `seconds` and `metres`, by household.
    roads
        The streets of the county.

    Returns
    -------
    DataFrame
        As the table `plan_way` wants it.
    """
    walked = ways[shapely.length(ways.geometry.to_numpy()) > 0]
    if walked.empty:
        return pd.DataFrame(columns=list(_COLUMNS))
    codes = households.loc[walked.index, "area_code"].astype(str)
    group = codes.str.cat(shelter.loc[walked.index].astype(int).astype(str), sep=" ")
    lines = walked.assign(people=households.loc[walked.index, "people"])
    chosen = main_ways(lines, group)
    taken = walked.loc[chosen.to_numpy()]
    described = turns_of(taken.geometry, _near(roads, taken), taken["seconds"].tolist())
    rows = []
    for label, household, way, turns in zip(
        chosen.index, chosen, taken.itertuples(), described, strict=True
    ):
        code, _, shelter_id = str(label).partition(" ")
        rows.append(
            (
                code,
                int(shelter_id),
                int(household),
                float(way.seconds),
                float(way.metres),
                json.dumps([_turn(turn) for turn in turns], ensure_ascii=False),
                getattr(way, ways.geometry.name),
            )
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _near(roads: gpd.GeoDataFrame, ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the streets around all the ways together, in their order."""
    within = shapely.box(*ways.total_bounds).buffer(_NEAR)
    return roads.iloc[np.sort(roads.sindex.query(within))]


def _turn(turn: Turn) -> dict[str, object]:
    step = turn.step
    return {
        "turn": step.turn,
        "name": step.name,
        "highway": step.highway,
        "bearing": round(step.bearing, 1),
        "metres": round(step.metres, 2),
        "seconds": round(step.seconds, 2),
        "lon": round(turn.lon, 7),
        "lat": round(turn.lat, 7),
    }
