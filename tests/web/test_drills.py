"""The drill calendar: due by template and review, set, started, done; offices reminded once."""

from datetime import UTC, date, datetime, timedelta
from time import process_time

import pytest
from webtown import COUNTY, HILL, LAKE, post, token_of

from gridmap.model.access import system_scope
from gridmap.model.drill import due_on, stage
from gridmap.services import drill_reminders, drills, plan_templates
from gridmap.store.versioned import today

UNTIL = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
TOWN = {"area": LAKE, "key": "fire_township", "drill": "乡镇综合演练"}
SAID = {"matter": "消防演练", "level": 3, "expected_until": UNTIL, "measures": "逐层搜救"}
REVIEW = {
    "objectives": [{"objective": "到场", "observed": "到了", "mark": "met"}],
    "summary": "通道清得快",
}


@pytest.fixture(autouse=True)
def empty(store, people):  # noqa: ARG001 - the people have to be there to be named
    with store.transaction(system_scope()) as tx:
        for table in ("message", "response", "drill", "plan_template"):
            tx.execute(f"DELETE FROM {table}")
    plan_templates.start_all(store, system_scope())


def day_of(store) -> date:
    with store.transaction(system_scope()) as tx:
        return today(tx)


def calendar(client, **asked):
    asked = {"days": 3660} | asked
    return client.get("/api/drills", query_string=asked).get_json()


def entry(client, **which):
    which = TOWN | which
    found = calendar(client, area=which["area"])["items"]
    return next(
        one
        for one in found
        if (one["area"], one["key"], one["drill"]) == (which["area"], which["key"], which["drill"])
    )


def plan(client, day, seen, **which):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{seen}"'}
    body = TOWN | which | {"planned_on": day}
    return client.post("/api/drills", json=body, headers=headers)


def step(client, number, verb):
    headers = {"X-CSRFToken": token_of(client), "If-Match": '"1"'}
    body = {"verb": verb, "reason": "演练做完了"}
    return client.post(f"/api/responses/{number}/steps", json=body, headers=headers)


def aged(store, months):
    """Let the templates have been there so long that their first drills are due."""
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM plan_template")
    plan_templates.start_all(store, system_scope())
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "CREATE TEMPORARY TABLE aged AS SELECT * FROM plan_template WHERE area_code = :code",
            code=COUNTY,
        )
        tx.execute("DELETE FROM plan_template WHERE area_code = :code", code=COUNTY)
        tx.execute(
            "UPDATE aged SET valid_from = valid_from - make_interval(months => :m)", m=months
        )
        tx.execute("INSERT INTO plan_template SELECT * FROM aged")
        tx.execute("DROP TABLE aged")


