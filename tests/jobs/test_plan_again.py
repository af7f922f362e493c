"""Once more with the fewest changes: who was told stays, the rest is said, exactly one result."""

from typing import Any

import pytest
from shapely.geometry import Point
from test_plan_drafts import SCOPE, drafted, rows, verdict

from gridmap.model.access import system_scope
from gridmap.model.problem import Problem
from gridmap.services import closures, plan_again, plan_views
from gridmap.services import jobs as job_service
from gridmap.store import job_sweeping
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database


def placed(store: Database, plan_id: int) -> dict[int, int | None]:
    found = rows(
        store, "SELECT household_id, shelter_id FROM assignment WHERE plan_id = :id", id=plan_id
    )
    return {row["household_id"]: row["shelter_id"] for row in found}


_ROW = (
    "SELECT a.household_id, a.shelter_id, a.second_shelter_id, a.reason, a.by_vehicle, a.travel,"
    " a.wave, a.departs_seconds, a.assembly, round(a.assembly_seconds) AS walk,"
    " (SELECT concat_ws(' ', one -> 'lon', one -> 'lat') FROM plan_part AS k,"
    "   jsonb_array_elements(k.content -> 'points') AS one WHERE k.plan_id = a.plan_id"
    "   AND k.kind = 'assembly' AND one -> 'number' = to_jsonb(a.assembly)) AS point,"
    " (SELECT ST_AsText(r.geom, 5) FROM route AS r WHERE r.plan_id = a.plan_id"
    "   AND r.household_id = a.household_id AND r.mode = 'walk') AS way"
    " FROM assignment AS a WHERE a.plan_id = :id ORDER BY a.household_id"
)


def said(store: Database, plan_id: int) -> dict[int, dict[str, Any]]:
    """Give everything that a plan says of each household."""
    return {row["household_id"]: dict(row) for row in rows(store, _ROW, id=plan_id)}


def part(store: Database, plan_id: int) -> Any:
    (found,) = rows(
        store, "SELECT content FROM plan_part WHERE plan_id = :id AND kind = 'replan'", id=plan_id
    )
    return found["content"]


def grids_of(store: Database, households: set[int]) -> list[str]:
    found = rows(
        store,
        "SELECT DISTINCT area_code FROM household WHERE id = ANY(:ids) ORDER BY 1",
        ids=sorted(households),
    )
    return [row["area_code"] for row in found]


def order(store: Database, plan_id: int, minutes: int) -> None:
    """Let a plan be one that was set going some minutes ago."""
    with store.transaction(system_scope()) as tx:
        one, other = (
            tx.value(
                "INSERT INTO app_user (name, display_name, password_hash)"
                " VALUES (:name, :name, '-') RETURNING id",
                name=name,
            )
            for name in (f"asks{plan_id}", f"approves{plan_id}")
        )
        tx.execute(
            "UPDATE plan SET state = 'approved', created_by = :one, approved_by = :other,"
            " approved_at = now() WHERE id = :id",
            one=one,
            other=other,
            id=plan_id,
        )
        tx.execute(
            "UPDATE plan SET state = 'active', activated_by = :other,"
            " activated_at = now() - make_interval(mins => :minutes) WHERE id = :id",
            other=other,
            minutes=minutes,
            id=plan_id,
        )


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
    before = drafted(store, assembly_minutes=30, staging="always", wave_people=30, wave_minutes=5)
    was = said(store, before)
    assert any(row["assembly"] for row in was.values())
    assert len({row["wave"] for row in was.values()}) > 1
    made = again(store, before)
    assert said(store, made) == was
    shown = part(store, made)
    assert (shown["grids"], shown["shelters"]) == ([], [])
    assert shown["otherwise"] == {"households": 0, "told": 0}
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


def test_points_are_kept_with_a_street_closed_and_each_change_is_one(store: Database) -> None:
    before = drafted(store, assembly_minutes=30)
    with store.transaction(system_scope()) as tx:
        # numbers that a choice made anew would never give
        tx.execute("UPDATE assignment SET assembly = assembly + 10 WHERE plan_id = :id", id=before)
        tx.execute(
            "UPDATE plan_part SET content = jsonb_set(content, '{points}', (SELECT jsonb_agg(one"
            " || jsonb_build_object('number', CAST(one ->> 'number' AS int) + 10))"
            " FROM jsonb_array_elements(content -> 'points') AS one))"
            " WHERE plan_id = :id AND kind = 'assembly'",
            id=before,
        )
    was = said(store, before)
    told = [household for household, row in was.items() if row["assembly"] is not None][:6]
    assert len(told) == 6
    tell(store, before, told)
    closed_on_the_way(store, before, told[0])
    made = again(store, before)
    now = said(store, made)
    for household in told:
        assert [now[household][name] for name in ("shelter_id", "assembly", "point")] == [
            was[household][name] for name in ("shelter_id", "assembly", "point")
        ]
    other = {
        household
        for household in now
        if any(now[household][name] != was[household][name] for name in _TOLD_OF)
    }
    assert other
    shown = part(store, made)
    assert shown["grids"] == grids_of(store, other)
    stay = {h for h in other if now[h]["shelter_id"] == was[h]["shelter_id"]}
    assert shown["otherwise"] == {"households": len(stay), "told": len(stay & set(told))}


