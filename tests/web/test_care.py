"""Care as coverage: sums for offices, wishes for those who may read needs, offers with an edit."""

from datetime import timedelta

import pytest
from care_town import OFFER, forget, household, matched
from webtown import COUNTY, HILL, LAKE, MEMBER_GRID, post, token_of

from gridmap.model.access import system_scope
from gridmap.store.days import TODAY


@pytest.fixture
def cleaned(store):
    yield
    forget(store)
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM visit")
        tx.execute("DELETE FROM service_rule WHERE source = 'test'")
        tx.execute("UPDATE care_load_rule SET visit_minutes = 30, weekly_hours = 20")
        tx.execute("DELETE FROM household_need WHERE kind = 'deaf'")


def edit(client, address, content, version):
    headers = {"X-CSRFToken": token_of(client)}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return client.post(address, json=content, headers=headers)


def end(client, number, version):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{version}"'}
    return client.post(f"/api/care/offers/{number}/end", json={}, headers=headers)


@pytest.mark.usefixtures("cleaned")
def test_wishes_follow_from_needs_and_are_brought_together_with_offers(browser, store):
    officer = browser("officer")
    # of two households in wheelchairs, one of them on each side of the county
    wishes = officer.get("/api/care/requests").get_json()["items"]
    assert {(each["service"], each["source"], each["version"]) for each in wishes} == {
        ("escort", "need", 0)
    }
    assert {each["household"] for each in wishes} == {
        household(store, "h1"),
        household(store, "h4"),
    }
    assert wishes[0]["householder"] == "王某"
    assert post(officer, "/api/care/offers", OFFER).status_code == 201
    run = matched(store, officer)
    assert run["totals"]["open"] == 2
    assert run["totals"]["could"] == 1
    assert run["totals"]["too_far"] == 1
    assert not run["stale"]
    sums = officer.get(f"/api/care/runs/{run['id']}/areas?level=township").get_json()
    far, near = sums["rows"]
    assert (far["code"], far["unmet"], far["too_far"]) == (HILL[:9], 1, 1)
    assert (near["code"], near["unmet"], near["could"]) == (LAKE[:9], 0, 1)
    assert [each["service"] for each in sums["services"]] == ["escort"]
    found = {
        each["household"]: each for each in officer.get("/api/care/requests").get_json()["items"]
    }
    assert found[household(store, "h1")]["proposal"]["name"] == "湖边志愿队"
    assert found[household(store, "h4")]["proposal"]["reason"] == "too_far"
    unused = officer.get(f"/api/care/runs/{run['id']}/offers").get_json()["offers"]
    assert [(each["left"], each["reason"]) for each in unused] == [(0, None)]
    # what it came from has changed: it says so
    post(officer, "/api/care/offers", OFFER | {"name": "又一队"})
    assert officer.get("/api/care/runs").get_json()["run"]["stale"]
    second = matched(store, officer)
    # details of the run before are gone, and it says that instead of showing nothing
    assert officer.get(f"/api/care/runs/{run['id']}/areas").status_code == 409
    rows = officer.get(f"/api/care/runs/{second['id']}/areas").get_json()["rows"]
    assert {each["code"] for each in rows} == {MEMBER_GRID, "990101002001001"}


@pytest.mark.usefixtures("cleaned")
def test_a_wish_is_met_once_and_takes_room(browser, store):
    officer = browser("officer")
    offer = post(officer, "/api/care/offers", OFFER).get_json()
    one, other = household(store, "h1"), household(store, "h4")
    wish = {"household": one, "service": "escort", "state": "met", "offer": offer["id"]}
    assert post(officer, "/api/care/requests", wish).get_json()["version"] == 1
    again = post(officer, "/api/care/requests", wish)
    assert again.status_code == 409  # decided meanwhile, from where this page stands
    full = post(officer, "/api/care/requests", wish | {"household": other})
    assert full.status_code == 409
    assert "满" in full.get_json()["detail"]
    less = edit(officer, f"/api/care/offers/{offer['id']}", OFFER | {"capacity": 0}, 1)
    assert less.status_code == 409
    found = officer.get("/api/care/requests?state=met").get_json()["items"]
    assert [(each["household"], each["offer"]["name"]) for each in found] == [(one, "湖边志愿队")]
    # not wanted after all: the need still stands, the wish does not come back
    gone = {"household": other, "service": "escort", "state": "withdrawn"}
    assert post(officer, "/api/care/requests", gone).status_code == 200
    assert officer.get("/api/care/requests").get_json()["items"] == []
    # asked for at a visit, without any need
    new = {"household": household(store, "h3"), "service": "repairs", "source": "resident"}
    assert post(officer, "/api/care/requests", new).status_code == 200
    items = officer.get("/api/care/requests").get_json()["items"]
    assert [(each["service"], each["source"], each["needs"]) for each in items] == [
        ("repairs", "resident", [])
    ]


