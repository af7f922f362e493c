"""A county from files is on the map like one from a demo."""

from typing import Any

import pytest
from townships import two_townships

from gridmap.model.access import Scope
from gridmap.store.database import Database
from gridmap.store.view import areas

pytestmark = pytest.mark.database


def test_a_county_from_files_opens_where_it_lies(
    fresh_database: Any, store: Database, scope: Scope
) -> None:
    with store.transaction(scope) as tx:
        assert areas.town(tx) is None
    two_townships(fresh_database.superuser_url)
    with store.transaction(scope) as tx:
        found = areas.town(tx)
    assert found is not None
    assert found["title_zh"] == "县"
    assert found["bounds"] == pytest.approx([114.0, 30.0, 114.2, 30.1])
    assert found["center"] == pytest.approx([114.1, 30.05])
