"""After a response: its course, figures, evaluation, lessons; personal data destroyed in time."""

import io
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from pypdf import PdfReader
from webtown import COUNTY, LAKE, post, token_of

from gridmap.model.access import system_scope
from gridmap.services import destruction, plan_templates
from gridmap.services.hazards import lift
from gridmap.store import destruction as rows
from gridmap.store.versioned import today

UNTIL = (datetime.now(UTC) + timedelta(days=2)).isoformat()
NEW = {"matter": "湖水上涨", "level": 3, "expected_until": UNTIL, "measures": "巡堤"}
ROWS = (Path(__file__).parent / "emergency_rows.sql").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def empty(store, people):  # noqa: ARG001 - the people have to be there to be named
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM response")
        tx.execute("DELETE FROM destruction")
        tx.execute("DELETE FROM destruction_hold")
    plan_templates.start_all(store, system_scope())


def step(client, number, verb, revision=1, **more):
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{revision}"'}
    body = {"verb": verb, "reason": "都安顿好了"} | more
    return client.post(f"/api/responses/{number}/steps", json=body, headers=headers)


def after(client, number):
    return client.get(f"/api/responses/{number}/after").get_json()


def started(client, **more):
    return post(client, "/api/responses", NEW | more).get_json()["id"]


@pytest.fixture
def emergency(browser, store, database):
    """A response to the county's hazard that has ended, with everything that names households."""
    with store.transaction(system_scope()) as tx:
        # earlier tests have lifted it and destroyed what hung on it
        tx.execute("UPDATE hazard SET state = 'declared', lifted_at = NULL")
        tx.execute("DELETE FROM assignment")
        tx.execute(
            "INSERT INTO assignment (plan_id, household_id, area_code, people, shelter_id, seconds,"
            " metres, wave) SELECT p.id, h.id, h.area_code, h.people, f.id, 100, 140, 1"
            " FROM plan p, household h, facility f WHERE f.source_key = 'f2'"
            " AND h.source_key IN ('h1', 'h2')"
        )
        hazard = tx.value("SELECT hazard_id FROM plan ORDER BY id LIMIT 1")
    owner = psycopg2.connect(database.superuser_url)
    with owner, owner.cursor() as cursor:
        cursor.execute(ROWS)
    owner.close()
    number = started(browser("officer"), hazard=hazard)
    yield hazard, number
    with store.transaction(system_scope()) as tx:
        rows.destroy(tx, hazard)


def ended(browser, store, hazard, number, days):
    assert step(browser("officer"), number, "end").status_code == 200
    lift(store, system_scope(), hazard)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE response SET started_at = now() - make_interval(days => :d + 1),"
            " ended_at = now() - make_interval(days => :d)",
            d=days,
        )
        tx.execute(
            "UPDATE hazard SET lifted_at = now() - make_interval(days => :d) WHERE id = :id",
            d=days,
            id=hazard,
        )
        home(tx, hazard, days)


def home(tx, hazard, days):
    tx.execute(
        "UPDATE call_out SET home_at = now() - make_interval(days => :d) WHERE arrived_people > 0"
        " AND plan_id IN (SELECT id FROM plan WHERE hazard_id = :id)",
        d=days,
        id=hazard,
    )


def left(store, hazard):
    with store.transaction(system_scope()) as tx:
        return rows.counts(tx, hazard)


def test_the_course_is_that_of_the_trail_and_the_figures_are_counted(browser, emergency):
    client = browser("officer")
    hazard, number = emergency
    task = client.get(f"/api/responses/{number}").get_json()["tasks"][0]
    assert post(client, f"/api/tasks/{task['id']}/steps", {"verb": "done"}).status_code == 200
    whistle = {"matter": "缺人", "place": "湖边", "teams": [], "minutes": 5, "response": number}
    teams = client.get("/api/whistles/teams").get_json()
    whistle["teams"] = [teams[0]["id"]]
    assert post(client, "/api/whistles", whistle).status_code == 201
    elsewhere = started(client, area=LAKE, kind="fire")
    found = after(client, number)
    kinds = [one["kind"] for one in found["timeline"]]
    assert kinds == ["response.started", "task.done", "whistle.blown"]
    assert [one["seq"] for one in found["timeline"]] == sorted(
        one["seq"] for one in found["timeline"]
    )
    assert after(client, elsewhere)["timeline"][0]["subject_id"] == str(elsewhere)
    tasks = found["figures"]["tasks"]
    assert (tasks["in_time"], tasks["late"]) == (1, 0)
    assert tasks["all"] == tasks["not_done"] + 1
    calls = found["figures"]["calls"]
    assert (calls["households"], calls["in_time"], calls["arrived"]) == (2, 2, 2)
    assert calls["last_arrival"] is not None
    assert hazard == found["hazard"]
    assert browser("hill").get(f"/api/responses/{number}/after").status_code == 404
    assert browser("member").get(f"/api/responses/{number}/after").status_code == 403


