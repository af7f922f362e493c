"""From a scenario to grids in force: validated, approved, published by a second person."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from scenario_steps import (
    ACROSS,
    COMMUNITY,
    EAST,
    WEST,
    approved,
    done,
    opened,
    operate,
    rows,
    shared_arc,
    validated,
    value,
)
from webtown import post, sign_in

from gridmap.services import publishing

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


def publish(client, address, day=TODAY):
    return post(client, f"{address}/publish", {"effective_from": day.isoformat()})


@pytest.fixture
def again(store, people):
    """The town's two grids as they were, for a test of its own."""
    from gridmap.model.access import system_scope

    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM scenario")
        # reports of an earlier test name the grid they lay in
        tx.execute(
            "UPDATE incident SET grid_id = NULL WHERE starts_with(area_code, :code)", code=COMMUNITY
        )
        tx.execute("DELETE FROM grid WHERE area_code = :code", code=COMMUNITY)
        for code, west, east in ((WEST, 114.40, 114.41), (EAST, 114.41, 114.42)):
            tx.execute(
                "INSERT INTO grid (code, area_code, valid_from, households, people, geom,"
                " label_point) VALUES (:code, :area, :day, 2, 5,"
                " ST_Multi(ST_MakeEnvelope(:west, 30.50, :east, 30.52, 4326)),"
                " ST_SetSRID(ST_MakePoint((:west + :east) / 2, 30.51), 4326))",
                code=code,
                area=COMMUNITY,
                day=TODAY - timedelta(days=10),
                west=west,
                east=east,
            )
        tx.execute("DELETE FROM grid_number")
        tx.execute("DELETE FROM grid_member WHERE area_code <> :code", code=WEST)
        tx.execute("UPDATE grid_member SET valid_to = NULL WHERE area_code = :code", code=WEST)
        tx.execute(
            "UPDATE household SET area_code = CASE WHEN source_key = 'h3' THEN :east ELSE :west"
            " END WHERE source_key IN ('h1', 'h2', 'h3')",
            east=EAST,
            west=WEST,
        )
        tx.execute(
            "UPDATE incident SET area_code = :west, state = 'reported' WHERE number = 1", west=WEST
        )


def test_the_way_from_border_to_grids_in_force(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner)
    done(planner, address, 0, "split", grid=WEST, line=ACROSS)
    found = validated(planner, store, address)
    assert found["state"] == "valid"
    kinds = {each["kind"] for each in found["findings"]}
    assert "undersize" in kinds
    (reason,) = {
        each["figures"].get("reason") for each in found["findings"] if each["kind"] == "undersize"
    }
    assert reason == "community_too_small"
    # not yet approved, and not by who has edited it
    assert publish(lead, address).status_code == 409
    assert post(planner, f"{address}/approve", {}).status_code == 403
    assert post(lead, f"{address}/approve", {}).status_code == 200
    assert publish(planner, address).status_code == 403
    answer = publish(lead, address)
    assert answer.status_code == 200, answer.get_json()
    assert answer.get_json()["state"] == "published"
    assert answer.get_json()["applied"]
    now = {
        row["code"]: row
        for row in rows(
            store,
            "SELECT code, version, valid_from, households FROM grid"
            f" WHERE valid_to IS NULL AND area_code = '{COMMUNITY}'",
        )
    }
    assert set(now) == {WEST, EAST, COMMUNITY + "003"}
    # the part with the households keeps the code, the other gets the next number
    assert (now[WEST]["households"], now[COMMUNITY + "003"]["households"]) == (2, 0)
    assert now[WEST]["valid_from"] == TODAY
    # its member looks after the new grid as well
    assert (
        value(
            store,
            f"SELECT name FROM grid_member WHERE area_code = '{COMMUNITY}003' AND valid_to IS NULL",
        )
        == "周网格"
    )
    assert (
        value(store, f"SELECT count(*) FROM facility WHERE source_key = 'station-{COMMUNITY}003'")
        == 1
    )
    # nothing is published twice
    assert publish(lead, address).status_code == 409
    assert value(store, "SELECT count(*) FROM event WHERE kind = 'grids.published'") >= 1


