"""Papers over the network: who may ask for which, who may fetch them, and the trace they leave."""

import contextlib
import io
import zipfile

import pytest
from pypdf import PdfReader
from scenario_steps import opened
from webtown import COUNTY, HILL, LAKE, MEMBER_GRID, post

from gridmap.model.access import system_scope
from gridmap.store import paper, paper_file
from jobs.run import work

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def order(client, **more):
    return post(client, "/api/papers", {"area": MEMBER_GRID, "kinds": ["notice"], **more})


def made(client, store, **more):
    answer = order(client, **more)
    assert answer.status_code == 202, answer.get_json()
    found = answer.get_json()
    work(store, found["job"])
    return found["job"], found["file"]


def value(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.fixture(autouse=True, scope="module")
def phones(store):
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE grid_member SET phone = '13800001111'")
        tx.execute(
            "INSERT INTO area_office (area_code, name, phone, supervision_phone)"
            " VALUES ('990101', '县办', '000-111', '000-222'),"
            " ('990101001001', '湖一居委会', '000-333', '000-222')"
        )


def test_a_notice_is_made_by_a_worker_and_fetched(browser, store):
    job, file = made(browser("planner"), store)
    answer = browser("planner").get(file)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert f"gridmap-{MEMBER_GRID}-notice-" in answer.headers["Content-Disposition"]
    said = text_of(answer.data)
    for word in (MEMBER_GRID, "周网格", "湖一居委会", "000-333", "000-222"):
        assert word in said
    state = browser("planner").get(f"/api/jobs/{job}").get_json()
    assert state["result"]["pages"] == 1
    assert state["result"]["grids"] == 1


def test_no_phone_of_a_member_and_nobody_who_lives_there_is_on_a_public_paper(browser, store):
    _job, file = made(browser("planner"), store, kinds=["notice", "filing", "pocket", "wall"])
    said = text_of(browser("planner").get(file).data)
    for private in ("13800001111", "王小明", "13812345678", "湖边路1号1单元101室"):
        assert private not in said


def test_a_phone_is_on_it_when_the_posting_says_so(browser, store):
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE grid_member SET phone_public = true")
    try:
        _job, file = made(browser("planner"), store)
        assert "13800001111" in text_of(browser("planner").get(file).data)
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute("UPDATE grid_member SET phone_public = false")


def test_a_township_comes_as_one_archive(browser, store):
    job, file = made(browser("lead"), store, area=LAKE, kinds=["notice", "filing"], form="zip")
    assert file.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(browser("lead").get(file).data)) as archive:
        assert archive.namelist() == [
            f"{LAKE}-filing.pdf",
            "990101001001001.pdf",
            "990101001001002.pdf",
        ]
    # under the other name there is nothing
    assert browser("lead").get(f"/papers/{job}.pdf").status_code == 404


def test_a_draft_is_marked_and_only_for_who_draws(browser, store):
    address = opened(browser("planner"))
    number = int(address.rsplit("/", 1)[1])
    _job, file = made(browser("planner"), store, area="990101001001", scenario=number)
    said = text_of(browser("planner").get(file).data)
    assert said.count("草案") >= 2
    assert order(browser("officer"), area="990101001001", scenario=number).status_code == 403


def test_a_scenario_of_another_area_is_not_there(browser):
    address = opened(browser("planner"))
    number = int(address.rsplit("/", 1)[1])
    assert order(browser("planner"), area=HILL, scenario=number).status_code == 404
    assert order(browser("planner"), scenario=999_999).status_code == 404


@pytest.mark.parametrize(
    ("name", "area", "kinds", "status"),
    [
        ("member", MEMBER_GRID, ["pocket"], 202),
        ("member", LAKE, ["notice"], 404),
        ("unit", COUNTY, ["notice"], 202),
        ("unit", COUNTY, ["notice", "wall"], 403),
        ("hill", HILL, ["wall"], 202),
        ("hill", LAKE, ["notice"], 404),
        ("stranger", COUNTY, ["notice"], 404),
        ("auditor", COUNTY, ["notice"], 403),
    ],
)
def test_who_may_ask_for_what(browser, name, area, kinds, status):
    assert order(browser(name), area=area, kinds=kinds).status_code == status


