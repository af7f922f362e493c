"""Pages of a booklet beside its sheets: the same figures, the same bytes, in black and white."""

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from test_sheets import EN, NOON, SHELTERS, ZH, booklet, leaf, read, texts
from test_sheets import home as household

from gridmap.maps import paging, paging_more, sheets
from gridmap.model.sheet import Booklet, Point, Short
from gridmap.model.sheet_more import Change, More, Post, Stop, Supply, Version

ROOT = Path(__file__).resolve().parents[2]

HERE = Path(__file__).resolve().parent
WATER = Supply("drinking_water", 3, "person_day", "L", "Sphere 2018")
TOILETS = Supply("toilets", 50, "people", "", "Sphere 2018")


def full(**more) -> Booklet:
    """Give a plan that replaces another one, with everything a booklet can say."""
    made = booklet(
        leaf("990101001003002", 30),
        leaf("990101001003003", 20, SHELTERS[1]),
        leaf("990101001003004", 5, None),
        **more,
    )
    return replace(
        made,
        more=More(
            options={"tolerance": 1.5, "bridges": "closed", "wave_people": 200, "wave_minutes": 10},
            supplies={shelter.id: (WATER, TOILETS) for shelter in SHELTERS},
            posts=(
                Post("990101", "县应急局", "000-0000-0001"),
                Post("990101001003002", "林某", None),
            ),
            versions=(
                Version("P-3-1", "superseded", NOON, "李某", NOON, "张某", None, None, "A" * 12),
                Version(
                    "P-3-2", "approved", NOON, "李某", NOON, "张某", "P-3-1", "桥断了", "B" * 12
                ),
            ),
            changes=(
                Change("003-002", "湖光里3栋", 4, "晴川小学", "望湖小学", "way_cut", True),
                Change("003-002", "湖光里4栋", 2, "晴川小学", None, "shelter_full", False),
            ),
            stops=(
                Stop("003-002", "湖光里1栋", 2, "望湖小学", "中巴1", 1, 1, 900.0, 2, None),
                Stop("003-003", "湖光里2栋", 1, None, None, None, None, None, None, "no_vehicle"),
            ),
            parts={
                "clearance": {
                    "percentiles": [{"share": 0.9, "low": 600, "median": 900, "high": 1500}],
                    "waves": [{"wave": 1, "households": 30, "people": 75, "departs": 0}],
                    "links": [
                        {"name": "湖滨桥", "people": 611, "per_hour": 420, "queue_seconds": 1560}
                    ],
                },
                "cuts": {"cuts": [{"names": ["湖滨桥"], "per_hour": 420, "people": 611}]},
                "prices": {
                    "prices": [
                        {
                            "kind": "bed",
                            "name": "望湖小学",
                            "saves_person_seconds": 6000,
                            "serves_people": 1,
                        }
                    ]
                },
            },
            named={
                "zh_CN": {"hazard": "低洼积水", "place": "望湖街道", "shelters": ["望湖小学"]},
                "en": {"hazard": "Flood", "place": "Wanghu", "shelters": ["Wanghu School"]},
            },
        ),
    )


def page_of(made: Booklet, head: str) -> str:
    return next(page for page in read(made) if head in page)


def test_every_page_that_is_counted_is_laid_out() -> None:
    content, count = sheets.pdf(full(), ZH)
    found = texts(content)
    assert count == len(found) == len(paging.pages(full(), ZH))
    for head in (
        "总图",
        "按什么算的",
        "改去别处的户",
        "多久能清空",
        "排不上的户",
        "派车单",
        "安置点要备的",
        "叫应树",
        "告知居民",
        "网格员任务单",
    ):
        assert any(head in page for page in found), head
    # each page says which plan it is of
    assert all("P-3-2" in page for page in found)


def test_a_shelter_with_a_rule_of_its_own_stands_beside_the_others() -> None:
    made = full()
    own = replace(WATER, amount=5, source="湖边自己定的")
    more = replace(made.more, supplies=made.more.supplies | {SHELTERS[1].id: (TOILETS, own)})
    made = replace(made, more=more)
    (page,) = (page for page in paging.pages(made, ZH) if page.kind == "needs")
    assert page.more["kinds"] == ["drinking_water", "toilets"]
    by_shelter = {row["shelter"].id: (row["people"], row["needs"][0]) for row in page.rows}
    first, second = (by_shelter[shelter.id] for shelter in SHELTERS[:2])
    assert (first[1], second[1]) == (3 * first[0], 5 * second[0])
    assert second[0] > 0
    assert page.more["total"][0] == sum(need for _people, need in by_shelter.values())
    assert dict(page.more["sources"])[own] == [SHELTERS[1].name]
    assert dict(page.more["sources"])[TOILETS] == []


