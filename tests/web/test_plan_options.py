"""A draft is asked for with options: checked at the door, kept with the plan, used and said."""

import pytest
from webtown import COUNTY, post

from gridmap.model.access import Scope, system_scope
from gridmap.model.plan_options import PlanOptions, read
from gridmap.model.problem import Problem
from gridmap.services import plan_inputs, plans
from gridmap.store import plan as rows
from jobs.run import work


@pytest.fixture
def hazard(store):
    with store.transaction(system_scope()) as tx:
        return tx.value("SELECT id FROM hazard WHERE area_code = '990101' AND state = 'declared'")


def asked(browser, hazard, **options):
    return post(browser("officer"), "/api/plans", {"hazard": hazard, "options": options})


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"tolerance": 0.5}, "options.tolerance"),
        ({"tolerance": "far"}, "options.tolerance"),
        ({"m2_per_person": 0}, "options.m2_per_person"),
        ({"walk_limit_minutes": 100000}, "options.walk_limit_minutes"),
        ({"bridges": "maybe"}, "options.bridges"),
        ({"wave_people": 100}, "options.wave_minutes"),
        ({"vehicles": 1}, "options.vehicles"),
        ({"colour": "red"}, "options.colour"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(browser, hazard, options, place):
    answer = asked(browser, hazard, **options)
    assert answer.status_code == 400
    assert place in [fault["place"] for fault in answer.get_json()["faults"]]


def test_a_refusal_is_said_in_the_language_of_the_reader(browser, hazard):
    answer = asked(browser, hazard, tolerance=0.5, wave_people=100).get_json()
    assert len(answer["said"]) == len(answer["faults"]) == 2
    for fault, said in zip(answer["faults"], answer["said"], strict=True):
        assert said != fault["message"]
        assert any("一" <= letter <= "鿿" for letter in said)


def test_options_are_kept_with_the_plan_and_given_back(store, browser, hazard):
    made = asked(
        browser, hazard, tolerance=1.5, wave_people=200, wave_minutes=10, bridges="closed"
    ).get_json()
    with store.transaction(system_scope()) as tx:
        kept = read(rows.read(tx, made["plan"])["options"])
    assert kept == PlanOptions(tolerance=1.5, wave_people=200, wave_minutes=10, bridges="closed")
    work(store, made["job"])
    shown = browser("officer").get(f"/api/plans/{made['plan']}").get_json()
    assert shown["state"] == "drafted"
    assert shown["options"] == kept.kept()


def test_other_options_are_another_draft_and_the_same_ones_are_the_same(store, people, hazard):
    scope = Scope((COUNTY,), people["officer"])
    narrow = PlanOptions(tolerance=1.0)
    first = plans.request(store, scope, hazard)
    assert plans.request(store, scope, hazard) == first
    other = plans.request(store, scope, hazard, narrow)
    assert other != first
    assert plans.request(store, scope, hazard, narrow) == other


def test_speeds_vehicles_and_carers_come_from_the_data(store, hazard):
    with store.transaction(system_scope()) as tx:
        ids = [
            row["id"]
            for row in tx.all(
                "SELECT h.id FROM household h JOIN hazard z ON ST_Intersects(h.geom, z.geom)"
                " WHERE z.id = :id ORDER BY h.id",
                id=hazard,
            )
        ]
        assert len(ids) >= 2
        carer, cared = ids[0], ids[1]
        tx.execute("UPDATE household SET phone = '000-1234-5678' WHERE id = :id", id=carer)
        tx.execute("UPDATE household SET carer_phone = '00012345678' WHERE id = :id", id=cared)
        tx.execute("DELETE FROM household_need WHERE household_id = ANY(:ids)", ids=ids)
        for household, need in ((carer, "elderly"), (cared, "wheelchair"), (cared, "infant")):
            tx.execute(
                "INSERT INTO household_need (household_id, area_code, kind, people)"
                " SELECT id, area_code, :need, 1 FROM household WHERE id = :id",
                id=household,
                need=need,
            )
        found = plan_inputs.households(tx, hazard, COUNTY, PlanOptions())
        apart = plan_inputs.households(
            tx, hazard, COUNTY, PlanOptions(together=False, vehicles=False)
        )
        speeds = {
            row["need"]: row["kmh"]
            for row in tx.all("SELECT need, kmh FROM walking_speed WHERE area_code = '990101'")
        }
    assert found.at[carer, "walk_kmh"] == speeds["elderly"] > 0
    assert found.at[cared, "walk_kmh"] == speeds["infant"]
    assert speeds["wheelchair"] == 0
    assert found["needs_vehicle"].to_dict() == {label: label == cared for label in found.index}
    assert found.at[carer, "group"] == found.at[cared, "group"] == 1
    assert "group" not in apart
    assert not apart["needs_vehicle"].any()


def test_a_shelter_that_is_left_out_is_in_no_draft(store, hazard):
    with store.transaction(system_scope()) as tx:
        everywhere = plan_inputs.shelters(tx, hazard, COUNTY, PlanOptions()).index.tolist()
        out = everywhere[0]
        left = plan_inputs.shelters(tx, hazard, COUNTY, PlanOptions(without=(out, out)))
    assert left.index.tolist() == everywhere[1:]
    assert read(PlanOptions(without=(out,)).kept()).without == (out,)
    with pytest.raises(Problem):
        PlanOptions(without=tuple(range(201)))


def test_who_looks_after_many_goes_with_none_of_them():
    assert plan_inputs.groups([1, 2, 3, 4], [(2, 1), (3, 2)]).tolist()[:3] == [1, 1, 1]
    assert plan_inputs.groups([1, 2], []).isna().all()


def test_a_vehicle_is_written_down_by_who_drafts_inside_the_county(store, browser):
    given = {"name": "中巴1", "seats": 12, "wheelchairs": 2, "lon": 114.405, "lat": 30.51}
    before = len(_vehicles(store))
    answer = post(browser("officer"), "/api/vehicles", given)
    assert answer.status_code == 201
    (made,) = _vehicles(store)[before:]
    assert (made["id"], made["ready_minutes"]) == (answer.get_json()["id"], 15)
    assert post(browser("officer"), "/api/vehicles", given | {"lon": 2.0}).status_code == 400
    assert post(browser("officer"), "/api/vehicles", given | {"seats": 0}).status_code == 400
    assert post(browser("member"), "/api/vehicles", given).status_code == 403
    assert len(_vehicles(store)) == before + 1


def _vehicles(store):
    with store.transaction(system_scope()) as tx:
        return tx.all("SELECT * FROM vehicle ORDER BY id")
