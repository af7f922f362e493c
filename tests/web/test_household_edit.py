"""Putting a household right: on the version one has read; the next one learns what changed."""

import pytest
from webtown import post, token_of

from gridmap.model.access import system_scope

SCRIPT = "<script>alert(1)</script>"


def ask(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


@pytest.fixture
def home(store):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE household SET householder = '王小明', phone = '13812345678', people = 3,"
            " carer = NULL, registered_at = NULL, residence = 'resident' WHERE source_key = 'h1'"
        )
        return tx.value("SELECT id FROM household WHERE source_key = 'h1'")


def version(browser, home, name="member"):
    answer = browser(name).get(f"/api/households/{home}")
    assert answer.headers["ETag"] == f'"{answer.get_json()["version"]}"'
    return answer.get_json()["version"]


def edit(browser, home, content, seen=None, name="member"):
    client = browser(name)
    headers = {"X-CSRFToken": token_of(client)}
    if seen is not None:
        headers["If-Match"] = f'"{seen}"'
    return client.post(f"/api/households/{home}", json=content, headers=headers)


def test_a_fact_is_put_right_and_dated(browser, store, home):
    seen = version(browser, home)
    answer = edit(browser, home, {"fields": {"phone": "027-5555 6666", "carer": "王二"}}, seen)
    assert answer.status_code == 200, answer.data
    found = answer.get_json()
    assert (found["phone"], found["carer"]) == ("027-5555 6666", "王二")
    assert found["version"] == seen + 1
    assert found["changed"] == ["carer", "phone"]
    facts = {each["name"]: each for each in found["facts"]}
    assert (facts["phone"]["source"], facts["phone"]["stale"]) == ("edit", False)
    assert facts["phone"]["seen_by"] == "Member"
    assert found["changes"][0]["fields"] == ["carer", "phone"]
    payload = "SELECT payload::text FROM event WHERE kind = 'household.changed' ORDER BY seq DESC"
    assert "5555" not in ask(store, payload)


def test_needs_are_added_and_removed(browser, store, home):
    content = {"needs": [{"kind": "infant", "people": 2}, {"kind": "wheelchair", "people": 0}]}
    seen = version(browser, home)
    answer = edit(browser, home, content, seen).get_json()
    assert [(each["kind"], each["people"]) for each in answer["needs"]] == [("infant", 2)]
    assert answer["version"] == seen + 1
    assert answer["changes"][0]["fields"] == ["needs"]
    # somebody who may not read needs does not learn that they changed either
    other = browser("planner").get(f"/api/households/{home}").get_json()
    assert other["changes"][0]["fields"] == []


def test_the_second_of_two_learns_what_the_first_changed(browser, home):
    seen = version(browser, home)
    assert edit(browser, home, {"fields": {"people": 4}}, seen).status_code == 200
    assert edit(browser, home, {"fields": {"phone": "1234567"}}, seen + 1).status_code == 200
    late = edit(browser, home, {"fields": {"householder": "李二"}}, seen)
    assert late.status_code == 409
    assert late.get_json()["version"] == seen + 2
    assert late.get_json()["changed"] == ["people", "phone"]
    again = edit(browser, home, {"fields": {"householder": "李二"}}, seen + 2)
    assert again.status_code == 200


def test_an_import_makes_a_new_version_too(browser, store, home):
    seen = version(browser, home)
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE household SET phone = '999' WHERE id = :id", id=home)
    assert edit(browser, home, {"fields": {"people": 4}}, seen).status_code == 409


def test_nothing_changed_is_still_a_look(browser, store, home):
    seen = version(browser, home)
    answer = edit(browser, home, {"fields": {"people": 3}}, seen).get_json()
    assert (answer["version"], answer["changed"]) == (seen, [])
    facts = {each["name"]: each for each in answer["facts"]}
    assert facts["people"]["stale"] is False


def test_without_a_version_nothing_is_taken(browser, home):
    assert edit(browser, home, {"fields": {"people": 4}}).status_code == 428


