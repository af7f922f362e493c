"""The answer whom to send, as data: every team with what speaks for and against it."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata import dispatching as geo
from geodata.network import Network
from gridmap.model import dispatch as asks
from gridmap.store.database import Row

NAMED = 3  # the one to send, and the next two
HELP = 3
WEIGHTS = geo.Weights()
# Beyond the county no street is known: straight across, a third longer, at the pace of a lorry.
_DETOUR, _KMH = 1.3, 40.0


def answered(
    about: Row,
    teams: gpd.GeoDataFrame,
    networks: Mapping[str, Network],
    lost: Mapping[str, pd.DataFrame],
    own: list[str],
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
    """
    wanted = asks.wanted(about["category"])
    teams = teams.assign(load=[len(each) for each in teams["busy"]])
    cover = {label: _cover(team, teams, lost) for label, team in teams.iterrows()}
    uncovered = pd.DataFrame(
        [{"households": each["households"], "people": each["people"]} for each in cover.values()],
        index=pd.Index(list(cover)),
        columns=["households", "people"],
    )
    place = gpd.GeoSeries.from_xy([about["lon"]], [about["lat"]], crs=4326)
    found = geo.rank(networks, place, teams, geo.Wanted(*wanted), uncovered, WEIGHTS)
    own_ones = [
        ours(code, about["area_code"], own) for code in teams.loc[found.teams.index].area_code
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
        "weights": vars(WEIGHTS),
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
        "estimated": False,
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
    metres = float(row["metres"]) * _DETOUR
    return {
        **_named(row["id"], row),
        "metres": round(metres, 1),
        "seconds": round(metres / (_KMH / 3.6), 1),
        "estimated": True,
    }


def _nearest(each: Mapping[str, Any]) -> tuple[float, int]:
    return each["seconds"], each["team"]


def _cover(
    team: "pd.Series[Any]", teams: gpd.GeoDataFrame, lost: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    """Say whom a team leaves without cover: nobody where another free one of its station stays."""
    here = team["facility_id"]
    said: dict[str, Any] = {"households": 0, "people": 0, "by": {}, "stay": 0}
    if pd.isna(here) or team["load"]:
        return said  # it is away already
    same = (teams["facility_id"] == here) & (teams["kind"] == team["kind"]) & teams["on_duty"]
    said["stay"] = int((same & (teams["load"] == 0)).sum()) - int(bool(team["on_duty"]))
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


def ours(team_area: str, incident_area: str, own: list[str] | tuple[str, ...]) -> bool:
    """Tell whether a team is sent without asking anybody: of one's areas, or of those above."""
    return incident_area.startswith(team_area) or any(team_area.startswith(one) for one in own)
