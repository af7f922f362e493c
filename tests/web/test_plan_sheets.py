"""Sheets over the network: who gets them, what they say of people, and the trace they leave."""

import hashlib
import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader
from webtown import COUNTY, post

from gridmap.model.access import Scope, system_scope
from gridmap.services import jobs as job_service
from gridmap.services import sheet_jobs, sheets
from gridmap.store import plan as rows
from gridmap.store import plan_inputs, plan_order
from jobs.run import work

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SCRIPT = "<script>alert(1)</script>"


def value(store, sql, **values):
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


@pytest.fixture(scope="module")
def plan_id(store, people):
    """Give a draft whose hazard and addresses somebody has filled with script."""
    import json

    with store.transaction(system_scope()) as tx:
        tx.execute("UPDATE hazard SET name = :name WHERE area_code = '990101'", name=SCRIPT)
        tx.execute(
            "UPDATE household SET address = '<img src=x onerror=alert(2)>1号' WHERE source_key='h2'"
        )
        tx.execute("UPDATE grid_member SET name = '\"><svg onload=alert(3)>'")
        hazard = tx.value("SELECT id FROM hazard WHERE area_code = '990101'")
    with store.transaction(Scope((COUNTY,), people["officer"])) as tx:
        made = rows.start(tx, hazard, COUNTY, {})
        tx.execute(
            "UPDATE plan SET state = 'drafted', drafted_at = now(), input_version = 'road.1',"
            " totals = CAST(:totals AS jsonb), inputs = CAST(:prints AS jsonb),"
            " job_id = (SELECT min(id) FROM job) WHERE id = :id",
            id=made,
            totals=json.dumps(
                {
                    "households": 3,
                    "people": 12,
                    "served_households": 2,
                    "served_people": 7,
                    "unserved_households": 1,
                    "unserved_people": 5,
                    "waves": {"1": {"households": 2, "people": 7}},
                    "longest_metres": 140.0,
                    "longest_seconds": 100.0,
                }
            ),
            prints=json.dumps(plan_inputs.prints(tx, hazard, COUNTY)),
        )
        before = tx.value("SELECT min(id) FROM plan WHERE hazard_id = :id", id=hazard)
        for table, columns in (
            (
                "assignment",
                "household_id, area_code, people, with_needs, shelter_id, seconds, metres, wave,"
                " reason, detail",
            ),
            ("route", "household_id, area_code, mode, seconds, metres, geom"),
        ):
            tx.execute(
                f"INSERT INTO {table} (plan_id, {columns})"
                f" SELECT :id, {columns} FROM {table} WHERE plan_id = :before",
                id=made,
                before=before,
            )
        tx.execute(
            "INSERT INTO plan_way (plan_id, area_code, shelter_id, household_id, seconds, metres,"
            " steps, geom) SELECT :id, a.area_code, a.shelter_id, a.household_id, a.seconds,"
            " a.metres, CAST(:steps AS jsonb), r.geom FROM assignment a JOIN route r"
            " USING (plan_id, household_id) JOIN household h ON h.id = a.household_id"
            " WHERE a.plan_id = :id AND h.source_key = 'h1'",
            id=made,
            steps=json.dumps(
                [
                    {
                        "turn": "depart",
                        "name": "湖边路",
                        "highway": "primary",
                        "bearing": 90.0,
                        "metres": 100,
                        "seconds": 70,
                        "lon": 114.405,
                        "lat": 30.51,
                    },
                    {
                        "turn": "left",
                        "name": SCRIPT,
                        "highway": "primary",
                        "bearing": 0.0,
                        "metres": 40,
                        "seconds": 30,
                        "lon": 114.41,
                        "lat": 30.51,
                    },
                    {
                        "turn": "arrive",
                        "name": None,
                        "highway": None,
                        "bearing": 0.0,
                        "metres": 0,
                        "seconds": 0,
                        "lon": 114.412,
                        "lat": 30.512,
                    },
                ]
            ),
        )
        plan_order.seal(tx, made)
    return made


def words_of(content):
    reader = PdfReader(io.BytesIO(content))
    return [page.extract_text() for page in reader.pages]