def test_an_exercise_is_evaluated_in_words_before_its_review_is_closed(browser, store):
    client = browser("officer")
    number = started(client, area=LAKE, kind="flood", exercise=True)
    real = started(client, area=LAKE, kind="flood")
    said = {
        "objectives": [{"objective": "5 分钟叫醒", "observed": "两户没听到锣", "mark": "partly"}],
        "summary": "路线清楚，锣不够响",
    }
    assert post(client, f"/api/responses/{real}/evaluation", said).status_code == 409
    assert post(client, f"/api/responses/{number}/after/close", {}).status_code == 409
    assert step(client, number, "end").status_code == 200
    assert post(client, f"/api/responses/{number}/after/close", {}).status_code == 409
    ranked = {**said, "objectives": [said["objectives"][0] | {"mark": "92"}]}
    assert post(client, f"/api/responses/{number}/evaluation", ranked).status_code == 400
    assert post(client, f"/api/responses/{number}/evaluation", said).status_code == 204
    assert post(client, f"/api/responses/{number}/after/close", {}).status_code == 204
    assert post(client, f"/api/responses/{number}/evaluation", said).status_code == 409
    found = after(client, number)
    assert found["evaluation"]["objectives"] == said["objectives"]
    assert found["timeline"][-1]["kind"] == "after_action.closed"


def test_a_lesson_becomes_a_version_of_the_template(browser, store):
    client, commander = browser("officer"), browser("commander")
    number = started(client, area=LAKE, kind="flood")
    lesson = {"text": "每格多配一面锣", "owner": "湖边街道办", "due_on": "2030-01-01"}
    made = post(client, f"/api/responses/{number}/lessons", lesson).get_json()["id"]
    address = f"/api/lessons/{made}/steps"
    assert post(client, address, {"verb": "decline"}).status_code == 409
    assert post(client, address, {"verb": "propose"}).status_code == 204
    assert post(client, address, {"verb": "propose"}).status_code == 409
    asked = commander.get("/api/plan-templates/proposals").get_json()
    assert [(one["id"], one["template"]) for one in asked] == [(made, "flood_township")]
    assert post(client, address, {"verb": "decline"}).status_code == 400
    about = commander.get(f"/api/lessons/{made}").get_json()
    assert (about["area"], about["template"], about["response"]) == (
        COUNTY, "flood_township", number,
    )  # fmt: skip
    # the version that says it names the lesson; a second one cannot
    history = f"/api/plan-templates/flood_township/history?area={COUNTY}"
    seen = commander.get(history).get_json()[0]
    names = ("area", "hazard_kind", "area_type", "name_zh", "name_en", "content", "source")
    version = {name: seen[name] for name in names} | {"lesson": made}
    with store.transaction(system_scope()) as tx:
        version["valid_from"] = today(tx).isoformat()
    version["content"]["resources"][0]["amount"] = "每格一面"
    headers = {"X-CSRFToken": token_of(commander), "If-Match": f'"{seen["version"]}"'}
    made_version = commander.post("/api/plan-templates", json=version, headers=headers)
    assert made_version.status_code == 201
    headers["If-Match"] = f'"{made_version.get_json()["version"]}"'
    version["content"]["resources"][0]["amount"] = "每格两面"
    assert commander.post("/api/plan-templates", json=version, headers=headers).status_code == 409
    assert post(client, address, {"verb": "done"}).status_code == 204
    found = after(client, number)["lessons"][0]
    assert (found["proposal"], found["done_by"]) == ("taken", "Officer")
    assert found["template_version"] == made_version.get_json()["version"]
    newest = commander.get(history).get_json()[0]
    assert [(one["id"], one["response"]) for one in newest["lessons"]] == [(made, number)]
    assert commander.get("/api/plan-templates/proposals").get_json() == []
    kinds = [one["kind"] for one in after(client, number)["timeline"]]
    assert kinds[-2:] == ["lesson.decided", "lesson.done"]


def test_the_review_is_printed_the_same_each_time(browser, emergency):
    _hazard, number = emergency
    first, second = (
        browser("officer").get(f"/responses/{number}/after.pdf").data for _again in range(2)
    )
    assert first == second
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(first)).pages)
    assert "湖水上涨" in text
    assert "王小明" not in text


def test_every_table_that_names_a_household_is_destroyed_or_says_why_not(store):
    with store.transaction(system_scope()) as tx:
        found = set(rows.naming(tx))
    assert not set(rows.PERSONAL) & set(rows.KEPT)
    assert found <= set(rows.PERSONAL) | set(rows.KEPT), "say in store/destruction.py what of it"
    assert set(rows.PERSONAL) <= found


