"""A scenario beside what is in force or another: what moves, whom it concerns, who may see it."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from scenario_steps import ACROSS, COMMUNITY, EAST, WEST, approved, done, line, opened
from webtown import HILL, post

from gridmap.model.access import system_scope
from gridmap.services import workbook
from jobs.run import work

SQUARE = [
    [114.405, 30.505], [114.407, 30.505], [114.407, 30.507], [114.405, 30.507], [114.405, 30.505],
]  # fmt: skip


def compared(client, address, other="in-force", status=200):
    answer = client.get(f"{address}/compare?with={other}")
    assert answer.status_code == status, answer.get_json()
    return answer.get_json()


@pytest.fixture(scope="module")
def split(browser):
    """Give a scenario in which the western grid is split."""
    address = opened(browser("planner"))
    done(browser("planner"), address, 0, "split", grid=WEST, line=ACROSS)
    return address


@pytest.fixture(scope="module")
def merged(browser):
    """Give a scenario in which both grids are one."""
    address = opened(browser("planner"))
    done(browser("planner"), address, 0, "merge", grids=[WEST, EAST])
    return address


def test_a_fresh_copy_differs_in_nothing(browser):
    found = compared(browser("planner"), opened(browser("planner")))
    assert found["moves"] == []
    assert found["pieces"]["features"] == []
    assert {row["status"] for row in found["grids"]} == {"unchanged"}
    assert found["totals"]["households"] == 0


def test_a_split_grid_shows_what_becomes_new(browser, split):
    found = compared(browser("planner"), split)
    status = {row["label"]: row["status"] for row in found["grids"]}
    new = [label for label, word in status.items() if word == "new"]
    assert len(new) == 1
    assert sorted(status.values()) == ["changed", "new", "unchanged"]
    (move,) = found["moves"]
    assert move["source"] == "001-001"
    assert move["target"] in new
    # both drawings are there for the maps
    assert len(found["before_grids"]["features"]) == 2
    assert len(found["after_grids"]["features"]) == 3
    assert found["before"]["kind"] == "in_force"
    assert found["after"]["name"] == "方案"


def test_a_merge_says_who_moves_and_whose_grid_grows(browser, merged):
    found = compared(browser("planner"), merged)
    totals = found["totals"]
    assert (totals["ended"], totals["changed"]) == (1, 1)
    assert totals["households"] == sum(move["households"] for move in found["moves"]) > 0
    (member,) = found["members"]
    assert member["name"] == "周网格"
    assert member["after"] != member["before"]


def test_needs_are_counted_only_for_who_may_know_of_them(browser, merged, store):
    assert compared(browser("planner"), merged)["totals"]["with_needs"] is None


def test_two_scenarios_are_compared_with_each_other(browser, split, merged):
    number = split.rsplit("/", 1)[1]
    found = compared(browser("planner"), merged, number)
    assert found["before"]["kind"] == "scenario"
    assert found["before"]["grids"] == 3
    assert found["after"]["grids"] == 1
    same = compared(browser("planner"), split, number)
    assert same["moves"] == []


def test_new_grids_of_two_scenarios_are_not_the_same_grid(browser, split):
    other = opened(browser("planner"))
    over = line((114.409, 30.512), (114.421, 30.512))
    done(browser("planner"), other, 0, "split", grid=EAST, line=over)
    found = compared(browser("planner"), other, split.rsplit("/", 1)[1])
    # n1 of the one lies in the west, n1 of the other in the east
    status = [row["status"] for row in found["grids"]]
    assert status.count("new") == 1
    assert status.count("ended") == 1


def test_another_day_is_as_good_as_today(browser, split):
    found = compared(browser("planner"), split, "2999-01-01", status=400)
    assert "最晚到" in found["detail"]
    with_day = compared(browser("planner"), split, _today(browser))
    assert with_day["before"]["kind"] == "day"
    assert len(with_day["moves"]) == 1


def _today(browser):
    versions = browser("planner").get("/api/grids/versions").get_json()["items"]
    return versions[0]["date"]


def test_households_that_move_are_listed_masked(browser, merged):
    answer = browser("planner").get(f"{merged}/compare/households")
    found = answer.get_json()
    assert answer.status_code == 200
    assert found["total"] == len(found["items"]) > 0
    for home in found["items"]:
        assert home["householder"] is None or home["householder"].endswith("某")
        assert home["needs"] is None
    text = answer.get_data(as_text=True)
    assert "13812345678" not in text
    assert "王小明" not in text


def test_the_workbook_holds_grids_and_no_person(browser, merged):
    answer = browser("planner").get(f"{merged}/compare.xlsx?with=in-force")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["网格", "去向", "专属网格"]
    rows = list(book["网格"].values)
    assert rows[0][0] == "网格编码"
    codes = [row[0] for row in rows[1:]]
    assert set(codes) == {WEST, EAST}
    assert all(isinstance(code, str) for code in codes)  # 15 digits are no number
    said = " ".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    assert "王小明" not in said
    assert "湖边路1号" not in said
    again = browser("planner").get(f"{merged}/compare.xlsx?with=in-force")
    assert again.data == answer.data


def test_the_list_of_households_leaves_only_when_two_agree(browser, store, merged):
    address = f"{merged}/compare/exports"
    asked = post(browser("planner"), address, {"reason": "to tell people their new grid"})
    assert asked.status_code == 202, asked.get_json()
    number = asked.get_json()["id"]
    file = f"/api/exports/{number}/file"
    assert browser("planner").get(file).status_code == 409
    own = post(browser("planner"), f"/api/exports/{number}/approve", {})
    assert own.status_code == 403
    agreed = post(browser("lead"), f"/api/exports/{number}/approve", {})
    assert agreed.status_code == 202, agreed.get_json()
    work(store, agreed.get_json()["job"] or _job(store, number))
    answer = browser("planner").get(file)
    assert answer.status_code == 200
    assert answer.mimetype == workbook.MEDIA
    (sheet,) = load_workbook(io.BytesIO(answer.data)).worksheets
    rows = list(sheet.values)
    assert "导出" in rows[0][0]
    assert rows[1][-2:] == ("从哪格", "到哪格")
    assert len(rows) > 2
    said = " ".join(str(cell) for row in rows for cell in row)
    # a planner may not read personal data: masked in the file as on screen
    assert "王小明" not in said
    assert "13812345678" not in said
    assert browser("lead").get(file).status_code == 404


def _job(store, number):
    with store.transaction(system_scope()) as tx:
        return tx.value("SELECT job_id FROM export_request WHERE id = :id", id=number)


def test_a_list_without_a_reason_or_a_right_is_not_asked_for(browser, merged):
    address = f"{merged}/compare/exports"
    assert post(browser("planner"), address, {"reason": "short"}).status_code == 400
    assert post(browser("planner"), address, {}).status_code == 400
    wish = {"reason": "to tell people their new grid", "other": "nothing"}
    assert post(browser("planner"), address, wish).status_code == 400
    assert post(browser("unit"), address, wish).status_code == 403


def test_no_cell_runs_as_a_formula():
    content = workbook.written(
        [("a/b", [["头"], ["=1+1"], ["+1"], ["@x"], ["-2"], [3], [None], ["\x00<b>&"]])]
    )
    book = load_workbook(io.BytesIO(content))
    (sheet,) = book.worksheets
    assert sheet.title == "a b"
    cells = [row[0] for row in sheet.iter_rows()]
    assert [cell.value for cell in cells[1:5]] == ["=1+1", "+1", "@x", "-2"]
    assert {cell.data_type for cell in cells[1:5]} == {"s"}
    assert cells[5].value == 3
    assert cells[7].value == " <b>&"


@pytest.mark.parametrize(
    "other", ["yesterday", "0", "-1", "2026-13-40", "99999999999999999999", ""]
)
def test_what_is_nothing_to_compare_with_is_refused_by_name(browser, split, other):
    found = compared(browser("planner"), split, other, status=400)
    assert "with" in str(found)


def test_a_scenario_that_is_not_there_is_not_compared(browser, split):
    compared(browser("planner"), split, "999999", status=404)
    assert browser("planner").get("/api/scenarios/999999/compare").status_code == 404


def test_two_scenarios_without_common_ground_say_so(browser, split):
    hill = opened(browser("planner"), area=HILL)
    found = compared(browser("planner"), split, hill.rsplit("/", 1)[1], status=409)
    assert "没有共同的地方" in found["detail"]


@pytest.mark.parametrize(("name", "status"), [("officer", 403), ("member", 403), ("lead", 200)])
def test_only_who_draws_compares(browser, split, name, status):
    for end in ("/compare", "/compare.xlsx", "/compare/households"):
        assert browser(name).get(f"{split}{end}").status_code == status


def test_script_in_a_name_stays_text(browser, store):
    address = opened(browser("planner"), name="<script>alert(1)</script>")
    done(browser("planner"), address, 0, "rename", grid=WEST, name="<img src=x>")
    found = compared(browser("planner"), address)
    row = next(each for each in found["grids"] if each["status"] == "renamed")
    assert row["name_after"] == "<img src=x>"
    page = browser("planner").get("/planner/compare", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "<script>alert" not in page.get_data(as_text=True)


def test_a_published_scenario_is_compared_by_its_codes(browser, store, split):
    with store.transaction(system_scope()) as tx:
        count = tx.value(
            "SELECT count(*) FROM grid WHERE area_code = :code AND valid_to IS NULL",
            code=COMMUNITY,
        )
    assert count == 2
    assert post(browser("planner"), f"{split}/discard", {}).status_code == 200
    assert compared(browser("planner"), split)["after"]["grids"] == 3


def test_special_grids_are_drawn_on_both_maps_and_listed(browser):
    planner = browser("planner")
    one = opened(planner)
    shape = {"type": "Polygon", "coordinates": [SQUARE]}
    done(planner, one, 0, "draw_special", outline=shape, name="湖边市场", special_use="market")
    found = compared(planner, one)
    assert found["moves"] == []
    assert found["totals"]["households"] == 0
    (row,) = found["special"]
    assert (row["status"], row["name"], row["before"]) == ("new", "湖边市场", None)
    assert row["after"]["area_m2"] > 1000
    assert found["before_special"]["features"] == []
    (feature,) = found["after_special"]["features"]
    assert feature["properties"]["status"] == "new"
    assert feature["properties"]["special_use"] == "market"
    assert feature["geometry"]["type"] == "MultiPolygon"
    # against the other way round it has ended; against itself nothing is different
    other = opened(planner)
    ended = compared(planner, other, one.rsplit("/", 1)[1])
    assert [each["status"] for each in ended["special"]] == ["ended"]
    same = compared(planner, one, one.rsplit("/", 1)[1])
    assert same["special"] == []
    assert same["after_special"]["features"][0]["properties"]["status"] == "unchanged"
    # the workbook names it, and what it is for in words
    answer = planner.get(f"{one}/compare.xlsx?with=in-force")
    sheets = load_workbook(io.BytesIO(answer.data)).worksheets
    rows = [list(each) for each in sheets[2].values]
    assert rows[0][:3] == ["网格编码", "网格", "变化"]
    (told,) = rows[1:]
    assert told[2:8] == ["新的", None, None, "湖边市场", None, "商圈市场"]


def test_a_day_before_a_publication_has_the_grids_of_then(browser, store):
    with store.transaction(system_scope()) as tx:
        today = tx.value("SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date")
        yesterday = today - timedelta(days=1)
        tx.execute(
            "UPDATE grid SET valid_from = :day WHERE area_code = :code AND valid_to IS NULL",
            day=yesterday - timedelta(days=1),
            code=COMMUNITY,
        )
    planner = browser("planner")
    address = opened(planner, name="改名")
    done(planner, address, 0, "rename", grid=WEST, name="新名")
    approved(browser, store, address)
    answer = post(browser("lead"), f"{address}/publish", {"effective_from": today.isoformat()})
    assert answer.status_code == 200, answer.get_json()
    then = compared(planner, opened(planner), yesterday.isoformat())
    (row,) = [each for each in then["grids"] if each["status"] == "renamed"]
    assert row["name_after"] == "新名"