def test_papers_are_for_who_asked_and_nobody_else(browser, store):
    _job, file = made(browser("planner"), store)
    assert browser("lead").get(file).status_code == 404
    assert browser("stranger").get(file).status_code == 404
    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE paper_file SET expires_at = now() - interval '1 second'")
    assert browser("planner").get(file).status_code == 404


def test_papers_leave_a_trace(browser, store, people):
    made(browser("planner"), store, kinds=["filing"], area=LAKE)
    row = value(
        store,
        "SELECT to_jsonb(e) FROM event AS e WHERE kind = 'papers.printed'"
        " ORDER BY seq DESC LIMIT 1",
    )
    assert row["user_id"] == people["planner"]
    assert row["area_code"] == LAKE
    assert row["payload"]["kinds"] == ["filing"]
    assert row["payload"]["grids"] == 2


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"kinds": []}, "kinds"),
        ({"kinds": ["poster"]}, "kinds.0"),
        ({"area": "99"}, "area"),
        ({"form": "docx"}, "form"),
        ({"as_of": "2026-13-01"}, "as_of"),
        ({"as_of": "2999-01-01"}, "日期"),
        ({"scenario": "1"}, "scenario"),
        ({"paper": 1}, "paper"),
    ],
)
def test_bad_orders_are_refused_by_name(browser, more, place):
    answer = order(browser("planner"), **more)
    assert answer.status_code == 400
    found = answer.get_json()
    assert place in str(found.get("errors", found)) + found["detail"]


def test_a_day_without_grids_fails_in_words(browser, store):
    job = order(browser("planner"), as_of="1999-01-01").get_json()["job"]
    work(store, job)
    state = browser("planner").get(f"/api/jobs/{job}").get_json()
    assert state["state"] == "failed"
    assert "没有网格" in state["error"]


def test_files_whose_day_is_over_are_forgotten(store):
    with store.transaction(system_scope()) as tx:
        job = tx.value("SELECT min(id) FROM job WHERE area_code = '990101'")
        for name in ("old", "new"):
            paper_file.keep(
                tx,
                job,
                COUNTY,
                None,
                name=name,
                media="application/pdf",
                pages=1,
                content=b"%PDF",
            )
            tx.execute(
                "UPDATE paper_file SET expires_at = now() - interval '1 hour' WHERE name = 'old'"
            )
        assert tx.value("SELECT count(*) FROM paper_file WHERE name = 'old'") == 0


def test_ways_of_an_approved_plan_come_before_those_of_a_newer_draft(store, people):
    with contextlib.suppress(_AsBeforeError), store.transaction(system_scope()) as tx:
        old = tx.value("SELECT min(id) FROM plan WHERE state = 'drafted'")
        new = tx.value(
            "INSERT INTO plan (area_code, hazard_id, version, state, totals, person_seconds, bound,"
            " drafted_at, input_version) SELECT area_code, hazard_id, version + 50, 'drafted',"
            " totals, person_seconds, bound, now(), input_version FROM plan WHERE id = :old"
            " RETURNING id",
            old=old,
        )
        for plan, metres in ((old, 0.01), (new, 0.02)):
            tx.execute(
                "INSERT INTO plan_way (plan_id, area_code, shelter_id, household_id, seconds,"
                " metres, steps, geom) SELECT :plan, a.area_code, a.shelter_id, a.household_id, 1,"
                " 1, '[]', ST_SetSRID(ST_MakeLine(ST_MakePoint(114.4, 30.5),"
                " ST_MakePoint(114.4 + :metres, 30.5)), 4326) FROM assignment AS a"
                " WHERE a.plan_id = :old AND a.shelter_id IS NOT NULL LIMIT 1",
                plan=plan,
                metres=metres,
                old=old,
            )
        (draft,) = paper.ways(tx, COUNTY)
        assert not draft["approved"]
        tx.execute(
            "UPDATE plan SET state = 'approved', created_by = :one, approved_by = :other,"
            " approved_at = now(), check_hash = repeat('0', 64) WHERE id = :old",
            one=people["officer"],
            other=people["commander"],
            old=old,
        )
        (row,) = paper.ways(tx, COUNTY)
        assert row["approved"]
        assert bytes(row["wkb"]) != bytes(draft["wkb"])
        raise _AsBeforeError


class _AsBeforeError(Exception):
    """Takes back what a test has changed."""