def test_only_those_who_visit_may_write(browser, store, home):
    for name in ("officer", "planner", "commander", "lead", "unit"):
        assert edit(browser, home, {"fields": {"people": 4}}, 1, name).status_code == 403, name
    other = ask(store, "SELECT id FROM household WHERE source_key = 'h3'")
    assert edit(browser, other, {"fields": {"people": 4}}, 1).status_code == 404
    settle = f"/api/households/{other}/conflicts/1/settle"
    assert post(browser("member"), settle, {}).status_code == 404


@pytest.mark.parametrize("field", ["householder", "carer", "registered_at"])
def test_script_is_text_and_nothing_else(browser, home, field):
    seen = version(browser, home)
    found = edit(browser, home, {"fields": {field: SCRIPT}}, seen)
    assert found.status_code == 200
    assert found.get_json()[field] == SCRIPT
    assert found.mimetype == "application/json"
    page = browser("member").get(f"/households/{home}", headers={"Accept": "text/html"})
    assert SCRIPT not in page.get_data(as_text=True)
    edit(browser, home, {"fields": {field: None}}, seen + 1)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({"fields": {"id_number": "1"}}, "fields.id_number"),
        ({"fields": {"version": 3}}, "fields.version"),
        ({"fields": {"phone": SCRIPT}}, "fields.phone"),
        ({"fields": {"phone": "=1+1"}}, "fields.phone"),
        ({"fields": {"householder": "x" * 81}}, "fields.householder"),
        ({"fields": {"householder": "a\tb"}}, "fields.householder"),
        ({"fields": {"residence": None}}, "fields.residence"),
        ({"needs": [{"kind": "x" * 41, "people": 1}]}, "needs.0.kind"),
        ({"needs": [{"kind": "infant", "people": -1}]}, "needs.0.people"),
        ({"area": "990102"}, "area"),
    ],
)
def test_bad_input_names_its_place(browser, store, home, content, place):
    before = ask(store, "SELECT to_json(h)::text FROM household h WHERE id = :id", id=home)
    answer = edit(browser, home, content, version(browser, home))
    assert answer.status_code == 400, answer.data
    assert answer.get_json()["faults"][0]["place"] == place
    assert ask(store, "SELECT to_json(h)::text FROM household h WHERE id = :id", id=home) == before


def test_a_list_is_found_by_address_and_need_and_page(browser, store, home):
    officer = browser("officer")
    first = officer.get("/api/households/list?limit=2").get_json()
    rest = officer.get(f"/api/households/list?limit=500&cursor={first['next']}").get_json()
    assert first["total"] == len(first["items"]) + len(rest["items"])
    found = officer.get("/api/households/list?q=湖边路1号&grid=990101001001001").get_json()["items"]
    assert {each["householder"] for each in found} == {"王某", "李某"}
    assert all(each["phone"] is None for each in found)
    some = officer.get("/api/households/list?needs=any").get_json()
    assert 0 < some["total"] < first["total"]
    assert officer.get("/api/households/list?unplaced=yes").get_json()["total"] == 2
    assert browser("planner").get("/api/households/list?needs=any").status_code == 403
    assert officer.get("/api/households/list?q=%25").get_json()["total"] == 0
    assert browser("stranger").get("/api/households/list?grid=990101").get_json()["items"] == []
    for bad in ("limit=501", "grid=99", "needs=%C3%9C", "cursor=-1", "q=" + "x" * 101, "x=1"):
        assert officer.get(f"/api/households/list?{bad}").status_code == 400, bad


def test_who_uses_what_is_said_with_its_basis(browser, store):
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO service_item (area_code, name, owner, legal_basis, admitted_on, ends_on,"
            " fields) VALUES ('990101', '走访', '民政局', '法第十一条', '2026-01-01', NULL,"
            " '{phone}'), ('990101', '旧事项', '某局', '某法', '2020-01-01', '2021-01-01', '{}')"
            " ON CONFLICT DO NOTHING"
        )
    items = browser("member").get("/api/service-items?grid=990101001001001").get_json()["items"]
    assert [(each["name"], each["owner"], each["fields"]) for each in items] == [
        ("走访", "民政局", ["phone"])
    ]
    assert browser("stranger").get("/api/service-items").get_json() == {"items": []}