_TOLD_OF = (
    "shelter_id", "second_shelter_id", "reason", "by_vehicle", "travel", "departs_seconds",
    "assembly", "point", "way",
)  # fmt: skip


def closed_on_the_way(store: Database, plan_id: int, household: int) -> None:
    """Close the street half way between a household and its shelter."""
    (row,) = rows(
        store,
        "SELECT ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT ST_LineInterpolatePoint(geom, 0.5) AS p"
        " FROM route WHERE plan_id = :id AND household_id = :household AND mode = 'walk') AS half",
        id=plan_id,
        household=household,
    )
    spot = Point(row["lon"], row["lat"]).buffer(0.0002)
    closures.close(store, SCOPE, closures.NewClosure(spot, "积水", "all"))


@pytest.mark.parametrize("second", ["always", "never"])
def test_who_was_told_when_to_leave_leaves_then(store: Database, second: str) -> None:
    """Eight minutes after the order it is eight minutes less, whoever else leaves in waves now."""
    before = drafted(store, staging="always", wave_people=30, wave_minutes=5)
    was = said(store, before)
    late = [h for h, row in was.items() if (row["departs_seconds"] or 0) > 600]
    early = [h for h, row in was.items() if row["departs_seconds"] == 0]
    told = sorted({*early[:2], *late[:2], *late[-2:]})
    tell(store, before, told)
    order(store, before, 8)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE plan SET options = (options - 'wave_people' - 'wave_minutes')"
            " || jsonb_build_object('staging', CAST(:how AS text)) WHERE id = :id",
            how=second,
            id=before,
        )
    made = again(store, before)
    now = said(store, made)
    for household in told:
        due = max(0.0, was[household]["departs_seconds"] - 480)
        assert now[household]["departs_seconds"] == pytest.approx(due, abs=30)
    called = {(row["departs_seconds"], row["wave"]) for row in now.values() if row["wave"]}
    assert [wave for _departs, wave in sorted(called)] == list(range(1, len(called) + 1))
    shown = part(store, made)
    assert shown["otherwise"]["told"] == 0
    if second == "never":
        free = set(was) - set(told)
        assert {now[household]["departs_seconds"] for household in free} <= {0.0, None}


def test_a_draft_between_does_not_forget_who_was_told(store: Database) -> None:
    """Who was told keeps what they were told, not what a draft nobody ordered says of them."""
    before = drafted(store, assembly_minutes=30)
    was = said(store, before)
    shelters = [row["shelter_id"] for row in was.values() if row["shelter_id"]]
    shut = max(shelters, key=shelters.count)
    told = [h for h, row in was.items() if row["shelter_id"] == shut][:4]
    tell(store, before, told)
    order(store, before, 0)
    opened(store, shut, False)
    between = again(store, before)
    assert {said(store, between)[household]["shelter_id"] for household in told} != {shut}
    opened(store, shut, True)
    made = again(store, between)
    now = said(store, made)
    assert [_place(now[household]) for household in told] == [
        _place(was[household]) for household in told
    ]
    opened(store, shut, False)
    changed = rows(
        store,
        "SELECT household_id, told, before_shelter_id FROM plan_change WHERE plan_id = :id",
        id=again(store, made),
    )
    assert {row["household_id"] for row in changed if row["told"]} == set(told)


def _place(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in ("shelter_id", "assembly", "point", "way")]


def opened(store: Database, shelter: int, open_: bool) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE facility SET open = :open WHERE id = :id", open=open_, id=shelter)


def test_who_goes_with_somebody_told_leaves_with_them_though_fetched_now(store: Database) -> None:
    apart = said(store, drafted(store, staging="always", wave_people=30, wave_minutes=10))
    carer, cared = [h for h, row in apart.items() if (row["departs_seconds"] or 0) > 0][-2:]
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE household SET phone = '0001112222' WHERE id = :id", id=carer)
        tx.execute("UPDATE household SET carer_phone = '0001112222' WHERE id = :id", id=cared)
    before = drafted(store, staging="always", wave_people=30, wave_minutes=10)
    departs = said(store, before)[carer]["departs_seconds"]
    assert departs > 0
    tell(store, before, [carer])
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE shelter SET accessible = true")
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, 'wheelchair', 1 FROM household WHERE id = :id",
            id=cared,
        )
    now = said(store, again(store, before))
    assert now[cared]["by_vehicle"]
    assert [now[one]["departs_seconds"] for one in (carer, cared)] == [departs, departs]


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
