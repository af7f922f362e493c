"""Rules of care on their page: read by the office, changed by who imports, known words only."""

import pytest
from webtown import COUNTY, LAKE, OTHER, post

from gridmap.model.access import system_scope

PAGE = {"Accept": "text/html"}
RULE = {"area": COUNTY, "need": "deaf", "interval_days": 30, "source": "县里 2026 年 3 号文"}
FRESH = {"area": LAKE, "name": "phone", "stale_days": 45}
ITEM = {
    "area": LAKE,
    "name": "听障人上门",
    "owner": "残联",
    "legal_basis": "县里 2026 年 3 号文第二条",
    "admitted_on": "2026-01-01",
    "fields": ["phone"],
    "needs": ["deaf"],
}
SIZE = {
    "area": LAKE,
    "ground": "mountain",
    "minimum": 120,
    "maximum": 240,
    "smallest": 20,
    "valid_from": "2026-01-01",
    "source": "县里 2026 年 7 号文第三条",
}
WRITES = {
    "/api/visit-rules": RULE,
    "/api/fact-rules": FRESH,
    "/api/service-items": ITEM,
    "/api/grid-rules": SIZE,
}


@pytest.fixture
def cleaned(store):
    yield
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM visit_rule WHERE need = 'deaf'")
        tx.execute("DELETE FROM household_field WHERE area_code = :code", code=LAKE)
        tx.execute("DELETE FROM service_item WHERE owner = '残联'")
        tx.execute("DELETE FROM grid_rule WHERE area_code = :code", code=LAKE)


def kinds(store):
    with store.transaction(system_scope()) as tx:
        rows = tx.all(
            "SELECT kind, area_code FROM event WHERE kind LIKE '%_rule.changed'"
            " OR kind = 'service_item.changed' ORDER BY seq DESC LIMIT 8"
        )
    return {(row["kind"], row["area_code"]) for row in rows}


@pytest.mark.usefixtures("cleaned")
@pytest.mark.parametrize("name", ["planner", "lead"])
def test_rules_are_changed_and_read_again(browser, store, name):
    client = browser(name)
    for address, body in WRITES.items():
        assert post(client, address, body).status_code == 200, address
        assert post(client, address, body).status_code == 200, address  # again is the same
    found = client.get("/api/visit-rules").get_json()
    rule = next(each for each in found["rules"] if each["need"] == "deaf")
    assert (rule["interval_days"], rule["source"], rule["label"]) == (
        30,
        RULE["source"],
        "听力障碍",
    )
    fresh = next(each for each in found["fields"] if each["area_code"] == LAKE)
    assert (fresh["name"], fresh["stale_days"]) == ("phone", 45)
    items = client.get("/api/service-items").get_json()["items"]
    item = next(each for each in items if each["name"] == ITEM["name"])
    assert (item["fields"], item["needs"], item["ends_on"]) == (["phone"], ["deaf"], None)
    found = client.get("/api/grid-rules").get_json()
    size = next(each for each in found["rules"] if each["area_code"] == LAKE)
    assert {"area": size.pop("area_code"), **size} == SIZE
    assert {each["ground"] for each in found["standard"]} == {"any", "micro", "island"}
    assert kinds(store) == {
        ("visit_rule.changed", COUNTY),
        ("fact_rule.changed", LAKE),
        ("service_item.changed", LAKE),
        ("grid_rule.changed", LAKE),
    }


@pytest.mark.parametrize(
    ("address", "changed", "place"),
    [
        ("/api/visit-rules", {"need": "rich"}, "need"),
        ("/api/visit-rules", {"need": "<script>"}, "need"),
        ("/api/visit-rules", {"interval_days": 0}, "interval_days"),
        ("/api/visit-rules", {"source": ""}, "source"),
        ("/api/fact-rules", {"name": "id_number"}, "name"),
        ("/api/fact-rules", {"stale_days": 4000}, "stale_days"),
        ("/api/service-items", {"needs": ["rich"]}, "needs"),
        ("/api/service-items", {"fields": ["id_number"]}, "fields"),
        ("/api/service-items", {"ends_on": "2025-12-31"}, "ends_on"),
        ("/api/service-items", {"admitted_on": "tomorrow"}, "admitted_on"),
        ("/api/grid-rules", {"ground": "sea"}, "ground"),
        ("/api/grid-rules", {"minimum": 0}, "minimum"),
        ("/api/grid-rules", {"minimum": None}, "minimum"),
        ("/api/grid-rules", {"minimum": 241}, "maximum"),
        ("/api/grid-rules", {"ground": "village"}, "smallest"),
        ("/api/grid-rules", {"ground": "island"}, "minimum"),
        ("/api/grid-rules", {"ground": "micro"}, "smallest"),
        ("/api/grid-rules", {"valid_from": "2026-02-30"}, "valid_from"),
        ("/api/grid-rules", {"source": ""}, "source"),
    ],
)
def test_what_nobody_knows_is_refused_in_words(browser, address, changed, place):
    answer = post(browser("planner"), address, WRITES[address] | changed)
    assert answer.status_code == 400, answer.data
    assert answer.get_json()["faults"][0]["place"].startswith(place)


@pytest.mark.parametrize("address", WRITES)
def test_others_change_nothing(browser, address):
    for name in ("member", "officer", "commander", "unit"):
        assert post(browser(name), address, WRITES[address]).status_code == 403, name
    foreign = WRITES[address] | {"area": OTHER}
    assert post(browser("planner"), address, foreign).status_code == 404
    nowhere = WRITES[address] | {"area": f"{COUNTY}999"}
    assert post(browser("planner"), address, nowhere).status_code == 404


def test_the_page_offers_changes_to_who_may_make_them(browser):
    planner = browser("planner").get("/rules", headers=PAGE).get_data(as_text=True)
    assert 'id="add-visits"' in planner
    assert 'id="add-sizes"' in planner
    officer = browser("officer").get("/rules", headers=PAGE)
    assert officer.status_code == 200
    assert "add-visits" not in officer.get_data(as_text=True)
    assert browser("auditor").get("/rules", headers=PAGE).status_code == 403
