"""Every run gets a file that proves it; one altered row, in the file or in the tables, is found."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from lattice import COUNTY

from geodata.verifying import verify
from gridmap.model.access import Scope, system_scope
from gridmap.model.problem import Problem
from gridmap.services import coverage, coverage_certificates, coverage_verifying
from gridmap.store import coverage_certificate as kept
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))


def execute(store: Database, sql: str, **values: object) -> int:
    with store.transaction(SCOPE) as tx:
        return tx.execute(sql, **values)


def ran(store: Database, standard: str = "fire") -> int:
    """Run an analysis; the file of it is asked for and not made yet."""
    number = coverage.request(store, SCOPE, standard, COUNTY)
    work(store, number)
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT state, error, result FROM job WHERE id = :id", id=number)
    assert row["state"] == "done", row["error"]
    return int(row["result"]["run"])


def certified(store: Database) -> list[dict[str, Any]]:
    """Do what waits to be certified; give the results of those jobs."""
    with store.transaction(system_scope()) as tx:
        waiting = tx.all(
            "SELECT id FROM job WHERE kind = 'coverage.certify' AND state = 'queued' ORDER BY id"
        )
    found = []
    for row in waiting:
        work(store, row["id"])
        with store.transaction(system_scope()) as tx:
            done = tx.one("SELECT state, error, result FROM job WHERE id = :id", id=row["id"])
        assert done["state"] == "done", done["error"]
        found.append(dict(done["result"]))
    return found


def events(store: Database, kind: str) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        rows = tx.all("SELECT payload FROM event WHERE kind = :kind ORDER BY seq", kind=kind)
    return [row["payload"] for row in rows]


@pytest.mark.parametrize("standard", ["fire", "medical", "shelter", "member"])
def test_a_run_is_certified_and_verified(store: Database, standard: str) -> None:
    run = ran(store, standard)
    assert coverage.show(store, SCOPE, run)["certificate"] is None
    assert certified(store) == [{"run": run, "state": "made", "altered": 0}]
    assert events(store, "coverage.certified") == [{"run": run, "state": "made", "altered": 0}]
    said = coverage.show(store, SCOPE, run)["certificate"]
    assert (said["state"], said["households"], said["altered"]) == ("made", 400, 0)
    verdict = coverage_verifying.of_run(store, SCOPE, run)
    assert verdict.altered == ()
    assert verdict.counts["households"] == 400
    assert verdict.stated["stated"]["run"] == run
    with store.transaction(SCOPE) as tx:
        content = kept.content(tx, run)
    assert content is not None
    assert verify(content).sound


def test_no_name_and_no_address_is_in_it(store: Database) -> None:
    execute(store, "UPDATE household SET address = 'ADDRESS', carer = 'NAME'")
    run = ran(store)
    content = coverage_certificates.make(store, SCOPE, run).content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            assert b"ADDRESS" not in packed.read(name)
            assert b"NAME" not in packed.read(name)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("covered[7] = NOT covered[7]", "covered"),
        ("facility_ids[7] = 0", "facility"),
        ("seconds[7] = seconds[7] + 1", "seconds"),
        ("metres[7] = metres[7] * 2", "metres"),
        ("second_seconds[7] = 1", "second_seconds"),
        ("reasons[7] = 6", "reason"),
    ],
)
def test_an_altered_row_in_the_tables(store: Database, change: str, column: str) -> None:
    run = ran(store)
    certified(store)
    with store.transaction(SCOPE) as tx:
        part = tx.one(
            "SELECT p.id, p.household_ids[7] AS home FROM coverage_part AS p"
            " JOIN coverage_run_part AS l ON l.part_id = p.id WHERE l.run_id = :run LIMIT 1",
            run=run,
        )
    assert execute(store, f"UPDATE coverage_part SET {change} WHERE id = :id", id=part["id"])
    verdict = coverage_verifying.of_run(store, SCOPE, run)
    found = {(one.table, one.label, one.column) for one in verdict.altered}
    assert found == {("coverage_result", str(part["home"]), column)}


def test_a_row_altered_before_the_file_was_made_is_in_it_and_told(store: Database) -> None:
    run = ran(store)
    execute(store, "UPDATE coverage_part SET seconds[3] = seconds[3] / 2")
    (result,) = certified(store)
    assert result["altered"] >= 1
    verdict = coverage_verifying.of_run(store, SCOPE, run)
    assert {one.column for one in verdict.altered} == {"seconds"}
    with store.transaction(SCOPE) as tx:
        about = coverage_certificates.about(tx, run)
    assert about is not None
    assert about["altered"] == len(verdict.altered)


def test_rows_that_are_gone(store: Database) -> None:
    run = ran(store)
    certified(store)
    execute(store, "DELETE FROM coverage_run_part")
    verdict = coverage_verifying.of_run(store, SCOPE, run)
    assert {one.column for one in verdict.altered} == {"household_id"}
    assert len(verdict.altered) == 400


def test_an_altered_file(store: Database) -> None:
    run = ran(store)
    certified(store)
    other = coverage_certificates.make(store, SCOPE, ran(store, "member")).content
    execute(
        store,
        "UPDATE coverage_certificate SET content = :content WHERE run_id = :run",
        content=other,
        run=run,
    )
    verdict = coverage_verifying.of_run(store, SCOPE, run)
    assert "sha256" in {one.column for one in verdict.altered}


def test_what_has_changed_meanwhile_is_said(store: Database) -> None:
    run = ran(store)
    execute(store, "UPDATE facility SET open = false WHERE kind = 'fire_station'")
    assert certified(store) == [{"run": run, "state": "changed", "altered": 0}]
    with store.transaction(SCOPE) as tx:
        about = coverage_certificates.about(tx, run)
    assert about is not None
    assert about["state"] == "changed"
    for ask in (coverage_certificates.make, coverage_certificates.fetch):
        with pytest.raises(Problem, match="has changed") as caught:
            ask(store, SCOPE, run)
        assert caught.value.status == 409


def test_a_file_that_was_made_stays_when_things_change(store: Database) -> None:
    run = ran(store)
    certified(store)
    execute(store, "UPDATE facility SET open = false WHERE kind = 'fire_station'")
    assert coverage_verifying.of_run(store, SCOPE, run).sound


def test_only_the_newest_run_waits_and_few_files_are_kept(store: Database) -> None:
    first = ran(store)
    second = ran(store)
    assert [one["run"] for one in certified(store)] == [second]
    runs = [ran(store) for _ in range(3)]
    for run in runs:
        coverage_certificates.make(store, SCOPE, run)
    with store.transaction(SCOPE) as tx:
        held = [row["run_id"] for row in tx.all("SELECT run_id FROM coverage_certificate")]
    assert sorted(held) == runs
    assert certified(store) == [{"run": runs[-1]}]  # made already
    with pytest.raises(Problem) as caught:
        coverage_certificates.fetch(store, SCOPE, first)
    assert caught.value.status == 404


def test_of_another_area_there_is_none(store: Database) -> None:
    run = ran(store)
    certified(store)
    for ask in (coverage_certificates.make, coverage_certificates.fetch, coverage_verifying.of_run):
        with pytest.raises(Problem) as caught:
            ask(store, Scope(("990102",)), run)
        assert caught.value.status == 404
