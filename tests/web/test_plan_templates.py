"""Plan templates: versions that are never rewritten, edited by commanders, seen by the office."""

import json
from datetime import date, timedelta

import psycopg2
import pytest
from webtown import COUNTY, LAKE, OTHER, post, token_of

from gridmap.model.access import Scope, system_scope
from gridmap.model.plan_template import Content
from gridmap.model.plan_template_seeds import seeds
from gridmap.services import plan_template_edits, plan_templates
from gridmap.store.versioned import today

LATER = timedelta(days=40)


@pytest.fixture(autouse=True)
def first(store, people):  # noqa: ARG001 - the people have to be there to be named
    """The county has what the product brings."""
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM plan_template")
    plan_templates.start_all(store, system_scope())


def day_of(store) -> date:
    with store.transaction(system_scope()) as tx:
        return today(tx)


def send(client, content, seen=1, address="/api/plan-templates"):
    headers = {"X-CSRFToken": token_of(client)}
    if seen is not None:
        headers["If-Match"] = f'"{seen}"'
    return client.post(address, json=content, headers=headers)


def read(client, key="flood_township"):
    found = client.get("/api/plan-templates").get_json()
    return next(one for one in found if one["key"] == key and one["area"] == COUNTY)


def edited(store, client, **more):
    one = read(client)
    names = ("area", "hazard_kind", "area_type", "name_zh", "name_en", "content", "source")
    return {name: one[name] for name in names} | {"valid_from": day_of(store).isoformat()} | more


def history(client, key="flood_township", area=COUNTY):
    return client.get(f"/api/plan-templates/{key}/history?area={area}").get_json()


def test_seeds_have_the_sections_of_the_reference_and_their_sources():
    assert {seed.hazard_kind for seed in seeds()} >= {
        "flood", "landslide", "fire", "typhoon", "earthquake", "public_health", "chemical",
        "security", "general",
    }  # fmt: skip
    for seed in seeds():
        assert not list(seed.content.loose_ends()), seed.key
        assert "231号" in seed.source
        assert Content.model_validate_json(seed.content.model_dump_json()) == seed.content
        content = seed.content
        for section in (content.first_response, content.call_tree, content.drills):
            assert section, seed.key
        assert content.resources
        assert content.annexes
        tiers = {action.tier for action in content.actions}
        assert tiers == {"village"} if seed.area_type == "village" else "village" in tiers
        levelled = [action for action in content.actions if action.levels]
        assert (not levelled) == (seed.hazard_kind == "security") or seed.area_type == "village"


def test_the_office_reads_them_and_they_go_in_as_they_come_out(browser, store):
    found = browser("officer").get("/api/plan-templates").get_json()
    assert len([one for one in found if one["area"] == COUNTY]) == len(seeds())
    assert browser("unit").get("/api/plan-templates").status_code == 403
    one = read(browser("officer"))
    version = plan_template_edits.read(json.loads(json.dumps(one)), day_of(store))
    assert plan_template_edits.bring(store, system_scope(), COUNTY, version) is None


def test_an_edit_is_the_next_version_and_says_what_it_changed(browser, store):
    client = browser("commander")
    asked = edited(store, client)
    asked["content"]["actions"][0]["minutes"] = 10
    del asked["content"]["actions"][1]
    assert send(client, asked).get_json()["version"] == 2
    newest, before = history(client)
    assert (newest["state"], before["state"]) == ("in_force", "never")
    changes = {one["place"]: (one["was"], one["is"]) for one in newest["changes"]}
    assert changes["content.actions.report_phone.minutes"] == (20, 10)
    assert changes["content.actions.report_written"][1] is None
    assert len(changes) == 2
    with store.transaction(system_scope()) as tx:
        told = tx.one(
            "SELECT * FROM event WHERE kind LIKE 'plan_template.%' ORDER BY seq DESC LIMIT 1"
        )
    assert told["payload"]["version"] == 2


def test_two_people_who_edit_at_once_do_not_undo_each_other(browser, store):
    client = browser("commander")
    asked = edited(store, client, name_zh="县里改过的")
    assert send(client, asked).status_code == 201
    second = send(client, asked | {"name_zh": "另一个人改的"})
    assert (second.status_code, second.get_json()["version"]) == (409, 2)
    assert send(client, asked, seen=2).status_code == 409  # says what it says already


def test_a_version_in_the_database_is_never_rewritten(store, database):  # noqa: ARG001
    owner = psycopg2.connect(database.superuser_url)
    with (
        pytest.raises(psycopg2.errors.IntegrityConstraintViolation),
        owner,
        owner.cursor() as cursor,
    ):
        cursor.execute("UPDATE plan_template SET name_zh = '改写' WHERE key = 'flood_township'")
    owner.close()


