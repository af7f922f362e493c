"""Rules of grid size are stored by area and followed when grids are drawn."""

import pytest

from gridmap.model.access import Scope, system_scope
from gridmap.model.grid_rules import GridRule
from gridmap.model.problem import Problem
from gridmap.services import grid_rules, grids
from gridmap.services import jobs as service
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
COUNTY = "990101"
SCOPE = Scope((COUNTY,))


def test_grids_follow_the_rule_of_their_area_and_say_why_not(store: Database) -> None:
    rule = GridRule(50, 110, "县里 2026 年 7 号文第三条")
    grid_rules.put(store, SCOPE, COUNTY, "comprehensive", "any", rule)
    job_id = grids.request(store, SCOPE, COUNTY)
    work(store, job_id)
    done = service.show(store, SCOPE, job_id)
    assert done["state"] == "done", done["error"]
    with store.transaction(system_scope()) as tx:
        drawn = {row["code"]: row["households"] for row in tx.all("SELECT * FROM grid")}
    missed = {code: count for code, count in drawn.items() if not 50 <= count <= 110}
    said = {note["grid"]: note for note in done["result"]["out_of_range"]}
    assert {code: note["households"] for code, note in said.items()} == missed
    assert len(missed) < len(drawn)
    assert all(note["source"] == rule.source for note in said.values())


def test_a_community_that_no_number_of_grids_divides_says_so_in_figures(store: Database) -> None:
    job_id = grids.request(store, SCOPE, COUNTY, minimum=390, maximum=399)
    work(store, job_id)
    notes = service.show(store, SCOPE, job_id)["result"]["out_of_range"]
    assert notes
    for note in notes:
        assert (note["minimum"], note["maximum"]) == (390, 399)
        assert note["reason"] in {"area_too_small", "no_count_fits"}
        assert note["fewest"] > note["most"]
        assert note["whole"] >= note["households"] >= note["largest"] > 0


def test_rules_are_listed_changed_and_leave_an_event(store: Database) -> None:
    for least in (200, 250):
        grid_rules.put(store, SCOPE, COUNTY, "comprehensive", "village", GridRule(least, 400, "x"))
    found = grid_rules.listing(store, SCOPE, COUNTY)
    assert [(row["area_type"], row["minimum"]) for row in found["stored"]] == [("village", 250)]
    kinds = {row["kind"]: (row["minimum"], row["maximum"]) for row in found["standard"]}
    assert kinds == {"comprehensive": (300, 500), "micro": (50, 80)}
    with store.transaction(system_scope()) as tx:
        changed = tx.all("SELECT * FROM event WHERE kind = 'grid_rule.changed' ORDER BY seq")
        rules = grid_rules.rules_of(tx, [f"{COUNTY}001001", f"{COUNTY}001201"])
    assert [row["payload"] for row in changed] == [
        {"minimum": 200, "maximum": 400},
        {"minimum": 250, "maximum": 400},
    ]
    assert [rule.minimum for rule in rules.values()] == [300, 250]


@pytest.mark.parametrize(
    ("kind", "area_type", "rule", "words"),
    [
        ("other", "any", GridRule(1, 2, "x"), "kind"),
        ("micro", "sea", GridRule(1, 2, "x"), "type"),
        ("micro", "any", GridRule(0, 2, "x"), "minimum"),
        ("micro", "any", GridRule(3, 2, "x"), "minimum"),
        ("micro", "any", GridRule(1, 100_001, "x"), "maximum"),
        ("micro", "any", GridRule(1, 2, "  "), "source"),
        ("micro", "any", GridRule(1, 2, "x" * 501), "source"),
    ],
)
def test_impossible_rules_are_refused(
    store: Database, kind: str, area_type: str, rule: GridRule, words: str
) -> None:
    with pytest.raises(Problem, match=words):
        grid_rules.put(store, SCOPE, COUNTY, kind, area_type, rule)
    assert grid_rules.listing(store, SCOPE, COUNTY)["stored"] == []


def test_limits_the_wrong_way_round_are_refused(store: Database) -> None:
    for minimum, maximum in ((500, 300), (0, 5), (1, 100_001)):
        with pytest.raises(Problem, match="limits"):
            grids.request(store, SCOPE, COUNTY, minimum=minimum, maximum=maximum)
