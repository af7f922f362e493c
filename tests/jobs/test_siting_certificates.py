"""Every answer about sites leaves a file that proves it; it is made once the answer is given."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from lattice import COUNTY

from geodata.verifying import verify
from gridmap.model.access import Scope, system_scope
from gridmap.model.coverage_sites import Question
from gridmap.model.problem import Problem
from gridmap.services import coverage_sites, siting_certificates
from gridmap.store import siting_certificate as kept
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope((COUNTY,))
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("fire", {"method": "next", "limit": 200.0}),
    ("fire", {"method": "p_median", "count": 2}),
    ("fire", {"method": "p_center", "count": 2}),
    ("fire", {"method": "cover_all", "limit": 150.0}),
    ("medical", {"method": "cover_most", "count": 2, "weight": "households", "limit": 200.0}),
    ("fire", {"method": "least_missed"}),
    ("shelter", {"method": "p_median", "count": 2, "capacity": 150}),
    ("shelter", {"method": "p_center", "count": 1, "capacity": 40, "limit": 150.0}),
    ("shelter", {"method": "cover_all", "capacity": 60, "limit": 150.0}),
    ("shelter", {"method": "cover_most", "count": 2, "capacity": 90}),
]


def answered(store: Database, standard: str = "fire", **question: Any) -> int:
    number = coverage_sites.request(store, SCOPE, standard, COUNTY, Question(**question))
    work(store, number)
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT state, error FROM job WHERE id = :id", id=number)
    assert row["state"] == "done", row["error"]
    return number


def file_of(store: Database, number: int) -> bytes:
    with store.transaction(SCOPE) as tx:
        row = kept.read(tx, number)
    assert row is not None
    assert row["altered"] == 0
    return bytes(row["content"])


@pytest.mark.parametrize(("standard", "question"), QUESTIONS)
def test_an_answer_is_certified_and_verified(
    store: Database, standard: str, question: dict[str, Any]
) -> None:
    number = answered(store, standard, **question)
    verdict = verify(file_of(store, number))
    assert [str(one) for one in verdict.altered] == []
    assert verdict.stated["stated"]["job"] == number
    again = siting_certificates.verified(store, SCOPE, number)
    assert again.sound
    with store.transaction(system_scope()) as tx:
        told = tx.one("SELECT payload FROM event WHERE kind = 'coverage.sites_certified'")
    spots = verdict.counts["demand"]
    assert told["payload"] == {"job": number, "spots": spots, "altered": 0}


def test_a_file_that_was_not_made_is_made_from_what_the_answer_saw(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = answered(store, method="p_median", count=2)
    first = file_of(store, number)
    with store.transaction(SCOPE) as tx:
        tx.execute("DELETE FROM siting_certificate")
    assert siting_certificates.make(store, SCOPE, number).content == first
    with store.transaction(SCOPE) as tx:
        tx.execute("DELETE FROM siting_certificate")
        tx.execute("UPDATE facility SET open = false WHERE kind = 'fire_station'")
    with pytest.raises(Problem, match="has changed"):
        siting_certificates.make(store, SCOPE, number)

    def broken(*_: object) -> bytes:
        raise RuntimeError("the disk is full")

    # the answer stands whatever becomes of its file
    monkeypatch.setattr(siting_certificates, "content", broken)
    assert answered(store, method="next", limit=200.0) > number


def test_a_file_made_later_is_of_the_hour_of_its_answer(store: Database) -> None:
    number = answered(store, method="p_median", count=2)
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM siting_certificate")
        tx.execute(
            "UPDATE job SET result = jsonb_set(result, '{standard,at}', '\"2026-11-02 04:17\"')"
            " WHERE id = :id",
            id=number,
        )
    made = siting_certificates.make(store, SCOPE, number)
    assert verify(made.content).stated["stated"]["standard"]["at"] == "2026-11-02 04:17"


def test_an_answer_that_was_altered_is_told_from_its_file(store: Database) -> None:
    number = answered(store, method="next", limit=200.0)
    with store.transaction(SCOPE) as tx:
        tx.execute(
            "UPDATE job SET result = jsonb_set(result, '{sites,0,households}', '9999')"
            " WHERE id = :id",
            id=number,
        )
    verdict = siting_certificates.verified(store, SCOPE, number)
    assert [(one.table, one.label, one.column) for one in verdict.altered] == [
        ("job", "site 1", "households")
    ]


def test_nobody_is_named_and_the_file_goes_with_the_answer(store: Database) -> None:
    with store.transaction(SCOPE) as tx:
        tx.execute("UPDATE household SET address = 'ADDRESS', carer = 'NAME'")
    number = answered(store, method="next", limit=200.0)
    with zipfile.ZipFile(io.BytesIO(file_of(store, number))) as packed:
        for name in packed.namelist():
            assert b"ADDRESS" not in packed.read(name)
            assert b"NAME" not in packed.read(name)
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM job WHERE id = :id", id=number)
        assert tx.value("SELECT count(*) FROM siting_certificate") == 0


def test_what_has_chosen_nothing_has_no_file(store: Database) -> None:
    with store.transaction(SCOPE) as tx:
        tx.execute("UPDATE facility SET open = false WHERE kind = 'fire_station'")
    number = answered(store, method="least_missed")
    with pytest.raises(Problem, match="nothing that could be proven"):
        siting_certificates.make(store, SCOPE, number)
    with pytest.raises(Problem, match="certificate of job"):
        siting_certificates.fetch(store, SCOPE, number, ())
    with pytest.raises(Problem, match="answered question"):
        siting_certificates.make(store, SCOPE, number + 10_000)
