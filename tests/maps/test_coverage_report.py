"""Reports on coverage as PDF and workbook: what they say, the same bytes each time, plain text."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
import shapely
from pypdf import PdfReader

from gridmap.maps import coverage_figure, coverage_report
from gridmap.maps.sheet_words import Look, templates
from gridmap.model.coverage_report import (
    Chapter,
    Layer,
    Line,
    Missing,
    Moment,
    Outline,
    Report,
    Site,
    Sums,
)
from gridmap.model.sheet import Ground, Street
from gridmap.services import coverage_book, coverage_report_words

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
STATIC = Path(__file__).resolve().parents[2] / "static"
ZH, EN = (Look(name, "Asia/Shanghai", STATIC) for name in ("zh_CN", "en"))
X, Y = 114.40, 30.50
AREA = "990101001"
AT = datetime(2026, 6, 1, 4, 5, tzinfo=UTC)
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK(1)"
HASH = "ab" * 32
SOURCE = "《某规范》第三条：接令后 5 分钟内到达"
DEFINITION = {
    "key": "fire",
    "version": 3,
    "name_zh": "消防站 5 分钟",
    "name_en": "Fire station, 5 minutes",
    "facility_kinds": ["fire_station"],
    "profile": "emergency",
    "direction": "to_household",
    "measure": "seconds",
    "max_value": 300.0,
    "capacity": False,
    "area_type": "any",
    "barriers": ["railway", "river"],
    "bands": [
        {"key": "day", "name_zh": "白天", "name_en": "Day", "speeds": {"*": 1.0}},
        {"key": "rain", "name_zh": "雨天", "name_en": "Rain", "speeds": {"*": 0.75}},
    ],
    "area_rule": {"1": 7.0, "small": 2.0},
    "source": SOURCE,
    "valid_from": "2026-01-01",
}


def words(look):
    gettext = templates(look.language).globals["_"]
    return coverage_report_words.words(gettext, english=look is EN)


def sums(uncovered, households=100, **more):
    return Sums(households, uncovered, households * 3, uncovered * 3, **more)


def line(number, uncovered, households=100):
    code = f"{AREA}001{number:03d}"
    return Line(code, f"001-{number:03d}", sums(uncovered, households), 400.0, 900.0, "too_far")


def outline(number):
    west = X + 0.004 * (number - 1)
    return Outline(
        f"{AREA}001{number:03d}", f"001-{number:03d}", shapely.box(west, Y, west + 0.004, Y + 0.004)
    )


def moment(run, uncovered, limit=300.0):
    return Moment(run, AT + timedelta(days=run), 3, limit, sums(uncovered, 400))


def chapter(**more):
    given = {
        "key": "fire",
        "definition": DEFINITION,
        "run": 118,
        "run_area": AREA,
        "computed_at": AT,
        "input_version": "household.5 road.12",
        "sums": sums(
            171,
            400,
            with_needs=40,
            with_needs_uncovered=17,
            by_reason={"too_far": 150, "cut_off": 21},
            bands={"always": 200, "sometimes": 29, "never": 171},
        ),
        "unplaced": 7,
        "facilities": 2,
        "whole": True,
        "layers": (
            Layer("household", 5, AT - timedelta(days=3), 5),
            Layer("road", 12, AT - timedelta(days=9), 12),
        ),
        "stale": (),
        "townships": (),
        "communities": (Line(f"{AREA}001", "湖一", sums(171, 400), 400.0, 900.0),),
        "grids": (line(4, 100), line(3, 40), line(2, 31), line(1, 0)),
        "history": (moment(101, 220), moment(110, 190), moment(118, 171)),
        "sites": (
            Site("fire_station", "望湖站", True, X + 0.002, Y + 0.002),
            Site("fire_station", "学府站", False, X + 0.010, Y + 0.002),
        ),
        "certificate": HASH,
        "certificate_state": "made",
    }
    return Chapter(**(given | more))


def report(*chapters, **more):
    given = {
        "area": AREA,
        "place": "东县 湖边街道",
        "printed_at": AT,
        "attribution": "© nobody",
        "needs": True,
        "chapters": chapters or (chapter(),),
        "missing": (Missing("aed", "AED 4 分钟"),),
        "grids": tuple(outline(number) for number in (1, 2, 3, 4)),
        "communities": (Outline(f"{AREA}001", "湖一", shapely.box(X, Y, X + 0.016, Y + 0.004)),),
        "ground": Ground(
            hazard=shapely.Polygon(),
            blocked=None,
            streets=(
                Street(
                    "primary", "湖边路", shapely.LineString([(X - 1e-3, Y), (X + 2e-2, Y + 4e-3)])
                ),
            ),
        ),
    }
    return Report(**(given | more))


def pages(found, look=ZH):
    content, count = coverage_report.pdf(found, words(look), look)
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    assert len(texts) == count
    return texts


def whole(found, look=ZH):
    """All that is said, without the line breaks of its cells."""
    return "".join("".join(pages(found, look)).split())


def test_the_same_report_gives_the_same_bytes_and_another_one_others():
    first = coverage_report.pdf(report(), words(ZH), ZH)
    assert first == coverage_report.pdf(report(), words(ZH), ZH)
    other = report(chapter(sums=sums(170, 400)))
    assert first[0] != coverage_report.pdf(other, words(ZH), ZH)[0]


def test_it_says_the_definition_word_for_word_and_its_version():
    said = whole(report())
    for word in ("5分钟", "应急车辆", "从设施到住户", "铁路线、河流", "白天100%", "雨天75%"):
        assert word in said
    assert "".join(SOURCE.split()) in said
    for word in ("1级7平方公里", "小型2平方公里", "2026-01-01", "不看容量"):
        assert word in said


def test_it_says_the_figures_the_reasons_and_the_bands():
    said = whole(report())
    for word in ("57.2%", "171户到不了，共400", "513人到不了，共1,200", "17要帮助的户到不了，共40"):
        assert word in said
    for word in ("离得太远150", "路被切断21", "哪种速度都到得了200", "有时到得了29", "7户，不在"):
        assert word in said


def test_needs_are_left_out_where_the_reader_may_not_know_them():
    closed = report(needs=False)
    said = whole(closed)
    assert "要帮助的户到不了" not in said
    assert "要帮助的户数不在这份报告里" in said
    book = openpyxl.load_workbook(io.BytesIO(coverage_book.book(closed, words(ZH), ZH.zone)[0]))
    assert not [
        cell for sheet in book for row in sheet.values for cell in row if "要帮助" in str(cell)
    ]


def test_worst_grids_come_first_and_those_without_a_gap_are_left_out():
    said = whole(report())
    table = said[said.index("缺口最大的网格") : said.index("用的数据")]
    assert table.index("001-004") < table.index("001-003") < table.index("001-002")
    assert "001-001" not in table


def test_a_county_s_report_has_its_townships_before_its_communities():
    township = Line(AREA, "湖边街道办", sums(171, 400), 400.0, 900.0)
    county = report(chapter(townships=(township,), run_area="990101"), area="990101")
    said = whole(county)
    assert (
        said.index("缺口最大的街镇") < said.index("缺口最大的社区") < said.index("缺口最大的网格")
    )
    assert "湖边街道办171400" in said
    assert "缺口最大的街镇" not in whole(report())
    own = whole(report(area=f"{AREA}001"))
    assert "缺口最大的社区" not in own


def test_change_over_time_with_its_sign():
    said = whole(report())
    assert "R-101" in said
    assert "−19" in said
    assert "−30" in said
    limited = chapter(history=(moment(101, 220, limit=240.0), moment(118, 171)))
    assert "−49" not in whole(report(limited))
    many = chapter(history=tuple(moment(run, 300 - run) for run in range(1, 30)))
    said = whole(report(many))
    assert "R-22" in said
    assert "R-21" not in said
    assert said.count("−1") == 8  # the last row too: what came before it is known
    assert "只算过一次" in whole(report(chapter(history=(moment(118, 171),))))


def test_data_dates_and_what_has_changed_since_stand_in_words():
    said = whole(report())
    assert "数据没有变" in said
    assert "2026-05-29" in said
    old = chapter(
        layers=(Layer("road", 12, AT, 14), Layer("household", 5, AT, 5)), stale=("road", "hours")
    )
    said = whole(report(old))
    assert "算后变了：道路、开门时间。要重算" in said
    assert "算后已变，现在是第14版" in said


def test_what_was_not_computed_is_said():
    said = whole(report())
    assert "没有覆盖这里的计算：AED4分钟" in said
    assert HASH in said
    bare = chapter(
        certificate=None, certificate_state="too_large", unplaced=None, run_area="990101"
    )
    said = whole(report(bare))
    for word in ("没有：太大", "这里没有单独的数", "这次算的是990101，这里只取其中一部分"):
        assert word in said


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"facilities": 0}, "没有这类设施在用"),
        ({"sums": sums(0, 0), "grids": (), "communities": (), "history": ()}, "这里没有住户"),
        ({"whole": False, "grids": (), "communities": ()}, "只留了总数"),
        ({"sites": (), "layers": ()}, "消防站"),
        ({"definition": {"key": "fire", "measure": "seconds", "max_value": 300.0}}, "fire"),
    ],
)
def test_bare_runs_are_states_with_words(more, word):
    assert word in whole(report(chapter(**more)))


def test_every_page_has_its_number_the_runs_and_the_time():
    texts = pages(report(chapter(), chapter(key="aed", run=119)))
    for number, text in enumerate(texts, start=1):
        plain = " ".join(text.split())
        assert f"第 {number} / {len(texts)} 页" in plain
        assert "R-118 R-119" in plain
        assert "2026-06-01 12:05" in plain
        assert "© nobody" in plain


def test_an_area_without_grids_or_outline_still_has_a_report():
    assert "覆盖报告" in whole(report(grids=(), communities=()))
    assert "覆盖报告" in whole(report(grids=()))


def test_english_has_no_chinese_but_names():
    given = replace(report(), place="East, Lakeside", missing=(Missing("aed", "AED"),))
    own = chapter(
        definition={**DEFINITION, "source": "a source"},
        communities=(replace(chapter().communities[0], label="Lake One"),),
        sites=(),
    )
    ground = replace(given.ground, streets=())
    outlines = (replace(given.communities[0], label="Lake One"),)
    said = whole(replace(given, chapters=(own,), ground=ground, communities=outlines), EN)
    assert not [sign for sign in said if ord(sign) > 0x2E7F]
    assert "Firestation,5minutes" in said


def test_text_stays_text():
    hostile = chapter(
        definition={**DEFINITION, "name_zh": SCRIPT, "source": FORMULA},
        sites=(Site("fire_station", SCRIPT, True, X + 0.002, Y + 0.002),),
    )
    text = coverage_report.document(report(hostile), words(ZH), ZH)
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text
    content, count = coverage_book.book(report(hostile), words(ZH), ZH.zone)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.sheetnames) == count
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert FORMULA in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_the_workbook_has_every_grid_and_run_as_numbers():
    content, _count = coverage_book.book(report(), words(ZH), ZH.zone)
    assert content == coverage_book.book(report(), words(ZH), ZH.zone)[0]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["概况", "标准", "原因", "社区", "网格", "变化", "数据日期"]
    grids = list(book["网格"].values)
    assert [row[1] for row in grids[1:]] == [f"{AREA}001{n:03d}" for n in (4, 3, 2, 1)]
    assert grids[1][3:7] == (100, 0, 100, 0)
    assert grids[4][3:7] == (100, 100, 0, 1)
    assert len(list(book["变化"].values)) == 4
    overview = list(book["概况"].values)
    assert overview[1][3:7] == (400, 229, 171, 0.5725)
    assert HASH in overview[1]
    assert overview[2][:2] == ("AED 4 分钟", "没有算过")


@pytest.mark.parametrize(
    ("share", "number"),
    [
        (None, None),
        (1.0, 0),
        (0.996, 0),
        (0.9, 1),
        (0.8, 1),
        (0.79, 2),
        (0.5, 2),
        (0.49, 3),
        (0, 3),
    ],
)
def test_bands_of_a_share(share, number):
    assert coverage_figure.band(share) == number


def test_only_all_are_a_hundred_percent():
    assert coverage_report.percent(Sums(100_000, 1, 0, 0)) == "99.9%"
    assert coverage_report.percent(Sums(100_000, 99_999, 0, 0)) == "0.1%"
    assert coverage_report.percent(Sums(5, 0, 0, 0)) == "100%"
    assert coverage_report.percent(Sums(5, 5, 0, 0)) == "0%"
    assert coverage_report.percent(Sums(0, 0, 0, 0)) == "–"


def test_only_grids_where_most_are_missed_are_hatched():
    drawn, bands = coverage_figure.of_area(
        report(), chapter(), {"map": "m", "metres": "{n}", "north": "N"}
    )
    assert bands == (0, 2, 3)
    assert 'stroke-width="1.7"' in drawn
    every = chapter(grids=(line(1, 0), line(2, 0), line(3, 0)))
    drawn, bands = coverage_figure.of_area(
        report(), every, {"map": "m", "metres": "{n}", "north": "N"}
    )
    assert bands == (0, 4)
    assert 'stroke-width="1.7"' not in drawn