def test_nothing_personal_remains_once_its_time_has_come(browser, store, emergency):
    hazard, number = emergency
    assert set(left(store, hazard)) == set(rows.PERSONAL)
    assert destruction.destroy_due(store, 30) == 0  # it is still going on
    ended(browser, store, hazard, number, 29)
    before = left(store, hazard)  # with what people were told when it was lifted
    assert destruction.destroy_due(store, 30) == 0
    assert after(browser("officer"), number)["destruction"]["rows"] == before
    ended_figures = after(browser("officer"), number)["figures"]["calls"]
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE response SET ended_at = now() - interval '31 days',"
            " started_at = now() - interval '32 days'"
        )
        tx.execute(
            "UPDATE hazard SET lifted_at = now() - interval '31 days' WHERE state = 'lifted'"
        )
        home(tx, hazard, 31)
    assert destruction.destroy_due(store, 30) == sum(before.values())
    assert left(store, hazard) == {}
    assert destruction.destroy_due(store, 30) == 0
    with store.transaction(system_scope()) as tx:
        told = tx.all("SELECT * FROM event WHERE kind = 'personal_data.destroyed'")
        assert tx.value("SELECT count(*) FROM household WHERE area_code LIKE '990101%'") > 0
    assert [one["payload"]["rows"] for one in told][-1] == sum(before.values())
    assert "王小明" not in str(told)
    found = after(browser("officer"), number)
    kept = found["figures"]["calls"]
    assert {name: kept[name] for name in ("households", "in_time", "arrived")} == {
        name: ended_figures[name] for name in ("households", "in_time", "arrived")
    }
    assert found["destruction"]["gone"] == before
    assert "personal_data.destroyed" in {one["kind"] for one in found["timeline"]}


def test_data_of_who_is_still_away_are_kept_until_they_are_home(browser, store, emergency):
    hazard, number = emergency
    ended(browser, store, hazard, number, 40)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE call_out SET home_at = NULL WHERE id = (SELECT max(id) FROM call_out)")
    assert destruction.destroy_due(store, 30) == 0
    assert after(browser("officer"), number)["destruction"]["due_on"] is None
    with store.transaction(system_scope()) as tx:
        home(tx, hazard, 10)  # thirty days from the day the last one came home
    assert destruction.destroy_due(store, 30) == 0
    assert after(browser("officer"), number)["destruction"]["due_on"] is not None
    with store.transaction(system_scope()) as tx:
        home(tx, hazard, 31)
    assert destruction.destroy_due(store, 30) > 0


def test_a_tick_forgotten_keeps_nothing_for_ever(browser, store, emergency):
    hazard, number = emergency
    ended(browser, store, hazard, number, 40)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE call_out SET home_at = NULL")
        tx.execute(
            "UPDATE hazard SET declared_at = now() - interval '300 days',"
            " starts_at = now() - interval '300 days', lifted_at = now() - interval '181 days'"
            " WHERE id = :id",
            id=hazard,
        )
    assert destruction.destroy_due(store, 30) > 0


@contextmanager
def active(database, hazard):
    """Have a plan of a hazard in force, as one that nobody has closed."""
    owner = psycopg2.connect(database.superuser_url)
    with owner, owner.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "SELECT id, state, approved_at, approved_by, created_by, check_hash, activated_at,"
            " activated_by FROM plan WHERE hazard_id = %s ORDER BY id LIMIT 1",
            (hazard,),
        )
        number, *before = cursor.fetchone()
        cursor.execute(
            "UPDATE plan SET state = 'active', approved_at = now(), activated_at = now(),"
            " approved_by = (SELECT max(id) FROM app_user), check_hash = repeat('a', 64),"
            " created_by = (SELECT min(id) FROM app_user),"
            " activated_by = (SELECT max(id) FROM app_user) WHERE id = %s",
            (number,),
        )
    yield
    with owner, owner.cursor() as cursor:
        cursor.execute(
            "UPDATE plan SET state = %s, approved_at = %s, approved_by = %s, created_by = %s,"
            " check_hash = %s, activated_at = %s, activated_by = %s WHERE id = %s",
            (*before, number),
        )
    owner.close()


def test_a_plan_nobody_closes_ends_by_itself(browser, store, database, emergency):
    hazard, number = emergency
    ended(browser, store, hazard, number, 13)
    with active(database, hazard):
        assert destruction.destroy_due(store, 1) == 0
        with store.transaction(system_scope()) as tx:
            tx.execute(
                "UPDATE hazard SET lifted_at = now() - interval '15 days' WHERE id = :id",
                id=hazard,
            )
        assert destruction.destroy_due(store, 1) > 0