@pytest.mark.usefixtures("cleaned")
def test_reading_wishes_leaves_a_trace_and_needs_the_right(browser, store):
    with store.transaction(system_scope()) as tx:
        before = tx.value("SELECT count(*) FROM event WHERE kind = 'household.listed'")
    member = browser("member")
    items = member.get("/api/care/requests").get_json()["items"]
    assert {each["household"] for each in items} == {household(store, "h1")}
    with store.transaction(system_scope()) as tx:
        after = tx.value("SELECT count(*) FROM event WHERE kind = 'household.listed'")
    assert after == before + 1
    for name in ("planner", "lead", "commander", "unit", "auditor"):
        assert browser(name).get("/api/care/requests").status_code == 403, name
    assert member.get(f"/api/care/requests?area={HILL}").status_code == 404
    wish = {"household": household(store, "h4"), "service": "escort", "state": "withdrawn"}
    assert post(member, "/api/care/requests", wish).status_code == 404


@pytest.mark.usefixtures("cleaned")
def test_offers_are_put_right_and_ended_on_what_was_read(browser):
    planner = browser("planner")
    offer = post(planner, "/api/care/offers", OFFER).get_json()
    assert offer["contact"] == OFFER["contact"]
    address = f"/api/care/offers/{offer['id']}"
    assert edit(planner, address, OFFER, None).status_code == 428
    changed = edit(planner, address, OFFER | {"capacity": 9}, offer["version"])
    assert (changed.status_code, changed.get_json()["capacity"]) == (200, 9)
    assert edit(planner, address, OFFER, offer["version"]).status_code == 409
    assert end(planner, offer["id"], 2).get_json()["in_force"] is False
    assert end(planner, offer["id"], 3).status_code == 409
    assert planner.get("/api/care/offers").get_json()["offers"] == []
    ended = planner.get("/api/care/offers?ended=1").get_json()["offers"]
    assert [each["id"] for each in ended] == [offer["id"]]
    whole = {**OFFER, "geometry": None, "reach_metres": None, "area": LAKE}
    assert post(planner, "/api/care/offers", whole).get_json()["area"] == LAKE
    # the hill's officer reads offers of the county, and changes their own
    hill = browser("hill")
    found = hill.get("/api/care/offers").get_json()["offers"]
    assert [(each["yours"], each["contact"]) for each in found] == [(False, None)]
    assert edit(hill, f"/api/care/offers/{found[0]['id']}", OFFER, 1).status_code == 404
    assert post(hill, "/api/care/offers", OFFER).status_code == 400


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"services": ["gold"]}, "services"),
        ({"services": ["meals", "meals"]}, "services"),
        ({"services": []}, "services"),
        ({"capacity": -1}, "capacity"),
        ({"reach_metres": None}, "reach_metres"),
        ({"geometry": None}, "reach_metres"),
        ({"reach_metres": 10}, "reach_metres"),
        ({"provider": "army"}, "provider"),
        ({"source": ""}, "source"),
        ({"geometry": {"type": "Point", "coordinates": [200, 30]}}, "geometry"),
        ({"geometry": {"type": "LineString", "coordinates": [[114.4, 30.5]]}}, "geometry"),
        ({"valid_from": "2026-01-02", "valid_to": "2026-01-01"}, "valid_to"),
        ({"name": "x" * 81}, "name"),
    ],
)
def test_a_wrong_offer_is_refused_by_field(browser, changed, place):
    answer = post(browser("planner"), "/api/care/offers", OFFER | changed)
    assert answer.status_code == 400
    assert any(each["place"].startswith(place) for each in answer.get_json()["faults"])


def test_a_wrong_wish_is_refused(browser, store):
    officer = browser("officer")
    one = household(store, "h1")
    wrong = {"household": one, "service": "gold"}
    assert post(officer, "/api/care/requests", wrong).status_code == 400
    named = {"household": one, "service": "escort", "state": "withdrawn", "offer": 1}
    assert post(officer, "/api/care/requests", named).status_code == 400
    nobody = {"household": 999999, "service": "escort"}
    assert post(officer, "/api/care/requests", nobody).status_code == 404
    unasked = {"household": one, "service": "repairs", "state": "met"}
    assert post(officer, "/api/care/requests", unasked).status_code == 409
    elsewhere = {"household": one, "service": "escort", "state": "met", "offer": 999999}
    assert post(officer, "/api/care/requests", elsewhere).status_code == 404


