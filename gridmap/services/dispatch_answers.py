"""The answer whom to send, as data: every team with what speaks for and against it."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import dispatching as geo
from geodata.network import Network
from gridmap.model import dispatch as asks
from gridmap.services.teams import ours
from gridmap.store.database import Row

NAMED = 3  # the one to send, and the next two
HELP = 3
# Beyond the county no street is known: straight across, a third longer, at the pace of a lorry.
_DETOUR, _KMH = 1.3, 40.0


def answered(
    about: Row,
    teams: gpd.GeoDataFrame,
    networks: Mapping[str, Network],
    lost: Mapping[str, pd.DataFrame],
    own: list[str],
    weights: geo.Weights,
) -> dict[str, Any]:
    """Rank teams for an incident and say why, as data.

    Parameters
    ----------
    about
        The incident: `number, version, area_code, category, lon, lat`.
    teams
        As `store.dispatch.teams` gives them.
    networks
        Streets by kind of team.
    lost
        By standard and facility: `households`, `people` left without cover.
    own
        Areas whose teams one may send.
    weights
        What counts, in seconds of travel.
    """
    wanted = asks.wanted(about["category"])
    teams = teams.assign(load=[len(each) for each in teams["busy"]])
    cover = {label: left_by(team, teams, lost) for label, team in teams.iterrows()}
    uncovered = pd.DataFrame(
        [{"households": each["households"], "people": each["people"]} for each in cover.values()],
        index=pd.Index(list(cover)),
        columns=["households", "people"],
    )
    place = gpd.GeoSeries.from_xy([about["lon"]], [about["lat"]], crs=4326)
    beyond = _beyond(teams["beyond"].astype(float))
    found = geo.rank(networks, place, teams, geo.Wanted(*wanted), uncovered, weights, beyond)
    own_ones = [
        ours(team["area_code"], about["area_code"], own) or pd.notna(team["lent_until"])
        for _, team in teams.loc[found.teams.index].iterrows()
    ]
    said = [
        _said(label, teams.loc[label], line, cover[label], wanted)
        for label, line in found.teams.iterrows()
    ]
    mine = [each for each, is_ours in zip(said, own_ones, strict=True) if is_ours]
    return {
        "incident": str(about["id"]),
        "number": about["number"],
        "version": about["version"],
        "wanted": {"kinds": list(wanted.kinds), "skills": list(wanted.skills)},
        "weights": vars(weights),
        "chosen": mine[0] if mine else None,
        "next": mine[1:NAMED],
        "ranked": len(mine),
        "left_out": {str(why): int(n) for why, n in found.left_out.value_counts().items()},
        "help": [
            each
            for each, is_ours in zip(said, own_ones, strict=True)
            if not is_ours and not each["why"]["load"]["incidents"]
        ],
    }


def _said(
    label: Any, team: "pd.Series[Any]", line: "pd.Series[Any]", cover: dict[str, Any], wanted: Any
) -> dict[str, Any]:
    return {
        **_named(int(label), team),
        "seconds": round(float(line["seconds"]), 1),
        "metres": round(float(line["metres"]), 1),
        "cost": round(float(line["cost"]), 1),
        # of another county, lent: no street is known from there
        "estimated": bool(pd.notna(team["beyond"])),
        "lent_until": None if pd.isna(team["lent_until"]) else team["lent_until"].isoformat(),
        "why": {
            "travel": {"cost": round(float(line["seconds"]), 1)},
            "kind": {"fits": bool(line["fits"]), "cost": float(line["kind_cost"])},
            "skills": {
                "has": [one for one in wanted.skills if one not in line["missing"]],
                "missing": list(line["missing"]),
                "cost": float(line["skill_cost"]),
            },
            "load": {"incidents": list(team["busy"]), "cost": float(line["load_cost"])},
            "cover": {**cover, "cost": float(line["cover_cost"])},
        },
    }


def _named(label: int, team: Any) -> dict[str, Any]:
    names = {name: team[name] for name in ("kind", "name", "name_en")}
    return {"team": label, **names, "people": int(team["people"]), "area": team["area_code"]}


def helped(answer: dict[str, Any], others: list[Row]) -> dict[str, Any]:
    """Put the teams of other counties among those one may ask for help; the nearest come first."""
    every = [*answer["help"], *(_neighbour(each) for each in others)]
    return {**answer, "help": sorted(every, key=_nearest)[:HELP]}


def _neighbour(row: Row) -> dict[str, Any]:
    far = _beyond(pd.Series([float(row["metres"])])).iloc[0]
    return {
        **_named(row["id"], row),
        "metres": round(far["metres"], 1),
        "seconds": round(far["seconds"], 1),
        "estimated": True,
    }


def _beyond(straight: "pd.Series[float]") -> pd.DataFrame:
    """Estimate the way from so many metres straight across, where no street is known."""
    metres = straight * _DETOUR
    return pd.DataFrame({"seconds": metres / (_KMH / 3.6), "metres": metres})


def _nearest(each: Mapping[str, Any]) -> tuple[float, int]:
    return each["seconds"], each["team"]


def left_by(
    team: "pd.Series[Any]", teams: gpd.GeoDataFrame, lost: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    """Say whom a team leaves without cover: nobody where another free one of its station stays.

    Returns
    -------
    dict
        `households`, `people`, the same `by` standard, and how many free teams `stay`; one that
        is busy or lent stays nowhere.
    """
    here = team["facility_id"]
    said: dict[str, Any] = {"households": 0, "people": 0, "by": {}, "stay": 0}
    if pd.isna(here) or team["load"] or team["away"]:
        return said  # it is away already
    same = (teams["facility_id"] == here) & (teams["kind"] == team["kind"])
    free = same & teams["on_duty"] & (teams["load"] == 0) & ~teams["away"]
    said["stay"] = int(free.sum()) - int(bool(team["on_duty"]))
    if said["stay"] > 0:
        return said
    for key in asks.COVERS.get(str(team["kind"]), ()):
        if key in lost and here in lost[key].index:
            counts = {name: int(n) for name, n in lost[key].loc[here].items()}
            if counts["households"]:
                said["by"][key] = counts
    for name in ("households", "people"):
        said[name] = sum(each[name] for each in said["by"].values())
    return said