def printed(store, plan_id):
    with store.transaction(system_scope()) as tx:
        return tx.all(
            "SELECT payload, user_id FROM event WHERE kind = 'plan.printed' AND subject_id = :id"
            " ORDER BY seq",
            id=str(plan_id),
        )


def test_an_officer_reads_names_and_leaves_a_trace(store, people, browser, plan_id):
    before = len(printed(store, plan_id))
    answer = browser("officer").get(f"/plans/{plan_id}/print.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    words = "\n".join(words_of(answer.data))
    for expected in ("王小明", "13812345678", "轮椅", "湖边路", "转移单", "未批准"):
        assert expected in words, expected
    trace = printed(store, plan_id)[before:]
    assert [row["user_id"] for row in trace] == [people["officer"]]
    assert (trace[0]["payload"]["personal"], trace[0]["payload"]["households"]) == (True, 3)
    assert "王" not in str(trace)


def test_a_commander_reads_surnames_and_no_needs(browser, plan_id):
    for address in ("print", "print.pdf"):
        answer = browser("commander").get(f"/plans/{plan_id}/{address}")
        assert answer.status_code == 200
        words = (
            answer.get_data(as_text=True)
            if address == "print"
            else "\n".join(words_of(answer.data))
        )
        assert "王某" in words
        # and why, and who could
        assert "不印电话和要的帮助" in words.replace("\n", "")
        for hidden in ("王小明", "13812345678", "138123", "轮椅"):
            assert hidden not in words, (address, hidden)


def test_a_commander_cannot_read_needs_off_points_and_times(store, people, browser, plan_id):
    """Who is fetched has no point and leaves first: neither is printed of a single household."""
    with store.transaction(system_scope()) as tx:
        tx.execute(
            "UPDATE assignment SET assembly = 1, travel = 'walk', departs_seconds = 660"
            " WHERE plan_id = :id AND shelter_id IS NOT NULL",
            id=plan_id,
        )
    asked = {
        "plan_id": plan_id,
        "language": "zh_CN",
        "address": "http://localhost/plans/1",
        "printed_at": datetime.now(UTC),
    }
    scope = Scope((COUNTY,), people["commander"])
    try:
        whole = sheets.booklet(
            store, scope, sheets.Asked(names_in=(COUNTY,), needs_in=(COUNTY,), **asked)
        )
        masked = sheets.booklet(store, scope, sheets.Asked(names_in=(), needs_in=(), **asked))
        page = browser("commander").get(f"/plans/{plan_id}/print").get_data(as_text=True)
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute(
                "UPDATE assignment SET assembly = NULL, travel = NULL, departs_seconds = NULL"
                " WHERE plan_id = :id",
                id=plan_id,
            )
    served = [leaf for leaf in whole.leaves if leaf.shelter is not None]
    assert served
    assert all((leaf.departs, bool(leaf.meets)) == (660.0, True) for leaf in served)
    assert {home.point for leaf in masked.leaves for home in leaf.homes} == {None}
    small = [leaf for leaf in masked.leaves if len(leaf.homes) < 3]
    assert small
    assert all((leaf.departs, leaf.meets) == (None, ()) for leaf in small)
    assert "令后 11 分钟" not in page


def test_who_may_not_read_plans_gets_no_sheets(browser, plan_id):
    for name, status in (("unit", 403), ("auditor", 403), ("stranger", 404), ("hill", 404)):
        for address in (f"/plans/{plan_id}/print", f"/plans/{plan_id}/print.pdf"):
            answer = browser(name).get(address, headers={"Accept": "application/json"})
            assert answer.status_code == status, (name, address)
        answer = post(browser(name), f"/api/plans/{plan_id}/sheets", {})
        assert answer.status_code == status, name
    # a member of one grid reads no plan of the county, and no other grid of it
    for name in ("member", "hill"):
        for query in ("", "?grid=990101001001002"):
            for page in ("print", "print.pdf"):
                answer = browser(name).get(f"/plans/{plan_id}/{page}{query}")
                assert answer.status_code == 404, (name, page, query)
    for content in ({}, {"grid": "990101001001002"}):
        answer = post(browser("member"), f"/api/plans/{plan_id}/sheets", content)
        assert answer.status_code == 404


def test_a_member_prints_the_sheet_of_their_own_grid(store, people, browser, plan_id):
    grid, member = "990101001001001", browser("member")
    before = len(printed(store, plan_id))
    answer = member.get(f"/plans/{plan_id}/print?grid={grid}")
    assert answer.status_code == 200
    words = answer.get_data(as_text=True)
    # of their own grid they may read everything; how many come from other grids is not theirs
    for expected in ("王小明", "13812345678", "轮椅", "可容 300 人"):
        assert expected in words, expected
    for hidden in ("赵六", "这次来", "不印电话和要的帮助"):
        assert hidden not in words, hidden
    assert member.get(f"/plans/{plan_id}/print.pdf?grid={grid}").data.startswith(b"%PDF-")
    trace = printed(store, plan_id)[before:]
    assert [row["user_id"] for row in trace] == [people["member"]] * 2
    assert [row["payload"]["personal"] for row in trace] == [True, True]


def test_a_worker_prints_a_members_grid_and_sees_no_other(store, browser, plan_id):
    grid = "990101001001001"
    answer = post(browser("member"), f"/api/plans/{plan_id}/sheets", {"grid": grid})
    assert answer.status_code == 202
    job_id = answer.get_json()["job"]
    assert value(store, "SELECT area_code FROM job WHERE id = :id", id=job_id) == grid
    work(store, job_id)
    words = "\n".join(words_of(browser("member").get(answer.get_json()["file"]).data))
    assert "王小明" in words
    assert "赵六" not in words
    assert browser("officer").get(answer.get_json()["file"]).status_code == 404


def test_what_people_wrote_is_text(browser, plan_id):
    page = browser("officer").get(f"/plans/{plan_id}/print").get_data(as_text=True)
    assert "<script" not in page
    assert "<img" not in page
    assert "onload=alert" not in page.replace("&gt;", "").replace("&lt;svg onload=alert(3)", "")
    assert "&lt;script&gt;alert(1)" in page
    assert " style=" not in page
    assert "onerror=alert(2)" in page  # as words, between escaped brackets
    words = "".join(words_of(browser("officer").get(f"/plans/{plan_id}/print.pdf").data))
    assert "alert(1)" in words.replace("\n", "")


def test_one_grid_is_printed_alone(browser, plan_id):
    officer = browser("officer")
    grid = "990101001001001"
    content = officer.get(f"/plans/{plan_id}/print.pdf?grid={grid}").data
    words = words_of(content)
    assert len(words) == 1
    assert "001-001" in words[0]
    for bad, status in (
        ("990101001001009", 404),
        ("990102001001001", 404),
        ("x", 400),
        ("1" * 15, 404),
    ):
        assert officer.get(f"/plans/{plan_id}/print.pdf?grid={bad}").status_code == status
    assert officer.get(f"/plans/{plan_id}/print.pdf?what=1").status_code == 400


def test_sheets_speak_both_languages(browser, plan_id):
    page = browser("officer").get(f"/plans/{plan_id}/print?lang=en").get_data(as_text=True)
    assert '<html lang="en"' in page
    assert "Evacuation sheet" in page
    browser("officer").get(f"/plans/{plan_id}/print?lang=zh_CN")


def test_a_worker_prints_for_one_person_only(store, browser, plan_id):
    answer = post(browser("officer"), f"/api/plans/{plan_id}/sheets", {})
    assert answer.status_code == 202
    asked = answer.get_json()
    work(store, asked["job"])
    done = job_service.show(store, system_scope(), asked["job"])
    assert done["state"] == "done", done["error"]
    # cover, two grids, one shelter
    # cover, large map, basis, needs, calls, messages, three sheets, shelters, members
    assert done["result"]["pages"] == 12
    got = browser("officer").get(asked["file"])
    assert got.status_code == 200
    assert len(words_of(got.data)) == 12
    assert "王小明" in "".join(words_of(got.data))
    assert printed(store, plan_id)[-1]["payload"]["personal"] is True
    # nobody else fetches what was printed with an officer's rights
    for name in ("commander", "planner", "stranger"):
        assert browser(name).get(asked["file"]).status_code == 404, name
    value(store, "UPDATE plan_sheet SET expires_at = now() - interval '1 second' RETURNING id")
    assert browser("officer").get(asked["file"]).status_code == 404


def test_a_large_plan_is_left_to_a_worker(browser, plan_id, monkeypatch):
    from gridmap.web import sheets

    monkeypatch.setattr(sheets, "_AT_ONCE", 2)
    answer = browser("officer").get(
        f"/plans/{plan_id}/print.pdf", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 409
    assert answer.get_json()["order"] == f"/api/plans/{plan_id}/sheets"


def test_asked_for_by_a_job_is_what_was_asked(store, people, plan_id):
    """What goes through the job row comes out of it unchanged."""
    from datetime import UTC, datetime

    from gridmap.services.sheets import Asked

    asked = Asked(plan_id, "en", (COUNTY,), (), "http://x/plans/1", datetime.now(UTC), "9" * 15)
    job = sheet_jobs.request(store, Scope((COUNTY,), people["officer"]), asked)
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT * FROM job WHERE id = :id", id=job)
    scope, back = sheet_jobs.asked_by(row)
    assert back == asked
    assert scope == Scope((COUNTY,), people["officer"], f"job-{job}")
    with store.transaction(system_scope()) as tx:
        tx.execute("DELETE FROM job WHERE id = :id", id=job)


def test_the_same_minute_gives_the_same_bytes(browser, plan_id, monkeypatch):
    from datetime import UTC, datetime

    from gridmap.web import sheets

    class Still(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 6, 19, 6, 8, tzinfo=tz or UTC)

    monkeypatch.setattr(sheets, "datetime", Still)
    first, second = (
        hashlib.sha256(browser("officer").get(f"/plans/{plan_id}/print.pdf").data).hexdigest()
        for _ in range(2)
    )
    assert first == second


def test_a_plan_from_before_there_were_sheets_is_refused_with_the_way_on(store, browser, people):
    old = value(store, "SELECT min(id) FROM plan WHERE check_hash IS NULL")
    for path in (f"/plans/{old}/print", f"/plans/{old}/print.pdf"):
        answer = browser("commander").get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, "重新起草" in answer.get_json()["detail"]) == (409, True)


def test_only_changed_sheets_are_printed_of_a_plan_made_from_another(store, browser, plan_id):
    officer = browser("officer")
    # one that was made from nothing has no changed sheets
    assert officer.get(f"/plans/{plan_id}/print?only=changed").status_code == 409
    assert officer.get(f"/plans/{plan_id}/print?only=some").status_code == 400
    with store.transaction(system_scope()) as tx:
        grids = [
            row["grid"]
            for row in tx.all(
                "SELECT DISTINCT area_code AS grid FROM assignment WHERE plan_id = :id ORDER BY 1",
                id=plan_id,
            )
        ]
        tx.execute(
            "INSERT INTO plan_part (plan_id, area_code, kind, content) VALUES (:id, '990101',"
            " 'replan', jsonb_build_object('grids', CAST(:grids AS text[]),"
            " 'shelters', '[]'::jsonb, 'why', '{}'::jsonb))",
            id=plan_id,
            grids=grids[:1],
        )
    try:
        answer = officer.get(f"/plans/{plan_id}/print?only=changed")
        assert answer.status_code == 200
        words = answer.get_data(as_text=True)
        sheets_of = [part.split('"')[0] for part in words.split('<section class="sheet ')[1:]]
        assert {kind.split()[0] for kind in sheets_of} <= {"leaf", "member"}
        assert len(grids) > 1
        assert f"网格码 {grids[0]}" in words
        assert not any(f"网格码 {grid}" in words for grid in grids[1:])
    finally:
        with store.transaction(system_scope()) as tx:
            tx.execute("DELETE FROM plan_part WHERE plan_id = :id", id=plan_id)
