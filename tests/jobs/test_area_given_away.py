"""An area whose households another county gets while somebody asks: a state in words, each time."""

from __future__ import annotations

from typing import Any

import pytest
from desk import SCOPE, execute, facility
from lattice import COUNTY

from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_changes import Changes
from gridmap.model.coverage_sites import Question
from gridmap.model.problem import Problem
from gridmap.services import (
    coverage,
    coverage_critical,
    coverage_readings,
    coverage_sites,
    coverage_what_if,
)
from gridmap.services import jobs as service
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
OTHER = "990102"


def give_away(store: Database) -> None:
    """Give every household of the county to the next one."""
    with store.transaction(system_scope()) as tx:
        for code, level in ((OTHER, "county"), (f"{OTHER}001", "township")):
            tx.execute(
                "INSERT INTO area (code, level, parent_code, name_zh, geom) SELECT :code, :level,"
                " nullif(left(:code, length(:code) - 3), '990'), :code, geom FROM area"
                " WHERE code = :county",
                code=code,
                level=level,
                county=COUNTY,
            )
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom) SELECT :code, 'community',"
            " left(:code, 9), :code, geom FROM area WHERE code = :county",
            code=f"{OTHER}001001",
            county=COUNTY,
        )
        tx.execute("UPDATE household SET area_code = :code", code=f"{OTHER}001001")


def ended(store: Database, number: int) -> dict[str, Any]:
    work(store, number)
    return service.show(store, SCOPE, number)


def test_a_run_asked_for_before_finds_nobody_and_says_so(store: Database) -> None:
    before = ended(store, coverage.request(store, SCOPE, "fire", COUNTY))["result"]["run"]
    number = coverage.request(store, SCOPE, "fire", COUNTY)
    give_away(store)
    found = ended(store, number)
    assert found["state"] == "done"
    assert found["result"]["households"] == 0
    assert found["result"]["no_household"]
    # they have moved: nobody has lost cover, and the run of before is of another day
    shown = coverage_readings.show(store, SCOPE, before)
    assert shown["stale"]
    assert coverage_readings.compare(store, SCOPE, before, found["result"]["run"])["lost"] == 0
    assert coverage_readings.by_grid(store, SCOPE, found["result"]["run"], None) == []


def test_questions_asked_before_are_answered_for_nobody(store: Database) -> None:
    changes = Changes(off=(facility(store, "f"),))
    asked = [
        coverage_what_if.request(store, SCOPE, "fire", COUNTY, changes),
        coverage_sites.request(store, SCOPE, "fire", COUNTY, Question(method="next")),
        coverage_critical.request(store, SCOPE, "fire", COUNTY),
    ]
    give_away(store)
    for number in asked:
        found = ended(store, number)
        assert found["state"] in ("done", "failed"), found
        if found["state"] == "failed":
            assert "internal fault" not in found["error"]
        else:
            assert found["result"]["no_household"]
    with pytest.raises(Problem, match="no household"):
        coverage_critical.request(store, SCOPE, "fire", COUNTY)
    with pytest.raises(Problem, match="area 990101"):
        coverage_critical.request(store, Scope((OTHER,)), "fire", COUNTY)
    execute(store, "DELETE FROM facility WHERE kind = 'fire_station'")
    assert ended(store, coverage.request(store, SCOPE, "fire", COUNTY))["state"] == "done"
