"""The workbook of care: the figures of the page, no household in it, a trace that it left."""

import io
from datetime import timedelta

import openpyxl
import pytest
from care_town import OFFER, forget, matched
from webtown import COUNTY, HILL, LAKE, MEMBER_GRID, post

from gridmap.model.access import system_scope
from gridmap.store.days import TODAY

ADDRESS = "/api/care/figures.xlsx"


@pytest.fixture
def overdue(store):
    """Two households in wheelchairs, one in each township, whose visits are overdue."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "INSERT INTO visit (area_code, household_id, state, due_on, kinds)"
            " SELECT area_code, id, 'planned', CAST(:day AS date), '{wheelchair}' FROM household"
            " WHERE source_key IN ('h1', 'h4')",
            day=tx.value(f"SELECT {TODAY}") - timedelta(days=10),
        )
    yield
    forget(store)
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM visit")


def tables(client, query=""):
    answer = client.get(ADDRESS + query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    return {sheet.title: [list(row) for row in sheet.values] for sheet in book}


@pytest.mark.usefixtures("overdue")
def test_it_says_what_the_page_says(browser, store):
    officer = browser("officer")
    before = tables(officer)
    assert list(before) == ["说明", "走访", "负担", "服务供需", "供给"]
    # nothing brought together yet: it says so, and its tables have their heads only
    assert ["服务供需", "还没对过供需"] in before["说明"]
    assert (len(before["服务供需"]), len(before["供给"])) == (1, 1)
    assert post(officer, "/api/care/offers", OFFER).status_code == 201
    run = matched(store, officer)
    found = tables(officer, "?level=township")
    for name, address in (("走访", "visits"), ("负担", "loads")):
        page = officer.get(f"/api/care/{address}?level=township").get_json()["rows"]
        assert [row[0] for row in found[name][1:]] == [each["code"] for each in page]
    assert [[row[0], *row[2:6]] for row in found["走访"][1:]] == [
        [LAKE, 1, 1, 10, 10],
        [HILL, 1, 1, 10, 10],
    ]
    assert tables(officer)["走访"][1][0] == MEMBER_GRID
    sums = officer.get(f"/api/care/runs/{run['id']}/areas?level=township").get_json()["rows"]
    assert [[row[0], *row[3:7]] for row in found["服务供需"][1:]] == [
        [each["code"], each["unmet"], each["wanted"], each["could"], each["met"]] for each in sums
    ]
    assert found["供给"][1] == [OFFER["name"], "志愿队伍", "陪同就医出行、助餐送餐", 1, 1, 0, None]
    assert ["第几次", run["id"]] in found["说明"]
    # who lives where, and whom to call, is on no sheet
    told = str(found)
    assert "13900001111" not in told
    assert "王" not in told


@pytest.mark.usefixtures("overdue")
def test_few_of_one_need_are_told_only_to_those_who_may_read_needs(browser):
    assert [row[-1] for row in tables(browser("officer"))["走访"][1:]] == ["轮椅 1", "轮椅 1"]
    assert [row[-1] for row in tables(browser("planner"))["走访"][1:]] == [
        "轮椅 不到 3",
        "轮椅 不到 3",
    ]


def test_whose_it_is_and_what_it_leaves(browser, store):
    assert browser("member").get(ADDRESS).status_code == 403
    assert browser("stranger").get(f"{ADDRESS}?area={COUNTY}").status_code == 404
    assert browser("officer").get(f"{ADDRESS}?level=street").status_code == 400
    for name, personal in (("officer", True), ("planner", False)):
        answer = browser(name).get(f"{ADDRESS}?area={HILL}&level=community")
        held = answer.headers["Content-Disposition"]
        assert f"gridmap-care-{HILL}-community-" in held
        with store.transaction(system_scope()) as tx:
            row = tx.one(
                "SELECT kind, area_code, payload FROM event ORDER BY seq DESC LIMIT 1",
            )
        assert (row["kind"], row["area_code"]) == ("care.exported", HILL)
        assert row["payload"]["personal"] is personal
        assert row["payload"]["format"] == "xlsx"
