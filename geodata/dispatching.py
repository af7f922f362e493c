"""Whom to send: teams by what it costs to send them, with every part of that cost named.

The cost is counted in seconds, so that its parts can be compared: the way on the streets as they
are, what the team cannot do, what it is busy with, and whom it would leave without cover.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.network import Network
from geodata.street_arcs import By

OFF_DUTY, NO_PLACE, NO_WAY, LENT = "off_duty", "no_place", "no_way", "lent"


@dataclass(frozen=True)
class Wanted:
    """What an incident asks for: kinds of teams, any of them, and skills, all of them."""

    kinds: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weights:
    """How many seconds of travel something is worth; zero or more.

    Attributes
    ----------
    skill
        Each skill that is missing.
    kind
        A team of a kind that is not asked for.
    load
        Each incident the team is busy with.
    person
        Each person left without cover while the team is away.
    most_cover
        However many these are.
    """

    skill: float = 600.0
    kind: float = 1200.0
    load: float = 900.0
    person: float = 0.5
    most_cover: float = 1800.0


@dataclass(frozen=True)
class Ranking:
    """Teams from best to worst, and those that cannot be sent.

    Attributes
    ----------
    teams
        By label: `seconds`, `metres` of the way; `missing` (tuple of skills), `fits` (kind),
        `load`, `households`, `people` left without cover; and what each is worth in seconds:
        `skill_cost, kind_cost, load_cost, cover_cost`, with the way the sum `cost`.
    left_out
        Reason by label: `off_duty`, `lent` (to another area), `no_place` (nobody knows where it
        is), `no_way`.
    """

    teams: pd.DataFrame
    left_out: "pd.Series[str]" = field(default_factory=lambda: pd.Series(dtype="string"))


def rank(  # noqa: PLR0913, PLR0917 - what an order of teams follows from
    networks: Mapping[str, Network],
    place: gpd.GeoSeries,
    teams: gpd.GeoDataFrame,
    wanted: Wanted,
    uncovered: pd.DataFrame | None = None,
    weights: Weights | None = None,
    beyond: pd.DataFrame | None = None,
) -> Ranking:
    """Rank teams for an incident; of equally good ones the lower label comes first.

    Parameters
    ----------
    networks
        The streets, with all that is closed, by the kind of team that travels on them.
    place
        One point, where they are to go, in any declared CRS.
    teams
        Points in any declared CRS, on unique labels; `kind`, `skills` (sequences of words),
        `load` (incidents it is busy with), `on_duty`; `lent` (to another area) where known.
    uncovered
        On labels of teams: `households` and `people` left without cover while one is away; who is
        not in it leaves nobody.
    weights
        What the parts are worth; a second on the way always counts one.
    beyond
        On labels of teams that come from beyond the streets: `seconds` and `metres` of the way as
        it is estimated, for those that have none on the streets.
    """
    worth = weights or Weights()
    teams = teams.sort_index()
    seconds, metres = _ways(networks, place, teams)
    if beyond is not None:
        far = beyond.reindex(teams.index)[~np.isfinite(seconds)].dropna()
        rows = teams.index.get_indexer(far.index)
        seconds[rows], metres[rows] = far["seconds"], far["metres"]
    left_out = pd.Series(pd.NA, index=teams.index, dtype="string")
    left_out[~np.isfinite(seconds)] = NO_WAY
    left_out[teams.geometry.is_empty | teams.geometry.isna()] = NO_PLACE
    if "lent" in teams:
        left_out[teams["lent"].to_numpy(dtype=bool)] = LENT
    left_out[~teams["on_duty"].to_numpy(dtype=bool)] = OFF_DUTY
    left = np.zeros((len(teams), 2), dtype=np.int64)
    if uncovered is not None:
        columns = uncovered.reindex(teams.index)[["households", "people"]]
        left = columns.fillna(0).to_numpy(dtype=np.int64)
    missing = [tuple(one for one in wanted.skills if one not in has) for has in teams["skills"]]
    fits = teams["kind"].isin(wanted.kinds).to_numpy() | (not wanted.kinds)
    load = teams["load"].to_numpy(dtype=np.int64)
    table = pd.DataFrame(
        {
            "seconds": seconds,
            "metres": metres,
            "missing": pd.Series(missing, index=teams.index, dtype=object),
            "fits": fits,
            "load": load,
            "households": left[:, 0],
            "people": left[:, 1],
            "skill_cost": worth.skill * np.array([len(one) for one in missing], dtype=float),
            "kind_cost": np.where(fits, 0.0, worth.kind),
            "load_cost": worth.load * load,
            "cover_cost": np.minimum(worth.person * left[:, 1], worth.most_cover),
        },
        index=teams.index,
    )
    parts = ["seconds", "skill_cost", "kind_cost", "load_cost", "cover_cost"]
    table["cost"] = table[parts].sum(axis=1)
    found = table[left_out.isna().to_numpy()].sort_values("cost", kind="stable")
    return Ranking(found, left_out.dropna())


def _ways(
    networks: Mapping[str, Network], place: gpd.GeoSeries, teams: gpd.GeoDataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Measure the way of every team on the streets of its kind, infinite where there is none."""
    seconds, metres = np.full((2, len(teams)), np.inf)
    there = (~(teams.geometry.is_empty | teams.geometry.isna())).to_numpy()
    for kind, network in networks.items():
        rows = np.flatnonzero(there & (teams["kind"] == kind).to_numpy())
        if len(rows):
            took, far = network.matrix(teams.geometry.iloc[rows], place)
            seconds[rows], metres[rows] = took[:, 0], far[:, 0]
    return seconds, metres


def left_without(
    answers: pd.DataFrame, people: "pd.Series[int]", crews: "pd.Series[str]", by: By, limit: float
) -> pd.DataFrame:
    """Count whom each facility leaves without cover while its crew is away.

    Parameters
    ----------
    answers
        What `coverage.cover` answers to a standard without capacity: on households, `covered`,
        `facility` and `second_seconds` or `second_metres`, of the nearest of another crew.
    people
        Of each household.
    crews
        Of facilities by label; missing is a crew of its own.
    by, limit
        Of the standard.

    Returns
    -------
    frame
        On the labels of `crews`: `households`, `people`.
    """
    covered = answers["covered"].to_numpy(dtype=bool)
    second = answers[f"second_{by}"].to_numpy(dtype=float, na_value=np.inf)
    second = np.where(np.isnan(second), np.inf, second)
    hangs = covered & ~(second <= limit)
    own = pd.Series([f"own {label}" for label in crews.index], index=crews.index)
    crew = crews.where(crews.notna(), own).astype(str)
    of = answers.loc[hangs, "facility"].map(crew)
    heads = people.reindex(answers.index)[hangs]
    counted = pd.DataFrame({"households": 1, "people": heads.to_numpy()}).groupby(of.to_numpy())
    found = counted.sum().reindex(crew.to_numpy()).fillna(0).astype(np.int64)
    found.index = crews.index
    return found
