"""What a community is called that a draft makes of others: chosen, changed, taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import two_communities as town
from lattice_town import TOWNSHIP
from merger_steps import proposed, take
from scenario_replay import Replay
from scenario_steps import approved, done, opened, operate, validated, value
from webtown import post

from gridmap.model.access import Scope, system_scope
from gridmap.services import papers
from gridmap.services.papers import Wanted

OTHER = "南社区"
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module", autouse=True)
def built(store, people):
    town.build(store)
    with store.transaction(system_scope()) as tx:
        # a third one in the same township, and one of the same name in another
        tx.execute(
            "INSERT INTO area (code, level, parent_code, name_zh, geom) VALUES"
            " (:code, 'community', :town, :name,"
            "  ST_Multi(ST_MakeEnvelope(114.5, 30.48, 114.509, 30.49, 4326)))",
            code=TOWNSHIP + "003",
            town=TOWNSHIP,
            name=OTHER,
        )


@pytest.fixture
def address(browser):
    return opened(browser("planner"), TOWNSHIP)


def called(client, address):
    return {each["code"]: each["name"] for each in client.get(address).get_json()["merged"]}


def merged(client, store, address, **more):
    found = proposed(client, store, address, **more)
    answer = take(client, address, found, 0)
    assert answer.status_code == 200, answer.get_json()
    return found


def _rename(store, name):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE area SET name_zh = :name WHERE code = :code", name=name, code=TOWNSHIP + "003"
        )


def test_it_is_called_as_both_or_as_the_planner_says(browser, store, address):
    planner = browser("planner")
    found = merged(planner, store, address)
    assert found["figures"]["name"] == "西东社区"
    assert called(planner, address) == {town.MERGED: "西东社区"}
    other = opened(planner, TOWNSHIP, "另一个")
    merged(planner, store, other, name=" 湖畔社区 ")
    # the same communities, the same code; the name is each draft's own
    assert called(planner, other) == {town.MERGED: "湖畔社区"}
    assert called(planner, address) == {town.MERGED: "西东社区"}


def test_it_is_renamed_and_the_name_taken_back(browser, store, address):
    planner, lead = browser("planner"), browser("lead")
    merged(planner, store, address)
    page = Replay(lead, address)
    told = done(planner, address, 1, "name_community", community=town.MERGED, name="湖畔社区")
    assert (told["changed"]["features"], told["removed"], told["undo"]) == ([], [], 2)
    assert called(planner, address) == {town.MERGED: "湖畔社区"}
    # of an older version as well: no grid is touched
    done(lead, address, 1, "name_community", community=town.MERGED, name="湖东社区")
    assert called(planner, address) == {town.MERGED: "湖东社区"}
    steps = page.catch_up()
    assert [(each["kind"], each["by"]["name"]) for each in steps] == [
        ("name_community", "Planner"),
        ("name_community", "Lead"),
    ]
    assert page.held() == Replay(lead, address).held()
    done(planner, address, 3, "undo")
    assert called(planner, address) == {town.MERGED: "湖畔社区"}
    done(planner, address, 4, "undo")
    assert called(planner, address) == {town.MERGED: "西东社区"}
    done(planner, address, 5, "redo")
    assert called(planner, address) == {town.MERGED: "湖畔社区"}
    done(planner, address, 6, "undo")
    done(planner, address, 7, "undo")
    assert called(planner, address) == {}


def test_what_was_looked_at_is_looked_at_again_after_another_name(browser, store, address):
    planner = browser("planner")
    merged(planner, store, address)
    assert validated(planner, store, address)["state"] == "valid"
    done(planner, address, 1, "name_community", community=town.MERGED, name="湖畔社区")
    assert planner.get(address).get_json()["state"] == "open"


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, OTHER, f" {OTHER} "])
def test_names_that_are_none_or_anothers(browser, store, address, name):
    planner = browser("planner")
    wanted = {"kind": "merge_communities", "communities": [town.ONE, town.TWO], "name": name}
    asked = post(planner, f"{address}/proposals", wanted)
    assert asked.status_code == 400, asked.get_json()
    assert asked.get_json()["faults"][0]["place"] == "name"
    merged(planner, store, address)
    answer = operate(planner, address, 1, "name_community", community=town.MERGED, name=name)
    assert answer.status_code == 400, answer.get_json()
    assert answer.get_json()["faults"][0]["place"] == "name"
    assert called(planner, address) == {town.MERGED: "西东社区"}


def test_only_what_a_draft_makes_is_named_there(browser, store, address):
    planner = browser("planner")
    for code in (town.ONE, town.MERGED):
        answer = operate(planner, address, 0, "name_community", community=code, name="新")
        assert answer.status_code == 400, answer.get_json()
        assert answer.get_json()["faults"][0]["place"] == "community"
    missing = operate(planner, address, 0, "name_community", name="新")
    assert missing.get_json()["faults"][0]["place"] == "community"


def test_a_name_that_another_has_got_meanwhile_is_not_taken(browser, store, address):
    planner = browser("planner")
    found = proposed(planner, store, address, name="湖畔社区")
    _rename(store, "湖畔社区")
    try:
        late = take(planner, address, found, 0)
        assert late.status_code == 409
        assert "湖畔社区" in late.get_json()["detail"]
    finally:
        _rename(store, OTHER)
    assert take(planner, address, found, 0).status_code == 200


def test_papers_of_the_draft_have_the_name_of_the_draft(browser, store, address):
    planner = browser("planner")
    merged(planner, store, address)
    done(planner, address, 1, "name_community", community=town.MERGED, name="湖畔社区")
    scenario = int(address.rpartition("/")[2])
    asked = Wanted(TOWNSHIP, TODAY, datetime.now(UTC), "zh_CN", scenario)
    names = {
        each.code: each.name for each in papers.folder(store, Scope((TOWNSHIP,)), asked).communities
    }
    assert names[town.MERGED] == "湖畔社区"


def test_it_does_not_come_into_force_under_the_name_of_another(browser, store, address):
    planner, lead = browser("planner"), browser("lead")
    merged(planner, store, address, name="湖畔社区")
    approved(browser, store, address)
    _rename(store, "湖畔社区")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    try:
        refused = post(lead, f"{address}/publish", {"effective_from": today})
        assert refused.status_code == 409, refused.get_json()
        assert "湖畔社区" in refused.get_json()["detail"]
        assert lead.get(address).get_json()["state"] == "approved"
    finally:
        _rename(store, OTHER)
    # reopened and named otherwise it does
    assert post(planner, f"{address}/reopen", {}).status_code == 200
    done(planner, address, 1, "name_community", community=town.MERGED, name="东湖社区")
    approved(browser, store, address)
    published = post(lead, f"{address}/publish", {"effective_from": today})
    assert published.status_code == 200, published.get_json()
    assert value(store, f"SELECT name_zh FROM area WHERE code = '{town.MERGED}'") == "东湖社区"
    assert value(store, f"SELECT valid_to IS NOT NULL FROM area WHERE code = '{town.ONE}'")