def test_zones_shelters_members_and_the_town_have_the_same_people() -> None:
    made = full()
    pages = paging.pages(made, ZH)
    zones = sum(page.people for page in pages if page.kind == "leaf")
    arriving = {page.shelter.id: page.more["people"] for page in pages if page.kind == "shelter"}
    unserved = next(page.more["people"] for page in pages if page.kind == "unserved")
    stock = next(page for page in pages if page.kind == "needs")
    members = {page.more["member"]: page.more["people"] for page in pages if page.kind == "member"}
    assert zones == made.totals["people"] == sum(members.values())
    assert sum(arriving.values()) == made.totals["served_people"] == stock.more["people"]
    assert unserved == made.totals["unserved_people"]
    assert sum(arriving.values()) + unserved == zones
    for row in stock.rows:
        assert row["people"] == arriving[row["shelter"].id]
        assert row["needs"] == [3 * row["people"], -(-row["people"] // 50)]
    assert stock.more["total"] == [
        3 * stock.more["people"],
        sum(-(-people // 50) for people in arriving.values()),
    ]


def test_reasons_can_be_acted_on() -> None:
    page = page_of(full(), "排不上的户")
    assert "湖滨桥每小时只过420人，要过611人" in page
    assert "路被切断" in page
    clear = page_of(full(), "多久能清空")
    assert "90%" in clear
    assert "湖滨桥" in clear


def test_prices_that_come_later_change_no_paper() -> None:
    made = full()
    parts = {kind: part for kind, part in made.more.parts.items() if kind != "prices"}
    assert "prices" in made.more.parts
    before = replace(made, more=replace(made.more, parts=parts))
    assert sheets.document(made, ZH, ()) == sheets.document(before, ZH, ())


def test_beds_that_are_short_are_said_in_words_and_together() -> None:
    made = booklet(leaf("990101001003004", 3, None))
    people = sum(home.people for home in made.leaves[0].homes)
    homes = tuple(
        replace(home, reason="full", short=Short("某小学", home.people - 1, 1))
        for home in made.leaves[0].homes
    )
    made = replace(made, leaves=(replace(made.leaves[0], homes=homes),))
    pages = read(made)
    # the cover says what all of them need, each row what its own household needs
    assert f"还差{people - 1}张床，某小学" in pages[0]
    rows = page_of(made, "排不上的户")
    for home in homes:
        assert f"还差{home.people - 1}张床，某小学" in rows
    assert "@" not in "".join(pages)


def test_who_was_told_stands_out_among_those_that_change() -> None:
    page = page_of(full(), "改去别处的户")
    assert "●" in page
    assert "原来的路断了" in page
    assert "没有去处" in page
    assert "P-3-1" in page_of(full(), "改动记录")


def test_a_drill_is_a_drill_on_every_page_and_in_both_languages() -> None:
    made = full(exercise=True)
    for look, word in ((ZH, "演练"), (EN, "Exercise")):
        for page in re.split(r'<section class="sheet', sheets.document(made, look, ()))[1:]:
            assert word in page
    message = page_of(made, "告知居民")
    assert message.count("【演练】") >= 3
    assert message.count("[EXERCISE]") >= 3
    assert "[EXERCISE]" not in page_of(full(), "告知居民")


def with_tours(**tours) -> Booklet:
    made = full()
    part = {"tours": [{"tour": 1}], "left": {}, "nowhere": {"households": 0}, "remedies": []}
    return replace(made, more=replace(made.more, parts={**made.more.parts, "tours": part | tours}))


def test_a_vehicle_is_promised_only_where_one_comes_for_everybody() -> None:
    promise, task = "有车来接", "告诉他们在家等车"
    sent = page_of(with_tours(), "告知居民")
    assert promise in sent
    assert "avehiclecomesforyou" in sent
    assert task in page_of(with_tours(), "网格员任务单")
    for made in (
        full(),
        with_tours(tours=[]),
        with_tours(left={"no_vehicle": {"households": 1, "people": 2}}),
        with_tours(nowhere={"households": 1, "people": 2}),
    ):
        message = page_of(made, "告知居民")
        assert promise not in message
        assert "avehiclecomes" not in message
        assert "走不动的人马上告诉网格员" in message
        assert task not in page_of(made, "网格员任务单")


def test_what_would_fetch_those_who_are_left_stands_over_the_tours() -> None:
    one = {"count": 1, "seats": 8, "wheelchairs": 1, "households": 2, "people": 5, "place": None}
    remedies = [
        one | {"kind": "vehicle", "place": "望湖小学", "seconds": None},
        one | {"kind": "later", "seconds": 1500},
    ]
    page = page_of(with_tours(remedies=remedies), "派车单")
    assert "再来1辆车（8座、1个轮椅位）停在望湖小学，多接2户5人" in page
    assert "晚25分钟清空，多接2户5人" in page


def test_a_draft_is_no_message_to_the_public() -> None:
    draft = full(state="drafted", approved_at=None, approved_by=None)
    assert "不得发出" in page_of(draft, "告知居民")
    assert "nottobesent" in page_of(draft, "告知居民")
    assert "不得发出" not in page_of(full(), "告知居民")


def test_the_same_plan_gives_the_same_bytes_in_another_process() -> None:
    here = [hashlib.sha256(sheets.pdf(full(), ZH)[0]).hexdigest() for _again in range(2)]
    script = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]);"
        "from test_sheets_more import ZH, full; from gridmap.maps import sheets;"
        "print(hashlib.sha256(sheets.pdf(full(), ZH)[0]).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", script, str(HERE)],
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE.parents[1],
    )
    assert {*here, there.stdout.strip()} == {here[0]}


