"""What stands on a sheet must be read to its end, and say enough where there is no network."""

import math
import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from test_sheets import EN, NOON, SHELTERS, WAY, ZH, X, Y, booklet, home, leaf
from test_sheets_more import _boxes, _named, full

from gridmap.maps import figure, paging, paging_side, sheets
from gridmap.maps.sheet_words import said
from gridmap.model.sheet import Closure, Point, Turn

POINTS = {
    number: Point(
        number, None, X + 0.001 * number, Y, 80, 240, 400.0, f"望湖苑社区服务用房{number}号楼"
    )
    for number in (1, 2, 3, 4)
}


def crowded(turns: int, closures: int):
    """Give a booklet whose sheet has more to say beside its map than there is room for."""
    steps = (
        WAY.turns[0],
        *(
            Turn("sharp_right", "书院路延长线东侧辅路", "service", 0.0, 20.0 + n, X + 0.0001 * n, Y)
            for n in range(turns)
        ),
        WAY.turns[-1],
    )
    one = leaf(
        "990101001003002",
        5,
        replace(SHELTERS[0], name="望湖街道第二初级中学体育馆应急避难场所"),
        way=replace(WAY, turns=steps, drive_seconds=300.0, drive_metres=2000.0),
        second="晴川街道第三小学应急避难场所",
        meets=((1, 40, 120), (2, 30, 90), (3, 20, 60), (4, 1, 2)),
    )
    made = booklet(one, whole=False)
    shut = tuple(
        Closure(f"第 {n} 处路面塌陷，正在抢修，行人和车辆都不能通过", WAY.line)
        for n in range(closures)
    )
    return replace(made, points=POINTS, ground=replace(made.ground, closures=shut))


@pytest.mark.parametrize("look", [ZH, EN])
@pytest.mark.parametrize(("turns", "closures"), [(2, 0), (6, 1), (9, 2), (14, 4), (30, 6)])
def test_nothing_falls_off_the_column_beside_the_map(look, turns: int, closures: int) -> None:
    from weasyprint import CSS, HTML

    made = crowded(turns, closures)
    styles = [CSS(filename=str(look.static / "css" / name)) for name in sheets.STYLES]
    laid = HTML(string=sheets.document(made, look, ())).render(stylesheets=styles)
    (column,) = [box for box in _boxes(laid.pages[0]) if _named(box).startswith("st ")]
    last = max(
        box.position_y + box.margin_height() for box in column.children if box.element is not None
    )
    assert last <= column.position_y + column.height + 1
    text = sheets.document(made, look, ())
    assert ("不要回家取东西" if look is ZH else "Nobody goes back") in text


def test_few_steps_keep_large_letters_and_every_closure() -> None:
    beside = paging_side.side(booklet(), booklet().leaves[0], "zh_CN")
    assert (beside.letters, len(beside.steps)) == ("", 3)
    assert paging_side.side(crowded(30, 6), crowded(30, 6).leaves[0], "en").letters


def test_a_point_where_people_meet_hides_no_number_of_a_step() -> None:
    turns = WAY.turns
    spots = {
        1: Point(1, "书院路", turns[1].lon, turns[1].lat, 40, 120, 300.0),
        2: Point(2, "书院路", turns[0].lon, turns[0].lat, 40, 120, 300.0),
    }
    one = leaf("990101001003002", 5, meets=((1, 3, 9), (2, 2, 6)))
    drawn = figure.of_leaf(one, booklet(one).ground, said("zh_CN"), spots)
    places = []
    for group in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}g"):
        text = group.find("{http://www.w3.org/2000/svg}text")
        ring = group.find("{http://www.w3.org/2000/svg}circle")
        if text is not None and ring is not None and (text.text or "").isdigit():
            x, y = re.findall(r"[\d.]+", group.get("transform") or "")[:2]
            places.append((float(x), float(y)))
    assert len(places) == 4
    for number, at in enumerate(places):
        assert all(math.dist(at, other) >= 20 for other in places[:number])


def test_every_map_says_whose_it_is() -> None:
    made = replace(full(), attribution="© OpenStreetMap contributors (ODbL)")
    maps = [str(page.picture) for page in paging.pages(made, ZH) if page.picture is not None]
    assert len(maps) > 2
    assert all("© OpenStreetMap contributors" in one for one in maps)


