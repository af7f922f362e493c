"""A small town in a database of its own, and real worker and scheduler processes on it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lattice import Processes, load_town, until

from gridmap.model.access import system_scope
from gridmap.store import job
from gridmap.store.database import Database


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    load_town(opened)
    yield opened
    opened.close()


@pytest.fixture
def processes(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Processes]:
    made = Processes(database_url, redis_url, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def wait_for(store: Database) -> Callable[..., Any]:
    def wait(job_id: int, *states: str, seconds: float = 60.0) -> Any:
        def look() -> Any:
            with store.transaction(system_scope()) as tx:
                row = job.read(tx, job_id)
            return row if row is not None and row["state"] in states else None

        return until(look, seconds, f"job {job_id} {states}")

    return wait