def test_a_waiting_version_holds_from_its_day_and_a_retired_one_gives_way(browser, store):
    client = browser("commander")
    later = (day_of(store) + LATER).isoformat()
    assert (
        send(client, edited(store, client, name_zh="以后的", valid_from=later)).status_code == 201
    )
    one = read(client)
    assert (one["version"], one["next"]["version"]) == (1, 2)
    assert [each["state"] for each in history(client)] == ["waiting", "in_force"]
    own = edited(store, client, area=LAKE, name_zh="湖边自己的")
    assert send(client, own, seen=None).status_code == 201
    with store.transaction(Scope((LAKE,))) as tx:
        found = plan_templates.in_force(tx, "flood", LAKE)
        assert (found["area_code"], found["name_zh"]) == (LAKE, "湖边自己的")
        assert plan_templates.in_force(tx, "waterlogging", LAKE)["name_zh"] == "湖边自己的"
        assert plan_templates.in_force(tx, "snow", LAKE)["hazard_kind"] == "general"
        assert plan_templates.in_force(tx, "flood", f"{LAKE}001")["area_type"] == "village"
    ended = {"area": LAKE, "valid_from": day_of(store).isoformat()}
    assert send(client, ended, 1, "/api/plan-templates/flood_township/retire").status_code == 201
    with store.transaction(Scope((LAKE,))) as tx:
        assert plan_templates.in_force(tx, "flood", LAKE)["area_code"] == COUNTY


def test_what_people_wrote_or_retired_is_not_undone_by_a_release(browser, store):
    client = browser("commander")
    assert send(client, edited(store, client, name_zh="县里的")).status_code == 201
    plan_templates.start_all(store, system_scope())
    assert read(client)["name_zh"] == "县里的"
    with store.transaction(system_scope()) as tx:
        assert plan_templates.start(tx, COUNTY) == []


def test_what_a_file_brought_is_not_undone_by_a_release_but_our_old_wording_is(store):
    with store.transaction(system_scope()) as tx:
        flood = next(one for one in plan_templates.rows.newest(tx)
                     if (one["area_code"], one["key"]) == (COUNTY, "flood_township"))  # fmt: skip
        fire = plan_templates.said(
            next(one for one in plan_templates.rows.newest(tx)
                 if (one["area_code"], one["key"]) == (COUNTY, "fire_township"))
        )  # fmt: skip
        plan_templates.rows.insert(
            tx, area_code=COUNTY, key="fire_township", version=2, said=fire | {"name_zh": "旧名"}
        )
    document = plan_templates.said(flood) | {"name_zh": "县里自己的"}
    version = plan_template_edits.read(document, day_of(store))
    assert plan_template_edits.bring(store, system_scope(), COUNTY, version) == 2
    plan_templates.start_all(store, system_scope())
    with store.transaction(system_scope()) as tx:
        held = {one["key"]: one for one in plan_templates.rows.listing(tx)
                if one["area_code"] == COUNTY}  # fmt: skip
    assert (held["flood_township"]["version"], held["flood_township"]["name_zh"]) == (
        2, "县里自己的",
    )  # fmt: skip
    assert (held["fire_township"]["version"], held["fire_township"]["name_zh"]) == (
        3, fire["name_zh"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"area_type": "city"}, "area_type"),
        ({"source": ""}, "source"),
        ({"actions": [{"role": "nobody"}]}, "content.actions.0.role"),
        ({"actions": [{"minutes": 0}]}, "content.actions.0.minutes"),
        ({"actions": [{"levels": [5]}]}, "content.actions.0.levels.0"),
        ({"actions": [{"levels": [1, 1]}]}, "content.actions.0.levels"),
        ({"actions": [{"key": "report_written"}]}, "content.actions"),
        ({"actions": [{"zh": "x\x07"}]}, "content.actions.0.zh"),
        ({"call_tree": [{"role": "nobody"}]}, "content.call_tree.0"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_template_is_refused_by_its_place(browser, store, change, place):
    client = browser("commander")
    asked = edited(store, client)
    for name, value in change.items():
        if name in asked["content"]:
            asked["content"][name][0].update(value[0])
        else:
            asked[name] = value
    answer = send(client, asked)
    assert answer.status_code == 400
    assert place in {fault["place"] for fault in answer.get_json()["faults"]}


def test_only_commanders_of_the_place_edit(browser, store):
    asked = edited(store, browser("commander"))
    assert send(browser("officer"), asked).status_code == 403
    assert send(browser("commander"), asked | {"area": OTHER}).status_code == 404
    assert post(browser("commander"), "/api/plan-templates", {}).status_code == 400