def test_what_comes_after_the_destruction_goes_as_well(browser, store, emergency):
    hazard, number = emergency
    ended(browser, store, hazard, number, 40)
    gone = destruction.destroy_due(store, 30)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO plan_sheet (plan_id, area_code, job_id, pages, content)"
            " SELECT id, area_code, (SELECT min(id) FROM job), 1, 'x' FROM plan"
            " WHERE hazard_id = :id LIMIT 1",
            id=hazard,
        )
    assert destruction.destroy_due(store, 30) == 1
    counts = after(browser("officer"), number)["destruction"]["gone"]
    assert sum(counts.values()) == gone + 1


def test_notes_of_tasks_and_whistles_go_in_their_time(browser, store):
    """A response without a hazard has no plan: its notes are emptied, its figures stay."""
    client = browser("officer")
    number = started(client, area=LAKE, kind="fire")
    task = client.get(f"/api/responses/{number}").get_json()["tasks"][0]["id"]
    said = {"verb": "done", "note": "王小明一家接到了"}
    assert post(client, f"/api/tasks/{task}/steps", said).status_code == 200
    team = client.get("/api/whistles/teams").get_json()[0]["id"]
    point = {"type": "Point", "coordinates": [114.403, 30.51]}
    whistle = {"matter": "王小明要担架", "place": "1 栋", "teams": [team], "minutes": 5}
    for more in ({"response": number, "geometry": point}, {"area": LAKE}):
        assert post(client, "/api/whistles", whistle | more).status_code == 201
    assert step(client, number, "end").status_code == 200
    assert destruction.forget_notes(store, 30) == 0
    shown = after(client, number)["destruction"]
    assert shown["rows"] == {"response_task": 1, "whistle": 1}
    assert (shown["due_on"] is not None, shown["destroyed_at"]) == (True, None)
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE response SET started_at = now() - interval '40 days',"
            " ended_at = now() - interval '31 days'"
        )
        tx.execute("UPDATE whistle SET blown_at = now() - interval '50 days'")
    assert destruction.forget_notes(store, 30) == 3
    assert destruction.forget_notes(store, 30) == 0
    found = client.get(f"/api/responses/{number}").get_json()
    assert "王小明" not in str(found) + str(client.get("/api/whistles").get_json())
    assert found["whistles"][0]["point"] is None
    shown = after(client, number)
    assert shown["destruction"]["gone"] == {"response_task": 1, "whistle": 1}
    assert shown["timeline"][-1]["kind"] == "personal_data.destroyed"
    assert shown["figures"]["tasks"]["in_time"] == 1


def test_one_emergency_that_cannot_be_destroyed_keeps_no_other(
    browser, store, emergency, monkeypatch
):
    hazard, number = emergency
    ended(browser, store, hazard, number, 40)
    with store.transaction(system_scope()) as tx:
        stuck = tx.value(
            "INSERT INTO hazard (area_code, kind, name, severity, starts_at, declared_at, state,"
            " lifted_at, exercise, geom) SELECT area_code, kind, name, severity,"
            " now() - interval '50 days', now() - interval '50 days', 'lifted',"
            " now() - interval '40 days', exercise, geom FROM hazard WHERE id = :id RETURNING id",
            id=hazard,
        )
    real = rows.destroy

    def destroy(tx, which):
        if which == stuck:
            tx.execute("SELECT 1 / 0")
        return real(tx, which)

    monkeypatch.setattr(rows, "destroy", destroy)
    monkeypatch.setattr(rows, "due", lambda *a, due=rows.due: due(*a)[::-1])  # the stuck one first
    assert destruction.destroy_due(store, 30) > 0
    assert left(store, hazard) == {}
    monkeypatch.undo()
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM hazard WHERE id = :id", id=stuck)


def test_a_commander_holds_them_back_with_a_reason_until_a_day(browser, store, emergency):
    hazard, number = emergency
    ended(browser, store, hazard, number, 40)
    day = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    held = {"until": day, "reason": "事故调查要用"}
    commander = browser("commander")
    assert post(browser("officer"), f"/api/hazards/{hazard}/hold", held).status_code == 403
    short = held | {"reason": "要"}
    assert post(commander, f"/api/hazards/{hazard}/hold", short).status_code == 400
    past = held | {"until": "2020-01-01"}
    assert post(commander, f"/api/hazards/{hazard}/hold", past).status_code == 400
    assert post(commander, f"/api/hazards/{hazard}/hold", held).status_code == 204
    assert destruction.destroy_due(store, 30) == 0
    shown = after(commander, number)["destruction"]
    assert shown["due_on"] == (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    assert shown["holds"][0]["reason"] == "事故调查要用"
    assert post(commander, f"/api/hazards/{hazard}/release", {}).status_code == 204
    assert post(commander, f"/api/hazards/{hazard}/release", {}).status_code == 409
    assert destruction.destroy_due(store, 30) > 0
    assert post(commander, f"/api/hazards/{hazard}/hold", held).status_code == 409
