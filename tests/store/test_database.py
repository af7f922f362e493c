"""A transaction is whole or nothing, and nobody is told otherwise."""

import pytest
from sqlalchemy.exc import DBAPIError
from townships import COUNTY

from gridmap.model.access import Scope
from gridmap.store import event
from gridmap.store.database import Database, NotCommitted

pytestmark = pytest.mark.database


def test_a_swallowed_failure_is_not_taken_for_success(store: Database, scope: Scope) -> None:
    def swallow() -> None:
        with store.transaction(scope) as tx:
            event.record(tx, "incident.reported", area_code=COUNTY, subject_id=1)
            with pytest.raises(DBAPIError):
                tx.execute("SELECT 1 / 0")

    with pytest.raises(NotCommitted):
        swallow()
    with store.transaction(scope) as tx:
        assert event.after(tx, 0) == []


def test_a_snapshot_reads_one_moment_and_writes_nothing(store: Database, scope: Scope) -> None:
    with store.transaction(scope, snapshot=True) as reading:
        assert event.newest(reading) is None
        with store.transaction(scope) as tx:
            event.record(tx, "incident.reported", area_code=COUNTY, subject_id=1)
        assert event.newest(reading) is None

    def write() -> None:
        with store.transaction(scope, snapshot=True) as tx:
            event.record(tx, "incident.reported", area_code=COUNTY, subject_id=2)

    with pytest.raises(DBAPIError, match="read-only"):
        write()


def test_a_connection_the_server_has_cut_costs_nobody_an_error(
    store: Database, scope: Scope
) -> None:
    with store.transaction(scope) as tx:
        mine = tx.value("SELECT pg_backend_pid()")
    other = Database(store.url, size=1)
    with other.transaction(scope) as tx:
        tx.execute("SELECT pg_terminate_backend(:pid)", pid=mine)
    other.close()
    with store.transaction(scope) as tx:
        assert tx.value("SELECT pg_backend_pid()") != mine
