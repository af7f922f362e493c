"""A store on a database of its own, for each test."""

from collections.abc import Iterator

import pytest
from townships import COUNTY

from gridmap.model.access import Scope
from gridmap.store.database import Database


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def scope() -> Scope:
    return Scope((COUNTY,), request_id="test")
