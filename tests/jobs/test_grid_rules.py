"""Rules of grid size are stored by area and followed when grids are drawn."""

from datetime import date, timedelta

import pytest

from gridmap.model.access import Scope, system_scope
from gridmap.model.grid_rules import ISLAND, Entry, Exceptions
from gridmap.model.problem import Problem
from gridmap.services import grid_rules, grids
from gridmap.services import jobs as service
from gridmap.store.database import Database
from gridmap.store.days import TODAY
from jobs.run import work

pytestmark = pytest.mark.database
COUNTY = "990101"
SCOPE = Scope((COUNTY,))
FIRST = date(2026, 1, 1)


def entry(kind="comprehensive", area_type="any", source="x", first=FIRST, **figures):
    return Entry(COUNTY, kind, area_type, source, first, **figures)


def test_grids_follow_the_rule_of_their_area_and_say_why_not(store: Database) -> None:
    rule = entry(source="县里 2026 年 7 号文第三条", minimum=50, maximum=110)
    grid_rules.put(store, SCOPE, rule)
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
        grid_rules.put(store, SCOPE, entry(area_type="village", minimum=least, maximum=400))
    found = grid_rules.listing(store, SCOPE, COUNTY)
    assert [(row["area_type"], row["minimum"]) for row in found["stored"]] == [("village", 250)]
    kinds = {
        (row["kind"], row["area_type"]): (row["minimum"], row["maximum"], row["smallest"])
        for row in found["standard"]
    }
    assert kinds == {
        ("comprehensive", "any"): (300, 500, None),
        ("micro", "any"): (50, 80, None),
        ("comprehensive", "island"): (None, None, 50),
    }
    with store.transaction(system_scope()) as tx:
        changed = tx.all("SELECT * FROM event WHERE kind = 'grid_rule.changed' ORDER BY seq")
        rules = grid_rules.rules_of(tx, [f"{COUNTY}001001", f"{COUNTY}001201"])
    assert [row["payload"] for row in changed] == [
        {"valid_from": "2026-01-01", "minimum": least, "maximum": 400} for least in (200, 250)
    ]
    assert [rule.minimum for rule in rules.values()] == [300, 250]


def test_a_rule_counts_from_its_day_and_a_mountain_before_a_village(store: Database) -> None:
    today = store_day(store)
    code = f"{COUNTY}001201"
    for rule in (
        entry(area_type="village", minimum=200, maximum=400),
        entry(area_type="village", minimum=1, maximum=2, first=today + timedelta(1)),
        entry("micro", minimum=30, maximum=50, first=today),
        entry(area_type="island", smallest=80),
    ):
        grid_rules.put(store, SCOPE, rule)
    with store.transaction(system_scope()) as tx:
        assert grid_rules.rules_of(tx, [code])[code].minimum == 200
        assert grid_rules.rules_of(tx, [code], "micro")[code].maximum == 50
        assert grid_rules.exceptions_of(tx, code) == Exceptions(80, "x")
    mountain = entry(area_type="mountain", minimum=100, maximum=300, smallest=15, source="山")
    grid_rules.put(store, SCOPE, mountain)
    with store.transaction(system_scope()) as tx:
        assert grid_rules.rules_of(tx, [code])[code].minimum == 100
        assert grid_rules.exceptions_of(tx, code) == Exceptions(80, "x", 15, "山")
        assert grid_rules.exceptions_of(tx, "990102001001") == ISLAND


def store_day(store: Database) -> date:
    with store.transaction(system_scope()) as tx:
        found: date = tx.value(f"SELECT {TODAY}")
    return found


GOOD = {"minimum": 1, "maximum": 2}


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        (entry("other", **GOOD), "kind"),
        (entry(area_type="sea", **GOOD), "type"),
        (entry("micro", "village", **GOOD), "type"),
        (entry(minimum=0, maximum=2), "minimum"),
        (entry(maximum=2), "minimum"),
        (entry(minimum=3, maximum=2), "maximum"),
        (entry(minimum=1, maximum=100_001), "maximum"),
        (entry(source="  ", **GOOD), "source"),
        (entry(source="x" * 501, **GOOD), "source"),
        (entry(smallest=5, **GOOD), "smallest"),
        (entry(area_type="mountain", smallest=0, **GOOD), "smallest"),
        (entry(area_type="island"), "smallest"),
        (entry(area_type="island", smallest=50, minimum=1), "minimum"),
    ],
)
def test_impossible_rules_are_refused_at_their_field(
    store: Database, rule: Entry, place: str
) -> None:
    with pytest.raises(Problem) as refused:
        grid_rules.put(store, SCOPE, rule)
    assert [fault["place"] for fault in refused.value.faults] == [place]
    assert grid_rules.listing(store, SCOPE, COUNTY)["stored"] == []


def test_limits_the_wrong_way_round_are_refused(store: Database) -> None:
    for minimum, maximum in ((500, 300), (0, 5), (1, 100_001)):
        with pytest.raises(Problem, match="limits"):
            grids.request(store, SCOPE, COUNTY, minimum=minimum, maximum=maximum)


def test_a_mountain_rule_keeps_settlements_whole_and_says_so(store: Database) -> None:
    rule = entry(area_type="mountain", minimum=50, maximum=110, smallest=40, source="山区规则")
    grid_rules.put(store, SCOPE, rule)
    job_id = grids.request(store, SCOPE, COUNTY)
    work(store, job_id)
    done = service.show(store, SCOPE, job_id)
    assert done["state"] == "done", done["error"]
    notes = done["result"]["notes"]
    assert notes
    with store.transaction(system_scope()) as tx:
        codes = {row["code"] for row in tx.all("SELECT code FROM grid")}
    for note in notes:
        assert (note["kind"], note["source"]) == ("settlement_whole", "山区规则")
        assert 1 <= note["households"] < 40
        assert set(note["grids"]) <= codes
        assert len(note["grids"]) == 1