def test_months_end_where_they_end():
    assert due_on(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert due_on(date(2026, 11, 22), 24) == date(2028, 11, 22)
    now = date(2026, 11, 22)
    assert [stage(now + timedelta(days=n), now) for n in (-1, 0, 14, 15)] == [
        "overdue", "coming", "coming", "later",
    ]  # fmt: skip


def test_each_township_and_village_has_those_of_its_templates(browser, store):
    client = browser("officer")
    found = calendar(client)["items"]
    levels = {len(one["area"]): one["area_type"] for one in found}
    assert levels == {9: "township", 12: "village"}
    assert {one["area"][:6] for one in found} == {COUNTY}
    village = next(one for one in found if len(one["area"]) == 12)
    assert village["months"] == 12
    assert entry(client)["due_on"] == due_on(day_of(store), 24).isoformat()
    assert calendar(client, days=90)["items"] == []
    assert calendar(client, days=90)["all"] == len(found)
    hill = {one["area"][:9] for one in calendar(browser("hill"))["items"]}
    assert hill == {HILL}


def test_a_day_is_set_by_who_has_read_it_and_taken_back(browser, store):
    client = browser("officer")
    day = (day_of(store) + timedelta(days=20)).isoformat()
    assert plan(client, day, 0).status_code == 200
    assert (entry(client)["planned_on"], entry(client)["state"]) == (day, "later")
    second = plan(client, None, 0)
    assert (second.status_code, second.get_json()["revision"]) == (409, 2)
    assert plan(client, None, entry(client)["revision"]).status_code == 200
    assert entry(client)["planned_on"] is None
    past = (day_of(store) - timedelta(days=1)).isoformat()
    assert plan(client, past, entry(client)["revision"]).status_code == 400
    assert plan(client, day, 0, drill="没有的演练").status_code == 404
    assert plan(client, day, 0, area=f"{LAKE}001").status_code == 404  # a village has its own
    assert plan(browser("hill"), day, 0).status_code in {403, 404}
    assert plan(browser("member"), day, 0).status_code == 403


def test_one_is_done_when_the_review_of_its_exercise_is_closed(browser, store):
    client = browser("officer")
    aged(store, 30)
    assert entry(client)["state"] == "overdue"
    assert calendar(client)["overdue"] > 0
    started = post(client, "/api/drills/start", TOWN | SAID)
    assert started.status_code == 201
    number = started.get_json()["id"]
    response = client.get(f"/api/responses/{number}").get_json()
    assert (response["exercise"], response["kind"], response["area"]) == (True, "fire", LAKE)
    assert (entry(client)["state"], entry(client)["response"]) == ("running", number)
    again = post(client, "/api/drills/start", TOWN | SAID)
    assert (again.status_code, again.get_json()["response"]) == (409, number)
    assert step(client, number, "end").status_code == 200
    assert entry(client)["state"] == "review"
    assert post(client, f"/api/responses/{number}/evaluation", REVIEW).status_code == 204
    assert post(client, f"/api/responses/{number}/after/close", {}).status_code == 204
    done = entry(client)
    assert (done["state"], done["response"]) == ("later", None)
    assert done["last_on"] == day_of(store).isoformat()
    assert done["due_on"] == due_on(day_of(store), 24).isoformat()
    assert done["planned_on"] is None


def test_a_real_response_is_no_drill_and_an_exercise_beside_the_calendar_counts(browser, store):
    client = browser("officer")
    aged(store, 30)
    for exercise in (False, True):
        body = SAID | {"area": LAKE, "kind": "fire", "exercise": exercise}
        number = post(client, "/api/responses", body).get_json()["id"]
        assert entry(client)["state"] == "overdue"
        assert step(client, number, "end").status_code == 200
        if exercise:
            post(client, f"/api/responses/{number}/evaluation", REVIEW)
        assert post(client, f"/api/responses/{number}/after/close", {}).status_code == 204
        assert (entry(client)["last_on"] is None) is not exercise


@pytest.fixture
def crowd(store):
    """Give a transaction with 300 villages of ten kinds each and 1,000 exercises held."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom, valid_from) SELECT"
            " :town || lpad((600 + n)::text, 3, '0'), 'community', :town, '村' || n, geom,"
            " valid_from FROM area, generate_series(1, 300) AS n WHERE code = :town",
            town=LAKE,
        )
        tx.execute(
            "INSERT INTO response (area_code, kind, matter, level, expected_until, measures,"
            " exercise, template_area, template_key, template_version, tier, state, started_at,"
            " ended_at, reviewed_at) SELECT a.code, t.hazard_kind, '演练',"
            " CASE WHEN t.hazard_kind = 'security' THEN NULL ELSE 3 END, now(), '练', true,"
            " t.area_code, t.key, t.version, 'village', 'ended', now() - interval '3 days',"
            " now() - interval '2 days', now() - interval '1 day'"
            " FROM area AS a, plan_template AS t WHERE a.level = 'community'"
            " AND a.code > :town || '600' AND starts_with(a.code, :town)"
            " AND t.area_type = 'village' AND t.area_code = :county"
            " ORDER BY t.key, a.code LIMIT 1000",
            town=LAKE,
            county=COUNTY,
        )
        yield tx
        tx.execute("DELETE FROM response")
        tx.execute(
            "DELETE FROM area WHERE starts_with(code, :town) AND code > :town || '600'", town=LAKE
        )


def test_a_county_of_villages_is_read_at_once(crowd):
    took = []
    for _turn in range(3):
        began = process_time()
        found = [one for one in drills.entries(crowd, LAKE) if one.which.area > f"{LAKE}600"]
        took.append(process_time() - began)
    assert len(found) == 3000
    assert sum(one.last_on is not None for one in found) == 1000
    assert min(took) < 0.3, took  # 0.04 s; each beside all that were held took 0.5 s


def test_offices_are_reminded_once_of_each_day(browser, store):
    client = browser("officer")
    assert drill_reminders.remind_due(store) == 0  # nothing is due for a year
    soon = (day_of(store) + timedelta(days=10)).isoformat()
    assert plan(client, soon, 0).status_code == 200
    assert drill_reminders.remind_due(store) == 1
    assert drill_reminders.remind_due(store) == 0
    with store.transaction(system_scope()) as tx:
        told = tx.all("SELECT text, exercise, channel, about FROM message")
    assert told
    assert all("湖边" in one["text"] and soon in one["text"] for one in told)
    assert {(one["exercise"], one["channel"]) for one in told} == {(False, "inbox")}
    later = (day_of(store) + timedelta(days=12)).isoformat()
    assert plan(client, later, entry(client)["revision"]).status_code == 200
    assert drill_reminders.remind_due(store) == 1  # another day
    with store.transaction(system_scope()) as tx:
        texts = tx.all("SELECT text FROM message ORDER BY id")
    assert len(texts) == 2 * len(told)  # a second one on the same day is no repeated first
    assert all(later in one["text"] for one in texts[len(told) :])
    aged(store, 30)
    assert drill_reminders.remind_due(store) == calendar(client)["overdue"]  # now those overdue
