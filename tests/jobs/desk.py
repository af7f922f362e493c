"""Questions about coverage as tests put them: asked, done by a worker, and the answer."""

from __future__ import annotations

from typing import Any

from lattice import COUNTY, SOUTH, STEP, WEST

from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_changes import Changes
from gridmap.model.coverage_sites import Question
from gridmap.services import coverage_sites, coverage_what_if
from gridmap.store.database import Database
from jobs.run import work

SCOPE = Scope((COUNTY,))


def at(column: float, row: float) -> tuple[float, float]:
    return WEST + STEP * column, SOUTH + STEP * row


def done(store: Database, number: int) -> dict[str, Any]:
    work(store, number)
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT state, error, result FROM job WHERE id = :id", id=number)
    assert row["state"] == "done", row["error"]
    result: dict[str, Any] = row["result"]
    return result


def asked(store: Database, changes: Changes, standard: str = "fire", **more: Any) -> dict[str, Any]:
    return done(store, coverage_what_if.request(store, SCOPE, standard, COUNTY, changes, **more))


def sites(store: Database, standard: str = "fire", **question: Any) -> dict[str, Any]:
    number = coverage_sites.request(store, SCOPE, standard, COUNTY, Question(**question))
    return done(store, number)


def facility(store: Database, key: str) -> int:
    with store.transaction(SCOPE) as tx:
        return int(tx.value("SELECT id FROM facility WHERE source_key = :key", key=key))


def execute(store: Database, sql: str, **values: object) -> int:
    with store.transaction(SCOPE) as tx:
        return tx.execute(sql, **values)


def state(store: Database) -> tuple[Any, ...]:
    """Give every version of a layer, and how many rows each table holds that is no trail."""
    with store.transaction(system_scope()) as tx:
        layers = [dict(row) for row in tx.all("SELECT * FROM layer_version ORDER BY layer")]
        tables = [
            row["relname"]
            for row in tx.all(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')"
                # the file that proves an answer belongs to its job
                " AND relname NOT IN ('job', 'siting_certificate', 'event', 'worker_seen')"
                " ORDER BY relname"
            )
        ]
        counts = {name: tx.value(f"SELECT count(*) FROM {name}") for name in tables}
        digests = {
            name: tx.value(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} AS t")
            for name in ("facility", "shelter", "road_closure", "hazard", "coverage_standard")
        }
    assert counts["household"] > 0
    return layers, counts, digests
