"""Real processes: a street closes, and an urgent worker tells who lost cover."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from lattice import COUNTY, SOUTH, STEP, WEST, Processes, until

from gridmap.model.access import Scope, system_scope
from gridmap.services import coverage, hazards
from gridmap.store.database import Database

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))


def test_a_closure_is_told_by_a_worker_that_keeps_its_streets(
    store: Database,
    processes: Processes,
    wait_for: Callable[..., Any],
    tmp_path: Path,
) -> None:
    processes.start("jobs.scheduler")
    processes.start("jobs.worker", "urgent")
    job_id = coverage.request(store, SCOPE, "fire", COUNTY, urgent=True)
    first = wait_for(job_id, "done", "failed", seconds=120.0)
    assert first["state"] == "done", (first["error"], processes.log)
    around = shapely.box(
        WEST + 0.5 * STEP, SOUTH + 0.5 * STEP, WEST + 1.5 * STEP, SOUTH + 1.5 * STEP
    )
    hazards.declare(store, SCOPE, hazards.NewHazard("flood", "水", "red", around, blocked=around))

    def told() -> Any:
        with store.transaction(system_scope()) as tx:
            return tx.maybe("SELECT payload FROM event WHERE kind = 'coverage.changed'")

    found = until(told, 120.0, "who lost cover")
    assert found["payload"]["lost"] == first["result"]["covered"]
    # one network for each speed band, with barriers and without, and one answer of each
    assert len(list(tmp_path.glob("networks/*/emergency-*/manifest.json"))) == 6
    assert len(list(tmp_path.glob("networks/*/answers/*/manifest.json"))) == 3