def test_merged_grids_keep_the_code_of_the_larger(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner)
    merged = done(planner, address, 0, "merge", grids=[EAST, WEST])
    assert merged["removed"] == [EAST]
    assert merged["summary"]["households_moved"] == 1
    approved(browser, store, address)
    assert publish(lead, address).status_code == 200
    assert [
        row["code"]
        for row in rows(
            store, f"SELECT code FROM grid WHERE valid_to IS NULL AND area_code = '{COMMUNITY}'"
        )
    ] == [WEST]
    homes = "SELECT DISTINCT area_code FROM household WHERE source_key IN ('h1', 'h2', 'h3')"
    assert [row["area_code"] for row in rows(store, homes)] == [WEST]
    # a point was in another grid before than it is now
    point = "lon=114.415&lat=30.51"
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert lead.get(f"/api/grids/at?{point}").get_json()["grid"] == WEST
    assert lead.get(f"/api/grids/at?{point}&as_of={yesterday}").get_json()["grid"] == EAST
    then = lead.get(f"/api/grids?as_of={yesterday}&area={COMMUNITY}").get_json()["features"]
    assert {each["id"] for each in then} == {WEST, EAST}
    days = lead.get("/api/grids/versions").get_json()["items"]
    (today,) = [each for each in days if each["date"] == TODAY.isoformat()]
    assert (today["changed"], today["ended"]) == (1, 1)


def test_whom_the_planners_choose_is_in_office_from_the_day_on(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner)
    (member,) = planner.get(f"{address}/members").get_json()["items"]
    done(planner, address, 0, "appoint", grid=EAST, member=member["id"])
    approved(browser, store, address)
    findings = planner.get(address).get_json()["findings"]
    assert not [each for each in findings if each["kind"] == "no_member"]
    assert publish(lead, address).status_code == 200
    offices = rows(
        store,
        "SELECT area_code, name FROM grid_member WHERE valid_to IS NULL ORDER BY area_code",
    )
    assert [(row["area_code"], row["name"]) for row in offices] == [
        (WEST, "周网格"),
        (EAST, "周网格"),
    ]


