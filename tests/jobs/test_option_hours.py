"""A kept what-if is of its hour and its words: overtaken by either, it says so."""

from __future__ import annotations

from typing import Any

import pytest
from desk import SCOPE, asked, execute, facility, sites
from lattice import COUNTY

from gridmap.model.coverage_changes import Changes
from gridmap.services import coverage_options, coverage_what_if
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
NIGHTS = '[{"days": [1, 2, 3, 4, 5, 6, 7], "from": "20:00", "to": "02:00"}]'


def kept(store: Database) -> dict[str, Any]:
    changes = Changes(off=(facility(store, "f"),))
    number = coverage_what_if.request(store, SCOPE, "fire", COUNTY, changes)
    work(store, number)
    return coverage_options.keep(store, SCOPE, "停一处", number)


def test_it_says_until_when_it_holds_and_that_doors_have_turned(store: Database) -> None:
    execute(store, "UPDATE facility SET hours = CAST(:hours AS jsonb)", hours=NIGHTS)
    option = kept(store)
    assert {"at", "valid_until"} <= set(option["definition"])
    assert not option["stale"]
    execute(
        store,
        "UPDATE coverage_option SET standard = standard || jsonb_build_object('valid_until',"
        " '2026-01-31 20:00')",
    )
    assert coverage_options.show(store, SCOPE, option["id"])["stale"]
    assert coverage_options.listing(store, SCOPE, None, None)[0]["stale"]


def test_without_hours_it_holds_until_data_or_words_change(store: Database) -> None:
    option = kept(store)
    assert "valid_until" not in option["definition"]
    assert not coverage_options.show(store, SCOPE, option["id"])["stale"]
    execute(store, "UPDATE coverage_option SET standard = standard || '{\"version\": 99}'")
    assert coverage_options.show(store, SCOPE, option["id"])["stale"]


def test_every_answer_says_its_hour(store: Database) -> None:
    answers = [
        asked(store, Changes(off=(facility(store, "f"),))),
        sites(store, method="next", limit=100.0),
    ]
    assert all("at" in answer["standard"] for answer in answers)
