"""Reports on coverage over the network: who may ask and fetch, what is in them, their trace."""

import io

import openpyxl
import pytest
from pypdf import PdfReader
from test_coverage_readings import made as run_of
from test_coverage_readings import part
from webtown import COUNTY, HILL, LAKE, MEMBER_GRID, post

from gridmap.model.access import system_scope
from jobs.run import work

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
GRID, OTHER = f"{LAKE}001001", f"{HILL}001001"
STANDARD = {
    "key": "fire",
    "name_zh": "消防站 5 分钟",
    "name_en": "Fire station, 5 minutes",
    "version": 2,
    "source": "=1+1",
    "facility_kinds": ["fire_station"],
}


@pytest.fixture(scope="module", autouse=True)
def runs(store, people):
    """Two runs of the county: the lake has gaps, the hill has others."""
    with store.transaction(system_scope()) as tx:
        old = part(tx, GRID, [101, 102, 103], [False] * 3, [400.0] * 3, [1, 1, 1])
        lake = part(
            tx, GRID, [101, 102, 103], [True, True, False], [100.0, 300.0, 301.0], [0, 0, 1]
        )
        hill = part(tx, OTHER, [201, 202], [True, False], [290.0, -1.0], [0, 3])
        return (
            run_of(tx, [(GRID, old), (OTHER, hill)], STANDARD),
            run_of(tx, [(GRID, lake), (OTHER, hill)], STANDARD),
        )


def order(client, **more):
    return post(client, "/api/coverage/reports", {"area": LAKE, **more})


def made(client, store, **more):
    answer = order(client, **more)
    assert answer.status_code == 202, answer.get_json()
    found = answer.get_json()
    work(store, found["job"])
    state = client.get(f"/api/jobs/{found['job']}").get_json()
    assert state["state"] == "done", state
    return state["result"], found["file"]


def said(content: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    return "".join("".join(pages).split())


def sheet(content: bytes, name: str) -> list[tuple]:
    return list(openpyxl.load_workbook(io.BytesIO(content))[name].values)


def test_a_township_s_report_has_the_figures_of_the_township_alone(browser, store, runs):
    result, file = made(browser("planner"), store, standards=["fire"])
    answer = browser("planner").get(file)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert f"gridmap-coverage-{LAKE}-" in answer.headers["Content-Disposition"]
    assert result["runs"] == [runs[1]]
    text = said(answer.data)
    assert "1户到不了，共3" in text
    assert "2人到不了，共6" in text
    assert "离得太远1" in text
    assert f"R-{runs[1]}" in text
    assert "这次算的是990101" in text
    assert "−2" in text


def test_no_person_of_the_town_is_in_it(browser, store):
    for form in ("pdf", "xlsx"):
        _result, file = made(browser("planner"), store, area=COUNTY, form=form)
        content = browser("planner").get(file).data
        if form == "pdf":
            text = said(content)
        else:
            text = str(
                [
                    sheet(content, name)
                    for name in openpyxl.load_workbook(io.BytesIO(content)).sheetnames
                ]
            )
        for private in ("王小明", "13812345678", "湖边路1号1单元101室"):
            assert private not in text


def test_the_workbook_lists_grids_and_starts_no_formula(browser, store):
    _result, file = made(browser("planner"), store, standards=["fire"], form="xlsx")
    content = browser("planner").get(file).data
    rows = sheet(content, "网格")
    assert [row[1] for row in rows[1:]] == [GRID]
    assert rows[1][3:6] == (3, 2, 1)
    history = sheet(content, "变化")
    assert [row[7] for row in history[-2:]] == [3, 1]
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for each in book for row in each.iter_rows() for cell in row]
    assert "=1+1" in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_the_same_moment_gives_the_same_bytes(browser, store):
    client = browser("planner")
    first = order(client, standards=["fire"]).get_json()
    again = order(client, standards=["fire"]).get_json()
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE job SET arguments = jsonb_set(arguments, '{printed_at}',"
            " '\"2026-06-01T04:05:00+00:00\"') WHERE id IN (:one, :other)",
            one=first["job"],
            other=again["job"],
        )
    for each in (first, again):
        work(store, each["job"])
    assert client.get(first["file"]).data == client.get(again["file"]).data


def test_needs_are_for_those_who_may_read_them(browser, store):
    heads = {}
    for name in ("planner", "officer"):
        _result, file = made(browser(name), store, form="xlsx")
        heads[name] = sheet(browser(name).get(file).data, "概况")[0]
    assert "要帮助的户" not in heads["planner"]
    assert "要帮助的户" in heads["officer"]


def test_a_report_with_needs_is_gone_with_the_right_to_them(browser, store):
    _result, file = made(browser("planner"), store)
    job = int(file.rsplit("/", 1)[1].split(".")[0])
    assert browser("planner").get(file).status_code == 200
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE job SET arguments = arguments || '{\"needs\": true}' WHERE id = :id", id=job
        )
    assert browser("planner").get(file).status_code == 404


@pytest.mark.parametrize(
    ("name", "area", "status"),
    [
        ("planner", LAKE, 202),
        ("officer", COUNTY, 202),
        ("hill", LAKE, 404),
        ("stranger", LAKE, 404),
        ("member", LAKE, 403),
    ],
)
def test_who_may_ask_for_what(browser, name, area, status):
    assert order(browser(name), area=area).status_code == status


def test_a_report_is_for_who_asked_and_in_the_form_asked_for(browser, store):
    _result, file = made(browser("planner"), store)
    assert browser("lead").get(file).status_code == 404
    assert browser("stranger").get(file).status_code == 404
    assert browser("planner").get(file.replace(".pdf", ".xlsx")).status_code == 404
    assert browser("planner").get(f"{file}?x=1").status_code == 400
    assert browser("planner").get("/coverage/reports/x.pdf").status_code in (400, 404)
    # papers of another kind are not fetched here, nor a report as papers
    assert browser("planner").get(file.replace("/coverage/reports", "/papers")).status_code == 404


def test_it_leaves_a_trace_of_figures_only(browser, store, people, runs):
    made(browser("planner"), store, standards=["fire"], form="xlsx")
    with store.transaction(system_scope()) as tx:
        row = tx.value(
            "SELECT to_jsonb(e) FROM event AS e WHERE kind = 'coverage.reported'"
            " ORDER BY seq DESC LIMIT 1"
        )
    assert row["user_id"] == people["planner"]
    assert row["area_code"] == LAKE
    assert row["payload"] == {
        "runs": [runs[1]],
        "format": "xlsx",
        "pages": 7,
        "personal": False,
    }


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"area": "99"}, "area"),
        ({"area": MEMBER_GRID}, "区划：报告按社区"),
        ({"standards": []}, "standards"),
        ({"standards": ["Fire!"]}, "standards.0"),
        ({"form": "docx"}, "form"),
        ({"run": 1}, "run"),
    ],
)
def test_bad_orders_are_refused_by_name(browser, more, place):
    answer = order(browser("planner"), **more)
    assert answer.status_code == 400
    found = answer.get_json()
    assert place in str(found.get("errors", found)) + found["detail"]


def test_what_is_not_there_is_said(browser):
    assert order(browser("planner"), standards=["no_such"]).status_code == 404
    assert order(browser("planner"), area="990101999").status_code == 404


def test_where_nothing_was_computed_there_is_no_report(browser, store):
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE coverage_run SET area_code = :hill", hill=HILL)
    try:
        answer = order(browser("planner"))
        assert answer.status_code == 409
        assert LAKE in answer.get_json()["detail"]
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute("UPDATE coverage_run SET area_code = :county", county=COUNTY)