@pytest.mark.usefixtures("cleaned")
def test_overdue_visits_are_summed_up_with_what_stands_before_them(browser, store):
    with store.transaction(system_scope()) as tx:
        today = tx.value(f"SELECT {TODAY}")
        tx.execute(
            "INSERT INTO visit (area_code, household_id, state, due_on, kinds)"
            " SELECT area_code, id, 'planned', CAST(:day AS date), '{wheelchair}' FROM household"
            " WHERE source_key IN ('h1', 'h4')",
            day=today - timedelta(days=10),
        )
        tx.execute(
            "INSERT INTO visit (area_code, household_id, state, due_on, kinds, ended_at)"
            " SELECT area_code, id, 'missed', CAST(:day AS date), '{wheelchair}',"
            " now() - interval '3 days' FROM household WHERE source_key = 'h1'",
            day=today - timedelta(days=20),
        )
    found = browser("officer").get("/api/care/visits").get_json()
    lake, hill = sorted(found["rows"], key=lambda row: row["code"])
    assert (lake["code"], lake["overdue"], lake["missed"]) == (MEMBER_GRID, 1, 1)
    assert (hill["overdue"], hill["no_member"], hill["longest_days"]) == (1, 1, 10)
    assert found["total"]["overdue"] == 2
    assert found["total"]["median_days"] == 10
    assert found["total"]["by_need"] == [{"need": "wheelchair", "label": "轮椅", "overdue": 2}]
    # who may not read needs is not told of so few
    planner = browser("planner").get("/api/care/visits").get_json()
    assert planner["total"]["overdue"] == 2
    assert planner["rows"][0]["by_need"] == [
        {"need": "wheelchair", "label": "轮椅", "overdue": None}
    ]
    towns = browser("officer").get("/api/care/visits?level=township").get_json()["rows"]
    assert [(row["code"], row["overdue"]) for row in towns] == [(LAKE, 1), (HILL, 1)]
    assert browser("stranger").get(f"/api/care/visits?area={COUNTY}").status_code == 404


@pytest.mark.usefixtures("cleaned")
def test_a_grid_that_asks_too_much_is_named_and_no_person(browser):
    lead = browser("lead")
    found = lead.get("/api/care/loads").get_json()
    rows = {row["code"]: row for row in found["rows"]}
    # one household every 90 days, half an hour each
    assert rows[MEMBER_GRID]["visits_week"] == 0.1
    assert rows[MEMBER_GRID]["bearable"] == 20
    assert (rows[MEMBER_GRID]["over"], rows["990101002001001"]["without_member"]) == (0, 1)
    rule = {"area": COUNTY, "visit_minutes": 480, "weekly_hours": 1, "source": "test"}
    assert post(lead, "/api/care/load-rules", rule).status_code == 200
    lead.get("/api/care/loads")
    every = {"area": COUNTY, "need": "wheelchair", "interval_days": 1, "source": "test"}
    try:
        assert post(lead, "/api/visit-rules", every).status_code == 200
        found = lead.get("/api/care/loads").get_json()
        first = found["rows"][0]
        assert (first["code"], first["over"], first["hours"]) == (MEMBER_GRID, 1, 56.0)
        assert found["rule"]["weekly_hours"] == 1
        assert "周网格" not in str(found)
    finally:
        post(lead, "/api/visit-rules", every | {"interval_days": 90})


@pytest.mark.usefixtures("cleaned")
def test_rules_of_services_are_the_countys_and_the_smaller_area_decides(browser, store):
    lead = browser("lead")
    off = {"area": HILL, "need": "wheelchair", "service": "escort", "active": False}
    assert post(lead, "/api/care/rules", off | {"source": "test"}).status_code == 200
    items = browser("officer").get("/api/care/requests").get_json()["items"]
    assert {each["household"] for each in items} == {household(store, "h1")}
    assert any(
        each["area_code"] == HILL for each in lead.get("/api/care/rules").get_json()["services"]
    )
    for wrong in ({"need": "rich"}, {"service": "gold"}):
        answer = post(lead, "/api/care/rules", off | {"source": "test"} | wrong)
        assert answer.status_code == 400
    assert post(browser("officer"), "/api/care/rules", off | {"source": "x"}).status_code == 403


@pytest.mark.usefixtures("cleaned")
def test_a_wish_follows_its_household_into_another_grid(browser, store):
    officer = browser("officer")
    one = household(store, "h1")
    post(officer, "/api/care/requests", {"household": one, "service": "repairs"})
    matched(store, officer)
    sql = "UPDATE household SET area_code = :code WHERE id = :id"
    with store.transaction(system_scope()) as tx:
        tx.execute(sql, code="990101001001002", id=one)
        for table in ("service_request", "care_match"):
            codes = tx.all(
                f"SELECT DISTINCT area_code FROM {table} WHERE household_id = :id", id=one
            )
            assert [row["area_code"] for row in codes] == ["990101001001002"], table
        tx.execute(sql, code=MEMBER_GRID, id=one)