@pytest.mark.parametrize("look", [ZH, EN])
def test_no_row_runs_into_the_foot(look) -> None:
    """Rows are counted so that the last one ends above the foot of the page."""
    from weasyprint import CSS, HTML

    made = full()
    more = made.more
    many = replace(more, changes=more.changes * 30, stops=more.stops * 30)
    made = replace(made, more=many)
    styles = [CSS(filename=str(look.static / "css" / name)) for name in sheets.STYLES]
    laid = HTML(string=sheets.document(made, look, ())).render(stylesheets=styles)
    kinds = [page.kind for page in paging.pages(made, look)]
    for kind, page in zip(kinds, laid.pages, strict=True):
        (section,) = [box for box in _boxes(page) if "sheet " in _named(box)]
        foot = next(box for box in _boxes(section) if _named(box).startswith("ft"))
        for box in _boxes(section):
            if box.element_tag in ("tr", "li"):
                assert box.position_y + box.height <= foot.position_y + 1, (kind, box.element_tag)


def _boxes(box):
    for child in getattr(box, "children", None) or getattr(box, "_page_box", box).children:
        yield child
        if hasattr(child, "children"):
            yield from _boxes(child)


def _named(box) -> str:
    element = getattr(box, "element", None)
    return "" if element is None else f"{element.get('class') or ''} "


def test_the_large_map_fills_its_frame() -> None:
    """A picture of another shape than its frame stands in the middle, with white at its sides."""
    style = (ROOT / "static" / "css" / "sheet_more.css").read_text(encoding="utf-8")
    found = re.search(r"\.fig\.large svg \{ width: (\d+)px; height: (\d+)px; \}", style)
    assert found is not None
    assert (int(found[1]), int(found[2])) == paging_more.A3


def test_who_may_not_know_who_is_fetched_is_told_nothing_wrong() -> None:
    """A paper without needs says when a sheet's first leave, or that it does not say it."""
    point = Point(1, "湖滨桥头", 114.4, 30.5, 4, 9, 300.0)
    homes = tuple(household(number, needs=None, phone=None, urgent=False) for number in range(4))
    known = leaf("990101001003002", 4, homes=homes, departs=600.0, meets=((1, 4, 9),))
    small = leaf("990101001003003", 4, homes=homes)
    made = replace(booklet(known, small, masked=True), points={1: point})
    tasks = page_of(made, "网格员任务单")
    assert "令后10分钟" in tasks
    assert "不印" in tasks.split("003-003")[1].split("清空")[0]
    assert tasks.count("立即") == 2, "only the latest departure, of a plan without a deadline"
    assert "没有集合点的直接去" not in "".join(read(made))
    assert "没有集合点的直接去" in page_of(replace(booklet(known), points={1: point}), "最远走")
    sheet = page_of(made, "转移单003-002")
    assert sheet.count("不印") == 1 + 2 * len(homes), "the needs and the point of each household"