def test_codes_are_never_given_again(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    tomorrow = TODAY + timedelta(days=1)
    address = opened(planner)
    done(planner, address, 0, "split", grid=WEST, line=ACROSS)
    approved(browser, store, address)
    assert publish(lead, address, tomorrow).status_code == 200
    code = f"SELECT code FROM scenario_grid WHERE key = 'n1' AND scenario_id = {address[15:]}"
    assert value(store, code) == COMMUNITY + "003"
    assert post(lead, f"{address}/withdraw", {}).status_code == 200
    assert value(store, code) is None
    assert publish(lead, address, tomorrow).status_code == 200
    assert value(store, code) == COMMUNITY + "004"


def test_a_day_to_come_comes(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    day = TODAY + timedelta(days=3)
    address = opened(planner)
    arc = shared_arc(planner, address)
    bulge = {
        "type": "LineString",
        "coordinates": [[114.41, 30.5], [114.416, 30.51], [114.41, 30.52]],
    }
    done(planner, address, 0, "move_edge", arc=arc, line=bulge)
    approved(browser, store, address)
    assert publish(lead, address, day).status_code == 200
    moved = "SELECT area_code FROM household WHERE source_key = 'h3'"
    assert publishing.take_effect(store, day - timedelta(days=1)) == 0
    assert value(store, moved) == EAST
    # any number of schedulers at once, one of them does it
    barrier, results = Barrier(3), []

    def scheduler():
        barrier.wait()
        results.append(publishing.take_effect(store, day))

    threads = [Thread(target=scheduler) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 1]
    assert value(store, moved) == WEST
    assert (
        value(store, f"SELECT valid_from FROM grid WHERE code = '{WEST}' AND valid_to IS NULL")
        == day
    )
    assert publishing.take_effect(store, day) == 0
    assert post(lead, f"{address}/withdraw", {}).status_code == 409


def test_open_incidents_go_to_the_grid_in_force_and_keep_the_one_at_the_time(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner)
    # the incident at 114.405, 30.510 lies south of the line: in the new grid, without households
    south = {"type": "LineString", "coordinates": [[114.399, 30.51005], [114.411, 30.51005]]}
    done(planner, address, 0, "split", grid=WEST, line=south)
    approved(browser, store, address)
    assert publish(lead, address).status_code == 200
    row = rows(store, "SELECT area_code, grid_code FROM incident WHERE number = 1")[0]
    assert row == {"area_code": COMMUNITY + "003", "grid_code": WEST}
    listed = browser("officer").get("/api/grids").get_json()["features"]
    open_ = {each["id"]: each["properties"]["incidents_open"] for each in listed}
    assert (open_[COMMUNITY + "003"], open_[WEST]) == (1, 0)


def test_two_publishers_at_once_publish_once(again, store, app, browser, people):
    planner = browser("planner")
    one, other = opened(planner), opened(planner)
    done(planner, one, 0, "merge", grids=[EAST, WEST])
    done(planner, other, 0, "split", grid=WEST, line=ACROSS)
    for address in (one, other):
        approved(browser, store, address)
    barrier, answers = Barrier(4), []

    def publisher(address):
        client = app.test_client()
        assert sign_in(client, "lead").status_code == 303
        barrier.wait()
        answers.append(publish(client, address).status_code)

    threads = [Thread(target=publisher, args=(address,)) for address in (one, one, other, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409, 409]
    # the scenario that lost says which grids have moved on
    lost = one if browser("lead").get(other).get_json()["applied"] else other
    found = browser("lead").get(lost).get_json()
    assert found["stale"]
    assert WEST in found["stale_grids"]


def test_the_database_itself_refuses_a_gap(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner)
    done(planner, address, 0, "rename", grid=WEST, name="湖西")
    approved(browser, store, address)
    from gridmap.model.access import system_scope

    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE scenario_grid SET geom = ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.409,"
            " 30.52, 4326)) WHERE key = :key",
            key=WEST,
        )
    answer = publish(lead, address)
    assert answer.status_code == 400
    assert "grids_fill_the_community" in answer.get_json()["detail"]
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE scenario_grid SET geom = ST_Multi(ST_MakeEnvelope(114.40, 30.50, 114.411,"
            " 30.52, 4326)) WHERE key = :key",
            key=WEST,
        )
    assert "grids_do_not_overlap" in publish(lead, address).get_json()["detail"]
    assert lead.get(address).get_json()["state"] == "approved"
    assert (
        value(store, f"SELECT count(*) FROM grid WHERE valid_to IS NULL AND code = '{WEST}'") == 1
    )


def test_who_edited_is_no_second_person(again, store, browser):
    lead = browser("lead")
    address = opened(browser("planner"))
    done(lead, address, 0, "rename", grid=WEST, name="湖西")
    validated(lead, store, address)
    refused = post(lead, f"{address}/approve", {})
    assert refused.status_code == 403
    assert "另一个人" in refused.get_json()["detail"]
    assert lead.get(address).get_json()["can"] == ["edit", "validate", "discard"]


def test_an_edit_takes_validity_back(again, store, browser):
    planner = browser("planner")
    address = opened(planner)
    done(planner, address, 0, "rename", grid=WEST, name="湖西")
    assert validated(planner, store, address)["state"] == "valid"
    done(planner, address, 1, "rename", grid=EAST, name="湖东")
    assert planner.get(address).get_json()["state"] == "open"
    assert post(browser("lead"), f"{address}/approve", {}).status_code == 409


def test_days_that_are_none_are_refused(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner)
    done(planner, address, 0, "rename", grid=WEST, name="湖西")
    approved(browser, store, address)
    for day in ("2020-01-01", "9999-12-31", "tomorrow", "2026-02-30", 1, None):
        assert post(lead, f"{address}/publish", {"effective_from": day}).status_code == 400, day
    ahead = (TODAY + timedelta(days=2)).isoformat()
    for asked in (
        f"/api/grids?as_of={ahead}",
        f"/api/grids/at?lon=114.405&lat=30.51&as_of={ahead}",
    ):
        refused = lead.get(asked)
        assert refused.status_code == 400
        assert refused.get_json()["scheduled"] == []
        assert "以后还没有发布网格" in refused.get_json()["detail"]
    body = {"effective_from": ahead}
    published = post(lead, f"{address}/publish", body)
    assert published.status_code == 200, published.data
    refused = lead.get(f"/api/grids?as_of={ahead}")
    assert [each["effective_from"] for each in refused.get_json()["scheduled"]] == [ahead]
    assert f"from {ahead}" in refused.get_json()["detail"]
    assert lead.get(f"/api/grids?as_of={TODAY.isoformat()}").status_code == 200
    assert post(lead, f"{address}/withdraw", {}).status_code == 200
    assert lead.get("/api/grids?as_of=20260101").status_code == 400
    assert lead.get("/api/grids/at?lon=0&lat=200").status_code == 400
    assert lead.get("/api/grids/at?lon=10&lat=10").status_code == 404


def test_grids_as_of_a_day(again, store, browser):
    lead = browser("lead")
    days = lead.get("/api/grids/versions").get_json()["items"]
    assert [date.fromisoformat(each["date"]) for each in days] == sorted(
        {date.fromisoformat(each["date"]) for each in days}, reverse=True
    )
    now = lead.get("/api/grids").get_json()["features"]
    today = lead.get(f"/api/grids?as_of={TODAY}").get_json()["features"]
    assert {each["id"] for each in now} == {each["id"] for each in today}
    assert lead.get("/api/grids?as_of=2001-01-01").get_json()["features"] == []


def test_the_grids_of_a_place_by_their_days(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    address = opened(planner)
    arc = shared_arc(planner, address)
    over = {
        "type": "LineString",
        "coordinates": [[114.41, 30.50], [114.402, 30.51], [114.41, 30.52]],
    }
    done(planner, address, 0, "move_edge", arc=arc, line=over)
    approved(browser, store, address)
    assert publish(lead, address).status_code == 200
    # h1 lives here: it was in the west, and is in the east
    found = lead.get("/api/grids/history?lon=114.4042&lat=30.5101").get_json()["items"]
    assert [(each["grid"], each["valid_to"]) for each in found] == [
        (EAST, None),
        (WEST, TODAY.isoformat()),
    ]
    assert lead.get("/api/grids/history?lon=120&lat=30").get_json()["items"] == []
    assert lead.get("/api/grids/history?lon=x&lat=30").status_code == 400


def test_households_and_incidents_tell_their_grid_of_a_day(again, store, browser):
    planner, lead, officer = browser("planner"), browser("lead"), browser("officer")
    address = opened(planner)
    arc = shared_arc(planner, address)
    # h1 and the incident stand west of the old border and east of the new one
    over = {
        "type": "LineString",
        "coordinates": [[114.41, 30.50], [114.402, 30.51], [114.41, 30.52]],
    }
    done(planner, address, 0, "move_edge", arc=arc, line=over)
    approved(browser, store, address)
    assert publish(lead, address).status_code == 200
    before, long_ago = TODAY - timedelta(days=1), TODAY - timedelta(days=30)

    def grids_of(as_of, grid=None):
        part = f"&grid={grid}" if grid else ""
        found = officer.get(f"/api/households/list?as_of={as_of}{part}").get_json()
        assert found["total"] == len(found["items"])
        return {each["id"]: each["grid_then"] for each in found["items"]}

    first = value(store, "SELECT id FROM household WHERE source_key = 'h1'")
    assert grids_of(before)[first] == WEST
    assert grids_of(TODAY)[first] == EAST
    assert grids_of(long_ago)[first] is None
    assert first in grids_of(before, WEST)
    assert first not in grids_of(before, EAST)
    assert first in grids_of(TODAY, EAST)
    now = officer.get("/api/households/list").get_json()["items"]
    assert all("grid_then" not in each for each in now)

    incident = str(value(store, "SELECT id FROM incident WHERE number = 1"))

    def grid_of(as_of):
        listed = officer.get(f"/api/incidents?as_of={as_of}").get_json()["features"]
        return {each["id"]: each["properties"]["grid_then"] for each in listed}[incident]

    assert (grid_of(before), grid_of(TODAY), grid_of(long_ago)) == (WEST, EAST, None)

    def found_in(grid, as_of):
        listed = officer.get(f"/api/incidents?as_of={as_of}&area={grid}").get_json()["features"]
        return incident in {each["id"] for each in listed}

    # of the grids of a day one asks for those of that day
    assert [found_in(WEST, before), found_in(EAST, before)] == [True, False]
    assert [found_in(WEST, TODAY), found_in(EAST, TODAY)] == [False, True]
    tomorrow = TODAY + timedelta(days=1)
    for listing in ("/api/households/list", "/api/incidents"):
        assert officer.get(f"{listing}?as_of={tomorrow}").status_code == 400
        assert officer.get(f"{listing}?as_of=20260101").status_code == 400


def test_a_report_made_before_and_sent_after_belongs_to_the_grid_in_force(again, store, browser):
    planner, lead, member = browser("planner"), browser("lead"), browser("member")
    address = opened(planner)
    arc = shared_arc(planner, address)
    over = {
        "type": "LineString",
        "coordinates": [[114.41, 30.50], [114.402, 30.51], [114.41, 30.52]],
    }
    done(planner, address, 0, "move_edge", arc=arc, line=over)
    approved(browser, store, address)
    written = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(hours=30)
    late = {
        "id": str(uuid.uuid4()),
        "category": "waterlogging",
        "title": "路口积水",
        "level": 3,
        "geometry": {"type": "Point", "coordinates": [114.4042, 30.5101]},
        "device_time": written.isoformat(),
        "device_sequence": 7,
    }
    # the tablet had no network while the border passed over the place
    assert publish(lead, address).status_code == 200
    sent = post(member, "/api/incidents", late)
    assert sent.status_code == 201, sent.get_json()
    assert post(member, "/api/incidents", late).status_code == 200
    found = rows(store, f"SELECT area_code, grid_code FROM incident WHERE id = '{late['id']}'")
    assert found == [{"area_code": EAST, "grid_code": EAST}]
    day = written.date()
    listed = browser("officer").get(f"/api/incidents?as_of={day}").get_json()["features"]
    then = {each["id"]: each["properties"]["grid_then"] for each in listed}
    assert then[late["id"]] == WEST


def test_edits_wait_while_a_worker_looks(again, store, browser):
    planner = browser("planner")
    address = opened(planner)
    job = post(planner, f"{address}/validate", {}).get_json()["job"]
    assert post(planner, f"{address}/validate", {}).get_json()["job"] == job
    assert operate(planner, address, 0, "undo").status_code == 409
    assert post(planner, f"/api/jobs/{job}/cancel", {}).status_code == 200
    assert planner.get(address).get_json()["state"] == "open"


def test_what_others_have_published_is_copied_anew_where_nothing_was_changed(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    other = "990101002001"
    mine = opened(planner, "990101")
    done(planner, mine, 0, "rename", grid=f"{other}001", name="山")
    theirs = opened(planner)
    done(planner, theirs, 0, "merge", grids=[EAST, WEST])
    approved(browser, store, theirs)
    assert publish(lead, theirs).status_code == 200
    found = planner.get(mine).get_json()
    assert (found["stale"], found["stale_grids"]) == (True, [WEST, EAST])
    assert "rebase" in found["can"]
    found = post(planner, f"{mine}/rebase", {}).get_json()
    assert (found["stale"], found["version"], found["summary"]["grids"]) == (False, 2, 2)
    # what was changed here is still there, and can still be taken back
    names = {
        each["id"]: each["properties"]["name"]
        for each in planner.get(f"{mine}/grids").get_json()["features"]
    }
    assert names == {WEST: None, f"{other}001": "山"}
    assert done(planner, mine, 2, "undo")["undo"] == 0
    # where both have changed something, nobody decides but a person
    both = opened(planner)
    done(planner, both, 0, "rename", grid=WEST, name="一")
    late = opened(planner)
    done(planner, late, 0, "rename", grid=WEST, name="二")
    for address in (both, late):
        approved(browser, store, address)
    assert publish(lead, both).status_code == 200
    refused = publish(lead, late)
    assert (refused.status_code, refused.get_json()["stale"]) == (409, [WEST])
    assert post(planner, f"{late}/reopen", {}).status_code == 200
    refused = post(planner, f"{late}/rebase", {})
    assert (refused.status_code, refused.get_json()["communities"]) == (409, [COMMUNITY])
    # a worker says so as well
    assert validated(planner, store, late)["state"] == "invalid"
    kinds = [each["kind"] for each in planner.get(late).get_json()["findings"]]
    assert "stale" in kinds


def test_the_rule_of_the_nearest_area_counts(again, store, browser):
    from gridmap.model.access import system_scope

    planner = browser("planner")
    with store.transaction(system_scope()) as tx:
        for area, least, most in (("990101", 1, 2), (COMMUNITY, 2, 10)):
            tx.execute(
                "INSERT INTO grid_rule (area_code, minimum, maximum, source)"
                " VALUES (:area, :least, :most, '试验')",
                area=area,
                least=least,
                most=most,
            )
    try:
        address = opened(planner)
        found = planner.get(address).get_json()
        assert (found["minimum"], found["maximum"]) == (2, 10)
        assert found["rules"][0]["source"] == "试验"
        moved = done(planner, address, 0, "merge", grids=[WEST, EAST])
        (grid,) = moved["changed"]["features"]
        assert grid["properties"]["deviation"] == -0.5  # 3 households, 6 is the middle
        assert moved["summary"]["within"] == 1
        assert not [each for each in moved["faults"] if each["kind"] in ("undersize", "oversize")]
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute("DELETE FROM grid_rule")


def test_a_scenario_of_another_day_withdrawn_leaves_no_trace_in_force(again, store, browser):
    planner, lead = browser("planner"), browser("lead")
    day = TODAY + timedelta(days=2)
    address = opened(planner)
    done(planner, address, 0, "merge", grids=[WEST, EAST])
    approved(browser, store, address)
    assert publish(lead, address, day).status_code == 200
    # nobody else publishes there in the meantime
    other = opened(planner)
    done(planner, other, 0, "rename", grid=WEST, name="二")
    approved(browser, store, other)
    refused = publish(lead, other)
    assert refused.status_code == 409
    assert refused.get_json()["pending"] == int(address.rsplit("/", 1)[1])
    assert post(lead, f"{address}/withdraw", {}).get_json()["state"] == "approved"
    assert publishing.take_effect(store, day) == 0
    assert publish(lead, other).status_code == 200
