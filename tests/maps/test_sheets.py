"""Sheets on paper: as many pages as counted, figures that add up, the same bytes each time."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
import shapely
from markupsafe import escape
from pypdf import PdfReader

from gridmap.maps import paging, sheets
from gridmap.maps.frame import paper
from gridmap.maps.sheet_words import Look
from gridmap.model.sheet import (
    Booklet,
    Closure,
    Facts,
    Ground,
    Home,
    Leaf,
    Shelter,
    Street,
    Turn,
    Way,
)

STATIC = Path(__file__).resolve().parents[2] / "static"
ZH, EN = (Look(name, "Asia/Shanghai", STATIC) for name in ("zh_CN", "en"))
X, Y = 114.40, 30.50
NOON = datetime(2026, 6, 19, 6, 8, tzinfo=UTC)


def facts(**more) -> Facts:
    given = {
        "plan_id": 7,
        "number": "P-3-2",
        "state": "approved",
        "hazard": "低洼积水",
        "kind": "flood",
        "severity": "orange",
        "exercise": False,
        "lifted": False,
        "place": "示范区 望湖街道",
        "clear_by": None,
        "drafted_at": NOON - timedelta(hours=1),
        "approved_by": "张某",
        "approved_at": NOON - timedelta(minutes=3),
        "approval_reason": None,
        "check": "7c1e90ab42f8" + "0" * 52,
        "changed": (),
        "times": {"road": NOON - timedelta(days=2), "household": NOON - timedelta(days=1)},
        "job_id": 204,
        "input_version": "road.1",
        "replaces": (),
        "printed_at": NOON,
        "address": "http://127.0.0.1:8000/plans/7",
        "masked": False,
    }
    return Facts(**(given | more))


def home(number: int, **more) -> Home:
    given = {
        "id": number,
        "address": f"湖光里{number}栋1单元102室",
        "householder": "陈某",
        "phone": "00012345678",
        "people": 1 + number % 4,
        "needs": ("wheelchair",) if number < 3 else (),
        "urgent": number < 3,
        "wave": 1,
        "seconds": 100.0 + number,
        "reason": None,
    }
    return Home(**(given | more))


SHELTERS = tuple(
    Shelter(n, name, "望湖街道", 600, True, (), 90, 40, X + 0.004 * n, Y + 0.004)
    for n, name in ((1, "望湖小学"), (2, "晴川小学"))
)
WAY = Way(
    turns=(
        Turn("depart", "书院路", "residential", 90.0, 80.0, X, Y),
        Turn("right", None, "service", 180.0, 310.0, X + 0.001, Y),
        Turn("arrive", None, None, 90.0, 12.0, X + 0.004, Y + 0.004),
    ),
    line=shapely.LineString([(X, Y), (X + 0.001, Y), (X + 0.004, Y + 0.004)]),
    seconds=300.0,
    metres=402.0,
    address="湖光里7栋",
)


def leaf(grid: str, count: int, shelter: Shelter | None = SHELTERS[0], **more) -> Leaf:
    without = {} if shelter else {"reason": "cut_off", "seconds": None, "wave": None}
    given = {
        "grid": grid,
        "label": f"{grid[9:12]}-{grid[12:]}",
        "place": "望湖街道 望湖社区",
        "member": "林某",
        "outline": shapely.box(X - 0.001, Y - 0.001, X + 0.002, Y + 0.001),
        "shelter": shelter,
        "way": WAY if shelter else None,
        "homes": tuple(home(number, **without) for number in range(count)),
        "part": 1,
        "parts": 1,
        "grid_households": count,
    }
    return Leaf(**(given | more))


def booklet(*leaves: Leaf, whole: bool = True, **more) -> Booklet:
    leaves = leaves or (leaf("990101001003002", 5), leaf("990101001003003", 4, SHELTERS[1]))
    served = [each for one in leaves if one.shelter for each in one.homes]
    left = [each for one in leaves if not one.shelter for each in one.homes]
    return Booklet(
        facts=facts(**more),
        totals={
            "households": len(served) + len(left),
            "people": sum(each.people for each in served + left),
            "served_households": len(served),
            "served_people": sum(each.people for each in served),
            "unserved_households": len(left),
            "unserved_people": sum(each.people for each in left),
            "longest_metres": 402.0,
            "longest_seconds": 300.0,
            "waves": {"1": {}},
        },
        leaves=leaves,
        shelters=SHELTERS,
        ground=Ground(
            hazard=shapely.box(X - 0.002, Y - 0.002, X + 0.001, Y + 0.001),
            blocked=shapely.box(X - 0.002, Y - 0.002, X - 0.001, Y),
            streets=(
                Street("residential", "书院路", shapely.LineString([(X - 0.01, Y), (X + 0.01, Y)])),
                Street("footway", None, shapely.LineString([(X, Y - 0.01), (X, Y + 0.01)])),
            ),
            buildings=(shapely.box(X, Y + 0.0005, X + 0.0003, Y + 0.0007),),
            water=(("望湖", shapely.box(X - 0.004, Y + 0.001, X, Y + 0.004)),),
            green=(shapely.box(X + 0.001, Y + 0.001, X + 0.002, Y + 0.002),),
            grids=(("003-002", shapely.box(X - 0.001, Y - 0.001, X + 0.002, Y + 0.001)),),
            closures=(Closure("湖滨桥，已积水", shapely.Point(X + 0.0005, Y)),),
        ),
        whole=whole,
        attribution="© OpenStreetMap contributors",
    )


def read(made: Booklet, look: Look = ZH) -> list[str]:
    """Give the words of each page as written, which is quicker than as laid out."""
    page = sheets.document(made, look, ())
    parts = page.split('<section class="sheet')[1:]
    return [re.sub(r"\s+|&emsp;", "", unescape(re.sub(r"<[^>]*>", " ", part))) for part in parts]


@pytest.fixture(scope="module")
def laid_out() -> bytes:
    return sheets.pdf(booklet(), ZH)[0]


def texts(content: bytes) -> list[str]:
    reader = PdfReader(io.BytesIO(content))
    return [re.sub(r"\s+", "", page.extract_text()) for page in reader.pages]


def test_cover_grids_and_shelters_are_the_pages(laid_out: bytes) -> None:
    found = texts(laid_out)
    wanted = [page.kind for page in paging.pages(booklet(), ZH)]
    assert len(found) == len(wanted)
    heads = {
        "cover": "转移预案",
        "map": "总图",
        "basis": "按什么算的",
        "calls": "叫应树",
        "messages": "告知居民",
        "leaf": "转移单",
        "shelter": "安置点接收单",
        "member": "网格员任务单",
    }
    assert [heads[kind] in page for kind, page in zip(wanted, found, strict=True)] == [
        True for _page in found
    ]
    assert wanted == ["cover", "map", "basis", "calls", "messages", *["leaf"] * 2] + [
        "shelter",
        "shelter",
        "member",
    ]


def test_chinese_is_text_and_says_what_a_sheet_must(laid_out: bytes) -> None:
    page = next(each for each in texts(laid_out) if "转移单" in each)
    for expected in (
        "003-002",
        "990101001003002",
        "望湖社区",
        "林某",
        "低洼积水",
        "橙Ⅱ级",
        "书院路",
        "右转",
        "望湖小学",
        "湖滨桥，已积水",
        "轮椅",
        "湖光里0栋1单元102室",
        "P-3-2",
        "张某",
        "2026-06-1914:05",
        "7C1E90AB42F8",
        "J-204",
        "用后交回销毁",
    ):
        assert expected in page, expected
    assert "未批准" not in page


def test_the_same_plan_gives_the_same_bytes(laid_out: bytes) -> None:
    assert sheets.pdf(booklet(), ZH)[0] == laid_out
    later = booklet(printed_at=NOON + timedelta(minutes=1))
    assert sheets.document(later, ZH, ()) != sheets.document(booklet(), ZH, ())


@pytest.mark.parametrize("count", [14, 41])
def test_long_lists_take_the_pages_that_were_counted(count: int) -> None:
    made = booklet(leaf("990101001003002", count), whole=False)
    wanted = paging.pages(made, ZH)
    found = texts(sheets.pdf(made, ZH)[0])
    assert len(found) == len(wanted)
    shown = [[int(n) for n in re.search(r"本页(\d+)户(\d+)人", page).groups()] for page in found]
    assert [h for h, _p in shown] == [len(page.homes) for page in wanted]
    assert sum(h for h, _p in shown) == count
    assert sum(p for _h, p in shown) == sum(each.people for each in made.leaves[0].homes)
    # every page carries the head of the table, its number, and the foot
    for number, page in enumerate(found, start=1):
        assert "叫应" in page
        assert f"第{number}/{len(found)}页" in page
        assert "P-3-2" in page
    # nobody is lost at the turn of a page: each row is there once, with its number
    for each in made.leaves[0].homes:
        assert sum(page.count(f"湖光里{each.id}栋1单元102室") for page in found) == (
            1 if each.address != "湖光里7栋" else 1
        )


def test_figures_on_the_sheets_add_up_to_the_plan() -> None:
    made = booklet(
        leaf("990101001003002", 30),
        leaf("990101001003003", 20, SHELTERS[1]),
        leaf("990101001003004", 5, None),
    )
    assert sum(len(each.homes) for each in made.leaves) == made.totals["households"]
    on_paper = [page for page in paging.pages(made, ZH) if page.kind == "leaf"]
    assert sum(len(page.homes) for page in on_paper) == made.totals["households"]
    assert sum(page.people for page in on_paper) == made.totals["people"]
    cover = read(made)[0]
    for figure in ("people", "served_people", "unserved_people"):
        assert f"{made.totals[figure]}人" in cover
    assert "路被切断" in cover
    arriving = [page for page in paging.pages(made, ZH) if page.kind == "shelter"]
    people = {page.shelter.id: page.more["people"] for page in arriving}
    assert sum(people.values()) == made.totals["served_people"]


def test_those_without_a_place_get_a_sheet_that_says_why() -> None:
    page = read(booklet(leaf("990101001003004", 3, None), whole=False))[0]
    for expected in ("暂无去处", "路被切断", "不要自行出发", "等通知"):
        assert expected in page


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"state": "drafted", "approved_at": None, "approved_by": None}, ["未批准：不得据此转移"]),
        ({"exercise": True}, ["演练"]),
        ({"changed": ("road_closure", "household")}, ["起草后数据已变", "封路、住户"]),
        ({"state": "superseded"}, ["已作废"]),
        ({"state": "rejected", "approved_at": None}, ["已退回"]),
        ({"lifted": True}, ["险情已解除"]),
        ({"state": "drafted", "exercise": True, "approved_at": None}, ["演练", "未批准"]),
    ],
)
def test_every_page_says_what_is_wrong_with_the_plan(more: dict, words: list[str]) -> None:
    made = booklet(leaf("990101001003002", 30), leaf("990101001003003", 20, SHELTERS[1]), **more)
    found = read(made)
    assert len(found) == len(paging.pages(made, ZH))
    for page in found:
        assert all(word in page for word in words)


def test_a_marked_sheet_still_fits_its_pages() -> None:
    made = booklet(leaf("990101001003002", 40), whole=False, exercise=True, changed=("road",))
    content, count = sheets.pdf(made, ZH)
    assert count == len(paging.pages(made, ZH)) == 3
    assert all("演练" in page for page in texts(content))


def test_a_replaced_order_is_named_void() -> None:
    assert all("替代P-3-1（作废）" in page for page in read(booklet(replaces=("P-3-1",))))


def test_without_the_right_there_is_nothing_of_people() -> None:
    homes = tuple(home(number, needs=None, phone=None, urgent=False) for number in range(3))
    made = booklet(leaf("990101001003002", 3, homes=homes), masked=True)
    found = "".join(read(made))
    assert "轮椅" not in found
    assert "00012345678" not in found
    assert "不印电话和要的帮助" in found


def test_english_is_whole() -> None:
    found = read(booklet(), EN)
    assert len(found) == len(paging.pages(booklet(), EN))
    (first, _second) = (page for page in found if "Evacuationsheet" in page)
    assert "Turnright" in first
    text = sheets.document(booklet(), EN, ())
    text = text.replace(re.search(r'<div class="box message">.*?</div>', text, re.S)[0], "")
    # what is left in Chinese are names and the sign on the shelter
    ours = re.sub(r"<[^>]+>", " ", text)
    for name in (
        "示范区",
        "望湖街道",
        "望湖社区",
        "望湖小学",
        "晴川小学",
        "低洼积水",
        "书院路",
        "湖光里",
        "栋",
        "单元",
        "室",
        "陈某",
        "林某",
        "张某",
        "湖滨桥，已积水",
        "望湖",
        "避",
    ):
        ours = ours.replace(name, "")
    ours = re.sub(r"[书院路]", "", ours)
    assert not re.findall("[\u4e00-\u9fff]+", ours)


HOSTILE = [
    "<script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\"><a href='javascript:1'>x</a>",
    "]]>&lt;&#x3c;",
    "<link rel=attachment href='file:///etc/passwd'>",
]


def filled_with(text: str) -> Booklet:
    """Write the same words wherever people write."""
    one = leaf(
        "990101001003002",
        2,
        replace(SHELTERS[0], name=text, address=text),
        place=text,
        member=text,
        homes=(home(1, address=text, householder=text, phone=text, needs=(text,)),),
    )
    made = booklet(one, hazard=text, place=text, approved_by=text, approval_reason=text)
    return replace(
        made,
        ground=replace(
            made.ground,
            closures=(Closure(text, shapely.Point(X, Y)),),
            streets=(Street("residential", text[:8], made.ground.streets[0].line),),
            water=((text, made.ground.water[0][1]),),
        ),
        shelters=(replace(SHELTERS[0], name=text),),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_stays_text(text: str) -> None:
    page = sheets.document(filled_with(text), ZH, ())
    for tag in ("<script", "<img", "<a ", "<link"):
        assert tag not in page, tag
    assert str(escape(text)) in page


def test_no_text_reaches_out_of_the_pdf() -> None:
    content, _count = sheets.pdf(filled_with(" ".join(HOSTILE)[:180]), ZH)
    reader = PdfReader(io.BytesIO(content))
    assert not reader.attachments
    assert all("/Annots" not in page for page in reader.pages)
    assert "root:" not in "".join(texts(content))


def test_nothing_but_attributes_shapes_the_pages() -> None:
    page = sheets.document(booklet(), ZH, ("/static/css/sheet.css",))
    assert " style=" not in page
    assert "<style" not in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!/static/)", page)


def test_many_turns_are_joined_and_still_add_up() -> None:
    turns = tuple(Turn("left", None, "residential", 0.0, 10.0 + n, X, Y) for n in range(40))
    kept = paging.shortened(turns, 16)
    assert len(kept) == 16
    assert sum(turn.metres for turn in kept) == sum(turn.metres for turn in turns)
    assert kept[-1] is turns[-1]


def test_the_last_moment_to_leave_is_rounded_down() -> None:
    by = datetime(2026, 6, 19, 7, 0, tzinfo=UTC)
    assert paging.leave_by(by, 13 * 60) == datetime(2026, 6, 19, 6, 45, tzinfo=UTC)
    assert paging.leave_by(None, 60) is None
    (page,) = (each for each in read(booklet(clear_by=by)) if "转移单003-002" in each)
    assert "最晚出发14:55" in page


def test_the_base_map_is_no_darker_than_35_percent_grey() -> None:
    page = sheets.document(booklet(), ZH, ())
    greys = {int(found, 16) for found in re.findall(r'(?:fill|stroke)="#([0-9a-f])\1{2}"', page)}
    pale = [int(found[:2], 16) for found in re.findall(r'(?:fill|stroke)="#([0-9a-f]{6})"', page)]
    assert min(pale) >= round(255 * 0.65)
    assert greys <= {0x0, 0x3, 0xF}  # ink, names of streets, paper


def test_a_window_holds_what_it_was_made_for_at_one_scale() -> None:
    shape = shapely.box(X, Y, X + 0.01, Y + 0.002)
    window = paper([shape], 470, 400)
    flat = window.flat(shape)
    assert shapely.box(0, 0, 470, 400).contains(flat)
    west, south, east, north = flat.bounds
    assert (east - west) * window.metres == pytest.approx(0.01 * 95_990, rel=2e-3)
    assert (north - south) * window.metres == pytest.approx(0.002 * 110_860, rel=2e-3)
    metres, pixels = window.bar
    assert pixels * window.metres == pytest.approx(metres)