def test_waves_stand_with_their_clock_once_the_order_is_given() -> None:
    homes = tuple(
        replace(
            home(number),
            wave=1 + number % 2,
            departs=600.0 * (number % 2),
            travel="vehicle" if number == 2 else "walk",
        )
        for number in range(6)
    )
    one = leaf("990101001003002", 6, homes=homes, phone="000-005-0001")
    before = sheets.document(booklet(one, whole=False), ZH, ())
    assert "第 1 批 立即，第 2 批 令后10 分钟" in before
    assert "电话 000-005-0001" in before
    after = sheets.document(booklet(one, whole=False, ordered_at=NOON), ZH, ())
    assert "第 1 批 14:08，第 2 批 14:18" in after


def test_who_may_not_know_waves_reads_when_the_first_leave() -> None:
    homes = tuple(replace(home(number), wave=None, needs=None, departs=None) for number in range(6))
    one = leaf("990101001003002", 6, homes=homes, departs=300.0)
    text = sheets.document(booklet(one, whole=False, ordered_at=NOON, masked=True), ZH, ())
    assert "最早 14:13" in text
    assert f"{NOON + timedelta(hours=8):%H:%M}" == "14:08"


def test_places_without_a_name_are_called_after_the_house_beside_them() -> None:
    text = sheets.document(crowded(2, 0), ZH, ())
    assert "1 号 望湖苑社区服务用房1号楼旁路口（40 户）" in text
    assert "无名路口" not in text
    bare = replace(crowded(2, 0), points={n: replace(p, near=None) for n, p in POINTS.items()})
    assert "1 号 无名路口（40 户）" in sheets.document(bare, ZH, ())


def test_a_card_says_where_to_meet_or_to_wait() -> None:
    homes = (
        replace(home(1), point=2, travel="walk"),
        replace(home(2), travel="vehicle"),
        replace(home(3), travel="walk"),
    )
    one = leaf("990101001003002", 3, homes=homes)
    codes = {each.id: "ABCDE12345" for each in homes}
    made = replace(booklet(one, whole=False), points=POINTS, cards=codes)
    text = sheets.document(made, ZH, ())
    assert text.count("先到集合点：2 号 望湖苑社区服务用房2号楼旁路口") == 1
    assert text.count("在家等车") == 1


def test_an_office_that_is_not_registered_is_a_gap_in_the_call_tree() -> None:
    text = sheets.document(full(), ZH, ())
    tree = text[text.index("叫应树") :]
    assert "没有登记" in tree[: tree.index("</table>")]


def test_shelters_that_were_left_out_are_named() -> None:
    made = full()
    options = dict(made.more.options) | {"without": [8, 9]}
    more = replace(made.more, options=options, without=("听涛小学", "求知广场"))
    text = sheets.document(replace(made, more=more), ZH, ())
    assert "不用的安置点：2 处：听涛小学、求知广场" in text


@pytest.mark.parametrize("robust", ["shelter", "road", "any"])
def test_a_first_draft_with_ways_to_fall_back_on_is_printed(robust: str) -> None:
    made = full()
    options = dict(made.more.options) | {"robust": robust}
    parts = {kind: part for kind, part in made.more.parts.items() if kind != "replan"}
    more = replace(made.more, options=options, parts=parts)
    text = sheets.document(replace(made, more=more), ZH, ())
    assert "能保的都还有" in text
    again = replace(more, parts={**parts, "replan": {"grids": [], "shelters": []}})
    assert "重排时没有为留退路改派" in sheets.document(replace(made, more=again), ZH, ())


@pytest.mark.parametrize("look", [ZH, EN])
def test_rows_of_tours_keep_their_height(look) -> None:
    """A row that grows pushes the last ones of its page off the paper."""
    from weasyprint import CSS, HTML

    made = full()
    stop = replace(
        made.more.stops[0],
        shelter="望湖街道第二广场应急避难场所"
        if look is ZH
        else "Huguang Primary School Shelter 2",
        address="临波苑24栋1单元1101室",
        phone="00012345678",
        reason=None,
        seconds=4000.0,
    )
    stops = tuple(replace(stop, position=number) for number in range(1, 22))
    made = replace(made, more=replace(made.more, stops=stops))
    made = replace(made, facts=replace(made.facts, ordered_at=NOON))
    styles = [CSS(filename=str(look.static / "css" / name)) for name in sheets.STYLES]
    laid = HTML(string=sheets.document(made, look, ())).render(stylesheets=styles)
    tall = [
        box.height
        for page in laid.pages
        for table in _boxes(page)
        if _named(table).startswith("list tours")
        for box in _boxes(table)
        if box.element_tag == "tr"
    ]
    assert len(tall) >= 22
    assert max(tall) <= 32
