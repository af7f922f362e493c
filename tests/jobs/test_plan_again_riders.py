"""A plan made once more: who was told how they get to the shelter gets there so again."""

import json
from typing import Any

import pytest
from test_plan_again import again, order, tell
from test_plan_drafts import cannot_walk, drafted, rows

from gridmap.model.access import system_scope
from gridmap.services import plan_vehicles
from gridmap.store import plan_inputs
from gridmap.store import vehicle as vehicle_rows
from gridmap.store.database import Database

pytestmark = pytest.mark.database


def rides(store: Database, plan_id: int) -> dict[int, dict[str, Any]]:
    """Give how each household gets to its shelter: `travel`, `vehicle`, `assembly`."""
    found = rows(
        store,
        "SELECT a.household_id AS id, a.travel, a.assembly, s.vehicle FROM assignment AS a"
        " LEFT JOIN plan_stop AS s ON s.plan_id = a.plan_id AND s.household_id = a.household_id"
        " WHERE a.plan_id = :id AND a.shelter_id IS NOT NULL",
        id=plan_id,
    )
    return {row["id"]: {name: row[name] for name in row if name != "id"} for row in found}


def vehicles(store: Database, name: str, *, beside: int | None, seats: int, count: int = 1) -> None:
    """Add vehicles beside a household, or far away beside a shelter."""
    at = "SELECT geom FROM facility AS f JOIN shelter AS s ON s.facility_id = f.id WHERE f.open"
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO vehicle (area_code, name, seats, wheelchairs, ready_minutes, geom)"
            " SELECT '990101', :name || n, :seats, 4, 0, p.geom"
            " FROM generate_series(1, :count) AS n,"
            f" LATERAL ({at if beside is None else 'SELECT geom FROM household WHERE id = :home'}"
            " LIMIT 1) AS p",
            name=name,
            seats=seats,
            count=count,
            home=beside,
        )


@pytest.fixture
def before(store: Database) -> int:
    """Give a plan in which some walk, some are fetched at points and some at the door."""
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE walking_speed SET kmh = 0.8 WHERE need = 'elderly'")
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, 'elderly', 1 FROM household WHERE id % 2 = 0"
            " ON CONFLICT DO NOTHING"
        )
    cannot_walk(store, drafted(store), 3)
    vehicles(store, "v", beside=None, seats=16, count=3)
    plan_id = drafted(store, assembly_minutes=30)
    assert {row["travel"] for row in rides(store, plan_id).values()} == {
        "walk", "walk_then_vehicle", "vehicle",
    }  # fmt: skip
    return plan_id


def test_who_was_told_rides_with_the_vehicle_they_know(store: Database, before: int) -> None:
    was = rides(store, before)
    riding = [h for h, row in was.items() if row["vehicle"] is not None]
    walking = [h for h, row in was.items() if row["vehicle"] is None]
    told = [*riding[:-2], *walking[::3]]
    tell(store, before, told)
    order(store, before, 0)
    # nearer, larger ones: whoever chooses anew takes them
    vehicles(store, "near", beside=riding[0], seats=30, count=3)
    now = rides(store, again(store, before))
    assert {household: now[household] for household in told} == {
        household: was[household] for household in told
    }
    used = {row["vehicle"] for row in now.values()} - {row["vehicle"] for row in was.values()}
    assert used, "those who were not told may choose the others"


def test_a_vehicle_that_is_gone_leaves_those_who_know_it_fetched(
    store: Database, before: int
) -> None:
    was = rides(store, before)
    riding = {h: row["vehicle"] for h, row in was.items() if row["vehicle"] is not None}
    tell(store, before, [*riding])
    order(store, before, 0)
    gone = min(riding.values())
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE vehicle SET in_use = false, revision = revision + 1 WHERE id = :id", id=gone
        )
    now = rides(store, again(store, before))
    for household, vehicle in riding.items():
        assert now[household]["travel"] in {"vehicle", "walk_then_vehicle"}
        if vehicle == gone:
            assert now[household]["vehicle"] not in {None, gone}
        else:
            assert now[household] == was[household]


def test_who_cannot_walk_any_more_is_fetched_though_told_to_walk(
    store: Database, before: int
) -> None:
    was = rides(store, before)
    told = [h for h, row in was.items() if row["travel"] == "walk"][:4]
    tell(store, before, told)
    order(store, before, 0)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, 'wheelchair', 1 FROM household WHERE id = :id",
            id=told[0],
        )
    now = rides(store, again(store, before))
    assert now[told[0]]["travel"] == "vehicle"
    assert [now[household]["travel"] for household in told[1:]] == ["walk"] * 3


def test_the_clock_alone_makes_no_plan_stale(
    store: Database, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off duty or on: the register is what a plan is compared with, not the hour."""
    always = [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "08:00", "to": "18:00"}]
    with store.transaction(system_scope()) as tx:
        hazard = tx.value("SELECT hazard_id FROM plan WHERE id = :id", id=before)
        tx.execute("UPDATE vehicle SET hours = CAST(:hours AS jsonb)", hours=json.dumps(always))
    found = []
    for minute in (3 * 60, 12 * 60):
        monkeypatch.setattr(
            vehicle_rows, "moment", lambda _tx, at=minute: {"weekday": 3, "minute": at}
        )
        with store.transaction(system_scope()) as tx:
            at_hand, _off = plan_vehicles.at_hand(tx, "990101", hazard)
            found.append((len(at_hand), plan_inputs.prints(tx, hazard, "990101")["vehicle"]))
    assert [count for count, _print in found] == [0, 3]
    assert found[0][1] == found[1][1]


def test_who_was_told_to_walk_walks_though_seats_come(store: Database, before: int) -> None:
    free = rides(store, before)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE vehicle SET in_use = id = (SELECT min(id) FROM vehicle)")
    few = drafted(store, assembly_minutes=30)
    walked = [h for h, row in rides(store, few).items() if row["travel"] == "walk"]
    told = [household for household in walked if free[household]["travel"] != "walk"]
    assert told, "with more seats they would ride"
    tell(store, few, told)
    order(store, few, 0)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE vehicle SET in_use = true")
    now = rides(store, again(store, few))
    assert {now[household]["travel"] for household in told} == {"walk"}
