"""Drafts as they are saved: options that bind, figures that add up."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gridmap.maps import paging
from gridmap.maps.sheet_words import Look
from gridmap.model.access import Scope, system_scope
from gridmap.model.plan_options import PlanOptions
from gridmap.services import hazards, plan_computing, plans, reports, sheets
from gridmap.store.database import Database
from jobs.run import work

pytestmark = pytest.mark.database
SCOPE = Scope(("990101",))


def rows(store: Database, sql: str, **values: Any) -> list[Any]:
    with store.transaction(system_scope()) as tx:
        return tx.all(sql, **values)


def drafted(store: Database, **options: Any) -> int:
    hazard = hazards.find(store, SCOPE, "flood")
    plan_id, job_id = plans.request(store, SCOPE, hazard, PlanOptions(**options))
    work(store, job_id)
    (row,) = rows(store, "SELECT state FROM plan WHERE id = :id", id=plan_id)
    (job,) = rows(store, "SELECT error FROM job WHERE id = :id", id=job_id)
    assert row["state"] == "drafted", job["error"]
    assert verdict(store, plan_id)["altered"] == []
    return plan_id


def verdict(store: Database, plan_id: int) -> Any:
    """Give what the checker said of a plan when it was drafted."""
    (part,) = rows(
        store, "SELECT content FROM plan_part WHERE plan_id = :id AND kind = 'verdict'", id=plan_id
    )
    assert part["content"]["checked"]
    assert part["content"]["ways"] > 0
    return part["content"]


def walked(store: Database, plan_id: int) -> list[float]:
    return [
        float(row["seconds"])
        for row in rows(
            store,
            "SELECT seconds FROM assignment WHERE plan_id = :id AND seconds IS NOT NULL"
            " AND NOT by_vehicle",
            id=plan_id,
        )
    ]


def test_nobody_walks_longer_than_the_option_allows(store: Database) -> None:
    free = sorted(walked(store, drafted(store)))
    minutes = max(5, int(free[len(free) // 2] // 60))
    assert free[-1] > 60 * minutes
    limited = drafted(store, walk_limit_minutes=minutes)
    assert 0 < max(walked(store, limited)) <= 60 * minutes
    left = rows(store, "SELECT DISTINCT reason FROM assignment WHERE plan_id = :id", id=limited)
    assert "too_far" in {row["reason"] for row in left}


def test_waves_are_no_larger_than_asked(store: Database) -> None:
    plan_id = drafted(store, wave_people=60, wave_minutes=10)
    sums = rows(
        store,
        "SELECT wave, sum(people) AS people FROM assignment WHERE plan_id = :id"
        " AND wave IS NOT NULL GROUP BY wave",
        id=plan_id,
    )
    assert len(sums) > 1
    assert all(row["people"] <= 60 for row in sums)


def test_the_slow_take_longer_on_the_same_way(store: Database) -> None:
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE walking_speed SET kmh = 1.0 WHERE kmh > 0")
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, 'elderly', 1 FROM household WHERE id % 3 = 0"
            " ON CONFLICT DO NOTHING"
        )
    plan_id = drafted(store)
    slow = rows(
        store,
        "SELECT seconds / nullif(metres, 0) AS pace, pace_kmh FROM assignment"
        " WHERE plan_id = :id AND shelter_id IS NOT NULL AND NOT by_vehicle AND metres > 50",
        id=plan_id,
    )
    paced = [row["pace"] for row in slow if row["pace_kmh"] is not None]
    free = [row["pace"] for row in slow if row["pace_kmh"] is None]
    assert paced
    assert free
    assert min(paced) > 2 * max(free)


def test_who_is_looked_after_goes_where_the_carer_goes(store: Database) -> None:
    """Households far apart that would go to different shelters go to one."""
    apart = drafted(store, together=False)
    first, last = (
        rows(
            store,
            f"SELECT household_id AS id FROM assignment WHERE plan_id = :id"
            f" AND shelter_id = (SELECT {end}(shelter_id) FROM assignment WHERE plan_id = :id)"
            " ORDER BY household_id LIMIT 1",
            id=apart,
        )[0]["id"]
        for end in ("min", "max")
    )
    assert first != last
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE household SET phone = '0001112222' WHERE id = :id", id=first)
        tx.execute("UPDATE household SET carer_phone = '000-111-2222' WHERE id = :id", id=last)
    together = drafted(store)
    pair = rows(
        store,
        "SELECT kin, shelter_id, wave FROM assignment WHERE plan_id = :id"
        " AND household_id = ANY(:ids)",
        id=together,
        ids=[first, last],
    )
    assert {row["kin"] for row in pair} == {1}
    assert len({(row["shelter_id"], row["wave"]) for row in pair}) == 1


def cannot_walk(store: Database, plan_id: int, count: int) -> list[int]:
    found = rows(
        store,
        "SELECT household_id AS id FROM assignment WHERE plan_id = :id AND shelter_id IS NOT NULL"
        " ORDER BY household_id LIMIT :count",
        id=plan_id,
        count=count,
    )
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM household_need WHERE kind IN ('wheelchair', 'bedridden')")
        tx.execute(
            "INSERT INTO household_need (household_id, area_code, kind, people)"
            " SELECT id, area_code, 'wheelchair', 1 FROM household WHERE id = ANY(:ids)",
            ids=[row["id"] for row in found],
        )
        tx.execute("UPDATE shelter SET accessible = true")
    return [row["id"] for row in found]


def test_who_cannot_walk_is_fetched_or_learns_why_not(store: Database) -> None:
    sitting = cannot_walk(store, drafted(store), 4)
    without = drafted(store)
    stops = rows(store, "SELECT * FROM plan_stop WHERE plan_id = :id", id=without)
    assert {row["household_id"] for row in stops} == set(sitting)
    assert {row["reason"] for row in stops} == {"no_vehicle"}
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO vehicle (area_code, name, seats, wheelchairs, ready_minutes, geom)"
            " SELECT '990101', '中巴1', 12, 4, 10, f.geom FROM facility AS f"
            " JOIN shelter AS s ON s.facility_id = f.id WHERE f.open ORDER BY f.id LIMIT 1"
        )
    plan_id = drafted(store)
    stops = rows(
        store, "SELECT * FROM plan_stop WHERE plan_id = :id ORDER BY tour, position", id=plan_id
    )
    assert {row["household_id"] for row in stops} == set(sitting)
    assert all(row["reason"] is None and row["arrives_seconds"] >= 600 for row in stops)
    (part,) = rows(
        store, "SELECT content FROM plan_part WHERE plan_id = :id AND kind = 'tours'", id=plan_id
    )
    assert sum(tour["households"] for tour in part["content"]["tours"]) == len(sitting)
    # a vehicle that is ready after the last minute fetches nobody: later is what would help
    hurried = drafted(store, deadline_minutes=5)
    late = rows(store, "SELECT DISTINCT reason FROM plan_stop WHERE plan_id = :id", id=hurried)
    assert [row["reason"] for row in late] == ["too_late"]
    (part,) = rows(
        store, "SELECT content FROM plan_part WHERE plan_id = :id AND kind = 'tours'", id=hurried
    )
    later = next(row for row in part["content"]["remedies"] if row["kind"] == "later")
    assert (later["households"], later["seconds"] > 300) == (len(sitting), True)
    walking = drafted(store, vehicles=False)
    assert rows(store, "SELECT 1 FROM plan_stop WHERE plan_id = :id", id=walking) == []


def test_too_few_beds_are_said_by_shelter_and_number(store: Database) -> None:
    before = drafted(store)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE shelter SET capacity = 20")
    plan_id = drafted(store)
    assert plan_id != before
    (left,) = rows(
        store,
        "SELECT coalesce(sum(people), 0) AS people FROM assignment"
        " WHERE plan_id = :id AND shelter_id IS NULL",
        id=plan_id,
    )
    (part,) = rows(
        store, "SELECT content FROM plan_part WHERE plan_id = :id AND kind = 'cuts'", id=plan_id
    )
    assert left["people"] > 0
    assert sum(row["beds"] for row in part["content"]["beds"]) >= left["people"]
    with store.transaction(system_scope()) as tx:
        for row in part["content"]["beds"]:
            tx.execute(
                "UPDATE shelter SET capacity = capacity + :beds WHERE facility_id = :id",
                beds=row["beds"],
                id=row["shelter"],
            )
    (after,) = rows(
        store,
        "SELECT count(*) AS n FROM assignment WHERE plan_id = :id AND shelter_id IS NULL",
        id=drafted(store),
    )
    assert after["n"] == 0


def totals(store: Database, plan_id: int) -> Any:
    (row,) = rows(store, "SELECT totals, person_seconds FROM plan WHERE id = :id", id=plan_id)
    (sums,) = rows(
        store,
        "SELECT coalesce(sum(people), 0) AS people,"
        " coalesce(sum(people) FILTER (WHERE second_shelter_id IS NULL), 0) AS unheld"
        " FROM assignment WHERE plan_id = :id AND shelter_id IS NOT NULL",
        id=plan_id,
    )
    return {**row["totals"], "seconds": row["person_seconds"], **dict(sums)}


def take(store: Database, fuller: int, less: int) -> None:
    """Let the shelter most people go to take so many people, and the other one so many."""
    order = (
        "SELECT shelter_id AS id FROM assignment WHERE plan_id = :id AND shelter_id IS NOT NULL"
        " GROUP BY 1 ORDER BY sum(people) DESC"
    )
    used = [row["id"] for row in rows(store, order, id=drafted(store))]
    with store.transaction(system_scope()) as tx:
        for shelter, beds in zip(used, (fuller, less), strict=True):
            tx.execute(
                "UPDATE shelter SET capacity = :beds WHERE facility_id = :id",
                beds=beds,
                id=shelter,
            )


def test_a_place_in_reserve_says_its_price_and_who_has_none(store: Database) -> None:
    """The smaller shelter cannot take in all who go to the larger one if that fails."""
    take(store, 200, 60)
    plain = totals(store, drafted(store))
    held = drafted(store, robust="shelter")
    found = totals(store, held)
    robust = found["robust"]
    assert found["people"] == plain["people"] > 60
    assert robust["not_people"] == found["unheld"] >= found["people"] - 60
    assert robust["people"] == found["people"] - found["unheld"]
    assert robust["nominal_person_seconds"] == pytest.approx(plain["seconds"])
    assert robust["person_seconds"] == pytest.approx(found["seconds"])
    price = found["seconds"] - plain["seconds"]
    assert robust["price_person_seconds"] == pytest.approx(price)
    after = rows(
        store,
        "SELECT s.capacity, sum(a.people) AS people, f.id AS failing"
        " FROM (SELECT DISTINCT shelter_id AS id FROM assignment WHERE plan_id = :id"
        "  AND shelter_id IS NOT NULL) AS f"
        " JOIN assignment AS a ON a.plan_id = :id"
        " JOIN shelter AS s ON s.facility_id ="
        "  CASE WHEN a.shelter_id = f.id THEN a.second_shelter_id ELSE a.shelter_id END"
        " GROUP BY s.facility_id, s.capacity, f.id",
        id=held,
    )
    assert len(after) == 2
    for row in after:
        assert row["people"] <= row["capacity"]


def test_fairness_says_what_it_costs(store: Database) -> None:
    """The near shelter is small: within a tolerance not everybody may go to the far one."""
    take(store, 40, 200)
    plain = totals(store, drafted(store))
    fair = totals(store, drafted(store, tolerance=1.2))
    price = fair["tolerance"]
    assert price["with"]["served_people"] == fair["people"]
    assert price["without"]["served_people"] == plain["people"] > fair["people"]
    assert price["with"]["person_seconds"] == pytest.approx(fair["seconds"])
    assert price["without"]["person_seconds"] == pytest.approx(plain["seconds"])
    gone = price["with"]["person_seconds"] - price["without"]["person_seconds"]
    assert price["price_person_seconds"] == pytest.approx(gone)


def test_sheets_page_and_rows_of_a_plan_have_the_same_people(store: Database) -> None:
    """Zones, shelters, the town, the page and the table are one count, of one look."""
    plan_id = drafted(store)
    everywhere = system_scope().areas
    asked = sheets.Asked(
        plan_id, "zh_CN", everywhere, everywhere, "http://x", datetime(2026, 6, 19, tzinfo=UTC)
    )
    booklet = sheets.booklet(store, system_scope(), asked)
    page = reports.plan(store, SCOPE, plan_id, "zh_CN", SCOPE.areas)
    (table,) = rows(
        store,
        "SELECT sum(people)::int AS people,"
        " (sum(people) FILTER (WHERE shelter_id IS NOT NULL))::int AS served"
        " FROM assignment WHERE plan_id = :id",
        id=plan_id,
    )
    printed = paging.pages(booklet, Look("zh_CN", "Asia/Shanghai", Path("static")))
    zones = sum(one.people for one in printed if one.kind == "leaf")
    members = {one.more["member"]: one.more["people"] for one in printed if one.kind == "member"}
    arriving = {one.shelter.id: one.more["people"] for one in printed if one.kind == "shelter"}
    (stock,) = {one.more["people"] for one in printed if one.kind == "needs"}
    people = page["totals"]["people"]
    assert people == table["people"] == zones == sum(members.values()) > 0
    assert people == sum(zone["people"] for zone in page["zones"]) == booklet.totals["people"]
    served = page["totals"]["served_people"]
    assert served == table["served"] == stock == sum(arriving.values())
    assert arriving == {shelter["id"]: shelter["people"] for shelter in page["shelters"]}
    assert people - served == sum(row["people"] for row in page["unserved"])


def test_beds_that_are_short_are_figures_and_a_shelter(store: Database) -> None:
    """A group is told what it needs together, not what its first household needs."""
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE shelter SET capacity = 20")
    plan_id = drafted(store)
    own = rows(
        store,
        "SELECT people, short_shelter_id AS shelter, short_room AS room, detail, reason"
        " FROM assignment WHERE plan_id = :id AND short_beds IS NOT NULL",
        id=plan_id,
    )
    assert {(row["reason"], row["detail"]) for row in own} == {("full", None)}
    room = {row["shelter"]: row["room"] for row in own}
    assert len({(row["shelter"], row["room"]) for row in own}) == len(room)
    needed = {
        shelter: sum(row["people"] for row in own if row["shelter"] == shelter) - free
        for shelter, free in room.items()
    }
    page = reports.plan(store, SCOPE, plan_id, "zh_CN", SCOPE.areas)
    (full,) = (row for row in page["unserved"] if row["reason"] == "full")
    assert {one["shelter"]: one["beds"] for one in full["short"]} == needed


def test_what_cannot_be_right_is_kept_with_the_plan(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft that the checker finds fault with is there to be read, and says what is wrong."""
    right = plan_computing._draft

    def wrong(*given: Any) -> Any:
        made = right(*given)
        return replace(made, person_seconds=made.person_seconds / 2)

    monkeypatch.setattr(plan_computing, "_draft", wrong)
    hazard = hazards.find(store, SCOPE, "flood")
    plan_id, job_id = plans.request(store, SCOPE, hazard)
    work(store, job_id)
    (row,) = rows(store, "SELECT state FROM plan WHERE id = :id", id=plan_id)
    assert row["state"] == "drafted"
    assert sum(one["count"] for one in verdict(store, plan_id)["altered"]) > 0
