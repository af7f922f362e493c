"""Prices of beds and streets: there after the draft, and no part of what is ordered."""

from typing import Any

import pytest
from test_plan_drafts import SCOPE, drafted, rows

from gridmap.model.access import system_scope
from gridmap.services import jobs as job_service
from gridmap.services import plan_prices, plan_views
from gridmap.store import plan_order
from gridmap.store.database import Database
from jobs import kinds
from jobs.run import work

pytestmark = pytest.mark.database


def pricing(store: Database, plan_id: int) -> int:
    """Give the job that the draft asked for."""
    (row,) = rows(
        store,
        "SELECT id, state FROM job WHERE kind = 'evacuation.prices'"
        " AND (arguments ->> 'plan')::bigint = :id",
        id=plan_id,
    )
    assert row["state"] == "queued"
    return int(row["id"])


def shown(store: Database, plan_id: int) -> dict[str, Any]:
    return plan_views.parts(store, SCOPE, plan_id, SCOPE.areas)


def sealed(store: Database, plan_id: int) -> tuple[str, str]:
    (row,) = rows(store, "SELECT check_hash FROM plan WHERE id = :id", id=plan_id)
    with store.transaction(system_scope()) as tx:
        return row["check_hash"], plan_order.content_hash(tx, plan_id)


def fewer_beds(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE shelter SET capacity = greatest(capacity / 8, 4)")


def test_a_draft_is_there_first_and_its_prices_follow(store: Database) -> None:
    fewer_beds(store)
    plan_id = drafted(store)
    assert shown(store, plan_id)["prices"] is None
    assert shown(store, plan_id)["pricing"] == "waiting"
    before = sealed(store, plan_id)
    assert before[0] == before[1]
    job_id = pricing(store, plan_id)
    work(store, job_id)
    done = job_service.show(store, SCOPE, job_id)
    assert done["state"] == "done", done["error"]
    assert shown(store, plan_id)["pricing"] == "listed"
    found = shown(store, plan_id)["prices"]["prices"]
    assert done["result"]["prices"] == len(found) > 0
    assert sealed(store, plan_id) == before
    beds = [row for row in found if row["kind"] == "bed"]
    assert max(row["serves_people"] for row in beds) == 1
    assert {row["geometry"]["type"] for row in beds} == {"Point"}
    events = rows(
        store,
        "SELECT payload FROM event WHERE kind = 'plan.priced' AND subject_id = CAST(:id AS text)",
        id=plan_id,
    )
    assert [row["payload"]["prices"] for row in events] == [len(found)]


def test_one_more_bed_serves_as_many_as_its_price_says(store: Database) -> None:
    fewer_beds(store)
    plan_id = drafted(store)
    work(store, pricing(store, plan_id))
    found = shown(store, plan_id)["prices"]["prices"]
    bed = next(row for row in found if row["kind"] == "bed" and row["serves_people"])
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE shelter SET capacity = capacity + 1 WHERE facility_id = :id",
            id=int(bed["label"]),
        )
    # the flow behind a price may divide households: 40 beds more show it on whole ones
    first = rows(store, "SELECT totals FROM plan WHERE id = :id", id=plan_id)[0]["totals"]
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE shelter SET capacity = capacity + 39 WHERE facility_id = :id",
            id=int(bed["label"]),
        )
    again = drafted(store)
    second = rows(store, "SELECT totals FROM plan WHERE id = :id", id=again)[0]["totals"]
    assert 30 <= second["served_people"] - first["served_people"] <= 40


def test_of_other_data_than_the_plan_was_made_from_nothing_is_priced(store: Database) -> None:
    fewer_beds(store)
    plan_id = drafted(store)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE shelter SET capacity = capacity + 1")
    job_id = pricing(store, plan_id)
    work(store, job_id)
    done = job_service.show(store, SCOPE, job_id)
    assert (done["state"], done["result"]["prices"]) == ("done", None)
    assert shown(store, plan_id)["pricing"] == "changed"
    told = rows(store, "SELECT payload FROM event WHERE kind = 'plan.priced' ORDER BY seq")
    assert [row["payload"] for row in told] == [{"prices": 0, "exercise": False}]
    assert shown(store, plan_id)["prices"] is None


def test_a_plan_that_survives_any_one_failure_says_who_does_not(store: Database) -> None:
    plain = drafted(store)
    assert shown(store, plain)["robust"] is None
    plan_id = drafted(store, robust="any")
    (row,) = rows(store, "SELECT totals, options FROM plan WHERE id = :id", id=plan_id)
    assert row["options"]["robust"] == "any"
    price, part = row["totals"]["robust"], shown(store, plan_id)["robust"]
    assert price["people"] + price["not_people"] == row["totals"]["served_people"]
    assert sum(one["people"] for one in part["left"]) == price["not_people"]
    assert sum(one["households"] for one in part["left"]) == price["not_households"]
    assert part["left_more"] == 0
    assert all(street["people"] > 0 for street in part["streets"])
    assert plan_prices.KIND in kinds.kinds()
