"""A standard that is edited while a run is under way: the run keeps the words it began with."""

from dataclasses import replace

import pytest

from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_seeds import SEEDS
from gridmap.services import coverage
from gridmap.services import jobs as service
from gridmap.store import coverage_standards, job
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
COUNTY = "990101"
SCOPE = Scope((COUNTY,))
FIRE = next(one for one in SEEDS if one.key == "fire")


class Edited:
    """Progress of a run during whose computing somebody makes the next version."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.edits = 0

    def step(self, done: int, total: int, message: str = "") -> None:  # noqa: ARG002
        """Edit once the standard has been read."""
        if message == "reaching":
            self.edits += 1
            with self.store.transaction(system_scope()) as tx:
                edited = replace(FIRE, max_value=60, slider=(30, 900))
                assert coverage_standards.insert(tx, COUNTY, 1 + self.edits, edited)


def test_a_run_keeps_its_version_word_for_word_and_says_that_it_is_old(store: Database) -> None:
    job_id = coverage.request(store, SCOPE, "fire", COUNTY)
    with store.transaction(system_scope()) as tx:
        row = job.claim(tx, job_id)
        before = coverage_standards.in_force(tx, "fire", COUNTY)
    assert row is not None
    assert before is not None
    progress = Edited(store)
    coverage.run(store, row, progress)
    assert progress.edits == 1
    done = service.show(store, SCOPE, job_id)
    run = coverage.show(store, SCOPE, done["result"]["run"])
    kept = {name: run["standard"][name] for name in before if name != "valid_from"}
    assert kept == {name: value for name, value in before.items() if name != "valid_from"}
    assert run["standard"]["valid_from"] == before["valid_from"].isoformat()
    assert (run["standard"]["version"], run["standard"]["max_value"]) == (1, 300)
    assert run["stale"]

    again = coverage.request(store, SCOPE, "fire", COUNTY)
    work(store, again)
    later = coverage.show(store, SCOPE, service.show(store, SCOPE, again)["result"]["run"])
    assert (later["standard"]["version"], later["standard"]["max_value"]) == (2, 60)
    assert not later["stale"]
    # the run before is what it was
    first = coverage.show(store, SCOPE, done["result"]["run"])
    assert first["standard"]["max_value"] == 300
    assert first["stale"]


def test_a_standard_that_has_ended_starts_no_run(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        assert coverage_standards.insert(tx, COUNTY, 2, FIRE, retired=True)
    with pytest.raises(Exception, match="coverage standard fire"):
        coverage.request(store, SCOPE, "fire", COUNTY)
