"""Two communities made one in a scenario: all their grids go into it, each on its own ground."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd

from gridmap.model.problem import conflict
from gridmap.services import community_names
from gridmap.services.scenario_done import Done
from gridmap.services.scenario_measures import rules_of
from gridmap.services.scenario_operations import check_since
from gridmap.store import merged_community, scenario, scenario_grid
from gridmap.store.database import Row, Transaction


def merged(
    tx: Transaction, row: Row, communities: Sequence[str], name: str, since: Sequence[str]
) -> Done:
    """Give all grids of communities to the one they become; their borders stay for now.

    Raises
    ------
    Problem
        409 where a community has no grid here any more, where a grid has changed since, or where
        the township has used its numbers or another of its communities is called so.
    """
    grids = scenario_grid.all_of(tx, row["id"])
    _check_there(row, grids, communities)
    light = scenario_grid.light(tx, row["id"])
    keys = [str(each["key"]) for each in light if each["area_code"] in communities]
    check_since(row, keys, since)
    code = merged_community.keep(tx, merged_community.flattened(tx, communities), name)
    if code is None:
        raise conflict(
            f"township {communities[0][:9]} has used its numbers of merged communities",
            version=row["version"],
        )
    name = community_names.free(tx, row, code, name, communities)
    names = merged_community.names(tx, row["id"], communities)
    fresh = dict(zip(keys, scenario.take_numbers(tx, row["id"], len(keys)), strict=True))
    before = scenario_grid.images(tx, row["id"], keys)
    rule = rules_of(tx, [code])[code]
    after = {}
    for key, image in before.items():
        after[fresh[key]] = _grid(image, fresh[key], code) | {
            "measures": image["measures"]
            | (
                {"deviation": round(rule.deviation(image["households"]), 4)}
                if image["kind"] == "comprehensive"
                else {}
            )
        }
    local = scenario_grid.around(tx, row["id"], keys)
    figures = {
        "code": code,
        "name": name,
        "communities": sorted(communities),
        "names": [names.get(each, each) for each in sorted(communities)],
        "households": {
            key: [
                before[key]["households"] if key in before else None,
                after[key]["households"] if key in after else None,
            ]
            for key in sorted({*before, *after})
        },
    }
    return Done(
        sorted({*before, *after}), before, after, (local, _renamed(local, fresh, code)), figures
    )


def _check_there(row: Row, grids: gpd.GeoDataFrame, communities: Sequence[str]) -> None:
    missing = sorted(set(communities) - set(grids["community"]))
    if missing:
        raise conflict(
            f"no grid of {missing[0]} is in this scenario any more",
            version=row["version"],
            changed=[],
        )


def _grid(image: Mapping[str, Any], key: str, code: str) -> dict[str, Any]:
    """Make of a grid one of the new community: it will have a number there when published."""
    return dict(image) | {
        "key": key,
        "area_code": code,
        "code": None,
        "base_id": None,
        "parent": image["code"] or image["parent"],
        "changed": True,
    }


def _renamed(local: gpd.GeoDataFrame, fresh: Mapping[str, str], code: str) -> gpd.GeoDataFrame:
    """Show the place with the grids as they are called then."""
    found = local.copy()
    found.loc[[key for key in fresh if key in found.index], "community"] = code
    return found.rename(index=dict(fresh)).sort_index()
