"""Needs and phone numbers open for a declared hazard only, not for long, and never unseen."""

import pytest
from webtown import HILL, LAKE, post

from gridmap.model.access import system_scope

REASON = "湖水上涨，逐户叫醒需要帮助的人"


def ask(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def run(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.execute(sql, **values)


@pytest.fixture
def hazard(store):
    """The flood by the lake, declared, and nothing open."""
    run(store, "UPDATE break_glass SET closed_at = now() WHERE closed_at IS NULL")
    number = ask(store, "SELECT id FROM hazard WHERE area_code = '990101'")
    yield number
    run(
        store,
        "UPDATE hazard SET state = 'declared', lifted_at = NULL, ends_at = NULL WHERE id = :id",
        id=number,
    )
    run(store, "UPDATE break_glass SET closed_at = now() WHERE closed_at IS NULL")


def open_glass(browser, name, hazard, area=LAKE, reason=REASON):
    body = {"hazard": hazard, "area": area, "reason": reason}
    return post(browser(name), "/api/households/break-glass", body)


def home(store, key="h1"):
    return ask(store, "SELECT id FROM household WHERE source_key = :key", key=key)


def card(browser, name, store, key="h1"):
    return browser(name).get(f"/api/households/{home(store, key)}").get_json()


def test_it_opens_needs_and_phones_of_the_area(browser, store, hazard):
    before = card(browser, "commander", store)
    assert (before["needs"], before["phone"]) == (None, "138******78")
    answer = open_glass(browser, "commander", hazard)
    assert answer.status_code == 201, answer.data
    found = card(browser, "commander", store)
    assert found["phone"] == "13812345678"
    assert [each["kind"] for each in found["needs"]] == ["wheelchair"]
    # the name and the identity number stay what they were
    assert (found["householder"], found["id_number"]) == ("王某", "**************123X")
    assert found["by_glass"] is True
    # not a step beyond the area
    assert card(browser, "commander", store, "h4")["needs"] is None
    # nor for anybody else
    assert card(browser, "planner", store)["needs"] is None


def test_lists_layers_and_plans_open_with_it(browser, store, hazard):
    plan = ask(store, "SELECT min(id) FROM plan WHERE area_code = '990101'")
    open_glass(browser, "commander", hazard)
    commander = browser("commander")
    layer = commander.get("/api/households").get_json()["features"]
    needs = {each["properties"]["grid"]: each["properties"]["needs"] for each in layer}
    assert needs["990101002001001"] is None
    listed = commander.get("/api/households/list").get_json()["items"]
    shown = {each["id"]: (each["needs"], each["phone"]) for each in listed}
    assert shown[home(store)] == (["wheelchair"], "13812345678")
    assert shown[home(store, "h4")] == (None, None)
    rows = commander.get(f"/api/plans/{plan}/assignments").get_json()
    assert "wheelchair" in str(rows)
    assert commander.get("/tiles/households/16/53592/26932.mvt").status_code in (200, 204)


def test_every_look_leaves_a_trace(browser, store, hazard, people):
    open_glass(browser, "commander", hazard)
    count = "SELECT count(*) FROM event WHERE user_id = :id AND payload ? 'break_glass'"
    before = ask(store, count, id=people["commander"])
    card(browser, "commander", store)
    browser("commander").get("/api/households/list")
    assert ask(store, count, id=people["commander"]) == before + 2
    kind = "SELECT kind FROM event WHERE subject = 'break_glass' ORDER BY seq DESC LIMIT 1"
    assert ask(store, kind) == "break_glass.opened"
    assert REASON not in ask(store, "SELECT string_agg(payload::text, '') FROM event")


def test_it_is_on_the_screen_and_for_those_who_watch(browser, store, hazard):
    open_glass(browser, "commander", hazard)
    commander = browser("commander")
    assert [each["area"] for each in commander.get("/api/me").get_json()["break_glass"]] == [LAKE]
    page = commander.get("/plans", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert 'id="glass-banner"' in page
    assert 'id="glass-banner"' not in browser("officer").get("/plans").get_data(as_text=True)
    for name in ("auditor", "security"):
        seen = browser(name).get("/api/households/break-glass").get_json()["items"]
        assert seen[0]["reason"] == REASON
        assert seen[0]["by"] == "Commander"
    assert browser("planner").get("/api/households/break-glass").get_json() == {"items": []}
    assert browser("officer").get("/api/households/break-glass").get_json() == {"items": []}


def test_it_ends_with_the_hazard(browser, store, hazard):
    open_glass(browser, "commander", hazard)
    assert post(browser("officer"), f"/api/hazards/{hazard}/lift", {}).status_code == 204
    assert card(browser, "commander", store)["needs"] is None
    assert browser("commander").get("/api/me").get_json()["break_glass"] == []
    refused = open_glass(browser, "commander", hazard)
    assert refused.status_code == 409
    assert "lifted" in refused.get_json()["detail"] or "解除" in refused.get_json()["detail"]


def test_it_ends_by_itself_and_by_hand(browser, store, hazard):
    first = open_glass(browser, "commander", hazard).get_json()
    lasts = "SELECT until - opened_at <= interval '2 hours' FROM break_glass WHERE id = :id"
    assert ask(store, lasts, id=first["id"])
    run(
        store,
        "UPDATE break_glass SET opened_at = opened_at - interval '3 hours',"
        " until = until - interval '3 hours' WHERE id = :id",
        id=first["id"],
    )
    assert card(browser, "commander", store)["needs"] is None
    second = open_glass(browser, "commander", hazard).get_json()
    put = f"/api/households/break-glass/{second['id']}/close"
    assert post(browser("officer"), put, {}).status_code == 404
    assert post(browser("commander"), put, {}).status_code == 204
    assert post(browser("commander"), put, {}).status_code == 404
    assert card(browser, "commander", store)["needs"] is None


def test_a_shorter_hazard_is_a_shorter_opening(browser, store, hazard):
    run(store, "UPDATE hazard SET ends_at = now() + interval '10 minutes' WHERE id = :i", i=hazard)
    number = open_glass(browser, "officer", hazard).get_json()["id"]
    short = "SELECT until <= now() + interval '10 minutes' FROM break_glass WHERE id = :id"
    assert ask(store, short, id=number)


def test_not_without_a_hazard_that_touches(browser, store, hazard):
    far = open_glass(browser, "commander", hazard, HILL)
    assert far.status_code == 409
    run(
        store,
        "INSERT INTO hazard (area_code, kind, name, exercise, geom)"
        " SELECT area_code, kind, 'drill', true, geom FROM hazard WHERE id = :id",
        id=hazard,
    )
    drill = ask(store, "SELECT id FROM hazard WHERE name = 'drill'")
    assert open_glass(browser, "commander", drill).status_code == 409
    run(store, "DELETE FROM hazard WHERE id = :id", id=drill)
    run(
        store,
        "UPDATE hazard SET starts_at = now() - interval '2 days',"
        " ends_at = now() - interval '1 minute' WHERE id = :id",
        id=hazard,
    )
    assert open_glass(browser, "commander", hazard).status_code == 409
    assert ask(store, "SELECT count(*) FROM break_glass WHERE closed_at IS NULL") == 0


@pytest.mark.parametrize(
    ("change", "status", "place"),
    [
        ({"reason": "太短"}, 400, "reason"),
        ({"reason": " " * 30}, 400, "reason"),
        ({"reason": "x" * 501}, 400, "reason"),
        ({"area": "990101"}, 400, "area"),
        ({"area": "990102001"}, 404, None),
        ({"area": "990101009"}, 409, None),
        ({"hazard": 999999}, 404, None),
        ({"hazard": "1"}, 400, "hazard"),
        ({"until": "2030-01-01T00:00:00Z"}, 400, "until"),
    ],
)
def test_bad_input_opens_nothing(browser, store, hazard, change, status, place):
    body = {"hazard": hazard, "area": LAKE, "reason": REASON} | change
    answer = post(browser("commander"), "/api/households/break-glass", body)
    assert answer.status_code == status, answer.data
    if place:
        assert answer.get_json()["faults"][0]["place"] == place
    assert ask(store, "SELECT count(*) FROM break_glass WHERE closed_at IS NULL") == 0


def test_others_hazards_open_nothing_here(browser, store, hazard):
    other = ask(store, "SELECT id FROM hazard WHERE area_code = '990102'")
    assert open_glass(browser, "commander", other).status_code == 404
    assert open_glass(browser, "stranger", hazard).status_code == 404
    assert open_glass(browser, "hill", hazard).status_code == 404
