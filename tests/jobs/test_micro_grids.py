"""Micro-grids fill their grid by the rule for them, and say where they miss it."""

from datetime import date

import pytest
import shapely

from gridmap.model.access import Scope
from gridmap.model.grid_rules import Entry
from gridmap.model.problem import Problem
from gridmap.services import grid_rules, grids, micro_grids
from gridmap.store import grid
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
COUNTY = "990101"
SCOPE = Scope((COUNTY,))


def test_micro_grids_fill_their_grids_by_their_own_rule(store: Database) -> None:
    with pytest.raises(Problem, match="no grids"):
        micro_grids.draw(store, SCOPE, COUNTY)
    work(store, grids.request(store, SCOPE, COUNTY, minimum=50, maximum=110))
    rule = Entry(COUNTY, "micro", "any", "县里 2026 年 8 号文", date(2026, 1, 1), 15, 30)
    grid_rules.put(store, SCOPE, rule)
    found, missed = micro_grids.draw(store, SCOPE, COUNTY, seed=3)
    with store.transaction(SCOPE) as tx:
        parents = grid.in_force(tx, COUNTY)
    assert set(found["parent"]) == set(parents.index)
    for code, own in found.groupby("parent"):
        parent = parents.loc[code]
        union = shapely.union_all(own.geometry.to_numpy())
        assert union.symmetric_difference(parent.geometry).area < 1e-9 * union.area
        assert shapely.area(own.geometry.to_numpy()).sum() == pytest.approx(union.area, rel=1e-9)
        assert own["households"].sum() == parent["households"]
        assert own["number"].tolist() == list(range(1, len(own) + 1))
    outside = found[~found["households"].between(15, 30)]
    assert len(outside) < len(found) / 2
    assert {(note["parent"], note["number"]) for note in missed} == set(
        zip(outside["parent"], outside["number"], strict=True)
    )
    assert all(note["source"] == rule.source and note["reason"] for note in missed)
    again, _ = micro_grids.draw(store, SCOPE, COUNTY, seed=3)
    assert again.to_wkb().equals(found.to_wkb())
