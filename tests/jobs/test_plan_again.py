"""Once more with the fewest changes: who was told stays, the rest is said, exactly one result."""

from typing import Any

import pytest
from test_plan_drafts import SCOPE, drafted, rows, verdict

from gridmap.model.access import system_scope
from gridmap.model.problem import Problem
from gridmap.services import jobs as job_service
from gridmap.services import plan_again, plan_views
from gridmap.store import job_sweeping
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database


def placed(store: Database, plan_id: int) -> dict[int, int | None]:
    found = rows(
        store, "SELECT household_id, shelter_id FROM assignment WHERE plan_id = :id", id=plan_id
    )
    return {row["household_id"]: row["shelter_id"] for row in found}


def tell(store: Database, plan_id: int, households: list[int]) -> None:
    with store.transaction(system_scope()) as tx:
        for household in households:
            tx.execute(
                "INSERT INTO call_out (plan_id, household_id, area_code, state, channel)"
                " SELECT :plan, id, area_code, 'answered', 'phone' FROM household WHERE id = :id",
                plan=plan_id,
                id=household,
            )


def again(store: Database, before: int) -> int:
    made, job_id = plan_again.request(store, SCOPE, before)
    work(store, job_id)
    done = job_service.show(store, SCOPE, job_id)
    assert done["state"] == "done", done["error"]
    assert verdict(store, made)["altered"] == []
    return made


def test_nothing_changed_changes_nobody(store: Database) -> None:
    before = drafted(store)
    made = again(store, before)
    assert placed(store, made) == placed(store, before)
    assert rows(store, "SELECT 1 FROM plan_change WHERE plan_id = :id", id=made) == []
    (row,) = rows(store, "SELECT replans, version FROM plan WHERE id = :id", id=made)
    assert (row["replans"], row["version"]) == (before, 2)


def test_a_shut_shelter_moves_its_people_and_says_why(store: Database) -> None:
    before = drafted(store)
    was = placed(store, before)
    shut = max(filter(None, was.values()), key=list(was.values()).count)
    told = [household for household, shelter in was.items() if shelter not in (None, shut)][:5]
    tell(store, before, told)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = false WHERE id = :id", id=shut)
    made = again(store, before)
    now = placed(store, made)
    assert shut not in now.values()
    assert {household: now[household] for household in told} == {
        household: was[household] for household in told
    }
    moved = {household for household in now if now[household] != was[household]}
    changed = rows(
        store, "SELECT household_id, why, told FROM plan_change WHERE plan_id = :id", id=made
    )
    assert {row["household_id"] for row in changed} == moved
    assert {household for household, shelter in was.items() if shelter == shut} <= moved
    reasons = {row["household_id"]: row["why"] for row in changed}
    assert {reasons[h] for h, shelter in was.items() if shelter == shut} == {"shelter_closed"}
    assert not any(row["told"] for row in changed)
    shown = plan_views.parts(store, SCOPE, made, SCOPE.areas)
    assert shown["before"]["id"] == before
    assert shown["replan"]["kept_households"] + len(moved) == len(was)
    listed = plan_views.changes(store, SCOPE, made, "zh_CN", SCOPE.areas)
    assert {row["household"] for row in listed} == moved
    (trace,) = rows(store, "SELECT payload FROM event WHERE kind = 'plan.replanned'")
    assert trace["payload"]["households"] == len(moved)


def test_a_full_shelter_keeps_those_who_were_told_and_takes_nobody_else(store: Database) -> None:
    before = drafted(store)
    was = placed(store, before)
    full = max(filter(None, was.values()), key=list(was.values()).count)
    inside = [household for household, shelter in was.items() if shelter == full]
    assert len(inside) > 3
    tell(store, before, inside[:3])
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO shelter_status (plan_id, shelter_id, area_code, state)"
            " SELECT :plan, id, area_code, 'full' FROM facility WHERE id = :id",
            plan=before,
            id=full,
        )
    now = placed(store, again(store, before))
    assert {household for household in now if now[household] == full} == set(inside[:3])


def test_asked_twice_is_one_plan_and_one_that_is_over_is_refused(store: Database) -> None:
    before = drafted(store)
    asked = plan_again.request(store, SCOPE, before)
    assert plan_again.request(store, SCOPE, before) == asked
    work(store, asked[1])
    with pytest.raises(Problem, match="superseded"):
        plan_again.request(store, SCOPE, before)


def test_a_worker_that_dies_in_the_middle_leaves_one_result(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first attempt ends after everything is computed, before it is saved; then it comes back.

    The attempt that took over saves; the first one, which did not know that it was given up, is
    turned away by its token and leaves nothing behind.
    """
    before = drafted(store)
    made, job_id = plan_again.request(store, SCOPE, before)
    real, runs = plan_again.save, []

    def late(tx: Any, row: Any, *more: Any) -> None:
        runs.append(row["attempt"])
        if len(runs) == 1:
            with store.transaction(system_scope()) as other:
                assert job_sweeping.expire(other, job_id, row["token"])
            work(store, job_id)
        real(tx, row, *more)

    monkeypatch.setattr(plan_again, "save", late)
    work(store, job_id)
    assert runs == [1, 2]
    (row,) = rows(store, "SELECT state FROM plan WHERE id = :id", id=made)
    assert row["state"] == "drafted"
    assert job_service.show(store, SCOPE, job_id)["state"] == "done"
    affected = len(placed(store, before))
    assert len(placed(store, made)) == affected
    counts = rows(
        store,
        "SELECT (SELECT count(*) FROM event WHERE kind = 'plan.replanned') AS told,"
        " (SELECT count(*) FROM plan_part WHERE plan_id = :id AND kind = 'clearance') AS parts",
        id=made,
    )
    assert (counts[0]["told"], counts[0]["parts"]) == (1, 1)


def test_a_draft_and_a_plan_made_again_are_work_of_their_own_kind(store: Database) -> None:
    before = drafted(store)
    made = again(store, before)
    found = rows(
        store,
        "SELECT p.id, j.kind, p.replans FROM plan AS p JOIN job AS j ON j.id = p.job_id ORDER BY 1",
    )
    assert [tuple(dict(row).values()) for row in found] == [
        (before, "evacuation.draft", None),
        (made, "evacuation.replan", before),
    ]
    told = rows(store, "SELECT kind FROM event WHERE kind LIKE 'plan.%' ORDER BY seq")
    assert [row["kind"] for row in told] == ["plan.drafted", "plan.replanned"]
