"""What a merger of communities comes to: its code, its grids, whether they fit."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from gridmap.services import community_names
from gridmap.services.scenario_measures import rules_of
from gridmap.store import merged_community
from gridmap.store.database import Row, Transaction


def proposed(
    tx: Transaction, scenario_id: int, told: Mapping[str, Any], grids: gpd.GeoDataFrame
) -> dict[str, Any]:
    """Propose to make communities one, in one step that is taken or not."""
    communities = sorted(told["communities"])
    whole = merged_community.flattened(tx, communities)
    known = merged_community.names(tx, scenario_id, communities)
    own = grids[grids["community"].isin(communities)]
    held = merged_community.find(tx, whole)
    code = held["code"] if held else merged_community.next_code(tx, communities[0][:9])
    name = told.get("name") or _name(own, known)
    reason = _reason(code, merged_community.outline(tx, whole), len(whole))
    apart = _gap(tx, scenario_id, whole) if reason == "not_neighbours" else None
    rule = rules_of(tx, [communities[0]])[communities[0]]
    rows = [
        {"key": str(key), "before": {"households": int(count)}, "after": {"households": int(count)}}
        for key, count in own["households"].items()
    ]
    steps = [] if reason else [_step(communities, str(code), str(name), own)]
    return {
        "figures": {
            "code": code,
            "name": name,
            "households_moved": 0,
            "households": int(own["households"].sum()),
            "grids": len(own),
            "within": [sum(rule.fits(int(count)) for count in own["households"])] * 2,
            "communities": [{"code": each, "name": known.get(each)} for each in communities],
            "reason": reason,
            "gap": apart,
        },
        "grids": rows,
        "steps": steps,
    }


def _name(own: gpd.GeoDataFrame, known: Mapping[str, str]) -> str:
    """Call it as all of them, or, where that is too long, as the one in which most people live."""
    if own.empty:
        # its grids went between the question and the answer
        return min(known.values())
    most = own.groupby("community")["households"].sum().sort_index().idxmax()
    whole = community_names.joined([known[code] for code in sorted(known)])
    return whole or known.get(str(most), str(most))


def _reason(code: str | None, outline: Row, communities: int) -> str | None:
    if code is None:
        return "numbers_used"
    # ground that hangs together has fewer parts than those it is made of, islands included
    if outline["parts"] > outline["apart"] - (communities - 1):
        return "not_neighbours"
    return None


def _gap(tx: Transaction, scenario_id: int, communities: list[str]) -> dict[str, Any] | None:
    """Say which two are apart, how far, and where."""
    near = merged_community.together(tx, communities)
    far = [code for code in communities if code not in near]
    if not far:
        return None
    found = merged_community.gap(tx, near, far)
    ends = [found["one"], found["other"]]
    names = merged_community.names(tx, scenario_id, ends)
    return {
        "communities": [{"code": code, "name": names[code]} for code in ends],
        "metres": round(found["metres"], 1),
        "point": [found["lon"], found["lat"]],
    }


def _step(communities: list[str], code: str, name: str, own: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "n": 1,
        "kind": "merge_communities",
        "from": None,
        "to": None,
        "code": code,
        "name": name,
        "communities": communities,
        "households": int(own["households"].sum()),
        "people": int(own["people"].sum()),
        "needs": [],
        "state": "open",
        "geom": None,
    }
